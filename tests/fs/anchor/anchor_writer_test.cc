// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_writer.h"

#include <deque>

#include "fs/anchor/anchor_directory.h"
#include "tests/fs/anchor/anchor_fixture.h"

namespace chainfs::fs::anchor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Sizes = std::vector<uint64_t>;

// A disk that notes what it is told to remember, fails when told to, and can be made to hang.
class AnchorWriterTest : public ::testing::Test {
 protected:
  AnchorWriter::Options With(milliseconds interval, milliseconds retry = hours(1)) {
    return {[this](const Anchor& anchor) { return Remember(anchor); },
            [this](const Error& error) {
              std::lock_guard lock(mutex_);
              failures_.push_back(error.message);
            },
            interval, retry};
  }
  Result<void> Remember(const Anchor& anchor) {
    std::unique_lock lock(mutex_);
    attempts_.push_back(SizeOf(anchor));
    times_.push_back(steady_clock::now());
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hanging_; });
    if (errors_.empty()) return {};
    const std::string error = errors_.front();
    errors_.pop_front();
    if (error.empty()) return {};
    return Error{ErrorCode::kIo, error};
  }
  void Hang(bool hanging) {
    std::lock_guard lock(mutex_);
    hanging_ = hanging;
    changed_.notify_all();
  }
  // What the next attempts fail with; empty: one that succeeds.
  void Expect(std::deque<std::string> errors) { errors_ = std::move(errors); }
  void AwaitAttempts(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_.size() >= count; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool hanging_ = false;
  std::deque<std::string> errors_;
  Sizes attempts_;
  std::vector<steady_clock::time_point> times_;
  std::vector<std::string> failures_;
};

TEST_F(AnchorWriterTest, TheFirstHeadIsWrittenAtOnceAndLaterOnesAreGathered) {
  AnchorWriter writer(With(hours(1)));
  writer.Note(AnchorOf(1));
  AwaitAttempts(1);
  for (uint64_t n = 2; n <= 100; ++n) writer.Note(AnchorOf(n));
  writer.Stop();
  EXPECT_EQ(attempts_, (Sizes{1, 100}));
}

TEST_F(AnchorWriterTest, NotingDoesNotWaitForADiskThatHangs) {
  AnchorWriter writer(With(milliseconds(0)));
  Hang(true);
  writer.Note(AnchorOf(1));
  AwaitAttempts(1);
  for (uint64_t n = 2; n <= 1000; ++n) writer.Note(AnchorOf(n));  // would never return
  Hang(false);
  AwaitAttempts(2);
  writer.Stop();
  EXPECT_EQ(attempts_, (Sizes{1, 1000}));
}

TEST_F(AnchorWriterTest, AfterTheIntervalTheNewestIsWritten) {
  const milliseconds interval(20);
  AnchorWriter writer(With(interval));
  for (uint64_t n = 1; n <= 4; ++n) {
    writer.Note(AnchorOf(10 * n));
    AwaitAttempts(n);
  }
  EXPECT_EQ(attempts_, (Sizes{10, 20, 30, 40}));
  for (size_t n = 1; n < times_.size(); ++n) EXPECT_GE(times_[n] - times_[n - 1], interval);
}

TEST_F(AnchorWriterTest, StopWritesWhatIsLeftAndOnlyThat) {
  { AnchorWriter idle(With(hours(1))); }
  EXPECT_EQ(attempts_, Sizes{});
  AnchorWriter writer(With(hours(1)));
  writer.Note(AnchorOf(1));
  writer.Stop();
  writer.Stop();
  EXPECT_EQ(attempts_, Sizes{1});
}

TEST_F(AnchorWriterTest, TheDestructorWritesWhatIsLeft) {
  {
    AnchorWriter writer(With(hours(1)));
    writer.Note(AnchorOf(1));
    AwaitAttempts(1);
    writer.Note(AnchorOf(2));
  }
  EXPECT_EQ(attempts_, (Sizes{1, 2}));
}

TEST_F(AnchorWriterTest, AFailureIsReportedOnceAndAgainAfterASuccess) {
  Expect({"full", "still full", "full yet", "", "full again", "and still"});
  AnchorWriter writer(With(milliseconds(0), milliseconds(0)));
  writer.Note(AnchorOf(1));
  AwaitAttempts(4);
  writer.Note(AnchorOf(2));
  AwaitAttempts(7);
  writer.Stop();
  EXPECT_EQ(attempts_, (Sizes{1, 1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(failures_, (std::vector<std::string>{"full", "full again"}));
}

TEST_F(AnchorWriterTest, WhatCouldNotBeWrittenIsTriedOnceMoreAtStop) {
  Expect({"full", "full"});
  AnchorWriter writer(With(milliseconds(0), hours(1)));
  writer.Note(AnchorOf(1));
  AwaitAttempts(1);
  writer.Stop();
  EXPECT_EQ(attempts_, (Sizes{1, 1}));
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(AnchorWriterTest, ANewerHeadTakesThePlaceOfOneThatCouldNotBeWritten) {
  Expect({"full"});
  AnchorWriter writer(With(milliseconds(0), hours(1)));
  Hang(true);
  writer.Note(AnchorOf(1));
  AwaitAttempts(1);
  writer.Note(AnchorOf(2));
  Hang(false);
  writer.Stop();
  EXPECT_EQ(attempts_, (Sizes{1, 2}));
}

TEST_F(AnchorWriterTest, ADirectoryThatCannotBeMadeIsReportedAndStopsNobody) {
  TemporaryDirectory scratch;
  std::ofstream(scratch / "state").put('x');
  const AnchorDirectory anchors(scratch / "state/chainfs");
  AnchorWriter::Options options = With(milliseconds(0));
  options.remember = [&](const Anchor& anchor) { return anchors.Remember(anchor); };
  AnchorWriter writer(options);
  for (uint64_t n = 1; n <= 10; ++n) writer.Note(AnchorOf(n));
  writer.Stop();
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_NE(failures_[0].find("/state/chainfs"), std::string::npos) << failures_[0];
}

}  // namespace
}  // namespace chainfs::fs::anchor
