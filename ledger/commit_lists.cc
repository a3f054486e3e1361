// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/commit_lists.h"

#include <cassert>
#include <cstring>
#include <limits>

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"
#include "ledger/merkle.h"

namespace chainfs::ledger {
namespace {

constexpr char kMagic[] = "chainlst";
constexpr uint32_t kVersion = 1;

void PutBirth(uint8_t* at, const Birth& birth) {
  PutBE(at, birth.id.value);
  at[8] = static_cast<uint8_t>(birth.type);
  PutBE(at + 9, birth.sealed_bytes);
  std::memcpy(at + 13, birth.nonce.data(), birth.nonce.size());
  std::memcpy(at + 37, birth.digest.data(), birth.digest.size());
}

Birth GetBirth(const uint8_t* at) {
  Birth birth;
  birth.id = ObjectId(GetBE<uint64_t>(at));
  birth.type = static_cast<ObjectType>(at[8]);
  birth.sealed_bytes = GetBE<uint32_t>(at + 9);
  std::memcpy(birth.nonce.data(), at + 13, birth.nonce.size());
  std::memcpy(birth.digest.data(), at + 37, birth.digest.size());
  return birth;
}

void PutDeath(uint8_t* at, const Death& death) {
  PutBE(at, death.id.value);
  PutBE(at + 8, death.sealed_bytes);
}

bool IsKnown(ObjectType type) {
  return type == ObjectType::kNode || type == ObjectType::kData || type == ObjectType::kXattr;
}

uint32_t CountOf(size_t size) {
  assert(size <= std::numeric_limits<uint32_t>::max());
  return static_cast<uint32_t>(size);
}

bool GetDeaths(ByteView rows, std::vector<Death>& deaths) {
  deaths.reserve(rows.size() / kDeathBytes);
  for (; !rows.empty(); rows = rows.subspan(kDeathBytes)) {
    const Death death = DecodeDeath(rows.data());
    if (death.id == ObjectId(0)) return false;
    deaths.push_back(death);
  }
  return true;
}

bool GetBirths(ByteView rows, std::vector<Birth>& births) {
  births.reserve(rows.size() / kBirthBytes);
  ObjectId previous(0);
  for (; !rows.empty(); rows = rows.subspan(kBirthBytes)) {
    Birth birth = GetBirth(rows.data());
    if (birth.id <= previous || !IsKnown(birth.type)) return false;
    previous = birth.id;
    births.push_back(birth);
  }
  return true;
}

}  // namespace

Bytes EncodeLists(const CommitLists& lists) {
  const size_t dead = lists.deaths.size() + lists.reaps.size();
  Bytes out(kListsHeaderBytes + lists.births.size() * kBirthBytes + dead * kDeathBytes);
  std::memcpy(out.data(), kMagic, 8);
  PutBE(out.data() + 8, kVersion);
  PutBE(out.data() + 12, CountOf(lists.births.size()));
  PutBE(out.data() + 16, CountOf(lists.deaths.size()));
  PutBE(out.data() + 20, CountOf(lists.reaps.size()));
  uint8_t* at = out.data() + kListsHeaderBytes;
  ObjectId previous(0);
  for (const Birth& birth : lists.births) {
    assert(birth.id > previous);
    previous = birth.id;
    PutBirth(at, birth);
    at += kBirthBytes;
  }
  for (const std::vector<Death>* list : {&lists.deaths, &lists.reaps}) {
    for (const Death& death : *list) {
      PutDeath(at, death);
      at += kDeathBytes;
    }
  }
  return out;
}

std::optional<ListRows> SplitLists(ByteView bytes) {
  Reader reader(bytes);
  ByteView magic = reader.Raw(8);
  if (!reader.ok() || std::memcmp(magic.data(), kMagic, 8) != 0) return std::nullopt;
  if (reader.Int<uint32_t>() != kVersion) return std::nullopt;
  const uint64_t births_bytes = uint64_t{reader.Int<uint32_t>()} * kBirthBytes;
  const uint64_t deaths_bytes = uint64_t{reader.Int<uint32_t>()} * kDeathBytes;
  const uint64_t reaps_bytes = uint64_t{reader.Int<uint32_t>()} * kDeathBytes;
  if (!reader.ok()) return std::nullopt;
  if (reader.rest().size() != births_bytes + deaths_bytes + reaps_bytes) return std::nullopt;
  ListRows rows;
  rows.births = reader.Raw(births_bytes);
  rows.deaths = reader.Raw(deaths_bytes);
  rows.reaps = reader.Raw(reaps_bytes);
  return rows;
}

std::optional<CommitLists> DecodeLists(ByteView bytes) {
  const std::optional<ListRows> rows = SplitLists(bytes);
  if (!rows) return std::nullopt;
  CommitLists lists;
  if (!GetBirths(rows->births, lists.births)) return std::nullopt;
  if (!GetDeaths(rows->deaths, lists.deaths)) return std::nullopt;
  if (!GetDeaths(rows->reaps, lists.reaps)) return std::nullopt;
  return lists;
}

std::array<uint8_t, kBirthBytes> EncodeBirth(const Birth& birth) {
  std::array<uint8_t, kBirthBytes> row;
  PutBirth(row.data(), birth);
  return row;
}

std::optional<Birth> DecodeBirth(ByteView row) {
  if (row.size() != kBirthBytes) return std::nullopt;
  Birth birth = GetBirth(row.data());
  if (birth.id == ObjectId(0) || !IsKnown(birth.type)) return std::nullopt;
  return birth;
}

Death DecodeDeath(const uint8_t* row) {
  return {ObjectId(GetBE<uint64_t>(row)), GetBE<uint32_t>(row + 8)};
}

Digest BirthsRoot(std::span<const Birth> births) {
  MerkleHasher hasher;
  for (const Birth& birth : births) hasher.AppendData(EncodeBirth(birth));
  return hasher.Root();
}

Digest BirthsRootOfRows(ByteView rows) {
  MerkleHasher hasher;
  for (; !rows.empty(); rows = rows.subspan(kBirthBytes)) {
    hasher.AppendData(rows.first(kBirthBytes));
  }
  return hasher.Root();
}

Digest DeathsDigest(std::span<const Death> deaths) {
  Bytes rows(deaths.size() * kDeathBytes);
  for (size_t i = 0; i < deaths.size(); ++i) PutDeath(rows.data() + i * kDeathBytes, deaths[i]);
  return crypto::Sha256(rows);
}

}  // namespace chainfs::ledger
