// SPDX-License-Identifier: GPL-3.0-or-later
// Hard and symbolic links.
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class LinksTest : public ConformanceTest {
 protected:
  static std::string Target(const std::string& name) {
    std::string target(PATH_MAX, 0);
    const ssize_t n = readlink(name.c_str(), target.data(), target.size());
    if (n < 0) return Result(n);
    return target.substr(0, static_cast<size_t>(n));
  }
};

TEST_P(LinksTest, AllNamesAreOneFile) {
  Make("f", "content");
  EXPECT_EQ(link("f", "g"), 0);
  EXPECT_EQ(Status("g").st_ino, Status("f").st_ino);
  EXPECT_EQ(Status("g").st_nlink, 2u);
  WriteAt(Open("g"), "CON", 0);
  EXPECT_EQ(Content("f"), "CONtent");
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_EQ(Status("g").st_nlink, 1u);
  EXPECT_EQ(Content("g"), "CONtent");
}

TEST_P(LinksTest, DirectoriesHaveNone) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(Result(link("d", "e")), "EPERM");
}

TEST_P(LinksTest, ANewNameMustBeNew) {
  Make("f");
  Make("g");
  EXPECT_EQ(Result(link("f", "g")), "EEXIST");
  EXPECT_EQ(Result(link("f", "f")), "EEXIST");
  EXPECT_EQ(Result(link("none", "h")), "ENOENT");
}

TEST_P(LinksTest, ALinkToALinkIsOfTheLinkItself) {
  Make("f");
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(link("l", "m"), 0);
  EXPECT_EQ(Status("m").st_ino, Status("l").st_ino);
  EXPECT_EQ(linkat(AT_FDCWD, "l", AT_FDCWD, "n", AT_SYMLINK_FOLLOW), 0);
  EXPECT_EQ(Status("n").st_ino, Status("f").st_ino);
}

TEST_P(LinksTest, AThousandNamesOfOneFile) {
  Make("f");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(link("f", ("l" + std::to_string(i)).c_str()), 0);
  EXPECT_EQ(Status("f").st_nlink, 1001u);
}

TEST_P(LinksTest, FifosAndLinksHaveSeveralNamesToo) {
  EXPECT_EQ(mkfifo("p", 0644), 0);
  EXPECT_EQ(link("p", "q"), 0);
  EXPECT_EQ(Status("q").st_nlink, 2u);
}

TEST_P(LinksTest, ASymbolicLinkTellsItsTargetAndItsLength) {
  EXPECT_EQ(symlink("some/where", "l"), 0);
  EXPECT_EQ(Target("l"), "some/where");
  EXPECT_EQ(Status("l").st_size, 10);
  EXPECT_EQ(Mode("l"), 0777u);
}

TEST_P(LinksTest, ATargetHasUpTo4095Bytes) {
  const std::string longest(PATH_MAX - 1, 't');
  EXPECT_EQ(Result(symlink(longest.c_str(), "l")), "OK");
  EXPECT_EQ(Target("l"), longest);
  EXPECT_EQ(Result(symlink((longest + "t").c_str(), "m")), "ENAMETOOLONG");
}

TEST_P(LinksTest, ATargetIsAnyBytes) {
  EXPECT_EQ(symlink("\xff\x01 \n", "l"), 0);
  EXPECT_EQ(Target("l"), "\xff\x01 \n");
}

TEST_P(LinksTest, ReadlinkCutsOffAtTheBuffer) {
  EXPECT_EQ(symlink("target", "l"), 0);
  char buffer[3];
  EXPECT_EQ(readlink("l", buffer, sizeof buffer), 3);
}

TEST_P(LinksTest, ReadlinkIsForLinksOnly) {
  Make("f");
  EXPECT_EQ(Target("f"), "EINVAL");
  EXPECT_EQ(Target("."), "EINVAL");
}

TEST_P(LinksTest, ALinkLeadsThroughDirectories) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  Make("d/f", "content");
  EXPECT_EQ(symlink("d", "l"), 0);
  EXPECT_EQ(symlink("../d/f", "d/up"), 0);
  EXPECT_EQ(Content("l/f"), "content");
  EXPECT_EQ(Content("l/up"), "content");
}

TEST_P(LinksTest, ADanglingLinkIsMissingAndCanBeCreatedThrough) {
  EXPECT_EQ(symlink("target", "l"), 0);
  EXPECT_EQ(Opening("l", O_RDONLY), "ENOENT");
  EXPECT_EQ(Opening("l", O_CREAT | O_EXCL | O_WRONLY), "EEXIST");
  Make("l", "x");
  EXPECT_EQ(Content("target"), "x");
}

TEST_P(LinksTest, NoFollowRefusesALink) {
  Make("f");
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(Opening("l", O_RDONLY | O_NOFOLLOW), "ELOOP");
}

TEST_P(LinksTest, FortyLinksAreFollowedAndNoMore) {
  Make("l0");
  for (int i = 1; i <= 41; ++i) {
    ASSERT_EQ(symlink(("l" + std::to_string(i - 1)).c_str(), ("l" + std::to_string(i)).c_str()), 0);
  }
  EXPECT_EQ(Result(access("l40", F_OK)), "OK");
  EXPECT_EQ(Result(access("l41", F_OK)), "ELOOP");
}

TEST_P(LinksTest, ALinkThatIsReplacedLeadsElsewhere) {
  Make("a", "a");
  Make("b", "b");
  EXPECT_EQ(symlink("a", "l"), 0);
  EXPECT_EQ(Content("l"), "a");
  EXPECT_EQ(symlink("b", "m"), 0);
  EXPECT_EQ(rename("m", "l"), 0);
  EXPECT_EQ(Content("l"), "b");
}

CHAINFS_CONFORMS(LinksTest);

}  // namespace
}  // namespace chainfs::conformance
