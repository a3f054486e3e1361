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

// A name may hold anything, and a line of the log must not look like two.
std::string Escape(const std::string& path) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '"' && c != '\\') {
      escaped += c;
    } else {
      escaped += {'\\', 'x', kHex[byte / 16], kHex[byte % 16]};
    }
  }
  return escaped;
}

std::string PathField(Volume& volume, const Call& call) {
  const auto path = volume.FindPath(InodeNumber(call.inode));
  return path ? " path=\"" + Escape(*path) + "\"" : " path=unknown";
}

}  // namespace

Context& ContextOf(fuse_req_t request) {
  return *static_cast<Context*>(fuse_req_userdata(request));
}

bool ShouldHandOver(fuse_req_t request, Effort effort) {
  if (effort == Effort::kQuick || !CameOverIoUring(request)) return false;
  if (effort == Effort::kBulk) return ContextOf(request).workers.HasRoom();
  return effort == Effort::kDisk || ContextOf(request).volume.WouldWait();
}

void LogIfAlarming(Volume& volume, const Call& call, const Error& error) {
  static Logged logged;
  if (!IsAlarming(error.code)) return;
  // An error that cannot be logged is still to be answered.
  try {
    if (!logged.IsNew(call, error)) return;
    spdlog::error("operation failed operation={} inode={}{} errno={} why=\"{}\"", call.name,
                  call.inode, error.code == ErrorCode::kDamaged ? PathField(volume, call) : "",
                  ToErrno(error.code), error.message);
  } catch (const std::exception&) {
  }
}

}  // namespace chainfs::fs::fuse
