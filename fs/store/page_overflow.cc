// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_overflow.h"

#include <algorithm>

#include "fs/store/page_index.h"

namespace chainfs::fs::store {
namespace {

constexpr size_t kBatchRuns = 1 << 20;  // 16 MiB
constexpr size_t kAhead = 64;           // requested before they are read
constexpr size_t kStopEvery = 1024;

class HeaderWalk {
 public:
  HeaderWalk(PageWalkContext& context, PageSeverity unreadable, const std::function<bool()>& stop)
      : context_(context), unreadable_(unreadable), stop_(stop) {}
  bool Page(uint64_t number, int depth);
  bool CheckBatch();

 private:
  struct Run {
    uint64_t first;
    uint64_t pages;
  };

  PageWalkContext& context_;
  const PageSeverity unreadable_;
  const std::function<bool()>& stop_;
  std::vector<Run> batch_;
};

bool HeaderWalk::Page(uint64_t number, int depth) {
  Bytes bytes;
  std::string problem;
  if (depth > kMaxDepth || !context_.InFile(number)) return false;
  context_.Step(number);
  if (!context_.file.ReadPage(number, bytes)) {
    ++context_.report.unreadable;
    context_.findings.Fatal(number, "cannot be read any more: " + WhyNotRead(errno));
    return false;
  }
  const std::optional<IndexPage> page = IndexPage::Parse(bytes, number, &problem);
  if (!page) return false;
  for (size_t i = 0; i < page->size(); ++i) {
    const PageNode node = page->node(i);
    if (page->branch()) {
      if (!Page(node.child, depth + 1)) return false;
    } else if (node.flags & kDataElsewhere) {
      const uint64_t first = At<uint64_t>(node.data, 0);
      if (!context_.InFile(first)) return false;
      batch_.push_back({first, OverflowPages(node.data_bytes, context_.file.page_bytes())});
      if (batch_.size() == kBatchRuns && !CheckBatch()) return false;
    }
  }
  return true;
}

bool HeaderWalk::CheckBatch() {
  std::sort(batch_.begin(), batch_.end(), [](Run a, Run b) { return a.first < b.first; });
  size_t requested = 0;
  for (size_t i = 0; i < batch_.size(); ++i) {
    if (i % kStopEvery == 0 && stop_()) return false;
    if (i == requested) {
      requested = std::min(i + kAhead, batch_.size());
      for (size_t ahead = i; ahead < requested; ++ahead) {
        context_.file.WillNeed(batch_[ahead].first, 1);
      }
    }
    const auto [first, pages] = batch_[i];
    ++context_.report.headers_checked;
    const std::optional<uint64_t> said = ReadOverflowHeader(context_, first, unreadable_);
    if (said && *said != pages) {
      context_.findings.Fatal(first, "says it is " + std::to_string(*said) +
                                         " pages long; its value needs " + std::to_string(pages));
    }
  }
  batch_.clear();
  return true;
}

}  // namespace

std::optional<uint64_t> ReadOverflowHeader(PageWalkContext& context, uint64_t page,
                                           PageSeverity unreadable) {
  context.Step(page);
  std::array<uint8_t, kPageHeaderBytes> header;
  if (!context.file.Read(page, 0, header)) {
    ++context.report.unreadable;
    context.findings.Add(page, unreadable,
                         "cannot be read, though a value begins there: " + WhyNotRead(errno));
  } else if (At<uint64_t>(header, 0) != page) {
    context.findings.Fatal(page,
                           "gives itself the number " + std::to_string(At<uint64_t>(header, 0)));
  } else if (At<uint16_t>(header, 10) != kOverflowPage) {
    context.findings.Fatal(
        page, "holds a value, but its flags are " + std::to_string(At<uint16_t>(header, 10)));
  } else {
    return At<uint32_t>(header, 12);
  }
  return std::nullopt;
}

bool CheckOverflowHeaders(PageWalkContext& context, uint64_t root, PageSeverity unreadable,
                          const std::function<bool()>& stop) {
  HeaderWalk walk(context, unreadable, stop);
  return walk.Page(root, 1) && walk.CheckBatch();
}

}  // namespace chainfs::fs::store
