// SPDX-License-Identifier: GPL-3.0-or-later
// libfuse's session with its ends tied: options in, errors out, freed at the end.
#pragma once

#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "fs/fuse/context.h"
#include "fs/fuse/library.h"
#include "fs/fuse/service.h"

namespace chainfs::fs::fuse {

struct SessionDeleter {
  void operator()(fuse_session* session) const { fuse_session_destroy(session); }
};
using SessionPtr = std::unique_ptr<fuse_session, SessionDeleter>;

// libfuse's messages go to the log from then on, and the last error is kept for MountSession.
void RouteLibraryLog();

// A session over `context`, which must outlive it. `io_uring`: whether to offer it to the kernel.
Result<SessionPtr> NewSession(const ServiceOptions& options, bool io_uring, Context& context);

// REQUIRES: `mountpoint` is an absolute path without links.
Result<void> MountSession(fuse_session* session, const std::string& mountpoint);

}  // namespace chainfs::fs::fuse
