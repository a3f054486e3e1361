// SPDX-License-Identifier: GPL-3.0-or-later
// A writer that is killed at random: what is there afterwards is exactly one commit's state.
#include <poll.h>

#include <random>

#include "crypto/base/byte_order.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kObjectsPerCommit = 5;
constexpr uint64_t kKeptCommits = 20;

uint64_t FirstId(uint64_t n) { return n * kObjectsPerCommit + 1; }
size_t SizeOf(uint64_t id) { return 100 + id * 7919 % 20000; }

// Commit n puts its objects, its record and list, and deletes the objects of n - kKeptCommits.
void CommitNumber(Store& store, uint64_t n) {
  WriteTxn write = Take(store.BeginWrite());
  for (uint64_t i = 0; i < kObjectsPerCommit; ++i) {
    const uint64_t id = FirstId(n) + i;
    Must(write.PutObject(ObjectId(id), Blob(id, SizeOf(id))));
    if (n >= kKeptCommits) Must(write.DeleteObject(ObjectId(FirstId(n - kKeptCommits) + i)));
  }
  Must(write.PutRecord(Sequence(n), Blob(n, 416)));
  Must(write.PutLists(Sequence(n), Blob(n, 700)));
  Must(write.PutMeta("head", Blob(n, 8)));
  Must(write.Commit());
}

// Is the store exactly as after commit n?
void ExpectStateAfter(const ReadTxn& read, uint64_t n) {
  for (uint64_t i = 0; i <= n; ++i) {
    ASSERT_TRUE(Same(read.FindRecord(Sequence(i)).value_or(ByteView()), Blob(i, 416))) << i;
    ASSERT_TRUE(Same(read.FindLists(Sequence(i)).value_or(ByteView()), Blob(i, 700))) << i;
  }
  EXPECT_FALSE(read.FindLists(Sequence(n + 1)));
  EXPECT_TRUE(Same(read.FindMeta("head").value_or(ByteView()), Blob(n, 8)));
  uint64_t next = n < kKeptCommits ? FirstId(0) : FirstId(n - kKeptCommits + 1);
  read.ForEachObject(ObjectId(0), [&](ObjectId id, ByteView blob) {
    EXPECT_EQ(id.value, next++);
    EXPECT_TRUE(Same(blob, Blob(id.value, SizeOf(id.value)))) << id.value;
    return true;
  });
  EXPECT_EQ(next, FirstId(n + 1));
}

TEST(StoreCrashTest, AfterAKillTheStoreIsAtExactlyOneCommit) {
  TemporaryDirectory directory;
  Take(Store::Open(directory.path(), {.create = true})).reset();
  std::mt19937_64 random(20240607);
  uint64_t next = 0, last_seen = 0;
  for (int round = 0; round < 30; ++round) {
    ChildProcess writer([&](int report) {
      auto store = Take(Store::Open(directory.path(), {}));
      for (uint64_t n = next;; ++n) {
        CommitNumber(*store, n);
        ChildProcess::Send(report, n);
      }
      return true;
    });
    // Some commits, and then a random moment of the next one.
    uint64_t durable = 0;
    for (uint64_t commits = 1 + random() % 10; commits > 0; --commits) {
      ASSERT_TRUE(writer.Receive(durable));
    }
    const timespec moment{0, static_cast<long>(random() % 2000000)};
    ::ppoll(nullptr, 0, &moment, nullptr);
    writer.Kill();
    while (writer.Receive(durable)) {
    }

    auto store = Take(Store::Open(directory.path(), {}));
    ReadTxn read = Take(store->BeginRead());
    ASSERT_TRUE(read.NewestRecord());
    const uint64_t head = read.NewestRecord()->value;
    EXPECT_TRUE(head == durable || head == durable + 1) << head << " after " << durable;
    ExpectStateAfter(read, head);
    if (HasFatalFailure()) return;
    next = head + 1;
    last_seen = head;
  }
  EXPECT_GT(last_seen, 60u);
}

}  // namespace
}  // namespace chainfs::fs::store
