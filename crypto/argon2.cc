// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/argon2.h"

#include <argon2.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "crypto/available_memory.h"
#include "crypto/key_schedule.h"

namespace chainfs::crypto {
namespace {

constexpr uint32_t kMostCalibratedKib = 1024 * 1024;
constexpr uint32_t kMostCalibratedLanes = 4;
constexpr uint32_t kUsualIterations = 3;
constexpr uint32_t kProbeKib = 64 * 1024;

Error NotEnoughMemory(const Argon2Cost& cost) {
  return {ErrorCode::kNoMemory, "this key slot needs " + std::to_string(cost.memory_kib / 1024) +
                                    " MiB of free memory to check a passphrase, and there is less;"
                                    " close other programs, or use the recovery key, which needs "
                                    "none"};
}

}  // namespace

bool IsAllowed(const Argon2Cost& cost) {
  const auto within = [&](auto field) {
    return cost.*field >= kMinArgon2Cost.*field && cost.*field <= kMaxArgon2Cost.*field;
  };
  return within(&Argon2Cost::memory_kib) && within(&Argon2Cost::iterations) &&
         within(&Argon2Cost::lanes);
}

Result<SecretKey> Argon2id(ByteView passphrase, ByteView salt, const Argon2Cost& cost,
                           uint64_t available_bytes) {
  assert(IsAllowed(cost));
  if (uint64_t{cost.memory_kib} * 1024 > available_bytes) return NotEnoughMemory(cost);
  SecretKey key(kKeyBytes);
  const int status = argon2id_hash_raw(cost.iterations, cost.memory_kib, cost.lanes,
                                       passphrase.data(), passphrase.size(), salt.data(),
                                       salt.size(), key.mutable_view().data(), key.size());
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR) return NotEnoughMemory(cost);
  if (status != ARGON2_OK) {
    throw std::runtime_error(std::string("Argon2id failed: ") + argon2_error_message(status));
  }
  return key;
}

Argon2Cost ChooseArgon2Cost(double kib_per_ms, uint32_t target_ms, uint64_t available_bytes,
                            uint32_t lanes) {
  const uint64_t budget_kib = static_cast<uint64_t>(kib_per_ms * target_ms);
  const uint64_t most_kib = std::clamp<uint64_t>(available_bytes / 2 / 1024,
                                                 kMinArgon2Cost.memory_kib, kMostCalibratedKib);
  const uint64_t memory_kib =
      std::clamp<uint64_t>(budget_kib / kUsualIterations, kMinArgon2Cost.memory_kib, most_kib) &
      ~uint64_t{1023};  // whole MiB
  const uint64_t iterations = std::clamp<uint64_t>(
      budget_kib / memory_kib, kMinArgon2Cost.iterations, kMaxArgon2Cost.iterations);
  return {static_cast<uint32_t>(memory_kib), static_cast<uint32_t>(iterations), lanes};
}

Argon2Cost CalibrateArgon2(uint32_t target_ms) {
  using Clock = std::chrono::steady_clock;
  const uint64_t available = AvailableMemoryBytes();
  const uint32_t lanes = std::clamp(std::thread::hardware_concurrency(), 1u, kMostCalibratedLanes);
  const uint32_t probe_kib =
      available / 2 / 1024 >= kProbeKib ? kProbeKib : kMinArgon2Cost.memory_kib;
  const Bytes salt(16);
  double best_ms = 0;
  for (int i = 0; i < 3; ++i) {  // the first one also warms the machine up
    const Clock::time_point start = Clock::now();
    if (!Argon2id({}, salt, {probe_kib, 1, lanes}, available)) return kMinArgon2Cost;
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    best_ms = i == 0 ? ms : std::min(best_ms, ms);
  }
  return ChooseArgon2Cost(probe_kib / best_ms, target_ms, available, lanes);
}

}  // namespace chainfs::crypto
