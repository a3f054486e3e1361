// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_state.h"

#include <algorithm>
#include <chrono>

#include "fs/store/page_free.h"
#include "fs/store/page_overflow.h"
#include "fs/store/page_tree.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kFixedMemory = 64ull << 20;  // beside the set of pages

struct KnownTable {
  std::string_view name;
  PageKeys keys;
  bool written_once;
  bool required;
};
constexpr KnownTable kKnownTables[] = {{"lists", PageKeys::kNumbers, true, true},
                                       {"meta", PageKeys::kNames, false, true},
                                       {"objects", PageKeys::kNumbers, true, true},
                                       {"records", PageKeys::kNumbers, true, true},
                                       {"tiles", PageKeys::kNumbers, false, true}};

// The walk of one state, which `meta` describes.
class StateWalk {
 public:
  // `held`: a read transaction sees to it that its pages are not reused.
  StateWalk(PageWalkContext& context, const MetaPage& meta, int fd, bool held)
      : context_(context), meta_(meta), fd_(fd), held_(held), meta_number_(meta.transaction % 2) {}
  void Run();

 private:
  struct Table {
    TreeRules rules;
    TreeRecord record;
    uint64_t page;  // that holds the record
  };

  void FindTable(uint64_t page, const PageNode& node);
  void CheckTables();
  void CheckCoverage();
  void CheckHeaders();
  void CheckStable(const Bytes& root_before);
  // Its content when the state is no longer the newest; empty: cannot be read.
  Bytes ReadRoot() const;

  PageWalkContext& context_;
  const MetaPage& meta_;
  int fd_;
  bool held_;
  uint64_t meta_number_;
  std::vector<Table> tables_;
};

void StateWalk::Run() {
  const Bytes root = ReadRoot();
  TreeWalk names(context_, {.name = "(tables)", .holds_trees = true},
                 [this](uint64_t page, const PageNode& node) { FindTable(page, node); });
  names.Run(meta_.main, meta_number_);
  if (!context_.findings.any_fatal() && !context_.set.full()) CheckTables();
  for (const Table& table : tables_) TreeWalk(context_, table.rules).Run(table.record, table.page);
  TreeWalk free_list(
      context_, {.name = "(free list)", .keys = PageKeys::kTransactions, .lone_children = true},
      [this](uint64_t page, const PageNode& node) {
        MarkFreePages(context_, page, node, meta_.transaction, meta_.last_page);
      });
  free_list.Run(meta_.free, meta_number_);
  if (context_.set.full()) {
    context_.findings.Fatal(0, "the walk needs more memory than it may take");
  } else {
    CheckCoverage();
    if (context_.options.overflow_headers && !context_.findings.any_fatal()) CheckHeaders();
  }
  CheckStable(root);
}

void StateWalk::FindTable(uint64_t page, const PageNode& node) {
  const std::string name = Printable(node.key);
  if (!(node.flags & kDataIsTree)) {
    return context_.findings.Damage(page, "a stray entry among the tables: " + name);
  }
  if (node.data_bytes != kTreeRecordBytes) {
    return context_.findings.Fatal(page, "the record of a table has a wrong length: " + name);
  }
  if (tables_.size() == kMaxWalkedTables) {
    return context_.findings.Fatal(page, "too many tables: " + name);
  }
  Table table{{.name = name}, TreeRecordAt(node.data, 0), page};
  bool known = false;
  for (const KnownTable& candidate : kKnownTables) {
    if (!std::equal(node.key.begin(), node.key.end(), candidate.name.begin(),
                    candidate.name.end())) {
      continue;
    }
    known = true;
    table.rules.keys = candidate.keys;
    table.rules.written_once = candidate.written_once;
  }
  if (!known) context_.findings.Damage(page, "a table that is not ours: " + name);
  if (table.record.flags != 0 || table.record.pad != 0) {
    return context_.findings.Fatal(page, name + " has flags, " +
                                             std::to_string(table.record.flags) + ", or padding, " +
                                             std::to_string(table.record.pad));
  }
  tables_.push_back(std::move(table));
}

void StateWalk::CheckTables() {
  for (const KnownTable& wanted : kKnownTables) {
    const bool there = std::any_of(tables_.begin(), tables_.end(), [&](const Table& table) {
      return table.rules.name == wanted.name;
    });
    if (!there && wanted.required) {
      context_.findings.Damage(meta_number_, "a table is missing: " + std::string(wanted.name));
    }
  }
}

// Every page is one or the other. What is missed after a finding would be a consequence of it.
void StateWalk::CheckCoverage() {
  PageReport& report = context_.report;
  report.reachable = context_.set.used() + kFirstPage;
  report.free = context_.set.free();
  report.leaked = report.pages - report.reachable - report.free;
  if (context_.findings.any_fatal()) return;
  const uint64_t in_file = context_.file.pages();
  const uint64_t missing = report.pages > in_file ? report.pages - in_file : 0;
  if (missing != context_.missing_free) {
    context_.findings.Fatal(meta_number_, "the file ends at page " + std::to_string(in_file) +
                                              " of " + std::to_string(report.pages) +
                                              ", and not all that is missing is free");
  } else if (report.leaked != 0) {
    const auto first = context_.set.FindUnmarked(kFirstPage, report.pages);
    context_.findings.Add(
        first.value_or(0), PageSeverity::kWarning,
        "pages neither in use nor free, from here on: " + std::to_string(report.leaked));
  }
}

void StateWalk::CheckHeaders() {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(context_.options.max_header_seconds);
  const auto stop = [&] {
    if (Clock::now() < deadline) return false;
    const std::optional<MetaPages> now = ReadMetaPages(fd_);
    const MetaPage* newest = now ? now->Find(std::nullopt) : nullptr;
    return !newest || newest->transaction != meta_.transaction;
  };
  context_.at = {.phase = PagePhase::kOverflowHeaders, .expected = context_.report.overflow_runs};
  for (const Table& table : tables_) {  // the index leads to them
    if (table.rules.written_once) {
      context_.at.expected += table.record.branch_pages + table.record.leaf_pages;
    }
  }
  for (const Table& table : tables_) {
    if (!table.rules.written_once || table.record.root == kNoPage) continue;
    // What lies there is read by read calls, not through the map.
    const auto unreadable =
        table.rules.name == "objects" ? PageSeverity::kDamage : PageSeverity::kFatal;
    if (!CheckOverflowHeaders(context_, table.record.root, unreadable, stop)) return;
  }
}

Bytes StateWalk::ReadRoot() const {
  Bytes bytes;
  if (!context_.InFile(meta_.main.root) || !context_.file.ReadPage(meta_.main.root, bytes)) {
    bytes.clear();
  }
  return bytes;
}

// The root of the tables is replaced by every commit, so it is among the first pages that a writer
// who does not know of us takes again.
void StateWalk::CheckStable(const Bytes& root_before) {
  bool stable = ReadRoot() == root_before;
  if (!held_) {
    const std::optional<MetaPages> now = ReadMetaPages(fd_);
    const MetaPage* newest = now ? now->Find(std::nullopt) : nullptr;
    stable = stable && newest && newest->transaction == meta_.transaction;
  }
  if (stable) return;
  context_.report.stable = false;
  context_.findings.Fatal(meta_number_, "the file was written to while it was walked");
}

void CheckMetas(const MetaPages& metas, PageFindings& findings) {
  for (int i : {0, 1}) {
    const MetaPage& page = metas.pages[i];
    if (page.problem.empty()) continue;
    const bool matters = !page.lmdb_opens || i == metas.Choice();
    findings.Add(i, matters ? PageSeverity::kFatal : PageSeverity::kDamage,
                 "is no sound meta page: " + page.problem);
  }
  const uint64_t first = metas.pages[0].transaction, second = metas.pages[1].transaction;
  if (metas.pages[0].problem.empty() && metas.pages[1].problem.empty() && first + 1 != second &&
      second + 1 != first && !(first == 0 && second == 0)) {
    findings.Damage(first < second ? 0 : 1,
                    "is of transaction " + std::to_string(std::min(first, second)) +
                        ", the other meta page of " + std::to_string(std::max(first, second)));
  }
}

}  // namespace

PageReport WalkState(int fd, const MetaPages& metas, std::optional<uint64_t> held,
                     const PageWalkOptions& options) {
  PageReport report;
  PageFindings findings(report);
  CheckMetas(metas, findings);
  const MetaPage* meta = metas.Find(held);
  if (!meta) return report;
  PageFile file(fd, metas.page_bytes);
  const uint64_t pages = meta->last_page + 1;
  report.transaction = meta->transaction;
  report.page_bytes = metas.page_bytes;
  report.pages = pages;
  // Each page that is missing must be listed as free, and a list is in the file.
  if (pages > file.pages() && (pages - file.pages()) / metas.page_bytes > file.pages() / 8) {
    findings.Fatal(
        meta->transaction % 2,
        "claims " + std::to_string(pages) + " pages; the file has " + std::to_string(file.pages()));
    return report;
  }
  const uint64_t memory = options.max_memory_bytes;
  PageWalkContext context{.options = options,
                          .report = report,
                          .findings = findings,
                          .file = file,
                          .set = PageSet(memory - std::min(memory, kFixedMemory)),
                          .end = std::min(pages, file.pages()),
                          .at = {},
                          .missing_free = 0};
  StateWalk(context, *meta, fd, held.has_value()).Run();
  report.safe_to_open = !context.findings.any_fatal();
  return report;
}

}  // namespace chainfs::fs::store
