// SPDX-License-Identifier: GPL-3.0-or-later
// What an object's seal binds beside its plaintext. The one place where it is built. Thread-safe.
//
//    0        4                20         28     29         37        41
//    +--------+----------------+----------+------+----------+---------+
//    | format | volume id      | key      | type | object   | length  |   big-endian
//    | u32    | 16 bytes       | epoch u64| u8   | id u64   | u32     |
//    +--------+----------------+----------+------+----------+---------+
#pragma once

#include "crypto/base/types.h"

namespace chainfs::crypto {

// The version of the vault's format as a whole; the header carries it too.
constexpr uint32_t kFormatVersion = 1;

constexpr size_t kObjectAadBytes = 41;
using ObjectAad = std::array<uint8_t, kObjectAadBytes>;

ObjectAad BuildObjectAad(const VolumeId& volume_id, KeyEpoch epoch, ObjectType type, ObjectId id,
                         uint32_t length_bytes);

}  // namespace chainfs::crypto
