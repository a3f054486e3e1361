// SPDX-License-Identifier: GPL-3.0-or-later
// One thing is wrong with the objects in the store.
#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

class CheckObjectsTest : public CheckTest {
 protected:
  // Of those that live, the one in the middle.
  Object Pick() const { return Pick(Objects(), false); }
  static Object Pick(std::vector<Object> objects, bool dead) {
    std::erase_if(objects, [&](const Object& one) { return one.dead != dead; });
    return objects.at(objects.size() / 2);
  }
  static std::string Digest(const Object& object) {
    return Name("INTEGRITY digest-mismatch o", object.id);
  }
  static std::string Missing(uint64_t id) { return Name("COMPLETENESS missing-object o", id); }
  static std::string Extra(uint64_t id) { return Name("COMPLETENESS extra-object o", id); }
  static constexpr char kOnlyIntegrityFails[] = "OK, FAILED, OK, UNANCHORED, NOT CHECKED";
  static constexpr char kOnlyCompletenessFails[] = "OK, OK, FAILED, UNANCHORED, NOT CHECKED";
};

TEST_F(CheckObjectsTest, ReportsOneThatWasAlteredInWhateverWay) {
  const Object object = Pick();
  const Bytes key = RawStore::Key(object.id), good = Raw().Get("objects", key);
  Bytes flipped = good, shorter = good, longer = good;
  flipped[good.size() / 2] ^= 1;
  shorter.pop_back();
  longer.push_back(0);
  for (const Bytes& bad : {flipped, Bytes(good.size(), 0), shorter, longer, Bytes()}) {
    Raw().Put("objects", key, bad);
    EXPECT_EQ(Check(), Findings{Digest(object)}) << bad.size();
    EXPECT_EQ(Verdicts(), kOnlyIntegrityFails);
  }
}

TEST_F(CheckObjectsTest, ReportsOneThatIsMissing) {
  for (const bool dead : {false, true}) {
    const Object object = Pick(Objects(), dead);
    Bytes key = RawStore::Key(object.id), good = Raw().Get("objects", key);
    Raw().Delete("objects", key);
    EXPECT_EQ(Check(), Findings{Missing(object.id)});
    EXPECT_EQ(Verdicts(), kOnlyCompletenessFails);
    Raw().Put("objects", key, good);
  }
}

TEST_F(CheckObjectsTest, ReportsTheFirstAndTheLastOne) {
  const auto objects = Objects();
  Raw().Delete("objects", RawStore::Key(objects.front().id));
  Raw().Delete("objects", RawStore::Key(objects.back().id));
  EXPECT_EQ(Check(), Findings({Missing(objects.front().id), Missing(objects.back().id)}));
}

TEST_F(CheckObjectsTest, ReportsAllThatAreMissing) {
  Findings all;
  for (const Object& object : Objects()) all.insert(Missing(object.id));
  Raw().Empty("objects");
  EXPECT_EQ(Check(), all);
  EXPECT_EQ(Verdicts(), kOnlyCompletenessFails);
}

TEST_F(CheckObjectsTest, ReportsACopyUnderAnotherId) {
  const Object object = Pick();
  const Bytes blob = Raw().Get("objects", RawStore::Key(object.id));
  const uint64_t past = Objects().back().id + 1000000, never = uint64_t{1} << 62;
  for (const uint64_t id : {uint64_t{0}, uint64_t{1}, past, never, UINT64_MAX}) {
    Raw().Put("objects", RawStore::Key(id), blob);
    EXPECT_EQ(Check(), Findings{Extra(id)}) << id;
    EXPECT_EQ(Verdicts(), kOnlyCompletenessFails);
    options_.window_ids = 64;
    EXPECT_EQ(Check(), Findings{Extra(id)}) << id;
    options_.window_ids = 1 << 20;
    Raw().Delete("objects", RawStore::Key(id));
  }
}

TEST_F(CheckObjectsTest, ReportsTwoOfOneSizeThatWereSwapped) {
  const auto objects = Objects();
  const Object& one = objects.front();
  const auto other = std::find_if(objects.begin() + 1, objects.end(),
                                  [&](const Object& o) { return o.bytes == one.bytes; });
  ASSERT_NE(other, objects.end());
  Raw().Swap("objects", RawStore::Key(one.id), RawStore::Key(other->id));
  EXPECT_EQ(Check(), Findings({Digest(one), Digest(*other)}));
  EXPECT_EQ(Verdicts(), kOnlyIntegrityFails);
}

TEST_F(CheckObjectsTest, ReportsOneThatWasReapedAndPutBack) {
  const auto earlier = RichVault::Get().CopyEarlier();
  RawStore old(earlier->directory());
  const std::vector<Bytes> keys = old.Keys("objects");
  const std::vector<Bytes> now = Raw().Keys("objects");
  const auto gone = std::ranges::find_if(
      keys, [&](const Bytes& key) { return std::ranges::find(now, key) == now.end(); });
  ASSERT_NE(gone, keys.end());
  Raw().Put("objects", *gone, old.Get("objects", *gone));
  EXPECT_EQ(Check(), Findings{Extra(GetBE<uint64_t>(gone->data()))});
  EXPECT_NE(listener_.details.find("although it was reaped"), std::string::npos);
}

TEST_F(CheckObjectsTest, ReportsEntriesWithKeysOfAnotherLength) {
  Bytes longer = RawStore::Key(Pick().id);
  longer.push_back(7);
  for (const Bytes& key : {Bytes{0}, Bytes{0xff, 0xff}, longer, Bytes(400, 0xff)}) {
    Raw().Put("objects", key, Bytes(100));
    EXPECT_EQ(Check(), Findings{"COMPLETENESS extra-object"}) << key.size();
    EXPECT_EQ(Verdicts(), kOnlyCompletenessFails);
    Raw().Delete("objects", key);
  }
}

TEST_F(CheckObjectsTest, FindsTheSameWhateverTheThreadsAndTheWindow) {
  const auto objects = Objects();
  Raw().Flip("objects", RawStore::Key(objects[5].id), 9);
  Raw().Delete("objects", RawStore::Key(objects[objects.size() / 2].id));
  Raw().Flip("objects", RawStore::Key(objects.back().id), 1);
  const Findings expected = {Digest(objects[5]), Missing(objects[objects.size() / 2].id),
                             Digest(objects.back())};
  for (const uint64_t window : {1, 7, 64, 1000, 1 << 20}) {
    for (const unsigned threads : {1, 4}) {
      options_.window_ids = window;
      options_.threads = threads;
      if (window == 1 && threads == 4) continue;  // slow
      EXPECT_EQ(Check(), expected) << window << " " << threads;
    }
  }
}

}  // namespace
}  // namespace chainfs::fs::check
