// SPDX-License-Identifier: GPL-3.0-or-later
// An anchor is a checkpoint remembered outside the vault: whoever has one notices a vault that was
// rolled back or forked. As a file it is text that people can read, mail and compare:
//
//   chainfs anchor 1
//   volume a0a1...af                      the volume id, 32 digits
//   vkey chainfs/a0a1...af/c0c1...+...    the ledger's public key
//   genesis c0c1...df                     the link of the first record, 64 digits
//   time 1717771234567890123              of the newest record, ns since 1970-01-01 00:00 UTC
//   vault /home/ada/my%20vault            where the vault was, absolute, see PercentEncode
//                                         an empty line
//   chainfs/a0a1...af/c0c1...             the signed checkpoint, verbatim, to the end of the file
//   ...
//
// docs/format-anchor.md has a whole one. Every anchor has exactly one encoding: what decodes
// encodes to the same bytes. That a note decodes says nothing of its signature; ledger/ does.
//
// A path entry says which volume was last seen at a path:
//
//   chainfs anchor path 1
//   volume a0a1...af
//   vault /home/ada/my%20vault
//
// Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "crypto/base/types.h"

namespace chainfs::fs::anchor {

constexpr size_t kMaxAnchorBytes = 64 << 10;  // of the whole file; real ones have under 1 KiB
constexpr size_t kMaxVkeyBytes = 1024;
constexpr size_t kMaxVaultPathBytes = 4095;  // PATH_MAX, without its terminator

struct Anchor {
  VolumeId volume{};
  std::string vkey;      // printable ASCII without spaces
  Digest genesis{};      // link of the genesis record
  uint64_t time_ns = 0;  // of the newest record that the checkpoint covers
  std::string vault;     // absolute path, any byte but NUL
  std::string note;      // the signed checkpoint; ends in a newline
  bool operator==(const Anchor&) const = default;
};

// kInvalid: a field is not as said above, the note does not begin like a checkpoint, or the file
// would be too long.
Result<std::string> EncodeAnchor(const Anchor& anchor);
// kDamaged (the message says in which line and what), or kUnknownFormat: its number is not 1.
Result<Anchor> DecodeAnchor(std::string_view text);

struct PathEntry {
  VolumeId volume{};
  std::string vault;
  bool operator==(const PathEntry&) const = default;
};

// Fail as their counterparts for anchors do.
Result<std::string> EncodePathEntry(const PathEntry& entry);
Result<PathEntry> DecodePathEntry(std::string_view text);

}  // namespace chainfs::fs::anchor
