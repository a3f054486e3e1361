// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs ledger export, prove and verify-proof.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tools/ledger_fixture.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

class ProveCommandTest : public LedgerFixture {
 protected:
  ProveCommandTest() : vkey_(OutputOf({"head", vault_, "--vkey"})) { vkey_.pop_back(); }

  // Ids that are in the store, or were.
  static std::vector<uint64_t> Objects(bool in_store) {
    std::vector<uint64_t> ids;
    for (uint64_t id = 1; ids.size() < 3; ++id) {
      const auto made = Chainfs({"prove", vault_, "--object", std::to_string(id), "--json"});
      if (made.code != 0) continue;
      if (json::parse(made.out)["in_store"] == in_store) ids.push_back(id);
    }
    return ids;
  }
  ProgramResult Verify(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"verify-proof", file, "--vkey", vkey_});
    return Chainfs(more);
  }
  std::string vkey_;
};
using ExportCommandTest = ProveCommandTest;

TEST_F(ProveCommandTest, ARecord) {
  const std::string file = scratch_ / "p.tlog-proof";
  EXPECT_EQ(OutputOf({"prove", vault_, "--record", "100", "-o", file}), "");
  EXPECT_EQ(ReadFile(file), OutputOf({"prove", vault_, "--record", "100"}));
  const auto verified = Verify(file);
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_NE(verified.out.find("record 100 is in the ledger"), verified.out.npos) << verified.out;
  const json shown = json::parse(Verify(file, {"--json"}).out);
  EXPECT_EQ(shown["proven"], true);
  const std::string log = OutputOf({"log", vault_, "--json", "--since", "100"});
  const json logged = json::parse(log.substr(log.rfind('\n', log.size() - 2) + 1));
  for (const char* field : {"sequence", "time_ns", "link", "session", "live"}) {
    EXPECT_EQ(shown["record"][field], logged[field]) << field;
  }
}

TEST_F(ProveCommandTest, AnObjectAndItsBlob) {
  for (uint64_t id : Objects(true)) {
    const std::string file = scratch_ / "o", blob = scratch_ / "b";
    EXPECT_EQ(
        OutputOf({"prove", vault_, "--object", std::to_string(id), "-o", file, "--blob", blob}),
        "");
    const auto verified = Verify(file, {"--blob", blob, "--json"});
    EXPECT_EQ(verified.code, 0) << verified.err;
    const json shown = json::parse(verified.out);
    EXPECT_EQ(shown["object"]["id"], id);
    EXPECT_EQ(shown["object"]["sealed_bytes"], std::filesystem::file_size(blob));
    const std::string digest = shown["object"]["digest"];
    EXPECT_EQ(RunProgram({"sha256sum", blob}).out.substr(0, 64), digest);
    EXPECT_NE(Verify(file).out.find(digest), std::string::npos);
    // Another blob of the same length, a shorter and a longer one.
    std::string content = ReadFile(blob);
    content[7] ^= 1;
    for (const std::string& bad : {content, content.substr(1), content + "x", std::string()}) {
      const auto other = Verify(file, {"--blob", scratch_.File("bad", bad)});
      EXPECT_EQ(other.code, 60);
      EXPECT_NE(other.err.find("FALSE"), other.err.npos) << other.err;
    }
    EXPECT_EQ(Verify(file, {"--blob", scratch_ / "none"}).code, 2);
    std::filesystem::remove(file);
    std::filesystem::remove(blob);
  }
}

TEST_F(ProveCommandTest, AnObjectThatWasReapedHasAProofAndNoBlob) {
  const std::string id = std::to_string(Objects(false).front());
  const auto made = Chainfs({"prove", vault_, "--object", id, "-o", scratch_ / "o"});
  EXPECT_EQ(made.code, 0);
  EXPECT_NE(made.err.find("has been reaped"), made.err.npos) << made.err;
  EXPECT_EQ(Verify(scratch_ / "o").code, 0);
  const auto blob = Chainfs({"prove", vault_, "--object", id, "--blob", scratch_ / "b"});
  EXPECT_EQ(blob.code, 1);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "b"));
}

TEST_F(ProveCommandTest, WhatIsNotThereIsNotProven) {
  for (const char* bad :
       {"1000000", "18446744073709551615", "18446744073709551616", "-1", "x", "1 "}) {
    const auto record = Chainfs({"prove", vault_, "--record", bad});
    EXPECT_EQ(record.code, 1) << bad;
    EXPECT_EQ(record.out, "");
    EXPECT_EQ(Chainfs({"prove", vault_, "--object", bad}).code, 1) << bad;
  }
  EXPECT_EQ(Chainfs({"prove", vault_, "--object", "0"}).code, 1);
  EXPECT_EQ(Chainfs({"prove", vault_}).code, 1);
  EXPECT_EQ(Chainfs({"prove", vault_, "--record", "1", "--object", "1"}).code, 1);
  EXPECT_EQ(Chainfs({"prove", vault_, "--record", "1", "--blob", scratch_ / "b"}).code, 1);
}

TEST_F(ProveCommandTest, AnExistingFileStaysAsItIs) {
  const std::string file = scratch_.File("mine", "dear");
  EXPECT_EQ(Chainfs({"prove", vault_, "--record", "1", "-o", file}).code, 49);
  const std::string id = std::to_string(Objects(true).front());
  EXPECT_EQ(Chainfs({"prove", vault_, "--object", id, "--blob", file}).code, 49);
  EXPECT_EQ(ReadFile(file), "dear");
  EXPECT_EQ(Chainfs({"prove", vault_, "--record", "1", "-o", scratch_ / "no/where"}).code, 2);
}

TEST_F(ProveCommandTest, AFullDiskLeavesNoFile) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: not root: full disk not tested";
  const std::string disk = scratch_.Directory("disk");
  ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=4k,nr_inodes=10"), 0);
  std::ofstream(disk + "/hog") << std::string(4096, 'x');
  const auto made = Chainfs({"prove", vault_, "--record", "1", "-o", disk + "/proof"});
  const bool left = std::filesystem::exists(disk + "/proof");
  umount2(disk.c_str(), MNT_DETACH);
  EXPECT_EQ(made.code, 55) << made.err;
  EXPECT_FALSE(left);
}

TEST_F(ProveCommandTest, EveryChangedByteOfAProofShows) {
  const std::string sound = OutputOf({"prove", vault_, "--record", "77"});
  for (size_t at = 0; at < sound.size(); at += 13) {
    std::string bad = sound;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    if (bad == sound) continue;
    const int code = Verify(scratch_.File("bad", bad)).code;
    EXPECT_TRUE(code == 60 || code == 1) << at << " gives " << code;
  }
  EXPECT_EQ(Verify(scratch_.File("bad", sound)).code, 0);
}

TEST_F(ProveCommandTest, AFalseProofIsToldFromNone) {
  std::string proof = OutputOf({"prove", vault_, "--record", "77"});
  proof.replace(proof.find("index 77"), 8, "index 78");
  const auto wrong = Verify(scratch_.File("p", proof));
  EXPECT_EQ(wrong.code, 60);
  EXPECT_NE(wrong.err.find("FALSE"), wrong.err.npos) << wrong.err;
  for (const std::string& none : {std::string(), std::string("hello\n"), std::string(3 << 20, 'x'),
                                  OutputOf({"head", vault_})}) {
    EXPECT_EQ(Verify(scratch_.File("p", none)).code, 1);
  }
  EXPECT_EQ(Verify(scratch_ / "none").code, 2);
  EXPECT_EQ(Verify(scratch_.path()).code, 2);
}

TEST_F(ProveCommandTest, TheVkeyMayBeGivenAsAFileAndMustBeTheRightOne) {
  const std::string proof = scratch_.File("p", OutputOf({"prove", vault_, "--record", "77"}));
  const auto with = [&](const std::string& vkey) {
    return Chainfs({"verify-proof", proof, "--vkey", vkey}).code;
  };
  EXPECT_EQ(with(scratch_.File("key", vkey_ + "\n")), 0);
  EXPECT_EQ(with(scratch_.File("key", vkey_)), 0);
  EXPECT_EQ(with(scratch_.File("key", vkey_ + "x\n")), 1);
  EXPECT_EQ(with(scratch_.File("key", "")), 1);
  EXPECT_EQ(with(scratch_.File("key", std::string(5000, 'x'))), 1);
  EXPECT_EQ(with(scratch_ / "none"), 2);
  EXPECT_EQ(with("a+b+c"), 1);
  EXPECT_EQ(with(vkey_.substr(1)), 1);
  EXPECT_EQ(Chainfs({"verify-proof", proof}).code, 1);
  // Somebody else's key, well-formed: the note's own example.
  EXPECT_EQ(with("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), 60);
}

TEST_F(ExportCommandTest, IntoANewDirectoryAndAgain) {
  const std::string copy = CopyOfVault(), log = scratch_ / "log";
  const std::string said = OutputOf({"ledger", "export", copy, log});
  EXPECT_EQ(ReadFile(log + "/checkpoint"), OutputOf({"head", copy}));
  EXPECT_TRUE(std::filesystem::exists(log + "/tile/entries"));
  EXPECT_NE(said.find(" records, "), said.npos) << said;
  auto volume = Open(copy);
  Commit(*volume, "more");  // and the export beside it
  const std::string again = OutputOf({"ledger", "export", copy, log});
  EXPECT_NE(again.find(", 1 of them new"), again.npos) << again;
  EXPECT_EQ(ReadFile(log + "/checkpoint"), OutputOf({"head", copy}));
  ASSERT_TRUE(volume->Close());
}

TEST_F(ExportCommandTest, WhereItMustNotGo) {
  scratch_.Directory("full/of/things");
  EXPECT_EQ(Chainfs({"ledger", "export", vault_, scratch_ / "full"}).code, 49);
  EXPECT_EQ(Chainfs({"ledger", "export", vault_, vault_}).code, 1);
  EXPECT_EQ(Chainfs({"ledger", "export", vault_, vault_ + "/log"}).code, 1);
  EXPECT_FALSE(std::filesystem::exists(vault_ + "/log"));
  const auto file = Chainfs({"ledger", "export", vault_, scratch_.File("file", "x")});
  EXPECT_NE(file.code, 0);
  EXPECT_NE(file.err.find("file"), file.err.npos) << file.err;
  EXPECT_EQ(Chainfs({"ledger", "export", vault_}).code, 1);
  EXPECT_EQ(Chainfs({"ledger"}).code, 1);
  EXPECT_EQ(Chainfs({"ledger", "export", scratch_ / "none", scratch_ / "log"}).code, 42);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "log"));
}

TEST_F(ExportCommandTest, AnOlderVaultDoesNotReplaceANewerLog) {
  const std::string copy = CopyOfVault(), log = scratch_ / "log";
  auto volume = Open(copy);
  Commit(*volume, "more");
  ASSERT_TRUE(volume->Close());
  OutputOf({"ledger", "export", copy, log});
  const auto older = Chainfs({"ledger", "export", vault_, log});
  EXPECT_NE(older.code, 0);
  EXPECT_NE(older.err.find("newer head"), older.err.npos) << older.err;
  EXPECT_EQ(ReadFile(log + "/checkpoint"), OutputOf({"head", copy}));
}

}  // namespace
}  // namespace chainfs::tools
