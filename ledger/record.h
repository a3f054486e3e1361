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

// ROLLBACK_ACCEPTED: the owner put an older state in the place of a newer one, and meant it. The
// branch goes on from the kept head under a new name; the abandoned one is never extended.
struct RollbackAcceptance {
  uint64_t kept_size = 0;  // of the log, in records
  Digest kept_root{};
  uint64_t abandoned_size = 0;
  Digest abandoned_root{};
  std::array<uint8_t, 8> abandoned_branch{};  // a BranchId
  bool operator==(const RollbackAcceptance&) const = default;
};

// REPAIR: what chainfs-fsck did to the volume.
struct RepairSummary {
  uint32_t actions = 0;        // one bit for each kind; docs/format-records.md
  Sequence fallback;           // the record whose root was taken in place of the newest; 0: none
  Digest quarantine_digest{};  // SHA-256 of the file with what was taken out; zero: no file
  uint64_t removed_objects = 0;
  bool operator==(const RepairSummary&) const = default;
};

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
  // The type's own; of another type's, all is zero.
  // Genesis:
  std::array<uint8_t, 32> ledger_public_key{};
  uint32_t suite = 0;
  Digest volume_key_commitment{};
  // ROLLBACK_ACCEPTED and REPAIR:
  RollbackAcceptance rollback;
  RepairSummary repair;

  bool operator==(const Record&) const = default;
};

// Every record is this long.
constexpr size_t kRecordBytes = 416;

// REQUIRES: sequence 0 if and only if genesis; what is zero in this type is zero.
Bytes EncodeRecord(const Record& record);
// nullopt: wrong size, magic, type, or a field that must be zero is not. A record that decodes
// encodes to exactly these bytes.
std::optional<Record> DecodeRecord(ByteView bytes);

// The hash that the next record carries: RFC 6962 leaf hash of the encoded record.
Digest LinkOf(ByteView encoded_record);

}  // namespace chainfs::ledger
