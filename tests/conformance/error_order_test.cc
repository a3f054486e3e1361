// SPDX-License-Identifier: GPL-3.0-or-later
// Where several errors are possible, the one that programs rely on.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class ErrorOrderTest : public ConformanceTest {
 protected:
  static void MakeDirectory(const std::string& name, mode_t mode = 0755) {
    ASSERT_EQ(mkdir(name.c_str(), 0700), 0);
    ASSERT_EQ(chmod(name.c_str(), mode), 0);
  }
};

long OpenFile(const char* name, int flags) { return open(name, flags | O_CLOEXEC, 0644); }

TEST_P(ErrorOrderTest, AFileInTheMiddleOfAPathIsNoDirectory) {
  Make("f");
  EXPECT_EQ(Opening("f/x", O_RDONLY), "ENOTDIR");
  EXPECT_EQ(Opening("f/x", O_CREAT | O_WRONLY), "ENOTDIR");
  EXPECT_EQ(Result(mkdir("f/x", 0755)), "ENOTDIR");
  EXPECT_EQ(Result(unlink("f/x")), "ENOTDIR");
  EXPECT_EQ(Result(rename("f/x", "g")), "ENOTDIR");
  EXPECT_EQ(Result(access("f/.", F_OK)), "ENOTDIR");
}

TEST_P(ErrorOrderTest, AFileThatMayNotBeReadIsNoDirectoryFirst) {
  Make("f", "", 0);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f/x", O_RDONLY); }), "ENOTDIR");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDONLY | O_DIRECTORY); }), "ENOTDIR");
}

TEST_P(ErrorOrderTest, AMissingPartOfAPathIsMissing) {
  EXPECT_EQ(Opening("none/x", O_CREAT | O_WRONLY), "ENOENT");
  EXPECT_EQ(Result(mkdir("none/x", 0755)), "ENOENT");
  EXPECT_EQ(Opening("none/..", O_RDONLY), "ENOENT");
}

TEST_P(ErrorOrderTest, InADirectoryThatMayNotBeSearchedNothingIsToldToBeMissing) {
  MakeDirectory("d", 0);
  Make("d/f");
  for (const char* const name : {"d/f", "d/none", "d/none/x"}) {
    EXPECT_EQ(AsUser(kOther, [=] { return OpenFile(name, O_RDONLY); }), "EACCES") << name;
  }
}

TEST_P(ErrorOrderTest, WhatIsThereIsToldBeforeWhatMayNotBeMade) {
  Make("f");
  MakeDirectory("d");
  EXPECT_EQ(AsUser(kOther, [] { return mkdir("d", 0755); }), "EEXIST");
  EXPECT_EQ(AsUser(kOther, [] { return mkdir("f", 0755); }), "EEXIST");
  EXPECT_EQ(AsUser(kOther, [] { return symlink("x", "f"); }), "EEXIST");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_CREAT | O_EXCL | O_RDWR); }), "EEXIST");
}

TEST_P(ErrorOrderTest, WhatIsMissingIsToldBeforeWhatMayNotBeRemoved) {
  EXPECT_EQ(AsUser(kOther, [] { return unlink("none"); }), "ENOENT");
  EXPECT_EQ(AsUser(kOther, [] { return rmdir("none"); }), "ENOENT");
  EXPECT_EQ(AsUser(kOther, [] { return rename("none", "x"); }), "ENOENT");
}

TEST_P(ErrorOrderTest, PermissionIsAskedForBeforeTheKindOfWhatIsRemoved) {
  Make("f");
  MakeDirectory("d");
  EXPECT_EQ(AsUser(kOther, [] { return rmdir("f"); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return unlink("d"); }), "EACCES");
}

TEST_P(ErrorOrderTest, LoopsAreToldBeforeWhatIsMissing) {
  EXPECT_EQ(symlink("b", "a"), 0);
  EXPECT_EQ(symlink("a", "b"), 0);
  EXPECT_EQ(Opening("a", O_RDONLY), "ELOOP");
  EXPECT_EQ(Opening("a/none", O_RDONLY), "ELOOP");
  EXPECT_EQ(Opening("a", O_CREAT | O_WRONLY), "ELOOP");
  EXPECT_EQ(Opening("a", O_CREAT | O_EXCL | O_WRONLY), "EEXIST");
}

TEST_P(ErrorOrderTest, ANameThatIsTooLongIsToldInAMissingDirectoryOnlyOnceThatIsThere) {
  const std::string name(300, 'n');
  EXPECT_EQ(Opening(("none/" + name), O_RDONLY), "ENOENT");
  EXPECT_EQ(Opening((name + "/none"), O_RDONLY), "ENAMETOOLONG");
  MakeDirectory("d", 0);
  EXPECT_EQ(AsUser(kOther, [&] { return OpenFile(("d/" + name).c_str(), O_RDONLY); }), "EACCES");
}

TEST_P(ErrorOrderTest, ADirectoryIsNotCreatedByOpen) {
  MakeDirectory("d");
  EXPECT_EQ(Opening("d", O_CREAT | O_RDONLY), "EISDIR");
  EXPECT_EQ(Opening("d", O_CREAT | O_EXCL | O_RDONLY), "EEXIST");
  EXPECT_EQ(Opening("d", O_WRONLY | O_TRUNC), "EISDIR");
}

TEST_P(ErrorOrderTest, OpenForADirectoryTakesNoFile) {
  Make("f");
  EXPECT_EQ(Opening("f", O_RDONLY | O_DIRECTORY), "ENOTDIR");
  EXPECT_EQ(Opening("none", O_RDONLY | O_DIRECTORY), "ENOENT");
}

TEST_P(ErrorOrderTest, ACreatedFileWithoutPermissionIsNotOpenedTwice) {
  EXPECT_EQ(chmod(".", 0777), 0);
  EXPECT_EQ(AsUser(kUser, [] { return open("f", O_CREAT | O_RDWR | O_CLOEXEC, 0); }), "OK");
  EXPECT_EQ(AsUser(kUser, [] { return open("f", O_CREAT | O_RDWR | O_CLOEXEC, 0); }), "EACCES");
}

TEST_P(ErrorOrderTest, WritingThroughAReadersDescriptorIsABadDescriptor) {
  Make("f", "x");
  const Descriptor reader = Open("f", O_RDONLY), writer = Open("f", O_WRONLY);
  char byte = 0;
  EXPECT_EQ(Result(write(reader.get(), &byte, 1)), "EBADF");
  EXPECT_EQ(Result(read(writer.get(), &byte, 1)), "EBADF");
  EXPECT_EQ(Result(ftruncate(reader.get(), 0)), "EINVAL");
}

TEST_P(ErrorOrderTest, ABadBufferIsAFault) {
  Make("f", "x");
  const Descriptor file = Open("f", O_RDWR);
  // Volatile: the compiler must not know better.
  void* volatile nowhere = reinterpret_cast<void*>(8);
  EXPECT_EQ(Result(read(file.get(), nowhere, 1)), "EFAULT");
  EXPECT_EQ(Result(write(file.get(), nowhere, 1)), "EFAULT");
  EXPECT_EQ(Content("f"), "x");
}

TEST_P(ErrorOrderTest, APathDescriptorIsForNothingButPaths) {
  Make("f", "x");
  const Descriptor path = Open("f", O_PATH);
  char byte = 0;
  EXPECT_EQ(Result(read(path.get(), &byte, 1)), "EBADF");
  EXPECT_EQ(Result(fchmod(path.get(), 0600)), "EBADF");
  EXPECT_EQ(Status(path).st_size, 1);
}

CHAINFS_CONFORMS(ErrorOrderTest);

}  // namespace
}  // namespace chainfs::conformance
