// SPDX-License-Identifier: GPL-3.0-or-later
// The options uid=, gid= and umask=: what is shown and checked, and what is stored.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

constexpr uid_t kUser = 1234, kStranger = 4321;

class ShownOwnerTest : public MountedVault {
 protected:
  // A volume of root's and user 77's, seen by others with these options.
  void Show(const std::string& options) {
    ASSERT_EQ(chmod(scratch_.path().c_str(), 0755), 0);
    Shell(
        "chmod 755 .; echo text > f; chown 77:78 f; chmod 644 f; mkdir d; chmod 2775 d;"
        "echo x > d/inner; ln -s f link; cp /bin/true suid; chown 77 suid; chmod 4755 suid");
    UnmountVault();
    MountVault("allow_other," + options);
  }
  void ShowAsStored() {
    UnmountVault();
    MountVault();
  }
  // "1234:77 644"
  std::string Shown(const std::string& name) {
    struct stat status {};
    EXPECT_EQ(lstat(In(name).c_str(), &status), 0) << name;
    char text[64];
    std::snprintf(text, sizeof text, "%u:%u %o", status.st_uid, status.st_gid,
                  status.st_mode & 07777);
    return text;
  }
  int As(uid_t user, const std::string& script) {
    return tools::RunProgram({"sh", "-c", "umask 022; cd " + mount_point_ + " && " + script},
                             {.input = {}, .environment = {}, .user = user})
        .code;
  }
};

TEST_P(ShownOwnerTest, EveryFileBelongsToOneUser) {
  ASSERT_NO_FATAL_FAILURE(Show("uid=1234,gid=4567"));
  if (IsSkipped()) return;
  for (const std::string name : {".", "f", "d", "d/inner", "link", "suid"}) {
    EXPECT_EQ(Shown(name).substr(0, 10), "1234:4567 ") << name;
  }
  // By readdirplus, too, which ls gets.
  EXPECT_EQ(Shell("ls -ln | awk 'NR > 1 {print $3, $4}' | sort -u"), "1234 4567\n");
  EXPECT_EQ(As(kUser, "echo more >> f && rm link && echo y > new && mkdir -p d/e"), 0);
  EXPECT_NE(As(kStranger, "echo no >> f"), 0);
  EXPECT_NE(As(kStranger, "rm -f f"), 0);
  EXPECT_EQ(As(kStranger, "cat f"), 0);
  EXPECT_EQ(Shown("new"), "1234:4567 644");
  ASSERT_NO_FATAL_FAILURE(ShowAsStored());
  EXPECT_EQ(Shown("f"), "77:78 644") << "what is stored has not changed";
  EXPECT_EQ(Shown("new"), "1234:1234 644") << "who made it owns it";
  EXPECT_EQ(Read("f"), "text\nmore\n");
}

TEST_P(ShownOwnerTest, AChownThatWouldNotShowIsRefused) {
  ASSERT_NO_FATAL_FAILURE(Show("uid=1234"));
  if (IsSkipped()) return;
  EXPECT_EQ(chown(In("f").c_str(), 99, static_cast<gid_t>(-1)), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(chown(In("f").c_str(), 99, 98), -1) << "all or nothing";
  EXPECT_EQ(chown(In("f").c_str(), static_cast<uid_t>(-1), 98), 0) << "gid= was not given";
  EXPECT_EQ(Shown("f"), "1234:98 644");
  EXPECT_EQ(chown(In("d").c_str(), 1234, static_cast<gid_t>(-1)), 0);
  ASSERT_NO_FATAL_FAILURE(ShowAsStored());
  EXPECT_EQ(Shown("f"), "77:98 644");
  EXPECT_EQ(Shown("d").substr(0, 5), "1234:") << "asked for, and stored";
}

TEST_P(ShownOwnerTest, UmaskHidesPermissions) {
  ASSERT_NO_FATAL_FAILURE(Show("uid=1234,gid=1234,umask=077"));
  if (IsSkipped()) return;
  EXPECT_EQ(Shown("f"), "1234:1234 600");
  EXPECT_EQ(Shown("d"), "1234:1234 2700");
  EXPECT_EQ(Shown("."), "1234:1234 700");
  EXPECT_NE(As(kStranger, "cat f"), 0);
  EXPECT_EQ(As(kUser, "cat f && echo x > made && chmod 700 made && test -x made"), 0);
  EXPECT_EQ(chmod(In("f").c_str(), 0640), -1) << "would not be shown";
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(chmod(In("f").c_str(), 0400), 0);
  EXPECT_EQ(Shown("f"), "1234:1234 400");
  ASSERT_NO_FATAL_FAILURE(ShowAsStored());
  EXPECT_EQ(Shown("f"), "77:78 400") << "an explicit chmod is stored as it was asked for";
  EXPECT_EQ(Shown("d").substr(4), "2775") << Shown("d");
  EXPECT_EQ(Shown("made"), "1234:1234 700");
}

TEST_P(ShownOwnerTest, NobodyBecomesSomebodyByASetIdProgram) {
  Shell("cp /usr/bin/id id; chmod 4755 id");
  ASSERT_NO_FATAL_FAILURE(Show("uid=0"));
  if (IsSkipped()) return;
  const auto result =
      tools::RunProgram({In("id"), "-u"}, {.input = {}, .environment = {}, .user = kStranger});
  EXPECT_EQ(result.out, "4321\n") << result.err;
}

// Or who is shown as the owner would leave programs that run as the stored one.
TEST_P(ShownOwnerTest, ASetIdBitIsNotStoredForAnother) {
  ASSERT_NO_FATAL_FAILURE(Show("uid=1234,gid=1234"));
  if (IsSkipped()) return;
  EXPECT_NE(As(kUser, "chmod 4755 f"), 0);
  EXPECT_NE(As(kUser, "chmod 2755 f"), 0);
  EXPECT_EQ(As(kUser, "chmod 755 f && chmod 1755 d"), 0);
  ASSERT_NO_FATAL_FAILURE(ShowAsStored());
  EXPECT_EQ(Shown("f"), "77:78 755");
}

TEST_P(ShownOwnerTest, DevicesOfAnotherMachineAreNotOpened) {
  Shell("mknod -m 666 null c 1 3");
  ASSERT_NO_FATAL_FAILURE(Show("gid=1234"));
  if (IsSkipped()) return;
  EXPECT_EQ(open(In("null").c_str(), O_RDONLY | O_CLOEXEC), -1);
  EXPECT_EQ(errno, EACCES);
}

// The mode's group bits are the ACL's mask, and the ACL may deny what they grant.
TEST_P(ShownOwnerTest, WhatHasAnAclIsItsOwnersAlone) {
  if (!Have({"setfacl"})) return;
  Shell("echo x > secret; chmod 644 secret; setfacl -m u:99:rw,g::-,o::r secret");
  ASSERT_NO_FATAL_FAILURE(Show("umask=007"));
  if (IsSkipped()) return;
  EXPECT_EQ(Shown("secret").substr(4), "600");
}

TEST_P(ShownOwnerTest, AclsAreKeptButNotInForce) {
  if (!Have({"setfacl", "getfacl"})) return;
  Shell("echo x > secret; chmod 600 secret; setfacl -m u:4321:r secret");
  ASSERT_NO_FATAL_FAILURE(Show("uid=1234,umask=077"));
  if (IsSkipped()) return;
  EXPECT_NE(As(kStranger, "cat secret"), 0);
  char value[256];
  EXPECT_EQ(getxattr(In("secret").c_str(), "system.posix_acl_access", value, sizeof value), -1);
  EXPECT_EQ(listxattr(In("secret").c_str(), value, sizeof value), 0);
  Shell("! setfacl -m u:99:r secret 2> /dev/null");
  ASSERT_NO_FATAL_FAILURE(ShowAsStored());
  EXPECT_NE(Shell("getfacl -n secret").find("user:4321:r--"), std::string::npos);
}

TEST_P(ShownOwnerTest, NamesAndNumbersAreTakenAndWhatIsNeitherIsNamed) {
  ASSERT_NO_FATAL_FAILURE(Show("uid=nobody,gid=daemon,umask=0"));
  if (IsSkipped()) return;
  EXPECT_EQ(Shown("f"),
            Shell("echo $(id -u nobody):$(getent group daemon | cut -d: -f3) 644 | tr -d '\\n'"));
  UnmountVault();
  for (const std::string option : {"uid=nosuchuser", "uid=", "gid=-1", "gid=4294967295", "umask=8",
                                   "umask=1000", "umask=", "umask=rwx"}) {
    const auto result = Mount(option);
    EXPECT_EQ(result.code, 1) << option;
    EXPECT_NE(result.err.find("'" + option.substr(0, option.find('=')) + "' needs a value"),
              std::string::npos)
        << result.err;
  }
}

CHAINFS_ON_BOTH_TRANSPORTS(ShownOwnerTest);

}  // namespace
}  // namespace chainfs::mount_test
