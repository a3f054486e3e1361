// SPDX-License-Identifier: GPL-3.0-or-later
// What desktops do with a mounted volume, by GLib's own code (gio) and without a desktop.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

class DesktopTest : public MountedVault {
 protected:
  void SetUp() override {
    // Neither the volume monitor nor the VFS of a session: there is no message bus.
    setenv("GIO_USE_VFS", "local", 1);
    setenv("GIO_USE_VOLUME_MONITOR", "unix", 1);
    MountedVault::SetUp();
  }
  // What GLib knows of the mount: device, place, type and options.
  std::string SeenByGio() { return Shell("gio info \"$MNT\" | grep '^unix mount: '"); }
  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }
  bool IsInUtab() const {
    std::ifstream utab("/run/mount/utab");
    return Has({std::istreambuf_iterator<char>(utab), {}}, "TARGET=" + mount_point_ + " ");
  }
};

TEST_P(DesktopTest, FilesAreCopiedMovedAndDescribed) {
  if (!Have({"gio", "setfattr"})) return;
  Script("gio_copy");
}

TEST_P(DesktopTest, FilesGoToTheVolumesOwnTrash) {
  if (!Have({"gio"})) return;
  Script("gio_trash");
}

TEST_P(DesktopTest, AnotherUserHasATrashOfHisOwn) {
  if (!Have({"gio"})) return;
  UnmountVault();
  MountVault("allow_other");
  if (IsSkipped() || HasFatalFailure()) return;
  ASSERT_EQ(chmod(scratch_.path().c_str(), 0755), 0);
  Shell("chmod 1777 .");
  const auto result = tools::RunProgram(
      {"sh", "-euc", "cd \"$MNT\"; echo x > mine; gio trash mine; cat .Trash-1234/files/mine"},
      {.input = {}, .environment = {{"MNT", mount_point_}, {"HOME", "/"}}, .user = 1234});
  EXPECT_EQ(result.out, "x\n") << result.err;
}

TEST_P(DesktopTest, AMonitorSeesWhatHappens) {
  if (!Have({"gio"})) return;
  Script("gio_monitor");
}

TEST_P(DesktopTest, ProgramsSaveInEveryWay) { Script("saving"); }

TEST_P(DesktopTest, OptionsForFileManagersReachThem) {
  if (!Have({"gio", "mount", "umount"})) return;
  EXPECT_TRUE(Has(SeenByGio(), vault_ + " " + mount_point_ + " fuse.chainfs rw")) << SeenByGio();
  UnmountVault();
  MountVault("x-gvfs-show,x-gvfs-name=My%20Vault,x-gvfs-icon=\"drive-a,drive-b\"");
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(Has(SeenByGio(), ",x-gvfs-show,x-gvfs-name=My%20Vault")) << SeenByGio();
  EXPECT_TRUE(Has(SeenByGio(), "drive-a,drive-b")) << SeenByGio();
  UnmountVault();
  EXPECT_FALSE(IsInUtab()) << "the next mount would be taken to have them";
}

TEST_P(DesktopTest, OptionsOfAMountThatDiedAreNotTheNextOnes) {
  if (!Have({"gio", "mount", "umount"})) return;
  UnmountVault();
  MountVault("x-gvfs-show");
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(Has(SeenByGio(), "x-gvfs-show"));
  KillDaemon();
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_FALSE(Has(SeenByGio(), "x-gvfs-show")) << SeenByGio();
}

CHAINFS_ON_BOTH_TRANSPORTS(DesktopTest);

}  // namespace
}  // namespace chainfs::mount_test
