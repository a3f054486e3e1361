// SPDX-License-Identifier: GPL-3.0-or-later
// One thing is wrong beside the records, lists and objects: tiles, meta values, tables, header.
#include <fstream>

#include "fs/history/branches.h"
#include "ledger/tile.h"
#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

constexpr char kOnlyHistoryFails[] = "FAILED, OK, OK, UNANCHORED, NOT CHECKED";
constexpr char kOnlyCompletenessFails[] = "OK, OK, FAILED, UNANCHORED, NOT CHECKED";

using CheckTilesTest = CheckTest;

TEST_F(CheckTilesTest, ReportsOneThatWasAltered) {
  for (const Bytes& key : Raw().Keys("tiles")) {
    const Bytes good = Raw().Get("tiles", key);
    for (const size_t byte : {size_t{0}, good.size() / 2, good.size() - 1}) {
      Bytes bad = good;
      bad[byte] ^= 1;
      Raw().Put("tiles", key, bad);
      EXPECT_EQ(Check(), Findings{"HISTORY bad-tile"}) << listener_.details;
      EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
    }
    Bytes shorter = good, longer = good;
    shorter.resize(good.size() - 32);
    longer.resize(good.size() + 32);
    for (const Bytes& bad : {shorter, longer, Bytes(good.size(), 0), Bytes(7), Bytes()}) {
      Raw().Put("tiles", key, bad);
      EXPECT_EQ(Check(), Findings{"HISTORY bad-tile"}) << listener_.details;
    }
    Raw().Delete("tiles", key);
    EXPECT_EQ(Check(), Findings{"HISTORY bad-tile"}) << listener_.details;
    Raw().Put("tiles", key, good);
  }
}

TEST_F(CheckTilesTest, ReportsOneThatIsNoTileOfThisLedger) {
  const Bytes tile = Raw().Get("tiles", RawStore::Key(0));
  const auto key = [](unsigned level, uint64_t index) {
    return RawStore::Key(ledger::KeyOfTile({level, index}));
  };
  for (const Bytes& other : {key(0, 2), key(1, 1), key(2, 0), key(7, 9), RawStore::Key(UINT64_MAX),
                             Bytes{0}, Bytes(9, 0)}) {
    Raw().Put("tiles", other, tile);
    EXPECT_EQ(Check(), Findings{"HISTORY bad-tile"}) << listener_.details;
    Raw().Delete("tiles", other);
  }
}

TEST_F(CheckTilesTest, ReportsTwoThatWereSwapped) {
  Raw().Swap("tiles", RawStore::Key(0), RawStore::Key(1));
  EXPECT_EQ(Check(), Findings({"HISTORY bad-tile", "HISTORY bad-tile"})) << listener_.details;
}

TEST_F(CheckTilesTest, ReportsThatThereAreNone) {
  Raw().Empty("tiles");
  EXPECT_EQ(Check(), Findings({"HISTORY bad-tile", "HISTORY bad-tile"})) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

// A full tile and the records below it, altered together: the signed root knows better.
TEST_F(CheckTilesTest, ATileThatVouchesForAnAlteredRecordDoesNotHelpIt) {
  {
    RawStore raw(vault_->directory());
    Bytes record = raw.Get("records", RawStore::Key(100));
    record[312] ^= 1;
    raw.Put("records", RawStore::Key(100), record);
    Bytes tile = raw.Get("tiles", RawStore::Key(0));
    const Digest link = ledger::LinkOf(record);
    std::copy(link.begin(), link.end(), tile.begin() + 100 * 32);
    raw.Put("tiles", RawStore::Key(0), tile);
  }
  EXPECT_EQ(Check(), Findings({"HISTORY broken-link r101", "HISTORY bad-tile",
                               Name("HISTORY root-mismatch r", Records() - 1)}))
      << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

class CheckMetaTest : public CheckTest {
 protected:
  static Bytes Key(std::string_view name) { return RawStore::Key(name); }
};

TEST_F(CheckMetaTest, ReportsASignedHeadThatWasAltered) {
  const Bytes good = Raw().Get("meta", Key("checkpoint"));
  for (size_t byte = 0; byte < good.size(); byte += 7) {
    Raw().Flip("meta", Key("checkpoint"), byte);
    EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << byte << listener_.details;
    EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
    Raw().Put("meta", Key("checkpoint"), good);
  }
  for (const Bytes& bad : {Bytes(), Bytes(good.size(), 0), Bytes(100000, 'a')}) {
    Raw().Put("meta", Key("checkpoint"), bad);
    EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  }
  Raw().Delete("meta", Key("checkpoint"));
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
}

TEST_F(CheckMetaTest, ReportsAnOlderSignedHead) {
  const std::string& older = RichVault::Get().earlier_checkpoint();
  Raw().Put("meta", Key("checkpoint"), Bytes(older.begin(), older.end()));
  EXPECT_EQ(Check(), Findings{"HISTORY head-coverage"}) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

TEST_F(CheckMetaTest, ReportsTheHeadOfAnotherVolume) {
  const TestVault other(TestVault::Where::kMemory);
  const Bytes head = RawStore(other.directory()).Get("meta", Key("checkpoint"));
  Raw().Put("meta", Key("checkpoint"), head);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
  options_.keys.clear();
  EXPECT_EQ(Check(), Findings{"HISTORY bad-checkpoint"}) << listener_.details;
}

TEST_F(CheckMetaTest, ReportsAGraveyardThatLiesElsewhere) {
  const Bytes good = Raw().Get("meta", Key("graveyard"));
  for (const size_t byte : {6, 7, 15, 23, 31}) {
    Raw().Flip("meta", Key("graveyard"), byte);
    const Findings found = Check();
    EXPECT_TRUE(found == Findings{"HISTORY bad-meta"} || found == Findings{"COMPLETENESS bad-meta"})
        << byte << listener_.details;
    Raw().Put("meta", Key("graveyard"), good);
  }
  const auto earlier = RichVault::Get().CopyEarlier();
  Raw().Put("meta", Key("graveyard"), RawStore(earlier->directory()).Get("meta", Key("graveyard")));
  EXPECT_EQ(Check(), Findings{"COMPLETENESS bad-meta"}) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyCompletenessFails);
  Raw().Delete("meta", Key("graveyard"));
  EXPECT_EQ(Check(), Findings{"COMPLETENESS bad-meta"}) << listener_.details;
  Raw().Put("meta", Key("graveyard"), Bytes(31));
  EXPECT_EQ(Check(), Findings{"HISTORY bad-meta"}) << listener_.details;
}

TEST_F(CheckMetaTest, ReportsBranchesThatAreInNoRecord) {
  for (const Bytes& list : {RawStore::Key(5), Bytes(3), Bytes(100000)}) {
    Raw().Put("meta", Key("branches"), list);
    EXPECT_EQ(Check(), Findings{"HISTORY bad-branch"}) << listener_.details;
    EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
  }
}

TEST_F(CheckMetaTest, ReportsValuesAndTablesThatAreNoneOfOurs) {
  Raw().Put("meta", Key("other\x1b[2J"), Bytes(5));
  Raw().Put("meta", Key("age"), Bytes(5));
  Raw().MakeTable("more");
  EXPECT_EQ(Check(), Findings({"HISTORY bad-meta", "HISTORY bad-meta", "HISTORY unknown-table"}))
      << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
  EXPECT_EQ(listener_.details.find('\x1b'), std::string::npos);
  Raw().Delete("meta", Key("other\x1b[2J"));
  Raw().Put("meta", Key("age"), Bytes());
  EXPECT_EQ(Check(), Findings{"HISTORY unknown-table"});
}

class CheckHeaderTest : public CheckTest {
 protected:
  void Write(int copy, const Bytes& bytes) {
    std::ofstream file(vault_->directory() + "/header." + std::to_string(copy),
                       std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  // The header with one more slot, not yet recorded.
  Bytes Successor(ByteView of) const {
    auto next = crypto::AddPassphraseSlot(
        of, vault_->secrets(), crypto::SecretBytes::CopyOf("more"), crypto::kMinArgon2Cost);
    EXPECT_TRUE(next);
    return *next;
  }
};

TEST_F(CheckHeaderTest, ReportsACopyThatIsMissingOrDamaged) {
  Bytes flipped = vault_->header();
  flipped[200] ^= 1;
  for (const int copy : {0, 1}) {
    for (const Bytes& bad : {flipped, Bytes(), Bytes(flipped.size(), 0), Bytes(70000, 1)}) {
      Write(copy, bad);
      EXPECT_EQ(Check(), Findings{"HISTORY header-copy"}) << listener_.details;
      EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
      EXPECT_NE(listener_.details.find("header." + std::to_string(copy)), std::string::npos);
    }
    std::filesystem::remove(vault_->directory() + "/header." + std::to_string(copy));
    EXPECT_EQ(Check(), Findings{"HISTORY header-copy"}) << listener_.details;
    Write(copy, vault_->header());
  }
}

TEST_F(CheckHeaderTest, ReportsThatBothAreDamaged) {
  Write(0, Bytes(300));
  Write(1, Bytes(300));
  EXPECT_EQ(Check(), Findings{"HISTORY bad-header"}) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

TEST_F(CheckHeaderTest, NotesASuccessorThatNobodyHasUnlocked) {
  const Bytes next = Successor(vault_->header());
  Write(0, next);
  EXPECT_EQ(Check(), Findings({"HISTORY bad-header", "HISTORY header-copy"}));
  Write(1, next);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-header"}) << listener_.details;
  EXPECT_NE(listener_.details.find("notice"), std::string::npos);
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  options_.header_verified = true;
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
}

TEST_F(CheckHeaderTest, ReportsAnOlderOne) {
  const Bytes old = vault_->header();
  const Bytes next = Successor(Successor(old));
  // Recorded is the first; the second successor does not say that it replaced that.
  Write(0, next);
  Write(1, next);
  EXPECT_EQ(Check(), Findings{"HISTORY bad-header"}) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

TEST_F(CheckHeaderTest, ReportsThatOfAnotherVault) {
  const TestVault other(TestVault::Where::kMemory);
  Write(0, other.header());
  EXPECT_EQ(Check(), Findings{"HISTORY header-copy"}) << listener_.details;
  Write(1, other.header());
  EXPECT_EQ(Check(), Findings{"HISTORY bad-header"}) << listener_.details;
  EXPECT_EQ(Verdicts(), kOnlyHistoryFails);
}

}  // namespace
}  // namespace chainfs::fs::check
