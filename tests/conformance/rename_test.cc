// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class RenameTest : public ConformanceTest {
 protected:
  static void MakeDirectory(const std::string& name) {
    ASSERT_EQ(mkdir(name.c_str(), 0755), 0) << name;
  }
};

TEST_P(RenameTest, AFileKeepsItsInode) {
  Make("f", "content");
  const ino_t inode = Status("f").st_ino;
  EXPECT_EQ(rename("f", "g"), 0);
  EXPECT_EQ(Status("g").st_ino, inode);
  EXPECT_FALSE(Exists("f"));
}

TEST_P(RenameTest, AFileReplacesAFile) {
  Make("f", "new");
  Make("g", "old");
  EXPECT_EQ(rename("f", "g"), 0);
  EXPECT_EQ(Content("g"), "new");
}

TEST_P(RenameTest, AReplacedFileThatIsHeldOpenKeepsItsContent) {
  Make("f", "new");
  Make("g", "old");
  const Descriptor held = Open("g", O_RDONLY);
  EXPECT_EQ(rename("f", "g"), 0);
  EXPECT_EQ(ReadAt(held, 10, 0), "old");
  EXPECT_EQ(Status(held).st_nlink, 0u);
}

TEST_P(RenameTest, ToItselfIsNothing) {
  Make("f", "content");
  EXPECT_EQ(Result(rename("f", "f")), "OK");
  EXPECT_EQ(Content("f"), "content");
}

TEST_P(RenameTest, OfTwoNamesOfOneFileIsNothingAndBothStay) {
  Make("f");
  EXPECT_EQ(link("f", "g"), 0);
  EXPECT_EQ(Result(rename("f", "g")), "OK");
  EXPECT_TRUE(Exists("f") && Exists("g"));
  EXPECT_EQ(Status("f").st_nlink, 2u);
}

TEST_P(RenameTest, ADirectoryReplacesAnEmptyOne) {
  MakeDirectory("a");
  Make("a/f");
  MakeDirectory("b");
  EXPECT_EQ(Result(rename("a", "b")), "OK");
  EXPECT_TRUE(Exists("b/f"));
}

TEST_P(RenameTest, ADirectoryThatIsNotEmptyIsNotReplaced) {
  MakeDirectory("a");
  MakeDirectory("b");
  Make("b/f");
  EXPECT_EQ(Result(rename("a", "b")), "ENOTEMPTY");
}

TEST_P(RenameTest, AFileDoesNotReplaceADirectory) {
  Make("f");
  MakeDirectory("d");
  EXPECT_EQ(Result(rename("f", "d")), "EISDIR");
}

TEST_P(RenameTest, ADirectoryDoesNotReplaceAFile) {
  Make("f");
  MakeDirectory("d");
  EXPECT_EQ(Result(rename("d", "f")), "ENOTDIR");
}

TEST_P(RenameTest, ADirectoryDoesNotGoIntoItself) {
  MakeDirectory("d");
  MakeDirectory("d/s");
  EXPECT_EQ(Result(rename("d", "d/x")), "EINVAL");
  EXPECT_EQ(Result(rename("d", "d/s/x")), "EINVAL");
}

TEST_P(RenameTest, ADirectoryDoesNotReplaceItsAncestor) {
  MakeDirectory("d");
  MakeDirectory("d/s");
  MakeDirectory("d/s/t");
  EXPECT_EQ(Result(rename("d/s/t", "d")), "ENOTEMPTY");
}

TEST_P(RenameTest, DotAndDotDotAreBusy) {
  MakeDirectory("d");
  EXPECT_EQ(Result(rename("d/.", "e")), "EBUSY");
  EXPECT_EQ(Result(rename("d/..", "e")), "EBUSY");
  EXPECT_EQ(Result(rename("d", ".")), "EBUSY");
}

TEST_P(RenameTest, WhatIsMissingIsMissing) {
  Make("f");
  EXPECT_EQ(Result(rename("none", "g")), "ENOENT");
  EXPECT_EQ(Result(rename("f", "none/g")), "ENOENT");
  EXPECT_EQ(Result(rename("f", "f/g")), "ENOTDIR");
}

TEST_P(RenameTest, AcrossFilesystemsIsNotPossible) {
  Make("f");
  EXPECT_EQ(Result(rename("f", "/dev/shm/chainfs-conformance")), "EXDEV");
  EXPECT_EQ(Result(link("f", "/dev/shm/chainfs-conformance")), "EXDEV");
}

TEST_P(RenameTest, ALinkIsRenamedAndNotItsTarget) {
  Make("f");
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(rename("l", "m"), 0);
  EXPECT_TRUE(S_ISLNK(Status("m").st_mode));
  Make("g", "new");
  EXPECT_EQ(rename("g", "m"), 0);
  EXPECT_TRUE(S_ISREG(Status("m").st_mode));
  EXPECT_EQ(Content("f"), "");
}

TEST_P(RenameTest, NoReplaceRefusesWhatIsThere) {
  Make("f", "f");
  Make("g", "g");
  EXPECT_EQ(Result(Rename("f", "g", RENAME_NOREPLACE)), "EEXIST");
  EXPECT_EQ(Result(Rename("f", "f", RENAME_NOREPLACE)), "EEXIST");
  EXPECT_EQ(Result(Rename("f", "h", RENAME_NOREPLACE)), "OK");
  EXPECT_EQ(Content("h") + Content("g"), "fg");
}

TEST_P(RenameTest, ExchangeSwapsTwoFiles) {
  Make("f", "f");
  Make("g", "g");
  EXPECT_EQ(Result(Rename("f", "g", RENAME_EXCHANGE)), "OK");
  EXPECT_EQ(Content("f") + Content("g"), "gf");
}

TEST_P(RenameTest, ExchangeSwapsAFileAndAFullDirectory) {
  Make("f", "f");
  MakeDirectory("d");
  Make("d/x", "x");
  EXPECT_EQ(Result(Rename("f", "d", RENAME_EXCHANGE)), "OK");
  EXPECT_EQ(Content("d") + Content("f/x"), "fx");
}

TEST_P(RenameTest, ExchangeSwapsDirectoriesOfDifferentParents) {
  MakeDirectory("a");
  MakeDirectory("b");
  MakeDirectory("a/x");
  MakeDirectory("b/y");
  Make("a/x/of_x");
  EXPECT_EQ(Result(Rename("a/x", "b/y", RENAME_EXCHANGE)), "OK");
  EXPECT_TRUE(Exists("b/y/of_x"));
  EXPECT_EQ(Status("b/y/..").st_ino, Status("b").st_ino);
  EXPECT_EQ(Status("a/x/..").st_ino, Status("a").st_ino);
}

TEST_P(RenameTest, ExchangeNeedsBoth) {
  Make("f");
  EXPECT_EQ(Result(Rename("f", "none", RENAME_EXCHANGE)), "ENOENT");
  EXPECT_EQ(Result(Rename("none", "f", RENAME_EXCHANGE)), "ENOENT");
}

TEST_P(RenameTest, ExchangeWithADescendantIsInvalid) {
  MakeDirectory("d");
  MakeDirectory("d/s");
  EXPECT_EQ(Result(Rename("d", "d/s", RENAME_EXCHANGE)), "EINVAL");
  EXPECT_EQ(Result(Rename("d/s", "d", RENAME_EXCHANGE)), "EINVAL");
}

TEST_P(RenameTest, WhiteoutLeavesADeviceOfNumberZero) {
  Make("f", "content");
  EXPECT_EQ(Result(Rename("f", "g", RENAME_WHITEOUT)), "OK");
  EXPECT_EQ(Content("g"), "content");
  EXPECT_TRUE(S_ISCHR(Status("f").st_mode));
  EXPECT_EQ(Status("f").st_rdev, makedev(0, 0));
}

TEST_P(RenameTest, FlagsThatContradictEachOtherAreInvalid) {
  Make("f");
  Make("g");
  EXPECT_EQ(Result(Rename("f", "g", RENAME_EXCHANGE | RENAME_NOREPLACE)), "EINVAL");
  EXPECT_EQ(Result(Rename("f", "g", RENAME_EXCHANGE | RENAME_WHITEOUT)), "EINVAL");
  EXPECT_EQ(Result(Rename("f", "g", 1 << 10)), "EINVAL");
}

TEST_P(RenameTest, ARenamedFileIsStillWrittenThroughItsDescriptor) {
  const Descriptor file = Open("f");
  WriteAt(file, "before", 0);
  EXPECT_EQ(rename("f", "g"), 0);
  WriteAt(file, "after!", 6);
  EXPECT_EQ(Content("g"), "beforeafter!");
}

CHAINFS_CONFORMS(RenameTest);

}  // namespace
}  // namespace chainfs::conformance
