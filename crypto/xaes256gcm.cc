// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/xaes256gcm.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>

#include "crypto/openssl.h"

namespace chainfs::crypto {
namespace {

constexpr size_t kAesBlockBytes = 16;
constexpr size_t kAesKeyBytes = 32;

CipherContext NewCipherContext() {
  CipherContext context(EVP_CIPHER_CTX_new());
  RequireOpenSsl(context != nullptr, "EVP_CIPHER_CTX_new");
  return context;
}

// Looking a cipher up by name takes longer than sealing 4 KiB.
const EVP_CIPHER* Aes256Ecb() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  RequireOpenSsl(cipher != nullptr, "AES-256-ECB");
  return cipher;
}

const EVP_CIPHER* Aes256Gcm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  RequireOpenSsl(cipher != nullptr, "AES-256-GCM");
  return cipher;
}

// One context for each thread and direction; only key and nonce change from message to message.
EVP_CIPHER_CTX* ThreadSealContext() {
  thread_local CipherContext context = [] {
    CipherContext fresh = NewCipherContext();
    RequireOpenSsl(EVP_EncryptInit_ex2(fresh.get(), Aes256Gcm(), nullptr, nullptr, nullptr),
                   "AES-256-GCM");
    return fresh;
  }();
  return context.get();
}

EVP_CIPHER_CTX* ThreadOpenContext() {
  thread_local CipherContext context = [] {
    CipherContext fresh = NewCipherContext();
    RequireOpenSsl(EVP_DecryptInit_ex2(fresh.get(), Aes256Gcm(), nullptr, nullptr, nullptr),
                   "AES-256-GCM");
    return fresh;
  }();
  return context.get();
}

// Feeds `in` to the cipher; `out` is null for AAD. EVP counts in int, we in size_t.
void Update(EVP_CIPHER_CTX* context, ByteView in, uint8_t* out) {
  constexpr size_t kMost = size_t{1} << 30;
  while (!in.empty()) {
    const size_t n = std::min(in.size(), kMost);
    int written = 0;
    RequireOpenSsl(EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(n)),
                   "AES-256-GCM");
    if (out) out += n;
    in = in.subspan(n);
  }
}

}  // namespace

// AES-256 under the input key, and K1.
class Xaes256Gcm::KeySchedule {
 public:
  explicit KeySchedule(const SecretKey& key) : k1_(kAesBlockBytes) {
    for (Lane& lane : lanes_) {
      lane.context = NewCipherContext();
      RequireOpenSsl(EVP_EncryptInit_ex2(lane.context.get(), Aes256Ecb(), key.view().data(),
                                         nullptr, nullptr) &&
                         EVP_CIPHER_CTX_set_padding(lane.context.get(), 0),
                     "AES-256-ECB");
    }
    // Steps 1 and 2: K1 = L << 1, reduced, without a branch on the secret bit.
    MutableByteView k1 = k1_.mutable_view();
    Encrypt(k1, k1.data());
    const uint8_t carry = static_cast<uint8_t>(-(k1[0] >> 7));
    for (size_t i = 0; i + 1 < kAesBlockBytes; ++i) {
      k1[i] = static_cast<uint8_t>(k1[i] << 1 | k1[i + 1] >> 7);
    }
    k1[15] = static_cast<uint8_t>(k1[15] << 1 ^ (carry & 0x87));
  }

  // Steps 3 to 5.
  void DeriveMessageKey(const Nonce& nonce, uint8_t out[kAesKeyBytes]) const {
    uint8_t m[2 * kAesBlockBytes] = {0, 1, 'X', 0};
    std::memcpy(m + 4, nonce.data(), 12);
    std::memcpy(m + kAesBlockBytes, m, kAesBlockBytes);
    m[kAesBlockBytes + 1] = 2;
    ByteView k1 = k1_.view();
    for (size_t i = 0; i < sizeof(m); ++i) m[i] ^= k1[i % kAesBlockBytes];
    Encrypt(m, out);
    OPENSSL_cleanse(m, sizeof(m));
  }

 private:
  // A context serves one thread at a time, and expanding the key or copying a context for each
  // message would double the cost of a small one. So there are several, each with a flag; a thread
  // begins at its own and moves on if that is taken.
  struct alignas(64) Lane {
    std::atomic_flag busy;
    CipherContext context;
  };
  static constexpr size_t kLanes = 16;

  static size_t ThreadLane() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t lane = threads.fetch_add(1, std::memory_order_relaxed);
    return lane;
  }

  void Encrypt(ByteView blocks, uint8_t* out) const {
    size_t i = ThreadLane() % kLanes;
    while (lanes_[i].busy.test_and_set(std::memory_order_acquire)) i = (i + 1) % kLanes;
    int written = 0;
    const int ok = EVP_EncryptUpdate(lanes_[i].context.get(), out, &written, blocks.data(),
                                     static_cast<int>(blocks.size()));
    lanes_[i].busy.clear(std::memory_order_release);
    RequireOpenSsl(ok && written == static_cast<int>(blocks.size()), "AES-256-ECB");
  }

  mutable std::array<Lane, kLanes> lanes_;
  SecretBytes k1_;
};

Xaes256Gcm::MessageKey::MessageKey(const KeySchedule& schedule, const Nonce& nonce) {
  static_assert(sizeof(key_) == kAesKeyBytes);
  schedule.DeriveMessageKey(nonce, key_);
}

Xaes256Gcm::MessageKey::~MessageKey() { OPENSSL_cleanse(key_, sizeof(key_)); }

void Xaes256Gcm::MessageKey::Start(EVP_CIPHER_CTX* context, const Nonce& nonce) {
  RequireOpenSsl(EVP_CipherInit_ex2(context, nullptr, is_set_ ? nullptr : key_, nonce.data() + 12,
                                    -1, nullptr),
                 "AES-256-GCM");
  is_set_ = true;
}

Xaes256Gcm::Sealing::Sealing(const Xaes256Gcm& cipher, const Nonce& nonce)
    : key_(*cipher.schedule_, nonce) {}

void Xaes256Gcm::Sealing::Begin(const Nonce& nonce, ByteView aad) {
  key_.Start(ThreadSealContext(), nonce);
  Update(ThreadSealContext(), aad, nullptr);
}

void Xaes256Gcm::Sealing::Add(ByteView part, uint8_t* out) {
  Update(ThreadSealContext(), part, out);
}

void Xaes256Gcm::Sealing::Finish(uint8_t tag[kTagBytes]) {
  EVP_CIPHER_CTX* context = ThreadSealContext();
  int written = 0;
  RequireOpenSsl(EVP_EncryptFinal_ex(context, tag, &written) &&
                     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag),
                 "AES-256-GCM");
}

Xaes256Gcm::Opening::Opening(const Xaes256Gcm& cipher, const Nonce& nonce)
    : key_(*cipher.schedule_, nonce) {}

bool Xaes256Gcm::Opening::Open(const Nonce& nonce, ByteView aad, ByteView sealed,
                               MutableByteView out) {
  if (sealed.size() == out.size() + kTagBytes) {
    EVP_CIPHER_CTX* context = ThreadOpenContext();
    key_.Start(context, nonce);
    Update(context, aad, nullptr);
    Update(context, sealed.first(out.size()), out.data());
    uint8_t tag[kTagBytes];
    std::memcpy(tag, sealed.data() + out.size(), kTagBytes);
    uint8_t nothing[kAesBlockBytes];
    int written = 0;
    RequireOpenSsl(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag),
                   "AES-256-GCM");
    if (EVP_DecryptFinal_ex(context, nothing, &written) == 1) return true;
  }
  std::ranges::fill(out, uint8_t{0});  // nobody may see what was not authenticated
  return false;
}

Xaes256Gcm::Xaes256Gcm(const SecretKey& key) {
  assert(key.size() == kAesKeyBytes);
  schedule_ = std::make_unique<KeySchedule>(key);
}

Xaes256Gcm::~Xaes256Gcm() = default;

void Xaes256Gcm::Seal(const Nonce& nonce, ByteView aad, std::span<const ByteView> parts,
                      MutableByteView out) const {
  Sealing sealing(*this, nonce);
  sealing.Begin(nonce, aad);
  uint8_t* at = out.data();
  for (ByteView part : parts) {
    assert(part.size() + kTagBytes <= static_cast<size_t>(out.data() + out.size() - at));
    sealing.Add(part, at);
    at += part.size();
  }
  assert(at + kTagBytes == out.data() + out.size());
  sealing.Finish(at);
}

bool Xaes256Gcm::Open(const Nonce& nonce, ByteView aad, ByteView sealed,
                      MutableByteView out) const {
  return Opening(*this, nonce).Open(nonce, aad, sealed, out);
}

}  // namespace chainfs::crypto
