// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mount/tree_compare.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "fs/store/descriptor.h"

namespace chainfs::mount_test {
namespace {

constexpr size_t kMaxDifferences = 20;

std::set<std::string> Names(const std::string& directory) {
  std::set<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open_directory(opendir(directory.c_str()), closedir);
  if (!open_directory) return {"(unreadable)"};
  while (const dirent* entry = readdir(open_directory.get())) {
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) {
      names.insert(entry->d_name);
    }
  }
  return names;
}

std::string Target(const std::string& path) {
  std::array<char, 4096> target;
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  return size < 0 ? "(unreadable)" : std::string(target.data(), static_cast<size_t>(size));
}

std::map<std::string, std::string> Xattrs(const std::string& path) {
  std::array<char, 65536> buffer;
  std::map<std::string, std::string> xattrs;
  const ssize_t size = llistxattr(path.c_str(), buffer.data(), buffer.size());
  if (size < 0) return {{"(unreadable)", std::strerror(errno)}};
  const std::string names(buffer.data(), static_cast<size_t>(size));
  for (size_t at = 0; at < names.size(); at += std::strlen(&names[at]) + 1) {
    const ssize_t length = lgetxattr(path.c_str(), &names[at], buffer.data(), buffer.size());
    xattrs[&names[at]] =
        length < 0 ? std::strerror(errno) : std::string(buffer.data(), static_cast<size_t>(length));
  }
  return xattrs;
}

bool SameContent(const std::string& left, const std::string& right) {
  const fs::store::Descriptor a(open(left.c_str(), O_RDONLY | O_CLOEXEC));
  const fs::store::Descriptor b(open(right.c_str(), O_RDONLY | O_CLOEXEC));
  if (!a || !b) return false;
  constexpr size_t kChunk = 1 << 20;
  std::string x(kChunk, 0), y(kChunk, 0);
  for (;;) {
    const ssize_t n = read(a.get(), x.data(), kChunk);
    const ssize_t m = read(b.get(), y.data(), kChunk);
    if (n != m || n < 0) return false;
    if (n == 0) return true;
    if (std::memcmp(x.data(), y.data(), static_cast<size_t>(n)) != 0) return false;
  }
}

class Comparison {
 public:
  void Entries(const std::string& left, const std::string& right) {
    if (differences_.size() >= kMaxDifferences) return;
    struct stat a {
    }, b{};
    if (lstat(left.c_str(), &a) != 0 || lstat(right.c_str(), &b) != 0) {
      return Differ(left, std::string("lstat: ") + std::strerror(errno));
    }
    if (a.st_mode != b.st_mode) Differ(left, "mode");
    if (a.st_uid != b.st_uid || a.st_gid != b.st_gid) Differ(left, "owner");
    if (a.st_mtim.tv_sec != b.st_mtim.tv_sec || a.st_mtim.tv_nsec != b.st_mtim.tv_nsec) {
      Differ(left, "mtime");
    }
    if (Xattrs(left) != Xattrs(right)) Differ(left, "xattrs");
    if (S_ISDIR(a.st_mode)) return Directories(left, right);
    if (a.st_size != b.st_size) Differ(left, "size");
    if (a.st_rdev != b.st_rdev) Differ(left, "device number");
    if (S_ISLNK(a.st_mode) && Target(left) != Target(right)) Differ(left, "link target");
    // The first name seen of an inode stands for all of them: it must be the same on both sides.
    if (first_left_.try_emplace(a.st_ino, left).first->second.substr(left_root_) !=
        first_right_.try_emplace(b.st_ino, right).first->second.substr(right_root_)) {
      Differ(left, "hard links");
    }
    if (S_ISREG(a.st_mode) && !SameContent(left, right)) Differ(left, "content");
  }

  void SetRoots(const std::string& left, const std::string& right) {
    left_root_ = left.size();
    right_root_ = right.size();
  }

  std::vector<std::string> Take() { return std::move(differences_); }

 private:
  void Directories(const std::string& left, const std::string& right) {
    const std::set<std::string> names = Names(left);
    if (names != Names(right)) return Differ(left, "names");
    for (const std::string& name : names) Entries(left + "/" + name, right + "/" + name);
  }

  void Differ(const std::string& path, const std::string& what) {
    differences_.push_back(path + ": " + what);
  }

  size_t left_root_ = 0, right_root_ = 0;
  std::map<ino_t, std::string> first_left_, first_right_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> CompareTrees(const std::string& left, const std::string& right) {
  Comparison comparison;
  comparison.SetRoots(left, right);
  comparison.Entries(left, right);
  return comparison.Take();
}

}  // namespace chainfs::mount_test
