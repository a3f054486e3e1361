// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/planned.h"

namespace chainfs::fs {

Result<void> Warm(const Tree& tree, std::initializer_list<Key> keys) {
  for (const Key& key : keys) {
    auto found = tree.Find(key);
    if (!found && found.error().code != ErrorCode::kNotFound) return std::move(found).error();
  }
  return {};
}

}  // namespace chainfs::fs
