// SPDX-License-Identifier: GPL-3.0-or-later
// Where anchors lie: a directory of this user's, outside every vault.
//
//   <volume id>.anchor            the anchor of a volume (anchor_codec.h)
//   <volume id>.lock              held while one of the volume's files is written
//   <volume id>.new               a file being written; left over only by a crash
//   <volume id>.damaged.<n>       what SetAside has put away
//   paths/<first 32 hex digits of SHA-256 of a vault's path>
//                                 the volume last seen there: another one at a known path is
//                                 noticed
//
// An anchor only advances. Remember decides under the lock of the volume, so two processes that
// have the same volume (a vault and its copy) cannot set each other back, and those of different
// volumes do not wait for one another. Every file is whole at every moment, and durable when the
// call returns.
//
// A file that cannot be read or understood is never taken for one that is not there: whoever can
// damage an anchor would else be rid of it. Failures besides those that each function names are
// those of private_files.h. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "fs/anchor/anchor_codec.h"
#include "fs/store/descriptor.h"

namespace chainfs::fs::anchor {

class AnchorDirectory {
 public:
  // Looks at nothing yet: the directory and its parents are made when the first anchor is written.
  // REQUIRES: `path` is absolute.
  explicit AnchorDirectory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Where the anchor of `volume` is or would be, for messages.
  std::string FileOf(const VolumeId& volume) const { return FileOf(volume, ".anchor"); }

  // nullopt: there is none, and nothing stands in its place. kDamaged, kUnknownFormat: the message
  // names the file, what is wrong with it and what can be done. The note's signature is not
  // verified.
  Result<std::optional<Anchor>> Find(const VolumeId& volume) const;
  // The volume that Remember last named with this path. Fails as Find does.
  Result<std::optional<VolumeId>> FindByPath(const std::string& vault) const;

  // Keeps `anchor` in place of an older one of its branch, and notes its volume at its path. An
  // anchor of the branch that is as new or newer stays, and that is success. An anchor of another
  // branch is replaced only if its origin is `superseded_origin`, which the caller has verified to
  // have been given up for this one (ROLLBACK_ACCEPTED).
  //
  // kStale, and what is there stays: it is of a branch that was not named, of a ledger with another
  // genesis or key, or a different head with the same number of records. kDamaged, kUnknownFormat:
  // what is there cannot be compared, and stays. kInvalid: see EncodeAnchor.
  // REQUIRES: the commit that the checkpoint covers is durable, and verified if it is not our own.
  Result<void> Remember(const Anchor& anchor, std::string_view superseded_origin = {}) const;

  // This path is `volume`'s from now on, whatever its entry held, even damage: what mkfs says of a
  // vault that it has made, and what Remember does, since by then it is settled who is there.
  Result<void> RememberPath(const std::string& vault, const VolumeId& volume) const;

  // Renames the anchor, so that its owner can go on without it and nothing is lost; returns its new
  // path. For an anchor that Find refuses, when the owner has said so. kNotFound: there is none.
  Result<std::string> SetAside(const VolumeId& volume) const;

 private:
  std::string FileOf(const VolumeId& volume, const char* ending) const;
  std::string PathEntryOf(const std::string& vault) const;
  Result<store::Descriptor> Lock(const VolumeId& volume) const;
  // REQUIRES: the lock of `volume` is held.
  Result<void> WritePathEntry(const std::string& vault, const VolumeId& volume) const;

  std::string path_;
};

}  // namespace chainfs::fs::anchor
