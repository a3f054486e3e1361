// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/free_list.h"

#include <fcntl.h>

#include <cstring>
#include <random>

#include "fs/store/environment.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

class FreeListTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    // Short lists within a leaf, and one that needs pages of its own.
    for (uint64_t n = 0; n < 300; ++n) {
      WriteTxn write = Take(store_->BeginWrite());
      for (uint64_t i = 1; i <= 10; ++i) Must(write.PutObject(ObjectId(n * 10 + i), Bytes(5000)));
      if (n % 3 == 0) Must(write.DeleteObject(ObjectId(n * 10 + 1)));
      Must(write.Commit());
    }
    WriteTxn write = Take(store_->BeginWrite());
    for (uint64_t id = 1002; id < 2000; ++id) {
      if (id % 30 != 1) Must(write.DeleteObject(ObjectId(id)));
    }
    Must(write.Commit());
    free_pages_ = store_->Space().free_page_bytes / 4096;
    Reopen({.read_only = true});
    file_ = Descriptor(::open((directory_ / "data.mdb").c_str(), O_RDWR | O_CLOEXEC));
    pages_ = std::filesystem::file_size(directory_ / "data.mdb") / 4096;
  }
  uint64_t NewestTransaction() const {
    uint64_t ids[2];
    for (int meta : {0, 1}) {
      EXPECT_EQ(::pread(file_.get(), &ids[meta], 8, meta * 4096 + 16 + 128), 8);
    }
    return std::max(ids[0], ids[1]);
  }
  Descriptor file_;
  uint64_t free_pages_ = 0, pages_ = 0;
};

TEST_F(FreeListTest, AgreesWithWhatLmdbSays) {
  ASSERT_GT(free_pages_, 1900u);
  const uint64_t newest = NewestTransaction();
  EXPECT_EQ(CountFreePagesFrom(file_.get(), 4096, newest, 0), free_pages_);
  EXPECT_EQ(CountFreePagesFrom(file_.get(), 4096, newest, pages_), 0u);
  EXPECT_LT(CountFreePagesFrom(file_.get(), 4096, newest, pages_ / 2), free_pages_);
}

// A branch page all of whose children are itself: two to the thirty-second walks, or none.
TEST_F(FreeListTest, RefusesATreeThatIsNone) {
  store_.reset();
  const uint64_t newest = NewestTransaction();
  uint64_t root = 0;
  const off_t meta = static_cast<off_t>(newest & 1) * 4096 + 16;
  ASSERT_EQ(::pread(file_.get(), &root, 8, meta + 64), 8);
  Bytes page(4096);
  const uint16_t header[] = {0, 1, 16 + 500 * 2, 4096};
  std::memcpy(page.data(), &root, 8);
  std::memcpy(page.data() + 8, header, 8);
  const uint16_t node_offset = 4000;
  for (int i = 0; i < 500; ++i) std::memcpy(page.data() + 16 + i * 2, &node_offset, 2);
  std::memcpy(page.data() + node_offset, &root, 6);
  ASSERT_EQ(::pwrite(file_.get(), page.data(), 4096, static_cast<off_t>(root) * 4096), 4096);
  EXPECT_FALSE(CountFreePagesFrom(file_.get(), 4096, newest, 0));
}

TEST_F(FreeListTest, RefusesAnotherTransaction) {
  const uint64_t newest = NewestTransaction();
  EXPECT_TRUE(CountFreePagesFrom(file_.get(), 4096, newest, pages_));
  EXPECT_FALSE(CountFreePagesFrom(file_.get(), 4096, newest + 1, pages_));
  EXPECT_FALSE(CountFreePagesFrom(file_.get(), 4096, newest + 2, pages_));
}

// Whatever the bytes are: an answer, and no access outside them (the sanitizers look on).
TEST_F(FreeListTest, SurvivesAnyDamage) {
  store_.reset();
  const uint64_t newest = NewestTransaction();
  std::mt19937_64 random(5);
  uint64_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    // Mostly in headers and nodes of pages that are no blobs: near their beginning or end.
    const uint64_t page = random() % pages_, in_page = random() % 64;
    const off_t at = static_cast<off_t>(page * 4096 + (round % 2 ? in_page : 4095 - in_page));
    uint8_t old = 0, bad = static_cast<uint8_t>(random());
    ASSERT_EQ(::pread(file_.get(), &old, 1, at), 1);
    ASSERT_EQ(::pwrite(file_.get(), &bad, 1, at), 1);
    if (!CountFreePagesFrom(file_.get(), 4096, newest, pages_)) ++refused;
    if (round % 4 == 0) continue;  // some damage adds up
    ASSERT_EQ(::pwrite(file_.get(), &old, 1, at), 1);
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace chainfs::fs::store
