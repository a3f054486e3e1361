// SPDX-License-Identifier: GPL-3.0-or-later
// Anchors of a made-up ledger, and code that runs as a user without root's rights. No threads.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <numeric>
#include <sstream>
#include <string>

#include "fs/anchor/anchor_codec.h"
#include "fs/anchor/checkpoint_head.h"
#include "fs/anchor/text.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/helpers.h"

namespace chainfs::fs::anchor {

using store::ChildProcess;
using store::CodeOf;
using store::Must;
using store::Take;
using store::TemporaryDirectory;

template <size_t N>
std::array<uint8_t, N> Counting(uint8_t first) {
  std::array<uint8_t, N> out;
  std::iota(out.begin(), out.end(), first);
  return out;
}

// A note with this head. Its signature is none: nothing below ledger/ looks at it.
inline std::string NoteOf(const std::string& origin, uint64_t size, char root = 'A') {
  return origin + "\n" + std::to_string(size) + "\n" + std::string(43, root) + "=\n\n\u2014 " +
         origin + " c2lnbmF0dXJl\n";
}

// The anchor of a volume whose ledger has this many records. Its length varies with them.
inline Anchor AnchorOf(uint64_t size, uint8_t volume = 0xa0, const std::string& branch = "one") {
  Anchor anchor;
  anchor.volume = Counting<16>(volume);
  anchor.genesis = Counting<32>(volume);
  const std::string origin = "chainfs/" + ToHex(anchor.volume) + "/" + branch;
  anchor.vkey = origin + "+00c0ffee+AQIDBA==";
  anchor.time_ns = 1000 * size;
  anchor.vault = "/vaults/of " + std::string(size % 300, 'x');
  anchor.note = NoteOf(origin, size);
  return anchor;
}
inline uint64_t SizeOf(const Anchor& anchor) { return HeadOf(anchor.note)->size; }

inline mode_t ModeOf(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}
inline std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Runs `body` in a child to which permissions apply, as they do not to root, and which owns `path`.
// An exception in it is false: the child must not go on with the other tests.
inline bool AsNobody(const std::string& path, const std::function<bool()>& body) {
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;
  if (root && ::chown(path.c_str(), kNobody, kNobody) != 0) return false;
  return ChildProcess([&](int) {
           try {
             return (!root || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0)) && body();
           } catch (const std::exception&) {
             return false;
           }
         })
      .Succeeds();
}

}  // namespace chainfs::fs::anchor
