// SPDX-License-Identifier: GPL-3.0-or-later
// Which filesystems LMDB is safe on: its memory map and its locks hold among the processes of one
// machine, so one that several machines share is refused. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/result.h"

namespace chainfs::fs::store {

struct FilesystemType {
  uint64_t magic = 0;  // statfs's f_type
  std::string name;    // as in /proc/self/mountinfo: "ext4", "fuse.sshfs"; empty if unknown
};

// What makes it unsafe, as a noun ("a network filesystem"); nullopt: nothing that we know of.
std::optional<std::string_view> WhyUnsafe(const FilesystemType& type);

// Of the filesystem that the existing `path` lies on.
Result<FilesystemType> GetFilesystemType(const std::string& path);

}  // namespace chainfs::fs::store
