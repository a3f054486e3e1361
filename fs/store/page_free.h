// SPDX-License-Identifier: GPL-3.0-or-later
// The list of free pages, entry by entry. Internal to fs/store. One thread at a time.
#pragma once

#include "fs/store/page_file.h"
#include "fs/store/page_index.h"

namespace chainfs::fs::store {

// Marks the pages that the entry `node` of leaf `leaf` lists. Findings: an entry that is none, of
// no transaction up to `transaction`, or not in descending order; pages that do not exist, are in
// use, or are listed twice. Memory: 64 KiB, whatever the entry's length.
// REQUIRES: the node was found sound, its overflow run with it, and has a key of eight bytes.
void MarkFreePages(PageWalkContext& context, uint64_t leaf, const PageNode& node,
                   uint64_t transaction, uint64_t last_page);

}  // namespace chainfs::fs::store
