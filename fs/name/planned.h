// SPDX-License-Identifier: GPL-3.0-or-later
// How an operation changes the tree: a plan, which reads everything that it will touch and decides,
// and then the changes, which do not fail. So a damaged node fails an operation before it has
// changed anything.
//
// The plan is made twice. The first time under a ReadView: what is wrong is answered there, and
// what is cold is read from the disk there, without the exclusive lock. The second time under the
// Change, since the tree may have moved in between.
#pragma once

#include <initializer_list>
#include <type_traits>
#include <utility>

#include "fs/core.h"

namespace chainfs::fs {

// Loads the nodes that hold these keys, or would. kDamaged, kIo.
Result<void> Warm(const Tree& tree, std::initializer_list<Key> keys);

template <class Plan>
struct Planned {
  Change change;
  Plan plan;
};

// `make_plan` gives a Result<Plan> and is called with a tree lock held.
template <class MakePlan, class Plan = std::decay_t<decltype(*std::declval<MakePlan>()())>>
Result<Planned<Plan>> BeginPlanned(Core& core, SpaceNeed need, const MakePlan& make_plan,
                                   size_t growth_bytes = 0) {
  {
    ReadView view(core);
    auto first = make_plan();
    if (!first) return std::move(first).error();
  }
  auto change = Change::Begin(core, need, growth_bytes);
  if (!change) return std::move(change).error();
  auto plan = make_plan();
  if (!plan) return std::move(plan).error();
  return Planned<Plan>{std::move(*change), std::move(*plan)};
}

}  // namespace chainfs::fs
