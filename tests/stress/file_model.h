// SPDX-License-Identifier: GPL-3.0-or-later
// One file as it should be, and what was done to it.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/stress/sparse_content.h"

namespace chainfs::stress {

// Owns a file descriptor, or none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct FileModel {
  uint64_t id = 0;
  uint64_t thread = 0;
  uint64_t base = 0;            // where the window begins in which most operations take place
  uint64_t window = 0;          // its bytes
  std::set<std::string> names;  // relative to the top directory; none: unlinked, and still open
  SparseContent content;
  Descriptor fd;
  uint64_t position = 0;         // of fd
  bool synced = false;           // nothing was done to it since an fsync returned
  uint64_t rests_until = 0;      // number of the operation before which nothing changes it
  std::deque<std::string> done;  // the last operations, oldest first
};

using Files = std::vector<std::unique_ptr<FileModel>>;

// The filesystem did what it must not.
class Finding : public std::runtime_error {
 public:
  explicit Finding(const std::string& what, std::optional<uint64_t> offset = {})
      : std::runtime_error(what), offset_(offset) {}
  std::optional<uint64_t> offset() const { return offset_; }  // of the first wrong byte

 private:
  std::optional<uint64_t> offset_;
};

}  // namespace chainfs::stress
