// SPDX-License-Identifier: GPL-3.0-or-later
// The name of a log: `chainfs/<volume id, 32 hex digits>/<branch, 16 hex digits>`. A log never
// shrinks and never forks, so each branch of a volume has an origin of its own. Values;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::ledger {

// The first bytes of the link of the record that began the branch: GENESIS, or later
// ROLLBACK_ACCEPTED. Since that link covers everything before it and a fresh session id, no two
// branches share one.
using BranchId = std::array<uint8_t, 8>;

struct Origin {
  VolumeId volume_id{};
  BranchId branch{};
  bool operator==(const Origin&) const = default;
};

BranchId BranchOf(const Digest& link);

std::string EncodeOrigin(const Origin& origin);
// nullopt: anything that EncodeOrigin does not write.
std::optional<Origin> DecodeOrigin(std::string_view text);

}  // namespace chainfs::ledger
