// SPDX-License-Identifier: GPL-3.0-or-later
// Any one blob changed: it is reported if, and only if, something refers to it, and what is called
// lost is exactly what reading the volume fails to give.
#include <set>

#include "fs/name/xattr_codec.h"
#include "tests/fs/check/structure/structure_fixture.h"
#include "tests/fs/model/random.h"

namespace chainfs::fs::check {
namespace {

class CorruptionTest : public StructureTest {
 protected:
  struct Blob {
    ObjectId id;
    size_t bytes = 0;
    ObjectType type = ObjectType::kNode;
    bool live = false;
    bool is_root = false;
  };

  std::vector<Blob> AllBlobs() const {
    std::map<ObjectId, Blob> blobs;
    Look([&](const Core& core) {
      auto txn = core.store->BeginRead();
      txn->ForEachObject(ObjectId(0), [&](ObjectId id, ByteView blob) {
        blobs[id] = {id, blob.size()};
        return true;
      });
      const NodeRef root = core.tree.root();
      blobs[root->id()].live = blobs[root->id()].is_root = true;
      for (size_t i = 0; i < root->count(); ++i) blobs[root->ChildIdAt(i)].live = true;
      const auto mark = [&](ObjectId id, ObjectType type) {
        blobs[id].live = true;
        blobs[id].type = type;
      };
      auto cursor = core.tree.Seek(Key{});
      for (Result<void> next; next && cursor->valid(); next = cursor->Next()) {
        if (cursor->key().kind == ItemKind::kExtent) {
          const auto pieces = DecodePieces(cursor->value());
          for (const PieceRef& ref : *pieces) mark(ref.pointer.id, ObjectType::kData);
        } else if (cursor->key().kind == ItemKind::kXattr) {
          ASSERT_TRUE(ForEachXattr(cursor->value(), [&](const XattrEntry& entry) {
            if (entry.in_object) mark(entry.pointer().id, ObjectType::kXattr);
            return true;
          }));
        }
      }
    });
    std::vector<Blob> all;
    for (const auto& [id, blob] : blobs) all.push_back(blob);
    return all;
  }

  // Breaks it in one of three ways. Gives the others that are hit, too.
  std::vector<Blob> Corrupt(const std::vector<Blob>& blobs, const Blob& blob,
                            model::Random& random) {
    switch (random.Below(3)) {
      case 0:
        DeleteBlob(blob.id);
        return {blob};
      case 1:
        FlipBlob(blob.id, random.Below(blob.bytes));
        return {blob};
      default:
        for (size_t i = 0, at = random.Below(blobs.size()); i < blobs.size(); ++i) {
          const Blob& other = blobs[(at + i) % blobs.size()];
          if (other.bytes != blob.bytes || other.id == blob.id) continue;
          SwapBlobs(blob.id, other.id);
          return {blob, other};
        }
        FlipBlob(blob.id, random.Below(blob.bytes));
        return {blob};
    }
  }

  // "path block" for each block of a file that cannot be read.
  std::set<std::string> BlocksThatFail() const {
    std::set<std::string> blocks;
    VolumeOptions options;
    options.read_only = true;
    const auto volume = vault_->Open(options);
    for (const auto& [path, inode] : rich().inodes) {
      auto attributes = volume->GetAttributes(inode);
      if (path == "/deep/1/hard" || !attributes || (attributes->mode & 0170000) != 0100000)
        continue;
      for (uint64_t at = 0; at < attributes->size; at += kBlockBytes) {
        Bytes out(kBlockBytes);
        auto read = volume->Read(inode, at, out);
        if (read) continue;
        EXPECT_EQ(ErrorCode::kDamaged, read.error().code);
        blocks.insert(std::to_string(inode.value) + " " + std::to_string(at));
      }
    }
    return blocks;
  }
  static std::set<std::string> BlocksReported(const std::vector<Finding>& findings) {
    std::set<std::string> blocks;
    for (const Finding& finding : findings) {
      if (finding.kind != FindingKind::kUnreadableData || !finding.bytes) continue;
      EXPECT_TRUE(rich().inodes.contains(finding.path)) << finding.path;
      EXPECT_TRUE(!finding.path.empty() || finding.inode == Inode(""));
      for (uint64_t at = finding.bytes->first; at < finding.bytes->second; at += kBlockBytes) {
        blocks.insert(std::to_string(finding.inode->value) + " " + std::to_string(at));
      }
    }
    return blocks;
  }

  void ExpectRightFindings(const std::vector<Blob>& hit) const {
    const StructureReport report = Report();
    bool node = false, any = false, root = false;
    for (const Blob& blob : hit) {
      any = any || blob.live;
      root = root || blob.is_root;
      node = node || (blob.live && blob.type == ObjectType::kNode);
    }
    for (const Blob& blob : hit) {
      const bool named =
          std::any_of(report.findings.begin(), report.findings.end(),
                      [&](const Finding& finding) { return finding.object == blob.id; });
      const bool can_be_reached = blob.live && (!root || blob.is_root);
      EXPECT_EQ(can_be_reached, named) << "object " << blob.id.value;
    }
    EXPECT_EQ(any ? Verdict::kFailed : Verdict::kOk, report.result.verdict);
    for (const Finding& finding : report.findings) {
      EXPECT_TRUE(finding.kind == FindingKind::kUnreadableData ||
                  finding.kind == FindingKind::kUnreadableXattr ||
                  (node && finding.kind == FindingKind::kUnreadableTree))
          << NameOf(finding.kind) << " " << finding.what;
    }
    if (node) return;  // more fails than data
    EXPECT_EQ(BlocksThatFail(), BlocksReported(report.findings));
  }
};

TEST_F(CorruptionTest, EveryBlobThatIsInUseIsMissed) {
  const std::vector<Blob> blobs = AllBlobs();
  model::Random random(7);
  size_t live = 0, data = 0;
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    vault_ = rich().vault->CopyAsAfterACrash();
    const auto hit = Corrupt(blobs, blobs[random.Below(blobs.size())], random);
    ExpectRightFindings(hit);
    for (const Blob& blob : hit) {
      live += blob.live ? 1 : 0;
      data += blob.live && blob.type == ObjectType::kData ? 1 : 0;
    }
  }
  EXPECT_GT(live, 150u);
  EXPECT_GT(data, 50u);
}

}  // namespace
}  // namespace chainfs::fs::check
