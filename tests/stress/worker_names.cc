// SPDX-License-Identifier: GPL-3.0-or-later
// What gives files names and takes them away.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tests/stress/worker.h"

namespace chainfs::stress {
namespace {

constexpr uint64_t kNames = 30;  // in each directory
constexpr size_t kMostLinks = 3;

FileModel* FindByName(const Files& files, const std::string& name) {
  for (const auto& file : files) {
    if (file->names.contains(name)) return file.get();
  }
  return nullptr;
}

}  // namespace

// In the thread's own directory, or in the one where all threads change names.
std::string Worker::FreeName() {
  for (;;) {
    const std::string number = std::to_string(random_.Below(kNames));
    const std::string thread = "t" + std::to_string(thread_);
    std::string name =
        random_.OneIn(2) ? thread + "/f" + number : "shared/" + thread + "-f" + number;
    if (FindByName(files_, name) == nullptr) return name;
  }
}

void Worker::Create() {
  auto file = std::make_unique<FileModel>();
  file->id = next_id_++;
  file->thread = thread_;
  switch (random_.Below(8)) {
    case 0:
    case 1:
      file->window = 5000;  // small enough for the inode, most of the time
      break;
    case 2:
    case 3:
    case 4:
      file->window = 64 << 10;
      break;
    case 5:
    case 6:
      file->window = 1 << 20;
      break;
    default:
      file->window = 512 << 10;
      file->base = (random_.OneIn(2) ? uint64_t{1} << 32 : uint64_t{1} << 40) - (256 << 10);
  }
  const std::string name = FreeName();
  current_ = file.get();
  Note(*file, "create " + name);
  file->fd = Descriptor(openat(top_, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file->fd) FailCall("create");
  file->names.insert(name);
  files_.push_back(std::move(file));
}

// Now and then onto another file, or onto another name of the same one, which does nothing.
void Worker::Rename(FileModel& file) {
  const auto old_name = *std::next(file.names.begin(), random_.Below(file.names.size()));
  std::string name = FreeName();
  FileModel* replaced = nullptr;
  if (random_.OneIn(3)) {
    FileModel* other = files_[random_.Below(files_.size())].get();
    if (!other->names.empty() && number_ >= other->rests_until) {
      replaced = other;
      name = *other->names.begin();
    }
  }
  Note(file, "rename " + old_name + " to " + name);
  if (replaced != nullptr && replaced != &file) {
    replaced->synced = false;
    Note(*replaced, "replaced by file " + std::to_string(file.id) + " at " + name);
  }
  if (renameat(top_, old_name.c_str(), top_, name.c_str()) != 0) FailCall("rename");
  if (replaced == &file) return;
  file.names.erase(old_name);
  file.names.insert(name);
  if (replaced == nullptr) return;
  replaced->names.erase(name);
  if (replaced->names.empty() && !replaced->fd) Forget(replaced);
}

void Worker::Link(FileModel& file) {
  if (file.names.size() >= kMostLinks) return;
  const std::string name = FreeName();
  Note(file, "link " + name);
  if (linkat(top_, file.names.begin()->c_str(), top_, name.c_str(), 0) != 0) FailCall("link");
  file.names.insert(name);
}

void Worker::Unlink(FileModel& file) {
  if (random_.OneIn(2)) Fd(file);
  const std::string name = *file.names.begin();
  Note(file, "unlink " + name);
  if (unlinkat(top_, name.c_str(), 0) != 0) FailCall("unlink");
  file.names.erase(name);
  if (file.names.empty() && !file.fd) Forget(&file);
}

void Worker::Reopen(FileModel& file) {
  Note(file, "close");
  file.fd = Descriptor();
  if (file.names.empty()) return Forget(&file);
  if (random_.OneIn(2)) Fd(file);
}

void Worker::Forget(FileModel* file) {
  if (current_ == file) current_ = nullptr;
  std::erase_if(files_, [&](const auto& f) { return f.get() == file; });
}

}  // namespace chainfs::stress
