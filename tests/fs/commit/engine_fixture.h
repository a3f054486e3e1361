// SPDX-License-Identifier: GPL-3.0-or-later
// A Core whose ledger can be checked, on an ordinary and on a small disk.
#pragma once

#include <sys/mount.h>

#include "crypto/sha256.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {

class CommitEngineTest : public FileTest {
 protected:
  // Every record and list in the store: linked, and the lists are what the record commits to, and
  // births minus reaps are exactly the objects there, with their digests.
  void ExpectSoundChain() {
    auto txn = core_->store->BeginRead();
    ASSERT_TRUE(txn);
    std::map<uint64_t, ledger::Birth> in_store;
    Digest link{};
    for (uint64_t n = 0; n <= txn->NewestRecord()->value; ++n) {
      auto encoded = txn->FindRecord(Sequence(n));
      ASSERT_TRUE(encoded);
      auto record = ledger::DecodeRecord(*encoded);
      auto lists = ledger::DecodeLists(*txn->FindLists(Sequence(n)));
      ASSERT_TRUE(record && lists);
      EXPECT_EQ(record->previous_link, link);
      link = ledger::LinkOf(*encoded);
      if (n > 0) {
        EXPECT_EQ(record->births_root, ledger::BirthsRoot(lists->births));
        EXPECT_EQ(record->deaths_digest, ledger::DeathsDigest(lists->deaths));
        EXPECT_EQ(record->reaps_digest, ledger::DeathsDigest(lists->reaps));
      }
      for (const auto& birth : lists->births)
        EXPECT_TRUE(in_store.emplace(birth.id.value, birth).second);
      for (const auto& reap : lists->reaps) EXPECT_EQ(in_store.erase(reap.id.value), 1u);
    }
    EXPECT_EQ(txn->CountObjects(), in_store.size());
    txn->ForEachObject(ObjectId(0), [&](ObjectId id, ByteView sealed) {
      EXPECT_EQ(in_store[id.value].digest, crypto::Sha256(sealed));
      EXPECT_EQ(in_store[id.value].sealed_bytes, sealed.size());
      return true;
    });
  }
};

// A real full disk: the vault lies on a small tmpfs of its own.
class FullDiskTest : public CommitEngineTest {
 protected:
  void SetUp() override {
    if (mount("chainfs-test", directory_.c_str(), "tmpfs", 0, "size=64m") != 0) {
      GTEST_SKIP() << "SKIPPED: no permission to mount a tmpfs: full disk not tested";
    }
    mounted_ = true;
    Open();
    MakeFile();
  }
  void TearDown() override {
    Close();
    if (mounted_) {
      EXPECT_EQ(umount(directory_.c_str()), 0);
    }
  }
  uint64_t FillUntilRefused() {
    uint64_t written = 0;
    for (;; written += 1 << 20) {
      auto result = fs::Write(*core_, kFile, written, Pattern(1 << 20, written), false);
      if (!result) {
        EXPECT_EQ(result.error().code, ErrorCode::kNoSpace);
        return written;
      }
    }
  }
  bool mounted_ = false;
};

}  // namespace chainfs::fs
