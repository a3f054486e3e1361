// SPDX-License-Identifier: GPL-3.0-or-later
// What each key is derived from. Every key below the volume key is
//
//   HKDF-SHA256(key = volume key, salt = "", info = label ‖ key epoch u64)
//
// with a label of its own, all of which are listed here. Thread-safe.
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
}  // namespace label

// REQUIRES: volume_key.size() == kKeyBytes.
SecretBytes DeriveSubkey(const SecretKey& volume_key, std::string_view label, KeyEpoch epoch,
                         size_t size_bytes = kKeyBytes);

}  // namespace chainfs::crypto
