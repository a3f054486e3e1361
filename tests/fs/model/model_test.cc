// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/fs/model/model_run.h"

namespace chainfs::fs::model {
namespace {

class ModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ModelTest, AgreesWithThePlainModel) { RunModel({.seed = GetParam()}); }

TEST_P(ModelTest, AgreesWhenRemountedOften) {
  RunModel({.seed = 100 + GetParam(), .operations = 5'000, .operations_between_remounts = 250});
}

TEST_P(ModelTest, AgreesWithMoreThanTheCacheHolds) {
  RunModel({.seed = 300 + GetParam(), .crowd = 3'000});
}

TEST_P(ModelTest, AgreesWithManyThreadsAndSyncs) {
  RunModel({.seed = 200 + GetParam(), .operations = 20'000, .threads = 4});
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace chainfs::fs::model
