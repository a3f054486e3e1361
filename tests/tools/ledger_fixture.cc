// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/ledger_fixture.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "fs/store/vault_directory.h"
#include "tests/tools/vault_fixture.h"

namespace chainfs::tools {

std::unique_ptr<ScratchDirectory> LedgerFixture::suite_;
std::string LedgerFixture::vault_;

void LedgerFixture::SetUpTestSuite() {
  suite_ = std::make_unique<ScratchDirectory>();
  vault_ = *suite_ / "vault";
  ASSERT_TRUE(fs::store::CreateVaultDirectory(vault_));
  ASSERT_TRUE(fs::Volume::Create(vault_, crypto::SecretBytes::CopyOf(std::string_view(kPassphrase)),
                                 crypto::kMinArgon2Cost, 0, 0));
  auto volume = Open(vault_);
  ASSERT_NE(volume, nullptr);
  for (int n = 0; n < 110; ++n) {
    Commit(*volume, "file" + std::to_string(n));
    if (n % 3 == 2) {
      ASSERT_TRUE(volume->Unlink(fs::kRootInode, "file" + std::to_string(n - 1)));
    }
  }
  ASSERT_TRUE(volume->Close());
}

void LedgerFixture::TearDownTestSuite() { suite_.reset(); }

ProgramResult LedgerFixture::Chainfs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kChainfsProgram);
  return RunProgram(arguments);
}

std::string LedgerFixture::OutputOf(std::vector<std::string> arguments) {
  ProgramResult result = Chainfs(std::move(arguments));
  EXPECT_EQ(result.code, 0) << result.err;
  return result.out;
}

nlohmann::json LedgerFixture::JsonOf(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  return nlohmann::json::parse(OutputOf(std::move(arguments)), nullptr, false);
}

std::unique_ptr<fs::Volume> LedgerFixture::Open(const std::string& vault,
                                                const std::string& remembered) {
  auto copies = fs::store::ReadHeader(vault);
  auto secrets = crypto::UnlockHeader(copies->first,
                                      crypto::SecretBytes::CopyOf(std::string_view(kPassphrase)));
  fs::VolumeOptions options;
  options.commit_interval_ms = 3600 * 1000;
  if (!remembered.empty()) {
    options.remembered.push_back({"a test", remembered, 0});
    options.accept_rollback = true;
  }
  auto volume = fs::Volume::Open(vault, copies->first, *std::move(secrets), options);
  EXPECT_TRUE(volume) << (volume ? "" : volume.error().message);
  return volume ? *std::move(volume) : nullptr;
}

void LedgerFixture::Commit(fs::Volume& volume, const std::string& name) {
  auto made = volume.MakeNode(fs::kRootInode, name, {S_IFREG | 0644, 0, 0, 0, 0});
  ASSERT_TRUE(made);
  ASSERT_TRUE(volume.Write(made->inode, 0, Bytes(6000, 'c')));
  volume.Forget(made->inode, 1);
  ASSERT_TRUE(volume.Sync());
}

std::string LedgerFixture::CopyOfVault(const std::string& name) const {
  const std::string copy = scratch_ / name;
  std::filesystem::copy(vault_, copy, std::filesystem::copy_options::recursive);
  return copy;
}

void LedgerFixture::Replace(const std::string& vault, const std::string& from,
                            const std::string& to) {
  std::string content = ReadFile(vault + "/data.mdb");
  ASSERT_EQ(from.size(), to.size());
  ASSERT_NE(content.find(from), content.npos);
  for (size_t at = 0; (at = content.find(from, at)) != content.npos; at += to.size()) {
    content.replace(at, to.size(), to);
  }
  std::ofstream(vault + "/data.mdb", std::ios::binary) << content;
}

std::string LedgerFixture::ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

}  // namespace chainfs::tools
