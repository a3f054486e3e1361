// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/object_proof.h"

#include <algorithm>
#include <cassert>

#include "crypto/base/byte_order.h"
#include "ledger/merkle.h"
#include "ledger/origin.h"
#include "ledger/proof.h"
#include "ledger/tlog_proof.h"

namespace chainfs::ledger {
namespace {

constexpr std::array<uint8_t, 8> kRecordMagic = {'c', 'h', 'a', 'i', 'n', 'r', 'e', 'c'};
constexpr std::array<uint8_t, 8> kObjectMagic = {'c', 'h', 'a', 'i', 'n', 'o', 'b', 'j'};
constexpr uint8_t kVersion = 1;

// What `extra` of an object proof holds.
struct ObjectExtra {
  ByteView record;
  Bytes birth_row;
  uint64_t birth_index = 0;
  std::vector<Digest> path;  // from the birth row to the record's births root
};

Bytes EncodeObjectExtra(const ObjectExtra& extra) {
  assert(extra.record.size() == kRecordBytes && extra.birth_row.size() == kBirthBytes);
  Bytes out;
  Writer writer(out);
  writer.Raw(kObjectMagic);
  writer.Int(kVersion);
  writer.Int(static_cast<uint8_t>(extra.path.size()));
  writer.Int(uint16_t{0});
  writer.Raw(extra.record);
  writer.Raw(extra.birth_row);
  writer.Int(extra.birth_index);
  for (const Digest& hash : extra.path) writer.Raw(hash);
  return out;
}

// The record is a view of `bytes`.
std::optional<ObjectExtra> DecodeObjectExtra(ByteView bytes) {
  Reader reader(bytes);
  if (reader.Array<8>() != kObjectMagic || reader.Int<uint8_t>() != kVersion) return std::nullopt;
  const size_t path_length = reader.Int<uint8_t>();
  if (path_length > kMaxInclusionHashes || reader.Int<uint16_t>() != 0) return std::nullopt;
  ObjectExtra extra;
  extra.record = reader.Raw(kRecordBytes);
  const ByteView row = reader.Raw(kBirthBytes);
  extra.birth_row.assign(row.begin(), row.end());
  extra.birth_index = reader.Int<uint64_t>();
  for (size_t i = 0; i < path_length; ++i) extra.path.push_back(reader.Array<32>());
  if (!reader.AtEnd()) return std::nullopt;
  return extra;
}

std::optional<ProofKind> KindOf(const TlogProof& proof) {
  if (!proof.extra) return std::nullopt;
  const std::array<uint8_t, 8> magic = Reader(*proof.extra).Array<8>();
  if (magic == kRecordMagic) return ProofKind::kRecord;
  if (magic == kObjectMagic) return ProofKind::kObject;
  return std::nullopt;
}

std::string Make(Bytes extra, ByteView record, std::span<const Digest> inclusion,
                 std::string_view checkpoint) {
  std::optional<Record> decoded = DecodeRecord(record);
  assert(decoded);
  TlogProof proof;
  proof.extra = std::move(extra);
  proof.index = decoded->sequence.value;
  proof.inclusion.assign(inclusion.begin(), inclusion.end());
  proof.checkpoint = checkpoint;
  return EncodeTlogProof(proof);
}

Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }
Error Damaged(std::string message) { return {ErrorCode::kDamaged, std::move(message)}; }

Result<TlogProof> DecodeProof(std::string_view file, ProofKind kind) {
  std::optional<TlogProof> proof = DecodeTlogProof(file);
  if (!proof) return Invalid("not a tlog-proof file");
  const std::optional<ProofKind> found = KindOf(*proof);
  if (!found) return Invalid("a tlog-proof file, but not one of chainfs");
  if (*found != kind) {
    return Invalid(kind == ProofKind::kRecord ? "a proof of an object, not of a record"
                                              : "a proof of a record, not of an object");
  }
  return std::move(*proof);
}

Result<ProvenRecord> VerifyRecord(const TlogProof& proof, ByteView encoded_record,
                                  const VerifierKey& key) {
  std::optional<Record> record = DecodeRecord(encoded_record);
  if (!record) return Invalid("the record in the proof is malformed");
  Result<Checkpoint> checkpoint = OpenCheckpoint(proof.checkpoint, key);
  if (!checkpoint) return std::move(checkpoint).error();
  std::optional<Origin> origin = DecodeOrigin(checkpoint->origin);
  if (!origin) return Invalid("the checkpoint is not of a log of chainfs");
  if (origin->volume_id != record->volume_id) {
    return Damaged("the record is of another volume than the checkpoint");
  }
  if (record->sequence != Sequence(proof.index)) {
    return Damaged("record " + std::to_string(record->sequence.value) + " cannot be entry " +
                   std::to_string(proof.index) + " of the log");
  }
  if (!VerifyInclusion(LinkOf(encoded_record), proof.index, checkpoint->size, proof.inclusion,
                       checkpoint->root)) {
    return Damaged("the inclusion proof does not lead from the record to the checkpoint");
  }
  return ProvenRecord{std::move(*checkpoint), *record};
}

}  // namespace

std::string MakeRecordProof(ByteView record, std::span<const Digest> inclusion,
                            std::string_view checkpoint) {
  return Make(Bytes(record.begin(), record.end()), record, inclusion, checkpoint);
}

std::string MakeObjectProof(ByteView record, std::span<const Birth> births, uint64_t birth_index,
                            std::span<const Digest> inclusion, std::string_view checkpoint) {
  assert(birth_index < births.size());
  // A proof asks for subtrees that do not overlap, so every row is hashed once.
  const SubtreeReader subtree = [&](unsigned level, uint64_t index) -> std::optional<Digest> {
    return BirthsRoot(births.subspan(index << level, size_t{1} << level));
  };
  const std::array<uint8_t, kBirthBytes> row = EncodeBirth(births[birth_index]);
  ObjectExtra extra{record, Bytes(row.begin(), row.end()), birth_index, {}};
  extra.path = *ProveInclusion(birth_index, births.size(), subtree);
  return Make(EncodeObjectExtra(extra), record, inclusion, checkpoint);
}

std::optional<ProofKind> KindOfProof(std::string_view file) {
  std::optional<TlogProof> proof = DecodeTlogProof(file);
  if (!proof) return std::nullopt;
  return KindOf(*proof);
}

Result<ProvenRecord> VerifyRecordProof(std::string_view file, const VerifierKey& key) {
  Result<TlogProof> proof = DecodeProof(file, ProofKind::kRecord);
  if (!proof) return std::move(proof).error();
  return VerifyRecord(*proof, *proof->extra, key);
}

Result<ProvenObject> VerifyObjectProof(std::string_view file, const VerifierKey& key) {
  Result<TlogProof> proof = DecodeProof(file, ProofKind::kObject);
  if (!proof) return std::move(proof).error();
  std::optional<ObjectExtra> extra = DecodeObjectExtra(*proof->extra);
  std::optional<Birth> birth = extra ? DecodeBirth(extra->birth_row) : std::nullopt;
  if (!birth) return Invalid("the object in the proof is malformed");
  Result<ProvenRecord> in = VerifyRecord(*proof, extra->record, key);
  if (!in) return std::move(in).error();
  if (!VerifyInclusion(LeafHash(extra->birth_row), extra->birth_index, in->record.birth_count,
                       extra->path, in->record.births_root)) {
    return Damaged("the path does not lead from the object to the births of the record");
  }
  return ProvenObject{std::move(*in), extra->birth_index, *birth};
}

}  // namespace chainfs::ledger
