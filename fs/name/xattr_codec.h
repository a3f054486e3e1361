// SPDX-License-Identifier: GPL-3.0-or-later
// The value of an XATTR item: the attributes of one inode whose names have this hash.
//
//   attribute: 0 name length u8 | 1 kind u8 (0: inline, 1: object) | 2 data length u16 | 4 name |
//              data: the attribute's value, or the pointer to the xattr object that holds it
//
// Pure; no threads.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "crypto/base/byte_order.h"
#include "fs/tree/node.h"

namespace chainfs::fs {

struct XattrEntry {
  std::string_view name;
  bool in_object = false;
  ByteView data;

  // REQUIRES: in_object.
  Pointer pointer() const { return GetPointer(data.data()); }
  size_t value_bytes() const { return in_object ? pointer().length_bytes : data.size(); }
};

constexpr size_t kXattrFixedBytes = 4;
constexpr size_t kMaxInlineXattrBytes = 1536;  // a larger value goes into an object

// Visits the attributes until `visit` gives false. False: the value is not sound.
template <class F>
[[nodiscard]] bool ForEachXattr(ByteView value, F&& visit) {
  while (!value.empty()) {
    if (value.size() < kXattrFixedBytes || value[0] == 0 || value[1] > 1) return false;
    XattrEntry entry;
    const size_t name_bytes = value[0];
    const size_t data_bytes = GetBE<uint16_t>(value.data() + 2);
    if (value.size() - kXattrFixedBytes < name_bytes + data_bytes) return false;
    entry.name = {reinterpret_cast<const char*>(value.data() + kXattrFixedBytes), name_bytes};
    entry.in_object = value[1] == 1;
    entry.data = value.subspan(kXattrFixedBytes + name_bytes, data_bytes);
    if (entry.in_object && data_bytes != kPointerBytes) return false;
    if (!visit(static_cast<const XattrEntry&>(entry))) return true;
    value = value.subspan(kXattrFixedBytes + name_bytes + data_bytes);
  }
  return true;
}

// Visits the place of each encoded pointer. REQUIRES: the value is sound.
template <class F>
void ForEachXattrPointer(MutableByteView value, F&& visit) {
  (void)ForEachXattr(value, [&](const XattrEntry& entry) {
    if (entry.in_object) visit(value.data() + (entry.data.data() - value.data()));
    return true;
  });
}

// An XATTR value in the making.
class XattrItemValue {
 public:
  bool HasRoomFor(size_t name_bytes, size_t data_bytes) const {
    return kXattrFixedBytes + name_bytes + data_bytes <= raw_.size() - size_;
  }
  // False: there is no room, and nothing has changed.
  // REQUIRES: name and data lengths fit their fields.
  [[nodiscard]] bool Append(const XattrEntry& entry);
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {raw_.data(), size_}; }

 private:
  std::array<uint8_t, kMaxValueBytes> raw_;
  size_t size_ = 0;
};

}  // namespace chainfs::fs
