// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's header: key slots and parameters, MACed as a whole. Bytes in, bytes out; the two
// copies on disk are fs/store's. docs/format-header.md has the bytes.
//
// Passphrases are bytes, taken as they are: no Unicode normalisation, no trimming. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/argon2.h"
#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "crypto/header_codec.h"
#include "crypto/key_schedule.h"
#include "crypto/object_aad.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

// What an unlocked header gives.
struct VolumeSecrets {
  SecretKey volume_key;    // 32 bytes, epoch 0
  SecretKey signing_seed;  // 32 bytes, Ed25519; empty in a slot that may only read (none yet)
};

// What anyone may read from a header; nothing of it is trusted before the MAC has verified.
struct HeaderInfo {
  uint32_t format_version;
  uint32_t minimum_reader_version;
  uint64_t feature_flags;
  uint32_t suite;
  VolumeId volume_id;
  Digest genesis_link;
  Digest previous_header;  // SHA-256 of the header that this one replaced; zero in the first
  struct Slot {
    SlotKind kind;
    std::optional<Argon2Cost> cost;  // passphrase slots
  };
  std::vector<Slot> slots;
};

// A new volume's identity and secrets, all random.
struct NewVolume {
  VolumeId volume_id;
  VolumeSecrets secrets;
};
NewVolume GenerateVolume();

// Builds a header with one passphrase slot and one recovery slot.
// `recovery_key` receives the text to write down (checksummed groups).
// kInvalid (empty passphrase, cost out of bounds), kNoMemory (for Argon2id).
Result<Bytes> CreateHeader(const NewVolume& volume, const Digest& genesis_link,
                           const SecretBytes& passphrase, Argon2Cost cost,
                           SecretBytes* recovery_key);

// Parses the unauthenticated part. kNotAVault, kUnknownFormat (names the number or the flag that
// is unknown), kBadHeader (damaged: the checksum tells that from a wrong key).
Result<HeaderInfo> ParseHeader(ByteView header);

// Unlocks with a passphrase or with a recovery key (recognised by its form and checksum; a text
// that is no valid recovery key is tried as a passphrase only) and verifies the MAC over
// everything. As ParseHeader, and kWrongKey, kBadHeader (right key, but the MAC does not verify),
// kNoMemory (for Argon2id). Takes as long as the slots' costs, about a second for each passphrase
// slot.
Result<VolumeSecrets> UnlockHeader(ByteView header, const SecretBytes& passphrase_or_recovery_key);

// The header that is to replace `header`, which `secrets` come from: with one more slot (at the
// end), or without the slot at `index` in HeaderInfo::slots. The other slots stay as they are.
// As ParseHeader, and kBadHeader (the MAC does not verify under these secrets), kInvalid (no more
// room; the last slot; what CreateHeader refuses), kNotFound (no such slot), kNoMemory.
// Removing a slot is not revocation: who has opened it once may have kept the volume key.
Result<Bytes> AddPassphraseSlot(ByteView header, const VolumeSecrets& secrets,
                                const SecretBytes& passphrase, Argon2Cost cost);
Result<Bytes> AddRecoverySlot(ByteView header, const VolumeSecrets& secrets,
                              SecretBytes* recovery_key);
Result<Bytes> RemoveSlot(ByteView header, const VolumeSecrets& secrets, size_t index);

}  // namespace chainfs::crypto
