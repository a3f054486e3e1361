// SPDX-License-Identifier: GPL-3.0-or-later
// A vault, mounted by the real programs, once over each transport. A test fails if it leaves a
// mount or a daemon behind; it is skipped, loudly, where FUSE or io_uring cannot be had.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "fs/store/descriptor.h"
#include "tests/tools/vault_fixture.h"

namespace chainfs::mount_test {

constexpr size_t kRegionBytes = 128 << 10;

enum class Transport { kClassic, kIoUring };

class MountedVault : public tools::VaultFixture, public testing::WithParamInterface<Transport> {
 protected:
  void SetUp() override;  // makes a vault and mounts it
  void TearDown() override;

  // Mounts with `options` besides the transport. A test that changes them unmounts first.
  void MountVault(const std::string& options = "");
  // By chainfs umount: what was written is on disk, and the daemon has ended.
  void UnmountVault();
  void Remount();

  // A fatal signal to the daemon, and what happens by itself: it ends, and the mount goes away.
  void CrashDaemon(int signal);
  void KillDaemon();  // by SIGKILL
  // The same after something else has brought it down.
  void AwaitCrash();

  // Flips a bit of each of the largest objects, which are whole regions of file data: of the byte
  // 1000 of the sealed blob. How many there were. REQUIRES: not mounted.
  size_t DamageRegions(size_t most);

  // The kernel drops clean pages, so that the next read comes from the daemon, and its from the
  // disk.
  static void DropCaches();

  pid_t daemon() const { return daemon_; }

  std::string In(const std::string& name) const { return mount_point_ + "/" + name; }

  // Runs a line of shell (-eu) inside the mount, with $MNT, $SCRATCH and $HOME (both outside) set.
  // Fails the test with its output unless it ends with 0. Returns what it printed.
  std::string Shell(const std::string& line);
  // The same for tests/mount/scripts/NAME.sh.
  std::string Script(const std::string& name, const std::string& argument = "");

  // Whether all these programs are installed; if not, marks the test as skipped.
  bool Have(const std::vector<std::string>& programs);

 private:
  std::string RunShell(const std::vector<std::string>& arguments);

  pid_t daemon_ = 0;
  fs::store::Descriptor process_;
};

std::string TransportName(const testing::TestParamInfo<Transport>& info);

// Every suite over MountedVault runs on both.
#define CHAINFS_ON_BOTH_TRANSPORTS(suite)                                             \
  INSTANTIATE_TEST_SUITE_P(, suite,                                                   \
                           testing::Values(chainfs::mount_test::Transport::kClassic,  \
                                           chainfs::mount_test::Transport::kIoUring), \
                           chainfs::mount_test::TransportName)

}  // namespace chainfs::mount_test
