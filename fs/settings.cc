// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/settings.h"

#include "crypto/base/byte_order.h"
#include "fs/commit/size_limit.h"

namespace chainfs::fs {
namespace {

constexpr uint64_t kSizeLimitSetting = 1;  // on disk: never renumber

std::optional<uint64_t> DecodeSizeLimit(ByteView value) {
  if (value.size() != 8) return std::nullopt;
  const auto bytes = GetBE<uint64_t>(value.data());
  if (bytes < kMinSizeLimit || bytes > kMaxSizeLimit) return std::nullopt;
  return bytes;
}

}  // namespace

Key SizeLimitKey() { return Key(InodeNumber(0), ItemKind::kSetting, kSizeLimitSetting); }

Bytes EncodeSizeLimit(uint64_t bytes) {
  Bytes value(8);
  PutBE(value.data(), bytes);
  return value;
}

bool IsSoundSetting(const Key& key, ByteView value) {
  return key == SizeLimitKey() && DecodeSizeLimit(value).has_value();
}

Result<std::optional<uint64_t>> ReadSizeLimit(const Tree& tree) {
  auto item = tree.Find(SizeLimitKey());
  if (!item && item.error().code == ErrorCode::kNotFound) return std::optional<uint64_t>();
  if (!item) return std::move(item).error();
  const auto bytes = DecodeSizeLimit(item->value);
  if (!bytes) return Error{ErrorCode::kDamaged, "the setting of the volume's size is malformed"};
  return bytes;
}

}  // namespace chainfs::fs
