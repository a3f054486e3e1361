// SPDX-License-Identifier: GPL-3.0-or-later
// Names, link counts, parents, orphans: one thing is wrong, and that is what is found.
#include <algorithm>

#include "tests/fs/check/structure/structure_fixture.h"

namespace chainfs::fs::check {
namespace {

constexpr uint32_t kFile = 0100000, kDirectory = 0040000;

class BrokenNamesTest : public StructureTest {
 protected:
  // Of an entry of the rich vault.
  Entry Find(const std::string& directory, std::string_view name) const {
    Entry found;
    Look([&](const Core& core) {
      auto entry = FindEntry(core.tree, NameIn(core, Inode(directory), name));
      ASSERT_TRUE(entry);
      found = *entry;
    });
    return found;
  }
  Key DentryKey(const std::string& directory, std::string_view name) const {
    Key key;
    Look([&](const Core& core) { key = NameIn(core, Inode(directory), name).key; });
    return key;
  }
  Key IndexKey(const std::string& directory, std::string_view name) const {
    return Key(Inode(directory), ItemKind::kDirIndex, Find(directory, name).sequence);
  }
  void PutDentry(const Key& key, const Dentry& entry) {
    DentryValue value;
    ASSERT_TRUE(value.Append(entry));
    PutItem(key, value.view());
  }
  // Both halves of it.
  void Retarget(const std::string& directory, std::string_view name, const EntryTarget& target) {
    Edit([&](Core& core, Change& change) {
      const EntryName at = NameIn(core, Inode(directory), name);
      auto entry = FindEntry(change.tree(), at);
      ASSERT_TRUE(RetargetEntry(change, at, *entry, target));
    });
  }
  void Insert(const std::string& directory, std::string_view name, const EntryTarget& target,
              int subdirectories = 0) {
    Edit([&](Core& core, Change& change) {
      auto inode = LoadInode(change, Inode(directory));
      const Entry entry{target, inode->next_entry_sequence++};
      ASSERT_TRUE(InsertEntry(change, NameIn(core, Inode(directory), name), entry));
      ++inode->size;
      inode->nlink += static_cast<uint32_t>(subdirectories);
      ASSERT_TRUE(StoreInode(change, Inode(directory), *inode));
    });
  }
  void Remove(const std::string& directory, std::string_view name) {
    Edit([&](Core& core, Change& change) {
      const EntryName at = NameIn(core, Inode(directory), name);
      auto entry = FindEntry(change.tree(), at);
      ASSERT_TRUE(EraseEntry(change, at, *entry));
      auto inode = LoadInode(change, Inode(directory));
      --inode->size;
      if (entry->target.type == kDirectory) --inode->nlink;
      ASSERT_TRUE(StoreInode(change, Inode(directory), *inode));
    });
  }
};

TEST_F(BrokenNamesTest, AnEntryThatLeadsNowhere) {
  Insert("/many", "ghost", {InodeNumber(100'000), kFile});
  EXPECT_EQ((Lines{"bad-entry /many/ghost"}), Findings());
}

TEST_F(BrokenNamesTest, AnEntryOfAnotherTypeThanItsInode) {
  Retarget("/many", "7", {Inode("/many/7"), 0120000});
  EXPECT_EQ((Lines{"bad-entry /many/7"}), Findings());
}

TEST_F(BrokenNamesTest, ANameThatCannotBeOpened) {
  EraseItem(DentryKey("/many", "7"));
  EXPECT_EQ((Lines{"bad-entry /many/7"}), Findings());
}

TEST_F(BrokenNamesTest, ANameThatIsNotListed) {
  EraseItem(IndexKey("/many", "7"));
  EXPECT_EQ((Lines{"bad-entry /many/7", "bad-size /many", "unnamed-inode -"}), Findings());
}

TEST_F(BrokenNamesTest, ANameThatLeadsToTwoInodes) {
  const Entry entry = Find("/many", "7");
  PutDentry(DentryKey("/many", "7"), {{Inode("/many/8"), kFile}, entry.sequence, "7"});
  EXPECT_EQ((Lines{"bad-entry /many/7"}), Findings());
}

TEST_F(BrokenNamesTest, ANameUnderTheWrongHash) {
  const Entry entry = Find("/many", "7");
  Key key = DentryKey("/many", "7");
  EraseItem(key);
  key.offset ^= 1;
  PutDentry(key, {entry.target, entry.sequence, "7"});
  EXPECT_EQ((Lines{"bad-entry /many/7"}), Findings());
}

TEST_F(BrokenNamesTest, ANameThatIsThereTwice) {
  const Entry entry = Find("/many", "7");
  DentryValue value;
  ASSERT_TRUE(value.Append({entry.target, entry.sequence, "7"}));
  ASSERT_TRUE(value.Append({entry.target, entry.sequence, "7"}));
  PutItem(DentryKey("/many", "7"), value.view());
  const Lines lines = Findings();
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_EQ(0u, line.find("bad-entry /many"));
}

TEST_F(BrokenNamesTest, ANameThatNoFileMayHave) {
  for (const char* name : {"a/b", ".."}) {
    SCOPED_TRACE(name);
    vault_ = rich().vault->CopyAsAfterACrash();
    Remove("/many", "7");
    Insert("/many", name, {Inode("/many/7"), kFile});
    EXPECT_EQ((Lines{"bad-entry /many/" + std::string(name)}), Findings());
  }
}

TEST_F(BrokenNamesTest, ASequenceThatIsYetToCome) {
  EditInode("/many", [](InodeItem& inode) { inode.next_entry_sequence = 100; });
  EXPECT_EQ((Lines{"bad-entry /many"}), Findings());
}

TEST_F(BrokenNamesTest, EntriesOfWhatIsNoDirectory) {
  const DirIndexValue value({{Inode("/many/8"), kFile}, "x"});
  PutItem(Key(Inode("/many/7"), ItemKind::kDirIndex, 3), value.view());
  EXPECT_EQ((Lines{"bad-item /many/7", "bad-link-count /many/8"}), Findings());
}

TEST_F(BrokenNamesTest, ALinkCountThatIsNotThatOfTheNames) {
  EditInode("/files/hard", [](InodeItem& inode) { inode.nlink = 3; });
  const StructureReport report = Report();
  // One of its paths; inode order decides which.
  ASSERT_EQ(1u, report.findings.size());
  EXPECT_EQ(FindingKind::kBadLinkCount, report.findings[0].kind);
  EXPECT_TRUE(report.findings[0].path == "/files/hard" ||
              report.findings[0].path == "/deep/1/hard");
  EXPECT_EQ("should have 3 names, but has 2", report.findings[0].what);
}

TEST_F(BrokenNamesTest, ALinkCountThatIsNotThatOfTheSubdirectories) {
  EditInode("/deep/1", [](InodeItem& inode) { ++inode.nlink; });
  EXPECT_EQ((Lines{"bad-link-count /deep/1"}), Findings());
}

TEST_F(BrokenNamesTest, TheNumberOfEntries) {
  EditInode("/many", [](InodeItem& inode) { ++inode.size; });
  EXPECT_EQ((Lines{"bad-size /many"}), Findings());
}

TEST_F(BrokenNamesTest, AnInodeWithoutAName) {
  Remove("/many", "7");
  EXPECT_EQ((Lines{"unnamed-inode -"}), Findings());
}

TEST_F(BrokenNamesTest, ADirectoryWithoutAName) {
  Remove("/deep/1/2", "3");
  EXPECT_EQ((Lines{"unnamed-inode -"}), Findings());
}

TEST_F(BrokenNamesTest, ADirectoryWithTwoNames) {
  Insert("/files", "again", {Inode("/deep/1"), kDirectory}, 1);
  EXPECT_EQ((Lines{"bad-link-count /deep/1", "bad-parent /files/again"}), Findings());
}

TEST_F(BrokenNamesTest, ADirectoryThatSaysItIsElsewhere) {
  EditInode("/deep/1/2", [](InodeItem& inode) { inode.parent = Inode("/many"); });
  EXPECT_EQ((Lines{"bad-parent /deep/1/2"}), Findings());
}

TEST_F(BrokenNamesTest, TheRootHasNoParent) {
  EditInode("/", [](InodeItem& inode) { inode.parent = Inode("/many"); });
  EXPECT_EQ((Lines{"bad-parent /"}), Findings());
}

// /deep/1 moves into /deep/1/2/3: each has one name, and it is its parent's.
TEST_F(BrokenNamesTest, DirectoriesInsideThemselves) {
  Remove("/deep", "1");
  Insert("/deep/1/2/3", "1", {Inode("/deep/1"), kDirectory}, 1);
  EditInode("/deep/1", [](InodeItem& inode) { inode.parent = Inode("/deep/1/2/3"); });
  const StructureReport report = Report();
  EXPECT_EQ((Lines{"bad-parent -"}), LinesOf(report.findings));
  EXPECT_EQ(Inode("/deep/1"), report.findings.at(0).inode);
}

// Each of many is in the next: the way up is not gone for each anew, or this takes hours.
TEST_F(BrokenNamesTest, ALongLineOfOldDirectoriesInNewerOnes) {
  constexpr uint64_t kFirst = 1'000'000, kCount = 100'000;
  Edit([&](Core&, Change& change) {
    InodeItem inode;
    inode.mode = 0040755;
    inode.nlink = 3;
    inode.size = 1;
    inode.next_entry_sequence = 4;
    for (uint64_t i = 0; i < kCount; ++i) {
      inode.parent = i + 1 < kCount ? InodeNumber(kFirst + i + 1) : InodeNumber(kFirst);
      ASSERT_TRUE(StoreInode(change, InodeNumber(kFirst + i), inode));
    }
  });
  const StructureReport report = Report();
  const auto loops = std::count_if(
      report.findings.begin(), report.findings.end(),
      [](const Finding& finding) { return finding.what == "the directory is inside itself"; });
  EXPECT_EQ(1, loops);
}

// A move of an old directory into a newer one is none.
TEST_F(BrokenNamesTest, AnOldDirectoryInANewerOneIsSound) {
  Remove("/", "deep");
  Insert("/acl", "deep", {Inode("/deep"), kDirectory}, 1);
  EditInode("/deep", [](InodeItem& inode) { inode.parent = Inode("/acl"); });
  EXPECT_EQ(Lines{}, Findings());
}

TEST_F(BrokenNamesTest, ARemovedDirectoryWithEntries) {
  Remove("/deep/1/2", "3");
  EditInode("/deep/1/2/3", [](InodeItem& inode) { inode.nlink = 0; });
  PutItem(OrphanKey(Inode("/deep/1/2/3")), {});
  EXPECT_EQ((Lines{"bad-entry -"}), Findings());
}

TEST_F(BrokenNamesTest, AnUnlinkedInodeWithoutOrphanItem) {
  EraseItem(OrphanKey(Inode("")));
  EXPECT_EQ((Lines{"unnamed-inode -"}), Findings());
}

TEST_F(BrokenNamesTest, AnOrphanItemOfNothing) {
  PutItem(OrphanKey(InodeNumber(100'000)), {});
  EXPECT_EQ((Lines{"bad-item -"}), Findings());
}

TEST_F(BrokenNamesTest, AnOrphanItemOfWhatHasAName) {
  PutItem(OrphanKey(Inode("/many/7")), {});
  EXPECT_EQ((Lines{"bad-item /many/7"}), Findings());
}

TEST_F(BrokenNamesTest, AnUnfinishedTruncationWithoutOrphanItem) {
  EraseItem(OrphanKey(Inode("/files/shrinking")));
  EXPECT_EQ((Lines{"bad-item /files/shrinking"}), Findings());
}

TEST_F(BrokenNamesTest, ATruncationToAnotherSize) {
  uint8_t target[8];
  PutBE(target, uint64_t{5});
  PutItem(OrphanKey(Inode("/files/shrinking")), target);
  EXPECT_EQ((Lines{"bad-item /files/shrinking"}), Findings());
}

}  // namespace
}  // namespace chainfs::fs::check
