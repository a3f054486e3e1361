// SPDX-License-Identifier: GPL-3.0-or-later
// What a RepairPlan holds between planning and carrying out. Internal to fs/repair. One thread.
#pragma once

#include "fs/core.h"
#include "fs/repair/inventory.h"
#include "fs/repair/journal.h"
#include "fs/repair/plan.h"
#include "fs/store/vault_directory.h"

namespace chainfs::fs::repair {

struct PlanState {
  std::string vault;
  std::unique_ptr<store::VaultLock> lock;
  std::unique_ptr<Core> core;  // its open set has what is new in the repaired tree
  crypto::SecretKey seed;
  Bytes header;  // the right one
  store::HeaderCopies copies;
  LedgerFacts facts;
  Inventory inventory;
  Journal journal;
  std::optional<Fallback> fallback;
  std::vector<std::pair<ledger::Death, Sequence>> deaths;  // with the record of the birth
  std::vector<std::string> lines;

  bool MendsHeader() const { return copies.first != header || copies.second != header; }
  // Whether anything but the header's copies changes.
  bool ChangesDatabase() const {
    return (journal.actions() & ~static_cast<uint32_t>(Action::kMendHeader)) != 0;
  }
};

}  // namespace chainfs::fs::repair
