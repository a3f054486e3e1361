// SPDX-License-Identifier: GPL-3.0-or-later
// A device that fails under the store: never mistaken for a full one, never retried.
#include "tests/fs/store/small_disk.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

class IoErrorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    disk_.emplace(directory_.path(), "ext4");
    if (!disk_->Ready()) {
      GTEST_SKIP() << "SKIPPED, NOT TESTED: cannot mount a small ext4 (needs root)";
    }
    vault_ = disk_->path() + "/vault";
    std::filesystem::create_directory(vault_);
    store_ = Take(Store::Open(vault_, {.create = true}));
  }
  void TearDown() override {
    store_.reset();
    disk_.reset();
  }
  Result<void> TryCommit(uint64_t id) {
    Result<WriteTxn> write = store_->BeginWrite();
    if (!write) return write.error();
    Must(write->PutObject(ObjectId(id), Blob(id, 20000)));
    return write->Commit();
  }
  bool Has(uint64_t id) {
    ReadTxn read = Take(store_->BeginRead());
    auto blob = read.FindObject(ObjectId(id));
    return blob && Same(*blob, Blob(id, 20000));
  }

  TemporaryDirectory directory_;
  std::optional<SmallDisk> disk_;
  std::string vault_;
  std::unique_ptr<Store> store_;
};

TEST_F(IoErrorTest, TurnsTheStoreReadOnlyUntilItIsReopened) {
  Must(TryCommit(1));
  Must(TryCommit(2));
  ASSERT_TRUE(disk_->Break());
  EXPECT_EQ(CodeOf(TryCommit(3)), ErrorCode::kIo);
  EXPECT_EQ(CodeOf(TryCommit(3)), ErrorCode::kIo) << "must not be tried again";
  Result<WriteTxn> refused = store_->BeginWrite();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("until the vault is opened again"), std::string::npos);
  EXPECT_TRUE(Has(1) && Has(2)) << "reading goes on";
  EXPECT_FALSE(Has(3));
  store_.reset();
  ASSERT_TRUE(disk_->Remount());
  store_ = Take(Store::Open(vault_, {}));
  EXPECT_TRUE(Has(1) && Has(2));
  EXPECT_FALSE(Has(3));
  Must(TryCommit(3));
  EXPECT_TRUE(Has(3));
}

TEST_F(IoErrorTest, IsNotTakenForAFullDiskWhenTheDiskIsNearlyFull) {
  Must(TryCommit(1));
  disk_->LeaveFree(8192);
  ASSERT_TRUE(disk_->Break());
  EXPECT_EQ(CodeOf(TryCommit(2)), ErrorCode::kIo);
}

}  // namespace
}  // namespace chainfs::fs::store
