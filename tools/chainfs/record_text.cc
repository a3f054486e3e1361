// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/chainfs/record_text.h"

#include <array>
#include <cstdio>

#include "crypto/base64.h"
#include "fs/clock.h"
#include "ledger/origin.h"
#include "ledger/text.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

using ledger::EncodeHex;
using ledger::RecordType;
using nlohmann::json;

constexpr size_t kSessionDigits = 8;  // enough to tell neighbours apart
const std::string kIndent(11, ' ');

std::string Scaled(uint64_t number, double base) {
  constexpr std::array kUnits = {"", "K", "M", "G", "T", "P", "E"};
  double value = static_cast<double>(number);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= base;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, value < 9.95 ? "%.1f%s" : "%.0f%s", value, kUnits[unit]);
  return text;
}

std::string ShortSize(uint64_t bytes) {
  return bytes < 1000 ? std::to_string(bytes) : Scaled(bytes, 1024);
}

// "12345  120K", as wide always. Nothing for nothing.
std::string Pair(uint64_t count, const std::string& bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%5s %5s", count == 0 ? "" : ShortCount(count).c_str(),
                count == 0 ? "" : bytes.c_str());
  return text;
}

// A column's word, of eight letters at most.
const char* ShortNameOf(RecordType type) {
  switch (type) {
    case RecordType::kRollbackAccepted:
      return "rollback";
    case RecordType::kSnapshotDelete:
      return "unsnap";
    case RecordType::kKeyChange:
      return "keys";
    case RecordType::kCleanUnmount:
      return "unmount";
    default:
      return NameOf(type);
  }
}

std::string HeadLine(const char* what, uint64_t size, const Digest& root) {
  return kIndent + what + " " + std::to_string(size) + " records, root " +
         crypto::EncodeBase64(root) + "\n";
}

std::string Explanation(const fs::LogEntry& entry) {
  const ledger::Record& record = entry.record;
  std::string text;
  if (entry.header_changed) text += kIndent + "the header was changed (key slots or parameters)\n";
  switch (record.type) {
    case RecordType::kGenesis:
      text += kIndent + "ledger key " + EncodeHex(record.ledger_public_key) + "\n";
      break;
    case RecordType::kKeyChange:
      text += kIndent + "key epoch " + std::to_string(record.key_epoch.value) + " begins\n";
      break;
    case RecordType::kRollbackAccepted:
      text += HeadLine("kept", record.rollback.kept_size, record.rollback.kept_root);
      text += HeadLine("gave up", record.rollback.abandoned_size, record.rollback.abandoned_root);
      text += kIndent + "branch " + EncodeHex(record.rollback.abandoned_branch) + " ends, branch " +
              EncodeHex(ledger::BranchOf(entry.link)) + " begins\n";
      break;
    case RecordType::kRepair:
      text += kIndent + "removed " + std::to_string(record.repair.removed_objects) + " objects";
      if (record.repair.fallback.value != 0) {
        text += "; fell back to record " + std::to_string(record.repair.fallback.value);
      }
      text += "\n";
      break;
    default:
      break;
  }
  return text;
}

}  // namespace

const char* NameOf(RecordType type) {
  switch (type) {
    case RecordType::kGenesis:
      return "genesis";
    case RecordType::kCommit:
      return "commit";
    case RecordType::kKeyChange:
      return "key-change";
    case RecordType::kSnapshot:
      return "snapshot";
    case RecordType::kSnapshotDelete:
      return "snapshot-delete";
    case RecordType::kPrune:
      return "prune";
    case RecordType::kRollbackAccepted:
      return "rollback-accepted";
    case RecordType::kRepair:
      return "repair";
    case RecordType::kCleanUnmount:
      return "clean-unmount";
  }
  return "unknown";
}

std::string ShortCount(uint64_t count) {
  return count < 100000 ? std::to_string(count) : Scaled(count, 1000);
}

std::string LogHeading() {
  return "   record time (UTC)           type     born        died        reaped      live        "
         "session\n";
}

std::string LogLines(const fs::LogEntry& entry) {
  const ledger::Record& record = entry.record;
  const auto bytes = [&](uint64_t fs::ListBytes::*list) {
    return entry.bytes ? ShortSize((*entry.bytes).*list) : std::string("?");
  };
  char text[128];
  std::snprintf(text, sizeof text, "%9s %-19.19s %-8s %s %s %s %s %s\n",
                std::to_string(record.sequence.value).c_str(),
                fs::FormatUtc(record.time_ns).c_str(), ShortNameOf(record.type),
                Pair(record.birth_count, bytes(&fs::ListBytes::births)).c_str(),
                Pair(record.death_count, bytes(&fs::ListBytes::deaths)).c_str(),
                Pair(record.reap_count, bytes(&fs::ListBytes::reaps)).c_str(),
                Pair(record.live_objects, ShortSize(record.live_bytes)).c_str(),
                EncodeHex(record.session).substr(0, kSessionDigits).c_str());
  return text + Explanation(entry);
}

json RecordAsJson(const ledger::Record& record, const Digest& link) {
  json shown = {{"sequence", record.sequence.value},
                {"type", NameOf(record.type)},
                {"time", fs::FormatUtc(record.time_ns)},
                {"time_ns", record.time_ns},
                {"session", EncodeHex(record.session)},
                {"link", EncodeHex(link)},
                {"key_epoch", record.key_epoch.value},
                {"header_digest", EncodeHex(record.header_digest)},
                {"next_id", record.next_id.value},
                {"births", {{"count", record.birth_count}}},
                {"deaths", {{"count", record.death_count}}},
                {"reaps", {{"count", record.reap_count}}},
                {"live", {{"count", record.live_objects}, {"bytes", record.live_bytes}}}};
  if (record.type == RecordType::kGenesis) {
    shown["ledger_key"] = EncodeHex(record.ledger_public_key);
  } else if (record.type == RecordType::kRollbackAccepted) {
    const ledger::RollbackAcceptance& rollback = record.rollback;
    shown["branch"] = EncodeHex(ledger::BranchOf(link));
    shown["kept"] = {{"size", rollback.kept_size},
                     {"root", crypto::EncodeBase64(rollback.kept_root)}};
    shown["abandoned"] = {{"size", rollback.abandoned_size},
                          {"root", crypto::EncodeBase64(rollback.abandoned_root)},
                          {"branch", EncodeHex(rollback.abandoned_branch)}};
  } else if (record.type == RecordType::kRepair) {
    shown["repair"] = {{"actions", record.repair.actions},
                       {"fallback", record.repair.fallback.value},
                       {"quarantine_digest", EncodeHex(record.repair.quarantine_digest)},
                       {"removed_objects", record.repair.removed_objects}};
  }
  return shown;
}

json LogEntryAsJson(const fs::LogEntry& entry) {
  json shown = RecordAsJson(entry.record, entry.link);
  shown["header_changed"] = entry.header_changed;
  if (entry.bytes) {
    shown["births"]["bytes"] = entry.bytes->births;
    shown["deaths"]["bytes"] = entry.bytes->deaths;
    shown["reaps"]["bytes"] = entry.bytes->reaps;
  }
  return shown;
}

}  // namespace chainfs::tools
