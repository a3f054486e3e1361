// SPDX-License-Identifier: GPL-3.0-or-later
// The comma-separated options of mount(8), -o and fstab, as mount.chainfs understands them. Pure,
// but that the names of users and groups are looked up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/exit_code.h"
#include "tools/common/passphrase.h"

namespace chainfs::tools {

enum class TransportChoice { kAuto, kClassic, kIoUring };

struct MountOptions {
  bool read_only = false;
  bool allow_other = false;
  bool nonempty = false;  // mount over a directory that holds something
  bool noexec = false, nosuid = false, nodev = false;
  bool atime = true;                 // relatime; false: noatime
  std::optional<uint32_t> uid, gid;  // whom files are shown to belong to
  uint32_t umask = 0;                // permissions that are not shown
  PassphraseSource passphrase;
  uint32_t commit_seconds = 5;
  std::optional<uint64_t> cache_bytes;
  std::string log;  // "stderr", "syslog" or a file's path; empty: as the mode of start demands
  bool debug = false;
  TransportChoice transport = TransportChoice::kAuto;
  std::vector<std::string> notes;    // x-...: for others to read; see mount_notes.h
  std::vector<std::string> anchors;  // files to compare the vault with; "-": standard input
  bool accept_rollback = false;      // go on from an older or other state than is remembered
  bool accept_new_volume = false;    // the volume may be another one than was last seen here
};

constexpr uint32_t kMaxCommitSeconds = 3600;
constexpr uint64_t kMinCacheBytes = 8ull << 20;

// Splits at commas outside double quotes and drops the quotes, as libmount does:
// a,b="c,d" gives {a, b=c,d}.
std::vector<std::string> SplitOptions(std::string_view text);

// Applies `text` on top of `options`: what comes later wins. An option that is unknown, or whose
// value is none, fails with kUsage and is named; with `sloppy` (mount -s) the unknown is skipped.
Outcome<void> ApplyMountOptions(std::string_view text, bool sloppy, MountOptions* options);

}  // namespace chainfs::tools
