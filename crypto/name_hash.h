// SPDX-License-Identifier: GPL-3.0-or-later
// The keyed hash under which a directory entry or an xattr is filed (SipHash-2-4, 64 bits).
// Collisions are expected and handled by the tree's values; the key only keeps an outsider from
// choosing them.
#pragma once

#include <string_view>

#include "crypto/secret.h"

namespace chainfs::crypto {

// Thread-safe.
class NameHasher {
 public:
  explicit NameHasher(const SecretKey& volume_key);  // HKDF label of its own
  uint64_t Hash(std::string_view name) const;

 private:
  SecretBytes key_;  // 16 bytes
};

}  // namespace chainfs::crypto
