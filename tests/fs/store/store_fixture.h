// SPDX-License-Identifier: GPL-3.0-or-later
// A store in a directory of its own. Single-threaded unless a test says not.
#pragma once

#include <fcntl.h>

#include <memory>

#include "fs/store/descriptor.h"
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

  // The same, with nothing of the database in memory, if the filesystem can do that.
  void ReopenCold() {
    store_.reset();
    const Descriptor file(::open((directory_ / "data.mdb").c_str(), O_RDONLY | O_CLOEXEC));
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    Reopen({.read_only = true});
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace chainfs::fs::store
