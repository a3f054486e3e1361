// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_index.h"

#include <algorithm>
#include <utility>

namespace chainfs::fs::store {
namespace {

std::string Of(const char* what, uint64_t value) { return what + std::to_string(value); }

// What LMDB stores in a leaf at most; larger values get pages of their own.
uint64_t MaxNodeBytes(uint64_t page_bytes) {
  return ((page_bytes - kPageHeaderBytes) / 2 & ~uint64_t{1}) - sizeof(uint16_t);
}

uint64_t DataBytes(ByteView page, size_t offset) {
  return At<uint16_t>(page, offset) | uint64_t{At<uint16_t>(page, offset + 2)} << 16;
}

// All of the node at `offset`, whose header lies in the page.
uint64_t NodeBytes(ByteView page, size_t offset, bool branch) {
  const uint64_t head = kNodeHeaderBytes + At<uint16_t>(page, offset + 6);
  if (branch) return head;
  const bool elsewhere = At<uint16_t>(page, offset + 4) & kDataElsewhere;
  return head + (elsewhere ? sizeof(uint64_t) : DataBytes(page, offset));
}

}  // namespace

std::optional<IndexPage> IndexPage::Parse(ByteView bytes, uint64_t number, std::string* problem) {
  const uint64_t said = At<uint64_t>(bytes, 0);
  const uint16_t flags = At<uint16_t>(bytes, 10);
  const uint16_t lower = At<uint16_t>(bytes, 12), upper = At<uint16_t>(bytes, 14);
  if (said != number) {
    *problem = Of("gives itself the number ", said);
  } else if (flags != kBranchPage && flags != kLeafPage) {
    *problem = Of("is neither branch nor leaf: flags ", flags);
  } else if (lower < kPageHeaderBytes || lower > upper || upper > bytes.size() ||
             (lower | upper) % 2 != 0) {  // all that LMDB makes is even, and has to be
    *problem = Of("has no sound bounds: lower ", lower) + Of(", upper ", upper);
  } else if (lower == kPageHeaderBytes) {
    *problem = "holds nothing";
  } else {
    IndexPage page(bytes, flags == kBranchPage, (lower - kPageHeaderBytes) / 2);
    *problem = page.FindOverlap();
    if (problem->empty()) return page;
  }
  return std::nullopt;
}

std::string IndexPage::FindOverlap() const {
  const uint64_t upper = At<uint16_t>(bytes_, 14);
  std::vector<std::pair<uint64_t, uint64_t>> extents;  // from, to
  extents.reserve(size_);
  for (size_t i = 0; i < size_; ++i) {
    const uint64_t offset = At<uint16_t>(bytes_, kPageHeaderBytes + i * 2);
    if (offset < upper || offset % 2 != 0 || offset + kNodeHeaderBytes > bytes_.size()) {
      return Of("has a node out of bounds: node ", i) + Of(" at ", offset);
    }
    const uint64_t bytes = NodeBytes(bytes_, offset, branch_);
    if (bytes > bytes_.size() - offset) {
      return Of("has a node that does not fit: node ", i) + Of(" of bytes ", bytes);
    }
    if (!branch_) {
      if (std::string problem = CheckLeafNode(offset); !problem.empty()) {
        return Of("has a bad node: node ", i) + problem;
      }
    }
    extents.emplace_back(offset, offset + bytes);
  }
  std::sort(extents.begin(), extents.end());
  for (size_t i = 1; i < size_; ++i) {
    if (extents[i].first < extents[i - 1].second) {
      return Of("has nodes that overlap at ", extents[i].first);
    }
  }
  return {};
}

std::string IndexPage::CheckLeafNode(size_t offset) const {
  const uint16_t flags = At<uint16_t>(bytes_, offset + 4);
  if (flags != 0 && flags != kDataElsewhere && flags != kDataIsTree) return Of(", flags ", flags);
  const uint64_t bytes = NodeBytes(bytes_, offset, false);
  // LMDB could not split a page of such nodes.
  if (bytes > MaxNodeBytes(bytes_.size())) return Of(", too large for a leaf: bytes ", bytes);
  return {};
}

PageNode IndexPage::node(size_t i) const {
  const size_t offset = At<uint16_t>(bytes_, kPageHeaderBytes + i * 2);
  const uint64_t key_bytes = At<uint16_t>(bytes_, offset + 6);
  PageNode node;
  node.key = bytes_.subspan(offset + kNodeHeaderBytes, key_bytes);
  const uint64_t low = DataBytes(bytes_, offset);
  if (branch_) {
    node.child = low | uint64_t{At<uint16_t>(bytes_, offset + 4)} << 32;
    return node;
  }
  node.flags = At<uint16_t>(bytes_, offset + 4);
  node.data_bytes = low;
  node.data = bytes_.subspan(offset + kNodeHeaderBytes + key_bytes,
                             node.flags & kDataElsewhere ? sizeof(uint64_t) : low);
  return node;
}

}  // namespace chainfs::fs::store
