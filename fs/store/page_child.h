// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a page walk in a forked child and waits for what it reports: as long as it takes, as long
// as it goes on. Internal to fs/store. One thread at a time.
#pragma once

#include <functional>

#include "fs/store/page_walk.h"

namespace chainfs::fs::store {

// In the child: walks, calling the function for each page that it reads.
using PageWalkBody = std::function<Result<PageReport>(const std::function<void(PageProgress)>&)>;

// What the body returns; or, if the child dies, reports nothing or goes on with nothing for
// options.max_stall_ms, a report with one finding at the page that it had come to. Calls
// options.progress. At most `most_steps` are taken for going on.
// kNoMemory, kIo: no child.
Result<PageReport> RunPageWalk(const PageWalkBody& body, const PageWalkOptions& options,
                               uint64_t most_steps);

}  // namespace chainfs::fs::store
