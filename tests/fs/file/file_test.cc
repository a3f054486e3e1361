// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include "fs/file/block_range.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

TEST_F(FileTest, ReadsBackWhatWasWrittenBeforeAndAfterTheCommit) {
  Open();
  MakeFile();
  const Bytes data = Pattern(3 * kRegionBytes + 1234, 1);
  Write(0, data);
  EXPECT_EQ(Read(0, data.size() + 100), data);
  Sync();
  EXPECT_EQ(Read(0, data.size() + 100), data);
  Reopen();
  EXPECT_EQ(Read(0, data.size() + 100), data);
}

TEST_F(FileTest, SmallFilesLiveInTheirInode) {
  Open();
  MakeFile();
  Write(0, Pattern(kMaxInlineBytes, 1));
  EXPECT_EQ(Inode().flags & kInlineData, kInlineData);
  EXPECT_EQ(Inode().blocks, 0u);
  Write(kMaxInlineBytes, {1});
  EXPECT_EQ(Inode().flags & kInlineData, 0u);
  EXPECT_EQ(Inode().blocks, 1u);
  Bytes expected = Pattern(kMaxInlineBytes, 1);
  expected.push_back(1);
  EXPECT_EQ(Read(0, 5000), expected);
}

TEST_F(FileTest, LeavingInlineFarAwayKeepsTheContent) {
  Open();
  MakeFile();
  Write(0, Pattern(100, 1));
  Write(kRegionBytes * 5 + 10, Pattern(10, 2));
  EXPECT_EQ(Read(0, 100), Pattern(100, 1));
  EXPECT_EQ(Read(100, 1000), Bytes(1000));
  EXPECT_EQ(Read(kRegionBytes * 5 + 10, 100), Pattern(10, 2));
}

TEST_F(FileTest, HolesAreZerosAndCostNothing) {
  Open();
  MakeFile();
  Truncate(kMaxFileSize);
  Write(kMaxFileSize - 5, Pattern(5, 1));
  EXPECT_EQ(Inode().blocks, 1u);
  EXPECT_EQ(Read(kMaxFileSize - 5, 10), Pattern(5, 1));
  EXPECT_EQ(Read(1ull << 40, 100), Bytes(100));
  EXPECT_EQ(fs::Write(*core_, kFile, kMaxFileSize, Bytes(1), false).error().code,
            ErrorCode::kFileTooBig);
  Reopen();
  EXPECT_EQ(Read(kMaxFileSize - 5, 10), Pattern(5, 1));
}

TEST_F(FileTest, WhatWasTruncatedAwayStaysZeroWhenTheFileGrowsAgain) {
  Open();
  MakeFile();
  Write(0, Pattern(10000, 1));
  Sync();
  Truncate(5000);
  Truncate(10000);
  Bytes expected = Pattern(10000, 1);
  std::fill(expected.begin() + 5000, expected.end(), uint8_t{0});
  EXPECT_EQ(Read(0, 20000), expected);
}

TEST_F(FileTest, TruncationToZeroLeavesNoExtents) {
  Open();
  MakeFile();
  Write(0, Pattern(600 * 4096, 1));
  Sync();
  const uint64_t before = core_->engine->status().live_objects;
  Truncate(0);
  EXPECT_EQ(Inode().blocks, 0u);
  Sync();
  EXPECT_LT(core_->engine->status().live_objects, before);
  ReadView view(*core_);
  auto cursor = view.Seek(Key(kFile, ItemKind::kExtent, 0));
  ASSERT_TRUE(cursor);
  EXPECT_FALSE(cursor->IsAt(kFile, ItemKind::kExtent));
}

TEST_F(FileTest, OverwritingRandomBlocksIsMergedAndStaysReadable) {
  Open();
  MakeFile();
  Bytes model = Pattern(kRegionBytes, 1);
  Write(0, model);
  for (size_t i = 0; i < 100; ++i) {
    const size_t at = i * 7 % kRegionBlocks * kBlockBytes;
    const Bytes data = Pattern(kBlockBytes, i);
    std::copy(data.begin(), data.end(), model.begin() + static_cast<ptrdiff_t>(at));
    Write(at, data);
    Sync();
  }
  EXPECT_EQ(Read(0, model.size()), model);
  EXPECT_EQ(Inode().blocks, kRegionBlocks);
}

TEST_F(FileTest, SeekFindsDataAndHolesToTheBlock) {
  Open();
  MakeFile();
  Truncate(10 * kRegionBytes);
  Write(3 * kBlockBytes, Bytes(kBlockBytes, 1));
  Write(5 * kRegionBytes, Bytes(2 * kBlockBytes, 1));
  const auto seek = [&](uint64_t from, SeekKind kind) {
    return *fs::Seek(*core_, kFile, from, kind);
  };
  EXPECT_EQ(seek(0, SeekKind::kHole), 0u);
  EXPECT_EQ(seek(0, SeekKind::kData), 3 * kBlockBytes);
  EXPECT_EQ(seek(3 * kBlockBytes + 7, SeekKind::kData), 3 * kBlockBytes + 7);
  EXPECT_EQ(seek(3 * kBlockBytes, SeekKind::kHole), 4 * kBlockBytes);
  EXPECT_EQ(seek(4 * kBlockBytes, SeekKind::kData), 5 * kRegionBytes);
  EXPECT_EQ(seek(5 * kRegionBytes, SeekKind::kHole), 5 * kRegionBytes + 2 * kBlockBytes);
  EXPECT_EQ(fs::Seek(*core_, kFile, 6 * kRegionBytes, SeekKind::kData).error().code,
            ErrorCode::kNoSeekTarget);
  EXPECT_EQ(fs::Seek(*core_, kFile, 10 * kRegionBytes, SeekKind::kHole).error().code,
            ErrorCode::kNoSeekTarget);
}

TEST_F(FileTest, SeekFindsTheEndOfDataThatTakesManySteps) {
  Open();
  MakeFile();
  constexpr uint64_t kRegions = 3 * kRegionsPerStep + 1;
  const Bytes data(kRegionBytes, 1);
  for (uint64_t i = 0; i < kRegions; ++i) Write(i * kRegionBytes, data);
  const uint64_t end = kRegions * kRegionBytes;
  EXPECT_EQ(*fs::Seek(*core_, kFile, 5, SeekKind::kHole), end);
  ASSERT_TRUE(fs::PunchHole(*core_, kFile, end - kRegionBytes, kBlockBytes));
  EXPECT_EQ(*fs::Seek(*core_, kFile, 5, SeekKind::kHole), end - kRegionBytes);
  EXPECT_EQ(*fs::Seek(*core_, kFile, end - kRegionBytes, SeekKind::kData),
            end - kRegionBytes + kBlockBytes);
}

TEST_F(FileTest, WritesClearSetIdBitsWhenTold) {
  Open();
  MakeFile();
  auto inode = Inode();
  inode.mode = 0106755;
  {
    auto change = Begin();
    ASSERT_TRUE(StoreInode(change, kFile, inode));
  }
  Write(0, {1});
  EXPECT_EQ(Inode().mode, 0106755u);
  ASSERT_TRUE(fs::Write(*core_, kFile, 0, Bytes(1), true));
  EXPECT_EQ(Inode().mode, 0100755u);
}

TEST_F(FileTest, CopyRangeCopiesBetweenFilesAndRefusesOverlap) {
  Open();
  MakeFile();
  MakeFile(InodeNumber(6));
  const Bytes data = Pattern(300000, 3);
  Write(0, data);
  EXPECT_EQ(*fs::CopyRange(*core_, kFile, 1000, InodeNumber(6), 7, 400000), 299000u);
  Bytes copy(299000);
  EXPECT_EQ(*fs::Read(*core_, InodeNumber(6), 7, copy), copy.size());
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), data.begin() + 1000));
  EXPECT_EQ(fs::CopyRange(*core_, kFile, 0, kFile, 10, 100).error().code, ErrorCode::kInvalid);
}

TEST_F(FileTest, TimesAreTheCallersIfItKeepsThem) {
  for (const bool kept : {false, true}) {
    options_.caller_keeps_times = kept;
    Open();
    MakeFile();
    const auto expect = [&](const char* what) {
      EXPECT_EQ(Inode().mtime == Timestamp(), kept) << what;
      EXPECT_EQ(Inode().ctime == Timestamp(), kept) << what;
      MakeFile();
    };
    Write(0, Bytes(300'000, 1));
    expect("write");
    Truncate(1'000'000);
    expect("growing");
    Write(0, Bytes(300'000, 1));
    Truncate(200'000);
    expect("shrinking");
    Truncate(0);
    expect("the same size");
    ASSERT_TRUE(fs::Allocate(*core_, kFile, 0, 100'000, false));
    expect("allocation");
    Close();
  }
}

TEST_F(FileTest, DamageIsAnErrorNotWrongBytes) {
  Open();
  MakeFile();
  Write(0, Pattern(kRegionBytes, 1));
  Sync();
  const ObjectId piece = NewestPieceOf(0);
  Damage(piece);
  Bytes out(kRegionBytes);
  const auto read = fs::Read(*core_, kFile, 0, out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kDamaged);
}

// Each block of a piece has its own seal.
TEST_F(FileTest, DamageIsOfOneBlockAndTheOthersAreRead) {
  Open();
  MakeFile();
  const Bytes content = Pattern(kRegionBytes, 1);
  Write(0, content);
  Sync();
  const ObjectId piece = NewestPieceOf(0);
  Damage(piece);  // in the middle
  for (size_t block = 0; block < kRegionBlocks; ++block) {
    Bytes out(kBlockBytes);
    const auto read = fs::Read(*core_, kFile, block * kBlockBytes, out);
    if (block == kRegionBlocks / 2) {
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().code, ErrorCode::kDamaged);
      EXPECT_EQ(out, Bytes(kBlockBytes));
    } else {
      ASSERT_TRUE(read) << block;
      EXPECT_TRUE(
          std::ranges::equal(out, ByteView(content).subspan(block * kBlockBytes, kBlockBytes)));
    }
  }
}

TEST_F(FileTest, DamageSaysWhichBytesWhicheverOfThemAreRead) {
  Open();
  MakeFile();
  Write(kRegionBytes, Pattern(3 * kBlockBytes, 1));
  Write(kRegionBytes + 9 * kBlockBytes, Pattern(kBlockBytes, 2));
  Sync();
  const ObjectId piece = NewestPieceOf(1);
  Damage(piece, 100);
  Damage(piece, 2 * kSealedChunkBytes);
  Damage(piece, 3 * kSealedChunkBytes);
  for (const size_t block : {0, 2, 9}) {
    Bytes out(100);
    const auto read = fs::Read(*core_, kFile, kRegionBytes + block * kBlockBytes + 5, out);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "damaged: bytes 131072-135167,139264-143359,167936-172031");
  }
  EXPECT_EQ(Read(kRegionBytes + kBlockBytes, kBlockBytes).size(), kBlockBytes);
  EXPECT_EQ(Read(kRegionBytes + 4 * kBlockBytes, kBlockBytes), Bytes(kBlockBytes));  // a hole
}

class FileRandomTest : public FileTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(FileRandomTest, EqualsAByteArray) {
  std::mt19937_64 random(GetParam());
  options_.cache_bytes = 4 << 20;
  Open();
  MakeFile();
  Bytes model;
  const size_t most = GetParam() % 2 == 0 ? 3 * kRegionBytes : 6000;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t offset = random() % most;
    const size_t bytes = 1 + random() % (random() % 4 == 0 ? most / 2 : 5000);
    switch (random() % 12) {
      case 0: {
        model.resize(offset);
        Truncate(offset);
        break;
      }
      case 1:
      case 2: {
        const auto zeroed = random() % 2 ? fs::PunchHole(*core_, kFile, offset, bytes)
                                         : fs::ZeroRange(*core_, kFile, offset, bytes, true);
        ASSERT_TRUE(zeroed) << static_cast<int>(zeroed.error().code);
        for (size_t at = offset; at < std::min(offset + bytes, model.size()); ++at) model[at] = 0;
        break;
      }
      case 3: {
        ASSERT_TRUE(fs::ZeroRange(*core_, kFile, offset, bytes, false));
        model.resize(std::max(model.size(), offset + bytes));
        for (size_t at = offset; at < offset + bytes; ++at) model[at] = 0;
        break;
      }
      case 4:
        Sync();
        break;
      case 5:
        if (random() % 10 == 0) Reopen();
        break;
      default: {
        const Bytes data = Pattern(bytes, random());
        Write(offset, data);
        model.resize(std::max(model.size(), offset + bytes));
        std::copy(data.begin(), data.end(), model.begin() + static_cast<ptrdiff_t>(offset));
      }
    }
    if (random() % 5 == 0) {
      const size_t at = random() % most;
      const size_t want = random() % most;
      const Bytes expected(
          model.begin() + static_cast<ptrdiff_t>(std::min(at, model.size())),
          model.begin() + static_cast<ptrdiff_t>(std::min(at + want, model.size())));
      ASSERT_EQ(Read(at, want), expected) << "step " << i;
    }
  }
  ASSERT_EQ(Inode().size, model.size());
  ASSERT_EQ(Read(0, most * 2), model);
}
INSTANTIATE_TEST_SUITE_P(Seeds, FileRandomTest, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace chainfs::fs
