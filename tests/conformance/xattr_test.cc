// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

// The largest value: ext4 has one block for all of a file's attributes, chainfs what the kernel
// has.
constexpr size_t kLocalValue = 2000, kMaxValue = 65536;

class XattrTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Make("f");
    ASSERT_EQ(chmod("f", 0644), 0);
  }
  static int Set(const std::string& name, const std::string& value, int flags = 0) {
    return setxattr("f", name.c_str(), value.data(), value.size(), flags);
  }
  static std::string Get(const std::string& name) {
    std::string value(kMaxValue, 0);
    const ssize_t n = getxattr("f", name.c_str(), value.data(), value.size());
    if (n < 0) return Result(n);
    return value.substr(0, static_cast<size_t>(n));
  }
  // Without what a security module adds by itself.
  static std::set<std::string> List() {
    std::string names(kMaxValue, 0);
    const ssize_t n = listxattr("f", names.data(), names.size());
    EXPECT_GE(n, 0) << strerror(errno);
    std::set<std::string> result;
    for (ssize_t at = 0; at < n; at += static_cast<ssize_t>(strlen(&names[size_t(at)])) + 1) {
      result.insert(&names[static_cast<size_t>(at)]);
    }
    result.erase("security.selinux");
    return result;
  }
};

TEST_P(XattrTest, AValueIsKept) {
  EXPECT_EQ(Set("user.a", std::string("v\0w", 3)), 0);
  EXPECT_EQ(Get("user.a"), std::string("v\0w", 3));
}

TEST_P(XattrTest, AValueMayBeEmpty) {
  EXPECT_EQ(Set("user.a", ""), 0);
  EXPECT_EQ(Get("user.a"), "");
  EXPECT_EQ(List(), std::set<std::string>{"user.a"});
}

TEST_P(XattrTest, AValueIsReplaced) {
  EXPECT_EQ(Set("user.a", "long value"), 0);
  EXPECT_EQ(Set("user.a", "short"), 0);
  EXPECT_EQ(Get("user.a"), "short");
}

TEST_P(XattrTest, CreateRefusesWhatIsThere) {
  EXPECT_EQ(Set("user.a", "1", XATTR_CREATE), 0);
  EXPECT_EQ(Result(Set("user.a", "2", XATTR_CREATE)), "EEXIST");
  EXPECT_EQ(Get("user.a"), "1");
}

TEST_P(XattrTest, ReplaceRefusesWhatIsNotThere) {
  EXPECT_EQ(Result(Set("user.a", "1", XATTR_REPLACE)), "ENODATA");
  EXPECT_EQ(Set("user.a", "1"), 0);
  EXPECT_EQ(Set("user.a", "2", XATTR_REPLACE), 0);
  EXPECT_EQ(Get("user.a"), "2");
}

TEST_P(XattrTest, UnknownFlagsAreInvalid) { EXPECT_EQ(Result(Set("user.a", "1", 8)), "EINVAL"); }

TEST_P(XattrTest, WhatIsNotThereIsNoData) {
  EXPECT_EQ(Get("user.a"), "ENODATA");
  EXPECT_EQ(Result(removexattr("f", "user.a")), "ENODATA");
}

TEST_P(XattrTest, WhatIsRemovedIsGone) {
  EXPECT_EQ(Set("user.a", "1"), 0);
  EXPECT_EQ(removexattr("f", "user.a"), 0);
  EXPECT_EQ(Get("user.a"), "ENODATA");
  EXPECT_EQ(List(), std::set<std::string>{});
}

TEST_P(XattrTest, ASmallBufferIsARangeErrorAndNoBufferTellsTheSize) {
  EXPECT_EQ(Set("user.a", "12345"), 0);
  char buffer[8];
  EXPECT_EQ(getxattr("f", "user.a", nullptr, 0), 5);
  EXPECT_EQ(Result(getxattr("f", "user.a", buffer, 4)), "ERANGE");
  EXPECT_EQ(getxattr("f", "user.a", buffer, 5), 5);
}

TEST_P(XattrTest, AListHasTheSameRules) {
  EXPECT_EQ(Set("user.a", "1"), 0);
  char buffer[64];
  const ssize_t size = listxattr("f", nullptr, 0);
  EXPECT_GE(size, 7);
  EXPECT_EQ(Result(listxattr("f", buffer, static_cast<size_t>(size) - 1)), "ERANGE");
  EXPECT_EQ(listxattr("f", buffer, sizeof buffer), size);
}

TEST_P(XattrTest, AListNamesThemAll) {
  std::set<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    expected.insert("user.name" + std::to_string(i));
    EXPECT_EQ(Set("user.name" + std::to_string(i), "value"), 0);
  }
  expected.insert("trusted.t");
  EXPECT_EQ(Set("trusted.t", "value"), 0);
  EXPECT_EQ(List(), expected);
}

TEST_P(XattrTest, ANameHasUpTo255Bytes) {
  const std::string name = "user." + std::string(250, 'n');
  EXPECT_EQ(Set(name, "1"), 0);
  EXPECT_EQ(Get(name), "1");
  EXPECT_EQ(Result(Set(name + "n", "1")), "ERANGE");
  EXPECT_EQ(Result(Set("", "1")), "ERANGE");
}

TEST_P(XattrTest, APrefixIsNoName) { EXPECT_EQ(Result(Set("user.", "1")), "EINVAL"); }

TEST_P(XattrTest, AnUnknownNamespaceIsNotSupported) {
  EXPECT_EQ(Result(Set("nonsense.a", "1")), "EOPNOTSUPP");
  EXPECT_EQ(Get("nonsense.a"), "EOPNOTSUPP");
  EXPECT_EQ(Result(removexattr("f", "nonsense.a")), "EOPNOTSUPP");
}

TEST_P(XattrTest, AValueHasUpTo64KiB) {
  const std::string most(local() ? kLocalValue : kMaxValue, 'v');
  EXPECT_EQ(Set("user.a", most), 0) << strerror(errno);
  EXPECT_EQ(Get("user.a"), most);
  EXPECT_EQ(Result(Set("user.b", std::string(kMaxValue + 1, 'v'))), "E2BIG");
}

TEST_P(XattrTest, UserAttributesNeedTheFilesBits) {
  EXPECT_EQ(Set("user.a", "1"), 0);
  EXPECT_EQ(AsUser(kOther, [] { return getxattr("f", "user.a", nullptr, 0); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return setxattr("f", "user.a", "2", 1, 0); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return removexattr("f", "user.a"); }), "EACCES");
  EXPECT_EQ(chmod("f", 0602), 0);
  EXPECT_EQ(AsUser(kOther, [] { return getxattr("f", "user.a", nullptr, 0); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return setxattr("f", "user.a", "2", 1, 0); }), "OK");
}

TEST_P(XattrTest, TrustedAttributesAreRootsAlone) {
  EXPECT_EQ(Set("trusted.a", "1"), 0);
  EXPECT_EQ(chmod("f", 0666), 0);
  EXPECT_EQ(AsUser(kOther, [] { return getxattr("f", "trusted.a", nullptr, 0); }), "ENODATA");
  EXPECT_EQ(AsUser(kOther, [] { return setxattr("f", "trusted.a", "2", 1, 0); }), "EPERM");
}

TEST_P(XattrTest, TrustedAttributesAreHiddenFromOthersLists) {
  EXPECT_EQ(Set("trusted.a", "1"), 0);
  EXPECT_EQ(Set("user.a", "1"), 0);
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     char names[256];
                     const ssize_t n = listxattr("f", names, sizeof names);
                     const std::string all(names, n < 0 ? 0 : static_cast<size_t>(n));
                     errno = EEXIST;
                     return all.find("trusted.a") == all.npos ? 0 : -1;
                   }),
            "OK");
}

TEST_P(XattrTest, SecurityAttributesAreForRootToSetAndForAllToRead) {
  EXPECT_EQ(Set("security.a", "1"), 0);
  EXPECT_EQ(AsUser(kOther, [] { return getxattr("f", "security.a", nullptr, 0); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return setxattr("f", "security.a", "2", 1, 0); }), "EPERM");
}

TEST_P(XattrTest, AMalformedCapabilityIsInvalid) {
  EXPECT_EQ(Result(Set("security.capability", "nonsense")), "EINVAL");
}

TEST_P(XattrTest, LinksAndSpecialFilesHaveNoUserAttributes) {
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(mkfifo("p", 0666), 0);
  EXPECT_EQ(Result(lsetxattr("l", "user.a", "1", 1, 0)), "EPERM");
  EXPECT_EQ(Result(setxattr("p", "user.a", "1", 1, 0)), "EPERM");
  EXPECT_EQ(Result(lgetxattr("l", "user.a", nullptr, 0)), "ENODATA");
}

TEST_P(XattrTest, LinksHaveTrustedAttributesOfTheirOwn) {
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(Result(lsetxattr("l", "trusted.a", "12", 2, 0)), "OK");
  EXPECT_EQ(lgetxattr("l", "trusted.a", nullptr, 0), 2);
  EXPECT_EQ(Get("trusted.a"), "ENODATA");
}

TEST_P(XattrTest, InAStickyDirectoryUserAttributesAreTheOwners) {
  EXPECT_EQ(mkdir("d", 0777), 0);
  EXPECT_EQ(chmod("d", 01777), 0);
  EXPECT_EQ(AsUser(kUser, [] { return setxattr("d", "user.a", "1", 1, 0); }), "EPERM");
  EXPECT_EQ(Result(setxattr("d", "user.a", "1", 1, 0)), "OK");
}

TEST_P(XattrTest, AllNamesOfAFileShareThem) {
  EXPECT_EQ(link("f", "g"), 0);
  EXPECT_EQ(setxattr("g", "user.a", "1", 1, 0), 0);
  EXPECT_EQ(Get("user.a"), "1");
}

TEST_P(XattrTest, TheyStayWithARenamedFileAndARemount) {
  EXPECT_EQ(Set("user.a", "1"), 0);
  EXPECT_EQ(Set("trusted.b", "2"), 0);
  EXPECT_EQ(rename("f", "g"), 0);
  EXPECT_EQ(rename("g", "f"), 0);
  Remount();
  EXPECT_EQ(Get("user.a") + Get("trusted.b"), "12");
}

TEST_P(XattrTest, ADescriptorOfAnUnlinkedFileStillHasThem) {
  const Descriptor file = Open("f", O_RDWR);
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_EQ(Result(fsetxattr(file.get(), "user.a", "1", 1, 0)), "OK");
  EXPECT_EQ(fgetxattr(file.get(), "user.a", nullptr, 0), 1);
  EXPECT_EQ(Result(fremovexattr(file.get(), "user.a")), "OK");
}

CHAINFS_CONFORMS(XattrTest);

}  // namespace
}  // namespace chainfs::conformance
