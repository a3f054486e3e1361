// SPDX-License-Identifier: GPL-3.0-or-later
// Ordinary programs do their ordinary work in a mounted vault.
#include "tests/mount/mounted_vault.h"
#include "tests/mount/tree_compare.h"

namespace chainfs::mount_test {
namespace {

using Lines = std::vector<std::string>;

class ProgramsTest : public MountedVault {};

TEST_P(ProgramsTest, GitClonesCommitsRepacksAndChecks) {
  if (!Have({"git"})) return;
  Script("git");
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  Script("git_again");
}

TEST_P(ProgramsTest, CmakeProjectIsBuiltAndTested) {
  if (!Have({"cmake", "c++", "make"})) return;
  Script("cmake_project");
}

TEST_P(ProgramsTest, SqliteKeepsItsDatabase) {
  if (!Have({"sqlite3"})) return;
  const Lines modes = {"wal", "delete", "truncate"};
  for (const std::string& mode : modes) Script("sqlite", mode);
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  for (const std::string& mode : modes) {
    Shell("sqlite3 " + mode + ".db .dump | sha256sum | cmp - $SCRATCH/" + mode + ".sum");
  }
}

TEST_P(ProgramsTest, TarBringsEverythingInAndOut) {
  if (!Have({"tar", "setfattr"})) return;
  Script("tar");
  EXPECT_EQ(CompareTrees(scratch_ / "src", In("src")), Lines());
  EXPECT_EQ(CompareTrees(scratch_ / "src", scratch_ / "out/src"), Lines());
}

TEST_P(ProgramsTest, RsyncFindsNothingLeftToDo) {
  if (!Have({"rsync", "setfattr", "setfacl"})) return;
  Script("rsync");
  EXPECT_EQ(CompareTrees(scratch_ / "src", In("copy")), Lines());
  EXPECT_EQ(CompareTrees(scratch_ / "src", scratch_ / "back"), Lines());
}

TEST_P(ProgramsTest, CpCopiesInsideTheMount) { Script("cp"); }

TEST_P(ProgramsTest, ProgramsRunFromTheMount) { Script("run_programs"); }

CHAINFS_ON_BOTH_TRANSPORTS(ProgramsTest);

}  // namespace
}  // namespace chainfs::mount_test
