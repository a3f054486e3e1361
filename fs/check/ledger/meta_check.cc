// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/meta_check.h"

#include <algorithm>
#include <string_view>

#include "crypto/base/byte_order.h"

namespace chainfs::fs::check {
namespace {

constexpr std::string_view kTables[] = {"objects", "records", "lists", "tiles", "meta"};
constexpr size_t kLongestNameBytes = 64;

// A name that anybody may have put there, for a terminal.
std::string Printable(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kLongestNameBytes)) out += c > ' ' && c < 0x7f ? c : '?';
  return out;
}

}  // namespace

void CheckNames(const Snapshot& snapshot, Report& report) {
  const auto tables = snapshot.txn().ForEachTable([&](std::string_view name) {
    if (std::ranges::find(kTables, name) == std::end(kTables)) {
      report.Damage(FindingKind::kUnknownTable,
                    "the database holds a table that is none of ours: " + Printable(name));
    }
    return true;
  });
  if (!tables) report.Damage(FindingKind::kBadPage, tables.error().message);
  const auto meta =
      snapshot.txn().ForEachEntry(store::Table::kMeta, {}, [&](ByteView key, ByteView) {
        const std::string_view name(reinterpret_cast<const char*>(key.data()), key.size());
        if (std::ranges::find(kKnownMeta, name) == std::end(kKnownMeta)) {
          report.Damage(FindingKind::kBadMeta,
                        "a meta value that is none of ours: " + Printable(name));
        }
        return true;
      });
  if (!meta) report.Damage(FindingKind::kBadPage, meta.error().message);
  const auto age = snapshot.txn().FindMeta(store::kAgeMeta);
  if (age && !age->empty()) {
    report.Damage(FindingKind::kBadMeta, "the meta value age is not empty");
  }
}

StoredGraveyard ReadGraveyard(const Snapshot& snapshot, Sequence newest) {
  const auto meta = snapshot.FindMeta(kGraveyardMeta);
  if (!meta) return {};
  if (meta->size() != kGraveyardMetaBytes) return {false, {}};
  const uint8_t* at = meta->data();
  const GraveyardPlace place{Sequence(GetBE<uint64_t>(at)), GetBE<uint64_t>(at + 8),
                             GetBE<uint64_t>(at + 16), Sequence(GetBE<uint64_t>(at + 24))};
  if (place.record > newest || place.newest > newest) return {false, {}};
  return {true, place};
}

void CheckBranchList(const Snapshot& snapshot, const std::vector<Sequence>& accepted,
                     Report& report) {
  Bytes expected;
  for (const Sequence record : accepted) Writer(expected).Int(record.value);
  const ByteView stored = snapshot.FindMeta(kBranchesMeta).value_or(ByteView());
  if (std::ranges::equal(stored, expected)) return;
  report.Damage(FindingKind::kBadBranch,
                "the list of branches is not the one that the records give: " +
                    Count(accepted.size(), "accepted rollback"));
}

}  // namespace chainfs::fs::check
