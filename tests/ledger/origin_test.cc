// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/origin.h"

#include <gtest/gtest.h>

#include <numeric>

#include "ledger/note_text.h"

namespace chainfs::ledger {
namespace {

constexpr char kText[] = "chainfs/000102030405060708090a0b0c0d0e0f/f0f1f2f3f4f5f6f7";

Origin Example() {
  Origin origin;
  std::iota(origin.volume_id.begin(), origin.volume_id.end(), uint8_t{0});
  std::iota(origin.branch.begin(), origin.branch.end(), uint8_t{0xf0});
  return origin;
}

TEST(OriginTest, NamesVolumeAndBranch) {
  EXPECT_EQ(EncodeOrigin(Example()), kText);
  EXPECT_EQ(DecodeOrigin(kText), Example());
  EXPECT_TRUE(IsKeyName(kText));
}

TEST(OriginTest, TheBranchIsTheBeginningOfALink) {
  Digest link;
  std::iota(link.begin(), link.end(), uint8_t{0xf0});
  EXPECT_EQ(BranchOf(link), Example().branch);
}

TEST(OriginTest, RefusesEveryOtherForm) {
  const std::string good = kText;
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(DecodeOrigin(good.substr(0, i)));
    for (char c : {'A', 'F', 'g', '/', ' ', '\n', '\0', 'x'}) {
      std::string bad = good;
      bad[i] = c;
      EXPECT_TRUE(bad == good || !DecodeOrigin(bad)) << bad;
    }
  }
  for (const char* end : {"0", "/", "\n", " ", "00"}) EXPECT_FALSE(DecodeOrigin(good + end));
  EXPECT_FALSE(DecodeOrigin("/" + good));
}

}  // namespace
}  // namespace chainfs::ledger
