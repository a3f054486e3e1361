// SPDX-License-Identifier: GPL-3.0-or-later
// Many threads at once do everything to the files of a mount, each checking against its own model.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr int kThreads = 8;
constexpr int kOperations = 1500;
constexpr int kFiles = 15;

// One thread's directory and what it ought to hold.
class Worker {
 public:
  Worker(std::string directory, unsigned seed) : directory_(std::move(directory)), random_(seed) {
    std::filesystem::create_directory(directory_);
  }

  // The first thing that was wrong; empty: nothing.
  std::string Run() {
    for (int i = 0; i < kOperations && wrong_.empty(); ++i) Step();
    if (wrong_.empty()) CheckEverything();
    return wrong_;
  }

  std::string CheckEverything() {
    for (const auto& [name, content] : model_) Expect(ReadAll(name) == content, "content " + name);
    CheckListing();
    return wrong_;
  }

 private:
  void Step() {
    const std::string name = AnyName();
    const bool there = model_.contains(name);
    switch (random_() % 12) {
      case 0:
      case 1:
      case 2:
        return Replace(name);
      case 3:
      case 4:
        return Expect(ReadAll(name) == (there ? model_[name] : ""), "read " + name);
      case 5:
        if (there) Expect(unlink(Path(name).c_str()) == 0, "unlink " + name);
        model_.erase(name);
        return;
      case 6:
        return there ? Rename(name, AnyName()) : void();
      case 7:
      case 8:
        return there ? Patch(name) : void();
      case 9:
        return there ? Truncate(name) : void();
      case 10:
        return CheckListing();
      default:
        return there ? Attributes(name) : void();
    }
  }

  void Replace(const std::string& name) {
    const std::string content = Bytes(1 + random_() % 300000);
    const Descriptor file(open(Path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    Expect(
        write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()),
        "write " + name);
    if (random_() % 4 == 0) Expect(fsync(file.get()) == 0, "fsync " + name);
    model_[name] = content;
  }

  void Patch(const std::string& name) {
    std::string& model = model_[name];
    const size_t at = random_() % (model.size() + 1);
    const std::string bytes = Bytes(1 + random_() % 9000);
    const Descriptor file(open(Path(name).c_str(), O_RDWR | O_CLOEXEC));
    Expect(pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) ==
               static_cast<ssize_t>(bytes.size()),
           "pwrite " + name);
    if (model.size() < at + bytes.size()) model.resize(at + bytes.size());
    model.replace(at, bytes.size(), bytes);
    if (random_() % 2 == 0) lseek(file.get(), 0, SEEK_HOLE);  // makes the kernel flush
  }

  void Truncate(const std::string& name) {
    std::string& model = model_[name];
    model.resize(random_() % 400000);
    Expect(truncate(Path(name).c_str(), static_cast<off_t>(model.size())) == 0, "truncate " + name);
  }

  void Rename(const std::string& from, const std::string& to) {
    Expect(rename(Path(from).c_str(), Path(to).c_str()) == 0, "rename " + from);
    if (from == to) return;
    model_[to] = std::move(model_[from]);
    model_.erase(from);
  }

  void Attributes(const std::string& name) {
    const std::string value = Bytes(50), path = Path(name);
    std::string back(50, 0);
    struct stat status {};
    Expect(setxattr(path.c_str(), "user.x", value.data(), 50, 0) == 0, "setxattr " + name);
    Expect(getxattr(path.c_str(), "user.x", back.data(), 50) == 50 && back == value, "xattr");
    Expect(stat(path.c_str(), &status) == 0 &&
               status.st_size == static_cast<off_t>(model_[name].size()),
           "size of " + name);
  }

  void CheckListing() {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      ++count;
      Expect(model_.contains(entry.path().filename()), "listed " + entry.path().string());
    }
    Expect(count == model_.size(), "number of files in " + directory_);
  }

  std::string ReadAll(const std::string& name) {
    const Descriptor file(open(Path(name).c_str(), O_RDONLY | O_CLOEXEC));
    std::string content(800000, 0);
    const ssize_t n = file ? pread(file.get(), content.data(), content.size(), 0) : 0;
    content.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return content;
  }

  std::string Bytes(size_t size) {
    std::string bytes(size, 0);
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  void Expect(bool right, const std::string& what) {
    if (!right && wrong_.empty()) wrong_ = what + ", last errno " + std::to_string(errno);
  }
  std::string AnyName() { return "f" + std::to_string(random_() % kFiles); }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  const std::string directory_;
  std::mt19937 random_;
  std::map<std::string, std::string> model_;
  std::string wrong_;
};

class LoadTest : public MountedVault {};

TEST_P(LoadTest, EveryThreadFindsWhatItLeft) {
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::string> wrong(kThreads);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    workers.push_back(std::make_unique<Worker>(In("d" + std::to_string(i)), i));
    threads.emplace_back([&, i] { wrong[i] = workers[i]->Run(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<std::string>(kThreads));
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  for (const auto& worker : workers) EXPECT_EQ(worker->CheckEverything(), "");
}

CHAINFS_ON_BOTH_TRANSPORTS(LoadTest);

}  // namespace
}  // namespace chainfs::mount_test
