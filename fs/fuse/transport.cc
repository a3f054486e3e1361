// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/transport.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "fs/fuse/library.h"

namespace chainfs::fs::fuse {
namespace {

constexpr const char* kKernelParameter = "/sys/module/fuse/parameters/enable_uring";
constexpr const char* kIoUringDisabled = "/proc/sys/kernel/io_uring_disabled";

// The first word of the file; empty if it cannot be read.
[[maybe_unused]] std::string FirstWord(const char* path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

}  // namespace

std::string ReasonAgainstIoUring(Transport wanted) {
  if (wanted == Transport::kClassic) return "as asked for";
#ifndef CHAINFS_FUSE_IO_URING
  return std::string("built with libfuse ") + fuse_pkgversion() +
         "; io_uring needs a static libfuse 3.18.3 or newer";
#else
  const std::string parameter = FirstWord(kKernelParameter);
  if (parameter.empty()) return "this kernel has no FUSE over io_uring; Linux 6.14 and newer do";
  if (parameter != "Y" && parameter != "1") {
    return std::string("the kernel parameter fuse.enable_uring is N; to turn it on: echo Y > ") +
           kKernelParameter;
  }
  const std::string disabled = FirstWord(kIoUringDisabled);
  if (disabled == "2" || (disabled == "1" && geteuid() != 0)) {
    return std::string("io_uring is turned off; to turn it on: echo 0 > ") + kIoUringDisabled;
  }
  return {};
#endif
}

unsigned DefaultIoUringDepth() {
  constexpr long kAllRings = 64;
  const long cpus = std::max(1l, sysconf(_SC_NPROCESSORS_CONF));
  return static_cast<unsigned>(std::clamp(kAllRings / cpus, 2l, 8l));
}

}  // namespace chainfs::fs::fuse
