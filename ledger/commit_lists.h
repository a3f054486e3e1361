// SPDX-License-Identifier: GPL-3.0-or-later
// What one commit changed: the objects that were born, died and were reaped. Stored beside the
// record in one value; the record commits to it by births_root, deaths_digest and reaps_digest.
// Pure: bytes in, bytes out. docs/format.md has the byte tables and a worked example.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::ledger {

// One object that entered the tree.
struct Birth {
  ObjectId id;
  ObjectType type = ObjectType::kNode;
  uint32_t sealed_bytes = 0;
  Nonce nonce{};
  Digest digest{};  // SHA-256 of the sealed blob
  bool operator==(const Birth&) const = default;
};

// One object that left the newest tree, or (as a reap) the store.
struct Death {
  ObjectId id;
  uint32_t sealed_bytes = 0;
  bool operator==(const Death&) const = default;
};

struct CommitLists {
  std::vector<Birth> births;  // ids strictly ascending
  std::vector<Death> deaths;
  std::vector<Death> reaps;
  bool operator==(const CommitLists&) const = default;
};

constexpr size_t kListsHeaderBytes = 24;
constexpr size_t kBirthBytes = 8 + 1 + 4 + 24 + 32;
constexpr size_t kDeathBytes = 8 + 4;

// The rows of encoded lists where they lie: for reading lists of any length without a copy.
// Nothing is known of the rows themselves until they are decoded.
struct ListRows {
  ByteView births, deaths, reaps;  // whole rows
  size_t birth_count() const { return births.size() / kBirthBytes; }
  size_t death_count() const { return deaths.size() / kDeathBytes; }
  size_t reap_count() const { return reaps.size() / kDeathBytes; }
};
// nullopt: wrong magic, or a length that is not exactly what the counts say.
std::optional<ListRows> SplitLists(ByteView bytes);

// REQUIRES: births ascending, no id 0; each list shorter than 2^32.
Bytes EncodeLists(const CommitLists& lists);
// nullopt: wrong magic, a length that is not exactly what the counts say (found before anything
// is allocated), an unknown object type, id 0, births out of order. What decodes encodes to
// exactly these bytes.
std::optional<CommitLists> DecodeLists(ByteView bytes);

// One row of the births: a leaf of the tree under births_root.
std::array<uint8_t, kBirthBytes> EncodeBirth(const Birth& birth);
// nullopt: wrong size, an unknown object type, id 0.
std::optional<Birth> DecodeBirth(ByteView row);

// REQUIRES: a row of deaths or reaps.
Death DecodeDeath(const uint8_t* row);

// RFC 6962 root; the leaves are the encoded births.
Digest BirthsRoot(std::span<const Birth> births);
Digest BirthsRootOfRows(ByteView rows);  // REQUIRES: whole rows
// SHA-256 of the encoded list: for deaths and for reaps.
Digest DeathsDigest(std::span<const Death> deaths);

}  // namespace chainfs::ledger
