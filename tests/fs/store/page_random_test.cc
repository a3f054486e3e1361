// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever stands in the file: the walk ends, and LMDB survives a file that the walk calls safe.
// CHAINFS_PAGE_ROUNDS multiplies how much is tried, CHAINFS_PAGE_SEED varies it.
#include <lmdb.h>

#include <csignal>
#include <iostream>

#include "fs/store/lmdb_handles.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/page_fixture.h"

namespace chainfs::fs::store {
namespace {

class PageRandomTest : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    WriteFile(directory_ / "data.mdb", bytes_);
    file_ = Descriptor(::open((directory_ / "data.mdb").c_str(), O_RDWR | O_CLOEXEC));
    WalkPages(file_.get(), {.progress = [&](const PageProgress& at) {
                const auto flags = Get<uint16_t>(at.page, 10);
                if (at.phase == PagePhase::kIndex && flags != kOverflowPage) {
                  index_.push_back(at.page);
                } else if (flags == kOverflowPage) {
                  values_.push_back(at.page);
                }
              }});
  }
  void TearDown() override {
    std::cout << "    " << tried_ << " tried, " << safe_ << " safe, of these " << clean_
              << " without a finding\n";
  }
  static uint64_t Setting(const char* name, uint64_t usual) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : usual;
  }
  static uint64_t Rounds(uint64_t usual) { return usual * Setting("CHAINFS_PAGE_ROUNDS", 1); }
  void Put(uint64_t at, ByteView bytes) {
    ASSERT_EQ(::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)),
              static_cast<ssize_t>(bytes.size()));
  }
  // Puts `bytes` at `at`, walks, lets LMDB at it if that is safe, and puts back what was there.
  void Try(uint64_t at, ByteView bytes, const std::string& what) {
    Put(at, bytes);
    const PageReport report = WalkPages(file_.get(), {});
    ++tried_;
    if (report.safe_to_open) {
      ++safe_;
      if (report.findings.empty()) ++clean_;
      ExpectSurvival(what + "\n" + Text(report));
    }
    Put(at, ByteView(sound_).subspan(at, bytes.size()));
  }
  void ExpectSurvival(const std::string& what) {
    ChildProcess reads([&](int) { return ReadAll(); });
    EXPECT_TRUE(reads.Succeeds()) << "reading, after " << what;
    if (Rounds(1) == 1 && safe_ % 4 != 0) return;
    const std::string copy = directory_ / "copy";
    std::filesystem::create_directories(copy);
    std::filesystem::copy_file(directory_ / "data.mdb", copy + "/data.mdb",
                               std::filesystem::copy_options::overwrite_existing);
    ChildProcess writes([&](int) { return WriteSome(copy); });
    EXPECT_TRUE(writes.Succeeds()) << "writing, after " << what;
  }

  static MDB_txn* Begin(EnvironmentHandle& environment, const std::string& path, unsigned flags) {
    ::alarm(60);
    MDB_env* env = nullptr;
    mdb_env_create(&env);
    environment.reset(env);
    mdb_env_set_maxdbs(env, 64);
    mdb_env_set_mapsize(env, 1ull << 30);
    MDB_txn* txn = nullptr;
    if (mdb_env_open(env, path.c_str(), flags | MDB_NOLOCK | MDB_NOSYNC, 0600) != 0) return txn;
    mdb_txn_begin(env, nullptr, flags & MDB_RDONLY, &txn);
    return txn;
  }
  // In a child: it may well die.
  bool ReadAll() const {
    EnvironmentHandle environment;
    MDB_txn* txn = Begin(environment, directory_.path(), MDB_RDONLY);
    if (!txn) return false;
    unsigned sum = 0;
    for (const char* name : {"objects", "records", "lists", "meta"}) {
      MDB_dbi dbi;
      MDB_cursor* cursor = nullptr;
      if (mdb_dbi_open(txn, name, 0, &dbi) != 0 || mdb_cursor_open(txn, dbi, &cursor) != 0)
        continue;
      MDB_val key, value;
      for (MDB_cursor_op step : {MDB_NEXT, MDB_PREV}) {
        while (mdb_cursor_get(cursor, &key, &value, step) == 0) {
          for (size_t i = 0; i < value.mv_size; i += step == MDB_NEXT ? 1 : 512) {
            sum += static_cast<const uint8_t*>(value.mv_data)[i];
          }
          MDB_val again;
          if (step == MDB_PREV && mdb_get(txn, dbi, &key, &again) != 0) return false;
        }
      }
    }
    volatile unsigned kept = sum;
    return kept == sum;
  }
  // Deletes and puts, so that pages are merged, split, freed and reused.
  static bool WriteSome(const std::string& path) {
    EnvironmentHandle environment;
    std::mt19937_64 random(1);
    uint64_t next = 1ull << 40;
    for (int commit = 0; commit < 6; ++commit) {
      MDB_txn* txn = nullptr;
      if (commit == 0) {
        txn = Begin(environment, path, 0);
      } else {
        mdb_txn_begin(environment.get(), nullptr, 0, &txn);
      }
      if (!txn) return false;
      for (const char* name : {"objects", "lists", "meta"}) {
        MDB_dbi dbi;
        if (mdb_dbi_open(txn, name, 0, &dbi) != 0) continue;
        MDB_cursor* cursor = nullptr;
        mdb_cursor_open(txn, dbi, &cursor);
        MDB_val key, value;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
          if (random() % 3 == 0) mdb_cursor_del(cursor, 0);
        }
        mdb_cursor_close(cursor);
        for (int i = 0; i < 300; ++i) {
          const Bytes blob(random() % 9000);
          NumberKey number(next++);
          key = number.val(), value = ValOf(blob);
          mdb_put(txn, dbi, &key, &value, 0);
        }
      }
      mdb_txn_commit(txn);
    }
    return true;
  }
  template <class T>
  T& Any(std::vector<T>& from) {
    return from[random_() % from.size()];
  }

  TemporaryDirectory directory_;
  Descriptor file_;
  std::vector<uint64_t> index_, values_;  // reachable
  std::mt19937_64 random_{Setting("CHAINFS_PAGE_SEED", 11)};
  uint64_t tried_ = 0, safe_ = 0, clean_ = 0;
};

TEST_F(PageRandomTest, SingleBytes) {
  for (uint64_t round = 0; round < Rounds(3000) && !HasFailure(); ++round) {
    uint64_t at = 0;
    switch (random_() % 8) {
      case 0:
        at = random_() % 2 * kTestPage + random_() % 152;
        break;
      case 1:
        at = Any(values_) * kTestPage + random_() % 16;
        break;
      case 2:
      case 3:  // the header and the offsets
        at = Any(index_) * kTestPage + random_() % 64;
        break;
      case 4:
        at = MainRoot() * kTestPage +
             (random_() % 2 ? kTestPage - 1 - random_() % 300 : random_() % 32);
        break;
      case 5: {
        const uint64_t page = Any(index_);
        at = page * kTestPage + Node(page, random_() % Count(page)) + random_() % 24;
        break;
      }
      default:
        at = Any(index_) * kTestPage + random_() % kTestPage;
    }
    const uint8_t bad = random_() % 2 ? static_cast<uint8_t>(random_())
                                      : static_cast<uint8_t>(sound_[at] ^ 1 << random_() % 8);
    Try(at, {&bad, 1},
        "byte " + std::to_string(at % kTestPage) + " of page " + std::to_string(at / kTestPage) +
            " = " + std::to_string(bad));
  }
}

TEST_F(PageRandomTest, WholePages) {
  const uint64_t older_pages = older_.size() / kTestPage;
  for (uint64_t round = 0; round < Rounds(300) && !HasFailure(); ++round) {
    uint64_t page = random_() % 10 == 0 ? random_() % 2 : Any(index_);
    Bytes other(kTestPage);
    std::string what = "zeros";
    switch (round % 5) {
      case 0:
        break;
      case 1:
        for (uint8_t& byte : other) byte = static_cast<uint8_t>(random_());
        what = "noise";
        break;
      case 2:
      case 3: {  // as it is, or with the number that it should have
        const uint64_t from = Any(index_);
        std::copy_n(sound_.begin() + static_cast<long>(from * kTestPage), kTestPage, other.begin());
        if (round % 5 == 3) std::memcpy(other.data(), &page, 8);
        what = "page " + std::to_string(from);
        break;
      }
      default:
        if (page >= older_pages) page %= older_pages;
        std::copy_n(older_.begin() + static_cast<long>(page * kTestPage), kTestPage, other.begin());
        what = "its older self";
    }
    Try(page * kTestPage, other, "page " + std::to_string(page) + " became " + what);
  }
}

// Damage that adds up: bytes that could stand there, from the same place in another page.
TEST_F(PageRandomTest, ManyBytes) {
  for (uint64_t round = 0; round < Rounds(200) && !HasFailure(); ++round) {
    bytes_ = sound_;
    const uint64_t changes = 1 + random_() % 20;
    for (uint64_t i = 0; i < changes; ++i) {
      const uint64_t page = Any(index_);
      // Values that could be there: from the same place in another page.
      const uint64_t from = Any(index_), at = random_() % (kTestPage - 8);
      std::copy_n(sound_.begin() + static_cast<long>(from * kTestPage + at), 1 + random_() % 8,
                  bytes_.begin() + static_cast<long>(page * kTestPage + at));
    }
    Put(0, bytes_);
    const PageReport report = WalkPages(file_.get(), {});
    ++tried_;
    if (!report.safe_to_open) continue;
    ++safe_;
    if (report.findings.empty()) ++clean_;
    ExpectSurvival("round " + std::to_string(round));
  }
}

}  // namespace
}  // namespace chainfs::fs::store
