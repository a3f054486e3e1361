// SPDX-License-Identifier: GPL-3.0-or-later
// What a pass says: passes findings on to the listener and remembers whether any of them is damage.
// One thread at a time.
#pragma once

#include <optional>
#include <string>

#include "fs/check/finding.h"

namespace chainfs::fs::check {

struct Where {
  std::optional<ObjectId> object;
  std::optional<Sequence> record;
};

class Report {
 public:
  Report(Pass pass, Listener& listener) : pass_(pass), listener_(listener) {}

  // The advice is the kind's own.
  void Damage(FindingKind kind, std::string what, Where where = {}) {
    ++damage_;
    Tell(kind, Severity::kDamage, std::move(what), where);
  }
  void Warn(FindingKind kind, std::string what, Where where = {}) {
    Tell(kind, Severity::kWarning, std::move(what), where);
  }
  void Note(FindingKind kind, std::string what, Where where = {}) {
    Tell(kind, Severity::kNotice, std::move(what), where);
  }
  void SayProgress(uint64_t done, uint64_t total, bool items) {
    listener_.OnProgress({pass_, done, total, items});
  }
  bool IsCancelled() { return listener_.IsCancelled(); }

  // How many findings were damage.
  uint64_t damage() const { return damage_; }
  // FAILED if anything was damaged, or else what is given.
  PassResult Finish(Verdict verdict, std::string reason) const;

 private:
  void Tell(FindingKind kind, Severity severity, std::string what, const Where& where);

  const Pass pass_;
  Listener& listener_;
  uint64_t damage_ = 0;
};

// "1 record", "2 records".
std::string Count(uint64_t number, const std::string& thing);

}  // namespace chainfs::fs::check
