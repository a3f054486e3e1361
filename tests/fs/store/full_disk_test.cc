// SPDX-License-Identifier: GPL-3.0-or-later
// A store on a small filesystem that fills up: kNoSpace, and the same bytes go in once there is
// room. Each test runs on tmpfs and on ext4 in a loop device; as root only.
#include "fs/store/page_walk.h"
#include "tests/fs/store/small_disk.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kMiB = 1 << 20;

class FullDiskTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    disk_.emplace(directory_.path(), GetParam());
    if (!disk_->Ready()) {
      GTEST_SKIP() << "SKIPPED, NOT TESTED: cannot mount a small " << GetParam() << " (needs root)";
    }
    vault_ = disk_->path() + "/vault";
    std::filesystem::create_directory(vault_);
    store_ = Take(Store::Open(vault_, {.create = true}));
  }
  void TearDown() override {
    store_.reset();
    disk_.reset();
  }
  // Commit n: 20 objects and a record. The same bytes each time it is tried.
  Result<void> TryCommit(uint64_t n) {
    Result<WriteTxn> write = store_->BeginWrite();
    if (!write) return write.error();
    Result<void> put;
    for (uint64_t id = n * 20 + 1; id <= n * 20 + 20 && put; ++id) {
      put = write->PutObject(ObjectId(id), Blob(id, 20000));
    }
    if (put) put = write->PutRecord(Sequence(n), Blob(n, 416));
    Result<void> committed = write->Commit();
    EXPECT_TRUE(put || CodeOf(committed) == CodeOf(put));
    return committed;
  }
  void ExpectAllUpTo(uint64_t n) {
    ReadTxn read = Take(store_->BeginRead());
    EXPECT_EQ(read.NewestRecord(), Sequence(n));
    EXPECT_EQ(read.CountObjects(), (n + 1) * 20);
    for (uint64_t id = 1; id <= n * 20 + 20; ++id) {
      ASSERT_TRUE(Same(read.FindObject(ObjectId(id)).value_or(ByteView()), Blob(id, 20000))) << id;
    }
  }

  TemporaryDirectory directory_;
  std::optional<SmallDisk> disk_;
  std::string vault_;
  std::unique_ptr<Store> store_;
};

TEST_P(FullDiskTest, LosesNothingAndGoesOnWithTheSameBytes) {
  disk_->LeaveFree(4 * kMiB);
  uint64_t n = 0;
  while (TryCommit(n)) ++n;
  ASSERT_GT(n, 2u);
  for (int again = 0; again < 5; ++again) {
    EXPECT_EQ(CodeOf(TryCommit(n)), ErrorCode::kNoSpace);
    ExpectAllUpTo(n - 1);
  }
  disk_->LeaveFree(12 * kMiB);
  for (uint64_t end = n + 10; n < end; ++n) Must(TryCommit(n));
  ExpectAllUpTo(n - 1);
  store_.reset();
  store_ = Take(Store::Open(vault_, {}));
  ExpectAllUpTo(n - 1);
}

// However little room is left, at whichever page LMDB's write is cut short: never kIo.
TEST_P(FullDiskTest, EveryShortageIsNoSpaceAndNeverAnIoError) {
  Must(TryCommit(0));
  uint64_t n = 1, refused = 0;
  for (uint64_t left = 0; left <= 400 * 1024; left += 12 * 1024) {
    disk_->LeaveFree(left);
    Result<void> result = TryCommit(n);
    if (result) {
      ++n;  // what failed commits had written makes room for a later one
      continue;
    }
    ++refused;
    ASSERT_EQ(result.error().code, ErrorCode::kNoSpace) << left << ": " << result.error().message;
    ExpectAllUpTo(n - 1);
  }
  EXPECT_GT(refused, 5u);
  disk_->LeaveFree(4 * kMiB);
  Must(TryCommit(n));
  ExpectAllUpTo(n);
}

TEST_P(FullDiskTest, ReservedSpaceIsThereWhenTheDiskIsFull) {
  ASSERT_GE(store_->Reserve(6 * kMiB), 6 * kMiB);
  disk_->LeaveFree(0);
  for (uint64_t n = 0; n < 10; ++n) Must(TryCommit(n));  // 20 objects of 5 pages: 400 KiB each
  ExpectAllUpTo(9);
}

TEST_P(FullDiskTest, ReserveHoldsWhatThereIsAndSaysSo) {
  disk_->LeaveFree(5 * kMiB);
  const uint64_t held = store_->Reserve(100 * kMiB);
  EXPECT_LT(held, 6 * kMiB);
  EXPECT_GT(held, 3 * kMiB);
  EXPECT_EQ(store_->Space().reserved_bytes, held);
  disk_->LeaveFree(0);
  for (uint64_t n = 0; n * 450 * 1024 + kMiB < held; ++n) Must(TryCommit(n));
}

// LMDB writes its lock file through a map: without room for it that would be a SIGBUS.
TEST_P(FullDiskTest, ACopyWithoutRoomForItsLockFileCanBeReadOnly) {
  ASSERT_TRUE(TryCommit(0));
  store_.reset();
  const std::string copy = disk_->path() + "/copy";
  std::filesystem::create_directory(copy);
  std::filesystem::copy_file(vault_ + "/data.mdb", copy + "/data.mdb");
  disk_->LeaveFree(0);
  EXPECT_EQ(CodeOf(Store::Open(copy, {})), ErrorCode::kNoSpace);
  const Result<PageReport> pages = WalkPagesInChild(copy, {});
  ASSERT_TRUE(pages);
  EXPECT_TRUE(pages->safe_to_open);
  EXPECT_TRUE(pages->findings.empty());
  store_ = Take(Store::Open(copy, {.read_only = true}));
  ExpectAllUpTo(0);
}

TEST_P(FullDiskTest, AnyNumberOfReadersHaveRoomInTheLockFile) {
  ASSERT_TRUE(TryCommit(0));
  disk_->LeaveFree(0);
  std::vector<ReadTxn> readers;
  for (int i = 0; i < 500; ++i) readers.push_back(Take(store_->BeginRead()));
  EXPECT_EQ(readers.back().NewestRecord(), Sequence(0));
}

INSTANTIATE_TEST_SUITE_P(Filesystems, FullDiskTest, ::testing::Values("tmpfs", "ext4"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace chainfs::fs::store
