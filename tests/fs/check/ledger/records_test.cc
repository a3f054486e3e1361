// SPDX-License-Identifier: GPL-3.0-or-later
// One thing is wrong with the records.
#include <random>

#include "fs/commit/genesis.h"
#include "ledger/record.h"
#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

class CheckRecordsTest : public CheckTest {
 protected:
  static std::string Bad(uint64_t record) { return Name("HISTORY bad-record r", record); }
  // What a damaged record commits to cannot be proven.
  static constexpr char kNotProven[] = "FAILED, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED";

  // In a full tile, at its borders, and among the newest, which no tile covers.
  std::vector<uint64_t> SomeRecords() const {
    const uint64_t records = Records();
    return {0, 1, 100, 254, 255, 256, 511, 512, records - 3, records - 2, records - 1};
  }
};

TEST_F(CheckRecordsTest, ReportsExactlyTheOneInWhichABitWasFlipped) {
  std::mt19937_64 random(1);
  for (const uint64_t record : SomeRecords()) {
    const Bytes key = RawStore::Key(record), good = Raw().Get("records", key);
    // Of the fields, and anywhere: magic, type, volume, sequence, time, link, root, counts.
    std::vector<size_t> places = {0, 9, 12, 35, 43, 60, 91, 99, 140, 175, 183, 200, 303, 311};
    for (int i = 0; i < 6; ++i) places.push_back(random() % ledger::kRecordBytes);
    for (const size_t place : places) {
      Bytes bad = good;
      bad[place] ^= static_cast<uint8_t>(1u << random() % 8);
      Raw().Put("records", key, bad);
      EXPECT_EQ(Check(), Findings{Bad(record)}) << "byte " << place << "\n" << listener_.details;
      EXPECT_EQ(Verdicts(), kNotProven);
    }
    Raw().Put("records", key, good);
  }
}

TEST_F(CheckRecordsTest, ReportsOneThatIsZeroedOrOfAnotherLength) {
  for (const uint64_t record : SomeRecords()) {
    const Bytes key = RawStore::Key(record), good = Raw().Get("records", key);
    Bytes shorter = good, longer = good;
    shorter.pop_back();
    longer.push_back(0);
    for (const Bytes& bad : {Bytes(good.size(), 0), shorter, longer, Bytes()}) {
      Raw().Put("records", key, bad);
      EXPECT_EQ(Check(), Findings{Bad(record)}) << listener_.details;
      EXPECT_EQ(Verdicts(), kNotProven);
    }
    Raw().Put("records", key, good);
  }
}

TEST_F(CheckRecordsTest, ReportsOneThatIsMissing) {
  for (const uint64_t record : SomeRecords()) {
    if (record + 1 == Records()) continue;
    const Bytes key = RawStore::Key(record), good = Raw().Get("records", key);
    Raw().Delete("records", key);
    EXPECT_EQ(Check(), Findings{Name("HISTORY missing-record r", record)}) << listener_.details;
    EXPECT_EQ(Verdicts(), kNotProven);
    Raw().Put("records", key, good);
  }
}

TEST_F(CheckRecordsTest, ReportsThatTheNewestWereCutOff) {
  const uint64_t newest = Records() - 1;
  Raw().Delete("records", RawStore::Key(newest));
  // The graveyard's place is that of a record which is not there.
  EXPECT_EQ(Check(),
            Findings({"HISTORY bad-meta", "HISTORY head-coverage", "INTEGRITY bad-lists"}));
  EXPECT_EQ(Verdicts(), "FAILED, FAILED, OK, UNANCHORED, NOT CHECKED");
}

TEST_F(CheckRecordsTest, ReportsTwoThatWereSwapped) {
  Raw().Swap("records", RawStore::Key(100), RawStore::Key(600));
  EXPECT_EQ(Check(), Findings({Bad(100), Bad(600)})) << listener_.details;
}

TEST_F(CheckRecordsTest, ReportsAnOlderOneInThePlaceOfANewer) {
  Raw().Put("records", RawStore::Key(600), Raw().Get("records", RawStore::Key(599)));
  EXPECT_EQ(Check(), Findings{Bad(600)}) << listener_.details;
  EXPECT_EQ(Verdicts(), kNotProven);
}

TEST_F(CheckRecordsTest, ReportsOneThatWasAdded) {
  const Bytes copy = Raw().Get("records", RawStore::Key(5));
  for (const uint64_t number : {Records() + 3, uint64_t{1} << 40, UINT64_MAX}) {
    Raw().Put("records", RawStore::Key(number), copy);
    EXPECT_EQ(Check(), Findings{"HISTORY head-coverage"}) << listener_.details;
    EXPECT_EQ(Verdicts(), "FAILED, OK, OK, UNANCHORED, NOT CHECKED");
    Raw().Delete("records", RawStore::Key(number));
  }
  const uint64_t next = Records();
  Raw().Put("records", RawStore::Key(next), copy);
  EXPECT_EQ(Check(),
            Findings({"HISTORY head-coverage", Bad(next), Name("INTEGRITY bad-lists r", next)}))
      << listener_.details;
}

TEST_F(CheckRecordsTest, ReportsEntriesWithKeysOfAnotherLength) {
  for (const Bytes& key : {Bytes{0}, Bytes(9, 0), Bytes{0, 0, 0, 0, 0, 0, 1}}) {
    Raw().Put("records", key, Bytes(ledger::kRecordBytes));
    EXPECT_EQ(Check(), Findings{"HISTORY bad-record"}) << listener_.details;
    EXPECT_EQ(Verdicts(), "FAILED, OK, OK, UNANCHORED, NOT CHECKED");
    Raw().Delete("records", key);
  }
}

TEST_F(CheckRecordsTest, ReportsThatThereAreNone) {
  Raw().Empty("records");
  const Findings found = Check();
  EXPECT_TRUE(found.contains("HISTORY missing-record")) << listener_.details;
  EXPECT_EQ(Verdicts(), "FAILED, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED");
}

// By somebody without the signing key: every link and tile fits, but not the signature.
TEST_F(CheckRecordsTest, ReportsAHistoryThatWasRewrittenWithoutTheSigningKey) {
  const uint64_t records = Records();
  {
    RawStore raw(vault_->directory());
    Digest link = ledger::LinkOf(raw.Get("records", RawStore::Key(599)));
    for (uint64_t n = 600; n < records; ++n) {
      auto record = *ledger::DecodeRecord(raw.Get("records", RawStore::Key(n)));
      record.previous_link = link;
      if (n == 600) record.session[0] ^= 1;
      const Bytes encoded = ledger::EncodeRecord(record);
      raw.Put("records", RawStore::Key(n), encoded);
      link = ledger::LinkOf(encoded);
    }
  }
  EXPECT_EQ(Check(), Findings{Bad(records - 1)}) << listener_.details;
  EXPECT_EQ(Verdicts(), kNotProven);
}

}  // namespace
}  // namespace chainfs::fs::check
