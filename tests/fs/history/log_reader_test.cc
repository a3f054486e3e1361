// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/log_reader.h"

#include "tests/fs/history/synthetic_ledger.h"

namespace chainfs::fs {
namespace {

using store::CodeOf;
using store::Must;
using store::Take;

class LogReaderTest : public ::testing::Test {
 protected:
  // All of it, in batches of `most`, until the end or an error.
  std::vector<LogEntry> ReadAll(size_t most, uint64_t first = 0) {
    LogReader reader(ledger_.store(), ledger_.Head().checkpoint, Sequence(first));
    std::vector<LogEntry> all;
    for (;;) {
      auto batch = reader.Next(most);
      failure_ = CodeOf(batch);
      if (!batch || batch->empty()) return all;
      EXPECT_LE(batch->size(), most);
      all.insert(all.end(), batch->begin(), batch->end());
    }
  }
  void ExpectDownTo(const std::vector<LogEntry>& entries, uint64_t newest, uint64_t first) {
    ASSERT_EQ(entries.size(), newest + 1 - first);
    for (const LogEntry& entry : entries) EXPECT_EQ(entry.record.sequence.value, newest--);
  }

  store::TemporaryDirectory directory_;
  SyntheticLedger ledger_{directory_.path()};
  std::optional<ErrorCode> failure_;
};

TEST_F(LogReaderTest, GivesEachRecordOnceNewestFirst) {
  ledger_.Append(599);
  for (size_t most : {1, 7, 256, 100000}) {
    ExpectDownTo(ReadAll(std::min(most, LogReader::kMaxBatch)), 599, 0);
    EXPECT_FALSE(failure_);
  }
}

TEST_F(LogReaderTest, AsksForNoMoreThanABatchAtATime) {
  ledger_.Append(599);
  LogReader reader(ledger_.store(), ledger_.Head().checkpoint, Sequence(0));
  EXPECT_EQ(Take(reader.Next(100000)).size(), LogReader::kMaxBatch);
}

TEST_F(LogReaderTest, GivesOnlyWhatIsNew) {
  ledger_.Append(299);
  ExpectDownTo(ReadAll(64, 250), 299, 250);
  ExpectDownTo(ReadAll(64, 299), 299, 299);
  EXPECT_TRUE(ReadAll(64, 300).empty());
  EXPECT_FALSE(failure_);
}

TEST_F(LogReaderTest, AddsUpTheLists) {
  ledger_.Append(6);
  const auto entries = ReadAll(256);
  const LogEntry& fifth = entries[1];  // bears two, and two of record 2 die
  ASSERT_EQ(fifth.record.birth_count, 2u);
  ASSERT_TRUE(fifth.bytes);
  const uint64_t id = fifth.record.next_id.value;
  EXPECT_EQ(fifth.bytes->births, SyntheticLedger::BirthOf(id - 4).sealed_bytes +
                                     SyntheticLedger::BirthOf(id - 2).sealed_bytes);
  EXPECT_EQ(fifth.record.death_count, 2u);
  EXPECT_EQ(fifth.bytes->deaths,
            SyntheticLedger::BirthOf(3).sealed_bytes + SyntheticLedger::BirthOf(5).sealed_bytes);
  EXPECT_EQ(fifth.bytes->reaps, 0u);
}

TEST_F(LogReaderTest, ListsThatAreGoneOrWrongHaveNoBytes) {
  ledger_.Append(1, [](auto&, auto&) { return Bytes(); });
  ledger_.Append(1, [](auto&, auto&) { return Bytes{1, 2, 3}; });
  ledger_.Append(1, [](auto&, ledger::CommitLists& lists) {
    lists.births.push_back(SyntheticLedger::BirthOf(1000));
    return ledger::EncodeLists({});
  });
  const auto entries = ReadAll(256);
  ExpectDownTo(entries, 3, 0);
  for (size_t i = 0; i < 3; ++i) EXPECT_FALSE(entries[i].bytes);
  EXPECT_TRUE(entries[3].bytes);
}

TEST_F(LogReaderTest, TellsWhereTheHeaderChanged) {
  const auto with_header = [](uint8_t n) {
    return [n](ledger::Record& record, ledger::CommitLists& lists) {
      record.header_digest.fill(n);
      return ledger::EncodeLists(lists);
    };
  };
  ledger_.Append(2, with_header(7));  // the first after genesis, which has none, is no change
  ledger_.Append(2, with_header(8));
  std::vector<bool> changed;
  for (const LogEntry& entry : ReadAll(1)) changed.push_back(entry.header_changed);
  EXPECT_EQ(changed, (std::vector<bool>{false, true, false, false, false}));
}

TEST_F(LogReaderTest, KeepsToTheHeadWhileTheLedgerGrows) {
  ledger_.Append(299);
  LogReader reader(ledger_.store(), ledger_.Head().checkpoint, Sequence(0));
  EXPECT_EQ(Take(reader.Next(10)).front().record.sequence.value, 299u);
  ledger_.Append(300);
  EXPECT_EQ(Take(reader.Next(10)).front().record.sequence.value, 289u);
}

TEST_F(LogReaderTest, StopsAtARecordThatTheNextOneDoesNotContinue) {
  ledger_.Append(9);
  ledger_.Append(1, [](ledger::Record& record, ledger::CommitLists& lists) {
    record.previous_link[0] ^= 1;
    return ledger::EncodeLists(lists);
  });
  ledger_.Append(9);
  for (size_t most : {1, 256}) {
    ExpectDownTo(ReadAll(most), 19, 10);
    EXPECT_EQ(failure_, ErrorCode::kDamaged);
  }
  ExpectDownTo(ReadAll(256, 10), 19, 10);
  EXPECT_FALSE(failure_) << "nobody asked for what is damaged";
}

TEST_F(LogReaderTest, ShowsNothingOfALedgerThatIsNotTheHeads) {
  ledger_.Append(299);
  StoredHead head = ledger_.Head();
  head.checkpoint.root[5] ^= 1;
  LogReader reader(ledger_.store(), head.checkpoint, Sequence(0));
  EXPECT_EQ(CodeOf(reader.Next(10)), ErrorCode::kDamaged);
}

TEST_F(LogReaderTest, AnOlderHeadThanTheStoreIsFine) {
  ledger_.Append(70);
  const ledger::Checkpoint old = ledger_.Head().checkpoint;
  ledger_.Append(1000);
  LogReader reader(ledger_.store(), old, Sequence(0));
  ExpectDownTo(Take(reader.Next(256)), 70, 0);
}

class StoredHeadTest : public LogReaderTest {
 protected:
  std::optional<ErrorCode> Read() {
    auto txn = Take(ledger_.store().BeginRead());
    return CodeOf(ReadStoredHead(txn));
  }
  void PutHead(std::string_view note) {
    auto txn = Take(ledger_.store().BeginWrite());
    Must(txn.PutMeta(kCheckpointMeta, AsBytes(note)));
    Must(txn.Commit());
  }
};

TEST_F(StoredHeadTest, IsWhatIsStoredUnderTheKeyInGenesis) {
  ledger_.Append(10);
  const StoredHead head = ledger_.Head();
  EXPECT_EQ(head.checkpoint.size, 11u);
  EXPECT_EQ(head.key.name, head.checkpoint.origin);
  auto txn = Take(ledger_.store().BeginRead());
  EXPECT_TRUE(store::Same(*txn.FindMeta(kCheckpointMeta), AsBytes(head.note)));
  EXPECT_EQ(ledger::LinkOf(*txn.FindRecord(Sequence(0))), head.genesis_link);
}

TEST_F(StoredHeadTest, EveryChangedByteOfItIsDamage) {
  const std::string sound = ledger_.Head().note;
  for (size_t at = 0; at < sound.size(); ++at) {
    std::string bad = sound;
    bad[at] ^= 1;
    PutHead(bad);
    EXPECT_EQ(Read(), ErrorCode::kDamaged) << at;
  }
  PutHead("");
  EXPECT_EQ(Read(), ErrorCode::kDamaged);
  PutHead(sound + std::string(kMaxCheckpointBytes, 'x'));
  EXPECT_EQ(Read(), ErrorCode::kDamaged);
  PutHead(sound);
  EXPECT_EQ(Read(), std::nullopt);
}

TEST_F(StoredHeadTest, OfAnotherVolumeIsDamage) {
  store::TemporaryDirectory directory;
  PutHead(SyntheticLedger(directory.path(), 2).Head().note);
  EXPECT_EQ(Read(), ErrorCode::kDamaged);
}

TEST_F(StoredHeadTest, AnEmptyStoreHasNone) {
  store::TemporaryDirectory directory;
  auto empty = Take(store::Store::Open(directory.path(), {.create = true}));
  auto txn = Take(empty->BeginRead());
  EXPECT_EQ(CodeOf(ReadStoredHead(txn)), ErrorCode::kDamaged);
}

}  // namespace
}  // namespace chainfs::fs
