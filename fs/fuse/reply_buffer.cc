// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/reply_buffer.h"

#include <memory>

namespace chainfs::fs::fuse {
namespace {

// A thread's own buffer. Not a vector: that would zero what is about to be overwritten.
MutableByteView OwnBuffer(size_t size) {
  static thread_local std::unique_ptr<uint8_t[]> buffer;
  static thread_local size_t capacity = 0;
  if (size > capacity) {
    buffer.reset();
    capacity = 0;
    buffer = std::make_unique_for_overwrite<uint8_t[]>(size);
    capacity = size;
  }
  return {buffer.get(), size};
}

}  // namespace

MutableByteView ReplyBuffer([[maybe_unused]] fuse_req_t request, size_t size) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
  char* payload = nullptr;
  size_t capacity = 0;
  if (fuse_req_get_payload(request, &payload, &capacity, nullptr) == 0 && capacity >= size) {
    return {reinterpret_cast<uint8_t*>(payload), size};
  }
#endif
  return OwnBuffer(size);
}

void AnswerBytes(fuse_req_t request, ByteView bytes) {
  fuse_reply_buf(request, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace chainfs::fs::fuse
