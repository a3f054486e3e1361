// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_meta.h"

#include <bit>

#include "fs/store/page_file.h"

namespace chainfs::fs::store {
namespace {

constexpr size_t kReadBytes = kPageHeaderBytes + kMetaBytes;
constexpr uint64_t kMaxTransaction = uint64_t{1} << 62;  // LMDB adds, and takes -1 for "none"
using Raw = std::array<uint8_t, kReadBytes>;

bool IsPageSize(uint64_t bytes) {
  return std::has_single_bit(bytes) && bytes >= kMinPageBytes && bytes <= kMaxPageBytes;
}

uint32_t PageBytesIn(const Raw& raw) { return At<uint32_t>(raw, kPageHeaderBytes + 24); }

bool LooksLikeMeta(const Raw& raw) {
  return At<uint16_t>(raw, 10) == kMetaPage && At<uint32_t>(raw, kPageHeaderBytes) == kLmdbMagic &&
         IsPageSize(PageBytesIn(raw));
}

// Where page 1 begins, on which both pages should agree. If only one of them is sound, it decides.
uint64_t FindPageBytes(int fd) {
  Raw raw;
  if (!ReadAt(fd, raw, 0)) return 0;
  const uint64_t claimed = LooksLikeMeta(raw) ? PageBytesIn(raw) : 0;
  auto confirmed = [&](uint64_t bytes) {
    return ReadAt(fd, raw, bytes) && LooksLikeMeta(raw) && At<uint64_t>(raw, 0) == 1 &&
           PageBytesIn(raw) == bytes;
  };
  if (claimed && confirmed(claimed)) return claimed;
  for (uint64_t bytes = kMinPageBytes; bytes <= kMaxPageBytes; bytes *= 2) {
    if (confirmed(bytes)) return bytes;
  }
  return claimed;
}

std::string TreeProblem(const TreeRecord& tree, uint64_t last_page) {
  if (tree.depth > kMaxDepth) return "depth " + std::to_string(tree.depth);
  if (tree.root == kNoPage) return {};
  if (tree.root < kFirstPage || tree.root > last_page) return "root " + std::to_string(tree.root);
  return {};
}

std::string Problem(const Raw& raw, const MetaPage& page, uint64_t number, uint64_t page_bytes) {
  auto with = [](const char* what, uint64_t value) { return what + std::to_string(value); };
  const ByteView meta = ByteView(raw).subspan(kPageHeaderBytes);
  if (At<uint64_t>(raw, 0) != number) return with("number ", At<uint64_t>(raw, 0));
  if (At<uint16_t>(raw, 10) != kMetaPage) return with("page flags ", At<uint16_t>(raw, 10));
  if (At<uint32_t>(meta, 0) != kLmdbMagic) return "it is not LMDB's";
  if (At<uint32_t>(meta, 4) != kLmdbVersion) return with("version ", At<uint32_t>(meta, 4));
  if (page.free.pad != page_bytes) return with("page size ", page.free.pad);
  // Transaction n writes page n % 2; a new file has transaction 0 on both.
  if (page.transaction > kMaxTransaction ||
      (page.transaction != 0 && page.transaction % 2 != number)) {
    return with("transaction ", page.transaction);
  }
  if (page.last_page < 1 || page.last_page > ~uint64_t{0} / page_bytes - 2) {
    return with("last page ", page.last_page);
  }
  if (page.free.flags != kIntegerKeys) return with("flags of the free list ", page.free.flags);
  if (page.main.flags != 0) return with("flags of the list of tables ", page.main.flags);
  if (page.main.pad != 0) return with("padding ", page.main.pad);
  if (std::string bad = TreeProblem(page.free, page.last_page); !bad.empty()) {
    return "the free list's " + bad;
  }
  if (std::string bad = TreeProblem(page.main, page.last_page); !bad.empty()) {
    return "the list of tables' " + bad;
  }
  return {};
}

MetaPage Decode(const Raw& raw, uint64_t number, uint64_t page_bytes) {
  const ByteView meta = ByteView(raw).subspan(kPageHeaderBytes);
  MetaPage page;
  page.free = TreeRecordAt(meta, 24);
  page.main = TreeRecordAt(meta, 72);
  page.last_page = At<uint64_t>(meta, 120);
  page.transaction = At<uint64_t>(meta, 128);
  // It looks for page 1 where page 0 says.
  page.lmdb_opens = (At<uint16_t>(raw, 10) & kMetaPage) && At<uint32_t>(meta, 0) == kLmdbMagic &&
                    At<uint32_t>(meta, 4) == kLmdbVersion &&
                    (number == 1 || page.free.pad == page_bytes);
  page.problem = Problem(raw, page, number, page_bytes);
  return page;
}

}  // namespace

const MetaPage* MetaPages::Find(std::optional<uint64_t> transaction) const {
  const MetaPage* found = nullptr;
  for (const MetaPage& page : pages) {
    if (!page.problem.empty() || (transaction && page.transaction != *transaction)) continue;
    if (!found || found->transaction < page.transaction) found = &page;
  }
  return found;
}

std::optional<MetaPages> ReadMetaPages(int fd) {
  MetaPages metas;
  metas.page_bytes = FindPageBytes(fd);
  if (metas.page_bytes == 0) return metas;
  // A writer changes them in turn: if both are as they were, the first one was not changed while
  // the second one was read, and neither was half written.
  constexpr int kAttempts = 1000;
  std::array<Raw, 2> before, now;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!ReadAt(fd, now[0], 0) || !ReadAt(fd, now[1], metas.page_bytes)) return std::nullopt;
    if (attempt > 0 && now == before) {
      for (uint64_t i : {0, 1}) metas.pages[i] = Decode(now[i], i, metas.page_bytes);
      return metas;
    }
    before = now;
  }
  return std::nullopt;
}

}  // namespace chainfs::fs::store
