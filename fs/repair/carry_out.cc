// SPDX-License-Identifier: GPL-3.0-or-later
// RepairPlan, and the one moment in which a repair changes anything: first the quarantine file,
// then one transaction, then the copies of the header.
#include <algorithm>
#include <filesystem>

#include "crypto/base/byte_order.h"
#include "fs/clock.h"
#include "fs/commit/sealed_commit.h"
#include "fs/history/stored_tiles.h"
#include "fs/repair/plan_state.h"
#include "fs/repair/quarantine.h"

namespace chainfs::fs::repair {
namespace {

Bytes KeyOf(uint64_t number) {
  Bytes key(sizeof number);
  PutBE(key.data(), number);
  return key;
}

class Execution {
 public:
  Execution(PlanState& state, const CarryOutOptions& options) : state_(state), options_(options) {}
  Result<RepairOutcome> Run(const std::string& default_path);

 private:
  void Step(const char* step) const {
    if (options_.on_step) options_.on_step(step);
  }
  Result<void> Quarantine(const std::string& path);
  Result<void> QuarantineObjects();
  Result<void> QuarantineRest();
  Result<void> Append(QuarantineKind kind, ByteView key, ByteView bytes,
                      Sequence record = Sequence(0));
  Result<void> Commit();
  Result<void> PutObjects(store::WriteTxn& txn);
  Result<void> DeleteObjects(store::WriteTxn& txn);
  Result<void> PutRebuilt(store::WriteTxn& txn);
  void ListDeathsAndReaps();

  PlanState& state_;
  const CarryOutOptions& options_;
  std::string quarantine_path_;
  std::optional<QuarantineFile> quarantine_;  // made when there is something to put there
  Digest quarantine_digest_{};
  uint64_t removed_objects_ = 0;
  SealedCommit commit_;
};

Result<void> Execution::Append(QuarantineKind kind, ByteView key, ByteView bytes, Sequence record) {
  Step("quarantine");
  if (!quarantine_) {
    const ChainHead& head = state_.facts.head;
    auto created = QuarantineFile::Create(quarantine_path_, head.origin.volume_id,
                                          Sequence(head.newest.value + 1));
    if (!created) return std::move(created).error();
    quarantine_ = std::move(*created);
  }
  return quarantine_->Append(kind, key, bytes, record);
}

Result<void> Execution::QuarantineObjects() {
  auto txn = state_.core->store->BeginRead();
  if (!txn) return std::move(txn).error();
  Result<void> result;
  const auto keep = [&](QuarantineKind kind, ObjectId id, Sequence born) {
    const auto sealed = txn->FindObject(id);
    if (!sealed || !result) return;
    ++removed_objects_;
    result = Append(kind, KeyOf(id.value), *sealed, born);
  };
  for (const auto& [death, born] : state_.deaths) {
    const bool damaged = state_.inventory.HasFault(death.id);
    keep(damaged ? QuarantineKind::kDamagedObject : QuarantineKind::kRemovedObject, death.id, born);
  }
  for (const auto& [id, fault] : state_.inventory.faults) {
    if (state_.facts.graves.contains(id)) keep(QuarantineKind::kDamagedObject, id, Sequence(0));
  }
  if (!result) return result;
  size_t next = 0;
  auto walked = txn->ForEachEntry(store::Table::kObjects, {}, [&](ByteView key, ByteView sealed) {
    if (next == state_.inventory.extra.size()) return false;
    if (!std::ranges::equal(key, state_.inventory.extra[next])) return true;
    ++next;
    ++removed_objects_;
    result = Append(QuarantineKind::kExtraObject, key, sealed);
    return result.has_value();
  });
  return result ? walked : result;
}

Result<void> Execution::QuarantineRest() {
  for (const auto& [key, value] : state_.journal.dropped()) {
    std::array<uint8_t, kKeyBytes> encoded;
    PutKey(encoded.data(), key);
    if (auto kept = Append(QuarantineKind::kItem, encoded, value); !kept) return kept;
  }
  auto txn = state_.core->store->BeginRead();
  if (!txn) return std::move(txn).error();
  Result<void> result;
  const LedgerFacts& facts = state_.facts;
  for (const auto& [key, hashes] : facts.wrong_tiles) {
    const auto stored = txn->FindTile(key);
    if (stored && result) result = Append(QuarantineKind::kTile, KeyOf(key), *stored);
  }
  for (const auto& [table, strange] : facts.strange) {
    const auto kind =
        table == store::Table::kTiles ? QuarantineKind::kTile : QuarantineKind::kLists;
    (void)txn->ForEachEntry(table, strange, [&](ByteView key, ByteView value) {
      if (result) result = Append(kind, key, value);
      return false;
    });
  }
  const auto keep_meta = [&](const std::string& name) {
    const auto value = txn->FindMeta(name);
    if (value && result) result = Append(QuarantineKind::kMeta, AsBytes(name), *value);
  };
  for (const auto& [name, value] : facts.wrong_meta) keep_meta(name);
  if (facts.wrong_graveyard) keep_meta(kGraveyardMeta);
  const auto keep_header = [&](const char* name, const Bytes& copy) {
    if (copy == state_.header || copy.empty() || !result) return;
    result = Append(QuarantineKind::kHeader, AsBytes(name), copy);
  };
  keep_header("header.0", state_.copies.first);
  keep_header("header.1", state_.copies.second);
  return result;
}

Result<void> Execution::Quarantine(const std::string& path) {
  quarantine_path_ = path;
  auto kept = QuarantineObjects();
  if (kept) kept = QuarantineRest();
  Step("quarantine written");
  if (kept && quarantine_) {
    auto digest = quarantine_->Finish();
    if (digest) quarantine_digest_ = *digest;
    if (!digest) kept = std::move(digest).error();
  }
  if (!kept && quarantine_) quarantine_->Remove();
  return kept;
}

Result<void> Execution::PutObjects(store::WriteTxn& txn) {
  OpenSet& open = *state_.core->open;
  if (open.empty()) return {};
  commit_.frozen = FrozenSet::Freeze(open, *state_.core->tree.root());
  std::vector<ByteView> parts;
  Bytes scratch, sealed;
  // One at a time: there may be more of them than fits into memory.
  for (const auto& object : commit_.frozen->births()) {
    Step("put an object");
    parts.clear();
    object->Gather(parts, scratch);
    sealed.resize(SealedBytes(object->pointer().length_bytes));
    state_.core->sealer.Seal(object->type(), object->pointer(), parts, sealed);
    if (auto put = txn.PutObject(object->id(), sealed); !put) return put;
    commit_.lists.births.push_back({object->id(), object->type(),
                                    static_cast<uint32_t>(sealed.size()), object->pointer().nonce,
                                    crypto::Sha256(sealed)});
  }
  return {};
}

void Execution::ListDeathsAndReaps() {
  for (const auto& [id, grave] : state_.facts.graves) {
    commit_.lists.reaps.push_back({id, grave.sealed_bytes});
  }
  const auto record_of = [&](const ledger::Death& death) {
    return std::pair(state_.facts.graves.at(death.id).record, death.id);
  };
  std::ranges::sort(commit_.lists.reaps, {}, record_of);
  for (const auto& [death, born] : state_.deaths) {
    commit_.lists.deaths.push_back(death);
    commit_.lists.reaps.push_back(death);
  }
  commit_.empties_graveyard = true;
}

Result<void> Execution::DeleteObjects(store::WriteTxn& txn) {
  for (const ledger::Death& reap : commit_.lists.reaps) {
    Step("delete an object");
    const auto fault = state_.inventory.faults.find(reap.id);
    if (fault != state_.inventory.faults.end() && fault->second == Fault::kMissing) continue;
    if (auto gone = txn.DeleteObject(reap.id); !gone) return gone;
  }
  return {};
}

Result<void> Execution::PutRebuilt(store::WriteTxn& txn) {
  for (const auto& [key, hashes] : state_.facts.wrong_tiles) {
    if (auto put = txn.PutTile(key, hashes); !put) return put;
  }
  for (const auto& [table, key] : state_.facts.strange) {
    if (auto gone = txn.DeleteEntry(table, key); !gone) return gone;
  }
  for (const auto& [name, value] : state_.facts.wrong_meta) {
    auto done = value.empty() ? txn.DeleteEntry(store::Table::kMeta, AsBytes(name))
                              : txn.PutMeta(name, value);
    if (!done) return done;
  }
  return {};
}

Result<void> Execution::Commit() {
  auto txn = state_.core->store->BeginWrite();
  if (!txn) return std::move(txn).error();
  // First: what does not belong there may be in the place of what is to come.
  for (const Bytes& key : state_.inventory.extra) {
    if (auto gone = txn->DeleteEntry(store::Table::kObjects, key); !gone) return gone;
  }
  ListDeathsAndReaps();
  // Copies are read from what is about to be deleted: they see the state before the transaction.
  if (auto put = PutObjects(*txn); !put) return put;
  if (auto gone = DeleteObjects(*txn); !gone) return gone;
  if (auto put = PutRebuilt(*txn); !put) return put;
  ledger::Record record;
  record.type = ledger::RecordType::kRepair;
  record.repair.actions = state_.journal.actions();
  if (state_.fallback) record.repair.fallback = state_.fallback->record;
  record.repair.quarantine_digest = quarantine_digest_;
  record.repair.removed_objects = removed_objects_;
  CompleteRecord(state_.facts.head, record, RealtimeNs(), state_.seed, commit_);
  Step("put the record");
  if (auto put = PutRecordOf(*txn, commit_); !put) return put;
  Step("commit");
  return txn->Commit();
}

Result<RepairOutcome> Execution::Run(const std::string& default_path) {
  Step("begin");
  if (state_.fallback && !options_.allow_fallback) {
    return Error{ErrorCode::kNotPermitted,
                 "the repair goes back to an older state, which has to be confirmed"};
  }
  const std::string& given = options_.quarantine_path;
  auto kept = Quarantine(given.empty() ? default_path : given);
  if (!kept) return std::move(kept).error();
  Step("quarantine durable");
  RepairOutcome outcome;
  if (quarantine_) outcome.quarantine_path = quarantine_->path();
  outcome.removed_objects = removed_objects_;
  outcome.checkpoint = state_.facts.head.checkpoint;
  outcome.time_ns = state_.facts.head.time_ns;
  if (state_.ChangesDatabase()) {
    if (auto committed = Commit(); !committed) {
      if (quarantine_) quarantine_->Remove();
      return std::move(committed).error();
    }
    outcome.record = commit_.next_head.newest;
    outcome.checkpoint = commit_.next_head.checkpoint;
    outcome.time_ns = commit_.next_head.time_ns;
  }
  Step("committed");
  if (state_.MendsHeader()) {
    if (auto written = store::WriteHeader(state_.vault, state_.header); !written) {
      return Error{written.error().code,
                   "the volume has been repaired, but not the header: " + written.error().message};
    }
  }
  Step("end");
  return outcome;
}

}  // namespace

RepairPlan::RepairPlan(std::unique_ptr<PlanState> state) : state_(std::move(state)) {}
RepairPlan::RepairPlan(RepairPlan&&) noexcept = default;
RepairPlan& RepairPlan::operator=(RepairPlan&&) noexcept = default;
RepairPlan::~RepairPlan() = default;

uint32_t RepairPlan::actions() const { return state_->journal.actions(); }
const std::vector<std::string>& RepairPlan::lines() const { return state_->lines; }
const std::optional<Fallback>& RepairPlan::fallback() const { return state_->fallback; }

bool RepairPlan::LosesContent() const {
  for (const Action action : {Action::kFallBack, Action::kGiveUpItems, Action::kGiveUpData,
                              Action::kRemoveXattrs, Action::kRemoveItems}) {
    if (state_->journal.Has(action)) return true;
  }
  return false;
}

std::string RepairPlan::DefaultQuarantinePath() const {
  std::string vault = state_->vault;
  while (vault.size() > 1 && vault.back() == '/') vault.pop_back();
  const std::string path =
      vault + ".quarantine-" + std::to_string(state_->facts.head.newest.value + 1);
  // A repair that was interrupted may have left one.
  std::error_code ignored;
  for (int attempt = 0;; ++attempt) {
    const std::string name = attempt == 0 ? path : path + "." + std::to_string(attempt);
    if (!std::filesystem::exists(std::filesystem::symlink_status(name, ignored))) return name;
  }
}

Result<RepairOutcome> RepairPlan::CarryOut(const CarryOutOptions& options) {
  return Execution(*state_, options).Run(DefaultQuarantinePath());
}

}  // namespace chainfs::fs::repair
