// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/header_file.h"

#include <utility>

namespace chainfs::tools {

Outcome<LoadedHeader> LoadHeader(const std::string& vault) {
  auto copies = fs::store::ReadHeader(vault);
  if (!copies) return VaultFailure(copies.error(), vault);
  auto first = crypto::ParseHeader(copies->first);
  auto second = crypto::ParseHeader(copies->second);

  LoadedHeader header;
  if (first) {
    header.bytes = std::move(copies->first);
    header.info = std::move(*first);
    if (second && copies->second != header.bytes) header.other = std::move(copies->second);
    header.needs_repair = !second || !header.other.empty();
    return header;
  }
  if (second) {
    header.bytes = std::move(copies->second);
    header.info = std::move(*second);
    header.needs_repair = true;
    return header;
  }
  // What a whole but newer header says is worth more than the damage of its neighbour.
  const Error& error =
      second.error().code == ErrorCode::kUnknownFormat ? second.error() : first.error();
  return VaultFailure(error, vault);
}

Outcome<crypto::VolumeSecrets> Unlock(const std::string& vault, LoadedHeader* header,
                                      const crypto::SecretBytes& passphrase) {
  auto secrets = crypto::UnlockHeader(header->bytes, passphrase);
  if (secrets) return std::move(*secrets);
  if (!header->other.empty()) {
    auto from_other = crypto::UnlockHeader(header->other, passphrase);
    if (from_other) {
      header->bytes = std::exchange(header->other, {});
      return std::move(*from_other);
    }
  }
  return VaultFailure(secrets.error(), vault);
}

}  // namespace chainfs::tools
