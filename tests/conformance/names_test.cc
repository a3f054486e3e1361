// SPDX-License-Identifier: GPL-3.0-or-later
// What a name can be.
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class NamesTest : public ConformanceTest {
 protected:
  static std::set<std::string> List() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(".")) {
      names.insert(entry.path().filename());
    }
    return names;
  }
};

TEST_P(NamesTest, ANameHasUpTo255Bytes) {
  const std::string longest(NAME_MAX, 'n');
  Make(longest, "content");
  EXPECT_EQ(Content(longest), "content");
  EXPECT_EQ(List(), std::set<std::string>{longest});
}

TEST_P(NamesTest, With256BytesItIsTooLongForEveryCall) {
  const std::string name(NAME_MAX + 1, 'n');
  Make("f");
  EXPECT_EQ(Opening(name, O_CREAT | O_WRONLY), "ENAMETOOLONG");
  EXPECT_EQ(Opening(name, O_RDONLY), "ENAMETOOLONG");
  EXPECT_EQ(Result(mkdir(name.c_str(), 0755)), "ENAMETOOLONG");
  EXPECT_EQ(Result(symlink("f", name.c_str())), "ENAMETOOLONG");
  EXPECT_EQ(Result(mkfifo(name.c_str(), 0644)), "ENAMETOOLONG");
  EXPECT_EQ(Result(link("f", name.c_str())), "ENAMETOOLONG");
  EXPECT_EQ(Result(rename("f", name.c_str())), "ENAMETOOLONG");
  EXPECT_EQ(Result(unlink(name.c_str())), "ENAMETOOLONG");
  EXPECT_EQ(Result(rmdir(name.c_str())), "ENAMETOOLONG");
  EXPECT_EQ(Result(access(name.c_str(), F_OK)), "ENAMETOOLONG");
}

TEST_P(NamesTest, TheLimitIsInBytes) {
  std::string name;
  for (int i = 0; i < 85; ++i) name += "\u20ac";
  Make(name);
  EXPECT_EQ(Result(mkdir((name + "x").c_str(), 0755)), "ENAMETOOLONG");
}

TEST_P(NamesTest, AnyByteButSlashAndZeroIsAName) {
  std::set<std::string> expected;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/' || byte == '.') continue;
    const std::string name(1, static_cast<char>(byte));
    Make(name);
    expected.insert(name);
  }
  EXPECT_EQ(List(), expected);
  for (const std::string& name : expected) EXPECT_EQ(unlink(name.c_str()), 0);
}

TEST_P(NamesTest, NamesDifferInCaseAndInUnicodesForms) {
  Make("a", "small");
  Make("A", "large");
  Make("\u00e9", "composed");
  Make("e\u0301", "decomposed");
  EXPECT_EQ(Content("a") + Content("A"), "smalllarge");
  EXPECT_EQ(Content("\u00e9") + Content("e\u0301"), "composeddecomposed");
}

TEST_P(NamesTest, BytesThatAreNoUtf8AreKept) {
  Make("\xff\xfe\x80", "x");
  Remount();
  EXPECT_EQ(List(), std::set<std::string>{"\xff\xfe\x80"});
}

TEST_P(NamesTest, DotsAndSpacesAtTheEndsAreKept) {
  for (const char* const name : {"...", " ", "x.", "x ", "-", "~", "CON"}) Make(name, name);
  for (const char* const name : {"...", " ", "x.", "x ", "-", "~", "CON"}) {
    EXPECT_EQ(Content(name), name);
  }
}

TEST_P(NamesTest, AnEmptyNameIsNone) {
  EXPECT_EQ(Opening("", O_CREAT | O_WRONLY), "ENOENT");
  EXPECT_EQ(Result(mkdir("", 0755)), "ENOENT");
  EXPECT_EQ(Result(symlink("", "l")), "ENOENT");
}

TEST_P(NamesTest, APathHasUpTo4095Bytes) {
  std::string path;
  while (path.size() + 2 <= PATH_MAX - 3) path += "./";
  Make("f");
  EXPECT_EQ(Result(access((path + "f").c_str(), F_OK)), "OK");
  EXPECT_EQ(Result(access((path + "./././f").c_str(), F_OK)), "ENAMETOOLONG");
}

TEST_P(NamesTest, DirectoriesNestDeeperThanAPathCanSay) {
  for (int depth = 0; depth < 30; ++depth) {
    const std::string name(200, static_cast<char>('a' + depth % 26));
    ASSERT_EQ(mkdir(name.c_str(), 0755), 0);
    ASSERT_EQ(chdir(name.c_str()), 0);
  }
  Make("f", "deep");
  EXPECT_EQ(Content("f"), "deep");
}

TEST_P(NamesTest, ATrailingSlashIsForDirectories) {
  Make("f");
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(Result(access("d/", F_OK)), "OK");
  EXPECT_EQ(Result(access("f/", F_OK)), "ENOTDIR");
  EXPECT_EQ(Opening("new/", O_CREAT | O_WRONLY), "EISDIR");
  EXPECT_EQ(Result(mkdir("s/", 0755)), "OK");
  EXPECT_EQ(Result(unlink("f/")), "ENOTDIR");
  EXPECT_EQ(Result(rename("f", "g/")), "ENOTDIR");
}

TEST_P(NamesTest, TheLongestNamesInADirectoryDoNotCollide) {
  std::set<std::string> expected;
  for (char last = 'a'; last <= 'z'; ++last) {
    expected.insert(std::string(NAME_MAX - 1, 'n') + last);
    Make(std::string(NAME_MAX - 1, 'n') + last, std::string(1, last));
  }
  EXPECT_EQ(List(), expected);
  EXPECT_EQ(Content(std::string(NAME_MAX - 1, 'n') + "q"), "q");
}

CHAINFS_CONFORMS(NamesTest);

}  // namespace
}  // namespace chainfs::conformance
