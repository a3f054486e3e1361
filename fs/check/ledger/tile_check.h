// SPDX-License-Identifier: GPL-3.0-or-later
// The tiles in the store against the tree over the records: exactly those that a ledger of this
// size has stored (ledger/tree_edge.h says which), and in each the hashes that the records give.
// One thread at a time.
#pragma once

#include <array>
#include <optional>

#include "fs/check/report.h"
#include "fs/store/store.h"
#include "ledger/tree_edge.h"

namespace chainfs::fs::check {

class TileCheck {
 public:
  explicit TileCheck(Report& report) : report_(report) {}

  // Which tiles there are, and how long they are. REQUIRES: the transaction is of the moment when
  // the ledger had `size` records.
  void CheckTable(const store::ReadTxn& txn, uint64_t size);
  // The tiles that the record appended last has filled or made longer. Each hash is looked at once.
  void CompareNewest(const store::ReadTxn& txn, const ledger::TreeEdge& edge);

 private:
  void NoteSeen(ledger::TileId tile, uint64_t size);
  void ReportMissing(unsigned level, uint64_t from, uint64_t to);

  Report& report_;
  std::array<uint64_t, ledger::kTileLevels> seen_{};  // how many of each level came by
  std::optional<ledger::TileId> reported_[ledger::kTileLevels];
};

// A full tile of level 0: what the ledger once knew of 256 records. nullopt: it is not there.
std::optional<ByteView> FindFullTile(const store::ReadTxn& txn, uint64_t index);

}  // namespace chainfs::fs::check
