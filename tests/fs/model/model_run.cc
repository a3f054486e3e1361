// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_run.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/fs/model/model_driver.h"
#include "tests/fs/volume_check.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs::model {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

VolumeOptions Options() {
  VolumeOptions options;
  options.atime = false;
  options.dirty_limit_bytes = 4 << 20;  // small, so that commits and evictions are frequent
  options.cache_bytes = 2 << 20;
  options.commit_interval_ms = 50;
  return options;
}

class Runner {
 public:
  explicit Runner(const Run& run) : run_(run) {
    volume_ = vault_.Open(Options());
    for (unsigned i = 0; i < run.threads; ++i) {
      auto root = volume_->MakeDirectory(kRootInode, "root" + std::to_string(i), {.mode = 0755});
      EXPECT_TRUE(root);
      drivers_.push_back(std::make_unique<ModelDriver>(volume_.get(), root->inode,
                                                       run.seed * 1000 + i, run.crowd));
    }
  }

  void Go() {
    const uint64_t each = run_.operations / run_.threads;
    const uint64_t phase = run_.operations_between_remounts / run_.threads;
    for (uint64_t done = 0; done < each && !failed(); done += phase) {
      DoOperations(std::min(phase, each - done));
      if (!failed()) Remount();
    }
    // Or the test would be of error codes alone.
    for (const auto& driver : drivers_) EXPECT_GT(driver->successes(), each / 2);
  }

 private:
  bool failed() const {
    for (const auto& driver : drivers_) {
      if (driver->failed()) return true;
    }
    return ::testing::Test::HasFailure();
  }

  void DoOperations(uint64_t count) {
    if (drivers_.size() == 1) return DoOperations(*drivers_[0], count);
    std::atomic<bool> ended = false;
    std::thread syncer([&] {
      while (!ended) EXPECT_TRUE(volume_->Sync());
    });
    std::vector<std::thread> threads;
    for (auto& driver : drivers_) {
      threads.emplace_back([this, &driver, count] { DoOperations(*driver, count); });
    }
    for (std::thread& thread : threads) thread.join();
    ended = true;
    syncer.join();
  }

  static void DoOperations(ModelDriver& driver, uint64_t count) {
    for (uint64_t i = 0; i < count && !driver.failed(); ++i) driver.Step();
    driver.CompareAll();
  }

  void Remount() {
    const auto closed = volume_->Close();
    ASSERT_TRUE(closed) << "seed " << run_.seed;
    volume_.reset();
    for (const std::string& finding : FindInconsistencies(vault_)) {
      ADD_FAILURE() << finding << ", seed " << run_.seed;
    }
    volume_ = vault_.Open(Options());
    ASSERT_NE(volume_, nullptr);
    uint64_t inodes = 1;  // the volume's root
    for (auto& driver : drivers_) {
      driver->Reopened(volume_.get());
      inodes += driver->tree().nodes().size();
    }
    EXPECT_EQ(inodes, volume_->Status().inodes) << "seed " << run_.seed;
  }

  const Run run_;
  TestVault vault_;
  std::unique_ptr<Volume> volume_;
  std::vector<std::unique_ptr<ModelDriver>> drivers_;
};

}  // namespace

void RunModel(Run run) {
  run.seed = FromEnvironment("CHAINFS_MODEL_SEED", run.seed);
  run.operations = FromEnvironment("CHAINFS_MODEL_OPS", run.operations);
  Runner(run).Go();
}

}  // namespace chainfs::fs::model
