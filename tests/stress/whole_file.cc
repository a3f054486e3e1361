// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stress/whole_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chainfs::stress {
namespace {

constexpr uint64_t kChunkBytes = 1 << 20;
constexpr uint64_t kWideGapBytes = 8 << 20;

[[noreturn]] void FailCall(const std::string& call) {
  throw Finding(call + ": " + std::strerror(errno));
}

uint64_t SizeOf(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) FailCall("fstat");
  return static_cast<uint64_t>(status.st_size);
}

// Where lseek finds data or a hole; nothing if there is none.
std::optional<uint64_t> Seek(int fd, uint64_t offset, int whence) {
  const off_t found = lseek(fd, static_cast<off_t>(offset), whence);
  if (found >= 0) return static_cast<uint64_t>(found);
  if (errno != ENXIO) FailCall(whence == SEEK_DATA ? "SEEK_DATA" : "SEEK_HOLE");
  return std::nullopt;
}

void ReadExactly(int fd, uint64_t offset, char* bytes, uint64_t count) {
  const ssize_t n = pread(fd, bytes, count, static_cast<off_t>(offset));
  if (n < 0) throw Finding(std::string("pread: ") + std::strerror(errno), offset);
  if (static_cast<uint64_t>(n) != count)
    throw Finding("pread gives " + std::to_string(n) + " of " + std::to_string(count), offset);
}

void CompareRange(int fd, const SparseContent& content, uint64_t begin, uint64_t end) {
  std::vector<char> bytes(std::min(kChunkBytes, end - begin));
  for (uint64_t offset = begin; offset < end; offset += kChunkBytes) {
    const uint64_t count = std::min(kChunkBytes, end - offset);
    ReadExactly(fd, offset, bytes.data(), count);
    if (const auto wrong = content.FirstDifference(offset, bytes.data(), count))
      throw Finding("wrong byte", wrong);
  }
}

void CompareHoles(int fd, const SparseContent& content) {
  for (uint64_t offset = 0; offset < content.size();) {
    const uint64_t data = Seek(fd, offset, SEEK_DATA).value_or(content.size());
    if (const auto lost = content.FirstNonZero(offset, data))
      throw Finding("SEEK_DATA skips data", lost);
    if (data >= content.size()) return;
    const uint64_t hole = Seek(fd, data, SEEK_HOLE).value_or(0);
    if (hole <= data) throw Finding("SEEK_HOLE finds a hole where SEEK_DATA finds data", data);
    offset = hole;
  }
}

}  // namespace

void CompareWhole(int fd, const SparseContent& content) {
  const uint64_t size = SizeOf(fd);
  if (size != content.size()) {
    throw Finding("size is " + std::to_string(size) + ", not " + std::to_string(content.size()),
                  std::min(size, content.size()));
  }
  uint64_t begin = 0;
  // A gap ends at the next page that the model has, or at the end.
  const auto compare_up_to = [&](uint64_t end) {
    if (end - begin <= kWideGapBytes) return CompareRange(fd, content, begin, end);
    CompareRange(fd, content, begin, begin + kChunkBytes);
    CompareRange(fd, content, end - kChunkBytes, end);
  };
  for (const auto& [index, page] : content.pages()) {
    const uint64_t start = index * SparseContent::kPageBytes;
    if (start - begin < kChunkBytes) continue;
    compare_up_to(start);
    begin = start;
  }
  compare_up_to(size);
  CompareHoles(fd, content);
}

void CompareSeek(int fd, const SparseContent& content, uint64_t offset) {
  const auto data = Seek(fd, offset, SEEK_DATA), hole = Seek(fd, offset, SEEK_HOLE);
  const uint64_t size = content.size();
  if (offset >= size) {
    if (data || hole) throw Finding("lseek finds something past the end", offset);
    return;
  }
  if (const auto lost = content.FirstNonZero(offset, data.value_or(size)))
    throw Finding("SEEK_DATA skips data", lost);
  if (data && (*data < offset || *data >= size))
    throw Finding("SEEK_DATA gives " + std::to_string(*data), offset);
  if (!hole || *hole < offset || *hole > size || (*hole == offset) == (data == offset))
    throw Finding("SEEK_HOLE gives " + (hole ? std::to_string(*hole) : "ENXIO"), offset);
}

SparseContent ReadWhole(int fd) {
  SparseContent content;
  const uint64_t size = SizeOf(fd);
  std::vector<char> bytes(kChunkBytes);
  for (auto data = Seek(fd, 0, SEEK_DATA); data && *data < size;
       data = Seek(fd, *data, SEEK_DATA)) {
    const uint64_t hole = Seek(fd, *data, SEEK_HOLE).value_or(size);
    if (hole <= *data) throw Finding("SEEK_HOLE finds a hole where SEEK_DATA finds data", data);
    while (*data < hole) {
      const uint64_t count = std::min(kChunkBytes, hole - *data);
      ReadExactly(fd, *data, bytes.data(), count);
      content.Write(*data, bytes.data(), count);
      *data += count;
    }
  }
  content.Resize(size);
  return content;
}

}  // namespace chainfs::stress
