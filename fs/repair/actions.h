// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of things that a repair does: the bits of a REPAIR record (docs/format-records.md).
// On disk: never renumber.
#pragma once

#include <cstdint>

namespace chainfs::fs::repair {

enum class Action : uint32_t {
  kMendHeader = 1 << 0,     // a copy of the header was missing, damaged or older
  kRebuildTiles = 1 << 1,   // from the records
  kRebuildMeta = 1 << 2,    // from the records and lists
  kFallBack = 1 << 3,       // the newest tree was given up for an older one
  kRebuildNodes = 1 << 4,   // inner nodes of the tree, from the nodes below them
  kGiveUpItems = 1 << 5,    // a part of the tree could not be read
  kGiveUpData = 1 << 6,     // bytes of files are errors from now on
  kRemoveXattrs = 1 << 7,   // their values could not be read
  kRepairEntries = 1 << 8,  // names were removed, or one half of them made from the other
  kRepairInodes = 1 << 9,   // made up, removed, or link count, size and the like set right
  kMoveToLostAndFound = 1 << 10,
  kRepairCounters = 1 << 11,  // the totals at the root
  kRemoveObjects = 1 << 12,   // extra, unreachable, or dead and damaged
  kRemoveItems = 1 << 13,     // malformed, or belonging to nothing
  kCopyObjects = 1 << 14,     // what had died is in the tree again, under a new id
};

}  // namespace chainfs::fs::repair
