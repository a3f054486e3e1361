// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/name_hash.h"

#include "crypto/key_schedule.h"
#include "crypto/siphash.h"

namespace chainfs::crypto {

// Tree keys hold name hashes, so the key is epoch 0's for as long as the volume lives.
NameHasher::NameHasher(const SecretKey& volume_key)
    : key_(DeriveSubkey(volume_key, label::kNameHashKey, KeyEpoch(0), kSipHashKeyBytes)) {}

uint64_t NameHasher::Hash(std::string_view name) const {
  return SipHash24(key_.view().first<kSipHashKeyBytes>(), AsBytes(name));
}

}  // namespace chainfs::crypto
