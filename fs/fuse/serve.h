// SPDX-License-Identifier: GPL-3.0-or-later
// The border between FUSE and the volume: an operation is run, its exceptions caught, its failure
// logged once if it is alarming, and its request answered exactly once.
//
// A handler is one call of Serve() with two functions:
//   operation(Volume&) -> Result<T>   may throw, may wait;
//   answer(fuse_req_t, const T&)      one fuse_reply_*(); must not throw. Without T for void.
//
// Over io_uring an operation that waits is handed to a worker. Pointers into the request (names,
// data) stay valid there, because the kernel reuses its buffer only after the answer; what libfuse
// keeps on its stack (fuse_file_info, struct stat) must be captured by value.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

#include "fs/fuse/context.h"
#include "fs/fuse/errno.h"
#include "fs/fuse/library.h"
#include "fs/fuse/ring.h"
#include "fs/volume.h"

namespace chainfs::fs::fuse {

// Why an operation may be worth another thread.
enum class Effort {
  kQuick,   // it is not
  kMemory,  // waits for a commit if dirty memory is full
  kDisk,    // waits for a commit, or takes long
  kBulk,    // takes a while on the CPU, and there may be others
};

// Who is calling: for the log, and to choose a thread.
struct Call {
  const char* name;
  fuse_ino_t inode;
  Effort effort = Effort::kQuick;
};

Context& ContextOf(fuse_req_t request);

// Whether to serve the request on a worker's thread.
bool ShouldHandOver(fuse_req_t request, Effort effort);

// Logs the error if it is alarming: once per operation, inode and message, not for every retry. Of
// damage it says the path, which no other line at this level does. Never throws.
void LogIfAlarming(Volume& volume, const Call& call, const Error& error);

// Runs the operation. What it throws becomes an Error.
template <class Operation>
std::invoke_result_t<Operation&, Volume&> Attempt(Operation& operation, Volume& volume) {
  try {
    return operation(volume);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kNoMemory, "out of memory"};
  } catch (const std::exception& exception) {
    return Error{ErrorCode::kIo, exception.what()};
  }
}

// Answers with what the operation gave. `ring` is where the request came from if this is not its
// thread.
template <class Outcome, class Answer>
void AnswerWith(fuse_req_t request, const Call& call, const Outcome& result, Answer& answer,
                Ring* ring) {
  if (!result) LogIfAlarming(ContextOf(request).volume, call, result.error());
  std::unique_lock<std::mutex> lock;
  if (ring != nullptr) lock = std::unique_lock(ring->answering());
  if (!result) {
    fuse_reply_err(request, ToErrno(result.error().code));
  } else if constexpr (requires { *result; }) {
    answer(request, *result);
  } else {
    answer(request);
  }
}

template <class Operation, class Answer>
void RunAndAnswer(fuse_req_t request, const Call& call, Operation& operation, Answer& answer,
                  Ring* ring) {
  AnswerWith(request, call, Attempt(operation, ContextOf(request).volume), answer, ring);
}

// Gives `submit` a job that serves the request on another thread. False: there is no memory for
// it, and the request is still the caller's.
template <class Operation, class Answer, class Submit>
bool HandOver(fuse_req_t request, Call call, Operation operation, Answer answer, Submit submit) {
  Ring* const ring = Ring::Current();
  if (ring != nullptr) ring->BeginHandOver();
  try {
    submit(MakeJob([=]() mutable {
      RunAndAnswer(request, call, operation, answer, ring);
      if (ring != nullptr) ring->EndHandOver();
    }));
    return true;
  } catch (const std::bad_alloc&) {
    if (ring != nullptr) ring->EndHandOver();
    return false;
  }
}

template <class Operation, class Answer>
void Serve(fuse_req_t request, Call call, Operation operation, Answer answer) {
  if (ShouldHandOver(request, call.effort)) {
    WorkerPool& workers = ContextOf(request).workers;
    auto submit = [&](std::unique_ptr<Job> job) { workers.Submit(std::move(job)); };
    if (HandOver(request, call, operation, answer, submit)) return;
  }
  RunAndAnswer(request, call, operation, answer, nullptr);
}

// One try of ServeFromMemoryOrDisk on the thread of a ring, which goes on with other requests until
// what is missing has been read.
template <class Operation, class Answer>
void ServeFromMemory(fuse_req_t request, Call call, Operation operation, Answer answer,
                     unsigned tries_left) {
  store::DiskRange missing;
  auto from_memory = [&](Volume& volume) { return operation(volume, &missing); };
  const auto result = Attempt(from_memory, ContextOf(request).volume);
  if (result || result.error().code != ErrorCode::kWouldWait) {
    return AnswerWith(request, call, result, answer, nullptr);
  }
  auto again = [=] { ServeFromMemory(request, call, operation, answer, tries_left - 1); };
  if (tries_left > 0 && Ring::Current()->WhenRead(missing, again)) return;
  auto waiting = [=](Volume& volume) { return operation(volume, nullptr); };
  call.effort = Effort::kDisk;
  Serve(request, call, waiting, answer);
}

// The same as Serve for operation(Volume&, store::DiskRange*), which mostly finds all it needs in
// memory.
template <class Operation, class Answer>
void ServeFromMemoryOrDisk(fuse_req_t request, Call call, Operation operation, Answer answer) {
  constexpr unsigned kTries = 3;  // what has been read may be gone again
  if (CameOverIoUring(request)) return ServeFromMemory(request, call, operation, answer, kTries);
  auto waiting = [=](Volume& volume) { return operation(volume, nullptr); };
  Serve(request, call, waiting, answer);
}

// The same as Serve, after the kernel has written the dirty pages of `call.inode`: what it does not
// do before an LSEEK.
template <class Operation, class Answer>
void ServeFlushed(fuse_req_t request, Call call, Operation operation, Answer answer) {
  Notifier& notifier = ContextOf(request).notifier;
  auto submit = [&](std::unique_ptr<Job> job) { notifier.FlushThen(call.inode, std::move(job)); };
  if (!HandOver(request, call, operation, answer, submit)) {
    fuse_reply_err(request, ToErrno(ErrorCode::kNoMemory));
  }
}

// The answer to an operation that gives nothing.
inline void AnswerDone(fuse_req_t request) { fuse_reply_err(request, 0); }

}  // namespace chainfs::fs::fuse
