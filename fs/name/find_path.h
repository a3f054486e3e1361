// SPDX-License-Identifier: GPL-3.0-or-later
// The path of an inode, for people: what a log line says of a damaged file.
#pragma once

#include <optional>
#include <string>

#include "fs/core.h"

namespace chainfs::fs {

// From the root on, without a slash in front; "." for the root itself; one of several if there are
// hard links. nullopt: it has no name, the way to it is damaged, or it was not found in a bounded
// search.
//
// A directory knows its parent. A file does not: directories are searched, those that were made
// shortly before it first, since that is where it mostly is. For rare occasions: it may look at a
// quarter of a million items. Waits for no writer for long; any thread, no lock held.
std::optional<std::string> FindPath(Core& core, InodeNumber inode);

}  // namespace chainfs::fs
