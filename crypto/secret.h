// SPDX-License-Identifier: GPL-3.0-or-later
// Memory for secrets: locked, kept out of core dumps, wiped when released, move-only, compared in
// constant time, and without any way to print it.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::crypto {

// A buffer of secret bytes of a size fixed at construction (zero-filled), in pages of its own, of
// which RLIMIT_MEMLOCK bounds how many can be locked; past it a secret is still wiped and never
// dumped. A child of fork(2) gets the secrets, and locks them again.
// Not thread-safe for writing; reading from several threads is fine.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size_bytes);
  static SecretBytes CopyOf(ByteView bytes);
  static SecretBytes CopyOf(std::string_view text);
  SecretBytes(SecretBytes&&) noexcept;
  SecretBytes& operator=(SecretBytes&&) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  size_t size() const { return size_; }
  ByteView view() const { return {data_, size_}; }
  MutableByteView mutable_view() { return {data_, size_}; }
  SecretBytes Clone() const { return CopyOf(view()); }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

using SecretKey = SecretBytes;  // 32 bytes wherever a key is asked for

[[nodiscard]] bool EqualConstantTime(ByteView a, ByteView b);

// Makes the process undumpable and sets RLIMIT_CORE to 0. Call first in main of a program that
// will hold keys.
void ForbidCoreDumps();

}  // namespace chainfs::crypto
