// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

TEST_F(CheckTest, FindsNothingInASoundVault) {
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
  EXPECT_GT(Records(), 2 * 256u) << "or no tile was full";
  EXPECT_GT(listener_.progress_calls, 3u);
}

TEST_F(CheckTest, SaysWhenOnlyTheVaultVouchesForItsKey) {
  options_.keys.clear();
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "SELF-SIGNED, OK, OK, UNANCHORED, NOT CHECKED");
}

TEST_F(CheckTest, FindsTheSameInManyRoundsAndOnSeveralThreads) {
  options_.window_ids = 100;
  options_.threads = 3;
  EXPECT_EQ(Check(), Findings{}) << listener_.details;
  EXPECT_EQ(Verdicts(), "OK, OK, OK, UNANCHORED, NOT CHECKED");
}

}  // namespace
}  // namespace chainfs::fs::check
