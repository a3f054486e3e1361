// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/control_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <future>
#include <optional>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;
using nlohmann::json;

LineChannel ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << path;
  return LineChannel(std::move(fd));
}

class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest() {
    handlers_.status = [] { return json{{"pid", 7}}; };
    handlers_.sync = [this]() -> Result<void> {
      if (sync_error_.empty()) return {};
      return Error{ErrorCode::kIo, sync_error_};
    };
  }
  void Start() {
    auto server = ControlServer::Start(path_, handlers_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  // The answer as text; "gone" if the server hung up.
  static std::string Ask(LineChannel& channel, const json& request) {
    channel.Write(request);
    return Next(channel);
  }
  static std::string Next(LineChannel& channel) {
    auto answer = channel.Read();
    return answer ? answer->dump() : "gone";
  }

  ScratchDirectory scratch_;
  std::string path_ = scratch_ / "socket";
  std::string sync_error_;
  ControlHandlers handlers_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, AnswersStatusAndSync) {
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "status"}}), R"({"status":{"pid":7}})");
  EXPECT_EQ(Ask(client, {{"command", "sync"}}), R"({"synced":true})");
  sync_error_ = "disk on fire";
  EXPECT_EQ(Ask(client, {{"command", "sync"}}), R"({"error":"the commit failed: disk on fire"})");
}

TEST_F(ControlServerTest, PassesOnASizeAndSaysWhyNot) {
  std::optional<uint64_t> size = 7;
  ErrorCode refusal{};
  handlers_.set_max_size = [&](std::optional<uint64_t> bytes) -> Result<void> {
    size = bytes;
    if (refusal == ErrorCode{}) return {};
    return refusal;
  };
  Start();
  auto client = ConnectTo(path_);
  const auto set = [&](const json& bytes) {
    return Ask(client, {{"command", "set-max-size"}, {"bytes", bytes}});
  };
  EXPECT_EQ(set(5000000000u), R"({"set":true})");
  EXPECT_EQ(size, 5000000000u);
  EXPECT_EQ(set(nullptr), R"({"set":true})");
  EXPECT_EQ(size, std::nullopt);
  for (const json& wrong : {json(-1), json("1G"), json(1.5), json::array()}) {
    EXPECT_EQ(set(wrong), R"({"error":"no size was given"})") << wrong;
  }
  EXPECT_EQ(Ask(client, {{"command", "set-max-size"}}), R"({"error":"no size was given"})");
  refusal = ErrorCode::kReadOnly;
  EXPECT_EQ(set(1u), R"({"error":"the volume is read-only"})");
  refusal = ErrorCode::kInvalid;
  EXPECT_EQ(set(1u), R"({"error":"a volume cannot have that size"})");
}

TEST_F(ControlServerTest, LeavesTheSocketOfANewerDaemonAlone) {
  // The kernel gives a device number away again before the daemon that had it has ended.
  Start();
  std::unique_ptr<ControlServer> older = std::move(server_);
  handlers_.status = [] { return json{{"pid", 8}}; };
  Start();
  older.reset();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "status"}}), R"({"status":{"pid":8}})");
  server_.reset();
  struct stat info {};
  EXPECT_EQ(lstat(path_.c_str(), &info), -1);
}

TEST_F(ControlServerTest, HoldsForAsLongAsItsClientStays) {
  fs::RetentionHolds holds;
  uint64_t head = 41;
  handlers_.hold = [&] { return holds.Hold(Sequence(head)); };
  Start();
  {
    auto client = ConnectTo(path_);
    EXPECT_EQ(Ask(client, {{"command", "still-held"}}), R"({"held":false})");
    EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}), R"({"holding":41})");
    EXPECT_EQ(Ask(client, {{"command", "still-held"}}), R"({"held":true})");
    EXPECT_EQ(holds.Oldest(), Sequence(41));
    head = 50;
    EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}), R"({"holding":50})");
    EXPECT_EQ(holds.Oldest(), Sequence(50));
    auto other = ConnectTo(path_);
    EXPECT_EQ(Ask(other, {{"command", "still-held"}}), R"({"held":false})");
    holds.BreakAll();
    EXPECT_EQ(Ask(client, {{"command", "still-held"}}), R"({"held":false})");
    EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}), R"({"holding":50})");
  }
  while (holds.Oldest()) std::this_thread::yield();  // until the server has noticed
}

TEST_F(ControlServerTest, HoldsNothingOnceTheVolumeIsBeingClosed) {
  fs::RetentionHolds holds;
  handlers_.hold = [&] { return holds.Hold(Sequence(1)); };
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}), R"({"holding":1})");
  server_->Detach();
  EXPECT_EQ(Ask(client, {{"command", "still-held"}}), R"({"held":false})");
  EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}),
            R"({"error":"the volume is being closed"})");
}

TEST_F(ControlServerTest, SaysThatAReadOnlyMountHoldsNothing) {
  handlers_.hold = []() -> std::shared_ptr<fs::RetentionHold> { return nullptr; };
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "hold-retention"}}),
            R"({"error":"a read-only mount reaps nothing"})");
}

// Says what it is told to, until it is stopped.
class TestTask : public ClientTask {
 public:
  void Run(const Send& send) override {
    running.set_value();
    send({{"progress", 1}});
    stopped.get_future().wait();
    send({{"scrubbed", "stopped"}});
  }
  void Stop() override {
    if (!told.exchange(true)) stopped.set_value();
  }
  std::promise<void> running, stopped;
  std::atomic<bool> told = false;
};

TEST_F(ControlServerTest, ATaskTalksWhileItsClientAsks) {
  auto task = std::make_shared<TestTask>();
  handlers_.scrub = [&](const json& request) -> Outcome<std::shared_ptr<ClientTask>> {
    if (request.value("bytes_per_second", 0) == 0) return Failure{ExitCode::kUsage, "no"};
    return std::shared_ptr<ClientTask>(task);
  };
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "scrub"}}), R"({"error":"no"})");
  const json request = {{"command", "scrub"}, {"bytes_per_second", 5}};
  EXPECT_EQ(Ask(client, request), R"({"scrubbing":true})");
  EXPECT_EQ(Next(client), R"({"progress":1})");
  EXPECT_EQ(Ask(client, {{"command", "status"}}), R"({"status":{"pid":7}})");
  EXPECT_EQ(Ask(client, request), R"({"error":"one scrub a connection"})");
  // The end of the requests ends the task, too, and is answered.
  shutdown(client.fd(), SHUT_WR);
  EXPECT_EQ(Next(client), R"({"scrubbed":"stopped"})");
  EXPECT_EQ(Next(client), "gone");
}

TEST_F(ControlServerTest, ATaskEndsWithItsClientAndWithTheServer) {
  for (const bool client_goes : {true, false}) {
    auto task = std::make_shared<TestTask>();
    handlers_.scrub = [&](const json&) -> Outcome<std::shared_ptr<ClientTask>> {
      return std::shared_ptr<ClientTask>(task);
    };
    Start();
    std::optional client = ConnectTo(path_);
    EXPECT_EQ(Ask(*client, {{"command", "scrub"}}), R"({"scrubbing":true})");
    task->running.get_future().wait();
    if (client_goes) {
      client.reset();
      while (!task->told) std::this_thread::yield();
    }
    server_.reset();
    EXPECT_TRUE(task->told);
  }
}

TEST_F(ControlServerTest, NoTaskBeginsOnceTheVolumeIsBeingClosed) {
  handlers_.scrub = [&](const json&) -> Outcome<std::shared_ptr<ClientTask>> {
    return std::shared_ptr<ClientTask>(std::make_shared<TestTask>());
  };
  Start();
  server_->Detach();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "scrub"}}), R"({"error":"the volume is being closed"})");
}

TEST_F(ControlServerTest, AnswersNonsenseWithAnError) {
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "dance"}}), R"({"error":"unknown command"})");
  EXPECT_EQ(Ask(client, {{"command", 3}}), R"({"error":"unknown command"})");
  EXPECT_EQ(Ask(client, json::object()), R"({"error":"unknown command"})");
}

TEST_F(ControlServerTest, HangsUpOnWhatIsNoJsonObject) {
  Start();
  for (std::string line : {"hello\n", "[1]\n", "{\"command\":\n", "\n"}) {
    auto client = ConnectTo(path_);
    ASSERT_EQ(send(client.fd(), line.data(), line.size(), 0), ssize_t(line.size()));
    EXPECT_EQ(Next(client), "gone") << line;
  }
}

TEST_F(ControlServerTest, HangsUpOnAnEndlessLine) {
  Start();
  auto client = ConnectTo(path_);
  std::string flood(1 << 20, 'x');
  (void)!send(client.fd(), flood.data(), flood.size(), MSG_NOSIGNAL);
  EXPECT_EQ(Next(client), "gone");
}

TEST_F(ControlServerTest, SocketIsTheOwnersAlone) {
  Start();
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ControlServerTest, ReplacesWhatADeadDaemonLeft) {
  scratch_.File("socket", "stale");
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "status"}}), R"({"status":{"pid":7}})");
}

TEST_F(ControlServerTest, RemovesItsSocketAndHangsUpAtTheEnd) {
  Start();
  auto client = ConnectTo(path_);
  EXPECT_EQ(Ask(client, {{"command", "sync"}}), R"({"synced":true})");
  server_.reset();
  EXPECT_EQ(access(path_.c_str(), F_OK), -1);
  EXPECT_EQ(Next(client), "gone");
}

TEST_F(ControlServerTest, TellsWatchersAloneThatTheVolumeIsClosed) {
  Start();
  auto watcher = ConnectTo(path_);
  auto bystander = ConnectTo(path_);
  EXPECT_EQ(Ask(watcher, {{"command", "watch-close"}}), R"({"watching":true})");
  EXPECT_EQ(Ask(bystander, {{"command", "sync"}}), R"({"synced":true})");
  server_->Detach();
  server_->AnnounceClosed("");
  EXPECT_EQ(Next(watcher), R"({"closed":true})");
  server_.reset();
  EXPECT_EQ(Next(bystander), "gone");
}

TEST_F(ControlServerTest, TellsWatchersWhatWentWrong) {
  Start();
  auto watcher = ConnectTo(path_);
  EXPECT_EQ(Ask(watcher, {{"command", "watch-close"}}), R"({"watching":true})");
  server_->AnnounceClosed("no space");
  EXPECT_EQ(Next(watcher), R"({"error":"no space"})");
}

TEST_F(ControlServerTest, DetachWaitsForASyncUnderWayAndRefusesLaterOnes) {
  std::promise<void> started, may_end;
  std::atomic<bool> ended = false;
  handlers_.sync = [&]() -> Result<void> {
    started.set_value();
    may_end.get_future().wait();
    ended = true;
    return {};
  };
  Start();
  auto client = ConnectTo(path_);
  client.Write({{"command", "sync"}});
  started.get_future().wait();
  auto detached = std::async(std::launch::async, [&] {
    server_->Detach();
    return ended.load();
  });
  may_end.set_value();
  EXPECT_TRUE(detached.get());
  EXPECT_EQ(Next(client), R"({"synced":true})");
  EXPECT_EQ(Ask(client, {{"command", "sync"}}), R"({"error":"the volume is being closed"})");
}

TEST_F(ControlServerTest, ServesAnotherClientDuringASync) {
  std::promise<void> started, may_end;
  handlers_.sync = [&]() -> Result<void> {
    started.set_value();
    may_end.get_future().wait();
    return {};
  };
  Start();
  auto syncing = ConnectTo(path_);
  syncing.Write({{"command", "sync"}});
  started.get_future().wait();
  auto asking = ConnectTo(path_);
  EXPECT_EQ(Ask(asking, {{"command", "status"}}), R"({"status":{"pid":7}})");
  may_end.set_value();
  EXPECT_EQ(Next(syncing), R"({"synced":true})");
}

TEST_F(ControlServerTest, HangsUpOnTheSeventeenthClientUntilOneLeaves) {
  Start();
  std::list<LineChannel> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(ConnectTo(path_));
    EXPECT_NE(Ask(clients.back(), {{"command", "status"}}), "gone");
  }
  auto extra = ConnectTo(path_);
  EXPECT_EQ(Ask(extra, {{"command", "status"}}), "gone");
  clients.clear();
  std::string answer;
  do {  // until the server has noticed
    auto next = ConnectTo(path_);
    answer = Ask(next, {{"command", "status"}});
  } while (answer == "gone");
  EXPECT_EQ(answer, R"({"status":{"pid":7}})");
}

TEST_F(ControlServerTest, SaysWhyItCannotListen) {
  auto server = ControlServer::Start(scratch_ / "no/such/directory/socket", handlers_);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("cannot listen"), std::string::npos);
  EXPECT_FALSE(ControlServer::Start(std::string(200, 'x'), handlers_));
}

}  // namespace
}  // namespace chainfs::tools
