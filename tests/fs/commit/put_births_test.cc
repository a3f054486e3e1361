// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/put_births.h"

#include "crypto/sha256.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

class PutBirthsTest : public FileTest {
 protected:
  // Nodes, whole pieces, pieces of one block, and short ones that get no pages of their own.
  std::shared_ptr<const FrozenSet> Freeze() {
    Open();
    MakeFile();
    for (uint64_t i = 0; i < 500; ++i) {
      const size_t bytes = i % 3 == 0 ? kRegionBytes : i % 3 == 1 ? kBlockBytes : 1 + i;
      Write(2 * i * kRegionBytes, Pattern(bytes, i));
    }
    Write(1000 * kRegionBytes, Pattern(10, 1));  // a tail of 10 bytes
    std::unique_lock lock(core_->tree_mutex);
    // The engine is out of it from here on.
    may_fail_to_close_ = true;
    core_->engine->AbandonOpenSet();
    auto frozen = FrozenSet::Freeze(*core_->open, *core_->tree.root());
    core_->frozen = frozen;
    core_->open = std::make_unique<OpenSet>(frozen->generation() + 1, frozen->next_id());
    return frozen;
  }
  Result<std::vector<ledger::Birth>> Put(store::WriteTxn& txn, const FrozenSet& frozen,
                                         size_t max_reserved) {
    std::vector<ledger::Birth> births;
    auto put = PutBirths(txn, core_->sealer, parallel_, frozen, births, max_reserved);
    if (!put) return std::move(put).error();
    return births;
  }

  ParallelSealer parallel_{2};
};

TEST_F(PutBirthsTest, GivesTheSameWhereverItSeals) {
  options_.dirty_limit_bytes = 64 << 20;
  const auto frozen = Freeze();
  std::vector<std::vector<ledger::Birth>> all;
  for (const size_t max_reserved : {size_t{0}, size_t{300}, store::WriteTxn::kMaxReserved}) {
    auto txn = core_->store->BeginWrite();
    ASSERT_TRUE(txn);
    auto births = Put(*txn, *frozen, max_reserved);
    ASSERT_TRUE(births);
    all.push_back(*births);
    if (max_reserved == store::WriteTxn::kMaxReserved) {
      ASSERT_TRUE(txn->Commit());
    }
  }
  ASSERT_GT(all.back().size(), 500u);
  bool any_small = false;
  auto txn = core_->store->BeginRead();
  uint64_t total = 0;
  for (size_t i = 0; i < all.back().size(); ++i) {
    const ledger::Birth& birth = all.back()[i];
    EXPECT_EQ(birth.digest, all[0][i].digest);
    EXPECT_EQ(birth.digest, all[1][i].digest);
    total += birth.sealed_bytes;
    EXPECT_EQ(birth.id, frozen->births()[i]->id());
    const auto blob = txn->FindObject(birth.id);
    ASSERT_TRUE(blob);
    EXPECT_EQ(blob->size(), birth.sealed_bytes);
    EXPECT_EQ(crypto::Sha256(*blob), birth.digest);
    any_small = any_small || birth.sealed_bytes < 4096;
  }
  EXPECT_TRUE(any_small);
  EXPECT_GT(total, 16u << 20);  // several batches
  EXPECT_EQ(txn->CountObjects(), all.back().size());
}

}  // namespace
}  // namespace chainfs::fs
