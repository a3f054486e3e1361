// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing of objects: XAES-256-GCM (C2SP) under the key that the object's type selects, in chunks
// of 4 KiB, so that a part of an object can be opened without the rest (docs/format-header.md).
//
// Chunk i is a message of its own. Its nonce is the pointer's, the last 4 bytes XORed with i (big-
// endian): so all chunks share one derived key, and an object of one chunk is one plain message.
// Its AAD is the object's. A chunk in another one's place has the wrong nonce; an object cut off at
// a chunk, the wrong length.
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

  // Seals the concatenation of `parts` into `out`: each chunk's ciphertext, then its 16-byte tag.
  // REQUIRES: the parts add up to pointer.length_bytes; out.size() == SealedBytes(length_bytes);
  // pointer.nonce was drawn for exactly this plaintext and never seals another.
  void Seal(ObjectType type, const Pointer& pointer, std::span<const ByteView> parts,
            MutableByteView out) const;

  // Opens `sealed` into `out`. False: not authentic (out is then all zeros).
  // REQUIRES: out.size() == pointer.length_bytes. A `sealed` of the wrong size is not authentic.
  [[nodiscard]] bool Open(ObjectType type, const Pointer& pointer, ByteView sealed,
                          MutableByteView out) const;

  // Writes the plaintext's bytes from `begin` on. `chunks` is that part of the sealed blob that has
  // the chunks which hold them, and no others. False: one of these is not authentic, or `chunks`
  // has the wrong size (out is then all zeros). REQUIRES: begin + out.size() <=
  // pointer.length_bytes; out is empty only if the object is.
  [[nodiscard]] bool OpenChunks(ObjectType type, const Pointer& pointer, ByteView chunks,
                                size_t begin, MutableByteView out) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace chainfs::crypto
