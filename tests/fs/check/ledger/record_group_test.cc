// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/record_group.h"

#include <gtest/gtest.h>

#include <random>

namespace chainfs::fs::check {
namespace {

class RecordGroupTest : public ::testing::Test {
 protected:
  static Digest Link(uint8_t value) {
    Digest link;
    link.fill(value);
    return link;
  }
  // Records 0 to count - 1, with the links 1, 2, ...; the tile that knows them if it is asked for.
  RecordGroup Sound(size_t count, bool with_tile) {
    RecordGroup group;
    for (size_t i = 0; i < count; ++i) {
      ledger::Record record;
      record.sequence = Sequence(i);
      if (i > 0) record.previous_link = Link(static_cast<uint8_t>(i));
      group.records.push_back({true, record, Link(static_cast<uint8_t>(i + 1))});
    }
    group.ends_ledger = true;
    for (size_t i = 0; with_tile && i < count; ++i)
      tile_.insert(tile_.end(), 32, static_cast<uint8_t>(i + 1));
    group.tile = tile_;
    return group;
  }
  // The places of those that are not genuine; that each leaf is the right one is checked.
  static std::set<size_t> Altered(const RecordGroup& group, bool newest_is_genuine = true) {
    std::set<size_t> altered;
    const auto judged = JudgeRecords(group, newest_is_genuine);
    for (size_t i = 0; i < judged.size(); ++i) {
      if (!judged[i].genuine) altered.insert(i);
      if (!judged[i].leaf) continue;
      EXPECT_EQ(*judged[i].leaf, Link(static_cast<uint8_t>(i + 1))) << i;
    }
    return altered;
  }
  Bytes tile_;
};

TEST_F(RecordGroupTest, BlamesTheOneWhoseLinkNobodyElseKnows) {
  for (const bool with_tile : {false, true}) {
    tile_.clear();
    RecordGroup group = Sound(6, with_tile);
    EXPECT_EQ(Altered(group), std::set<size_t>{});
    group.records[2].link = Link(77);
    EXPECT_EQ(Altered(group), std::set<size_t>{2});
    group.records[2].record.reset();
    EXPECT_EQ(Altered(group), std::set<size_t>{2});
  }
}

// What record 3 says of record 2 is wrong since record 3 is.
TEST_F(RecordGroupTest, BlamesTheOneThatSaysOtherwiseThanAllOthers) {
  for (const bool with_tile : {false, true}) {
    tile_.clear();
    RecordGroup group = Sound(6, with_tile);
    group.records[3].record->previous_link = Link(77);
    group.records[3].link = Link(78);
    EXPECT_EQ(Altered(group), std::set<size_t>{3});
  }
}

TEST_F(RecordGroupTest, BlamesNoRecordForADamagedTile) {
  RecordGroup group = Sound(6, true);
  tile_[3 * 32] ^= 1;
  EXPECT_EQ(Altered(group), std::set<size_t>{});
}

TEST_F(RecordGroupTest, TakesTheNewestForWhatItIsToldTo) {
  RecordGroup group = Sound(6, false);
  group.records[5].record->previous_link = Link(77);
  group.records[5].link = Link(78);
  EXPECT_EQ(Altered(group, false), std::set<size_t>{5});
  EXPECT_FALSE(JudgeRecords(group, false)[5].leaf);
}

// However many are wrong at once: what passes for genuine has its own link as its leaf, so that
// the root over the leaves shows the rest.
TEST_F(RecordGroupTest, AGenuineRecordAlwaysStandsForItself) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    tile_.clear();
    RecordGroup group = Sound(8, random() % 2 == 0);
    for (int i = 0; i < 4; ++i) {
      StoredRecord& one = group.records[random() % 8];
      if (random() % 3 == 0) one.link = Link(static_cast<uint8_t>(random() % 12));
      if (random() % 3 == 0 && one.record) {
        one.record->previous_link = Link(static_cast<uint8_t>(random() % 12));
      }
      if (random() % 6 == 0) one.record.reset();
      if (!tile_.empty()) tile_[random() % tile_.size()] ^= 1;
    }
    const auto judged = JudgeRecords(group, random() % 2 == 0);
    for (size_t i = 0; i < judged.size(); ++i) {
      if (!judged[i].genuine) continue;
      ASSERT_TRUE(group.records[i].record);
      ASSERT_EQ(judged[i].leaf, group.records[i].link);
    }
  }
}

}  // namespace
}  // namespace chainfs::fs::check
