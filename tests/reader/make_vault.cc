// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a vault with a history, for the independent reader to read:
//
//   make_vault DIRECTORY COMMITS [rolled-back]
//
// Files of many sizes, large xattrs, names; each third commit removes something, so that objects
// die and, after 64 more commits, are reaped. A vault that was rolled back lost five of the
// commits, its owner accepted that, and it went on for five others on a new branch. What happens is
// the same in every run, but for keys and times.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace {

using namespace chainfs;

constexpr std::string_view kPassphrase = "a test";

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

void MakeVault(const std::string& vault) {
  OrDie(fs::store::CreateVaultDirectory(vault), "cannot make the directory");
  const auto passphrase = crypto::SecretBytes::CopyOf(kPassphrase);
  OrDie(fs::Volume::Create(vault, passphrase, crypto::kMinArgon2Cost, 0, 0), "cannot make it");
}

// `newer`: the head that this vault is to go on without; empty: there is none.
std::unique_ptr<fs::Volume> Open(const std::string& vault, const std::string& newer) {
  auto copies = OrDie(fs::store::ReadHeader(vault), "cannot read the header");
  auto secrets = OrDie(crypto::UnlockHeader(copies.first, crypto::SecretBytes::CopyOf(kPassphrase)),
                       "cannot unlock");
  fs::VolumeOptions options;
  options.commit_interval_ms = 3600 * 1000;
  if (!newer.empty()) options.remembered.push_back({"the newer one", newer, 0});
  options.accept_rollback = true;
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

// Appends commits; gives the head at the end.
std::string MakeCommits(const std::string& vault, unsigned first, unsigned count,
                        const std::string& newer = "") {
  auto volume = Open(vault, newer);
  for (unsigned n = first; n < first + count; ++n) MakeCommit(*volume, n);
  const std::string head = volume->Status().checkpoint;
  OrDie(volume->Close(), "close");
  return head;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: make_vault DIRECTORY COMMITS [rolled-back]\n");
    return 2;
  }
  const std::string vault = argv[1];
  const unsigned commits = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  MakeVault(vault);
  MakeCommits(vault, 0, commits);
  if (argc == 3) return 0;
  const std::string data = vault + "/data.mdb", older = vault + "/older";
  std::filesystem::copy_file(data, older);
  const std::string newer = MakeCommits(vault, commits, 5);
  std::filesystem::rename(older, data);
  MakeCommits(vault, commits + 100, 5, newer);
}
