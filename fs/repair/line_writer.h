// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a journal into lines for the user. One thread.
#pragma once

#include <string>
#include <vector>

#include "fs/repair/inode_table.h"
#include "fs/repair/journal.h"
#include "fs/tree/tree.h"

namespace chainfs::fs::repair {

// Inodes become paths, as far as they have one in the repaired tree; a file with several names
// gets one of them.
std::vector<std::string> WriteLines(const Journal& journal, const Tree& tree, InodeTable& inodes);

}  // namespace chainfs::fs::repair
