// SPDX-License-Identifier: GPL-3.0-or-later
// A proof that an entry stands in a log, as a file that can be verified without the log (C2SP
// tlog-proof):
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>                 may be missing
//   index 73894
//   <base64 of a hash>             the inclusion proof, from the leaf's sibling upwards
//   ...
//
//   <the signed checkpoint>
//
// Here is the form only; ledger/object_proof.h says what chainfs proves with it. Values;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::ledger {

constexpr size_t kMaxExtraBytes = 64 << 10;
constexpr size_t kMaxInclusionHashes = 63;

struct TlogProof {
  std::optional<Bytes> extra;
  uint64_t index = 0;
  std::vector<Digest> inclusion;
  std::string checkpoint;  // a signed note, verbatim
  bool operator==(const TlogProof&) const = default;
};

// REQUIRES: what DecodeTlogProof demands.
std::string EncodeTlogProof(const TlogProof& proof);
// nullopt: not such a file; over the limits above; its last part is not the form of a signed
// checkpoint (by whomever: nothing is verified here). What decodes encodes to exactly this text.
std::optional<TlogProof> DecodeTlogProof(std::string_view text);

}  // namespace chainfs::ledger
