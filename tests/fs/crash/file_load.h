// SPDX-License-Identifier: GPL-3.0-or-later
// A load of file operations on a few shared files, that leaves content which says by itself whether
// it is right, whoever wrote it and whenever it was cut short.
#pragma once

#include <string>

#include "fs/volume.h"
#include "tests/fs/model/random.h"

namespace chainfs::fs {

// One thread's part. Names are shared by all loads of a volume.
class FileLoad {
 public:
  static constexpr uint64_t kNames = 6;
  static constexpr uint64_t kBlocks = 200;  // of the larger files; some are sparse beyond

  FileLoad(Volume& volume, uint64_t seed) : volume_(volume), random_(seed) {}

  void Step();

  // What is wrong with the content of any file that has a name; empty: nothing. Each 8 bytes are
  // zero, or say where in which file they are.
  static std::string FindWrongContent(Volume& volume);

 private:
  void Change(InodeNumber file);
  void Look(InodeNumber file);
  uint64_t AnyOffset();

  Volume& volume_;
  model::Random random_;
};

}  // namespace chainfs::fs
