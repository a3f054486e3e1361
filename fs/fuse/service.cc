// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/service.h"

#include <linux/prctl.h>
#include <poll.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "fs/fuse/mount_point.h"
#include "fs/fuse/session.h"
#include "fs/fuse/signals.h"
#include "fs/fuse/transport.h"

namespace chainfs::fs::fuse {
namespace {

// How long a detached directory that is still in use is served.
constexpr std::chrono::seconds kGracePeriod{5};
constexpr std::chrono::seconds kWriteBackTimeout{30};

// Enough for every request that all rings can hold: then none waits for a thread.
unsigned WorkerLimit(const ServiceOptions& options) {
  const unsigned depth =
      options.io_uring_depth != 0 ? options.io_uring_depth : DefaultIoUringDepth();
  const long cpus = std::max(1l, sysconf(_SC_NPROCESSORS_CONF));
  return std::clamp(depth * static_cast<unsigned>(cpus), 4u, 128u);
}

Result<std::string> RealDirectory(const std::string& path) {
  char* const resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) {
    const ErrorCode code = errno == ENOENT     ? ErrorCode::kNotFound
                           : errno == ENOTDIR  ? ErrorCode::kNotDirectory
                           : errno == EACCES   ? ErrorCode::kNotPermitted
                           : errno == ENOTCONN ? ErrorCode::kBusy
                                               : ErrorCode::kIo;
    return Error{code, path + ": " + std::strerror(errno)};
  }
  std::string real(resolved);
  free(resolved);
  struct stat status {};
  if (stat(real.c_str(), &status) != 0) {
    const bool dead = errno == ENOTCONN;
    return Error{dead ? ErrorCode::kBusy : ErrorCode::kIo,
                 real + ": " + std::strerror(errno) +
                     (dead ? "; an earlier mount died here: umount it first" : "")};
  }
  if (!S_ISDIR(status.st_mode)) {
    return Error{ErrorCode::kNotDirectory, real + ": not a directory"};
  }
  return real;
}

}  // namespace

void MarkIoFlusher() {
  // Refused without CAP_SYS_RESOURCE, and unknown to kernels before 5.6.
  prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
}

std::string TransportStatus::ToString() const {
  return io_uring ? "io_uring" : "classic (" + reason + ")";
}

class Service::Impl {
 public:
  Impl(Volume& volume, ServiceOptions options)
      : options_(std::move(options)),
        against_io_uring_(ReasonAgainstIoUring(options_.transport)),
        workers_(std::make_unique<WorkerPool>(WorkerLimit(options_))),
        notifier_(*workers_),
        context_{volume,   *workers_,      notifier_,
                 refused_, options_.shown, against_io_uring_.empty()} {}

  ~Impl() {
    if (session_) EndServing();
    session_.reset();
    signals_.reset();
    if (event_ >= 0) close(event_);
  }

  Result<void> Mount() {
    RouteLibraryLog();
    Result<std::string> real = RealDirectory(options_.mountpoint);
    if (!real) return real.error();
    mountpoint_ = std::move(*real);
    event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_ < 0) return Error{ErrorCode::kIo, "eventfd failed"};
    Result<SessionPtr> session = NewSession(options_, context_.want_io_uring, context_);
    if (!session) return session.error();
    session_ = std::move(*session);
    signals_.emplace(event_);  // before there is a mount to leave behind
    if (const Result<void> done = MountSession(session_.get(), mountpoint_); !done) {
      session_.reset();
      return done.error();
    }
    mounted_ = true;
    device_ = FindMount(mountpoint_);
    if (device_) connection_.emplace(device_->minor);
    return {};
  }

  int Run() {
    runner_ = pthread_self();
    notifier_.Start(session_.get());
    std::thread control = StartQuietThread(MakeJob([this] { Control(); }));
    const int error = Loop();
    ended_ = true;
    Signal(event_);
    EndServing();
    control.join();
    session_.reset();
    return error;
  }

  void Stop() { Signal(event_); }

  Result<void> WriteBack() const {
    if (!connection_) return Error{ErrorCode::kUnsupported, mountpoint_ + ": mount not found"};
    return fuse::WriteBack(mountpoint_, *connection_, kWriteBackTimeout);
  }

  TransportStatus transport() const {
    if (context_.over_io_uring) return {true, {}};
    if (!against_io_uring_.empty()) return {false, against_io_uring_};
    return {false, "io_uring could not be started; the log says why"};
  }

 private:
  int Loop() {
    fuse_loop_config* const config = fuse_loop_cfg_create();
    fuse_loop_cfg_set_max_threads(config, options_.max_threads);
    const int error = fuse_session_loop_mt(session_.get(), config);
    fuse_loop_cfg_destroy(config);
    return std::abs(error);
  }

  // Whatever ended the loop, nobody serves requests any more. Those of a mount that is still there
  // must fail before the threads which may be waiting for them can be joined.
  void EndServing() {
    if (device_ && IsMounted(mountpoint_, *device_)) connection_->Abort();
    notifier_.Stop();
    workers_.reset();
    if (mounted_ && !detached_) fuse_session_unmount(session_.get());
  }

  // The control thread: what is to be done from outside while others serve.
  void Control() {
    if (!WaitUntilAnswering(mountpoint_)) return;
    if (device_) TuneKernel(*device_);
    spdlog::debug("answering mountpoint={} transport={}", mountpoint_, transport().ToString());
    if (options_.on_ready) options_.on_ready();
    if (!WaitForEvent(std::nullopt)) return;
    spdlog::info("unmounting mountpoint={}", mountpoint_);
    if (Unmount(mountpoint_)) return;
    spdlog::warn("still in use, detaching mountpoint={}", mountpoint_);
    if (const Result<void> done = WriteBack(); !done) spdlog::warn("{}", done.error().message);
    Detach(mountpoint_);
    detached_ = true;
    WaitForEvent(kGracePeriod);
    if (ended_) return;
    notifier_.Stop();  // while there is still somebody to serve what it waits for
    fuse_session_exit(session_.get());
    // Older libraries look at the exit flag only when something interrupts them.
    pthread_kill(runner_, SIGHUP);
  }

  // False: the session has ended by itself. True: a stop is asked for, or the time is over.
  bool WaitForEvent(std::optional<std::chrono::milliseconds> timeout) {
    pollfd waiting = {event_, POLLIN, 0};
    const int milliseconds = timeout ? static_cast<int>(timeout->count()) : -1;
    while (!ended_ && poll(&waiting, 1, milliseconds) < 0 && errno == EINTR) {
    }
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(event_, &count, sizeof count);
    return !ended_;
  }

  const ServiceOptions options_;
  const std::string against_io_uring_;
  std::unique_ptr<WorkerPool> workers_;
  Notifier notifier_;
  RefusedWrites refused_;
  Context context_;
  SessionPtr session_;
  std::string mountpoint_;  // absolute, without links
  std::optional<DeviceNumber> device_;
  std::optional<ConnectionControl> connection_;
  bool mounted_ = false;
  std::atomic<bool> detached_ = false;
  int event_ = -1;  // stop asked for, or session ended
  std::optional<SignalWatch> signals_;
  std::atomic<bool> ended_ = false;
  pthread_t runner_{};
};

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::Mount(Volume& volume, ServiceOptions options) {
  auto impl = std::make_unique<Impl>(volume, std::move(options));
  if (Result<void> done = impl->Mount(); !done) return std::move(done).error();
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

int Service::Run() { return impl_->Run(); }
void Service::Stop() { impl_->Stop(); }
Result<void> Service::WriteBack() { return impl_->WriteBack(); }
TransportStatus Service::transport() const { return impl_->transport(); }

}  // namespace chainfs::fs::fuse
