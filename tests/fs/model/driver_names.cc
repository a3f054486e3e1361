// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_driver.h"

namespace chainfs::fs::model {

void ModelDriver::Lookup() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, true);
  // A driver's root may have a parent that is not its own.
  if (parent == tree_.root() && name == "..") return;
  Begin("lookup") << parent.value << ' ' << name;
  auto actual = volume_->Lookup(parent, name);
  InodeNumber found;
  if (!Agree(tree_.Lookup(parent, name, &found), actual)) return;
  if (actual->inode != found) return Fail("another inode was found");
  tree_.Retain(found);
  CompareAttributes(found, *actual);
}

void ModelDriver::Forget() {
  const InodeNumber number = AnyInode();
  if (!tree_.Has(number) || tree_.at(number).held == 0) return;
  const uint64_t held = tree_.at(number).held;
  const uint64_t count = random_.OneIn(3) ? random_.Between(1, held) : held;
  Begin("forget") << number.value << ' ' << count << " of " << held;
  volume_->Forget(number, count);
  tree_.Forget(number, count);
}

void ModelDriver::MakeNode() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, false);
  NewInode inode = AnyNewInode();
  const uint32_t type =
      random_.OneIn(5) ? random_.Of<uint32_t>({0010000, 0020000, 0060000, 0140000}) : 0100000;
  inode.mode |= type;
  Begin("mknod") << parent.value << ' ' << name << ' ' << std::oct << inode.mode;
  auto actual = volume_->MakeNode(parent, name, inode);
  const InodeNumber number = actual ? actual->inode : InodeNumber();
  if (!Agree(tree_.Make(parent, name, type, inode, {}, number), actual)) return;
  CheckNew(number);
  CompareAttributes(number, *actual);
}

void ModelDriver::MakeDirectory() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, false);
  const NewInode inode = AnyNewInode();
  Begin("mkdir") << parent.value << ' ' << name << ' ' << std::oct << inode.mode;
  auto actual = volume_->MakeDirectory(parent, name, inode);
  const InodeNumber number = actual ? actual->inode : InodeNumber();
  if (!Agree(tree_.Make(parent, name, 0040000, inode, {}, number), actual)) return;
  CheckNew(number);
  CompareAttributes(number, *actual);
}

void ModelDriver::MakeSymlink() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, false);
  const NewInode inode = AnyNewInode();
  const size_t length =
      random_.OneIn(4) ? random_.Of<size_t>({0, 2048, 2049, 4095, 4096}) : random_.Between(1, 100);
  const std::string target = random_.Text(length);
  Begin("symlink") << parent.value << ' ' << name << ' ' << length;
  auto actual = volume_->MakeSymlink(parent, name, target, inode);
  const InodeNumber number = actual ? actual->inode : InodeNumber();
  if (!Agree(tree_.Make(parent, name, 0120000, inode, target, number), actual)) return;
  CheckNew(number);
  CompareAttributes(number, *actual);
}

void ModelDriver::CreateTemporary() {
  const InodeNumber parent = AnyDirectory();
  const NewInode inode = AnyNewInode();
  Begin("tmpfile") << parent.value;
  auto actual = volume_->CreateTemporary(parent, inode);
  const InodeNumber number = actual ? actual->inode : InodeNumber();
  if (!Agree(tree_.CreateTemporary(parent, inode, number), actual)) return;
  CheckNew(number);
  CompareAttributes(number, *actual);
}

void ModelDriver::Link() {
  const InodeNumber number = AnyInode();
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, false);
  Begin("link") << number.value << ' ' << parent.value << ' ' << name;
  auto actual = volume_->Link(number, parent, name);
  if (!Agree(tree_.Link(number, parent, name), actual)) return;
  CompareAttributes(number, *actual);
}

void ModelDriver::Unlink() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, true);
  Begin("unlink") << parent.value << ' ' << name;
  auto actual = volume_->Unlink(parent, name);
  Agree(tree_.Unlink(parent, name), actual);
}

void ModelDriver::RemoveDirectory() {
  const InodeNumber parent = AnyDirectory();
  const std::string name = AnyName(parent, true);
  Begin("rmdir") << parent.value << ' ' << name;
  auto actual = volume_->RemoveDirectory(parent, name);
  Agree(tree_.RemoveDirectory(parent, name), actual);
}

void ModelDriver::Rename() {
  const InodeNumber parent = AnyDirectory();
  const InodeNumber new_parent = random_.OneIn(3) ? parent : AnyDirectory();
  const std::string name = AnyName(parent, true);
  const std::string new_name = AnyName(new_parent, random_.OneIn(2));
  const auto mode =
      random_.OneIn(3)
          ? random_.Of({RenameMode::kNoReplace, RenameMode::kExchange, RenameMode::kWhiteout})
          : RenameMode::kReplace;
  Begin("rename") << parent.value << ' ' << name << ' ' << new_parent.value << ' ' << new_name
                  << ' ' << static_cast<int>(mode);
  auto actual = volume_->Rename(parent, name, new_parent, new_name, mode);
  InodeNumber whiteout;
  if (actual && mode == RenameMode::kWhiteout) {
    auto found = volume_->Lookup(parent, name);
    if (!found) return Fail("there is no whiteout");
    whiteout = found->inode;
    volume_->Forget(whiteout, 1);
    if (!tree_.Has(whiteout)) CheckNew(whiteout);
  }
  Agree(tree_.Rename(parent, name, new_parent, new_name, mode, whiteout), actual);
}

void ModelDriver::ReadLink() {
  const InodeNumber number = AnyInode();
  Begin("readlink") << number.value;
  auto actual = volume_->ReadLink(number);
  Outcome expected;
  if (!tree_.Has(number)) {
    expected = ErrorCode::kStale;
  } else if (!tree_.at(number).is_symlink()) {
    expected = ErrorCode::kInvalid;
  }
  if (!Agree(expected, actual)) return;
  if (*actual != tree_.at(number).target) Fail("another target");
}

void ModelDriver::ReadDirectory() {
  const InodeNumber number = AnyDirectory();
  const bool with_attributes = random_.OneIn(2);
  Begin("readdir") << number.value << (with_attributes ? " plus" : "");
  std::vector<std::string> names;
  uint64_t cookie = 0;
  for (;;) {
    uint64_t room = random_.Between(1, 10);
    bool full = false;
    auto listed =
        volume_->ReadDirectory(number, cookie, with_attributes,
                               [&](const DirectoryEntry& entry, const Attributes* attributes) {
                                 full = room == 0;
                                 if (full) return false;
                                 --room;
                                 names.emplace_back(entry.name);
                                 cookie = entry.next_cookie;
                                 if (names.size() <= 2 || failed_) return true;  // "." and ".."
                                 if (!tree_.Has(entry.inode)) {
                                   Fail("listed an unknown inode");
                                 } else if (with_attributes) {
                                   if (attributes == nullptr) {
                                     Fail("no attributes");
                                   } else {
                                     tree_.Retain(entry.inode);
                                     CompareAttributes(entry.inode, *attributes);
                                   }
                                 }
                                 return true;
                               });
    Outcome expected;
    if (!tree_.Has(number)) {
      expected = ErrorCode::kStale;
    } else if (!tree_.at(number).is_directory()) {
      expected = ErrorCode::kNotDirectory;
    }
    if (!Agree(expected, listed)) return;
    if (!full) break;
  }
  std::map<uint64_t, std::string> expected;  // by order
  for (const auto& [name, entry] : tree_.at(number).entries) expected[entry.order] = name;
  std::vector<std::string> wanted{".", ".."};
  for (const auto& [order, name] : expected) wanted.push_back(name);
  if (names != wanted) Fail("the listing differs");
}

}  // namespace chainfs::fs::model
