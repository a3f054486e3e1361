// SPDX-License-Identifier: GPL-3.0-or-later
// Argon2id version 0x13 (RFC 9106), which makes each guess at a passphrase expensive.
// Thread-safe; starts `lanes` threads for the length of a call.
#pragma once

#include <cstdint>

#include "crypto/base/result.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

struct Argon2Cost {
  uint32_t memory_kib;
  uint32_t iterations;
  uint32_t lanes;
  bool operator==(const Argon2Cost&) const = default;
};

// Enforced wherever a cost is read or written. The minimum is what a slot must cost an attacker at
// the very least (mkfs calibrates to far more); the maximum is what a forged header can cost us.
constexpr Argon2Cost kMinArgon2Cost{8 * 1024, 1, 1};
constexpr Argon2Cost kMaxArgon2Cost{4 * 1024 * 1024, 64, 16};

bool IsAllowed(const Argon2Cost& cost);

// A 32-byte key from `passphrase`. kNoMemory if `available_bytes` are not enough, with a message
// that says how much is needed: better than to be killed for it.
// REQUIRES: IsAllowed(cost); salt has at least 8 bytes.
Result<SecretKey> Argon2id(ByteView passphrase, ByteView salt, const Argon2Cost& cost,
                           uint64_t available_bytes);

// Chooses a cost that takes about `target_ms` here, within the enforced minimum and maximum and
// within half of the memory that is available.
Argon2Cost CalibrateArgon2(uint32_t target_ms);

// The choice itself: on a machine that fills `kib_per_ms` KiB of Argon2 memory in a millisecond.
// Memory costs an attacker more than iterations do, so it takes what it can get up to 1 GiB (a
// vault should open on a small machine, too), at three iterations; more of these beyond that.
Argon2Cost ChooseArgon2Cost(double kib_per_ms, uint32_t target_ms, uint64_t available_bytes,
                            uint32_t lanes);

}  // namespace chainfs::crypto
