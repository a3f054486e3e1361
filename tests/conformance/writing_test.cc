// SPDX-License-Identifier: GPL-3.0-or-later
// Ways to write, several writers, and where a file's size ends.
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <memory>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

// ext4's is smaller, and depends on its block size.
constexpr off_t kLargestSize = INT64_MAX, kLargestLocalSize = (off_t{1} << 44) - 4096;

class WritingTest : public ConformanceTest {
 protected:
  off_t largest() const { return local() ? kLargestLocalSize : kLargestSize; }
};

struct Free {
  void operator()(void* memory) const { free(memory); }
};
using Aligned = std::unique_ptr<char, Free>;

Aligned MakeAligned(size_t size, char fill) {
  Aligned memory(static_cast<char*>(aligned_alloc(4096, size)));
  memset(memory.get(), fill, size);
  return memory;
}

TEST_P(WritingTest, AnAppendGoesToTheEndWhereverThePositionIs) {
  Make("f", "content");
  const Descriptor file = Open("f", O_WRONLY | O_APPEND);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(write(file.get(), "+1", 2), 2);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_CUR), 9);
  EXPECT_EQ(pwrite(file.get(), "+2", 2, 0), 2) << "Linux: pwrite appends, too";
  EXPECT_EQ(Content("f"), "content+1+2");
}

TEST_P(WritingTest, AnAppendSeesWhatAnotherDescriptorAppended) {
  const Descriptor one = Open("f", O_CREAT | O_WRONLY | O_APPEND);
  const Descriptor two = Open("f", O_WRONLY | O_APPEND);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(write(one.get(), "1", 1), 1);
    EXPECT_EQ(write(two.get(), "2", 1), 1);
  }
  EXPECT_EQ(Content("f"), "121212");
}

TEST_P(WritingTest, SeveralProcessesAppendWithoutLosingALine) {
  constexpr int kWriters = 4, kLines = 300;
  std::array<pid_t, kWriters> writers{};
  for (int i = 0; i < kWriters; ++i) {
    writers[size_t(i)] = fork();
    if (writers[size_t(i)] != 0) continue;
    const int fd = open("log", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    const std::string line = std::string(20, static_cast<char>('a' + i)) + "\n";
    for (int n = 0; n < kLines; ++n) {
      if (write(fd, line.data(), line.size()) != ssize_t(line.size())) _exit(1);
    }
    _exit(0);
  }
  for (const pid_t writer : writers) {
    int status = 0;
    EXPECT_EQ(waitpid(writer, &status, 0), writer);
    EXPECT_EQ(status, 0);
  }
  std::map<std::string, int> lines;
  const std::string content = Content("log");
  for (size_t at = 0; at + 21 <= content.size(); at += 21) ++lines[content.substr(at, 21)];
  ASSERT_EQ(lines.size(), size_t{kWriters});
  for (const auto& [line, count] : lines) EXPECT_EQ(count, kLines) << line;
}

TEST_P(WritingTest, ADescriptorsPositionIsSharedWithAChild) {
  const Descriptor file = Open("f");
  EXPECT_EQ(write(file.get(), "parent", 6), 6);
  EXPECT_EQ(InChild([&] { return write(file.get(), "child", 5); }), "OK");
  EXPECT_EQ(write(file.get(), "parent", 6), 6);
  EXPECT_EQ(Content("f"), "parentchildparent");
}

TEST_P(WritingTest, VectorsAreGatheredAndScattered) {
  const Descriptor file = Open("f");
  std::string one = "one", two = "two";
  std::array<iovec, 2> vectors = {iovec{one.data(), 3}, iovec{two.data(), 3}};
  EXPECT_EQ(pwritev(file.get(), vectors.data(), 2, 10), 6);
  EXPECT_EQ(ReadAt(file, 6, 10), "onetwo");
  one = two = "   ";
  EXPECT_EQ(preadv(file.get(), vectors.data(), 2, 11), 5);
  EXPECT_EQ(one + two, "netwo ");
}

TEST_P(WritingTest, ReadingAtTheEndIsNothing) {
  Make("f", "content");
  const Descriptor file = Open("f");
  EXPECT_EQ(ReadAt(file, 10, 5), "nt");
  EXPECT_EQ(ReadAt(file, 10, 7), "");
  EXPECT_EQ(ReadAt(file, 10, 1 << 30), "");
}

TEST_P(WritingTest, ADirectWriteIsSeenByAPlainRead) {
  Make("f", "before");
  const Aligned page = MakeAligned(8192, 'd');
  const Descriptor plain = Open("f"), direct = Open("f", O_RDWR | O_DIRECT);
  EXPECT_EQ(ReadAt(plain, 6, 0), "before");
  EXPECT_EQ(pwrite(direct.get(), page.get(), 8192, 0), 8192);
  EXPECT_EQ(ReadAt(plain, 8192, 0), std::string(8192, 'd'));
}

TEST_P(WritingTest, APlainWriteIsSeenByADirectRead) {
  const Descriptor plain = Open("f"), direct = Open("f", O_RDWR | O_DIRECT);
  WriteAt(plain, std::string(8192, 'p'), 0);
  const Aligned page = MakeAligned(8192, ' ');
  EXPECT_EQ(pread(direct.get(), page.get(), 8192, 0), 8192);
  EXPECT_EQ(std::string(page.get(), 8192), std::string(8192, 'p'));
}

TEST_P(WritingTest, ADirectWriteGrowsTheFile) {
  const Descriptor direct = Open("f", O_CREAT | O_RDWR | O_DIRECT);
  const Aligned page = MakeAligned(4096, 'd');
  EXPECT_EQ(pwrite(direct.get(), page.get(), 4096, 4096), 4096);
  EXPECT_EQ(Status(direct).st_size, 8192);
  EXPECT_EQ(pread(direct.get(), page.get(), 4096, 0), 4096);
  EXPECT_EQ(std::string(page.get(), 4096), std::string(4096, '\0'));
}

TEST_P(WritingTest, SynchronousWritesWork) {
  for (const int flag : {O_SYNC, O_DSYNC}) {
    const Descriptor file = Open("f", O_CREAT | O_RDWR | flag);
    WriteAt(file, "content", 0);
    EXPECT_EQ(ReadAt(file, 10, 0), "content");
  }
}

TEST_P(WritingTest, ALimitedSizeIsTooBigAndASignal) {
  const auto write_beyond = [](bool ignore) {
    return InChild([=] {
      signal(SIGXFSZ, ignore ? SIG_IGN : SIG_DFL);
      const rlimit no_core{0, 0}, limit{1000, 1000};
      setrlimit(RLIMIT_CORE, &no_core);
      setrlimit(RLIMIT_FSIZE, &limit);
      const int fd = open("f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
      return pwrite(fd, "x", 1, 1000);
    });
  };
  EXPECT_EQ(write_beyond(true), "EFBIG");
  EXPECT_EQ(write_beyond(false), "signal " + std::to_string(SIGXFSZ));
  EXPECT_EQ(Status("f").st_size, 0);
}

TEST_P(WritingTest, AWriteOverTheLimitEndsAtIt) {
  EXPECT_EQ(InChild([] {
              signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{1000, 1000};
              setrlimit(RLIMIT_FSIZE, &limit);
              const int fd = open("f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
              const std::string data(1500, 'x');
              errno = EPROTO;
              return write(fd, data.data(), data.size()) == 1000 ? 0 : -1;
            }),
            "OK");
  EXPECT_EQ(Status("f").st_size, 1000);
}

TEST_P(WritingTest, TruncateAndFallocateKeepToTheLimit) {
  const auto limited = [](const std::function<long(int)>& call) {
    return InChild([&] {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{1000, 1000};
      setrlimit(RLIMIT_FSIZE, &limit);
      return call(open("f", O_CREAT | O_RDWR | O_CLOEXEC, 0644));
    });
  };
  EXPECT_EQ(limited([](int fd) { return ftruncate(fd, 1001); }), "EFBIG");
  EXPECT_EQ(limited([](int fd) { return ftruncate(fd, 1000); }), "OK");
  EXPECT_EQ(limited([](int fd) { return fallocate(fd, 0, 0, 1001); }), "EFBIG");
}

TEST_P(WritingTest, AFileCanBeAsLargeAsOffsetsGo) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Result(ftruncate(file.get(), largest())), "OK");
  EXPECT_EQ(Status(file).st_size, largest());
  WriteAt(file, "x", largest() - 1);
  EXPECT_EQ(ReadAt(file, 1, largest() - 1), "x");
  EXPECT_EQ(Result(pwrite(file.get(), "x", 1, largest())), local() ? "EFBIG" : "EINVAL");
  EXPECT_EQ(unlink("f"), 0);
}

TEST_P(WritingTest, BeyondTheLargestSizeNothingGoes) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Result(ftruncate(file.get(), -1)), "EINVAL");
  EXPECT_EQ(Result(pwrite(file.get(), "x", 1, -1)), "EINVAL");
  EXPECT_EQ(Result(pwrite(file.get(), "x", 1, INT64_MAX)), "EINVAL");
  EXPECT_EQ(Result(truncate("f", -1)), "EINVAL");
}

TEST_P(WritingTest, OpenForAppendAndTruncateWork) {
  Make("f", "content");
  const Descriptor file = Open("f", O_WRONLY | O_APPEND | O_TRUNC);
  EXPECT_EQ(write(file.get(), "new", 3), 3);
  EXPECT_EQ(Content("f"), "new");
}

TEST_P(WritingTest, ExclusiveCreationHappensOnce) {
  Make("f");
  EXPECT_EQ(Opening("f", O_CREAT | O_EXCL | O_WRONLY), "EEXIST");
  EXPECT_EQ(Opening("g", O_CREAT | O_EXCL | O_WRONLY), "OK");
}

TEST_P(WritingTest, ARunningProgramIsNotWritten) {
  Make("p");
  ASSERT_EQ(InChild([] { return system("cat /bin/sleep > p && chmod 755 p") == 0 ? 0 : -1; }),
            "OK");
  std::string name = "./p", seconds = "30";
  char* const arguments[] = {name.data(), seconds.data(), nullptr};
  pid_t child = 0;
  // Which returns once the program runs.
  ASSERT_EQ(posix_spawn(&child, "./p", nullptr, nullptr, arguments, environ), 0);
  EXPECT_EQ(Opening("p", O_WRONLY), "ETXTBSY");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST_P(WritingTest, AFileOpenForWritingIsNotRun) {
  ASSERT_EQ(InChild([] { return system("cat /bin/true > p && chmod 755 p") == 0 ? 0 : -1; }), "OK");
  const Descriptor writer = Open("p", O_WRONLY);
  EXPECT_EQ(InChild([] { return execl("./p", "p", nullptr); }), "ETXTBSY");
}

CHAINFS_CONFORMS(WritingTest);

}  // namespace
}  // namespace chainfs::conformance
