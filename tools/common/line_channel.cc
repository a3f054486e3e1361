// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/line_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace chainfs::tools {

using nlohmann::json;

bool LineChannel::Write(const json& message) {
  // A path need not be UTF-8: replace what is not, rather than fail.
  std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  for (size_t sent = 0; sent < line.size();) {
    ssize_t n = send(socket_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

std::optional<json> LineChannel::Read() {
  while (true) {
    if (size_t end = received_.find('\n'); end != received_.npos) {
      json message = json::parse(received_.substr(0, end), nullptr, false);
      received_.erase(0, end + 1);
      if (!message.is_object()) return {};
      return message;
    }
    if (received_.size() > kMaxLineBytes) return {};
    std::array<char, 4096> buffer;
    ssize_t n = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    received_.append(buffer.data(), static_cast<size_t>(n));
  }
}

}  // namespace chainfs::tools
