// SPDX-License-Identifier: GPL-3.0-or-later
// Records as `chainfs log` and the proof commands show them. Pure; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fs/history/log_reader.h"
#include "ledger/record.h"

namespace chainfs::tools {

// "commit", "rollback-accepted".
const char* NameOf(ledger::RecordType type);

// A count of at most five characters: "99999", "120K", "4.1M" (thousands, not 1024).
std::string ShortCount(uint64_t count);

// The line above the log's, and a record's line with the lines that explain it, each ending in a
// newline. Up to 100 columns for sequences below 10^13.
std::string LogHeading();
std::string LogLines(const fs::LogEntry& entry);

// What the record itself says.
nlohmann::json RecordAsJson(const ledger::Record& record, const Digest& link);
// And what its lists add.
nlohmann::json LogEntryAsJson(const fs::LogEntry& entry);

}  // namespace chainfs::tools
