// SPDX-License-Identifier: GPL-3.0-or-later
// One thing is broken, and exactly that is found.
#include "tests/fs/store/page_fixture.h"

namespace chainfs::fs::store {
namespace {

class PageDamageTest : public PageTest {
 protected:
  // A leaf of the objects in the middle, and the branch above it.
  uint64_t leaf_ = 0, branch_ = 0;
  void SetUp() override {
    PageTest::SetUp();
    leaf_ = Leaf(Root("objects"), &branch_);
  }
  static std::string N(uint64_t n) { return std::to_string(n); }
  void SetChild(uint64_t page, uint64_t i, uint64_t child) {
    Set<uint32_t>(page, Node(page, i), child);
    Set<uint16_t>(page, Node(page, i) + 4, child >> 32);
  }
  // Nothing but what `what` leads to is wrong, and the rest of the tree is still walked.
  void ExpectFatal(uint64_t page, const std::string& what) {
    EXPECT_EQ(Findings(), Fatal(page, what));
  }
};

TEST_F(PageDamageTest, NothingIsFoundInASoundFile) { EXPECT_EQ(Findings(), ""); }

TEST_F(PageDamageTest, PageOfAnotherNumber) {
  Set<uint64_t>(leaf_, 0, leaf_ + 1);
  ExpectFatal(leaf_, "gives itself the number " + N(leaf_ + 1) + ", in objects");
}

TEST_F(PageDamageTest, PageOfAnotherKind) {
  for (uint64_t flags : {0u, 3u, 4u, 8u, 0x22u, 0x42u, 0x12u, 0x4002u, 0x8002u}) {
    Set<uint16_t>(leaf_, 10, flags);
    ExpectFatal(leaf_, "is neither branch nor leaf: flags " + N(flags) + ", in objects");
  }
}

TEST_F(PageDamageTest, BoundsOfAPage) {
  const uint64_t lower = Get<uint16_t>(leaf_, 12), upper = Get<uint16_t>(leaf_, 14);
  auto expect = [&](uint64_t low, uint64_t high, const std::string& what) {
    Set<uint16_t>(leaf_, 12, low);
    Set<uint16_t>(leaf_, 14, high);
    ExpectFatal(leaf_, what + ", in objects");
  };
  auto bad = [&](uint64_t low, uint64_t high) {
    expect(low, high, "has no sound bounds: lower " + N(low) + ", upper " + N(high));
  };
  bad(14, upper);
  bad(lower + 1, upper);
  bad(upper + 2, upper);
  bad(lower, upper - 1);  // LMDB would add nodes at odd places
  bad(lower, 4098);
  bad(lower, lower - 2);
  expect(16, upper, "holds nothing");
  const uint64_t lowest = Node(leaf_, 0);
  Set<uint16_t>(leaf_, 12, 18);
  Set<uint16_t>(leaf_, 14, lowest + 2);
  ExpectFatal(leaf_, "has a node out of bounds: node 0 at " + N(lowest) + ", in objects");
}

TEST_F(PageDamageTest, NodesOutOfBounds) {
  for (uint64_t offset : {0u, 15u, 65534u, 4095u, 4090u}) {
    Set<uint16_t>(leaf_, 16 + 2, offset);
    ExpectFatal(leaf_, "has a node out of bounds: node 1 at " + N(offset) + ", in objects");
  }
  bytes_ = sound_;
  Set<uint16_t>(leaf_, Node(leaf_, 0) + 6, 5000);  // the key's length
  EXPECT_NE(Findings().find("has a node that does not fit: node 0"), std::string::npos);
  bytes_ = sound_;
  Set<uint16_t>(leaf_, Node(leaf_, 0) + 2, 1);  // 64 KiB of data
  Set<uint16_t>(leaf_, Node(leaf_, 0) + 4, 0);
  EXPECT_NE(Findings().find("has a node that does not fit: node 0"), std::string::npos);
}

TEST_F(PageDamageTest, NodesThatOverlap) {
  Set<uint16_t>(leaf_, 16 + 2, Node(leaf_, 0));
  ExpectFatal(leaf_, "has nodes that overlap at " + N(Node(leaf_, 0)) + ", in objects");
}

TEST_F(PageDamageTest, NodesWithUnknownFlags) {
  for (uint64_t flags : {4u, 6u, 8u, 3u}) {
    Set<uint16_t>(leaf_, Node(leaf_, 0) + 4, flags);
    EXPECT_EQ(Walk().findings.size(), 1u);
  }
  Set<uint16_t>(leaf_, Node(leaf_, 0) + 4, 6);
  Set<uint32_t>(leaf_, Node(leaf_, 0), 8);
  ExpectFatal(leaf_, "has a bad node: node 0, flags 6, in objects");
}

TEST_F(PageDamageTest, ATreeAmongTheObjects) {
  const uint64_t node = Node(leaf_, 0);
  if (Get<uint16_t>(leaf_, node + 4) == kDataElsewhere) Set<uint32_t>(leaf_, node, 8);
  Set<uint16_t>(leaf_, node + 4, kDataIsTree);
  EXPECT_EQ(Findings(), Fatal(leaf_, "holds a tree: node 0, in objects"));
}

TEST_F(PageDamageTest, KeysOutOfOrder) {
  const uint64_t first = Node(leaf_, 1), second = Node(leaf_, 2);
  const auto key = Get<uint64_t>(leaf_, first + 8);
  Set<uint64_t>(leaf_, first + 8, Get<uint64_t>(leaf_, second + 8));
  ExpectFatal(leaf_, "has keys out of order: node 2, in objects");
  Set<uint64_t>(leaf_, second + 8, key);
  ExpectFatal(leaf_, "has keys out of order: node 2, in objects");
}

TEST_F(PageDamageTest, KeysOfAnotherLength) {
  Set<uint16_t>(leaf_, Node(leaf_, 1) + 6, 7);
  ExpectFatal(leaf_, "has a key of a wrong length: node 1, in objects");
  bytes_ = sound_;
  const uint64_t names = Leaf(Root("meta"));
  Set<uint16_t>(names, Node(names, 0) + 6, 0);
  EXPECT_EQ(Findings(), Fatal(names, "has a key of a wrong length: node 0, in meta"));
}

TEST_F(PageDamageTest, KeysThatBelongElsewhere) {
  const uint64_t last = Count(leaf_) - 1;
  Set<uint64_t>(leaf_, Node(leaf_, last) + 8, ~uint64_t{0});
  ExpectFatal(leaf_, "has a key that does not belong there: node " + N(last) + ", in objects");
  bytes_ = sound_;
  Set<uint64_t>(leaf_, Node(leaf_, 0) + 8, 0);
  ExpectFatal(leaf_, "has a key that does not belong there: node 0, in objects");
}

TEST_F(PageDamageTest, ABranchThatIsItsOwnChild) {
  SetChild(branch_, 3, branch_);
  ExpectFatal(branch_, "is in use already, and in objects again, by page " + N(branch_));
}

TEST_F(PageDamageTest, AChildThatIsReachedTwice) {
  SetChild(branch_, 4, Child(branch_, 3));
  ExpectFatal(Child(branch_, 3), "is in use already, and in objects again, by page " + N(branch_));
}

TEST_F(PageDamageTest, AChildInAnotherTree) {
  const uint64_t other = Leaf(Root("lists"));  // walked before the objects
  SetChild(branch_, 4, other);
  ExpectFatal(other, "is in use already, and in objects again, by page " + N(branch_));
}

TEST_F(PageDamageTest, AChildThatDoesNotExist) {
  for (uint64_t child : {uint64_t{0}, uint64_t{1}, LastPage() + 1, (uint64_t{1} << 48) - 1}) {
    SetChild(branch_, 4, child);
    ExpectFatal(branch_, "names a page that does not exist: " + N(child) + ", in objects");
  }
}

TEST_F(PageDamageTest, ABranchWithOneChild) {
  Set<uint16_t>(branch_, 12, 18);
  ExpectFatal(branch_, "is a branch with one child, in objects");
}

TEST_F(PageDamageTest, ALeafWhereBranchesAre) {
  // The root's second child becomes one of the leaves below it.
  const uint64_t root = Root("objects"), branch = Child(root, 1);
  ASSERT_TRUE(IsBranch(branch));
  const uint64_t leaf = Child(branch, 0);
  SetChild(root, 1, leaf);
  ExpectFatal(leaf, "is a leaf at depth 2, others are at 3, in objects");
}

TEST_F(PageDamageTest, CountsOfATree) {
  const uint64_t record = Record("objects");
  const auto depth = Get<uint16_t>(MainRoot(), record + 6);
  Set<uint16_t>(MainRoot(), record + 6, 2);
  ExpectFatal(MainRoot(), "objects says it is 2 deep, but is " + N(depth));
  const std::pair<const char*, int> counts[] = {
      {"branch pages", 8}, {"leaf pages", 16}, {"overflow pages", 24}, {"entries", 32}};
  for (const auto& [what, at] : counts) {
    bytes_ = sound_;
    const auto count = Get<uint64_t>(MainRoot(), record + at);
    Set<uint64_t>(MainRoot(), record + at, count + 1);
    EXPECT_EQ(Findings(), Damage(MainRoot(), "objects says it has " + N(count + 1) + " " + what +
                                                 ", but has " + N(count)));
    EXPECT_TRUE(Walk().safe_to_open);
  }
}

TEST_F(PageDamageTest, AnEmptyTreeWithADepth) {
  const uint64_t root = Root("lists");
  Set<uint64_t>(MainRoot(), Record("lists") + 40, kNoPage);
  const std::string text = Findings();
  EXPECT_NE(text.find("lists says it is 2 deep, but is 0"), std::string::npos) << text;
  EXPECT_GT(Walk().leaked, 2u) << root;
}

class PageOverflowDamageTest : public PageDamageTest {
 protected:
  void SetUp() override {
    PageDamageTest::SetUp();
    for (leaf_ = Root("objects"); IsBranch(leaf_);) leaf_ = Child(leaf_, 0);
    node_ = NodeElsewhere(leaf_);
    value_ = Get<uint64_t>(leaf_, Data(leaf_, node_));
    pages_ = Get<uint32_t>(value_, 12);
  }
  uint64_t node_ = 0, value_ = 0;
  uint32_t pages_ = 0;
};

TEST_F(PageOverflowDamageTest, NumberInTheHeader) {
  Set<uint64_t>(value_, 0, value_ + 1);
  ExpectFatal(value_, "gives itself the number " + N(value_ + 1));
}

TEST_F(PageOverflowDamageTest, FlagsInTheHeader) {
  for (uint64_t flags : {0u, 2u, 6u, 0x14u}) {
    Set<uint16_t>(value_, 10, flags);
    ExpectFatal(value_, "holds a value, but its flags are " + N(flags));
  }
}

TEST_F(PageOverflowDamageTest, LengthInTheHeader) {
  for (uint32_t count : {0u, pages_ + 1, ~0u}) {
    Set<uint32_t>(value_, 12, count);
    ExpectFatal(value_, "says it is " + N(count) + " pages long; its value needs " + N(pages_));
  }
}

TEST_F(PageOverflowDamageTest, LengthInTheHeaderOfAChangingValue) {
  const uint64_t names = Leaf(Root("meta"));
  const uint64_t value = Get<uint64_t>(names, Data(names, NodeElsewhere(names)));
  const auto pages = Get<uint32_t>(value, 12);
  Set<uint32_t>(value, 12, 0);
  ExpectFatal(value, "says it is 0 pages long; its value needs " + N(pages));
  Set<uint32_t>(value, 12, ~0u);
  ExpectFatal(value, "says it is 4294967295 pages long; its value needs " + N(pages));
}

TEST_F(PageOverflowDamageTest, AValueThatDoesNotExist) {
  const uint64_t at = Data(leaf_, node_);
  for (uint64_t page : {uint64_t{1}, LastPage() + 1, ~uint64_t{0}}) {
    Set<uint64_t>(leaf_, at, page);
    ExpectFatal(leaf_, "has a value in pages that do not exist: " + N(pages_) + " from " + N(page) +
                           ", in objects");
  }
  bytes_ = sound_;
  Set<uint32_t>(leaf_, Node(leaf_, node_), ~0u);  // its length: 4 GiB
  ExpectFatal(leaf_,
              "has a value in pages that do not exist: 1048577 from " + N(value_) + ", in objects");
}

TEST_F(PageOverflowDamageTest, AValueThatLiesInAnIndexPage) {
  Set<uint64_t>(leaf_, Data(leaf_, node_), leaf_);
  ExpectFatal(leaf_, "is in use already, and in objects again, by page " + N(leaf_));
}

class PageFreeListDamageTest : public PageDamageTest {
 protected:
  void SetUp() override {
    PageDamageTest::SetUp();
    for (entry_leaf_ = FreeRoot(); IsBranch(entry_leaf_);) entry_leaf_ = Child(entry_leaf_, 0);
    // An entry within the leaf, with two pages at least.
    for (node_ = 0; node_ < Count(entry_leaf_); ++node_) {
      if (Get<uint16_t>(entry_leaf_, Node(entry_leaf_, node_) + 4) == 0 && ListCount() >= 2) return;
    }
    FAIL() << "no such entry";
  }
  uint64_t List() const { return Data(entry_leaf_, node_); }
  uint64_t ListCount() const { return Get<uint64_t>(entry_leaf_, List()); }
  std::string Entry() const {
    return "free list: entry " + N(Get<uint64_t>(entry_leaf_, Node(entry_leaf_, node_) + 8)) + " ";
  }
  uint64_t entry_leaf_ = 0, node_ = 0;
};

TEST_F(PageFreeListDamageTest, APageInUse) {
  for (uint64_t page : {leaf_, branch_, MainRoot(), entry_leaf_}) {
    Set<uint64_t>(entry_leaf_, List(), 1);
    Set<uint64_t>(entry_leaf_, List() + 8, page);
    ExpectFatal(entry_leaf_, Entry() + "lists a page that is in use: " + N(page));
  }
}

TEST_F(PageFreeListDamageTest, APageListedTwice) {
  uint64_t other = node_ + 1;
  while (Get<uint16_t>(entry_leaf_, Node(entry_leaf_, other) + 4) != 0) ++other;
  const auto page = Get<uint64_t>(entry_leaf_, List() + 8);
  Set<uint64_t>(entry_leaf_, Data(entry_leaf_, other), 1);
  Set<uint64_t>(entry_leaf_, Data(entry_leaf_, other) + 8, page);
  node_ = other;
  ExpectFatal(entry_leaf_, Entry() + "lists a page that is listed already: " + N(page));
}

TEST_F(PageFreeListDamageTest, PagesOutOfOrder) {
  const uint64_t last = List() + ListCount() * 8;
  Set<uint64_t>(entry_leaf_, last, Get<uint64_t>(entry_leaf_, last - 8));
  ExpectFatal(entry_leaf_,
              Entry() + "is not in descending order: page " + N(Get<uint64_t>(entry_leaf_, last)));
}

TEST_F(PageFreeListDamageTest, APageThatDoesNotExist) {
  for (uint64_t page : {uint64_t{0}, uint64_t{1}, LastPage() + 1, ~uint64_t{0}}) {
    Set<uint64_t>(entry_leaf_, List() + 8, page);
    ExpectFatal(entry_leaf_, Entry() + "lists a page that does not exist: " + N(page));
  }
}

TEST_F(PageFreeListDamageTest, ACountThatIsTooLarge) {
  for (uint64_t count : {uint64_t{1000}, ~uint64_t{0}, ~uint64_t{0} / 8}) {
    Set<uint64_t>(entry_leaf_, List(), count);
    ExpectFatal(entry_leaf_, Entry() + "is too short for its count: " + N(count));
  }
}

TEST_F(PageFreeListDamageTest, AnOddLength) {
  const uint64_t node = Node(entry_leaf_, node_);
  const uint64_t bytes = Get<uint16_t>(entry_leaf_, node);
  Set<uint16_t>(entry_leaf_, node, bytes - 1);
  ExpectFatal(entry_leaf_, Entry() + "has an odd length: " + N(bytes - 1));
}

TEST_F(PageFreeListDamageTest, AnEntryOfNoTransaction) {
  uint64_t leaf = FreeRoot();
  while (IsBranch(leaf)) leaf = Child(leaf, Count(leaf) - 1);
  const uint64_t last = Node(leaf, Count(leaf) - 1) + 8;
  Set<uint64_t>(leaf, last, Transaction() + 1);
  ExpectFatal(leaf,
              "free list: entry " + N(Transaction() + 1) + " is of no transaction up to this one");
  bytes_ = sound_;
  Set<uint64_t>(entry_leaf_, Node(entry_leaf_, 0) + 8, 0);
  ExpectFatal(entry_leaf_, "free list: entry 0 is of no transaction up to this one");
}

TEST_F(PageFreeListDamageTest, ALostPageIsNoDamage) {
  const uint64_t last = List() + ListCount() * 8;
  const auto page = Get<uint64_t>(entry_leaf_, last);
  Set<uint64_t>(entry_leaf_, List(), ListCount() - 1);
  const PageReport report = Walk();
  EXPECT_EQ(Text(report),
            "warning " + N(page) + " pages neither in use nor free, from here on: 1\n");
  EXPECT_TRUE(report.safe_to_open);
  EXPECT_EQ(report.leaked, 1u);
}

class PageMetaDamageTest : public PageDamageTest {
 protected:
  uint64_t Newer() const { return NewestMeta(); }
  uint64_t Older() const { return 1 - NewestMeta(); }
};

TEST_F(PageMetaDamageTest, TheOtherIsWalkedIfTheNewerOneIsDamaged) {
  const uint64_t newer = Newer(), before = Transaction() - 1;
  Set<uint64_t>(newer, 16 + 72 + 40, 1);  // the root of the tables
  const PageReport report = Walk();
  EXPECT_EQ(Text(report), Fatal(newer, "is no sound meta page: the list of tables' root 1"));
  EXPECT_EQ(report.transaction, before);
  EXPECT_EQ(report.leaked, 0u);
  EXPECT_FALSE(report.safe_to_open);
}

TEST_F(PageMetaDamageTest, TheOlderOneMattersOnlyAsFarAsLmdbLooksAtIt) {
  const uint64_t older = Older(), newest = Transaction();
  Set<uint64_t>(older, 16 + 72 + 40, 1);
  const PageReport report = Walk();
  EXPECT_EQ(Text(report), Damage(older, "is no sound meta page: the list of tables' root 1"));
  EXPECT_EQ(report.transaction, newest);
  EXPECT_TRUE(report.safe_to_open);
  for (const auto& [at, what] :
       {std::pair{10, "page flags 7"}, {16, "it is not LMDB's"}, {20, "version 7"}}) {
    bytes_ = sound_;
    Set<uint16_t>(older, at, 7);
    ExpectFatal(older, std::string("is no sound meta page: ") + what);
  }
}

TEST_F(PageMetaDamageTest, PageSizes) {
  for (uint32_t size : {0u, 256u, 4097u, 512u, 8192u, 65536u}) {
    bytes_ = sound_;
    Set<uint32_t>(0, 16 + 24, size);
    const PageReport report = Walk();
    EXPECT_EQ(Text(report), Fatal(0, "is no sound meta page: page size " + N(size)));
    EXPECT_EQ(report.page_bytes, kTestPage);
  }
}

TEST_F(PageMetaDamageTest, FlagsOfTheTwoTrees) {
  const uint64_t newer = Newer();
  Set<uint16_t>(newer, 16 + 24 + 4, 0);
  ExpectFatal(newer, "is no sound meta page: flags of the free list 0");
  bytes_ = sound_;
  Set<uint16_t>(newer, 16 + 72 + 4, 4);  // MDB_DUPSORT
  ExpectFatal(newer, "is no sound meta page: flags of the list of tables 4");
}

TEST_F(PageMetaDamageTest, TransactionNumbers) {
  const uint64_t newer = Newer(), transaction = Transaction();
  Set<uint64_t>(newer, 144, transaction + 1);
  ExpectFatal(newer, "is no sound meta page: transaction " + N(transaction + 1));
  Set<uint64_t>(newer, 144, transaction + 2);
  EXPECT_EQ(Findings(), Damage(1 - newer, "is of transaction " + N(transaction - 1) +
                                              ", the other meta page of " + N(transaction + 2)));
}

TEST_F(PageMetaDamageTest, LastPages) {
  const uint64_t newer = Newer(), pages = LastPage() + 1;
  for (uint64_t more : {uint64_t{1000000000}, uint64_t{1} << 50}) {
    Set<uint64_t>(newer, 136, more);
    ExpectFatal(newer, "claims " + N(more + 1) + " pages; the file has " + N(pages));
  }
  Set<uint64_t>(newer, 136, pages + 9);
  ExpectFatal(newer, "the file ends at page " + N(pages) + " of " + N(pages + 10) +
                         ", and not all that is missing is free");
}

TEST_F(PageMetaDamageTest, NoneIsLeft) {
  for (uint64_t meta : {0, 1}) Set<uint64_t>(meta, 16 + 72 + 40, 1);
  const PageReport report = Walk();
  const std::string what = "is no sound meta page: the list of tables' root 1";
  EXPECT_EQ(Text(report),
            Newer() == 0 ? Fatal(0, what) + Damage(1, what) : Damage(0, what) + Fatal(1, what));
  EXPECT_FALSE(report.safe_to_open);
}

TEST_F(PageDamageTest, TablesWithFlags) {
  for (uint64_t flags : {2u, 4u, 8u}) {
    Set<uint16_t>(MainRoot(), Record("records") + 4, flags);
    ExpectFatal(MainRoot(), "records has flags, " + N(flags) + ", or padding, 0");
  }
}

TEST_F(PageDamageTest, TablesThatAreNotOurs) {
  Set<uint8_t>(MainRoot(), Record("records") - 1, 'x');  // "recordx"
  EXPECT_EQ(Findings(), Damage(MainRoot(), "a table that is not ours: recordx") +
                            Damage(Transaction() % 2, "a table is missing: records"));
  EXPECT_TRUE(Walk().safe_to_open);
}

TEST_F(PageDamageTest, AnEntryThatIsNoTable) {
  for (uint64_t i = 0; i < Count(MainRoot()); ++i) {
    if (Data(MainRoot(), i) == Record("meta"))
      Set<uint16_t>(MainRoot(), Node(MainRoot(), i) + 4, 0);
  }
  const std::string text = Findings();
  EXPECT_NE(text.find("a stray entry among the tables: meta"), std::string::npos) << text;
  EXPECT_NE(text.find("a table is missing: meta"), std::string::npos) << text;
}

TEST_F(PageDamageTest, AFileThatIsCutOff) {
  bytes_.resize(bytes_.size() / 2);
  const PageReport report = Walk();
  EXPECT_FALSE(report.safe_to_open);
  EXPECT_NE(Text(report).find("does not exist"), std::string::npos);
}

TEST_F(PageDamageTest, FindingsAreBounded) {
  for (uint64_t page = 2; page <= LastPage(); ++page) {
    if (Get<uint16_t>(page, 10) == kLeafPage && page != MainRoot()) Set<uint16_t>(page, 12, 1);
  }
  const PageReport report = Walk();
  EXPECT_FALSE(report.safe_to_open);
  EXPECT_LE(report.findings.size(), kMaxFindings);
  EXPECT_GT(report.findings.size() + report.further_findings, 300u);
}

}  // namespace
}  // namespace chainfs::fs::store
