// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_options.h"

#include <gtest/gtest.h>

namespace chainfs::tools {
namespace {

using Strings = std::vector<std::string>;

// The options of `text`; the test fails if they are refused.
MountOptions Parse(const std::string& text) {
  MountOptions options;
  auto applied = ApplyMountOptions(text, false, &options);
  EXPECT_TRUE(applied) << applied.error().message;
  return options;
}

// Why `text` is refused; empty if it is not.
std::string Refusal(const std::string& text) {
  MountOptions options;
  auto applied = ApplyMountOptions(text, false, &options);
  if (applied) return {};
  EXPECT_EQ(applied.error().code, ExitCode::kUsage);
  return applied.error().message;
}

TEST(SplitOptionsTest, SplitsAtCommas) {
  EXPECT_EQ(SplitOptions(""), Strings());
  EXPECT_EQ(SplitOptions("ro"), Strings({"ro"}));
  EXPECT_EQ(SplitOptions(",ro,,cache=1G,"), Strings({"ro", "cache=1G"}));
}

TEST(SplitOptionsTest, KeepsCommasInQuotes) {
  EXPECT_EQ(SplitOptions("a,passcmd=\"get one,two\",b"),
            Strings({"a", "passcmd=get one,two", "b"}));
}

TEST(MountOptionsTest, DefaultsAreReadWriteAndRelatime) {
  MountOptions options = Parse("defaults");
  EXPECT_FALSE(options.read_only);
  EXPECT_FALSE(options.allow_other);
  EXPECT_TRUE(options.atime);
  EXPECT_EQ(options.commit_seconds, 5u);
  EXPECT_EQ(options.cache_bytes, std::nullopt);
  EXPECT_EQ(options.transport, TransportChoice::kAuto);
}

TEST(MountOptionsTest, AnchorsAddUp) {
  const MountOptions options = Parse("anchor=/a,anchor=-,anchor=\"b,c\"");
  EXPECT_EQ(options.anchors, Strings({"/a", "-", "b,c"}));
  EXPECT_FALSE(options.accept_rollback || options.accept_new_volume);
  EXPECT_TRUE(Parse("accept_rollback").accept_rollback);
  EXPECT_TRUE(Parse("accept_new_volume").accept_new_volume);
  EXPECT_NE(Refusal("anchor="), "");
  EXPECT_NE(Refusal("accept_rollback=1"), "");
}

TEST(MountOptionsTest, TakesEveryDocumentedOption) {
  MountOptions options = Parse(
      "ro,allow_other,passfile=/k,commit=30,cache=1G,log=/var/log/c,transport=io_uring,noexec,"
      "nosuid,nodev,noatime,nonempty,debug");
  EXPECT_TRUE(options.read_only);
  EXPECT_TRUE(options.allow_other);
  EXPECT_EQ(options.passphrase.file, "/k");
  EXPECT_EQ(options.commit_seconds, 30u);
  EXPECT_EQ(options.cache_bytes, 1ull << 30);
  EXPECT_EQ(options.log, "/var/log/c");
  EXPECT_EQ(options.transport, TransportChoice::kIoUring);
  EXPECT_TRUE(options.noexec && options.nosuid && options.nodev && options.nonempty);
  EXPECT_FALSE(options.atime);
  EXPECT_TRUE(options.debug);
  EXPECT_EQ(Parse("transport=classic").transport, TransportChoice::kClassic);
  EXPECT_EQ(Parse("passcmd=pass show v=1").passphrase.command, "pass show v=1");
}

TEST(MountOptionsTest, LaterWins) {
  EXPECT_FALSE(Parse("ro,rw").read_only);
  EXPECT_TRUE(Parse("rw,ro").read_only);
  EXPECT_FALSE(Parse("noexec,exec").noexec);
  EXPECT_TRUE(Parse("noatime,relatime").atime);
  EXPECT_EQ(Parse("commit=1,commit=2").commit_seconds, 2u);
}

TEST(MountOptionsTest, IgnoresWhatMountAndSystemdSayToThemselves) {
  EXPECT_EQ(Refusal("_netdev,nofail,noauto,user,users,x-systemd.automount,x-gvfs-show,comment=a b"),
            "");
}

TEST(MountOptionsTest, KeepsWhatIsThereForOthersToRead) {
  EXPECT_EQ(Parse("ro,x-gvfs-show,_netdev,x-gvfs-name=A%20b,x-gvfs-icon=\"a,b\"").notes,
            Strings({"x-gvfs-show", "x-gvfs-name=A%20b", "x-gvfs-icon=a,b"}));
  EXPECT_EQ(Parse("X-mount.mkdir,comment=x-a").notes, Strings());
}

TEST(MountOptionsTest, AnOwnerIsANameOrANumber) {
  const MountOptions options = Parse("uid=root,gid=4294967294,umask=027");
  EXPECT_EQ(options.uid, 0u);
  EXPECT_EQ(options.gid, 4294967294u);
  EXPECT_EQ(options.umask, 027u);
  EXPECT_EQ(Parse("ro").uid, std::nullopt);
  for (const char* text : {"uid=", "uid", "uid=nosuchuser", "uid=-1", "uid=4294967295", "gid=0x1",
                           "umask=", "umask=8", "umask=1000", "umask=-1", "umask=077x"}) {
    EXPECT_NE(Refusal(text).find("needs a value"), std::string::npos) << text;
  }
}

TEST(MountOptionsTest, NamesAnUnknownOption) {
  EXPECT_NE(Refusal("ro,shiny").find("'shiny'"), std::string::npos);
  EXPECT_NE(Refusal("shiny=3").find("'shiny'"), std::string::npos);
}

TEST(MountOptionsTest, SloppySkipsTheUnknownButNotTheWrong) {
  MountOptions options;
  EXPECT_TRUE(ApplyMountOptions("shiny,ro", true, &options));
  EXPECT_TRUE(options.read_only);
  EXPECT_FALSE(ApplyMountOptions("commit=soon", true, &options));
}

TEST(MountOptionsTest, RefusesValuesThatAreNone) {
  for (const char* text : {"commit=0", "commit=", "commit", "commit=x", "commit=3601", "cache=1M",
                           "cache=lots", "transport=fast", "passfile=", "passcmd", "log="}) {
    EXPECT_NE(Refusal(text).find("needs a value"), std::string::npos) << text;
  }
  EXPECT_NE(Refusal("ro=1").find("takes no value"), std::string::npos);
}

TEST(MountOptionsTest, SaysWhatRemountCannotDo) {
  // With every option that there is, and one that is wrong: none of them is what matters.
  for (const std::string option :
       {"ro", "rw", "allow_other", "uid=0", "gid=0", "umask=077", "uid=nosuchuser", "noatime",
        "noexec", "commit=1", "cache=1G", "log=syslog", "transport=classic", "x-gvfs-show",
        "nonempty", "debug", "shiny"}) {
    EXPECT_NE(Refusal("remount," + option).find("unmount it"), std::string::npos) << option;
    EXPECT_NE(Refusal(option + ",remount").find("unmount it"), std::string::npos) << option;
  }
}

}  // namespace
}  // namespace chainfs::tools
