// SPDX-License-Identifier: GPL-3.0-or-later
// Writers that are killed at random and writers that compete: the anchor is always a whole one, and
// never goes back.
#include <poll.h>

#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "fs/anchor/anchor_directory.h"
#include "tests/fs/anchor/anchor_fixture.h"

namespace chainfs::fs::anchor {
namespace {

// All that a reader may see of the volume 0xa0: nothing, or a whole anchor that is not older than
// the last one it has seen.
class Watcher {
 public:
  explicit Watcher(const AnchorDirectory& anchors) : anchors_(anchors) {}
  uint64_t Look() {
    const auto found = anchors_.Find(AnchorOf(1).volume);
    EXPECT_TRUE(found) << found.error().message;
    if (!found || !*found) return newest_;
    const uint64_t size = SizeOf(**found);
    EXPECT_EQ(**found, AnchorOf(size));
    EXPECT_GE(size, newest_);
    return newest_ = size;
  }

 private:
  const AnchorDirectory& anchors_;
  uint64_t newest_ = 0;
};

TEST(AnchorCrashTest, AKilledWriterLeavesAWholeAnchorThatNeverGoesBack) {
  TemporaryDirectory scratch;
  const AnchorDirectory anchors(scratch / "anchors");
  Watcher watcher(anchors);
  std::mt19937_64 random(20240609);
  uint64_t kept = 0;
  for (int round = 0; round < 60; ++round) {
    ChildProcess writer([&](int report) {
      for (uint64_t size = kept + 1;; ++size) {
        if (!anchors.Remember(AnchorOf(size))) return false;
        ChildProcess::Send(report, size);
      }
    });
    // Some anchors, and then a random moment of the next one.
    uint64_t durable = kept;
    for (uint64_t written = random() % 6; written > 0; --written) {
      ASSERT_TRUE(writer.Receive(durable));
      EXPECT_GE(watcher.Look(), durable);
    }
    const timespec moment{0, static_cast<long>(random() % 3000000)};
    ::ppoll(nullptr, 0, &moment, nullptr);
    writer.Kill();
    while (writer.Receive(durable)) {
    }
    kept = watcher.Look();
    EXPECT_TRUE(kept == durable || kept == durable + 1) << kept << " after " << durable;
  }
  EXPECT_GT(kept, 60u);
  Must(anchors.Remember(AnchorOf(kept + 1)));
  EXPECT_EQ(watcher.Look(), kept + 1);
  EXPECT_FALSE(std::filesystem::exists(anchors.path() + "/" + ToHex(AnchorOf(1).volume) + ".new"));
}

// Each competes with the others for every single number, as a vault and its copies would.
TEST(AnchorCompetitionTest, OfProcessesWithOneVolumeTheNewestHeadWins) {
  constexpr uint64_t kProcesses = 3, kAnchors = 240;
  TemporaryDirectory scratch;
  const AnchorDirectory anchors(scratch / "anchors");
  std::vector<std::unique_ptr<ChildProcess>> writers;
  for (uint64_t p = 0; p < kProcesses; ++p) {
    writers.push_back(std::make_unique<ChildProcess>([&](int report) {
      for (uint64_t n = 1 + p; n <= kAnchors; n += kProcesses) {
        if (!anchors.Remember(AnchorOf(n))) return false;
        ChildProcess::Send(report, n);
      }
      return true;
    }));
  }
  Watcher watcher(anchors);
  for (auto& writer : writers) {
    for (uint64_t remembered; writer->Receive(remembered);) {
      for (int looks = 0; looks < 20; ++looks) EXPECT_GE(watcher.Look(), remembered);
    }
    EXPECT_TRUE(writer->Succeeds());
  }
  EXPECT_EQ(watcher.Look(), kAnchors);
}

TEST(AnchorCompetitionTest, ThreadsOfOneProcessExcludeEachOtherToo) {
  TemporaryDirectory scratch;
  const AnchorDirectory anchors(scratch / "anchors");
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t n = 1 + t; n <= 100; n += 4) failures += !anchors.Remember(AnchorOf(n));
    });
  }
  Watcher watcher(anchors);
  for (int looks = 0; looks < 1000; ++looks) watcher.Look();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(watcher.Look(), 100u);
}

TEST(AnchorCompetitionTest, VolumesAtOnePathLeaveAWholeEntryOfOneOfThem) {
  constexpr uint8_t kVolumes[] = {0x10, 0x20, 0x30};
  TemporaryDirectory scratch;
  const AnchorDirectory anchors(scratch / "anchors");
  std::vector<std::unique_ptr<ChildProcess>> writers;
  for (const uint8_t volume : kVolumes) {
    writers.push_back(std::make_unique<ChildProcess>([&, volume](int) {
      for (uint64_t n = 1; n <= 50; ++n) {
        Anchor anchor = AnchorOf(n, volume);
        anchor.vault = "/vault";
        if (!anchors.Remember(anchor)) return false;
      }
      return true;
    }));
  }
  for (int looks = 0; looks < 2000; ++looks) Take(anchors.FindByPath("/vault"));
  for (auto& writer : writers) EXPECT_TRUE(writer->Succeeds());
  EXPECT_TRUE(Take(anchors.FindByPath("/vault")));
  for (const uint8_t volume : kVolumes) {
    EXPECT_EQ(SizeOf(*Take(anchors.Find(Counting<16>(volume)))), 50u);
  }
}

}  // namespace
}  // namespace chainfs::fs::anchor
