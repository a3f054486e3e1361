// SPDX-License-Identifier: GPL-3.0-or-later
// What is read through the map must not count as this process's memory for ever.
#include <fstream>
#include <numeric>

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kObjects = 1500;
constexpr size_t kObjectBytes = 128 << 10;
constexpr size_t kBound = 80 << 20;  // the limit, what is mapped between two looks, the programs

class ResidentTest : public StoreTest {
 protected:
  static size_t MappedFileBytes() {
    size_t total = 0, resident = 0, files = 0;
    std::ifstream("/proc/self/statm") >> total >> resident >> files;
    return files * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }
  // Touches every byte.
  static size_t Sum(const ReadTxn& txn, uint64_t id) {
    const ByteView blob = txn.FindObject(ObjectId(id)).value();
    return std::accumulate(blob.begin(), blob.end(), size_t{0});
  }
  void Fill() {
    const Bytes blob = Blob(1, kObjectBytes);
    for (uint64_t id = 1; id <= kObjects; id += 50) {
      WriteTxn txn = Take(store_->BeginWrite());
      for (uint64_t i = id; i < id + 50; ++i) Must(txn.PutObject(ObjectId(i), blob));
      Must(txn.Commit());
    }
  }
};

TEST_F(ResidentTest, ReadingAStoreManyTimesTheLimitStaysWithinIt) {
  Fill();
  size_t most = 0, sum = 0;
  ReadTxn txn = Take(store_->BeginRead());
  for (uint64_t id = 1; id <= kObjects; ++id) {
    sum += Sum(txn, id);
    most = std::max(most, MappedFileBytes());
  }
  EXPECT_GT(sum, 0u);
  EXPECT_LT(most, kBound);
}

// A commit may have looked at any page: LMDB's own reads are not ours to count.
TEST_F(ResidentTest, ACommitBringsItBackWithinTheLimit) {
  Fill();
  {
    ReadTxn txn = Take(store_->BeginRead());
    size_t sum = 0;
    for (uint64_t id = 1; id <= kObjects; ++id) sum += Sum(txn, id);
    EXPECT_GT(sum, 0u);
  }
  WriteTxn txn = Take(store_->BeginWrite());
  Must(txn.PutMeta("a", {}));
  Must(txn.Commit());
  EXPECT_LE(MappedFileBytes(), size_t{40} << 20);
}

}  // namespace
}  // namespace chainfs::fs::store
