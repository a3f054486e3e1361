// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/passphrase.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/tools/scratch_directory.h"
#include "tools/common/terminal.h"

namespace chainfs::tools {
namespace {

// The passphrase as text, or "<exit code>: <message>".
std::string Text(const Outcome<crypto::SecretBytes>& passphrase) {
  if (!passphrase) {
    return std::to_string(static_cast<int>(passphrase.error().code)) + ": " +
           passphrase.error().message;
  }
  return std::string(reinterpret_cast<const char*>(passphrase->view().data()), passphrase->size());
}

std::string FromFile(const std::string& path) {
  return Text(ReadPassphrase({.file = path, .command = ""}, ""));
}

std::string FromCommand(const std::string& command) {
  return Text(ReadPassphrase({.file = "", .command = command}, ""));
}

// Replaces standard input by `content` while it lives.
class StandardInput {
 public:
  explicit StandardInput(const std::string& content) : saved_(dup(STDIN_FILENO)) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(write(ends[1], content.data(), content.size()), ssize_t(content.size()));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput() {
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

TEST(PassphraseTest, IsTheFirstLineOfAFileWithoutItsNewline) {
  ScratchDirectory scratch;
  EXPECT_EQ(FromFile(scratch.File("a", "open sesame\n")), "open sesame");
  EXPECT_EQ(FromFile(scratch.File("b", "open sesame")), "open sesame");
  EXPECT_EQ(FromFile(scratch.File("c", "open sesame\r\n")), "open sesame");
  EXPECT_EQ(FromFile(scratch.File("d", " blanks stay \nmore\n")), " blanks stay ");
}

TEST(PassphraseTest, SaysWhyAFileGivesNone) {
  ScratchDirectory scratch;
  EXPECT_EQ(FromFile(scratch.File("a", "")),
            "41: " + (scratch / "a") + ": the passphrase is empty");
  EXPECT_EQ(FromFile(scratch.File("b", "\nlate\n")),
            "41: " + (scratch / "b") + ": the passphrase is empty");
  EXPECT_EQ(FromFile(scratch / "none").substr(0, 37), "41: cannot read the passphrase file /");
  EXPECT_EQ(FromFile(scratch.path()).substr(0, 4), "41: ");
}

TEST(PassphraseTest, MayBe4096BytesLongAndNoLonger) {
  ScratchDirectory scratch;
  EXPECT_EQ(FromFile(scratch.File("a", std::string(4096, 'x') + "\n")), std::string(4096, 'x'));
  EXPECT_NE(FromFile(scratch.File("b", std::string(4097, 'x'))).find("longer than 4096"),
            std::string::npos);
}

TEST(PassphraseTest, MayHoldAnyByteButNewline) {
  ScratchDirectory scratch;
  std::string odd = std::string("\0\xff\x01", 3);
  EXPECT_EQ(FromFile(scratch.File("a", odd + "\n")), odd);
}

TEST(PassphraseTest, IsTheFirstLineThatACommandPrints) {
  EXPECT_EQ(FromCommand("echo open sesame; echo more"), "open sesame");
  EXPECT_EQ(FromCommand("printf x"), "x");
}

TEST(PassphraseTest, SaysHowACommandFailed) {
  EXPECT_EQ(FromCommand("echo typed anyway; exit 3"),
            "41: the passphrase command failed with exit code 3");
  EXPECT_EQ(FromCommand("true"), "41: the passphrase command: the passphrase is empty");
  EXPECT_EQ(FromCommand("/no/such/program 2>/dev/null"),
            "41: the passphrase command failed with exit code 127");
}

TEST(PassphraseTest, ACommandThatPrintsForeverIsNotWaitedFor) {
  EXPECT_EQ(FromCommand("yes"), "y");
}

TEST(PassphraseTest, ComesFromStandardInputIfThatIsNoTerminal) {
  StandardInput input("open sesame\nfor the next reader");
  EXPECT_EQ(Text(ReadPassphrase({}, "")), "open sesame");
  char rest[64];
  ssize_t n = read(STDIN_FILENO, rest, sizeof rest);
  EXPECT_EQ(std::string(rest, n > 0 ? size_t(n) : 0), "for the next reader");
}

TEST(PassphraseTest, EmptyStandardInputNamesTheOtherWays) {
  StandardInput input("");
  std::string text = Text(ReadPassphrase({}, ""));
  EXPECT_EQ(text.substr(0, 4), "41: ");
  EXPECT_NE(text.find("passfile="), std::string::npos);
}

TEST(PassphraseTest, ANewOneIsReadOnceWhereNobodyTypes) {
  StandardInput input("once\n");
  EXPECT_EQ(Text(ReadNewPassphrase({})), "once");
}

TEST(PassphraseTest, TwoSourcesAreRefused) {
  EXPECT_EQ(Text(ReadPassphrase({.file = "a", .command = "b"}, "")),
            "1: passfile and passcmd exclude each other");
}

}  // namespace
}  // namespace chainfs::tools
