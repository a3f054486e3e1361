// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_directory.h"

#include <sys/stat.h>

#include "crypto/sha256.h"
#include "fs/anchor/checkpoint_head.h"
#include "fs/anchor/private_files.h"
#include "fs/anchor/text.h"

namespace chainfs::fs::anchor {
namespace {

using store::Descriptor;

constexpr size_t kPathHashBytes = 16;

std::string PathHash(const std::string& vault) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(vault.data());
  const Digest digest = crypto::Sha256(ByteView(bytes, vault.size()));
  return ToHex(ByteView(digest).first(kPathHashBytes));
}

// Says it in a way that leads nobody to delete the one thing that would show a rollback.
Error Unusable(const Error& error, const std::string& file) {
  if (error.code == ErrorCode::kUnknownFormat) {
    return {error.code, "the anchor " + file + " cannot be read: " + error.message +
                            "; use that version, or give the anchor a place of its own"};
  }
  return {error.code, "the anchor " + file + " is damaged (" + error.message +
                          "), so it cannot tell whether the vault was rolled back; restore it from "
                          "a backup, or check the vault against a checkpoint kept elsewhere"};
}

// Whether `fresh` is to be written over `kept`.
Result<bool> Advances(const Anchor& kept, const Anchor& fresh, std::string_view superseded_origin,
                      const std::string& file) {
  // Both were decoded or encoded, so both have a head.
  const CheckpointHead old_head = *HeadOf(kept.note), new_head = *HeadOf(fresh.note);
  if (kept.genesis != fresh.genesis) {
    return Error{ErrorCode::kStale, "the anchor " + file + " is of a ledger with another genesis"};
  }
  if (old_head.origin != new_head.origin) {
    if (old_head.origin == superseded_origin) return true;
    return Error{ErrorCode::kStale, "the anchor " + file + " is of another branch, " +
                                        old_head.origin + "; this one is " + new_head.origin};
  }
  if (kept.vkey != fresh.vkey) {
    return Error{ErrorCode::kStale, "the anchor " + file + " is of a ledger with another key"};
  }
  if (old_head.size == new_head.size && old_head.root != new_head.root) {
    return Error{ErrorCode::kStale, "the anchor " + file + " has another head of " +
                                        std::to_string(old_head.size) + " records: a fork"};
  }
  if (old_head.size != new_head.size) return old_head.size < new_head.size;
  return kept != fresh;  // the vault may have moved
}

}  // namespace

std::string AnchorDirectory::FileOf(const VolumeId& volume, const char* ending) const {
  return path_ + "/" + ToHex(volume) + ending;
}

std::string AnchorDirectory::PathEntryOf(const std::string& vault) const {
  return path_ + "/paths/" + PathHash(vault);
}

Result<std::optional<Anchor>> AnchorDirectory::Find(const VolumeId& volume) const {
  const std::string file = FileOf(volume);
  Result<std::optional<std::string>> text = ReadSmallFile(file, kMaxAnchorBytes);
  if (!text && text.error().code == ErrorCode::kDamaged) return Unusable(text.error(), file);
  if (!text) return text.error();
  if (!*text) return std::optional<Anchor>();
  Result<Anchor> anchor = DecodeAnchor(**text);
  if (!anchor) return Unusable(anchor.error(), file);
  if (anchor->volume != volume) {
    return Unusable({ErrorCode::kDamaged, "it names another volume"}, file);
  }
  return std::optional<Anchor>(*std::move(anchor));
}

Result<std::optional<VolumeId>> AnchorDirectory::FindByPath(const std::string& vault) const {
  const std::string file = PathEntryOf(vault);
  Result<std::optional<std::string>> text = ReadSmallFile(file, kMaxAnchorBytes);
  if (!text && text.error().code == ErrorCode::kDamaged) return Unusable(text.error(), file);
  if (!text) return text.error();
  if (!*text) return std::optional<VolumeId>();
  Result<PathEntry> entry = DecodePathEntry(**text);
  if (!entry) return Unusable(entry.error(), file);
  if (entry->vault != vault) return Unusable({ErrorCode::kDamaged, "it names another path"}, file);
  return std::optional<VolumeId>(entry->volume);
}

Result<Descriptor> AnchorDirectory::Lock(const VolumeId& volume) const {
  if (auto made = MakePrivateDirectory(path_); !made) return made.error();
  return LockFile(FileOf(volume, ".lock"));
}

Result<void> AnchorDirectory::Remember(const Anchor& anchor,
                                       std::string_view superseded_origin) const {
  const Result<std::string> text = EncodeAnchor(anchor);
  if (!text) return text.error();
  const Result<Descriptor> lock = Lock(anchor.volume);
  if (!lock) return lock.error();
  const std::string file = FileOf(anchor.volume);
  const Result<std::optional<Anchor>> kept = Find(anchor.volume);
  if (!kept) return kept.error();
  Result<bool> advances(true);
  if (*kept) advances = Advances(**kept, anchor, superseded_origin, file);
  if (!advances) return advances.error();
  if (*advances) {
    Result<void> written = ReplaceFile(file, FileOf(anchor.volume, ".new"), *text);
    if (!written) return written;
  }
  return WritePathEntry(anchor.vault, anchor.volume);
}

Result<void> AnchorDirectory::RememberPath(const std::string& vault, const VolumeId& volume) const {
  const Result<Descriptor> lock = Lock(volume);
  if (!lock) return lock.error();
  return WritePathEntry(vault, volume);
}

Result<void> AnchorDirectory::WritePathEntry(const std::string& vault,
                                             const VolumeId& volume) const {
  const Result<std::string> text = EncodePathEntry({volume, vault});
  if (!text) return text.error();
  const std::string file = PathEntryOf(vault);
  const Result<std::optional<std::string>> kept = ReadSmallFile(file, kMaxAnchorBytes);
  if (kept && *kept == *text) return {};
  if (auto made = MakePrivateDirectory(path_ + "/paths"); !made) return made.error();
  // The temporary is one that the volume's lock protects: another volume may be writing this entry.
  return ReplaceFile(file, FileOf(volume, ".new"), *text);
}

Result<std::string> AnchorDirectory::SetAside(const VolumeId& volume) const {
  const Result<Descriptor> lock = Lock(volume);
  if (!lock) return lock.error();
  std::string aside;
  struct stat status;
  for (uint64_t n = 1;; ++n) {
    aside = FileOf(volume, ".damaged.") + std::to_string(n);
    if (::lstat(aside.c_str(), &status) != 0) break;
  }
  if (auto renamed = RenameDurably(FileOf(volume), aside); !renamed) return renamed.error();
  return aside;
}

}  // namespace chainfs::fs::anchor
