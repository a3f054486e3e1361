// SPDX-License-Identifier: GPL-3.0-or-later
// A record is a leaf of the ledger: fixed-width, big-endian, written once. Record n holds the root
// pointer, commitments to what was born, died and was reaped, and the link of record n-1.
// Pure: bytes in, bytes out. docs/format.md has the byte table and a worked example.
#pragma once

#include <optional>

#include "crypto/base/types.h"
#include "ledger/commit_lists.h"

namespace chainfs::ledger {

enum class RecordType : uint8_t {
  kGenesis = 1,
  kCommit,
  kKeyChange,
  kSnapshot,
  kSnapshotDelete,
  kPrune,
  kRollbackAccepted,
  kRepair,
  kCleanUnmount,
};

using SessionId = std::array<uint8_t, 16>;  // random per mount
using JournalId = std::array<uint8_t, 16>;  // zero: no journal follows

struct Record {
  RecordType type = RecordType::kCommit;
  VolumeId volume_id{};
  Sequence sequence;
  uint64_t time_ns = 0;  // realtime clock, since the epoch
  SessionId session{};
  Digest previous_link{};  // zero in genesis
  KeyEpoch key_epoch;
  Digest header_digest{};  // zero in genesis
  Pointer root;
  ObjectId next_id;  // every id of this branch so far is smaller
  uint64_t birth_count = 0;
  Digest births_root{};  // RFC 6962 root over the encoded birth rows
  uint64_t death_count = 0;
  Digest deaths_digest{};  // SHA-256 of the encoded death list
  uint64_t reap_count = 0;
  Digest reaps_digest{};
  uint64_t live_objects = 0;  // in the tree after this record
  uint64_t live_bytes = 0;    // their sealed sizes, added up
  JournalId journal{};
  // Genesis only (zero elsewhere):
  std::array<uint8_t, 32> ledger_public_key{};
  uint32_t suite = 0;
  Digest volume_key_commitment{};

  bool operator==(const Record&) const = default;
};

// Every record is this long.
constexpr size_t kRecordBytes = 396;

// REQUIRES: sequence 0 if and only if genesis; what is zero in genesis, or outside it, is zero.
Bytes EncodeRecord(const Record& record);
// nullopt: wrong size, magic, type, or a field that must be zero is not. A record that decodes
// encodes to exactly these bytes.
std::optional<Record> DecodeRecord(ByteView bytes);

// The hash that the next record carries: RFC 6962 leaf hash of the encoded record.
Digest LinkOf(ByteView encoded_record);

}  // namespace chainfs::ledger
