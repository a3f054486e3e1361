// SPDX-License-Identifier: GPL-3.0-or-later
// A rich vault that is made once, and a copy of it for each test to break.
//
//   Raw().Flip("records", RawStore::Key(5), 100);
//   EXPECT_EQ(Check(), Findings({"HISTORY bad-record r5"}));
//   EXPECT_EQ(Verdicts(), "FAILED, OK, OK, UNANCHORED, NOT CHECKED");
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fs/check/check.h"
#include "ledger/commit_lists.h"
#include "tests/fs/check/raw_store.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs::check {

using Findings = std::multiset<std::string>;

// "PASS kind", and the record (r5), or else the object (o17), that is hit.
class CollectedFindings : public Listener {
 public:
  void OnFinding(const Finding& finding) override {
    std::string text = std::string(NameOf(finding.pass)) + " " + NameOf(finding.kind);
    if (finding.object) {
      text += " o" + std::to_string(finding.object->value);
    } else if (finding.record) {
      text += " r" + std::to_string(finding.record->value);
    }
    findings.insert(text);
    details += std::string(NameOf(finding.severity)) + ": " + finding.what + "\n";
  }
  void OnProgress(const Progress& progress) override {
    ++progress_calls;
    if (on_progress) on_progress(progress);
  }
  bool IsCancelled() override {
    return cancel_after == 0 || (cancel_after > 0 && --cancel_after == 0);
  }

  Findings findings;
  std::string details;
  size_t progress_calls = 0;
  std::function<void(const Progress&)> on_progress;
  int cancel_after = -1;  // so many questions are answered with no; -1: all
};

// Files of several sizes, written over and over and in part removed, in more commits than two tiles
// of records hold, so that tiles fill up and the dead are reaped.
class RichVault {
 public:
  static constexpr uint64_t kCommits = 620;
  static const RichVault& Get() {
    static const RichVault vault;
    return vault;
  }
  std::unique_ptr<TestVault> Copy() const { return vault_.CopyAsAfterACrash(); }
  // As it was after some hundred commits.
  std::unique_ptr<TestVault> CopyEarlier() const { return earlier_->CopyAsAfterACrash(); }
  const std::string& earlier_checkpoint() const { return earlier_checkpoint_; }
  const std::string& checkpoint() const { return checkpoint_; }

 private:
  RichVault() {
    VolumeOptions options;
    options.commit_interval_ms = 1000000;
    options.on_new_head = [this](const std::string& note, uint64_t) { checkpoint_ = note; };
    auto volume = vault_.Open(options);
    for (uint64_t i = 0; i < kCommits / 2; ++i) Change(*volume, i);
    Close(volume);
    earlier_ = vault_.CopyAsAfterACrash();
    earlier_checkpoint_ = checkpoint_;
    volume = vault_.Open(options);
    for (uint64_t i = kCommits / 2; i < kCommits; ++i) Change(*volume, i);
    Close(volume);
  }

  static void Close(std::unique_ptr<Volume>& volume) {
    EXPECT_TRUE(volume->Close());
    volume.reset();
  }
  static void Change(Volume& volume, uint64_t i) {
    const std::string name = "file " + std::to_string(i % 40);
    if (i % 7 == 6) {
      (void)volume.Unlink(kRootInode, name);
    } else {
      auto file = volume.Lookup(kRootInode, name);
      if (!file) file = volume.MakeNode(kRootInode, name, {S_IFREG | 0644, 1000, 1000, 0, 0});
      ASSERT_TRUE(file);
      const Bytes data(i % 5 == 0 ? 150000 : 5000 + i, static_cast<uint8_t>(i));
      ASSERT_TRUE(volume.Write(file->inode, i % 3 * 4096, data));
      volume.Forget(file->inode, 1);
    }
    ASSERT_TRUE(
        volume.MakeNode(kRootInode, "n" + std::to_string(i), {S_IFIFO | 0644, 1000, 1000, 0, 0}));
    ASSERT_TRUE(volume.Sync());
  }

  TestVault vault_{TestVault::Where::kMemory};
  std::unique_ptr<TestVault> earlier_;
  std::string checkpoint_, earlier_checkpoint_;
};

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : vault_(RichVault::Get().Copy()) {}

  crypto::PublicKey LedgerKey() const {
    return crypto::Ed25519PublicKey(vault_->secrets().signing_seed);
  }
  // As somebody with the vkey does, unless a test says otherwise.
  void SetUp() override { options_.keys = {{"--vkey", LedgerKey()}}; }

  Findings Check() {
    listener_.findings.clear();
    listener_.details.clear();
    auto headers = store::ReadHeader(vault_->directory());
    if (!headers) return {"no header"};
    auto store = store::Store::Open(vault_->directory(), {.read_only = true});
    if (!store) return {"not opened: " + store.error().message};
    results_ = CheckVault(**store, *headers, options_, listener_);
    return listener_.findings;
  }
  // Of the last check: HISTORY, INTEGRITY, COMPLETENESS, FRESHNESS, STRUCTURE.
  std::string Verdicts() const {
    std::string text;
    for (const PassResult& result : results_) {
      text += (text.empty() ? "" : ", ") + std::string(NameOf(result.verdict));
    }
    return text;
  }
  const std::string& Reason(Pass pass) const {
    return std::ranges::find(results_, pass, &PassResult::pass)->reason;
  }

  RawTables Raw() const { return RawTables(vault_->directory()); }
  uint64_t Records() const { return Raw().Keys("records").size(); }

  // What the lists say, for choosing what to break.
  struct Object {
    uint64_t id = 0, record = 0;
    uint32_t bytes = 0;
    bool dead = false;
  };
  std::vector<Object> Objects() const {
    RawStore raw(vault_->directory());
    std::map<uint64_t, Object> objects;
    const uint64_t records = raw.Keys("records").size();
    for (uint64_t n = 0; n < records; ++n) {
      const auto lists = ledger::DecodeLists(raw.Get("lists", RawStore::Key(n)));
      for (const auto& birth : lists->births) {
        objects[birth.id.value] = {birth.id.value, n, birth.sealed_bytes, false};
      }
      for (const auto& death : lists->deaths) objects[death.id.value].dead = true;
      for (const auto& reap : lists->reaps) objects.erase(reap.id.value);
    }
    std::vector<Object> list;
    for (const auto& [id, object] : objects) list.push_back(object);
    return list;
  }

  std::unique_ptr<TestVault> vault_;
  CheckOptions options_;
  CollectedFindings listener_;
  std::vector<PassResult> results_;
};

inline std::string Name(const char* what, uint64_t number) { return what + std::to_string(number); }

}  // namespace chainfs::fs::check
