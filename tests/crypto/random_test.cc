// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace chainfs::crypto {
namespace {

TEST(RandomTest, FillsEveryByte) {
  // 40 draws leave a given byte zero with probability 2^-320.
  for (size_t size : {1u, 24u, 256u, 257u, 5000u}) {
    Bytes seen(size, 0);
    for (int i = 0; i < 40; ++i) {
      Bytes drawn(size);
      FillRandom(drawn);
      for (size_t j = 0; j < size; ++j) seen[j] |= drawn[j];
    }
    EXPECT_EQ(std::ranges::count(seen, 0), 0) << size;
  }
  FillRandom({});
}

TEST(RandomTest, NeverRepeatsANonce) {
  std::set<Nonce> nonces;
  for (int i = 0; i < 10'000; ++i) {
    Nonce nonce;
    FillRandom(nonce);
    EXPECT_TRUE(nonces.insert(nonce).second);
  }
}

}  // namespace
}  // namespace chainfs::crypto
