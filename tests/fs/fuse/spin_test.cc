// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/spin.h"

#include <gtest/gtest.h>

namespace chainfs::fs::fuse {
namespace {

TEST(SpinTest, SeesWhatIsReadyAndWhatBecomesReady) {
  Spin spin;
  EXPECT_TRUE(spin.Until([] { return true; }));
  int looks = 0;
  EXPECT_TRUE(spin.Until([&] { return ++looks == 5; }));
  EXPECT_EQ(looks, 5);
}

TEST(SpinTest, LooksForAWhileAndNotForLong) {
  Spin spin;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(spin.Until([] { return false; }));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, std::chrono::microseconds(150));
  EXPECT_LT(took, std::chrono::seconds(10));  // on a machine that does much else
}

TEST(SpinTest, RestsWhereItMostlyLooksInVain) {
  Spin spin;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(spin.Until([] { return false; }));
  int looks = 0;
  for (int i = 0; i < 256; ++i) EXPECT_FALSE(spin.Until([&] { return ++looks > 0; }));
  EXPECT_EQ(looks, 0);
  EXPECT_TRUE(spin.Until([] { return true; })) << "it tries again";
}

}  // namespace
}  // namespace chainfs::fs::fuse
