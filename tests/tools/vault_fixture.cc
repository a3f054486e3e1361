// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/vault_fixture.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <iterator>

#include "crypto/argon2.h"
#include "fs/store/descriptor.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"
#include "tools/common/mount_table.h"

namespace chainfs::tools {

void VaultFixture::SetUp() {
  if (!fs::store::Descriptor(open("/dev/fuse", O_RDWR | O_CLOEXEC))) {
    GTEST_SKIP() << "SKIPPED: needs /dev/fuse: NOT TESTED";
  }
  std::filesystem::create_directory(mount_point_);
  passfile_ = scratch_.File("passphrase", std::string(kPassphrase) + "\n");
  MakeVault(vault_);
}

void VaultFixture::TearDown() {
  if (!IsMounted()) return;
  ADD_FAILURE() << "the test left a mount";
  umount2(mount_point_.c_str(), MNT_DETACH);
}

void VaultFixture::MakeVault(const std::string& path) {
  auto made = fs::store::CreateVaultDirectory(path);
  ASSERT_TRUE(made) << made.error().message;
  auto recovery_key =
      fs::Volume::Create(path, crypto::SecretBytes::CopyOf(std::string_view(kPassphrase)),
                         crypto::kMinArgon2Cost, geteuid(), getegid());
  ASSERT_TRUE(recovery_key) << recovery_key.error().message;
}

ProgramResult VaultFixture::MountAt(const std::string& mount_point, const std::string& options) {
  std::string all = options.find("pass") == options.npos ? "passfile=" + passfile_ : "";
  if (!options.empty()) all += (all.empty() ? "" : ",") + options;
  return RunProgram({kMountProgram, vault_, mount_point, "-o", all});
}

ProgramResult VaultFixture::Mount(const std::string& options) {
  return MountAt(mount_point_, options);
}

void VaultFixture::MountOrFail(const std::string& options) {
  ProgramResult result = Mount(options);
  ASSERT_EQ(result.code, 0) << result.err;
  ASSERT_TRUE(IsMounted());
}

ProgramResult VaultFixture::Chainfs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kChainfsProgram);
  return RunProgram(arguments);
}

ProgramResult VaultFixture::Unmount() { return Chainfs({"umount", mount_point_}); }

bool VaultFixture::IsMounted() const {
  return FindMount(ReadMountTable(), mount_point_).has_value();
}

pid_t VaultFixture::FindGuard() const {
  const auto content = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  };
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    // It has the command line of the mount command; one that has ended has none.
    if (content(process.path() / "comm") != "chainfs-guard\n") continue;
    if (content(process.path() / "cmdline").find(mount_point_) == std::string::npos) continue;
    return std::stoi(process.path().filename());
  }
  return 0;
}

std::string VaultFixture::Read(const std::string& name) const {
  std::ifstream file(mount_point_ + "/" + name, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void VaultFixture::Write(const std::string& name, const std::string& content) const {
  std::ofstream(mount_point_ + "/" + name, std::ios::binary) << content;
}

}  // namespace chainfs::tools
