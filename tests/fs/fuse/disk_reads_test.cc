// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/disk_reads.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "fs/store/descriptor.h"
#include "tests/fs/store/helpers.h"

namespace chainfs::fs::fuse {
namespace {

using store::Descriptor;
using store::DiskRange;

class DiskReadsTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = Descriptor(open((directory_ / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const std::string content(1 << 20, 'x');
    ASSERT_EQ(write(file_.get(), content.data(), content.size()), 1 << 20);
    fsync(file_.get());
    posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED);
    DiskReads probe;
    if (!probe.Start({file_.get(), 0, 1}, MakeJob([] {}))) {
      GTEST_SKIP() << "SKIPPED: this build or this machine has no io_uring";
    }
  }
  bool Start(uint64_t offset, size_t bytes = 4096) {
    return reads_.Start({file_.get(), offset, bytes}, MakeJob([this] { ++done_; }));
  }
  void RunAll() {
    while (reads_.count() > 0) {
      pollfd ready{reads_.fd(), POLLIN, 0};
      if (poll(&ready, 1, 10000) == 0) FAIL() << reads_.count() << " reads do not end";
      reads_.RunFinished();
    }
  }

  store::TemporaryDirectory directory_;
  Descriptor file_;
  int done_ = 0;
  DiskReads reads_;
};

TEST_F(DiskReadsTest, RunsWhatFollowsEachRead) {
  EXPECT_EQ(reads_.count(), 0u);
  for (uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(Start(i * 40000, 8192));
  EXPECT_EQ(reads_.count(), 20u);
  EXPECT_EQ(done_, 0) << "not before it is asked for";
  RunAll();
  EXPECT_EQ(done_, 20);
  EXPECT_FALSE(reads_.IsOneDone());
}

TEST_F(DiskReadsTest, WhatFollowsMayStartAnother) {
  int rounds = 0;
  std::function<void()> again = [&] {
    if (++rounds < 5) reads_.Start({file_.get(), 0, 100}, MakeJob(again));
  };
  ASSERT_TRUE(reads_.Start({file_.get(), 0, 100}, MakeJob(again)));
  RunAll();
  EXPECT_EQ(rounds, 5);
}

// Who tries again finds out why.
TEST_F(DiskReadsTest, RunsWhatFollowsAReadThatFails) {
  ASSERT_TRUE(reads_.Start({-1, 0, 100}, MakeJob([this] { ++done_; })));
  ASSERT_TRUE(Start(5 << 20));  // past the end
  RunAll();
  EXPECT_EQ(done_, 2);
}

TEST_F(DiskReadsTest, HasBounds) {
  EXPECT_FALSE(Start(0, (256 << 10) + 1));
  int started = 0;
  while (started < 1000 && Start(0)) ++started;
  EXPECT_EQ(started, 64);
  RunAll();
  EXPECT_EQ(done_, 64);
  EXPECT_TRUE(Start(0)) << "there is room again";
  RunAll();
}

TEST_F(DiskReadsTest, EndsWithReadsUnderWay) {
  {
    DiskReads reads;
    for (uint64_t i = 0; i < 10; ++i) {
      ASSERT_TRUE(reads.Start({file_.get(), i << 16, 65536}, MakeJob([this] { ++done_; })));
    }
  }
  EXPECT_EQ(done_, 0);
}

}  // namespace
}  // namespace chainfs::fs::fuse
