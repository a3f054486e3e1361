// SPDX-License-Identifier: GPL-3.0-or-later
// Where an operation puts bytes that its answer will carry.
#pragma once

#include "crypto/base/types.h"
#include "fs/fuse/library.h"

namespace chainfs::fs::fuse {

// At least `size` bytes, valid until the request is answered: the request's own payload buffer over
// io_uring, which spares a copy, else one that the calling thread keeps for the next call.
// REQUIRES: the request carries no data that is still needed.
MutableByteView ReplyBuffer(fuse_req_t request, size_t size);

// Answers with bytes, from that buffer or any other.
void AnswerBytes(fuse_req_t request, ByteView bytes);

}  // namespace chainfs::fs::fuse
