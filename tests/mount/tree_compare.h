// SPDX-License-Identifier: GPL-3.0-or-later
// Compares two directory trees in everything that a copy must keep.
#pragma once

#include <string>
#include <vector>

namespace chainfs::mount_test {

// One line for each difference in names, types, contents, modes, owners, modification times to the
// nanosecond, link targets, hard links, device numbers and xattrs; at most 20 lines.
std::vector<std::string> CompareTrees(const std::string& left, const std::string& right);

}  // namespace chainfs::mount_test
