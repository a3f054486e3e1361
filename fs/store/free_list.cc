// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/free_list.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "fs/store/page_format.h"

namespace chainfs::fs::store {
namespace {

class FreeListWalk {
 public:
  FreeListWalk(int fd, uint64_t page_bytes, uint64_t first)
      : fd_(fd), page_bytes_(page_bytes), first_(first) {
    struct stat status;
    if (::fstat(fd, &status) == 0) pages_ = static_cast<uint64_t>(status.st_size) / page_bytes;
    pages_left_ = pages_;
  }

  bool Tree(uint64_t page, int depth);
  std::optional<Bytes> ReadPages(uint64_t page, uint64_t count);
  uint64_t found() const { return found_; }

 private:
  bool Node(ByteView page, size_t offset, bool branch, int depth);
  bool List(ByteView data);

  int fd_;
  uint64_t page_bytes_;
  uint64_t first_;
  uint64_t pages_ = 0;       // in the file
  uint64_t pages_left_ = 0;  // to read: a tree needs none twice, and a knot of them has no end
  uint64_t found_ = 0;
};

std::optional<Bytes> FreeListWalk::ReadPages(uint64_t page, uint64_t count) {
  if (page >= pages_ || count > pages_ - page || count > pages_left_) return std::nullopt;
  pages_left_ -= count;
  Bytes bytes(count * page_bytes_);
  for (size_t have = 0; have < bytes.size();) {
    const ssize_t n = ::pread(fd_, bytes.data() + have, bytes.size() - have,
                              static_cast<off_t>(page * page_bytes_ + have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    have += static_cast<size_t>(n);
  }
  return bytes;
}

bool FreeListWalk::Tree(uint64_t number, int depth) {
  if (depth > kMaxDepth) return false;
  const std::optional<Bytes> page = ReadPages(number, 1);
  if (!page) return false;
  const uint16_t flags = At<uint16_t>(*page, 10);
  const uint16_t lower = At<uint16_t>(*page, 12);
  if (At<uint64_t>(*page, 0) != number || !(flags & (kBranchPage | kLeafPage))) return false;
  if (lower < kPageHeaderBytes || lower > page_bytes_) return false;
  for (size_t at = kPageHeaderBytes; at + 2 <= lower; at += 2) {
    const size_t offset = At<uint16_t>(*page, at);
    if (!Node(*page, offset, flags & kBranchPage, depth)) return false;
  }
  return true;
}

bool FreeListWalk::Node(ByteView page, size_t offset, bool branch, int depth) {
  if (offset + kNodeHeaderBytes > page.size()) return false;
  const uint64_t low = At<uint16_t>(page, offset), high = At<uint16_t>(page, offset + 2);
  const uint16_t flags = At<uint16_t>(page, offset + 4);
  const uint64_t number = low | high << 16;
  if (branch) return Tree(number | uint64_t{flags} << 32, depth + 1);
  const size_t data = offset + kNodeHeaderBytes + At<uint16_t>(page, offset + 6);
  if (!(flags & kDataElsewhere)) {
    return data + number <= page.size() && List(page.subspan(data, number));
  }
  if (data + 8 > page.size()) return false;
  const uint64_t overflow = At<uint64_t>(page, data);
  const std::optional<Bytes> elsewhere = ReadPages(overflow, OverflowPages(number, page_bytes_));
  return elsewhere && At<uint64_t>(*elsewhere, 0) == overflow &&
         (At<uint16_t>(*elsewhere, 10) & kOverflowPage) &&
         List(ByteView(*elsewhere).subspan(kPageHeaderBytes, number));
}

bool FreeListWalk::List(ByteView data) {
  if (data.size() < 8) return false;
  const uint64_t count = At<uint64_t>(data, 0);
  if (count > data.size() / 8 - 1) return false;
  for (uint64_t i = 1; i <= count; ++i) {
    if (At<uint64_t>(data, i * 8) >= first_) ++found_;
  }
  return true;
}

}  // namespace

std::optional<uint64_t> CountFreePagesFrom(int fd, uint64_t page_bytes, uint64_t transaction,
                                           uint64_t first) {
  FreeListWalk walk(fd, page_bytes, first);
  const std::optional<Bytes> page = walk.ReadPages(transaction & 1, 1);
  if (!page) return std::nullopt;
  const ByteView meta = ByteView(*page).subspan(kPageHeaderBytes);
  if (At<uint32_t>(meta, 0) != kLmdbMagic || At<uint32_t>(meta, 4) != kLmdbVersion ||
      At<uint64_t>(meta, 128) != transaction) {
    return std::nullopt;
  }
  const uint64_t root = At<uint64_t>(meta, 64);
  if (root != kNoPage && !walk.Tree(root, 1)) return std::nullopt;
  return walk.found();
}

}  // namespace chainfs::fs::store
