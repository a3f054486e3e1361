// SPDX-License-Identifier: GPL-3.0-or-later
// The walk of one state of the file: all trees that a meta page leads to, and what they leave out.
// Internal to fs/store. One thread at a time.
#pragma once

#include "fs/store/page_meta.h"
#include "fs/store/page_walk.h"

namespace chainfs::fs::store {

// Walks the state of transaction `held`, which a read transaction holds; else the newest one that
// a sound page of `metas` shows. `metas` was read from `fd`, and shows `held`.
PageReport WalkState(int fd, const MetaPages& metas, std::optional<uint64_t> held,
                     const PageWalkOptions& options);

}  // namespace chainfs::fs::store
