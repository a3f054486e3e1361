// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/control_client.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "tools/common/control_path.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

constexpr time_t kPromptAnswerSeconds = 5;

Descriptor ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

// Of the wait for an answer; 0: none.
void SetLimit(int socket, time_t seconds) {
  timeval limit{.tv_sec = seconds, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

}  // namespace

Outcome<MountEntry> FindChainfsMount(const std::string& mount_point) {
  std::string canonical = CanonicalPath(mount_point);
  auto entry = FindMount(ReadMountTable(), canonical);
  if (!entry || !entry->IsChainfs()) {
    return Failure{ExitCode::kNotMounted, canonical + ": no chainfs is mounted here"};
  }
  return *entry;
}

Outcome<ControlClient> ControlClient::Connect(const MountEntry& mount) {
  for (const std::string& path : ControlPathCandidates(mount.owner, mount.device_minor)) {
    Descriptor fd = ConnectTo(path);
    if (!fd) continue;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) continue;
    // In a directory that anybody can make, anybody can listen.
    if (peer.uid != mount.owner && peer.uid != 0) continue;
    Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, peer.pid, 0)));
    return ControlClient(LineChannel(std::move(fd)), std::move(process));
  }
  return Failure{ExitCode::kNoAnswer,
                 mount.mount_point +
                     ": the daemon of this mount does not answer (has it died?); "
                     "'chainfs umount' clears the mount point"};
}

Outcome<nlohmann::json> ControlClient::Ask(const std::string& command, Patience patience) {
  return AskWith({{"command", command}}, patience);
}

Outcome<nlohmann::json> ControlClient::AskWith(const nlohmann::json& request, Patience patience) {
  SetLimit(channel_.fd(), patience == Patience::kSeconds ? kPromptAnswerSeconds : 0);
  if (!channel_.Write(request)) {
    return Failure{ExitCode::kNoAnswer, "the daemon went away"};
  }
  auto answer = Await();
  SetLimit(channel_.fd(), 0);
  return answer;
}

Outcome<nlohmann::json> ControlClient::Await() {
  auto answer = channel_.Read();
  if (!answer) return Failure{ExitCode::kNoAnswer, "the daemon went away, or is stuck"};
  if (auto error = answer->find("error"); error != answer->end() && error->is_string()) {
    return Failure{ExitCode::kCommitFailed, error->get<std::string>()};
  }
  return *answer;
}

}  // namespace chainfs::tools
