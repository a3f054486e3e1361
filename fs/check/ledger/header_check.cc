// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/header_check.h"

#include <algorithm>

#include "crypto/header.h"
#include "crypto/sha256.h"

namespace chainfs::fs::check {
namespace {

// How a copy stands to the header that the newest record names.
enum class Age { kUnreadable, kOther, kRecorded, kSuccessor };

struct Copy {
  std::optional<crypto::HeaderInfo> info;
  Age age = Age::kUnreadable;
  std::string why;
};

Copy Judge(ByteView header, const std::optional<ledger::Record>& newest) {
  Copy copy;
  if (header.empty()) {
    copy.why = "is missing or cannot be read";
    return copy;
  }
  auto info = crypto::ParseHeader(header);
  if (!info) {
    copy.why = info.error().message.empty() ? "is damaged" : "is damaged: " + info.error().message;
    return copy;
  }
  copy.info = std::move(*info);
  copy.why = newest && newest->volume_id != copy.info->volume_id
                 ? "is that of another volume"
                 : "is another than the newest record names, perhaps an older one";
  if (!newest || newest->header_digest == crypto::Sha256(header)) {
    copy.age = Age::kRecorded;
  } else {
    copy.age = newest->header_digest == copy.info->previous_header ? Age::kSuccessor : Age::kOther;
  }
  return copy;
}

}  // namespace

void CheckHeader(const store::HeaderCopies& copies, const std::optional<Digest>& genesis_link,
                 const std::optional<ledger::Record>& newest, bool verified, Report& report) {
  const Copy both[] = {Judge(copies.first, newest), Judge(copies.second, newest)};
  const Age best = std::max(both[0].age, both[1].age);
  const Copy& good = both[0].age == best ? both[0] : both[1];
  const bool same = std::ranges::equal(copies.first, copies.second);
  if (best <= Age::kOther) {
    report.Damage(FindingKind::kBadHeader,
                  "the header " + (best == Age::kUnreadable ? both[0].why : good.why));
    return;
  }
  for (size_t i = 0; i < 2 && !same; ++i) {
    if (&both[i] == &good) continue;
    const std::string name = "header." + std::to_string(i) + " ";
    report.Warn(
        FindingKind::kHeaderCopy,
        name + (both[i].age <= Age::kOther ? both[i].why : "is not the same as the other copy"));
  }
  if (best == Age::kSuccessor && !verified) {
    report.Note(FindingKind::kBadHeader,
                "the header was replaced after the newest record; that its owner did it, only "
                "unlocking it can show");
  }
  if (genesis_link && good.info->genesis_link != *genesis_link) {
    report.Damage(FindingKind::kBadHeader, "the header is that of another ledger");
  }
  if (newest && good.info->volume_id != newest->volume_id) {
    report.Damage(FindingKind::kBadHeader, "the header is that of another volume");
  }
}

}  // namespace chainfs::fs::check
