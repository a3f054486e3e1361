// SPDX-License-Identifier: GPL-3.0-or-later
// Reads that do not wait for the disk, but say what they miss.
#include <sys/statfs.h>
#include <unistd.h>

#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr size_t kSize = 131088;
constexpr long kTmpfs = 0x01021994;

class MissingTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    struct statfs filesystem {};
    ASSERT_EQ(::statfs(directory_.path().c_str(), &filesystem), 0);
    if (filesystem.f_type == kTmpfs) {
      GTEST_SKIP() << "SKIPPED: " << directory_.path() << " is in memory";
    }
    WriteTxn write = Take(store_->BeginWrite());
    for (uint64_t id = 1; id <= 20; ++id) Must(write.PutObject(ObjectId(id), Blob(id, kSize)));
    Must(write.Commit());
    ReopenCold();
  }
  Result<void> Read(uint64_t id, size_t begin, DiskRange* missing) {
    return Take(store_->BeginRead()).ReadObject(ObjectId(id), kSize, begin, out_, missing);
  }
  Bytes Expected(uint64_t id, size_t begin) const {
    const Bytes blob = Blob(id, kSize);
    return Bytes(blob.begin() + begin, blob.begin() + begin + out_.size());
  }

  Bytes out_ = Bytes(9000);
};

TEST_F(MissingTest, SaysWhichBytesOfTheFile) {
  DiskRange missing;
  ASSERT_EQ(CodeOf(Read(11, 50000, &missing)), ErrorCode::kWouldWait);
  ASSERT_LE(missing.bytes, out_.size());
  // A part may have been there.
  const size_t there = out_.size() - missing.bytes;
  Bytes content(missing.bytes);
  ASSERT_EQ(
      ::pread(missing.file, content.data(), content.size(), static_cast<off_t>(missing.offset)),
      static_cast<ssize_t>(content.size()));
  const Bytes expected = Expected(11, 50000);
  EXPECT_TRUE(std::equal(content.begin(), content.end(), expected.begin() + there));
  // And now it is.
  ASSERT_EQ(CodeOf(Read(11, 50000, &missing)), std::nullopt);
  EXPECT_EQ(out_, expected);
}

TEST_F(MissingTest, WithoutARangeItWaits) {
  ASSERT_EQ(CodeOf(Read(5, 0, nullptr)), std::nullopt);
  EXPECT_EQ(out_, Expected(5, 0));
}

// Asking is enough: the kernel has begun to read.
TEST_F(MissingTest, ComesByItself) {
  DiskRange missing;
  ASSERT_EQ(CodeOf(Read(17, 100000, &missing)), ErrorCode::kWouldWait);
  for (int i = 0; i < 10000 && !Read(17, 100000, &missing); ++i) ::usleep(1000);
  ASSERT_EQ(CodeOf(Read(17, 100000, &missing)), std::nullopt);
  EXPECT_EQ(out_, Expected(17, 100000));
}

}  // namespace
}  // namespace chainfs::fs::store
