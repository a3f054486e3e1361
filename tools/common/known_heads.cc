// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/known_heads.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "fs/anchor/checkpoint_head.h"
#include "fs/history/known_head.h"
#include "fs/store/descriptor.h"
#include "tools/common/size_text.h"
#include "tools/common/state_path.h"

namespace chainfs::tools {
namespace {

using fs::anchor::Anchor;

Failure Unusable(const std::string& message) { return {ExitCode::kAnchorUnusable, message}; }

// A file, a FIFO or a terminal: to its end.
Outcome<std::string> ReadAll(int fd, const std::string& name) {
  std::string text(fs::anchor::kMaxAnchorBytes + 1, '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = read(fd, text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return SystemFailure("cannot read the anchor " + name, errno, ExitCode::kAnchorUnusable);
    }
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  if (have == text.size()) return Unusable("the anchor " + name + " is too long to be one");
  text.resize(have);
  return text;
}

}  // namespace

Outcome<AnchorFile> ReadAnchorFile(const std::string& file) {
  if (file.empty()) return Failure{ExitCode::kUsage, "an anchor needs the name of a file"};
  const bool is_stdin = file == "-";
  const std::string name = is_stdin ? "on standard input" : file;
  fs::store::Descriptor opened;
  if (!is_stdin) {
    opened = fs::store::Descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) {
      return SystemFailure("cannot read the anchor " + name, errno, ExitCode::kAnchorUnusable);
    }
  }
  auto text = ReadAll(is_stdin ? STDIN_FILENO : opened.get(), name);
  if (!text) return text.error();
  if (text->starts_with("chainfs anchor ")) {
    auto anchor = fs::anchor::DecodeAnchor(*text);
    if (!anchor) return Unusable("the anchor " + name + ": " + anchor.error().message);
    return AnchorFile{{name, std::move(anchor->note), anchor->time_ns}, std::move(anchor->vkey)};
  }
  if (!fs::anchor::HeadOf(*text)) {
    return Unusable("the anchor " + name + ": this is neither an anchor nor a checkpoint");
  }
  return AnchorFile{{name, std::move(*text), 0}, {}};
}

namespace {

// The anchor that is kept of this ledger; nullopt: there is none.
Result<std::optional<Anchor>> FindKept(const fs::anchor::AnchorDirectory& directory,
                                       const fs::LedgerIdentity& identity) {
  auto anchor = directory.Find(identity.volume_id);
  if (!anchor && anchor.error().code == ErrorCode::kNotDirectory) return std::optional<Anchor>();
  if (!anchor || !*anchor) return anchor;
  const std::string file = directory.FileOf(identity.volume_id);
  auto known =
      fs::OpenKnownHead((*anchor)->note, identity.volume_id, identity.key, "the anchor " + file);
  if (!known) return std::move(known).error();
  if ((*anchor)->genesis != identity.genesis_link) {
    return Error{ErrorCode::kDamaged, "the anchor " + file + ": its genesis is another ledger's"};
  }
  return anchor;
}

}  // namespace

AnchorPlace FindAnchorPlace(const std::string& vault, const std::string& mount_point) {
  auto directory = FindAnchorDirectory(VaultSearch::OfThisProcess());
  if (!directory) return {{}, "neither CHAINFS_ANCHORS, XDG_STATE_HOME nor HOME names a place"};
  if (auto why_not = WhyNoPlaceForAnchors(*directory, vault, mount_point)) return {{}, *why_not};
  return {fs::anchor::AnchorDirectory(*directory), {}};
}

Outcome<std::vector<fs::RememberedHead>> ReadAnchorFiles(const std::vector<std::string>& files) {
  if (std::count(files.begin(), files.end(), "-") > 1) {
    return Failure{ExitCode::kUsage, "standard input can be one anchor only"};
  }
  std::vector<fs::RememberedHead> heads;
  for (const std::string& file : files) {
    auto head = ReadAnchorFile(file);
    if (!head) return head.error();
    heads.push_back(std::move(head->head));
  }
  return heads;
}

Outcome<void> CheckVolumeAtPath(const AnchorPlace& place, const std::string& vault,
                                const VolumeId& volume, bool accept) {
  if (!place.directory || accept) return {};
  constexpr char kHint[] = "; if the vault that lies there now is meant, use --accept-new-volume";
  auto last = place.directory->FindByPath(vault);
  if (!last && last.error().code == ErrorCode::kNotDirectory) return {};
  if (!last) return Unusable(vault + ": " + last.error().message + kHint);
  if (!*last || **last == volume) return {};
  return Failure{ExitCode::kOtherVolume,
                 vault + ": another volume was last seen at this path\n  then: " +
                     VolumeIdText(**last) + "\n  now:  " + VolumeIdText(volume) +
                     "\nIf you did not put this one here yourself, somebody else did: do not give "
                     "it your\npassphrase. If it is meant, mount it with --accept-new-volume."};
}

Outcome<KnownHeads> FindKnownHeads(const AnchorPlace& place, std::vector<fs::RememberedHead> given,
                                   const fs::LedgerIdentity& identity, bool accept_rollback) {
  for (const fs::RememberedHead& head : given) {
    auto known = fs::OpenKnownHead(head.checkpoint, identity.volume_id, identity.key,
                                   "the anchor " + head.source);
    if (!known) return Unusable(known.error().message);
  }
  KnownHeads known{std::move(given), {}, false};
  if (!place.directory) return known;
  auto kept = FindKept(*place.directory, identity);
  if (!kept && !accept_rollback) {
    return Unusable(kept.error().message +
                    "; to go on without it, mount with --accept-rollback, which puts it aside");
  }
  if (!kept) known.set_aside = true;
  if (!kept || !*kept) return known;
  known.kept_origin = fs::anchor::HeadOf((*kept)->note)->origin;
  known.heads.push_back(
      {place.directory->FileOf(identity.volume_id), std::move((*kept)->note), (*kept)->time_ns});
  return known;
}

}  // namespace chainfs::tools
