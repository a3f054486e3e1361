// SPDX-License-Identifier: GPL-3.0-or-later
// RingPriority: lets a program be woken on the CPU that has answered it.
//
// A ring's thread is pinned to the CPU that its requests come from. When it answers, it occupies
// that CPU, so the scheduler wakes the program on an idle one; there the next request goes to
// another ring, and so on: an interrupt to a sleeping CPU and a cold cache for every request, which
// makes small ones take two to three times as long. Where a CPU runs nothing but threads of the
// policy SCHED_IDLE it counts as idle, and the program stays. So a ring's thread takes that policy
// while requests follow each other.
//
// Of a busy CPU such a thread gets next to nothing. A watcher therefore looks every 4 ms whether a
// ring that gets no further is waiting for its CPU; if it still is 1 ms later, the watcher makes
// the thread an ordinary one, for longer each time. A pause in the requests makes it an ordinary
// one, too. Only the watcher changes policies: a thread that yields could not be relied on to take
// it back.
//
// Taking the policy back needs a privilege (CAP_SYS_NICE or RLIMIT_NICE), so the daemon of an
// ordinary user mostly changes nothing.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace chainfs::fs::fuse {

// Of one ring. Made, used and destroyed on its thread.
class RingPriority {
 public:
  RingPriority();
  ~RingPriority();  // the thread is an ordinary one again
  RingPriority(const RingPriority&) = delete;

  // Before answers go to the kernel.
  void Answering() {
    const uint64_t beats = beats_.load(std::memory_order_relaxed) + 1;
    beats_.store(beats, std::memory_order_relaxed);
    if (beats < yield_from_beat_.load(std::memory_order_relaxed)) return;
    if (!wants_to_yield_.load(std::memory_order_relaxed)) AskToYield();
  }

  // Whether the thread takes its CPU from nobody. The watcher may just be changing it.
  bool IsYielding() const { return yields_.load(std::memory_order_relaxed); }

 private:
  friend class RingWatcher;
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirstBan{16};

  void AskToYield();
  // On the watcher's thread. When to look again; nullopt: once it asks to yield.
  std::optional<std::chrono::milliseconds> Look(Clock::time_point now);
  void StopYielding();
  bool IsWaitingForItsCpu() const;

  const pid_t thread_;
  bool is_watched_ = false;
  std::atomic<uint64_t> beats_{0};
  // Set by the ring, cleared by the watcher.
  std::atomic<bool> wants_to_yield_{false};
  std::atomic<uint64_t> yield_from_beat_;  // a few requests now and then are not worth watching
  // Set by the watcher.
  std::atomic<bool> yields_{false};
  // The watcher's.
  uint64_t last_beats_ = 0;
  bool is_suspected_ = false;  // of waiting for its CPU
  unsigned quiet_looks_ = 0, good_looks_ = 0;
  std::chrono::milliseconds ban_ = kFirstBan;
  Clock::time_point banned_until_{};
};

}  // namespace chainfs::fs::fuse
