// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/connection_control.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <charconv>
#include <string>

namespace chainfs::fs::fuse {
namespace {

constexpr int kDirectoryFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

// A fusectl filesystem that nobody else sees and that ends with its descriptor.
store::Descriptor MountPrivately() {
  const store::Descriptor context(fsopen("fusectl", FSOPEN_CLOEXEC));
  if (!context) return {};
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  return store::Descriptor(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

}  // namespace

ConnectionControl::ConnectionControl(unsigned device_minor) {
  const std::string name = std::to_string(device_minor);
  directory_ =
      store::Descriptor(open(("/sys/fs/fuse/connections/" + name).c_str(), kDirectoryFlags));
  if (directory_) return;
  const store::Descriptor root = MountPrivately();
  if (root) directory_ = store::Descriptor(openat(root.get(), name.c_str(), kDirectoryFlags));
}

std::optional<uint64_t> ConnectionControl::CountWaiting() const {
  const store::Descriptor file(openat(directory_.get(), "waiting", O_RDONLY | O_CLOEXEC));
  char text[32];
  const ssize_t size = file ? read(file.get(), text, sizeof text) : -1;
  uint64_t count = 0;
  if (size <= 0 || std::from_chars(text, text + size, count).ec != std::errc()) return {};
  return count;
}

bool ConnectionControl::Abort() const {
  const store::Descriptor file(openat(directory_.get(), "abort", O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), "1", 1) == 1;
}

}  // namespace chainfs::fs::fuse
