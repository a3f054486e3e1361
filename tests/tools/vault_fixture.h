// SPDX-License-Identifier: GPL-3.0-or-later
// A vault and a mount point for tests of the programs. Skips where FUSE cannot be used.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/tools/run_program.h"
#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {

constexpr char kPassphrase[] = "open sesame";

class VaultFixture : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;  // unmounts what a failed test left

  // With `options` after -o, and the passphrase from a file unless they name a source.
  ProgramResult Mount(const std::string& options = "");
  ProgramResult MountAt(const std::string& mount_point, const std::string& options = "");
  ProgramResult Unmount();
  ProgramResult Chainfs(std::vector<std::string> arguments);
  // REQUIRES of a test: that it works.
  void MountOrFail(const std::string& options = "");

  bool IsMounted() const;
  // The process that guards the daemon of our mount; 0: there is none.
  pid_t FindGuard() const;
  std::string Read(const std::string& name) const;
  void Write(const std::string& name, const std::string& content) const;

  // At the least cost of key derivation that there is, for speed.
  static void MakeVault(const std::string& path);

  ScratchDirectory scratch_;
  std::string vault_ = scratch_ / "vault";
  std::string mount_point_ = scratch_ / "mnt";
  std::string passfile_;
};

}  // namespace chainfs::tools
