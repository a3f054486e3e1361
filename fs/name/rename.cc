// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/rename.h"

#include <optional>

#include "fs/clock.h"
#include "fs/name/dentry.h"
#include "fs/name/directory.h"
#include "fs/name/name_rules.h"
#include "fs/name/new_inode.h"
#include "fs/name/orphans.h"
#include "fs/name/planned.h"
#include "fs/name/reclaim.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kTypeCharacter = 0020000;

// One of the two names, with what it leads to.
struct Named {
  EntryName name;
  Entry entry;
  InodeItem inode;
  InodeNumber number() const { return entry.target.inode; }
};

struct Request {
  InodeNumber from, to;
  std::string_view name, new_name;
  RenameMode mode;
};

struct RenamePlan {
  bool nothing_to_do = false;
  InodeNumber from_number, to_number;
  InodeItem from_directory, other_directory;  // `other` only if there are two
  Named source;
  EntryName new_name;
  std::optional<Named> target;
  std::optional<PlannedInode> whiteout;

  bool moves() const { return from_number != to_number; }
  InodeItem& to_directory() { return moves() ? other_directory : from_directory; }
};

Result<Named> FindNamed(const Tree& tree, const EntryName& name) {
  auto entry = FindEntryToChange(tree, name);
  if (!entry) return std::move(entry).error();
  auto inode = LoadNamed(tree, entry->target.inode);
  if (!inode) return std::move(inode).error();
  return Named{name, *entry, std::move(*inode)};
}

// Whether `directory` is `ancestor`, or somewhere below it.
Result<bool> IsWithin(const Tree& tree, InodeNumber directory, InodeNumber ancestor) {
  // No path is longer than there are inodes: more steps than that are a loop, which is damage.
  for (uint64_t steps = tree.counters().inodes; directory != ancestor; --steps) {
    if (directory == kRootInode) return false;
    if (steps == 0) return ErrorCode::kDamaged;
    auto inode = LoadNamed(tree, directory);
    if (!inode) return std::move(inode).error();
    directory = inode->parent;
  }
  return true;
}

Result<void> CheckNoLoop(const Tree& tree, const RenamePlan& plan, RenameMode mode) {
  if (!plan.moves()) return {};
  if (plan.source.inode.is_directory()) {
    auto within = IsWithin(tree, plan.to_number, plan.source.number());
    if (!within) return std::move(within).error();
    if (*within) return ErrorCode::kInvalid;
  }
  if (plan.target && plan.target->inode.is_directory()) {
    auto within = IsWithin(tree, plan.from_number, plan.target->number());
    if (!within) return std::move(within).error();
    if (*within) return mode == RenameMode::kExchange ? ErrorCode::kInvalid : ErrorCode::kNotEmpty;
  }
  return {};
}

Result<void> CheckReplaceable(const Tree& tree, const RenamePlan& plan) {
  const InodeItem& target = plan.target->inode;
  if (plan.source.inode.is_directory()) {
    if (!target.is_directory()) return ErrorCode::kNotDirectory;
    auto empty = IsEmptyDirectory(tree, plan.target->number());
    if (!empty) return std::move(empty).error();
    if (!*empty) return ErrorCode::kNotEmpty;
  } else if (target.is_directory()) {
    return ErrorCode::kIsDirectory;
  }
  return WarmDropLink(tree, plan.target->number(), target);
}

// How many subdirectories the new directory gains, and the old one loses.
int DirectoriesMoved(const RenamePlan& plan, RenameMode mode) {
  if (!plan.moves()) return 0;
  const bool back = mode == RenameMode::kExchange && plan.target->inode.is_directory();
  return (plan.source.inode.is_directory() ? 1 : 0) - (back ? 1 : 0);
}

Result<void> LoadDirectories(const Tree& tree, RenamePlan& plan) {
  auto from = LoadDirectory(tree, plan.from_number);
  if (!from) return std::move(from).error();
  plan.from_directory = std::move(*from);
  if (plan.moves()) {
    auto to = LoadDirectory(tree, plan.to_number);
    if (!to) return std::move(to).error();
    plan.other_directory = std::move(*to);
  }
  return {};
}

Result<void> FindBoth(const Core& core, const Request& request, RenamePlan& plan) {
  auto source = FindNamed(core.tree, NameIn(core, request.from, request.name));
  if (!source) return std::move(source).error();
  plan.source = std::move(*source);
  plan.new_name = NameIn(core, request.to, request.new_name);
  auto target = FindNamed(core.tree, plan.new_name);
  if (target) {
    if (request.mode == RenameMode::kNoReplace) return ErrorCode::kExists;
    plan.target = std::move(*target);
    return {};
  }
  const bool optional = request.mode != RenameMode::kExchange;
  if (optional && target.error().code == ErrorCode::kNotFound) return {};
  return std::move(target).error();
}

Result<RenamePlan> PlanRename(const Core& core, const Request& request) {
  RenamePlan plan;
  plan.from_number = request.from;
  plan.to_number = request.to;
  if (auto loaded = LoadDirectories(core.tree, plan); !loaded) return std::move(loaded).error();
  if (auto found = FindBoth(core, request, plan); !found) return std::move(found).error();
  InodeItem& to = plan.to_directory();
  if (to.nlink == 0) return ErrorCode::kNotFound;
  if (auto sound = CheckNoLoop(core.tree, plan, request.mode); !sound) {
    return std::move(sound).error();
  }
  if (plan.target && plan.target->number() == plan.source.number()) {
    plan.nothing_to_do = true;
    return plan;
  }
  if (plan.target && request.mode != RenameMode::kExchange) {
    if (auto can = CheckReplaceable(core.tree, plan); !can) return std::move(can).error();
  }
  if (!plan.target) {
    auto vacant = CheckVacant(core.tree, plan.new_name, to.next_entry_sequence);
    if (!vacant) return std::move(vacant).error();
  }
  const int gained = DirectoriesMoved(plan, request.mode);
  if ((gained > 0 && to.nlink == kMaxLinks) ||
      (gained < 0 && plan.from_directory.nlink == kMaxLinks)) {
    return ErrorCode::kTooManyLinks;
  }
  if (request.mode == RenameMode::kWhiteout) {
    const NewInode parameters{.uid = plan.from_directory.uid, .gid = plan.from_directory.gid};
    auto whiteout = PlanInode(core, request.from, plan.from_directory, parameters, kTypeCharacter);
    if (!whiteout) return std::move(whiteout).error();
    plan.whiteout = std::move(*whiteout);
  }
  return plan;
}

Result<void> Exchange(Change& change, RenamePlan& plan) {
  const Named& source = plan.source;
  Named& target = *plan.target;
  auto back = RetargetEntry(change, source.name, source.entry, target.entry.target);
  if (!back) return back;
  auto forth = RetargetEntry(change, target.name, target.entry, source.entry.target);
  if (!forth) return forth;
  StampEntryChange(plan.from_directory, 0);
  StampEntryChange(plan.to_directory(), 0);
  if (target.inode.is_directory()) target.inode.parent = plan.from_number;
  target.inode.ctime = Now();
  return StoreInode(change, target.number(), target.inode);
}

Result<void> TakeNewName(Change& change, RenamePlan& plan) {
  InodeItem& to = plan.to_directory();
  if (!plan.target) {
    const Entry entry{plan.source.entry.target, to.next_entry_sequence++};
    StampEntryChange(to, 1);
    return InsertEntry(change, plan.new_name, entry);
  }
  StampEntryChange(to, 0);
  if (plan.target->inode.is_directory()) --to.nlink;
  return RetargetEntry(change, plan.new_name, plan.target->entry, plan.source.entry.target);
}

Result<void> LeaveOldName(const Core& core, Change& change, RenamePlan& plan) {
  const Named& source = plan.source;
  if (!plan.whiteout) {
    StampEntryChange(plan.from_directory, -1);
    return EraseEntry(change, source.name, source.entry);
  }
  StampEntryChange(plan.from_directory, 0);
  if (auto stored = StoreNewInode(core, change, *plan.whiteout); !stored) return stored;
  return RetargetEntry(change, source.name, source.entry, {plan.whiteout->number, kTypeCharacter});
}

Result<void> StoreMoved(Change& change, RenamePlan& plan) {
  if (plan.source.inode.is_directory()) plan.source.inode.parent = plan.to_number;
  plan.source.inode.ctime = Now();
  auto moved = StoreInode(change, plan.source.number(), plan.source.inode);
  if (!moved) return moved;
  if (plan.moves()) {
    auto to = StoreInode(change, plan.to_number, plan.other_directory);
    if (!to) return to;
  }
  return StoreInode(change, plan.from_number, plan.from_directory);
}

}  // namespace

Result<void> Rename(Core& core, OrphanReclaimer& orphans, InodeNumber parent, std::string_view name,
                    InodeNumber new_parent, std::string_view new_name, RenameMode mode) {
  if (auto sound = CheckName(name); !sound) return sound;
  if (auto sound = CheckName(new_name); !sound) return sound;
  if (IsDotOrDotDot(name)) return ErrorCode::kBusy;
  if (IsDotOrDotDot(new_name)) {
    return mode == RenameMode::kNoReplace ? ErrorCode::kExists : ErrorCode::kBusy;
  }
  const Request request{parent, new_parent, name, new_name, mode};
  auto begun = BeginPlanned(core, SpaceNeed::kGrow, [&] { return PlanRename(core, request); });
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  if (plan.nothing_to_do) return {};

  const int gained = DirectoriesMoved(plan, mode);
  if (mode == RenameMode::kExchange) {
    if (auto exchanged = Exchange(change, plan); !exchanged) return exchanged;
  } else {
    if (auto taken = TakeNewName(change, plan); !taken) return taken;
    if (auto left = LeaveOldName(core, change, plan); !left) return left;
  }
  plan.to_directory().nlink += static_cast<uint32_t>(gained);
  plan.from_directory.nlink -= static_cast<uint32_t>(gained);
  if (auto stored = StoreMoved(change, plan); !stored) return stored;
  if (mode == RenameMode::kExchange || !plan.target) return {};
  auto unlinked = DropLink(core, change, plan.target->number(), plan.target->inode);
  if (!unlinked) return std::move(unlinked).error();
  if (*unlinked == Unlinked::kLeftToReclaim) orphans.Enqueue(plan.target->number());
  return {};
}

}  // namespace chainfs::fs
