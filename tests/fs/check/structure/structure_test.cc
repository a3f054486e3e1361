// SPDX-License-Identifier: GPL-3.0-or-later
// The check as a whole: a sound volume is sound, within any memory, and what ends a check early is
// not taken for damage.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fs/check/structure/structure_fixture.h"

namespace chainfs::fs::check {
namespace {

class Hold : public RetentionHold {
 public:
  explicit Hold(int questions) : left_(questions) {}
  bool StillHeld() override { return left_-- > 0; }

 private:
  int left_;
};

TEST_F(StructureTest, OneOfEverythingIsSound) {
  const StructureReport report = Report();
  EXPECT_EQ(Lines{}, LinesOf(report.findings));
  EXPECT_EQ(Verdict::kOk, report.result.verdict) << report.result.reason;
}

TEST_F(StructureTest, ANewVolumeIsSound) {
  const TestVault empty;
  EXPECT_EQ(Verdict::kOk, CheckVault(empty).result.verdict);
}

TEST_F(StructureTest, ProgressEndsAtTheNumberOfLiveObjects) {
  FindingCollector collector;
  EXPECT_EQ(Verdict::kOk, CheckWith({}, collector).verdict);
  EXPECT_GT(collector.progress.total, 20u);
  EXPECT_EQ(collector.progress.total, collector.progress.done);
  EXPECT_TRUE(collector.progress.total_is_items);
}

// 256 bytes: 8 inodes, 256 ids at a time.
TEST_F(StructureTest, ATinyWindowFindsTheSame) {
  const StructureOptions tiny{.threads = 1, .memory_bytes = 256};
  EXPECT_EQ(Verdict::kOk, Report(tiny).result.verdict);
  DeleteBlob(PiecesOf("/files/plain", 1)[0].pointer.id);
  const Pointer killed = PiecesOf("/files/sparse", 3)[0].pointer;
  Edit([&](Core& core, Change& change) {
    const EntryName name = NameIn(core, Inode("/many"), "250");
    auto entry = FindEntry(change.tree(), name);
    ASSERT_TRUE(RetargetEntry(change, name, *entry, {Inode("/many/10"), 0100000}));
    change.RetireObject(killed);
  });
  const Lines all = Findings();
  EXPECT_EQ((Lines{"bad-counter -", "bad-counter -", "bad-link-count /many/10",
                   "dead-but-reachable /files/sparse", "unnamed-inode -",
                   "unreadable-data /files/plain 131072-262144"}),
            all);
  EXPECT_EQ(all, Findings(tiny));
}

TEST_F(StructureTest, ManyThreadsFindTheSameInTheSameOrder) {
  for (uint64_t region = 0; region < 2; ++region) {
    for (const PieceRef& ref : PiecesOf("/files/fragmented", region)) DeleteBlob(ref.pointer.id);
  }
  const auto one = Report({.threads = 1}).findings, many = Report({.threads = 8}).findings;
  ASSERT_EQ(one.size(), many.size());
  EXPECT_GT(one.size(), 5u);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].what, many[i].what);
}

TEST_F(StructureTest, ALostHoldIsNoDamage) {
  DeleteBlob(PiecesOf("/files/plain", 1)[0].pointer.id);
  FindingCollector collector;
  Hold hold(0);
  const PassResult result = CheckWith({.hold = &hold}, collector);
  EXPECT_EQ(Verdict::kNotChecked, result.verdict);
  EXPECT_NE(std::string::npos, result.reason.find("hold was lost")) << result.reason;
  EXPECT_EQ(Lines{}, LinesOf(collector.findings));
}

// Whenever it is lost: what is reported is what a check to the end would have reported.
TEST_F(StructureTest, AHoldThatIsLostMeanwhileGivesNoFalseFindings) {
  Look([&](const Core& core) { ASSERT_EQ(1, core.tree.root()->level()); });
  DeleteBlob(PiecesOf("/files/plain", 1)[0].pointer.id);
  ObjectId leaf;
  Look([&](const Core& core) { leaf = core.tree.root()->ChildIdAt(2); });
  DeleteBlob(leaf);
  const Lines all = Findings();
  int ended = 0;
  for (int questions = 0; questions < 40; ++questions) {
    FindingCollector collector;
    Hold hold(questions);
    const PassResult result = CheckWith({.hold = &hold}, collector);
    if (result.verdict != Verdict::kNotChecked) break;
    ++ended;
    for (const Finding& finding : collector.findings) {
      EXPECT_TRUE(finding.kind == FindingKind::kUnreadableTree ||
                  finding.kind == FindingKind::kUnreadableData)
          << finding.what;
    }
  }
  EXPECT_GT(ended, 3);
  EXPECT_GT(all.size(), 2u);
}

TEST_F(StructureTest, ACheckCanBeCancelled) {
  struct Impatient : FindingCollector {
    bool IsCancelled() override { return true; }
  } listener;
  const PassResult result = CheckWith({}, listener);
  EXPECT_EQ(Verdict::kNotChecked, result.verdict);
  EXPECT_EQ("cancelled", result.reason);
}

TEST_F(StructureTest, AnOlderRootIsAsSound) {
  ChainHead older;
  FindingCollector collector;
  (void)CheckWith({}, collector, [&](ChainHead& head) { older = head; });
  EditInode("/files/plain", [](InodeItem& inode) { inode.uid = 7; });
  PutItem(Key(Inode("/files/plain"), static_cast<ItemKind>(77), 0), {});
  EXPECT_EQ(Lines{"bad-item /files/plain"}, Findings());
  const PassResult result = CheckWith({}, collector, [&](ChainHead& head) { head = older; });
  EXPECT_EQ(Verdict::kOk, result.verdict) << result.reason;
}

// A writer in another process, which keeps what the check looks at.
TEST_F(StructureTest, AVaultInUseIsSoundToo) {
  int ready[2], stop[2];
  ASSERT_EQ(0, pipe(ready) + pipe(stop));
  const pid_t child = fork();
  if (child == 0) {
    close(stop[1]);
    VolumeOptions options;
    options.commit_interval_ms = 1'000'000;
    const auto volume = vault_->Open(options);
    const Bytes data(kRegionBytes, 'x');
    bool fine = volume != nullptr;
    // Fewer commits than it takes until the dead are reaped.
    for (int i = 0; i < 50 && fine; ++i) {
      const std::string name = std::to_string(i);
      auto made = volume->MakeNode(kRootInode, name, {.mode = 0644});
      fine = made && volume->Write(Inode("/files/plain"), 0, data) &&
             volume->Unlink(Inode("/many"), name) && volume->Sync();
      if (i == 0) fine = fine && write(ready[1], "", 1) == 1;
    }
    char byte;
    (void)!read(stop[0], &byte, 1);
    _exit(fine ? 0 : 1);
  }
  close(stop[0]);
  char byte;
  ASSERT_EQ(1, read(ready[0], &byte, 1));
  for (int i = 0; i < 10; ++i) {
    FindingCollector collector;
    Hold hold(INT32_MAX);
    const PassResult result = CheckWith({.hold = &hold}, collector);
    EXPECT_EQ(Verdict::kOk, result.verdict) << result.reason;
    EXPECT_EQ(Lines{}, LinesOf(collector.findings));
  }
  close(stop[1]);
  int status = 0;
  ASSERT_EQ(child, waitpid(child, &status, 0));
  EXPECT_EQ(0, status);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace chainfs::fs::check
