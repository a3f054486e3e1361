// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint: the size and root of a log, signed (C2SP tlog-checkpoint).
//
//   chainfs/000102030405060708090a0b0c0d0e0f/1011121314151617     origin
//   70000                                                         leaves
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=                  root
//
// Two checkpoints of one origin that are not consistent must never be signed: that is the caller's
// to see to. Values; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/signed_note.h"

namespace chainfs::ledger {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;  // leaves; at most kMaxTreeSize
  Digest root{};
  bool operator==(const Checkpoint&) const = default;
};

// REQUIRES: `origin` is a line of a note, and not empty; size <= kMaxTreeSize.
std::string EncodeCheckpoint(const Checkpoint& checkpoint);
// nullopt: not a checkpoint. Lines after the root (extensions) are accepted and forgotten.
std::optional<Checkpoint> DecodeCheckpoint(std::string_view text);

// A note, signed under the origin as the key's name. REQUIRES: IsKeyName(origin).
std::string SignCheckpoint(const Checkpoint& checkpoint, const crypto::SecretKey& seed);
// As OpenNote, and kInvalid: what is signed is no checkpoint, or not of the log that the key's name
// says.
Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

// What a note that may be signed by anybody says: for messages, never to act upon.
std::optional<Checkpoint> ParseCheckpointUnverified(std::string_view note);

}  // namespace chainfs::ledger
