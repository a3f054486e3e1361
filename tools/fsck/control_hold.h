// SPDX-License-Identifier: GPL-3.0-or-later
// The retention hold of a daemon that has the vault mounted: it reaps nothing that a check of the
// head at this moment may still have to look at.
#pragma once

#include <memory>
#include <string>

#include "fs/check/retention_hold.h"
#include "tools/common/control_client.h"

namespace chainfs::tools {

class ControlHold final : public fs::check::RetentionHold {
 public:
  // Null: nobody has this vault mounted here for writing, or its daemon does not answer (the
  // message of `problem` says so then).
  static std::unique_ptr<ControlHold> Take(const std::string& vault, std::string* problem);

  bool StillHeld() override;

 private:
  explicit ControlHold(ControlClient client) : client_(std::move(client)) {}
  ControlClient client_;
  bool held_ = true;
};

}  // namespace chainfs::tools
