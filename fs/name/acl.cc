// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/acl.h"

#include <algorithm>

namespace chainfs::fs {
namespace {

constexpr uint32_t kVersion = 2;
constexpr size_t kHeaderBytes = 4;
constexpr size_t kEntryBytes = 8;
constexpr uint32_t kNoId = 0xffffffff;
constexpr uint16_t kAllPermissions = 7;

// The kernel writes these in little-endian: they are its format, not ours.
uint32_t GetLE(const uint8_t* at, size_t bytes) {
  uint32_t v = 0;
  for (size_t i = bytes; i-- > 0;) v = v << 8 | at[i];
  return v;
}

void AppendLE(Bytes& out, uint32_t v, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i, v >>= 8) out.push_back(static_cast<uint8_t>(v));
}

bool NamesSomebody(AclTag tag) { return tag == AclTag::kUser || tag == AclTag::kGroup; }

bool IsKnown(uint32_t tag) { return tag != 0 && tag <= 0x20 && (tag & (tag - 1)) == 0; }

size_t Count(const Acl& acl, AclTag tag) {
  return static_cast<size_t>(
      std::count_if(acl.begin(), acl.end(), [&](const AclEntry& e) { return e.tag == tag; }));
}

bool IsSound(const Acl& acl) {
  const auto by_tag = [](const AclEntry& a, const AclEntry& b) { return a.tag < b.tag; };
  if (!std::is_sorted(acl.begin(), acl.end(), by_tag)) return false;
  for (const AclEntry& entry : acl) {
    if ((entry.permissions & ~kAllPermissions) != 0) return false;
    if (NamesSomebody(entry.tag) && entry.id == kNoId) return false;
  }
  const size_t masks = Count(acl, AclTag::kMask);
  const bool needs_mask = Count(acl, AclTag::kUser) + Count(acl, AclTag::kGroup) > 0;
  return Count(acl, AclTag::kUserObject) == 1 && Count(acl, AclTag::kGroupObject) == 1 &&
         Count(acl, AclTag::kOther) == 1 && masks <= 1 && (masks == 1 || !needs_mask);
}

// The entry that the mode's group bits stand for: the mask, or without one the owning group's.
AclTag GroupBitsTag(const Acl& acl) {
  return Count(acl, AclTag::kMask) > 0 ? AclTag::kMask : AclTag::kGroupObject;
}

// Where in the mode an entry's permissions are; nullopt: nowhere.
std::optional<unsigned> ModeShift(const Acl& acl, AclTag tag) {
  if (tag == AclTag::kUserObject) return 6;
  if (tag == AclTag::kOther) return 0;
  if (tag == GroupBitsTag(acl)) return 3;
  return std::nullopt;
}

uint16_t PermissionsAt(uint32_t mode, unsigned shift) {
  return static_cast<uint16_t>(mode >> shift & kAllPermissions);
}

}  // namespace

std::optional<Acl> DecodeAcl(ByteView value, bool* unknown_version) {
  *unknown_version = value.size() >= kHeaderBytes && GetLE(value.data(), 4) != kVersion;
  if (value.size() < kHeaderBytes || *unknown_version) return std::nullopt;
  if ((value.size() - kHeaderBytes) % kEntryBytes != 0) return std::nullopt;
  Acl acl;
  for (size_t at = kHeaderBytes; at < value.size(); at += kEntryBytes) {
    const uint32_t tag = GetLE(&value[at], 2);
    if (!IsKnown(tag)) return std::nullopt;
    acl.push_back({static_cast<AclTag>(tag), static_cast<uint16_t>(GetLE(&value[at + 2], 2)),
                   GetLE(&value[at + 4], 4)});
  }
  if (!acl.empty() && !IsSound(acl)) return std::nullopt;
  return acl;
}

Bytes EncodeAcl(const Acl& acl) {
  Bytes out;
  out.reserve(kHeaderBytes + acl.size() * kEntryBytes);
  AppendLE(out, kVersion, 4);
  for (const AclEntry& entry : acl) {
    AppendLE(out, static_cast<uint16_t>(entry.tag), 2);
    AppendLE(out, entry.permissions, 2);
    AppendLE(out, NamesSomebody(entry.tag) ? entry.id : kNoId, 4);
  }
  return out;
}

bool IsMinimalAcl(const Acl& acl) {
  return std::all_of(acl.begin(), acl.end(), [](const AclEntry& entry) {
    return !NamesSomebody(entry.tag) && entry.tag != AclTag::kMask;
  });
}

uint32_t ModeWithAcl(uint32_t mode, const Acl& acl) {
  for (const AclEntry& entry : acl) {
    if (const auto shift = ModeShift(acl, entry.tag)) {
      mode = (mode & ~(uint32_t{kAllPermissions} << *shift)) | uint32_t{entry.permissions}
                                                                   << *shift;
    }
  }
  return mode;
}

void ApplyMode(Acl& acl, uint32_t mode) {
  for (AclEntry& entry : acl) {
    if (const auto shift = ModeShift(acl, entry.tag)) {
      entry.permissions = PermissionsAt(mode, *shift);
    }
  }
}

InheritedAcl InheritAcl(const Acl& default_acl, uint32_t mode) {
  InheritedAcl inherited{mode, default_acl};
  for (AclEntry& entry : inherited.access) {
    if (const auto shift = ModeShift(default_acl, entry.tag)) {
      entry.permissions &= PermissionsAt(mode, *shift);
    }
  }
  inherited.mode = ModeWithAcl(mode, inherited.access);
  if (IsMinimalAcl(inherited.access)) inherited.access.clear();
  return inherited;
}

}  // namespace chainfs::fs
