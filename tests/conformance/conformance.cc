// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/conformance/conformance.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace chainfs::conformance {
namespace {

constexpr int kCannotBecome = 255;

std::string NameOf(int error) {
  const char* const name = strerrorname_np(error);
  return error == 0 ? "OK" : name != nullptr ? name : "error " + std::to_string(error);
}

std::string Fork(const std::function<bool()>& become, const Call& call) {
  const pid_t child = fork();
  if (child == 0) {
    if (!become()) _exit(kCannotBecome);
    _exit(call() < 0 ? errno : 0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return NameOf(WEXITSTATUS(status));
}

}  // namespace

std::string Result(long returned) { return NameOf(returned < 0 ? errno : 0); }

std::string Opening(const std::string& name, int flags, mode_t mode) {
  const Descriptor file(open(name.c_str(), flags | O_CLOEXEC, mode));
  return Result(file.get());
}

std::string AsUser(uid_t user, gid_t group, const std::vector<gid_t>& groups, const Call& call) {
  const auto become = [&] {
    return setgroups(groups.size(), groups.data()) == 0 && setresgid(group, group, group) == 0 &&
           setresuid(user, user, user) == 0;
  };
  return Fork(become, call);
}

std::string AsUser(uid_t user, const Call& call) { return AsUser(user, user, {}, call); }

std::string InChild(const Call& call) {
  return Fork([] { return true; }, call);
}

void AwaitTick() {
  timespec before{}, now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &before);
  do {
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
  } while (now.tv_nsec == before.tv_nsec);
}

void ConformanceTest::SetUp() {
  const Place& place = Place::Of(GetParam());
  if (!place.missing().empty()) GTEST_SKIP() << "SKIPPED: " << place.missing();
  ASSERT_TRUE(place.is_there()) << "not mounted";
  std::string form = place.root() + "/test-XXXXXX";
  ASSERT_NE(mkdtemp(form.data()), nullptr) << strerror(errno);
  directory_ = form;
  ASSERT_EQ(chmod(directory_.c_str(), 0755), 0);
  ASSERT_EQ(chdir(directory_.c_str()), 0);
  umask(022);
}

void ConformanceTest::TearDown() {
  EXPECT_EQ(chdir("/"), 0);
  if (directory_.empty()) return;
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
  EXPECT_FALSE(error) << error.message();
}

void ConformanceTest::Remount(const std::string& options) {
  ASSERT_EQ(chdir("/"), 0);
  Place::Of(GetParam()).Remount(options);
  ASSERT_EQ(chdir(directory_.c_str()), 0) << strerror(errno);
}

Descriptor ConformanceTest::Open(const std::string& name, int flags, mode_t mode) {
  Descriptor file(open(name.c_str(), flags | O_CLOEXEC, mode));
  EXPECT_TRUE(file) << name << ": " << strerror(errno);
  return file;
}

void ConformanceTest::Make(const std::string& name, const std::string& content, mode_t mode) {
  const Descriptor file = Open(name, O_WRONLY | O_CREAT | O_TRUNC);
  WriteAt(file, content, 0);
  EXPECT_EQ(fchmod(file.get(), mode), 0);
}

std::string ConformanceTest::Content(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

struct stat ConformanceTest::Status(const std::string& name) {
  struct stat status {};
  EXPECT_EQ(lstat(name.c_str(), &status), 0) << name << ": " << strerror(errno);
  return status;
}

struct stat ConformanceTest::Status(const Descriptor& file) {
  struct stat status {};
  EXPECT_EQ(fstat(file.get(), &status), 0) << strerror(errno);
  return status;
}

bool ConformanceTest::Exists(const std::string& name) {
  struct stat status {};
  return lstat(name.c_str(), &status) == 0;
}

int ConformanceTest::Rename(const std::string& from, const std::string& to, unsigned flags) {
  return static_cast<int>(
      syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags));
}

void ConformanceTest::WriteAt(const Descriptor& file, const std::string& data, off_t at) {
  EXPECT_EQ(pwrite(file.get(), data.data(), data.size(), at), static_cast<ssize_t>(data.size()))
      << strerror(errno);
}

std::string ConformanceTest::ReadAt(const Descriptor& file, size_t size, off_t at) {
  std::string data(size, 0);
  const ssize_t n = pread(file.get(), data.data(), data.size(), at);
  EXPECT_GE(n, 0) << strerror(errno);
  data.resize(n < 0 ? 0 : static_cast<size_t>(n));
  return data;
}

std::string SystemName(const testing::TestParamInfo<System>& info) {
  switch (info.param) {
    case System::kLocal:
      return "Local";
    case System::kClassic:
      return "Classic";
    case System::kIoUring:
      return "IoUring";
  }
  return "";
}

}  // namespace chainfs::conformance
