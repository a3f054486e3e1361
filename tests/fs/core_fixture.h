// SPDX-License-Identifier: GPL-3.0-or-later
// A Core over a real store in a temporary directory: for tests of the engine below Volume.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>

#include "crypto/random.h"
#include "fs/commit/genesis.h"
#include "fs/core.h"

namespace chainfs::fs {

class CoreTest : public ::testing::Test {
 protected:
  CoreTest() : volume_key_(32), seed_(32) {
    char name[] = "/tmp/chainfs-test.XXXXXX";
    directory_ = mkdtemp(name);
    crypto::FillRandom(volume_key_.mutable_view());
    crypto::FillRandom(seed_.mutable_view());
    options_.dirty_limit_bytes = 8 << 20;
    options_.commit_interval_ms = 1000000;  // only when a test says so
  }
  ~CoreTest() override {
    Close();
    std::filesystem::remove_all(directory_);
  }

  void Open() {
    const bool create = !std::filesystem::exists(directory_ + "/data.mdb");
    auto store = store::Store::Open(directory_, {.create = create});
    ASSERT_TRUE(store) << store.error().message;
    core_ = std::make_unique<Core>(std::move(*store),
                                   crypto::ObjectSealer(VolumeId{}, KeyEpoch(0), volume_key_),
                                   crypto::NameHasher(volume_key_), options_);
    if (create) {
      MakeGenesis();
      core_->open = std::make_unique<OpenSet>(1, head_.next_id);
      core_->tree.CreateEmpty(*core_->open);
    } else {
      auto head = ReadHead(*core_->store);
      ASSERT_TRUE(head) << head.error().message;
      head_ = *head;
      core_->open = std::make_unique<OpenSet>(1, head_.next_id);
      ASSERT_TRUE(core_->tree.OpenAt(head_.root));
    }
    core_->engine = std::make_unique<CommitEngine>(*core_, head_, seed_.Clone());
    core_->engine->Start();
  }
  void Close() {
    if (!core_) return;
    const bool stopped = core_->engine->Stop().has_value();
    EXPECT_TRUE(stopped || may_fail_to_close_) << core_->engine->status().failure;
    core_.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  Result<ChainHead> ReadHead(const store::Store& store) {
    auto txn = store.BeginRead();
    if (!txn) return std::move(txn).error();
    return ReadChainHead(*txn,
                         {VolumeId{}, genesis_link_, {}, {}, crypto::Ed25519PublicKey(seed_)});
  }

  Change Begin() {
    auto change = Change::Begin(*core_, SpaceNeed::kGrow);
    EXPECT_TRUE(change);
    return std::move(*change);
  }

  std::unique_ptr<Core> core_;
  VolumeOptions options_;
  std::string directory_;
  bool may_fail_to_close_ = false;

  // Random, unless a test needs the same tree every time: the names' hashes come from it.
  crypto::SecretKey volume_key_;

 private:
  void MakeGenesis() {
    const Bytes genesis = fs::MakeGenesis({VolumeId{}, {volume_key_.Clone(), seed_.Clone()}}, 0);
    genesis_link_ = ledger::LinkOf(genesis);
    auto head = StoreGenesis(*core_->store, genesis, seed_);
    ASSERT_TRUE(head);
    head_ = *head;
  }

  crypto::SecretKey seed_;
  Digest genesis_link_{};
  ChainHead head_;
};

}  // namespace chainfs::fs
