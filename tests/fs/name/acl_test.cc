// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/acl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chainfs::fs {
namespace {

const Acl kMinimal{{AclTag::kUserObject, 6}, {AclTag::kGroupObject, 4}, {AclTag::kOther, 4}};
// What `setfacl -m u:1000:rw,g:50:rx` makes of 0644: the mask is the union of the group class.
const Acl kExtended{{AclTag::kUserObject, 6}, {AclTag::kUser, 6, 1000}, {AclTag::kGroupObject, 4},
                    {AclTag::kGroup, 5, 50},  {AclTag::kMask, 7},       {AclTag::kOther, 4}};

std::optional<Acl> Decode(const Bytes& value) {
  bool unknown_version;
  return DecodeAcl(value, &unknown_version);
}

bool Refuses(const Acl& acl) { return !Decode(EncodeAcl(acl)); }

TEST(AclTest, HasTheKernelsBytes) {
  const Bytes expected{2,  0, 0, 0,                           // version
                       1,  0, 6, 0, 0xff, 0xff, 0xff, 0xff,   // user::rw-
                       2,  0, 6, 0, 0xe8, 0x03, 0,    0,      // user:1000:rw-
                       4,  0, 4, 0, 0xff, 0xff, 0xff, 0xff,   // group::r--
                       8,  0, 5, 0, 50,   0,    0,    0,      // group:50:r-x
                       16, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,   // mask::rwx
                       32, 0, 4, 0, 0xff, 0xff, 0xff, 0xff};  // other::r--
  EXPECT_EQ(expected, EncodeAcl(kExtended));
  const auto decoded = Decode(expected);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(expected, EncodeAcl(*decoded));
}

TEST(AclTest, RefusesUnsoundLists) {
  EXPECT_FALSE(Refuses(kMinimal));
  EXPECT_FALSE(Refuses(kExtended));
  for (size_t i = 0; i < kExtended.size(); ++i) {
    Acl without = kExtended;
    without.erase(without.begin() + static_cast<ptrdiff_t>(i));
    const bool optional = kExtended[i].tag == AclTag::kUser || kExtended[i].tag == AclTag::kGroup;
    EXPECT_EQ(!optional, Refuses(without)) << i;
    if (!optional) {
      Acl twice = kExtended;
      twice.insert(twice.begin() + static_cast<ptrdiff_t>(i), kExtended[i]);
      EXPECT_TRUE(Refuses(twice)) << i;
    }
    if (i > 0) {
      Acl swapped = kExtended;
      std::swap(swapped[i - 1], swapped[i]);
      EXPECT_TRUE(Refuses(swapped)) << i;
    }
  }
  Acl permissions = kMinimal;
  permissions[0].permissions = 8;
  EXPECT_TRUE(Refuses(permissions));
  Acl nobody = kExtended;
  nobody[1].id = UINT32_MAX;
  EXPECT_TRUE(Refuses(nobody));
}

TEST(AclTest, RefusesOtherLengthsVersionsAndTags) {
  const Bytes sound = EncodeAcl(kMinimal);
  for (size_t size = 0; size < sound.size(); ++size) {
    const Bytes cut(sound.begin(), sound.begin() + static_cast<ptrdiff_t>(size));
    // The bare version is a list without entries: none.
    EXPECT_EQ(size == 4, Decode(cut).has_value()) << size;
  }
  Bytes version = sound;
  version[0] = 3;
  bool unknown_version = false;
  EXPECT_FALSE(DecodeAcl(version, &unknown_version));
  EXPECT_TRUE(unknown_version);
  Bytes tag = sound;
  tag[4] = 3;
  EXPECT_FALSE(DecodeAcl(tag, &unknown_version));
  EXPECT_FALSE(unknown_version);
}

TEST(AclTest, HostileBytesAreReadWithinBounds) {
  std::mt19937 random(1);
  const Bytes sound = EncodeAcl(kExtended);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(sound.begin(), sound.begin() + static_cast<ptrdiff_t>(random() % sound.size()));
    for (int flips = 0; flips < 3 && !bytes.empty(); ++flips) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    if (const auto acl = Decode(bytes)) {
      EXPECT_LE(EncodeAcl(*acl).size(), bytes.size());
    }
  }
}

TEST(AclTest, TheGroupBitsOfTheModeAreTheMask) {
  EXPECT_EQ(0100674u, ModeWithAcl(0100000, kExtended));
  EXPECT_EQ(0100644u, ModeWithAcl(0100777, kMinimal));
  EXPECT_EQ(0106644u, ModeWithAcl(0106777, kMinimal)) << "set-id bits stay";
  Acl acl = kExtended;
  ApplyMode(acl, 0751);
  EXPECT_EQ(7, acl[0].permissions);
  EXPECT_EQ(4, acl[2].permissions) << "with a mask, chmod does not reach the group's own entry";
  EXPECT_EQ(5, acl[4].permissions);
  EXPECT_EQ(1, acl[5].permissions);
  acl = kMinimal;
  ApplyMode(acl, 0751);
  EXPECT_EQ(5, acl[1].permissions);
}

TEST(AclTest, InheritsNoMoreThanIsAskedFor) {
  const InheritedAcl file = InheritAcl(kExtended, 0100666);
  EXPECT_EQ(0100664u, file.mode);
  ASSERT_EQ(6u, file.access.size());
  EXPECT_EQ(6, file.access[1].permissions) << "user:1000 is masked, not cut";
  EXPECT_EQ(6, file.access[4].permissions);
  const InheritedAcl plain = InheritAcl(kMinimal, 0100666);
  EXPECT_EQ(0100644u, plain.mode);
  EXPECT_TRUE(plain.access.empty()) << "the mode says it all";
}

TEST(AclTest, MinimalIsWhatAModeCanSay) {
  EXPECT_TRUE(IsMinimalAcl(kMinimal));
  EXPECT_FALSE(IsMinimalAcl(kExtended));
  Acl masked = kMinimal;
  masked.insert(masked.begin() + 2, {AclTag::kMask, 7});
  EXPECT_FALSE(IsMinimalAcl(masked));
}

}  // namespace
}  // namespace chainfs::fs
