// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/ring_priority.h"

#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "fs/fuse/worker_pool.h"

namespace chainfs::fs::fuse {
namespace {

constexpr std::chrono::milliseconds kLookEvery{4};
constexpr std::chrono::milliseconds kLookCloser{1};
constexpr unsigned kQuietLooks = 12;  // so long a pause ends the yielding
constexpr unsigned kGoodLooks = 64;   // so long without waiting makes up for having had to
constexpr std::chrono::milliseconds kLongestBan{1000};
constexpr uint64_t kBurst = 32;

bool SetPolicy(pid_t thread, int policy) {
  const sched_param parameter{};
  return ::sched_setscheduler(thread, policy, &parameter) == 0;
}

// Whether a thread of ours that has taken SCHED_IDLE may give it up again: a capability of another
// namespace, or a limit on niceness, do not tell. So one tries that nobody needs any more.
bool MayTakeBack() {
  if (::sched_getscheduler(0) != SCHED_OTHER) return false;  // somebody has chosen otherwise
  bool may = false;
  try {
    std::thread([&may] { may = SetPolicy(0, SCHED_IDLE) && SetPolicy(0, SCHED_OTHER); }).join();
  } catch (const std::system_error&) {
  }
  return may;
}

}  // namespace

// Looks after all rings of the process, on a thread that there is while there are rings.
class RingWatcher {
 public:
  static RingWatcher& Instance() {
    static RingWatcher watcher;
    return watcher;
  }

  // False: no thread can be had.
  bool Add(RingPriority* ring) {
    std::lock_guard changing(changing_);
    if (!thread_.joinable()) {
      is_over_ = false;
      try {
        thread_ = StartQuietThread(MakeJob([this] { Watch(); }));
      } catch (const std::exception&) {
        return false;
      }
    }
    std::lock_guard lock(mutex_);
    rings_.push_back(ring);
    return true;
  }

  void Remove(RingPriority* ring) {
    std::lock_guard changing(changing_);
    {
      std::lock_guard lock(mutex_);
      std::erase(rings_, ring);
      if (!rings_.empty()) return;
    }
    is_over_ = true;
    ::sem_post(&wake_);
    thread_.join();
  }

  // Takes no lock: the caller may be made to yield at any moment.
  void Wake() {
    if (is_asleep_.exchange(false)) ::sem_post(&wake_);
  }

 private:
  RingWatcher() { ::sem_init(&wake_, 0, 0); }

  void Watch() {
    while (!is_over_) {
      std::optional<std::chrono::milliseconds> look_in;
      {
        std::lock_guard lock(mutex_);
        is_asleep_ = true;
        const auto now = std::chrono::steady_clock::now();
        for (RingPriority* ring : rings_) {
          const auto wants = ring->Look(now);
          if (wants) look_in = std::min(look_in.value_or(*wants), *wants);
        }
        if (look_in) is_asleep_ = false;
      }
      if (look_in) {
        std::this_thread::sleep_for(*look_in);
      } else {
        ::sem_wait(&wake_);
      }
    }
  }

  std::mutex changing_;  // taken before mutex_, and never by the thread: one ends before the next
  std::thread thread_;   // guarded by changing_
  std::mutex mutex_;
  std::vector<RingPriority*> rings_;  // guarded by mutex_
  sem_t wake_;
  std::atomic<bool> is_over_{false}, is_asleep_{false};
};

RingPriority::RingPriority() : thread_(::gettid()), yield_from_beat_(kBurst) {
  is_watched_ = MayTakeBack() && RingWatcher::Instance().Add(this);
}

RingPriority::~RingPriority() {
  if (!is_watched_) return;
  SetPolicy(thread_, SCHED_OTHER);  // before it takes a lock
  RingWatcher::Instance().Remove(this);
  SetPolicy(thread_, SCHED_OTHER);
}

void RingPriority::AskToYield() {
  if (!is_watched_) return;
  wants_to_yield_ = true;
  RingWatcher::Instance().Wake();
}

std::optional<std::chrono::milliseconds> RingPriority::Look(Clock::time_point now) {
  if (!wants_to_yield_) return std::nullopt;
  if (now < banned_until_) return kLookEvery;
  const uint64_t beats = beats_.load(std::memory_order_relaxed);
  if (!yields_) {
    yields_ = SetPolicy(thread_, SCHED_IDLE);
    last_beats_ = beats;
    quiet_looks_ = 0;
    is_suspected_ = false;
    // If it may not any more: never again, since it goes on wanting to.
    return yields_ ? std::optional(kLookEvery) : std::nullopt;
  }
  if (beats != last_beats_) {
    last_beats_ = beats;
    quiet_looks_ = 0;
    is_suspected_ = false;
    if (++good_looks_ >= kGoodLooks) ban_ = kFirstBan;
    return kLookEvery;
  }
  if (IsWaitingForItsCpu()) {
    // It may just have been woken, or be waiting for the CPU that this thread has taken from it.
    if (!std::exchange(is_suspected_, true)) return kLookCloser;
    StopYielding();
    banned_until_ = now + ban_;
    ban_ = std::min(2 * ban_, kLongestBan);
    good_looks_ = 0;
  } else {
    is_suspected_ = false;
    if (++quiet_looks_ >= kQuietLooks) StopYielding();
  }
  return yields_ ? std::optional(kLookEvery) : std::nullopt;
}

void RingPriority::StopYielding() {
  SetPolicy(thread_, SCHED_OTHER);
  yields_ = false;
  yield_from_beat_ = beats_.load(std::memory_order_relaxed) + kBurst;
  wants_to_yield_ = false;
}

// Whether it could run. It has got no further for a while: so it does not, or for too long.
bool RingPriority::IsWaitingForItsCpu() const {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", static_cast<int>(thread_));
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;  // nothing can be told: be careful
  char text[256];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return true;
  text[size] = '\0';
  // "pid (name) state ...", and a name may hold anything.
  const char* name_end = std::strrchr(text, ')');
  return name_end == nullptr || name_end[1] == '\0' || name_end[2] == 'R';
}

}  // namespace chainfs::fs::fuse
