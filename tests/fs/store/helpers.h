// SPDX-License-Identifier: GPL-3.0-or-later
// Directories that go away, and results that must not fail. No threads.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/types.h"

namespace chainfs::fs::store {

class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& where = ::testing::TempDir()) {
    std::string pattern = where + "/chainfs-store.XXXXXX";
    if (!::mkdtemp(pattern.data())) std::abort();
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The test fails, and ends by exception, where there is no value.
template <class T>
T Take(Result<T> result) {
  if (!result) throw std::runtime_error("unexpected error: " + result.error().message);
  return *std::move(result);
}
inline void Must(Result<void> result) {
  if (!result) throw std::runtime_error("unexpected error: " + result.error().message);
}
template <class T>
std::optional<ErrorCode> CodeOf(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

// Content that only object `id` of this size has.
inline Bytes Blob(uint64_t id, size_t size) {
  Bytes out(size);
  uint64_t x = id * 0x9e3779b97f4a7c15ULL + size;
  for (uint8_t& byte : out) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    byte = static_cast<uint8_t>(x);
  }
  return out;
}
inline bool Same(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace chainfs::fs::store
