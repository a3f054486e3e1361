// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of the page walk share: the file, read page by page; the findings; how far the
// walk is. Internal to fs/store. One thread at a time.
#pragma once

#include "crypto/base/types.h"
#include "fs/store/page_set.h"
#include "fs/store/page_walk.h"

namespace chainfs::fs::store {

// False unless all of `bytes` is there; errno is 0 where the file ends too early.
bool ReadAt(int fd, MutableByteView bytes, uint64_t offset);

class PageFile {
 public:
  // `fd` stays the caller's.
  PageFile(int fd, uint64_t page_bytes);

  bool ReadPage(uint64_t page, Bytes& bytes) const;
  // The first `bytes.size()` bytes of what begins at `offset` in `page`.
  bool Read(uint64_t page, uint64_t offset, MutableByteView bytes) const;
  // They will be read soon. Only a hint.
  void WillNeed(uint64_t page, uint64_t count) const;
  uint64_t page_bytes() const { return page_bytes_; }
  // Whole pages in the file.
  uint64_t pages() const { return pages_; }

 private:
  int fd_;
  uint64_t page_bytes_;
  uint64_t pages_ = 0;
};

class PageFindings {
 public:
  explicit PageFindings(PageReport& report) : report_(report) {}
  void Add(uint64_t page, PageSeverity severity, std::string what);
  void Fatal(uint64_t page, std::string what) { Add(page, PageSeverity::kFatal, std::move(what)); }
  void Damage(uint64_t page, std::string what) {
    Add(page, PageSeverity::kDamage, std::move(what));
  }
  // So far, of any severity.
  uint64_t count() const { return report_.findings.size() + report_.further_findings; }
  bool any_fatal() const { return any_fatal_; }

 private:
  PageReport& report_;
  bool any_fatal_ = false;
};

struct PageWalkContext {
  // A page is about to be read.
  void Step(uint64_t page) {
    at.page = page;
    if (options.progress) options.progress(at);
    ++at.done;
  }
  // Of the state that is walked, and in the file.
  bool InFile(uint64_t page, uint64_t count = 1) const {
    return page >= 2 && page < end && count <= end - page;
  }

  const PageWalkOptions& options;
  PageReport& report;
  PageFindings findings;
  PageFile file;
  PageSet set;
  uint64_t end;  // pages at or past it do not exist
  PageProgress at;
  uint64_t missing_free;  // free pages that lie past the end of the file
};

// What a read of the file that failed left in errno; 0: it came to the file's end.
std::string WhyNotRead(int error);

// A name out of the file, fit to be shown: printable ASCII, and short.
std::string Printable(ByteView name);

}  // namespace chainfs::fs::store
