// SPDX-License-Identifier: GPL-3.0-or-later
// One thing is wrong with the lists of the records.
#include <random>

#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

class CheckListsTest : public CheckTest {
 protected:
  static std::string Bad(uint64_t record) { return Name("INTEGRITY bad-lists r", record); }
  // Which objects there should be is not known any more.
  static constexpr char kLost[] = "OK, FAILED, NOT CHECKED, UNANCHORED, NOT CHECKED";

  ledger::CommitLists Lists(uint64_t record) const {
    return *ledger::DecodeLists(Raw().Get("lists", RawStore::Key(record)));
  }
  // One with births, deaths and reaps.
  uint64_t Busy() const {
    for (uint64_t n = 300;; ++n) {
      const auto lists = Lists(n);
      if (!lists.births.empty() && !lists.deaths.empty() && !lists.reaps.empty()) return n;
    }
  }
};

TEST_F(CheckListsTest, ReportsExactlyTheOneInWhichABitWasFlipped) {
  std::mt19937_64 random(1);
  const uint64_t busy = Busy();
  for (const uint64_t record : {uint64_t{1}, busy, Records() - 2}) {
    const Bytes key = RawStore::Key(record), good = Raw().Get("lists", key);
    for (int i = 0; i < 60; ++i) {
      Bytes bad = good;
      bad[random() % bad.size()] ^= static_cast<uint8_t>(1u << random() % 8);
      Raw().Put("lists", key, bad);
      EXPECT_EQ(Check(), Findings{Bad(record)}) << listener_.details;
      EXPECT_EQ(Verdicts(), kLost);
    }
    Raw().Put("lists", key, good);
  }
}

TEST_F(CheckListsTest, ReportsThoseThatAreMissingZeroedOrOfAnotherLength) {
  for (const uint64_t record : {uint64_t{0}, uint64_t{1}, Busy(), Records() - 1}) {
    const Bytes key = RawStore::Key(record), good = Raw().Get("lists", key);
    Bytes shorter = good, longer = good;
    shorter.pop_back();
    longer.push_back(0);
    for (const Bytes& bad : {Bytes(good.size(), 0), shorter, longer, Bytes()}) {
      Raw().Put("lists", key, bad);
      EXPECT_EQ(Check(), Findings{Bad(record)}) << listener_.details;
      EXPECT_EQ(Verdicts(), kLost);
    }
    Raw().Delete("lists", key);
    EXPECT_EQ(Check(), Findings{Bad(record)}) << listener_.details;
    EXPECT_EQ(Verdicts(), kLost);
    Raw().Put("lists", key, good);
  }
}

TEST_F(CheckListsTest, ReportsTwoThatWereSwapped) {
  Raw().Swap("lists", RawStore::Key(100), RawStore::Key(Busy()));
  EXPECT_EQ(Check(), Findings({Bad(100), Bad(Busy())})) << listener_.details;
}

TEST_F(CheckListsTest, ReportsThoseOfAnEarlierRecord) {
  const uint64_t busy = Busy();
  Raw().Put("lists", RawStore::Key(busy), Raw().Get("lists", RawStore::Key(busy - 1)));
  EXPECT_EQ(Check(), Findings{Bad(busy)}) << listener_.details;
}

TEST_F(CheckListsTest, ReportsEntriesOfNoRecord) {
  const Bytes lists = Raw().Get("lists", RawStore::Key(5));
  for (const Bytes& key : {RawStore::Key(Records()), RawStore::Key(UINT64_MAX), Bytes{0},
                           Bytes(9, 0), Bytes(9, 0xff)}) {
    Raw().Put("lists", key, lists);
    EXPECT_EQ(Check(), Findings{"INTEGRITY bad-lists"}) << listener_.details;
    Raw().Delete("lists", key);
  }
}

TEST_F(CheckListsTest, ReportsThatThereAreNone) {
  Findings all;
  for (uint64_t n = 0; n < Records(); ++n) all.insert(Bad(n));
  Raw().Empty("lists");
  EXPECT_EQ(Check(), all) << listener_.details;
  EXPECT_EQ(Verdicts(), kLost);
}

TEST_F(CheckListsTest, StillFindsWhatIsMissingAndWhatIsExtra) {
  const auto objects = Objects();
  const auto living = std::ranges::find(objects, false, &Object::dead);
  uint64_t lost = Busy();
  while (lost == living->record) ++lost;
  Raw().Flip("lists", RawStore::Key(lost), 30);
  Raw().Delete("objects", RawStore::Key(living->id));
  Raw().Put("objects", RawStore::Key(uint64_t{1} << 40), Bytes(100));
  EXPECT_EQ(Check(), Findings({Bad(lost), Name("COMPLETENESS missing-object o", living->id),
                               Name("COMPLETENESS extra-object o", uint64_t{1} << 40)}))
      << listener_.details;
}

TEST_F(CheckListsTest, FindsTheSameInManyRounds) {
  const uint64_t busy = Busy();
  Raw().Flip("lists", RawStore::Key(busy), 30);
  Raw().Delete("lists", RawStore::Key(50));
  options_.window_ids = 50;
  options_.threads = 2;
  EXPECT_EQ(Check(), Findings({Bad(busy), Bad(50)})) << listener_.details;
  EXPECT_EQ(Verdicts(), kLost);
}

}  // namespace
}  // namespace chainfs::fs::check
