// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/key_schedule.h"

#include <cassert>

#include "crypto/base/byte_order.h"
#include "crypto/hkdf.h"

namespace chainfs::crypto {

SecretBytes DeriveSubkey(const SecretKey& volume_key, std::string_view label, KeyEpoch epoch,
                         size_t size_bytes) {
  assert(volume_key.size() == kKeyBytes);
  Bytes info(label.begin(), label.end());
  Writer(info).Int(epoch.value);
  return HkdfSha256(volume_key.view(), {}, info, size_bytes);
}

}  // namespace chainfs::crypto
