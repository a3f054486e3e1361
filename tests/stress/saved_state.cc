// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stress/saved_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "tests/stress/whole_file.h"

namespace chainfs::stress {
namespace {

constexpr const char* kMagic = "chainfs-ops-1";

// `name` by way of a finding's text, and the last operations on the file if they are known.
Finding Named(const Finding& finding, const std::string& name, const FileModel* file) {
  std::string text = name + ": " + finding.what();
  if (file != nullptr) {
    text = "file " + std::to_string(file->id) + ", " + text;
    for (const std::string& done : file->done) text += "\n  " + done;
  }
  return Finding(text, finding.offset());
}

Descriptor OpenFile(int top, const std::string& name, const FileModel* file) {
  Descriptor fd(openat(top, name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw Named(Finding(std::string("open: ") + std::strerror(errno)), name, file);
  return fd;
}

struct stat StatusOf(const Descriptor& fd, const std::string& name) {
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) throw Finding(name + ": fstat: " + std::strerror(errno));
  return status;
}

void VerifyFile(int top, const FileModel& file, bool crashed) {
  ino_t inode = 0;
  for (const std::string& name : file.names) {
    const Descriptor fd = OpenFile(top, name, &file);
    const struct stat status = StatusOf(fd, name);
    if (status.st_nlink != file.names.size())
      throw Named(Finding("link count " + std::to_string(status.st_nlink)), name, &file);
    if (inode != 0 && inode != status.st_ino) throw Named(Finding("is another file"), name, &file);
    inode = status.st_ino;
    try {
      CompareWhole(fd.get(), file.content);
    } catch (const Finding& finding) {
      throw Named(finding, crashed ? name + " (synced before the crash)" : name, &file);
    }
  }
}

std::vector<std::string> NamesIn(int top, const std::string& directory) {
  std::vector<std::string> names;
  const int fd = openat(top, directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = fd < 0 ? nullptr : fdopendir(fd);
  if (stream == nullptr) throw Finding("open " + directory + ": " + std::strerror(errno));
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(directory + "/" + name);
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) throw Finding("list " + directory + ": " + std::strerror(error));
  return names;
}

std::vector<std::string> AllNames(int top, uint64_t threads) {
  std::vector<std::string> names = NamesIn(top, "shared");
  for (uint64_t thread = 0; thread < threads; ++thread) {
    for (std::string& name : NamesIn(top, "t" + std::to_string(thread)))
      names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Both "t3/f7" and "shared/t3-f7" are thread 3's.
uint64_t ThreadOf(const std::string& name) {
  const std::string shared = "shared/";
  return std::stoull(name.substr(name.starts_with(shared) ? shared.size() + 1 : 1));
}

// Reads every file that is there, whatever it holds.
Files Adopt(int top, uint64_t threads) {
  std::map<ino_t, std::unique_ptr<FileModel>> by_inode;
  uint64_t next_id = 0;
  for (const std::string& name : AllNames(top, threads)) {
    const Descriptor fd = OpenFile(top, name, nullptr);
    auto& file = by_inode[StatusOf(fd, name).st_ino];
    if (!file) {
      file = std::make_unique<FileModel>();
      file->id = next_id++;
      file->thread = ThreadOf(name);
      try {
        file->content = ReadWhole(fd.get());
        CompareWhole(fd.get(), file->content);
      } catch (const Finding& finding) {
        throw Named(finding, name, nullptr);
      }
      const uint64_t size = file->content.size();
      file->window = 1 << 20;
      if (size > 2 * file->window) file->base = size - file->window / 2;
    }
    file->names.insert(name);
  }
  Files files;
  for (auto& [inode, file] : by_inode) files.push_back(std::move(file));
  return files;
}

void VerifyNames(int top, uint64_t threads, const Files& files) {
  std::vector<std::string> want;
  for (const auto& file : files) want.insert(want.end(), file->names.begin(), file->names.end());
  std::sort(want.begin(), want.end());
  const std::vector<std::string> found = AllNames(top, threads);
  if (found == want) return;
  std::vector<std::string> wrong;
  std::set_symmetric_difference(want.begin(), want.end(), found.begin(), found.end(),
                                std::back_inserter(wrong));
  throw Finding("a name is missing, too many or twice: " + (wrong.empty() ? "" : wrong[0]));
}

}  // namespace

void SaveState(const std::string& path, bool crashed, const Files& files) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << kMagic << ' ' << crashed << ' ' << files.size() << '\n';
  for (const auto& file : files) {
    const auto& pages = file->content.pages();
    out << file->id << ' ' << file->thread << ' ' << file->base << ' ' << file->window << ' '
        << file->content.size() << ' ' << file->names.size() << ' ' << file->done.size() << ' '
        << pages.size() << '\n';
    for (const std::string& name : file->names) out << name << '\n';
    for (const std::string& done : file->done) out << done << '\n';
    for (const auto& [index, page] : pages) {
      out << index << '\n';
      out.write(page->data(), static_cast<std::streamsize>(page->size()));
    }
  }
  out.close();
  if (!out) throw std::runtime_error(path + ": the state cannot be written");
}

SavedState LoadState(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  SavedState state;
  std::string magic, line;
  size_t count = 0;
  in >> magic >> state.crashed >> count;
  if (!in || magic != kMagic) throw std::runtime_error(path + ": not a state file");
  while (in && state.files.size() < count) {
    auto file = std::make_unique<FileModel>();
    uint64_t size = 0, names = 0, done = 0, pages = 0, index = 0;
    in >> file->id >> file->thread >> file->base >> file->window >> size >> names >> done >> pages;
    std::getline(in, line);
    while (names-- > 0 && std::getline(in, line)) file->names.insert(line);
    while (done-- > 0 && std::getline(in, line)) file->done.push_back(line);
    SparseContent::Page page;
    while (pages-- > 0 && in >> index && in.get() == '\n' &&
           in.read(page.data(), static_cast<std::streamsize>(page.size())))
      file->content.Write(index * SparseContent::kPageBytes, page.data(), page.size());
    file->content.Resize(size);
    state.files.push_back(std::move(file));
  }
  if (!in) throw std::runtime_error(path + ": the state file is cut short");
  return state;
}

Files VerifyState(int top, uint64_t threads, SavedState state) {
  for (const auto& file : state.files) VerifyFile(top, *file, state.crashed);
  if (state.crashed) return Adopt(top, threads);
  VerifyNames(top, threads, state.files);
  return std::move(state.files);
}

}  // namespace chainfs::stress
