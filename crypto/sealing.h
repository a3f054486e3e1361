// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing of objects: XAES-256-GCM (C2SP) under the key that the object's type selects.
// The one place where an object's AAD is built (docs/format.md gives its bytes).
#pragma once

#include <memory>
#include <span>

#include "crypto/base/types.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

// The keys of one key epoch, derived by HKDF-SHA256 from its volume key. Data and xattr objects
// use the data key, nodes the node key.
//
// Thread-safe: every method is const and keeps its working state on the caller's side.
class ObjectSealer {
 public:
  ObjectSealer(const VolumeId& volume_id, KeyEpoch epoch, const SecretKey& volume_key);
  ObjectSealer(ObjectSealer&&) noexcept;
  ObjectSealer& operator=(ObjectSealer&&) noexcept;
  ~ObjectSealer();

  // Seals the concatenation of `parts` into `out`: ciphertext, then the 16-byte tag.
  // REQUIRES: the parts add up to pointer.length_bytes; out.size() == length_bytes + kTagBytes;
  // pointer.nonce was drawn for exactly this plaintext and never seals another.
  void Seal(ObjectType type, const Pointer& pointer, std::span<const ByteView> parts,
            MutableByteView out) const;

  // Opens `sealed` into `out`. False: not authentic (out is then all zeros).
  // REQUIRES: out.size() == pointer.length_bytes. A `sealed` of the wrong size is not authentic.
  [[nodiscard]] bool Open(ObjectType type, const Pointer& pointer, ByteView sealed,
                          MutableByteView out) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace chainfs::crypto
