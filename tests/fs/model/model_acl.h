// SPDX-License-Identifier: GPL-3.0-or-later
// A POSIX ACL as the model has it: by meaning, not as a list.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace chainfs::fs::model {

struct ModelAcl {
  uint32_t owner = 0, group = 0, other = 0;
  std::optional<uint32_t> mask;
  std::map<uint32_t, uint32_t> users, groups;

  bool minimal() const { return !mask; }
  uint32_t group_bits() const { return mask ? *mask : group; }

  std::string Encode() const {
    std::string out("\2\0\0\0", 4);
    Append(out, 0x01, owner, UINT32_MAX);
    for (const auto& [id, bits] : users) Append(out, 0x02, bits, id);
    Append(out, 0x04, group, UINT32_MAX);
    for (const auto& [id, bits] : groups) Append(out, 0x08, bits, id);
    if (mask) Append(out, 0x10, *mask, UINT32_MAX);
    Append(out, 0x20, other, UINT32_MAX);
    return out;
  }

  uint32_t ModeBits() const { return owner << 6 | group_bits() << 3 | other; }
  void Chmod(uint32_t mode) {
    owner = mode >> 6 & 7;
    other = mode & 7;
    (mask ? *mask : group) = mode >> 3 & 7;
  }
  // What a file made with `mode` below a directory with this default list gets.
  ModelAcl Inherited(uint32_t mode) const {
    ModelAcl acl = *this;
    acl.Chmod(ModeBits() & mode);
    return acl;
  }

 private:
  static void Append(std::string& out, uint32_t tag, uint32_t bits, uint32_t id) {
    const uint32_t word = tag | bits << 16;
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(word >> 8 * i));
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(id >> 8 * i));
  }
};

}  // namespace chainfs::fs::model
