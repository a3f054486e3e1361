// SPDX-License-Identifier: GPL-3.0-or-later
// The structure check of a vault, for tests that must leave a sound volume behind, whatever they
// did to it, and for those that break one on purpose.
#pragma once

#include <string>
#include <vector>

#include "fs/check/structure.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {

// What a check said.
struct StructureReport {
  check::PassResult result;
  std::vector<check::Finding> findings;
};

// Of the vault's newest state. REQUIRES: this process does not have it open.
StructureReport CheckVault(const TestVault& vault, check::StructureOptions options = {});

// One line a finding; empty: all is well. REQUIRES: as CheckVault.
std::vector<std::string> FindInconsistencies(const TestVault& vault);

}  // namespace chainfs::fs
