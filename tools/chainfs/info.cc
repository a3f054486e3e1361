// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "tools/chainfs/commands.h"
#include "tools/common/control_client.h"
#include "tools/common/files.h"
#include "tools/common/header_file.h"
#include "tools/common/mount_table.h"
#include "tools/common/open_vault.h"
#include "tools/common/size_text.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

const char* KindText(crypto::SlotKind kind) {
  switch (kind) {
    case crypto::SlotKind::kPassphrase:
      return "passphrase";
    case crypto::SlotKind::kRecovery:
      return "recovery key";
    case crypto::SlotKind::kKeyFile:
      return "key file";
  }
  return "unknown";
}

std::string SuiteText(uint32_t suite) {
  if (suite == 1) return "XAES-256-GCM, SHA-256, Ed25519, Argon2id";
  return "suite " + std::to_string(suite);
}

// What the vault's files occupy. They are only looked at, never opened: closing a database file
// that another thread of a process has open would drop its locks.
uint64_t OccupiedBytes(const std::string& vault) {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(vault, ignored)) {
    struct stat info {};
    if (lstat(entry.path().c_str(), &info) == 0)
      bytes += static_cast<uint64_t>(info.st_blocks) * 512;
  }
  return bytes;
}

std::vector<std::string> MountPointsOf(const std::string& vault) {
  std::vector<std::string> points;
  for (const MountEntry& mount : ReadMountTable()) {
    if (mount.IsChainfs() && mount.source == vault) points.push_back(mount.mount_point);
  }
  return points;
}

// The size that the volume may grow to, which only who has the key can tell: the daemon of a mount,
// if one answers. Null: there is no limit; nullopt: not known.
std::optional<json> MaxSizeOf(const std::string& vault) {
  for (const MountEntry& mount : ReadMountTable()) {
    if (!mount.IsChainfs() || mount.source != vault) continue;
    auto daemon = ControlClient::Connect(mount);
    if (!daemon) continue;
    const auto answer = daemon->Ask("status", ControlClient::Patience::kSeconds);
    if (!answer || !answer->contains("status")) continue;
    const json& status = (*answer)["status"];
    if (status.contains("max_size")) return status["max_size"];
  }
  return std::nullopt;
}

// The ledger's head, or why it cannot be told: a vault whose database is damaged still has a header
// to show.
json LedgerAsJson(const std::string& vault) {
  auto opened = OpenForReading(vault, Crashes::kExplained);
  if (!opened) return {{"problem", opened.error().message}};
  const fs::StoredHead& head = opened->head;
  json ledger = {{"origin", head.checkpoint.origin},
                 {"records", head.checkpoint.size},
                 {"vkey", ledger::EncodeVerifierKey(head.key)}};
  auto txn = opened->store->BeginRead();
  if (!txn) return {{"problem", txn.error().message}};
  auto newest = fs::ReadProvenEntry(*txn, head.checkpoint, Sequence(head.checkpoint.size - 1));
  if (newest) {
    ledger["head_time_ns"] = newest->record.time_ns;
  } else {
    ledger["problem"] = newest.error().message;
  }
  return ledger;
}

void PrintLedger(const json& ledger) {
  auto line = [](const char* name, const std::string& text) {
    std::printf("%-14s %s\n", name, text.c_str());
  };
  if (ledger.contains("origin")) {
    line("ledger", ledger["origin"]);
    line("vkey", ledger["vkey"]);
    line("records", ledger["records"].dump());
  }
  if (ledger.contains("head_time_ns")) line("head", FormatTime(ledger["head_time_ns"]));
  if (ledger.contains("problem")) line("LEDGER", ledger["problem"]);
}

json InfoAsJson(const std::string& vault, const LoadedHeader& header) {
  json slots = json::array();
  for (const auto& slot : header.info.slots) {
    json entry = {{"kind", KindText(slot.kind)}};
    if (slot.cost) {
      entry["argon2id"] = {{"memory_kib", slot.cost->memory_kib},
                           {"iterations", slot.cost->iterations},
                           {"lanes", slot.cost->lanes}};
    }
    slots.push_back(std::move(entry));
  }
  json info = {{"vault", vault},
               {"volume_id", VolumeIdText(header.info.volume_id)},
               {"format", header.info.format_version},
               {"minimum_reader", header.info.minimum_reader_version},
               {"feature_flags", header.info.feature_flags},
               {"suite", SuiteText(header.info.suite)},
               {"header_copies_whole", !header.needs_repair},
               {"slots", std::move(slots)},
               {"occupied_bytes", OccupiedBytes(vault)},
               {"mounted_at", MountPointsOf(vault)}};
  if (auto max_size = MaxSizeOf(vault)) info["max_size"] = *std::move(max_size);
  return info;
}

void PrintInfo(const json& info) {
  auto line = [](const char* name, const std::string& text) {
    std::printf("%-14s %s\n", name, text.c_str());
  };
  line("vault", info["vault"]);
  line("volume id", info["volume_id"]);
  line("format", info["format"].dump());
  line("suite", info["suite"]);
  for (const json& slot : info["slots"]) {
    std::string text = slot["kind"];
    if (slot.contains("argon2id")) {
      const json& cost = slot["argon2id"];
      text += ", Argon2id: " + FormatSize(cost["memory_kib"].get<uint64_t>() * 1024) + ", " +
              cost["iterations"].dump() + " passes, " + cost["lanes"].dump() + " lanes";
    }
    line("key slot", text);
  }
  line("occupies", FormatSize(info["occupied_bytes"]));
  if (const json limit = info.value("max_size", json()); limit.is_number_unsigned()) {
    line("max size", FormatSize(limit));
  }
  if (!info["header_copies_whole"].get<bool>()) {
    line("header", "one of the two copies is missing, damaged or older; the next mount mends it");
  }
  for (const json& point : info["mounted_at"]) line("mounted at", point);
}

}  // namespace

Outcome<void> ShowInfo(const std::string& vault, bool as_json) {
  std::string path = CanonicalPath(vault);
  auto header = LoadHeader(path);
  if (!header) return header.error();
  json info = InfoAsJson(path, *header);
  if (as_json) {
    info["ledger"] = LedgerAsJson(path);
    std::printf("%s\n", info.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    return FlushOutput();
  }
  // The header first, and out: a hostile database may crash whoever opens it.
  PrintInfo(info);
  if (auto printed = FlushOutput(); !printed) return printed;
  PrintLedger(LedgerAsJson(path));
  return FlushOutput();
}

}  // namespace chainfs::tools
