// SPDX-License-Identifier: GPL-3.0-or-later
// A Volume in a temporary vault, that can be closed and opened again.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>

#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace chainfs::fs {

// What a test keeps of a vault: where it is and what opens it.
class TestVault {
 public:
  // In memory, a vault with hundreds of commits is made in no time; what is durable is not tested
  // there.
  enum class Where { kDisk, kMemory };
  explicit TestVault(Where where = Where::kDisk) : where_(where) {
    MakeDirectory();
    const auto passphrase = crypto::SecretBytes::CopyOf("a test");
    auto created = Volume::Create(directory_, passphrase, crypto::kMinArgon2Cost, 1000, 1000);
    EXPECT_TRUE(created) << (created ? "" : created.error().message);
    auto copies = store::ReadHeader(directory_);
    EXPECT_TRUE(copies);
    header_ = std::move(copies->first);
    auto secrets = crypto::UnlockHeader(header_, passphrase);
    EXPECT_TRUE(secrets);
    secrets_ = std::move(*secrets);
  }
  TestVault(const TestVault&) = delete;
  TestVault& operator=(const TestVault&) = delete;
  ~TestVault() { std::filesystem::remove_all(directory_); }

  // What a crash at this moment would leave: of an open volume, what its commits have put there.
  std::unique_ptr<TestVault> CopyAsAfterACrash() const {
    std::unique_ptr<TestVault> copy(new TestVault(*this, 0));
    // By a child: closing a file that LMDB has open here would drop LMDB's locks.
    const std::string command = "cp -r " + directory_ + "/. " + copy->directory_;
    EXPECT_EQ(0, std::system(command.c_str()));
    return copy;
  }

  std::unique_ptr<Volume> Open(const VolumeOptions& options) {
    auto volume = Volume::Open(directory_, header_, secrets(), options);
    EXPECT_TRUE(volume) << (volume ? "" : volume.error().message);
    return volume ? std::move(*volume) : nullptr;
  }

  const std::string& directory() const { return directory_; }
  const Bytes& header() const { return header_; }
  crypto::VolumeSecrets secrets() const {
    return {secrets_.volume_key.Clone(), secrets_.signing_seed.Clone()};
  }

 private:
  TestVault(const TestVault& other, int)
      : where_(other.where_), header_(other.header_), secrets_(other.secrets()) {
    MakeDirectory();
  }
  void MakeDirectory() {
    const bool memory = where_ == Where::kMemory && std::filesystem::is_directory("/dev/shm");
    directory_ = memory ? "/dev/shm/chainfs-test.XXXXXX" : "/tmp/chainfs-test.XXXXXX";
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
  }

  const Where where_;
  std::string directory_;
  Bytes header_;
  crypto::VolumeSecrets secrets_;
};

class VolumeTest : public ::testing::Test {
 protected:
  VolumeTest() {
    options_.dirty_limit_bytes = 16 << 20;
    options_.cache_bytes = 32 << 20;
  }

  void SetUp() override { Open(); }
  void TearDown() override { Close(); }
  void Open() {
    volume_ = vault_.Open(options_);
    ASSERT_NE(volume_, nullptr);
  }
  void Close() {
    if (!volume_) return;
    const auto closed = volume_->Close();
    EXPECT_TRUE(closed);
    volume_.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  TestVault vault_;
  VolumeOptions options_;
  std::unique_ptr<Volume> volume_;
};

}  // namespace chainfs::fs
