// SPDX-License-Identifier: GPL-3.0-or-later
// Walking through items while some of them are changed. One thread.
#pragma once

#include <limits>

#include "fs/core.h"

namespace chainfs::fs::repair {

enum class Step {
  kNext,
  kChanged,  // the tree was changed, and the key and value are no longer there to be looked at
  kStop,
};

// The key right behind; nullopt: there is none.
inline std::optional<Key> KeyAfter(Key key) {
  if (++key.offset != 0) return key;
  key.kind = static_cast<ItemKind>(static_cast<uint8_t>(key.kind) + 1);
  if (static_cast<uint8_t>(key.kind) != 0) return key;
  return ++key.inode != 0 ? std::optional(key) : std::nullopt;
}

// Visits the items from `from` on. visit(key, value) gives a Result<Step>; once it has changed the
// tree it must not look at `value` again.
template <class Visit>
Result<void> WalkItems(Change& change, Key from, const Visit& visit) {
  for (;;) {
    auto cursor = change.Seek(from);
    if (!cursor) return std::move(cursor).error();
    bool changed = false;
    while (!changed && cursor->valid()) {
      const Key key = cursor->key();
      auto step = visit(key, cursor->value());
      if (!step) return std::move(step).error();
      if (*step == Step::kStop) return {};
      changed = *step == Step::kChanged;
      const auto after = KeyAfter(key);
      if (!after) return {};
      from = *after;
      if (changed) break;
      if (auto next = cursor->Next(); !next) return next;
    }
    if (!changed) return {};
  }
}

}  // namespace chainfs::fs::repair
