// SPDX-License-Identifier: GPL-3.0-or-later
// How the daemon's heap behaves. Call before there are threads.
#pragma once

namespace chainfs::tools {

// glibc gives every thread a heap of its own, up to eight for each CPU, and what one of them has
// freed the others cannot use: with a hundred workers that is more than all caches. So: one for
// each CPU, two at least.
void BoundHeaps();

}  // namespace chainfs::tools
