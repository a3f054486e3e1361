// SPDX-License-Identifier: GPL-3.0-or-later
// What lies around the tree: tiles, meta values, header copies, which a repair rebuilds, and
// records and lists, which nobody can.
#include <fstream>

#include "fs/history/branches.h"
#include "fs/history/stored_tiles.h"
#include "ledger/tile.h"
#include "tests/fs/repair/repair_fixture.h"

namespace chainfs::fs::repair {
namespace {

class LedgerDamageTest : public RepairTest {
 protected:
  void SetUp() override {
    WriteFile("file", std::string(5000, 'f'));
    expected_ = List();
  }
  // Enough records for the first full tile.
  void MakeRecords() {
    auto volume = vault_->Open({.commit_interval_ms = 1000000});
    auto file = volume->Lookup(kRootInode, "file");
    ASSERT_TRUE(file);
    for (uint64_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(volume->Write(file->inode, 0, Bytes(10, static_cast<uint8_t>(i))));
      ASSERT_TRUE(volume->Sync());
    }
    volume->Forget(file->inode, 1);
    ASSERT_TRUE(volume->Close());
    volume.reset();
    expected_ = List();
  }
  Bytes Tile(uint64_t key) {
    auto store = store::Store::Open(vault_->directory(), {.read_only = true});
    auto txn = (*store)->BeginRead();
    const auto tile = txn->FindTile(key);
    return tile ? Bytes(tile->begin(), tile->end()) : Bytes();
  }
  std::string Refusal() {
    auto plan = Plan();
    EXPECT_FALSE(plan);
    return plan ? "" : plan.error().message;
  }
};

constexpr auto kReplace =
    std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing;
constexpr uint64_t kFirstTile = 0, kSecondLevel = uint64_t{1} << 56;

TEST_F(LedgerDamageTest, MissingAndWrongTilesAreRebuilt) {
  MakeRecords();
  const Bytes level0 = Tile(kFirstTile), level1 = Tile(kSecondLevel);
  ASSERT_EQ(level0.size(), 8192u);
  ASSERT_EQ(level1.size(), 32u);
  Bytes wrong = level0;
  wrong[100] ^= 1;
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.PutTile(kFirstTile, wrong));
    uint8_t key[8];
    PutBE(key, kSecondLevel);
    ASSERT_TRUE(txn.DeleteEntry(store::Table::kTiles, key));
    ASSERT_TRUE(txn.PutTile(kSecondLevel + 5, level1));  // that no tree of this size has
  });
  EXPECT_EQ(Volume::Open(vault_->directory(), vault_->header(), vault_->secrets(), {}).error().code,
            ErrorCode::kDamaged);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildTiles));
  EXPECT_TRUE(HasLine("3 tiles of the ledger's tree"));
  EXPECT_EQ(Tile(kFirstTile), level0);
  EXPECT_EQ(Tile(kSecondLevel), level1);
  EXPECT_EQ(Tile(kSecondLevel + 5), Bytes());
  ExpectContent(expected_);
  EXPECT_EQ(ReadQuarantine().size(), 2u);
}

TEST_F(LedgerDamageTest, BranchesAreRebuiltFromTheRecords) {
  EditStore([](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutMeta(kBranchesMeta, Bytes(8, 1))); });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
  EXPECT_TRUE(HasLine("'branches'"));
  ASSERT_EQ(ReadQuarantine().size(), 1u);
  EXPECT_EQ(ReadQuarantine()[0].bytes, Bytes(8, 1));
}

TEST_F(LedgerDamageTest, ALostBranchIsFoundAgain) {
  // A rollback is accepted: the vault goes on from an older copy.
  const auto older = vault_->CopyAsAfterACrash();
  WriteFile("newer", "n");
  std::string checkpoint;
  {
    auto volume = vault_->Open({});
    checkpoint = volume->Status().checkpoint;
    EXPECT_TRUE(volume->Close());
  }
  {
    VolumeOptions options;
    options.remembered = {{"test", checkpoint, 0}};
    options.accept_rollback = true;
    auto volume = older->Open(options);
    ASSERT_NE(volume, nullptr);
    EXPECT_TRUE(volume->Close());
  }
  std::filesystem::copy(older->directory(), vault_->directory(), kReplace);
  EditStore([](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.DeleteEntry(store::Table::kMeta, AsBytes(kBranchesMeta)));
  });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
  VolumeOptions options;
  options.remembered = {{"test", checkpoint, 0}};
  auto volume = vault_->Open(options);  // superseded, not a fork
  ASSERT_NE(volume, nullptr);
  EXPECT_TRUE(volume->Close());
}

TEST_F(LedgerDamageTest, TheGraveyardsPlaceIsRebuilt) {
  MakeRecords();
  for (const Bytes& value : {Bytes(), Bytes(5, 0), Bytes(32, 0xff), Bytes(32, 0)}) {
    EditStore([&](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutMeta(kGraveyardMeta, value)); });
    Repair();
    EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
    EXPECT_TRUE(HasLine("graveyard"));
    // Reaping goes on from there.
    MakeRecords();
    ExpectSoundLedger();
  }
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.DeleteEntry(store::Table::kMeta, AsBytes(kGraveyardMeta)));
  });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
}

TEST_F(LedgerDamageTest, UnknownMetaValuesAreRemoved) {
  EditStore([](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutMeta("surprise", Bytes(3, 3))); });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
  EXPECT_TRUE(HasLine("'surprise' is wrong: removed"));
}

TEST_F(LedgerDamageTest, ListsThatNoRecordExplainsGiveWay) {
  const Sequence next(NewestRecord().sequence.value + 1);
  EditStore([&](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutLists(next, Bytes(9, 1))); });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildMeta));
  ASSERT_EQ(ReadQuarantine().size(), 1u);
  EXPECT_EQ(ReadQuarantine()[0].kind, QuarantineKind::kLists);
}

class HeaderCopyTest : public LedgerDamageTest, public ::testing::WithParamInterface<int> {
 protected:
  std::string Copy(int i) const { return vault_->directory() + "/header." + std::to_string(i); }
  Bytes ReadCopy(int i) const {
    std::ifstream file(Copy(i), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    return Bytes(text.begin(), text.end());
  }
};

TEST_P(HeaderCopyTest, IsWrittenAnewFromTheOther) {
  const int hit = GetParam() % 2;
  if (GetParam() < 2) {
    std::filesystem::remove(Copy(hit));
  } else {
    std::ofstream(Copy(hit), std::ios::binary) << "damaged";
  }
  const Sequence head = NewestRecord().sequence;
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kMendHeader));
  EXPECT_EQ(ReadCopy(0), vault_->header());
  EXPECT_EQ(ReadCopy(1), vault_->header());
  // Mounting does the same, and leaves no record of it either.
  EXPECT_FALSE(outcome_.record);
  EXPECT_EQ(NewestRecord().sequence, head);
  EXPECT_EQ(outcome_.quarantine_path.empty(), GetParam() < 2);
}
INSTANTIATE_TEST_SUITE_P(MissingOrDamaged, HeaderCopyTest, ::testing::Range(0, 4));

TEST_F(LedgerDamageTest, TakesTheHeaderThatTheLedgerNames) {
  // An older header is put back in the place of one copy, and that is the one that was unlocked.
  const Bytes old_header = vault_->header();
  auto replaced = crypto::AddPassphraseSlot(
      old_header, vault_->secrets(), crypto::SecretBytes::CopyOf("second"), crypto::kMinArgon2Cost);
  ASSERT_TRUE(replaced);
  ASSERT_TRUE(store::WriteHeader(vault_->directory(), *replaced));
  {
    auto volume = Volume::Open(vault_->directory(), *replaced, vault_->secrets(), {});
    ASSERT_TRUE(volume);
    auto made = (*volume)->MakeDirectory(kRootInode, "d", {.mode = 0755});
    ASSERT_TRUE(made);
    (*volume)->Forget(made->inode, 1);
    ASSERT_TRUE((*volume)->Close());
  }
  std::ofstream(vault_->directory() + "/header.0", std::ios::binary)
      .write(reinterpret_cast<const char*>(old_header.data()),
             static_cast<std::streamsize>(old_header.size()));
  auto plan = PlanRepair(vault_->directory(), old_header, vault_->secrets(), {});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->actions(), Bit(Action::kMendHeader));
  ASSERT_TRUE(plan->CarryOut({}));
  auto copies = store::ReadHeader(vault_->directory());
  EXPECT_EQ(copies->first, *replaced);
  EXPECT_EQ(copies->second, *replaced);
}

TEST_F(LedgerDamageTest, RefusesWhatCannotBeRebuilt) {
  const uint64_t newest = NewestRecord().sequence.value;
  const auto key = [](uint64_t number) {
    Bytes out(8);
    PutBE(out.data(), number);
    return out;
  };
  const auto healthy = vault_->CopyAsAfterACrash();
  const auto restore = [&] {
    std::filesystem::copy(healthy->directory(), vault_->directory(), kReplace);
  };
  EditStore(
      [&](store::WriteTxn& txn) { ASSERT_TRUE(txn.DeleteEntry(store::Table::kRecords, key(2))); });
  EXPECT_NE(Refusal().find("record 2 is missing"), std::string::npos);
  restore();
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.PutLists(Sequence(newest + 1), Bytes(3)));  // harmless
    ASSERT_TRUE(txn.DeleteEntry(store::Table::kLists, key(newest)));
  });
  EXPECT_NE(Refusal().find("the lists of record"), std::string::npos);
  restore();
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.DeleteEntry(store::Table::kRecords, key(newest)));
  });
  EXPECT_NE(Refusal().find("restore the vault from a backup"), std::string::npos);
  restore();
  EditStore([&](store::WriteTxn& txn) {
    ASSERT_TRUE(txn.PutMeta(kCheckpointMeta, AsBytes("nonsense")));
  });
  EXPECT_NE(Refusal().find("restore the vault from a backup"), std::string::npos);
  restore();
  auto plan = Plan();
  EXPECT_TRUE(plan);
}

TEST_F(LedgerDamageTest, RefusesAVaultThatIsInUse) {
  auto volume = vault_->Open({});
  auto lock_is_held = Plan();
  ASSERT_FALSE(lock_is_held);
  EXPECT_EQ(lock_is_held.error().code, ErrorCode::kInUse);
  EXPECT_TRUE(volume->Close());
}

TEST_F(LedgerDamageTest, NeverOverwritesAQuarantineFile) {
  EditStore([](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutMeta("surprise", Bytes(3, 3))); });
  const std::string name =
      vault_->directory() + ".quarantine-" + std::to_string(NewestRecord().sequence.value + 1);
  std::ofstream(name) << "older";
  {
    auto plan = Plan();
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->DefaultQuarantinePath(), name + ".1");
    auto refused = plan->CarryOut({.quarantine_path = name});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kExists);
  }
  Repair();
  EXPECT_EQ(outcome_.quarantine_path, name + ".1");
}

}  // namespace
}  // namespace chainfs::fs::repair
