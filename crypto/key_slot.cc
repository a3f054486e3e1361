// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/key_slot.h"

#include <algorithm>
#include <cassert>

#include "crypto/available_memory.h"
#include "crypto/base/byte_order.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/xaes256gcm.h"

namespace chainfs::crypto {
namespace {

SecretKey Expand(ByteView key, ByteView salt, std::string_view label) {
  return HkdfSha256(key, salt, AsBytes(label), kKeyBytes);
}

SecretKey RecoveryKek(const SecretBytes& recovery_key, ByteView salt) {
  return Expand(recovery_key.view(), salt, label::kRecoveryKek);
}

Digest CommitmentTo(const SecretKey& kek) {
  const SecretKey expanded = Expand(kek.view(), {}, label::kSlotCommitment);
  Digest commitment;
  std::ranges::copy(expanded.view(), commitment.begin());
  return commitment;
}

Xaes256Gcm WrapCipher(const SecretKey& kek) {
  return Xaes256Gcm(Expand(kek.view(), {}, label::kSlotWrapKey));
}

// Binds the sealed key to the volume and to everything that precedes it in the slot.
Bytes SlotAad(const KeySlot& slot, const VolumeId& volume_id) {
  Bytes aad;
  Writer writer(aad);
  writer.Raw(AsBytes(label::kSlotAad));
  writer.Raw(volume_id);
  EncodeSlotParameters(slot, aad);
  return aad;
}

void Wrap(KeySlot& slot, const VolumeId& volume_id, const SecretKey& kek,
          const SecretKey& volume_key) {
  slot.commitment = CommitmentTo(kek);
  FillRandom(slot.nonce);
  const ByteView plaintext = volume_key.view();
  WrapCipher(kek).Seal(slot.nonce, SlotAad(slot, volume_id), {&plaintext, 1}, slot.sealed_key);
}

Result<SecretKey> Unwrap(const KeySlot& slot, const VolumeId& volume_id, const SecretKey& kek) {
  if (!EqualConstantTime(CommitmentTo(kek), slot.commitment)) return ErrorCode::kWrongKey;
  SecretKey volume_key(kKeyBytes);
  if (!WrapCipher(kek).Open(slot.nonce, SlotAad(slot, volume_id), slot.sealed_key,
                            volume_key.mutable_view())) {
    return Error{ErrorCode::kBadHeader,
                 "the passphrase or recovery key is right, but its key slot has been altered"};
  }
  return volume_key;
}

}  // namespace

Result<KeySlot> WrapForPassphrase(const SecretKey& volume_key, const VolumeId& volume_id,
                                  const SecretBytes& passphrase, const Argon2Cost& cost) {
  if (passphrase.size() == 0) {
    return Error{ErrorCode::kInvalid, "an empty passphrase protects nothing"};
  }
  if (!IsAllowed(cost)) {
    return Error{ErrorCode::kInvalid, "the Argon2id cost is outside of what chainfs allows"};
  }
  KeySlot slot;
  slot.kind = SlotKind::kPassphrase;
  slot.cost = cost;
  FillRandom(slot.salt);
  Result<SecretKey> kek = Argon2id(passphrase.view(), slot.salt, cost, AvailableMemoryBytes());
  if (!kek) return kek.error();
  Wrap(slot, volume_id, *kek, volume_key);
  return slot;
}

KeySlot WrapForRecoveryKey(const SecretKey& volume_key, const VolumeId& volume_id,
                           const SecretBytes& recovery_key) {
  KeySlot slot;
  slot.kind = SlotKind::kRecovery;
  FillRandom(slot.salt);
  Wrap(slot, volume_id, RecoveryKek(recovery_key, slot.salt), volume_key);
  return slot;
}

Result<SecretKey> UnwrapWithPassphrase(const KeySlot& slot, const VolumeId& volume_id,
                                       const SecretBytes& passphrase) {
  assert(slot.kind == SlotKind::kPassphrase);
  Result<SecretKey> kek = Argon2id(passphrase.view(), slot.salt, slot.cost, AvailableMemoryBytes());
  if (!kek) return kek;
  return Unwrap(slot, volume_id, *kek);
}

Result<SecretKey> UnwrapWithRecoveryKey(const KeySlot& slot, const VolumeId& volume_id,
                                        const SecretBytes& recovery_key) {
  assert(slot.kind == SlotKind::kRecovery);
  return Unwrap(slot, volume_id, RecoveryKek(recovery_key, slot.salt));
}

}  // namespace chainfs::crypto
