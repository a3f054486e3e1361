// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_driver.h"

#include <gtest/gtest.h>

namespace chainfs::fs::model {
namespace {

constexpr size_t kLogged = 40;

Attributes RootAttributes(Volume* volume, InodeNumber root) {
  auto attributes = volume->GetAttributes(root);
  EXPECT_TRUE(attributes);
  return attributes ? *attributes : Attributes();
}

std::string Text(const Timestamp& time) {
  return std::to_string(time.seconds) + "." + std::to_string(time.nanoseconds);
}

}  // namespace

ModelDriver::ModelDriver(Volume* volume, InodeNumber root, uint64_t seed, size_t crowd)
    : volume_(volume),
      tree_(root, RootAttributes(volume, root)),
      seed_(seed),
      random_(seed),
      crowd_(crowd),
      newest_(root) {}

std::ostringstream& ModelDriver::Begin(const char* operation) {
  if (log_.size() == kLogged) log_.pop_front();
  tree_.BeginOperation();
  std::ostringstream& line = log_.emplace_back();
  line << steps_ << ' ' << operation << ' ';
  return line;
}

void ModelDriver::Fail(const std::string& what) {
  failed_ = true;
  std::string last;
  for (const std::ostringstream& line : log_) last += "  " + line.str() + "\n";
  ADD_FAILURE() << what << "\nseed " << seed_ << ", the last operations:\n" << last;
}

bool ModelDriver::Agree(const Outcome& expected, const std::optional<ErrorCode>& actual) {
  const auto text = [](const std::optional<ErrorCode>& code) {
    return code ? "error " + std::to_string(static_cast<int>(*code)) : std::string("success");
  };
  if (expected != actual) Fail("expected " + text(expected) + ", but it was " + text(actual));
  if (!expected) ++successes_;
  return !failed_ && !expected;
}

void ModelDriver::CheckNew(InodeNumber number) {
  if (number <= newest_) Fail("inode number " + std::to_string(number.value) + " is not new");
  newest_ = number;
}

void ModelDriver::CompareAttributes(InodeNumber number, const Attributes& actual) {
  ModelInode& expected = tree_.at(number);
  const std::string of = " of inode " + std::to_string(number.value);
  const auto compare = [&](const char* what, uint64_t a, uint64_t b) {
    if (a != b) Fail(what + of + ": " + std::to_string(a) + " expected, not " + std::to_string(b));
  };
  compare("number", number.value, actual.inode.value);
  compare("mode", expected.mode, actual.mode);
  compare("uid", expected.uid, actual.uid);
  compare("gid", expected.gid, actual.gid);
  compare("nlink", expected.nlink, actual.nlink);
  compare("size", expected.size(), actual.size);
  compare("rdev", expected.rdev, actual.rdev);
  const auto compare_time = [&](const char* what, Moment& moment, const Timestamp& time) {
    if (time < moment.low || time > moment.high) {
      Fail(what + of + ": " + Text(time) + " is not in [" + Text(moment.low) + ", " +
           Text(moment.high) + "]");
    }
    moment = {time, time};
  };
  compare_time("atime", expected.atime, actual.atime);
  compare_time("mtime", expected.mtime, actual.mtime);
  compare_time("ctime", expected.ctime, actual.ctime);
  compare_time("btime", expected.btime, actual.btime);
}

void ModelDriver::CompareContent(InodeNumber number) {
  const ModelData& data = tree_.at(number).data;
  uint64_t at = 0;
  while (at < data.size() && !failed_) {
    auto begin = volume_->Seek(number, at, SeekKind::kData);
    if (!begin && begin.error().code == ErrorCode::kNoSeekTarget) begin = data.size();
    if (!begin || *begin < at) return Fail("no data found");
    if (data.NextNonZero(at) < *begin) return Fail("data is a hole");
    if (*begin == data.size()) break;
    auto end = volume_->Seek(number, *begin, SeekKind::kHole);
    if (!end || *end <= *begin) return Fail("no hole found");
    for (at = *begin; at < *end && !failed_;) {
      Bytes actual(std::min<uint64_t>(*end - at, 1 << 20));
      auto read = volume_->Read(number, at, actual);
      if (!read || *read != actual.size()) return Fail("read failed");
      const std::string_view text(reinterpret_cast<const char*>(actual.data()), actual.size());
      if (data.Read(at, actual.size()) != text) {
        return Fail("content of inode " + std::to_string(number.value) + " differs at " +
                    std::to_string(at));
      }
      at += actual.size();
    }
  }
}

void ModelDriver::CompareListing(InodeNumber number) {
  const ModelInode& directory = tree_.at(number);
  std::map<uint64_t, std::string> expected;  // by order
  for (const auto& [name, entry] : directory.entries) expected[entry.order] = name;
  std::vector<std::string> names;
  auto listed = volume_->ReadDirectory(
      number, 0, false, [&](const DirectoryEntry& entry, const Attributes* attributes) {
        if (attributes != nullptr) Fail("attributes that nobody asked for");
        names.emplace_back(entry.name);
        const auto it = directory.entries.find(names.back());
        if (it != directory.entries.end() &&
            (it->second.inode != entry.inode || tree_.at(entry.inode).type() != entry.type)) {
          Fail("entry " + names.back() + " is wrong");
        }
        return true;
      });
  std::vector<std::string> wanted{".", ".."};
  for (const auto& [order, name] : expected) wanted.push_back(name);
  if (!listed || names != wanted) {
    Fail("listing of inode " + std::to_string(number.value) + " differs");
  }
}

void ModelDriver::CompareInode(InodeNumber number) {
  auto attributes = volume_->GetAttributes(number);
  if (!attributes) return Fail("inode " + std::to_string(number.value) + " is missing");
  CompareAttributes(number, *attributes);
  const ModelInode& inode = tree_.at(number);
  auto names = volume_->ListXattrs(number);
  if (!names) return Fail("no xattr list");
  std::sort(names->begin(), names->end());
  if (*names != tree_.XattrNames(number)) return Fail("xattr names differ");
  for (const std::string& name : *names) {
    std::string value;
    (void)tree_.GetXattr(number, name, &value);
    auto actual = volume_->GetXattr(number, name);
    if (!actual || *actual != value) return Fail("xattr " + name + " differs");
  }
  if (inode.is_regular()) CompareContent(number);
  if (inode.is_directory()) CompareListing(number);
  if (inode.is_symlink()) {
    auto target = volume_->ReadLink(number);
    if (!target || *target != inode.target) Fail("symlink target differs");
  }
}

void ModelDriver::CompareAll() {
  Begin("compare all");
  for (const auto& [number, inode] : tree_.nodes()) {
    if (failed_) return;
    CompareInode(number);
  }
}

void ModelDriver::Reopened(Volume* volume) {
  Begin("reopened");
  volume_ = volume;
  tree_.ForgetAll();
  CompareAll();
}

void ModelDriver::Step() {
  if (failed_) return;
  ++steps_;
  struct Choice {
    unsigned weight;
    void (ModelDriver::*run)();
  };
  // More is removed than made where there is much.
  const bool crowded = tree_.nodes().size() > crowd_;
  const Choice choices[] = {
      {8, &ModelDriver::Lookup},
      {10, &ModelDriver::Forget},
      {crowded ? 2u : 9u, &ModelDriver::MakeNode},
      {crowded ? 1u : 4u, &ModelDriver::MakeDirectory},
      {crowded ? 1u : 2u, &ModelDriver::MakeSymlink},
      {1, &ModelDriver::CreateTemporary},
      {3, &ModelDriver::Link},
      {crowded ? 16u : 6u, &ModelDriver::Unlink},
      {crowded ? 6u : 3u, &ModelDriver::RemoveDirectory},
      {8, &ModelDriver::Rename},
      {2, &ModelDriver::ReadLink},
      {3, &ModelDriver::ReadDirectory},
      {4, &ModelDriver::GetAttributes},
      {5, &ModelDriver::SetAttributes},
      {5, &ModelDriver::Truncate},
      {4, &ModelDriver::SetXattr},
      {2, &ModelDriver::SetAcl},
      {3, &ModelDriver::GetXattr},
      {2, &ModelDriver::RemoveXattr},
      {1, &ModelDriver::ListXattrs},
      {8, &ModelDriver::Read},
      {14, &ModelDriver::Write},
      {2, &ModelDriver::Allocate},
      {3, &ModelDriver::PunchHole},
      {2, &ModelDriver::ZeroRange},
      {3, &ModelDriver::Seek},
      {3, &ModelDriver::CopyRange},
      {1, &ModelDriver::SyncSomething},
  };
  unsigned total = 0;
  for (const Choice& choice : choices) total += choice.weight;
  uint64_t at = random_.Below(total);
  for (const Choice& choice : choices) {
    if (at < choice.weight) return (this->*choice.run)();
    at -= choice.weight;
  }
}

}  // namespace chainfs::fs::model
