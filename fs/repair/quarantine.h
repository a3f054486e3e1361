// SPDX-License-Identifier: GPL-3.0-or-later
// The quarantine file: what a repair takes out of a vault, one after the other, so that nothing is
// destroyed that somebody may yet want to look at. docs/repair.md has the format.
//
//   file    magic "chainqua" | version u32 (1) | zero u32 | volume id 16 | record u64
//   entry   kind u8 | key length u8 | zero u16 | length u32 | record u64 | key | bytes
//   end     kind 255, key length 0, length 0, record: number of entries before it
//
// Big-endian. One thread.
#pragma once

#include <string>

#include "crypto/base/result.h"
#include "crypto/sha256.h"
#include "fs/store/descriptor.h"

namespace chainfs::fs::repair {

// On disk: never renumber.
enum class QuarantineKind : uint8_t {
  kDamagedObject = 1,  // key: the object's id; not what its birth row says, or it does not open
  kRemovedObject = 2,  // key: the id; sound, but the repaired tree does not refer to it
  kExtraObject = 3,    // key: as in the table of objects; no birth explains it
  kItem = 4,           // key: the item's, 17 bytes; the value that was dropped or changed
  kTile = 5,           // key: the tile's
  kMeta = 6,           // key: the meta value's name
  kHeader = 7,         // key: the name of the file
  kLists = 8,          // key: as in the table of lists
  kEnd = 255,
};

constexpr char kQuarantineMagic[] = "chainqua";
constexpr uint32_t kQuarantineVersion = 1;

class QuarantineFile {
 public:
  // Makes the file, 0600. kExists; kNoSpace, kIo, kAccessDenied. `record`: of the repair.
  static Result<QuarantineFile> Create(const std::string& path, const VolumeId& volume_id,
                                       Sequence record);

  // `record`: the one that the thing belongs to (an object: that it was born in); 0: none.
  // kNoSpace, kIo. REQUIRES: key.size() < 256.
  Result<void> Append(QuarantineKind kind, ByteView key, ByteView bytes, Sequence record);
  // The end, and all of it durable. Gives the file's SHA-256.
  Result<Digest> Finish();
  // It was not needed. Best effort.
  void Remove();

  const std::string& path() const { return path_; }
  uint64_t entries() const { return entries_; }

 private:
  QuarantineFile(std::string path, store::Descriptor fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<void> Write(ByteView bytes);
  Result<void> WriteEntry(QuarantineKind kind, ByteView key, ByteView bytes, uint64_t record);

  std::string path_;
  store::Descriptor fd_;
  std::unique_ptr<crypto::Sha256Hasher> hasher_ = std::make_unique<crypto::Sha256Hasher>();
  uint64_t entries_ = 0;
};

}  // namespace chainfs::fs::repair
