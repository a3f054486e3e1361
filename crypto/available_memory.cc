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

// Where the two versions of control groups keep what we need.
struct Hierarchy {
  const char* controllers;  // in the middle of its line in /proc/self/cgroup
  const char* mount_point;
  const char* limit;
  const char* used;
  const char* cached;  // in memory.stat
};
constexpr Hierarchy kHierarchies[] = {
    {"::", "sys/fs/cgroup", "/memory.max", "/memory.current", "inactive_file"},
    {":memory:", "sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes",
     "total_inactive_file"},
};

uint64_t LeftInGroup(const Hierarchy& hierarchy, const std::string& directory) {
  const auto limit = ReadNumber(directory + hierarchy.limit);
  const auto used = ReadNumber(directory + hierarchy.used);
  if (!limit || !used) return kUnlimited;
  // Cached file pages count as used, but the kernel drops them before it kills.
  const uint64_t cached = FindField(directory + "/memory.stat", hierarchy.cached).value_or(0);
  const uint64_t needed = *used - std::min(*used, cached);
  return *limit - std::min(*limit, needed);
}

// Our group's path below the mount point: "/user.slice/..." ; empty in the root group, and where
// the path leads out of our namespace.
std::string OwnGroup(const Hierarchy& hierarchy, const std::string& root) {
  std::ifstream in(root + "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const size_t number_end = line.find(':');
    const size_t path = line.find('/');
    if (path == std::string::npos ||
        line.substr(number_end, path - number_end) != hierarchy.controllers) {
      continue;
    }
    const std::string group = line.substr(path);
    return group == "/" || group.find("..") != std::string::npos ? "" : group;
  }
  return {};
}

}  // namespace

uint64_t AvailableMemoryBytes(const std::string& root) {
  uint64_t available = kUnlimited;
  if (auto kib = FindField(root + "proc/meminfo", "MemAvailable:")) available = *kib * 1024;
  for (const Hierarchy& hierarchy : kHierarchies) {
    const std::string mount_point = root + hierarchy.mount_point;
    for (std::string group = OwnGroup(hierarchy, root);; group.resize(group.rfind('/'))) {
      available = std::min(available, LeftInGroup(hierarchy, mount_point + group));
      if (group.empty()) break;
    }
  }
  return available;
}

}  // namespace chainfs::crypto
