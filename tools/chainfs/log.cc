// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>

#include "tools/chainfs/commands.h"
#include "tools/chainfs/record_text.h"
#include "tools/common/database_crash.h"
#include "tools/common/files.h"
#include "tools/common/open_vault.h"

namespace chainfs::tools {

Outcome<void> ShowLog(const std::string& vault, const LogOptions& options) {
  auto opened = OpenForReading(vault, Crashes::kExplained);
  if (!opened) return opened.error();
  const ledger::Checkpoint& head = opened->head.checkpoint;
  if (options.since > head.size) {
    return Failure{ExitCode::kUsage, opened->path + ": the ledger has only " +
                                         std::to_string(head.size) + " records, not " +
                                         std::to_string(options.since)};
  }
  fs::LogReader reader(*opened->store, head, Sequence(options.since));
  if (!options.json) std::fputs(LogHeading().c_str(), stdout);
  for (uint64_t left = options.most; left > 0;) {
    const auto most = static_cast<size_t>(std::min<uint64_t>(left, fs::LogReader::kMaxBatch));
    auto batch = reader.Next(most);
    // What was read before the damage is worth seeing.
    if (auto printed = FlushOutput(); !printed) return printed;
    NoteDatabaseAnswered();
    if (!batch) return VaultFailure(batch.error(), opened->path);
    if (batch->empty()) break;
    for (const fs::LogEntry& entry : *batch) {
      const std::string text = options.json ? LogEntryAsJson(entry).dump() + "\n" : LogLines(entry);
      std::fputs(text.c_str(), stdout);
    }
    left -= batch->size();
  }
  return FlushOutput();
}

}  // namespace chainfs::tools
