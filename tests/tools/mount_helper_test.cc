// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs under mount(8), umount(8) and fstab. The helpers are put where these look for them, in a
// mount namespace that only the test sees.
#include "tests/tools/vault_fixture.h"

namespace chainfs::tools {
namespace {

class MountHelperTest : public VaultFixture {
 protected:
  // Runs a shell script in the namespace; $VAULT, $MNT and $PASS are the fixture's.
  ProgramResult Run(const std::string& script) {
    std::string sbin = scratch_.Directory("sbin");
    ProgramOptions options;
    options.environment = {{"VAULT", vault_},
                           {"MNT", mount_point_},
                           {"PASS", passfile_},
                           {"CHAINFS", kChainfsProgram}};
    std::string prepare = std::string("set -e; mount --make-rprivate /; rm -rf " + sbin +
                                      "; mkdir " + sbin + "; cp ") +
                          kMountProgram + " " + sbin + "/mount.chainfs; ln -s mount.chainfs " +
                          sbin + "/mount.fuse.chainfs; mount --bind " + sbin + " /sbin; ";
    return RunProgram({"unshare", "-m", "sh", "-c", prepare + script}, options);
  }
};

TEST_F(MountHelperTest, MountFindsTheHelperByType) {
  ProgramResult result =
      Run("mount -t chainfs $VAULT $MNT -o passfile=$PASS,noexec,commit=7; echo hello > $MNT/file; "
          "grep ' fuse.chainfs ' /proc/self/mounts; umount $MNT; "
          "mount -t chainfs $VAULT $MNT -o passfile=$PASS; cat $MNT/file; $CHAINFS umount $MNT");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find(vault_ + " " + mount_point_ + " fuse.chainfs rw"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("noexec"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("hello"), std::string::npos) << result.out;
}

TEST_F(MountHelperTest, MountPassesOnTheExitCode) {
  ProgramResult result = Run("mount -t chainfs $VAULT $MNT -o passfile=$PASS,shiny");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("unknown option 'shiny'"), std::string::npos) << result.err;
  scratch_.File("wrong", "wrong\n");
  EXPECT_EQ(Run("mount -t chainfs $VAULT $MNT -o passfile=" + (scratch_ / "wrong")).code, 40);
}

TEST_F(MountHelperTest, FstabEntryNamesVaultAndOptions) {
  std::string fstab = scratch_.File(
      "fstab", vault_ + " " + mount_point_ +
                   " chainfs noauto,nofail,_netdev,x-test,ro,passfile=" + passfile_ + " 0 0\n");
  ProgramResult by_mount = Run("mount --bind " + fstab +
                               " /etc/fstab; mount $MNT; grep -c ' fuse.chainfs ro' "
                               "/proc/self/mounts; $CHAINFS umount $MNT");
  EXPECT_EQ(by_mount.code, 0) << by_mount.err;
  ProgramResult directly = Run("mount --bind " + fstab +
                               " /etc/fstab; /sbin/mount.chainfs $MNT; grep -c ' fuse.chainfs ro' "
                               "/proc/self/mounts; $CHAINFS umount $MNT");
  EXPECT_EQ(directly.code, 0) << directly.err;
}

TEST_F(MountHelperTest, RemountIsRefusedWithWhatToDo) {
  ProgramResult result = Run("/sbin/mount.chainfs $VAULT $MNT -o remount,ro");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("chainfs umount"), std::string::npos) << result.err;
}

TEST_F(MountHelperTest, RemountOfWhatIsMountedIsRefusedWithWhatToDo) {
  for (const std::string option : {"ro", "noexec", "uid=1000", "umask=077", "commit=1"}) {
    ProgramResult result =
        Run("mount -t chainfs $VAULT $MNT -o passfile=$PASS; code=0; "
            "mount -o remount," +
            option +
            " $MNT || code=$?; grep ' fuse.chainfs rw,relatime' "
            "/proc/self/mounts; $CHAINFS umount $MNT; exit $code");
    EXPECT_EQ(result.code, 1) << option;
    EXPECT_NE(result.err.find("chainfs umount"), std::string::npos) << result.err;
    EXPECT_NE(result.out, "") << "the mount is as it was";
  }
}

}  // namespace
}  // namespace chainfs::tools
