// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/place.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "fs/store/descriptor.h"
#include "tests/mount/io_uring_turned_on.h"
#include "tests/tools/run_program.h"
#include "tests/tools/vault_fixture.h"

namespace chainfs::conformance {
namespace {

constexpr long kXfs = 0x58465342;

class VaultMaker : public tools::VaultFixture {
 public:
  using VaultFixture::MakeVault;
};

std::map<System, std::unique_ptr<Place>>& Places() {
  static std::map<System, std::unique_ptr<Place>> places;
  return places;
}

// While failures can still be told; a static object's end is too late for that.
class TakeDown : public testing::Environment {
  void TearDown() override { Places().clear(); }
};
[[maybe_unused]] testing::Environment* const kTakeDown =
    testing::AddGlobalTestEnvironment(new TakeDown);

}  // namespace

Place& Place::Of(System system) {
  std::unique_ptr<Place>& place = Places()[system];
  if (!place) place.reset(new Place(system));
  return *place;
}

Place::Place(System system) : system_(system) {
  chmod(scratch_.path().c_str(), 0755);
  scratch_.Directory("root");
  if (geteuid() != 0) {
    missing_ = "needs root";
  } else if (system == System::kLocal) {
    CheckLocal();
  } else if (!fs::store::Descriptor(open("/dev/fuse", O_RDWR | O_CLOEXEC))) {
    missing_ = "needs /dev/fuse";
  } else {
    MakeVault();
    Mount("");
  }
}

Place::~Place() {
  if (!mounted_) return;
  Unmount();
  const tools::ProgramResult check = tools::RunProgram(
      {tools::kFsckProgram, scratch_ / "vault", "--passfile", scratch_ / "passphrase"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
}

void Place::CheckLocal() {
  struct statfs status {};
  statfs(root_.c_str(), &status);
  for (const long type : {long{EXT4_SUPER_MAGIC}, kXfs, long{BTRFS_SUPER_MAGIC}}) {
    if (status.f_type == type) return;
  }
  missing_ = scratch_.path() +
             " is neither ext4 nor xfs nor btrfs (TMPDIR chooses): the tests are NOT PROVED RIGHT";
}

void Place::MakeVault() {
  scratch_.File("passphrase", std::string(tools::kPassphrase) + "\n");
  VaultMaker::MakeVault(scratch_ / "vault");
}

void Place::Mount(const std::string& options) {
  const bool io_uring = system_ == System::kIoUring;
  std::optional<mount_test::IoUringTurnedOn> turned_on;
  if (io_uring && !turned_on.emplace().succeeded()) {
    missing_ = "this kernel has no FUSE over io_uring: that path is NOT TESTED";
    return;
  }
  const std::string transport = io_uring ? "io_uring" : "classic";
  const tools::ProgramResult result = tools::RunProgram(
      {tools::kMountProgram, scratch_ / "vault", root_, "-o",
       "allow_other,transport=" + transport + ",passfile=" + (scratch_ / "passphrase") +
           (options.empty() ? "" : "," + options)});
  ASSERT_EQ(result.code, 0) << result.err;
  mounted_ = true;
  chmod(root_.c_str(), 0755);
  const auto status = nlohmann::json::parse(
      tools::RunProgram({tools::kChainfsProgram, "status", root_, "--json"}).out, nullptr, false);
  if (status.value("transport", "") == transport) return;
  missing_ = "no io_uring, that path is NOT TESTED: " + status.value("transport_hint", "");
}

void Place::Unmount() {
  const tools::ProgramResult result = tools::RunProgram({tools::kChainfsProgram, "umount", root_});
  EXPECT_EQ(result.code, 0) << result.err;
  if (result.code != 0) umount2(root_.c_str(), MNT_DETACH);
  mounted_ = false;
}

void Place::Remount(const std::string& options) {
  if (system_ == System::kLocal) return;
  if (mounted_) Unmount();
  Mount(options);
}

}  // namespace chainfs::conformance
