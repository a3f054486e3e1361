// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/record_group.h"

#include <cstring>

namespace chainfs::fs::check {
namespace {

// What the record after it, and the tile, say that a record's link is.
struct Witnesses {
  std::optional<Digest> successor, tile;
};

std::optional<Digest> HashInTile(ByteView tile, size_t place) {
  Digest hash;
  if (tile.size() < (place + 1) * hash.size()) return std::nullopt;
  std::memcpy(hash.data(), tile.data() + place * hash.size(), hash.size());
  return hash;
}

bool IsGenuine(const StoredRecord& stored, const Witnesses& known, bool next_is_genuine) {
  if (!stored.record) return false;
  if (stored.link == known.successor) return true;
  if (known.tile) return stored.link == known.tile;
  // One of the two was altered; the other one is vouched for by what follows.
  return !known.successor || !next_is_genuine;
}

std::optional<Digest> LeafOf(const Witnesses& known, bool next_is_genuine) {
  if (known.successor && (next_is_genuine || known.successor == known.tile)) {
    return known.successor;
  }
  return known.tile ? known.tile : known.successor;
}

}  // namespace

std::vector<JudgedRecord> JudgeRecords(const RecordGroup& group, bool newest_is_genuine) {
  const size_t count = group.records.size();
  std::vector<JudgedRecord> judged(count);
  bool next_is_genuine = group.next.has_value();
  for (size_t i = count; i-- > 0;) {
    const StoredRecord& stored = group.records[i];
    const auto& successor = i + 1 < count ? group.records[i + 1].record : group.next;
    Witnesses known;
    if (successor) known.successor = successor->previous_link;
    known.tile = HashInTile(group.tile, i);
    const bool is_newest = group.ends_ledger && i + 1 == count;
    judged[i].genuine = is_newest ? newest_is_genuine && stored.record.has_value()
                                  : IsGenuine(stored, known, next_is_genuine);
    judged[i].leaf =
        judged[i].genuine ? std::optional(stored.link) : LeafOf(known, next_is_genuine);
    next_is_genuine = judged[i].genuine;
  }
  return judged;
}

}  // namespace chainfs::fs::check
