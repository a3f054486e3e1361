// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/store.h"

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr ObjectId kA{10}, kB{11}, kC{12};

TEST_F(StoreTest, FindsNothingInANewStore) {
  ReadTxn read = Take(store_->BeginRead());
  EXPECT_FALSE(read.FindObject(kA));
  EXPECT_FALSE(read.FindRecord(Sequence(0)));
  EXPECT_FALSE(read.FindLists(Sequence(0)));
  EXPECT_FALSE(read.FindMeta("name"));
  EXPECT_FALSE(read.NewestRecord());
  EXPECT_EQ(read.CountObjects(), 0u);
}

TEST_F(StoreTest, KeepsWhatWasCommittedAcrossReopening) {
  WriteTxn write = Take(store_->BeginWrite());
  for (size_t size : {1, 100, 2000, 4080, 4081, 4112, 131088}) {
    Must(write.PutObject(ObjectId(size), Blob(size, size)));
  }
  Must(write.PutRecord(Sequence(0), Blob(1, 416)));
  Must(write.PutLists(Sequence(0), Blob(2, 5000)));
  Must(write.PutMeta("format", Blob(3, 4)));
  Must(write.Commit());
  for (StoreOptions options : {StoreOptions{}, StoreOptions{.read_only = true}}) {
    Reopen(options);
    ReadTxn read = Take(store_->BeginRead());
    for (size_t size : {1, 100, 2000, 4080, 4081, 4112, 131088}) {
      auto found = read.FindObject(ObjectId(size));
      ASSERT_TRUE(found) << size;
      EXPECT_TRUE(Same(*found, Blob(size, size))) << size;
    }
    EXPECT_TRUE(Same(read.FindRecord(Sequence(0)).value(), Blob(1, 416)));
    EXPECT_TRUE(Same(read.FindLists(Sequence(0)).value(), Blob(2, 5000)));
    EXPECT_TRUE(Same(read.FindMeta("format").value(), Blob(3, 4)));
    EXPECT_EQ(read.NewestRecord(), Sequence(0));
    EXPECT_EQ(read.CountObjects(), 7u);
  }
}

TEST_F(StoreTest, AReaderKeepsItsSnapshot) {
  WriteTxn first = Take(store_->BeginWrite());
  Must(first.PutObject(kA, Blob(1, 5000)));
  Must(first.Commit());
  ReadTxn before = Take(store_->BeginRead());
  ByteView seen = before.FindObject(kA).value();
  WriteTxn second = Take(store_->BeginWrite());
  Must(second.DeleteObject(kA));
  Must(second.PutObject(kB, Blob(2, 5000)));
  EXPECT_FALSE(before.FindObject(kB));
  Must(second.Commit());
  for (uint64_t i = 0; i < 20; ++i) {  // pages of A must not be reused meanwhile
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.PutObject(ObjectId(100 + i), Blob(i, 5000)));
    Must(write.Commit());
  }
  EXPECT_TRUE(Same(seen, Blob(1, 5000)));
  EXPECT_FALSE(before.FindObject(kB));
  ReadTxn after = Take(store_->BeginRead());
  EXPECT_FALSE(after.FindObject(kA));
  EXPECT_TRUE(Same(after.FindObject(kB).value(), Blob(2, 5000)));
}

TEST_F(StoreTest, AnAbandonedWriteLeavesNothing) {
  {
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.PutObject(kA, Blob(1, 100)));
  }
  WriteTxn moved_from = Take(store_->BeginWrite());
  {
    WriteTxn moved_to = std::move(moved_from);
    Must(moved_to.PutObject(kB, Blob(1, 100)));
  }
  ReadTxn read = Take(store_->BeginRead());
  EXPECT_EQ(read.CountObjects(), 0u);
}

TEST_F(StoreTest, RefusesAnIdThatIsThereAndGoesOn) {
  WriteTxn write = Take(store_->BeginWrite());
  Must(write.PutObject(kA, Blob(1, 100)));
  EXPECT_EQ(CodeOf(write.PutObject(kA, Blob(2, 100))), ErrorCode::kExists);
  Must(write.PutRecord(Sequence(0), Blob(3, 100)));
  EXPECT_EQ(CodeOf(write.PutRecord(Sequence(0), Blob(4, 100))), ErrorCode::kExists);
  Must(write.PutLists(Sequence(0), Blob(3, 100)));
  EXPECT_EQ(CodeOf(write.PutLists(Sequence(0), Blob(4, 100))), ErrorCode::kExists);
  EXPECT_EQ(CodeOf(write.DeleteObject(kC)), ErrorCode::kNotFound);
  Must(write.Commit());
  ReadTxn read = Take(store_->BeginRead());
  EXPECT_TRUE(Same(read.FindObject(kA).value(), Blob(1, 100)));
  EXPECT_TRUE(Same(read.FindRecord(Sequence(0)).value(), Blob(3, 100)));
}

TEST_F(StoreTest, AcceptsIdsOutOfOrder) {
  WriteTxn write = Take(store_->BeginWrite());
  for (uint64_t id : {5, 3, 9, 1, 7}) Must(write.PutObject(ObjectId(id), Blob(id, 300)));
  Must(write.Commit());
  ReadTxn read = Take(store_->BeginRead());
  std::vector<uint64_t> ids;
  read.ForEachObject(ObjectId(0), [&](ObjectId id, ByteView blob) {
    EXPECT_TRUE(Same(blob, Blob(id.value, 300)));
    ids.push_back(id.value);
    return true;
  });
  EXPECT_EQ(ids, (std::vector<uint64_t>{1, 3, 5, 7, 9}));
}

TEST_F(StoreTest, VisitsInNumericOrderFromTheFirstAskedFor) {
  const std::vector<uint64_t> all = {1, 255, 256, 65535, 1ull << 32, ~0ull - 1};
  WriteTxn write = Take(store_->BeginWrite());
  for (uint64_t id : all) Must(write.PutObject(ObjectId(id), Blob(id, 10)));
  Must(write.Commit());
  ReadTxn read = Take(store_->BeginRead());
  std::vector<uint64_t> ids;
  read.ForEachObject(ObjectId(2), [&](ObjectId id, ByteView) {
    ids.push_back(id.value);
    return ids.size() < 3;
  });
  EXPECT_EQ(ids, (std::vector<uint64_t>{255, 256, 65535}));
}

TEST_F(StoreTest, VisitsTheEntriesOfATableFromAKeyOn) {
  WriteTxn write = Take(store_->BeginWrite());
  for (uint64_t n : {1, 2, 300}) Must(write.PutLists(Sequence(n), Blob(n, 20)));
  Must(write.PutMeta("a name", Blob(9, 9)));
  Must(write.Commit());
  const ReadTxn read = Take(store_->BeginRead());
  const auto keys = [&](Table table, Bytes first, size_t most) {
    std::vector<Bytes> found;
    Must(read.ForEachEntry(table, first, [&](ByteView key, ByteView) {
      found.emplace_back(key.begin(), key.end());
      return found.size() < most;
    }));
    return found;
  };
  const Bytes one = {0, 0, 0, 0, 0, 0, 0, 1}, two = {0, 0, 0, 0, 0, 0, 0, 2},
              last = {0, 0, 0, 0, 0, 0, 1, 44}, between = {0, 0, 0, 0, 0, 0, 0, 1, 0};
  EXPECT_EQ(keys(Table::kLists, {}, 9), (std::vector<Bytes>{one, two, last}));
  EXPECT_EQ(keys(Table::kLists, two, 9), (std::vector<Bytes>{two, last}));
  EXPECT_EQ(keys(Table::kLists, between, 1), (std::vector<Bytes>{two}));
  EXPECT_EQ(keys(Table::kLists, Bytes(8, 0xff), 9), std::vector<Bytes>{});
  EXPECT_EQ(keys(Table::kRecords, {}, 9), std::vector<Bytes>{});
  EXPECT_EQ(keys(Table::kMeta, {}, 9), (std::vector<Bytes>{{'a', ' ', 'n', 'a', 'm', 'e'}}));
  EXPECT_EQ(read.CountEntries(Table::kLists), 3u);
  EXPECT_EQ(read.LastObject(), std::nullopt);
}

TEST_F(StoreTest, KnowsTheNamesOfItsTables) {
  const ReadTxn read = Take(store_->BeginRead());
  std::vector<std::string> names;
  Must(read.ForEachTable([&](std::string_view name) {
    names.emplace_back(name);
    return true;
  }));
  EXPECT_EQ(names, (std::vector<std::string>{"lists", "meta", "objects", "records", "tiles"}));
}

TEST_F(StoreTest, NewestRecordIsTheHighestSequence) {
  for (uint64_t n = 0; n < 300; ++n) {
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.PutRecord(Sequence(n), Blob(n, 416)));
    Must(write.Commit());
    ReadTxn read = Take(store_->BeginRead());
    ASSERT_EQ(read.NewestRecord(), Sequence(n));
  }
}

TEST_F(StoreTest, MetaValuesAreReplaced) {
  for (uint64_t n = 0; n < 3; ++n) {
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.PutMeta("head", Blob(n, 50 + n)));
    Must(write.Commit());
  }
  ReadTxn read = Take(store_->BeginRead());
  EXPECT_TRUE(Same(read.FindMeta("head").value(), Blob(2, 52)));
}

TEST_F(StoreTest, ManyReadersAtOnce) {
  WriteTxn write = Take(store_->BeginWrite());
  Must(write.PutObject(kA, Blob(1, 100)));
  Must(write.Commit());
  for (int round = 0; round < 3; ++round) {
    std::vector<ReadTxn> readers;
    for (int i = 0; i < 1000; ++i) readers.push_back(Take(store_->BeginRead()));
    for (ReadTxn& read : readers) ASSERT_TRUE(read.FindObject(kA));
  }
}

}  // namespace
}  // namespace chainfs::fs::store
