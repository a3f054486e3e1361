// SPDX-License-Identifier: GPL-3.0-or-later
// Remembers the newest head that it was told, on a thread of its own, so that no commit waits for
// the disk that the anchors lie on. The anchor may lag behind the vault; it never leads, because
// heads are told after their commit is durable. The first head is written at once, those that
// come within the interval are passed over for the newest, and Stop writes what is left.
//
// What could not be written is tried again after `retry`, or a newer head in its place, and once
// more at Stop. Nothing is ever given up for it: a failure is for the log.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "crypto/base/result.h"
#include "fs/anchor/anchor_codec.h"

namespace chainfs::fs::anchor {

class AnchorWriter {
 public:
  struct Options {
    // Called on the writer's thread only. `remember` (AnchorDirectory::Remember) may take its time.
    std::function<Result<void>(const Anchor&)> remember;
    // The first failure, and the first after each success.
    std::function<void(const Error&)> on_failure;
    std::chrono::milliseconds interval{2000};  // from the end of one attempt to the next
    std::chrono::milliseconds retry{30000};    // the same, after a failure
  };

  // Starts the thread: not before a fork into the background.
  explicit AnchorWriter(Options options);
  ~AnchorWriter() { Stop(); }
  AnchorWriter(const AnchorWriter&) = delete;
  AnchorWriter& operator=(const AnchorWriter&) = delete;

  // Takes the place of an earlier head that has not been written yet. Never waits for a disk.
  // Any thread. REQUIRES: the commit is durable.
  void Note(Anchor anchor);

  // Writes what is left, waits for that, and ends the thread; heads that are noted later are lost.
  // One thread. May take as long as the disk does.
  void Stop();

 private:
  void Run();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Anchor> newest_;  // not written yet; guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace chainfs::fs::anchor
