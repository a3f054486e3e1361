// SPDX-License-Identifier: GPL-3.0-or-later
// Making a new volume in a vault, and opening one.
#include "crypto/header_codec.h"
#include "crypto/key_schedule.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "crypto/signature.h"
#include "fs/clock.h"
#include "fs/name/create.h"
#include "fs/volume.h"
#include "fs/volume_impl.h"

namespace chainfs::fs {
namespace {

ledger::Record MakeGenesis(const crypto::NewVolume& volume, uint64_t now_ns) {
  ledger::Record genesis;
  genesis.type = ledger::RecordType::kGenesis;
  genesis.volume_id = volume.volume_id;
  genesis.time_ns = now_ns;
  genesis.next_id = ObjectId(1);
  genesis.births_root = ledger::BirthsRoot({});
  genesis.deaths_digest = genesis.reaps_digest = ledger::DeathsDigest({});
  genesis.ledger_public_key = crypto::Ed25519PublicKey(volume.secrets.signing_seed);
  genesis.suite = crypto::kSuite;
  genesis.volume_key_commitment =
      crypto::VolumeKeyCommitment(volume.secrets.volume_key, volume.volume_id);
  return genesis;
}

Result<void> StoreGenesis(store::Store& store, ByteView encoded) {
  auto txn = store.BeginWrite();
  if (!txn) return std::move(txn).error();
  if (auto put = txn->PutRecord(Sequence(0), encoded); !put) return put;
  if (auto put = txn->PutLists(Sequence(0), ledger::EncodeLists({})); !put) return put;
  return txn->Commit();
}

std::unique_ptr<Core> MakeCore(std::unique_ptr<store::Store> store, const VolumeId& volume_id,
                               const crypto::SecretKey& volume_key, const VolumeOptions& options) {
  return std::make_unique<Core>(std::move(store),
                                crypto::ObjectSealer(volume_id, KeyEpoch(0), volume_key),
                                crypto::NameHasher(volume_key), options);
}

// The first commit: an empty root directory.
Result<void> CommitRootDirectory(Core& core, const ChainHead& genesis, uint32_t uid, uint32_t gid) {
  core.open = std::make_unique<OpenSet>(1, genesis.next_id);
  core.tree.CreateEmpty(*core.open);
  core.engine = std::make_unique<CommitEngine>(core, genesis);
  core.engine->Start();
  {
    auto change = Change::Begin(core, SpaceNeed::kGrow);
    if (!change) return std::move(change).error();
    change->SetCounters({.next_inode = kRootInode.value + 1});
    if (auto made = MakeRootDirectory(*change, uid, gid); !made) return made;
  }
  return core.engine->Stop();
}

}  // namespace

Result<crypto::SecretBytes> Volume::Create(const std::string& vault,
                                           const crypto::SecretBytes& passphrase,
                                           crypto::Argon2Cost cost, uint32_t uid, uint32_t gid) {
  auto lock = store::VaultLock::Acquire(vault);
  if (!lock) return std::move(lock).error();
  const crypto::NewVolume volume = crypto::GenerateVolume();
  ChainHead head;
  head.volume_id = volume.volume_id;
  head.time_ns = RealtimeNs();
  head.next_id = ObjectId(1);
  const Bytes genesis = ledger::EncodeRecord(MakeGenesis(volume, head.time_ns));
  head.link = ledger::LinkOf(genesis);
  crypto::FillRandom(head.session);

  crypto::SecretBytes recovery_key;
  auto header = crypto::CreateHeader(volume, head.link, passphrase, cost, &recovery_key);
  if (!header) return std::move(header).error();
  head.header_digest = crypto::Sha256(*header);

  auto store = store::Store::Open(vault, {.create = true});
  if (!store) return std::move(store).error();
  if (auto stored = StoreGenesis(**store, genesis); !stored) return std::move(stored).error();
  auto core = MakeCore(std::move(*store), volume.volume_id, volume.secrets.volume_key, {});
  if (auto made = CommitRootDirectory(*core, head, uid, gid); !made) {
    return std::move(made).error();
  }
  // Last: a directory without a header is no vault, so an interrupted creation leaves none.
  if (auto written = store::WriteHeader(vault, *header); !written) {
    return std::move(written).error();
  }
  return recovery_key;
}

Result<std::unique_ptr<Volume>> Volume::Open(const std::string& vault, ByteView header,
                                             crypto::VolumeSecrets secrets, VolumeOptions options) {
  auto info = crypto::ParseHeader(header);
  if (!info) return std::move(info).error();
  std::unique_ptr<store::VaultLock> lock;
  if (!options.read_only) {
    auto acquired = store::VaultLock::Acquire(vault);
    if (!acquired) return std::move(acquired).error();
    lock = std::move(*acquired);
  }
  auto store = store::Store::Open(vault, {.read_only = options.read_only});
  if (!store) return std::move(store).error();
  auto head =
      ReadChainHead(**store, info->volume_id, crypto::Sha256(header), info->previous_header);
  if (!head) return std::move(head).error();
  auto core = MakeCore(std::move(*store), info->volume_id, secrets.volume_key, options);
  if (auto opened = core->tree.OpenAt(head->root); !opened) {
    return Error{opened.error().code, "the root of the filesystem tree does not verify"};
  }
  if (!options.read_only) {
    core->open = std::make_unique<OpenSet>(1, head->next_id);
    core->engine = std::make_unique<CommitEngine>(*core, *head);
    core->engine->Start();
  }
  std::unique_ptr<Volume> volume(
      new Volume(std::make_unique<Impl>(std::move(lock), std::move(core))));
  if (!options.read_only) {
    if (auto started = volume->impl_->orphans.Start(); !started) return std::move(started).error();
  }
  return volume;
}

}  // namespace chainfs::fs
