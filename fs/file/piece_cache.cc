// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/piece_cache.h"

namespace chainfs::fs {

std::shared_ptr<const Bytes> PieceCache::Find(ObjectId id) {
  std::lock_guard lock(mutex_);
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, it->second);
  return it->second->plaintext;
}

void PieceCache::Insert(ObjectId id, std::shared_ptr<const Bytes> plaintext) {
  std::lock_guard lock(mutex_);
  if (plaintext->size() > limit_ || by_id_.contains(id)) return;
  bytes_ += plaintext->size();
  recent_.push_front({id, std::move(plaintext)});
  by_id_.emplace(id, recent_.begin());
  while (bytes_ > limit_) EraseLocked(recent_.back().id);
}

void PieceCache::Erase(ObjectId id) {
  std::lock_guard lock(mutex_);
  EraseLocked(id);
}

void PieceCache::EraseLocked(ObjectId id) {
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return;
  bytes_ -= it->second->plaintext->size();
  recent_.erase(it->second);
  by_id_.erase(it);
}

size_t PieceCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace chainfs::fs
