// SPDX-License-Identifier: GPL-3.0-or-later
// A vault that can be mounted, with a long ledger: how long does opening it take?
//
//   long_vault make VAULT RECORDS   makes it (passphrase "bench"), or appends to it up to so many
//   long_vault open VAULT           opens it read-only ten times; prints the milliseconds of each
// The records are commits that changed nothing.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fs/clock.h"
#include "fs/commit/sealed_commit.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace chainfs::fs {
namespace {

constexpr uint64_t kRecordsPerTransaction = 100000;

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
  const auto secrets = Must(crypto::UnlockHeader(header, Passphrase()), "unlock");
  const auto identity = Must(IdentityOf(header, secrets), "identity");
  const auto store = Must(store::Store::Open(vault, {}), "store");
  auto read = Must(store->BeginRead(), "read");
  ChainHead head = Must(ReadChainHead(read, identity), "head");
  while (head.edge.size() < records) {
    auto txn = Must(store->BeginWrite(), "write");
    for (uint64_t i = 0; i < kRecordsPerTransaction && head.edge.size() < records; ++i) {
      SealedCommit commit;
      CompleteRecord(head, {}, RealtimeNs(), secrets.signing_seed, commit);
      Must(PutRecordOf(txn, commit), "record");
      head = commit.next_head;
    }
    Must(txn.Commit(), "commit");
  }
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
