// SPDX-License-Identifier: GPL-3.0-or-later
// A small filesystem of a test's own, to fill up and to break. No threads.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace chainfs::fs::store {

constexpr uint64_t kSmallDiskBytes = 32 << 20;

// A filesystem of 32 MiB, mounted below `where`. Ready() is false where the system does not allow.
class SmallDisk {
 public:
  SmallDisk(const std::string& where, const std::string& type) : path_(where + "/disk") {
    std::filesystem::create_directory(path_);
    if (type == "tmpfs") {
      const std::string size = "size=" + std::to_string(kSmallDiskBytes);
      ready_ = ::mount("none", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
      return;
    }
    image_ = where + "/image";
    std::ofstream(image_).close();
    std::filesystem::resize_file(image_, kSmallDiskBytes);
    ready_ = std::system(("mkfs." + type + " -q -F -m 0 '" + image_ + "'").c_str()) == 0 && Mount();
  }
  ~SmallDisk() {
    if (ready_) ::umount(path_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  bool Ready() const { return ready_; }
  const std::string& path() const { return path_; }
  uint64_t FreeBytes() const {
    struct statvfs status;
    return ::statvfs(path_.c_str(), &status) == 0 ? status.f_bavail * status.f_frsize : 0;
  }
  // From now on every write fails with EIO, as on a device that is gone. Not on tmpfs.
  bool Break() const {
    constexpr unsigned long kGoingDown = _IOR('X', 125, uint32_t);  // ext4's and xfs's SHUTDOWN
    uint32_t without_flushing = 2;
    const int fd = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool down = ::ioctl(fd, kGoingDown, &without_flushing) == 0;
    ::close(fd);
    return down;
  }
  // The device is back. REQUIRES: nothing on it is open.
  bool Remount() { return ::umount(path_.c_str()) == 0 && Mount(); }

  // Leaves about this much room; called again with more, it gives some back.
  void LeaveFree(uint64_t bytes) {
    const int fd = ::open((path_ + "/hog").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::fsync(fd);  // ext4 gives blocks back when its journal is through with them
    off_t at = 0;
    // The filesystem's own bookkeeping may want some: towards the end in small steps.
    for (off_t step = off_t{1} << 20; step >= 4096; step /= 2) {
      while (FreeBytes() >= bytes + static_cast<uint64_t>(step) &&
             ::posix_fallocate(fd, at, step) == 0) {
        at += step;
      }
    }
    ::close(fd);
  }

 private:
  bool Mount() {
    const std::string command = "mount -o loop '" + image_ + "' '" + path_ + "' 2>/dev/null";
    return std::system(command.c_str()) == 0;
  }

  std::string path_, image_;
  bool ready_ = false;
};

}  // namespace chainfs::fs::store
