// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/secret.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <type_traits>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!Streamable<SecretBytes>, "a secret must not reach a stream");
static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView>, "reading a secret is explicit");

// The number behind `name` in /proc/self/status or, for the mapping at `address`, in smaps.
long StatusKib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::atol(line.c_str() + name.size() + 1);
  }
  return -1;
}

std::string FlagsOfMapping(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    unsigned long start, end;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &start, &end) == 2) {
      const auto at = reinterpret_cast<unsigned long>(address);
      inside = start <= at && at < end;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line;
    }
  }
  return {};
}

TEST(SecretBytesTest, HoldsACopy) {
  SecretBytes secret = SecretBytes::CopyOf("hunter2");
  EXPECT_EQ(Bytes(secret.view().begin(), secret.view().end()), test::FromText("hunter2"));
  EXPECT_EQ(SecretBytes(100).view().size(), 100u);
  EXPECT_EQ(SecretBytes(5000).view()[4999], 0);
}

TEST(SecretBytesTest, MayBeEmpty) {
  EXPECT_EQ(SecretBytes().size(), 0u);
  EXPECT_EQ(SecretBytes::CopyOf("").Clone().size(), 0u);
  SecretBytes moved = SecretBytes(0);
  EXPECT_EQ(moved.view().size(), 0u);
}

TEST(SecretBytesTest, MovesWithoutLeavingACopy) {
  SecretBytes from = SecretBytes::CopyOf("secret");
  const uint8_t* data = from.view().data();
  SecretBytes to = std::move(from);
  EXPECT_EQ(to.view().data(), data);
  EXPECT_EQ(from.size(), 0u);  // NOLINT(bugprone-use-after-move): that is what is tested

  SecretBytes assigned = SecretBytes::CopyOf("old");
  assigned = std::move(to);
  EXPECT_EQ(assigned.view().data(), data);
}

TEST(SecretBytesTest, IsLockedAndKeptOutOfDumps) {
  const long before = StatusKib("VmLck");
  SecretBytes secret(10'000);
  const std::string flags = FlagsOfMapping(secret.view().data());
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;  // do not dump
  if (StatusKib("VmLck") == before)
    GTEST_SKIP() << "memory cannot be locked here (RLIMIT_MEMLOCK, or a sanitizer)";
  EXPECT_NE(flags.find(" lo"), std::string::npos) << flags;  // locked
  EXPECT_EQ(StatusKib("VmLck"), before + 12);
}

TEST(SecretBytesTest, StaysLockedAndReadableInAForkedChild) {
  SecretBytes secret = SecretBytes::CopyOf("the daemon needs it");
  const bool locked = StatusKib("VmLck") > 0;
  const pid_t child = fork();
  if (child == 0) {
    const bool same = EqualConstantTime(secret.view(), test::FromText("the daemon needs it"));
    _exit(same && (StatusKib("VmLck") > 0) == locked ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(SecretBytesTest, WorksWithoutTheRightToLock) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_MEMLOCK, &none);
    if (setuid(65534) != 0 && getuid() == 0) _exit(2);
    SecretBytes secret = SecretBytes::CopyOf("still works");
    _exit(EqualConstantTime(secret.view(), test::FromText("still works")) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(SecretBytesTest, ReleasesItsMemory) {
  const long before = StatusKib("VmLck");
  for (int i = 0; i < 10'000; ++i) SecretBytes secret(32);
  EXPECT_EQ(StatusKib("VmLck"), before);
}

TEST(EqualConstantTimeTest, ComparesSizesAndBytes) {
  EXPECT_TRUE(EqualConstantTime({}, {}));
  EXPECT_TRUE(EqualConstantTime(Bytes{1, 2, 3}, Bytes{1, 2, 3}));
  EXPECT_FALSE(EqualConstantTime(Bytes{1, 2, 3}, Bytes{1, 2, 4}));
  EXPECT_FALSE(EqualConstantTime(Bytes{1, 2, 3}, Bytes{1, 2}));
}

TEST(ForbidCoreDumpsTest, MakesTheProcessUndumpable) {
  const pid_t child = fork();
  if (child == 0) {
    ForbidCoreDumps();
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    _exit(prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace chainfs::crypto
