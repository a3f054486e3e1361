// SPDX-License-Identifier: GPL-3.0-or-later
// One branch or leaf page, checked by itself: whatever the bytes are, a node that is shown lies
// within the page and shares no byte with another. Internal to fs/store; no threads.
#pragma once

#include <optional>
#include <string>

#include "fs/store/page_format.h"

namespace chainfs::fs::store {

// A view into the page.
struct PageNode {
  ByteView key;
  uint64_t child = 0;       // branch: a page
  uint16_t flags = 0;       // leaf
  uint64_t data_bytes = 0;  // leaf: of the value, wherever it is
  ByteView data;            // leaf: the value, or the number of the page that holds it
};

class IndexPage {
 public:
  // nullopt: `problem` says why. The bytes stay the caller's and must outlive the page.
  // REQUIRES: a whole page.
  static std::optional<IndexPage> Parse(ByteView bytes, uint64_t number, std::string* problem);

  bool branch() const { return branch_; }
  size_t size() const { return size_; }
  // REQUIRES: i < size().
  PageNode node(size_t i) const;

 private:
  IndexPage(ByteView bytes, bool branch, size_t size)
      : bytes_(bytes), branch_(branch), size_(size) {}
  std::string FindOverlap() const;  // empty: none
  std::string CheckLeafNode(size_t offset) const;

  ByteView bytes_;
  bool branch_;
  size_t size_;
};

}  // namespace chainfs::fs::store
