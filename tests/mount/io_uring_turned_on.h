// SPDX-License-Identifier: GPL-3.0-or-later
// FUSE over io_uring, which the kernel has as a parameter and is asked for when it connects.
#pragma once

#include <string>

#include "fs/store/descriptor.h"

namespace chainfs::mount_test {

// Turns it on, and back to what it was. One test process at a time, or one would restore what
// another has set. For one thread.
class IoUringTurnedOn {
 public:
  IoUringTurnedOn();
  IoUringTurnedOn(const IoUringTurnedOn&) = delete;
  IoUringTurnedOn& operator=(const IoUringTurnedOn&) = delete;
  ~IoUringTurnedOn();
  bool succeeded() const;  // false: this kernel has none

 private:
  fs::store::Descriptor lock_;
  std::string before_;
};

}  // namespace chainfs::mount_test
