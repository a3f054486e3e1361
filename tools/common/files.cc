// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "fs/store/descriptor.h"

namespace chainfs::tools {

using fs::store::Descriptor;

Outcome<Bytes> ReadWholeFile(const std::string& path, size_t max_bytes) {
  Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return SystemFailure("cannot open " + path, errno);
  Bytes content;
  std::array<uint8_t, 65536> buffer;
  for (;;) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemFailure("cannot read " + path, errno);
    if (n == 0) return content;
    content.insert(content.end(), buffer.begin(), buffer.begin() + n);
    if (content.size() > max_bytes) {
      return Failure{ExitCode::kUsage,
                     path + ": too long, at most " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

Outcome<void> WriteNewFile(const std::string& path, ByteView content) {
  Descriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd && errno == EEXIST) {
    return Failure{ExitCode::kVaultExists, path + " is there already"};
  }
  if (!fd) return SystemFailure("cannot make " + path, errno);
  while (!content.empty()) {
    const ssize_t n = write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    content = content.subspan(static_cast<size_t>(n));
  }
  if (content.empty() && fsync(fd.get()) == 0) return {};
  const int error_number = errno;
  unlink(path.c_str());
  return SystemFailure("cannot write " + path, error_number);
}

Outcome<void> FlushOutput() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return SystemFailure("cannot write the output", errno == 0 ? EIO : errno);
}

}  // namespace chainfs::tools
