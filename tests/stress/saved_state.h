// SPDX-License-Identifier: GPL-3.0-or-later
// The models of all files, kept outside the filesystem while it is unmounted or dead.
#pragma once

#include <string>

#include "tests/stress/file_model.h"

namespace chainfs::stress {

struct SavedState {
  bool crashed = false;  // then `files` are those only that were synced and left alone since
  Files files;
};

// Both throw std::runtime_error if the state file cannot be used.
void SaveState(const std::string& path, bool crashed, const Files& files);
SavedState LoadState(const std::string& path);

// Compares the directory with what it should be and returns the files to go on with: after a crash,
// what was not synced is taken as it is, if it can be read. Throws Finding.
Files VerifyState(int top, uint64_t threads, SavedState state);

}  // namespace chainfs::stress
