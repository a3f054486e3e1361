// SPDX-License-Identifier: GPL-3.0-or-later
// Compares a whole file with its model.
#pragma once

#include "tests/stress/file_model.h"

namespace chainfs::stress {

// Size, every byte, and that no data lies where SEEK_DATA sees a hole. Of a gap of many megabytes
// only both ends are read. Moves the descriptor's position. Throws Finding.
void CompareWhole(int fd, const SparseContent& content);

// What lseek says from `offset` on, against the model. Moves the position. Throws Finding.
void CompareSeek(int fd, const SparseContent& content, uint64_t offset);

// Reads what SEEK_DATA finds. Throws Finding if a part cannot be read.
SparseContent ReadWhole(int fd);

}  // namespace chainfs::stress
