// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mount/io_uring_turned_on.h"

#include <fcntl.h>
#include <sys/file.h>

#include <fstream>

namespace chainfs::mount_test {
namespace {

constexpr const char* kParameter = "/sys/module/fuse/parameters/enable_uring";

std::string ReadParameter() {
  std::string value;
  std::ifstream(kParameter) >> value;
  return value;
}

void SetParameter(const std::string& value) { std::ofstream(kParameter) << value; }

}  // namespace

IoUringTurnedOn::IoUringTurnedOn()
    : lock_(open("/tmp/chainfs-test-enable-uring.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  flock(lock_.get(), LOCK_EX);
  before_ = ReadParameter();
  SetParameter("Y");
}

IoUringTurnedOn::~IoUringTurnedOn() { SetParameter(before_); }

bool IoUringTurnedOn::succeeded() const { return ReadParameter() == "Y"; }

}  // namespace chainfs::mount_test
