// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/progress_line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <string>

#include "fs/store/descriptor.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

constexpr auto kItems = ProgressLine::Unit::kItems;

// While it lives, stderr is something else.
class OtherStderr {
 public:
  explicit OtherStderr(int fd) : before_(dup(STDERR_FILENO)) { dup2(fd, STDERR_FILENO); }
  ~OtherStderr() { dup2(before_.get(), STDERR_FILENO); }

 private:
  Descriptor before_;
};

std::string ReadAvailable(int fd) {
  std::array<char, 4096> buffer;
  const ssize_t n = read(fd, buffer.data(), buffer.size());
  return n > 0 ? std::string(buffer.data(), static_cast<size_t>(n)) : std::string();
}

TEST(ProgressLineTest, IsDrawnOnATerminalAndWipedAtTheEnd) {
  setenv("TERM", "xterm", 1);
  Descriptor master(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_EQ(grantpt(master.get()) | unlockpt(master.get()), 0);
  Descriptor slave(open(ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(slave);
  OtherStderr on_terminal(slave.get());
  {
    ProgressLine line;
    for (uint64_t n = 1; n <= 1000; ++n) line.Show("records", n, 1000, kItems);
    const std::string drawn = ReadAvailable(master.get());
    EXPECT_TRUE(drawn.starts_with("\r\033[Krecords  0 %  1")) << drawn;
    EXPECT_LT(drawn.size(), 1000u) << "not each time";
  }
  EXPECT_EQ(ReadAvailable(master.get()), "\r\033[K");
}

TEST(ProgressLineTest, IsNotForFilesAndPipes) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  Descriptor read_end(ends[0]), write_end(ends[1]);
  OtherStderr on_pipe(write_end.get());
  ProgressLine().Show("records", 1, 2, kItems);
  EXPECT_EQ(ReadAvailable(read_end.get()), "");
}

// What one step draws on a terminal of this kind.
std::string DrawnOn(const char* terminal, bool wanted) {
  setenv("TERM", terminal, 1);
  Descriptor master(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_EQ(grantpt(master.get()) | unlockpt(master.get()), 0);
  Descriptor slave(open(ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_TRUE(slave);
  OtherStderr on_terminal(slave.get());
  ProgressLine(wanted).Show("records", 1, 2, kItems);
  return ReadAvailable(master.get());
}

TEST(ProgressLineTest, IsNotForDumbTerminalsNorForThoseWhoDoNotWantIt) {
  EXPECT_NE(DrawnOn("xterm", true), "");
  EXPECT_EQ(DrawnOn("dumb", true), "");
  EXPECT_EQ(DrawnOn("xterm", false), "");
}

TEST(FormatDurationTest, ShowsHoursOnlyIfThereAreAny) {
  EXPECT_EQ(FormatDuration(std::chrono::seconds(7)), "0:07");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(245)), "4:05");
  EXPECT_EQ(FormatDuration(std::chrono::seconds(3723)), "1:02:03");
}

}  // namespace
}  // namespace chainfs::tools
