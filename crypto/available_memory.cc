// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/available_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

namespace chainfs::crypto {
namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// The number after `name` in a file of "name number" lines.
std::optional<uint64_t> FindField(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  std::string word;
  uint64_t value;
  while (in >> word) {
    if (word == name) return in >> value ? std::optional(value) : std::nullopt;
    in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

// A control group's file that holds one number, or "max".
std::optional<uint64_t> ReadNumber(const std::string& path) {
  std::ifstream in(path);
  uint64_t value;
  return in >> value ? std::optional(value) : std::nullopt;
}

uint64_t LeftInGroup(const std::string& directory) {
  const auto limit = ReadNumber(directory + "/memory.max");
  const auto used = ReadNumber(directory + "/memory.current");
  if (!limit || !used) return kUnlimited;
  // Cached file pages count as used, but the kernel drops them before it kills.
  const uint64_t cached = FindField(directory + "/memory.stat", "inactive_file").value_or(0);
  const uint64_t needed = *used - std::min(*used, cached);
  return *limit - std::min(*limit, needed);
}

// Our group's path below the mount point: "/user.slice/..." ; empty in the root group.
std::string OwnGroup(const std::string& root) {
  std::ifstream in(root + "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("0::/") && line.find("..") == std::string::npos) {
      return line == "0::/" ? "" : line.substr(3);
    }
  }
  return {};
}

}  // namespace

uint64_t AvailableMemoryBytes(const std::string& root) {
  uint64_t available = kUnlimited;
  if (auto kib = FindField(root + "proc/meminfo", "MemAvailable:")) available = *kib * 1024;
  const std::string mount_point = root + "sys/fs/cgroup";
  for (std::string group = OwnGroup(root);; group.resize(group.rfind('/'))) {
    available = std::min(available, LeftInGroup(mount_point + group));
    if (group.empty()) return available;
  }
}

}  // namespace chainfs::crypto
