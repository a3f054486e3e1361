// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/xattr_codec.h"

#include <cstring>

namespace chainfs::fs {

bool XattrItemValue::Append(const XattrEntry& entry) {
  if (!HasRoomFor(entry.name.size(), entry.data.size())) return false;
  uint8_t* at = raw_.data() + size_;
  at[0] = static_cast<uint8_t>(entry.name.size());
  at[1] = entry.in_object ? 1 : 0;
  PutBE(at + 2, static_cast<uint16_t>(entry.data.size()));
  std::memcpy(at + kXattrFixedBytes, entry.name.data(), entry.name.size());
  if (!entry.data.empty()) {
    std::memcpy(at + kXattrFixedBytes + entry.name.size(), entry.data.data(), entry.data.size());
  }
  size_ += kXattrFixedBytes + entry.name.size() + entry.data.size();
  return true;
}

}  // namespace chainfs::fs
