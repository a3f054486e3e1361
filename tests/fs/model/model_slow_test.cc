// SPDX-License-Identifier: GPL-3.0-or-later
// The long runs: more than a million operations in all.
#include <gtest/gtest.h>

#include "tests/fs/model/model_run.h"

namespace chainfs::fs::model {
namespace {

class ModelSlowTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ModelSlowTest, AgreesWithThePlainModel) {
  RunModel(
      {.seed = 1000 + GetParam(), .operations = 200'000, .operations_between_remounts = 20'000});
}

TEST_P(ModelSlowTest, AgreesWithMoreThanTheCacheHolds) {
  RunModel({.seed = 3000 + GetParam(),
            .operations = 200'000,
            .operations_between_remounts = 50'000,
            .crowd = 20'000});
}

TEST_P(ModelSlowTest, AgreesWithManyThreadsAndSyncs) {
  RunModel({.seed = 2000 + GetParam(),
            .operations = 200'000,
            .operations_between_remounts = 40'000,
            .threads = 8});
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelSlowTest, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace chainfs::fs::model
