// SPDX-License-Identifier: GPL-3.0-or-later
// What the ledger proves about a damaged vault. A repair believes the signed head, the records
// that it covers, and the lists that those commit to; everything else is rebuilt from them or
// judged by them.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "fs/commit/chain_head.h"
#include "fs/commit/retention.h"
#include "fs/repair/id_set.h"

namespace chainfs::fs::repair {

// A dead object that the store should still hold.
struct Grave {
  Sequence record;  // in which it died
  uint32_t sealed_bytes = 0;
};

// One of the newest records: its root is a filesystem that may be whole.
struct OldRoot {
  Sequence record;
  uint64_t time_ns = 0;
  Pointer root;
  ObjectId next_id;
};

// Plain values once read. One thread.
struct LedgerFacts {
  ChainHead head;  // verified; its edge and live counts come from records and lists alone

  IdSet in_store;  // births minus reaps
  std::unordered_map<ObjectId, Grave> graves;
  std::vector<OldRoot> roots;  // of the newest records, oldest first; the last is the head's
  Sequence oldest_whole;       // of the roots before this record, something has been reaped

  // What does not agree with the records, and what should be there: an empty value for nothing.
  std::map<uint64_t, Bytes> wrong_tiles;  // by the tile's key
  // Tiles and lists that no record has to do with, by table and key.
  std::vector<std::pair<store::Table, Bytes>> strange;
  std::map<std::string, Bytes> wrong_meta;
  bool wrong_graveyard = false;  // each repair writes that anew

  // Whether the object belongs to the newest tree, or to the tree of an older root.
  bool IsLive(ObjectId id) const { return in_store.Contains(id) && !graves.contains(id); }
  bool IsLiveAt(ObjectId id, const OldRoot& root) const {
    if (id >= root.next_id || !in_store.Contains(id)) return false;
    const auto grave = graves.find(id);
    return grave == graves.end() || grave->second.record > root.record;
  }
};

// Reads all records and lists. kDamaged, kBadHeader: something that cannot be rebuilt is missing or
// not what the signed head says; the message tells what can be tried. O(records + births).
Result<LedgerFacts> ReadLedgerFacts(const store::ReadTxn& txn, const LedgerIdentity& identity);

// Visits the births of all records, in the order of their ids. REQUIRES: the lists were read whole.
void ForEachBirth(const store::ReadTxn& txn, Sequence newest,
                  const std::function<void(const ledger::Birth&, Sequence record)>& visit);

}  // namespace chainfs::fs::repair
