// SPDX-License-Identifier: GPL-3.0-or-later
// A recovery key: 200 random bits as text that a person can write down and type in.
//
//   7K2QDX-M0FB3N-...      8 groups of 6 characters, 48 in all
//    \___/^
//    data  check
//
// Characters are Crockford's base 32 (no I, L, O, U). A group's check character catches every
// single wrong character, every two swapped ones, and a group in the wrong place, so that a typo is
// reported by its group. docs/format-header.md has the arithmetic. Thread-safe.
#pragma once

#include "crypto/base/result.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

constexpr size_t kRecoveryKeyBytes = 25;

// The text, groups joined by '-'. REQUIRES: key.size() == kRecoveryKeyBytes.
SecretBytes FormatRecoveryKey(const SecretBytes& key);

// Reads a text in either case, with any spaces, dashes and line ends between characters, and with O
// for 0 and I or L for 1. kInvalid: the message says which groups are wrong; it quotes none of
// them.
Result<SecretBytes> ParseRecoveryKey(ByteView text);

// Whether `text` was probably meant as a recovery key, right or not: eight groups of about six
// letters and digits, or about 48 of these in a row.
bool ResemblesRecoveryKey(ByteView text);

}  // namespace chainfs::crypto
