// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/report.h"

namespace chainfs::fs::check {
namespace {

const char* AdviceFor(FindingKind kind) {
  switch (kind) {
    case FindingKind::kHeaderCopy:
      return "mounting the vault writes this copy anew";
    case FindingKind::kBadHeader:
      return "put back the newest header that you have; an older one may have slots since removed";
    case FindingKind::kDigestMismatch:
    case FindingKind::kMissingObject:
      return "check with the key to see which file it belongs to, and restore that from a backup";
    case FindingKind::kExtraObject:
      return "nothing refers to it; it takes up space";
    case FindingKind::kRollback:
      return "look for the newer vault; if this older state is meant, mount it with "
             "--accept-rollback";
    case FindingKind::kFork:
      return "one of the two was written by somebody else, or is a copy that went on by itself";
    case FindingKind::kSuperseded:
      return "keep a checkpoint of the new branch in its place";
    case FindingKind::kBadAnchor:
      return "give a checkpoint of this volume, as it was kept";
    default:
      return "";
  }
}

}  // namespace

void Report::Tell(FindingKind kind, Severity severity, std::string what, const Where& where) {
  Finding finding{pass_, kind};
  finding.severity = severity;
  finding.what = std::move(what);
  finding.advice = AdviceFor(kind);
  finding.object = where.object;
  finding.record = where.record;
  listener_.OnFinding(finding);
}

PassResult Report::Finish(Verdict verdict, std::string reason) const {
  return {pass_, damage_ > 0 ? Verdict::kFailed : verdict, std::move(reason)};
}

std::string Count(uint64_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace chainfs::fs::check
