// SPDX-License-Identifier: GPL-3.0-or-later
// Readers beside the writer, which deletes: every reader sees one commit's state, whole.
#include <atomic>
#include <thread>

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kLiveObjects = 64;
constexpr uint64_t kCommits = 400;

size_t SizeOf(uint64_t id) { return 50 + id * 7919 % 9000; }

class StoreConcurrencyTest : public StoreTest {
 protected:
  void Commit(uint64_t n) {
    WriteTxn write = Take(store_->BeginWrite());
    for (uint64_t id = n * 8 + 1; id <= n * 8 + 8; ++id) {
      Must(write.PutObject(ObjectId(id), Blob(id, SizeOf(id))));
      if (id > kLiveObjects) Must(write.DeleteObject(ObjectId(id - kLiveObjects)));
    }
    Must(write.PutRecord(Sequence(n), Blob(n, 416)));
    Must(write.Commit());
  }
  // False if what the transaction shows is not exactly the state after its newest record.
  static bool IsOneCommitsState(const ReadTxn& read) {
    const uint64_t head = read.NewestRecord().value().value;
    const uint64_t newest_id = head * 8 + 8;
    const uint64_t oldest_id = newest_id > kLiveObjects ? newest_id - kLiveObjects + 1 : 1;
    if (read.CountObjects() != newest_id - oldest_id + 1) return false;
    for (uint64_t id = oldest_id; id <= newest_id; ++id) {
      auto blob = read.FindObject(ObjectId(id));
      if (!blob || !Same(*blob, Blob(id, SizeOf(id)))) return false;
    }
    return !read.FindObject(ObjectId(oldest_id - 1)) && !read.FindObject(ObjectId(newest_id + 1));
  }
};

TEST_F(StoreConcurrencyTest, FourReadersAndAWriterThatDeletes) {
  Commit(0);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> looks{0}, wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&, i] {
      std::optional<ReadTxn> kept;
      for (uint64_t n = 0; !done; ++n) {
        ReadTxn read = Take(store_->BeginRead());
        if (!IsOneCommitsState(read)) ++wrong;
        // An old snapshot stays whole while newer ones come and go.
        if (i == 0 && n % 8 == 0) kept.emplace(std::move(read));
        if (kept && !IsOneCommitsState(*kept)) ++wrong;
        ++looks;
        store_->Space();
      }
    });
  }
  for (uint64_t n = 1; n <= kCommits; ++n) {
    Commit(n);
    store_->Reserve(1 << 20);
  }
  while (looks < 100) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
}

TEST_F(StoreConcurrencyTest, ReadTransactionsMayEndOnOtherThreads) {
  Commit(0);
  for (int round = 0; round < 50; ++round) {
    std::vector<ReadTxn> begun;
    for (int i = 0; i < 20; ++i) begun.push_back(Take(store_->BeginRead()));
    std::thread other([moved = std::move(begun)] {
      for (const ReadTxn& read : moved) EXPECT_TRUE(IsOneCommitsState(read));
    });
    other.join();
  }
}

// The pages of deleted objects come back once nobody looks at them: the file does not grow.
TEST_F(StoreConcurrencyTest, FinishedReadersDoNotHoldPages) {
  for (uint64_t n = 0; n < 100; ++n) {
    Commit(n);
    ASSERT_TRUE(IsOneCommitsState(Take(store_->BeginRead())));
  }
  const uint64_t before = store_->Space().file_bytes;
  for (uint64_t n = 100; n < 400; ++n) {
    Commit(n);
    ASSERT_TRUE(IsOneCommitsState(Take(store_->BeginRead())));
  }
  EXPECT_LT(store_->Space().file_bytes, before * 2);
}

}  // namespace
}  // namespace chainfs::fs::store
