// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_set.h"

#include <bit>

namespace chainfs::fs::store {

PageSet::Chunk* PageSet::Touch(uint64_t index) {
  if (last_chunk_ && last_index_ == index) return last_chunk_;
  auto found = chunks_.find(index);
  if (found == chunks_.end()) {
    if (chunks_.size() >= max_chunks_) {
      full_ = true;
      return nullptr;
    }
    found = chunks_.emplace(index, std::make_unique<Chunk>()).first;
  }
  last_index_ = index;
  return last_chunk_ = found->second.get();
}

PageUse PageSet::Mark(uint64_t page, PageUse use) {
  Chunk* chunk = Touch(page / kChunkPages);
  if (!chunk) return PageUse::kNone;
  const uint64_t word = page % kChunkPages / 64, bit = uint64_t{1} << page % 64;
  if (chunk->used[word] & bit) return PageUse::kUsed;
  if (chunk->free[word] & bit) return PageUse::kFree;
  (use == PageUse::kUsed ? chunk->used : chunk->free)[word] |= bit;
  ++(use == PageUse::kUsed ? used_ : free_);
  return PageUse::kNone;
}

std::optional<uint64_t> PageSet::FindUnmarked(uint64_t first, uint64_t end) const {
  for (uint64_t page = first; page < end;) {
    const auto found = chunks_.find(page / kChunkPages);
    if (found == chunks_.end()) return page;
    const uint64_t word = page % kChunkPages / 64;
    const uint64_t below = (uint64_t{1} << page % 64) - 1;  // not asked for
    const uint64_t marked = found->second->used[word] | found->second->free[word] | below;
    page = page / 64 * 64 + static_cast<uint64_t>(std::countr_one(marked));
    if (marked != ~uint64_t{0}) return page < end ? std::optional(page) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace chainfs::fs::store
