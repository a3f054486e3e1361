// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger of any length without a volume: records, lists, tiles and the signed head, as a commit
// would store them. One thread at a time.
#pragma once

#include <functional>
#include <string>

#include "crypto/sha256.h"
#include "fs/history/stored_head.h"
#include "fs/history/stored_tiles.h"
#include "ledger/origin.h"
#include "ledger/tree_edge.h"
#include "tests/fs/store/helpers.h"

namespace chainfs::fs {

class SyntheticLedger {
 public:
  // May change a record and its lists before they are stored (the record commits to these lists,
  // and is signed). What it returns is stored as the lists in place of the right ones; empty: none.
  using Change = std::function<Bytes(ledger::Record&, ledger::CommitLists&)>;

  // Holds genesis. `salt` makes another volume. REQUIRES: the directory holds no database.
  explicit SyntheticLedger(const std::string& directory, uint8_t salt = 1)
      : store_(store::Take(store::Store::Open(directory, {.create = true}))) {
    volume_id_.fill(salt);
    seed_ = crypto::SecretKey::CopyOf(Bytes(32, salt));
    auto txn = store::Take(store_->BeginWrite());
    ledger::Record genesis;
    genesis.type = ledger::RecordType::kGenesis;
    genesis.next_id = ObjectId(1);
    genesis.ledger_public_key = crypto::Ed25519PublicKey(seed_);
    genesis.suite = 1;
    Put(txn, genesis, {}, nullptr);
    origin_ = ledger::EncodeOrigin({volume_id_, ledger::BranchOf(link_)});
    Sign(txn);
    store::Must(txn.Commit());
  }

  // Record n bears n % 3 objects, with an unused id between any two, and from record 4 on what was
  // born three records ago dies.
  void Append(uint64_t count, const Change& change = nullptr) {
    while (count > 0) {
      auto txn = store::Take(store_->BeginWrite());
      for (uint64_t n = 0; n < 10000 && count > 0; ++n, --count) Commit(txn, change);
      Sign(txn);
      store::Must(txn.Commit());
    }
  }

  const store::Store& store() const { return *store_; }
  store::Store& store() { return *store_; }
  StoredHead Head() const {
    auto txn = store::Take(store_->BeginRead());
    return store::Take(ReadStoredHead(txn));
  }
  uint64_t next_id() const { return next_id_; }

  static ledger::Birth BirthOf(uint64_t id) {
    const Bytes blob = store::Blob(id, 20 + id % 50);
    return {ObjectId(id),
            ObjectType::kData,
            static_cast<uint32_t>(blob.size()),
            {},
            crypto::Sha256(blob)};
  }

 private:
  void Commit(store::WriteTxn& txn, const Change& change) {
    const uint64_t n = edge_.size();
    ledger::CommitLists lists;
    for (uint64_t i = 0; i < n % 3; ++i, next_id_ += 2) lists.births.push_back(BirthOf(next_id_));
    for (uint64_t id : dying_[n % 3])
      lists.deaths.push_back({ObjectId(id), 20 + uint32_t(id % 50)});
    dying_[n % 3].clear();
    for (const auto& birth : lists.births) dying_[n % 3].push_back(birth.id.value);
    ledger::Record record;
    record.time_ns = 1'700'000'000'000'000'000 + n * 1'000'000'000;
    record.session[0] = static_cast<uint8_t>(n / 100);
    record.next_id = ObjectId(next_id_);
    record.live_objects = n;
    Put(txn, record, std::move(lists), change);
  }

  void Put(store::WriteTxn& txn, ledger::Record record, ledger::CommitLists lists,
           const Change& change) {
    const Sequence sequence(edge_.size());
    record.volume_id = volume_id_;
    record.sequence = sequence;
    record.previous_link = link_;
    std::optional<Bytes> stored;
    if (change) stored = change(record, lists);
    record.birth_count = lists.births.size();
    record.births_root = ledger::BirthsRoot(lists.births);
    record.death_count = lists.deaths.size();
    record.deaths_digest = ledger::DeathsDigest(lists.deaths);
    record.reaps_digest = ledger::DeathsDigest({});
    const Bytes encoded = ledger::EncodeRecord(record);
    link_ = ledger::LinkOf(encoded);
    edge_.Append(link_);
    store::Must(txn.PutRecord(sequence, encoded));
    const Bytes value = stored ? *stored : ledger::EncodeLists(lists);
    if (!value.empty()) store::Must(txn.PutLists(sequence, value));
    for (const auto& [tile, hashes] : edge_.TilesToStore()) {
      store::Must(txn.PutTile(ledger::KeyOfTile(tile), hashes));
    }
  }

  void Sign(store::WriteTxn& txn) {
    const std::string note = ledger::SignCheckpoint({origin_, edge_.size(), edge_.Root()}, seed_);
    store::Must(txn.PutMeta(kCheckpointMeta, AsBytes(note)));
  }

  std::unique_ptr<store::Store> store_;
  VolumeId volume_id_{};
  crypto::SecretKey seed_;
  std::string origin_;
  Digest link_{};
  ledger::TreeEdge edge_;
  uint64_t next_id_ = 1;
  std::vector<uint64_t> dying_[3];
};

}  // namespace chainfs::fs
