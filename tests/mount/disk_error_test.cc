// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that does not give some of its blocks back: ext4 on a loop device whose image ends too
// early. Everything else stays readable, and nobody crashes.
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <tuple>

#include "tests/fs/store/small_disk.h"
#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;
using tools::ProgramResult;

constexpr size_t kPageBytes = 4096;  // docs/format-store.md
constexpr size_t kContentBytes = 40 * kRegionBytes;

struct Range {
  uint64_t begin = 0, end = 0;  // bytes
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The number of pages of the overflow run that begins at `page`; 0: none does.
uint64_t RunAt(const std::string& database, uint64_t page) {
  if ((page + 1) * kPageBytes > database.size()) return 0;
  uint64_t number;
  uint16_t flags;
  uint32_t pages;
  const char* at = database.data() + page * kPageBytes;
  memcpy(&number, at, sizeof number);
  memcpy(&flags, at + 10, sizeof flags);
  memcpy(&pages, at + 12, sizeof pages);
  return number == page && flags == 4 ? pages : 0;
}

// Three sealed regions, one after the other, in the middle of the database.
std::optional<Range> FindThreeRegions(const std::string& database) {
  for (uint64_t page = database.size() / kPageBytes / 3; page < database.size() / kPageBytes;
       ++page) {
    const uint64_t pages = RunAt(database, page);
    if (pages * kPageBytes > kRegionBytes && RunAt(database, page + pages) == pages &&
        RunAt(database, page + 2 * pages) == pages) {
      return Range{page * kPageBytes, (page + 3 * pages) * kPageBytes};
    }
  }
  return std::nullopt;
}

void WriteRange(int file, const std::string& content, Range range) {
  const std::string part = content.substr(range.begin, range.end - range.begin);
  ASSERT_EQ(pwrite(file, part.data(), part.size(), static_cast<off_t>(range.begin)),
            static_cast<ssize_t>(part.size()));
  ASSERT_EQ(fsync(file), 0);
}

// Where a range of a file begins on its disk, and the end of what else the file has there.
struct Place {
  uint64_t begin = UINT64_MAX, end_of_others = 0;
};
Place PlaceOf(int file, Range range) {
  constexpr unsigned kMost = 64;
  alignas(fiemap) std::array<char, sizeof(fiemap) + kMost * sizeof(fiemap_extent)> memory{};
  auto* map = new (memory.data()) fiemap{};
  map->fm_length = FIEMAP_MAX_OFFSET;
  map->fm_extent_count = kMost;
  EXPECT_EQ(ioctl(file, FS_IOC_FIEMAP, map), 0);
  Place place;
  for (unsigned i = 0; i < map->fm_mapped_extents; ++i) {
    const fiemap_extent& extent = map->fm_extents[i];
    if (extent.fe_logical >= range.begin && extent.fe_logical < range.end) {
      place.begin = std::min<uint64_t>(place.begin, extent.fe_physical);
    } else {
      place.end_of_others =
          std::max<uint64_t>(place.end_of_others, extent.fe_physical + extent.fe_length);
    }
  }
  return place;
}

// Takes all the room there is in files of 1 MiB, and smaller ones. Which of the large ones lies
// furthest back on the disk.
std::string FillUp(const std::string& directory) {
  std::string last;
  uint64_t last_begin = 0;
  for (off_t bytes = 1 << 20, n = 0; bytes >= 1024; ++n) {
    const std::string name = directory + "/" + std::to_string(n);
    const Descriptor file(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (posix_fallocate(file.get(), 0, bytes) != 0) {
      std::filesystem::remove(name);
      bytes /= 2;
    } else if (bytes == 1 << 20) {
      fsync(file.get());
      const uint64_t begin = PlaceOf(file.get(), {0, 1 << 20}).begin;
      if (begin > last_begin) std::tie(last_begin, last) = std::tie(begin, name);
    }
  }
  return last;
}

class DiskErrorTest : public MountedVault {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root has loop devices: NOT TESTED";
    disk_.emplace(scratch_.path(), "ext4");
    if (!disk_->Ready()) GTEST_SKIP() << "SKIPPED: no ext4 on a loop device here: NOT TESTED";
    MountedVault::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<char>(i / 5000);
    Write("large", content_);
    Write("small", "small");
    UnmountVault();
    MoveToFailingDisk();
  }

  // With three regions where the disk ends, which it does then.
  void MoveToFailingDisk() {
    const std::string database = ReadFile(vault_ + "/data.mdb");
    const std::optional<Range> regions = FindThreeRegions(database);
    ASSERT_TRUE(regions);
    const std::string moved = disk_->path() + "/vault";
    std::filesystem::copy(vault_, moved);
    std::filesystem::remove(moved + "/data.mdb");
    sync();
    vault_ = moved;
    const Descriptor file(open((moved + "/data.mdb").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    WriteRange(file.get(), database, {0, regions->begin});
    WriteRange(file.get(), database, {regions->end, database.size()});
    // Nothing is free but what lies furthest back.
    const std::string fillers = disk_->path() + "/fillers";
    std::filesystem::create_directory(fillers);
    std::filesystem::remove(FillUp(fillers));
    sync();  // ext4 gives blocks back when its journal is through with them
    WriteRange(file.get(), database, *regions);
    std::filesystem::remove_all(fillers);
    sync();
    const Place place = PlaceOf(file.get(), *regions);
    ASSERT_GT(place.begin, place.end_of_others) << "the disk was filled in another order";
    std::filesystem::resize_file(scratch_ / "image", place.begin);
    DropCaches();
    char byte;
    ASSERT_EQ(pread(file.get(), &byte, 1, static_cast<off_t>(regions->begin)), -1);
    ASSERT_EQ(errno, EIO);
  }

  ProgramResult Fsck(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {tools::kFsckProgram, vault_, "--passfile", passfile_};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return tools::RunProgram(arguments);
  }

  std::string content_ = std::string(kContentBytes, '\0');
  std::optional<fs::store::SmallDisk> disk_;  // has the vault
};

TEST_P(DiskErrorTest, IsAnErrorForItsBytesAlone) {
  MountVault();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("small"), "small");
  const Descriptor file(open(In("large").c_str(), O_RDONLY | O_CLOEXEC));
  size_t failed = 0;
  for (size_t at = 0; at < content_.size(); at += kPageBytes) {
    std::string block(kPageBytes, '\0');
    const ssize_t n = pread(file.get(), block.data(), block.size(), static_cast<off_t>(at));
    if (n == -1) {
      ASSERT_EQ(errno, EIO);
      ++failed;
    } else {
      ASSERT_TRUE(content_.compare(at, kPageBytes, block) == 0) << "wrong bytes at " << at;
    }
  }
  EXPECT_GT(failed, 0u);
  EXPECT_LE(failed, 3 * kRegionBytes / kPageBytes);
  Write("new", "new");
  EXPECT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  const ProgramResult scrub = Chainfs({"scrub", mount_point_});
  EXPECT_EQ(scrub.code, 4) << scrub.out << scrub.err;
  EXPECT_NE(scrub.out.find("unreadable-data: /large"), std::string::npos) << scrub.out;
}

TEST_P(DiskErrorTest, FsckSaysWhichFileAndRepairsNothing) {
  const ProgramResult fsck = Fsck();
  EXPECT_EQ(fsck.code, 4) << fsck.out << fsck.err;
  EXPECT_NE(fsck.out.find("unreadable-data: /large"), std::string::npos) << fsck.out;
  EXPECT_NE(fsck.out.find("the disk does not give 3 of them"), std::string::npos) << fsck.out;
  const std::string before = ReadFile(vault_ + "/header.0");
  const ProgramResult repair = Fsck({"--repair", "--yes"});
  EXPECT_EQ(repair.code, 12) << repair.out << repair.err;
  EXPECT_NE(repair.err.find("copy it to a sound one"), std::string::npos) << repair.err;
  EXPECT_EQ(ReadFile(vault_ + "/header.0"), before);
  EXPECT_EQ(Fsck().out, fsck.out);
}

CHAINFS_ON_BOTH_TRANSPORTS(DiskErrorTest);

}  // namespace
}  // namespace chainfs::mount_test
