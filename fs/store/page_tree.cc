// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_tree.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "fs/store/page_overflow.h"

namespace chainfs::fs::store {
namespace {}  // namespace

bool TreeWalk::Less(ByteView a, ByteView b) const {
  if (rules_.keys == PageKeys::kTransactions) return At<uint64_t>(a, 0) < At<uint64_t>(b, 0);
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

void TreeWalk::Run(const TreeRecord& record, uint64_t page) {
  const uint64_t findings = context_.findings.count();
  context_.at.expected += std::min(record.branch_pages + record.leaf_pages, context_.end);
  if (record.root != kNoPage) Page(record.root, page, 1, {}, {});
  // After a finding the counts cannot be right, and saying so would tell nothing.
  if (context_.findings.count() == findings && !context_.set.full()) Compare(record, page);
  if (context_.report.tables.size() < kMaxWalkedTables) context_.report.tables.push_back(counts_);
}

void TreeWalk::Compare(const TreeRecord& record, uint64_t page) {
  if (record.depth != counts_.depth) {
    context_.findings.Fatal(page, rules_.name + " says it is " + std::to_string(record.depth) +
                                      " deep, but is " + std::to_string(counts_.depth));
  }
  const std::tuple<const char*, uint64_t, uint64_t> counts[] = {
      {"branch pages", record.branch_pages, counts_.branch_pages},
      {"leaf pages", record.leaf_pages, counts_.leaf_pages},
      {"overflow pages", record.overflow_pages, counts_.overflow_pages},
      {"entries", record.entries, counts_.entries}};
  for (const auto& [what, said, found] : counts) {
    if (said == found) continue;
    context_.findings.Damage(page, rules_.name + " says it has " + std::to_string(said) + " " +
                                       what + ", but has " + std::to_string(found));
  }
}

bool TreeWalk::Use(uint64_t page, uint64_t parent) {
  const PageUse was = context_.set.Mark(page, PageUse::kUsed);
  if (was == PageUse::kNone) return true;
  context_.findings.Fatal(page, "is in use already, and in " + rules_.name + " again, by page " +
                                    std::to_string(parent));
  return false;
}

void TreeWalk::Page(uint64_t number, uint64_t parent, int depth, ByteView from, ByteView to) {
  PageFindings& findings = context_.findings;
  if (!context_.InFile(number)) {
    return findings.Fatal(parent, "names a page that does not exist: " + std::to_string(number) +
                                      ", in " + rules_.name);
  }
  if (depth > kMaxDepth) return findings.Fatal(number, "lies too deep in " + rules_.name);
  if (!Use(number, parent) || context_.set.full()) return;
  context_.Step(number);
  Bytes bytes;
  if (!context_.file.ReadPage(number, bytes)) {
    ++context_.report.unreadable;
    return findings.Fatal(number, "cannot be read: " + WhyNotRead(errno));
  }
  std::string problem;
  const std::optional<IndexPage> page = IndexPage::Parse(bytes, number, &problem);
  if (!page) return findings.Fatal(number, problem + ", in " + rules_.name);
  if (!KeysAreSound(number, *page, from, to)) return;
  if (page->branch()) return Branch(number, *page, depth, from, to);
  Leaf(number, *page, depth);
}

bool TreeWalk::KeysAreSound(uint64_t number, const IndexPage& page, ByteView from, ByteView to) {
  ByteView before;
  // A branch's first key is not looked at: whatever is smaller than the second one is there.
  for (size_t i = page.branch() ? 1 : 0; i < page.size(); ++i) {
    const ByteView key = page.node(i).key;
    const char* problem = nullptr;
    if (rules_.keys == PageKeys::kNames ? key.empty() || key.size() > kMaxKeyBytes
                                        : key.size() != 8) {
      problem = "has a key of a wrong length";
    } else if (!before.empty() && !Less(before, key)) {
      problem = "has keys out of order";
    } else if ((!from.empty() && Less(key, from)) || (!to.empty() && !Less(key, to))) {
      problem = "has a key that does not belong there";
    }
    if (problem) {
      context_.findings.Fatal(
          number, std::string(problem) + ": node " + std::to_string(i) + ", in " + rules_.name);
      return false;
    }
    before = key;
  }
  return true;
}

void TreeWalk::Branch(uint64_t number, const IndexPage& page, int depth, ByteView from,
                      ByteView to) {
  if (page.size() < 2 && !rules_.lone_children) {
    return context_.findings.Fatal(number, "is a branch with one child, in " + rules_.name);
  }
  ++counts_.branch_pages;
  for (size_t i = 0; i < page.size(); ++i) {
    const uint64_t child = page.node(i).child;
    if (context_.InFile(child)) context_.file.WillNeed(child, 1);
  }
  for (size_t i = 0; i < page.size(); ++i) {
    Page(page.node(i).child, number, depth + 1, i == 0 ? from : page.node(i).key,
         i + 1 == page.size() ? to : page.node(i + 1).key);
  }
}

void TreeWalk::Leaf(uint64_t number, const IndexPage& page, int depth) {
  const auto leaf_depth = static_cast<uint64_t>(depth);
  if (counts_.leaf_pages == 0) counts_.depth = leaf_depth;
  if (counts_.depth != leaf_depth) {
    return context_.findings.Fatal(number, "is a leaf at depth " + std::to_string(leaf_depth) +
                                               ", others are at " + std::to_string(counts_.depth) +
                                               ", in " + rules_.name);
  }
  ++counts_.leaf_pages;
  counts_.entries += page.size();
  for (size_t i = 0; i < page.size(); ++i) {
    const PageNode node = page.node(i);
    if ((node.flags & kDataIsTree) && !rules_.holds_trees) {
      context_.findings.Fatal(number,
                              "holds a tree: node " + std::to_string(i) + ", in " + rules_.name);
      continue;
    }
    if ((node.flags & kDataElsewhere) && !Overflow(number, node)) continue;
    if (visit_) visit_(number, node);
  }
}

bool TreeWalk::Overflow(uint64_t number, const PageNode& node) {
  const uint64_t first = At<uint64_t>(node.data, 0);
  uint64_t count = OverflowPages(node.data_bytes, context_.file.page_bytes());
  if (!context_.InFile(first, count)) {
    context_.findings.Fatal(
        number, "has a value in pages that do not exist: " + std::to_string(count) + " from " +
                    std::to_string(first) + ", in " + rules_.name);
    return false;
  }
  if (rules_.written_once) {
    ++context_.report.overflow_runs;
  } else {
    const std::optional<uint64_t> said = ReadOverflowHeader(context_, first);
    if (!said) return false;
    if (*said < count || !context_.InFile(first, *said)) {
      context_.findings.Fatal(first, "says it is " + std::to_string(*said) +
                                         " pages long; its value needs " + std::to_string(count));
      return false;
    }
    count = *said;
  }
  for (uint64_t page = first; page < first + count && !context_.set.full(); ++page) {
    if (!Use(page, number)) return false;
  }
  counts_.overflow_pages += count;
  return true;
}

}  // namespace chainfs::fs::store
