// SPDX-License-Identifier: GPL-3.0-or-later
// A volume's size limit, as its user meets it: mkfs, df, programs that fill it, chainfs set.
#include <sys/statvfs.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using nlohmann::json;

constexpr uint64_t kMiB = 1 << 20;

class SizeLimitTest : public MountedVault {
 protected:
  tools::ProgramResult Set(const std::string& target, const std::string& size) {
    return Chainfs({"set", target, "--max-size", size, "--passfile", passfile_});
  }
  void SetOrFail(const std::string& size) {
    const auto set = Set(mount_point_, size);
    ASSERT_EQ(set.code, 0) << set.err;
  }
  struct statvfs Df() {
    struct statvfs status {};
    EXPECT_EQ(statvfs(mount_point_.c_str(), &status), 0);
    return status;
  }
  uint64_t Total() { return uint64_t{Df().f_blocks} * Df().f_frsize; }
  uint64_t Free() { return uint64_t{Df().f_bavail} * Df().f_frsize; }
  json Json(const std::vector<std::string>& arguments) {
    return json::parse(Chainfs(arguments).out, nullptr, false);
  }
};

TEST_P(SizeLimitTest, DfShowsItAndProgramsMeetIt) {
  SetOrFail("16M");
  EXPECT_EQ(Total(), 16 * kMiB);
  EXPECT_GT(Free(), 15 * kMiB);
  // Buffered: the daemon refuses what the kernel has taken already, so fsync says it.
  Shell(
      "head -c 12M /dev/urandom > $SCRATCH/random; cp $SCRATCH/random a; sync a;"
      "! dd if=$SCRATCH/random of=b bs=1M conv=fsync 2> $SCRATCH/err;"
      "grep -q 'No space left' $SCRATCH/err; cmp $SCRATCH/random a;"
      // Straight to the daemon: write(2) itself.
      "! dd if=$SCRATCH/random of=c bs=1M oflag=direct 2> $SCRATCH/err;"
      "grep -q 'No space left' $SCRATCH/err; rm b c");
  EXPECT_LT(Free(), 4 * kMiB);
  Remount();
  // A full volume can be emptied, and filled again, at once.
  Shell(
      "cmp $SCRATCH/random a;"
      "for i in 1 2 3; do cp $SCRATCH/random b 2> $SCRATCH/err && sync b || rm -f a;"
      "rm -f a b; cp $SCRATCH/random a; sync a; cmp $SCRATCH/random a; done; rm a");
  while (Free() < 15 * kMiB) std::this_thread::yield();  // reclaimed in the background
}

TEST_P(SizeLimitTest, AProgramThatWritesOnAndOnIsStoppedAtAWrite) {
  SetOrFail("16M");
  Shell(
      "! timeout 100 dd if=/dev/zero of=f bs=64K 2> $SCRATCH/err;"
      "grep -q \"error writing 'f': No space left\" $SCRATCH/err;"
      // Told once: what looks at the file is not disturbed, and with room again writing goes on.
      "stat f; cat f > /dev/null; rm f; echo fine > g; sync g; echo more >> g; sync g");
  EXPECT_EQ(Read("g"), "fine\nmore\n");
  Shell("! timeout 100 dd if=/dev/zero of=f bs=64K 2> $SCRATCH/err; truncate -s 1M f");
  // The first fsync of anybody still tells of what was lost, as on any filesystem.
  Shell("! sync f 2> $SCRATCH/err; echo tail >> f; sync f; test $(tail -c 5 f) = tail");
}

TEST_P(SizeLimitTest, WhatWasAcceptedBeforeItWasFullIsThereAfterACrash) {
  SetOrFail("8M");
  Shell(
      "i=0; while head -c 300K /dev/urandom > f$i 2> $SCRATCH/err && sync f$i 2>> $SCRATCH/err;"
      "do cp f$i $SCRATCH/; i=$((i + 1)); done; test $i -gt 15; rm -f f$i");
  KillDaemon();
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  Shell("for f in $SCRATCH/f*; do cmp $f ${f##*/}; done");
  EXPECT_EQ(Total(), 8 * kMiB);
}

TEST_P(SizeLimitTest, ItIsChangedMountedAndUnmounted) {
  SetOrFail("16M");
  EXPECT_EQ(Json({"status", mount_point_, "--json"})["max_size"], 16 * kMiB);
  EXPECT_EQ(Json({"info", vault_, "--json"})["max_size"], 16 * kMiB);
  EXPECT_NE(Chainfs({"status", mount_point_}).out.find("of 16.0 MiB"), std::string::npos)
      << Chainfs({"status", mount_point_}).out;
  EXPECT_EQ(Set(vault_, "32MiB").code, 0) << "by the vault's path";
  EXPECT_EQ(Total(), 32 * kMiB);
  UnmountVault();
  EXPECT_FALSE(Json({"info", vault_, "--json"}).contains("max_size")) << "it is sealed";
  const auto set = Set(vault_, "24M");
  EXPECT_EQ(set.code, 0) << set.err;
  scratch_.File("wrong", "wrong\n");
  EXPECT_EQ(Chainfs({"set", vault_, "--max-size", "1G", "--passfile", scratch_ / "wrong"}).code,
            40);
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Total(), 24 * kMiB);
  SetOrFail("none");
  EXPECT_GT(Total(), 24 * kMiB);
  EXPECT_TRUE(Json({"status", mount_point_, "--json"})["max_size"].is_null());
}

TEST_P(SizeLimitTest, WhatIsNoSizeIsRefused) {
  for (const std::string size : {"", "0", "1023K", "-1", "lots", "9999999T"}) {
    const auto set = Set(mount_point_, size);
    EXPECT_EQ(set.code, 1) << size;
    EXPECT_NE(set.err.find("--max-size"), std::string::npos) << set.err;
  }
  EXPECT_EQ(Chainfs({"set", mount_point_}).code, 1);
  UnmountVault();
  MountVault("ro");
  if (IsSkipped() || HasFatalFailure()) return;
  const auto set = Set(mount_point_, "16M");
  EXPECT_NE(set.err.find("read-only"), std::string::npos) << set.err;
  EXPECT_NE(set.code, 0);
}

TEST_P(SizeLimitTest, MkfsSetsIt) {
  UnmountVault();
  const std::string vault = scratch_ / "made";
  const std::vector<std::string> mkfs = {tools::kMkfsProgram, "--passfile", passfile_,
                                         "--max-size"};
  auto arguments = mkfs;
  arguments.insert(arguments.end(), {"3K", vault});
  EXPECT_EQ(tools::RunProgram(arguments).code, 1);
  arguments = mkfs;
  arguments.insert(arguments.end(), {"1G", vault});
  const auto made = tools::RunProgram(arguments);
  ASSERT_EQ(made.code, 0) << made.err;
  vault_ = vault;
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Total(), 1024 * kMiB);
}

CHAINFS_ON_BOTH_TRANSPORTS(SizeLimitTest);

}  // namespace
}  // namespace chainfs::mount_test
