// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/ring_priority.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "fs/fuse/worker_pool.h"

namespace chainfs::fs::fuse {
namespace {

constexpr std::chrono::milliseconds kLookEvery{4};
constexpr unsigned kQuietLooks = 12;  // so long a pause ends the yielding
constexpr unsigned kGoodLooks = 64;   // so long without waiting makes up for having had to
constexpr std::chrono::milliseconds kLongestBan{1000};
constexpr uint64_t kBurst = 32;

bool SetPolicy(pid_t thread, int policy) {
  const sched_param parameter{};
  return ::sched_setscheduler(thread, policy, &parameter) == 0;
}

// Whether a thread of ours that has taken SCHED_IDLE may give it up again.
bool MayTakeBack() {
  constexpr rlim_t kNiceZero = 20;
  rlimit limit;
  if (::getrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_cur >= kNiceZero) return true;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective & (1u << CAP_SYS_NICE)) != 0;
}

}  // namespace

// Looks after all rings of the process, on a thread that there is while there are rings.
class RingWatcher {
 public:
  static RingWatcher& Instance() {
    static RingWatcher watcher;
    return watcher;
  }

  void Add(RingPriority* ring) {
    std::lock_guard lock(mutex_);
    rings_.push_back(ring);
    if (thread_.joinable()) return;
    thread_ = StartQuietThread(MakeJob([this, number = thread_number_] { Watch(number); }));
  }

  void Remove(RingPriority* ring) {
    std::thread ended;
    {
      std::lock_guard lock(mutex_);
      std::erase(rings_, ring);
      if (!rings_.empty()) return;
      ended = std::move(thread_);
      ++thread_number_;
    }
    wake_.notify_all();
    if (ended.joinable()) ended.join();
  }

  void Wake() {
    if (!is_asleep_.exchange(false)) return;
    std::lock_guard lock(mutex_);  // it may be just about to wait
    wake_.notify_all();
  }

 private:
  void Watch(unsigned number) {
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return number != thread_number_; };
    while (!is_over()) {
      const auto now = std::chrono::steady_clock::now();
      is_asleep_ = true;
      bool look_again = false;
      for (RingPriority* ring : rings_) look_again |= ring->Look(now);
      if (look_again) {
        is_asleep_ = false;
        wake_.wait_for(lock, kLookEvery, is_over);
      } else {
        wake_.wait(lock, [&] { return is_over() || !is_asleep_; });
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<RingPriority*> rings_;
  std::thread thread_;
  unsigned thread_number_ = 0;
  std::atomic<bool> is_asleep_{false};
};

RingPriority::RingPriority()
    : thread_(::gettid()), may_yield_(MayTakeBack()), yield_from_beat_(kBurst) {
  if (may_yield_) RingWatcher::Instance().Add(this);
}

RingPriority::~RingPriority() {
  if (!may_yield_) return;
  RingWatcher::Instance().Remove(this);
  SetPolicy(thread_, SCHED_OTHER);
}

void RingPriority::AskToYield() {
  if (!may_yield_) return;
  wants_to_yield_ = true;
  RingWatcher::Instance().Wake();
}

bool RingPriority::Look(Clock::time_point now) {
  if (!wants_to_yield_) return false;
  if (now < banned_until_) return true;
  const uint64_t beats = beats_.load(std::memory_order_relaxed);
  if (!yields_) {
    yields_ = SetPolicy(thread_, SCHED_IDLE);
    last_beats_ = beats;
    quiet_looks_ = 0;
    return true;
  }
  if (beats != last_beats_) {
    last_beats_ = beats;
    quiet_looks_ = 0;
    if (++good_looks_ >= kGoodLooks) ban_ = kFirstBan;
    return true;
  }
  if (IsWaitingForItsCpu()) {
    StopYielding();
    banned_until_ = now + ban_;
    ban_ = std::min(2 * ban_, kLongestBan);
    good_looks_ = 0;
  } else if (++quiet_looks_ >= kQuietLooks) {
    StopYielding();
  }
  return yields_;
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
