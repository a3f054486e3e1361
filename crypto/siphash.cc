// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/siphash.h"

#include <bit>
#include <cstring>

namespace chainfs::crypto {
namespace {

// SipHash is little-endian throughout. REQUIRES: 8 bytes at `at`.
uint64_t LoadLE(const uint8_t* at) {
  uint64_t v;
  std::memcpy(&v, at, sizeof(v));
  return std::endian::native == std::endian::little ? v : __builtin_bswap64(v);
}

struct State {
  uint64_t v0, v1, v2, v3;

  State(uint64_t k0, uint64_t k1)
      : v0(k0 ^ 0x736f6d6570736575),
        v1(k1 ^ 0x646f72616e646f6d),  // "somepseu" "dorandom"
        v2(k0 ^ 0x6c7967656e657261),
        v3(k1 ^ 0x7465646279746573) {  // "lygenera" "tedbytes"
  }

  void Round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }

  uint64_t Finish() {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

uint64_t SipHash24(std::span<const uint8_t, kSipHashKeyBytes> key, ByteView message) {
  State state(LoadLE(key.data()), LoadLE(key.data() + 8));
  // The last word holds the bytes that are left over and, on top, the length modulo 256.
  uint64_t last = static_cast<uint64_t>(message.size()) << 56;
  while (message.size() >= 8) {
    state.Absorb(LoadLE(message.data()));
    message = message.subspan(8);
  }
  for (size_t i = 0; i < message.size(); ++i) last |= uint64_t{message[i]} << (8 * i);
  state.Absorb(last);
  return state.Finish();
}

}  // namespace chainfs::crypto
