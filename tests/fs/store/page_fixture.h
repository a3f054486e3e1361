// SPDX-License-Identifier: GPL-3.0-or-later
// A database with some of everything, as bytes that a test may change; and what the page walk says
// of them. One thread.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <fstream>
#include <random>

#include "fs/store/descriptor.h"
#include "fs/store/page_format.h"
#include "fs/store/page_walk.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {

// Commits objects of many sizes, and deletes old ones.
class RandomLoad {
 public:
  explicit RandomLoad(uint64_t seed) : random_(seed) {}
  void Commit(Store& store, size_t births, size_t deaths, bool small = false) {
    WriteTxn write = Take(store.BeginWrite());
    for (size_t i = 0; i < births; ++i) {
      Must(write.PutObject(ObjectId(next_id_), Blob(next_id_, small ? 80 : Size())));
      live_.push_back(next_id_++);
    }
    for (size_t i = 0; i < deaths && !live_.empty(); ++i) {
      std::swap(live_[random_() % live_.size()], live_.back());
      Must(write.DeleteObject(ObjectId(live_.back())));
      live_.pop_back();
    }
    Must(write.PutRecord(Sequence(sequence_), Blob(sequence_, 396)));
    Must(write.PutLists(Sequence(sequence_), Blob(sequence_, random_() % 6000)));
    Must(write.PutMeta("graveyard", Blob(sequence_, 24)));
    if (sequence_ % 7 == 0) Must(write.PutMeta("long", Blob(sequence_, 3000 + random_() % 9000)));
    Must(write.Commit());
    ++sequence_;
  }

 private:
  size_t Size() {
    switch (random_() % 8) {
      case 0:
        return 2000 + random_() % 60;  // about where a value gets pages of its own
      case 1:
        return 4080 * (1 + random_() % 3) + random_() % 3 - 1;
      case 2:
        return 1 + random_() % 20000;
      default:
        return 40 + random_() % 200;
    }
  }
  std::mt19937_64 random_;
  std::vector<uint64_t> live_;
  uint64_t next_id_ = 1;
  uint64_t sequence_ = 0;
};

inline Bytes ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

inline void WriteFile(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

constexpr uint64_t kTestPage = 4096;

class PageTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!sound_.empty()) return;
    TemporaryDirectory directory;
    auto store = Take(Store::Open(directory.path(), {.create = true}));
    RandomLoad load(1);
    for (int i = 0; i < 60; ++i) load.Commit(*store, 20, 3);
    // Without a lock the file is as the commit left it.
    older_ = ReadFile(directory / "data.mdb");
    load.Commit(*store, 16000, 0, true);  // three levels
    for (int i = 0; i < 100; ++i) load.Commit(*store, 20, 20);
    load.Commit(*store, 0, 8000);  // an entry of the free list with pages of its own
    for (int i = 0; i < 30; ++i) load.Commit(*store, 10, 5);
    store.reset();
    sound_ = ReadFile(directory / "data.mdb");
  }
  void SetUp() override { bytes_ = sound_; }

  // All that the walk finds, as "PAGE WHAT" lines; bytes_ is the file.
  PageReport Walk(const PageWalkOptions& options = {}) {
    Descriptor file(::memfd_create("pages", MFD_CLOEXEC));
    if (::write(file.get(), bytes_.data(), bytes_.size()) != static_cast<ssize_t>(bytes_.size())) {
      std::abort();
    }
    return WalkPages(file.get(), options);
  }
  static std::string Text(const PageReport& report) {
    std::string text;
    for (const PageFinding& finding : report.findings) {
      text += (finding.severity == PageSeverity::kFatal    ? "fatal "
               : finding.severity == PageSeverity::kDamage ? "damage "
                                                           : "warning ") +
              std::to_string(finding.page) + " " + finding.what + "\n";
    }
    return text;
  }
  std::string Findings() { return Text(Walk()); }
  // One finding, of this severity.
  std::string Fatal(uint64_t page, const std::string& what) {
    return "fatal " + std::to_string(page) + " " + what + "\n";
  }
  std::string Damage(uint64_t page, const std::string& what) {
    return "damage " + std::to_string(page) + " " + what + "\n";
  }

  template <class T>
  T Get(uint64_t page, uint64_t at) const {
    return At<T>(bytes_, page * kTestPage + at);
  }
  // The lower bytes of `number`, as many as a T has.
  template <class T>
  void Set(uint64_t page, uint64_t at, uint64_t number) {
    const T value = static_cast<T>(number);
    std::memcpy(bytes_.data() + page * kTestPage + at, &value, sizeof value);
  }

  uint64_t NewestMeta() const { return Get<uint64_t>(0, 144) > Get<uint64_t>(1, 144) ? 0 : 1; }
  uint64_t Transaction() const { return Get<uint64_t>(NewestMeta(), 144); }
  uint64_t LastPage() const { return Get<uint64_t>(NewestMeta(), 136); }
  uint64_t FreeRoot() const { return Get<uint64_t>(NewestMeta(), 16 + 24 + 40); }
  uint64_t MainRoot() const { return Get<uint64_t>(NewestMeta(), 16 + 72 + 40); }

  uint64_t Count(uint64_t page) const { return (Get<uint16_t>(page, 12) - 16) / 2; }
  uint64_t Node(uint64_t page, uint64_t i) const { return Get<uint16_t>(page, 16 + i * 2); }
  uint64_t Child(uint64_t page, uint64_t i) const {
    return Get<uint32_t>(page, Node(page, i)) | uint64_t{Get<uint16_t>(page, Node(page, i) + 4)}
                                                    << 32;
  }
  uint64_t Data(uint64_t page, uint64_t i) const {
    return Node(page, i) + 8 + Get<uint16_t>(page, Node(page, i) + 6);
  }
  bool IsBranch(uint64_t page) const { return Get<uint16_t>(page, 10) == kBranchPage; }

  // Where the record of a table is, in the one leaf of names.
  uint64_t Record(const std::string& name) const {
    for (uint64_t i = 0; i < Count(MainRoot()); ++i) {
      const uint64_t key = MainRoot() * kTestPage + Node(MainRoot(), i) + 8;
      if (std::equal(name.begin(), name.end(), bytes_.begin() + static_cast<long>(key)) &&
          Get<uint16_t>(MainRoot(), Node(MainRoot(), i) + 6) == name.size()) {
        return Data(MainRoot(), i);
      }
    }
    std::abort();
  }
  uint64_t Root(const std::string& name) const {
    return Get<uint64_t>(MainRoot(), Record(name) + 40);
  }
  // A leaf in the middle of the tree, and the branch above it.
  uint64_t Leaf(uint64_t root, uint64_t* above = nullptr) const {
    uint64_t page = root;
    while (IsBranch(page)) {
      if (above) *above = page;
      page = Child(page, Count(page) / 2);
    }
    return page;
  }
  // A node of `leaf` whose value has pages of its own.
  uint64_t NodeElsewhere(uint64_t leaf) const {
    for (uint64_t i = 0; i < Count(leaf); ++i) {
      if (Get<uint16_t>(leaf, Node(leaf, i) + 4) == kDataElsewhere) return i;
    }
    std::abort();
  }

  Bytes bytes_;
  static inline Bytes sound_;
  static inline Bytes older_;  // the same file, earlier
};

}  // namespace chainfs::fs::store
