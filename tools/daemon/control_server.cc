// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/control_server.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;
using nlohmann::json;

constexpr size_t kMaxClients = 16;

bool MayAsk(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

// A device number, and with it a socket's name, is free for the next mount before the daemon that
// had it has ended: who takes the name or gives it up holds the lock of the directory.
Descriptor LockDirectoryOf(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/'));
  Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) flock(fd.get(), LOCK_EX);
  return fd;
}

}  // namespace

Outcome<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& path,
                                                             ControlHandlers handlers) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Failure{ExitCode::kSystem, path + ": too long for a socket's name"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return SystemFailure("cannot make the control socket", errno);
  const Descriptor lock = LockDirectoryOf(path);
  unlink(path.c_str());
  struct stat file {};
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || lstat(path.c_str(), &file) != 0 ||
      listen(fd.get(), 8) != 0) {
    return SystemFailure("cannot listen on " + path, errno);
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(path, file.st_ino, std::move(fd), std::move(handlers)));
}

ControlServer::ControlServer(std::string path, ino_t file, Descriptor listener,
                             ControlHandlers handlers)
    : path_(std::move(path)),
      file_(file),
      listener_(std::move(listener)),
      handlers_(std::move(handlers)) {
  accepting_ = std::thread([this] { Accept(); });
}

void ControlServer::RemoveSocket() const {
  const Descriptor lock = LockDirectoryOf(path_);
  struct stat now {};
  if (lstat(path_.c_str(), &now) == 0 && now.st_ino == file_) unlink(path_.c_str());
}

ControlServer::~ControlServer() {
  RemoveSocket();
  shutdown(listener_.get(), SHUT_RDWR);  // accept(2) returns with an error
  accepting_.join();
  {
    std::lock_guard guard(mutex_);
    for (Client& client : clients_) shutdown(client.channel.fd(), SHUT_RD);
  }
  for (Client& client : clients_) client.thread.join();
}

void ControlServer::Accept() {
  while (true) {
    Descriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!fd) return;
    JoinEnded();
    if (!MayAsk(fd.get())) continue;
    // A client that does not read its answers holds nobody up for long.
    timeval limit{.tv_sec = 5, .tv_usec = 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    std::lock_guard guard(mutex_);
    if (clients_.size() >= kMaxClients) continue;
    Client& client = clients_.emplace_back(LineChannel(std::move(fd)));
    try {
      client.thread = std::thread([this, &client] { Serve(client); });
    } catch (const std::system_error&) {
      clients_.pop_back();  // no thread is to be had: it sees the connection end
    }
  }
}

void ControlServer::JoinEnded() {
  std::list<Client> ended;
  {
    std::lock_guard guard(mutex_);
    for (auto client = clients_.begin(); client != clients_.end();) {
      auto next = std::next(client);
      if (client->ended) ended.splice(ended.end(), clients_, client);
      client = next;
    }
  }
  for (Client& client : ended) client.thread.join();
}

bool ControlServer::Client::Send(const json& message) {
  std::lock_guard guard(sending);
  return channel.Write(message);
}

void ControlServer::Serve(Client& client) {
  while (auto request = client.channel.Read()) {
    if (!client.Send(Answer(client, *request))) break;
    if (client.task && !client.task_thread.joinable() && !StartTask(client)) break;
  }
  if (client.task) client.task->Stop();
  if (client.task_thread.joinable()) client.task_thread.join();
  client.task = nullptr;
  client.hold = nullptr;
  std::lock_guard guard(mutex_);
  shutdown(client.channel.fd(), SHUT_RDWR);  // it is closed only when the thread is joined
  client.ended = true;
}

json ControlServer::AnswerHold(Client& client) {
  auto hold = handlers_.hold();
  if (!hold) return {{"error", "a read-only mount reaps nothing"}};
  // The old one goes only now: what it kept is kept without a gap.
  client.hold = std::move(hold);
  return {{"holding", client.hold->head().value}};
}

json ControlServer::AnswerSetMaxSize(const json& request) {
  const json bytes = request.value("bytes", json("none"));
  if (!bytes.is_null() && !bytes.is_number_unsigned()) return {{"error", "no size was given"}};
  const auto set =
      handlers_.set_max_size(bytes.is_null() ? std::optional<uint64_t>() : bytes.get<uint64_t>());
  if (set) return {{"set", true}};
  const ErrorCode code = set.error().code;
  if (code == ErrorCode::kInvalid) return {{"error", "a volume cannot have that size"}};
  if (code == ErrorCode::kReadOnly) return {{"error", "the volume is read-only"}};
  if (code == ErrorCode::kNoSpace) return {{"error", "no space left on the vault's filesystem"}};
  return {{"error", "the commit failed: " + set.error().message}};
}

// A client has one task in its life: who wants another connects again.
json ControlServer::AnswerScrub(Client& client, const json& request) {
  if (client.task) return {{"error", "one scrub a connection"}};
  auto task = handlers_.scrub(request);
  if (!task) return {{"error", task.error().message}};
  client.task = std::move(*task);
  return {{"scrubbing", true}};
}

bool ControlServer::StartTask(Client& client) {
  try {
    client.task_thread = std::thread([this, &client] { RunTask(client, client.task); });
    return true;
  } catch (const std::system_error&) {
    client.Send({{"error", "the daemon cannot start a thread for it"}});
    return false;
  }
}

void ControlServer::RunTask(Client& client, std::shared_ptr<ClientTask> task) {
  std::shared_lock guard(handlers_mutex_);
  if (handlers_.scrub) {
    task->Run([&](const json& message) { return client.Send(message); });
  } else {
    client.Send({{"error", "the volume is being closed"}});
  }
}

json ControlServer::Answer(Client& client, const json& request) {
  std::string command = request.value("command", json()).is_string()
                            ? request["command"].get<std::string>()
                            : std::string();
  if (command == "watch-close") {
    std::lock_guard guard(mutex_);
    client.watching = true;
    return {{"watching", true}};
  }
  std::shared_lock guard(handlers_mutex_);
  // Once the volume is being closed another process may open it, and knows of no hold.
  if (command == "still-held") {
    return {{"held", handlers_.hold && client.hold && client.hold->IsHeld()}};
  }
  if (command == "status" && handlers_.status) return {{"status", handlers_.status()}};
  if (command == "sync" && handlers_.sync) {
    auto synced = handlers_.sync();
    if (synced) return {{"synced", true}};
    return {{"error", "the commit failed: " + synced.error().message}};
  }
  if (command == "set-max-size" && handlers_.set_max_size) return AnswerSetMaxSize(request);
  if (command == "hold-retention" && handlers_.hold) return AnswerHold(client);
  if (command == "scrub" && handlers_.scrub) return AnswerScrub(client, request);
  if (command == "status" || command == "sync" || command == "set-max-size" ||
      command == "hold-retention" || command == "scrub")
    return {{"error", "the volume is being closed"}};
  return {{"error", "unknown command"}};
}

void ControlServer::Detach() {
  std::lock_guard guard(handlers_mutex_);
  handlers_ = {};
}

void ControlServer::AnnounceClosed(const std::string& error) {
  std::lock_guard guard(mutex_);
  json message = error.empty() ? json{{"closed", true}} : json{{"error", error}};
  for (Client& client : clients_) {
    // The socket's buffer holds this line even if the client is slow; its absence hurts nobody.
    if (client.watching && !client.ended) client.Send(message);
  }
}

}  // namespace chainfs::tools
