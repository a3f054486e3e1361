// SPDX-License-Identifier: GPL-3.0-or-later
// Service: a Volume as a mounted directory.
//
//   MarkIoFlusher();                                  // first thing in the process
//   auto volume = Volume::Open(...);                  // after every fork
//   auto service = Service::Mount(*volume, options);
//   int error = (*service)->Run();                    // until the directory is unmounted
//   volume->Close();                                  // the last commit: the caller's
//
// From Mount() to the destructor SIGTERM, SIGINT and SIGHUP do what Stop() does.
//
// Mount, Run and the destructor belong to one thread, of one Service a process at a time; the
// others may be called from any that does not serve requests.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "fs/fuse/shown_owner.h"
#include "fs/volume.h"

namespace chainfs::fs::fuse {

enum class Transport { kAuto, kIoUring, kClassic };

struct ServiceOptions {
  std::string mountpoint;  // an existing directory
  std::string fsname;      // what df and /proc/mounts show as the device: the vault's path
  bool read_only = false;
  bool allow_other = false;
  bool noatime = false, noexec = false;
  bool nosuid = false, nodev = false;  // always so for users other than root
  ShownOwner shown;                    // with another owner or group, nosuid is always so
  // io_uring is used where library and kernel have it, and the classic transport otherwise.
  Transport transport = Transport::kAuto;
  unsigned io_uring_depth = 0;  // requests in flight a CPU, of 1 MiB each; 0: by number of CPUs
  unsigned max_threads = 16;    // of the classic transport
  bool trace_requests = false;  // every one, in the log at debug level
  // Called once, from another thread, when the mounted directory answers.
  std::function<void()> on_ready;
};

struct TransportStatus {
  bool io_uring = false;
  std::string reason;  // why not io_uring, and what would turn it on; empty with io_uring

  // "io_uring", or "classic (reason)".
  std::string ToString() const;
};

// Marks the process as one that memory reclaim waits for, so that its own allocations do not wait
// for reclaim through its mount. Threads inherit it: call it before any is started. Best effort,
// it needs CAP_SYS_RESOURCE.
void MarkIoFlusher();

class Service {
 public:
  // Mounts `volume`, which must outlive the Service. Requests wait until Run().
  //
  // Errors: kUnsupported (no FUSE on this machine), kNotPermitted, kBusy, kNotFound and
  // kNotDirectory (about the mount point), kIo; the message says more.
  static Result<std::unique_ptr<Service>> Mount(Volume& volume, ServiceOptions options);

  ~Service();  // unmounts, lazily, what is still mounted
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Serves until the directory is unmounted, by whomever. 0, or the errno that ended it.
  int Run();

  // Makes Run() return: unmounts, so that everything written reaches the volume. A directory still
  // in use is detached at once and served for a few seconds more. Safe in a signal handler.
  void Stop();

  // Hands everything that programs have written, and the kernel still holds, to the volume. After
  // it Volume::Sync() makes it durable. Errors: kIo, kBusy (requests keep coming for half a
  // minute), kUnsupported (the kernel does not let us see whether it has finished).
  Result<void> WriteBack();

  // What is in use. Final once on_ready has been called.
  TransportStatus transport() const;

 private:
  class Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chainfs::fs::fuse
