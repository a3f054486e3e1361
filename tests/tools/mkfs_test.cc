// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/tools/run_program.h"
#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

class MkfsTest : public testing::Test {
 protected:
  ProgramResult Mkfs(std::vector<std::string> arguments, const std::string& input = "pass\n") {
    arguments.insert(arguments.begin(), kMkfsProgram);
    return RunProgram(arguments, {.input = input, .environment = {}, .user = {}});
  }
  std::string Digests() {
    return RunProgram(
               {"sha256sum", vault_ + "/header.0", vault_ + "/header.1", vault_ + "/data.mdb"})
        .out;
  }
  ScratchDirectory scratch_;
  std::string vault_ = scratch_ / "vault";
};

mode_t ModeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST_F(MkfsTest, MakesAVaultOfTheOwnersAlone) {
  umask(0);
  ProgramResult made = Mkfs({vault_});
  umask(022);
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(ModeOf(vault_), 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(vault_)) {
    EXPECT_EQ(ModeOf(entry.path()) & 077, 0u) << entry.path();
  }
}

TEST_F(MkfsTest, PrintsTheRecoveryKeyOnceAndItOpensTheVault) {
  ProgramResult made = Mkfs({"--json", vault_});
  ASSERT_EQ(made.code, 0) << made.err;
  auto shown = nlohmann::json::parse(made.out);
  EXPECT_EQ(shown["vault"], vault_);
  EXPECT_EQ(shown["volume_id"].get<std::string>().size(), 32u);
  std::string key = shown["recovery_key"];
  EXPECT_GE(key.size(), 52u);  // 256 bits, five to a character
  EXPECT_EQ(made.err.find(key), std::string::npos);

  // The recovery key instead of the passphrase: a wrong mount point proves that it unlocks nothing
  // less would: the mount goes on past the passphrase.
  std::string point = scratch_.Directory("mnt");
  ProgramResult wrong = RunProgram({kMountProgram, vault_, point}, {"wrong\n", {}, {}});
  if (access("/dev/fuse", R_OK | W_OK) != 0) GTEST_SKIP() << "needs /dev/fuse";
  EXPECT_EQ(wrong.code, 40);
  ProgramResult right = RunProgram({kMountProgram, vault_, point}, {key + "\n", {}, {}});
  EXPECT_EQ(right.code, 0) << right.err;
  EXPECT_EQ(RunProgram({kChainfsProgram, "umount", point}).code, 0);
}

TEST_F(MkfsTest, ShowsTheKeyWithWhatItIsFor) {
  ProgramResult made = Mkfs({vault_});
  EXPECT_NE(made.out.find("Recovery key"), std::string::npos);
  EXPECT_NE(made.out.find("mount.chainfs " + vault_), std::string::npos);
}

TEST_F(MkfsTest, RefusesAnExistingVaultAndLeavesItAsItIs) {
  ASSERT_EQ(Mkfs({vault_}).code, 0);
  std::string before = Digests();
  ProgramResult again = Mkfs({vault_});
  EXPECT_EQ(again.code, 49);
  EXPECT_NE(again.err.find("a vault already"), std::string::npos) << again.err;
  EXPECT_EQ(Digests(), before);
}

TEST_F(MkfsTest, RefusesADirectoryWithSomethingInItAndAFile) {
  scratch_.Directory("vault/something");
  ProgramResult made = Mkfs({vault_});
  EXPECT_EQ(made.code, 49);
  EXPECT_NE(made.err.find("not empty"), std::string::npos) << made.err;
  EXPECT_EQ(Mkfs({scratch_.File("file", "x")}).code, 49);
}

TEST_F(MkfsTest, TakesAnEmptyDirectoryAndMakesParents) {
  scratch_.Directory("empty");
  EXPECT_EQ(Mkfs({scratch_ / "empty"}).code, 0);
  EXPECT_EQ(ModeOf(scratch_ / "empty"), 0700u);
  EXPECT_EQ(Mkfs({scratch_ / "a/b/vault"}).code, 0);
}

TEST_F(MkfsTest, RefusesAnEmptyPassphraseAndLeavesNothing) {
  ProgramResult made = Mkfs({vault_}, "\n");
  EXPECT_EQ(made.code, 41);
  EXPECT_FALSE(std::filesystem::exists(vault_));
}

TEST_F(MkfsTest, TakesThePassphraseFromFileOrCommand) {
  std::string file = scratch_.File("pass", "from a file\n");
  EXPECT_EQ(Mkfs({"--passfile", file, vault_}, "").code, 0);
  EXPECT_EQ(Mkfs({"--passcmd", "cat " + file, scratch_ / "v2"}, "").code, 0);
  EXPECT_EQ(Mkfs({"--passcmd", "exit 1", scratch_ / "v3"}, "").code, 41);
  EXPECT_EQ(Mkfs({"--passfile", scratch_ / "none", scratch_ / "v3"}, "").code, 41);
}

TEST_F(MkfsTest, ExplainsMistakes) {
  EXPECT_EQ(Mkfs({}).code, 1);
  EXPECT_EQ(Mkfs({"--shiny", vault_}).code, 1);
  EXPECT_EQ(Mkfs({"--help"}).code, 0);
  EXPECT_EQ(Mkfs({"--version"}).out.substr(0, 8), "chainfs ");
}

TEST_F(MkfsTest, SaysThatThereIsNoSpaceAndLeavesNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string disk = scratch_.Directory("disk");
  ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=32k"), 0);
  ProgramResult made = Mkfs({disk + "/sub/vault"});
  bool left = std::filesystem::exists(disk + "/sub");
  umount2(disk.c_str(), MNT_DETACH);
  EXPECT_EQ(made.code, 55) << made.err;
  EXPECT_NE(made.err.find("no space"), std::string::npos) << made.err;
  EXPECT_FALSE(left);
}

TEST_F(MkfsTest, SaysThatThereIsNoPermission) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string closed = scratch_.Directory("closed");
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms(0755));
  ProgramOptions as_nobody;
  as_nobody.input = "pass\n";
  as_nobody.user = 65534;
  ProgramResult made = RunProgram({kMkfsProgram, closed + "/vault"}, as_nobody);
  EXPECT_EQ(made.code, 54) << made.err;
}

}  // namespace
}  // namespace chainfs::tools
