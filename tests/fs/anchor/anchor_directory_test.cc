// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_directory.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <set>

#include "tests/fs/anchor/anchor_fixture.h"
#include "tests/fs/store/small_disk.h"

namespace chainfs::fs::anchor {
namespace {

class AnchorDirectoryTest : public ::testing::Test {
 protected:
  uint64_t KeptSize(uint8_t volume = 0xa0) {
    const auto anchor = Take(anchors_.Find(Counting<16>(volume)));
    return anchor ? SizeOf(*anchor) : 0;
  }
  std::string File() const { return anchors_.FileOf(AnchorOf(1).volume); }
  void Overwrite(const std::string& text) const { std::ofstream(File()) << text; }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(anchors_.path())) {
      names.insert(entry.path().extension());
    }
    return names;
  }

  TemporaryDirectory scratch_;
  AnchorDirectory anchors_{scratch_ / "state/chainfs"};
};

TEST_F(AnchorDirectoryTest, FindsWhatItRemembers) {
  Must(anchors_.Remember(AnchorOf(7)));
  Must(anchors_.Remember(AnchorOf(5, 0x10)));
  EXPECT_EQ(Take(anchors_.Find(Counting<16>(0xa0))), AnchorOf(7));
  EXPECT_EQ(Take(anchors_.Find(Counting<16>(0x10))), AnchorOf(5, 0x10));
  EXPECT_EQ(Take(anchors_.FindByPath(AnchorOf(7).vault)), Counting<16>(0xa0));
}

TEST_F(AnchorDirectoryTest, NoFileAndNoDirectoryIsNoAnchor) {
  EXPECT_FALSE(Take(anchors_.Find(Counting<16>(0xa0))));
  EXPECT_FALSE(Take(anchors_.FindByPath("/vault")));
  Must(anchors_.Remember(AnchorOf(7)));
  EXPECT_FALSE(Take(anchors_.Find(Counting<16>(0x10))));
  EXPECT_FALSE(Take(anchors_.FindByPath("/vault")));
}

TEST_F(AnchorDirectoryTest, IsOwnerOnlyWhateverTheUmask) {
  for (const mode_t mask : {0, 022, 0777}) {
    const AnchorDirectory anchors(scratch_ / std::to_string(mask) + "/state/chainfs/");
    const bool done = AsNobody(scratch_.path(), [&] {
      ::umask(mask);
      return anchors.Remember(AnchorOf(1)) && anchors.Remember(AnchorOf(2)) &&
             Take(anchors.Find(AnchorOf(2).volume)) == AnchorOf(2);
    });
    EXPECT_TRUE(done) << mask;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(scratch_ / std::to_string(mask))) {
      EXPECT_EQ(ModeOf(entry.path()), entry.is_directory() ? 0700u : 0600u) << entry.path();
    }
  }
}

TEST_F(AnchorDirectoryTest, ClosesADirectoryThatOthersCouldEnter) {
  std::filesystem::create_directories(anchors_.path());
  ASSERT_EQ(::chmod(anchors_.path().c_str(), 0777), 0);
  Must(anchors_.Remember(AnchorOf(1)));
  EXPECT_EQ(ModeOf(anchors_.path()), 0700u);
}

TEST_F(AnchorDirectoryTest, AMakerThatWasKilledUnderAStrictUmaskLocksNobodyOut) {
  EXPECT_TRUE(AsNobody(scratch_.path(), [&] {
    Must(anchors_.Remember(AnchorOf(1)));
    const std::string lock = anchors_.path() + "/" + ToHex(AnchorOf(1).volume) + ".lock";
    return ::chmod(lock.c_str(), 0) == 0 && ::chmod((anchors_.path() + "/paths").c_str(), 0) == 0 &&
           ::chmod(anchors_.path().c_str(), 0) == 0 && anchors_.Remember(AnchorOf(2)) &&
           Take(anchors_.Find(AnchorOf(2).volume)) == AnchorOf(2);
  }));
}

TEST_F(AnchorDirectoryTest, AnOlderAnchorOfTheBranchNeverReplacesANewerOne) {
  Must(anchors_.Remember(AnchorOf(7)));
  Must(anchors_.Remember(AnchorOf(6)));
  EXPECT_EQ(KeptSize(), 7u);
  Must(anchors_.Remember(AnchorOf(10)));
  Must(anchors_.Remember(AnchorOf(9)));
  EXPECT_EQ(Take(anchors_.Find(AnchorOf(1).volume)), AnchorOf(10));
}

TEST_F(AnchorDirectoryTest, AVaultThatHasMovedIsRememberedWhereItIs) {
  Anchor anchor = AnchorOf(7);
  anchor.vault = "/old";
  Must(anchors_.Remember(anchor));
  anchor.vault = "/new";
  Must(anchors_.Remember(anchor));
  EXPECT_EQ(Take(anchors_.Find(anchor.volume))->vault, "/new");
  EXPECT_EQ(Take(anchors_.FindByPath("/new")), anchor.volume);
  EXPECT_EQ(Take(anchors_.FindByPath("/old")), anchor.volume);
}

TEST_F(AnchorDirectoryTest, AnOlderCopyIsStillRememberedByItsPath) {
  Must(anchors_.Remember(AnchorOf(7)));
  Anchor copy = AnchorOf(6);
  copy.vault = "/copy";
  Must(anchors_.Remember(copy));
  EXPECT_EQ(KeptSize(), 7u);
  EXPECT_EQ(Take(anchors_.FindByPath("/copy")), copy.volume);
}

TEST_F(AnchorDirectoryTest, AnotherBranchReplacesOnlyTheOneThatWasGivenUp) {
  Must(anchors_.Remember(AnchorOf(7)));
  const Anchor fresh = AnchorOf(3, 0xa0, "two");
  const std::string origin = HeadOf(AnchorOf(7).note)->origin;
  EXPECT_EQ(CodeOf(anchors_.Remember(fresh)), ErrorCode::kStale);
  EXPECT_EQ(CodeOf(anchors_.Remember(fresh, origin + "x")), ErrorCode::kStale);
  EXPECT_EQ(KeptSize(), 7u);
  Must(anchors_.Remember(fresh, origin));
  EXPECT_EQ(Take(anchors_.Find(fresh.volume)), fresh);
  Must(anchors_.Remember(AnchorOf(4, 0xa0, "two"), origin));
  EXPECT_EQ(CodeOf(anchors_.Remember(AnchorOf(8))), ErrorCode::kStale) << "it was given up";
  EXPECT_EQ(KeptSize(), 4u);
}

TEST_F(AnchorDirectoryTest, AForkIsNeverRemembered) {
  Must(anchors_.Remember(AnchorOf(7)));
  Anchor fork = AnchorOf(7);
  fork.note = NoteOf(HeadOf(fork.note)->origin, 7, 'B');
  EXPECT_EQ(CodeOf(anchors_.Remember(fork)), ErrorCode::kStale);
  Anchor other_key = AnchorOf(8);
  other_key.vkey += "=";
  EXPECT_EQ(CodeOf(anchors_.Remember(other_key)), ErrorCode::kStale);
  Anchor other_genesis = AnchorOf(8, 0xa0, "two");
  other_genesis.genesis[0] ^= 1;
  EXPECT_EQ(CodeOf(anchors_.Remember(other_genesis, HeadOf(fork.note)->origin)), ErrorCode::kStale);
  EXPECT_EQ(Take(anchors_.Find(fork.volume)), AnchorOf(7));
}

TEST_F(AnchorDirectoryTest, ADamagedAnchorIsNotAnAbsentOne) {
  Must(anchors_.Remember(AnchorOf(7)));
  const std::string good = ReadAll(File());
  for (const std::string& bad :
       {std::string(), good.substr(0, 100), std::string(kMaxAnchorBytes + 1, 'x'),
        Take(EncodeAnchor(AnchorOf(7, 0x10)))}) {
    Overwrite(bad);
    const auto found = anchors_.Find(AnchorOf(7).volume);
    ASSERT_EQ(CodeOf(found), ErrorCode::kDamaged);
    EXPECT_NE(found.error().message.find(File()), std::string::npos);
    EXPECT_NE(found.error().message.find("restore it"), std::string::npos);
    EXPECT_EQ(CodeOf(anchors_.Remember(AnchorOf(8))), ErrorCode::kDamaged);
    EXPECT_EQ(ReadAll(File()), bad) << "it stays for whoever wants to look at it";
  }
  Overwrite("chainfs anchor 2\n");
  EXPECT_EQ(CodeOf(anchors_.Find(AnchorOf(7).volume)), ErrorCode::kUnknownFormat);
  EXPECT_EQ(CodeOf(anchors_.Remember(AnchorOf(8))), ErrorCode::kUnknownFormat);
}

TEST_F(AnchorDirectoryTest, WhatIsNoFileIsDamageAndNobodyWaitsForIt) {
  std::filesystem::create_directories(anchors_.path());
  const auto is_damage = [&] {
    const bool found = CodeOf(anchors_.Find(AnchorOf(7).volume)) == ErrorCode::kDamaged;
    std::filesystem::remove(File());
    return found;
  };
  ASSERT_EQ(::mkfifo(File().c_str(), 0600), 0);
  EXPECT_TRUE(is_damage());
  ASSERT_EQ(::mkdir(File().c_str(), 0700), 0);
  EXPECT_TRUE(is_damage());
  std::filesystem::create_symlink("nowhere", File());
  EXPECT_TRUE(is_damage());
}

TEST_F(AnchorDirectoryTest, AnAnchorThatMayNotBeReadIsNotAnAbsentOne) {
  EXPECT_TRUE(AsNobody(scratch_.path(), [&] {
    Must(anchors_.Remember(AnchorOf(7)));
    return ::chmod(File().c_str(), 0) == 0 &&
           CodeOf(anchors_.Find(AnchorOf(7).volume)) == ErrorCode::kAccessDenied &&
           ::chmod(anchors_.path().c_str(), 0) == 0 &&
           CodeOf(anchors_.Find(AnchorOf(7).volume)) == ErrorCode::kAccessDenied;
  }));
}

TEST_F(AnchorDirectoryTest, SetAsideLosesNothing) {
  EXPECT_EQ(CodeOf(anchors_.SetAside(AnchorOf(7).volume)), ErrorCode::kNotFound);
  for (const char* text : {"first", "second"}) {
    Overwrite(text);
    EXPECT_EQ(ReadAll(Take(anchors_.SetAside(AnchorOf(7).volume))), text);
    EXPECT_FALSE(Take(anchors_.Find(AnchorOf(7).volume)));
  }
  EXPECT_EQ(ReadAll(anchors_.path() + "/" + ToHex(AnchorOf(7).volume) + ".damaged.1"), "first");
  Must(anchors_.Remember(AnchorOf(8)));
  EXPECT_EQ(KeptSize(), 8u);
}

TEST_F(AnchorDirectoryTest, APathIsItsNewestVolumes) {
  Anchor first = AnchorOf(7), second = AnchorOf(3, 0x10);
  first.vault = second.vault = "/vault";
  Must(anchors_.Remember(first));
  Must(anchors_.Remember(second));
  EXPECT_EQ(Take(anchors_.FindByPath("/vault")), second.volume);
  Must(anchors_.RememberPath("/vault", first.volume));
  EXPECT_EQ(Take(anchors_.FindByPath("/vault")), first.volume);
}

TEST_F(AnchorDirectoryTest, ADamagedPathEntryIsNotAnAbsentOneUntilItIsWrittenAgain) {
  Must(anchors_.Remember(AnchorOf(7)));
  const std::string vault = AnchorOf(7).vault;
  const std::string file = std::filesystem::directory_iterator(anchors_.path() + "/paths")->path();
  for (const std::string& bad : {std::string(), Take(EncodePathEntry({{}, "/other"}))}) {
    std::ofstream(file) << bad;
    EXPECT_EQ(CodeOf(anchors_.FindByPath(vault)), ErrorCode::kDamaged);
    Must(anchors_.Remember(AnchorOf(7)));
    EXPECT_EQ(Take(anchors_.FindByPath(vault)), AnchorOf(7).volume);
  }
}

TEST_F(AnchorDirectoryTest, NothingIsLeftOfAWriteThatACrashCutOff) {
  Must(anchors_.Remember(AnchorOf(7)));
  const std::string temporary = anchors_.path() + "/" + ToHex(AnchorOf(7).volume) + ".new";
  std::ofstream(temporary) << std::string(9000, 'x');
  ASSERT_EQ(::chmod(temporary.c_str(), 0), 0);
  Must(anchors_.Remember(AnchorOf(8)));
  EXPECT_EQ(Take(anchors_.Find(AnchorOf(8).volume)), AnchorOf(8));
  EXPECT_EQ(Names(), (std::set<std::string>{"", ".anchor", ".lock"}));
}

TEST_F(AnchorDirectoryTest, AFailedWriteLeavesTheOldAnchor) {
  Must(anchors_.Remember(AnchorOf(7)));
  const std::string temporary = anchors_.path() + "/" + ToHex(AnchorOf(7).volume) + ".new";
  ASSERT_EQ(::mkdir(temporary.c_str(), 0700), 0);
  EXPECT_FALSE(anchors_.Remember(AnchorOf(8)));
  EXPECT_EQ(KeptSize(), 7u);
}

TEST_F(AnchorDirectoryTest, ADirectoryThatMayNotBeWrittenIsStillRead) {
  EXPECT_TRUE(AsNobody(scratch_.path(), [&] {
    Must(anchors_.Remember(AnchorOf(7)));
    if (::chmod(anchors_.path().c_str(), 0500) != 0) return false;
    // A new volume needs a lock file, a known one a temporary: neither can be made.
    return CodeOf(anchors_.Remember(AnchorOf(1, 0x10))) == ErrorCode::kAccessDenied &&
           CodeOf(anchors_.Remember(AnchorOf(8))) == ErrorCode::kAccessDenied &&
           Take(anchors_.Find(AnchorOf(7).volume)) == AnchorOf(7) &&
           ModeOf(anchors_.path()) == 0500;
  }));
}

TEST_F(AnchorDirectoryTest, AFileInTheWayOfTheDirectoryIsNamed) {
  std::ofstream(scratch_ / "state").put('x');
  const Result<void> remembered = anchors_.Remember(AnchorOf(7));
  EXPECT_EQ(CodeOf(remembered), ErrorCode::kNotDirectory);
  EXPECT_NE(remembered.error().message.find("/state/chainfs"), std::string::npos);
  EXPECT_EQ(CodeOf(anchors_.Find(AnchorOf(7).volume)), ErrorCode::kNotDirectory);
}

TEST_F(AnchorDirectoryTest, AReadOnlyFilesystemIsAnErrorAndStillRead) {
  store::SmallDisk disk(scratch_.path(), "tmpfs");
  if (!disk.Ready()) GTEST_SKIP() << "SKIPPED, NOT TESTED: cannot mount a tmpfs (needs root)";
  const AnchorDirectory anchors(disk.path() + "/anchors");
  Must(anchors.Remember(AnchorOf(7)));
  ASSERT_EQ(::mount(nullptr, disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  EXPECT_EQ(CodeOf(anchors.Remember(AnchorOf(8))), ErrorCode::kReadOnly);
  EXPECT_EQ(Take(anchors.Find(AnchorOf(7).volume)), AnchorOf(7));
}

class AnchorFullDiskTest : public ::testing::TestWithParam<const char*> {
 protected:
  // To the last byte: the disk's own way leaves a few blocks on ext4.
  static void Fill(store::SmallDisk& disk) {
    disk.LeaveFree(0);
    const int fd = ::open((disk.path() + "/rest").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (::write(fd, "x", 1) == 1) {
    }
    ::close(fd);
  }
};

TEST_P(AnchorFullDiskTest, KeepsTheOldAnchorAndGoesOnWhenThereIsRoom) {
  TemporaryDirectory scratch;
  store::SmallDisk disk(scratch.path(), GetParam());
  if (!disk.Ready()) {
    GTEST_SKIP() << "SKIPPED, NOT TESTED: cannot mount a small " << GetParam() << " (needs root)";
  }
  const AnchorDirectory anchors(disk.path() + "/anchors");
  Must(anchors.Remember(AnchorOf(1)));
  Fill(disk);
  EXPECT_EQ(CodeOf(anchors.Remember(AnchorOf(2))), ErrorCode::kNoSpace);
  EXPECT_EQ(Take(anchors.Find(AnchorOf(1).volume)), AnchorOf(1));
  EXPECT_FALSE(
      std::filesystem::exists(disk.path() + "/anchors/" + ToHex(AnchorOf(1).volume) + ".new"));
  disk.LeaveFree(1 << 20);
  Must(anchors.Remember(AnchorOf(3)));
  EXPECT_EQ(Take(anchors.Find(AnchorOf(1).volume)), AnchorOf(3));
}

INSTANTIATE_TEST_SUITE_P(Filesystems, AnchorFullDiskTest, ::testing::Values("tmpfs", "ext4"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace chainfs::fs::anchor
