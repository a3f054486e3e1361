// SPDX-License-Identifier: GPL-3.0-or-later
// The first pages of values that have pages of their own. LMDB reads none of their header when it
// reads the value, but frees what the header says. Internal to fs/store. One thread at a time.
#pragma once

#include "fs/store/page_file.h"
#include "fs/store/page_format.h"

namespace chainfs::fs::store {

// How many pages the header of `page` says there are. nullopt: it is none; there is a finding, of
// this severity if the disk does not give the page.
// REQUIRES: context.InFile(page).
std::optional<uint64_t> ReadOverflowHeader(PageWalkContext& context, uint64_t page,
                                           PageSeverity unreadable = PageSeverity::kFatal);

// Checks those of every value in the tree at `root`, in the order of the file, a million at a
// time. Ends early beside a writer once options.max_header_seconds are over: `stop` tells of
// one. False: ended early, or the index is not what it was. `unreadable`: as above; what is read by
// read calls only is no danger.
// REQUIRES: the tree was walked and found sound, each value in it was written once.
bool CheckOverflowHeaders(PageWalkContext& context, uint64_t root, PageSeverity unreadable,
                          const std::function<bool()>& stop);

}  // namespace chainfs::fs::store
