// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon's side of the control socket.
//
// Requests, one JSON object a line, of this user or root only (SO_PEERCRED):
//   {"command":"status"}      -> {"status":{...}}
//   {"command":"sync"}        -> {"synced":true} once everything is on disk, or {"error":"..."}
//   {"command":"set-max-size","bytes":N} (null: no limit) -> {"set":true} once it is on disk, or
//                                {"error":"..."}
//   {"command":"watch-close"} -> {"watching":true} now, and {"closed":true} or {"error":"..."} when
//                                the volume has been closed after the unmount
//   {"command":"hold-retention"} -> {"holding":N}: while this client stays, nothing that dies after
//                                record N is reaped (RetentionHold); replaces its earlier hold
//   {"command":"still-held"}  -> {"held":true}; false: there is no hold, or it was broken to make
//                                room for writers
//   {"command":"scrub","bytes_per_second":N,"pages":P} (0: no limit; P: the client's verdict on the
//                                pages, with its "findings" and "damage", or no such member)
//                                -> {"scrubbing":true}, then
//                                {"progress":{...}} and {"finding":{...}} as it goes, and at its
//                                end
//                                {"scrubbed":{...}} or {"error":"..."}. A client that goes, or ends
//                                its side of the connection, stops it; in the latter case it is
//                                still told how far that came
// Anything else -> {"error":"..."}.
#pragma once

#include <sys/types.h>

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>

#include "fs/commit/retention_holds.h"
#include "fs/store/descriptor.h"
#include "tools/common/exit_code.h"
#include "tools/common/line_channel.h"

namespace chainfs::tools {

// Work that goes on for a client while the server listens to it.
class ClientTask {
 public:
  // Hands a message to the client. False: it has gone.
  using Send = std::function<bool(const nlohmann::json&)>;
  virtual ~ClientTask() = default;
  // To the end, or until it is stopped. On one thread, once.
  virtual void Run(const Send& send) = 0;
  // Ends it soon. Any thread, at any time.
  virtual void Stop() = 0;
};

// What the server answers with. Called from its threads, several at a time.
struct ControlHandlers {
  std::function<nlohmann::json()> status;
  std::function<chainfs::Result<void>()> sync;
  std::function<chainfs::Result<void>(std::optional<uint64_t> bytes)> set_max_size;
  std::function<std::shared_ptr<fs::RetentionHold>()> hold;  // null: nothing is reaped anyway
  std::function<Outcome<std::shared_ptr<ClientTask>>(const nlohmann::json& request)> scrub;
};

// Listens on a thread of its own, with one more for each of at most 16 clients, and for each task.
class ControlServer {
 public:
  // Replaces what a dead daemon left at `path`.
  static Outcome<std::unique_ptr<ControlServer>> Start(const std::string& path,
                                                       ControlHandlers handlers);
  // Removes the socket, unless it is a newer daemon's by now; ends the threads.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // No status, sync, set-max-size, hold and scrub from now on: the volume is about to be closed.
  // Waits for those under way, so stop the scrub first.
  void Detach();
  // Tells those who watch that the volume has been closed; `error` is empty if all went well.
  void AnnounceClosed(const std::string& error);

 private:
  struct Client {
    explicit Client(LineChannel c) : channel(std::move(c)) {}
    bool Send(const nlohmann::json& message);
    LineChannel channel;
    std::mutex sending;                       // taken after mutex_, or without it
    std::shared_ptr<fs::RetentionHold> hold;  // its thread's
    std::shared_ptr<ClientTask> task;         // its thread's; null: none
    std::thread task_thread;                  // its thread's
    bool watching = false;                    // guarded by mutex_
    bool ended = false;                       // guarded by mutex_
    std::thread thread;
  };

  ControlServer(std::string path, ino_t file, fs::store::Descriptor listener,
                ControlHandlers handlers);
  void RemoveSocket() const;
  void Accept();
  void Serve(Client& client);
  nlohmann::json AnswerHold(Client& client);
  nlohmann::json AnswerSetMaxSize(const nlohmann::json& request);
  nlohmann::json AnswerScrub(Client& client, const nlohmann::json& request);
  bool StartTask(Client& client);  // false: no thread is to be had, and the client was told
  void RunTask(Client& client, std::shared_ptr<ClientTask> task);
  nlohmann::json Answer(Client& client, const nlohmann::json& request);
  void JoinEnded();

  const std::string path_;
  const ino_t file_;  // the socket's inode
  fs::store::Descriptor listener_;
  std::shared_mutex handlers_mutex_;  // shared while a handler runs; taken before mutex_
  ControlHandlers handlers_;
  std::mutex mutex_;
  std::list<Client> clients_;
  std::thread accepting_;
};

}  // namespace chainfs::tools
