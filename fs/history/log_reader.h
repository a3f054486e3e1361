// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger as a story, newest record first: what `chainfs log` tells.
#pragma once

#include <optional>
#include <vector>

#include "fs/history/stored_head.h"

namespace chainfs::fs {

// Sealed sizes of what the lists of a record name, added up.
struct ListBytes {
  uint64_t births = 0, deaths = 0, reaps = 0;
};

struct LogEntry {
  ledger::Record record;
  Digest link{};
  // nullopt: the record's lists are gone (pruned) or damaged. They are taken as they are stored:
  // only a check of the vault compares them with what the record commits to.
  std::optional<ListBytes> bytes;
  bool header_changed = false;  // the header is another one than at the record before
};

// Walks the ledger of a head backwards in batches. Each batch is a read transaction of its own:
// whoever prints may take as long as he likes, without keeping the pages of a vault in use from
// being reused. The newest record is proven against the head, and every other one by the link
// that its successor carries, so that no entry is shown that the head does not cover.
// Not thread-safe.
class LogReader {
 public:
  // Gives the records from the newest of `head` down to `first`. The store must outlive it.
  LogReader(const store::Store& store, ledger::Checkpoint head, Sequence first);

  // The next ones, at most `most` and at most kMaxBatch; empty: that was all.
  // kDamaged: a record is missing, malformed, or not the ledger's; the store's errors. What lies
  // above has been given before, and the walk is over.
  Result<std::vector<LogEntry>> Next(size_t most);

  static constexpr size_t kMaxBatch = 256;

 private:
  Result<LogEntry> Read(const store::ReadTxn& txn, Sequence sequence);

  const store::Store& store_;
  ledger::Checkpoint head_;
  uint64_t first_;
  uint64_t end_;                   // records from here on have been given
  std::optional<LogEntry> ahead_;  // the record before the last one given
  std::optional<Error> failure_;   // for the next call
};

}  // namespace chainfs::fs
