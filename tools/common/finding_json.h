// SPDX-License-Identifier: GPL-3.0-or-later
// What a check says, as JSON: for scripts, and on the way from a daemon to whoever shows it. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "fs/check/finding.h"

namespace chainfs::tools {

// {"finding":{...}}: what is not known is left out.
nlohmann::json FindingAsJson(const fs::check::Finding& finding);
// {"pass":"HISTORY","verdict":"OK","reason":"..."}
nlohmann::json PassAsJson(const fs::check::PassResult& result);
// {"progress":{...}}
nlohmann::json ProgressAsJson(const fs::check::Progress& progress);

// What these have written. nullopt: something else, or by a chainfs that knows more.
std::optional<fs::check::Finding> FindingFromJson(const nlohmann::json& message);
std::optional<fs::check::PassResult> PassFromJson(const nlohmann::json& message);
std::optional<fs::check::Progress> ProgressFromJson(const nlohmann::json& message);

}  // namespace chainfs::tools
