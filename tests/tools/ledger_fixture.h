// SPDX-License-Identifier: GPL-3.0-or-later
// A vault with some history, for the commands that need neither FUSE nor the key. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fs/volume.h"
#include "tests/tools/run_program.h"
#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {

// Made once for a suite; tests that change anything make a copy.
class LedgerFixture : public testing::Test {
 protected:
  // A volume of 110 commits, some of which remove what others made, so that objects are reaped.
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static ProgramResult Chainfs(std::vector<std::string> arguments);
  // Of a command that must succeed.
  static std::string OutputOf(std::vector<std::string> arguments);
  static nlohmann::json JsonOf(std::vector<std::string> arguments);

  // REQUIRES: nobody has the vault open. `remembered`: a head to accept the rollback of.
  static std::unique_ptr<fs::Volume> Open(const std::string& vault,
                                          const std::string& remembered = "");
  static void Commit(fs::Volume& volume, const std::string& name);
  std::string CopyOfVault(const std::string& name = "copy") const;
  // Changes all that the vault's database holds of `from` (which must be in it) to `to`, as long.
  static void Replace(const std::string& vault, const std::string& from, const std::string& to);
  static std::string ReadFile(const std::string& path);

  static std::unique_ptr<ScratchDirectory> suite_;
  static std::string vault_;
  ScratchDirectory scratch_;
};

}  // namespace chainfs::tools
