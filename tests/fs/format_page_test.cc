// SPDX-License-Identifier: GPL-3.0-or-later
// The worked examples of docs/format-tree.md, and the sealed objects of docs/format-header.md: what
// the codecs write is what the pages show, to the byte. tests/reader/ reads the same bytes.
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <sstream>

#include "crypto/name_hash.h"
#include "crypto/sealing.h"
#include "crypto/sha256.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_access.h"
#include "fs/name/dentry_codec.h"
#include "fs/name/xattr_codec.h"
#include "fs/settings.h"
#include "fs/tree/node.h"
#include "tests/crypto/hex.h"

namespace chainfs::fs {
namespace {

template <size_t N>
std::array<uint8_t, N> Counting(uint8_t first) {
  std::array<uint8_t, N> out;
  std::iota(out.begin(), out.end(), first);
  return out;
}

class Page {
 public:
  explicit Page(const std::string& name) {
    std::ifstream file(std::string(FORMAT_DOCUMENTS) + "/" + name);
    text_.assign(std::istreambuf_iterator<char>(file), {});
    EXPECT_FALSE(text_.empty()) << name;
  }
  const std::string& text() const { return text_; }

  // Writes the bytes of all blocks between two phrases to where their lines say. Returns how many.
  size_t Copy(const std::string& from, const std::string& to, MutableByteView out) const {
    const size_t begin = text_.find(from);
    const size_t end = to.empty() ? text_.size() : text_.find(to, begin);
    EXPECT_NE(end, std::string::npos) << from << " to " << to;
    std::istringstream lines(text_.substr(begin, end - begin));
    bool inside = false;
    size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line == "```") {
        inside = !inside;
      } else if (inside) {
        count += CopyLine(line, out);
      }
    }
    return count;
  }

 private:
  static size_t CopyLine(const std::string& line, MutableByteView out) {
    std::istringstream words(line);
    size_t at;
    words >> at;
    std::string hex;
    for (std::string word; words >> word;) hex += word;
    const Bytes bytes = test::FromHex(hex);
    EXPECT_LE(at + bytes.size(), out.size()) << line;
    if (at + bytes.size() <= out.size()) std::copy(bytes.begin(), bytes.end(), out.begin() + at);
    return bytes.size();
  }

  std::string text_;
};

crypto::SecretKey VolumeKey() {
  crypto::SecretKey key(32);
  const auto bytes = Counting<32>(0x40);
  std::copy(bytes.begin(), bytes.end(), key.mutable_view().begin());
  return key;
}

Pointer PointerTo(uint64_t id, uint8_t nonce, size_t length) {
  return {ObjectId(id), Counting<24>(nonce), static_cast<uint32_t>(length)};
}

// What differs from inode to inode in the example.
InodeItem ExampleInode(uint32_t mode, uint64_t size) {
  InodeItem inode;
  inode.mode = mode;
  inode.uid = inode.gid = 1000;
  inode.nlink = 1;
  inode.size = size;
  inode.generation = 1;
  inode.atime = {1717771234, 0x01020304};
  inode.mtime = {1717771235, 0x05060708};
  inode.ctime = {1717771236, 0x090a0b0c};
  inode.btime = {1717771237, 0x0d0e0f10};
  return inode;
}

class ExampleLeaf {
 public:
  ExampleLeaf() {
    PutInodes();
    PutEntries();
    PutXattrs();
    PutFileData();
    node_.SetCounters(
        {.next_inode = 5, .inodes = 4, .reserved_bytes = 59 * kBlockBytes, .data_blocks = 5});
  }
  Bytes Sealable() const {
    std::vector<ByteView> parts;
    Bytes plaintext;
    node_.Gather(parts, plaintext);
    return plaintext;
  }

 private:
  void Put(const Key& key, ByteView value) {
    EXPECT_TRUE(node_.InsertItem(node_.LowerBound(key), key, value));
  }
  void PutInode(uint64_t number, const InodeItem& inode) {
    Put(Key(InodeNumber(number), ItemKind::kInode, 0), EncodeInode(inode));
  }
  void PutInodes() {
    InodeItem directory = ExampleInode(0040755, 3);
    directory.nlink = 2;
    directory.parent = kRootInode;
    directory.next_entry_sequence = 6;
    PutInode(1, directory);
    InodeItem notes = ExampleInode(0100644, 6);
    notes.flags = kInlineData | kHasXattrs;
    notes.inline_data = Bytes{'h', 'e', 'l', 'l', 'o', '\n'};
    PutInode(2, notes);
    InodeItem pool = ExampleInode(0100600, 266240);
    pool.flags = kHasReserved | kShrinking;
    pool.blocks = 5;
    pool.reserved_blocks = 59;
    PutInode(3, pool);
    InodeItem link = ExampleInode(0120777, 5);
    link.inline_data = Bytes{'n', 'o', 't', 'e', 's'};
    PutInode(4, link);
  }
  void PutEntries() {
    uint64_t number = 2, sequence = 3;
    for (const auto& [name, type] : {std::pair<std::string_view, uint32_t>{"notes", 0100000},
                                     {"pool", 0100000},
                                     {"link", 0120000}}) {
      const EntryTarget target{InodeNumber(number++), type};
      DentryValue dentry;
      EXPECT_TRUE(dentry.Append({target, sequence, name}));
      Put(Key(kRootInode, ItemKind::kDentry, hasher_.Hash(name)), dentry.view());
      Put(Key(kRootInode, ItemKind::kDirIndex, sequence++), DirIndexValue({target, name}).view());
    }
  }
  void PutXattr(const XattrEntry& entry) {
    XattrItemValue value;
    EXPECT_TRUE(value.Append(entry));
    Put(Key(InodeNumber(2), ItemKind::kXattr, hasher_.Hash(entry.name)), value.view());
  }
  void PutXattrs() {
    PutXattr({"user.small", false, AsBytes("value")});
    std::array<uint8_t, kPointerBytes> pointer;
    PutPointer(pointer.data(), PointerTo(259, 0x30, 5000));
    PutXattr({"user.large", true, pointer});
  }
  void PutFileData() {
    Pieces pieces;
    pieces.Append({PointerTo(260, 0x50, 2 * kBlockBytes + 100), 0x8000000c, 0x8000000c});
    pieces.Append({PointerTo(258, 0x11, 3 * kBlockBytes), 0b1011, 0b0011});
    for (const PieceRef& piece : pieces) EXPECT_TRUE(LengthIsSound(piece));
    Put(Key(InodeNumber(3), ItemKind::kExtent, 0), EncodePieces(pieces).view());
    std::array<uint8_t, 8> number;
    PutBE(number.data(), uint64_t{64});
    Put(Key(InodeNumber(3), ItemKind::kReserved, 0), number);
    PutBE(number.data(), uint64_t{266240});
    Put(OrphanKey(InodeNumber(3)), number);
  }

  const crypto::NameHasher hasher_{VolumeKey()};
  Node node_{ObjectId(1), 1, 0};
};

TEST(FormatTreePageTest, LeafIsTheOneThatIsWritten) {
  const Page page("format-tree.md");
  Bytes shown(kNodeBytes);
  const size_t heap = 8144 - 7120, header_and_slots = 48 + 2 * 15;
  EXPECT_EQ(page.Copy("## Example", "An inner node with", shown), header_and_slots + heap);
  EXPECT_EQ(shown, ExampleLeaf().Sealable());
}

TEST(FormatTreePageTest, InnerNodeIsTheOneThatIsWritten) {
  Node node(ObjectId(1), 1, 1);
  ASSERT_TRUE(node.InsertChild(0, Key(InodeNumber(0), ItemKind::kInode, 0),
                               PointerTo(300, 0x70, kNodeBytes)));
  ASSERT_TRUE(node.InsertChild(1, Key(InodeNumber(256), ItemKind::kInode, 0),
                               PointerTo(301, 0x90, kNodeBytes)));
  std::vector<ByteView> parts;
  Bytes written, shown(kNodeBytes);
  node.Gather(parts, written);
  Page("format-tree.md").Copy("An inner node with", "", shown);
  EXPECT_EQ(shown, written);
}

// A reader takes them, and refuses them with anything in a reserved byte.
TEST(FormatTreePageTest, ItsNodesAreSound) {
  const Page page("format-tree.md");
  for (const auto& [from, to] :
       {std::pair<const char*, const char*>{"## Example", "An inner node with"},
        {"An inner node with", ""}}) {
    Node node{Pointer{}};
    std::fill(node.plaintext().begin(), node.plaintext().end(), uint8_t{0});
    page.Copy(from, to, node.plaintext());
    EXPECT_TRUE(node.Validate()) << from;
    for (const size_t reserved : {1, 6, 7, 40, 47}) {
      node.plaintext()[reserved] ^= 1;
      EXPECT_FALSE(node.Validate()) << from << ", byte " << reserved;
      node.plaintext()[reserved] ^= 1;
    }
  }
}

TEST(FormatTreePageTest, SettingIsTheOneThatIsWritten) {
  std::array<uint8_t, kKeyBytes> key{};
  PutKey(key.data(), SizeLimitKey());
  Bytes shown(kKeyBytes + 2 + 8), written(key.begin(), key.end());
  Page("format-tree.md").Copy("For a limit of 1 GiB", "## Example", shown);
  const Bytes value = EncodeSizeLimit(1 << 30);
  written.insert(written.end(), {0, static_cast<uint8_t>(value.size())});
  written.insert(written.end(), value.begin(), value.end());
  EXPECT_EQ(shown, written);
}

TEST(FormatTreePageTest, HashOfANameIsTheOneThatItsItemsAreFiledUnder) {
  char hash[17];
  std::snprintf(hash, sizeof(hash), "%016llx",
                static_cast<unsigned long long>(crypto::NameHasher(VolumeKey()).Hash("notes")));
  EXPECT_NE(Page("format-tree.md").text().find("`" + std::string(hash) + "`"), std::string::npos);
}

TEST(FormatHeaderPageTest, SealedObjectsAreThoseThatAreWritten) {
  const Page page("format-header.md");
  const crypto::ObjectSealer sealer(Counting<16>(0xa0), KeyEpoch(0), VolumeKey());

  const Bytes value = {'v', 'a', 'l', 'u', 'e'};
  Bytes sealed(SealedBytes(value.size())), shown(sealed.size());
  const ByteView part(value);
  sealer.Seal(ObjectType::kXattr, PointerTo(259, 0x30, value.size()), {&part, 1}, sealed);
  EXPECT_EQ(page.Copy("Sealed as an xattr", "A data object", shown), sealed.size());
  EXPECT_EQ(shown, sealed);

  const Bytes zeros(4100);
  const ByteView all(zeros);
  sealed.resize(SealedBytes(zeros.size()));
  sealer.Seal(ObjectType::kData, PointerTo(258, 0x11, zeros.size()), {&all, 1}, sealed);
  shown = sealed;
  std::fill(shown.begin() + kSealedChunkBytes, shown.end(), uint8_t{0});
  EXPECT_EQ(page.Copy("A data object", "## Recovery key", shown), 4u + kTagBytes);
  EXPECT_EQ(shown, sealed);
  std::ostringstream digest;
  for (const uint8_t byte : crypto::Sha256(sealed)) {
    digest << std::hex << (byte >> 4) << (byte & 15);
  }
  EXPECT_NE(page.text().find("`" + digest.str() + "`"), std::string::npos) << digest.str();
}

}  // namespace
}  // namespace chainfs::fs
