// SPDX-License-Identifier: GPL-3.0-or-later
// The worked example of docs/format-ledger.md: a log of three records, of which the middle one is
// whole, with the births of docs/format-records.md, and the keys that sign it.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "ledger/object_proof.h"
#include "ledger/origin.h"

namespace chainfs::ledger {

struct ExampleLog {
  template <size_t N>
  static std::array<uint8_t, N> Counting(uint8_t first) {
    std::array<uint8_t, N> out;
    std::iota(out.begin(), out.end(), first);
    return out;
  }
  static Birth MakeBirth(uint64_t id, ObjectType type, uint8_t fill) {
    Birth birth{ObjectId(id), type, 4112, {}, {}};
    birth.nonce.fill(fill);
    birth.digest.fill(static_cast<uint8_t>(fill + 1));
    return birth;
  }

  ExampleLog() {
    record.type = RecordType::kCommit;
    record.volume_id = Counting<16>(0x10);
    record.sequence = Sequence(1);
    record.previous_link = first_link;
    record.next_id = ObjectId(10);
    record.birth_count = births.size();
    record.births_root = BirthsRoot(births);
    SignAgain();
  }

  // To be called after any change of what stands above it below.
  void SignAgain() {
    encoded = EncodeRecord(record);
    inclusion = {first_link, last_link};
    checkpoint.origin = EncodeOrigin({Counting<16>(0x10), Counting<8>(0x20)});
    checkpoint.size = 3;
    checkpoint.root = NodeHash(NodeHash(first_link, LinkOf(encoded)), last_link);
    note = SignCheckpoint(checkpoint, seed);
    key = {checkpoint.origin, crypto::Ed25519PublicKey(seed)};
  }

  std::string RecordProof() const { return MakeRecordProof(encoded, inclusion, note); }
  std::string ObjectProof(uint64_t birth = 1) const {
    return MakeObjectProof(encoded, births, birth, inclusion, note);
  }

  crypto::SecretKey seed = crypto::SecretKey::CopyOf(Counting<32>(0));
  std::vector<Birth> births = {MakeBirth(7, ObjectType::kNode, 0x11),
                               MakeBirth(9, ObjectType::kData, 0x33)};
  Digest first_link = Counting<32>(0xa0);
  Digest last_link = Counting<32>(0xc0);
  Record record;
  Bytes encoded;
  std::vector<Digest> inclusion;
  Checkpoint checkpoint;
  std::string note;
  VerifierKey key;
};

}  // namespace chainfs::ledger
