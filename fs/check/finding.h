// SPDX-License-Identifier: GPL-3.0-or-later
// What a check of a vault says: findings as it goes, and one verdict for each pass at the end.
// Plain values; a Listener is called by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "crypto/base/types.h"

namespace chainfs::fs::check {

// In the order in which they run. kPages is LMDB's own structure, which the others rest on.
enum class Pass { kPages, kHistory, kIntegrity, kCompleteness, kFreshness, kStructure };

enum class Verdict {
  kOk,
  kFailed,
  kUnanchored,  // FRESHNESS: nobody remembers a head to compare with
  kSelfSigned,  // HISTORY: only the vault's own word for whose signature it is
  kSuperseded,  // FRESHNESS: a remembered head is of a branch that an accepted rollback ended
  kNotChecked,
};

enum class Severity {
  kNotice,   // worth knowing; nothing is wrong
  kWarning,  // something is not as it should be, and nothing is lost
  kDamage,   // content or proof is lost
};

// One for each way in which a vault can be wrong. Scripts and tests go by the names that NameOf
// gives: they never change their meaning.
enum class FindingKind {
  // pages
  kBadPage,      // a page of the database file is not sound
  kLeakedPages,  // pages that are neither in use nor free
  kPageWalkFailed,
  // history
  kBadCheckpoint,  // missing, malformed, or not signed by the key
  kHeadCoverage,   // the checkpoint covers more or fewer records than there are
  kBadRecord,      // malformed, or not of this volume
  kMissingRecord,
  kBrokenLink,         // does not continue the record before it
  kRootMismatch,       // the tree over the records does not have the checkpoint's root
  kBadTile,            // missing, superfluous, or not the hashes of its records
  kBadBranch,          // branch or accepted rollback does not fit the records
  kBadHeader,          // header damaged, older than recorded, or of another ledger
  kHeaderCopy,         // one copy of the header is missing, damaged or older
  kBadSequenceOfTime,  // a record older than the one before it, or its counts do not add up
  kUnknownTable,       // the database holds a table that no chainfs writes
  kBadMeta,            // a meta value is malformed or unknown
  // integrity
  kDigestMismatch,  // an object is not what its birth says
  kBadLists,        // the lists of a record are missing, malformed, or not those that it commits to
  // completeness
  kMissingObject,
  kExtraObject,
  kBadReap,  // the lists say that something was reaped that had not died, or twice
  // freshness
  kRollback,
  kFork,
  kSuperseded,
  kBadAnchor,  // cannot be compared: unreadable, of another volume, or signed by another key
  // structure
  kUnreadableTree,  // a node is missing or does not open: what it held cannot be named
  kUnreadableData,  // bytes of a file are lost
  kLostData,        // bytes of a file that a repair gave up: reading them is an error
  kUnreadableXattr,
  kBadItem,   // an item of the tree is malformed or has no owner
  kBadEntry,  // a directory entry leads nowhere, or its two halves disagree
  kBadLinkCount,
  kBadSize,       // size, block count or inline data do not agree
  kUnnamedInode,  // an inode that no directory names and that is no orphan
  kBadParent,     // a directory's parent is not the one that names it; cycles
  kReachableTwice,
  kBadCounter,        // a total at the root, or live objects in the record, is wrong
  kDeadButReachable,  // the tree refers to what a record says has died
};

// "digest-mismatch" and the like.
const char* NameOf(FindingKind kind);
const char* NameOf(Pass pass);          // "HISTORY"
const char* NameOf(Verdict verdict);    // "NOT CHECKED"
const char* NameOf(Severity severity);  // "damage"

struct Finding {
  Pass pass;
  FindingKind kind;
  Severity severity = Severity::kDamage;
  std::string what = {};    // one line for people, in their words; no full stop
  std::string advice = {};  // what can be done about it; may be empty
  // Where, as far as that is known.
  std::string path = {};  // from the root of the volume; empty: not known, or nothing with a name
  std::optional<InodeNumber> inode = {};
  std::optional<std::pair<uint64_t, uint64_t>> bytes = {};  // of the file: [first, second)
  std::optional<ObjectId> object = {};
  std::optional<Sequence> record = {};  // the record that is hit, or since which commit it is so
  std::optional<uint64_t> page = {};    // of the database file
};

struct PassResult {
  Pass pass;
  Verdict verdict = Verdict::kNotChecked;
  std::string reason = {};  // one line: what was compared, or why not checked
};

struct Progress {
  Pass pass;
  uint64_t done = 0, total = 0;  // in bytes, or in items where total_is_items
  bool total_is_items = false;
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void OnFinding(const Finding& finding) = 0;
  virtual void OnProgress(const Progress&) {}
  // Asked often. True: the check ends soon, and what was not finished is kNotChecked.
  virtual bool IsCancelled() { return false; }
};

}  // namespace chainfs::fs::check
