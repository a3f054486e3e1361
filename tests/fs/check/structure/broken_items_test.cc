// SPDX-License-Identifier: GPL-3.0-or-later
// Items, sizes, counts, attributes, totals: one thing is wrong, and that is what is found.
#include <algorithm>

#include "fs/commit/size_limit.h"
#include "fs/name/acl.h"
#include "fs/name/xattr_codec.h"
#include "fs/settings.h"
#include "tests/fs/check/structure/structure_fixture.h"

namespace chainfs::fs::check {
namespace {

class BrokenItemsTest : public StructureTest {
 protected:
  static Key ItemOf(const std::string& path, ItemKind kind, uint64_t offset = 0) {
    return Key(Inode(path), kind, offset);
  }
  void PutNumber(const Key& key, uint64_t number) {
    uint8_t value[8];
    PutBE(value, number);
    PutItem(key, value);
  }
  Key XattrKey(const std::string& path, std::string_view name) const {
    Key key;
    Look([&](const Core& core) {
      key = Key(Inode(path), ItemKind::kXattr, core.hasher.Hash(name));
    });
    return key;
  }
  void PutXattr(const Key& key, std::string_view name, ByteView value) {
    XattrItemValue item;
    ASSERT_TRUE(item.Append({name, false, value}));
    PutItem(key, item.view());
  }
  void ChangeCounters(const std::function<void(RootCounters&)>& edit) {
    Edit([&](Core&, Change& change) {
      RootCounters counters = change.counters();
      edit(counters);
      change.SetCounters(counters);
    });
  }
};

TEST_F(BrokenItemsTest, AnInodeItem) {
  PutItem(ItemOf("/many/7", ItemKind::kInode), Bytes(20));
  EXPECT_EQ((Lines{"bad-item /many/7"}), Findings());
}

TEST_F(BrokenItemsTest, AnItemOfUnknownKind) {
  PutItem(ItemOf("/many/7", static_cast<ItemKind>(99)), {});
  EXPECT_EQ((Lines{"bad-item /many/7"}), Findings());
  PutItem(Key(InodeNumber(0), ItemKind::kDentry, 0), {});
  EXPECT_EQ((Lines{"bad-item -", "bad-item /many/7"}), Findings());
}

TEST_F(BrokenItemsTest, ASettingThatIsMalformedIsRefusedAtOpeningToo) {
  const auto opened = [&](bool read_only) {
    VolumeOptions options;
    options.read_only = read_only;
    auto volume = Volume::Open(vault_->directory(), vault_->header(), vault_->secrets(), options);
    return volume ? ErrorCode{} : volume.error().code;
  };
  PutItem(SizeLimitKey(), EncodeSizeLimit(kMinSizeLimit));
  EXPECT_EQ(Lines(), Findings());
  for (const Bytes& value : {Bytes(), Bytes(7), Bytes(8), Bytes(8, 0xff), Bytes(9)}) {
    PutItem(SizeLimitKey(), value);
    EXPECT_EQ((Lines{"bad-item -"}), Findings());
    EXPECT_EQ(opened(false), ErrorCode::kDamaged);
    EXPECT_EQ(opened(true), ErrorCode{}) << "what is there can still be read";
  }
  EraseItem(SizeLimitKey());
  PutItem(Key(InodeNumber(0), ItemKind::kSetting, 2), EncodeSizeLimit(kMinSizeLimit));
  EXPECT_EQ((Lines{"bad-item -"}), Findings());
}

TEST_F(BrokenItemsTest, ItemsWithoutAnInode) {
  PutNumber(Key(InodeNumber(100'000), ItemKind::kReserved, 0), 1);
  EXPECT_EQ((Lines{"bad-counter -", "bad-item -"}), Findings());  // the next inode's number, too
}

TEST_F(BrokenItemsTest, DentriesAndIndexes) {
  PutItem(ItemOf("/files", ItemKind::kDentry, 5), Bytes(3));
  EXPECT_EQ((Lines{"bad-item /files"}), Findings());
  EraseItem(ItemOf("/files", ItemKind::kDentry, 5));
  PutItem(ItemOf("/files", ItemKind::kDirIndex, 10'000), Bytes(3));
  EXPECT_EQ((Lines{"bad-item /files"}), Findings());
}

TEST_F(BrokenItemsTest, AnExtentNamesTheBytesThatAreLost) {
  const Pieces pieces = PiecesOf("/files/plain", 2);
  Edit([&](Core&, Change& change) {
    for (const PieceRef& ref : pieces) change.RetireObject(ref.pointer);
    ASSERT_TRUE(change.Put(ItemOf("/files/plain", ItemKind::kExtent, 2), Bytes(7)));
  });
  EXPECT_EQ(
      (Lines{"bad-counter -", "bad-item /files/plain 262144-300000", "bad-size /files/plain"}),
      Findings());
}

TEST_F(BrokenItemsTest, ReservedRanges) {
  PutItem(ItemOf("/files/reserved", ItemKind::kReserved, 1'000), Bytes(3));
  EXPECT_EQ((Lines{"bad-item /files/reserved"}), Findings());
  PutNumber(ItemOf("/files/reserved", ItemKind::kReserved, 1'000), 0);
  EXPECT_EQ((Lines{"bad-item /files/reserved"}), Findings());
  EraseItem(ItemOf("/files/reserved", ItemKind::kReserved, 1'000));
  PutNumber(ItemOf("/files/reserved", ItemKind::kReserved, 10), 5);
  EXPECT_EQ((Lines{"bad-item /files/reserved"}), Findings());
}

TEST_F(BrokenItemsTest, ReservedBlocks) {
  EditInode("/files/reserved", [](InodeItem& inode) {
    EXPECT_EQ(60u, inode.reserved_blocks);
    ++inode.reserved_blocks;
  });
  EXPECT_EQ((Lines{"bad-size /files/reserved"}), Findings());
}

TEST_F(BrokenItemsTest, ReservedFlag) {
  EditInode("/files/reserved", [](InodeItem& inode) { inode.flags &= ~kHasReserved; });
  EXPECT_EQ((Lines{"bad-item /files/reserved"}), Findings());
}

TEST_F(BrokenItemsTest, BlockCount) {
  EditInode("/files/sparse", [](InodeItem& inode) { ++inode.blocks; });
  EXPECT_EQ((Lines{"bad-size /files/sparse"}), Findings());
}

TEST_F(BrokenItemsTest, InlineFileWithBlocks) {
  EditInode("/files/hard", [](InodeItem& inode) {
    inode.flags |= kInlineData;
    inode.size = 5;
    inode.inline_data = Bytes(5);
  });
  const StructureReport report = Report();
  ASSERT_EQ(3u, report.findings.size());  // its blocks, those past its end, and what is in them
  for (const Finding& finding : report.findings) EXPECT_EQ(FindingKind::kBadSize, finding.kind);
  EXPECT_EQ("holds its data itself, but has blocks", report.findings[0].what);
}

TEST_F(BrokenItemsTest, BlocksPastTheEnd) {
  EditInode("/files/plain", [](InodeItem& inode) { inode.size = 2 * kRegionBytes; });
  EXPECT_EQ((Lines{"bad-size /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, BytesPastTheEndInTheLastBlock) {
  EditInode("/files/plain", [](InodeItem& inode) { inode.size -= 10; });
  EXPECT_EQ((Lines{"bad-size /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, SymlinkTails) {
  EraseItem(ItemOf("/files/long", ItemKind::kInode, 1));
  EXPECT_EQ((Lines{"bad-size /files/long"}), Findings());
  PutItem(ItemOf("/files/short", ItemKind::kInode, 1), Bytes(1));
  EXPECT_EQ((Lines{"bad-size /files/long", "bad-size /files/short"}), Findings());
}

TEST_F(BrokenItemsTest, ATargetOfWhatIsNoSymlink) {
  PutItem(ItemOf("/many/7", ItemKind::kInode, 1), Bytes(1));
  EXPECT_EQ((Lines{"bad-item /many/7"}), Findings());
}

TEST_F(BrokenItemsTest, DataOfWhatIsNoFile) {
  PutNumber(ItemOf("/special/fifo", ItemKind::kReserved, 0), 1);
  EXPECT_EQ((Lines{"bad-counter -", "bad-item /special/fifo"}), Findings());
}

TEST_F(BrokenItemsTest, AMalformedXattr) {
  PutItem(XattrKey("/files/plain", "user.small"), Bytes(2));
  EXPECT_EQ((Lines{"bad-item /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, AnXattrUnderTheWrongHash) {
  Key key = XattrKey("/files/plain", "user.small");
  EraseItem(key);
  ++key.offset;
  PutXattr(key, "user.small", Bytes(1));
  EXPECT_EQ((Lines{"bad-item /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, AnXattrThatTheInodeMayNotHave) {
  PutXattr(XattrKey("/special/fifo", "user.a"), "user.a", Bytes(1));
  EditInode("/special/fifo", [](InodeItem& inode) { inode.flags |= kHasXattrs; });
  EXPECT_EQ((Lines{"bad-item /special/fifo"}), Findings());
  PutXattr(XattrKey("/many/7", "x.a"), "x.a", Bytes(1));
  EditInode("/many/7", [](InodeItem& inode) { inode.flags |= kHasXattrs; });
  EXPECT_EQ((Lines{"bad-item /many/7", "bad-item /special/fifo"}), Findings());
}

TEST_F(BrokenItemsTest, XattrFlags) {
  PutXattr(XattrKey("/many/7", "user.a"), "user.a", Bytes(1));
  EXPECT_EQ((Lines{"bad-item /many/7"}), Findings());
}

TEST_F(BrokenItemsTest, AclFlags) {
  EditInode("/files/plain", [](InodeItem& inode) { inode.flags &= ~kHasAccessAcl; });
  EXPECT_EQ((Lines{"bad-item /files/plain"}), Findings());
  EditInode("/acl", [](InodeItem& inode) { inode.flags &= ~kHasDefaultAcl; });
  EXPECT_EQ((Lines{"bad-item /acl", "bad-item /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, AnAclThatIsNone) {
  PutXattr(XattrKey("/acl", kDefaultAclName), kDefaultAclName, Bytes(5));
  EXPECT_EQ((Lines{"bad-item /acl"}), Findings());
}

TEST_F(BrokenItemsTest, AModeThatIsNotItsAcls) {
  EditInode("/files/plain", [](InodeItem& inode) { inode.mode ^= 0070; });
  EXPECT_EQ((Lines{"bad-item /files/plain"}), Findings());
}

TEST_F(BrokenItemsTest, TotalsAtTheRoot) {
  ChangeCounters([](RootCounters& counters) { ++counters.inodes; });
  EXPECT_EQ((Lines{"bad-counter -"}), Findings());
  ChangeCounters([](RootCounters& counters) { --counters.inodes, ++counters.data_blocks; });
  EXPECT_EQ((Lines{"bad-counter -"}), Findings());
  ChangeCounters(
      [](RootCounters& counters) { --counters.data_blocks, counters.reserved_bytes += 1; });
  EXPECT_EQ((Lines{"bad-counter -"}), Findings());
  ChangeCounters(
      [](RootCounters& counters) { --counters.reserved_bytes, counters.next_inode = 9; });
  EXPECT_EQ((Lines{"bad-counter -"}), Findings());
}

TEST_F(BrokenItemsTest, LiveObjectsAndBytesOfTheRecord) {
  FindingCollector collector;
  (void)CheckWith({}, collector, [](ChainHead& head) { ++head.live_objects; });
  (void)CheckWith({}, collector, [](ChainHead& head) { ++head.live_bytes; });
  EXPECT_EQ((Lines{"bad-counter -", "bad-counter -"}), LinesOf(collector.findings));
}

TEST_F(BrokenItemsTest, IdsThatTheLedgerHasNotDrawn) {
  const PieceRef newest = PiecesOf("/files/fragmented", 0)[0];
  FindingCollector collector;
  (void)CheckWith({}, collector, [&](ChainHead& head) { head.next_id = newest.pointer.id; });
  const Lines lines = LinesOf(collector.findings);
  EXPECT_NE(lines.end(), std::find(lines.begin(), lines.end(), "bad-counter /files/fragmented"));
}

}  // namespace
}  // namespace chainfs::fs::check
