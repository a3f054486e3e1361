// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/argon2.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromText;

constexpr uint64_t kPlenty = uint64_t{1} << 40;

std::string Hash(std::string_view passphrase, const Argon2Cost& cost) {
  Result<SecretKey> key = Argon2id(FromText(passphrase), FromText("somesalt"), cost, kPlenty);
  return key ? test::ToHex(key->view()) : key.error().message;
}

// The vectors of the reference implementation's test program (Argon2id, version 0x13).
TEST(Argon2Test, AgreesWithPublishedVectors) {
  EXPECT_EQ(Hash("password", {65536, 2, 1}),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  EXPECT_EQ(Hash("password", {65536, 1, 1}),
            "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98");
  EXPECT_EQ(Hash("differentpassword", {65536, 2, 1}),
            "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde");
}

TEST(Argon2Test, DependsOnEveryParameter) {
  const std::string base = Hash("password", {8192, 1, 1});
  EXPECT_EQ(base.size(), 64u);
  EXPECT_NE(base, Hash("passwore", {8192, 1, 1}));
  EXPECT_NE(base, Hash("password", {9216, 1, 1}));
  EXPECT_NE(base, Hash("password", {8192, 2, 1}));
  EXPECT_NE(base, Hash("password", {8192, 1, 2}));
}

TEST(Argon2Test, AllowsOnlyCostsWithinTheBounds) {
  EXPECT_TRUE(IsAllowed(kMinArgon2Cost));
  EXPECT_TRUE(IsAllowed(kMaxArgon2Cost));
  EXPECT_FALSE(IsAllowed({8191, 1, 1}));
  EXPECT_FALSE(IsAllowed({8192, 0, 1}));
  EXPECT_FALSE(IsAllowed({8192, 1, 0}));
  EXPECT_FALSE(IsAllowed({4194305, 1, 1}));
  EXPECT_FALSE(IsAllowed({8192, 65, 1}));
  EXPECT_FALSE(IsAllowed({8192, 1, 17}));
  EXPECT_FALSE(IsAllowed({}));
}

TEST(Argon2Test, SaysHowMuchMemoryItNeedsInsteadOfTakingIt) {
  Result<SecretKey> key = Argon2id(FromText("password"), FromText("somesalt"), kMaxArgon2Cost,
                                   uint64_t{kMaxArgon2Cost.memory_kib} * 1024 - 1);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::kNoMemory);
  EXPECT_NE(key.error().message.find("4096 MiB"), std::string::npos) << key.error().message;
}

TEST(ChooseArgon2CostTest, SpendsTheTimeOnMemoryFirst) {
  // 1000 KiB a millisecond: a second buys about 1 GiB in one pass, or 325 MiB in three.
  EXPECT_EQ(ChooseArgon2Cost(1000, 1000, kPlenty, 2), (Argon2Cost{325 * 1024, 3, 2}));
}

TEST(ChooseArgon2CostTest, SpendsTheRestOnIterations) {
  EXPECT_EQ(ChooseArgon2Cost(100'000, 1000, kPlenty, 4), (Argon2Cost{1024 * 1024, 64, 4}));
  EXPECT_EQ(ChooseArgon2Cost(10'000, 1000, kPlenty, 4), (Argon2Cost{1024 * 1024, 9, 4}));
}

TEST(ChooseArgon2CostTest, TakesAtMostHalfOfTheMemory) {
  EXPECT_EQ(ChooseArgon2Cost(1000, 1000, uint64_t{200} << 20, 1), (Argon2Cost{100 * 1024, 9, 1}));
}

TEST(ChooseArgon2CostTest, NeverLeavesTheBounds) {
  for (double speed : {0.0, 0.01, 1.0, 1e3, 1e6, 1e9}) {
    for (uint64_t available : {uint64_t{0}, uint64_t{1} << 20, uint64_t{1} << 30, kPlenty}) {
      for (uint32_t target_ms : {0u, 1u, 1000u, 1'000'000u}) {
        EXPECT_TRUE(IsAllowed(ChooseArgon2Cost(speed, target_ms, available, 1)));
      }
    }
  }
}

TEST(CalibrateArgon2Test, ChoosesACostWithinTheBounds) {
  EXPECT_TRUE(IsAllowed(CalibrateArgon2(1)));
  EXPECT_TRUE(IsAllowed(CalibrateArgon2(200)));
}

}  // namespace
}  // namespace chainfs::crypto
