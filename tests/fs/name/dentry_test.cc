// SPDX-License-Identifier: GPL-3.0-or-later
// Entries whose names have the same hash: with forged keys, since nobody finds such names.
#include "fs/name/dentry.h"

#include "tests/fs/core_fixture.h"

namespace chainfs::fs {
namespace {

class DentryTest : public CoreTest {
 protected:
  static constexpr InodeNumber kDirectory{7};

  void SetUp() override { Open(); }

  static EntryName Name(std::string_view name) {
    return {kDirectory, name, Key(kDirectory, ItemKind::kDentry, 42)};
  }
  Result<void> Insert(std::string_view name, uint64_t sequence) {
    auto change = Begin();
    if (auto vacant = CheckVacant(core_->tree, Name(name), sequence); !vacant) return vacant;
    return InsertEntry(change, Name(name), {{InodeNumber(sequence), 0100000}, sequence});
  }
  uint64_t Find(std::string_view name) {
    ReadView view(*core_);
    auto entry = FindEntryToChange(view.tree(), Name(name));
    return entry ? entry->target.inode.value : 0;
  }
};

TEST_F(DentryTest, NamesWithOneHashStayApart) {
  ASSERT_TRUE(Insert("a", 10));
  ASSERT_TRUE(Insert("b", 11));
  ASSERT_TRUE(Insert("c", 12));
  EXPECT_EQ(10u, Find("a"));
  EXPECT_EQ(11u, Find("b"));
  EXPECT_EQ(12u, Find("c"));
  EXPECT_EQ(0u, Find("d"));
  EXPECT_EQ(ErrorCode::kExists, Insert("b", 13).error().code);
  {
    auto change = Begin();
    ASSERT_TRUE(EraseEntry(change, Name("b"), {{InodeNumber(11), 0100000}, 11}));
    ASSERT_TRUE(RetargetEntry(change, Name("a"), {{InodeNumber(10), 0100000}, 10},
                              {InodeNumber(99), 0100000}));
  }
  EXPECT_EQ(99u, Find("a"));
  EXPECT_EQ(0u, Find("b"));
  EXPECT_EQ(12u, Find("c"));
}

TEST_F(DentryTest, ADozenWithOneHashIsTooMany) {
  uint64_t sequence = 10;
  Result<void> inserted;
  while (inserted = Insert(std::string(250, 'a') + std::to_string(sequence), sequence), inserted) {
    ++sequence;
  }
  EXPECT_EQ(ErrorCode::kNoSpace, inserted.error().code);
  EXPECT_EQ(21u, sequence);
  EXPECT_EQ(0u, Find(std::string(250, 'a') + "21"));
  EXPECT_EQ(20u, Find(std::string(250, 'a') + "20"));
}

TEST_F(DentryTest, AnEntryWithoutItsIndexIsDamage) {
  ASSERT_TRUE(Insert("a", 10));
  {
    auto change = Begin();
    ASSERT_TRUE(change.Erase(Key(kDirectory, ItemKind::kDirIndex, 10)));
  }
  ReadView view(*core_);
  EXPECT_EQ(ErrorCode::kDamaged, FindEntryToChange(view.tree(), Name("a")).error().code);
  EXPECT_TRUE(FindEntry(view.tree(), Name("a"))) << "a lookup does not care";
}

TEST_F(DentryTest, AnUnsoundItemIsDamage) {
  {
    auto change = Begin();
    ASSERT_TRUE(change.Put(Name("a").key, Bytes(5)));
  }
  EXPECT_EQ(ErrorCode::kDamaged, Insert("a", 10).error().code);
  ReadView view(*core_);
  EXPECT_EQ(ErrorCode::kDamaged, FindEntry(view.tree(), Name("a")).error().code);
}

}  // namespace
}  // namespace chainfs::fs
