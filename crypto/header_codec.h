// SPDX-License-Identifier: GPL-3.0-or-later
// The header's bytes; docs/format-header.md has the tables. Knows where things are and which values
// are possible, not what is in the sealed parts. Thread-safe.
//
//   0    8      12     16     20    24     32      48       80        112   136     184
//   +----+------+------+------+-----+------+-------+--------+---------+-----+-------+-----+-------+
//   |mag.|format|min.  |length|suite|flags |volume |genesis |previous |seed |sealed |slot |slots  |
//   |    |      |reader|      |     |      |id     |link    |header   |nonce|seed   |count|152 ea.|
//   +----+------+------+------+-----+------+-------+--------+---------+-----+-------+-----+-------+
//   then HMAC-SHA256 of all that, then SHA-256 of all that.
//
// Magic, format, minimum reader, length, and the checksum at the end keep their places in every
// version, so that damage is never taken for a new format, nor for a wrong passphrase.
#pragma once

#include <vector>

#include "crypto/argon2.h"
#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "crypto/key_schedule.h"

namespace chainfs::crypto {

constexpr size_t kMaxHeaderBytes = 64 * 1024;
constexpr size_t kMaxSlots = 16;
constexpr uint32_t kSuite = 1;  // the algorithms of format 1; docs/format-header.md lists them

// kKeyFile keeps its number for when key files come; until then it is refused as unknown.
enum class SlotKind : uint32_t { kPassphrase = 1, kRecovery = 2, kKeyFile = 3 };

using SlotSalt = std::array<uint8_t, 32>;
using SealedKey = std::array<uint8_t, kKeyBytes + kTagBytes>;

// One way to the volume key.
struct KeySlot {
  SlotKind kind = SlotKind::kPassphrase;
  Argon2Cost cost{};  // zero but in passphrase slots
  SlotSalt salt{};
  Digest commitment{};  // tells the right KEK from a wrong one
  Nonce nonce{};
  SealedKey sealed_key{};
};

struct HeaderFields {
  uint32_t format_version = 0;
  uint32_t minimum_reader_version = 0;
  uint32_t suite = 0;
  uint64_t feature_flags = 0;
  VolumeId volume_id{};
  Digest genesis_link{};
  Digest previous_header{};  // SHA-256 of the header that this one replaced; zero in the first
  Nonce seed_nonce{};
  SealedKey sealed_seed{};
  std::vector<KeySlot> slots;
};

// REQUIRES: at most kMaxSlots slots.
Bytes EncodeHeader(const HeaderFields& fields, const SecretKey& mac_key);

// Errors: as ParseHeader in crypto/header.h. What it returns is plausible, not authentic.
Result<HeaderFields> DecodeHeader(ByteView header);

// REQUIRES: DecodeHeader took it.
[[nodiscard]] bool VerifyHeaderMac(ByteView header, const SecretKey& mac_key);

// The fields of a slot that its sealed key is bound to.
void EncodeSlotParameters(const KeySlot& slot, Bytes& out);

}  // namespace chainfs::crypto
