// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/resident_limit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

namespace chainfs::fs::store {
namespace {

// How much of this process's memory is mapped files. nullopt: /proc does not tell.
std::optional<size_t> MappedFileBytes() {
  const Descriptor statm(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[128];
  const ssize_t size = statm ? ::read(statm.get(), text, sizeof text - 1) : -1;
  if (size <= 0) return std::nullopt;
  text[size] = '\0';
  unsigned long total_pages = 0, resident_pages = 0, file_pages = 0;
  if (std::sscanf(text, "%lu %lu %lu", &total_pages, &resident_pages, &file_pages) != 3) {
    return std::nullopt;
  }
  return file_pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

void ResidentLimit::Look() {
  noted_.store(0, std::memory_order_relaxed);
  const std::optional<size_t> mapped = MappedFileBytes();
  if (!environment_.map || (mapped && *mapped <= kLimitBytes)) return;
  ::madvise(environment_.map, environment_.HighWaterBytes(), MADV_DONTNEED);
}

}  // namespace chainfs::fs::store
