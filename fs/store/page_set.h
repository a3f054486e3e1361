// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages the walk has seen in use, and which in the list of free pages: two bits a page, in
// chunks that are allocated when first touched, so that a file costs at most a 16,384th of its
// length (pages of 4 KiB) and a part of it costs less. Internal to fs/store. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace chainfs::fs::store {

enum class PageUse : uint8_t { kNone = 0, kUsed = 1, kFree = 2 };

class PageSet {
 public:
  explicit PageSet(uint64_t max_bytes) : max_chunks_(max_bytes / sizeof(Chunk)) {}

  // Marks `page`, which was kNone; else changes nothing and returns what it was.
  // REQUIRES: use is not kNone.
  PageUse Mark(uint64_t page, PageUse use);
  // Counted as they are marked.
  uint64_t used() const { return used_; }
  uint64_t free() const { return free_; }
  // There was no room for a page: no answer is of any worth any more.
  bool full() const { return full_; }
  // The first page of [first, end) that is neither.
  std::optional<uint64_t> FindUnmarked(uint64_t first, uint64_t end) const;

 private:
  static constexpr uint64_t kChunkPages = 1 << 16;
  struct Chunk {
    std::array<uint64_t, kChunkPages / 64> used{};
    std::array<uint64_t, kChunkPages / 64> free{};
  };
  Chunk* Touch(uint64_t index);

  std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
  uint64_t max_chunks_;
  uint64_t last_index_ = 0;      // neighbours follow each other: the last chunk is
  Chunk* last_chunk_ = nullptr;  // nearly always the next one too
  uint64_t used_ = 0;
  uint64_t free_ = 0;
  bool full_ = false;
};

}  // namespace chainfs::fs::store
