// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sealing.h"

#include <cassert>

#include "crypto/key_schedule.h"
#include "crypto/object_aad.h"
#include "crypto/xaes256gcm.h"

namespace chainfs::crypto {

struct ObjectSealer::Keys {
  VolumeId volume_id;
  KeyEpoch epoch;
  Xaes256Gcm data, node;

  const Xaes256Gcm& For(ObjectType type) const { return type == ObjectType::kNode ? node : data; }
};

ObjectSealer::ObjectSealer(const VolumeId& volume_id, KeyEpoch epoch, const SecretKey& volume_key)
    : keys_(new Keys{volume_id, epoch, Xaes256Gcm(DeriveSubkey(volume_key, label::kDataKey, epoch)),
                     Xaes256Gcm(DeriveSubkey(volume_key, label::kNodeKey, epoch))}) {}
ObjectSealer::ObjectSealer(ObjectSealer&&) noexcept = default;
ObjectSealer& ObjectSealer::operator=(ObjectSealer&&) noexcept = default;
ObjectSealer::~ObjectSealer() = default;

void ObjectSealer::Seal(ObjectType type, const Pointer& pointer, std::span<const ByteView> parts,
                        MutableByteView out) const {
  assert(out.size() == pointer.length_bytes + kTagBytes);
  const ObjectAad aad =
      BuildObjectAad(keys_->volume_id, keys_->epoch, type, pointer.id, pointer.length_bytes);
  keys_->For(type).Seal(pointer.nonce, aad, parts, out);
}

bool ObjectSealer::Open(ObjectType type, const Pointer& pointer, ByteView sealed,
                        MutableByteView out) const {
  assert(out.size() == pointer.length_bytes);
  const ObjectAad aad =
      BuildObjectAad(keys_->volume_id, keys_->epoch, type, pointer.id, pointer.length_bytes);
  return keys_->For(type).Open(pointer.nonce, aad, sealed, out);
}

}  // namespace chainfs::crypto
