// SPDX-License-Identifier: GPL-3.0-or-later
// A store in a directory of its own. Single-threaded unless a test says not.
#pragma once

#include <memory>

#include "fs/store/store.h"
#include "tests/fs/store/helpers.h"

namespace chainfs::fs::store {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = Take(Store::Open(directory_.path(), {.create = true})); }
  void Reopen(StoreOptions options = {}) {
    store_.reset();
    store_ = Take(Store::Open(directory_.path(), options));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace chainfs::fs::store
