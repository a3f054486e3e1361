// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_notes.h"

#include <gtest/gtest.h>

namespace chainfs::tools {
namespace {

TEST(MountNotesTest, AnEntryIsFoundBySourceAndTarget) {
  const std::string utab =
      "SRC=/v TARGET=/other ROOT=/ OPTS=x-a\n"
      "ID=3 SRC=/my\\040vault TARGET=/mnt/a\\134b ROOT=/ OPTS=x-gvfs-show\n"
      "junk\\1 TARGET= \\\n";
  EXPECT_TRUE(IsNoted(utab, "/v", "/other"));
  EXPECT_TRUE(IsNoted(utab, "/my vault", "/mnt/a\\b"));
  EXPECT_FALSE(IsNoted(utab, "/v", "/mnt/a\\b")) << "of two entries";
  EXPECT_FALSE(IsNoted(utab, "/v", "/othe"));
  EXPECT_FALSE(IsNoted("", "/v", "/other"));
}

}  // namespace
}  // namespace chainfs::tools
