// SPDX-License-Identifier: GPL-3.0-or-later
// Items that do not agree with each other: one disagreement each.
#include "fs/inode_access.h"
#include "fs/name/dentry.h"
#include "fs/settings.h"
#include "tests//fs/repair/repair_fixture.h"

namespace chainfs::fs::repair {
namespace {

constexpr uint32_t kEntries = Bit(Action::kRepairEntries), kInodes = Bit(Action::kRepairInodes),
                   kCounters = Bit(Action::kRepairCounters), kItems = Bit(Action::kRemoveItems),
                   kRescue = Bit(Action::kMoveToLostAndFound);

class ItemDamageTest : public RepairTest {
 protected:
  // A small volume: /dir with /dir/sub, /dir/a (two blocks) and /dir/b, and /top.
  void SetUp() override {
    auto volume = vault_->Open({.commit_interval_ms = 1000000});
    const auto make = [&](InodeNumber parent, const std::string& name, bool directory) {
      auto made = directory ? volume->MakeDirectory(parent, name, {.mode = 0755})
                            : volume->MakeNode(parent, name, {.mode = 0100644});
      EXPECT_TRUE(made);
      volume->Forget(made->inode, 1);
      return made->inode;
    };
    dir_ = make(kRootInode, "dir", true);
    sub_ = make(dir_, "sub", true);
    a_ = make(dir_, "a", false);
    b_ = make(dir_, "b", false);
    top_ = make(kRootInode, "top", false);
    inner_ = make(sub_, "inner", false);
    ASSERT_TRUE(volume->Write(a_, 0, Bytes(8192, 'a')));
    ASSERT_TRUE(volume->Write(b_, 0, Bytes(10, 'b')));
    ASSERT_TRUE(volume->SetXattr(b_, "user.x", "value", XattrMode::kAny));
    ASSERT_TRUE(volume->Close());
    volume.reset();
    expected_ = List();
  }
  // Changes one inode, and nothing that depends on it.
  void EditInode(InodeNumber number, const std::function<void(InodeItem&)>& edit) {
    EditTree([&](Core&, Change& change) {
      auto inode = LoadInode(change, number);
      ASSERT_TRUE(inode);
      edit(*inode);
      ASSERT_TRUE(StoreInode(change, number, *inode));
    });
  }
  void EraseItem(const Key& key) {
    EditTree([&](Core&, Change& change) { ASSERT_TRUE(change.Erase(key)); });
  }
  void PutItem(const Key& key, const Bytes& value) {
    EditTree([&](Core&, Change& change) { ASSERT_TRUE(change.Put(key, value)); });
  }
  Key DentryKey(InodeNumber directory, const std::string& name) {
    Key key;
    WithCore([&](Core& core) { key = NameIn(core, directory, name).key; });
    return key;
  }
  uint64_t SequenceOf(InodeNumber directory, const std::string& name) {
    uint64_t sequence = 0;
    WithCore([&](Core& core) {
      auto entry = FindEntry(core.tree, NameIn(core, directory, name));
      ASSERT_TRUE(entry);
      sequence = entry->sequence;
    });
    return sequence;
  }
  void ExpectRepairedTo(uint32_t actions, const Listing& expected) {
    Repair();
    EXPECT_EQ(actions_, actions);
    ExpectContent(expected);
  }

  InodeNumber dir_, sub_, a_, b_, top_, inner_;
};

TEST_F(ItemDamageTest, WrongLinkCounts) {
  EditInode(a_, [](InodeItem& inode) { inode.nlink = 7; });
  EditInode(dir_, [](InodeItem& inode) { inode.nlink = 9; });
  ExpectRepairedTo(kInodes, expected_);
  EXPECT_TRUE(HasLine("/dir/a: its link count was 7, and is 1 now"));
  EXPECT_TRUE(HasLine("/dir: its link count was 9, and is 3 now"));
}

TEST_F(ItemDamageTest, WrongSizesAndBlockCounts) {
  EditInode(a_, [](InodeItem& inode) { inode.blocks = 5; });
  EditInode(dir_, [](InodeItem& inode) {
    inode.size = 99;
    inode.next_entry_sequence = 3;
  });
  ExpectRepairedTo(kInodes, expected_);
}

TEST_F(ItemDamageTest, DataPastTheEndMakesTheFileLarger) {
  EditInode(a_, [](InodeItem& inode) { inode.size = 4096; });
  ExpectRepairedTo(kInodes, expected_);
  EXPECT_TRUE(HasLine("/dir/a: has data up to byte 8192"));
}

TEST_F(ItemDamageTest, WrongTotals) {
  EditTree([](Core&, Change& change) {
    RootCounters counters = change.counters();
    counters.next_inode = 3;
    counters.inodes += 10;
    counters.data_blocks += 10;
    counters.reserved_bytes += 10;
    change.SetCounters(counters);
  });
  ExpectRepairedTo(kCounters, expected_);
}

TEST_F(ItemDamageTest, WrongFlags) {
  EditInode(b_, [](InodeItem& inode) { inode.flags &= ~uint32_t{kHasXattrs}; });
  EditInode(a_, [](InodeItem& inode) { inode.flags |= kHasAccessAcl; });
  Repair();
  EXPECT_TRUE(HasLine("/dir/a: its access control list is lost"));
  // What the list may have refused the group, the mode must not allow.
  expected_.at("/dir/a").mode &= ~uint32_t{070};
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, NamesOfInodesThatAreLostGo) {
  EraseItem(Key(b_, ItemKind::kInode, 0));
  EraseItem(Key(b_, ItemKind::kXattr, [&] {
    uint64_t hash = 0;
    WithCore([&](Core& core) { hash = core.hasher.Hash("user.x"); });
    return hash;
  }()));
  expected_.erase("/dir/b");
  --expected_.at("/dir").size;
  ExpectRepairedTo(kEntries | kInodes | kCounters, expected_);
  EXPECT_TRUE(HasLine("/dir/b: is lost: inode " + std::to_string(b_.value) + " is not there"));
}

TEST_F(ItemDamageTest, DataWithoutAnInodeKeepsItsName) {
  EraseItem(Key(a_, ItemKind::kInode, 0));
  Repair();
  EXPECT_TRUE(HasLine("/dir/a: its attributes are lost"));
  const Seen seen = List().at("/dir/a");
  EXPECT_EQ(seen.mode, 0100600u);
  EXPECT_EQ(seen.content, std::string(8192, 'a'));
}

TEST_F(ItemDamageTest, DataWithoutInodeOrNameGoesToLostAndFound) {
  const InodeNumber ghost(1000);
  PutItem(Key(ghost, ItemKind::kReserved, 10), {0, 0, 0, 0, 0, 0, 0, 5});
  Repair();
  EXPECT_TRUE(actions_ & kRescue);
  EXPECT_TRUE(HasLine("/lost+found/#1000: had no name any more"));
  const Listing listing = List();
  EXPECT_EQ(listing.at("/lost+found").mode, 040700u);
  EXPECT_EQ(listing.at("/lost+found/#1000").mode, 0100600u);
  EXPECT_EQ(listing.at("/lost+found/#1000").size, 0u);
}

TEST_F(ItemDamageTest, DirectoryWithoutAnInodeKeepsItsEntries) {
  EraseItem(Key(sub_, ItemKind::kInode, 0));
  Repair();
  EXPECT_TRUE(HasLine("/dir/sub: its attributes are lost"));
  expected_.at("/dir/sub").mode = 040700;
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, RootDirectoryWithoutAnInodeIsMadeUp) {
  EraseItem(Key(kRootInode, ItemKind::kInode, 0));
  Repair();
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, UnnamedFilesAndDirectoriesGoToLostAndFound) {
  EditTree([&](Core& core, Change& change) {
    for (const char* name : {"a", "sub"}) {
      const EntryName entry = NameIn(core, dir_, name);
      ASSERT_TRUE(EraseEntry(change, entry, *FindEntry(change.tree(), entry)));
    }
  });
  Repair();
  EXPECT_EQ(actions_, kRescue | kInodes | kCounters);
  const Listing listing = List();
  const std::string found = "/lost+found/#";
  EXPECT_TRUE(listing.at(found + std::to_string(a_.value)) == expected_.at("/dir/a"));
  EXPECT_TRUE(listing.at(found + std::to_string(sub_.value) + "/inner") ==
              expected_.at("/dir/sub/inner"));
  EXPECT_TRUE(listing.at("/dir/b") == expected_.at("/dir/b"));
}

TEST_F(ItemDamageTest, LostAndFoundMayBeThereAlreadyOrBeAFile) {
  WriteFile("lost+found", "a file");
  EditTree([&](Core& core, Change& change) {
    const EntryName entry = NameIn(core, dir_, "a");
    ASSERT_TRUE(EraseEntry(change, entry, *FindEntry(change.tree(), entry)));
  });
  Repair();
  EXPECT_TRUE(List().contains("/lost+found.1/#" + std::to_string(a_.value)));
  EditTree([&](Core& core, Change& change) {
    const EntryName entry = NameIn(core, dir_, "b");
    ASSERT_TRUE(EraseEntry(change, entry, *FindEntry(change.tree(), entry)));
  });
  Repair();
  EXPECT_TRUE(List().contains("/lost+found.1/#" + std::to_string(b_.value)));
}

TEST_F(ItemDamageTest, HalvesOfAnEntryAreMadeFromOneAnother) {
  EraseItem(DentryKey(dir_, "a"));
  ExpectRepairedTo(kEntries, expected_);
  EXPECT_TRUE(HasLine("/dir/a: was in the listing, but could not be opened"));
  EraseItem(Key(dir_, ItemKind::kDirIndex, SequenceOf(dir_, "a")));
  ExpectRepairedTo(kEntries, expected_);
  EXPECT_TRUE(HasLine("/dir/a: was missing from the listing"));
}

TEST_F(ItemDamageTest, HalvesThatDisagreeLeadToTheInodeThatExists) {
  DentryValue value;
  ASSERT_TRUE(value.Append({{InodeNumber(777), 0100000}, SequenceOf(dir_, "a"), "a"}));
  PutItem(DentryKey(dir_, "a"), Bytes(value.view().begin(), value.view().end()));
  ExpectRepairedTo(kEntries, expected_);
  const DirIndexValue wrong({{b_, 0100000}, "a"});
  PutItem(Key(dir_, ItemKind::kDirIndex, SequenceOf(dir_, "a")),
          Bytes(wrong.view().begin(), wrong.view().end()));
  ExpectRepairedTo(kEntries, expected_);
}

TEST_F(ItemDamageTest, WrongTypesAndPlacesInTheListing) {
  const uint64_t sequence = SequenceOf(dir_, "a");
  const DirIndexValue wrong({{a_, 0120000}, "a"});
  PutItem(Key(dir_, ItemKind::kDirIndex, sequence),
          Bytes(wrong.view().begin(), wrong.view().end()));
  ExpectRepairedTo(kEntries, expected_);
  // The same name in two places of the listing, and one that is no name.
  const DirIndexValue again({{a_, 0100000}, "a"}), slash({{a_, 0100000}, "x/y"});
  PutItem(Key(dir_, ItemKind::kDirIndex, sequence + 50),
          Bytes(again.view().begin(), again.view().end()));
  PutItem(Key(dir_, ItemKind::kDirIndex, sequence + 51),
          Bytes(slash.view().begin(), slash.view().end()));
  Repair();
  EXPECT_TRUE(HasLine("/dir/a: was listed twice"));
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, NamesUnderAWrongHashAreFiledAnew) {
  EditTree([&](Core& core, Change& change) {
    const Key key = NameIn(core, dir_, "a").key;
    auto item = change.Find(key);
    const Bytes value(item->value.begin(), item->value.end());
    ASSERT_TRUE(change.Erase(key));
    Key wrong = key;
    wrong.offset ^= 1;
    ASSERT_TRUE(change.Put(wrong, value));
  });
  ExpectRepairedTo(kEntries, expected_);
}

TEST_F(ItemDamageTest, ADirectoryKeepsOneNameAndKnowsItsParent) {
  EditTree([&](Core& core, Change& change) {
    auto root = LoadInode(change, kRootInode);
    ASSERT_TRUE(InsertEntry(change, NameIn(core, kRootInode, "second"),
                            {{sub_, 0040000}, root->next_entry_sequence++}));
    ASSERT_TRUE(StoreInode(change, kRootInode, *root));
  });
  Repair();
  EXPECT_TRUE(HasLine("/second: was another name of a directory"));
  ExpectContent(expected_);
  EditInode(sub_, [&](InodeItem& inode) { inode.parent = top_; });
  ExpectRepairedTo(kInodes, expected_);
}

TEST_F(ItemDamageTest, ADirectoryInsideItselfIsTakenOut) {
  EditTree([&](Core& core, Change& change) {
    const EntryName old_name = NameIn(core, kRootInode, "dir");
    ASSERT_TRUE(EraseEntry(change, old_name, *FindEntry(change.tree(), old_name)));
    auto sub = LoadInode(change, sub_);
    ASSERT_TRUE(InsertEntry(change, NameIn(core, sub_, "dir"),
                            {{dir_, 0040000}, sub->next_entry_sequence++}));
    ASSERT_TRUE(StoreInode(change, sub_, *sub));
  });
  Repair();
  EXPECT_TRUE(actions_ & kRescue);
  size_t found = 0;
  for (const auto& [path, seen] : List()) {
    found += path.starts_with("/lost+found/#") && path.ends_with("/a") ? 1 : 0;
  }
  EXPECT_EQ(found, 1u);
}

TEST_F(ItemDamageTest, OrphanItemsFitTheirInodes) {
  PutItem(OrphanKey(InodeNumber(500)), {});
  PutItem(OrphanKey(a_), {});
  Repair();
  EXPECT_EQ(actions_, kInodes | kItems);
  EXPECT_TRUE(HasLine("inode 500 was to be removed, but is not there"));
  EXPECT_TRUE(HasLine("/dir/a: was marked for removal, but has a name"));
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, WhatWasBeingRemovedGoesOnBeingRemoved) {
  EditTree([&](Core& core, Change& change) {
    const EntryName name = NameIn(core, dir_, "a");
    ASSERT_TRUE(EraseEntry(change, name, *FindEntry(change.tree(), name)));
    auto inode = LoadInode(change, a_);
    inode->nlink = 0;
    ASSERT_TRUE(StoreInode(change, a_, *inode));
  });
  Repair();
  expected_.erase("/dir/a");
  --expected_.at("/dir").size;
  ExpectContent(expected_);
  EXPECT_FALSE(actions_ & kRescue);
  { auto volume = vault_->Open({}); }  // mounting once reclaims it
  WithCore([&](Core& core) {
    EXPECT_EQ(core.tree.Find(Key(a_, ItemKind::kInode, 0)).error().code, ErrorCode::kNotFound);
  });
}

TEST_F(ItemDamageTest, AnUnfinishedTruncationGetsItsMarkBack) {
  EditInode(a_, [](InodeItem& inode) {
    inode.size = 4096;
    inode.flags |= kShrinking;
  });
  {
    auto plan = Plan();
    ASSERT_TRUE(plan);
    ASSERT_TRUE(plan->CarryOut({}));
  }
  { auto volume = vault_->Open({}); }
  EXPECT_EQ(List().at("/dir/a").content, std::string(4096, 'a'));
  ExpectSound();
}

TEST_F(ItemDamageTest, MalformedItemsGoToTheQuarantine) {
  const Bytes junk(7, 0xee);
  PutItem(Key(a_, ItemKind::kReserved, 0), junk);
  PutItem(Key(b_, ItemKind::kXattr, 12345), junk);
  PutItem(Key(dir_, ItemKind::kDentry, 12345), junk);
  PutItem(Key(dir_, ItemKind::kExtent, 0), junk);
  PutItem(Key(b_, static_cast<ItemKind>(99), 0), junk);
  PutItem(Key(InodeNumber(0), ItemKind::kRef, 5), junk);
  Repair();
  ExpectContent(expected_);
  size_t kept = 0;
  for (const QuarantineEntry& entry : ReadQuarantine()) {
    kept += entry.kind == QuarantineKind::kItem && entry.bytes == junk ? 1 : 0;
  }
  EXPECT_EQ(kept, 6u);
}

TEST_F(ItemDamageTest, ASettingIsKeptUnlessItIsMalformed) {
  PutItem(SizeLimitKey(), EncodeSizeLimit(64 << 20));
  PutItem(Key(b_, static_cast<ItemKind>(99), 0), Bytes(7, 0xee));
  Repair();
  EXPECT_EQ(vault_->Open({})->Status().size_limit_bytes, uint64_t{64} << 20);
  PutItem(SizeLimitKey(), Bytes(3));
  Repair();
  EXPECT_EQ(vault_->Open({})->Status().size_limit_bytes, std::nullopt);
  ExpectContent(expected_);
}

TEST_F(ItemDamageTest, AMalformedExtentIsAnErrorAndNotZeros) {
  PutItem(Key(a_, ItemKind::kExtent, 0), Bytes(5, 1));
  Repair();
  const Seen seen = List().at("/dir/a");
  EXPECT_EQ(seen.lost_bytes, 8192u);
  EXPECT_TRUE(HasLine("/dir/a: bytes 0 to 8192 are lost"));
}

TEST_F(ItemDamageTest, ASymlinkWithoutItsTailIsRemoved) {
  {
    auto volume = vault_->Open({});
    auto made = volume->MakeSymlink(kRootInode, "long", std::string(4000, 'x'), {.mode = 0777});
    ASSERT_TRUE(made);
    volume->Forget(made->inode, 1);
    EXPECT_TRUE(volume->Close());
  }
  EraseItem(Key(InodeOf("/long"), ItemKind::kInode, 1));
  Repair();
  EXPECT_TRUE(HasLine("a symlink that has lost a part of its target"));
  ExpectContent(expected_);
}

}  // namespace
}  // namespace chainfs::fs::repair
