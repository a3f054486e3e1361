// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/check/structure/structure_fixture.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace chainfs::fs::check {
namespace {

struct OpenedVault {
  std::unique_ptr<Core> core;
  ChainHead head;
};

OpenedVault OpenVault(const TestVault& vault, bool read_only) {
  const crypto::VolumeSecrets secrets = vault.secrets();
  auto identity = IdentityOf(vault.header(), secrets);
  auto store = store::Store::Open(vault.directory(), {.read_only = read_only});
  EXPECT_TRUE(identity && store);
  Result<ChainHead> head = ErrorCode::kIo;
  {
    auto txn = (*store)->BeginRead();
    head = ReadChainHead(*txn, *identity);
  }
  EXPECT_TRUE(head);
  auto core = std::make_unique<Core>(
      std::move(*store), crypto::ObjectSealer(identity->volume_id, KeyEpoch(0), secrets.volume_key),
      crypto::NameHasher(secrets.volume_key), VolumeOptions());
  return {std::move(core), std::move(*head)};
}

// Part-way through a truncation, as a crash in it leaves a large file.
void LeaveTruncationUnfinished(Change& change, InodeNumber file) {
  auto inode = LoadInode(change, file);
  ASSERT_TRUE(inode);
  inode->size = kRegionBytes;
  inode->flags |= kShrinking;
  ASSERT_TRUE(StoreInode(change, file, *inode));
  uint8_t target[8];
  PutBE(target, inode->size);
  ASSERT_TRUE(change.Put(OrphanKey(file), target));
}

}  // namespace

const RichVault& StructureTest::rich() {
  static const RichVault vault = [] {
    RichVault made = MakeRichVault();
    EditVault(*made.vault, [&](Core&, Change& change) {
      LeaveTruncationUnfinished(change, made.inodes.at("/files/shrinking"));
    });
    return made;
  }();
  return vault;
}

StructureTest::StructureTest() : vault_(rich().vault->CopyAsAfterACrash()) {}

void StructureTest::EditVault(const TestVault& vault,
                              const std::function<void(Core&, Change&)>& edit) {
  auto [core, head] = OpenVault(vault, false);
  ASSERT_TRUE(core->tree.OpenAt(head.root));
  core->open = std::make_unique<OpenSet>(1, head.next_id);
  core->engine = std::make_unique<CommitEngine>(*core, head, vault.secrets().signing_seed.Clone());
  core->engine->Start();
  {
    auto change = Change::Begin(*core, SpaceNeed::kGrow);
    ASSERT_TRUE(change);
    edit(*core, *change);
  }
  EXPECT_TRUE(core->engine->Stop());
}

void StructureTest::EditInode(const std::string& path,
                              const std::function<void(InodeItem&)>& edit) {
  Edit([&](Core&, Change& change) {
    auto inode = LoadInode(change, Inode(path));
    ASSERT_TRUE(inode) << path;
    edit(*inode);
    ASSERT_TRUE(StoreInode(change, Inode(path), *inode));
  });
}

void StructureTest::PutItem(const Key& key, ByteView value) {
  Edit([&](Core&, Change& change) { ASSERT_TRUE(change.Put(key, value)); });
}

void StructureTest::EraseItem(const Key& key) {
  Edit([&](Core&, Change& change) { ASSERT_TRUE(change.Erase(key)); });
}

void StructureTest::Look(const std::function<void(const Core&)>& look) const {
  auto [core, head] = OpenVault(*vault_, true);
  ASSERT_TRUE(core->tree.OpenAt(head.root));
  look(*core);
}

Pieces StructureTest::PiecesOf(const std::string& path, uint64_t region) const {
  Pieces found;
  Look([&](const Core& core) {
    auto item = core.tree.Find(Key(Inode(path), ItemKind::kExtent, region));
    ASSERT_TRUE(item) << path;
    found = DecodePieces(item->value).value();
  });
  return found;
}

void StructureTest::DeleteBlob(ObjectId id) {
  auto store = store::Store::Open(vault_->directory(), {});
  ASSERT_TRUE(store);
  auto txn = (*store)->BeginWrite();
  ASSERT_TRUE(txn);
  ASSERT_TRUE(txn->DeleteObject(id));
  ASSERT_TRUE(txn->Commit());
}

Bytes StructureTest::BlobOf(ObjectId id) const {
  Bytes blob;
  Look([&](const Core& core) {
    auto txn = core.store->BeginRead();
    const auto found = txn->FindObject(id);
    ASSERT_TRUE(found);
    blob.assign(found->begin(), found->end());
  });
  return blob;
}

// In every page that holds them, stale ones too.
void StructureTest::ReplaceInFile(ByteView old_bytes, ByteView new_bytes) {
  const std::string path = vault_->directory() + "/data.mdb";
  std::ifstream in(path, std::ios::binary);
  Bytes file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  size_t found = 0;
  for (auto at = file.begin();; ++found) {
    at = std::search(at, file.end(), old_bytes.begin(), old_bytes.end());
    if (at == file.end()) break;
    at = std::copy(new_bytes.begin(), new_bytes.end(), at);
  }
  ASSERT_GT(found, 0u);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
}

void StructureTest::FlipBlob(ObjectId id, size_t byte) {
  const Bytes old_bytes = BlobOf(id);
  Bytes new_bytes = old_bytes;
  new_bytes[byte % new_bytes.size()] ^= 1;
  ReplaceInFile(old_bytes, new_bytes);
}

void StructureTest::SwapBlobs(ObjectId a, ObjectId b) {
  const Bytes first = BlobOf(a), second = BlobOf(b);
  ASSERT_EQ(first.size(), second.size());
  const Bytes between(first.size(), 0xee);
  ReplaceInFile(first, between);
  ReplaceInFile(second, first);
  ReplaceInFile(between, second);
}

StructureReport StructureTest::Report(StructureOptions options) const {
  return CheckVault(*vault_, options);
}

Lines StructureTest::LinesOf(const std::vector<Finding>& findings) {
  Lines lines;
  for (const Finding& finding : findings) {
    std::string line = NameOf(finding.kind);
    line += " " + (finding.path.empty() ? "-" : finding.path);
    if (finding.bytes) {
      line +=
          " " + std::to_string(finding.bytes->first) + "-" + std::to_string(finding.bytes->second);
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

PassResult StructureTest::CheckWith(StructureOptions options, Listener& listener,
                                    const std::function<void(ChainHead&)>& change_head) const {
  auto [core, head] = OpenVault(*vault_, true);
  if (change_head) change_head(head);
  return CheckStructure(*core->store, core->sealer, core->hasher, head, options, listener);
}

}  // namespace chainfs::fs::check
