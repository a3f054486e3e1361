// SPDX-License-Identifier: GPL-3.0-or-later
// Finding an object brings its pages into memory, and only those; following ones come ahead.
#include <sys/mman.h>

#include <chrono>
#include <thread>

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr size_t kSize = 131088;
constexpr size_t kPages = 33;  // that such a blob touches

class PrefetchTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    WriteTxn write = Take(store_->BeginWrite());
    for (uint64_t id = 1; id <= 200; ++id) Must(write.PutObject(ObjectId(id), Blob(id, kSize)));
    Must(write.Commit());
    ReopenCold();
  }
  // Of the pages from the blob's first on, how many are in memory.
  static size_t Resident(ByteView blob, size_t pages = kPages) {
    const uintptr_t start = reinterpret_cast<uintptr_t>(blob.data()) & ~uintptr_t{4095};
    std::vector<unsigned char> in_memory(pages);
    if (::mincore(reinterpret_cast<void*>(start), pages * 4096, in_memory.data()) != 0) return 0;
    return static_cast<size_t>(std::count_if(in_memory.begin(), in_memory.end(),
                                             [](unsigned char page) { return page & 1; }));
  }
  static bool BecomesResident(ByteView blob, size_t pages = kPages) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (Resident(blob, pages) < pages) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
};

TEST_F(PrefetchTest, FindingAnObjectRequestsAllOfIt) {
  ReadTxn read = Take(store_->BeginRead());
  ByteView blob = read.FindObject(ObjectId(100)).value();
  EXPECT_TRUE(BecomesResident(blob)) << Resident(blob) << " pages, untouched";
}

TEST_F(PrefetchTest, FindingTheNextObjectRequestsWhatFollows) {
  ReadTxn read = Take(store_->BeginRead());
  read.FindObject(ObjectId(100));
  ByteView next = read.FindObject(ObjectId(101)).value();
  EXPECT_TRUE(BecomesResident(next, 3 * kPages)) << Resident(next, 3 * kPages);
}

TEST_F(PrefetchTest, FindingObjectsHereAndThereRequestsNoMore) {
  ReadTxn read = Take(store_->BeginRead());
  ByteView far = read.FindObject(ObjectId(10)).value();
  ByteView blob = read.FindObject(ObjectId(150)).value();
  ASSERT_TRUE(BecomesResident(far));
  ASSERT_TRUE(BecomesResident(blob));
  if (Resident(far, 10 * kPages) == 10 * kPages) {
    GTEST_SKIP() << "SKIPPED: this filesystem keeps its files in memory";
  }
  EXPECT_LT(Resident(far, 10 * kPages), 2 * kPages);
  EXPECT_LT(Resident(blob, 10 * kPages), 2 * kPages);
}

}  // namespace
}  // namespace chainfs::fs::store
