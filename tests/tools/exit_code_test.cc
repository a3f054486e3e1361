// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/exit_code.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>

namespace chainfs::tools {
namespace {

int CodeOf(ErrorCode code) { return static_cast<int>(VaultFailure({code, ""}, "/v").code); }

// The numbers are promised to scripts: this test is the promise.
TEST(ExitCodeTest, NumbersNeverChange) {
  EXPECT_EQ(CodeOf(ErrorCode::kWrongKey), 40);
  EXPECT_EQ(CodeOf(ErrorCode::kNotFound), 42);
  EXPECT_EQ(CodeOf(ErrorCode::kNotAVault), 43);
  EXPECT_EQ(CodeOf(ErrorCode::kUnknownFormat), 44);
  EXPECT_EQ(CodeOf(ErrorCode::kBadHeader), 45);
  EXPECT_EQ(CodeOf(ErrorCode::kDamaged), 46);
  EXPECT_EQ(CodeOf(ErrorCode::kInUse), 47);
  EXPECT_EQ(CodeOf(ErrorCode::kUnsafeFilesystem), 48);
  EXPECT_EQ(CodeOf(ErrorCode::kExists), 49);
  EXPECT_EQ(CodeOf(ErrorCode::kAccessDenied), 54);
  EXPECT_EQ(CodeOf(ErrorCode::kNoSpace), 55);
  EXPECT_EQ(static_cast<int>(ExitCode::kProofFalse), 60);
  EXPECT_EQ(CodeOf(ErrorCode::kRollback), 61);
  EXPECT_EQ(CodeOf(ErrorCode::kFork), 62);
  EXPECT_EQ(static_cast<int>(ExitCode::kOtherVolume), 63);
  EXPECT_EQ(static_cast<int>(ExitCode::kAnchorUnusable), 64);
}

TEST(ExitCodeTest, KeepsTheEnginesMessageAndNamesTheVaultOnce) {
  EXPECT_EQ(VaultFailure({ErrorCode::kWrongKey, ""}, "/v").message, "/v: wrong passphrase");
  EXPECT_EQ(VaultFailure({ErrorCode::kWrongKey, "wrong passphrase; look"}, "/v").message,
            "/v: wrong passphrase; look");
  EXPECT_EQ(VaultFailure({ErrorCode::kBadHeader, "slot 1 overlaps"}, "/v").message,
            "/v: the vault's header is damaged: slot 1 overlaps");
  EXPECT_EQ(VaultFailure({ErrorCode::kRollback, "ROLLBACK: older"}, "/v").message,
            "/v: ROLLBACK: older");
  EXPECT_EQ(VaultFailure({ErrorCode::kDamaged, "record 7 is missing"}, "/v").message,
            "/v: the volume is damaged: record 7 is missing; run chainfs-fsck");
  EXPECT_EQ(VaultFailure({ErrorCode::kInUse, "/v is in use by cp (pid 12)"}, "/v").message,
            "the vault is in use by another process: /v is in use by cp (pid 12)");
}

TEST(ExitCodeTest, AMessageThatStandsForItselfIsKept) {
  EXPECT_EQ(OwnFailure({ErrorCode::kExists, "/d holds a letter"}).message, "/d holds a letter");
  EXPECT_EQ(OwnFailure({ErrorCode::kExists, "x"}).code, ExitCode::kVaultExists);
}

TEST(ExitCodeTest, SystemFailuresKnowPermissionAndSpace) {
  EXPECT_EQ(SystemFailure("x", EACCES).code, ExitCode::kNoPermission);
  EXPECT_EQ(SystemFailure("x", ENOSPC).code, ExitCode::kNoSpace);
  EXPECT_EQ(SystemFailure("x", ENOENT).code, ExitCode::kSystem);
  EXPECT_EQ(SystemFailure("x", ENOENT, ExitCode::kMountPointMissing).code,
            ExitCode::kMountPointMissing);
  EXPECT_EQ(SystemFailure("open it", ENOENT).message, "open it: No such file or directory");
}

TEST(RunMainTest, TurnsExceptionsIntoCodes) {
  EXPECT_EQ(RunMain(
                "p", [](int, char**) { return 7; }, 0, nullptr),
            7);
  EXPECT_EQ(RunMain(
                "p", [](int, char**) -> int { throw std::bad_alloc(); }, 0, nullptr),
            2);
  EXPECT_EQ(RunMain(
                "p", [](int, char**) -> int { throw std::logic_error("x"); }, 0, nullptr),
            4);
}

}  // namespace
}  // namespace chainfs::tools
