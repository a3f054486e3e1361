// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/header_file.h"

#include <algorithm>
#include <utility>

#include "crypto/sha256.h"
#include "fs/store/newest_record.h"
#include "ledger/record.h"

namespace chainfs::tools {
namespace {

enum class Fit { kOtherVolume, kOtherHeader, kRecorded };

// As a record of the header's volume names it, or the one that it replaced.
Fit FitOf(ByteView header, const crypto::HeaderInfo& info, const ledger::Record& record) {
  if (info.volume_id != record.volume_id) return Fit::kOtherVolume;
  const bool recorded = record.header_digest == crypto::Sha256(header) ||
                        record.header_digest == info.previous_header;
  return recorded ? Fit::kRecorded : Fit::kOtherHeader;
}

// REQUIRES: there is one.
void UseOther(LoadedHeader* header) {
  std::swap(header->bytes, header->other);
  header->info = *crypto::ParseHeader(header->bytes);
}

}  // namespace

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

bool ChooseHeaderOfDatabase(const std::string& vault, LoadedHeader* header) {
  if (header->other.empty()) return true;
  const auto encoded = fs::store::PeekAtNewestRecord(vault);
  const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  if (!record) return true;
  const Fit first = FitOf(header->bytes, header->info, *record);
  const Fit second = FitOf(header->other, *crypto::ParseHeader(header->other), *record);
  if (second > first) UseOther(header);
  return first == second || std::min(first, second) != Fit::kOtherVolume;
}

Outcome<crypto::VolumeSecrets> Unlock(const std::string& vault, LoadedHeader* header,
                                      const crypto::SecretBytes& passphrase) {
  auto secrets = crypto::UnlockHeader(header->bytes, passphrase);
  if (secrets) return std::move(*secrets);
  if (!header->other.empty()) {
    auto from_other = crypto::UnlockHeader(header->other, passphrase);
    if (from_other) {
      UseOther(header);
      header->other.clear();
      return std::move(*from_other);
    }
  }
  return VaultFailure(secrets.error(), vault);
}

}  // namespace chainfs::tools
