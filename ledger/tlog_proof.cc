// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tlog_proof.h"

#include <cassert>

#include "crypto/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"
#include "ledger/text.h"

namespace chainfs::ledger {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// What follows `keyword` in the line; nullopt: another line.
std::optional<std::string_view> After(std::string_view keyword, std::string_view line) {
  if (!line.starts_with(keyword)) return std::nullopt;
  return line.substr(keyword.size());
}

// Reads hashes up to the empty line.
bool GetInclusion(LineReader& lines, std::vector<Digest>& inclusion) {
  while (std::optional<std::string_view> line = lines.Next()) {
    if (line->empty()) return true;
    std::optional<Digest> hash = DecodeDigest(*line);
    if (!hash || inclusion.size() == kMaxInclusionHashes) return false;
    inclusion.push_back(*hash);
  }
  return false;
}

}  // namespace

std::string EncodeTlogProof(const TlogProof& proof) {
  assert(proof.inclusion.size() <= kMaxInclusionHashes && proof.index < kMaxTreeSize);
  assert(!proof.extra || proof.extra->size() <= kMaxExtraBytes);
  std::string text(kFirstLine);
  text += '\n';
  if (proof.extra) {
    text += kExtra;
    text += crypto::EncodeBase64(*proof.extra);
    text += '\n';
  }
  text += kIndex;
  text += std::to_string(proof.index);
  text += '\n';
  for (const Digest& hash : proof.inclusion) {
    text += crypto::EncodeBase64(hash);
    text += '\n';
  }
  text += '\n';
  text += proof.checkpoint;
  return text;
}

std::optional<TlogProof> DecodeTlogProof(std::string_view text) {
  LineReader lines(text);
  if (lines.Next() != kFirstLine) return std::nullopt;
  TlogProof proof;
  std::string_view line = lines.Next().value_or("");
  if (std::optional<std::string_view> extra = After(kExtra, line)) {
    if (extra->size() > (kMaxExtraBytes + 2) / 3 * 4) return std::nullopt;
    proof.extra = crypto::DecodeBase64(*extra);
    if (!proof.extra || proof.extra->size() > kMaxExtraBytes) return std::nullopt;
    line = lines.Next().value_or("");
  }
  std::optional<uint64_t> index = DecodeDecimal(After(kIndex, line).value_or(""));
  if (!index || *index >= kMaxTreeSize || !GetInclusion(lines, proof.inclusion)) {
    return std::nullopt;
  }
  proof.index = *index;
  if (!ParseCheckpointUnverified(lines.rest())) return std::nullopt;
  proof.checkpoint = lines.rest();
  return proof;
}

}  // namespace chainfs::ledger
