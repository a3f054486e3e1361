// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/passphrase.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "tools/common/terminal.h"

namespace chainfs::tools {
namespace {

using crypto::SecretBytes;
using fs::store::Descriptor;

Failure NoPassphrase(const std::string& message) { return {ExitCode::kNoPassphrase, message}; }

Outcome<SecretBytes> FromFile(const std::string& path) {
  Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return NoPassphrase("cannot read the passphrase file " + SystemFailure(path, errno).message);
  }
  struct stat info {};
  if (fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
    std::fprintf(stderr, "warning: others may read the passphrase file %s (chmod 600 it)\n",
                 path.c_str());
  }
  auto line = ReadSecretLine(fd.get());
  if (!line) return NoPassphrase(path + ": " + line.error().message);
  return line;
}

Outcome<SecretBytes> FromCommand(const std::string& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemFailure("cannot make a pipe", errno);
  Descriptor reader(ends[0]);
  pid_t child;
  {
    Descriptor writer(ends[1]);
    child = fork();
    if (child < 0) return SystemFailure("cannot start the passphrase command", errno);
    if (child == 0) {
      dup2(writer.get(), STDOUT_FILENO);
      execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
  }
  auto line = ReadSecretLine(reader.get());
  reader = Descriptor();  // a command that prints more is not left waiting for a reader
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  // A shell whose command wanted to print more than was read ends with 128 + SIGPIPE.
  bool cut_short = WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE && line;
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && !cut_short) {
    return NoPassphrase("the passphrase command failed with exit code " +
                        std::to_string(WEXITSTATUS(status)));
  }
  if (!line) {
    return NoPassphrase("the passphrase command: " + line.error().message);
  }
  return line;
}

Outcome<SecretBytes> FromStandardInput() {
  auto line = ReadSecretLine(STDIN_FILENO);
  if (line) return line;
  return NoPassphrase("standard input is no terminal: " + line.error().message +
                      " (give it a passphrase, or use passfile= or passcmd=)");
}

}  // namespace

bool AsksPerson(const PassphraseSource& source) {
  return source.file.empty() && source.command.empty() &&
         (source.stdin_is_taken || isatty(STDIN_FILENO) == 1);
}

Outcome<SecretBytes> ReadPassphrase(const PassphraseSource& source, const std::string& prompt) {
  if (!source.file.empty() && !source.command.empty()) {
    return Failure{ExitCode::kUsage, "passfile and passcmd exclude each other"};
  }
  if (!source.file.empty()) return FromFile(source.file);
  if (!source.command.empty()) return FromCommand(source.command);
  if (!AsksPerson(source)) return FromStandardInput();
  auto terminal = Terminal::Open();
  if (!terminal && source.stdin_is_taken) {
    return Failure{ExitCode::kUsage,
                   "standard input is taken for an anchor, and there is no terminal to ask for the "
                   "passphrase: use passfile= or passcmd="};
  }
  if (!terminal) return NoPassphrase("there is no terminal to ask for the passphrase");
  return terminal->ReadHidden(prompt);
}

Outcome<SecretBytes> ReadNewPassphrase(const PassphraseSource& source) {
  if (!AsksPerson(source)) return ReadPassphrase(source, "");
  for (int tries = 0; tries < 3; ++tries) {
    auto first = ReadPassphrase(source, "New passphrase: ");
    if (!first) return first;
    auto second = ReadPassphrase(source, "The same again: ");
    if (!second && second.error().code == ExitCode::kInterrupted) return second;
    if (second && crypto::EqualConstantTime(first->view(), second->view())) return first;
    std::fputs("the two differ\n", stderr);
  }
  return NoPassphrase("the two passphrases differ");
}

}  // namespace chainfs::tools
