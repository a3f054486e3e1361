// SPDX-License-Identifier: GPL-3.0-or-later
// Signed notes (C2SP signed-note): a text, an empty line, and signatures, one a line.
//
//   This is an example message.
//
//   — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1E...
//   (em dash, key name, base64 of key id and signature)
//
// Ed25519 only; signatures of other keys are passed over, whatever they are. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "ledger/verifier_key.h"

namespace chainfs::ledger {

constexpr size_t kMaxNoteBytes = 1 << 20;
constexpr size_t kMaxNoteSignatures = 64;

// REQUIRES: `text` is IsNoteText and ends in a newline; IsKeyName(name); the result is at most
// kMaxNoteBytes long.
std::string SignNote(std::string_view text, std::string_view name, const crypto::SecretKey& seed);

// The text, with its last newline, once a signature by `key` has verified. kInvalid (malformed, or
// over the limits above), kWrongKey (no signature of this name and key id), kDamaged (there is
// one, and it does not verify: if there are several, all must).
Result<std::string> OpenNote(std::string_view note, const VerifierKey& key);

// The text of a note that may be signed by anybody or by nobody; nullopt: malformed. To show what
// it says, or to find out which key to ask for. Never to act upon.
std::optional<std::string> ReadNoteUnverified(std::string_view note);

}  // namespace chainfs::ledger
