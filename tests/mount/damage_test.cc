// SPDX-License-Identifier: GPL-3.0-or-later
// A block that does not verify, read through the mount: an error, once in the log by path and
// bytes, and never a wrong byte.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr size_t kBlockBytes = 4096;

class DamageTest : public MountedVault {
 protected:
  std::vector<std::string> LogLines(const std::string& words) const {
    std::ifstream file(scratch_ / "log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      if (line.find(words) != std::string::npos) lines.push_back(line);
    }
    return lines;
  }
};

TEST_P(DamageTest, IsAnErrorForExactlyItsBytesAndOnceInTheLog) {
  ASSERT_TRUE(std::filesystem::create_directories(In("some \"dir\"")));
  const std::string name = "some \"dir\"/a\nfile";
  std::string content(3 * kRegionBytes, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i / 1000 % 26);
  Write(name, content);
  UnmountVault();
  ASSERT_EQ(DamageRegions(1), 1u);
  MountVault("log=" + (scratch_ / "log"));
  if (IsSkipped() || HasFatalFailure()) return;
  std::vector<size_t> unreadable;
  for (int round = 0; round < 3; ++round) {
    unreadable.clear();
    const Descriptor file(open(In(name).c_str(), O_RDONLY | O_CLOEXEC));
    for (size_t at = 0; at < content.size(); at += kBlockBytes) {
      std::string block(kBlockBytes, '\0');
      const ssize_t n = pread(file.get(), block.data(), kBlockBytes, static_cast<off_t>(at));
      if (n == static_cast<ssize_t>(kBlockBytes)) {
        ASSERT_TRUE(content.compare(at, kBlockBytes, block) == 0) << "wrong bytes at " << at;
      } else {
        ASSERT_EQ(n, -1);
        ASSERT_EQ(errno, EIO);
        unreadable.push_back(at);
      }
    }
  }
  ASSERT_EQ(unreadable.size(), 1u);  // the block that the flipped byte belongs to
  const auto lines = LogLines("damaged: bytes ");
  ASSERT_EQ(lines.size(), 1u) << lines.back();
  const std::string bytes = std::to_string(unreadable.front()) + "-" +
                            std::to_string(unreadable.front() + kBlockBytes - 1);
  EXPECT_NE(lines[0].find("operation=read"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("path=\"some \\x22dir\\x22/a\\x0afile\""), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("damaged: bytes " + bytes + "\""), std::string::npos) << lines[0];
}

TEST_P(DamageTest, OfOneFileHidesNoOther) {
  Write("first", std::string(kRegionBytes, 'f'));
  ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  Write("second", std::string(kRegionBytes, 's'));
  UnmountVault();
  ASSERT_EQ(DamageRegions(1), 1u);
  MountVault("log=" + (scratch_ / "log"));
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("second"), std::string(kRegionBytes, 's'));
  Write("third", "new");
  EXPECT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  const Descriptor file(open(In("first").c_str(), O_RDWR | O_CLOEXEC));
  char byte;
  EXPECT_EQ(pread(file.get(), &byte, 1, 0), -1);
  // What is written anew is whole again.
  const std::string fresh(kRegionBytes, 'n');
  EXPECT_EQ(pwrite(file.get(), fresh.data(), fresh.size(), 0), static_cast<ssize_t>(fresh.size()));
  EXPECT_EQ(fsync(file.get()), 0);
  EXPECT_EQ(Read("first"), fresh);
}

CHAINFS_ON_BOTH_TRANSPORTS(DamageTest);

}  // namespace
}  // namespace chainfs::mount_test
