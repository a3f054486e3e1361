// SPDX-License-Identifier: GPL-3.0-or-later
// The two meta pages of an LMDB file, read with pread and checked. Internal to fs/store.
// Thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "fs/store/page_format.h"

namespace chainfs::fs::store {

struct MetaPage {
  std::string problem;     // empty: sound
  bool lmdb_opens = true;  // what LMDB looks at when it opens the file is as LMDB wants it
  uint64_t transaction = 0;
  uint64_t last_page = 0;
  TreeRecord free, main;
};

struct MetaPages {
  uint64_t page_bytes = 0;  // 0: neither page tells
  std::array<MetaPage, 2> pages;

  // The sound page of the newest, or of the given, transaction; null if there is none.
  const MetaPage* Find(std::optional<uint64_t> transaction) const;
  // Which page LMDB would go by: that of the higher transaction, sound or not.
  int Choice() const { return pages[0].transaction < pages[1].transaction ? 1 : 0; }
};

// Both as they are at one moment, even beside a writer: one commit apart.
// nullopt: the file is too short or cannot be read, or they never stop changing.
std::optional<MetaPages> ReadMetaPages(int fd);

}  // namespace chainfs::fs::store
