// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <random>

#include "fs/name/dentry_codec.h"
#include "fs/name/name_rules.h"
#include "fs/name/xattr_codec.h"
#include "fs/name/xattr_rules.h"

namespace chainfs::fs {
namespace {

std::vector<std::string> NamesIn(ByteView value, bool* sound) {
  std::vector<std::string> names;
  *sound = ForEachDentry(value, [&](const Dentry& entry) {
    names.emplace_back(entry.name);
    return true;
  });
  return names;
}

TEST(NameRulesTest, AnyByteButSlashAndNul) {
  EXPECT_TRUE(CheckName("a"));
  EXPECT_TRUE(CheckName("\xff\n "));
  EXPECT_TRUE(CheckName(std::string(255, 'x')));
  EXPECT_EQ(ErrorCode::kNameTooLong, CheckName(std::string(256, 'x')).error().code);
  EXPECT_EQ(ErrorCode::kInvalid, CheckName("").error().code);
  EXPECT_EQ(ErrorCode::kInvalid, CheckName("a/b").error().code);
  EXPECT_EQ(ErrorCode::kInvalid, CheckName(std::string_view("a\0b", 3)).error().code);
}

TEST(DentryCodecTest, KeepsAllEntriesOfOneHash) {
  DentryValue value;
  ASSERT_TRUE(value.Append({{InodeNumber(5), 0100000}, 9, "first"}));
  ASSERT_TRUE(value.Append({{InodeNumber(6), 0040000}, 10, std::string(255, 'x')}));
  std::vector<Dentry> entries;
  ASSERT_TRUE(ForEachDentry(value.view(), [&](const Dentry& entry) {
    entries.push_back(entry);
    return true;
  }));
  ASSERT_EQ(2u, entries.size());
  EXPECT_EQ(InodeNumber(5), entries[0].target.inode);
  EXPECT_EQ(0100000u, entries[0].target.type);
  EXPECT_EQ(9u, entries[0].sequence);
  EXPECT_EQ("first", entries[0].name);
  EXPECT_EQ(std::string(255, 'x'), entries[1].name);
  EXPECT_EQ(0040000u, entries[1].target.type);
}

TEST(DentryCodecTest, RefusesMoreThanAnItemHolds) {
  DentryValue value;
  size_t count = 0;
  while (value.Append({{InodeNumber(1), 0}, count, std::string(255, 'x')})) ++count;
  EXPECT_EQ(11u, count);
  bool sound;
  EXPECT_EQ(11u, NamesIn(value.view(), &sound).size());
  EXPECT_TRUE(sound);
}

TEST(DentryCodecTest, ACutValueIsUnsoundButAtAnEntrysEnd) {
  DentryValue value;
  ASSERT_TRUE(value.Append({{InodeNumber(5), 0100000}, 9, "one"}));
  const size_t boundary = value.view().size();
  ASSERT_TRUE(value.Append({{InodeNumber(6), 0100000}, 10, "two"}));
  for (size_t size = 0; size < value.view().size(); ++size) {
    bool sound;
    NamesIn(value.view().first(size), &sound);
    EXPECT_EQ(size == 0 || size == boundary, sound) << size;
  }
}

TEST(DentryCodecTest, HostileBytesAreReadWithinBounds) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    // Of exactly their size, so that a sanitizer sees a read past the end.
    Bytes bytes(random() % 80);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random() % 4 == 0 ? random() : 1);
    bool sound;
    for (const std::string& name : NamesIn(bytes, &sound)) EXPECT_FALSE(name.empty());
    (void)DecodeDirIndex(bytes);
    (void)ForEachXattr(bytes, [](const XattrEntry&) { return true; });
  }
}

TEST(DirIndexCodecTest, DecodesWhatItEncoded) {
  const DirIndexValue value({{InodeNumber(5), 0120000}, "name"});
  const auto entry = DecodeDirIndex(value.view());
  ASSERT_TRUE(entry);
  EXPECT_EQ(InodeNumber(5), entry->target.inode);
  EXPECT_EQ(0120000u, entry->target.type);
  EXPECT_EQ("name", entry->name);
  EXPECT_FALSE(DecodeDirIndex(value.view().first(9))) << "no name";
  EXPECT_FALSE(DecodeDirIndex(Bytes(9 + 256, 'x'))) << "too long a name";
}

TEST(XattrCodecTest, VisitsPointersAndNothingElse) {
  const Bytes inline_value(100, 0x11);
  std::array<uint8_t, kPointerBytes> pointer{};
  PutPointer(pointer.data(), {.id = ObjectId(77), .nonce = {}, .length_bytes = 5000});
  XattrItemValue item;
  ASSERT_TRUE(item.Append({"user.small", false, inline_value}));
  ASSERT_TRUE(item.Append({"user.large", true, pointer}));
  ASSERT_TRUE(item.Append({"user.empty", false, {}}));
  Bytes value(item.view().begin(), item.view().end());
  std::vector<ObjectId> found;
  ForEachXattrPointer(value, [&](uint8_t* at) {
    found.push_back(GetPointer(at).id);
    PutPointer(at, {.id = ObjectId(78), .nonce = {}, .length_bytes = 5000});
  });
  EXPECT_EQ(std::vector<ObjectId>{ObjectId(77)}, found);
  std::vector<std::pair<std::string, size_t>> entries;
  ASSERT_TRUE(ForEachXattr(value, [&](const XattrEntry& entry) {
    entries.emplace_back(entry.name, entry.value_bytes());
    if (entry.in_object) {
      EXPECT_EQ(ObjectId(78), entry.pointer().id);
    }
    return true;
  }));
  const std::vector<std::pair<std::string, size_t>> expected{
      {"user.small", 100}, {"user.large", 5000}, {"user.empty", 0}};
  EXPECT_EQ(expected, entries);
}

TEST(XattrCodecTest, AnObjectOfAnotherLengthThanAPointersIsUnsound) {
  XattrItemValue item;
  ASSERT_TRUE(item.Append({"user.a", true, Bytes(kPointerBytes - 1)}));
  EXPECT_FALSE(ForEachXattr(item.view(), [](const XattrEntry&) { return true; }));
}

TEST(XattrRulesTest, NamespacesAsLinuxHasThem) {
  const auto error = [](std::string_view name) {
    auto checked = CheckXattrName(name);
    return checked ? std::nullopt : std::optional(checked.error().code);
  };
  for (const char* name : {"user.a", "trusted.a", "security.capability", "system.posix_acl_access",
                           "system.posix_acl_default"}) {
    EXPECT_EQ(std::nullopt, error(name)) << name;
  }
  for (const char* name : {"system.nfs4_acl", "other.a", "user", "a"}) {
    EXPECT_EQ(ErrorCode::kUnsupported, error(name)) << name;
  }
  EXPECT_EQ(ErrorCode::kInvalid, error("user."));
  EXPECT_EQ(ErrorCode::kBufferTooSmall, error(""));
  EXPECT_EQ(std::nullopt, error("user." + std::string(250, 'x')));
  EXPECT_EQ(ErrorCode::kBufferTooSmall, error("user." + std::string(251, 'x')));
}

}  // namespace
}  // namespace chainfs::fs
