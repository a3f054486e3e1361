// SPDX-License-Identifier: GPL-3.0-or-later
// Listings, positions in them, and the counts of links.
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <set>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

class DirectoriesTest : public ConformanceTest {
 protected:
  static Directory OpenDirectory(const std::string& name = ".") {
    return Directory(opendir(name.c_str()));
  }
  static std::vector<std::string> Names(DIR* directory) {
    std::vector<std::string> names;
    while (const dirent* const entry = readdir(directory)) names.push_back(entry->d_name);
    return names;
  }
  static std::multiset<std::string> List(const std::string& name = ".") {
    const Directory directory = OpenDirectory(name);
    const std::vector<std::string> names = Names(directory.get());
    return {names.begin(), names.end()};
  }
  static void MakeMany(int count) {
    for (int i = 0; i < count; ++i) Make("name" + std::to_string(i));
  }
};

TEST_P(DirectoriesTest, ANewOneHasDotAndDotDot) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(List("d"), (std::multiset<std::string>{".", ".."}));
}

TEST_P(DirectoriesTest, AListingNamesEachOnce) {
  MakeMany(2000);
  const auto names = List();
  EXPECT_EQ(names.size(), 2002u);
  EXPECT_EQ((std::set<std::string>(names.begin(), names.end()).size()), 2002u);
}

TEST_P(DirectoriesTest, EntriesTellInodeAndType) {
  Make("f");
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(mkfifo("p", 0644), 0);
  const Directory directory = OpenDirectory();
  while (const dirent* const entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name == "..") continue;
    EXPECT_EQ(entry->d_ino, Status(name).st_ino) << name;
    EXPECT_EQ(DTTOIF(entry->d_type), Status(name).st_mode & S_IFMT) << name;
  }
}

TEST_P(DirectoriesTest, DotDotIsTheParent) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  const Directory directory = OpenDirectory("d");
  while (const dirent* const entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    EXPECT_EQ(entry->d_ino, Status(name == ".." ? "." : "d").st_ino) << name;
  }
}

TEST_P(DirectoriesTest, DotDotFollowsARenameAcrossDirectories) {
  EXPECT_EQ(mkdir("a", 0755), 0);
  EXPECT_EQ(mkdir("b", 0755), 0);
  EXPECT_EQ(mkdir("a/d", 0755), 0);
  const Descriptor held = Open("a/d", O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(rename("a/d", "b/d"), 0);
  EXPECT_EQ(Status("b/d/..").st_ino, Status("b").st_ino);
  struct stat parent {};
  EXPECT_EQ(fstatat(held.get(), "..", &parent, 0), 0);
  EXPECT_EQ(parent.st_ino, Status("b").st_ino);
  const Directory directory = OpenDirectory("b/d");
  while (const dirent* const entry = readdir(directory.get())) {
    if (entry->d_name == std::string("..")) {
      EXPECT_EQ(entry->d_ino, Status("b").st_ino);
    }
  }
}

TEST_P(DirectoriesTest, TheWorkingDirectorysPathFollowsARename) {
  EXPECT_EQ(mkdir("a", 0755), 0);
  EXPECT_EQ(mkdir("a/d", 0755), 0);
  EXPECT_EQ(chdir("a/d"), 0);
  EXPECT_EQ(rename("../../a", "../../b"), 0);
  char path[4096];
  ASSERT_NE(getcwd(path, sizeof path), nullptr);
  EXPECT_EQ(path, directory() + "/b/d");
}

TEST_P(DirectoriesTest, SeekdirGoesBackToWhereTelldirWas) {
  MakeMany(500);
  const Directory directory = OpenDirectory();
  for (int i = 0; i < 100; ++i) readdir(directory.get());
  const long position = telldir(directory.get());
  const std::vector<std::string> first = Names(directory.get());
  seekdir(directory.get(), position);
  EXPECT_EQ(Names(directory.get()), first);
}

TEST_P(DirectoriesTest, EveryEntrysOffsetIsAPlaceToGoOn) {
  MakeMany(50);
  const Directory directory = OpenDirectory();
  std::vector<std::pair<std::string, long>> entries;
  while (const dirent* const entry = readdir(directory.get())) {
    entries.emplace_back(entry->d_name, entry->d_off);
  }
  for (size_t i = 0; i + 1 < entries.size(); ++i) {
    seekdir(directory.get(), entries[i].second);
    const dirent* const next = readdir(directory.get());
    ASSERT_NE(next, nullptr);
    EXPECT_EQ(next->d_name, entries[i + 1].first);
  }
}

TEST_P(DirectoriesTest, PositionsStayWhileEntriesComeAndGo) {
  MakeMany(500);
  const Directory directory = OpenDirectory();
  std::set<std::string> before;
  for (int i = 0; i < 250; ++i) before.insert(readdir(directory.get())->d_name);
  const long position = telldir(directory.get());
  const std::vector<std::string> rest = Names(directory.get());
  for (const std::string& name : before) {
    if (name[0] != '.') {
      EXPECT_EQ(unlink(name.c_str()), 0);
    }
  }
  for (int i = 0; i < 300; ++i) Make("new" + std::to_string(i));
  seekdir(directory.get(), position);
  const std::vector<std::string> names = Names(directory.get());
  const std::set<std::string> after(names.begin(), names.end());
  EXPECT_EQ(after.size(), names.size()) << "one came twice";
  for (const std::string& name : rest) EXPECT_TRUE(after.contains(name)) << name;
  for (const std::string& name : before) EXPECT_FALSE(after.contains(name)) << name;
}

TEST_P(DirectoriesTest, AnEntryThatStaysIsSeenOnceWhileOthersAreRemoved) {
  MakeMany(1000);
  const Directory directory = OpenDirectory();
  std::multiset<std::string> seen;
  int removed = 0;
  while (const dirent* const entry = readdir(directory.get())) {
    seen.insert(entry->d_name);
    if (entry->d_name[0] != '.' && ++removed <= 500) {
      EXPECT_EQ(unlink(entry->d_name), 0);
    }
  }
  EXPECT_EQ(seen.size(), 1002u);
  EXPECT_EQ(List().size(), 502u);
}

TEST_P(DirectoriesTest, RewinddirShowsWhatIsNew) {
  const Directory directory = OpenDirectory();
  EXPECT_EQ(Names(directory.get()).size(), 2u);
  Make("f");
  rewinddir(directory.get());
  EXPECT_EQ(Names(directory.get()).size(), 3u);
}

TEST_P(DirectoriesTest, TwoReadersHaveTheirOwnPositions) {
  MakeMany(300);
  const Directory one = OpenDirectory(), two = OpenDirectory();
  for (int i = 0; i < 100; ++i) readdir(one.get());
  EXPECT_EQ(Names(two.get()).size(), 302u);
  EXPECT_EQ(Names(one.get()).size(), 202u);
}

TEST_P(DirectoriesTest, ARemovedDirectoryThatIsHeldOpenIsEmpty) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  const Directory directory = OpenDirectory("d");
  EXPECT_EQ(rmdir("d"), 0);
  EXPECT_EQ(Names(directory.get()), std::vector<std::string>{});
}

TEST_P(DirectoriesTest, InARemovedDirectoryNothingIsMade) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  const Descriptor held = Open("d", O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(rmdir("d"), 0);
  EXPECT_EQ(Result(openat(held.get(), "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644)), "ENOENT");
  EXPECT_EQ(Result(mkdirat(held.get(), "s", 0755)), "ENOENT");
  Make("f");
  EXPECT_EQ(Result(linkat(AT_FDCWD, "f", held.get(), "f", 0)), "ENOENT");
  EXPECT_EQ(Result(renameat(AT_FDCWD, "f", held.get(), "f")), "ENOENT");
  EXPECT_EQ(Status(held).st_nlink, 0u);
}

TEST_P(DirectoriesTest, SubdirectoriesCountAsLinks) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(Status("d").st_nlink, 2u);
  EXPECT_EQ(mkdir("d/a", 0755), 0);
  EXPECT_EQ(mkdir("d/b", 0755), 0);
  Make("d/f");
  EXPECT_EQ(Status("d").st_nlink, 4u);
  EXPECT_EQ(rmdir("d/a"), 0);
  EXPECT_EQ(Status("d").st_nlink, 3u);
}

TEST_P(DirectoriesTest, LinkCountsFollowARename) {
  EXPECT_EQ(mkdir("a", 0755), 0);
  EXPECT_EQ(mkdir("b", 0755), 0);
  EXPECT_EQ(mkdir("a/d", 0755), 0);
  EXPECT_EQ(rename("a/d", "b/d"), 0);
  EXPECT_EQ(Status("a").st_nlink, 2u);
  EXPECT_EQ(Status("b").st_nlink, 3u);
  EXPECT_EQ(mkdir("a/d", 0755), 0);
  EXPECT_EQ(rename("a/d", "b/d"), 0) << "replaces an empty one";
  EXPECT_EQ(Status("b").st_nlink, 3u);
}

TEST_P(DirectoriesTest, LinkCountsFollowAnExchangeOfAFileAndADirectory) {
  EXPECT_EQ(mkdir("a", 0755), 0);
  EXPECT_EQ(mkdir("b", 0755), 0);
  EXPECT_EQ(mkdir("a/x", 0755), 0);
  Make("b/y");
  EXPECT_EQ(Rename("a/x", "b/y", RENAME_EXCHANGE), 0);
  EXPECT_EQ(Status("a").st_nlink, 2u);
  EXPECT_EQ(Status("b").st_nlink, 3u);
}

TEST_P(DirectoriesTest, RmdirRefuses) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  Make("d/f");
  EXPECT_EQ(Result(rmdir("d")), "ENOTEMPTY");
  EXPECT_EQ(Result(rmdir("d/f")), "ENOTDIR");
  EXPECT_EQ(Result(rmdir("none")), "ENOENT");
  EXPECT_EQ(Result(rmdir("d/.")), "EINVAL");
  EXPECT_EQ(Result(rmdir("d/..")), "ENOTEMPTY");
}

TEST_P(DirectoriesTest, MkdirRefusesWhatIsThere) {
  EXPECT_EQ(symlink("nowhere", "l"), 0);
  Make("f");
  EXPECT_EQ(Result(mkdir("f", 0755)), "EEXIST");
  EXPECT_EQ(Result(mkdir("l", 0755)), "EEXIST");
  EXPECT_EQ(Result(mkdir(".", 0755)), "EEXIST");
}

TEST_P(DirectoriesTest, MkdirKeepsTheStickyBitAndNoOther) {
  EXPECT_EQ(mkdir("d", 07777), 0);
  EXPECT_EQ(Mode("d"), 01755u);
}

TEST_P(DirectoriesTest, ADirectoryIsNeitherReadNorWritten) {
  char byte;
  EXPECT_EQ(Result(read(Open(".", O_RDONLY).get(), &byte, 1)), "EISDIR");
  EXPECT_EQ(Opening(".", O_WRONLY), "EISDIR");
  EXPECT_EQ(Opening(".", O_RDWR), "EISDIR");
  EXPECT_EQ(Result(truncate(".", 0)), "EISDIR");
}

TEST_P(DirectoriesTest, FsyncOfADirectoryWorks) {
  EXPECT_EQ(Result(fsync(Open(".", O_RDONLY).get())), "OK");
  EXPECT_EQ(Result(fdatasync(Open(".", O_RDONLY).get())), "OK");
}

CHAINFS_CONFORMS(DirectoriesTest);

}  // namespace
}  // namespace chainfs::conformance
