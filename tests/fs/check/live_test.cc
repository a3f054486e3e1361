// SPDX-License-Identifier: GPL-3.0-or-later
// A vault that somebody writes to while it is checked, under a retention hold; and checks that end
// early.
#include "tests/fs/check/check_fixture.h"
#include "tests/fs/store/child_process.h"

namespace chainfs::fs::check {
namespace {

class TestHold : public RetentionHold {
 public:
  bool StillHeld() override { return answers < 0 || (answers > 0 && answers-- > 0); }
  int answers = -1;  // so many times it is held; -1: always
};

// The volume in another process, as LMDB wants it; makes commits when it is told to.
class Writer {
 public:
  explicit Writer(TestVault& vault) {
    if (pipe(orders_) != 0) std::abort();
    child_.emplace([this, &vault](int report) { return Serve(vault, report); });
    int ready = 0;
    EXPECT_TRUE(child_->Receive(ready));
  }
  ~Writer() {
    close(orders_[0]);
    close(orders_[1]);
  }
  void Commit(int commits) {
    EXPECT_EQ(write(orders_[1], &commits, sizeof commits), ssize_t{sizeof commits});
    int done = 0;
    EXPECT_TRUE(child_->Receive(done));
  }

 private:
  bool Serve(TestVault& vault, int report) {
    VolumeOptions options;
    options.commit_interval_ms = 1000000;
    auto volume = vault.Open(options);
    auto file = volume->MakeNode(kRootInode, "live", {S_IFREG | 0644, 0, 0, 0, 0});
    store::ChildProcess::Send(report, 1);
    int commits = 0;
    while (read(orders_[0], &commits, sizeof commits) == ssize_t{sizeof commits}) {
      for (int i = 0; i < commits; ++i) {
        const Bytes data(20000, static_cast<uint8_t>(i));
        if (!volume->Write(file->inode, 0, data) || !volume->Sync()) return false;
      }
      store::ChildProcess::Send(report, 1);
    }
    return true;
  }

  int orders_[2];
  std::optional<store::ChildProcess> child_;
};

class LiveCheckTest : public CheckTest {
 protected:
  void SetUp() override {
    CheckTest::SetUp();
    options_.hold = &hold_;
    options_.renew_after = std::chrono::milliseconds(0);
    options_.window_ids = 300;
  }
  TestHold hold_;
};

// What lies past the newest record's ids was there before anybody could write it.
TEST_F(LiveCheckTest, FindsWhatIsExtraAndNotWhatIsNew) {
  for (const uint64_t id : {uint64_t{5000000}, uint64_t{1} << 50}) {
    Raw().Put("objects", RawStore::Key(id), Bytes(100));
  }
  Writer writer(*vault_);
  listener_.on_progress = [&](const Progress&) { writer.Commit(1); };
  EXPECT_EQ(Check(), Findings({"COMPLETENESS extra-object o5000000",
                               Name("COMPLETENESS extra-object o", uint64_t{1} << 50)}))
      << listener_.details;
}

// As many commits as fit without reaping what died after the hold was taken; what had died before
// is reaped meanwhile.
TEST_F(LiveCheckTest, FindsNothingInASoundVaultThatIsWrittenTo) {
  const uint64_t objects = Raw().Keys("objects").size();
  Writer writer(*vault_);
  int left = 60;
  listener_.on_progress = [&](const Progress&) {
    if (left > 0) writer.Commit(std::min(left, 8));
    left -= 8;
  };
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  EXPECT_LE(left, 0) << "the check was over too early";
  EXPECT_GT(objects, 300u) << "or it was one round";
}

TEST_F(LiveCheckTest, FindsWhatIsMissingAmongWhatIsReapedMeanwhile) {
  const auto objects = Objects();
  const auto living = *std::ranges::find(objects, false, &Object::dead);
  // Not of the first that are reaped.
  const auto dead = *std::find_if(objects.rbegin(), objects.rend(), [](auto& o) { return o.dead; });
  ASSERT_NE(dead.id, objects.front().id);
  Raw().Delete("objects", RawStore::Key(living.id));
  Raw().Delete("objects", RawStore::Key(dead.id));
  Writer writer(*vault_);
  int left = 20;
  listener_.on_progress = [&](const Progress&) {
    if (left > 0) writer.Commit(std::min(left, 4));
    left -= 4;
  };
  EXPECT_EQ(Check(), Findings({Name("COMPLETENESS missing-object o", living.id),
                               Name("COMPLETENESS missing-object o", dead.id)}))
      << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, FAILED, UNANCHORED, NOT CHECKED");
}

TEST_F(LiveCheckTest, ALostHoldMakesNoFindings) {
  std::set<std::string> seen;
  for (int answers = 0; answers < 40; ++answers) {
    hold_.answers = answers;
    EXPECT_EQ(Check(), Findings{}) << listener_.details;
    seen.insert(Verdicts());
    if (Verdicts() == "OK, OK, OK, UNANCHORED, NOT CHECKED") continue;
    EXPECT_EQ(results_[1].verdict, Verdict::kNotChecked);
    EXPECT_NE(Reason(Pass::kCompleteness).find("hold was lost"), std::string::npos)
        << Reason(Pass::kCompleteness);
  }
  EXPECT_TRUE(seen.contains("NOT CHECKED, NOT CHECKED, NOT CHECKED, NOT CHECKED, NOT CHECKED"));
  EXPECT_TRUE(seen.contains("OK, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED"));
}

// Objects vanish once the hold is gone, as reaping makes them.
TEST_F(LiveCheckTest, WhatGoesAfterTheHoldIsLostIsNotMissed) {
  options_.hold = &hold_;
  Writer writer(*vault_);
  listener_.on_progress = [&](const Progress& progress) {
    if (progress.pass != Pass::kIntegrity || hold_.answers == 0) return;
    hold_.answers = 0;
    writer.Commit(200);  // which reaps nearly all that was dead, and what dies now
  };
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED");
}

TEST_F(LiveCheckTest, OneTransactionServesToTheEndWithoutAHold) {
  options_.hold = nullptr;
  Writer writer(*vault_);
  int left = 200;
  listener_.on_progress = [&](const Progress&) {
    if (left > 0) writer.Commit(20);
    left -= 20;
  };
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
}

class CancelTest : public CheckTest {};

TEST_F(CancelTest, WhatWasNotFinishedIsNotChecked) {
  options_.window_ids = 500;
  std::set<std::string> seen;
  for (int after = 0; after < 30; ++after) {
    listener_.cancel_after = after;
    EXPECT_EQ(Check(), Findings{});
    seen.insert(Verdicts());
    if (Verdicts().find("NOT CHECKED") < 20) {
      EXPECT_EQ(Reason(Pass::kIntegrity), "cancelled");
    }
  }
  EXPECT_EQ(seen.size(), 3u) << "in HISTORY, in the lists or objects, not at all";
}

TEST_F(CancelTest, StructureIsTheCallers) {
  uint64_t asked = 0;
  options_.structure = [&](const ledger::Record& head, const std::vector<Sequence>&, Listener&) {
    asked = head.sequence.value;
    return PassResult{Pass::kStructure, Verdict::kOk, "all of it"};
  };
  EXPECT_EQ(Check(), Findings{});
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, OK");
  EXPECT_EQ(asked, Records() - 1);
  Raw().Delete("records", RawStore::Key(Records() - 1));
  Raw().Flip("records", RawStore::Key(Records() - 1), 0);
  Check();
  EXPECT_EQ(results_.back().verdict, Verdict::kNotChecked);
}

}  // namespace
}  // namespace chainfs::fs::check
