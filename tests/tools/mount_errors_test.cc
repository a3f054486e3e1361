// SPDX-License-Identifier: GPL-3.0-or-later
// Every situation in which mounting fails: its own message, its own exit code, nothing mounted.
#include <sys/mount.h>
#include <unistd.h>

#include "tests/tools/vault_fixture.h"

namespace chainfs::tools {
namespace {

class MountErrorsTest : public VaultFixture {
 protected:
  void ExpectFailure(const ProgramResult& result, int code, const std::string& words) {
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_TRUE(result.err.starts_with("mount.chainfs: ")) << result.err;
    EXPECT_FALSE(IsMounted());
  }
  // Overwrites 32 bytes in the middle of a file.
  void Damage(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    file << std::string(32, '\xa5');
    ASSERT_TRUE(file.good());
  }
  // Runs the mount in a mount namespace of its own, after `preparation` (shell).
  ProgramResult MountAfter(const std::string& preparation) {
    return RunProgram({"unshare", "-m", "sh", "-c", preparation + " && exec \"$@\"", "sh",
                       kMountProgram, vault_, mount_point_, "-o", "passfile=" + passfile_});
  }
};

TEST_F(MountErrorsTest, WrongPassphrase) {
  std::string wrong = scratch_.File("wrong", "open barley\n");
  ExpectFailure(Mount("passfile=" + wrong), 40, "wrong passphrase");
}

TEST_F(MountErrorsTest, NoPassphrase) {
  ExpectFailure(Mount("passfile=" + scratch_.File("empty", "")), 41, "the passphrase is empty");
  ExpectFailure(Mount("passfile=" + (scratch_ / "none")), 41, "cannot read the passphrase file");
  ExpectFailure(Mount("passcmd=exit 3"), 41, "failed with exit code 3");
}

TEST_F(MountErrorsTest, VaultMissing) {
  std::filesystem::remove_all(vault_);
  ExpectFailure(Mount(), 42, "no such vault");
}

TEST_F(MountErrorsTest, DirectoryThatIsNoVault) {
  std::filesystem::remove_all(vault_);
  scratch_.Directory("vault/holiday pictures");
  ExpectFailure(Mount(), 43, "no chainfs vault");
}

TEST_F(MountErrorsTest, FileThatIsNoVault) {
  std::filesystem::remove_all(vault_);
  scratch_.File("vault", "text");
  ExpectFailure(Mount(), 43, "no chainfs vault");
}

TEST_F(MountErrorsTest, DamagedHeader) {
  Damage(vault_ + "/header.0");
  Damage(vault_ + "/header.1");
  ProgramResult result = Mount();
  // Damage within a slot can only look like a wrong passphrase if nothing else tells of it.
  ExpectFailure(result, 45, "header is damaged");
}

TEST_F(MountErrorsTest, TruncatedHeader) {
  std::filesystem::resize_file(vault_ + "/header.0", 10);
  std::filesystem::resize_file(vault_ + "/header.1", 0);
  ProgramResult result = Mount();
  EXPECT_TRUE(result.code == 45 || result.code == 43) << result.code << result.err;
  EXPECT_FALSE(IsMounted());
}

TEST_F(MountErrorsTest, OneDamagedHeaderCopyIsMendedFromTheOther) {
  std::string whole = RunProgram({"sha256sum", "--tag", vault_ + "/header.1"}).out;
  Damage(vault_ + "/header.0");
  MountOrFail();
  EXPECT_EQ(Unmount().code, 0);
  EXPECT_EQ(RunProgram({"cmp", vault_ + "/header.0", vault_ + "/header.1"}).code, 0);
  EXPECT_EQ(RunProgram({"sha256sum", "--tag", vault_ + "/header.1"}).out, whole);
}

// One that the same passphrase opens; the copy that a mount would take is the foreign one.
TEST_F(MountErrorsTest, AHeaderCopyOfAnotherVaultIsMendedFromTheRightOne) {
  const auto sum = [&] { return RunProgram({"sha256sum", "--tag", vault_ + "/header.0"}).out; };
  const std::string whole = sum();
  MakeVault(scratch_ / "another");
  std::filesystem::copy_file((scratch_ / "another") + "/header.0", vault_ + "/header.0",
                             std::filesystem::copy_options::overwrite_existing);
  const ProgramResult mounted = Mount();
  EXPECT_EQ(mounted.code, 0) << mounted.err;
  EXPECT_NE(mounted.err.find("one of the two copies of the header is of another volume"),
            std::string::npos)
      << mounted.err;
  EXPECT_EQ(Unmount().code, 0);
  EXPECT_EQ(RunProgram({"cmp", vault_ + "/header.0", vault_ + "/header.1"}).code, 0);
  EXPECT_EQ(sum(), whole);
}

TEST_F(MountErrorsTest, DatabaseMissing) {
  std::filesystem::remove(vault_ + "/data.mdb");
  ExpectFailure(Mount(), 46, "damaged");
}

TEST_F(MountErrorsTest, DatabaseThatBringsTheDaemonDown) {
  MountOrFail();
  for (int i = 0; i < 20; ++i) {
    Write("f" + std::to_string(i), std::string(2000, 'x'));
    ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  }
  ASSERT_EQ(Unmount().code, 0);
  // One page's header is wrong: it says that it holds more entries than fit into it, or that it is
  // of the other kind. LMDB does not survive some of these.
  constexpr size_t kPageBytes = 4096, kFlags = 10, kLower = 12;
  std::string whole(std::filesystem::file_size(vault_ + "/data.mdb"), '\0');
  std::ifstream(vault_ + "/data.mdb", std::ios::binary).read(whole.data(), ssize_t(whole.size()));
  int brought_down = 0;
  for (size_t at = 2 * kPageBytes; at < whole.size(); at += kPageBytes) {
    if (whole.compare(at + kFlags, 2, "\2\0", 2) != 0) continue;
    for (const bool kind : {false, true}) {
      std::string damaged = whole;
      damaged.replace(at + (kind ? kFlags : kLower), 2, kind ? "\1\0" : "\xff\xff", 2);
      std::ofstream(vault_ + "/data.mdb", std::ios::binary) << damaged;
      const ProgramResult result = Mount();
      if (result.code == 0) {
        EXPECT_TRUE(IsMounted());
        Unmount();  // which may bring it down, too
        continue;
      }
      const bool down = result.err.find("was brought down: signal=SIG") != std::string::npos;
      EXPECT_EQ(result.code, down ? 4 : 46) << result.err;
      EXPECT_NE(result.err.find("chainfs-fsck"), std::string::npos) << result.err;
      EXPECT_FALSE(IsMounted());
      brought_down += down ? 1 : 0;
    }
  }
  EXPECT_GT(brought_down, 0) << "no page brought it down: nothing was tested";
}

TEST_F(MountErrorsTest, MountPointMissing) {
  ExpectFailure(MountAt(scratch_ / "nowhere"), 50, "No such file or directory");
  ExpectFailure(MountAt(passfile_), 50, "no directory");
}

TEST_F(MountErrorsTest, MountPointBusy) {
  MountOrFail();
  std::string other = vault_ + "2";
  MakeVault(other);
  ProgramResult result =
      RunProgram({kMountProgram, other, mount_point_, "-o", "passfile=" + passfile_});
  EXPECT_EQ(result.code, 51) << result.err;
  EXPECT_NE(result.err.find("mounted here already"), std::string::npos) << result.err;
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountErrorsTest, MountPointInTheVault) {
  ExpectFailure(MountAt(scratch_.Directory("vault/mnt")), 51, "must not lie in the vault");
}

TEST_F(MountErrorsTest, MountPointNotEmpty) {
  scratch_.File("mnt/file", "x");
  ExpectFailure(Mount(), 52, "not empty");
  MountOrFail("nonempty");
  EXPECT_EQ(Read("file"), "");
  EXPECT_EQ(Unmount().code, 0);
  EXPECT_EQ(Read("file"), "x");
}

TEST_F(MountErrorsTest, NoFuseDevice) {
  ExpectFailure(MountAfter("mount -t tmpfs none /dev"), 53, "/dev/fuse");
}

TEST_F(MountErrorsTest, NoPermission) {
  std::filesystem::permissions(scratch_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(mount_point_, std::filesystem::perms(0777));
  ProgramOptions as_nobody;
  as_nobody.user = 65534;
  as_nobody.input = "open sesame\n";
  ExpectFailure(RunProgram({kMountProgram, vault_, mount_point_}, as_nobody), 54, "ermission");
}

TEST_F(MountErrorsTest, UnknownOption) {
  ExpectFailure(Mount("shiny"), 1, "unknown option 'shiny'");
  ExpectFailure(Mount("commit=never"), 1, "'commit' needs a value");
  ExpectFailure(RunProgram({kMountProgram, "--shiny", vault_, mount_point_}), 1, "'--shiny'");
  ExpectFailure(RunProgram({kMountProgram}), 1, "no mount point");
}

TEST_F(MountErrorsTest, VaultAlreadyMounted) {
  MountOrFail();
  std::string second = scratch_.Directory("second");
  ProgramResult result = MountAt(second);
  EXPECT_EQ(result.code, 47) << result.err;
  EXPECT_NE(result.err.find("mount.chainfs (pid "), std::string::npos) << result.err;
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountErrorsTest, NoSpaceOnTheVaultsFilesystem) {
  std::string disk = scratch_.Directory("disk");
  ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=64m"), 0);
  std::filesystem::copy(vault_, disk + "/vault", std::filesystem::copy_options::recursive);
  std::ofstream filler(disk + "/filler");
  while (filler << std::string(4096, 'x') && filler.flush()) {
  }
  filler.close();
  ProgramResult result =
      RunProgram({kMountProgram, disk + "/vault", mount_point_, "-o", "passfile=" + passfile_});
  if (IsMounted()) {
    // Mounting itself needs no room; then writing must say so, and reading must work.
    std::ofstream file(mount_point_ + "/file");
    bool written = true;
    for (int i = 0; i < 100000 && written; ++i) written = bool(file << std::string(4096, 'y'));
    file.close();
    EXPECT_FALSE(written && file.good());
    Unmount();
  } else {
    EXPECT_EQ(result.code, 55) << result.err;
  }
  umount2(disk.c_str(), MNT_DETACH);
}

TEST_F(MountErrorsTest, LogFileThatCannotBeWritten) {
  ExpectFailure(Mount("log=" + (scratch_ / "no/such/log")), 2, "cannot write the log file");
}

TEST_F(MountErrorsTest, NoDefaultVault) {
  ProgramOptions options;
  options.environment = {{"CHAINFS_VAULT", scratch_ / "not here"}};
  ExpectFailure(RunProgram({kMountProgram, mount_point_}, options), 42, "no such vault");
}

}  // namespace
}  // namespace chainfs::tools
