// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/inode_item.h"

#include <gtest/gtest.h>

#include "crypto/base/byte_order.h"

namespace chainfs::fs {
namespace {

InodeItem SmallFile() {
  InodeItem inode;
  inode.mode = 0100640;
  inode.uid = 1;
  inode.gid = 2;
  inode.nlink = 3;
  inode.size = 5;
  inode.generation = 7;
  inode.flags = kInlineData | kHasXattrs;
  inode.atime = {-1, 999'999'999};
  inode.mtime = {int64_t{1} << 40, 1};
  inode.ctime = {3, 4};
  inode.btime = {5, 6};
  inode.inline_data = {'h', 'e', 'l', 'l', 'o'};
  return inode;
}

TEST(InodeItemTest, DecodesWhatItEncoded) {
  const InodeItem inode = SmallFile();
  const Bytes encoded = EncodeInode(inode);
  ASSERT_EQ(kInodeFixedBytes + 5, encoded.size());
  const auto decoded = DecodeInode(encoded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encoded, EncodeInode(*decoded));
  EXPECT_EQ(inode.inline_data, decoded->inline_data);
  EXPECT_EQ(inode.atime, decoded->atime);
  EXPECT_EQ(inode.mtime, decoded->mtime);
  EXPECT_EQ(3u, decoded->nlink);
}

TEST(InodeItemTest, TheHeadIsEverythingButTheData) {
  const auto head = DecodeInodeHead(EncodeInode(SmallFile()));
  ASSERT_TRUE(head);
  EXPECT_EQ(5u, head->size);
  EXPECT_TRUE(head->inline_data.empty());
}

TEST(InodeItemTest, ADirectoryKeepsParentAndSequence) {
  InodeItem inode;
  inode.mode = 0040755;
  inode.parent = InodeNumber(9);
  inode.next_entry_sequence = 11;
  const auto decoded = DecodeInode(EncodeInode(inode));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(InodeNumber(9), decoded->parent);
  EXPECT_EQ(11u, decoded->next_entry_sequence);
}

TEST(InodeItemTest, EveryShorterValueIsUnsound) {
  const Bytes encoded = EncodeInode(SmallFile());
  for (size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(DecodeInode(ByteView(encoded).first(size))) << size;
  }
}

TEST(InodeItemTest, RefusesWhatContradictsItself) {
  const auto refused = [](auto&& spoil) {
    InodeItem inode = SmallFile();
    spoil(inode);
    return !DecodeInode(EncodeInode(inode));
  };
  EXPECT_TRUE(refused([](InodeItem& i) { i.mode = 0; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.mode = 0170000; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.size = 6; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.flags = 0; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.flags |= 1u << 31; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.mtime.nanoseconds = 1'000'000'000; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.mode = 0040755; }));
  EXPECT_TRUE(refused([](InodeItem& i) { i.size = kMaxFileSize + 1; }));
}

TEST(InodeItemTest, InlineDataCountsAsBlocks) {
  EXPECT_EQ(1u, AttributesOf(InodeNumber(1), SmallFile()).blocks_512);
  InodeItem empty = SmallFile();
  empty.size = 0;
  empty.inline_data.clear();
  EXPECT_EQ(0u, AttributesOf(InodeNumber(1), empty).blocks_512);
}

}  // namespace
}  // namespace chainfs::fs
