// SPDX-License-Identifier: GPL-3.0-or-later
// POSIX ACLs, in the form in which programs hand them to the kernel.
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

constexpr const char* kAccess = "system.posix_acl_access";
constexpr const char* kDefault = "system.posix_acl_default";
constexpr uint32_t kNoId = ~0u;

struct Entry {
  uint16_t tag, permissions;
  uint32_t id = kNoId;
};

class AclTest : public ConformanceTest {
 protected:
  using Acl = std::vector<Entry>;

  static long Set(const std::string& name, const char* kind, const Acl& acl) {
    std::string value;
    const auto append = [&](auto number) {
      value.append(reinterpret_cast<const char*>(&number), sizeof number);
    };
    append(uint32_t{POSIX_ACL_XATTR_VERSION});
    for (const Entry& entry : acl) {
      append(entry.tag);
      append(entry.permissions);
      append(entry.id);
    }
    return setxattr(name.c_str(), kind, value.data(), value.size(), 0);
  }
  // Such as "u6 u4711:4 g4 m6 o0"; the name of the error where there is none.
  static std::string Get(const std::string& name, const char* kind) {
    std::string value(4096, 0);
    const ssize_t n = getxattr(name.c_str(), kind, value.data(), value.size());
    if (n < 0) return Result(n);
    std::string text;
    for (size_t at = 4; at + 8 <= static_cast<size_t>(n); at += 8) {
      Entry entry;
      memcpy(&entry.tag, &value[at], 2);
      memcpy(&entry.permissions, &value[at + 2], 2);
      memcpy(&entry.id, &value[at + 4], 4);
      const char kind_of = entry.tag == ACL_MASK                                ? 'm'
                           : entry.tag == ACL_OTHER                             ? 'o'
                           : entry.tag == ACL_USER || entry.tag == ACL_USER_OBJ ? 'u'
                                                                                : 'g';
      text += text.empty() ? "" : " ";
      text += kind_of;
      if (entry.tag == ACL_USER || entry.tag == ACL_GROUP) text += std::to_string(entry.id) + ":";
      text += std::to_string(entry.permissions);
    }
    return text;
  }
  static Acl ForUser(uint32_t user, uint16_t permissions, uint16_t mask) {
    return {{ACL_USER_OBJ, 6},
            {ACL_USER, permissions, user},
            {ACL_GROUP_OBJ, 4},
            {ACL_MASK, mask},
            {ACL_OTHER, 0}};
  }
  static void MakeDirectory(const std::string& name, const Acl& inherited) {
    ASSERT_EQ(mkdir(name.c_str(), 0777), 0);
    ASSERT_EQ(Set(name, kDefault, inherited), 0) << strerror(errno);
  }
  inline static const Acl kInherited = {
      {ACL_USER_OBJ, 7}, {ACL_USER, 6, kUser}, {ACL_GROUP_OBJ, 5}, {ACL_MASK, 7}, {ACL_OTHER, 5}};
};

long OpenFile(const char* name, int flags) { return open(name, flags | O_CLOEXEC); }

TEST_P(AclTest, AFileHasNoneAtFirst) {
  Make("f");
  EXPECT_EQ(Get("f", kAccess), "ENODATA");
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(Get("d", kDefault), "ENODATA");
}

TEST_P(AclTest, ANamedUserMayWhatHisEntrySays) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, ForUser(kUser, 6, 6)), 0);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_RDWR); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
  EXPECT_EQ(Get("f", kAccess), "u6 u4711:6 g4 m6 o0");
}

TEST_P(AclTest, ANamedGroupCountsAlsoAsASupplementaryOne) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess,
                {{ACL_USER_OBJ, 6},
                 {ACL_GROUP_OBJ, 0},
                 {ACL_GROUP, 4, 99},
                 {ACL_MASK, 4},
                 {ACL_OTHER, 0}}),
            0);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kUser, kUser, {99}, [] { return OpenFile("f", O_RDONLY); }), "OK");
}

TEST_P(AclTest, TheMaskLimitsNamedUsers) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, ForUser(kUser, 6, 4)), 0);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_RDONLY); }), "OK");
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_WRONLY); }), "EACCES");
}

TEST_P(AclTest, AnAclSetsTheModeAndTheMaskItsGroupBits) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, ForUser(kUser, 6, 6)), 0);
  EXPECT_EQ(Mode("f"), 0660u);
}

TEST_P(AclTest, ChmodChangesTheMaskAndNotTheGroup) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, ForUser(kUser, 6, 6)), 0);
  EXPECT_EQ(chmod("f", 0641), 0);
  EXPECT_EQ(Get("f", kAccess), "u6 u4711:6 g4 m4 o1");
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_WRONLY); }), "EACCES");
}

TEST_P(AclTest, AnAclThatTheModeCanSayIsNone) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, {{ACL_USER_OBJ, 6}, {ACL_GROUP_OBJ, 4}, {ACL_OTHER, 4}}), 0);
  EXPECT_EQ(Mode("f"), 0644u);
  EXPECT_EQ(Get("f", kAccess), "ENODATA");
}

TEST_P(AclTest, RemovingAnAclLeavesTheMode) {
  Make("f");
  EXPECT_EQ(Set("f", kAccess, ForUser(kUser, 6, 6)), 0);
  EXPECT_EQ(removexattr("f", kAccess), 0);
  EXPECT_EQ(Get("f", kAccess), "ENODATA");
  EXPECT_EQ(Mode("f"), 0660u);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
}

TEST_P(AclTest, RemovingAnAclThatIsNotThereSucceeds) {
  Make("f");
  EXPECT_EQ(Result(removexattr("f", kAccess)), "OK");
}

TEST_P(AclTest, OnlyTheOwnerSetsIt) {
  Make("f", "", 0666);
  const auto set = [] { return Set("f", kAccess, ForUser(kUser, 6, 6)); };
  EXPECT_EQ(AsUser(kUser, set), "EPERM");
  EXPECT_EQ(chown("f", kUser, kUser), 0);
  EXPECT_EQ(AsUser(kUser, set), "OK");
}

TEST_P(AclTest, SettingAnAclOfAForeignGroupsFileDropsSgid) {
  Make("f");
  EXPECT_EQ(chown("f", kUser, 99), 0);
  EXPECT_EQ(chmod("f", 02755), 0);
  EXPECT_EQ(AsUser(kUser, [] { return Set("f", kAccess, ForUser(kOther, 6, 7)); }), "OK");
  EXPECT_EQ(Mode("f"), 0670u);
}

TEST_P(AclTest, SettingAnAclKeepsSgidForAMemberOfTheGroup) {
  Make("f");
  EXPECT_EQ(chown("f", kUser, 99), 0);
  EXPECT_EQ(chmod("f", 02755), 0);
  const auto set = [] { return Set("f", kAccess, ForUser(kOther, 6, 7)); };
  EXPECT_EQ(AsUser(kUser, kUser, {1, 99}, set), "OK");
  EXPECT_EQ(Mode("f"), 02670u);
  EXPECT_EQ(AsUser(kUser, 99, {}, set), "OK");
  EXPECT_EQ(Result(set()), "OK");
  EXPECT_EQ(Mode("f"), 02670u);
}

TEST_P(AclTest, AMalformedAclIsInvalid) {
  Make("f");
  EXPECT_EQ(Result(Set("f", kAccess, {{ACL_USER_OBJ, 6}})), "EINVAL");
  EXPECT_EQ(
      Result(Set("f", kAccess,
                 {{ACL_USER_OBJ, 6}, {ACL_USER, 6, kUser}, {ACL_GROUP_OBJ, 4}, {ACL_OTHER, 0}})),
      "EINVAL")
      << "named users need a mask";
  EXPECT_EQ(Result(setxattr("f", kAccess, "\1\0\0\0", 4, 0)), "EOPNOTSUPP") << "another version";
}

TEST_P(AclTest, AFileHasNoDefault) {
  Make("f");
  EXPECT_EQ(Result(Set("f", kDefault, kInherited)), "EACCES");
}

TEST_P(AclTest, ADefaultChangesNothingOfTheDirectoryItself) {
  MakeDirectory("d", kInherited);
  EXPECT_EQ(Mode("d"), 0755u);
  EXPECT_EQ(Get("d", kAccess), "ENODATA");
  EXPECT_EQ(Get("d", kDefault), "u7 u4711:6 g5 m7 o5");
}

TEST_P(AclTest, AFileInheritsTheDefaultAsFarAsItsModeGoes) {
  MakeDirectory("d", kInherited);
  Open("d/f", O_CREAT | O_WRONLY, 0640);
  EXPECT_EQ(Get("d/f", kAccess), "u6 u4711:6 g5 m4 o0");
  EXPECT_EQ(Mode("d/f"), 0640u);
}

TEST_P(AclTest, ADefaultTakesTheUmasksPlace) {
  umask(077);
  MakeDirectory("d", kInherited);
  Open("d/f", O_CREAT | O_WRONLY, 0666);
  EXPECT_EQ(Mode("d/f"), 0664u);
  EXPECT_EQ(Get("d/f", kAccess), "u6 u4711:6 g5 m6 o4");
}

TEST_P(AclTest, ADefaultWithoutNamesShapesTheModeAlone) {
  umask(0);
  MakeDirectory("d", {{ACL_USER_OBJ, 7}, {ACL_GROUP_OBJ, 5}, {ACL_OTHER, 0}});
  Open("d/f", O_CREAT | O_WRONLY, 0666);
  EXPECT_EQ(Mode("d/f"), 0640u);
  EXPECT_EQ(Get("d/f", kAccess), "ENODATA");
}

TEST_P(AclTest, ADirectoryInheritsTheDefaultTwice) {
  MakeDirectory("d", kInherited);
  EXPECT_EQ(mkdir("d/s", 0750), 0);
  EXPECT_EQ(Get("d/s", kAccess), "u7 u4711:6 g5 m5 o0");
  EXPECT_EQ(Get("d/s", kDefault), "u7 u4711:6 g5 m7 o5");
}

TEST_P(AclTest, SpecialFilesInheritTheDefaultAndLinksDoNot) {
  MakeDirectory("d", kInherited);
  EXPECT_EQ(mkfifo("d/p", 0666), 0);
  EXPECT_EQ(Get("d/p", kAccess), "u6 u4711:6 g5 m6 o4");
  EXPECT_EQ(symlink("p", "d/l"), 0);
  EXPECT_EQ(Result(lgetxattr("d/l", kAccess, nullptr, 0)), "EOPNOTSUPP");
}

TEST_P(AclTest, ATemporaryFileInheritsTheDefault) {
  MakeDirectory("d", kInherited);
  const Descriptor file = Open("d", O_TMPFILE | O_RDWR, 0666);
  EXPECT_EQ(Status(file).st_mode & 07777, 0664u);
}

TEST_P(AclTest, AFileThatIsMovedInInheritsNothing) {
  MakeDirectory("d", kInherited);
  Make("f");
  EXPECT_EQ(rename("f", "d/f"), 0);
  EXPECT_EQ(Get("d/f", kAccess), "ENODATA");
}

TEST_P(AclTest, RemovingADefaultEndsTheInheritance) {
  MakeDirectory("d", kInherited);
  EXPECT_EQ(removexattr("d", kDefault), 0);
  Open("d/f", O_CREAT | O_WRONLY, 0666);
  EXPECT_EQ(Mode("d/f"), 0644u);
  EXPECT_EQ(Get("d/f", kAccess), "ENODATA");
}

TEST_P(AclTest, TheListOfAttributesNamesThem) {
  MakeDirectory("d", kInherited);
  std::string names(256, 0);
  const ssize_t n = listxattr("d", names.data(), names.size());
  ASSERT_GT(n, 0);
  EXPECT_NE(names.find(kDefault), names.npos);
  EXPECT_EQ(names.find(kAccess), names.npos);
}

TEST_P(AclTest, ARemountKeepsThem) {
  MakeDirectory("d", kInherited);
  Open("d/f", O_CREAT | O_WRONLY, 0660);
  Remount();
  EXPECT_EQ(Get("d", kDefault), "u7 u4711:6 g5 m7 o5");
  EXPECT_EQ(Get("d/f", kAccess), "u6 u4711:6 g5 m6 o0");
}

CHAINFS_CONFORMS(AclTest);

}  // namespace
}  // namespace chainfs::conformance
