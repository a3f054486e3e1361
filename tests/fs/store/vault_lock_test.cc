// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <fstream>

#include "fs/store/vault_directory.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/helpers.h"

namespace chainfs::fs::store {
namespace {

class VaultLockTest : public ::testing::Test {
 protected:
  std::string MessageOfRefusal() {
    Result<std::unique_ptr<VaultLock>> second = VaultLock::Acquire(directory_.path());
    EXPECT_EQ(CodeOf(second), ErrorCode::kInUse);
    return second ? "" : second.error().message;
  }
  static bool Mentions(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  void WriteLockFile(const std::string& text) { std::ofstream(directory_ / "lock") << text; }

  TemporaryDirectory directory_;
};

TEST_F(VaultLockTest, SecondHolderIsToldWhoTheFirstIs) {
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  const std::string message = MessageOfRefusal();
  EXPECT_TRUE(Mentions(message, "in use by store_test (pid " + std::to_string(::getpid()) + ")"))
      << message;
}

TEST_F(VaultLockTest, IsFreeAgainAfterItsHolder) {
  for (int i = 0; i < 3; ++i) auto lock = Take(VaultLock::Acquire(directory_.path()));
}

TEST_F(VaultLockTest, IsFreeAgainAfterItsHolderWasKilled) {
  ChildProcess holder([&](int report) {
    auto lock = Take(VaultLock::Acquire(directory_.path()));
    ChildProcess::Send(report, 1);
    ::pause();
    return true;
  });
  int ready;
  ASSERT_TRUE(holder.Receive(ready));
  EXPECT_TRUE(Mentions(MessageOfRefusal(), std::to_string(holder.pid())));
  holder.Kill();
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  EXPECT_TRUE(Mentions(MessageOfRefusal(), std::to_string(::getpid())));
}

TEST_F(VaultLockTest, StaysWithTheChildAfterAForkIntoTheBackground) {
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  ChildProcess child([&](int report) {
    lock->UpdateHolder();
    ChildProcess::Send(report, 1);
    ::pause();
    return true;
  });
  int ready;
  ASSERT_TRUE(child.Receive(ready));
  lock.reset();
  EXPECT_TRUE(Mentions(MessageOfRefusal(), "(pid " + std::to_string(child.pid()) + ")"));
  child.Kill();
  EXPECT_TRUE(VaultLock::Acquire(directory_.path()));
}

TEST_F(VaultLockTest, StaleTextDoesNotCountAsALock) {
  WriteLockFile("1 init\n");
  EXPECT_TRUE(VaultLock::Acquire(directory_.path()));
}

TEST_F(VaultLockTest, TextThatCannotBeTrueIsNotRepeated) {
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  for (const char* text : {"", "999999999 mount.chainfs\n", "../../x y\n", "1\n", "garbage",
                           "1 surely not the name of it\n"}) {
    WriteLockFile(text);
    EXPECT_TRUE(Mentions(MessageOfRefusal(), "in use by another process")) << text;
  }
}

TEST_F(VaultLockTest, FileIsOwnerOnly) {
  const mode_t old = ::umask(0);
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  ::umask(old);
  struct stat status;
  ASSERT_EQ(::stat((directory_ / "lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(VaultLockTest, NeedsADirectory) {
  EXPECT_EQ(CodeOf(VaultLock::Acquire(directory_ / "none")), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace chainfs::fs::store
