// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/checkpoint.h"

#include <cassert>

#include "crypto/base64.h"
#include "ledger/note_text.h"
#include "ledger/proof.h"
#include "ledger/text.h"

namespace chainfs::ledger {

std::string EncodeCheckpoint(const Checkpoint& checkpoint) {
  assert(!checkpoint.origin.empty() && IsNoteText(checkpoint.origin));
  assert(checkpoint.origin.find('\n') == std::string::npos && checkpoint.size <= kMaxTreeSize);
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         crypto::EncodeBase64(checkpoint.root) + "\n";
}

std::optional<Checkpoint> DecodeCheckpoint(std::string_view text) {
  if (!IsNoteText(text)) return std::nullopt;
  LineReader lines(text);
  std::optional<std::string_view> origin = lines.Next();
  if (!origin || origin->empty()) return std::nullopt;
  std::optional<uint64_t> size = DecodeDecimal(lines.Next().value_or(""));
  std::optional<Digest> root = DecodeDigest(lines.Next().value_or(""));
  if (!size || *size > kMaxTreeSize || !root) return std::nullopt;
  while (!lines.rest().empty()) {
    std::optional<std::string_view> extension = lines.Next();
    if (!extension || extension->empty()) return std::nullopt;
  }
  return Checkpoint{std::string(*origin), *size, *root};
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const crypto::SecretKey& seed) {
  return SignNote(EncodeCheckpoint(checkpoint), checkpoint.origin, seed);
}

Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  Result<std::string> text = OpenNote(note, key);
  if (!text) return std::move(text).error();
  std::optional<Checkpoint> checkpoint = DecodeCheckpoint(*text);
  if (!checkpoint) return Error{ErrorCode::kInvalid, "what is signed is not a checkpoint"};
  if (checkpoint->origin != key.name) {
    return Error{ErrorCode::kInvalid,
                 "a checkpoint of " + checkpoint->origin + ", signed by " + key.name};
  }
  return std::move(*checkpoint);
}

std::optional<Checkpoint> ParseCheckpointUnverified(std::string_view note) {
  std::optional<std::string> text = ReadNoteUnverified(note);
  if (!text) return std::nullopt;
  return DecodeCheckpoint(*text);
}

}  // namespace chainfs::ledger
