// SPDX-License-Identifier: GPL-3.0-or-later
// What each key is derived from, with the labels of all derivations. Every key below the volume key
// is
//
//   HKDF-SHA256(key = volume key, salt = "", info = label ‖ key epoch u64)
//
// Thread-safe.
#pragma once

#include <string_view>

#include "crypto/secret.h"

namespace chainfs::crypto {

constexpr size_t kKeyBytes = 32;

namespace label {
constexpr std::string_view kDataKey = "chainfs/1 data key";
constexpr std::string_view kNodeKey = "chainfs/1 node key";
constexpr std::string_view kNameHashKey = "chainfs/1 name hash key";
constexpr std::string_view kHeaderMacKey = "chainfs/1 header mac key";
constexpr std::string_view kSeedKey = "chainfs/1 signing seed key";
// Not keys of an epoch; each is described where it is used.
constexpr std::string_view kVolumeKeyCommitment = "chainfs/1 volume key commitment";
constexpr std::string_view kRecoveryKek = "chainfs/1 recovery kek";
constexpr std::string_view kSlotCommitment = "chainfs/1 slot commitment";
constexpr std::string_view kSlotWrapKey = "chainfs/1 slot wrap key";
constexpr std::string_view kSlotAad = "chainfs/1 slot";
constexpr std::string_view kSeedAad = "chainfs/1 signing seed";
}  // namespace label

// REQUIRES: volume_key.size() == kKeyBytes.
SecretBytes DeriveSubkey(const SecretKey& volume_key, std::string_view label, KeyEpoch epoch,
                         size_t size_bytes = kKeyBytes);

// Fixes in genesis which volume key the ledger belongs to, without telling anything about it:
// HKDF-SHA256(key = volume key, salt = "", info = label ‖ volume id).
Digest VolumeKeyCommitment(const SecretKey& volume_key, const VolumeId& volume_id);

}  // namespace chainfs::crypto
