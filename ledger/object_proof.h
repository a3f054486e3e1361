// SPDX-License-Identifier: GPL-3.0-or-later
// What chainfs proves with a tlog-proof file, to whoever has the vkey, without the vault or a key:
//
//   record proof   this record is in the log:                  leaf of the log -> checkpoint
//   object proof   this object was born with that record:      birth row -> births root of the
//                                                               record -> checkpoint
//
// The object's digest is that of the sealed blob, so SHA-256 of the blob completes the proof.
// docs/format-ledger.md has the bytes of `extra`, and says how to verify one without this library.
// Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "ledger/checkpoint.h"
#include "ledger/commit_lists.h"
#include "ledger/record.h"

namespace chainfs::ledger {

enum class ProofKind { kRecord, kObject };

struct ProvenRecord {
  Checkpoint checkpoint;
  Record record;  // whose sequence is its index in the log
};

struct ProvenObject {
  ProvenRecord in;
  uint64_t birth_index = 0;
  Birth birth;
};

// REQUIRES: `record` is an encoded record; `inclusion` proves it in the log of `checkpoint` (a
// signed note). Nothing is checked: verify what you have made.
std::string MakeRecordProof(ByteView record, std::span<const Digest> inclusion,
                            std::string_view checkpoint);
// REQUIRES: as MakeRecordProof; `births` are those of the record, birth_index one of them.
// O(births.size()) hashes.
std::string MakeObjectProof(ByteView record, std::span<const Birth> births, uint64_t birth_index,
                            std::span<const Digest> inclusion, std::string_view checkpoint);

// What a file sets out to prove, which says nothing about whether it does. nullopt: not a proof of
// chainfs.
std::optional<ProofKind> KindOfProof(std::string_view file);

// What the file proves. kInvalid (not such a proof), kWrongKey (the checkpoint bears no signature
// by this key), kDamaged (the signature does not verify, or a path does not lead to its root): the
// message says which part.
Result<ProvenRecord> VerifyRecordProof(std::string_view file, const VerifierKey& key);
Result<ProvenObject> VerifyObjectProof(std::string_view file, const VerifierKey& key);

}  // namespace chainfs::ledger
