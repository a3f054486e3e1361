// SPDX-License-Identifier: GPL-3.0-or-later
// The value of a large extended attribute: an object of its own. Never changes: setting the
// attribute again makes a new one.
#pragma once

#include "fs/commit/pending_object.h"

namespace chainfs::fs {

// Threads: see PendingObject.
class XattrValue final : public PendingObject {
 public:
  XattrValue(ObjectId id, uint64_t generation, ByteView value)
      : PendingObject(ObjectType::kXattr, id, generation), value_(value.begin(), value.end()) {}

  ByteView value() const { return value_; }

  uint32_t PlaintextBytes() const override { return static_cast<uint32_t>(value_.size()); }
  void Gather(std::vector<ByteView>& parts, Bytes& scratch) const override;

 private:
  const Bytes value_;
};

}  // namespace chainfs::fs
