// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/record.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "crypto/base/byte_order.h"
#include "ledger/merkle.h"

namespace chainfs::ledger {
namespace {

constexpr std::array<uint8_t, 8> kMagic = {'c', 'h', 'a', 'i', 'n', 'r', 'e', 'c'};
constexpr uint8_t kVersion = 1;

bool IsZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

// What holds for every record, whoever made it.
bool IsConsistent(const Record& record) {
  if (record.type < RecordType::kGenesis || record.type > RecordType::kCleanUnmount) return false;
  const bool genesis = record.type == RecordType::kGenesis;
  if (genesis != (record.sequence == Sequence(0))) return false;
  if (genesis && !(IsZero(record.previous_link) && IsZero(record.header_digest))) return false;
  const bool no_genesis =
      IsZero(record.ledger_public_key) && record.suite == 0 && IsZero(record.volume_key_commitment);
  const bool no_rollback = record.rollback == RollbackAcceptance{};
  const bool no_repair = record.repair == RepairSummary{};
  return (genesis || no_genesis) && (record.type == RecordType::kRollbackAccepted || no_rollback) &&
         (record.type == RecordType::kRepair || no_repair);
}

// The end of a record, whose layout is the type's own.
constexpr size_t kTypeAreaBytes = 88;

void PutTypeArea(Writer& writer, const Record& record) {
  if (record.type == RecordType::kGenesis) {
    writer.Raw(record.ledger_public_key);
    writer.Int(record.suite);
    writer.Raw(record.volume_key_commitment);
  } else if (record.type == RecordType::kRollbackAccepted) {
    writer.Int(record.rollback.kept_size);
    writer.Raw(record.rollback.kept_root);
    writer.Int(record.rollback.abandoned_size);
    writer.Raw(record.rollback.abandoned_root);
    writer.Raw(record.rollback.abandoned_branch);
  } else if (record.type == RecordType::kRepair) {
    writer.Int(record.repair.actions);
    writer.Int(record.repair.fallback.value);
    writer.Raw(record.repair.quarantine_digest);
    writer.Int(record.repair.removed_objects);
  }
}

// False: the area is longer than what the type says, and the rest is not zero.
bool GetTypeArea(Reader& reader, Record& record) {
  if (record.type == RecordType::kGenesis) {
    record.ledger_public_key = reader.Array<32>();
    record.suite = reader.Int<uint32_t>();
    record.volume_key_commitment = reader.Array<32>();
  } else if (record.type == RecordType::kRollbackAccepted) {
    record.rollback.kept_size = reader.Int<uint64_t>();
    record.rollback.kept_root = reader.Array<32>();
    record.rollback.abandoned_size = reader.Int<uint64_t>();
    record.rollback.abandoned_root = reader.Array<32>();
    record.rollback.abandoned_branch = reader.Array<8>();
  } else if (record.type == RecordType::kRepair) {
    record.repair.actions = reader.Int<uint32_t>();
    record.repair.fallback = Sequence(reader.Int<uint64_t>());
    record.repair.quarantine_digest = reader.Array<32>();
    record.repair.removed_objects = reader.Int<uint64_t>();
  }
  return IsZero(reader.rest());
}

}  // namespace

Bytes EncodeRecord(const Record& record) {
  assert(IsConsistent(record));
  Bytes out;
  out.reserve(kRecordBytes);
  Writer writer(out);
  writer.Raw(kMagic);
  writer.Int(kVersion);
  writer.Int(static_cast<uint8_t>(record.type));
  writer.Int(uint16_t{0});
  writer.Raw(record.volume_id);
  writer.Int(record.sequence.value);
  writer.Int(record.time_ns);
  writer.Raw(record.session);
  writer.Raw(record.previous_link);
  writer.Int(record.key_epoch.value);
  writer.Raw(record.header_digest);
  uint8_t root[kPointerBytes];
  PutPointer(root, record.root);
  writer.Raw(root);
  writer.Int(record.next_id.value);
  writer.Int(record.birth_count);
  writer.Raw(record.births_root);
  writer.Int(record.death_count);
  writer.Raw(record.deaths_digest);
  writer.Int(record.reap_count);
  writer.Raw(record.reaps_digest);
  writer.Int(record.live_objects);
  writer.Int(record.live_bytes);
  writer.Raw(record.journal);
  assert(out.size() == kRecordBytes - kTypeAreaBytes);
  PutTypeArea(writer, record);
  out.resize(kRecordBytes);
  return out;
}

std::optional<Record> DecodeRecord(ByteView bytes) {
  if (bytes.size() != kRecordBytes) return std::nullopt;
  Reader reader(bytes);
  if (reader.Array<8>() != kMagic) return std::nullopt;
  if (reader.Int<uint8_t>() != kVersion) return std::nullopt;
  Record record;
  record.type = static_cast<RecordType>(reader.Int<uint8_t>());
  if (reader.Int<uint16_t>() != 0) return std::nullopt;
  record.volume_id = reader.Array<16>();
  record.sequence = Sequence(reader.Int<uint64_t>());
  record.time_ns = reader.Int<uint64_t>();
  record.session = reader.Array<16>();
  record.previous_link = reader.Array<32>();
  record.key_epoch = KeyEpoch(reader.Int<uint64_t>());
  record.header_digest = reader.Array<32>();
  record.root = GetPointer(reader.Raw(kPointerBytes).data());
  record.next_id = ObjectId(reader.Int<uint64_t>());
  record.birth_count = reader.Int<uint64_t>();
  record.births_root = reader.Array<32>();
  record.death_count = reader.Int<uint64_t>();
  record.deaths_digest = reader.Array<32>();
  record.reap_count = reader.Int<uint64_t>();
  record.reaps_digest = reader.Array<32>();
  record.live_objects = reader.Int<uint64_t>();
  record.live_bytes = reader.Int<uint64_t>();
  record.journal = reader.Array<16>();
  if (!reader.ok() || !GetTypeArea(reader, record) || !IsConsistent(record)) return std::nullopt;
  return record;
}

Digest LinkOf(ByteView encoded_record) { return LeafHash(encoded_record); }

}  // namespace chainfs::ledger
