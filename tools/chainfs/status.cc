// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/chainfs/commands.h"
#include "tools/common/control_client.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

// What the mount table knows, and what the daemon says, or why it says nothing.
json StatusOf(const MountEntry& mount) {
  json status = {{"mount_point", mount.mount_point}, {"vault", mount.source}};
  auto daemon = ControlClient::Connect(mount);
  if (!daemon) {
    status["problem"] = daemon.error().message;
    return status;
  }
  auto answer = daemon->Ask("status", ControlClient::Patience::kSeconds);
  if (!answer || !answer->contains("status")) {
    status["problem"] = answer ? "the daemon gave no status" : answer.error().message;
    return status;
  }
  status.update((*answer)["status"]);
  return status;
}

std::string Used(const json& status, const char* name, const char* limit) {
  return FormatSize(status.value(name, uint64_t{0})) + " of " +
         FormatSize(status.value(limit, uint64_t{0}));
}

// Where the newest head is remembered, and which one that is.
std::string AnchorText(const json& anchor) {
  const std::string problem = anchor.value("problem", "");
  const uint64_t records = anchor.value("records", uint64_t{0});
  std::string text = records == 0 ? "none yet"
                                  : std::to_string(records) + " records, " +
                                        FormatTime(anchor.value("time_ns", uint64_t{0}));
  if (auto file = anchor.value("file", ""); !file.empty()) text += ", " + file;
  return problem.empty() ? text : "NOT KEPT: " + problem + " (" + text + ")";
}

std::string FindingsText(const json& scrub) {
  const uint64_t findings = scrub.value("findings", uint64_t{0});
  if (findings == 0) return "no findings";
  return std::to_string(findings) + (findings == 1 ? " finding" : " findings");
}

// Of one that is not over: how far it is.
std::string RunningText(const json& scrub) {
  std::string text = "running: " + scrub.value("pass", "");
  const double done = scrub.value("done", 0.0), total = scrub.value("total", 0.0);
  if (total > 0) text += " " + std::to_string(std::min(100, int(done * 100 / total))) + " %";
  return text + ", " + FindingsText(scrub) + " so far";
}

std::string EndedText(const json& scrub) {
  std::string text = FormatTime(scrub.value("ended_ns", uint64_t{0})) + ", record " +
                     std::to_string(scrub.value("head", uint64_t{0})) + ", " + FindingsText(scrub);
  if (scrub.value("cancelled", false)) text += ", stopped early";
  return text;
}

// "PAGES NOT CHECKED, HISTORY OK, ..."
std::string VerdictsText(const json& passes) {
  std::string text;
  for (const json& pass : passes) {
    text += (text.empty() ? "" : ", ") + pass.value("pass", "") + " " + pass.value("verdict", "");
  }
  return text;
}

void PrintStatus(const json& status) {
  auto line = [](const char* name, const std::string& text) {
    std::printf("  %-14s %s\n", name, text.c_str());
  };
  std::printf("%s\n", status.value("mount_point", "").c_str());
  line("vault", status.value("vault", ""));
  if (status.contains("problem")) {
    line("problem", status.value("problem", ""));
    return;
  }
  line("pid", std::to_string(status.value("pid", 0)));
  line("mode", status.value("read_only", false) ? "read-only" : "read-write");
  line("transport", status.value("transport", ""));
  if (auto hint = status.value("transport_hint", ""); !hint.empty()) line("", hint);
  line("dirty", Used(status, "dirty_bytes", "dirty_limit_bytes"));
  line("last commit", FormatTime(status.value("last_commit_ns", uint64_t{0})) + ", record " +
                          std::to_string(status.value("head", uint64_t{0})));
  if (status.contains("anchor")) line("anchor", AnchorText(status["anchor"]));
  const json scrub = status.value("scrub", json::object());
  if (scrub.contains("running")) line("scrub", RunningText(scrub["running"]));
  if (scrub.contains("last")) {
    line("last scrub", EndedText(scrub["last"]));
    line("", VerdictsText(scrub["last"].value("passes", json::array())));
  } else if (!scrub.contains("running")) {
    line("last scrub", "none since it was mounted");
  }
  line("caches", Used(status, "cache_bytes", "cache_limit_bytes"));
  line("inodes", std::to_string(status.value("inodes", uint64_t{0})));
  line("live", std::to_string(status.value("live_objects", uint64_t{0})) + " objects, " +
                   FormatSize(status.value("live_bytes", uint64_t{0})));
  if (const json limit = status.value("max_size", json()); limit.is_number_unsigned()) {
    line("max size", Used(status, "counted_bytes", "max_size"));
  }
  line("store", FormatSize(status.value("store_file_bytes", uint64_t{0})) + ", " +
                    FormatSize(status.value("store_free_bytes", uint64_t{0})) + " reusable");
  if (auto failure = status.value("failure", ""); !failure.empty()) line("FAILURE", failure);
}

}  // namespace

Outcome<void> ShowStatus(const std::optional<std::string>& mount_point, bool as_json) {
  std::vector<MountEntry> mounts;
  if (mount_point) {
    auto mount = FindChainfsMount(*mount_point);
    if (!mount) return mount.error();
    mounts.push_back(std::move(*mount));
  } else {
    for (MountEntry& mount : ReadMountTable()) {
      if (mount.IsChainfs()) mounts.push_back(std::move(mount));
    }
  }
  json all = json::array();
  for (const MountEntry& mount : mounts) all.push_back(StatusOf(mount));

  if (as_json) {
    const json& shown = mount_point ? all.front() : all;
    std::printf("%s\n", shown.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  } else if (all.empty()) {
    std::printf("no chainfs is mounted\n");
  } else {
    for (const json& status : all) PrintStatus(status);
  }
  if (mount_point && all.front().contains("problem")) {
    return Failure{ExitCode::kNoAnswer, all.front()["problem"]};
  }
  return {};
}

}  // namespace chainfs::tools
