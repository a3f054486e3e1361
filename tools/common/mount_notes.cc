// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_notes.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>

namespace chainfs::tools {
namespace {

constexpr char kUtab[] = "/run/mount/utab";
constexpr int kMostEntries = 8;  // of one mount: each call of umount(8) removes one

// As in mountinfo: blanks and backslashes are written as three octal digits.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() &&
                         text.substr(i + 1, 3).find_first_not_of("01234567") == text.npos;
    if (escaped) {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 3)), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Runs mount(8) or umount(8), silently. False: it failed.
bool Run(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string ReadUtab() {
  std::ifstream file(kUtab);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool IsNoted(std::string_view utab, const std::string& vault, const std::string& mount_point) {
  std::istringstream lines{std::string(utab)};
  for (std::string line; std::getline(lines, line);) {
    bool source = false, target = false;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      source = source || Unescape(word) == "SRC=" + vault;
      target = target || Unescape(word) == "TARGET=" + mount_point;
    }
    if (source && target) return true;
  }
  return false;
}

void NoteMountOptions(const std::string& vault, const std::string& mount_point,
                      const std::vector<std::string>& options) {
  if (options.empty() || geteuid() != 0) return;
  std::string list;
  for (const std::string& option : options) {
    // mount(8) splits at commas outside quotes.
    const size_t value = option.find('=') + 1;
    const bool quoted = value != 0 && option.find(',') != option.npos;
    list += (list.empty() ? "" : ",") +
            (quoted ? option.substr(0, value) + '"' + option.substr(value) + '"' : option);
  }
  Run({"mount", "--fake", "--internal-only", "--no-canonicalize", "-t", "fuse.chainfs", "-o", list,
       "--", vault, mount_point});
}

void ForgetMountOptions(const std::string& vault, const std::string& mount_point) {
  if (geteuid() != 0) return;
  for (int i = 0; i < kMostEntries && IsNoted(ReadUtab(), vault, mount_point); ++i) {
    if (!Run({"umount", "--fake", "--internal-only", "--no-canonicalize", "--", mount_point})) {
      return;
    }
  }
}

}  // namespace chainfs::tools
