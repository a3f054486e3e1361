// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that are gone, changed, or used wrongly: what is lost with them is named, and nothing
// else.
#include <algorithm>
#include <set>

#include "fs/name/xattr_codec.h"
#include "ledger/commit_lists.h"
#include "tests/fs/check/raw_store.h"
#include "tests/fs/check/structure/structure_fixture.h"

namespace chainfs::fs::check {
namespace {

class BrokenObjectsTest : public StructureTest {
 protected:
  Pointer XattrPointer(const std::string& path, std::string_view name) const {
    Pointer pointer;
    Look([&](const Core& core) {
      auto item = core.tree.Find(Key(Inode(path), ItemKind::kXattr, core.hasher.Hash(name)));
      ASSERT_TRUE(item);
      (void)ForEachXattr(item->value, [&](const XattrEntry& entry) {
        pointer = entry.pointer();
        return true;
      });
    });
    return pointer;
  }
  std::vector<ObjectId> Leaves() const {
    std::vector<ObjectId> ids;
    Look([&](const Core& core) {
      const NodeRef root = core.tree.root();
      ASSERT_EQ(1, root->level());
      for (size_t i = 0; i < root->count(); ++i) ids.push_back(root->ChildIdAt(i));
    });
    return ids;
  }
  std::set<InodeNumber> InodesIn(ObjectId leaf) const {
    std::set<InodeNumber> inodes;
    Look([&](const Core& core) {
      for (auto cursor = core.tree.Seek(Key{}); cursor->valid();) {
        auto item = core.tree.Find(cursor->key());
        ASSERT_TRUE(item);
        if (item->node->id() == leaf) inodes.insert(InodeNumber(cursor->key().inode));
        ASSERT_TRUE(cursor->Next());
      }
    });
    return inodes;
  }
  // Changes the root node itself.
  void EditRoot(const std::function<void(Change&, Node&)>& edit) {
    Edit([&](Core&, Change& change) {
      change.SetCounters(change.counters());  // so that it may be changed
      edit(change, *change.tree().root());
    });
  }
};

TEST_F(BrokenObjectsTest, AMissingPieceLosesItsBytes) {
  DeleteBlob(PiecesOf("/files/plain", 2)[0].pointer.id);
  const StructureReport report = Report();
  EXPECT_EQ((Lines{"unreadable-data /files/plain 262144-300000"}), LinesOf(report.findings));
  EXPECT_EQ(Verdict::kFailed, report.result.verdict);
  EXPECT_EQ(Inode("/files/plain"), report.findings.at(0).inode);
  EXPECT_EQ(PiecesOf("/files/plain", 2)[0].pointer.id, report.findings.at(0).object);
}

TEST_F(BrokenObjectsTest, APieceWithLiveBlocksHereAndThereLosesThose) {
  const Pieces pieces = PiecesOf("/files/fragmented", 0);
  ASSERT_GT(pieces.size(), 2u);
  // The oldest: what the later ones have not replaced.
  DeleteBlob(pieces[pieces.size() - 1].pointer.id);
  EXPECT_EQ((Lines{"unreadable-data /files/fragmented 0-20480",
                   "unreadable-data /files/fragmented 114688-131072",
                   "unreadable-data /files/fragmented 28672-49152",
                   "unreadable-data /files/fragmented 57344-77824",
                   "unreadable-data /files/fragmented 86016-106496"}),
            Findings());
}

TEST_F(BrokenObjectsTest, AFlippedBlockLosesItselfOnly) {
  const Pieces pieces = PiecesOf("/files/fragmented", 0);
  const PieceRef& oldest = pieces[pieces.size() - 1];
  FlipBlob(oldest.pointer.id, 1000);                        // the first block
  FlipBlob(oldest.pointer.id, 7 * kSealedChunkBytes + 10);  // the one at 28672
  EXPECT_EQ((Lines{"unreadable-data /files/fragmented 0-4096",
                   "unreadable-data /files/fragmented 28672-32768"}),
            Findings());
}

// The later pieces have replaced what is hit: the object is not what was stored, all files are
// whole.
TEST_F(BrokenObjectsTest, AFlippedBlockThatIsNoFilesAnyMoreLosesNothing) {
  const Pieces pieces = PiecesOf("/files/fragmented", 0);
  const PieceRef& oldest = pieces[pieces.size() - 1];
  ASSERT_EQ(oldest.live & BlockBit(5), 0u);
  FlipBlob(oldest.pointer.id, 5 * kSealedChunkBytes + 10);
  const StructureReport report = Report();
  EXPECT_EQ((Lines{"unreadable-data /files/fragmented"}), LinesOf(report.findings));
  EXPECT_EQ(Severity::kWarning, report.findings.at(0).severity);
}

TEST_F(BrokenObjectsTest, WhatATruncationHadYetToRemoveIsNoLoss) {
  DeleteBlob(PiecesOf("/files/shrinking", 3)[0].pointer.id);
  const StructureReport report = Report();
  EXPECT_EQ((Lines{"unreadable-data /files/shrinking"}), LinesOf(report.findings));
  EXPECT_EQ(Severity::kWarning, report.findings.at(0).severity);
}

TEST_F(BrokenObjectsTest, DataOfAnUnlinkedFileHasNoPath) {
  DeleteBlob(PiecesOf("", 0)[0].pointer.id);
  EXPECT_EQ((Lines{"unreadable-data - 0-131072"}), Findings());
}

TEST_F(BrokenObjectsTest, AnXattrValue) {
  FlipBlob(XattrPointer("/files/plain", "user.big").id, 5);
  EXPECT_EQ((Lines{"unreadable-xattr /files/plain"}), Findings());
}

TEST_F(BrokenObjectsTest, AWrongNonceIsAnotherObject) {
  Pieces pieces = PiecesOf("/files/plain", 0);
  Edit([&](Core&, Change& change) {
    pieces[0].pointer.nonce[3] ^= 1;
    ASSERT_TRUE(
        change.Put(Key(Inode("/files/plain"), ItemKind::kExtent, 0), EncodePieces(pieces).view()));
  });
  EXPECT_EQ((Lines{"unreadable-data /files/plain 0-131072"}), Findings());
}

TEST_F(BrokenObjectsTest, APieceTooShortForItsBlocks) {
  Pieces pieces = PiecesOf("/files/sparse", 0);
  Edit([&](Core&, Change& change) {
    pieces[0].stored |= BlockBit(31) | BlockBit(30) | BlockBit(29);
    ASSERT_TRUE(
        change.Put(Key(Inode("/files/sparse"), ItemKind::kExtent, 0), EncodePieces(pieces).view()));
  });
  EXPECT_EQ((Lines{"unreadable-data /files/sparse 4096-8192"}), Findings());
}

TEST_F(BrokenObjectsTest, APieceOfTwoFiles) {
  const Pieces of_plain = PiecesOf("/files/plain", 0), old = PiecesOf("/files/shrinking", 0);
  Edit([&](Core&, Change& change) {
    for (const PieceRef& ref : old) change.RetireObject(ref.pointer);
    ASSERT_TRUE(change.Put(Key(Inode("/files/shrinking"), ItemKind::kExtent, 0),
                           EncodePieces(of_plain).view()));
  });
  EXPECT_EQ((Lines{"reachable-twice /files/shrinking"}), Findings());
}

TEST_F(BrokenObjectsTest, APieceThatHasDied) {
  const Pointer killed = PiecesOf("/files/plain", 0)[0].pointer;
  Edit([&](Core&, Change& change) {
    change.RetireObject(killed);
    change.SetCounters(change.counters());  // a death alone is no reason for a commit
  });
  EXPECT_EQ((Lines{"bad-counter -", "bad-counter -", "dead-but-reachable /files/plain"}),
            Findings());
}

// A list that is not what its record commits to is nobody's word; nor is that of a record that is
// not the ledger's.
TEST_F(BrokenObjectsTest, OnlyTheLedgerSaysWhoHasDied) {
  const ObjectId live = PiecesOf("/files/sparse", 0)[0].pointer.id;
  {
    RawStore raw(vault_->directory());
    auto lists = ledger::DecodeLists(raw.Get("lists", RawStore::Key(1)));
    ASSERT_TRUE(lists);
    lists->deaths.push_back({live, 1000});
    raw.Put("lists", RawStore::Key(1), ledger::EncodeLists(*lists));
  }
  EXPECT_EQ(Lines{}, Findings());
  const Pointer killed = PiecesOf("/files/plain", 0)[0].pointer;
  Edit([&](Core&, Change& change) {
    change.RetireObject(killed);
    change.SetCounters(change.counters());  // a death alone is no reason for a commit
  });
  const uint64_t newest = RawStore(vault_->directory()).Keys("records").size() - 1;
  const auto dead = [&](std::vector<Sequence> altered) {
    return std::ranges::count(Findings({.altered = std::move(altered)}),
                              "dead-but-reachable /files/plain");
  };
  EXPECT_EQ(dead({}), 1);
  EXPECT_EQ(dead({Sequence(1), Sequence(newest - 1), Sequence(newest)}), 0);
}

TEST_F(BrokenObjectsTest, TheRoot) {
  ObjectId root;
  Look([&](const Core& core) { root = core.tree.root()->id(); });
  FlipBlob(root, 100);
  const StructureReport report = Report();
  EXPECT_EQ((Lines{"unreadable-tree -"}), LinesOf(report.findings));
  EXPECT_EQ(root, report.findings.at(0).object);
  EXPECT_EQ(Verdict::kFailed, report.result.verdict);
}

// Whichever leaf it is: one finding for the node, others only about what was in it, and every inode
// that cannot be read while its name can is among them.
TEST_F(BrokenObjectsTest, ALeafLosesWhatWasInItAndNothingElse) {
  size_t named = 0;
  for (const ObjectId leaf : Leaves()) {
    SCOPED_TRACE(leaf.value);
    vault_ = rich().vault->CopyAsAfterACrash();
    const std::set<InodeNumber> in_leaf = InodesIn(leaf);
    DeleteBlob(leaf);
    const StructureReport report = Report();
    std::set<std::string> reported;
    size_t nodes = 0;
    for (const Finding& finding : report.findings) {
      EXPECT_EQ(FindingKind::kUnreadableTree, finding.kind) << finding.what << finding.path;
      nodes += finding.object == leaf ? 1 : 0;
      if (finding.path.empty()) continue;
      reported.insert(finding.path);
      EXPECT_TRUE(in_leaf.contains(finding.inode.value())) << finding.path << finding.what;
    }
    EXPECT_EQ(1u, nodes);
    Look([&](const Core& core) {
      for (const auto& [path, inode] : rich().inodes) {
        const size_t slash = path.rfind('/');
        if (slash == std::string::npos || path == "/") continue;
        const InodeNumber parent = Inode(slash == 0 ? "/" : path.substr(0, slash));
        // What the parent's listing still has.
        bool listed = false;
        auto cursor = core.tree.Seek(Key(parent, ItemKind::kDirIndex, 0));
        Result<void> next;
        for (; cursor && next && cursor->IsAt(parent, ItemKind::kDirIndex); next = cursor->Next()) {
          listed = listed || DecodeDirIndex(cursor->value())->target.inode == inode;
        }
        auto item = core.tree.Find(Key(inode, ItemKind::kInode, 0));
        if (item || !listed) continue;
        ++named;
        auto above = core.tree.Find(Key(parent, ItemKind::kInode, 0));
        EXPECT_TRUE(!above || reported.contains(path)) << path;
      }
    });
  }
  EXPECT_GT(named, 100u);
}

TEST_F(BrokenObjectsTest, LeavesInEachOthersPlace) {
  EditRoot([](Change&, Node& root) {
    const Pointer first = root.ChildAt(1), second = root.ChildAt(3);
    root.SetChildAt(1, second);
    root.SetChildAt(3, first);
  });
  const StructureReport report = Report();
  size_t nodes = 0;
  for (const Finding& finding : report.findings) {
    EXPECT_EQ(FindingKind::kUnreadableTree, finding.kind) << finding.what << finding.path;
    nodes += finding.object ? 1 : 0;
  }
  EXPECT_EQ(2u, nodes);
}

TEST_F(BrokenObjectsTest, ALeafInTwoPlaces) {
  EditRoot([](Change& change, Node& root) {
    change.RetireObject(root.ChildAt(3));
    root.SetChildAt(3, root.ChildAt(1));
  });
  const Lines lines = Findings();
  EXPECT_EQ(1, std::count(lines.begin(), lines.end(), "reachable-twice -"));
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.starts_with("unreadable-tree ") || line == "reachable-twice -") << line;
  }
}

// The old root, which is still in the store, as a child of the new one.
TEST_F(BrokenObjectsTest, ANodeAtTheWrongLevel) {
  Pointer old_root;
  Look([&](const Core& core) { old_root = core.tree.root()->pointer(); });
  EditRoot([&](Change& change, Node& root) {
    change.RetireObject(root.ChildAt(2));
    root.SetChildAt(2, old_root);
  });
  const StructureReport report = Report();
  const Lines lines = LinesOf(report.findings);
  EXPECT_EQ(1, std::count(lines.begin(), lines.end(), "dead-but-reachable -"));
  EXPECT_TRUE(
      std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
        return finding.what.find("wrong level") != std::string::npos;
      }));
}

}  // namespace
}  // namespace chainfs::fs::check
