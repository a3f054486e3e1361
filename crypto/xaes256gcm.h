// SPDX-License-Identifier: GPL-3.0-or-later
// XAES-256-GCM (C2SP, c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived from the first half
// of a 192-bit nonce, so that nonces may be drawn at random for ever. Not key-committing.
#pragma once

#include <memory>
#include <span>

#include "crypto/base/types.h"
#include "crypto/secret.h"

struct evp_cipher_ctx_st;  // OpenSSL's EVP_CIPHER_CTX

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

  class Sealing;
  class Opening;

 private:
  class KeySchedule;
  class MessageKey;
  std::unique_ptr<KeySchedule> schedule_;
};

// What steps 3 to 5 of the specification give: the key of all messages whose nonces begin with the
// same 12 bytes. Wiped when it has been used.
class Xaes256Gcm::MessageKey {
 public:
  MessageKey(const KeySchedule& schedule, const Nonce& nonce);
  ~MessageKey();
  MessageKey(const MessageKey&) = delete;
  MessageKey& operator=(const MessageKey&) = delete;

  // Starts a message in `context`, which keeps the key and the direction that it has.
  void Start(evp_cipher_ctx_st* context, const Nonce& nonce);

 private:
  uint8_t key_[32];
  bool is_set_ = false;  // in the context
};

// Seals one or more messages whose nonces begin with the same 12 bytes, one after the other, each
// in parts. On the stack of one thread, which has at most one at a time.
class Xaes256Gcm::Sealing {
 public:
  Sealing(const Xaes256Gcm& cipher, const Nonce& nonce);
  // REQUIRES: no other message had this nonce.
  void Begin(const Nonce& nonce, ByteView aad);
  // Writes the ciphertext of the next part, which is as long as the part.
  void Add(ByteView part, uint8_t* out);
  void Finish(uint8_t tag[kTagBytes]);

 private:
  MessageKey key_;
};

// Opens such messages. On the stack of one thread, which has at most one at a time.
class Xaes256Gcm::Opening {
 public:
  Opening(const Xaes256Gcm& cipher, const Nonce& nonce);
  // As Xaes256Gcm::Open.
  [[nodiscard]] bool Open(const Nonce& nonce, ByteView aad, ByteView sealed, MutableByteView out);

 private:
  MessageKey key_;
};

}  // namespace chainfs::crypto
