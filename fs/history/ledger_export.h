// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a vault's ledger as a tile log (C2SP tlog-tiles) into a directory, for other people's
// tools and for a web server:
//
//   checkpoint                          the signed head
//   tile/0/000  tile/0/001.p/17  ...    hashes, 256 to a full tile
//   tile/1/000.p/1                      of full tiles below
//   tile/entries/000  ...               the records, each behind its length (u16, big-endian)
//
// No key is needed. docs/format-ledger.md describes the log.
#pragma once

#include <functional>
#include <string>

#include "fs/history/stored_head.h"

namespace chainfs::fs {

struct ExportSummary {
  uint64_t size = 0;           // records that the exported checkpoint covers
  uint64_t earlier_size = 0;   // that an earlier export had; 0: a new directory
  uint64_t files_written = 0;  // without the checkpoint
};

// Called now and then: records done, and how many there are in all.
using ExportProgress = std::function<void(uint64_t done, uint64_t total)>;

// Brings `directory` up to `head`, or makes it. What an earlier export of the same ledger wrote is
// kept if it is there in full length; everything written is durable before the checkpoint that
// covers it takes the earlier one's place. Whoever reads the directory meanwhile, or after a crash,
// so finds a whole log: the earlier one or the new one. Partial tiles are removed once the full
// one is there and the checkpoint covers it.
//
// Every record goes into the tree again, and the checkpoint is written only if that has its root.
// A read transaction lasts for 256 records. Two exports into one directory at once are refused
// (kInUse).
//
// kExists: the directory holds something else, or the log of another ledger or branch; kRollback:
// it holds a newer head than the vault; kFork: one that the vault's ledger does not continue;
// kDamaged: a record or tile is missing or not the ledger's; kNotDirectory, kAccessDenied,
// kNoSpace, kReadOnly, kIo: the directory's. Whatever fails, the earlier log is still whole.
Result<ExportSummary> ExportLedger(const store::Store& store, const StoredHead& head,
                                   const std::string& directory, const ExportProgress& progress);

}  // namespace chainfs::fs
