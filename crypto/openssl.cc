// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/openssl.h"

#include <openssl/err.h>

#include <stdexcept>
#include <string>

namespace chainfs::crypto {

void ThrowOpenSslFailure(const char* operation) {
  char reason[256] = "no reason given";
  if (unsigned long code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof(reason));
  throw std::runtime_error(std::string("OpenSSL: ") + operation + " failed: " + reason);
}

}  // namespace chainfs::crypto
