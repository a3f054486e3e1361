// SPDX-License-Identifier: GPL-3.0-or-later
// An object in memory that has no sealed blob yet: a tree node, a piece of file data or an xattr
// value. While its generation is open it may change; after the freeze it never does.
#pragma once

#include <memory>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::fs {

// Threads: changed only under the exclusive tree lock and only while `generation` is the open one;
// read under the shared tree lock, or by anybody once it is frozen.
class PendingObject {
 public:
  PendingObject(ObjectType type, ObjectId id, uint64_t generation)
      : generation_(generation), type_(type) {
    pointer_.id = id;
  }
  PendingObject(const PendingObject&) = delete;
  PendingObject& operator=(const PendingObject&) = delete;
  virtual ~PendingObject() = default;

  ObjectId id() const { return pointer_.id; }
  ObjectType type() const { return type_; }
  uint64_t generation() const { return generation_; }
  // Nonce and length are there from the freeze on (for a node read from the store: always).
  const Pointer& pointer() const { return pointer_; }

  virtual uint32_t PlaintextBytes() const = 0;
  // Appends views of the plaintext, in order, to `parts`; they live as long as the object and
  // `scratch` do.
  virtual void Gather(std::vector<ByteView>& parts, Bytes& scratch) const = 0;

  // The freeze: draws the line after which content, id and AAD cannot change.
  void Freeze(const Nonce& nonce) {
    pointer_.nonce = nonce;
    pointer_.length_bytes = PlaintextBytes();
  }

 protected:
  Pointer pointer_;

 private:
  const uint64_t generation_;
  const ObjectType type_;
};

}  // namespace chainfs::fs
