// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a RepairPlan. Internal to fs/repair. One thread.
#pragma once

#include "fs/repair/plan_state.h"
#include "fs/repair/tree_scan.h"
#include "fs/repair/workbench.h"

namespace chainfs::fs::repair {

class Planner {
 public:
  explicit Planner(const RepairOptions& options)
      : options_(options), state_(std::make_unique<PlanState>()) {}
  Result<RepairPlan> Plan(const std::string& vault, ByteView header,
                          const crypto::VolumeSecrets& secrets);

 private:
  // Which header the ledger names: the unlocked one, or the other copy.
  Result<void> ChooseHeader(ByteView unlocked);
  Result<void> ReadVault(const crypto::VolumeSecrets& secrets);
  void NoteLedger();
  // The newest tree, or what is to take its place.
  Result<TreeScan> ChooseTree();
  Result<std::optional<TreeScan>> FindWholeRoot(const TreeScan& newest);
  void NoteTree(const TreeScan& scan);
  uint64_t NextInode(const TreeScan& scan);
  Result<void> RepairItems(const TreeScan& scan);
  Result<void> FindDeaths();

  const RepairOptions options_;
  std::unique_ptr<PlanState> state_;
};

}  // namespace chainfs::fs::repair
