// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_driver.h"

namespace chainfs::fs::model {

InodeNumber ModelDriver::AnyInode() {
  if (random_.OneIn(300)) return InodeNumber(random_.Of<uint64_t>({0, UINT64_MAX, 1ull << 40}));
  return tree_.numbers()[random_.Below(tree_.numbers().size())];
}

InodeNumber ModelDriver::AnyDirectory() {
  for (int i = 0; i < 12; ++i) {
    const InodeNumber number = AnyInode();
    if (random_.OneIn(40) || (tree_.Has(number) && tree_.at(number).is_directory())) return number;
  }
  return tree_.root();
}

InodeNumber ModelDriver::AnyFile() {
  for (int i = 0; i < 12; ++i) {
    const InodeNumber number = AnyInode();
    if (random_.OneIn(40) || (tree_.Has(number) && tree_.at(number).is_regular())) return number;
  }
  return AnyInode();
}

std::string ModelDriver::AnyName(InodeNumber directory, bool existing) {
  if (existing && tree_.Has(directory) && !random_.OneIn(8)) {
    const auto& entries = tree_.at(directory).entries;
    if (!entries.empty()) {
      return std::next(entries.begin(), random_.Below(entries.size()))->first;
    }
  }
  if (random_.OneIn(25)) {
    return random_.Of<std::string>({"", ".", "..", "a/b", std::string("a\0b", 3),
                                    std::string(255, 'x'), std::string(256, 'x'), "\xff\x80",
                                    "..."});
  }
  return "name" + std::to_string(random_.Below(30));
}

std::string ModelDriver::XattrName() {
  if (random_.OneIn(12)) {
    return random_.Of<std::string>(
        {"", "user.", "other.name", "system.other", "user." + std::string(250, 'x'),
         "user." + std::string(251, 'x'), "system.posix_acl_access", "system.posix_acl_default"});
  }
  return random_.Of<std::string>(
      {"user.a", "user.b", "user.c", "trusted.a", "security.selinux", "security.capability"});
}

NewInode ModelDriver::AnyNewInode() {
  NewInode inode;
  inode.mode = static_cast<uint32_t>(random_.Below(010000));
  inode.uid = static_cast<uint32_t>(random_.Below(4));
  inode.gid = static_cast<uint32_t>(random_.Below(4));
  inode.umask = random_.Of<uint32_t>({022, 0, 077});
  inode.rdev = random_.Below(1 << 20);
  return inode;
}

ModelAcl ModelDriver::AnyAcl() {
  const auto bits = [&] { return static_cast<uint32_t>(random_.Below(8)); };
  ModelAcl acl;
  acl.owner = bits();
  acl.group = bits();
  acl.other = bits();
  for (uint64_t n = random_.Below(3); n > 0; --n) acl.users[1000 + bits()] = bits();
  for (uint64_t n = random_.Below(3); n > 0; --n) acl.groups[1000 + bits()] = bits();
  if (!acl.users.empty() || !acl.groups.empty() || random_.OneIn(3)) acl.mask = bits();
  return acl;
}

uint64_t ModelDriver::AnyOffset(InodeNumber file) {
  const uint64_t size = tree_.Has(file) ? tree_.at(file).size() : 0;
  switch (random_.Below(8)) {
    case 0:
      return 0;
    case 1:
      return size;
    case 2:
      return random_.Below(1200);
    case 3:
      return random_.Below(160) * 4096;
    case 4:
      return random_.Below(size + 1) & ~uint64_t{4095};
    case 5:
      return random_.Below(640 << 10);
    case 6:
      if (random_.OneIn(20)) return random_.Below(uint64_t{1} << random_.Between(20, 63));
      return random_.Below(3) * (128 << 10) + random_.Below(8192);
    default:
      return random_.Below(size + 1);
  }
}

uint64_t ModelDriver::AnyLength() {
  switch (random_.Below(6)) {
    case 0:
      return random_.Below(100);
    case 1:
      return random_.Below(1500);
    case 2:
      return random_.Between(1, 4) * 4096;
    case 3:
      return random_.Below(20'000);
    case 4:
      return random_.OneIn(8) ? random_.Below(400 << 10) : random_.Below(5000);
    default:
      return random_.OneIn(8) ? 128 << 10 : random_.Below(9000);
  }
}

Timestamp ModelDriver::AnyTime() {
  return {static_cast<int64_t>(random_.Below(uint64_t{1} << 34)) - (int64_t{1} << 33),
          static_cast<uint32_t>(random_.Below(1'000'000'000))};
}

}  // namespace chainfs::fs::model
