// SPDX-License-Identifier: GPL-3.0-or-later
// Making a new volume in a vault, and opening one.
#include "crypto/sha256.h"
#include "fs/clock.h"
#include "fs/commit/genesis.h"
#include "fs/history/check_remembered.h"
#include "fs/name/create.h"
#include "fs/settings.h"
#include "fs/volume.h"
#include "fs/volume_impl.h"

namespace chainfs::fs {
namespace {

std::unique_ptr<Core> MakeCore(std::unique_ptr<store::Store> store, const VolumeId& volume_id,
                               const crypto::SecretKey& volume_key, const VolumeOptions& options) {
  return std::make_unique<Core>(std::move(store),
                                crypto::ObjectSealer(volume_id, KeyEpoch(0), volume_key),
                                crypto::NameHasher(volume_key), options);
}

// The first commit: an empty root directory.
Result<void> CommitRootDirectory(Core& core, const ChainHead& genesis, crypto::SecretKey seed,
                                 uint32_t uid, uint32_t gid, std::optional<uint64_t> size_limit) {
  core.open = std::make_unique<OpenSet>(1, genesis.next_id);
  core.tree.CreateEmpty(*core.open);
  core.engine = std::make_unique<CommitEngine>(core, genesis, std::move(seed));
  core.engine->Start();
  {
    auto change = Change::Begin(core, SpaceNeed::kGrow);
    if (!change) return std::move(change).error();
    change->SetCounters({.next_inode = kRootInode.value + 1});
    if (auto made = MakeRootDirectory(*change, uid, gid); !made) return made;
    if (size_limit) {
      auto put = change->Put(SizeLimitKey(), EncodeSizeLimit(*size_limit));
      if (!put) return put;
    }
  }
  return core.engine->Stop();
}

struct VerifiedHead {
  ChainHead head;
  std::vector<ledger::RollbackAcceptance> to_accept;
};

Result<VerifiedHead> ReadVerifiedHead(const store::Store& store, const LedgerIdentity& identity,
                                      const VolumeOptions& options) {
  auto txn = store.BeginRead();
  if (!txn) return std::move(txn).error();
  auto head = ReadChainHead(*txn, identity);
  if (!head) return std::move(head).error();
  auto to_accept = CheckRemembered(*txn, *head, identity, options.remembered);
  if (to_accept && to_accept->conflicts.empty()) return VerifiedHead{std::move(*head), {}};
  if (!to_accept) return std::move(to_accept).error();
  if (!options.accept_rollback) return std::move(to_accept->refusal);
  if (options.read_only) {
    return Error{ErrorCode::kReadOnly,
                 "accepting a rollback is recorded in the vault: not with a read-only mount"};
  }
  return VerifiedHead{std::move(*head), std::move(to_accept->conflicts)};
}

}  // namespace

Result<crypto::SecretBytes> Volume::Create(const std::string& vault,
                                           const crypto::SecretBytes& passphrase,
                                           crypto::Argon2Cost cost, uint32_t uid, uint32_t gid,
                                           std::optional<uint64_t> size_limit) {
  if (size_limit && !IsSoundSetting(SizeLimitKey(), EncodeSizeLimit(*size_limit))) {
    return ErrorCode::kInvalid;
  }
  auto lock = store::VaultLock::Acquire(vault);
  if (!lock) return std::move(lock).error();
  const crypto::NewVolume volume = crypto::GenerateVolume();
  const Bytes genesis = MakeGenesis(volume, RealtimeNs());
  crypto::SecretBytes recovery_key;
  auto header =
      crypto::CreateHeader(volume, ledger::LinkOf(genesis), passphrase, cost, &recovery_key);
  if (!header) return std::move(header).error();

  auto store = store::Store::Open(vault, {.create = true});
  if (!store) return std::move(store).error();
  auto head = StoreGenesis(**store, genesis, volume.secrets.signing_seed);
  if (!head) return std::move(head).error();
  head->header_digest = crypto::Sha256(*header);
  auto core = MakeCore(std::move(*store), volume.volume_id, volume.secrets.volume_key, {});
  auto made =
      CommitRootDirectory(*core, *head, volume.secrets.signing_seed.Clone(), uid, gid, size_limit);
  if (!made) return std::move(made).error();
  // Last: a directory without a header is no vault, so an interrupted creation leaves none.
  if (auto written = store::WriteHeader(vault, *header); !written) {
    return std::move(written).error();
  }
  return recovery_key;
}

Result<std::unique_ptr<Volume>> Volume::Open(const std::string& vault, ByteView header,
                                             crypto::VolumeSecrets secrets, VolumeOptions options) {
  auto identity = IdentityOf(header, secrets);
  if (!identity) return std::move(identity).error();
  std::unique_ptr<store::VaultLock> lock;
  if (!options.read_only) {
    auto acquired = store::VaultLock::Acquire(vault);
    if (!acquired) return std::move(acquired).error();
    lock = std::move(*acquired);
  }
  auto store = store::Store::Open(vault, {.read_only = options.read_only});
  if (!store) return std::move(store).error();
  auto verified = ReadVerifiedHead(**store, *identity, options);
  if (!verified) return std::move(verified).error();
  const ChainHead* head = &verified->head;
  auto core = MakeCore(std::move(*store), identity->volume_id, secrets.volume_key, options);
  if (auto opened = core->tree.OpenAt(head->root); !opened) {
    return Error{opened.error().code, "the root of the filesystem tree does not verify"};
  }
  auto limit = ReadSizeLimit(core->tree);
  // Who only reads needs no limit, and may be after what a damaged volume still has.
  if (!limit && !options.read_only) return std::move(limit).error();
  core->limit.NoteCommitted(head->live_bytes);
  if (limit) core->limit.Set(*limit);
  if (!options.read_only) {
    core->open = std::make_unique<OpenSet>(1, head->next_id);
    core->engine = std::make_unique<CommitEngine>(*core, *head, std::move(secrets.signing_seed));
    for (const auto& acceptance : verified->to_accept) {
      auto accepted = core->engine->AcceptRollback(acceptance);
      if (!accepted) return std::move(accepted).error();
    }
    core->engine->Start();
  }
  if (verified->to_accept.empty() && options.on_new_head) {
    options.on_new_head(head->checkpoint, head->time_ns);
  }
  std::unique_ptr<Volume> volume(
      new Volume(std::make_unique<Impl>(vault, *identity, std::move(lock), std::move(core))));
  if (!options.read_only) {
    if (auto started = volume->impl_->orphans.Start(); !started) return std::move(started).error();
  }
  return volume;
}

}  // namespace chainfs::fs
