// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs scrub: the checks of chainfs-fsck on a volume that is in use.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using std::chrono::steady_clock;
using tools::ProgramResult;

constexpr char kAllOk[] =
    "PAGES OK, HISTORY OK, INTEGRITY OK, COMPLETENESS OK, FRESHNESS OK, STRUCTURE OK";

class ScrubTest : public MountedVault {
 protected:
  ProgramResult Scrub(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"scrub", mount_point_, "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return Chainfs(arguments);
  }
  // So slow that it does not end by itself.
  std::future<ProgramResult> BeginSlowScrub() {
    auto scrub = std::async(std::launch::async, [this] {
      return Chainfs({"scrub", mount_point_, "--rate", "64K"});
    });
    while (!ScrubStatus().contains("running")) std::this_thread::yield();
    return scrub;
  }
  json Status() {
    return json::parse(Chainfs({"status", mount_point_, "--json"}).out, nullptr, false);
  }
  json ScrubStatus() { return Status()["scrub"]; }
  void AwaitNoScrub() {
    while (ScrubStatus().contains("running")) std::this_thread::yield();
  }
  // So that the state of this moment is the head, and the anchor is of that.
  void SyncAndAwaitAnchor() {
    ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
    json status;
    do {
      status = Status();
    } while (status["anchor"]["records"] != status["head"].get<uint64_t>() + 1);
  }

  // The first page of every large value says that it is another one; what they hold is untouched.
  void RenumberOverflowPages() const {
    constexpr size_t kPageBytes = 4096, kFlags = 10;  // docs/format-store.md
    constexpr char kOverflow = 4;
    std::fstream file(vault_ + "/data.mdb", std::ios::in | std::ios::out | std::ios::binary);
    const uint64_t pages = std::filesystem::file_size(vault_ + "/data.mdb") / kPageBytes;
    size_t renumbered = 0;
    for (uint64_t page = 2; page < pages; ++page) {
      std::array<char, 16> header{};
      file.seekg(page * kPageBytes).read(header.data(), header.size());
      uint64_t number = 0;
      memcpy(&number, header.data(), sizeof number);
      if (number != page || header[kFlags] != kOverflow) continue;
      file.seekp(page * kPageBytes + 3).put(0x11);
      ++renumbered;
    }
    EXPECT_TRUE(file.flush());
    EXPECT_GT(renumbered, 0u);
  }

  static std::string VerdictsIn(const json& passes) {
    std::string text;
    for (const json& pass : passes) {
      text += (text.empty() ? "" : ", ") + pass["pass"].get<std::string>() + " " +
              pass["verdict"].get<std::string>();
    }
    return text;
  }
  static std::vector<json> LinesWith(const std::string& output, const char* key) {
    std::vector<json> lines;
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);) {
      json object = json::parse(line, nullptr, false);
      EXPECT_TRUE(object.is_object()) << line;
      if (object.contains(key)) lines.push_back(std::move(object));
    }
    return lines;
  }
  static std::string Verdicts(const ProgramResult& result) {
    return VerdictsIn(LinesWith(result.out, "verdict"));
  }
};

TEST_P(ScrubTest, ASoundVolumeIsSoundAndNotOlderThanItsAnchor) {
  EXPECT_EQ(ScrubStatus(), json::object());
  Write("file", std::string(3 * kRegionBytes, 'x'));
  SyncAndAwaitAnchor();
  const ProgramResult result = Scrub();
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_EQ(Verdicts(result), kAllOk) << result.out;
  EXPECT_EQ(LinesWith(result.out, "finding").size(), 0u) << result.out;
  EXPECT_EQ(result.err, "");
  const json status = Status();
  const json last = status["scrub"]["last"];
  EXPECT_EQ(last["head"], status["head"]);
  EXPECT_EQ(last["findings"], 0);
  EXPECT_EQ(last["cancelled"], false);
  EXPECT_EQ(VerdictsIn(last["passes"]), kAllOk);
  EXPECT_LT(last["began_ns"].get<uint64_t>(), last["ended_ns"].get<uint64_t>());
  EXPECT_FALSE(status["scrub"].contains("running"));

  const std::string text = Chainfs({"status", mount_point_}).out;
  EXPECT_NE(text.find("record " + status["head"].dump() + ", no findings\n"), text.npos) << text;
  EXPECT_NE(text.find(kAllOk), text.npos) << text;
}

// The same as chainfs-fsck beside the mount, finding by finding.
TEST_P(ScrubTest, FindsDamageByPathAndBytes) {
  ASSERT_TRUE(std::filesystem::create_directory(In("dir")));
  Write("dir/file", std::string(2 * kRegionBytes, 'x'));
  UnmountVault();
  ASSERT_EQ(DamageRegions(1), 1u);
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  SyncAndAwaitAnchor();
  const ProgramResult result = Scrub();
  EXPECT_EQ(result.code, 4) << result.out << result.err;
  EXPECT_EQ(Verdicts(result),
            "PAGES OK, HISTORY OK, INTEGRITY FAILED, COMPLETENESS OK, FRESHNESS OK, "
            "STRUCTURE FAILED");
  const auto findings = LinesWith(result.out, "finding");
  ASSERT_EQ(findings.size(), 2u) << result.out;
  EXPECT_EQ(findings[0]["finding"]["kind"], "digest-mismatch");
  EXPECT_EQ(findings[1]["finding"]["kind"], "unreadable-data");
  EXPECT_EQ(findings[1]["finding"]["path"], "/dir/file");
  EXPECT_EQ(findings[1]["finding"]["bytes"], json({0, 4096}));
  EXPECT_EQ(ScrubStatus()["last"]["findings"], 2);

  const ProgramResult fsck =
      tools::RunProgram({tools::kFsckProgram, "--json", vault_, "--passfile", passfile_});
  EXPECT_EQ(fsck.code, 4) << fsck.err;
  EXPECT_EQ(LinesWith(fsck.out, "finding"), findings);
  const ProgramResult text = Chainfs({"scrub", mount_point_});
  EXPECT_EQ(text.code, 4);
  EXPECT_NE(text.out.find("damage: unreadable-data: /dir/file, bytes 0 to 4095: "), text.out.npos)
      << text.out;
  EXPECT_NE(text.out.find("\nSTRUCTURE     FAILED       1 finding\n"), text.out.npos) << text.out;
  EXPECT_EQ(text.err, "");
}

// What only the walk of the pages can see: LMDB goes by a page's place, not by its number.
TEST_P(ScrubTest, FindsAPageWithAnotherNumber) {
  Write("file", std::string(kRegionBytes, 'x'));
  UnmountVault();
  RenumberOverflowPages();
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  const ProgramResult result = Scrub();
  EXPECT_EQ(result.code, 4) << result.out << result.err;
  EXPECT_EQ(Verdicts(result),
            "PAGES FAILED, HISTORY OK, INTEGRITY OK, COMPLETENESS OK, FRESHNESS OK, STRUCTURE OK");
  const auto findings = LinesWith(result.out, "finding");
  ASSERT_GE(findings.size(), 1u) << result.out;
  EXPECT_EQ(findings[0]["finding"]["pass"], "PAGES");
  EXPECT_EQ(findings[0]["finding"]["kind"], "bad-page");
  EXPECT_EQ(ScrubStatus()["last"]["findings"], findings.size());
  EXPECT_EQ(ScrubStatus()["last"]["damage"], findings.size());
  EXPECT_EQ(ScrubStatus()["last"]["passes"][0]["verdict"], "FAILED");
}

// Who may talk to the daemon need not be able to read the vault.
TEST_P(ScrubTest, SaysThatItCannotReadThePages) {
  const std::string database = vault_ + "/data.mdb", elsewhere = database + ".elsewhere";
  std::filesystem::rename(database, elsewhere);
  const ProgramResult result = Scrub();
  std::filesystem::rename(elsewhere, database);
  EXPECT_NE(Verdicts(result).find("PAGES NOT CHECKED, HISTORY "), std::string::npos) << result.out;
}

TEST_P(ScrubTest, FindsNothingWhileProgramsWrite) {
  Write("big", std::string(4 << 20, 'b'));
  SyncAndAwaitAnchor();
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> written = 0;
  std::thread writer([&] {
    for (uint64_t i = 0; !stop; ++i) {
      const std::string path = In("w" + std::to_string(i % 9));
      const fs::store::Descriptor file(
          open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      const std::string data(1 + i * 7919 % 200000, static_cast<char>('a' + i % 26));
      EXPECT_EQ(pwrite(file.get(), data.data(), data.size(), 0), ssize_t(data.size()));
      if (i % 4 == 0) {
        EXPECT_EQ(fsync(file.get()), 0);
      }
      std::string back(data.size(), '\0');
      EXPECT_EQ(pread(file.get(), back.data(), back.size(), 0), ssize_t(back.size()));
      EXPECT_EQ(back, data);
      if (i % 3 == 0) {
        EXPECT_EQ(unlink(path.c_str()), 0);
      }
      ++written;
    }
  });
  for (const char* rate : {"8M", "0", "4M", "0", "0"}) {
    const uint64_t before = written;
    const ProgramResult result = Scrub({"--rate", rate});
    EXPECT_EQ(result.code, 0) << result.out << result.err;
    EXPECT_EQ(Verdicts(result), kAllOk) << result.out;
    EXPECT_EQ(LinesWith(result.out, "finding").size(), 0u) << result.out;
    EXPECT_GT(written, before) << "nothing was written meanwhile";
  }
  stop = true;
  writer.join();
}

TEST_P(ScrubTest, KeepsToItsRate) {
  Write("big", std::string(8 << 20, 'b'));
  SyncAndAwaitAnchor();
  const auto seconds_of = [&](const char* rate) {
    const auto begin = steady_clock::now();
    EXPECT_EQ(Scrub({"--rate", rate}).code, 0);
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
  };
  const double limited = seconds_of("8M");  // everything is read for INTEGRITY, and for STRUCTURE
  EXPECT_GT(limited, 1.9);
  EXPECT_LT(limited, 10);
  EXPECT_LT(seconds_of("0"), 1.9);
}

TEST_P(ScrubTest, EndsWhenItsUserInterruptsIt) {
  Write("file", std::string(1 << 20, 'x'));
  SyncAndAwaitAnchor();
  const std::string script =
      "\"$0\" scrub \"$1\" --rate 64K & p=$!\n"
      "until \"$0\" status \"$1\" --json | grep -q '\"running\"'; do :; done\n"
      "kill -$2 $p\n"
      "wait $p || echo code $?\n";
  for (const char* signal : {"INT", "TERM", "KILL"}) {
    const auto begin = steady_clock::now();
    const ProgramResult result =
        tools::RunProgram({"sh", "-c", script, tools::kChainfsProgram, mount_point_, signal});
    AwaitNoScrub();
    EXPECT_LT(steady_clock::now() - begin, seconds(8));
    if (signal == std::string("KILL")) {
      EXPECT_EQ(result.out, "code 137\n");
    } else {
      EXPECT_NE(result.out.find("STRUCTURE     NOT CHECKED  cancelled\ncode 32\n"), result.out.npos)
          << result.out;
    }
    EXPECT_EQ(ScrubStatus()["last"]["cancelled"], true);
  }
  EXPECT_EQ(Verdicts(Scrub()), kAllOk);
}

TEST_P(ScrubTest, HoldsUpNoUnmount) {
  Write("file", std::string(1 << 20, 'x'));
  SyncAndAwaitAnchor();
  auto scrub = BeginSlowScrub();
  const auto begin = steady_clock::now();
  UnmountVault();
  EXPECT_LT(steady_clock::now() - begin, seconds(3));
  const ProgramResult result = scrub.get();
  EXPECT_EQ(result.code, 32) << result.err;
  EXPECT_NE(result.out.find("the scrub was stopped: the volume is being closed"), result.out.npos)
      << result.out;
  EXPECT_EQ(Chainfs({"scrub", mount_point_}).code, 8);
}

TEST_P(ScrubTest, ThereIsOneAtATime) {
  Write("file", std::string(1 << 20, 'x'));
  SyncAndAwaitAnchor();
  auto scrub = BeginSlowScrub();
  const ProgramResult second = Scrub();
  EXPECT_EQ(second.code, 8);
  EXPECT_NE(second.err.find("a scrub is running already"), second.err.npos) << second.err;
  const std::string text = Chainfs({"status", mount_point_}).out;
  EXPECT_NE(text.find("running: "), text.npos) << text;
  EXPECT_EQ(text.find("last scrub"), text.npos) << text;
  UnmountVault();
  EXPECT_EQ(scrub.get().code, 32);
}

TEST_P(ScrubTest, AReadOnlyMountCanBeScrubbed) {
  Write("file", "content");
  SyncAndAwaitAnchor();
  UnmountVault();
  MountVault("ro");
  if (IsSkipped() || HasFatalFailure()) return;
  const ProgramResult result = Scrub();
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_EQ(Verdicts(result), kAllOk) << result.out;
}

TEST_P(ScrubTest, ExplainsMistakes) {
  EXPECT_EQ(Chainfs({"scrub"}).code, 16);
  EXPECT_EQ(Chainfs({"scrub", mount_point_, "--dance"}).code, 16);
  const ProgramResult rate = Chainfs({"scrub", mount_point_, "--rate", "fast"});
  EXPECT_EQ(rate.code, 16);
  EXPECT_NE(rate.err.find("'fast' is no size"), rate.err.npos) << rate.err;
  EXPECT_EQ(Chainfs({"scrub", vault_}).code, 8);
}

CHAINFS_ON_BOTH_TRANSPORTS(ScrubTest);

}  // namespace
}  // namespace chainfs::mount_test
