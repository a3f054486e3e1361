// SPDX-License-Identifier: GPL-3.0-or-later
// Fixed-width big-endian integers in byte buffers: the only encoding chainfs writes to disk.
// Get/Put work at an address; Writer appends; Reader consumes with bounds. No threads.
#pragma once

#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>

#include "crypto/base/types.h"

namespace chainfs {

template <class T>
constexpr T ToBigEndian(T v) {
  static_assert(std::is_unsigned_v<T>);
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1)
    return v;
  else if constexpr (sizeof(T) == 2)
    return __builtin_bswap16(v);
  else if constexpr (sizeof(T) == 4)
    return __builtin_bswap32(v);
  else
    return __builtin_bswap64(v);
}

// REQUIRES: sizeof(T) bytes at `at`.
template <class T>
inline T GetBE(const uint8_t* at) {
  T v;
  std::memcpy(&v, at, sizeof(T));
  return ToBigEndian(v);
}

template <class T>
inline void PutBE(uint8_t* at, T v) {
  v = ToBigEndian(v);
  std::memcpy(at, &v, sizeof(T));
}

// Appends to a buffer that it does not own.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  template <class T>
  void Int(T v) {
    uint8_t raw[sizeof(T)];
    PutBE(raw, v);
    out_.insert(out_.end(), raw, raw + sizeof(T));
  }
  void Raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

 private:
  Bytes& out_;
};

// Consumes a view front to back. After the first read past the end ok() is false for good, and
// every further read gives zeros: decode everything, then ask once.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}
  template <class T>
  T Int() {
    ByteView raw = Raw(sizeof(T));
    return raw.empty() ? T{0} : GetBE<T>(raw.data());
  }
  ByteView Raw(size_t n) {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    ByteView head = in_.first(n);
    in_ = in_.subspan(n);
    return head;
  }
  template <size_t N>
  std::array<uint8_t, N> Array() {
    std::array<uint8_t, N> out{};
    ByteView raw = Raw(N);
    if (raw.size() == N) std::memcpy(out.data(), raw.data(), N);
    return out;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && in_.empty(); }
  ByteView rest() const { return in_; }

 private:
  ByteView in_;
  bool ok_ = true;
};

inline void PutPointer(uint8_t* at, const Pointer& p) {
  PutBE(at, p.id.value);
  std::memcpy(at + 8, p.nonce.data(), p.nonce.size());
  PutBE(at + 32, p.length_bytes);
}

inline Pointer GetPointer(const uint8_t* at) {
  Pointer p;
  p.id = ObjectId(GetBE<uint64_t>(at));
  std::memcpy(p.nonce.data(), at + 8, p.nonce.size());
  p.length_bytes = GetBE<uint32_t>(at + 32);
  return p;
}

}  // namespace chainfs
