// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/crypto/xaes_accumulated.h"

namespace chainfs::crypto {
namespace {

TEST(Xaes256GcmSlowTest, AgreesWithAccumulatedVectorOf1000000) {
  EXPECT_EQ(test::AccumulateXaes(1'000'000),
            "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15");
}

}  // namespace
}  // namespace chainfs::crypto
