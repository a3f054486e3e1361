// SPDX-License-Identifier: GPL-3.0-or-later
// The page walk: is the database file one that LMDB can be let near?
//
// LMDB trusts its file. A damaged or hostile page can crash whoever opens it, or make a later
// commit write over pages that are in use. The walk reads every index page (branches, leaves, the
// list of free pages) by itself, with pread and bounds, and says what is wrong. It needs no key,
// and looks at no blob: what an object holds is checked by its digest.
//
// What a sound file is, beyond sound pages: each page but the two first is reached by exactly one
// tree or listed as free, and the counts that each tree gives of itself are right.
//
// docs/format-store.md says what the file holds; page_format.h has the bytes of a page.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "crypto/base/result.h"

namespace chainfs::fs::store {

enum class PageSeverity : uint8_t {
  kWarning,  // space is lost, nothing else
  kDamage,   // wrong, but LMDB does not stumble over it
  kFatal,    // LMDB must not open this: it could crash, hang, or destroy what is still whole
};

struct PageFinding {
  uint64_t page = 0;  // where it was seen; 0 and 1 are the meta pages
  PageSeverity severity = PageSeverity::kFatal;
  std::string what = {};  // printable ASCII, at most kMaxFindingBytes
};

// What the walk counted in one tree: of pages what its record claims, or else there is a finding.
struct PageTable {
  std::string name = {};  // of the table; the list of free pages and the list of names are in ( )
  uint64_t depth = 0;
  uint64_t branch_pages = 0;
  uint64_t leaf_pages = 0;
  uint64_t overflow_pages = 0;
  uint64_t entries = 0;
};

struct PageReport {
  bool safe_to_open = false;  // no finding is fatal
  bool stable = true;         // false: somebody wrote over what was walked; there is a finding
  uint64_t transaction = 0;   // whose state was walked
  uint64_t page_bytes = 0;
  uint64_t pages = 0;      // that state's; the figures below add up to it
  uint64_t reachable = 0;  // with the two meta pages
  uint64_t free = 0;
  uint64_t leaked = 0;           // neither: space lost
  uint64_t overflow_runs = 0;    // values of objects, records and lists with pages of their own
  uint64_t headers_checked = 0;  // of these
  uint64_t unreadable = 0;       // pages that the disk does not give
  std::vector<PageTable> tables = {};
  std::vector<PageFinding> findings = {};  // the first kMaxFindings
  uint64_t further_findings = 0;           // how many more there were
};

constexpr size_t kMaxFindings = 1000;
constexpr size_t kMaxFindingBytes = 200;
constexpr size_t kMaxWalkedTables = 64;  // named databases that are walked; we have five

enum class PagePhase : uint8_t { kIndex, kOverflowHeaders };

struct PageProgress {
  PagePhase phase = PagePhase::kIndex;
  uint64_t page = 0;      // that is being read
  uint64_t done = 0;      // pages read in this phase
  uint64_t expected = 0;  // in this phase, as far as the file is to be believed; may grow
};

struct PageWalkOptions {
  // Also read the first page of each value that has pages of its own. LMDB looks at what stands
  // there only when it frees them: without, a safe file is safe to read, not to write.
  bool overflow_headers = true;
  // Beside a writer the pages that it frees are not reused until the walk ends, and its file
  // grows; so then reading those first pages ends after this time.
  uint64_t max_header_seconds = 600;
  // For the set of pages seen: 2 bits for each page of the file (10 TB: 640 MiB), and 64 MiB.
  uint64_t max_memory_bytes = 2ull << 30;
  // WalkPagesInChild: how long the child may go without reading a page.
  uint64_t max_stall_ms = 60000;
  // WalkPages: before each page. WalkPagesInChild: about ten times a second, in the caller.
  std::function<void(const PageProgress&)> progress = nullptr;
};

// Walks the newest state in this process: memory-safe on any bytes, bounded in time by the file's
// length. Throws std::bad_alloc. REQUIRES: nobody writes; or else the report is not stable,
// whatever it says besides.
PageReport WalkPages(int data_fd, const PageWalkOptions& options);

// Walks the database of `vault` in a forked child that can open no file, use no network, and take
// no more memory than it needs; if the child dies or stops, that is a finding. A vault that is
// mounted meanwhile may be written to: LMDB keeps the state that is walked. No key may be in
// memory yet, and best no other thread runs: the child inherits what there is.
// kNotFound, kNotDirectory, kAccessDenied: vault or database; kDamaged: the database is missing or
// no file; kInUse: it is written to, and keeping the state needs permission to write its lock file;
// kNoMemory, kIo: no child.
// REQUIRES: no Store of this vault is open in this process.
Result<PageReport> WalkPagesInChild(const std::string& vault, const PageWalkOptions& options);

}  // namespace chainfs::fs::store
