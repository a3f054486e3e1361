// SPDX-License-Identifier: GPL-3.0-or-later
// The tree lock: shared to read, exclusive to change or to freeze. Prefers the writer, unlike
// std::shared_mutex on glibc: a stream of readers must not keep a change or a freeze waiting.
// Not recursive. Meets the SharedMutex requirements that std::shared_lock and std::unique_lock use.
#pragma once

#include <pthread.h>

namespace chainfs::fs {

class TreeMutex {
 public:
  TreeMutex() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  TreeMutex(const TreeMutex&) = delete;
  TreeMutex& operator=(const TreeMutex&) = delete;
  ~TreeMutex() { pthread_rwlock_destroy(&lock_); }

  void lock() { pthread_rwlock_wrlock(&lock_); }
  void unlock() { pthread_rwlock_unlock(&lock_); }
  void lock_shared() { pthread_rwlock_rdlock(&lock_); }
  void unlock_shared() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

}  // namespace chainfs::fs
