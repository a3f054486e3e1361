// SPDX-License-Identifier: GPL-3.0-or-later
// Spin: waits for something short by looking for it again and again. To sleep would let the CPU
// sleep, too, and to wake that again takes longer than a good disk needs for half a read (measured
// on a virtual machine: 27 of 85 us). Only for a thread that takes its CPU from nobody.
//
// Where it mostly looks in vain, it stops looking for a while. One thread.
#pragma once

#include <chrono>
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace chainfs::fs::fuse {

class Spin {
 public:
  // True: is_ready() is. False: it is time to sleep.
  template <class IsReady>
  bool Until(IsReady is_ready) {
    using Clock = std::chrono::steady_clock;
    if (rest_ > 0) {
      --rest_;
      return false;
    }
    for (const auto end = Clock::now() + kLongest; Clock::now() < end;) {
      for (int i = 0; i < kLooksPerTime; ++i) {
        if (is_ready()) {
          in_vain_ = 0;
          return true;
        }
        Pause();
      }
    }
    if (++in_vain_ == kMostInVain) {
      in_vain_ = 0;
      rest_ = kRest;
    }
    return false;
  }

 private:
  static constexpr std::chrono::microseconds kLongest{150};
  static constexpr int kLooksPerTime = 16;
  static constexpr unsigned kMostInVain = 4;
  static constexpr unsigned kRest = 256;  // so many waits that do not spin: it costs little

  static void Pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#endif
  }

  unsigned in_vain_ = 0, rest_ = 0;
};

}  // namespace chainfs::fs::fuse
