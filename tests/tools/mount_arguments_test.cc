// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/mount_arguments.h"

#include <gtest/gtest.h>

namespace chainfs::tools {
namespace {

using Strings = std::vector<std::string>;

MountArguments Parse(const Strings& arguments) {
  auto parsed = ParseMountArguments(arguments);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : MountArguments();
}

std::string Refusal(const Strings& arguments) {
  auto parsed = ParseMountArguments(arguments);
  if (parsed) return {};
  EXPECT_EQ(parsed.error().code, ExitCode::kUsage);
  return parsed.error().message;
}

TEST(MountArgumentsTest, OneOperandIsTheMountPoint) {
  MountArguments parsed = Parse({"/mnt"});
  EXPECT_EQ(parsed.vault, "");
  EXPECT_EQ(parsed.mount_point, "/mnt");
}

TEST(MountArgumentsTest, TakesTheFormOfMount8) {
  MountArguments parsed = Parse({"/vault", "/mnt", "-sfnv", "-o", "rw,noexec", "-t", "chainfs"});
  EXPECT_EQ(parsed.vault, "/vault");
  EXPECT_EQ(parsed.mount_point, "/mnt");
  EXPECT_EQ(parsed.options, Strings({"rw,noexec"}));
  EXPECT_TRUE(parsed.sloppy && parsed.foreground && parsed.verbose);
}

TEST(MountArgumentsTest, TakesWordsWithAndWithoutValues) {
  const MountArguments parsed = Parse({"--anchor", "a", "/vault", "--accept-rollback", "--anchor=-",
                                       "--accept-new-volume", "/mnt", "--anchor="});
  EXPECT_EQ(parsed.anchors, Strings({"a", "-", ""}));
  EXPECT_TRUE(parsed.accept_rollback && parsed.accept_new_volume);
  EXPECT_EQ(parsed.vault, "/vault");
  EXPECT_EQ(Refusal({"/mnt", "--anchor"}), "the option '--anchor' needs a value");
  EXPECT_EQ(Refusal({"/mnt", "--accept-rollback=yes"}),
            "the option '--accept-rollback' takes no value");
  EXPECT_EQ(Refusal({"/mnt", "--anchors"}), "unknown option '--anchors'");
}

TEST(MountArgumentsTest, OptionsMayStandAnywhereAndBeJoined) {
  MountArguments parsed =
      Parse({"-oro", "/vault", "-fo", "commit=1", "/mnt", "-N", "/proc/1/ns/mnt"});
  EXPECT_EQ(parsed.options, Strings({"ro", "commit=1"}));
  EXPECT_EQ(parsed.mount_point, "/mnt");
  EXPECT_TRUE(parsed.foreground);
}

TEST(MountArgumentsTest, DoubleDashEndsTheOptions) {
  EXPECT_EQ(Parse({"--", "-o"}).mount_point, "-o");
}

TEST(MountArgumentsTest, HelpAndVersionNeedNoOperand) {
  EXPECT_TRUE(Parse({"--help"}).help);
  EXPECT_TRUE(Parse({"-h"}).help);
  EXPECT_TRUE(Parse({"-V"}).version);
}

TEST(MountArgumentsTest, RefusesMistakes) {
  EXPECT_NE(Refusal({}).find("no mount point"), std::string::npos);
  EXPECT_NE(Refusal({"a", "b", "c"}).find("too many"), std::string::npos);
  EXPECT_NE(Refusal({"/mnt", "-o"}).find("needs a value"), std::string::npos);
  EXPECT_NE(Refusal({"/mnt", "-q"}).find("'-q'"), std::string::npos);
  EXPECT_NE(Refusal({"/mnt", "--shiny"}).find("'--shiny'"), std::string::npos);
}

}  // namespace
}  // namespace chainfs::tools
