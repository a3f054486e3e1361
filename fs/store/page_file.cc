// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace chainfs::fs::store {

bool ReadAt(int fd, MutableByteView bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = 0;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return true;
}

PageFile::PageFile(int fd, uint64_t page_bytes) : fd_(fd), page_bytes_(page_bytes) {
  struct stat status;
  if (::fstat(fd, &status) == 0) pages_ = static_cast<uint64_t>(status.st_size) / page_bytes;
}

bool PageFile::ReadPage(uint64_t page, Bytes& bytes) const {
  bytes.resize(page_bytes_);
  return ReadAt(fd_, bytes, page * page_bytes_);
}

bool PageFile::Read(uint64_t page, uint64_t offset, MutableByteView bytes) const {
  return ReadAt(fd_, bytes, page * page_bytes_ + offset);
}

void PageFile::WillNeed(uint64_t page, uint64_t count) const {
  ::posix_fadvise(fd_, static_cast<off_t>(page * page_bytes_),
                  static_cast<off_t>(count * page_bytes_), POSIX_FADV_WILLNEED);
}

void PageFindings::Add(uint64_t page, PageSeverity severity, std::string what) {
  any_fatal_ = any_fatal_ || severity == PageSeverity::kFatal;
  if (report_.findings.size() >= kMaxFindings) {
    ++report_.further_findings;
    return;
  }
  if (what.size() > kMaxFindingBytes) what.resize(kMaxFindingBytes);
  report_.findings.push_back({page, severity, std::move(what)});
}

std::string WhyNotRead(int error) {
  return error != 0 ? std::strerror(error) : "the file ends before it";
}

std::string Printable(ByteView name) {
  constexpr size_t kShown = 40;
  std::string out;
  for (uint8_t byte : name.first(std::min(name.size(), kShown))) {
    out += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '?';
  }
  return name.size() > kShown ? out + "..." : out;
}

}  // namespace chainfs::fs::store
