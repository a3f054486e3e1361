// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/verifier_key.h"

#include <algorithm>
#include <cassert>

#include "crypto/base/byte_order.h"
#include "crypto/base64.h"
#include "crypto/sha256.h"
#include "ledger/note_text.h"
#include "ledger/text.h"

namespace chainfs::ledger {
namespace {

constexpr uint8_t kEd25519[] = {0x01};
constexpr uint8_t kSeparator[] = {'\n'};

Error NotAVkey(std::string why) {
  return {ErrorCode::kInvalid, "not a verifier key: " + std::move(why)};
}

}  // namespace

uint32_t IdOfKey(const VerifierKey& key) {
  return GetBE<uint32_t>(
      crypto::Sha256({BytesOf(key.name), kSeparator, ByteView(kEd25519), ByteView(key.key)})
          .data());
}

std::string EncodeVerifierKey(const VerifierKey& key) {
  assert(IsKeyName(key.name));
  uint8_t id[4];
  PutBE(id, IdOfKey(key));
  Bytes material(std::begin(kEd25519), std::end(kEd25519));
  material.insert(material.end(), key.key.begin(), key.key.end());
  return key.name + "+" + EncodeHex(id) + "+" + crypto::EncodeBase64(material);
}

Result<VerifierKey> DecodeVerifierKey(std::string_view text) {
  const size_t name_end = text.find('+');
  const size_t id_end = name_end == text.npos ? text.npos : text.find('+', name_end + 1);
  if (id_end == text.npos) return NotAVkey("it has the form NAME+ID+KEY");
  VerifierKey key;
  key.name = text.substr(0, name_end);
  if (!IsKeyName(key.name)) return NotAVkey("its name is empty or has forbidden characters");
  uint8_t id[4];
  if (!DecodeHex(text.substr(name_end + 1, id_end - name_end - 1), id)) {
    return NotAVkey("its id is not 8 lower-case hexadecimal digits");
  }
  std::optional<Bytes> material = crypto::DecodeBase64(text.substr(id_end + 1));
  if (!material || material->empty()) return NotAVkey("its key is not base64");
  if (material->front() != kEd25519[0]) {
    return Error{ErrorCode::kUnsupported, "a verifier key of type " +
                                              std::to_string(material->front()) +
                                              "; only Ed25519 (type 1) is supported"};
  }
  if (material->size() != 1 + key.key.size()) return NotAVkey("its key is not 32 bytes long");
  std::copy(material->begin() + 1, material->end(), key.key.begin());
  if (GetBE<uint32_t>(id) != IdOfKey(key)) {
    return NotAVkey("its id does not belong to its name and key; was it copied in full?");
  }
  return key;
}

}  // namespace chainfs::ledger
