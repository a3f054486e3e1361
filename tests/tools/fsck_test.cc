// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck as its users run it: verdicts, findings, exit codes.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

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
  static std::map<std::string, std::string> With(
      std::map<std::string, std::string> verdicts,
      const std::map<std::string, std::string>& changed) {
    for (const auto& [pass, verdict] : changed) verdicts[pass] = verdict;
    return verdicts;
  }
};

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
  const FsckResult before = Fsck();
  ASSERT_EQ(before.code, 0);
  // The largest values are the letter's pieces: a bit in the middle of the file is most likely
  // theirs; which it was is what fsck has to say.
  const std::string file = vault_ + "/data.mdb";
  std::string data = TextOf(file);
  size_t hit = 0;
  for (size_t at = data.size() / 2; hit == 0 && at < data.size(); at += 4096) {
    std::string changed = data;
    changed[at + 2000] ^= 1;
    std::ofstream(file, std::ios::binary) << changed;
    const FsckResult result = Fsck();
    for (const json& finding : result.findings) {
      if (finding["kind"] != "unreadable-data") continue;
      EXPECT_EQ(finding["path"], "/docs/letter") << result.text;
      EXPECT_TRUE(finding.contains("bytes")) << result.text;
      EXPECT_EQ(result.code, 4);
      EXPECT_EQ(result.verdicts, With(kAllOk, {{"INTEGRITY", "FAILED"}, {"STRUCTURE", "FAILED"}}));
      hit = at;
    }
  }
  EXPECT_NE(hit, 0u) << "no page of the letter was found";
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
