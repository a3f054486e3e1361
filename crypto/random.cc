// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace chainfs::crypto {

void FillRandom(MutableByteView out) {
  while (!out.empty()) {
    ssize_t n = getrandom(out.data(), out.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    out = out.subspan(static_cast<size_t>(n));
  }
}

}  // namespace chainfs::crypto
