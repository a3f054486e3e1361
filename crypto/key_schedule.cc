// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/key_schedule.h"

#include <algorithm>
#include <cassert>

#include "crypto/base/byte_order.h"
#include "crypto/hkdf.h"

namespace chainfs::crypto {

SecretBytes DeriveSubkey(const SecretKey& volume_key, std::string_view label, KeyEpoch epoch,
                         size_t size_bytes) {
  assert(volume_key.size() == kKeyBytes);
  Bytes info;
  Writer writer(info);
  writer.Raw(AsBytes(label));
  writer.Int(epoch.value);
  return HkdfSha256(volume_key.view(), {}, info, size_bytes);
}

Digest VolumeKeyCommitment(const SecretKey& volume_key, const VolumeId& volume_id) {
  assert(volume_key.size() == kKeyBytes);
  Bytes info;
  Writer writer(info);
  writer.Raw(AsBytes(label::kVolumeKeyCommitment));
  writer.Raw(volume_id);
  const SecretBytes derived = HkdfSha256(volume_key.view(), {}, info, kKeyBytes);
  Digest commitment;
  std::ranges::copy(derived.view(), commitment.begin());
  return commitment;
}

}  // namespace chainfs::crypto
