// SPDX-License-Identifier: GPL-3.0-or-later
// Many threads on the same few files, to the end and killed in between. Run it under TSan.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/fs/crash/file_load.h"
#include "tests/fs/volume_check.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {
namespace {

class FileLoadTest : public VolumeTest {
 protected:
  FileLoadTest() {
    options_.dirty_limit_bytes = 4 << 20;
    options_.cache_bytes = 2 << 20;
    options_.commit_interval_ms = 5;
  }

  static void Run(Volume& volume, uint64_t seed, unsigned threads, int steps) {
    std::vector<std::thread> running;
    for (unsigned t = 0; t < threads; ++t) {
      running.emplace_back([&volume, seed, t, steps] {
        FileLoad load(volume, seed * 100 + t);
        for (int i = 0; i < steps; ++i) load.Step();
      });
    }
    for (std::thread& thread : running) thread.join();
  }

  void ExpectSound() {
    Open();
    EXPECT_EQ("", FileLoad::FindWrongContent(*volume_));
    EXPECT_EQ(0u, volume_->Status().lookups);
    Close();
    for (const std::string& finding : FindInconsistencies(vault_)) ADD_FAILURE() << finding;
  }
};

TEST_F(FileLoadTest, ManyThreadsOnAFewFilesKeepThemSound) {
  for (uint64_t round = 0; round < 3; ++round) {
    Run(*volume_, round, 6, 1'500);
    EXPECT_EQ("", FileLoad::FindWrongContent(*volume_));
    Close();
    ExpectSound();
    Open();
  }
}

TEST_F(FileLoadTest, KilledAtAnyMomentTheyAreSound) {
  Close();
  model::Random random(42);
  for (uint64_t round = 0; round < 25; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(0, pipe(pipe_ends));
    const pid_t child = fork();
    if (child == 0) {
      const auto volume = vault_.Open(options_);
      if (!volume) _exit(1);
      std::thread(Run, std::ref(*volume), 1'000 + round, 3u, 1'000'000).detach();
      for (uint64_t before = volume->Status().commits;;) {
        const uint64_t now = volume->Status().commits;
        if (now > before && write(pipe_ends[1], "", 1) != 1) _exit(1);
        before = now;
      }
    }
    close(pipe_ends[1]);
    char byte;
    for (uint64_t i = random.Below(12); i > 0; --i) ASSERT_EQ(1, read(pipe_ends[0], &byte, 1));
    usleep(static_cast<useconds_t>(random.Below(4'000)));  // anywhere in a commit
    kill(child, SIGKILL);
    EXPECT_EQ(child, waitpid(child, nullptr, 0));
    close(pipe_ends[0]);
    ExpectSound();
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

}  // namespace
}  // namespace chainfs::fs
