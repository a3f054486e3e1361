// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the stored tiles of the ledger's Merkle tree with those that the records give. Only the
// tiles that differ are kept in memory. One thread.
#pragma once

#include "fs/repair/ledger_facts.h"

namespace chainfs::fs::repair {

class TileComparison {
 public:
  // What differs goes into facts.wrong_tiles and facts.strange.
  TileComparison(const store::ReadTxn& txn, LedgerFacts& facts) : txn_(txn), facts_(facts) {}

  // The link of the next record, from genesis on.
  void Append(const Digest& link);
  // After the last one. Looks for tiles that there should not be, too.
  void Finish();

  // Of the records so far.
  const ledger::TreeEdge& edge() const { return edge_; }
  // Gives the right tiles, whatever the store has. Valid as long as this object.
  ledger::TileFetcher Fetcher() const;

 private:
  void Compare(ledger::TileId tile, const Bytes& hashes);

  const store::ReadTxn& txn_;
  LedgerFacts& facts_;
  ledger::TreeEdge edge_;
  std::map<unsigned, std::pair<ledger::TileId, Bytes>> growing_;  // by level
};

}  // namespace chainfs::fs::repair
