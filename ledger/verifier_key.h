// SPDX-License-Identifier: GPL-3.0-or-later
// The public key of a log as people pass it on: a vkey (C2SP signed-note, "Verifier keys"),
//
//   <name>+<key id, 8 hex digits>+<base64 of 0x01 and the 32 bytes of an Ed25519 key>
//
// Ed25519 only. Values; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "crypto/signature.h"

namespace chainfs::ledger {

struct VerifierKey {
  std::string name;  // for a log of chainfs: its origin
  crypto::PublicKey key{};
  bool operator==(const VerifierKey&) const = default;
};

// Tells a note which of its signatures to look at; too short to prove anything.
uint32_t IdOfKey(const VerifierKey& key);

// REQUIRES: IsKeyName(key.name).
std::string EncodeVerifierKey(const VerifierKey& key);
// kInvalid (not a vkey, or its id is not that of its name and key: a typing error), kUnsupported
// (another algorithm than Ed25519). What decodes encodes to exactly this text.
Result<VerifierKey> DecodeVerifierKey(std::string_view text);

}  // namespace chainfs::ledger
