// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/worker_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <exception>

namespace chainfs::fs::fuse {

namespace {

// Whatever the thread is that started this one: as the process's first.
void BecomeOrdinary() {
  const sched_param parameter{};
  if (::sched_getscheduler(0) == SCHED_IDLE && ::sched_getscheduler(::getpid()) != SCHED_IDLE) {
    ::sched_setscheduler(0, SCHED_OTHER, &parameter);
  }
  cpu_set_t cpus;
  const bool known = ::sched_getaffinity(::getpid(), sizeof cpus, &cpus) == 0;
  if (known) ::sched_setaffinity(0, sizeof cpus, &cpus);
  pthread_setname_np(pthread_self(), "chainfs-worker");  // last: who has the name is ordinary
}

}  // namespace

std::thread StartQuietThread(std::unique_ptr<Job> body) {
  sigset_t all, old;
  sigfillset(&all);
  // A fault whose signal is blocked ends the process past every handler.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  struct Restore {
    sigset_t& mask;
    ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restore{old};
  return std::thread([owned = std::move(body)] {
    BecomeOrdinary();
    owned->Run();
  });
}

WorkerPool::WorkerPool(unsigned max_threads) : max_threads_(max_threads) {
  threads_.reserve(max_threads_);
  threads_.push_back(StartQuietThread(MakeJob([this] { Work(); })));
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::Submit(std::unique_ptr<Job>&& job) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(job));
  if (queue_.size() <= idle_) {
    wake_.notify_one();
    return;
  }
  if (threads_.size() == max_threads_) return;
  try {
    threads_.push_back(StartQuietThread(MakeJob([this] { Work(); })));
  } catch (const std::exception&) {
    // No more threads to be had: those that run will get to it.
  }
}

bool WorkerPool::HasRoom() const {
  std::lock_guard lock(mutex_);
  return queue_.size() < idle_ || threads_.size() < max_threads_;
}

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job->Run();
    job.reset();
    lock.lock();
  }
}

}  // namespace chainfs::fs::fuse
