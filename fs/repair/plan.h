// SPDX-License-Identifier: GPL-3.0-or-later
// Repairing a vault: chainfs-fsck --repair. docs/repair.md says what it does and what it does not.
//
//   auto plan = PlanRepair(vault, header, secrets, {});     looks, and changes nothing
//   show plan->lines(), ask
//   auto outcome = plan->CarryOut({...});                   quarantine file, then one transaction
//
// A plan holds the vault's lock, and all of the repaired tree that is new, in memory. Whoever asks
// the user in between may take his time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/header.h"
#include "fs/repair/actions.h"

namespace chainfs::fs::repair {

struct PlanState;  // fs/repair/plan_state.h

struct RepairOptions {
  // Where a part of the tree cannot be read: keep the newest state and give that part up, instead
  // of going back to an older state that is whole.
  bool salvage = false;
  uint64_t cache_bytes = 64ull << 20;  // of nodes
};

// An older state takes the place of the newest.
struct Fallback {
  Sequence record;
  uint64_t time_ns = 0;         // everything written after this is lost
  uint64_t newest_time_ns = 0;  // of the state that is given up
};

struct CarryOutOptions {
  std::string quarantine_path;  // must not exist; empty: RepairPlan::DefaultQuarantinePath
  bool allow_fallback = false;
  // For tests: called before each step.
  std::function<void(const char* step)> on_step;
};

struct RepairOutcome {
  std::optional<Sequence> record;  // the REPAIR record; none: only header copies were mended
  std::string checkpoint;          // the ledger's new head, and the time of that
  uint64_t time_ns = 0;
  std::string quarantine_path;  // empty: there was nothing to put there
  uint64_t removed_objects = 0;
};

// Move-only. One thread.
class RepairPlan {
 public:
  RepairPlan(RepairPlan&&) noexcept;
  RepairPlan& operator=(RepairPlan&&) noexcept;
  ~RepairPlan();

  // True: nothing is wrong that a repair could put right.
  bool empty() const { return actions() == 0; }
  uint32_t actions() const;  // bits of Action
  // What it does, for the user, a line each, without a full stop.
  const std::vector<std::string>& lines() const;
  const std::optional<Fallback>& fallback() const;
  // A part of the newest state will be gone, or will be errors: worth asking for a confirmation.
  bool LosesContent() const;
  // Beside the vault, and not there yet: VAULT.quarantine-<sequence>, or with a number behind it.
  std::string DefaultQuarantinePath() const;

  // kNotPermitted: it falls back, and that was not allowed. kExists and others: the quarantine file
  // cannot be written; kNoSpace, kIo from the store: in all these cases nothing has changed. If
  // only the header's copies could not be written at the end, the message says so.
  // Interrupted at any moment, it leaves the vault as it was or repaired.
  // REQUIRES: !empty(). Once: whatever it gives, the plan is used up.
  Result<RepairOutcome> CarryOut(const CarryOutOptions& options);

 private:
  friend class Planner;
  explicit RepairPlan(std::unique_ptr<PlanState> state);
  std::unique_ptr<PlanState> state_;
};

// `header` has been unlocked, and `secrets` come from it. kInUse: the vault is mounted; kDamaged,
// kBadHeader: what is damaged cannot be rebuilt (the message says what can be tried); kIo and
// other errors of Store::Open.
Result<RepairPlan> PlanRepair(const std::string& vault, ByteView header,
                              const crypto::VolumeSecrets& secrets, const RepairOptions& options);

}  // namespace chainfs::fs::repair
