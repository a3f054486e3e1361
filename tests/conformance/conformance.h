// SPDX-License-Identifier: GPL-3.0-or-later
// One test a rule, of what programs expect of a local filesystem: first on the local disk, which
// shows that the test is right, then through a mounted vault, over each transport.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "fs/store/descriptor.h"
#include "tests/conformance/place.h"

namespace chainfs::conformance {

using fs::store::Descriptor;

// What a system call said: "OK", or the name of its error, such as "ENOENT".
std::string Result(long returned);

// The same of an attempt to open, which is closed at once.
std::string Opening(const std::string& name, int flags, mode_t mode = 0644);

// Runs the call in a child process that has become another user, and says what came of it, as
// Result does. It must not use gtest's macros: the child's failures would be lost.
using Call = std::function<long()>;
constexpr uid_t kUser = 4711, kOther = 4712;
std::string AsUser(uid_t user, gid_t group, const std::vector<gid_t>& groups, const Call& call);
std::string AsUser(uid_t user, const Call& call);  // of the group with the same number
std::string InChild(const Call& call);             // as root

// Until the clock that times of files are taken from has moved.
void AwaitTick();

class ConformanceTest : public testing::TestWithParam<System> {
 protected:
  void SetUp() override;  // an empty directory, which becomes the working directory; umask is 022
  void TearDown() override;

  bool local() const { return GetParam() == System::kLocal; }
  // Of the vault; on the local disk nothing happens.
  void Remount(const std::string& options = "");
  const std::string& root() const { return Place::Of(GetParam()).root(); }
  const std::string& directory() const { return directory_; }

  // Fails the test if it cannot be opened.
  static Descriptor Open(const std::string& name, int flags = O_RDWR | O_CREAT, mode_t mode = 0644);
  static void Make(const std::string& name, const std::string& content = "", mode_t mode = 0644);
  static std::string Content(const std::string& name);
  static struct stat Status(const std::string& name);  // of a symbolic link itself
  static struct stat Status(const Descriptor& file);
  static mode_t Mode(const std::string& name) { return Status(name).st_mode & 07777; }
  static bool Exists(const std::string& name);
  static int Rename(const std::string& from, const std::string& to, unsigned flags = 0);
  static void WriteAt(const Descriptor& file, const std::string& data, off_t at);
  static std::string ReadAt(const Descriptor& file, size_t size, off_t at);

 private:
  std::string directory_;
};

std::string SystemName(const testing::TestParamInfo<System>& info);

#define CHAINFS_CONFORMS(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(, suite,                                                 \
                           testing::Values(chainfs::conformance::System::kLocal,    \
                                           chainfs::conformance::System::kClassic,  \
                                           chainfs::conformance::System::kIoUring), \
                           chainfs::conformance::SystemName)

}  // namespace chainfs::conformance
