// SPDX-License-Identifier: GPL-3.0-or-later
// Mount options that mean nothing to the kernel and are there for others to read: x-gvfs-show and
// its like. libmount keeps them in /run/mount/utab, where file managers (gvfs) and systemd look.
// mount(8) writes them there by itself; who calls mount.chainfs directly has to have it done.
//
// Only root may write there; for others, and without mount(8), these do nothing. Best effort.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chainfs::tools {

// Whether the text of a utab has an entry for this mount. Pure.
bool IsNoted(std::string_view utab, const std::string& vault, const std::string& mount_point);

// REQUIRES: it is mounted, and answers.
void NoteMountOptions(const std::string& vault, const std::string& mount_point,
                      const std::vector<std::string>& options);

// Removes what a mount that is gone has left there: it would be taken for the next one's.
// REQUIRES: it is not mounted.
void ForgetMountOptions(const std::string& vault, const std::string& mount_point);

}  // namespace chainfs::tools
