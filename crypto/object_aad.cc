// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/object_aad.h"

#include "crypto/base/byte_order.h"

namespace chainfs::crypto {

ObjectAad BuildObjectAad(const VolumeId& volume_id, KeyEpoch epoch, ObjectType type, ObjectId id,
                         uint32_t length_bytes) {
  ObjectAad aad;
  PutBE(&aad[0], kFormatVersion);
  std::memcpy(&aad[4], volume_id.data(), volume_id.size());
  PutBE(&aad[20], epoch.value);
  aad[28] = static_cast<uint8_t>(type);
  PutBE(&aad[29], id.value);
  PutBE(&aad[37], length_bytes);
  return aad;
}

}  // namespace chainfs::crypto
