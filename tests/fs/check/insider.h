// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody who holds the volume key, and so the signing key, and writes a vault's history anew.
#pragma once

#include <functional>

#include "fs/history/stored_tiles.h"
#include "ledger/checkpoint.h"
#include "ledger/origin.h"
#include "ledger/record.h"
#include "ledger/tree_edge.h"
#include "tests/fs/check/raw_store.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs::check {

// Edits the records from `first` on, relinks them, and stores the tiles and the signed head that
// they give: nothing in the vault disagrees afterwards. Genesis stays.
inline void RewriteHistory(const TestVault& vault, uint64_t first,
                           const std::function<void(ledger::Record&)>& edit) {
  RawStore raw(vault.directory());
  ledger::TreeEdge edge;
  ledger::Origin origin;
  Digest link{};
  const uint64_t records = raw.Keys("records").size();
  for (uint64_t n = 0; n < records; ++n) {
    ledger::Record record = *ledger::DecodeRecord(raw.Get("records", RawStore::Key(n)));
    record.previous_link = link;
    if (n >= first) edit(record);
    const Bytes encoded = ledger::EncodeRecord(record);
    raw.Put("records", RawStore::Key(n), encoded);
    link = ledger::LinkOf(encoded);
    edge.Append(link);
    for (const auto& [tile, hashes] : edge.TilesToStore()) {
      raw.Put("tiles", RawStore::Key(ledger::KeyOfTile(tile)), hashes);
    }
    const bool begins = n == 0 || record.type == ledger::RecordType::kRollbackAccepted;
    if (begins) origin = {record.volume_id, ledger::BranchOf(link)};
  }
  const std::string note = ledger::SignCheckpoint(
      {ledger::EncodeOrigin(origin), edge.size(), edge.Root()}, vault.secrets().signing_seed);
  raw.Put("meta", RawStore::Key(kCheckpointMeta), Bytes(note.begin(), note.end()));
}

}  // namespace chainfs::fs::check
