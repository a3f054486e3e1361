// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/xattr_items.h"

#include "fs/name/xattr_rules.h"
#include "fs/name/xattr_value.h"

namespace chainfs::fs::repair {

void XattrItems::Begin(InodeNumber number) {
  number_ = number;
  any_ = default_acl_ = false;
  access_acl_.reset();
}

Result<Step> XattrItems::OnXattrs(const Key& key, ByteView value) {
  XattrItemValue kept;
  bool same = true;
  Result<bool> kept_it = true;
  const bool sound = ForEachXattr(value, [&](const XattrEntry& entry) {
    kept_it = Keep(key, entry, kept);
    same = kept_it && *kept_it && same;
    return kept_it.has_value();
  });
  if (!kept_it) return std::move(kept_it).error();
  any_ = any_ || !kept.empty();
  if (sound && same && !value.empty()) return Step::kNext;
  bench_.journal.Keep(key, value);
  if (!sound || value.empty()) {
    bench_.journal.Add(
        Action::kRemoveXattrs, number_,
        "a malformed item of its extended attributes: what follows in it is removed");
  }
  auto changed = kept.empty() ? bench_.change.Erase(key) : bench_.change.Put(key, kept.view());
  if (!changed) return std::move(changed).error();
  return Step::kChanged;
}

Result<bool> XattrItems::Keep(const Key& key, const XattrEntry& entry, XattrItemValue& kept) {
  bool twice = false;
  (void)ForEachXattr(kept.view(), [&](const XattrEntry& other) {
    twice = twice || other.name == entry.name;
    return !twice;
  });
  if (twice || !CheckXattrName(entry.name) || bench_.core.hasher.Hash(entry.name) != key.offset) {
    Remove(entry, "cannot have been set");
    return false;
  }
  Bytes opened;
  auto judgement = ObjectJudge::Judgement::kSound;
  if (entry.in_object) {
    auto judged = bench_.judge.Judge(ObjectType::kXattr, entry.pointer(), opened);
    if (!judged) return std::move(judged).error();
    judgement = *judged;
    if (judgement == ObjectJudge::Judgement::kUnreadable) {
      Remove(entry, "has a value that cannot be read");
      return false;
    }
  }
  if (!IsSoundAcl(entry.name, entry.in_object ? ByteView(opened) : entry.data)) {
    Remove(entry, "is no sound list");
    return false;
  }
  if (judgement == ObjectJudge::Judgement::kSound) return kept.Append(entry);
  const auto copy = bench_.change.NewObject<XattrValue>(ByteView(opened));
  std::array<uint8_t, kPointerBytes> pointer;
  PutPointer(pointer.data(), {copy->id(), {}, copy->PlaintextBytes()});
  (void)kept.Append({entry.name, true, pointer});
  bench_.journal.NoteCopy();
  return false;
}

bool XattrItems::IsSoundAcl(std::string_view name, ByteView value) {
  if (name != kAccessAclName && name != kDefaultAclName) return true;
  bool unknown_version;
  auto acl = DecodeAcl(value, &unknown_version);
  if (!acl || acl->empty()) return false;
  if (name == kAccessAclName) {
    access_acl_ = std::move(*acl);
  } else {
    default_acl_ = true;
  }
  return true;
}

void XattrItems::Remove(const XattrEntry& entry, const char* why) {
  bench_.journal.Add(Action::kRemoveXattrs, number_,
                     "extended attribute '" + std::string(entry.name) + "' " + why + ": removed");
}

void XattrItems::Finish(InodeItem& inode) {
  if (any_) inode.flags |= kHasXattrs;
  if (access_acl_) {
    inode.flags |= kHasAccessAcl;
    inode.mode = ModeWithAcl(inode.mode, *access_acl_);
  } else if ((inode.flags & kHasAccessAcl) != 0) {
    // The group's bits were the list's mask: without the list they might give the group more.
    inode.flags &= ~uint32_t{kHasAccessAcl};
    inode.mode &= ~uint32_t{070};
    bench_.journal.Add(Action::kRemoveXattrs, number_,
                       "its access control list is lost: its group has no access any more");
  }
  if (default_acl_) {
    inode.flags |= kHasDefaultAcl;
  } else if ((inode.flags & kHasDefaultAcl) != 0) {
    inode.flags &= ~uint32_t{kHasDefaultAcl};
    bench_.journal.Add(Action::kRemoveXattrs, number_,
                       "its default access control list is lost: what is made in it gets ordinary "
                       "permissions");
  }
}

}  // namespace chainfs::fs::repair
