// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/pace.h"

#include <gtest/gtest.h>

#include <future>

namespace chainfs::fs::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

milliseconds TimeOf(const std::function<void()>& work) {
  const auto begin = steady_clock::now();
  work();
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

TEST(PaceTest, TakesAsLongAsTheBytesDo) {
  Pace pace(10 << 20);
  const auto time = TimeOf([&] {
    for (int i = 0; i < 64; ++i) pace.Spend(64 << 10);
  });
  EXPECT_GE(time, milliseconds(390));  // 4 MiB; the last wait may be put off
  EXPECT_LT(time, seconds(5));
}

// Many small waits would add up to much more than they should.
TEST(PaceTest, TakesNotMuchLongerForSmallPieces) {
  Pace pace(32 << 20);
  const auto time = TimeOf([&] {
    for (int i = 0; i < 16384; ++i) pace.Spend(512);
  });
  EXPECT_GE(time, milliseconds(240));
  EXPECT_LT(time, seconds(3));
}

TEST(PaceTest, WhatWasNotUsedUpIsGone) {
  Pace pace(1 << 20);
  pace.Spend(1);
  EXPECT_GE(TimeOf([&] { pace.Spend(100 << 10); }), milliseconds(90));
  EXPECT_GE(TimeOf([&] { pace.Spend(100 << 10); }), milliseconds(90));
}

TEST(PaceTest, NobodyWaitsWithoutALimitOrOnceStopped) {
  Pace unlimited(0);
  unlimited.Spend(uint64_t{1} << 60);
  EXPECT_EQ(unlimited.portion_bytes(), UINT64_MAX);
  Pace pace(1);
  auto waiting = std::async(std::launch::async, [&] { pace.Spend(uint64_t{1} << 30); });
  EXPECT_EQ(waiting.wait_for(milliseconds(50)), std::future_status::timeout);
  pace.Stop();
  waiting.get();
  pace.Spend(uint64_t{1} << 30);
}

TEST(PaceTest, PortionsAreAFractionOfASecond) {
  EXPECT_EQ(Pace(64 << 20).portion_bytes(), uint64_t{8} << 20);
  EXPECT_EQ(Pace(1).portion_bytes(), uint64_t{64} << 10);
}

}  // namespace
}  // namespace chainfs::fs::check
