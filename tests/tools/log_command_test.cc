// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs log, head and info: what a vault says of its ledger.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "ledger/checkpoint.h"
#include "tests/tools/ledger_fixture.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class LogCommandTest : public LedgerFixture {
 protected:
  static std::vector<json> Log(const std::string& vault, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"log", vault, "--json"});
    std::vector<json> entries;
    for (const std::string& line : Lines(OutputOf(more))) {
      entries.push_back(json::parse(line, nullptr, false));
    }
    return entries;
  }
};
using HeadCommandTest = LedgerFixture;

TEST_F(LogCommandTest, TellsEveryRecordNewestFirst) {
  const auto entries = Log(vault_);
  ASSERT_GT(entries.size(), 110u);
  uint64_t sequence = entries.size();
  for (const json& entry : entries) EXPECT_EQ(entry["sequence"], --sequence);
  EXPECT_EQ(entries.front()["type"], "clean-unmount");
  EXPECT_EQ(entries.back()["type"], "genesis");
  EXPECT_EQ(entries.back()["ledger_key"].get<std::string>().size(), 64u);
  EXPECT_EQ(entries.front()["session"], entries[1]["session"]);
}

TEST_F(LogCommandTest, WhatIsLiveIsWhatWasBornAndHasNotDied) {
  int64_t objects = 0, bytes = 0;
  bool reaped = false;
  auto entries = Log(vault_);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto of = [&](const char* list, const char* what) {
      return (*entry)[list][what].get<int64_t>();
    };
    objects += of("births", "count") - of("deaths", "count");
    bytes += of("births", "bytes") - of("deaths", "bytes");
    EXPECT_EQ(of("live", "count"), objects);
    EXPECT_EQ(of("live", "bytes"), bytes);
    reaped |= of("reaps", "count") > 0;
  }
  EXPECT_TRUE(reaped);
}

TEST_F(LogCommandTest, LinesFitAHundredColumns) {
  const auto lines = Lines(OutputOf({"log", vault_}));
  EXPECT_NE(lines[0].find("record"), lines[0].npos);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 100u) << line;
  EXPECT_NE(lines[1].find("unmount"), lines[1].npos);
}

TEST_F(LogCommandTest, CanBeCutShort) {
  const size_t all = Log(vault_).size();
  EXPECT_EQ(Log(vault_, {"-n", "3"}).size(), 3u);
  EXPECT_EQ(Log(vault_, {"-n", "0"}).size(), 0u);
  EXPECT_EQ(Log(vault_, {"-n", "18446744073709551615"}).size(), all);
  EXPECT_EQ(Log(vault_, {"--since", std::to_string(all - 2)}).size(), 2u);
  EXPECT_EQ(Log(vault_, {"--since", std::to_string(all)}).size(), 0u);
  EXPECT_EQ(Log(vault_, {"--since", "5", "-n", "1"}).at(0)["sequence"], all - 1);
  const auto beyond = Chainfs({"log", vault_, "--since", std::to_string(all + 1)});
  EXPECT_EQ(beyond.code, 1);
  EXPECT_NE(beyond.err.find("only " + std::to_string(all)), beyond.err.npos) << beyond.err;
}

TEST_F(LogCommandTest, NumbersThatAreNone) {
  for (const char* bad : {"-1", "x", "1x", "0x10", "1.5", "18446744073709551616"}) {
    EXPECT_EQ(Chainfs({"log", vault_, "-n", bad}).code, 1) << bad;
    EXPECT_EQ(Chainfs({"log", vault_, "--since", bad}).code, 1) << bad;
  }
}

TEST_F(LogCommandTest, AnAcceptedRollbackIsShownWithBothHeads) {
  const std::string copy = CopyOfVault(), newer = CopyOfVault("newer");
  auto volume = Open(newer);
  Commit(*volume, "later");
  ASSERT_TRUE(volume->Close());
  const auto abandoned = ledger::ParseCheckpointUnverified(OutputOf({"head", newer}));
  const auto kept = ledger::ParseCheckpointUnverified(OutputOf({"head", copy}));
  volume = Open(copy, OutputOf({"head", newer}));
  Commit(*volume, "instead");
  ASSERT_TRUE(volume->Close());

  json rollback;
  for (const json& entry : Log(copy)) {
    if (entry["type"] == "rollback-accepted") rollback = entry;
  }
  EXPECT_EQ(rollback["kept"]["size"], kept->size);
  EXPECT_EQ(rollback["sequence"], kept->size);
  EXPECT_EQ(rollback["abandoned"]["size"], abandoned->size);
  EXPECT_NE(JsonOf({"head", copy})["origin"], kept->origin);
  const std::string branch = rollback["branch"];
  EXPECT_NE(JsonOf({"head", copy})["origin"].get<std::string>().find(branch), branch.npos);
  const std::string text = OutputOf({"log", copy, "--since", std::to_string(kept->size)});
  EXPECT_NE(text.find("branch " + branch + " begins"), text.npos) << text;
  for (const std::string& line : Lines(text)) EXPECT_LE(line.size(), 100u) << line;
  // A directory keeps to the branch that it was begun with.
  EXPECT_EQ(Chainfs({"ledger", "export", newer, scratch_ / "log"}).code, 0);
  EXPECT_EQ(Chainfs({"ledger", "export", copy, scratch_ / "log"}).code, 49);
}

// The newest records are what the tree's last tile is made of: with one of them changed, none can
// be shown to be the head's.
TEST_F(LogCommandTest, ShowsNothingThatTheHeadDoesNotCover) {
  const std::string copy = CopyOfVault();
  const std::string link = Log(copy)[3]["link"];
  std::string bytes;
  for (size_t i = 0; i < link.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(link.substr(i, 2), nullptr, 16));
  }
  Replace(copy, bytes, std::string(32, 'x'));  // in the record after it
  const auto result = Chainfs({"log", copy, "--json", "-n", "100"});
  EXPECT_EQ(result.code, 46);
  EXPECT_NE(result.err.find("chainfs-fsck"), result.err.npos) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(LogCommandTest, OutputThatCannotBeWrittenIsAnError) {
  const std::string program = kChainfsProgram;
  for (const char* command : {"log", "head", "info"}) {
    const auto result =
        RunProgram({"sh", "-c", program + " " + command + " '" + vault_ + "' >/dev/full"});
    EXPECT_EQ(result.code, 55) << command << result.err;
  }
}

TEST_F(LogCommandTest, VaultsThatAreNone) {
  for (const auto& command :
       std::vector<std::vector<std::string>>{{"log"}, {"head"}, {"prove", "--record", "0"}}) {
    const auto of = [&](const std::string& vault) {
      auto arguments = command;
      arguments.push_back(vault);
      return Chainfs(arguments).code;
    };
    EXPECT_EQ(of(scratch_ / "none"), 42);
    EXPECT_EQ(of(scratch_.path()), 43);
    EXPECT_EQ(of(scratch_.File("file", "x")), 43);
    EXPECT_EQ(Chainfs(command).code, 1);
  }
  const std::string copy = CopyOfVault();
  std::filesystem::resize_file(copy + "/data.mdb", 0);
  EXPECT_EQ(Chainfs({"log", copy}).code, 46);
  std::filesystem::remove(copy + "/data.mdb");
  EXPECT_EQ(Chainfs({"log", copy}).code, 46);
  EXPECT_EQ(Chainfs({"info", copy}).code, 0);
}

TEST_F(LogCommandTest, WorksBesideAWriterAndWithoutALockFile) {
  const std::string copy = CopyOfVault();
  auto volume = Open(copy);
  const size_t before = Log(copy).size();
  Commit(*volume, "meanwhile");
  EXPECT_EQ(Log(copy).size(), before + 1);
  ASSERT_TRUE(volume->Close());
  std::filesystem::remove(copy + "/lock.mdb");
  std::filesystem::remove(copy + "/lock");
  EXPECT_EQ(Log(copy).size(), before + 2);
}

TEST_F(LogCommandTest, WhoMayOnlyReadCanReadAVaultThatIsNotInUse) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: not root: reading as another user not tested";
  const std::string copy = CopyOfVault();
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms(0755));
  for (const auto& entry : std::filesystem::directory_iterator(copy)) {
    std::filesystem::permissions(entry.path(), std::filesystem::perms(0644));
  }
  ProgramOptions as_nobody;
  as_nobody.user = 65534;
  EXPECT_EQ(RunProgram({kChainfsProgram, "head", copy}, as_nobody).code, 54);
  std::filesystem::permissions(copy, std::filesystem::perms(0755));
  const auto read = RunProgram({kChainfsProgram, "head", copy}, as_nobody);
  EXPECT_EQ(read.code, 0) << read.err;
  auto volume = Open(copy);
  std::filesystem::permissions(copy + "/lock", std::filesystem::perms(0644));
  EXPECT_EQ(RunProgram({kChainfsProgram, "head", copy}, as_nobody).code, 47);
  ASSERT_TRUE(volume->Close());
}

TEST_F(HeadCommandTest, IsTheSignedCheckpointAndNothingElse) {
  const std::string note = OutputOf({"head", vault_});
  const std::string vkey = OutputOf({"head", vault_, "--vkey"});
  const auto key = ledger::DecodeVerifierKey(vkey.substr(0, vkey.size() - 1));
  ASSERT_TRUE(key);
  const auto checkpoint = ledger::OpenCheckpoint(note, *key);
  ASSERT_TRUE(checkpoint);
  const json head = JsonOf({"head", vault_});
  EXPECT_EQ(head["checkpoint"], note);
  EXPECT_EQ(head["size"], checkpoint->size);
  EXPECT_EQ(head["origin"], checkpoint->origin);
  EXPECT_EQ(head["vkey"].get<std::string>() + "\n", vkey);
  const auto with_key = Chainfs({"head", vault_, "--vkey"});
  EXPECT_NE(with_key.err.find("the vault's own word"), with_key.err.npos) << with_key.err;
  EXPECT_EQ(Chainfs({"head", vault_}).err, "");
}

TEST_F(HeadCommandTest, AHeadThatGenesisDidNotSignIsDamage) {
  const std::string copy = CopyOfVault();
  const std::string note = OutputOf({"head", copy});
  std::string bad = note;
  char& digit = bad[bad.find('\n') + 1];
  digit = digit == '9' ? '8' : '9';
  Replace(copy, note, bad);
  for (const char* how : {"--vkey", "--json"}) {
    const auto result = Chainfs({"head", copy, how});
    EXPECT_EQ(result.code, 46);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("not signed with the key"), result.err.npos) << result.err;
  }
}

TEST_F(HeadCommandTest, InfoShowsTheLedgerToo) {
  const json info = JsonOf({"info", vault_});
  const json head = JsonOf({"head", vault_});
  EXPECT_EQ(info["ledger"]["origin"], head["origin"]);
  EXPECT_EQ(info["ledger"]["records"], head["size"]);
  EXPECT_EQ(info["ledger"]["vkey"], head["vkey"]);
  EXPECT_GT(info["ledger"]["head_time_ns"].get<uint64_t>(), 1'700'000'000'000'000'000u);
  const std::string text = OutputOf({"info", vault_});
  EXPECT_NE(text.find(head["vkey"].get<std::string>()), text.npos) << text;
  EXPECT_NE(text.find("records        " + head["size"].dump()), text.npos) << text;
}

TEST_F(HeadCommandTest, InfoOfAVaultWithoutADatabaseStillShowsTheHeader) {
  const std::string copy = CopyOfVault();
  std::filesystem::remove(copy + "/data.mdb");
  const std::string text = OutputOf({"info", copy});
  EXPECT_NE(text.find("recovery key"), text.npos) << text;
  EXPECT_NE(text.find("LEDGER"), text.npos) << text;
  EXPECT_TRUE(JsonOf({"info", copy})["ledger"].contains("problem"));
}

// In one leaf after the other the first value is said to be 4 GiB long. Who believes it reads past
// the end of the file: SIGBUS.
TEST_F(LogCommandTest, ADatabaseThatCrashesItsReaderIsDamaged) {
  constexpr size_t kPageBytes = 4096, kHeaderBytes = 16, kFlags = 10;
  const std::string copy = CopyOfVault(), whole = ReadFile(copy + "/data.mdb");
  const std::vector<std::vector<std::string>> commands = {{"log", copy},
                                                          {"head", copy},
                                                          {"info", copy},
                                                          {"prove", copy, "--record", "50"},
                                                          {"ledger", "export", copy, ""}};
  std::map<std::string, int> crashes;
  for (size_t at = 2 * kPageBytes; at < whole.size(); at += kPageBytes) {
    if (whole.compare(at + kFlags, 2, "\2\0", 2) != 0) continue;
    const size_t node = static_cast<uint8_t>(whole[at + kHeaderBytes]) |
                        static_cast<uint8_t>(whole[at + kHeaderBytes + 1]) << 8;
    if (node <= kHeaderBytes || node + 4 > kPageBytes) continue;
    std::string damaged = whole;
    damaged.replace(at + node, 4, "\xff\xff\xff\xff");
    std::ofstream(copy + "/data.mdb", std::ios::binary) << damaged;
    for (auto command : commands) {
      if (command[0] == "ledger") command.back() = scratch_ / ("export" + std::to_string(at));
      const ProgramResult result = Chainfs(command);
      EXPECT_TRUE(result.code == 0 || result.code == 46) << result.code << ": " << result.err;
      if (result.err.find("without a crash") == std::string::npos) continue;
      EXPECT_EQ(result.code, 46);
      EXPECT_NE(result.err.find("chainfs: " + copy + ": "), std::string::npos) << result.err;
      ++crashes[command[0]];
    }
  }
  EXPECT_GT(crashes["log"], 0) << "nothing was tested";
  EXPECT_GT(crashes["prove"], 0) << "nothing was tested";
}

}  // namespace
}  // namespace chainfs::tools
