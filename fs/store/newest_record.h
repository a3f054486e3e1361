// SPDX-License-Identifier: GPL-3.0-or-later
// A first look at a database that nothing is known of yet, before there is a key in memory.
#pragma once

#include <optional>
#include <string>

#include "crypto/base/types.h"

namespace chainfs::fs::store {

// The encoded newest record, as it stands there: nothing of it is verified. A forked child reads
// it, since LMDB trusts its file and may crash. nullopt: the vault has none, it cannot be read, or
// the child died or took more than ten seconds. Best no other thread runs.
// REQUIRES: no Store of this vault is open in this process.
std::optional<Bytes> PeekAtNewestRecord(const std::string& vault);

}  // namespace chainfs::fs::store
