// SPDX-License-Identifier: GPL-3.0-or-later
// A volume that checks itself.
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "fs/check/pace.h"
#include "tests/fs/check/check_fixture.h"

namespace chainfs::fs::check {
namespace {

// The verdicts of a result, as CheckTest::Verdicts gives them.
std::string VerdictsOf(const VolumeCheckResult& result) {
  std::string text;
  for (const PassResult& pass : result.passes) {
    text += (text.empty() ? "" : ", ") + std::string(NameOf(pass.verdict));
  }
  return text;
}

class VolumeCheckTest : public CheckTest {
 protected:
  std::string CheckVolume(Volume& volume, const VolumeCheckOptions& options = {}) {
    auto checked = volume.Check(options, listener_);
    if (!checked) return checked.error().message;
    head_ = checked->head;
    return VerdictsOf(*checked);
  }
  static VolumeOptions Hasty() {
    VolumeOptions options;
    options.commit_interval_ms = 1;
    return options;
  }
  static VolumeOptions ReadOnly() {
    VolumeOptions options;
    options.read_only = true;
    return options;
  }
  static std::vector<RememberedHead> HeadOf(Volume& volume) {
    return {{"the head", volume.Status().checkpoint, 0}};
  }
  Sequence head_;
};

TEST_F(VolumeCheckTest, ASoundOneIsSound) {
  auto volume = vault_->Open({});
  EXPECT_EQ(CheckVolume(*volume), "OK, OK, OK, UNANCHORED, OK");
  EXPECT_EQ(head_, volume->Status().head);
  VolumeCheckOptions options;
  options.remembered = HeadOf(*volume);
  EXPECT_EQ(CheckVolume(*volume, options), "OK, OK, OK, OK, OK");
  EXPECT_EQ(listener_.findings, Findings{}) << listener_.details;
}

TEST_F(VolumeCheckTest, SaysWhatTheDiskHoldsAndNotWhatIsCached) {
  const auto objects = Objects();
  const auto damaged = *std::ranges::find(objects, false, &Object::dead);
  Raw().Flip("objects", RawStore::Key(damaged.id), 5);
  auto volume = vault_->Open({});
  EXPECT_NE(CheckVolume(*volume).find("OK, FAILED, OK, UNANCHORED, "), std::string::npos);
  EXPECT_TRUE(listener_.findings.contains(Name("INTEGRITY digest-mismatch o", damaged.id)))
      << listener_.details;
}

// Everything at once, and each time a moment of it.
TEST_F(VolumeCheckTest, FindsNothingWhileItIsWrittenTo) {
  auto volume = vault_->Open(Hasty());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (uint64_t i = 0; !stop; ++i) {
      const std::string name = "w" + std::to_string(i % 7);
      const auto made = volume->MakeNode(kRootInode, name, {S_IFREG | 0644, 0, 0, 0, 0});
      if (made) {
        const Bytes data(1 + i * 7919 % 300000, static_cast<uint8_t>(i));
        EXPECT_TRUE(volume->Write(made->inode, i % 3 * 4096, data));
        volume->Forget(made->inode, 1);
      } else {
        EXPECT_TRUE(volume->Unlink(kRootInode, name));
      }
      if (i % 5 == 0) {
        EXPECT_TRUE(volume->Sync());
      }
    }
  });
  Sequence before;
  for (int round = 0; round < 5; ++round) {
    Pace pace(round < 3 ? 0 : 8 << 20);
    VolumeCheckOptions options;
    options.remembered = HeadOf(*volume);
    options.pace = &pace;
    EXPECT_EQ(CheckVolume(*volume, options), "OK, OK, OK, OK, OK");
    EXPECT_EQ(listener_.findings, Findings{}) << listener_.details;
    EXPECT_GT(head_, before);
    before = head_;
    EXPECT_GT(volume->Status().head, head_) << "nothing was written meanwhile";
  }
  stop = true;
  writer.join();
  EXPECT_TRUE(volume->Close());
}

TEST_F(VolumeCheckTest, OfAReadOnlyOneKeepsWritersOut) {
  auto volume = vault_->Open(ReadOnly());
  Result<void> opened;
  listener_.on_progress = [&](const Progress&) {
    auto lock = store::VaultLock::Acquire(vault_->directory());
    opened = lock ? Result<void>() : Result<void>(lock.error());
  };
  EXPECT_EQ(CheckVolume(*volume), "OK, OK, OK, UNANCHORED, OK");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kInUse);
  EXPECT_TRUE(store::VaultLock::Acquire(vault_->directory()));
}

TEST_F(VolumeCheckTest, OfAReadOnlyOneBesideAWriterLeavesTheStructureOut) {
  const auto writer = store::VaultLock::Acquire(vault_->directory());
  auto volume = vault_->Open(ReadOnly());
  EXPECT_EQ(CheckVolume(*volume), "OK, OK, OK, UNANCHORED, NOT CHECKED");
}

TEST_F(VolumeCheckTest, EndsWhenItIsTold) {
  auto volume = vault_->Open({});
  std::set<std::string> seen;
  for (int after = 0; after < 40; ++after) {
    listener_.cancel_after = after;
    seen.insert(CheckVolume(*volume));
  }
  EXPECT_EQ(listener_.findings, Findings{}) << listener_.details;
  EXPECT_TRUE(seen.contains("NOT CHECKED, NOT CHECKED, NOT CHECKED, UNANCHORED, NOT CHECKED"));
}

}  // namespace
}  // namespace chainfs::fs::check
