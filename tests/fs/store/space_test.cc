// SPDX-License-Identifier: GPL-3.0-or-later
// What Reserve holds and what Space says, seen from outside by stat.
#include <sys/stat.h>

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kMiB = 1 << 20;

class SpaceTest : public StoreTest {
 protected:
  uint64_t AllocatedBytes() const {
    struct stat status;
    return ::stat((directory_ / "data.mdb").c_str(), &status) == 0
               ? static_cast<uint64_t>(status.st_blocks) * 512
               : 0;
  }
  uint64_t FileBytes() const { return std::filesystem::file_size(directory_ / "data.mdb"); }
  void Put(uint64_t id, size_t size) {
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.PutObject(ObjectId(id), Blob(id, size)));
    Must(write.Commit());
  }
};

TEST_F(SpaceTest, ReserveTakesBlocksButLeavesTheLength) {
  const uint64_t length = FileBytes();
  EXPECT_GE(store_->Reserve(64 * kMiB), 64 * kMiB);
  EXPECT_GE(AllocatedBytes(), 64 * kMiB);
  EXPECT_EQ(FileBytes(), length);
  EXPECT_GE(store_->Space().reserved_bytes, 64 * kMiB);
}

TEST_F(SpaceTest, ReservationFollowsTheHighWaterMark) {
  ASSERT_GE(store_->Reserve(8 * kMiB), 8 * kMiB);
  for (uint64_t id = 1; id <= 12; ++id) {
    Put(id, 3 * kMiB);
    const SpaceInfo space = store_->Space();
    EXPECT_EQ(space.file_bytes, FileBytes());
    ASSERT_GE(store_->Reserve(8 * kMiB), 8 * kMiB) << id;
    EXPECT_GE(AllocatedBytes(), space.file_bytes + 8 * kMiB) << id;
  }
}

TEST_F(SpaceTest, ReserveHoldsNoMoreThanThereIs) {
  const uint64_t held = store_->Reserve(0);
  EXPECT_LE(held, 64 * kMiB);
  store_->Reserve(64 * kMiB);
  EXPECT_LE(AllocatedBytes(), FileBytes() + 128 * kMiB) << "no more than some slack";
}

TEST_F(SpaceTest, ClosingGivesTheReservationBack) {
  ASSERT_GE(store_->Reserve(64 * kMiB), 64 * kMiB);
  Put(1, 5000);
  store_.reset();
  EXPECT_LT(AllocatedBytes(), 2 * kMiB);
  store_ = Take(Store::Open(directory_.path(), {}));
  EXPECT_TRUE(Same(Take(store_->BeginRead()).FindObject(ObjectId(1)).value(), Blob(1, 5000)));
}

TEST_F(SpaceTest, CountsFreePagesAndReusesThem) {
  for (uint64_t id = 1; id <= 10; ++id) Put(id, kMiB);
  const uint64_t before = store_->Space().free_page_bytes;
  WriteTxn write = Take(store_->BeginWrite());
  for (uint64_t id = 1; id <= 10; ++id) Must(write.DeleteObject(ObjectId(id)));
  Must(write.Commit());
  const SpaceInfo freed = store_->Space();
  EXPECT_GE(freed.free_page_bytes, before + 10 * kMiB);
  EXPECT_LE(freed.free_page_bytes, freed.file_bytes);
  for (uint64_t id = 11; id <= 18; ++id) Put(id, kMiB);
  EXPECT_LE(store_->Space().file_bytes, freed.file_bytes + 2 * kMiB);
  EXPECT_LT(store_->Space().free_page_bytes, freed.free_page_bytes - 6 * kMiB);
}

TEST_F(SpaceTest, TellsTheFilesystemsSize) {
  const SpaceInfo space = store_->Space();
  EXPECT_GT(space.filesystem_total, 0u);
  EXPECT_LE(space.filesystem_free, space.filesystem_total);
}

}  // namespace
}  // namespace chainfs::fs::store
