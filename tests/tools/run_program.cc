// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/run_program.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "fs/store/descriptor.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

struct Pipe {
  Descriptor read_end, write_end;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
  }
};

// Removed by the process that made it, not by its forks.
struct AnchorsOfThisProcess {
  std::string path;
  pid_t owner = getpid();
  AnchorsOfThisProcess() {
    std::string form = std::filesystem::temp_directory_path() / "chainfs-anchors-XXXXXX";
    path = mkdtemp(form.data());
  }
  ~AnchorsOfThisProcess() {
    std::error_code ignored;
    if (getpid() == owner) std::filesystem::remove_all(path, ignored);
  }
};

[[noreturn]] void Exec(const std::vector<std::string>& arguments, const ProgramOptions& options,
                       const std::string& anchors) {
  setenv("CHAINFS_ANCHORS", anchors.c_str(), 0);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  // Found while that is still possible: the tree may lie where only its owner gets in.
  const int program = arguments[0].find('/') == std::string::npos
                          ? -1
                          : open(arguments[0].c_str(), O_PATH | O_CLOEXEC);
  if (options.user) {
    if (setgroups(0, nullptr) != 0 || setgid(*options.user) != 0 || setuid(*options.user) != 0) {
      _exit(126);
    }
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (program >= 0) fexecve(program, argv.data(), environ);
  execvp(argv[0], argv.data());
  _exit(127);
}

void ReadBoth(int out, int err, ProgramResult* result) {
  std::array<pollfd, 2> fds = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&result->out, &result->err};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    for (size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      ssize_t n = read(fds[i].fd, buffer.data(), buffer.size());
      if (n > 0) texts[i]->append(buffer.data(), static_cast<size_t>(n));
      if (n <= 0) fds[i].fd = -1;
    }
  }
}

}  // namespace

const char* const kMkfsProgram = MKFS_PROGRAM;
const char* const kMountProgram = MOUNT_PROGRAM;
const char* const kChainfsProgram = CHAINFS_PROGRAM;
const char* const kFsckProgram = FSCK_PROGRAM;

const std::string& TestAnchors() {
  static const AnchorsOfThisProcess anchors;
  return anchors.path;
}

ProgramResult RunProgram(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  const std::string& anchors = TestAnchors();
  Pipe in, out, err;
  pid_t child = fork();
  if (child == 0) {
    dup2(in.read_end.get(), STDIN_FILENO);
    dup2(out.write_end.get(), STDOUT_FILENO);
    dup2(err.write_end.get(), STDERR_FILENO);
    Exec(arguments, options, anchors);
  }
  // Fits in a pipe's buffer: tests give a line or two.
  (void)!write(in.write_end.get(), options.input.data(), options.input.size());
  in = Pipe();
  out.write_end = Descriptor();
  err.write_end = Descriptor();

  ProgramResult result;
  ReadBoth(out.read_end.get(), err.read_end.get(), &result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace chainfs::tools
