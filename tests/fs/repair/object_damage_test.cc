// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that hold file data or xattrs, dead ones, and ones that should not be there.
#include "fs/inode_access.h"
#include "tests/fs/repair/repair_fixture.h"

namespace chainfs::fs::repair {
namespace {

class ObjectDamageTest : public RepairTest {
 protected:
  void SetUp() override { MakeContent(); }
  // All but /big, which has two names.
  void ExpectOnlyBigIsHit(const Seen& big) {
    expected_.at("/big") = expected_.at("/d1/hard") = big;
    ExpectContent(expected_);
  }
};

TEST_F(ObjectDamageTest, FlippedBlockIsAnErrorForItsBytesOnly) {
  const Pointer piece = PiecesOf("/big").back();  // the whole of the last region
  Flip(piece.id);                                 // the 14th block of 27
  const Seen before = List().at("/big");          // reading says the same as the repair will
  EXPECT_EQ(before.lost_bytes, kBlockBytes);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kGiveUpData) | Bit(Action::kCopyObjects));
  EXPECT_TRUE(HasLine("/big: bytes 446464 to 450560 are lost") ||
              HasLine("/d1/hard: bytes 446464 to 450560 are lost"));
  ExpectOnlyBigIsHit(before);
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector{piece.id});
}

// The damaged block was overwritten long ago: nothing of the file may be given up.
TEST_F(ObjectDamageTest, FlippedBlockOfNoFileLosesNothing) {
  const Pointer old_piece = PiecesOf("/big").back();  // the whole of the last region
  {
    auto volume = vault_->Open({});
    auto file = volume->Lookup(kRootInode, "big");
    ASSERT_TRUE(file);
    ASSERT_TRUE(volume->Write(file->inode, 393216 + 11 * kBlockBytes, Bytes(6 * kBlockBytes, 'n')));
    volume->Forget(file->inode, 1);
    ASSERT_TRUE(volume->Close());
  }
  expected_ = List();
  Flip(old_piece.id);  // in its middle, which is what was overwritten
  EXPECT_EQ(List().at("/big").lost_bytes, 0u);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kCopyObjects));
  ExpectContent(expected_);
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector{old_piece.id});
}

TEST_F(ObjectDamageTest, MissingPieceIsReapedWithoutADeletion) {
  const Pointer piece = PiecesOf("/big").front();
  Drop(piece.id);
  const Seen before = List().at("/big");
  EXPECT_GT(before.lost_bytes, 0u);
  EXPECT_LT(before.lost_bytes, kRegionBytes);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kGiveUpData));
  ExpectOnlyBigIsHit(before);
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector<ObjectId>());
}

TEST_F(ObjectDamageTest, LostBytesComeBackWhenTheyAreWritten) {
  Drop(PiecesOf("/sparse").front().id);
  Repair();
  auto volume = vault_->Open({});
  auto file = volume->Lookup(kRootInode, "sparse");
  ASSERT_TRUE(file);
  Bytes out(1);
  EXPECT_EQ(volume->Read(file->inode, 3000000, out).error().code, ErrorCode::kDamaged);
  ASSERT_TRUE(volume->Write(file->inode, 2990080, Bytes(100000, 'w')));
  EXPECT_TRUE(volume->Read(file->inode, 3000000, out));
  volume->Forget(file->inode, 1);
  EXPECT_TRUE(volume->Close());
}

TEST_F(ObjectDamageTest, UnreadableXattrIsRemovedAndNamed) {
  const ObjectId id = XattrObjectOf("/tagged");
  Flip(id);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRemoveXattrs));
  EXPECT_TRUE(HasLine("/tagged: extended attribute 'user.large'"));
  expected_.at("/tagged").xattrs.erase("user.large");
  ExpectContent(expected_);
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector{id});
  // The item that named it, too.
  bool has_item = false;
  for (const QuarantineEntry& entry : ReadQuarantine()) {
    has_item = has_item || (entry.kind == QuarantineKind::kItem &&
                            GetKey(entry.key.data()).kind == ItemKind::kXattr);
  }
  EXPECT_TRUE(has_item);
}

TEST_F(ObjectDamageTest, ExtraObjectsAreRemovedAndKept) {
  // One where the repair itself will put the next object, one far away, and a reused old number.
  const ObjectId next = NewestRecord().next_id;
  Put(next, Bytes(100, 1));
  Put(ObjectId(next.value + 1000000), Bytes(70000, 2));
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRemoveObjects));
  EXPECT_TRUE(HasLine("2 objects in the store that no record explains"));
  EXPECT_EQ(outcome_.removed_objects, 2u);
  EXPECT_EQ(NewestRecord().repair.removed_objects, 2u);
  const auto kept = ReadQuarantine();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].kind, QuarantineKind::kExtraObject);
  EXPECT_EQ(kept[0].bytes, Bytes(100, 1));
  EXPECT_EQ(kept[1].bytes, Bytes(70000, 2));
  ExpectContent(expected_);
}

TEST_F(ObjectDamageTest, ExtraObjectGivesWayToWhatIsPutInItsPlace) {
  Put(NewestRecord().next_id, Bytes(100, 1));
  Drop(PiecesOf("/big").front().id);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRemoveObjects) | Bit(Action::kGiveUpData));
}

TEST_F(ObjectDamageTest, DamagedDeadObjectsGoWithTheGraveyard) {
  const Pointer old_piece = PiecesOf("/sparse").front();
  RemoveFile("sparse");
  expected_.erase("/sparse");
  Flip(old_piece.id);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRemoveObjects));
  EXPECT_TRUE(HasLine("1 object missing or damaged that only older states need"));
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector{old_piece.id});
  ExpectContent(expected_);
}

TEST_F(ObjectDamageTest, AnObjectThatTheTreeForgotIsRemoved) {
  const InodeNumber file = InodeOf("/sparse");
  EditTree([&](Core&, Change& change) {
    // Without a death: the piece stays alive in the ledger.
    std::vector<Key> keys;
    auto cursor = change.Seek(Key(file, ItemKind::kExtent, 0));
    for (; cursor->IsAt(file, ItemKind::kExtent); (void)cursor->Next()) {
      keys.push_back(cursor->key());
    }
    for (const Key& key : keys) ASSERT_TRUE(change.Erase(key));
    auto inode = LoadInode(change, file);
    RootCounters counters = change.counters();
    counters.data_blocks -= inode->blocks;
    change.SetCounters(counters);
    inode->blocks = 0;
    ASSERT_TRUE(StoreInode(change, file, *inode));
  });
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRemoveObjects));
  EXPECT_TRUE(HasLine("that nothing in the volume refers to"));
  EXPECT_FALSE(QuarantinedObjects(QuarantineKind::kRemovedObject).empty());
}

TEST_F(ObjectDamageTest, AnObjectWithTwoOwnersIsCopied) {
  const InodeNumber from = InodeOf("/big"), to = InodeOf("/sparse");
  EditTree([&](Core&, Change& change) {
    auto item = change.Find(Key(from, ItemKind::kExtent, 3));
    ASSERT_TRUE(item);
    const Bytes value(item->value.begin(), item->value.end());
    ASSERT_TRUE(change.Put(Key(to, ItemKind::kExtent, 1), value));
  });
  Repair();
  EXPECT_TRUE(actions_ & Bit(Action::kCopyObjects));
  const Listing listing = List();
  EXPECT_TRUE(listing.at("/big") == expected_.at("/big"));
  EXPECT_EQ(listing.at("/sparse").content.substr(kRegionBytes, 1000),
            listing.at("/big").content.substr(3 * kRegionBytes, 1000));
}

}  // namespace
}  // namespace chainfs::fs::repair
