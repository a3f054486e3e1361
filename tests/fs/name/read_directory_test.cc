// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/name/name_fixture.h"

#include <set>

namespace chainfs::fs {
namespace {

class ReadDirectoryTest : public NameTest {
 protected:
  struct Listed {
    std::string name;
    uint64_t cookie;
  };
  // Up to `most` entries from a cookie on.
  std::vector<Listed> ListFrom(InodeNumber directory, uint64_t cookie, size_t most) {
    std::vector<Listed> listed;
    EXPECT_TRUE(volume_->ReadDirectory(
        directory, cookie, false, [&](const DirectoryEntry& entry, const Attributes*) {
          if (listed.size() == most) return false;
          listed.push_back({std::string(entry.name), entry.next_cookie});
          return true;
        }));
    return listed;
  }
};

TEST_F(ReadDirectoryTest, InOrderOfCreationAfterTheDots) {
  for (const char* name : {"z", "a", "m"}) File(kRootInode, name);
  const auto listed = ListFrom(kRootInode, 0, 100);
  ASSERT_EQ(5u, listed.size());
  EXPECT_EQ(".", listed[0].name);
  EXPECT_EQ("..", listed[1].name);
  EXPECT_EQ("z", listed[2].name);
  EXPECT_EQ("a", listed[3].name);
  EXPECT_EQ("m", listed[4].name);
}

TEST_F(ReadDirectoryTest, EveryCookieGoesOnBehindItsEntry) {
  for (int i = 0; i < 300; ++i) File(kRootInode, "n" + std::to_string(i));
  const auto all = ListFrom(kRootInode, 0, 1000);
  ASSERT_EQ(302u, all.size());
  for (size_t i = 0; i < all.size(); i += 7) {
    const auto rest = ListFrom(kRootInode, all[i].cookie, 1000);
    ASSERT_EQ(all.size() - i - 1, rest.size());
    if (!rest.empty()) {
      EXPECT_EQ(all[i + 1].name, rest[0].name);
    }
  }
  EXPECT_TRUE(ListFrom(kRootInode, UINT64_MAX, 10).empty());
  EXPECT_TRUE(ListFrom(kRootInode, uint64_t{1} << 63, 10).empty());
}

TEST_F(ReadDirectoryTest, RemovingWhileListingSeesEachEntryOnce) {
  constexpr size_t kCount = 2'000;
  for (size_t i = 0; i < kCount; ++i) File(kRootInode, std::to_string(i));
  std::set<std::string> seen;
  uint64_t cookie = 0;
  for (;;) {
    const auto some = ListFrom(kRootInode, cookie, 50);
    if (some.empty()) break;
    cookie = some.back().cookie;
    for (const Listed& entry : some) {
      if (entry.name.starts_with(".")) continue;
      EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
      EXPECT_TRUE(volume_->Unlink(kRootInode, entry.name));
    }
  }
  EXPECT_EQ(kCount, seen.size());
  EXPECT_TRUE(List(kRootInode).empty());
}

TEST_F(ReadDirectoryTest, RenamedOverNamesKeepTheirPlace) {
  for (const char* name : {"a", "b", "c"}) File(kRootInode, name);
  File(kRootInode, "new");
  ASSERT_TRUE(volume_->Rename(kRootInode, "new", kRootInode, "b", RenameMode::kReplace));
  EXPECT_EQ((std::vector<std::string>{"a", "b", "c"}), List(kRootInode));
}

TEST_F(ReadDirectoryTest, AcceptedEntriesWithAttributesAreHeld) {
  const InodeNumber a = File(kRootInode, "a"), b = File(kRootInode, "b");
  size_t visits = 0;
  ASSERT_TRUE(volume_->ReadDirectory(
      kRootInode, 0, true, [&](const DirectoryEntry& entry, const Attributes* attributes) {
        EXPECT_NE(nullptr, attributes);
        EXPECT_EQ(entry.inode, attributes->inode);
        return ++visits < 4;  // not "b"
      }));
  EXPECT_EQ(1u, volume_->Status().lookups);
  ASSERT_TRUE(volume_->Unlink(kRootInode, "a"));
  ASSERT_TRUE(volume_->Unlink(kRootInode, "b"));
  EXPECT_TRUE(volume_->GetAttributes(a)) << "it is held";
  EXPECT_ERROR(kStale, volume_->GetAttributes(b));
}

TEST_F(ReadDirectoryTest, OnlyDirectories) {
  const InodeNumber file = File(kRootInode, "a");
  const auto none = [](const DirectoryEntry&, const Attributes*) { return true; };
  EXPECT_ERROR(kNotDirectory, volume_->ReadDirectory(file, 0, false, none));
  EXPECT_ERROR(kStale, volume_->ReadDirectory(InodeNumber(999), 0, false, none));
}

TEST_F(ReadDirectoryTest, RecordsTheAccessAsRelatimeDoes) {
  const InodeNumber directory = Directory(kRootInode, "d");
  ASSERT_TRUE(volume_->SetAttributes(directory, {.atime = Timestamp{1, 0}}));
  List(directory);
  const Timestamp recorded = Stat(directory).atime;
  EXPECT_LT(1, recorded.seconds);
  const Timestamp later{recorded.seconds + 60, 0};
  ASSERT_TRUE(volume_->SetAttributes(directory, {.atime = later}));
  List(directory);
  EXPECT_EQ(later, Stat(directory).atime) << "newer than the last change, and of today";
}

}  // namespace
}  // namespace chainfs::fs
