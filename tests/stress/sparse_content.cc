// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stress/sparse_content.h"

#include <algorithm>
#include <cstring>

namespace chainfs::stress {
namespace {

constexpr uint64_t kPageBytes = SparseContent::kPageBytes;
constexpr SparseContent::Page kZeros{};

// Calls visit(page index, offset in the page, offset in the range, count) for each page of a range,
// until it returns false.
template <class Visit>
void ForEachPage(uint64_t offset, uint64_t count, Visit visit) {
  for (uint64_t done = 0; done < count;) {
    const uint64_t in_page = (offset + done) % kPageBytes;
    const uint64_t n = std::min(kPageBytes - in_page, count - done);
    if (!visit((offset + done) / kPageBytes, in_page, done, n)) return;
    done += n;
  }
}

}  // namespace

SparseContent::Page& SparseContent::Writable(uint64_t index) {
  std::shared_ptr<Page>& page = pages_[index];
  if (!page) {
    page = std::make_shared<Page>(kZeros);
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return *page;
}

void SparseContent::Write(uint64_t offset, const char* bytes, uint64_t count) {
  ForEachPage(offset, count, [&](uint64_t index, uint64_t in_page, uint64_t done, uint64_t n) {
    std::memcpy(Writable(index).data() + in_page, bytes + done, n);
    return true;
  });
  if (count > 0) size_ = std::max(size_, offset + count);
}

void SparseContent::Resize(uint64_t size) {
  if (size < size_) {
    Zero(size, size_ - size);
    pages_.erase(pages_.lower_bound((size + kPageBytes - 1) / kPageBytes), pages_.end());
  }
  size_ = size;
}

void SparseContent::Zero(uint64_t offset, uint64_t count) {
  const uint64_t end = offset + count;
  auto page = pages_.lower_bound(offset / kPageBytes);
  while (page != pages_.end() && page->first * kPageBytes < end) {
    const uint64_t start = page->first * kPageBytes;
    const uint64_t from = std::max(start, offset), to = std::min(start + kPageBytes, end);
    if (to - from == kPageBytes) {
      page = pages_.erase(page);
      continue;
    }
    std::memset(Writable(page->first).data() + (from - start), 0, to - from);
    ++page;
  }
}

void SparseContent::Read(uint64_t offset, char* bytes, uint64_t count) const {
  ForEachPage(offset, count, [&](uint64_t index, uint64_t in_page, uint64_t done, uint64_t n) {
    const auto page = pages_.find(index);
    const Page& source = page == pages_.end() ? kZeros : *page->second;
    std::memcpy(bytes + done, source.data() + in_page, n);
    return true;
  });
}

std::optional<uint64_t> SparseContent::FirstDifference(uint64_t offset, const char* bytes,
                                                       uint64_t count) const {
  std::optional<uint64_t> found;
  ForEachPage(offset, count, [&](uint64_t index, uint64_t in_page, uint64_t done, uint64_t n) {
    const auto page = pages_.find(index);
    const char* want = (page == pages_.end() ? kZeros : *page->second).data() + in_page;
    if (std::memcmp(want, bytes + done, n) == 0) return true;
    found = offset + done + (std::mismatch(want, want + n, bytes + done).first - want);
    return false;
  });
  return found;
}

std::optional<uint64_t> SparseContent::FirstNonZero(uint64_t begin, uint64_t end) const {
  for (auto page = pages_.lower_bound(begin / kPageBytes);
       page != pages_.end() && page->first * kPageBytes < end; ++page) {
    const uint64_t start = page->first * kPageBytes;
    const char* first = page->second->data() + (std::max(start, begin) - start);
    const char* last = page->second->data() + (std::min(start + kPageBytes, end) - start);
    const char* found = std::find_if(first, last, [](char c) { return c != 0; });
    if (found != last) return start + (found - page->second->data());
  }
  return std::nullopt;
}

}  // namespace chainfs::stress
