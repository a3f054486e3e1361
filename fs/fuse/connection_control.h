// SPDX-License-Identifier: GPL-3.0-or-later
// ConnectionControl: a mount's connection as the kernel shows it in the fusectl filesystem, also
// where nobody has mounted that. Values; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "fs/store/descriptor.h"

namespace chainfs::fs::fuse {

class ConnectionControl {
 public:
  // Of the mount whose device has this minor number. Where the kernel does not let us see it, for
  // want of root, the others have nothing to tell and to do.
  explicit ConnectionControl(unsigned device_minor);

  // Requests that have not been answered.
  std::optional<uint64_t> CountWaiting() const;

  // Fails every request under way, now and later. Whether that was possible.
  bool Abort() const;

 private:
  store::Descriptor directory_;
};

}  // namespace chainfs::fs::fuse
