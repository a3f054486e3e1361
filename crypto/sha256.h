// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4). Thread-safe free functions; a hasher is for one thread.
#pragma once

#include <initializer_list>
#include <memory>

#include "crypto/base/types.h"

namespace chainfs::crypto {

Digest Sha256(ByteView data);
Digest Sha256(std::initializer_list<ByteView> parts);  // of the concatenation

// Of what arrives in parts and is nowhere as a whole.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  void Update(ByteView part);
  Digest Finish();  // once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace chainfs::crypto
