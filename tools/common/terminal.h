// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to the person at the terminal, through /dev/tty: they work whatever stdin and stdout
// are. Not thread-safe (the terminal's echo is the process's).
#pragma once

#include <optional>
#include <string>

#include "crypto/secret.h"
#include "fs/store/descriptor.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

constexpr size_t kMaxPassphraseBytes = 4096;

class Terminal {
 public:
  // nullopt: this process has no terminal.
  static std::optional<Terminal> Open();

  // A line typed with the echo off, without its newline. kInterrupted: a signal (Ctrl-C) came;
  // the echo is on again. kNoPassphrase: end of input, or longer than kMaxPassphraseBytes.
  Outcome<crypto::SecretBytes> ReadHidden(const std::string& prompt);

  // True for an answer that begins with y; the default is no.
  bool Confirm(const std::string& question);

  void Print(const std::string& text);

 private:
  explicit Terminal(fs::store::Descriptor fd) : fd_(std::move(fd)) {}
  fs::store::Descriptor fd_;
};

// Reads up to the first newline (not kept) or the end. Shared by terminals, files and pipes.
// kNoPassphrase: nothing there, or longer than kMaxPassphraseBytes.
Outcome<crypto::SecretBytes> ReadSecretLine(int fd);

}  // namespace chainfs::tools
