// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/signed_head.h"

#include "fs/history/stored_tiles.h"
#include "ledger/origin.h"
#include "ledger/text.h"

namespace chainfs::fs::check {
namespace {

bool IsSignedBy(std::string_view note, const std::string& origin, const crypto::PublicKey& key) {
  return ledger::OpenCheckpoint(note, {origin, key}).has_value();
}

}  // namespace

SignedHead OpenSignedHead(const Snapshot& snapshot, const std::optional<ledger::Record>& genesis,
                          const std::vector<TrustedKey>& keys, Report& report) {
  const auto damaged = [&](const std::string& what) {
    report.Damage(FindingKind::kBadCheckpoint, what);
  };
  SignedHead head;
  if (!keys.empty()) {
    head.key = keys.front().key;
    head.source = keys.front().source;
  } else if (genesis) {
    head.key = genesis->ledger_public_key;
  }
  for (const TrustedKey& other : keys) {
    if (other.key == head.key) continue;
    damaged(head.source + " and " + other.source + " name different keys for this ledger");
    return head;
  }
  const auto stored = snapshot.FindMeta(kCheckpointMeta);
  if (!stored) {
    damaged("the ledger has no signed head");
    return head;
  }
  const std::string_view note = ledger::TextOf(*stored);
  const bool too_long = note.size() > kMaxCheckpointBytes;
  const auto claimed = too_long ? std::nullopt : ledger::ParseCheckpointUnverified(note);
  const auto origin = claimed ? ledger::DecodeOrigin(claimed->origin) : std::nullopt;
  if (!origin) {
    damaged("the ledger's signed head is malformed");
    return head;
  }
  if (!head.key) return head;
  const bool is_genesis_key = genesis && genesis->ledger_public_key == head.key;
  if (!IsSignedBy(note, claimed->origin, *head.key)) {
    const bool own =
        genesis && !is_genesis_key && IsSignedBy(note, claimed->origin, genesis->ledger_public_key);
    damaged(own ? "the ledger's head is signed with the key that the vault names, which is not "
                  "the one from " +
                      head.source
                : "the ledger's head is not signed with its key");
    return head;
  }
  head.checkpoint = claimed;
  return head;
}

void CheckGenesisAgainst(const SignedHead& head, const ledger::Record& genesis, Report& report) {
  if (!head.checkpoint) return;
  if (genesis.ledger_public_key != head.key) {
    report.Damage(FindingKind::kBadCheckpoint,
                  "the first record names another key than " + head.source);
  }
  if (ledger::DecodeOrigin(head.checkpoint->origin)->volume_id != genesis.volume_id) {
    report.Damage(FindingKind::kBadCheckpoint,
                  "the ledger's signed head is that of another volume");
  }
}

}  // namespace chainfs::fs::check
