// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/planner.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "fs/clock.h"
#include "fs/repair/entry_pass.h"
#include "fs/repair/graft.h"
#include "fs/repair/item_pass.h"
#include "fs/repair/line_writer.h"
#include "fs/repair/link_pass.h"
#include "fs/repair/reachable.h"

namespace chainfs::fs::repair {
namespace {

// Where it is not known how far inode numbers have been given out.
constexpr uint64_t kInodeGap = uint64_t{1} << 32;

std::string Counted(uint64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string Describe(const KeyRange& keys) {
  const std::string first = std::to_string(keys.from.inode);
  if (keys.from.inode == keys.to.inode) return "items of inode " + first;
  if (keys.to.inode == UINT64_MAX) return "items of inodes from " + first + " on";
  return "items of inodes " + first + " to " + std::to_string(keys.to.inode);
}

}  // namespace

Result<void> Planner::ChooseHeader(ByteView unlocked) {
  auto txn = state_->core->store->BeginRead();
  if (!txn) return std::move(txn).error();
  const auto newest = txn->NewestRecord();
  const auto encoded = newest ? txn->FindRecord(*newest) : std::nullopt;
  const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  state_->header.assign(unlocked.begin(), unlocked.end());
  if (!record) return {};  // the ledger will be refused, whatever the header
  const auto info = crypto::ParseHeader(unlocked);
  if (!info) return info.error();
  const bool named = record->header_digest == crypto::Sha256(unlocked) ||
                     record->header_digest == info->previous_header;
  // The ledger's word is as good as a MAC.
  for (const Bytes* copy : {&state_->copies.first, &state_->copies.second}) {
    if (!named && crypto::Sha256(*copy) == record->header_digest) state_->header = *copy;
  }
  return {};
}

Result<void> Planner::ReadVault(const crypto::VolumeSecrets& secrets) {
  auto identity = IdentityOf(state_->header, secrets);
  if (!identity) return std::move(identity).error();
  auto txn = state_->core->store->BeginRead();
  if (!txn) return std::move(txn).error();
  auto facts = ReadLedgerFacts(*txn, *identity);
  if (!facts) return std::move(facts).error();
  state_->facts = std::move(*facts);
  auto inventory = TakeInventory(*txn, state_->facts);
  if (!inventory) return std::move(inventory).error();
  state_->inventory = std::move(*inventory);
  state_->core->open = std::make_unique<OpenSet>(1, state_->facts.head.next_id);
  return {};
}

void Planner::NoteLedger() {
  const LedgerFacts& facts = state_->facts;
  Journal& journal = state_->journal;
  if (state_->MendsHeader()) {
    journal.Add(Action::kMendHeader,
                "a copy of the header is missing, damaged or older: written anew from the other");
  }
  const auto strange_lists = std::ranges::count_if(
      facts.strange, [](const auto& entry) { return entry.first == store::Table::kLists; });
  const size_t tiles =
      facts.wrong_tiles.size() + facts.strange.size() - static_cast<size_t>(strange_lists);
  if (tiles > 0) {
    journal.Add(
        Action::kRebuildTiles,
        Counted(tiles, "tile", "tiles") +
            " of the ledger's tree missing, wrong or superfluous: rebuilt from the records");
  }
  if (strange_lists > 0) {
    journal.Add(Action::kRebuildMeta,
                Counted(static_cast<uint64_t>(strange_lists), "list", "lists") +
                    " of births and deaths that no record explains: removed");
  }
  for (const auto& [name, value] : facts.wrong_meta) {
    journal.Add(Action::kRebuildMeta, "the meta value '" + name + "' is wrong: " +
                                          (value.empty() ? "removed" : "rebuilt from the records"));
  }
  if (facts.wrong_graveyard) {
    journal.Add(Action::kRebuildMeta,
                "the graveyard's place is missing or wrong: rebuilt from the lists");
  }
  if (!state_->inventory.extra.empty()) {
    journal.Add(Action::kRemoveObjects,
                Counted(state_->inventory.extra.size(), "object", "objects") +
                    " in the store that no record explains: removed");
  }
  const auto dead = std::ranges::count_if(state_->inventory.faults, [&](const auto& fault) {
    return facts.graves.contains(fault.first);
  });
  if (dead > 0) {
    journal.Add(Action::kRemoveObjects,
                Counted(static_cast<uint64_t>(dead), "object", "objects") +
                    " missing or damaged that only older states need: these states go");
  }
}

Result<TreeScan> Planner::ChooseTree() {
  const LedgerFacts& facts = state_->facts;
  auto newest = ScanTree(*state_->core, facts, state_->inventory, facts.roots.back());
  if (!newest || newest->LostItems().empty()) return newest;
  if (!options_.salvage) {
    auto older = FindWholeRoot(*newest);
    if (!older) return std::move(older).error();
    if (*older) {
      const OldRoot& root = (*older)->root;
      state_->fallback = {root.record, root.time_ns, facts.head.time_ns};
      state_->journal.Add(Action::kFallBack,
                          "a part of the newest state cannot be read: the volume goes back to "
                          "record " +
                              std::to_string(root.record.value) + " of " + FormatUtc(root.time_ns) +
                              ", and everything written after that, up to " +
                              FormatUtc(facts.head.time_ns) + ", is lost");
      for (const KeyRange& keys : newest->LostItems()) {
        state_->journal.Add(Action::kFallBack,
                            "with --salvage the newest state would stay, without what cannot be "
                            "read of it: " +
                                Describe(keys));
      }
      return std::move(**older);
    }
    state_->journal.Add(Action::kGiveUpItems,
                        "a part of the tree cannot be read, and no older state is there that is "
                        "whole: the part is given up");
  }
  return newest;
}

Result<std::optional<TreeScan>> Planner::FindWholeRoot(const TreeScan& newest) {
  using Found = std::optional<TreeScan>;
  const LedgerFacts& facts = state_->facts;
  const std::vector<ObjectId> lost = newest.LostLeaves();
  Pointer seen = newest.root.root;
  for (size_t i = facts.roots.size() - 1; i-- > 0;) {
    const OldRoot& root = facts.roots[i];
    if (root.record < facts.oldest_whole) break;
    if (root.root == seen) continue;
    seen = root.root;
    const bool shares_damage =
        std::ranges::any_of(lost, [&](ObjectId id) { return facts.IsLiveAt(id, root); });
    if (shares_damage) continue;
    auto scan = ScanTree(*state_->core, facts, state_->inventory, root);
    if (!scan) return std::move(scan).error();
    if (scan->LostItems().empty()) return Found(std::move(*scan));
  }
  return Found();
}

void Planner::NoteTree(const TreeScan& scan) {
  Journal& journal = state_->journal;
  const std::vector<KeyRange> lost = scan.LostItems();
  if (lost.empty() && !scan.lost.empty()) {
    journal.Add(Action::kRebuildNodes,
                Counted(scan.lost.size(), "inner node", "inner nodes") +
                    " of the tree cannot be read: rebuilt from the nodes below, nothing is lost");
  } else if (!scan.heads.empty()) {
    journal.Touch(Action::kRebuildNodes);
  }
  for (const KeyRange& keys : lost) {
    journal.Add(Action::kGiveUpItems, "a part of the tree cannot be read: " + Describe(keys));
  }
}

uint64_t Planner::NextInode(const TreeScan& scan) {
  const auto next_at = [&](const Pointer& root) -> uint64_t {
    if (state_->inventory.HasFault(root.id)) return 0;
    auto node = state_->core->nodes.Get(root);
    return node ? (*node)->counters().next_inode : 0;
  };
  const uint64_t here = next_at(scan.root.root);
  if (const uint64_t newest = next_at(state_->facts.head.root)) return std::max(here, newest);
  uint64_t next = here;
  for (const OldRoot& root : state_->facts.roots) next = std::max(next, next_at(root.root));
  return next + kInodeGap;
}

Result<void> Planner::RepairItems(const TreeScan& scan) {
  Core& core = *state_->core;
  // Before the graft, which is another tree.
  const uint64_t next_inode = NextInode(scan);
  Change change = Change::BeginAlone(core);
  if (auto grafted = GraftTree(core, state_->facts, scan); !grafted) return grafted;
  ObjectJudge judge(core, state_->facts, state_->inventory);
  Workbench bench{core, change, judge, state_->journal, scan.LostItems(), {}, {}, {}};
  bench.totals.next_inode = next_inode;
  if (auto done = ItemPass(bench).Run(); !done) return done;
  if (auto done = EntryPass(bench).Run(); !done) return done;
  if (auto done = LinkPass(bench).Run(); !done) return done;
  if (state_->journal.copies() > 0) {
    state_->journal.Add(
        Action::kCopyObjects,
        Counted(state_->journal.copies(), "object", "objects") +
            " that had died, had several owners, or were damaged in part, written anew");
  }
  if (auto found = FindDeaths(); !found) return found;
  state_->lines = WriteLines(state_->journal, core.tree, bench.inodes);
  return {};
}

Result<void> Planner::FindDeaths() {
  IdSet reachable;
  if (auto all = CollectReachable(*state_->core, reachable); !all) return all;
  auto txn = state_->core->store->BeginRead();
  if (!txn) return std::move(txn).error();
  const LedgerFacts& facts = state_->facts;
  ForEachBirth(*txn, facts.head.newest, [&](const ledger::Birth& birth, Sequence record) {
    if (!facts.IsLive(birth.id) || reachable.Contains(birth.id)) return;
    state_->deaths.push_back({{birth.id, birth.sealed_bytes}, record});
  });
  // Whatever has changed is committed, even if no line tells of it.
  if (!state_->core->open->empty() && !state_->ChangesDatabase()) {
    state_->journal.Touch(Action::kRepairInodes);
  }
  if (!state_->deaths.empty() && state_->core->open->empty()) {
    state_->journal.Add(Action::kRemoveObjects,
                        Counted(state_->deaths.size(), "object", "objects") +
                            " that nothing in the volume refers to: removed");
  }
  return {};
}

Result<RepairPlan> Planner::Plan(const std::string& vault, ByteView header,
                                 const crypto::VolumeSecrets& secrets) {
  state_->vault = vault;
  state_->seed = secrets.signing_seed.Clone();
  auto lock = store::VaultLock::Acquire(vault);
  if (!lock) return std::move(lock).error();
  state_->lock = std::move(*lock);
  auto copies = store::ReadHeader(vault);
  if (!copies) return std::move(copies).error();
  state_->copies = std::move(*copies);
  auto info = crypto::ParseHeader(header);
  if (!info) return std::move(info).error();
  auto store = store::Store::Open(vault, {});
  if (!store) return std::move(store).error();
  VolumeOptions options;
  options.cache_bytes = options_.cache_bytes;
  options.dirty_limit_bytes = 0;  // no blocks are written
  state_->core = std::make_unique<Core>(
      std::move(*store), crypto::ObjectSealer(info->volume_id, KeyEpoch(0), secrets.volume_key),
      crypto::NameHasher(secrets.volume_key), options);
  if (auto chosen = ChooseHeader(header); !chosen) return std::move(chosen).error();
  if (auto read = ReadVault(secrets); !read) return std::move(read).error();
  NoteLedger();
  auto scan = ChooseTree();
  if (!scan) return std::move(scan).error();
  NoteTree(*scan);
  if (auto repaired = RepairItems(*scan); !repaired) return std::move(repaired).error();
  return RepairPlan(std::move(state_));
}

Result<RepairPlan> PlanRepair(const std::string& vault, ByteView header,
                              const crypto::VolumeSecrets& secrets, const RepairOptions& options) {
  return Planner(options).Plan(vault, header, secrets);
}

}  // namespace chainfs::fs::repair
