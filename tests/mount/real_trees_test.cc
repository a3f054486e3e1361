// SPDX-License-Identifier: GPL-3.0-or-later
// The main job on real input: trees of a real system go in and come out the same.
#include <sys/stat.h>

#include <filesystem>

#include "tests/mount/mounted_vault.h"
#include "tests/mount/tree_compare.h"

namespace chainfs::mount_test {
namespace {

using Lines = std::vector<std::string>;

class RealTreesTest : public MountedVault {
 protected:
  void CopyAndCompare(const std::string& tree) {
    if (!std::filesystem::exists(tree)) GTEST_SKIP() << "no " << tree << " here";
    Shell("cp -a " + tree + " copy");
    EXPECT_EQ(CompareTrees(tree, In("copy")), Lines()) << "before the unmount";
    Remount();
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_EQ(CompareTrees(tree, In("copy")), Lines()) << "after the unmount";
    Shell("diff -r --no-dereference " + tree + " copy");
    Shell("rm -rf copy; test -z \"$(ls -A)\"");
  }
};

TEST_P(RealTreesTest, Headers) { CopyAndCompare("/usr/include"); }
TEST_P(RealTreesTest, Perl) { CopyAndCompare("/usr/share/perl"); }
TEST_P(RealTreesTest, Programs) { CopyAndCompare("/usr/bin"); }

TEST_P(RealTreesTest, OddThings) {
  if (!Have({"setfattr", "setfacl", "mkfifo"})) return;
  Script("odd_tree");
  const std::string odd = scratch_ / "odd";
  Shell("cp -a --sparse=always $SCRATCH/odd copy");
  EXPECT_EQ(CompareTrees(odd, In("copy")), Lines());
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(CompareTrees(odd, In("copy")), Lines());
  struct stat status {};
  ASSERT_EQ(stat(In("copy/hole").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks, 1024) << "the hole was stored";
}

CHAINFS_ON_BOTH_TRANSPORTS(RealTreesTest);

}  // namespace
}  // namespace chainfs::mount_test
