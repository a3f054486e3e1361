// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/session.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <vector>

#include "fs/fuse/operations.h"
#include "fs/fuse/transport.h"

namespace chainfs::fs::fuse {
namespace {

std::mutex last_error_mutex;
std::string last_error;

spdlog::level::level_enum ToLevel(fuse_log_level level) {
  switch (level) {
    case FUSE_LOG_EMERG:
    case FUSE_LOG_ALERT:
    case FUSE_LOG_CRIT:
    case FUSE_LOG_ERR:
      return spdlog::level::err;
    case FUSE_LOG_WARNING:
      return spdlog::level::warn;
    case FUSE_LOG_NOTICE:
    case FUSE_LOG_INFO:
      return spdlog::level::info;
    case FUSE_LOG_DEBUG:
      break;
  }
  return spdlog::level::debug;
}

__attribute__((format(printf, 2, 0))) void Log(fuse_log_level level, const char* format,
                                               va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::string line(text);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  spdlog::log(ToLevel(level), "libfuse: {}", line);
  if (ToLevel(level) == spdlog::level::err) {
    std::lock_guard lock(last_error_mutex);
    last_error = line;
  }
}

std::string TakeLastError() {
  std::lock_guard lock(last_error_mutex);
  return std::exchange(last_error, {});
}

// For an option list: commas and backslashes are escaped.
std::string Escape(const std::string& value) {
  std::string escaped;
  for (const char c : value) {
    if (c == ',' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string OptionList(const ServiceOptions& options, bool io_uring) {
  std::string list = "default_permissions,subtype=chainfs,fsname=" + Escape(options.fsname);
  if (options.read_only) list += ",ro";
  if (options.allow_other) list += ",allow_other";
  if (options.noatime) list += ",noatime";
  if (options.noexec) list += ",noexec";
  // libfuse assumes nosuid and nodev; only root may have it otherwise.
  const bool root = geteuid() == 0;
  // What is set-id to one user, or his device, must not become so, or another's.
  const bool other_ids = options.shown.uid || options.shown.gid;
  list += options.nosuid || other_ids || !root ? ",nosuid" : ",suid";
  list += options.nodev || other_ids || !root ? ",nodev" : ",dev";
  if (options.trace_requests) list += ",debug";
  if (io_uring) {
    const unsigned depth =
        options.io_uring_depth != 0 ? options.io_uring_depth : DefaultIoUringDepth();
    list += ",io_uring,io_uring_q_depth=" + std::to_string(depth);
  }
  return list;
}

fuse_lowlevel_ops AllOperations() {
  fuse_lowlevel_ops operations{};
  AddConnectionOperations(operations);
  AddNameOperations(operations);
  AddAttributeOperations(operations);
  AddDataOperations(operations);
  AddDirectoryOperations(operations);
  AddXattrOperations(operations);
  AddSyncOperations(operations);
  return operations;
}

// Why this machine cannot mount at all, before libfuse prints something less clear.
Result<void> CheckDevice() {
  const int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device >= 0) {
    close(device);
    return {};
  }
  if (errno == EACCES || errno == EPERM) {
    return Error{ErrorCode::kNotPermitted, "/dev/fuse: permission denied"};
  }
  return Error{ErrorCode::kUnsupported, std::string("/dev/fuse: ") + std::strerror(errno) +
                                            "; FUSE is not there: try modprobe fuse"};
}

}  // namespace

void RouteLibraryLog() { fuse_set_log_func(Log); }

Result<SessionPtr> NewSession(const ServiceOptions& options, bool io_uring, Context& context) {
  std::vector<std::string> arguments = {"chainfs", "-o", OptionList(options, io_uring)};
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  fuse_args list = FUSE_ARGS_INIT(static_cast<int>(raw.size()), raw.data());
  const fuse_lowlevel_ops operations = AllOperations();
  SessionPtr session(fuse_session_new(&list, &operations, sizeof operations, &context));
  fuse_opt_free_args(&list);
  if (!session) return Error{ErrorCode::kIo, "libfuse: " + TakeLastError()};
  return session;
}

Result<void> MountSession(fuse_session* session, const std::string& mountpoint) {
  if (const Result<void> there = CheckDevice(); !there) return there.error();
  TakeLastError();
  errno = 0;
  if (fuse_session_mount(session, mountpoint.c_str()) == 0) return {};
  const ErrorCode code = errno == EPERM || errno == EACCES ? ErrorCode::kNotPermitted
                         : errno == EBUSY                  ? ErrorCode::kBusy
                                                           : ErrorCode::kIo;
  return Error{code, mountpoint + ": cannot be mounted: " + TakeLastError()};
}

}  // namespace chainfs::fs::fuse
