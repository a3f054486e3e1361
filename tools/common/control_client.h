// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation with the daemon of a mount.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tools/common/exit_code.h"
#include "tools/common/line_channel.h"
#include "tools/common/mount_table.h"

namespace chainfs::tools {

// The chainfs mount at `mount_point`. kNotMounted: there is none.
Outcome<MountEntry> FindChainfsMount(const std::string& mount_point);

// One connection. One thread at a time.
class ControlClient {
 public:
  // kNoAnswer: nobody listens (the daemon has died), or it is not the mount's owner who does.
  static Outcome<ControlClient> Connect(const MountEntry& mount);

  // Sends {"command": command} and waits for the answer: for a few seconds if the daemon answers
  // this at once when it is well, else for as long as it takes (a commit). kNoAnswer: it went away
  // or is stuck; kCommitFailed: it answered that the command failed.
  enum class Patience { kSeconds, kForever };
  Outcome<nlohmann::json> Ask(const std::string& command, Patience patience);
  // The same with more than the command.
  Outcome<nlohmann::json> AskWith(const nlohmann::json& request, Patience patience);
  // The next line that the daemon sends unasked. kNoAnswer: it went away.
  Outcome<nlohmann::json> Await();

  // For a signal handler, which may only shut it down for writing: the daemon takes that for the
  // end of our requests.
  int socket() const { return channel_.fd(); }
  // A pidfd of the daemon; readable once it has ended. Empty where the kernel has none.
  const fs::store::Descriptor& process() const { return process_; }

 private:
  ControlClient(LineChannel channel, fs::store::Descriptor process)
      : channel_(std::move(channel)), process_(std::move(process)) {}
  LineChannel channel_;
  fs::store::Descriptor process_;
};

}  // namespace chainfs::tools
