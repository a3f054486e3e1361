// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_options.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <map>

#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

using Flag = std::function<void(MountOptions&)>;
using Setter = std::function<std::optional<std::string>(MountOptions&, const std::string&)>;

// What mount(8), systemd and others say to themselves in fstab, and what is so anyway.
constexpr std::array<std::string_view, 19> kIgnored = {
    "defaults",   "auto",        "noauto",   "user",       "nouser",  "users",  "owner",
    "group",      "async",       "nofail",   "_netdev",    "loud",    "silent", "diratime",
    "nodiratime", "strictatime", "lazytime", "nolazytime", "iversion"};

const std::map<std::string_view, Flag>& Flags() {
  static const std::map<std::string_view, Flag> flags = {
      {"ro", [](MountOptions& o) { o.read_only = true; }},
      {"rw", [](MountOptions& o) { o.read_only = false; }},
      {"allow_other", [](MountOptions& o) { o.allow_other = true; }},
      {"nonempty", [](MountOptions& o) { o.nonempty = true; }},
      {"noexec", [](MountOptions& o) { o.noexec = true; }},
      {"exec", [](MountOptions& o) { o.noexec = false; }},
      {"nosuid", [](MountOptions& o) { o.nosuid = true; }},
      {"suid", [](MountOptions& o) { o.nosuid = false; }},
      {"nodev", [](MountOptions& o) { o.nodev = true; }},
      {"dev", [](MountOptions& o) { o.nodev = false; }},
      {"noatime", [](MountOptions& o) { o.atime = false; }},
      {"relatime", [](MountOptions& o) { o.atime = true; }},
      {"atime", [](MountOptions& o) { o.atime = true; }},
      {"debug", [](MountOptions& o) { o.debug = true; }},
      {"accept_rollback", [](MountOptions& o) { o.accept_rollback = true; }},
      {"accept_new_volume", [](MountOptions& o) { o.accept_new_volume = true; }},
  };
  return flags;
}

std::optional<std::string> SetTransport(MountOptions& options, const std::string& value) {
  if (value == "auto")
    options.transport = TransportChoice::kAuto;
  else if (value == "classic")
    options.transport = TransportChoice::kClassic;
  else if (value == "io_uring")
    options.transport = TransportChoice::kIoUring;
  else
    return "one of auto, classic, io_uring";
  return {};
}

std::optional<std::string> SetCommit(MountOptions& options, const std::string& value) {
  auto seconds = ParseNumber(value, kMaxCommitSeconds);
  if (!seconds || *seconds == 0) return "a number of seconds from 1 to 3600";
  options.commit_seconds = static_cast<uint32_t>(*seconds);
  return {};
}

std::optional<std::string> SetCache(MountOptions& options, const std::string& value) {
  auto bytes = ParseSize(value);
  if (!bytes || *bytes < kMinCacheBytes) return "a size of at least 8M, such as 256M or 2G";
  options.cache_bytes = *bytes;
  return {};
}

// The largest number means "none" to chown(2).
constexpr uint64_t kMaxId = 0xfffffffe;

std::optional<std::string> SetUser(MountOptions& options, const std::string& value) {
  const passwd* user = value.empty() ? nullptr : getpwnam(value.c_str());
  const auto number =
      user != nullptr ? std::optional<uint64_t>(user->pw_uid) : ParseNumber(value, kMaxId);
  if (!number) return "the name or number of a user";
  options.uid = static_cast<uint32_t>(*number);
  return {};
}

std::optional<std::string> SetGroup(MountOptions& options, const std::string& value) {
  const group* named = value.empty() ? nullptr : getgrnam(value.c_str());
  const auto number =
      named != nullptr ? std::optional<uint64_t>(named->gr_gid) : ParseNumber(value, kMaxId);
  if (!number) return "the name or number of a group";
  options.gid = static_cast<uint32_t>(*number);
  return {};
}

std::optional<std::string> SetUmask(MountOptions& options, const std::string& value) {
  uint32_t mask = 0;
  const char* const end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, mask, 8);
  if (value.empty() || error != std::errc() || at != end || mask > 0777) {
    return "an octal number up to 777, such as 077";
  }
  options.umask = mask;
  return {};
}

std::optional<std::string> SetText(std::string& field, const std::string& value) {
  if (value.empty()) return "not empty";
  field = value;
  return {};
}

std::optional<std::string> AddAnchor(MountOptions& options, const std::string& value) {
  if (value.empty()) return "a file, or - for standard input";
  options.anchors.push_back(value);
  return {};
}

// A setter returns what the value has to be, if it is not.
const std::map<std::string_view, Setter>& Setters() {
  static const std::map<std::string_view, Setter> setters = {
      {"passfile", [](auto& o, auto& v) { return SetText(o.passphrase.file, v); }},
      {"passcmd", [](auto& o, auto& v) { return SetText(o.passphrase.command, v); }},
      {"anchor", AddAnchor},
      {"log", [](auto& o, auto& v) { return SetText(o.log, v); }},
      {"commit", SetCommit},
      {"cache", SetCache},
      {"transport", SetTransport},
      {"uid", SetUser},
      {"gid", SetGroup},
      {"umask", SetUmask},
  };
  return setters;
}

bool IsIgnored(std::string_view name) {
  if (name.starts_with("x-") || name.starts_with("X-") || name == "comment") return true;
  for (std::string_view ignored : kIgnored) {
    if (name == ignored) return true;
  }
  return false;
}

Outcome<void> ApplyOne(const std::string& option, bool sloppy, MountOptions* options) {
  size_t equals = option.find('=');
  std::string name = option.substr(0, equals);
  if (name.starts_with("x-")) options->notes.push_back(option);
  if (IsIgnored(name)) return {};
  auto flag = Flags().find(name);
  auto setter = Setters().find(name);
  if (flag != Flags().end()) {
    if (equals != option.npos) {
      return Failure{ExitCode::kUsage, "the option '" + name + "' takes no value"};
    }
    flag->second(*options);
    return {};
  }
  if (setter != Setters().end()) {
    std::string value = equals == option.npos ? "" : option.substr(equals + 1);
    if (auto wanted = setter->second(*options, value)) {
      return Failure{ExitCode::kUsage,
                     "the option '" + name + "' needs a value that is " + *wanted};
    }
    return {};
  }
  if (sloppy) return {};
  return Failure{ExitCode::kUsage, "unknown option '" + name + "' (see mount.chainfs(8))"};
}

}  // namespace

std::vector<std::string> SplitOptions(std::string_view text) {
  std::vector<std::string> options;
  std::string current;
  bool quoted = false;
  for (char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      if (!current.empty()) options.push_back(current);
      current.clear();
    } else {
      current += c;
    }
  }
  if (!current.empty()) options.push_back(current);
  return options;
}

Outcome<void> ApplyMountOptions(std::string_view text, bool sloppy, MountOptions* options) {
  const std::vector<std::string> all = SplitOptions(text);
  // First: whatever else is asked for, it is not to be had like this.
  if (std::find(all.begin(), all.end(), "remount") != all.end()) {
    return Failure{ExitCode::kUsage,
                   "remount: chainfs cannot change a mounted volume's options; unmount it with "
                   "'chainfs umount' and mount it again"};
  }
  for (const std::string& option : all) {
    if (auto applied = ApplyOne(option, sloppy, options); !applied) return applied;
  }
  return {};
}

}  // namespace chainfs::tools
