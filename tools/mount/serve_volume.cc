// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/serve_volume.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "fs/fuse/service.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"
#include "tools/common/control_path.h"
#include "tools/common/mount_notes.h"
#include "tools/common/mount_table.h"
#include "tools/daemon/control_server.h"
#include "tools/daemon/crash_report.h"
#include "tools/daemon/heap.h"
#include "tools/daemon/log_setup.h"
#include "tools/daemon/scrubber.h"
#include "tools/mount/anchor_keeper.h"

namespace chainfs::tools {
namespace {

using fs::Volume;
using fs::fuse::Service;
using nlohmann::json;

fs::VolumeOptions VolumeOptionsOf(const ServeRequest& request, AnchorKeeper* keeper) {
  const MountOptions& options = request.options;
  fs::VolumeOptions volume;
  volume.read_only = options.read_only;
  volume.atime = options.atime;
  if (options.cache_bytes) volume.cache_bytes = *options.cache_bytes;
  volume.commit_interval_ms = options.commit_seconds * 1000;
  // The kernel never shows our times of a file that it knows, and sends its own only if it has
  // moved them. A file made or cut off and then written within one tick of its clock keeps the time
  // that we have been told already; the write comes later, when a stamp of ours would be another
  // one.
  volume.caller_keeps_times = true;
  volume.remembered = request.known.heads;
  volume.accept_rollback = options.accept_rollback;
  if (keeper != nullptr) {
    volume.on_new_head = [keeper](const std::string& checkpoint, uint64_t time_ns) {
      keeper->NoteHead(checkpoint, time_ns);
    };
  }
  volume.on_failure = [](const std::string& why) {
    spdlog::error("volume is read-only from now on: why=\"{}\"", why);
  };
  return volume;
}

// Null: there is no place for anchors.
Outcome<std::unique_ptr<AnchorKeeper>> MakeKeeper(const ServeRequest& request, ByteView header,
                                                  const crypto::VolumeSecrets& secrets) {
  if (!request.anchor_place.directory) return std::unique_ptr<AnchorKeeper>();
  auto identity = fs::IdentityOf(header, secrets);
  if (!identity) return VaultFailure(identity.error(), request.vault);
  return std::make_unique<AnchorKeeper>(*request.anchor_place.directory, request.vault, *identity,
                                        request.known);
}

Failure OpenFailure(const Error& error, const ServeRequest& request) {
  // It is the mount that is read-only, not the vault's filesystem.
  if (error.code == ErrorCode::kReadOnly && request.options.accept_rollback) {
    return {ExitCode::kUsage, request.vault + ": " + error.message};
  }
  return VaultFailure(error, request.vault);
}

fs::fuse::Transport TransportOf(TransportChoice choice) {
  switch (choice) {
    case TransportChoice::kClassic:
      return fs::fuse::Transport::kClassic;
    case TransportChoice::kIoUring:
      return fs::fuse::Transport::kIoUring;
    case TransportChoice::kAuto:
      break;
  }
  return fs::fuse::Transport::kAuto;
}

Failure MountFailure(const Error& error, const std::string& mount_point) {
  std::string text = mount_point + ": " + (error.message.empty() ? "cannot mount" : error.message);
  switch (error.code) {
    case ErrorCode::kUnsupported:
      return {ExitCode::kNoFuseDevice, text};
    case ErrorCode::kNotPermitted:
    case ErrorCode::kAccessDenied:
      return {ExitCode::kNoPermission, text};
    case ErrorCode::kBusy:
      return {ExitCode::kMountPointBusy, text};
    case ErrorCode::kNotFound:
    case ErrorCode::kNotDirectory:
      return {ExitCode::kMountPointMissing, text};
    default:
      return {ExitCode::kMountFailed, text};
  }
}

json AnchorAsJson(const ServeRequest& request, const AnchorKeeper* keeper) {
  if (keeper == nullptr) return {{"problem", request.anchor_place.why_none}};
  const AnchorStatus anchor = keeper->status();
  return {{"file", anchor.file},
          {"records", anchor.records},
          {"time_ns", anchor.time_ns},
          {"problem", anchor.problem}};
}

// What a scrub compares the volume with: what it was compared with when it was opened, and in place
// of the anchor as it was then the one that is kept now.
std::vector<fs::RememberedHead> HeadsToday(const ServeRequest& request,
                                           const AnchorKeeper* keeper) {
  std::vector<fs::RememberedHead> heads = request.known.heads;
  if (keeper == nullptr) return heads;
  auto kept = keeper->Kept();
  if (!kept) return heads;
  std::erase_if(heads, [&](const auto& head) { return head.source == kept->source; });
  heads.push_back(*std::move(kept));
  return heads;
}

json StatusAsJson(const ServeRequest& request, Volume& volume, const Service& service,
                  const AnchorKeeper* keeper, const Scrubber& scrubber) {
  fs::VolumeStatus s = volume.Status();
  fs::fuse::TransportStatus transport = service.transport();
  return {{"vault", request.vault},
          {"mount_point", request.mount_point},
          {"pid", getpid()},
          {"read_only", request.options.read_only || !s.failure.empty()},
          {"transport", transport.io_uring ? "io_uring" : "classic"},
          {"transport_hint", transport.reason},
          {"head", s.head.value},
          {"commits", s.commits},
          {"last_commit_ns", s.last_commit_ns},
          {"dirty_bytes", s.dirty_bytes},
          {"dirty_limit_bytes", s.dirty_limit_bytes},
          {"cache_bytes", s.node_cache_bytes},
          {"cache_limit_bytes", s.cache_limit_bytes},
          {"inodes", s.inodes},
          {"lookups", s.lookups},
          {"store_file_bytes", s.store_file_bytes},
          {"store_free_bytes", s.store_free_bytes},
          {"live_objects", s.live_objects},
          {"live_bytes", s.live_bytes},
          {"max_size", s.size_limit_bytes ? json(*s.size_limit_bytes) : json()},
          {"counted_bytes", s.limited_bytes},
          {"anchor", AnchorAsJson(request, keeper)},
          {"scrub", scrubber.Status()},
          {"failure", s.failure}};
}

// One copy of the header was missing, damaged or older. The volume has accepted this one.
void MendHeader(const ServeRequest& request, const LoadedHeader& header) {
  if (!header.needs_repair || request.options.read_only) return;
  auto written = fs::store::WriteHeader(request.vault, header.bytes);
  if (written) {
    spdlog::warn("mended a header copy: vault={}", request.vault);
  } else {
    spdlog::error("cannot mend a header copy: vault={} error=\"{}\"", request.vault,
                  written.error().message);
  }
}

Outcome<std::unique_ptr<ControlServer>> StartControl(const ServeRequest& request, Volume& volume,
                                                     const Service& service,
                                                     const AnchorKeeper* keeper, Scrubber& scrubber,
                                                     Guard& guard) {
  auto directory = MakeControlDirectory();
  if (!directory) return directory.error();
  auto mount = FindMount(ReadMountTable(), request.mount_point);
  if (!mount) {
    return Failure{ExitCode::kMountFailed, request.mount_point + ": unmounted by somebody else"};
  }
  ClearMountOnCrash(request.mount_point, mount->device_minor);
  guard.Watch(mount->device_minor);
  ControlHandlers handlers;
  handlers.status = [&, keeper] {
    return StatusAsJson(request, volume, service, keeper, scrubber);
  };
  handlers.sync = [&] { return volume.Sync(); };
  handlers.set_max_size = [&](auto bytes) { return volume.SetSizeLimit(bytes); };
  handlers.hold = [&] { return volume.HoldRetention(); };
  handlers.scrub = [&](const json& asked) { return scrubber.Begin(asked); };
  return ControlServer::Start(ControlPath(*directory, mount->device_minor), std::move(handlers));
}

// Serves until the unmount. Returns what is to be told of the volume's end; empty: all is well.
std::string RunAndClose(Service& service, Volume& volume, Scrubber& scrubber,
                        ControlServer& control, Guard& guard) {
  int error = service.Run();
  ForgetMount();
  guard.Dismiss();
  if (error != 0) spdlog::error("the connection to the kernel broke: errno={}", error);
  scrubber.Stop();
  control.Detach();
  auto closed = volume.Close();
  if (closed) return {};
  return "not everything that was written is on disk: " + closed.error().message;
}

std::string ReadyNotice(const ServeRequest& request, const Service& service) {
  if (!request.say_transport) return {};
  return "mounted " + request.vault + " at " + request.mount_point +
         " (transport: " + service.transport().ToString() + ")";
}

}  // namespace

int ServeVolume(const ServeRequest& request, const LoadedHeader& header,
                crypto::VolumeSecrets secrets, StartReport& report, Guard& guard) {
  const MountOptions& options = request.options;
  if (auto log = SetUpLog(options.log, request.foreground, options.debug); !log) {
    return report.Failed(log.error());
  }
  BoundHeaps();
  InstallCrashReport({.vault = request.vault,
                      .log = PlaceOfLog(options.log, request.foreground),
                      .starter = report.pipe(),
                      .guard = guard.process()});
  fs::fuse::MarkIoFlusher();
  auto keeper = MakeKeeper(request, header.bytes, secrets);
  if (!keeper) return report.Failed(keeper.error());
  auto volume = Volume::Open(request.vault, header.bytes, std::move(secrets),
                             VolumeOptionsOf(request, keeper->get()));
  if (!volume) return report.Failed(OpenFailure(volume.error(), request));
  MendHeader(request, header);

  // on_ready needs the service, which exists only once Mount has returned; it is called from Run.
  std::unique_ptr<Service> service;
  std::atomic<bool> ready = false;
  fs::fuse::ServiceOptions serve;
  serve.mountpoint = request.mount_point;
  serve.fsname = request.vault;
  serve.read_only = options.read_only;
  serve.allow_other = options.allow_other;
  serve.noatime = !options.atime;
  serve.noexec = options.noexec;
  serve.nosuid = options.nosuid;
  serve.nodev = options.nodev;
  serve.shown = {options.uid, options.gid, options.umask};
  serve.transport = TransportOf(options.transport);
  serve.trace_requests = options.debug;
  serve.on_ready = [&] {
    spdlog::info("mounted: vault={} mount_point={} transport=\"{}\"", request.vault,
                 request.mount_point, service->transport().ToString());
    NoteMountOptions(request.vault, request.mount_point, options.notes);
    ready = true;
    report.Ready(ReadyNotice(request, *service));
  };
  auto mounted = Service::Mount(**volume, std::move(serve));
  if (!mounted) return report.Failed(MountFailure(mounted.error(), request.mount_point));
  service = std::move(*mounted);
  Scrubber scrubber(**volume, [&] { return HeadsToday(request, keeper->get()); });
  auto control = StartControl(request, **volume, *service, keeper->get(), scrubber, guard);
  if (!control) {
    service.reset();  // unmounted before anybody is told that it is not mounted
    return report.Failed(control.error());
  }

  std::string trouble = RunAndClose(*service, **volume, scrubber, **control, guard);
  service.reset();
  if (*keeper) (*keeper)->Stop();  // who waits for the end finds the last head remembered
  (*control)->AnnounceClosed(trouble);
  if (!trouble.empty()) {
    spdlog::critical("unmounted: vault={} error=\"{}\"", request.vault, trouble);
    return report.Failed({ExitCode::kCommitFailed, trouble});
  }
  spdlog::info("unmounted: vault={}", request.vault);
  if (!ready) return report.Failed({ExitCode::kMountFailed, "unmounted before it was up"});
  return 0;
}

}  // namespace chainfs::tools
