// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/ledger_export.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "crypto/base/byte_order.h"
#include "fs/store/descriptor.h"
#include "ledger/merkle.h"
#include "tests/fs/history/synthetic_ledger.h"
#include "tests/fs/store/small_disk.h"

namespace chainfs::fs {
namespace {

using store::CodeOf;
using store::Must;
using store::Take;
namespace stdfs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

class LedgerExportTest : public ::testing::Test {
 protected:
  Result<ExportSummary> Export(const std::string& directory) {
    return ExportLedger(ledger_.store(), ledger_.Head(), directory, [](uint64_t, uint64_t) {});
  }
  Result<ExportSummary> Export() { return Export(out_); }

  // Every file below a directory, by its relative path.
  static std::map<std::string, std::string> Files(const std::string& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      files[stdfs::relative(entry.path(), directory)] = ReadFile(entry.path());
    }
    return files;
  }
  static std::vector<std::string> Names(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& [name, content] : Files(directory)) names.push_back(name);
    return names;
  }

  // Reads the log as anybody would: entries, tiles and checkpoint agree with a plain computation.
  static void ExpectWholeLog(const std::string& directory, const StoredHead& head) {
    auto files = Files(directory);
    EXPECT_EQ(files["checkpoint"], head.note);
    const uint64_t size = head.checkpoint.size;
    std::vector<std::vector<Digest>> levels(1);
    for (uint64_t i = 0; i * 256 < size; ++i) {
      const std::string& bundle =
          files[ledger::PathOfEntries(i, ledger::WidthOfTile({0, i}, size))];
      ASSERT_EQ(bundle.size() % 418, 0u);
      for (size_t at = 0; at < bundle.size(); at += 418) {
        const ByteView entry = AsBytes(bundle).subspan(at, 418);
        ASSERT_EQ(GetBE<uint16_t>(entry.data()), 416);
        levels[0].push_back(ledger::LeafHash(entry.subspan(2)));
      }
    }
    ASSERT_EQ(levels[0].size(), size);
    ledger::MerkleHasher tree;
    for (const Digest& leaf : levels[0]) tree.Append(leaf);
    EXPECT_EQ(tree.Root(), head.checkpoint.root);
    for (unsigned level = 0; !levels[level].empty(); ++level) {
      levels.emplace_back();
      for (uint64_t i = 0; i * 256 < levels[level].size(); ++i) {
        const size_t width = ledger::WidthOfTile({level, i}, size);
        std::string hashes;
        ledger::MerkleHasher tile;
        for (size_t j = 0; j < width; ++j) {
          const Digest& hash = levels[level][i * 256 + j];
          hashes.append(hash.begin(), hash.end());
          tile.Append(hash);
        }
        EXPECT_EQ(files[ledger::PathOfTile({level, i}, width)], hashes) << level << " " << i;
        if (width == 256) levels[level + 1].push_back(tile.Root());
      }
    }
  }

  store::TemporaryDirectory directory_, outside_;
  SyntheticLedger ledger_{directory_.path()};
  std::string out_ = outside_ / "a/log";
};

TEST_F(LedgerExportTest, GenesisAlone) {
  EXPECT_EQ(Take(Export()).size, 1u);
  EXPECT_EQ(Names(out_),
            (std::vector<std::string>{"checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"}));
  ExpectWholeLog(out_, ledger_.Head());
}

TEST_F(LedgerExportTest, AroundTheFirstFullTile) {
  for (uint64_t more : {254, 1, 1}) {  // 255, 256, 257 records
    ledger_.Append(more);
    const std::string fresh = outside_ / std::to_string(ledger_.Head().checkpoint.size);
    Take(Export(fresh));
    ExpectWholeLog(fresh, ledger_.Head());
  }
  EXPECT_EQ(
      Names(outside_ / "256"),
      (std::vector<std::string>{"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"}));
}

TEST_F(LedgerExportTest, ALogOfThreeLevels) {
  ledger_.Append(69'999);
  const auto summary = Take(Export());
  EXPECT_EQ(summary.size, 70'000u);
  EXPECT_EQ(summary.files_written, 273 * 2 + 2 + 1 + 1 + 1u);
  ExpectWholeLog(out_, ledger_.Head());
  ledger_.Append(300);
  Take(Export());
  ExpectWholeLog(out_, ledger_.Head());
}

TEST_F(LedgerExportTest, ManySmallStepsGiveWhatOneGives) {
  for (uint64_t more : {3, 251, 1, 1, 300, 0, 211, 1, 700}) {
    ledger_.Append(more);
    Take(Export());
    ExpectWholeLog(out_, ledger_.Head());
  }
  // Partial tiles go when the full one is there.
  Take(Export(outside_ / "fresh"));
  EXPECT_FALSE(stdfs::exists(out_ + "/tile/0/000.p"));
  EXPECT_FALSE(stdfs::exists(out_ + "/tile/entries/000.p"));
  EXPECT_TRUE(stdfs::exists(outside_ / "fresh/tile/0/005.p"));
}

TEST_F(LedgerExportTest, WhatIsThereIsNotWrittenAgain) {
  ledger_.Append(1000);
  Take(Export());
  struct stat before, after;
  ASSERT_EQ(stat((out_ + "/tile/0/001").c_str(), &before), 0);
  EXPECT_EQ(Take(Export()).files_written, 0u);
  ledger_.Append(1000);
  const auto summary = Take(Export());
  EXPECT_EQ(summary.earlier_size, 1001u);
  EXPECT_EQ(summary.files_written, 2 * (7 - 3) + 2 + 1u);  // full tiles 3 to 6, partials, level 1
  ASSERT_EQ(stat((out_ + "/tile/0/001").c_str(), &after), 0);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(LedgerExportTest, WhatWasLostIsWrittenAgain) {
  ledger_.Append(66'000);
  Take(Export());
  for (const char* lost : {"tile/0/001", "tile/entries/002", "tile/1/000", "tile/2/000.p/1"}) {
    stdfs::remove(out_ + "/" + lost);
    EXPECT_GE(Take(Export()).files_written, 1u);
    ExpectWholeLog(out_, ledger_.Head());
  }
  stdfs::resize_file(out_ + "/tile/0/003", 8191);
  Take(Export());
  ExpectWholeLog(out_, ledger_.Head());
}

// An export that was broken off has written tiles, and no checkpoint that covers them.
TEST_F(LedgerExportTest, WhatNoCheckpointCoversIsNotTrusted) {
  ledger_.Append(300);
  Take(Export());
  ledger_.Append(900);
  for (const char* left : {"tile/0/001", "tile/0/002", "tile/0/004.p/177"}) {
    stdfs::create_directories(stdfs::path(out_ + "/" + left).parent_path());
    std::ofstream(out_ + "/" + left) << std::string(left[9] == '4' ? 177 * 32 : 8192, 'x');
  }
  std::ofstream(out_ + "/checkpoint.new") << "half a check";
  Take(Export());
  ExpectWholeLog(out_, ledger_.Head());
  EXPECT_FALSE(stdfs::exists(out_ + "/checkpoint.new"));

  stdfs::remove(out_ + "/checkpoint");
  std::ofstream(out_ + "/tile/0/000") << std::string(8192, 'x');
  Take(Export());
  ExpectWholeLog(out_, ledger_.Head());
}

TEST_F(LedgerExportTest, RefusesADirectoryWithSomethingElse) {
  stdfs::create_directories(out_);
  std::ofstream(out_ + "/letter") << "dear";
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kExists);
  stdfs::remove(out_ + "/letter");
  std::ofstream(out_ + "/checkpoint") << "nobody's";
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kExists);
  stdfs::remove(out_ + "/checkpoint");
  stdfs::create_directory(out_ + "/checkpoint");
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kExists);
  stdfs::remove(out_ + "/checkpoint");
  stdfs::create_symlink("letter", out_ + "/checkpoint");
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kExists);
  stdfs::remove(out_ + "/checkpoint");
  ASSERT_EQ(::mkfifo((out_ + "/checkpoint").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kExists);
  stdfs::remove(out_ + "/checkpoint");
  EXPECT_EQ(Names(out_).size(), 0u);
  std::ofstream(outside_ / "file") << "x";
  EXPECT_EQ(CodeOf(Export(outside_ / "file")), ErrorCode::kNotDirectory);
  EXPECT_EQ(CodeOf(Export(outside_ / "file/log")), ErrorCode::kNotDirectory);
}

TEST_F(LedgerExportTest, RefusesTheLogOfAnotherLedgerANewerAndAForkedOne) {
  ledger_.Append(400);
  store::TemporaryDirectory other, older, forked;
  const auto into_ours = [&](SyntheticLedger& ledger) {
    return CodeOf(ExportLedger(ledger.store(), ledger.Head(), out_, [](uint64_t, uint64_t) {}));
  };
  Take(Export());
  const auto before = Files(out_);
  SyntheticLedger another(other.path(), 2);
  another.Append(500);
  EXPECT_EQ(into_ours(another), ErrorCode::kExists);
  SyntheticLedger old(older.path());
  old.Append(399);
  EXPECT_EQ(into_ours(old), ErrorCode::kRollback);
  SyntheticLedger fork(forked.path());
  fork.Append(300);
  fork.Append(200, [](ledger::Record& record, ledger::CommitLists& lists) {
    ++record.time_ns;
    return ledger::EncodeLists(lists);
  });
  EXPECT_EQ(into_ours(fork), ErrorCode::kFork);
  EXPECT_EQ(Files(out_), before);
}

TEST_F(LedgerExportTest, AnOlderHeadThanTheStoreIsExportedAsItWas) {
  ledger_.Append(300);
  const StoredHead old = ledger_.Head();
  ledger_.Append(300);
  Take(ExportLedger(ledger_.store(), old, out_, [](uint64_t, uint64_t) {}));
  ExpectWholeLog(out_, old);
}

TEST_F(LedgerExportTest, ADamagedLedgerGetsNoCheckpoint) {
  ledger_.Append(700);
  StoredHead wrong = ledger_.Head();
  wrong.checkpoint.root[0] ^= 1;
  EXPECT_EQ(CodeOf(ExportLedger(ledger_.store(), wrong, out_, [](uint64_t, uint64_t) {})),
            ErrorCode::kDamaged);
  EXPECT_FALSE(stdfs::exists(out_ + "/checkpoint"));
  auto txn = Take(ledger_.store().BeginWrite());
  Must(txn.PutTile(ledger::KeyOfTile({1, 0}), Bytes(64, 9)));
  Must(txn.Commit());
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kDamaged);
  EXPECT_FALSE(stdfs::exists(out_ + "/checkpoint"));
}

TEST_F(LedgerExportTest, TwoAtOnceAreRefused) {
  Take(Export());
  store::Descriptor other(::open(out_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kInUse);
}

TEST_F(LedgerExportTest, AFullDiskLeavesTheEarlierLogWhole) {
  store::SmallDisk disk(outside_.path(), "tmpfs");
  if (!disk.Ready())
    GTEST_SKIP() << "SKIPPED: no permission to mount a tmpfs: full disk not tested";
  out_ = disk.path() + "/log";
  ledger_.Append(700);
  Take(Export());
  const StoredHead earlier = ledger_.Head();
  ledger_.Append(10'000);
  disk.LeaveFree(1 << 20);
  EXPECT_EQ(CodeOf(Export()), ErrorCode::kNoSpace);
  ExpectWholeLog(out_, earlier);
  disk.LeaveFree(20 << 20);
  Take(Export());
  ExpectWholeLog(out_, ledger_.Head());
}

TEST_F(LedgerExportTest, TellsHowFarItHasCome) {
  ledger_.Append(999);
  std::vector<uint64_t> steps;
  Take(ExportLedger(ledger_.store(), ledger_.Head(), out_, [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(total, 1000u);
    steps.push_back(done);
  }));
  EXPECT_EQ(steps, (std::vector<uint64_t>{256, 512, 768, 1000}));
}

}  // namespace
}  // namespace chainfs::fs
