// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of the store's numbered tables, as a check meets them. Pure.
#pragma once

#include <array>
#include <optional>

#include "crypto/base/byte_order.h"
#include "crypto/base/types.h"

namespace chainfs::fs::check {

// nullopt: no key of ours.
inline std::optional<uint64_t> NumberOfKey(ByteView key) {
  if (key.size() != 8) return std::nullopt;
  return GetBE<uint64_t>(key.data());
}

// Where to go on: at the entry of this number, and at what follows it (which may be a key of the
// wrong length that begins like it).
inline std::array<uint8_t, 8> KeyOfNumber(uint64_t number) {
  std::array<uint8_t, 8> key;
  PutBE(key.data(), number);
  return key;
}
inline std::array<uint8_t, 9> KeyAfterNumber(uint64_t number) {
  std::array<uint8_t, 9> key{};
  PutBE(key.data(), number);
  return key;
}

}  // namespace chainfs::fs::check
