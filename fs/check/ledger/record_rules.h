// SPDX-License-Identifier: GPL-3.0-or-later
// What a record must say, given the one before it. Pure.
#pragma once

#include "fs/check/report.h"
#include "ledger/record.h"

namespace chainfs::fs::check {

// REQUIRES: both genuine, `before` the one right before it.
void CheckSuccessor(const ledger::Record& before, const ledger::Record& record, Report& report);
// REQUIRES: of type GENESIS.
void CheckGenesis(const ledger::Record& genesis, Report& report);

}  // namespace chainfs::fs::check
