// SPDX-License-Identifier: GPL-3.0-or-later
// Key slots: each wraps the volume key under a key-encryption key (KEK) of its own.
//
//   passphrase --Argon2id(salt, cost)--> KEK      recovery key --HKDF(salt)--> KEK
//   KEK --HKDF--> commitment, stored in the slot and compared first
//   KEK --HKDF--> wrap key --XAES-256-GCM--> sealed volume key
//
// The commitment is there because AES-GCM alone does not commit to its key: a crafted slot could
// otherwise open under many passphrases at once and make us a partitioning oracle. Thread-safe.
#pragma once

#include "crypto/header_codec.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

// kInvalid: the passphrase is empty, or the cost out of bounds. kNoMemory.
Result<KeySlot> WrapForPassphrase(const SecretKey& volume_key, const VolumeId& volume_id,
                                  const SecretBytes& passphrase, const Argon2Cost& cost);

// `recovery_key` is the key's bytes, not its text.
KeySlot WrapForRecoveryKey(const SecretKey& volume_key, const VolumeId& volume_id,
                           const SecretBytes& recovery_key);

// The volume key. kWrongKey: the passphrase or recovery key is not this slot's. kBadHeader: it is,
// but the slot was altered. kNoMemory.
// REQUIRES: slot.kind is the kind that the function is for.
Result<SecretKey> UnwrapWithPassphrase(const KeySlot& slot, const VolumeId& volume_id,
                                       const SecretBytes& passphrase);
Result<SecretKey> UnwrapWithRecoveryKey(const KeySlot& slot, const VolumeId& volume_id,
                                        const SecretBytes& recovery_key);

}  // namespace chainfs::crypto
