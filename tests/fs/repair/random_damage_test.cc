// SPDX-License-Identifier: GPL-3.0-or-later
// Random damage to random objects: whatever it was, the repair ends in a sound volume, and nothing
// that was not hit has changed.
#include <iostream>
#include <set>

#include "fs/file/extent_codec.h"
#include "fs/name/xattr_codec.h"
#include "tests/fs/model/random.h"
#include "tests/fs/repair/repair_fixture.h"

namespace chainfs::fs::repair {
namespace {

class RandomDamageTest : public RepairTest {
 protected:
  struct Population {
    std::vector<ObjectId> objects;                  // everything in the store
    std::map<ObjectId, InodeNumber> owners;         // of pieces and xattr values
    std::map<ObjectId, std::set<uint64_t>> leaves;  // inodes with items in them
  };

  Population Count() {
    Population all;
    WithCore([&](Core& core) {
      auto txn = core.store->BeginRead();
      txn->ForEachObject(ObjectId(0), [&](ObjectId id, ByteView) {
        all.objects.push_back(id);
        return true;
      });
    });
    for (const Pointer& leaf : NodesAt(0)) {
      WithCore([&](Core& core) {
        auto node = core.nodes.Get(leaf);
        ASSERT_TRUE(node);
        for (size_t i = 0; i < (*node)->count(); ++i) Visit(**node, i, all);
      });
    }
    return all;
  }

  static void Visit(const Node& leaf, size_t i, Population& all) {
    const Key key = leaf.KeyAt(i);
    all.leaves[leaf.id()].insert(key.inode);
    if (key.kind == ItemKind::kExtent) {
      const auto pieces = DecodePieces(leaf.ValueAt(i));
      ASSERT_TRUE(pieces);
      for (const PieceRef& ref : *pieces) all.owners[ref.pointer.id] = InodeNumber(key.inode);
    }
    if (key.kind != ItemKind::kXattr) return;
    EXPECT_TRUE(ForEachXattr(leaf.ValueAt(i), [&](const XattrEntry& entry) {
      if (entry.in_object) all.owners[entry.pointer().id] = InodeNumber(key.inode);
      return true;
    }));
  }

  void DamageOne(model::Random& random, const Population& all, ObjectId id) {
    switch (random.Below(3)) {
      case 0:
        return Flip(id);
      case 1:
        return Drop(id);
      default:  // another object's blob in its place
        const ObjectId other = all.objects[random.Below(all.objects.size())];
        Bytes blob;
        WithCore([&](Core& core) {
          auto txn = core.store->BeginRead();
          const auto sealed = txn->FindObject(other);
          if (sealed) blob.assign(sealed->begin(), sealed->end());
        });
        blob.push_back(1);  // so that it never is the right one
        Drop(id);
        Put(id, blob);
    }
  }
};

TEST_F(RandomDamageTest, EndsInASoundVolumeWithWhatWasNotHit) {
  const char* rounds_wanted = std::getenv("CHAINFS_REPAIR_ROUNDS");
  const int rounds = rounds_wanted != nullptr ? std::atoi(rounds_wanted) : 100;
  MakeContent();
  const auto original = vault_->CopyAsAfterACrash();
  const Population all = Count();
  std::map<std::string, uint64_t> inodes;
  for (const auto& [path, seen] : expected_) inodes[path] = InodeOf(path).value;
  int fallbacks = 0, salvages = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    model::Random random(static_cast<uint64_t>(round) + 1);
    vault_ = original->CopyAsAfterACrash();
    std::set<ObjectId> hit;
    const uint64_t hits = random.Between(1, 5);
    while (hit.size() < hits) hit.insert(all.objects[random.Below(all.objects.size())]);
    for (const ObjectId id : hit) DamageOne(random, all, id);
    const bool salvage = random.OneIn(2);
    auto plan = Plan({.salvage = salvage});
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_FALSE(plan->empty());
    fallback_ = plan->fallback();
    lines_ = plan->lines();
    auto outcome = plan->CarryOut({.allow_fallback = true});
    ASSERT_TRUE(outcome) << outcome.error().message;
    plan = ErrorCode::kIo;  // lets the vault go
    ExpectSound();
    std::filesystem::remove(outcome->quarantine_path);
    if (fallback_) {
      ++fallbacks;
      continue;
    }
    ++salvages;
    std::set<uint64_t> harmed;
    for (const ObjectId id : hit) {
      if (const auto owner = all.owners.find(id); owner != all.owners.end()) {
        harmed.insert(owner->second.value);
      }
      if (const auto leaf = all.leaves.find(id); leaf != all.leaves.end()) {
        harmed.insert(leaf->second.begin(), leaf->second.end());
      }
    }
    const Listing listing = List();
    for (const auto& [path, seen] : expected_) {
      if (harmed.contains(inodes[path])) continue;
      // Where a leaf had both halves of its names, it is in lost+found.
      const auto found = listing.find(path);
      if ((seen.mode & 0170000) == 0040000) continue;
      bool names_are_hit = harmed.contains(kRootInode.value);
      for (size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
        names_are_hit = names_are_hit || harmed.contains(inodes[path.substr(0, end)]);
      }
      if (found == listing.end() && names_are_hit) continue;
      EXPECT_TRUE(found != listing.end() && found->second == seen) << path;
    }
    if (HasFailure()) {
      for (const std::string& line : lines_) std::cerr << line << "\n";
      return;
    }
  }
  EXPECT_GT(salvages, rounds / 4);
  RecordProperty("fallbacks", fallbacks);
}

}  // namespace
}  // namespace chainfs::fs::repair
