// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/repair/repair_fixture.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"
#include "fs/commit/retention.h"
#include "fs/file/extent_codec.h"
#include "fs/history/stored_tiles.h"
#include "fs/name/dentry.h"
#include "fs/name/xattr_codec.h"
#include "ledger/tile_hashes.h"
#include "tests/fs/volume_check.h"

namespace chainfs::fs::repair {
namespace {

constexpr int kDirectories = 5, kSmallFiles = 1500;

std::string Text(size_t bytes, uint64_t seed) {
  std::string out(bytes, '\0');
  uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 1;
  for (char& c : out) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>('a' + (x >> 56) % 26);
  }
  return out;
}

VolumeOptions Options() {
  VolumeOptions options;
  options.atime = false;
  options.cache_bytes = 16 << 20;
  options.dirty_limit_bytes = 8 << 20;
  options.commit_interval_ms = 1000000;
  options.seal_threads = 1;
  return options;
}

InodeNumber Make(Volume& volume, InodeNumber parent, const std::string& name) {
  auto made = volume.MakeNode(parent, name, {.mode = 0100644});
  EXPECT_TRUE(made);
  volume.Forget(made->inode, 1);
  return made->inode;
}

}  // namespace

RepairTest::~RepairTest() {
  const std::filesystem::path vault = vault_->directory();
  const std::string prefix = vault.filename().string() + ".quarantine-";
  for (const auto& entry : std::filesystem::directory_iterator(vault.parent_path())) {
    if (entry.path().filename().string().starts_with(prefix)) {
      std::filesystem::remove(entry.path());
    }
  }
}

void RepairTest::MakeContent() {
  auto volume = vault_->Open(Options());
  ASSERT_NE(volume, nullptr);
  std::vector<InodeNumber> directories;
  for (int d = 0; d < kDirectories; ++d) {
    auto made = volume->MakeDirectory(kRootInode, "d" + std::to_string(d), {.mode = 0755});
    ASSERT_TRUE(made);
    volume->Forget(made->inode, 1);
    directories.push_back(made->inode);
  }
  for (int i = 0; i < kSmallFiles; ++i) {
    const InodeNumber file = Make(*volume, directories[i % kDirectories], "f" + std::to_string(i));
    ASSERT_TRUE(volume->Write(file, 0, AsBytes(Text(600 + i % 300, i))));
    if (i % 300 == 0) {
      ASSERT_TRUE(volume->Sync());
    }
  }
  const InodeNumber big = Make(*volume, kRootInode, "big");
  ASSERT_TRUE(volume->Write(big, 0, AsBytes(Text(500000, 7))));
  ASSERT_TRUE(volume->Sync());
  ASSERT_TRUE(volume->Write(big, 20000, AsBytes(Text(9000, 8))));
  ASSERT_TRUE(volume->Write(big, 300000, AsBytes(Text(9000, 9))));
  const InodeNumber sparse = Make(*volume, kRootInode, "sparse");
  ASSERT_TRUE(volume->Write(sparse, 3000000, AsBytes(Text(70000, 10))));
  ASSERT_TRUE(volume->Allocate(sparse, 0, 1 << 20, true));
  const InodeNumber tagged = Make(*volume, kRootInode, "tagged");
  ASSERT_TRUE(volume->SetXattr(tagged, "user.small", "value", XattrMode::kAny));
  ASSERT_TRUE(volume->SetXattr(tagged, "user.large", Text(20000, 11), XattrMode::kAny));
  auto linked = volume->Link(big, directories[1], "hard");
  ASSERT_TRUE(linked);
  volume->Forget(big, 1);
  auto symlink = volume->MakeSymlink(kRootInode, "soft", "d1/hard", {.mode = 0777});
  ASSERT_TRUE(symlink);
  volume->Forget(symlink->inode, 1);
  ASSERT_TRUE(volume->Sync());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(volume->Write(big, 100000 * i, AsBytes(Text(5000, 20 + i))));
    Make(*volume, directories[0], "late" + std::to_string(i));
    ASSERT_TRUE(volume->Sync());
  }
  ASSERT_TRUE(volume->Close());
  volume.reset();
  expected_ = List();
}

Sequence RepairTest::WriteFile(const std::string& name, const std::string& content) {
  auto volume = vault_->Open(Options());
  auto found = volume->Lookup(kRootInode, name);
  InodeNumber file;
  if (found) {
    file = found->inode;
    volume->Forget(file, 1);
  } else {
    file = Make(*volume, kRootInode, name);
  }
  EXPECT_TRUE(volume->Write(file, 0, AsBytes(content)));
  EXPECT_TRUE(volume->Sync());
  const Sequence head = volume->Status().head;
  EXPECT_TRUE(volume->Close());
  return head;
}

void RepairTest::AgeRetainedRoots() {
  auto volume = vault_->Open(Options());
  const InodeNumber file = Make(*volume, kRootInode, "ageing");
  for (uint64_t i = 0; i <= kRetainedCommits; ++i) {
    ASSERT_TRUE(volume->Write(file, 0, AsBytes(Text(100, i))));
    ASSERT_TRUE(volume->Sync());
  }
  ASSERT_TRUE(volume->Close());
  volume.reset();
  expected_ = List();
}

void RepairTest::RemoveFile(const std::string& name) {
  auto volume = vault_->Open(Options());
  EXPECT_TRUE(volume->Unlink(kRootInode, name));
  EXPECT_TRUE(volume->Close());
}

void RepairTest::ListBelow(Volume& volume, InodeNumber directory, const std::string& path,
                           Listing& listing) {
  std::vector<std::pair<std::string, InodeNumber>> entries;
  auto read = volume.ReadDirectory(directory, 0, false,
                                   [&](const DirectoryEntry& entry, const Attributes*) {
                                     if (entry.name != "." && entry.name != "..") {
                                       entries.emplace_back(entry.name, entry.inode);
                                     }
                                     return true;
                                   });
  EXPECT_TRUE(read) << path;
  for (const auto& [name, inode] : entries) {
    const std::string where = path + "/" + name;
    auto attributes = volume.GetAttributes(inode);
    EXPECT_TRUE(attributes) << where;
    if (!attributes) continue;
    Seen& seen = listing[where];
    seen.mode = attributes->mode;
    seen.nlink = attributes->nlink;
    seen.size = attributes->size;
    auto names = volume.ListXattrs(inode);
    EXPECT_TRUE(names) << where;
    for (const std::string& xattr : names ? *names : std::vector<std::string>()) {
      auto value = volume.GetXattr(inode, xattr);
      EXPECT_TRUE(value) << where;
      if (value) seen.xattrs[xattr] = *value;
    }
    const uint32_t type = seen.mode & 0170000;
    if (type == 0040000) ListBelow(volume, inode, where, listing);
    if (type == 0120000) seen.content = volume.ReadLink(inode) ? *volume.ReadLink(inode) : "?";
    if (type != 0100000) continue;
    seen.content.assign(seen.size, '?');
    for (uint64_t at = 0; at < seen.size; at += kBlockBytes) {
      const size_t bytes = std::min<uint64_t>(kBlockBytes, seen.size - at);
      MutableByteView out{reinterpret_cast<uint8_t*>(seen.content.data() + at), bytes};
      auto block = volume.Read(inode, at, out);
      if (block) continue;
      EXPECT_EQ(block.error().code, ErrorCode::kDamaged);
      std::fill(out.begin(), out.end(), '?');
      seen.lost_bytes += bytes;
    }
  }
}

Listing RepairTest::List() {
  VolumeOptions options = Options();
  options.read_only = true;
  Listing listing;
  auto volume = vault_->Open(options);
  if (volume) ListBelow(*volume, kRootInode, "", listing);
  return listing;
}

std::unique_ptr<Core> RepairTest::OpenCore(bool read_only, ChainHead* head_out) {
  const crypto::VolumeSecrets secrets = vault_->secrets();
  auto identity = IdentityOf(vault_->header(), secrets);
  auto store = store::Store::Open(vault_->directory(), {.read_only = read_only});
  if (!identity || !store) return nullptr;
  Result<ChainHead> head = ErrorCode::kIo;
  {
    auto txn = (*store)->BeginRead();
    if (txn) head = ReadChainHead(*txn, *identity);
  }
  EXPECT_TRUE(head) << (head ? "" : head.error().message);
  if (!head) return nullptr;
  if (head_out != nullptr) *head_out = *head;
  auto core = std::make_unique<Core>(
      std::move(*store), crypto::ObjectSealer(identity->volume_id, KeyEpoch(0), secrets.volume_key),
      crypto::NameHasher(secrets.volume_key), Options());
  EXPECT_TRUE(core->tree.OpenAt(head->root));
  return core;
}

int RepairTest::RootLevel() {
  int level = -1;
  WithCore([&](Core& core) { level = core.tree.root()->level(); });
  return level;
}

std::vector<Pointer> RepairTest::NodesAt(int level) {
  std::vector<Pointer> row;
  WithCore([&](Core& core) {
    row = {core.tree.root()->pointer()};
    for (int at = core.tree.root()->level(); at > level; --at) {
      std::vector<Pointer> below;
      for (const Pointer& pointer : row) {
        auto node = core.nodes.Get(pointer);
        ASSERT_TRUE(node);
        for (size_t i = 0; i < (*node)->count(); ++i) below.push_back((*node)->ChildAt(i));
      }
      row = std::move(below);
    }
  });
  return row;
}

std::vector<Pointer> RepairTest::PathTo(const Key& key) {
  std::vector<Pointer> path;
  WithCore([&](Core& core) {
    NodeRef node = core.tree.root();
    path.push_back(node->pointer());
    while (!node->is_leaf()) {
      path.push_back(node->ChildAt(node->ChildFor(key)));
      auto child = core.nodes.Get(path.back());
      ASSERT_TRUE(child);
      node = *child;
    }
  });
  return path;
}

InodeNumber RepairTest::InodeOf(const std::string& path) {
  InodeNumber inode = kRootInode;
  WithCore([&](Core& core) {
    std::istringstream parts(path);
    for (std::string name; std::getline(parts, name, '/');) {
      if (name.empty()) continue;
      auto entry = FindEntry(core.tree, NameIn(core, inode, name));
      ASSERT_TRUE(entry) << path;
      inode = entry->target.inode;
    }
  });
  return inode;
}

std::vector<Pointer> RepairTest::PiecesOf(const std::string& path) {
  const InodeNumber inode = InodeOf(path);
  std::vector<Pointer> pieces;
  WithCore([&](Core& core) {
    auto cursor = core.tree.Seek(Key(inode, ItemKind::kExtent, 0));
    for (; cursor->IsAt(inode, ItemKind::kExtent); (void)cursor->Next()) {
      const auto decoded = DecodePieces(cursor->value());
      ASSERT_TRUE(decoded);
      for (const PieceRef& ref : *decoded) pieces.push_back(ref.pointer);
    }
  });
  return pieces;
}

ObjectId RepairTest::XattrObjectOf(const std::string& path) {
  const InodeNumber inode = InodeOf(path);
  ObjectId id;
  WithCore([&](Core& core) {
    auto cursor = core.tree.Seek(Key(inode, ItemKind::kXattr, 0));
    for (; cursor->IsAt(inode, ItemKind::kXattr); (void)cursor->Next()) {
      EXPECT_TRUE(ForEachXattr(cursor->value(), [&](const XattrEntry& entry) {
        if (entry.in_object) id = entry.pointer().id;
        return true;
      }));
    }
  });
  return id;
}

ledger::Record RepairTest::NewestRecord() {
  ledger::Record record;
  auto store = store::Store::Open(vault_->directory(), {.read_only = true});
  auto txn = (*store)->BeginRead();
  auto decoded = ledger::DecodeRecord(*txn->FindRecord(*txn->NewestRecord()));
  EXPECT_TRUE(decoded);
  return decoded.value_or(record);
}

void RepairTest::EditStore(const std::function<void(store::WriteTxn&)>& edit) {
  auto store = store::Store::Open(vault_->directory(), {});
  ASSERT_TRUE(store);
  auto txn = (*store)->BeginWrite();
  ASSERT_TRUE(txn);
  edit(*txn);
  ASSERT_TRUE(txn->Commit());
}

void RepairTest::FlipAllFrom(ObjectId first) {
  std::vector<ObjectId> found;
  {
    auto store = store::Store::Open(vault_->directory(), {.read_only = true});
    auto txn = (*store)->BeginRead();
    txn->ForEachObject(first, [&](ObjectId id, ByteView) {
      found.push_back(id);
      return true;
    });
  }
  for (const ObjectId id : found) Flip(id);
}

void RepairTest::Flip(ObjectId id) {
  Bytes blob;
  {
    auto store = store::Store::Open(vault_->directory(), {.read_only = true});
    auto txn = (*store)->BeginRead();
    const auto sealed = txn->FindObject(id);
    ASSERT_TRUE(sealed);
    blob.assign(sealed->begin(), sealed->end());
  }
  blob[blob.size() / 2] ^= 1;
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.DeleteObject(id));
    ASSERT_TRUE(txn.PutObject(id, blob));
  });
}

void RepairTest::Drop(ObjectId id) {
  EditStore([&](store::WriteTxn& txn) { ASSERT_TRUE(txn.DeleteObject(id)); });
}

void RepairTest::Put(ObjectId id, const Bytes& blob) {
  EditStore([&](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutObject(id, blob)); });
}

void RepairTest::EditTree(const std::function<void(Core&, Change&)>& edit) {
  ChainHead head;
  auto core = OpenCore(false, &head);
  ASSERT_NE(core, nullptr);
  core->open = std::make_unique<OpenSet>(1, head.next_id);
  core->engine =
      std::make_unique<CommitEngine>(*core, head, vault_->secrets().signing_seed.Clone());
  core->engine->Start();
  {
    auto change = Change::Begin(*core, SpaceNeed::kGrow);
    ASSERT_TRUE(change);
    edit(*core, *change);
  }
  ASSERT_TRUE(core->engine->Stop());
}

Result<RepairPlan> RepairTest::Plan(RepairOptions options) {
  return PlanRepair(vault_->directory(), vault_->header(), vault_->secrets(), options);
}

void RepairTest::Repair(RepairOptions options) {
  {
    auto plan = Plan(options);
    ASSERT_TRUE(plan) << plan.error().message;
    actions_ = plan->actions();
    lines_ = plan->lines();
    fallback_ = plan->fallback();
    ASSERT_FALSE(plan->empty());
    auto outcome = plan->CarryOut({.quarantine_path = {}, .allow_fallback = true, .on_step = {}});
    ASSERT_TRUE(outcome) << outcome.error().message;
    outcome_ = std::move(*outcome);
  }
  ExpectSound();
}

void RepairTest::ExpectSound() {
  const auto findings = FindInconsistencies(*vault_);
  EXPECT_EQ(findings, std::vector<std::string>()) << "after the repair";
  ExpectSoundLedger();
  auto again = Plan();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->lines(), std::vector<std::string>());
  EXPECT_TRUE(again->empty());
}

void RepairTest::ExpectSoundLedger() {
  auto store = store::Store::Open(vault_->directory(), {.read_only = true});
  ASSERT_TRUE(store);
  auto txn = (*store)->BeginRead();
  const auto secrets = vault_->secrets();
  auto head = ReadChainHead(*txn, *IdentityOf(vault_->header(), secrets));
  ASSERT_TRUE(head) << head.error().message;
  std::map<uint64_t, ledger::Birth> in_store;
  uint64_t live = 0, live_bytes = 0, unreaped = 0;
  for (uint64_t n = 0; n <= head->newest.value; ++n) {
    auto record = ledger::DecodeRecord(*txn->FindRecord(Sequence(n)));
    auto lists = ledger::DecodeLists(*txn->FindLists(Sequence(n)));
    ASSERT_TRUE(record && lists) << n;
    EXPECT_EQ(record->births_root, ledger::BirthsRoot(lists->births));
    EXPECT_EQ(record->deaths_digest, ledger::DeathsDigest(lists->deaths));
    EXPECT_EQ(record->reaps_digest, ledger::DeathsDigest(lists->reaps));
    for (const auto& birth : lists->births) {
      EXPECT_TRUE(in_store.emplace(birth.id.value, birth).second);
      live_bytes += birth.sealed_bytes;
    }
    for (const auto& death : lists->deaths) {
      ASSERT_TRUE(in_store.contains(death.id.value));
      EXPECT_EQ(in_store[death.id.value].sealed_bytes, death.sealed_bytes);
      live_bytes -= death.sealed_bytes;
      unreaped += death.sealed_bytes;
    }
    for (const auto& reap : lists->reaps) {
      EXPECT_EQ(in_store.erase(reap.id.value), 1u) << reap.id.value;
      unreaped -= reap.sealed_bytes;
    }
    live += lists->births.size() - lists->deaths.size();
    EXPECT_EQ(record->live_objects, live) << n;
    EXPECT_EQ(record->live_bytes, live_bytes) << n;
  }
  EXPECT_EQ(head->graveyard.bytes, unreaped);
  EXPECT_EQ(txn->CountObjects(), in_store.size());
  txn->ForEachObject(ObjectId(0), [&](ObjectId id, ByteView sealed) {
    EXPECT_EQ(in_store[id.value].digest, crypto::Sha256(sealed)) << id.value;
    EXPECT_EQ(in_store[id.value].sealed_bytes, sealed.size());
    return true;
  });
}

void RepairTest::ExpectContent(const Listing& expected) {
  const Listing actual = List();
  for (const auto& [path, seen] : expected) {
    const auto found = actual.find(path);
    if (found == actual.end()) {
      ADD_FAILURE() << path << " is not there any more";
    } else {
      EXPECT_TRUE(found->second == seen) << path << " has changed";
    }
  }
  for (const auto& [path, seen] : actual) EXPECT_TRUE(expected.contains(path)) << path;
}

bool RepairTest::HasLine(const std::string& part) const {
  for (const std::string& line : lines_) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

std::vector<QuarantineEntry> RepairTest::ReadQuarantine() {
  std::ifstream file(outcome_.quarantine_path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const Bytes all(text.begin(), text.end());
  EXPECT_EQ(NewestRecord().repair.quarantine_digest, crypto::Sha256(all));
  Reader reader(all);
  EXPECT_TRUE(std::ranges::equal(reader.Raw(8), AsBytes(kQuarantineMagic)));
  EXPECT_EQ(reader.Int<uint32_t>(), kQuarantineVersion);
  EXPECT_EQ(reader.Int<uint32_t>(), 0u);
  EXPECT_EQ((reader.Array<16>()), NewestRecord().volume_id);
  EXPECT_EQ(reader.Int<uint64_t>(), outcome_.record->value);
  std::vector<QuarantineEntry> entries;
  for (;;) {
    QuarantineEntry entry;
    entry.kind = static_cast<QuarantineKind>(reader.Int<uint8_t>());
    const size_t key_bytes = reader.Int<uint8_t>();
    EXPECT_EQ(reader.Int<uint16_t>(), 0u);
    const size_t bytes = reader.Int<uint32_t>();
    entry.record = reader.Int<uint64_t>();
    const ByteView key = reader.Raw(key_bytes), value = reader.Raw(bytes);
    if (!reader.ok()) {
      ADD_FAILURE() << "the quarantine file breaks off";
      return entries;
    }
    if (entry.kind == QuarantineKind::kEnd) {
      EXPECT_EQ(entry.record, entries.size());
      EXPECT_TRUE(reader.AtEnd());
      return entries;
    }
    entry.key.assign(key.begin(), key.end());
    entry.bytes.assign(value.begin(), value.end());
    entries.push_back(std::move(entry));
  }
}

std::vector<ObjectId> RepairTest::QuarantinedObjects(QuarantineKind kind) {
  std::vector<ObjectId> ids;
  for (const QuarantineEntry& entry : ReadQuarantine()) {
    if (entry.kind == kind) ids.push_back(ObjectId(GetBE<uint64_t>(entry.key.data())));
  }
  return ids;
}

}  // namespace chainfs::fs::repair
