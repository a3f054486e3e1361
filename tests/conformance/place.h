// SPDX-License-Identifier: GPL-3.0-or-later
// Where the rules are tried: a directory of the local disk, which shows that a test is right, and a
// vault mounted by the real programs over each transport.
#pragma once

#include <memory>
#include <string>

#include "tests/tools/scratch_directory.h"

namespace chainfs::conformance {

enum class System { kLocal, kClassic, kIoUring };

// Made at the first test that needs it, kept for those after it, and taken down at the end of the
// test program. A vault must be whole then, as chainfs-fsck sees it. For one thread.
class Place {
 public:
  static Place& Of(System system);

  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place();

  // Why the system cannot be had here; empty: it can.
  const std::string& missing() const { return missing_; }
  // Whether it works. False fails tests: they would show nothing of the system.
  bool is_there() const { return system_ == System::kLocal || mounted_; }
  // A directory that every user can enter; a mount point, but for kLocal.
  const std::string& root() const { return root_; }

  // Unmounts, and mounts with `options` besides those of the system. On kLocal nothing happens.
  // Fails the test if it does not work. REQUIRES: nobody is in the directory.
  void Remount(const std::string& options = "");

 private:
  explicit Place(System system);
  void CheckLocal();
  void MakeVault();
  void Mount(const std::string& options);
  void Unmount();

  const System system_;
  tools::ScratchDirectory scratch_;
  std::string root_ = scratch_ / "root";
  std::string missing_;
  bool mounted_ = false;
};

}  // namespace chainfs::conformance
