// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sealing.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "crypto/base/byte_order.h"
#include "crypto/key_schedule.h"
#include "crypto/object_aad.h"
#include "crypto/xaes256gcm.h"

namespace chainfs::crypto {
namespace {

Nonce NonceOfChunk(Nonce nonce, uint32_t chunk) {
  uint8_t* const last = nonce.data() + nonce.size() - sizeof(chunk);
  PutBE(last, GetBE<uint32_t>(last) ^ chunk);
  return nonce;
}

}  // namespace

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
  assert(out.size() == SealedBytes(pointer.length_bytes));
  const ObjectAad aad =
      BuildObjectAad(keys_->volume_id, keys_->epoch, type, pointer.id, pointer.length_bytes);
  Xaes256Gcm::Sealing sealing(keys_->For(type), pointer.nonce);
  sealing.Begin(NonceOfChunk(pointer.nonce, 0), aad);
  uint8_t* at = out.data();
  size_t room = kChunkBytes;
  uint32_t chunk = 0;
  for (ByteView part : parts) {
    while (!part.empty()) {
      if (room == 0) {
        sealing.Finish(at);
        at += kTagBytes;
        sealing.Begin(NonceOfChunk(pointer.nonce, ++chunk), aad);
        room = kChunkBytes;
      }
      const size_t size = std::min(room, part.size());
      assert(at + size + kTagBytes <= out.data() + out.size());
      sealing.Add(part.first(size), at);
      at += size;
      room -= size;
      part = part.subspan(size);
    }
  }
  assert(at + kTagBytes == out.data() + out.size());
  sealing.Finish(at);
}

bool ObjectSealer::Open(ObjectType type, const Pointer& pointer, ByteView sealed,
                        MutableByteView out) const {
  assert(out.size() == pointer.length_bytes);
  return OpenChunks(type, pointer, sealed, 0, out);
}

bool ObjectSealer::OpenChunks(ObjectType type, const Pointer& pointer, ByteView chunks,
                              size_t begin, MutableByteView out) const {
  assert(begin + out.size() <= pointer.length_bytes);
  const ObjectAad aad =
      BuildObjectAad(keys_->volume_id, keys_->epoch, type, pointer.id, pointer.length_bytes);
  Xaes256Gcm::Opening opening(keys_->For(type), pointer.nonce);
  size_t chunk = begin / kChunkBytes;
  size_t skip = begin % kChunkBytes;  // of the first chunk
  MutableByteView rest = out;
  bool genuine = true;
  do {
    const size_t size = std::min(kChunkBytes, pointer.length_bytes - chunk * kChunkBytes);
    const ByteView sealed = chunks.first(std::min(chunks.size(), size + kTagBytes));
    const Nonce nonce = NonceOfChunk(pointer.nonce, static_cast<uint32_t>(chunk));
    const MutableByteView part = rest.first(std::min(rest.size(), size - skip));
    if (part.size() == size) {
      genuine = opening.Open(nonce, aad, sealed, part);
    } else {
      uint8_t plaintext[kChunkBytes];
      genuine = opening.Open(nonce, aad, sealed, {plaintext, size});
      std::memcpy(part.data(), plaintext + skip, part.size());
    }
    chunks = chunks.subspan(sealed.size());
    rest = rest.subspan(part.size());
    skip = 0;
    ++chunk;
  } while (genuine && !rest.empty());
  if (!genuine || !chunks.empty()) {
    std::ranges::fill(out, uint8_t{0});
    return false;
  }
  return true;
}

}  // namespace chainfs::crypto
