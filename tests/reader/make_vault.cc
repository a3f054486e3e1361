// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a vault with a history, for the independent reader to read:
//
//   make_vault DIRECTORY COMMITS
//
// Files of many sizes, large xattrs, names; each third commit removes something, so that objects
// die and, after 64 more commits, are reaped. What happens is the same in every run, but for keys
// and times.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace {

using namespace chainfs;

template <class T>
T OrDie(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "make_vault: %s: %s\n", what, result.error().message.c_str());
    std::exit(1);
  }
  return *std::move(result);
}

void OrDie(const Result<void>& result, const char* what) {
  if (result) return;
  std::fprintf(stderr, "make_vault: %s: %s\n", what, result.error().message.c_str());
  std::exit(1);
}

std::unique_ptr<fs::Volume> MakeVolume(const std::string& vault) {
  OrDie(fs::store::CreateVaultDirectory(vault), "cannot make the directory");
  const auto passphrase = crypto::SecretBytes::CopyOf(std::string_view("a test"));
  OrDie(fs::Volume::Create(vault, passphrase, crypto::kMinArgon2Cost, 0, 0), "cannot make it");
  auto copies = OrDie(fs::store::ReadHeader(vault), "cannot read the header");
  auto secrets = OrDie(crypto::UnlockHeader(copies.first, passphrase), "cannot unlock");
  fs::VolumeOptions options;
  options.commit_interval_ms = 3600 * 1000;
  return OrDie(fs::Volume::Open(vault, copies.first, std::move(secrets), options), "cannot open");
}

void MakeCommit(fs::Volume& volume, unsigned n) {
  const std::string name = "file" + std::to_string(n);
  auto made = OrDie(volume.MakeNode(fs::kRootInode, name, {S_IFREG | 0644, 0, 0, 0, 0}), "mknod");
  const Bytes content((n % 37) * (n % 11) * 150, static_cast<uint8_t>(n));
  if (!content.empty()) OrDie(volume.Write(made.inode, 0, content), "write");
  if (n % 7 == 0) {
    OrDie(
        volume.SetXattr(made.inode, "user.large", std::string(5000 + n, 'x'), fs::XattrMode::kAny),
        "setxattr");
  }
  volume.Forget(made.inode, 1);
  if (n % 3 == 2) {
    OrDie(volume.Unlink(fs::kRootInode, "file" + std::to_string(n - 2)), "unlink");
  }
  OrDie(volume.Sync(), "sync");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_vault DIRECTORY COMMITS\n");
    return 2;
  }
  auto volume = MakeVolume(argv[1]);
  const unsigned commits = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  for (unsigned n = 0; n < commits; ++n) MakeCommit(*volume, n);
  OrDie(volume->Close(), "close");
}
