// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/finding.h"

namespace chainfs::fs::check {

const char* NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kBadPage:
      return "bad-page";
    case FindingKind::kLeakedPages:
      return "leaked-pages";
    case FindingKind::kPageWalkFailed:
      return "page-walk-failed";
    case FindingKind::kBadCheckpoint:
      return "bad-checkpoint";
    case FindingKind::kHeadCoverage:
      return "head-coverage";
    case FindingKind::kBadRecord:
      return "bad-record";
    case FindingKind::kMissingRecord:
      return "missing-record";
    case FindingKind::kBrokenLink:
      return "broken-link";
    case FindingKind::kRootMismatch:
      return "root-mismatch";
    case FindingKind::kBadTile:
      return "bad-tile";
    case FindingKind::kBadBranch:
      return "bad-branch";
    case FindingKind::kBadHeader:
      return "bad-header";
    case FindingKind::kHeaderCopy:
      return "header-copy";
    case FindingKind::kBadSequenceOfTime:
      return "bad-sequence-of-time";
    case FindingKind::kUnknownTable:
      return "unknown-table";
    case FindingKind::kBadMeta:
      return "bad-meta";
    case FindingKind::kDigestMismatch:
      return "digest-mismatch";
    case FindingKind::kBadLists:
      return "bad-lists";
    case FindingKind::kMissingObject:
      return "missing-object";
    case FindingKind::kExtraObject:
      return "extra-object";
    case FindingKind::kBadReap:
      return "bad-reap";
    case FindingKind::kRollback:
      return "rollback";
    case FindingKind::kFork:
      return "fork";
    case FindingKind::kSuperseded:
      return "superseded";
    case FindingKind::kBadAnchor:
      return "bad-anchor";
    case FindingKind::kUnreadableTree:
      return "unreadable-tree";
    case FindingKind::kUnreadableData:
      return "unreadable-data";
    case FindingKind::kLostData:
      return "lost-data";
    case FindingKind::kUnreadableXattr:
      return "unreadable-xattr";
    case FindingKind::kBadItem:
      return "bad-item";
    case FindingKind::kBadEntry:
      return "bad-entry";
    case FindingKind::kBadLinkCount:
      return "bad-link-count";
    case FindingKind::kBadSize:
      return "bad-size";
    case FindingKind::kUnnamedInode:
      return "unnamed-inode";
    case FindingKind::kBadParent:
      return "bad-parent";
    case FindingKind::kReachableTwice:
      return "reachable-twice";
    case FindingKind::kBadCounter:
      return "bad-counter";
    case FindingKind::kDeadButReachable:
      return "dead-but-reachable";
  }
  return "unknown";
}

const char* NameOf(Pass pass) {
  switch (pass) {
    case Pass::kPages:
      return "PAGES";
    case Pass::kHistory:
      return "HISTORY";
    case Pass::kIntegrity:
      return "INTEGRITY";
    case Pass::kCompleteness:
      return "COMPLETENESS";
    case Pass::kFreshness:
      return "FRESHNESS";
    case Pass::kStructure:
      return "STRUCTURE";
  }
  return "unknown";
}

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "OK";
    case Verdict::kFailed:
      return "FAILED";
    case Verdict::kUnanchored:
      return "UNANCHORED";
    case Verdict::kSelfSigned:
      return "SELF-SIGNED";
    case Verdict::kSuperseded:
      return "SUPERSEDED";
    case Verdict::kNotChecked:
      return "NOT CHECKED";
  }
  return "unknown";
}

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kNotice:
      return "notice";
    case Severity::kWarning:
      return "warning";
    case Severity::kDamage:
      return "damage";
  }
  return "unknown";
}

}  // namespace chainfs::fs::check
