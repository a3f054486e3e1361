// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/ledger_facts.h"

#include <algorithm>

#include "crypto/base/byte_order.h"
#include "fs/history/branches.h"
#include "fs/history/stored_tiles.h"
#include "fs/repair/tile_comparison.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs::repair {
namespace {

constexpr const char* kKnownMeta[] = {kCheckpointMeta, kGraveyardMeta, kBranchesMeta,
                                      store::kAgeMeta};

Error Hopeless(ErrorCode code, const std::string& what) {
  return {code,
          what +
              "\nA repair starts from the newest state that the signed ledger proves, and "
              "here nothing is proven: restore the vault from a backup (header.0, header.1 and "
              "data.mdb together)."};
}

Error Unrepairable(const std::string& what) {
  return {ErrorCode::kDamaged,
          what +
              ", and cannot be rebuilt from anything: restore the vault from a backup.\nThe "
              "files may be whole all the same: mount the vault with -o ro, and copy them to a "
              "new one."};
}

std::string NameOf(Sequence record) { return "record " + std::to_string(record.value); }

class Reading {
 public:
  Reading(const store::ReadTxn& txn, LedgerFacts& facts)
      : txn_(txn), facts_(facts), tiles_(txn, facts) {}

  Result<void> ReadAll(Sequence newest) {
    newest_ = newest;
    for (uint64_t n = 0; n <= newest.value; ++n) {
      auto record = ReadRecord(Sequence(n));
      if (!record) return std::move(record).error();
      if (auto lists = ReadLists(*record); !lists) return lists;
    }
    tiles_.Finish();
    return {};
  }
  ledger::TileFetcher tiles() const { return tiles_.Fetcher(); }
  const ledger::TreeEdge& edge() const { return tiles_.edge(); }
  uint64_t live_objects() const { return live_objects_; }
  uint64_t live_bytes() const { return live_bytes_; }

  void CompareMeta() {
    (void)txn_.ForEachEntry(store::Table::kMeta, {}, [&](ByteView key, ByteView) {
      const std::string name(key.begin(), key.end());
      if (std::ranges::find(kKnownMeta, name) == std::end(kKnownMeta)) facts_.wrong_meta[name];
      return true;
    });
    const ByteView branches = txn_.FindMeta(kBranchesMeta).value_or(ByteView());
    if (!std::ranges::equal(branches, branches_)) facts_.wrong_meta[kBranchesMeta] = branches_;
    if (!txn_.FindMeta(store::kAgeMeta).value_or(ByteView()).empty()) {
      facts_.wrong_meta[store::kAgeMeta] = {};
    }
    CompareGraveyard();
  }

  void FindStrangeLists() {
    (void)txn_.ForEachEntry(store::Table::kLists, {}, [&](ByteView key, ByteView) {
      const bool known = key.size() == 8 && GetBE<uint64_t>(key.data()) <= newest_.value;
      if (!known) {
        facts_.strange.emplace_back(store::Table::kLists, Bytes(key.begin(), key.end()));
      }
      return true;
    });
  }

 private:
  Result<ledger::Record> ReadRecord(Sequence sequence) {
    const auto encoded = txn_.FindRecord(sequence);
    if (!encoded) return Unrepairable(NameOf(sequence) + " is missing");
    auto record = ledger::DecodeRecord(*encoded);
    if (!record || record->sequence != sequence || record->previous_link != link_) {
      return Unrepairable(NameOf(sequence) + " is damaged");
    }
    link_ = ledger::LinkOf(*encoded);
    tiles_.Append(link_);
    if (record->type == ledger::RecordType::kRollbackAccepted) {
      Writer(branches_).Int(sequence.value);
    }
    if (sequence.value + kRetainedCommits >= newest_.value && sequence.value > 0) {
      facts_.roots.push_back({sequence, record->time_ns, record->root, record->next_id});
    }
    return *record;
  }

  Result<void> ReadLists(const ledger::Record& record) {
    const auto encoded = txn_.FindLists(record.sequence);
    const auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
    if (!lists || ledger::BirthsRoot(lists->births) != record.births_root ||
        ledger::DeathsDigest(lists->deaths) != record.deaths_digest ||
        ledger::DeathsDigest(lists->reaps) != record.reaps_digest) {
      return Unrepairable("the lists of " + NameOf(record.sequence) + " are damaged");
    }
    if (!Follow(*lists, record.sequence)) {
      return Unrepairable("the lists of " + NameOf(record.sequence) +
                          " contradict those of the records before it");
    }
    return {};
  }

  // False: something died that was not there, or was reaped before it died.
  bool Follow(const ledger::CommitLists& lists, Sequence sequence) {
    for (const ledger::Birth& birth : lists.births) {
      if (!facts_.in_store.Insert(birth.id)) return false;
      ++live_objects_;
      live_bytes_ += birth.sealed_bytes;
    }
    for (const ledger::Death& death : lists.deaths) {
      const Grave grave{sequence, death.sealed_bytes};
      if (!facts_.in_store.Contains(death.id)) return false;
      if (!facts_.graves.emplace(death.id, grave).second) return false;
      --live_objects_;
      live_bytes_ -= death.sealed_bytes;
    }
    deaths_.push_back(lists.deaths.size());
    for (const ledger::Death& reap : lists.reaps) {
      const auto grave = facts_.graves.find(reap.id);
      if (grave == facts_.graves.end()) return false;
      facts_.oldest_whole = std::max(facts_.oldest_whole, grave->second.record);
      facts_.graves.erase(grave);
      facts_.in_store.Erase(reap.id);
    }
    reaps_ += lists.reaps.size();
    return true;
  }

  // What has been reaped lies before the graveyard's place, and nothing else does.
  void CompareGraveyard() {
    const auto meta = txn_.FindMeta(kGraveyardMeta);
    if (!meta) {
      facts_.wrong_graveyard = newest_.value > 0;
      return;
    }
    facts_.wrong_graveyard = true;
    if (meta->size() != kGraveyardMetaBytes) return;
    const uint64_t record = GetBE<uint64_t>(meta->data());
    if (record >= deaths_.size()) return;
    uint64_t before = GetBE<uint64_t>(meta->data() + 8);
    if (before > deaths_[record]) return;
    for (uint64_t n = 0; n < record; ++n) before += deaths_[n];
    uint64_t bytes = 0;
    for (const auto& [id, grave] : facts_.graves) {
      bytes += grave.sealed_bytes;
    }
    const uint64_t newest = GetBE<uint64_t>(meta->data() + 24);
    facts_.wrong_graveyard =
        before != reaps_ || newest != newest_.value || bytes != GetBE<uint64_t>(meta->data() + 16);
  }

  const store::ReadTxn& txn_;
  LedgerFacts& facts_;
  TileComparison tiles_;
  Sequence newest_;
  Digest link_{};
  Bytes branches_;
  uint64_t live_objects_ = 0, live_bytes_ = 0;
  std::vector<uint64_t> deaths_;  // by record, how many
  uint64_t reaps_ = 0;
};

}  // namespace

Result<LedgerFacts> ReadLedgerFacts(const store::ReadTxn& txn, const LedgerIdentity& identity) {
  const auto newest = txn.NewestRecord();
  if (!newest || newest->value == 0) {
    return Hopeless(ErrorCode::kDamaged, "The vault holds no records.");
  }
  LedgerFacts facts;
  Reading reading(txn, facts);
  if (auto read = reading.ReadAll(*newest); !read) return std::move(read).error();
  auto head = ReadChainHead(txn, identity, reading.tiles(), Graveyard{});
  if (!head) return Hopeless(head.error().code, head.error().message + ".");
  if (reading.edge().Root() != head->edge.Root()) {
    return Hopeless(ErrorCode::kDamaged, "The records are not those that the signed head covers.");
  }
  facts.head = std::move(*head);
  facts.head.edge = reading.edge();
  facts.head.live_objects = reading.live_objects();
  facts.head.live_bytes = reading.live_bytes();
  reading.CompareMeta();
  reading.FindStrangeLists();
  return facts;
}

void ForEachBirth(const store::ReadTxn& txn, Sequence newest,
                  const std::function<void(const ledger::Birth&, Sequence record)>& visit) {
  for (uint64_t n = 0; n <= newest.value; ++n) {
    const auto encoded = txn.FindLists(Sequence(n));
    const auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
    if (!lists) continue;
    for (const ledger::Birth& birth : lists->births) visit(birth, Sequence(n));
  }
}

}  // namespace chainfs::fs::repair
