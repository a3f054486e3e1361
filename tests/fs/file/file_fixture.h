// SPDX-License-Identifier: GPL-3.0-or-later
// Files without a directory: INODE items put by hand, for tests of file data alone.
#pragma once

#include <algorithm>
#include <numeric>

#include "fs/file/read.h"
#include "fs/file/truncate.h"
#include "fs/file/write.h"
#include "fs/inode_access.h"
#include "tests/fs/core_fixture.h"

namespace chainfs::fs {

class FileTest : public CoreTest {
 protected:
  static constexpr InodeNumber kFile{5};

  void MakeFile(InodeNumber number = kFile) {
    auto change = Begin();
    InodeItem inode;
    inode.mode = 0100644;
    inode.nlink = 1;
    inode.atime = Now();
    ASSERT_TRUE(StoreInode(change, number, inode));
  }
  void Write(uint64_t offset, const Bytes& data) {
    ASSERT_TRUE(fs::Write(*core_, kFile, offset, data, false));
  }
  Bytes Read(uint64_t offset, size_t bytes) {
    Bytes out(bytes, 0xee);
    auto read = fs::Read(*core_, kFile, offset, out);
    EXPECT_TRUE(read);
    out.resize(read ? *read : 0);
    return out;
  }
  void Truncate(uint64_t size) { ASSERT_TRUE(fs::Truncate(*core_, kFile, size, false)); }
  void Sync() { ASSERT_TRUE(core_->engine->Sync()); }
  InodeItem Inode(InodeNumber number = kFile) {
    ReadView view(*core_);
    auto inode = LoadInode(view, number);
    EXPECT_TRUE(inode);
    return std::move(*inode);
  }

  ObjectId NewestPieceOf(uint64_t region) {
    ReadView view(*core_);
    auto item = view.Find(Key(kFile, ItemKind::kExtent, region));
    EXPECT_TRUE(item);
    return item ? (*DecodePieces(item->value))[0].pointer.id : ObjectId();
  }

  // Flips a bit of a blob in the store, in its middle or where it is told to. Opens everything
  // anew.
  void Damage(ObjectId id, std::optional<size_t> at = {}) {
    Close();
    {
      auto store = store::Store::Open(directory_, {});
      ASSERT_TRUE(store);
      Bytes blob;
      {
        auto txn = (*store)->BeginRead();
        auto sealed = *txn->FindObject(id);
        blob.assign(sealed.begin(), sealed.end());
      }
      blob[at.value_or(blob.size() / 2)] ^= 1;
      auto txn = (*store)->BeginWrite();
      ASSERT_TRUE(txn->DeleteObject(id));
      ASSERT_TRUE(txn->PutObject(id, blob));
      ASSERT_TRUE(txn->Commit());
    }
    Open();
  }

  // Bytes that differ from place to place and from seed to seed.
  static Bytes Pattern(size_t bytes, uint64_t seed) {
    Bytes out(bytes);
    uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 1;
    for (uint8_t& b : out) {
      x = x * 6364136223846793005ULL + 1442695040888963407ULL;
      b = static_cast<uint8_t>(x >> 56);
    }
    return out;
  }
};

}  // namespace chainfs::fs
