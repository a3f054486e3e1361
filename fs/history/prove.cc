// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/prove.h"

#include <algorithm>

#include "ledger/object_proof.h"

namespace chainfs::fs {
namespace {

Error Damaged(Sequence record, const std::string& what) {
  return {ErrorCode::kDamaged,
          "record " + std::to_string(record.value) + " " + what + "; run chainfs-fsck"};
}

// The first record whose next id is past `id`: if any bore the object, it was this one, since ids
// only grow. The head's size: none.
Result<Sequence> FindRecordOf(const store::ReadTxn& txn, const ledger::Checkpoint& head,
                              ObjectId id) {
  uint64_t begin = 0, end = head.size;
  while (begin < end) {
    const Sequence middle(begin + (end - begin) / 2);
    const auto encoded = txn.FindRecord(middle);
    const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
    if (!record) return Damaged(middle, "is missing or malformed");
    if (record->next_id > id) {
      end = middle.value;
    } else {
      begin = middle.value + 1;
    }
  }
  return Sequence(begin);
}

Error NeverBorn(ObjectId id) {
  return {ErrorCode::kNotFound,
          "no commit of this ledger bore an object " + std::to_string(id.value)};
}

}  // namespace

Result<std::string> ProveRecord(const store::ReadTxn& txn, const StoredHead& head,
                                Sequence sequence) {
  auto entry = ReadProvenEntry(txn, head.checkpoint, sequence);
  if (!entry) return std::move(entry).error();
  std::string file = ledger::MakeRecordProof(entry->encoded, entry->inclusion, head.note);
  if (auto proven = ledger::VerifyRecordProof(file, head.key); !proven) {
    return Damaged(sequence, "cannot be proven: " + proven.error().message);
  }
  return file;
}

Result<BirthProof> ProveObject(const store::ReadTxn& txn, const StoredHead& head, ObjectId id) {
  auto sequence = FindRecordOf(txn, head.checkpoint, id);
  if (!sequence) return std::move(sequence).error();
  if (id == ObjectId(0) || sequence->value == head.checkpoint.size) return NeverBorn(id);
  auto entry = ReadProvenEntry(txn, head.checkpoint, *sequence);
  if (!entry) return std::move(entry).error();
  const auto encoded = txn.FindLists(*sequence);
  if (!encoded) {
    return Error{ErrorCode::kNotFound, "the lists of record " + std::to_string(sequence->value) +
                                           ", which would name the object, are gone"};
  }
  const auto lists = ledger::DecodeLists(*encoded);
  if (!lists || ledger::BirthsRoot(lists->births) != entry->record.births_root) {
    return Damaged(*sequence, "has other lists than it commits to");
  }
  const auto birth =
      std::lower_bound(lists->births.begin(), lists->births.end(), id,
                       [](const ledger::Birth& row, ObjectId wanted) { return row.id < wanted; });
  if (birth == lists->births.end() || birth->id != id) return NeverBorn(id);
  const auto index = static_cast<uint64_t>(birth - lists->births.begin());
  BirthProof proof{
      ledger::MakeObjectProof(entry->encoded, lists->births, index, entry->inclusion, head.note),
      *sequence, *birth};
  if (auto proven = ledger::VerifyObjectProof(proof.file, head.key); !proven) {
    return Damaged(*sequence, "cannot be proven: " + proven.error().message);
  }
  return proof;
}

}  // namespace chainfs::fs
