// SPDX-License-Identifier: GPL-3.0-or-later
// The vault against heads that are remembered elsewhere; and people with the signing key, whom
// nothing else catches.
#include "fs/history/branches.h"
#include "tests/fs/check/check_fixture.h"
#include "tests/fs/check/insider.h"

namespace chainfs::fs::check {
namespace {

class CheckFreshnessTest : public CheckTest {
 protected:
  void Remember(const std::string& note, const std::string& source = "a letter") {
    options_.remembered.push_back({source, note, 0});
  }
  const RichVault& rich() const { return RichVault::Get(); }
  // Goes on by some commits, from which the head is given.
  std::string GoOn(VolumeOptions options = {}) {
    std::string newest;
    options.on_new_head = [&](const std::string& note, uint64_t) { newest = note; };
    auto volume = vault_->Open(options);
    if (!volume) return {};
    EXPECT_TRUE(volume->MakeNode(kRootInode, "went on", {S_IFIFO | 0600, 0, 0, 0, 0}));
    EXPECT_TRUE(volume->Close());
    return newest;
  }
};

TEST_F(CheckFreshnessTest, SaysWhatTheVaultIsNotOlderThan) {
  Remember(rich().earlier_checkpoint());
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, OK, NOT CHECKED");
  Remember(rich().checkpoint(), "a mail");
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Reason(Pass::kFreshness)
                .find("not older than a mail (" + std::to_string(Records()) + " records, 20"),
            0u)
      << Reason(Pass::kFreshness);
}

TEST_F(CheckFreshnessTest, OnlyAnAnchorTellsThatTheWholeVaultWasPutBack) {
  vault_ = rich().CopyEarlier();
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  Remember(rich().checkpoint());
  Remember(rich().earlier_checkpoint());
  EXPECT_EQ(Check(), Findings{"FRESHNESS rollback"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, FAILED, NOT CHECKED");
  EXPECT_NE(listener_.details.find("the vault:"), std::string::npos);
  EXPECT_NE(listener_.details.find("remembered:"), std::string::npos);
}

TEST_F(CheckFreshnessTest, ReportsAVaultThatWentOnFromAnOlderCopy) {
  vault_ = rich().CopyEarlier();
  const std::string fork = GoOn();
  Remember(fork);
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  vault_ = rich().Copy();
  EXPECT_EQ(Check(), Findings{"FRESHNESS fork"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, FAILED, NOT CHECKED");
}

TEST_F(CheckFreshnessTest, SaysThatAnAcceptedRollbackEndedABranch) {
  vault_ = rich().CopyEarlier();
  VolumeOptions options;
  options.remembered = {{"a letter", rich().checkpoint(), 0}};
  options.accept_rollback = true;
  const std::string newest = GoOn(options);
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  Remember(newest);
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, OK, NOT CHECKED");
  Remember(rich().checkpoint());
  EXPECT_EQ(Check(), Findings{"FRESHNESS superseded"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, SUPERSEDED, NOT CHECKED");
}

TEST_F(CheckFreshnessTest, ReportsBranchesThatWereHiddenOrRenamed) {
  vault_ = rich().CopyEarlier();
  VolumeOptions options;
  options.remembered = {{"a letter", rich().checkpoint(), 0}};
  options.accept_rollback = true;
  GoOn(options);
  const Bytes list = Raw().Get("meta", RawStore::Key("branches"));
  ASSERT_EQ(list.size(), 8u);
  const uint64_t rollback = GetBE<uint64_t>(list.data());
  Raw().Delete("meta", RawStore::Key("branches"));
  EXPECT_EQ(Check(), Findings{"HISTORY bad-branch"}) << listener_.details;
  Raw().Put("meta", RawStore::Key("branches"), list);
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  RewriteHistory(*vault_, rollback, [&](ledger::Record& record) {
    if (record.sequence.value == rollback) record.rollback.kept_root[3] ^= 1;
  });
  EXPECT_EQ(Check(), Findings{Name("HISTORY bad-branch r", rollback)}) << listener_.details;
}

TEST_F(CheckFreshnessTest, AHeadThatCannotBeComparedIsNotPassedOver) {
  const TestVault other(TestVault::Where::kMemory);
  const Bytes note = RawStore(other.directory()).Get("meta", RawStore::Key("checkpoint"));
  const std::string others(note.begin(), note.end());
  std::string forged = rich().earlier_checkpoint();
  forged[forged.size() - 5] ^= 1;
  for (const std::string& bad : {others, forged, std::string(), std::string("nonsense\n")}) {
    options_.remembered.clear();
    Remember(rich().earlier_checkpoint());
    Remember(bad);
    EXPECT_EQ(Check(), Findings{"FRESHNESS bad-anchor"}) << listener_.details;
    EXPECT_EQ(Verdicts(), "OK, OK, OK, FAILED, NOT CHECKED");
  }
}

TEST_F(CheckFreshnessTest, ADamagedTileDoesNotMakeAForkOfAnHonestAnchor) {
  Remember(rich().earlier_checkpoint());
  Raw().Flip("tiles", RawStore::Key(0), 5);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-tile"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "FAILED, OK, OK, OK, NOT CHECKED");
}

TEST_F(CheckFreshnessTest, ComparesNothingWithAHeadThatIsNotSigned) {
  Remember(rich().earlier_checkpoint());
  Raw().Flip("meta", RawStore::Key("checkpoint"), 60);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "FAILED, OK, OK, NOT CHECKED, NOT CHECKED");
}

class InsiderTest : public CheckFreshnessTest {};

TEST_F(InsiderTest, WhoRewritesAnOldRecordIsCaughtByAnyAnchorTakenBeforeAndByNothingElse) {
  RewriteHistory(*vault_, 100, [](ledger::Record& record) {
    if (record.sequence.value == 100) record.session[0] ^= 1;
  });
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  Remember(rich().earlier_checkpoint());
  EXPECT_EQ(Check(), Findings{"FRESHNESS fork"}) << listener_.details;
  options_.remembered.clear();
  Remember(rich().checkpoint());
  EXPECT_EQ(Check(), Findings{"FRESHNESS fork"}) << listener_.details;
}

TEST_F(InsiderTest, RecordsMustStillAgreeWithEachOther) {
  struct Case {
    void (*edit)(ledger::Record&);
    Findings findings;
  };
  const auto bad_time = Name("HISTORY bad-sequence-of-time r", 300);
  const auto after = Name("HISTORY bad-sequence-of-time r", 301);
  const Case cases[] = {
      {[](ledger::Record& record) { record.time_ns = 5; }, {bad_time}},
      {[](ledger::Record& record) { record.next_id = ObjectId(3); },
       {bad_time, "HISTORY bad-record r300", "INTEGRITY bad-lists r300"}},
      {[](ledger::Record& record) { record.live_objects += 1; }, {bad_time, after}},
      {[](ledger::Record& record) { record.live_bytes += 1; },
       {"INTEGRITY bad-lists r300", "INTEGRITY bad-lists r301"}},
      {[](ledger::Record& record) { record.volume_id[0] ^= 1; },
       {"HISTORY bad-record r300", "HISTORY bad-record r301"}},
      {[](ledger::Record& record) { record.key_epoch.value += 1; },
       {"HISTORY bad-record r300", "HISTORY bad-record r301"}},
      {[](ledger::Record& record) { record.type = ledger::RecordType::kCleanUnmount; },
       {"HISTORY bad-record r300"}},
      {[](ledger::Record& record) { record.births_root[0] ^= 1; }, {"INTEGRITY bad-lists r300"}},
  };
  for (const Case& one : cases) {
    vault_ = rich().Copy();
    RewriteHistory(*vault_, 300, [&](ledger::Record& record) {
      if (record.sequence.value == 300) one.edit(record);
    });
    EXPECT_EQ(Check(), one.findings) << &one - cases << "\n" << listener_.details;
  }
}

// Lists that fit their record, and not each other.
TEST_F(InsiderTest, NobodyDiesOrIsReapedTwiceOrUnborn) {
  struct Case {
    std::function<void(ledger::CommitLists&)> edit;
    Findings findings;
  };
  const auto objects = Objects();
  const auto living = *std::ranges::find(objects, false, &Object::dead);
  const auto dead = *std::ranges::find(objects, true, &Object::dead);
  const ledger::Death live_row{ObjectId(living.id), living.bytes};
  const ledger::Death dead_row{ObjectId(dead.id), dead.bytes};
  const ledger::Death none{ObjectId(uint64_t{1} << 50), 100};
  const uint64_t last = Records() - 2;
  const std::string lists = Name("INTEGRITY bad-lists o", dead.id);
  const Case cases[] = {
      {[&](auto& all) { all.deaths.push_back(dead_row); }, {lists, "COMPLETENESS bad-meta"}},
      {[&](auto& all) { all.deaths.push_back(none); },
       {Name("INTEGRITY bad-lists o", none.id.value), "COMPLETENESS bad-meta"}},
      {[&](auto& all) { all.reaps.push_back(live_row); },
       {Name("COMPLETENESS bad-reap o", living.id), Name("COMPLETENESS extra-object o", living.id),
        "COMPLETENESS bad-meta"}},
      {[&](auto& all) { all.reaps.push_back(none); },
       {Name("COMPLETENESS bad-reap o", none.id.value), "COMPLETENESS bad-meta"}},
      {[&](auto& all) { all.reaps.push_back(all.reaps.front()); },
       {Name("COMPLETENESS bad-reap o", 0), "COMPLETENESS bad-meta"}},
  };
  for (const Case& one : cases) {
    vault_ = rich().Copy();
    ledger::CommitLists edited;
    {
      RawStore raw(vault_->directory());
      edited = *ledger::DecodeLists(raw.Get("lists", RawStore::Key(last)));
      one.edit(edited);
      raw.Put("lists", RawStore::Key(last), ledger::EncodeLists(edited));
    }
    uint64_t before_objects = 0, before_bytes = 0;
    RewriteHistory(*vault_, last - 1, [&](ledger::Record& record) {
      if (record.sequence.value == last - 1) {
        before_objects = record.live_objects;
        before_bytes = record.live_bytes;
        return;
      }
      if (record.sequence.value == last) {
        record.death_count = edited.deaths.size();
        record.deaths_digest = ledger::DeathsDigest(edited.deaths);
        record.reap_count = edited.reaps.size();
        record.reaps_digest = ledger::DeathsDigest(edited.reaps);
        before_objects += record.birth_count - record.death_count;
        for (const auto& birth : edited.births) before_bytes += birth.sealed_bytes;
        for (const auto& death : edited.deaths) before_bytes -= death.sealed_bytes;
      }
      record.live_objects = before_objects;
      record.live_bytes = before_bytes;
    });
    Findings expected = one.findings;
    if (expected.extract(Name("COMPLETENESS bad-reap o", 0))) {
      expected.insert(Name("COMPLETENESS bad-reap o", edited.reaps.front().id.value));
    }
    EXPECT_EQ(Check(), expected) << &one - cases << "\n" << listener_.details;
  }
}

class KeyTest : public CheckFreshnessTest {};

TEST_F(KeyTest, ReportsAKeyThatIsNotTheLedgers) {
  const TestVault other(TestVault::Where::kMemory);
  const auto others = crypto::Ed25519PublicKey(other.secrets().signing_seed);
  options_.keys = {{"--vkey", others}};
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  EXPECT_EQ(Verdicts(), "FAILED, OK, OK, UNANCHORED, NOT CHECKED");
  options_.keys = {{"--vkey", LedgerKey()}, {"an anchor", others}};
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  options_.keys = {{"--vkey", LedgerKey()}, {"an anchor", LedgerKey()}};
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
}

// A whole vault of somebody else's making, with a ledger that is sound in itself.
TEST_F(KeyTest, AVaultOfSomebodyElsesIsSelfSignedAtTheMost) {
  vault_ = std::make_unique<TestVault>(TestVault::Where::kMemory);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  options_.keys.clear();
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "SELF-SIGNED, OK, OK, UNANCHORED, NOT CHECKED");
}

class SinceTest : public CheckFreshnessTest {
 protected:
  void SetUp() override {
    CheckFreshnessTest::SetUp();
    options_.since = RememberedHead{"--since", rich().earlier_checkpoint(), 0};
  }
  uint64_t since() const {
    return ledger::ParseCheckpointUnverified(rich().earlier_checkpoint())->size;
  }
};

TEST_F(SinceTest, ChecksOnlyWhatWasWrittenAfterwardsAndSaysSo) {
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  const std::string only = "since record " + std::to_string(since()) + " only";
  EXPECT_NE(Reason(Pass::kIntegrity).find(only), std::string::npos) << Reason(Pass::kIntegrity);
  const auto objects = Objects();
  const auto old = std::ranges::find_if(objects, [&](auto& o) { return o.record < since(); });
  ASSERT_NE(old, objects.end());
  Raw().Flip("objects", RawStore::Key(old->id), 5);
  Raw().Flip("lists", RawStore::Key(since() - 1), 5);
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  Raw().Flip("objects", RawStore::Key(objects.back().id), 5);
  Raw().Delete("objects", RawStore::Key(objects[objects.size() - 2].id));
  Raw().Flip("lists", RawStore::Key(since() + 1), 30);
  EXPECT_EQ(Check(),
            Findings({Name("INTEGRITY digest-mismatch o", objects.back().id),
                      Name("COMPLETENESS missing-object o", objects[objects.size() - 2].id),
                      Name("INTEGRITY bad-lists r", since() + 1)}))
      << listener_.details;
}

TEST_F(SinceTest, RestsOnNoHeadOfAnotherHistory) {
  vault_ = rich().CopyEarlier();
  options_.since->checkpoint = GoOn();
  vault_ = rich().Copy();
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED");
  options_.since->checkpoint = "nonsense";
  Check();
  EXPECT_EQ(Verdicts(), "OK, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED");
}

}  // namespace
}  // namespace chainfs::fs::check
