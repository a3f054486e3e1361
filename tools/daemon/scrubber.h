// SPDX-License-Identifier: GPL-3.0-or-later
// Scrubs: checks of the mounted volume that a client of the control socket asks for, one at a time;
// and what the last of them said, for the status. tools/daemon/control_server.h has the messages.
//
// Thread-safe. A scrub runs on the thread that calls its Run.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "fs/volume.h"
#include "tools/daemon/control_server.h"

namespace chainfs::tools {

class Scrubber {
 public:
  // What is remembered of the volume outside the vault at this moment.
  using Heads = std::function<std::vector<fs::RememberedHead>()>;

  // `volume` outlives every scrub that runs.
  Scrubber(fs::Volume& volume, Heads heads) : volume_(volume), heads_(std::move(heads)) {}
  Scrubber(const Scrubber&) = delete;
  Scrubber& operator=(const Scrubber&) = delete;

  // One that is to be run. kVaultInUse: another one has not ended yet; kUsage: the request is none.
  Outcome<std::shared_ptr<ClientTask>> Begin(const nlohmann::json& request);
  // Ends the one that runs, soon, and lets no other begin: the volume is about to be closed.
  void Stop();

  // {"running":{...}} while one runs, {"last":{...}} once one has ended.
  nlohmann::json Status() const;

 private:
  class Scrub;
  struct Running {
    fs::check::Progress progress{fs::check::Pass::kHistory};
    uint64_t began_ns = 0, findings = 0;
  };
  void End(std::optional<nlohmann::json> last);

  fs::Volume& volume_;
  const Heads heads_;
  mutable std::mutex mutex_;  // guards what follows
  std::weak_ptr<Scrub> scrub_;
  std::optional<Running> running_;
  std::optional<nlohmann::json> last_;
  bool stopped_ = false;
};

}  // namespace chainfs::tools
