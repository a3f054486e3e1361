// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/header.h"

#include <cassert>
#include <iterator>

#include "crypto/base/byte_order.h"
#include "crypto/key_slot.h"
#include "crypto/random.h"
#include "crypto/recovery_key.h"
#include "crypto/sha256.h"
#include "crypto/xaes256gcm.h"

namespace chainfs::crypto {
namespace {

SecretKey MacKey(const SecretKey& volume_key) {
  return DeriveSubkey(volume_key, label::kHeaderMacKey, KeyEpoch(0));
}

Xaes256Gcm SeedCipher(const SecretKey& volume_key) {
  return Xaes256Gcm(DeriveSubkey(volume_key, label::kSeedKey, KeyEpoch(0)));
}

Bytes SeedAad(const VolumeId& volume_id) {
  Bytes aad;
  Writer writer(aad);
  writer.Raw(AsBytes(label::kSeedAad));
  writer.Raw(volume_id);
  return aad;
}

SecretBytes RandomSecret(size_t size_bytes) {
  SecretBytes secret(size_bytes);
  FillRandom(secret.mutable_view());
  return secret;
}

Error Altered() {
  return {ErrorCode::kBadHeader,
          "the key is right, but the vault's header has been altered since chainfs wrote it"};
}

Error WrongKey(const SecretBytes& tried) {
  std::string message =
      "wrong passphrase (or recovery key); check the keyboard layout and Caps Lock";
  if (ResemblesRecoveryKey(tried.view())) {
    Result<SecretBytes> parsed = ParseRecoveryKey(tried.view());
    message =
        parsed ? "this recovery key is well-formed, but it is not one of this vault's"
               : "wrong passphrase; if this was meant as a recovery key: " + parsed.error().message;
  }
  return {ErrorCode::kWrongKey, message};
}

// The key from the first slot that opens. A slot that is ours but altered ends the search.
Result<SecretKey> FindVolumeKey(const HeaderFields& fields, const SecretBytes& tried) {
  Error failure = WrongKey(tried);
  if (Result<SecretBytes> recovery_key = ParseRecoveryKey(tried.view())) {
    for (const KeySlot& slot : fields.slots) {
      if (slot.kind != SlotKind::kRecovery) continue;
      Result<SecretKey> key = UnwrapWithRecoveryKey(slot, fields.volume_id, *recovery_key);
      if (key || key.error().code != ErrorCode::kWrongKey) return key;
    }
  }
  if (tried.size() == 0) return failure;  // no slot was ever made for it
  for (const KeySlot& slot : fields.slots) {
    if (slot.kind != SlotKind::kPassphrase) continue;
    Result<SecretKey> key = UnwrapWithPassphrase(slot, fields.volume_id, tried);
    if (key || key.error().code == ErrorCode::kBadHeader) return key;
    // Another slot may be cheaper; if none opens, the lack of memory is what has to be said.
    if (key.error().code == ErrorCode::kNoMemory) failure = key.error();
  }
  return failure;
}

// The fields of a header that is to be replaced, once its MAC has verified.
Result<HeaderFields> BeginSuccessor(ByteView header, const VolumeSecrets& secrets) {
  Result<HeaderFields> fields = DecodeHeader(header);
  if (!fields) return fields;
  if (!VerifyHeaderMac(header, MacKey(secrets.volume_key))) return Altered();
  fields->previous_header = Sha256(header);
  return fields;
}

Result<Bytes> AddSlot(HeaderFields fields, KeySlot slot, const VolumeSecrets& secrets) {
  if (fields.slots.size() == kMaxSlots) {
    return Error{ErrorCode::kInvalid, "the header has no room for another key slot; remove one"};
  }
  fields.slots.push_back(std::move(slot));
  return EncodeHeader(fields, MacKey(secrets.volume_key));
}

}  // namespace

NewVolume GenerateVolume() {
  NewVolume volume{{}, {RandomSecret(kKeyBytes), RandomSecret(kKeyBytes)}};
  FillRandom(volume.volume_id);
  return volume;
}

Result<Bytes> CreateHeader(const NewVolume& volume, const Digest& genesis_link,
                           const SecretBytes& passphrase, Argon2Cost cost,
                           SecretBytes* recovery_key) {
  const SecretKey& volume_key = volume.secrets.volume_key;
  Result<KeySlot> slot = WrapForPassphrase(volume_key, volume.volume_id, passphrase, cost);
  if (!slot) return slot.error();
  const SecretBytes recovery = RandomSecret(kRecoveryKeyBytes);

  HeaderFields fields;
  fields.format_version = kFormatVersion;
  fields.minimum_reader_version = kFormatVersion;
  fields.suite = kSuite;
  fields.volume_id = volume.volume_id;
  fields.genesis_link = genesis_link;
  fields.slots.push_back(*std::move(slot));
  fields.slots.push_back(WrapForRecoveryKey(volume_key, volume.volume_id, recovery));
  FillRandom(fields.seed_nonce);
  const ByteView seed = volume.secrets.signing_seed.view();
  assert(seed.size() == kKeyBytes);
  SeedCipher(volume_key)
      .Seal(fields.seed_nonce, SeedAad(volume.volume_id), {&seed, 1}, fields.sealed_seed);

  *recovery_key = FormatRecoveryKey(recovery);
  return EncodeHeader(fields, MacKey(volume_key));
}

Result<HeaderInfo> ParseHeader(ByteView header) {
  Result<HeaderFields> fields = DecodeHeader(header);
  if (!fields) return fields.error();
  HeaderInfo info{fields->format_version,  fields->minimum_reader_version,
                  fields->feature_flags,   fields->suite,
                  fields->volume_id,       fields->genesis_link,
                  fields->previous_header, {}};
  for (const KeySlot& slot : fields->slots) {
    info.slots.push_back(
        {slot.kind, slot.kind == SlotKind::kPassphrase ? std::optional(slot.cost) : std::nullopt});
  }
  return info;
}

Result<VolumeSecrets> UnlockHeader(ByteView header, const SecretBytes& passphrase_or_recovery_key) {
  Result<HeaderFields> fields = DecodeHeader(header);
  if (!fields) return fields.error();
  Result<SecretKey> volume_key = FindVolumeKey(*fields, passphrase_or_recovery_key);
  if (!volume_key) return volume_key.error();
  if (!VerifyHeaderMac(header, MacKey(*volume_key))) return Altered();
  SecretKey seed(kKeyBytes);
  if (!SeedCipher(*volume_key)
           .Open(fields->seed_nonce, SeedAad(fields->volume_id), fields->sealed_seed,
                 seed.mutable_view())) {
    return Altered();
  }
  return VolumeSecrets{*std::move(volume_key), std::move(seed)};
}

Result<Bytes> AddPassphraseSlot(ByteView header, const VolumeSecrets& secrets,
                                const SecretBytes& passphrase, Argon2Cost cost) {
  Result<HeaderFields> fields = BeginSuccessor(header, secrets);
  if (!fields) return fields.error();
  Result<KeySlot> slot = WrapForPassphrase(secrets.volume_key, fields->volume_id, passphrase, cost);
  if (!slot) return slot.error();
  return AddSlot(*std::move(fields), *std::move(slot), secrets);
}

Result<Bytes> AddRecoverySlot(ByteView header, const VolumeSecrets& secrets,
                              SecretBytes* recovery_key) {
  Result<HeaderFields> fields = BeginSuccessor(header, secrets);
  if (!fields) return fields.error();
  const SecretBytes recovery = RandomSecret(kRecoveryKeyBytes);
  *recovery_key = FormatRecoveryKey(recovery);
  KeySlot slot = WrapForRecoveryKey(secrets.volume_key, fields->volume_id, recovery);
  return AddSlot(*std::move(fields), std::move(slot), secrets);
}

Result<Bytes> RemoveSlot(ByteView header, const VolumeSecrets& secrets, size_t index) {
  Result<HeaderFields> fields = BeginSuccessor(header, secrets);
  if (!fields) return fields.error();
  if (index >= fields->slots.size()) {
    return Error{ErrorCode::kNotFound, "the header has no such key slot"};
  }
  if (fields->slots.size() == 1) {
    return Error{ErrorCode::kInvalid,
                 "without its last key slot nobody could open the vault again"};
  }
  fields->slots.erase(std::next(fields->slots.begin(), static_cast<ptrdiff_t>(index)));
  return EncodeHeader(*fields, MacKey(secrets.volume_key));
}

}  // namespace chainfs::crypto
