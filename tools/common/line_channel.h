// SPDX-License-Identifier: GPL-3.0-or-later
// JSON values, one a line, over a connected Unix socket: the control protocol's framing.
// tools/daemon/control_server.h has the messages.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fs/store/descriptor.h"

namespace chainfs::tools {

constexpr size_t kMaxLineBytes = 64 * 1024;

// One thread at a time may read, and one write.
class LineChannel {
 public:
  explicit LineChannel(fs::store::Descriptor socket) : socket_(std::move(socket)) {}

  // False: the peer has gone.
  bool Write(const nlohmann::json& message);
  // Waits for a line. nullopt: the peer has gone, or what it sent is no JSON object, or too long.
  std::optional<nlohmann::json> Read();

  int fd() const { return socket_.get(); }

 private:
  fs::store::Descriptor socket_;
  std::string received_;
};

}  // namespace chainfs::tools
