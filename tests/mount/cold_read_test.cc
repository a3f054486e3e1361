// SPDX-License-Identifier: GPL-3.0-or-later
// Reads of what is not in memory, by many at once and one after the other.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr size_t kBlock = 4096;
constexpr size_t kBlocks = 16384;  // 64 MiB

class ColdReadTest : public MountedVault {
 protected:
  void SetUp() override {
    MountedVault::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::string content;
    for (size_t i = 0; i < kBlocks; ++i) content += Block(i);
    Write("big", content);
    Remount();
  }
  static std::string Block(size_t number) {
    std::string block(kBlock, static_cast<char>('a' + number % 26));
    block.replace(0, 8, std::to_string(10000000 + number));
    return block;
  }

  // Reads so many blocks at random, or until a read fails. How many were wrong.
  int ReadBlocks(unsigned seed, int most, std::atomic<int>* failed) const {
    const Descriptor file(open(In("big").c_str(), O_RDONLY | O_CLOEXEC));
    std::mt19937 random(seed);
    std::string block(kBlock, 0);
    int wrong = 0;
    for (int i = 0; i < most; ++i) {
      const size_t number = random() % kBlocks;
      const ssize_t got =
          pread(file.get(), block.data(), kBlock, static_cast<off_t>(number * kBlock));
      if (got < 0) {
        ++*failed;
        return wrong;
      }
      if (block != Block(number)) ++wrong;
    }
    return wrong;
  }
};

TEST_P(ColdReadTest, OneAfterTheOther) {
  for (unsigned round = 0; round < 3; ++round) {
    DropCaches();
    std::atomic<int> failed{0};
    EXPECT_EQ(ReadBlocks(round, 2000, &failed), 0);
    EXPECT_EQ(failed, 0);
  }
}

// More readers than there are rings, beside one who writes and another who drops what was read.
TEST_P(ColdReadTest, ManyAtOnce) {
  std::atomic<int> wrong{0}, failed{0};
  std::atomic<bool> enough{false};
  std::vector<std::thread> readers;
  for (unsigned i = 0; i < 12; ++i) {
    readers.emplace_back([&, i] { wrong += ReadBlocks(100 + i, 3000, &failed); });
  }
  std::thread dropper([&] {
    while (!enough) {
      DropCaches();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  for (int i = 0; i < 20; ++i) {
    Write("other" + std::to_string(i % 3), std::string(500000, 'o'));
    EXPECT_EQ(Shell("sync -f other" + std::to_string(i % 3)), "");
  }
  for (std::thread& reader : readers) reader.join();
  enough = true;
  dropper.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(failed, 0);
}

// The connection is broken while the disk is at it: readers get an error, and everything ends.
TEST_P(ColdReadTest, TheEndInTheMiddle) {
  for (unsigned round = 0; round < 3; ++round) {
    DropCaches();
    std::atomic<int> wrong{0}, failed{0};
    std::vector<std::thread> readers;
    for (unsigned i = 0; i < 8; ++i) {
      readers.emplace_back([&, i] { wrong += ReadBlocks(i, 1 << 30, &failed); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    umount2(mount_point_.c_str(), MNT_FORCE | MNT_DETACH);
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(failed, 8);
    AwaitCrash();
    MountVault();
    if (IsSkipped() || HasFatalFailure()) return;
  }
}

CHAINFS_ON_BOTH_TRANSPORTS(ColdReadTest);

}  // namespace
}  // namespace chainfs::mount_test
