// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <random>

#include "tests/fs/core_fixture.h"

namespace chainfs::fs {
namespace {

Key DataKey(uint64_t inode, uint64_t offset) {
  return Key(InodeNumber(inode), ItemKind::kExtent, offset);
}
// A kind without pointers in it, so that the freeze leaves the bytes alone.
Key PlainKey(uint64_t inode, uint64_t offset) {
  return Key(InodeNumber(inode), ItemKind::kDentry, offset);
}

class TreeTest : public CoreTest {
 protected:
  using Model = std::map<Key, Bytes>;

  void Put(const Key& key, const Bytes& value) {
    auto change = Begin();
    ASSERT_TRUE(change.Put(key, value));
    model_[key] = value;
  }
  void Erase(const Key& key) {
    auto change = Begin();
    const auto erased = change.Erase(key);
    ASSERT_EQ(erased.has_value(), model_.erase(key) == 1);
  }
  void ExpectEqualsModel() {
    ReadView view(*core_);
    auto cursor = view.Seek(Key{});
    ASSERT_TRUE(cursor);
    for (const auto& [key, value] : model_) {
      ASSERT_TRUE(cursor->valid());
      ASSERT_EQ(cursor->key(), key);
      ASSERT_TRUE(std::ranges::equal(cursor->value(), value));
      ASSERT_TRUE(cursor->Next());
    }
    ASSERT_FALSE(cursor->valid());
  }

  Model model_;
};

TEST_F(TreeTest, FindsWhatWasPutAndNothingElse) {
  Open();
  Put(PlainKey(2, 7), {1, 2, 3});
  ReadView view(*core_);
  auto item = view.Find(PlainKey(2, 7));
  ASSERT_TRUE(item);
  EXPECT_EQ(Bytes(item->value.begin(), item->value.end()), (Bytes{1, 2, 3}));
  EXPECT_EQ(view.Find(PlainKey(2, 8)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(view.Find(DataKey(2, 7)).error().code, ErrorCode::kNotFound);
}

TEST_F(TreeTest, SeeksTheLastItemThatIsNotBehindAKey) {
  Open();
  {
    ReadView view(*core_);
    EXPECT_FALSE(view.tree().SeekLast(PlainKey(1, 1))->valid());
  }
  for (uint64_t i = 1; i <= 2000; ++i) Put(PlainKey(1, i * 10), Bytes(i % 200, 1));
  ReadView view(*core_);
  EXPECT_FALSE(view.tree().SeekLast(PlainKey(1, 9))->valid());
  for (uint64_t i = 10; i < 20'200; ++i) {
    auto cursor = view.tree().SeekLast(PlainKey(1, i));
    ASSERT_TRUE(cursor && cursor->valid());
    const uint64_t expected = std::min<uint64_t>(i / 10 * 10, 20'000);
    ASSERT_EQ(cursor->key(), PlainKey(1, expected));
    ASSERT_TRUE(cursor->Next());
    ASSERT_EQ(cursor->valid(), expected < 20'000);
    if (cursor->valid()) {
      ASSERT_EQ(cursor->key(), PlainKey(1, expected + 10));
    }
  }
}

TEST_F(TreeTest, HoldsTheLargestValuesAndEmptyOnes) {
  Open();
  for (uint64_t i = 0; i < 40; ++i) Put(PlainKey(1, i * 3 % 40), Bytes(kMaxValueBytes, uint8_t(i)));
  for (uint64_t i = 0; i < 40; ++i) Put(PlainKey(2, i), {});
  for (uint64_t i = 0; i < 40; i += 2) Put(PlainKey(1, i), Bytes(7, uint8_t(i)));
  ExpectEqualsModel();
  Reopen();
  ExpectEqualsModel();
}

TEST_F(TreeTest, AscendingInsertsLeaveFullLeaves) {
  Open();
  const size_t items = 20000, value_bytes = 60;
  for (uint64_t i = 0; i < items; ++i) Put(PlainKey(1, i), Bytes(value_bytes, uint8_t(i)));
  ExpectEqualsModel();
  const size_t ideal = items * (value_bytes + kKeyBytes + 4) / Node::kCapacity;
  EXPECT_LT(core_->open->dirty_bytes() / kNodeBytes, ideal * 12 / 10);
}

TEST_F(TreeTest, KeepsOldRootsWholeByCloning) {
  Open();
  for (uint64_t i = 0; i < 1000; ++i) Put(PlainKey(1, i), Bytes(50, 1));
  ASSERT_TRUE(core_->engine->Sync());
  const Pointer old_root = core_->tree.root()->pointer();
  for (uint64_t i = 0; i < 1000; ++i) Put(PlainKey(1, i), Bytes(50, 2));
  ASSERT_TRUE(core_->engine->Sync());
  EXPECT_NE(core_->tree.root()->pointer(), old_root);
  NodeTable table(*core_->store, core_->sealer, 1 << 20);
  Tree old(table);
  ASSERT_TRUE(old.OpenAt(old_root));
  auto item = old.Find(PlainKey(1, 500));
  ASSERT_TRUE(item);
  EXPECT_EQ(item->value[0], 1);
}

TEST_F(TreeTest, ErasingEverythingLeavesOneEmptyLeaf) {
  Open();
  for (uint64_t i = 0; i < 5000; ++i) Put(PlainKey(1, i), Bytes(100, 1));
  ASSERT_TRUE(core_->engine->Sync());
  for (uint64_t i = 0; i < 5000; ++i) Erase(PlainKey(1, i * 2003 % 5000));
  ExpectEqualsModel();
  EXPECT_TRUE(core_->tree.root()->is_leaf());
  ASSERT_TRUE(core_->engine->Sync());
  EXPECT_EQ(core_->engine->status().live_objects, 1u);
}

TEST_F(TreeTest, WhatComesAndGoesInOneGenerationTakesNoMemory) {
  Open();
  for (uint64_t i = 0; i < 5000; ++i) Put(PlainKey(1, i), Bytes(100, 1));
  ASSERT_TRUE(core_->engine->Sync());
  for (uint64_t i = 0; i < 5000; ++i) Erase(PlainKey(1, i));
  const auto& nodes = core_->open->nodes();
  EXPECT_GT(nodes.size(), 50u);
  EXPECT_LT(std::ranges::count_if(nodes, [](const NodeRef& node) { return node != nullptr; }), 3);
}

TEST_F(TreeTest, CountersSurviveEveryChangeOfRoot) {
  Open();
  Begin().SetCounters({.next_inode = 42, .inodes = 7});
  for (uint64_t i = 0; i < 3000; ++i) Put(PlainKey(1, i), Bytes(100, 1));
  EXPECT_EQ(Begin().counters().next_inode, 42u);
  Reopen();
  EXPECT_EQ(Begin().counters().next_inode, 42u);
  for (uint64_t i = 0; i < 3000; ++i) Erase(PlainKey(1, i));
  EXPECT_EQ(Begin().counters().inodes, 7u);
}

class TreeRandomTest : public TreeTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(TreeRandomTest, EqualsAMapThroughCommitsAndReopening) {
  std::mt19937_64 random(GetParam());
  options_.cache_bytes = 1 << 20;  // evict all the time
  Open();
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 6000; ++i) {
      const Key key = PlainKey(random() % 20, random() % 400);
      const int what = static_cast<int>(random() % 10);
      if (what < 6 - (round % 2) * 3) {
        const size_t most = random() % 20 == 0 ? kMaxValueBytes : 120;
        Put(key, Bytes(random() % (most + 1), uint8_t(random())));
      } else {
        Erase(key);
      }
      if (random() % 1500 == 0) {
        ASSERT_TRUE(core_->engine->Sync());
      }
    }
    ExpectEqualsModel();
    Reopen();
    ExpectEqualsModel();
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, TreeRandomTest, ::testing::Range(1u, 6u));

}  // namespace
}  // namespace chainfs::fs
