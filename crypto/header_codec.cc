// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/header_codec.h"

#include <algorithm>
#include <cassert>

#include "crypto/base/byte_order.h"
#include "crypto/hmac.h"
#include "crypto/object_aad.h"
#include "crypto/sha256.h"

namespace chainfs::crypto {
namespace {

constexpr std::array<uint8_t, 8> kMagic = {'c', 'h', 'a', 'i', 'n', 'f', 's', 'H'};
constexpr size_t kLengthAt = 16;
constexpr size_t kSlotsAt = 186;
constexpr size_t kSlotBytes = 152;
constexpr size_t kMacBytes = 32;
constexpr size_t kChecksumBytes = 32;
constexpr size_t kSmallestFrame = 20 + kChecksumBytes;  // what every version has
constexpr uint64_t kKnownFeatureFlags = 0;
static_assert(kSlotsAt + kMaxSlots * kSlotBytes + kMacBytes + kChecksumBytes <= kMaxHeaderBytes);

Error Damaged(std::string how) {
  return {ErrorCode::kBadHeader, "the vault's header is damaged: " + std::move(how)};
}

Error Unknown(std::string what) {
  return {ErrorCode::kUnknownFormat,
          "the vault uses " + std::move(what) + ", which this version of chainfs does not know"};
}

std::string NameFlags(uint64_t flags) {
  std::string names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (flags >> bit & 1) names += (names.empty() ? "bit " : ", bit ") + std::to_string(bit);
  }
  return names;
}

// Is it a header, whole, and of a version that we read?
Result<void> CheckFrame(ByteView header) {
  const size_t compared = std::min(header.size(), kMagic.size());
  if (!std::ranges::equal(header.first(compared), ByteView(kMagic).first(compared))) {
    return Error{ErrorCode::kNotAVault,
                 "this is no chainfs vault: its header does not begin like one"};
  }
  if (header.size() < kSmallestFrame) return Damaged("it is cut off");
  if (header.size() > kMaxHeaderBytes || GetBE<uint32_t>(&header[kLengthAt]) != header.size()) {
    return Damaged("its length is wrong");
  }
  const ByteView content = header.first(header.size() - kChecksumBytes);
  if (!std::ranges::equal(Sha256(content), header.last(kChecksumBytes))) {
    return Damaged("its checksum does not match");
  }
  const uint32_t version = GetBE<uint32_t>(&header[8]);
  const uint32_t minimum_reader = GetBE<uint32_t>(&header[12]);
  if (minimum_reader > kFormatVersion) return Unknown("format " + std::to_string(minimum_reader));
  if (minimum_reader == 0 || version < minimum_reader) return Damaged("its version is impossible");
  return {};
}

Result<void> CheckSlot(const KeySlot& slot) {
  if (slot.kind == SlotKind::kPassphrase) {
    if (!IsAllowed(slot.cost)) return Damaged("a key slot's Argon2 cost is out of bounds");
  } else if (slot.kind == SlotKind::kRecovery) {
    if (slot.cost != Argon2Cost{}) return Damaged("a recovery slot has an Argon2 cost");
  } else {
    return Unknown("key slot kind " + std::to_string(static_cast<uint32_t>(slot.kind)));
  }
  return {};
}

KeySlot ReadSlot(Reader& reader) {
  KeySlot slot;
  slot.kind = static_cast<SlotKind>(reader.Int<uint32_t>());
  slot.cost.memory_kib = reader.Int<uint32_t>();
  slot.cost.iterations = reader.Int<uint32_t>();
  slot.cost.lanes = reader.Int<uint32_t>();
  slot.salt = reader.Array<32>();
  slot.commitment = reader.Array<32>();
  slot.nonce = reader.Array<24>();
  slot.sealed_key = reader.Array<48>();
  return slot;
}

}  // namespace

void EncodeSlotParameters(const KeySlot& slot, Bytes& out) {
  Writer writer(out);
  writer.Int(static_cast<uint32_t>(slot.kind));
  writer.Int(slot.cost.memory_kib);
  writer.Int(slot.cost.iterations);
  writer.Int(slot.cost.lanes);
  writer.Raw(slot.salt);
  writer.Raw(slot.commitment);
}

Bytes EncodeHeader(const HeaderFields& fields, const SecretKey& mac_key) {
  assert(fields.slots.size() <= kMaxSlots);
  const size_t length = kSlotsAt + fields.slots.size() * kSlotBytes + kMacBytes + kChecksumBytes;
  Bytes out;
  Writer writer(out);
  writer.Raw(kMagic);
  writer.Int(fields.format_version);
  writer.Int(fields.minimum_reader_version);
  writer.Int(static_cast<uint32_t>(length));
  writer.Int(fields.suite);
  writer.Int(fields.feature_flags);
  writer.Raw(fields.volume_id);
  writer.Raw(fields.genesis_link);
  writer.Raw(fields.previous_header);
  writer.Raw(fields.seed_nonce);
  writer.Raw(fields.sealed_seed);
  writer.Int(static_cast<uint16_t>(fields.slots.size()));
  for (const KeySlot& slot : fields.slots) {
    EncodeSlotParameters(slot, out);
    writer.Raw(slot.nonce);
    writer.Raw(slot.sealed_key);
  }
  writer.Raw(HmacSha256(mac_key.view(), out));
  writer.Raw(Sha256(out));
  assert(out.size() == length);
  return out;
}

Result<HeaderFields> DecodeHeader(ByteView header) {
  if (Result<void> frame = CheckFrame(header); !frame) return frame.error();
  if (header.size() < kSlotsAt + kMacBytes + kChecksumBytes) return Damaged("it is too short");
  HeaderFields fields;
  Reader reader(header.first(header.size() - kMacBytes - kChecksumBytes));
  reader.Raw(kMagic.size());
  fields.format_version = reader.Int<uint32_t>();
  fields.minimum_reader_version = reader.Int<uint32_t>();
  reader.Int<uint32_t>();  // the length
  fields.suite = reader.Int<uint32_t>();
  fields.feature_flags = reader.Int<uint64_t>();
  fields.volume_id = reader.Array<16>();
  fields.genesis_link = reader.Array<32>();
  fields.previous_header = reader.Array<32>();
  fields.seed_nonce = reader.Array<24>();
  fields.sealed_seed = reader.Array<48>();
  const uint16_t slot_count = reader.Int<uint16_t>();

  if (const uint64_t unknown = fields.feature_flags & ~kKnownFeatureFlags) {
    return Unknown("the feature flag " + NameFlags(unknown));
  }
  if (fields.suite != kSuite) return Unknown("cipher suite " + std::to_string(fields.suite));
  if (slot_count > kMaxSlots) return Damaged("it has too many key slots");
  for (uint16_t i = 0; i < slot_count; ++i) {
    fields.slots.push_back(ReadSlot(reader));
    if (!reader.ok()) return Damaged("it is too short");
    if (Result<void> slot = CheckSlot(fields.slots.back()); !slot) return slot.error();
  }
  if (!reader.AtEnd()) return Damaged("it is too long");
  return fields;
}

bool VerifyHeaderMac(ByteView header, const SecretKey& mac_key) {
  const ByteView maced = header.first(header.size() - kMacBytes - kChecksumBytes);
  return EqualConstantTime(HmacSha256(mac_key.view(), maced),
                           header.subspan(maced.size(), kMacBytes));
}

}  // namespace chainfs::crypto
