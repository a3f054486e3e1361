// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a vault with a history, for the independent reader to read:
//
//   make_vault DIRECTORY COMMITS [rolled-back]
//   make_vault DIRECTORY contents
//
// Files of many sizes, large xattrs, names; each third commit removes something, so that objects
// die and, after 64 more commits, are reaped. A vault that was rolled back lost five of the
// commits, its owner accepted that, and it went on for five others on a new branch. What happens is
// the same in every run, but for keys and times.
//
// With `contents` it has one of everything that a tree can hold, which reader_test.py knows, and is
// left as a crash would leave it: with an unlinked file. The recovery key is printed.
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

// Gives the recovery key.
std::string MakeVault(const std::string& vault) {
  OrDie(fs::store::CreateVaultDirectory(vault), "cannot make the directory");
  const auto passphrase = crypto::SecretBytes::CopyOf(kPassphrase);
  const auto key =
      OrDie(fs::Volume::Create(vault, passphrase, crypto::kMinArgon2Cost, 0, 0), "cannot make it");
  return {key.view().begin(), key.view().end()};
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

// Byte i of what is written from file offset 0 on is (7 i + seed) mod 251.
void WritePattern(fs::Volume& volume, InodeNumber inode, uint64_t from, uint64_t to,
                  unsigned seed) {
  Bytes bytes;
  for (uint64_t i = from; i < to; ++i) bytes.push_back(static_cast<uint8_t>((7 * i + seed) % 251));
  OrDie(volume.Write(inode, from, bytes), "write");
}

class Contents {
 public:
  explicit Contents(fs::Volume& volume) : volume_(volume) {}

  void Make() {
    const auto many = Keep(volume_.MakeDirectory(fs::kRootInode, "many", {0750, 7, 8, 0, 0}));
    for (unsigned n = 0; n < 300; ++n) {
      WritePattern(volume_, File(many, std::to_string(n)), 0, n, n);
    }
    MakeLarge();
    WritePattern(volume_, File(fs::kRootInode, "sparse"), 400'000, 405'000, 2);
    const auto reserved = File(fs::kRootInode, "reserved");
    OrDie(volume_.Allocate(reserved, 4096, 64 * 4096, true), "fallocate");
    WritePattern(volume_, reserved, 8192, 16384, 3);
    Keep(volume_.MakeSymlink(fs::kRootInode, "short", "many/7", {}));
    Keep(volume_.MakeSymlink(fs::kRootInode, "long", std::string(4000, 't'), {}));
    Keep(volume_.MakeNode(fs::kRootInode, "pipe", {S_IFIFO | 0600, 0, 0, 0, 0}));
    Keep(volume_.MakeNode(fs::kRootInode, "device", {S_IFCHR | 0600, 0, 0, 0, 0x12345678}));
    // It stays in use: nobody removes it.
    auto unlinked = OrDie(volume_.CreateTemporary(fs::kRootInode, {0600, 0, 0, 0, 0}), "tmpfile");
    WritePattern(volume_, unlinked.inode, 0, 100, 4);
    OrDie(volume_.Sync(), "sync");
  }

 private:
  InodeNumber Keep(Result<fs::Attributes> made) {
    const InodeNumber inode = OrDie(std::move(made), "make").inode;
    volume_.Forget(inode, 1);
    return inode;
  }
  InodeNumber File(InodeNumber directory, const std::string& name) {
    return Keep(volume_.MakeNode(directory, name, {S_IFREG | 0640, 7, 8, 0, 0}));
  }
  // Several pieces a region, and blocks of them that are not live any more.
  void MakeLarge() {
    const InodeNumber large = File(fs::kRootInode, "large");
    WritePattern(volume_, large, 0, 300'000, 1);
    for (uint64_t at = 10'000; at < 300'000; at += 60'000) {
      OrDie(volume_.Sync(), "sync");
      WritePattern(volume_, large, at, at + 5'000, 9);
    }
    Keep(volume_.Link(large, fs::kRootInode, "hard"));
    OrDie(volume_.SetXattr(large, "user.small", "value", fs::XattrMode::kAny), "setxattr");
    OrDie(volume_.SetXattr(large, "user.large", std::string(20'000, 'x'), fs::XattrMode::kAny),
          "setxattr");
  }

  fs::Volume& volume_;
};

void MakeContents(const std::string& vault) {
  const std::string data = vault + "/data.mdb", as_it_was = vault + "/copy";
  auto volume = Open(vault, "");
  Contents(*volume).Make();
  std::filesystem::copy_file(data, as_it_was);
  OrDie(volume->Close(), "close");
  std::filesystem::rename(as_it_was, data);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: make_vault DIRECTORY COMMITS|contents [rolled-back]\n");
    return 2;
  }
  const std::string vault = argv[1];
  const unsigned commits = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
  const std::string recovery_key = MakeVault(vault);
  if (std::string_view(argv[2]) == "contents") {
    MakeContents(vault);
    std::printf("%s\n", recovery_key.c_str());
    return 0;
  }
  MakeCommits(vault, 0, commits);
  if (argc == 3) return 0;
  const std::string data = vault + "/data.mdb", older = vault + "/older";
  std::filesystem::copy_file(data, older);
  const std::string newer = MakeCommits(vault, commits, 5);
  std::filesystem::rename(older, data);
  MakeCommits(vault, commits + 100, 5, newer);
}
