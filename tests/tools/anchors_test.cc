// SPDX-License-Identifier: GPL-3.0-or-later
// What a mount remembers of a vault, and what it makes of a vault that is not what is remembered.
#include "tests/tools/anchored_vault.h"

namespace chainfs::tools {
namespace {

class AnchorsTest : public AnchoredVault {};

TEST_F(AnchorsTest, ANewVaultIsRememberedFromItsFirstHeadOn) {
  vault_ = scratch_ / "new";
  ASSERT_EQ(Run({kMkfsProgram, "--passfile", passfile_, vault_}).code, 0);
  EXPECT_EQ(KeptAnchor().vault, vault_);
  EXPECT_EQ(KeptAnchor().note, Run({kChainfsProgram, "head", vault_}).out);
  const ProgramResult first = MountWith({});
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(first.err, "");
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(AnchorsTest, TheFirstMountElsewhereSaysThatNothingIsRememberedAndTheSecondNothing) {
  const ProgramResult first = MountWith({});
  EXPECT_EQ(first.code, 0);
  EXPECT_NE(first.err.find("no anchor of this vault is known here yet"), std::string::npos);
  EXPECT_EQ(std::count(first.err.begin(), first.err.end(), '\n'), 1) << first.err;
  EXPECT_EQ(Unmount().code, 0);
  const ProgramResult second = MountWith({});
  EXPECT_EQ(second.code, 0);
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(AnchorsTest, TheHeadAtTheEndIsRemembered) {
  WriteOnce("a");
  const auto before = KeptHead();
  WriteOnce("b");
  EXPECT_GT(KeptHead().size, before.size);
  EXPECT_EQ(KeptAnchor().vault, vault_);
  EXPECT_EQ(MountWith({}).code, 0);
  // Two records belong to a mount that writes: the commit and the clean unmount.
  EXPECT_EQ(Status()["head"].get<uint64_t>() + 1, KeptHead().size);
  EXPECT_EQ(Status()["anchor"]["file"], AnchorFile());
  EXPECT_EQ(Status()["anchor"]["problem"], "");
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(AnchorsTest, ACopyThatIsPutBackIsARollback) {
  WriteOnce("a");
  CopyVault("old");
  WriteOnce("b");
  PutBack("old");
  const ProgramResult result = MountWith({});
  ExpectRefusal(result, 61, "ROLLBACK");
  for (const char* words : {"the vault: ", "remembered: ", " UTC", "--accept-rollback"}) {
    EXPECT_NE(result.err.find(words), std::string::npos) << words << "\n" << result.err;
  }
  EXPECT_NE(result.err.find(AnchorFile()), std::string::npos) << result.err;
  ExpectRefusal(MountWith({"-o", "ro"}), 61, "ROLLBACK");
}

TEST_F(AnchorsTest, ACopyElsewhereIsARollbackToo) {
  WriteOnce("a");
  CopyVault("old");
  WriteOnce("b");
  const std::string home = std::exchange(vault_, scratch_ / "old");
  ExpectRefusal(MountWith({}), 61, "ROLLBACK");
  vault_ = home;
  MountAndUnmount();
}

TEST_F(AnchorsTest, TwoCopiesThatWereBothWrittenAreAFork) {
  WriteOnce("a");
  CopyVault("other");
  WriteOnce("b");
  const std::string home = std::exchange(vault_, scratch_ / "other");
  // Written on another machine.
  const std::string here = std::exchange(anchors_, scratch_ / "anchors elsewhere");
  WriteOnce("c");
  WriteOnce("d");
  anchors_ = here;
  const ProgramResult result = MountWith({});
  ExpectRefusal(result, 62, "FORK");
  EXPECT_NE(result.err.find("remembered: "), std::string::npos) << result.err;
  vault_ = home;
  MountAndUnmount();
}

TEST_F(AnchorsTest, AnAcceptedRollbackGoesOnAndReplacesTheAnchor) {
  WriteOnce("a");
  CopyVault("old");
  WriteOnce("b");
  const std::string anchor_of_b = scratch_.File("b.anchor", TextOf(AnchorFile()));
  const std::string old_origin = KeptHead().origin;
  CopyVault("new");
  PutBack("old");
  MountAndUnmount({"--accept-rollback"});
  EXPECT_NE(KeptHead().origin, old_origin);
  WriteOnce("c");
  // The abandoned head is superseded, not in the way.
  MountAndUnmount({"--anchor", anchor_of_b});
  // What was abandoned cannot come back unnoticed either.
  PutBack("new");
  ExpectRefusal(MountWith({}), 62, "FORK");
}

TEST_F(AnchorsTest, AnAcceptedForkGoesOn) {
  WriteOnce("a");
  CopyVault("other");
  WriteOnce("b");
  const std::string fork = scratch_.File("fork.anchor", TextOf(AnchorFile()));
  PutBack("other");
  anchors_ = scratch_ / "anchors elsewhere";
  WriteOnce("c");
  WriteOnce("d");
  ExpectRefusal(MountWith({"--anchor=" + fork}), 62, "FORK");
  MountAndUnmount({"--anchor=" + fork, "-o", "accept_rollback"});
  MountAndUnmount({"--anchor=" + fork});
}

TEST_F(AnchorsTest, AcceptingWhatIsNoRollbackChangesNothing) {
  WriteOnce("a");
  const auto before = KeptHead();
  MountAndUnmount({"--accept-rollback"});
  EXPECT_EQ(KeptHead(), before);
}

TEST_F(AnchorsTest, AReadOnlyMountCannotAcceptButRemembers) {
  WriteOnce("a");
  CopyVault("old");
  WriteOnce("b");
  const auto newest = KeptHead();
  CopyVault("new");
  PutBack("old");
  ExpectRefusal(MountWith({"--accept-rollback", "-o", "ro"}), 1, "not with a read-only mount");
  PutBack("new");
  std::filesystem::remove_all(anchors_);
  MountAndUnmount({"-o", "ro"});
  EXPECT_EQ(KeptHead(), newest);
}

TEST_F(AnchorsTest, ThoseThatAreGivenComeFromFilesAndStandardInput) {
  WriteOnce("a");
  CopyVault("old");
  WriteOnce("b");
  const std::string whole = TextOf(AnchorFile()), note = KeptAnchor().note;
  PutBack("old");
  // Somebody got at the state directory, too.
  const auto forget = [&] { std::filesystem::remove_all(anchors_); };
  forget();
  const std::string file = scratch_.File("whole", whole), bare = scratch_.File("bare", note);
  ExpectRefusal(MountWith({"--anchor", file}), 61, file);
  ExpectRefusal(MountWith({"--anchor", bare}), 61, "time not known");
  ExpectRefusal(MountWith({"-o", "anchor=" + bare}), 61, bare);
  ExpectRefusal(MountWith({"--anchor", "-"}, whole), 61, "on standard input");
  ExpectRefusal(MountWith({"--anchor", "-"}, note), 61, "on standard input");
  MountAndUnmount();
  forget();
}

TEST_F(AnchorsTest, OfSeveralEachOneCounts) {
  WriteOnce("a");
  const std::string first = scratch_.File("first", KeptAnchor().note);
  CopyVault("old");
  WriteOnce("b");
  const std::string second = scratch_.File("second", KeptAnchor().note);
  MountAndUnmount({"--anchor", first, "--anchor", second, "-o", "anchor=" + first});
  PutBack("old");
  std::filesystem::remove_all(anchors_);
  ExpectRefusal(MountWith({"--anchor", first, "--anchor", second}), 61, second);
  ExpectRefusal(MountWith({"--anchor", second, "--anchor", first}), 61, second);
  MountAndUnmount({"--anchor", first});
}

TEST_F(AnchorsTest, WhatIsNoAnchorOfThisVaultIsRefused) {
  WriteOnce("a");
  std::string note = KeptAnchor().note;
  ExpectRefusal(MountWith({"--anchor", scratch_ / "none"}), 64, "No such file");
  ExpectRefusal(MountWith({"--anchor", scratch_.File("f", "hello\n")}), 64, "neither an anchor");
  ExpectRefusal(MountWith({"--anchor", scratch_.File("f", "")}), 64, "neither an anchor");
  ExpectRefusal(MountWith({"--anchor", "/dev/zero"}), 64, "too long");
  ExpectRefusal(MountWith({"--anchor", scratch_.File("f", "chainfs anchor 1\nvolume x\n")}), 64,
                "line 2");
  ExpectRefusal(MountWith({"--anchor", "-", "--anchor", "-"}, note), 1, "one anchor only");
  ++note[note.find('\n') + 1];  // another number of records than was signed
  ExpectRefusal(MountWith({"--anchor", scratch_.File("f", note)}), 64, "not signed");
  const std::string mine = std::exchange(vault_, scratch_ / "another");
  MakeVault(vault_);
  ExpectRefusal(MountWith({"--anchor", scratch_.File("f", KeptAnchor().note)}), 64,
                "another volume's");
}

TEST_F(AnchorsTest, StandardInputIsEitherAnAnchorOrThePassphrase) {
  WriteOnce("a");
  const ProgramResult result =
      Run({"setsid", kMountProgram, vault_, mount_point_, "--anchor", "-"}, KeptAnchor().note);
  ExpectRefusal(result, 1, "standard input is taken for an anchor");
}

TEST_F(AnchorsTest, AnotherVolumeAtAKnownPathIsRefused) {
  WriteOnce("a");
  std::filesystem::remove_all(vault_);
  MakeVault(vault_);
  // Before a passphrase is asked for: it would only seem wrong.
  ExpectRefusal(MountWith({"-o", "passfile=/nonexistent"}), 63, "another volume was last seen");
  ExpectRefusal(MountWith({}), 63, "--accept-new-volume");
  MountAndUnmount({"--accept-new-volume"});
  MountAndUnmount();
}

TEST_F(AnchorsTest, AVaultThatMkfsMadeAtAKnownPathIsExpectedThere) {
  WriteOnce("a");
  std::filesystem::remove_all(vault_);
  const ProgramResult made = Run({kMkfsProgram, "--passfile", passfile_, vault_});
  ASSERT_EQ(made.code, 0) << made.err;
  MountAndUnmount();
}

TEST_F(AnchorsTest, ADamagedAnchorIsRefusedUntilItsOwnerGoesOnWithoutIt) {
  WriteOnce("a");
  const std::string file = AnchorFile(), text = TextOf(file);
  for (const std::string& damaged :
       {std::string(), text.substr(0, 100), std::string("chainfs anchor 2\n"), text + "x"}) {
    std::ofstream(file, std::ios::binary) << damaged;
    ExpectRefusal(MountWith({}), 64, "--accept-rollback");
    EXPECT_EQ(TextOf(file), damaged);
  }
  // Signed by nobody: whoever could write there could have written this.
  std::string forged = text;
  forged[forged.size() - 35] = forged[forged.size() - 35] == 'A' ? 'B' : 'A';
  std::ofstream(file, std::ios::binary) << forged;
  ExpectRefusal(MountWith({}), 64, "not signed");
  WriteOnce("b", {"--accept-rollback"});
  EXPECT_EQ(TextOf(file.substr(0, file.size() - 7) + ".damaged.1"), forged);
  MountAndUnmount();
}

TEST_F(AnchorsTest, AStateDirectoryThatCannotBeWrittenHindersNobody) {
  scratch_.File("anchors", "a file in its place");
  WriteOnce("a");
  ASSERT_EQ(MountWith({"-o", "log=" + (scratch_ / "log")}).code, 0);
  Write("b", "b");
  EXPECT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  EXPECT_EQ(Unmount().code, 0);
  const std::string log = TextOf(scratch_ / "log");
  EXPECT_NE(log.find("the anchor cannot be written"), std::string::npos) << log;
  EXPECT_EQ(log.find("the anchor cannot be written"), log.rfind("the anchor cannot be written"));
}

TEST_F(AnchorsTest, StatusShowsThatNoAnchorIsKept) {
  scratch_.File("anchors", "a file in its place");
  ASSERT_EQ(MountWith({}).code, 0);
  nlohmann::json status;
  do {  // the first head is written by a thread of its own
    status = Status();
    ASSERT_TRUE(status.contains("anchor")) << status.dump();
  } while (status["anchor"]["problem"] == "");
  EXPECT_EQ(status["anchor"]["records"], 0);
  EXPECT_NE(Chainfs({"status", mount_point_}).out.find("NOT KEPT"), std::string::npos);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(AnchorsTest, AnchorsInTheVaultOrOnItsMountAreWorthNothingAndNotKept) {
  for (const std::string& place : {vault_ + "/state", mount_point_ + "/state"}) {
    anchors_ = place;
    const ProgramResult mounted = MountWith({});
    EXPECT_EQ(mounted.code, 0);
    EXPECT_NE(mounted.err.find("warning: no anchor is kept"), std::string::npos) << mounted.err;
    EXPECT_NE(Status()["anchor"]["problem"], "");
    EXPECT_EQ(Unmount().code, 0);
    EXPECT_FALSE(std::filesystem::exists(place));
  }
}

TEST_F(AnchorsTest, AVaultThatHasMovedIsTheSame) {
  WriteOnce("a");
  std::filesystem::rename(vault_, scratch_ / "moved");
  vault_ = scratch_ / "moved";
  WriteOnce("b");
  EXPECT_EQ(KeptAnchor().vault, vault_);
}

}  // namespace
}  // namespace chainfs::tools
