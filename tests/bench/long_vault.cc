// SPDX-License-Identifier: GPL-3.0-or-later
// A vault that can be mounted, with a long ledger: how long does opening it take?
//
//   long_vault make VAULT RECORDS   makes it (passphrase "bench"), or appends to it up to so many
//   long_vault open VAULT           opens it read-only ten times; prints the milliseconds of each
// Each record is a commit that rewrote one small file of a hundred. Millions of them take long with
// fsync: make them under eatmydata(1).
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "fs/clock.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace chainfs::fs {
namespace {

constexpr int kFiles = 100;

template <class T>
T Must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
  std::exit(1);
}
void Must(const Result<void>& result, const char* what) {
  if (result) return;
  std::fprintf(stderr, "%s: %s\n", what, result.error().message.c_str());
  std::exit(1);
}

const crypto::SecretBytes& Passphrase() {
  static const crypto::SecretBytes passphrase = crypto::SecretBytes::CopyOf(AsBytes("bench"));
  return passphrase;
}

void Create(const std::string& vault) {
  Must(store::CreateVaultDirectory(vault), "vault");
  Must(Volume::Create(vault, Passphrase(), {8192, 1, 1}, 0, 0), "volume");
}

Bytes HeaderOf(const std::string& vault) { return Must(store::ReadHeader(vault), "header").first; }

void Append(const std::string& vault, uint64_t records) {
  const Bytes header = HeaderOf(vault);
  const auto volume = Must(
      Volume::Open(vault, header, Must(crypto::UnlockHeader(header, Passphrase()), "unlock"), {}),
      "open");
  std::vector<InodeNumber> files;
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = "file" + std::to_string(i);
    auto file = volume->Lookup(kRootInode, name);
    if (!file) file = volume->MakeNode(kRootInode, name, {.mode = S_IFREG | 0600});
    files.push_back(Must(std::move(file), "file").inode);
  }
  for (uint64_t next = volume->Status().head.value + 1; next < records; ++next) {
    const std::string text = "written by record " + std::to_string(next);
    Must(volume->Write(files[next % kFiles], 0, AsBytes(text)), "write");
    Must(volume->Sync(), "sync");
  }
  Must(volume->Close(), "close");
}

void Open(const std::string& vault) {
  const Bytes header = HeaderOf(vault);
  for (int i = 0; i < 10; ++i) {
    auto secrets = Must(crypto::UnlockHeader(header, Passphrase()), "unlock");
    VolumeOptions options;
    options.read_only = true;
    const auto begin = std::chrono::steady_clock::now();
    const auto volume = Must(Volume::Open(vault, header, std::move(secrets), options), "open");
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.2f\n", took.count());
  }
}

}  // namespace
}  // namespace chainfs::fs

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "make" && argc == 4) {
    if (!chainfs::fs::store::ReadHeader(argv[2])) chainfs::fs::Create(argv[2]);
    chainfs::fs::Append(argv[2], std::strtoull(argv[3], nullptr, 10));
  } else if (what == "open" && argc == 3) {
    chainfs::fs::Open(argv[2]);
  } else {
    std::fprintf(stderr, "usage: long_vault make VAULT RECORDS | long_vault open VAULT\n");
    return 2;
  }
  return 0;
}
