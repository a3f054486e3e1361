// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/vault_path.h"

#include <mntent.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

namespace chainfs::tools {
namespace {

struct EndMntent {
  void operator()(FILE* file) const { endmntent(file); }
};

std::optional<VaultChoice> FromFstab(const std::string& mount_point, const std::string& fstab) {
  std::unique_ptr<FILE, EndMntent> file(setmntent(fstab.c_str(), "re"));
  if (!file) return {};
  mntent entry{};
  std::array<char, 16384> text;
  while (getmntent_r(file.get(), &entry, text.data(), static_cast<int>(text.size())) != nullptr) {
    if (std::string_view(entry.mnt_type) != "chainfs") continue;
    if (CanonicalPath(entry.mnt_dir) != mount_point) continue;
    return VaultChoice{entry.mnt_fsname, entry.mnt_opts};
  }
  return {};
}

std::optional<std::string> DefaultPlace(const VaultSearch& search) {
  if (search.is_root) return "/var/lib/chainfs";
  if (auto data = search.environment("XDG_DATA_HOME"); data && data->starts_with('/')) {
    return *data + "/chainfs";
  }
  if (auto home = search.environment("HOME"); home && home->starts_with('/')) {
    return *home + "/.local/share/chainfs";
  }
  return {};
}

}  // namespace

VaultSearch VaultSearch::OfThisProcess() {
  VaultSearch search;
  search.environment = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return {};
    return value;
  };
  search.is_root = geteuid() == 0;
  return search;
}

std::optional<VaultChoice> FindVault(const std::string& mount_point, const VaultSearch& search) {
  std::string canonical = CanonicalPath(mount_point);
  if (auto choice = FromFstab(canonical, search.fstab)) return choice;
  if (auto vault = search.environment("CHAINFS_VAULT")) return VaultChoice{*vault, ""};
  std::string name = std::filesystem::path(canonical).filename();
  auto place = DefaultPlace(search);
  if (name.empty() || !place) return {};
  return VaultChoice{*place + "/" + name, ""};
}

std::string CanonicalPath(const std::string& path) {
  std::error_code error;
  std::filesystem::path full = std::filesystem::absolute(path, error).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();  // a trailing slash
  if (!full.has_filename()) return "/";
  std::filesystem::path parent = std::filesystem::weakly_canonical(full.parent_path(), error);
  if (error) return full;
  std::filesystem::path last = parent / full.filename();
  // A link as the last part is resolved; anything else there is left alone.
  if (std::filesystem::path target = std::filesystem::read_symlink(last, error); !error) {
    return std::filesystem::weakly_canonical(parent / target, error);
  }
  return last;
}

bool IsInside(const std::string& inner, const std::string& outer) {
  if (outer == "/" || inner == outer) return true;
  return inner.starts_with(outer + "/");
}

}  // namespace chainfs::tools
