// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/database_crash.h"

#include <gtest/gtest.h>
#include <time.h>

#include <csignal>

namespace chainfs::tools {
namespace {

void Compute(double seconds) {
  const clock_t end = clock() + static_cast<clock_t>(seconds * CLOCKS_PER_SEC);
  while (clock() < end) continue;
}

TEST(DatabaseCrashTest, AnEndlessSearchIsDamage) {
  const auto search = [] {
    ExplainDatabaseCrashes("/the/vault");
    for (;;) Compute(1);
  };
  EXPECT_EXIT(search(), testing::ExitedWithCode(46), "/the/vault: .*endless search");
}

TEST(DatabaseCrashTest, WhoGetsAnswersMayComputeForLong) {
  const auto read = [] {
    ExplainDatabaseCrashes("/the/vault");
    for (int i = 0; i < 4; ++i) {
      Compute(2);
      NoteDatabaseAnswered();
    }
    _exit(0);
  };
  EXPECT_EXIT(read(), testing::ExitedWithCode(0), "");
}

TEST(DatabaseCrashTest, ASignalIsDamage) {
  const auto crash = [] {
    ExplainDatabaseCrashes("/the/vault");
    raise(SIGBUS);
  };
  EXPECT_EXIT(crash(), testing::ExitedWithCode(46), "/the/vault: the volume is damaged");
}

}  // namespace
}  // namespace chainfs::tools
