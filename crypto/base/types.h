// SPDX-License-Identifier: GPL-3.0-or-later
// The vocabulary every layer shares: byte views, strong integers, Digest, Nonce, Pointer.
// Plain values; no ownership, no threads.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace chainfs {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;
using MutableByteView = std::span<uint8_t>;

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A 64-bit number that cannot be mistaken for another kind of number.
template <class Tag>
struct StrongU64 {
  uint64_t value = 0;
  constexpr StrongU64() = default;
  constexpr explicit StrongU64(uint64_t v) : value(v) {}
  constexpr auto operator<=>(const StrongU64&) const = default;
};

using ObjectId = StrongU64<struct ObjectIdTag>;        // grows only; 0 means "no object"
using InodeNumber = StrongU64<struct InodeNumberTag>;  // the root directory is 1; never reused
using RegionIndex = StrongU64<struct RegionIndexTag>;  // file offset / 128 KiB
using Sequence = StrongU64<struct SequenceTag>;        // a record's place; genesis is 0
using KeyEpoch = StrongU64<struct KeyEpochTag>;        // the first epoch is 0

using Digest = std::array<uint8_t, 32>;    // SHA-256
using Nonce = std::array<uint8_t, 24>;     // XAES-256-GCM
using VolumeId = std::array<uint8_t, 16>;  // random

enum class ObjectType : uint8_t { kNode = 1, kData = 2, kXattr = 3 };

// Names one sealed object. Whoever holds a genuine pointer detects any other blob in its place.
struct Pointer {
  ObjectId id;
  Nonce nonce{};
  uint32_t length_bytes = 0;  // of the plaintext
  bool operator==(const Pointer&) const = default;
};

constexpr size_t kPointerBytes = 8 + 24 + 4;  // encoded: id, nonce, length; big-endian
constexpr size_t kTagBytes = 16;

// An object is sealed in chunks of so much plaintext, the last one shorter, each with a tag behind
// it: a part of it can be opened without the rest.
constexpr size_t kChunkBytes = 4096;
constexpr size_t kSealedChunkBytes = kChunkBytes + kTagBytes;
constexpr size_t ChunkCount(size_t plaintext_bytes) {
  return plaintext_bytes == 0 ? 1 : (plaintext_bytes + kChunkBytes - 1) / kChunkBytes;
}
constexpr size_t SealedBytes(size_t plaintext_bytes) {
  return plaintext_bytes + ChunkCount(plaintext_bytes) * kTagBytes;
}

}  // namespace chainfs

template <class Tag>
struct std::hash<chainfs::StrongU64<Tag>> {
  size_t operator()(chainfs::StrongU64<Tag> v) const noexcept {
    uint64_t x = v.value * 0x9e3779b97f4a7c15ULL;  // ids are dense: spread them over the buckets
    return static_cast<size_t>(x ^ (x >> 32));
  }
};
