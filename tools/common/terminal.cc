// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace chainfs::tools {
namespace {

void Ignore(int) {}

// For its lifetime the signals that end a program only break off Wait, so that the echo never stays
// off behind it. They are blocked outside Wait: none comes too early to be noticed.
class BreakingSignals {
 public:
  BreakingSignals() {
    struct sigaction action {};
    action.sa_handler = Ignore;
    sigemptyset(&action.sa_mask);
    sigset_t all;
    sigemptyset(&all);
    for (size_t i = 0; i < kSignals.size(); ++i) {
      sigaddset(&all, kSignals[i]);
      sigaction(kSignals[i], &action, &old_actions_[i]);
    }
    sigprocmask(SIG_BLOCK, &all, &old_mask_);
  }
  BreakingSignals(const BreakingSignals&) = delete;
  BreakingSignals& operator=(const BreakingSignals&) = delete;
  ~BreakingSignals() {
    // A second one that is still pending belongs to the first: it is taken before the old action
    // is back.
    sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
    for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &old_actions_[i], nullptr);
  }

  // Waits for a line to read. False: a signal came.
  bool Wait(int fd) const {
    pollfd readable{fd, POLLIN, 0};
    return ppoll(&readable, 1, nullptr, &old_mask_) >= 0;
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, kSignals.size()> old_actions_;
  sigset_t old_mask_;
};

class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd), changed_(tcgetattr(fd, &old_) == 0) {
    if (!changed_) return;
    termios hidden = old_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden.c_lflag |= ECHONL;
    tcsetattr(fd, TCSAFLUSH, &hidden);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &old_);
  }

 private:
  int fd_;
  termios old_{};
  bool changed_;
};

}  // namespace

Outcome<crypto::SecretBytes> ReadSecretLine(int fd) {
  crypto::SecretBytes buffer(kMaxPassphraseBytes + 1);
  uint8_t* bytes = buffer.mutable_view().data();
  size_t length = 0;
  // Byte by byte: what follows the line in a pipe is somebody else's.
  while (true) {
    ssize_t n = read(fd, bytes + length, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemFailure("cannot read the passphrase", errno, ExitCode::kNoPassphrase);
    if (n == 0 || bytes[length] == '\n') break;
    if (++length > kMaxPassphraseBytes) {
      return Failure{ExitCode::kNoPassphrase, "the passphrase is longer than 4096 bytes"};
    }
  }
  if (length > 0 && bytes[length - 1] == '\r') --length;
  if (length == 0) return Failure{ExitCode::kNoPassphrase, "the passphrase is empty"};
  return crypto::SecretBytes::CopyOf(buffer.view().first(length));
}

std::optional<Terminal> Terminal::Open() {
  fs::store::Descriptor fd(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!fd) return {};
  return Terminal(std::move(fd));
}

void Terminal::Print(const std::string& text) {
  // To a terminal that has gone away nothing can be said, nor need it.
  (void)!write(fd_.get(), text.data(), text.size());
}

Outcome<crypto::SecretBytes> Terminal::ReadHidden(const std::string& prompt) {
  BreakingSignals signals;
  EchoOff echo(fd_.get());
  Print(prompt);
  if (signals.Wait(fd_.get())) return ReadSecretLine(fd_.get());  // a terminal gives whole lines
  Print("\n");
  return Failure{ExitCode::kInterrupted, "interrupted"};
}

bool Terminal::Confirm(const std::string& question) {
  BreakingSignals signals;
  Print(question + " [y/N] ");
  char answer[64];
  if (!signals.Wait(fd_.get())) return false;
  ssize_t n = read(fd_.get(), answer, sizeof answer);
  return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

}  // namespace chainfs::tools
