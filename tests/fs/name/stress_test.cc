// SPDX-License-Identifier: GPL-3.0-or-later
// Many threads on the same few names: no model can say what each must get, but the volume must be
// sound afterwards, and nothing may deadlock. Run it under TSan.
#include <atomic>
#include <thread>

#include "tests/fs/model/random.h"
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class NameStressTest : public NameTest {
 protected:
  NameStressTest() {
    options_.dirty_limit_bytes = 2 << 20;
    options_.cache_bytes = 2 << 20;
    options_.commit_interval_ms = 20;
  }

  InodeNumber AnyDirectory(model::Random& random) {
    InodeNumber at = kRootInode;
    for (uint64_t depth = random.Below(3); depth > 0; --depth) {
      auto found = volume_->Lookup(at, AnyName(random));
      if (!found) break;
      held_by_thread.push_back(found->inode);
      if ((found->mode & 0170000) != 0040000) break;
      at = found->inode;
    }
    return at;
  }
  static std::string AnyName(model::Random& random) { return std::to_string(random.Below(6)); }

  void OneOperation(model::Random& random) {
    const InodeNumber parent = AnyDirectory(random), other = AnyDirectory(random);
    const std::string name = AnyName(random), new_name = AnyName(random);
    const auto keep = [&](const Result<Attributes>& made) {
      if (made) held_by_thread.push_back(made->inode);
      return made ? made->inode : InodeNumber(0);
    };
    switch (random.Below(12)) {
      case 0:
      case 1: {
        const InodeNumber file = keep(volume_->MakeNode(parent, name, {.mode = 0644}));
        const Bytes data(random.Of<size_t>({10, 5'000, 200'000}), 'x');
        if (file.value != 0) (void)volume_->Write(file, 0, data);
        break;
      }
      case 2:
        keep(volume_->MakeDirectory(parent, name, {.mode = 0755}));
        break;
      case 3:
        (void)volume_->Unlink(parent, name);
        break;
      case 4:
        (void)volume_->RemoveDirectory(parent, name);
        break;
      case 5:
      case 6:
        (void)volume_->Rename(parent, name, other, new_name,
                              random.Of({RenameMode::kReplace, RenameMode::kExchange,
                                         RenameMode::kNoReplace, RenameMode::kWhiteout}));
        break;
      case 7:
        if (auto found = volume_->Lookup(parent, name)) {
          held_by_thread.push_back(found->inode);
          keep(volume_->Link(found->inode, other, new_name));
        }
        break;
      case 8:
        if (auto found = volume_->Lookup(parent, name)) {
          held_by_thread.push_back(found->inode);
          (void)volume_->SetXattr(found->inode, "user.a", std::string(random.Below(4'000), 'x'),
                                  XattrMode::kAny);
          (void)volume_->SetAttributes(found->inode, {.mode = 0600, .size = random.Below(300'000)});
        }
        break;
      case 9:
        (void)volume_->ReadDirectory(
            parent, 0, true, [&](const DirectoryEntry& entry, const Attributes* attributes) {
              if (attributes != nullptr && entry.next_cookie > 2) {
                held_by_thread.push_back(entry.inode);
              }
              return true;
            });
        break;
      case 10:
        keep(volume_->CreateTemporary(parent, {.mode = 0600}));
        break;
      default:
        (void)volume_->SyncInode(parent);
    }
    while (held_by_thread.size() > random.Below(20)) {
      volume_->Forget(held_by_thread.back(), 1);
      held_by_thread.pop_back();
    }
  }

  static thread_local std::vector<InodeNumber> held_by_thread;
};

thread_local std::vector<InodeNumber> NameStressTest::held_by_thread;

TEST_F(NameStressTest, TheVolumeStaysSoundAndNothingIsHeldInTheEnd) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> threads;
    for (uint64_t t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        model::Random random(100 * static_cast<uint64_t>(round) + t);
        for (int i = 0; i < 3'000; ++i) OneOperation(random);
        for (const InodeNumber inode : held_by_thread) volume_->Forget(inode, 1);
        held_by_thread.clear();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(0u, volume_->Status().lookups);
    Close();
    for (const std::string& finding : FindInconsistencies(vault_)) ADD_FAILURE() << finding;
    Open();
  }
}

}  // namespace
}  // namespace chainfs::fs
