// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes in FUSE's clothes. Pure; any thread.
#pragma once

#include <sys/stat.h>

#include "fs/fuse/library.h"
#include "fs/types.h"

namespace chainfs::fs::fuse {

// How long the kernel may trust an entry (also that there is none) or attributes: the mount is the
// volume's only way in, so nothing changes behind the kernel's back.
constexpr double kTimeoutSeconds = 86400;

struct stat ToStat(const Attributes& attributes);
#ifdef STATX_BTIME
struct statx ToStatx(const Attributes& attributes);
#endif
fuse_entry_param ToEntry(const Attributes& attributes);

// The answer "there is no such name", for the kernel to remember.
fuse_entry_param NegativeEntry();

// Answers with the entry. The inode's retention passes to the kernel, or ends if it will not have
// the answer.
void AnswerEntry(fuse_req_t request, const Attributes& attributes);
void AnswerAttributes(fuse_req_t request, const Attributes& attributes);

}  // namespace chainfs::fs::fuse
