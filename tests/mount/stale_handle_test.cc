// SPDX-License-Identifier: GPL-3.0-or-later
// A crash takes back what was not committed, and with it the numbers of inodes. A handle to one of
// those (an NFS client's, say) must not open the file that has its number now.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

class StaleHandleTest : public MountedVault {
 protected:
  struct Handle {
    alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + MAX_HANDLE_SZ> bytes{};
    file_handle* get() { return reinterpret_cast<file_handle*>(bytes.data()); }
  };
  Handle HandleOf(const std::string& name) {
    Handle handle;
    handle.get()->handle_bytes = MAX_HANDLE_SZ;
    int mount = 0;
    EXPECT_EQ(name_to_handle_at(AT_FDCWD, In(name).c_str(), handle.get(), &mount, 0), 0);
    return handle;
  }
  Descriptor OpenByHandle(Handle& handle) {
    const Descriptor top(open(mount_point_.c_str(), O_RDONLY | O_CLOEXEC));
    return Descriptor(open_by_handle_at(top.get(), handle.get(), O_RDONLY | O_CLOEXEC));
  }
  ino_t Inode(const std::string& name) {
    struct stat status {};
    EXPECT_EQ(lstat(In(name).c_str(), &status), 0) << name;
    return status.st_ino;
  }
};

TEST_P(StaleHandleTest, ANumberThatACrashTookBackDoesNotOpenAnotherFile) {
  UnmountVault();
  MountVault("commit=3600");
  if (IsSkipped() || HasFatalFailure()) return;
  Write("kept", "kept");
  EXPECT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  Write("lost", "lost");
  Handle of_kept = HandleOf("kept"), of_lost = HandleOf("lost");
  const ino_t number = Inode("lost");
  KillDaemon();
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  ASSERT_NE(access(In("lost").c_str(), F_OK), 0);
  Write("new", "new");
  ASSERT_EQ(Inode("new"), number) << "else there is nothing to be seen here";
  EXPECT_FALSE(OpenByHandle(of_lost));
  EXPECT_EQ(errno, ESTALE);
  EXPECT_TRUE(OpenByHandle(of_kept));
  Remount();
  EXPECT_FALSE(OpenByHandle(of_lost)) << "nor without the kernel's memory of it";
  EXPECT_EQ(errno, ESTALE);
  EXPECT_TRUE(OpenByHandle(of_kept));
}

CHAINFS_ON_BOTH_TRANSPORTS(StaleHandleTest);

}  // namespace
}  // namespace chainfs::mount_test
