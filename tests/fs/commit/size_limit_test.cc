// SPDX-License-Identifier: GPL-3.0-or-later
// The size that a volume may grow to: refused at the write, nothing lost, and room again at once
// when something goes.
#include <atomic>
#include <random>
#include <thread>

#include "fs/commit/size_limit.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kLimit = 8 * kMiB;

class SizeLimitTest : public VolumeTest {
 protected:
  void SetUp() override {
    VolumeTest::SetUp();
    ASSERT_TRUE(volume_->SetSizeLimit(kLimit));
  }

  InodeNumber Make(const std::string& name) {
    auto made = volume_->MakeNode(kRootInode, name, {0100644, 0, 0, 0, 0});
    EXPECT_TRUE(made);
    if (!made) return InodeNumber(0);
    volume_->Forget(made->inode, 1);
    return made->inode;
  }
  static Bytes Pattern(size_t size, uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    return bytes;
  }
  ErrorCode Write(InodeNumber file, uint64_t offset, size_t size) {
    const auto written = volume_->Write(file, offset, Pattern(size, offset));
    return written ? ErrorCode{} : written.error().code;
  }
  // In pieces of `step` bytes. How far it came.
  uint64_t FillUntilRefused(InodeNumber file, size_t step) {
    for (uint64_t at = 0;; at += step) {
      const auto written = volume_->Write(file, at, Pattern(step, at));
      if (written) continue;
      EXPECT_EQ(written.error().code, ErrorCode::kNoSpace);
      return at;
    }
  }
  void ExpectContent(InodeNumber file, uint64_t size, size_t step) {
    for (uint64_t at = 0; at < size; at += step) {
      Bytes out(step);
      auto read = volume_->Read(file, at, out);
      ASSERT_TRUE(read);
      ASSERT_EQ(out, Pattern(step, at)) << at;
    }
  }
  void ExpectWithinLimit(uint64_t limit = kLimit) {
    ASSERT_TRUE(volume_->Sync());
    EXPECT_LE(volume_->Status().live_bytes, limit);
    EXPECT_EQ(volume_->Status().live_bytes, volume_->Status().limited_bytes)
        << "what counts against the limit is what the ledger says is live";
  }
};

TEST_F(SizeLimitTest, AWriteBeyondItIsRefusedAndLosesNothing) {
  for (const size_t step : {size_t{4096}, size_t{kMiB}}) {
    const InodeNumber file = Make("f");
    const uint64_t written = FillUntilRefused(file, step);
    EXPECT_GT(written, kLimit - 2 * kMiB) << step;
    ExpectWithinLimit();
    Reopen();
    ExpectContent(file, written, step);
    EXPECT_EQ(volume_->Write(file, written, Pattern(kMiB, 1)).error().code, ErrorCode::kNoSpace);
    ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  }
}

TEST_F(SizeLimitTest, WhatIsRemovedIsRoomAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const InodeNumber file = Make("f");
    EXPECT_GT(FillUntilRefused(file, 32 * 1024), kLimit - kMiB) << "round " << round;
    EXPECT_FALSE(volume_->SetXattr(file, "user.big", std::string(60000, 'x'), XattrMode::kAny));
    AttributeChange chmod;
    chmod.mode = 0600;
    EXPECT_TRUE(volume_->SetAttributes(file, chmod)) << "changes nothing of the size";
    ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  }
}

TEST_F(SizeLimitTest, ATruncationAndAHoleAreRoomAtOnce) {
  const InodeNumber file = Make("f");
  const uint64_t full = FillUntilRefused(file, kMiB);
  AttributeChange shorter;
  shorter.size = kMiB;
  ASSERT_TRUE(volume_->SetAttributes(file, shorter));
  EXPECT_EQ(FillUntilRefused(file, kMiB), full);
  ASSERT_TRUE(volume_->PunchHole(file, 0, 4 * kMiB));
  EXPECT_EQ(Write(Make("g"), 0, 2 * kMiB), ErrorCode{});
  ExpectWithinLimit();
}

TEST_F(SizeLimitTest, ManySmallFilesAreRefusedToo) {
  uint64_t made = 0;
  for (;; ++made) {
    auto file = volume_->MakeNode(kRootInode, std::to_string(made), {0100644, 0, 0, 0, 0});
    if (!file) {
      EXPECT_EQ(file.error().code, ErrorCode::kNoSpace);
      break;
    }
    volume_->Forget(file->inode, 1);
    if (Write(file->inode, 0, 1000) != ErrorCode{}) break;
    ASSERT_LT(made, 100000u);
  }
  EXPECT_GT(made, 2000u);
  ExpectWithinLimit();
  for (uint64_t i = 0; i < made; ++i) {
    ASSERT_TRUE(volume_->Unlink(kRootInode, std::to_string(i))) << i;
  }
  ExpectWithinLimit(kLimit / 8);
}

TEST_F(SizeLimitTest, SeveralWritersStayWithinItTogether) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    const InodeNumber file = Make("f" + std::to_string(i));
    writers.emplace_back([=, this] { FillUntilRefused(file, kMiB / 2); });
  }
  for (auto& writer : writers) writer.join();
  ExpectWithinLimit();
}

TEST_F(SizeLimitTest, AReservationCountsAndIsKept) {
  const InodeNumber file = Make("f"), other = Make("g");
  EXPECT_EQ(volume_->Allocate(file, 0, kLimit, false).error().code, ErrorCode::kNoSpace);
  ASSERT_TRUE(volume_->Allocate(file, 0, kLimit / 2, false));
  const uint64_t beside = FillUntilRefused(other, 4096);
  EXPECT_LE(beside, kLimit / 2);
  for (uint64_t at = 0; at < kLimit / 2; at += kMiB) {
    EXPECT_EQ(Write(file, at, kMiB), ErrorCode{}) << at;
  }
  ExpectWithinLimit();
}

TEST_F(SizeLimitTest, StatisticsShowIt) {
  auto before = volume_->Statistics();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->total_bytes, kLimit);
  EXPECT_GT(before->free_bytes, kLimit - kMiB);
  EXPECT_EQ(Write(Make("f"), 0, 2 * kMiB), ErrorCode{});
  auto after = volume_->Statistics();
  EXPECT_LE(after->free_bytes, before->free_bytes - 2 * kMiB);
  EXPECT_GT(after->free_bytes, before->free_bytes - 2 * kMiB - 128 * 1024);
  // What is shown as free can be written, but for a little.
  const uint64_t fits = after->free_bytes / 4096 * 4096 - 64 * 1024;
  EXPECT_EQ(Write(Make("g"), 0, fits), ErrorCode{});
}

TEST_F(SizeLimitTest, ItCanBeRaisedWhenTheVolumeIsFullAndIsKept) {
  const InodeNumber file = Make("f");
  const uint64_t full = FillUntilRefused(file, kMiB);
  ASSERT_TRUE(volume_->SetSizeLimit(2 * kLimit));
  EXPECT_EQ(Write(file, full, kMiB), ErrorCode{});
  Reopen();
  EXPECT_EQ(volume_->Status().size_limit_bytes, 2 * kLimit);
  // Less than there is: nothing is lost, and nothing more gets in.
  ASSERT_TRUE(volume_->SetSizeLimit(kMinSizeLimit));
  ExpectContent(file, full, kMiB);
  EXPECT_EQ(Write(file, full + kMiB, 4096), ErrorCode::kNoSpace);
  EXPECT_EQ(volume_->Statistics()->free_bytes, 0u);
  ASSERT_TRUE(volume_->SetSizeLimit(std::nullopt));
  EXPECT_EQ(Write(file, full + kMiB, 2 * kLimit), ErrorCode{});
  Reopen();
  EXPECT_EQ(volume_->Status().size_limit_bytes, std::nullopt);
}

TEST_F(SizeLimitTest, ASizeThatCannotBeIsRefused) {
  for (const uint64_t size : {uint64_t{0}, kMinSizeLimit - 1, kMaxSizeLimit + 1}) {
    EXPECT_EQ(volume_->SetSizeLimit(size).error().code, ErrorCode::kInvalid) << size;
  }
  EXPECT_EQ(volume_->Status().size_limit_bytes, kLimit);
}

TEST_F(SizeLimitTest, AReadOnlyVolumeShowsItAndTakesNoOther) {
  options_.read_only = true;
  Reopen();
  EXPECT_EQ(volume_->Statistics()->total_bytes, kLimit);
  EXPECT_EQ(volume_->SetSizeLimit(2 * kLimit).error().code, ErrorCode::kReadOnly);
}

}  // namespace
}  // namespace chainfs::fs
