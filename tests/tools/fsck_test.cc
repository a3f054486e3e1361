// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck as its users run it: verdicts, findings, exit codes.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fs/store/descriptor.h"
#include "tests/tools/anchored_vault.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

struct FsckResult {
  int code = -1;
  std::map<std::string, std::string> verdicts;  // by pass
  std::vector<json> findings;
  std::string text;  // all of it

  std::vector<std::string> Kinds() const {
    std::vector<std::string> kinds;
    for (const json& finding : findings) kinds.push_back(finding["kind"]);
    return kinds;
  }
};

const std::map<std::string, std::string> kAllOk = {{"PAGES", "OK"},     {"HISTORY", "OK"},
                                                   {"INTEGRITY", "OK"}, {"COMPLETENESS", "OK"},
                                                   {"FRESHNESS", "OK"}, {"STRUCTURE", "OK"}};

class FsckTest : public AnchoredVault {
 protected:
  void SetUp() override {
    AnchoredVault::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(MountWith({}).code, 0);
    std::filesystem::create_directory(mount_point_ + "/docs");
    Write("docs/letter", std::string(300000, 'l'));
    Write("note", "short");
    EXPECT_EQ(Unmount().code, 0);
  }

  // With the passphrase unless the arguments say otherwise.
  FsckResult Fsck(std::vector<std::string> arguments = {}, const std::string& input = "") {
    arguments.insert(arguments.begin(), {kFsckProgram, "--json", vault_});
    if (std::find(arguments.begin(), arguments.end(), "--no-key") == arguments.end()) {
      arguments.insert(arguments.end(), {"--passfile", passfile_});
    }
    const ProgramResult result = Run(arguments, input);
    FsckResult fsck{result.code, {}, {}, result.out + result.err};
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      const json object = json::parse(line, nullptr, false);
      EXPECT_TRUE(object.is_object()) << line;
      if (object.contains("finding")) fsck.findings.push_back(object["finding"]);
      if (object.contains("pass")) fsck.verdicts[object["pass"]] = object["verdict"];
    }
    return fsck;
  }
  bool DamageLetter();
  static std::map<std::string, std::string> With(
      std::map<std::string, std::string> verdicts,
      const std::map<std::string, std::string>& changed) {
    for (const auto& [pass, verdict] : changed) verdicts[pass] = verdict;
    return verdicts;
  }
};

// Flips a bit of one of the letter's pieces. Which page that is, fsck itself says.
bool FsckTest::DamageLetter() {
  const std::string file = vault_ + "/data.mdb";
  const std::string data = TextOf(file);
  for (size_t at = data.size() / 2 / 4096 * 4096 + 2000; at < data.size(); at += 4096) {
    std::string changed = data;
    changed[at] ^= 1;
    std::ofstream(file, std::ios::binary) << changed;
    for (const json& finding : Fsck().findings) {
      if (finding["kind"] == "unreadable-data" && finding["path"] == "/docs/letter") return true;
    }
  }
  return false;
}

TEST_F(FsckTest, AWholeVaultIsOkInEveryPass) {
  const FsckResult result = Fsck();
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts, kAllOk) << result.text;
  EXPECT_TRUE(result.findings.empty()) << result.text;
}

TEST_F(FsckTest, WithoutTheKeyAllButTheStructureIsChecked) {
  const FsckResult result = Fsck({"--no-key"});
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts, With(kAllOk, {{"STRUCTURE", "NOT CHECKED"}})) << result.text;
}

TEST_F(FsckTest, TheVaultsOwnWordIsNeverOk) {
  std::filesystem::remove_all(anchors_);
  const FsckResult result = Fsck({"--no-key"});
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts, With(kAllOk, {{"HISTORY", "SELF-SIGNED"},
                                           {"FRESHNESS", "UNANCHORED"},
                                           {"STRUCTURE", "NOT CHECKED"}}))
      << result.text;
}

TEST_F(FsckTest, AnAuditorNeedsACheckpointAndTheVkeyOnly) {
  const std::string head = Run({kChainfsProgram, "head", vault_}).out;
  const std::string vkey = Run({kChainfsProgram, "head", "--vkey", vault_}).out;
  std::filesystem::remove_all(anchors_);
  const FsckResult result =
      Fsck({"--no-key", "--anchor", "-", "--vkey", vkey.substr(0, vkey.find('\n'))}, head);
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts, With(kAllOk, {{"STRUCTURE", "NOT CHECKED"}})) << result.text;
}

TEST_F(FsckTest, AnotherVaultsVkeyFails) {
  MakeVault(scratch_ / "other");
  const std::string vkey = Run({kChainfsProgram, "head", "--vkey", scratch_ / "other"}).out;
  const FsckResult result = Fsck({"--no-key", "--vkey", vkey.substr(0, vkey.find('\n'))});
  EXPECT_EQ(result.code, 4) << result.text;
  EXPECT_EQ(result.verdicts.at("HISTORY"), "FAILED") << result.text;
}

TEST_F(FsckTest, AVaultThatWasPutBackIsARollback) {
  CopyVault("older");
  WriteOnce("newer");
  PutBack("older");
  const FsckResult result = Fsck({"--no-key"});
  EXPECT_EQ(result.code, 4) << result.text;
  EXPECT_EQ(result.verdicts, With(kAllOk, {{"FRESHNESS", "FAILED"}, {"STRUCTURE", "NOT CHECKED"}}))
      << result.text;
  EXPECT_EQ(result.Kinds(), std::vector<std::string>{"rollback"});
}

TEST_F(FsckTest, AnAnchorOfAnAbandonedBranchIsSuperseded) {
  CopyVault("older");
  WriteOnce("newer");
  const std::string anchor = TextOf(AnchorFile());
  PutBack("older");
  MountAndUnmount({"--accept-rollback"});
  const FsckResult result = Fsck({"--no-key", "--anchor", "-"}, anchor);
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts.at("FRESHNESS"), "SUPERSEDED") << result.text;
}

TEST_F(FsckTest, AFlippedBitOfAFileIsNamedByPathAndBytes) {
  ASSERT_TRUE(DamageLetter());
  const FsckResult result = Fsck();
  EXPECT_EQ(result.code, 4);
  EXPECT_EQ(result.verdicts, With(kAllOk, {{"INTEGRITY", "FAILED"}, {"STRUCTURE", "FAILED"}}));
  ASSERT_EQ(result.Kinds(), (std::vector<std::string>{"digest-mismatch", "unreadable-data"}));
  EXPECT_EQ(result.findings[1]["path"], "/docs/letter");
  const uint64_t begin = result.findings[1]["bytes"][0], end = result.findings[1]["bytes"][1];
  EXPECT_LT(begin, end);
  EXPECT_LE(end, 300000u);
}

// What a person does who finds damage: repair, and go on with what is left.
TEST_F(FsckTest, ARepairGivesUpExactlyWhatCannotBeRead) {
  const FsckResult nothing = Fsck({"--repair", "--yes"});
  EXPECT_EQ(nothing.code, 0) << nothing.text;
  ASSERT_TRUE(DamageLetter());
  const ProgramResult unasked =
      Run({"setsid", kFsckProgram, vault_, "--repair", "--passfile", passfile_});
  EXPECT_EQ(unasked.code, 4 + 8) << unasked.out << unasked.err;
  EXPECT_NE(unasked.err.find("--yes"), std::string::npos) << unasked.err;
  const FsckResult repaired = Fsck({"--repair", "--yes", "--quarantine", scratch_ / "q"});
  EXPECT_EQ(repaired.code, 1) << repaired.text;
  EXPECT_EQ(repaired.verdicts, kAllOk) << repaired.text;
  EXPECT_GT(std::filesystem::file_size(scratch_ / "q"), 0u);
  const FsckResult after = Fsck();
  EXPECT_EQ(after.code, 0) << after.text;
  EXPECT_EQ(after.verdicts, kAllOk) << after.text;
  EXPECT_EQ(after.Kinds(), std::vector<std::string>{"lost-data"}) << after.text;

  ASSERT_EQ(MountWith({}).code, 0);
  EXPECT_EQ(Read("note"), "short");
  const uint64_t begin = after.findings[0]["bytes"][0], end = after.findings[0]["bytes"][1];
  fs::store::Descriptor letter(open((mount_point_ + "/docs/letter").c_str(), O_RDONLY | O_CLOEXEC));
  for (uint64_t at = 0; at < 300000; at += 4096) {
    char byte = 'l';
    const bool lost = at >= begin && at < end;
    EXPECT_EQ(pread(letter.get(), &byte, 1, static_cast<off_t>(at)), lost ? -1 : 1) << at;
    EXPECT_EQ(byte, 'l');
  }
  letter = fs::store::Descriptor();
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(FsckTest, AFileCutOffIsAFindingAndNoCrash) {
  std::filesystem::resize_file(vault_ + "/data.mdb",
                               std::filesystem::file_size(vault_ + "/data.mdb") / 2);
  const FsckResult result = Fsck();
  EXPECT_EQ(result.code, 4) << result.text;
  EXPECT_EQ(result.verdicts.at("PAGES"), "FAILED") << result.text;
  EXPECT_EQ(result.verdicts.at("HISTORY"), "NOT CHECKED") << result.text;
}

TEST_F(FsckTest, AMountedVaultIsCheckedWhileItIsWrittenTo) {
  ASSERT_EQ(MountWith({"-o", "commit=1"}).code, 0);
  for (int i = 0; i < 5; ++i) {
    Write("busy" + std::to_string(i), std::string(100000, 'b'));
    const FsckResult result = Fsck();
    EXPECT_EQ(result.code, 0) << result.text;
    EXPECT_EQ(result.verdicts, kAllOk) << result.text;
  }
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(FsckTest, DamagedHeaderCopiesAreFindings) {
  std::filesystem::resize_file(vault_ + "/header.1", 100);
  const FsckResult one = Fsck();
  EXPECT_EQ(one.Kinds(), std::vector<std::string>{"header-copy"}) << one.text;
  std::filesystem::resize_file(vault_ + "/header.0", 100);
  const FsckResult both = Fsck({"--no-key"});
  EXPECT_EQ(both.code, 4) << both.text;
  EXPECT_EQ(both.verdicts.at("HISTORY"), "FAILED") << both.text;
}

TEST_F(FsckTest, AHeaderCopyOfAnotherVaultWithTheSamePassphraseIsAFinding) {
  MakeVault(scratch_ / "another");
  for (const char* copy : {"/header.0", "/header.1"}) {
    std::filesystem::rename(vault_ + copy, scratch_ / "mine");
    std::filesystem::copy_file((scratch_ / "another") + copy, vault_ + copy);
    const FsckResult result = Fsck();
    EXPECT_EQ(result.code, 0) << result.text;
    EXPECT_EQ(result.verdicts, kAllOk) << result.text;
    EXPECT_EQ(result.Kinds(), std::vector<std::string>{"header-copy"}) << result.text;
    EXPECT_NE(result.text.find("is that of another volume"), std::string::npos) << result.text;
    std::filesystem::rename(scratch_ / "mine", vault_ + copy);
  }
}

TEST_F(FsckTest, WhatCannotBeCheckedHasItsOwnExitCodeAndSaysWhatToDo) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::string& words, const std::string& input = "") {
    std::vector<std::string> all = {kFsckProgram};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = Run(all, input);
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
  };
  expect({scratch_ / "nothing", "--no-key"}, 8, "there is no such vault");
  expect({mount_point_, "--no-key"}, 8, "no chainfs vault");
  expect({vault_}, 8, "wrong passphrase", "mistaken\n");
  expect({vault_, "--passfile", scratch_ / "nothing"}, 8, "--no-key");
  expect({vault_, "--no-key", "--anchor", scratch_ / "nothing"}, 8, "cannot read the anchor");
  expect({vault_, "--no-key", "--vkey", "nonsense+1+x"}, 8, "no vkey");
  expect({}, 16, "VAULT is required");
  expect({vault_, "--shiny"}, 16, "--shiny");
  expect({vault_, "--no-key", "--passfile", passfile_}, 16, "--no-key");
}

TEST_F(FsckTest, TheFsckOfFsckTabAsksNothing) {
  const ProgramResult result = Run({kFsckProgram, "-a", "-T", vault_});
  EXPECT_EQ(result.code, 0) << result.err << result.out;
  EXPECT_NE(result.out.find("STRUCTURE     NOT CHECKED"), std::string::npos) << result.out;
}

TEST_F(FsckTest, SinceChecksOnlyWhatIsNew) {
  std::ofstream(scratch_ / "head") << Run({kChainfsProgram, "head", vault_}).out;
  WriteOnce("newer");
  const FsckResult result = Fsck({"--since", scratch_ / "head"});
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_EQ(result.verdicts.at("INTEGRITY"), "OK") << result.text;
}

}  // namespace
}  // namespace chainfs::tools
