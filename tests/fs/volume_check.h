// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a closed vault's tree and says what does not agree: for tests that must leave a sound
// volume behind, whatever they did to it.
#pragma once

#include <string>
#include <vector>

#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {

// Every INODE, DENTRY, DIRINDEX, XATTR, EXTENT and ORPHAN item, every object they point to, and the
// counters. Empty: all is well. Holds an inode table in memory. REQUIRES: nobody has it open.
std::vector<std::string> FindInconsistencies(const TestVault& vault);

}  // namespace chainfs::fs
