// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/chainfs/record_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace chainfs::tools {
namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

TEST(ShortCountTest, HasAtMostFiveCharacters) {
  EXPECT_EQ(ShortCount(0), "0");
  EXPECT_EQ(ShortCount(99999), "99999");
  EXPECT_EQ(ShortCount(100000), "100K");
  EXPECT_EQ(ShortCount(4'100'000), "4.1M");
  EXPECT_EQ(ShortCount(999'600'000), "1.0G");
  for (uint64_t n = 1; n < kMost / 3; n = n * 3 + 1) EXPECT_LE(ShortCount(n).size(), 5u) << n;
  EXPECT_LE(ShortCount(kMost).size(), 5u);
}

TEST(LogLinesTest, FitAHundredColumnsWhateverTheNumbers) {
  for (uint64_t number : {uint64_t{1}, uint64_t{999}, uint64_t{99'999}, uint64_t{1} << 40, kMost}) {
    for (int type = 1; type <= 9; ++type) {
      fs::LogEntry entry;
      ledger::Record& record = entry.record;
      record.type = static_cast<ledger::RecordType>(type);
      record.sequence = Sequence(999'999'999'999);
      record.time_ns = record.live_objects = record.live_bytes = number;
      record.birth_count = record.death_count = record.reap_count = number;
      record.rollback.kept_size = record.rollback.abandoned_size = uint64_t{1} << 62;
      record.repair.fallback = Sequence(number);
      record.repair.removed_objects = number;
      entry.bytes = {number, number, number};
      entry.header_changed = true;
      std::string text = LogHeading() + LogLines(entry);
      for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        EXPECT_LE(text.find('\n', at) - at, 100u) << text;
      }
    }
  }
}

TEST(LogLinesTest, SayWhereBytesAreNotKnown) {
  fs::LogEntry entry;
  entry.record.birth_count = 3;
  EXPECT_NE(LogLines(entry).find("3     ?"), std::string::npos) << LogLines(entry);
  entry.bytes = fs::ListBytes{4096, 0, 0};
  EXPECT_NE(LogLines(entry).find("3  4.0K"), std::string::npos) << LogLines(entry);
}

TEST(RecordAsJsonTest, NamesWhatBelongsToTheType) {
  ledger::Record record;
  record.type = ledger::RecordType::kRepair;
  record.repair.removed_objects = 12;
  EXPECT_EQ(RecordAsJson(record, {})["repair"]["removed_objects"], 12);
  record.type = ledger::RecordType::kRollbackAccepted;
  record.rollback.abandoned_size = 9;
  EXPECT_EQ(RecordAsJson(record, {})["abandoned"]["size"], 9);
  EXPECT_FALSE(RecordAsJson(record, {}).contains("repair"));
}

}  // namespace
}  // namespace chainfs::tools
