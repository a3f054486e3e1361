// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/serve.h"

#include <spdlog/spdlog.h>

#include <set>
#include <string>
#include <tuple>

namespace chainfs::fs::fuse {
namespace {

// Remembers what has been logged, within bounds: a program that keeps reading a damaged block must
// not fill the disk with log lines.
class Logged {
 public:
  bool IsNew(const Call& call, const Error& error) {
    std::lock_guard lock(mutex_);
    if (seen_.size() == kMaxRemembered) seen_.clear();
    return seen_.emplace(call.name, call.inode, error.message).second;
  }

 private:
  static constexpr size_t kMaxRemembered = 1024;
  std::mutex mutex_;
  std::set<std::tuple<std::string, fuse_ino_t, std::string>> seen_;
};

}  // namespace

Context& ContextOf(fuse_req_t request) {
  return *static_cast<Context*>(fuse_req_userdata(request));
}

bool ShouldHandOver(fuse_req_t request, Effort effort) {
  if (effort == Effort::kQuick || !CameOverIoUring(request)) return false;
  if (effort == Effort::kBulk) return ContextOf(request).workers.HasRoom();
  return effort == Effort::kDisk || ContextOf(request).volume.WouldWait();
}

void LogIfAlarming(const Call& call, const Error& error) {
  static Logged logged;
  if (!IsAlarming(error.code) || !logged.IsNew(call, error)) return;
  spdlog::error("operation failed operation={} inode={} errno={} why=\"{}\"", call.name, call.inode,
                ToErrno(error.code), error.message);
}

}  // namespace chainfs::fs::fuse
