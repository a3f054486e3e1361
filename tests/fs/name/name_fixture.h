// SPDX-License-Identifier: GPL-3.0-or-later
// Short verbs for tests of names: what is made is not held, unless the test looks it up.
#pragma once

#include "tests/fs/volume_check.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {

class NameTest : public VolumeTest {
 protected:
  // Whatever a test has done, it leaves a sound volume.
  void TearDown() override {
    Close();
    for (const std::string& finding : FindInconsistencies(vault_)) ADD_FAILURE() << finding;
  }

  InodeNumber LetGo(const Result<Attributes>& made) {
    EXPECT_TRUE(made) << "error " << (made ? 0 : static_cast<int>(made.error().code));
    if (!made) return {};
    volume_->Forget(made->inode, 1);
    return made->inode;
  }
  InodeNumber File(InodeNumber parent, std::string_view name, uint32_t mode = 0644) {
    return LetGo(volume_->MakeNode(parent, name, {.mode = mode}));
  }
  InodeNumber Directory(InodeNumber parent, std::string_view name, uint32_t mode = 0755) {
    return LetGo(volume_->MakeDirectory(parent, name, {.mode = mode}));
  }
  InodeNumber Symlink(InodeNumber parent, std::string_view name, std::string_view target) {
    return LetGo(volume_->MakeSymlink(parent, name, target, {}));
  }
  void Hold(InodeNumber parent, std::string_view name) {
    EXPECT_TRUE(volume_->Lookup(parent, name));
  }

  // The inode, or 0.
  InodeNumber Find(InodeNumber parent, std::string_view name) {
    auto found = volume_->Lookup(parent, name);
    if (!found) return {};
    volume_->Forget(found->inode, 1);
    return found->inode;
  }
  Attributes Stat(InodeNumber inode) {
    auto attributes = volume_->GetAttributes(inode);
    EXPECT_TRUE(attributes);
    return attributes ? *attributes : Attributes();
  }
  uint32_t Mode(InodeNumber inode) { return Stat(inode).mode & 07777; }
  std::vector<std::string> List(InodeNumber directory) {
    std::vector<std::string> names;
    EXPECT_TRUE(volume_->ReadDirectory(directory, 0, false,
                                       [&](const DirectoryEntry& entry, const Attributes*) {
                                         names.emplace_back(entry.name);
                                         return true;
                                       }));
    EXPECT_GE(names.size(), 2u);
    names.erase(names.begin(), names.begin() + 2);
    return names;
  }
  void Write(InodeNumber inode, uint64_t offset, std::string_view data) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    EXPECT_TRUE(volume_->Write(inode, offset, {bytes, data.size()}));
  }
  std::string Read(InodeNumber inode, uint64_t offset, size_t length) {
    std::string data(length, '\0');
    auto read = volume_->Read(inode, offset, {reinterpret_cast<uint8_t*>(data.data()), length});
    EXPECT_TRUE(read);
    data.resize(read ? *read : 0);
    return data;
  }
  void Chmod(InodeNumber inode, uint32_t mode) {
    EXPECT_TRUE(volume_->SetAttributes(inode, {.mode = mode}));
  }

  template <class T>
  static std::optional<ErrorCode> ErrorOf(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error().code);
  }
};

#define EXPECT_ERROR(code, result) EXPECT_EQ(ErrorCode::code, ErrorOf(result))

}  // namespace chainfs::fs
