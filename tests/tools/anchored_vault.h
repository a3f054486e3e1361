// SPDX-License-Identifier: GPL-3.0-or-later
// A vault, its anchors in a directory of the test's own, and what a thief would do to both.
#pragma once

#include <nlohmann/json.hpp>

#include "fs/anchor/anchor_codec.h"
#include "fs/anchor/checkpoint_head.h"
#include "tests/tools/vault_fixture.h"

namespace chainfs::tools {

class AnchoredVault : public VaultFixture {
 protected:
  // Arguments of mount.chainfs behind vault and mount point; the passphrase comes from the file.
  ProgramResult MountWith(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {kMountProgram, vault_, mount_point_});
    arguments.insert(arguments.end(), {"-o", "passfile=" + passfile_});
    return Run(arguments, input);
  }
  ProgramResult Run(const std::vector<std::string>& arguments, const std::string& input = "") {
    return RunProgram(arguments,
                      {.input = input, .environment = {{"CHAINFS_ANCHORS", anchors_}}, .user = {}});
  }
  // A mount that must work, one change, and the unmount.
  void WriteOnce(const std::string& name, const std::vector<std::string>& arguments = {}) {
    const ProgramResult mounted = MountWith(arguments);
    ASSERT_EQ(mounted.code, 0) << mounted.err;
    Write(name, "content of " + name);
    EXPECT_EQ(Unmount().code, 0);
  }
  void MountAndUnmount(const std::vector<std::string>& arguments = {}) {
    const ProgramResult mounted = MountWith(arguments);
    ASSERT_EQ(mounted.code, 0) << mounted.err;
    EXPECT_EQ(Unmount().code, 0);
  }
  void ExpectRefusal(const ProgramResult& result, int code, const std::string& words) {
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_FALSE(IsMounted());
    if (IsMounted()) Unmount();
  }

  void CopyVault(const std::string& name) {
    std::filesystem::remove_all(scratch_ / name);
    std::filesystem::copy(vault_, scratch_ / name, std::filesystem::copy_options::recursive);
  }
  void PutBack(const std::string& name) {
    std::filesystem::remove_all(vault_);
    std::filesystem::copy(scratch_ / name, vault_, std::filesystem::copy_options::recursive);
  }

  // The one anchor that is kept.
  std::string AnchorFile() const {
    std::string file;
    for (const auto& entry : std::filesystem::directory_iterator(anchors_)) {
      if (entry.path().extension() == ".anchor") file = entry.path();
    }
    return file;
  }
  static std::string TextOf(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  }
  fs::anchor::Anchor KeptAnchor() const {
    auto anchor = fs::anchor::DecodeAnchor(TextOf(AnchorFile()));
    EXPECT_TRUE(anchor) << AnchorFile();
    return anchor ? *anchor : fs::anchor::Anchor();
  }
  fs::anchor::CheckpointHead KeptHead() const {
    return fs::anchor::HeadOf(KeptAnchor().note).value_or(fs::anchor::CheckpointHead());
  }
  nlohmann::json Status() {
    return nlohmann::json::parse(Chainfs({"status", mount_point_, "--json"}).out, nullptr, false);
  }

  std::string anchors_ = scratch_ / "anchors";
};

}  // namespace chainfs::tools
