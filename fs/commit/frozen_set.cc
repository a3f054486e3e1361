// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/frozen_set.h"

#include <cassert>

#include "crypto/random.h"
#include "fs/commit/open_set.h"
#include "fs/file/extent_codec.h"
#include "fs/name/xattr_codec.h"

namespace chainfs::fs {
namespace {

// The set's objects by id - first_id; null where an id was drawn and dropped again.
class ById {
 public:
  explicit ById(const OpenSet& open)
      : first_(open.first_id().value), objects_(open.next_id().value - first_) {}
  void Add(std::shared_ptr<PendingObject> object) {
    const size_t at = object->id().value - first_;
    objects_[at] = std::move(object);
  }
  // Null: it is not of this set. (That an item names one that was dropped, or one that is yet to
  // come, takes a damaged volume.)
  const Pointer* PointerOf(ObjectId id) const {
    if (id.value < first_ || id.value - first_ >= objects_.size()) return nullptr;
    const PendingObject* object = objects_[id.value - first_].get();
    return object != nullptr ? &object->pointer() : nullptr;
  }
  std::vector<std::shared_ptr<PendingObject>>& objects() { return objects_; }

 private:
  const uint64_t first_;
  std::vector<std::shared_ptr<PendingObject>> objects_;
};

void FreezeAll(std::vector<std::shared_ptr<PendingObject>>& objects) {
  std::vector<Nonce> nonces(objects.size());
  crypto::FillRandom({nonces.data()->data(), nonces.size() * sizeof(Nonce)});
  for (size_t i = 0; i < objects.size(); ++i) {
    if (objects[i]) objects[i]->Freeze(nonces[i]);
  }
}

// Pointers to this generation's objects were written before their nonces were drawn.
void FillPointers(Node& node, const ById& by_id) {
  const auto fill = [&](uint8_t* at) {
    const Pointer* pointer = by_id.PointerOf(ObjectId(GetBE<uint64_t>(at)));
    if (pointer != nullptr) PutPointer(at, *pointer);
  };
  for (size_t i = 0; i < node.count(); ++i) {
    if (!node.is_leaf()) {
      const Pointer* pointer = by_id.PointerOf(node.ChildIdAt(i));
      if (pointer != nullptr) node.SetChildAt(i, *pointer);
    } else if (node.KeyAt(i).kind == ItemKind::kExtent) {
      ForEachExtentPointer(node.MutableValueAt(i), fill);
    } else if (node.KeyAt(i).kind == ItemKind::kXattr) {
      ForEachXattrPointer(node.MutableValueAt(i), fill);
    }
  }
}

}  // namespace

std::shared_ptr<const FrozenSet> FrozenSet::Freeze(OpenSet& open, const Node& root) {
  std::shared_ptr<FrozenSet> frozen(new FrozenSet);
  frozen->generation_ = open.generation();
  frozen->next_id_ = open.next_id();
  ById by_id(open);
  for (NodeRef& node : open.nodes()) {
    if (node == nullptr) continue;
    by_id.Add(node);
    frozen->nodes_.push_back(std::move(node));
  }
  for (auto& [id, object] : open.objects()) by_id.Add(std::move(object));
  FreezeAll(by_id.objects());
  for (const NodeRef& node : frozen->nodes_) FillPointers(*node, by_id);
  frozen->births_.reserve(frozen->nodes_.size() + open.objects().size());
  for (auto& object : by_id.objects()) {
    if (object) frozen->births_.push_back(std::move(object));
  }
  frozen->root_ = root.pointer();
  frozen->deaths_ = std::move(open.deaths());
  frozen->touched_ = std::move(open.touched());
  return frozen;
}

std::shared_ptr<const PendingObject> FrozenSet::Find(ObjectId id) const {
  const auto it =
      std::lower_bound(births_.begin(), births_.end(), id,
                       [](const auto& object, ObjectId wanted) { return object->id() < wanted; });
  return it != births_.end() && (*it)->id() == id ? *it : nullptr;
}

}  // namespace chainfs::fs
