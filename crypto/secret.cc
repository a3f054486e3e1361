// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

namespace chainfs::crypto {
namespace {

size_t MappedSize(size_t size_bytes) {
  static const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (size_bytes + page - 1) / page * page;
}

// A child of fork(2) inherits the memory but not its locks, and the daemon forks into the
// background with keys in hand. So living secrets are listed, and the child locks them again.
// Never destroyed: secrets in static objects may outlive it.
class LockedPages {
 public:
  static LockedPages& Instance() {
    static LockedPages& pages = *new LockedPages;
    return pages;
  }

  void Add(void* start, size_t size) {
    // Best effort: with too small an RLIMIT_MEMLOCK the secret is still wiped and never dumped.
    (void)mlock(start, size);
    std::lock_guard guard(mutex_);
    pages_.emplace(start, size);
  }

  void Remove(void* start) {
    std::lock_guard guard(mutex_);
    pages_.erase(start);
  }

 private:
  LockedPages() {
    pthread_atfork([] { Instance().mutex_.lock(); }, [] { Instance().mutex_.unlock(); },
                   [] {
                     for (auto [start, size] : Instance().pages_) (void)mlock(start, size);
                     Instance().mutex_.unlock();
                   });
  }

  std::mutex mutex_;
  std::map<void*, size_t> pages_;
};

}  // namespace

SecretBytes::SecretBytes(size_t size_bytes) : size_(size_bytes) {
  if (size_bytes == 0) return;
  // Pages of its own: mlock works on whole pages and does not nest.
  size_t mapped = MappedSize(size_bytes);
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  (void)madvise(start, mapped, MADV_DONTDUMP);
  LockedPages::Instance().Add(start, mapped);
  data_ = static_cast<uint8_t*>(start);
}

SecretBytes SecretBytes::CopyOf(ByteView bytes) {
  SecretBytes copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.data_, bytes.data(), bytes.size());
  return copy;
}

SecretBytes SecretBytes::CopyOf(std::string_view text) {
  return CopyOf(ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SecretBytes::~SecretBytes() {
  if (!data_) return;
  OPENSSL_cleanse(data_, size_);
  LockedPages::Instance().Remove(data_);
  munmap(data_, MappedSize(size_));
}

bool EqualConstantTime(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void ForbidCoreDumps() {
  const rlimit none{0, 0};
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot forbid core dumps");
  }
}

}  // namespace chainfs::crypto
