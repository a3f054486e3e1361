// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/crash/file_load.h"

#include <gtest/gtest.h>

#include "crypto/base/byte_order.h"

namespace chainfs::fs {
namespace {

// Eight bytes that belong at this offset of this inode.
uint64_t WordAt(InodeNumber file, uint64_t offset) {
  return (file.value * 0x9e3779b97f4a7c15ULL + offset) | 1;
}

Bytes ContentOf(InodeNumber file, uint64_t offset, size_t bytes) {
  Bytes data(bytes);
  for (size_t i = 0; i < bytes; i += 8) PutBE(data.data() + i, WordAt(file, offset + i));
  return data;
}

std::string Describe(InodeNumber file, uint64_t at) {
  return "inode " + std::to_string(file.value) + " at " + std::to_string(at);
}

// REQUIRES: offset is a multiple of 8.
std::string CheckContent(InodeNumber file, uint64_t offset, ByteView data) {
  for (size_t i = 0; i + 8 <= data.size(); i += 8) {
    const uint64_t word = GetBE<uint64_t>(data.data() + i);
    if (word != 0 && word != WordAt(file, offset + i)) return Describe(file, offset + i);
  }
  return {};
}

}  // namespace

uint64_t FileLoad::AnyOffset() {
  const uint64_t far = random_.OneIn(10) ? uint64_t{1} << 40 : 0;
  return far + random_.Below(kBlocks * kBlockBytes) / 8 * 8;
}

void FileLoad::Change(InodeNumber file) {
  const uint64_t offset = AnyOffset();
  const uint64_t length = (1 + random_.Below(random_.OneIn(4) ? 60'000 : 1'000)) * 8;
  switch (random_.Below(9)) {
    case 0:
      (void)volume_.SetAttributes(file, {.size = random_.OneIn(3) ? 0 : offset});
      break;
    case 1:
      (void)volume_.PunchHole(file, offset, length);
      break;
    case 2:
      (void)volume_.ZeroRange(file, offset, length, random_.OneIn(2));
      break;
    case 3:
      (void)volume_.Allocate(file, offset, length, random_.OneIn(2));
      break;
    default:
      (void)volume_.Write(file, offset, ContentOf(file, offset, length));
  }
}

void FileLoad::Look(InodeNumber file) {
  const uint64_t offset = AnyOffset();
  switch (random_.Below(5)) {
    case 0:
      (void)volume_.Seek(file, offset, random_.Of({SeekKind::kData, SeekKind::kHole}));
      break;
    case 1:
      (void)volume_.SyncInode(file);
      break;
    default: {
      Bytes data((1 + random_.Below(40'000)) * 8);
      const auto read = volume_.Read(file, offset, data);
      if (!read) break;
      EXPECT_EQ("", CheckContent(file, offset, ByteView(data).first(*read)));
    }
  }
}

void FileLoad::Step() {
  const std::string name = std::to_string(random_.Below(kNames));
  const std::string other = std::to_string(random_.Below(kNames));
  auto found = volume_.Lookup(kRootInode, name);
  if (!found) found = volume_.MakeNode(kRootInode, name, {.mode = 0644});
  if (!found) return;
  switch (random_.Below(40)) {
    case 0:
      (void)volume_.Unlink(kRootInode, name);
      break;
    case 1:
      (void)volume_.Rename(kRootInode, name, kRootInode, other, RenameMode::kReplace);
      break;
    case 2:
      if (auto linked = volume_.Link(found->inode, kRootInode, other)) {
        volume_.Forget(linked->inode, 1);
      }
      break;
    default:
      random_.OneIn(2) ? Change(found->inode) : Look(found->inode);
  }
  volume_.Forget(found->inode, 1);
}

std::string FileLoad::FindWrongContent(Volume& volume) {
  std::string wrong;
  for (uint64_t i = 0; i < kNames && wrong.empty(); ++i) {
    const auto file = volume.Lookup(kRootInode, std::to_string(i));
    if (!file) {
      if (file.error().code != ErrorCode::kNotFound) wrong = "a name is damaged";
      continue;
    }
    // From data to data; what a truncation left behind the end would show after growing.
    (void)volume.SetAttributes(file->inode, {.size = uint64_t{1} << 41});
    uint64_t at = 0;
    for (Bytes data(1 << 20); wrong.empty();) {
      const auto next = volume.Seek(file->inode, at, SeekKind::kData);
      if (!next) break;
      at = *next / kBlockBytes * kBlockBytes;
      const auto read = volume.Read(file->inode, at, data);
      wrong = read ? CheckContent(file->inode, at, ByteView(data).first(*read))
                   : "unreadable: " + Describe(file->inode, at);
      at += data.size();
    }
    volume.Forget(file->inode, 1);
  }
  return wrong;
}

}  // namespace chainfs::fs
