// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tamper/tampered_vault.h"

#include <algorithm>
#include <map>
#include <set>

#include "fs/repair/plan.h"
#include "ledger/commit_lists.h"
#include "ledger/record.h"
#include "tests/fs/check/raw_store.h"
#include "tests/fs/check/rich_vault.h"

namespace chainfs::tamper {
namespace {

using fs::TestVault;
using fs::Volume;
using fs::check::RawStore;
using fs::check::RawTables;
using ledger::RecordType;

constexpr uint64_t kKept = 500, kAbandoned = 120, kAfterwards = 30;

struct Opened {
  std::unique_ptr<Volume> volume;
  std::string head;  // the newest
};

void Open(const TestVault& vault, ByteView header, Opened& opened,
          const std::string& remembered = {}) {
  fs::VolumeOptions options;
  options.commit_interval_ms = 1'000'000;
  options.on_new_head = [&opened](const std::string& note, uint64_t) { opened.head = note; };
  if (!remembered.empty()) {
    options.remembered = {{"a letter", remembered, 0}};
    options.accept_rollback = true;
  }
  auto volume = Volume::Open(vault.directory(), header, vault.secrets(), options);
  ASSERT_TRUE(volume) << volume.error().message;
  opened.volume = std::move(*volume);
}

// Each writes a file anew, so that a piece and some nodes die; some an xattr.
void Commit(Volume& volume, uint64_t commits, uint8_t seed) {
  for (uint64_t i = 0; i < commits; ++i) {
    const std::string name = "file " + std::to_string(i % 7);
    auto file = volume.Lookup(fs::kRootInode, name);
    if (!file) file = volume.MakeNode(fs::kRootInode, name, {.mode = 0100644});
    ASSERT_TRUE(file);
    const Bytes data(20000 + i % 3 * 4096, static_cast<uint8_t>(seed + i));
    ASSERT_TRUE(volume.Write(file->inode, 0, data));
    if (i % 3 == 0) {
      const std::string value(9000, static_cast<char>('a' + (seed + i) % 26));
      ASSERT_TRUE(volume.SetXattr(file->inode, "user.large", value, fs::XattrMode::kAny));
    }
    volume.Forget(file->inode, 1);
    ASSERT_TRUE(volume.Sync());
  }
}

void Close(Opened& opened) {
  ASSERT_TRUE(opened.volume->Close());
  opened.volume.reset();
}

// A tile is rebuilt: a REPAIR record, and nothing is lost.
void Repair(const TestVault& vault, ByteView header) {
  const Bytes tile = RawStore::Key(0);
  RawTables(vault.directory()).Delete("tiles", tile);
  auto plan = fs::repair::PlanRepair(vault.directory(), header, vault.secrets(), {});
  ASSERT_TRUE(plan) << plan.error().message;
  auto repaired = plan->CarryOut({});
  ASSERT_TRUE(repaired) << repaired.error().message;
  ASSERT_TRUE(repaired->record);
  if (!repaired->quarantine_path.empty()) std::filesystem::remove(repaired->quarantine_path);
}

void Make(Vaults& all) {
  auto vault = fs::check::MakeRichVault().vault;
  all.old_header = vault->header();
  Opened opened;
  Open(*vault, all.old_header, opened);
  Commit(*opened.volume, kKept / 2, 1);
  Close(opened);
  crypto::Argon2Cost more = crypto::kMinArgon2Cost;
  more.memory_kib *= 2;
  auto next = crypto::AddPassphraseSlot(all.old_header, vault->secrets(),
                                        crypto::SecretBytes::CopyOf("another"), more);
  ASSERT_TRUE(next);
  all.header = *next;
  ASSERT_TRUE(fs::store::WriteHeader(vault->directory(), all.header));
  Open(*vault, all.header, opened);
  Commit(*opened.volume, kKept / 2, 100);
  Close(opened);

  all.abandoned = vault->CopyAsAfterACrash();
  Open(*all.abandoned, all.header, opened);
  Commit(*opened.volume, kAbandoned, 7);
  Close(opened);
  all.abandoned_head = opened.head;

  Open(*vault, all.header, opened, all.abandoned_head);
  Commit(*opened.volume, kAfterwards, 50);
  Close(opened);
  Repair(*vault, all.header);
  Open(*vault, all.header, opened);
  Commit(*opened.volume, kAfterwards, 90);
  Close(opened);
  all.earlier = vault->CopyAsAfterACrash();
  Open(*vault, all.header, opened);
  Commit(*opened.volume, 5, 3);
  Close(opened);
  all.head = opened.head;
  RawTables(vault->directory()).Put("meta", RawStore::Key(std::string_view("age")), {});
  all.newest = std::move(vault);

  all.other = std::make_unique<TestVault>(TestVault::Where::kMemory);
  Open(*all.other, all.other->header(), opened);
  const uint64_t records = RawTables(all.newest->directory()).Keys("records").size();
  Commit(*opened.volume, records + 20, 11);
  Close(opened);
}

// Objects that are in the store, by type and state.
struct Stored {
  ledger::Birth birth;
  bool dead = false;
};

class EntryChooser {
 public:
  explicit EntryChooser(Vaults& all) : all_(all), raw_(all.newest->directory()) {
    records_ = raw_.Keys("records").size();
    for (uint64_t n = 0; n < records_; ++n) {
      const auto lists = ledger::DecodeLists(raw_.Get("lists", RawStore::Key(n)));
      for (const auto& birth : lists->births) objects_[birth.id.value] = {birth, false};
      for (const auto& death : lists->deaths) objects_[death.id.value].dead = true;
      for (const auto& reap : lists->reaps) objects_.erase(reap.id.value);
    }
  }

  void Choose() {
    root_ = ledger::DecodeRecord(raw_.Get("records", RawStore::Key(records_ - 1)))->root.id.value;
    ChooseObject("root-node", [&](const Stored& one) { return one.birth.id.value == root_; });
    ChooseObject("leaf-node", [&](const Stored& one) {
      return Is(one, ObjectType::kNode, false) && one.birth.id.value != root_;
    });
    ChooseObject("piece", [&](const Stored& one) { return Is(one, ObjectType::kData, false); });
    ChooseObject("piece-of-both", [&](const Stored& one) {
      const Bytes key = RawStore::Key(one.birth.id.value);
      if (!Is(one, ObjectType::kData, false)) return false;
      const Bytes abandoned = ValueOf(*all_.abandoned, "objects", key);
      return !abandoned.empty() && abandoned != raw_.Get("objects", key);
    });
    ChooseObject("xattr", [&](const Stored& one) { return Is(one, ObjectType::kXattr, false); });
    ChooseObject("dead-node", [&](const Stored& one) { return Is(one, ObjectType::kNode, true); });
    ChooseObject("dead-piece", [&](const Stored& one) { return Is(one, ObjectType::kData, true); });
    for (const char* table : {"records", "lists"}) {
      ChooseOfRecord(table, "GENESIS", 0);
      ChooseOfRecord(table, "COMMIT", 100);
      ChooseOfRecord(table, "ROLLBACK_ACCEPTED", NumberOf(RecordType::kRollbackAccepted));
      ChooseOfRecord(table, "REPAIR", NumberOf(RecordType::kRepair));
      ChooseOfRecord(table, "late-COMMIT", records_ - 3);
      ChooseOfRecord(table, "CLEAN_UNMOUNT", records_ - 1);
    }
    Add({"full-tile", "tiles", RawStore::Key(0), RawStore::Key(1)});
    Add({"later-tile", "tiles", RawStore::Key(1), RawStore::Key(0)});
    for (const char* name : {"checkpoint", "graveyard", "branches", "age"}) {
      Add({name, "meta", RawStore::Key(std::string_view(name))});
    }
  }

 private:
  static bool Is(const Stored& one, ObjectType type, bool dead) {
    return one.birth.type == type && one.dead == dead;
  }

  // One in the middle that has a peer, if there is such a one.
  template <class F>
  void ChooseObject(const char* name, const F& fits) {
    std::vector<Stored> fitting;
    for (const auto& [id, object] : objects_) {
      if (fits(object)) fitting.push_back(object);
    }
    ASSERT_FALSE(fitting.empty()) << name;
    std::rotate(fitting.begin(), fitting.begin() + static_cast<long>(fitting.size() / 2),
                fitting.end());
    const Stored* chosen = &fitting.front();
    Bytes peer;
    for (const Stored& one : fitting) {
      peer = PeerOf(one);
      if (peer.empty()) continue;
      chosen = &one;
      break;
    }
    Add({name, "objects", RawStore::Key(chosen->birth.id.value), peer, PredecessorOf(*chosen)});
  }
  Bytes PeerOf(const Stored& one) const {
    for (const auto& [id, object] : objects_) {
      if (id != one.birth.id.value && id != root_ && object.birth.type == one.birth.type &&
          object.dead == one.dead && object.birth.sealed_bytes == one.birth.sealed_bytes) {
        return RawStore::Key(id);
      }
    }
    return {};
  }
  // An older one of its type, which is in the store for as long as it is retained.
  Bytes PredecessorOf(const Stored& one) {
    for (const auto& [id, object] : objects_) {
      if (id < one.birth.id.value && object.birth.type == one.birth.type) {
        return raw_.Get("objects", RawStore::Key(id));
      }
    }
    return {};
  }

  uint64_t NumberOf(RecordType type) {
    for (uint64_t n = records_; n-- > 0;) {
      if (ledger::DecodeRecord(raw_.Get("records", RawStore::Key(n)))->type == type) return n;
    }
    ADD_FAILURE() << "no record of type " << static_cast<int>(type);
    return 0;
  }
  void ChooseOfRecord(const char* table, const std::string& name, uint64_t number) {
    const Bytes key = RawStore::Key(number), value = raw_.Get(table, key);
    Entry entry{name, table, key};
    for (uint64_t n = (number + 1) % records_; n != number; n = (n + 1) % records_) {
      const Bytes other = raw_.Get(table, RawStore::Key(n));
      if (other.size() != value.size() || other == value) continue;
      entry.peer = RawStore::Key(n);
      break;
    }
    if (number > 0) entry.older = raw_.Get(table, RawStore::Key(number - 1));
    Add(entry);
  }

  void Add(const Entry& entry) { all_.entries.push_back(entry); }

  Vaults& all_;
  RawStore raw_;
  uint64_t records_ = 0, root_ = 0;
  std::map<uint64_t, Stored> objects_;
};

// What stands in the same place of the other vault; or, as ids there are others, an object of the
// same size.
Bytes ForeignTo(const Entry& entry, const Vaults& all) {
  const size_t bytes = ValueOf(*all.newest, entry.table, entry.key).size();
  RawStore other(all.other->directory());
  const bool is_object = entry.table == std::string("objects");
  Bytes found;
  for (const Bytes& key : other.Keys(entry.table)) {
    if (!is_object && key != entry.key) continue;
    const Bytes value = other.Get(entry.table, key);
    if (found.empty() || value.size() == bytes) found = value;
  }
  return found;
}

// What stands in the same place of the branch that was given up is the same each time: whether
// there is such an object, and what later lists say of objects that live, hangs on the ids.
bool HasFixedPast(const Entry& entry) {
  if (entry.table == std::string("objects")) return entry.name == "piece-of-both";
  return entry.table != std::string("lists") || entry.name == "ROLLBACK_ACCEPTED";
}

Vaults MakeAll() {
  Vaults all;
  Make(all);
  if (::testing::Test::HasFatalFailure()) return all;
  EntryChooser(all).Choose();
  for (Entry& entry : all.entries) {
    entry.foreign = ForeignTo(entry, all);
    if (HasFixedPast(entry)) {
      entry.abandoned = ValueOf(*all.abandoned, entry.table, entry.key);
    }
    if (entry.older.empty()) entry.older = ValueOf(*all.earlier, entry.table, entry.key);
  }
  return all;
}

}  // namespace

Bytes ValueOf(const TestVault& vault, const char* table, const Bytes& key) {
  RawStore raw(vault.directory());
  const bool is_there = std::ranges::count(raw.Keys(table), key) > 0;
  return is_there ? raw.Get(table, key) : Bytes();
}

const Vaults& Vaults::Get() {
  static const Vaults all = MakeAll();
  return all;
}

}  // namespace chainfs::tamper
