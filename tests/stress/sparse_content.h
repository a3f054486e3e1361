// SPDX-License-Identifier: GPL-3.0-or-later
// What a file should hold: the model that the filesystem is compared with.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace chainfs::stress {

// Bytes, as a map of pages; a page that is not there is zeros. Offsets and sizes in bytes. Copies
// share pages until one of them changes. Not thread-safe.
class SparseContent {
 public:
  static constexpr uint64_t kPageBytes = 4096;
  using Page = std::array<char, kPageBytes>;
  using Pages = std::map<uint64_t, std::shared_ptr<Page>>;

  uint64_t size() const { return size_; }
  const Pages& pages() const { return pages_; }

  // Like the system calls: writing past the end makes it longer, with zeros between.
  void Write(uint64_t offset, const char* bytes, uint64_t count);
  void Resize(uint64_t size);
  // The size stays as it is.
  void Zero(uint64_t offset, uint64_t count);

  // Zeros past the end.
  void Read(uint64_t offset, char* bytes, uint64_t count) const;
  // The offset of the first byte that is not the same.
  std::optional<uint64_t> FirstDifference(uint64_t offset, const char* bytes, uint64_t count) const;
  // The offset of the first byte in [begin, end) that is not zero.
  std::optional<uint64_t> FirstNonZero(uint64_t begin, uint64_t end) const;

 private:
  Page& Writable(uint64_t index);

  uint64_t size_ = 0;
  Pages pages_;  // none that begins past size_; every byte past it is zero
};

}  // namespace chainfs::stress
