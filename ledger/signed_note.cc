// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/signed_note.h"

#include <algorithm>
#include <cassert>

#include "crypto/base/byte_order.h"
#include "crypto/base64.h"
#include "ledger/note_text.h"
#include "ledger/text.h"

namespace chainfs::ledger {
namespace {

constexpr std::string_view kDashAndSpace = "\xe2\x80\x94 ";
constexpr size_t kKeyIdBytes = 4;

struct NoteSignature {
  std::string_view name;
  uint32_t key_id = 0;
  Bytes signature;
};

struct ParsedNote {
  std::string_view text;
  std::vector<NoteSignature> signatures;
};

std::optional<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kDashAndSpace)) return std::nullopt;
  line.remove_prefix(kDashAndSpace.size());
  const size_t name_end = line.find(' ');
  if (name_end == line.npos || !IsKeyName(line.substr(0, name_end))) return std::nullopt;
  std::optional<Bytes> bytes = crypto::DecodeBase64(line.substr(name_end + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  NoteSignature signature{line.substr(0, name_end), GetBE<uint32_t>(bytes->data()), {}};
  signature.signature.assign(bytes->begin() + kKeyIdBytes, bytes->end());
  return signature;
}

std::optional<ParsedNote> ParseNote(std::string_view note) {
  if (note.size() > kMaxNoteBytes || !IsNoteText(note)) return std::nullopt;
  // The text may have empty lines of its own: it ends at the last one.
  const size_t text_end = note.rfind("\n\n");
  if (text_end == note.npos) return std::nullopt;
  ParsedNote parsed{note.substr(0, text_end + 1), {}};
  LineReader lines(note.substr(text_end + 2));
  while (!lines.rest().empty()) {
    std::optional<std::string_view> line = lines.Next();
    if (!line || parsed.signatures.size() == kMaxNoteSignatures) return std::nullopt;
    std::optional<NoteSignature> signature = ParseSignature(*line);
    if (!signature) return std::nullopt;
    parsed.signatures.push_back(std::move(*signature));
  }
  if (parsed.signatures.empty()) return std::nullopt;
  return parsed;
}

bool Verify(const NoteSignature& signature, std::string_view text, const crypto::PublicKey& key) {
  crypto::Signature bytes;
  if (signature.signature.size() != bytes.size()) return false;
  std::ranges::copy(signature.signature, bytes.begin());
  return crypto::Ed25519Verify(key, BytesOf(text), bytes);
}

}  // namespace

std::string SignNote(std::string_view text, std::string_view name, const crypto::SecretKey& seed) {
  assert(IsNoteText(text) && text.ends_with('\n') && IsKeyName(name));
  const VerifierKey key{std::string(name), crypto::Ed25519PublicKey(seed)};
  Bytes id_and_signature(kKeyIdBytes);
  PutBE(id_and_signature.data(), IdOfKey(key));
  const crypto::Signature signature = crypto::Ed25519Sign(seed, BytesOf(text));
  id_and_signature.insert(id_and_signature.end(), signature.begin(), signature.end());
  std::string note(text);
  note += '\n';
  note += kDashAndSpace;
  note += name;
  note += ' ';
  note += crypto::EncodeBase64(id_and_signature);
  note += '\n';
  assert(note.size() <= kMaxNoteBytes);
  return note;
}

Result<std::string> OpenNote(std::string_view note, const VerifierKey& key) {
  std::optional<ParsedNote> parsed = ParseNote(note);
  if (!parsed) return Error{ErrorCode::kInvalid, "not a signed note: its form is wrong"};
  const uint32_t id = IdOfKey(key);
  bool signed_by_key = false;
  for (const NoteSignature& signature : parsed->signatures) {
    if (signature.name != key.name || signature.key_id != id) continue;
    if (!Verify(signature, parsed->text, key.key)) {
      return Error{ErrorCode::kDamaged, "the signature by " + key.name + " does not verify"};
    }
    signed_by_key = true;
  }
  if (!signed_by_key) return Error{ErrorCode::kWrongKey, "not signed by " + EncodeVerifierKey(key)};
  return std::string(parsed->text);
}

std::optional<std::string> ReadNoteUnverified(std::string_view note) {
  std::optional<ParsedNote> parsed = ParseNote(note);
  if (!parsed) return std::nullopt;
  return std::string(parsed->text);
}

}  // namespace chainfs::ledger
