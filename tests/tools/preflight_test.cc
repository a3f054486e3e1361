// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/preflight.h"

#include <gtest/gtest.h>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

class CheckMountPointTest : public testing::Test {
 protected:
  ExitCode Check(const std::string& mount_point, bool nonempty = false) {
    auto checked = CheckMountPoint(mount_point, scratch_ / "vault", nonempty);
    return checked ? ExitCode::kSuccess : checked.error().code;
  }
  ScratchDirectory scratch_;
};

TEST_F(CheckMountPointTest, TakesAnEmptyDirectory) {
  EXPECT_EQ(Check(scratch_.Directory("m")), ExitCode::kSuccess);
}

TEST_F(CheckMountPointTest, RefusesWhatIsNotThereOrNoDirectory) {
  EXPECT_EQ(Check(scratch_ / "none"), ExitCode::kMountPointMissing);
  EXPECT_EQ(Check(scratch_.File("file", "")), ExitCode::kMountPointMissing);
}

TEST_F(CheckMountPointTest, RefusesAFilledDirectoryUnlessToldOtherwise) {
  scratch_.Directory("m/inside");
  EXPECT_EQ(Check(scratch_ / "m"), ExitCode::kMountPointNotEmpty);
  EXPECT_EQ(Check(scratch_ / "m", true), ExitCode::kSuccess);
}

TEST_F(CheckMountPointTest, RefusesAPlaceInTheVault) {
  EXPECT_EQ(Check(scratch_.Directory("vault")), ExitCode::kMountPointBusy);
  EXPECT_EQ(Check(scratch_.Directory("vault/in")), ExitCode::kMountPointBusy);
  EXPECT_EQ(Check(scratch_.Directory("vault2")), ExitCode::kSuccess);
}

TEST_F(CheckMountPointTest, RefusesAMountPoint) {
  EXPECT_EQ(Check("/proc"), ExitCode::kMountPointBusy);
}

}  // namespace
}  // namespace chainfs::tools
