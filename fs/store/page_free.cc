// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_free.h"

#include <algorithm>
#include <utility>

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kNumber = sizeof(uint64_t);

class FreeEntry {
 public:
  FreeEntry(PageWalkContext& context, const PageNode& node) : context_(context), node_(node) {}
  // The numbers that follow, as many as fit into the buffer. False: cannot be read.
  bool Next(MutableByteView bytes) {
    const uint64_t from = std::exchange(offset_, offset_ + bytes.size());
    if (node_.flags & kDataElsewhere) {
      const auto first = At<uint64_t>(node_.data, 0);
      context_.Step(first + (kPageHeaderBytes + from) / context_.file.page_bytes());
      return context_.file.Read(first, kPageHeaderBytes + from, bytes);
    }
    std::memcpy(bytes.data(), node_.data.data() + from, bytes.size());
    return true;
  }

 private:
  PageWalkContext& context_;
  const PageNode& node_;
  uint64_t offset_ = 0;
};

// Empty: marked.
std::string MarkFree(PageWalkContext& context, uint64_t page, uint64_t above, uint64_t last_page) {
  if (page < kFirstPage || page > last_page) return "lists a page that does not exist: ";
  if (page >= above) return "is not in descending order: page ";
  switch (context.set.Mark(page, PageUse::kFree)) {
    case PageUse::kUsed:
      return "lists a page that is in use: ";
    case PageUse::kFree:
      return "lists a page that is listed already: ";
    case PageUse::kNone:
      break;
  }
  if (page >= context.file.pages()) ++context.missing_free;
  return {};
}

}  // namespace

void MarkFreePages(PageWalkContext& context, uint64_t leaf, const PageNode& node,
                   uint64_t transaction, uint64_t last_page) {
  const auto key = At<uint64_t>(node.key, 0);
  const std::string entry = "free list: entry " + std::to_string(key) + " ";
  auto fatal = [&](const std::string& what) { context.findings.Fatal(leaf, entry + what); };
  if (key == 0 || key > transaction) return fatal("is of no transaction up to this one");
  if (node.data_bytes < kNumber || node.data_bytes % kNumber != 0) {
    return fatal("has an odd length: " + std::to_string(node.data_bytes));
  }
  FreeEntry numbers(context, node);
  std::array<uint8_t, kNumber> raw;
  if (!numbers.Next(raw)) return fatal("cannot be read");
  uint64_t left = At<uint64_t>(raw, 0);  // what follows the numbers is room for more
  if (left > node.data_bytes / kNumber - 1) {
    return fatal("is too short for its count: " + std::to_string(left));
  }
  Bytes some(1 << 16);
  uint64_t above = kNoPage;
  while (left > 0) {
    some.resize(std::min<uint64_t>(some.size(), left * kNumber));
    if (!numbers.Next(some)) return fatal("cannot be read");
    for (size_t at = 0; at < some.size(); at += kNumber, --left) {
      const auto page = At<uint64_t>(some, at);
      const std::string problem = MarkFree(context, page, above, last_page);
      if (!problem.empty()) return fatal(problem + std::to_string(page));
      if (context.set.full()) return;
      above = page;
    }
  }
}

}  // namespace chainfs::fs::store
