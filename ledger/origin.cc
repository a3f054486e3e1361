// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/origin.h"

#include <algorithm>

#include "ledger/text.h"

namespace chainfs::ledger {
namespace {

constexpr std::string_view kPrefix = "chainfs/";
constexpr size_t kVolumeDigits = 2 * std::tuple_size_v<VolumeId>;

}  // namespace

BranchId BranchOf(const Digest& link) {
  BranchId branch;
  std::copy_n(link.begin(), branch.size(), branch.begin());
  return branch;
}

std::string EncodeOrigin(const Origin& origin) {
  return std::string(kPrefix) + EncodeHex(origin.volume_id) + "/" + EncodeHex(origin.branch);
}

std::optional<Origin> DecodeOrigin(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() <= kVolumeDigits || text[kVolumeDigits] != '/') return std::nullopt;
  Origin origin;
  if (!DecodeHex(text.substr(0, kVolumeDigits), origin.volume_id)) return std::nullopt;
  if (!DecodeHex(text.substr(kVolumeDigits + 1), origin.branch)) return std::nullopt;
  return origin;
}

}  // namespace chainfs::ledger
