// SPDX-License-Identifier: GPL-3.0-or-later
// Sound files have no finding, and the walk counts what LMDB counts.
#include <lmdb.h>

#include "fs/store/lmdb_handles.h"
#include "fs/store/page_set.h"
#include "tests/fs/store/page_fixture.h"

namespace chainfs::fs::store {
namespace {

class PageWalkTest : public PageTest {};

PageReport WalkFile(const std::string& path, const PageWalkOptions& options = {}) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return WalkPages(file.get(), options);
}

void ExpectClean(const PageReport& report) {
  EXPECT_TRUE(report.safe_to_open);
  EXPECT_TRUE(report.stable);
  EXPECT_EQ(report.leaked, 0u);
  EXPECT_EQ(report.reachable + report.free, report.pages);
  for (const PageFinding& finding : report.findings) {
    ADD_FAILURE() << "page " << finding.page << " " << finding.what;
  }
}

TEST_F(PageWalkTest, CountsWhatLmdbCounts) {
  TemporaryDirectory directory;
  WriteFile(directory / "data.mdb", bytes_);
  const PageReport report = WalkFile(directory / "data.mdb");
  ExpectClean(report);
  EXPECT_EQ(report.transaction, Transaction());
  EXPECT_EQ(report.page_bytes, kTestPage);
  EXPECT_GT(report.overflow_runs, 500u);
  EXPECT_EQ(report.headers_checked, report.overflow_runs);

  MDB_env* env = nullptr;
  ASSERT_EQ(mdb_env_create(&env), 0);
  EnvironmentHandle environment(env);
  ASSERT_EQ(mdb_env_set_maxdbs(env, 16), 0);
  ASSERT_EQ(mdb_env_open(env, directory.path().c_str(), MDB_RDONLY, 0), 0);
  MDB_txn* begun = nullptr;
  ASSERT_EQ(mdb_txn_begin(env, nullptr, MDB_RDONLY, &begun), 0);
  TransactionHandle txn(begun);
  EXPECT_EQ(report.tables.size(), 7u);  // ours, the names, the free list
  for (const PageTable& table : report.tables) {
    MDB_dbi dbi = table.name == "(free list)" ? 0 : 1;
    if (table.name[0] != '(') {
      ASSERT_EQ(mdb_dbi_open(txn.get(), table.name.c_str(), 0, &dbi), 0);
    }
    MDB_stat said;
    ASSERT_EQ(mdb_stat(txn.get(), dbi, &said), 0);
    EXPECT_EQ(table.depth, said.ms_depth) << table.name;
    EXPECT_EQ(table.branch_pages, said.ms_branch_pages) << table.name;
    EXPECT_EQ(table.leaf_pages, said.ms_leaf_pages) << table.name;
    EXPECT_EQ(table.overflow_pages, said.ms_overflow_pages) << table.name;
    EXPECT_EQ(table.entries, said.ms_entries) << table.name;
    EXPECT_TRUE(table.name != "objects" || table.depth == 3);
    EXPECT_TRUE(table.name != "(free list)" || table.overflow_pages > 0);
  }
  txn.reset();
  auto store = Take(Store::Open(directory.path(), {.read_only = true}));
  EXPECT_EQ(report.free * kTestPage, store->Space().free_page_bytes);
}

TEST_F(PageWalkTest, IsCleanAfterEachOfManyCommits) {
  TemporaryDirectory directory;
  auto store = Take(Store::Open(directory.path(), {.create = true}));
  ExpectClean(WalkFile(directory / "data.mdb"));
  RandomLoad load(3);
  std::mt19937_64 random(3);
  for (int i = 0; i < 300; ++i) {
    const bool emptied = i % 100 == 99;
    load.Commit(*store, random() % 80, emptied ? 100000 : random() % 80);
    ExpectClean(WalkFile(directory / "data.mdb"));
    if (HasFailure()) FAIL() << "after commit " << i;
  }
}

TEST_F(PageWalkTest, IsCleanWhereValuesShrinkWithinATransaction) {
  TemporaryDirectory directory;
  auto store = Take(Store::Open(directory.path(), {.create = true}));
  WriteTxn write = Take(store->BeginWrite());
  Must(write.PutMeta("shrinks", Bytes(50000)));
  Must(write.PutMeta("shrinks", Bytes(30000)));
  Must(write.Commit());
  ExpectClean(WalkFile(directory / "data.mdb"));
}

TEST_F(PageWalkTest, TellsHowFarItIs) {
  std::vector<PageProgress> seen;
  Walk({.progress = [&](const PageProgress& at) { seen.push_back(at); }});
  ASSERT_GT(seen.size(), 500u);
  uint64_t index = 0, headers = 0;
  for (const PageProgress& at : seen) {
    uint64_t& done = at.phase == PagePhase::kIndex ? index : headers;
    EXPECT_EQ(at.done, done++);
    EXPECT_LE(at.page, LastPage());
  }
  EXPECT_EQ(seen.back().phase, PagePhase::kOverflowHeaders);
  EXPECT_EQ(seen.back().expected, headers);
}

TEST_F(PageWalkTest, LeavesOutTheHeadersIfAskedTo) {
  uint64_t leaf = Root("objects");
  while (IsBranch(leaf)) leaf = Child(leaf, 0);
  const uint64_t first = Get<uint64_t>(leaf, Data(leaf, NodeElsewhere(leaf)));
  Set<uint32_t>(first, 12, 1000);
  const PageReport report = Walk({.overflow_headers = false});
  ExpectClean(report);
  EXPECT_EQ(report.headers_checked, 0u);
  EXPECT_FALSE(Walk().safe_to_open);
}

TEST_F(PageWalkTest, SaysSoIfItHasTooLittleMemory) {
  EXPECT_EQ(Text(Walk({.max_memory_bytes = 0})),
            Fatal(0, "the walk needs more memory than it may take"));
}

TEST_F(PageWalkTest, AStubOrAForeignFileIsNoDatabase) {
  const std::string no =
      Fatal(0, "no meta page can be read: this is no database of LMDB's, or a stub of one");
  for (size_t length : {size_t{0}, size_t{1}, size_t{152}, size_t{4096}}) {
    bytes_.resize(length);
    EXPECT_EQ(Findings(), no) << length;
    bytes_ = sound_;
  }
  bytes_.assign(100000, 0);
  EXPECT_EQ(Findings(), no);
  bytes_.assign(100000, 0xff);
  EXPECT_EQ(Findings(), no);
}

// LMDB does not write pages that were taken and given back in one transaction.
TEST_F(PageWalkTest, FreePagesMayLieBehindTheEndOfTheFile) {
  TemporaryDirectory directory;
  auto store = Take(Store::Open(directory.path(), {.create = true}));
  for (uint64_t id : {1, 2}) {
    WriteTxn write = Take(store->BeginWrite());
    Must(write.PutObject(ObjectId(id), Blob(id, 400000)));
    Must(write.Commit());
  }
  for (uint64_t id : {1, 2}) {  // the first one's pages serve the commit of the second
    WriteTxn write = Take(store->BeginWrite());
    Must(write.DeleteObject(ObjectId(id)));
    Must(write.Commit());
  }
  store.reset();
  bytes_ = ReadFile(directory / "data.mdb");
  const uint64_t whole = bytes_.size();
  ExpectClean(Walk());
  bytes_.resize(whole - 10 * kTestPage);
  const PageReport report = Walk();
  ExpectClean(report);
  EXPECT_EQ(report.pages, whole / kTestPage);
}

TEST(PageSetTest, KeepsWhatWasMarkedFirst) {
  PageSet set(1 << 20);
  EXPECT_EQ(set.Mark(7, PageUse::kUsed), PageUse::kNone);
  EXPECT_EQ(set.Mark(7, PageUse::kFree), PageUse::kUsed);
  EXPECT_EQ(set.Mark(1ull << 40, PageUse::kFree), PageUse::kNone);
  EXPECT_EQ(set.Mark(1ull << 40, PageUse::kUsed), PageUse::kFree);
  EXPECT_EQ(set.used(), 1u);
  EXPECT_EQ(set.free(), 1u);
}

TEST(PageSetTest, FindsTheFirstUnmarkedPage) {
  PageSet set(1 << 20);
  for (uint64_t page = 2; page < 200000; ++page) {
    set.Mark(page, page % 3 ? PageUse::kUsed : PageUse::kFree);
  }
  EXPECT_EQ(set.FindUnmarked(2, 200000), std::nullopt);
  EXPECT_EQ(set.FindUnmarked(2, 200001), 200000u);
  EXPECT_EQ(set.FindUnmarked(0, 200000), 0u);
  EXPECT_EQ(set.FindUnmarked(1, 200000), 1u);
  PageSet other(1 << 20);
  for (uint64_t page = 0; page < 1000; ++page) {
    if (page != 131) other.Mark(page, PageUse::kUsed);
  }
  EXPECT_EQ(other.FindUnmarked(0, 1000), 131u);
  EXPECT_EQ(other.FindUnmarked(131, 132), 131u);
  EXPECT_EQ(other.FindUnmarked(132, 1000), std::nullopt);
}

TEST(PageSetTest, TakesNoMoreThanItMay) {
  PageSet set(3 << 14);
  for (uint64_t chunk = 0; chunk < 3; ++chunk) set.Mark(chunk << 16, PageUse::kFree);
  EXPECT_FALSE(set.full());
  set.Mark(3 << 16, PageUse::kFree);
  EXPECT_TRUE(set.full());
  EXPECT_EQ(set.free(), 3u);
}

}  // namespace
}  // namespace chainfs::fs::store
