// SPDX-License-Identifier: GPL-3.0-or-later
// XAES-256-GCM (C2SP, c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived from the first half
// of a 192-bit nonce, so that nonces may be drawn at random for ever. Not key-committing.
#pragma once

#include <memory>
#include <span>

#include "crypto/base/types.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

// One key, with everything precomputed that does not depend on the nonce.
// Thread-safe: const methods may run in parallel. Each thread keeps one cipher context of
// OpenSSL's, which holds the derived key of the last message until the next one or the thread's
// end.
class Xaes256Gcm {
 public:
  // REQUIRES: key.size() == 32.
  explicit Xaes256Gcm(const SecretKey& key);
  ~Xaes256Gcm();

  // Writes the ciphertext of the concatenated `parts` and the tag. `out` overlaps no part.
  // REQUIRES: out.size() is the parts' sizes + kTagBytes; no other message had this nonce.
  void Seal(const Nonce& nonce, ByteView aad, std::span<const ByteView> parts,
            MutableByteView out) const;

  // False: not authentic, or out.size() + kTagBytes != sealed.size(); `out` is then all zeros.
  [[nodiscard]] bool Open(const Nonce& nonce, ByteView aad, ByteView sealed,
                          MutableByteView out) const;

 private:
  class MessageKey;  // what steps 3 to 6 of the specification give
  class KeySchedule;
  std::unique_ptr<KeySchedule> schedule_;
};

}  // namespace chainfs::crypto
