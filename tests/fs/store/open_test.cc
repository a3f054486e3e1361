// SPDX-License-Identifier: GPL-3.0-or-later
// Opening: what is there, what is missing, what is cut off, and under which limits.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fs/store/environment.h"
#include "fs/store/vault_directory.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/store_fixture.h"

namespace chainfs::fs::store {
namespace {

constexpr ObjectId kA{10};

class OpenTest : public StoreTest {
 protected:
  void Fill(uint64_t objects, size_t size = 5000) {
    WriteTxn write = Take(store_->BeginWrite());
    for (uint64_t id = 1; id <= objects; ++id) Must(write.PutObject(ObjectId(id), Blob(id, size)));
    Must(write.Commit());
  }
  std::optional<ErrorCode> OpenCode(StoreOptions options = {}) {
    return CodeOf(Store::Open(directory_.path(), options));
  }
  std::string data() const { return directory_ / "data.mdb"; }
  // The same store, reachable as `name` in a directory of its own.
  std::string CopyTo(const std::string& name) {
    std::filesystem::create_directory(directory_ / name);
    for (const char* file : {"data.mdb", "lock.mdb"}) {
      std::filesystem::copy_file(directory_ / file, directory_ / name + "/" + file);
    }
    return directory_ / name;
  }
};

TEST_F(OpenTest, CreatingTwiceIsRefused) {
  EXPECT_EQ(OpenCode({.create = true}), ErrorCode::kExists);
  store_.reset();
  EXPECT_EQ(OpenCode({.create = true}), ErrorCode::kExists);
}

TEST_F(OpenTest, MissingDirectoryAndMissingDatabaseAreToldApart) {
  EXPECT_EQ(CodeOf(Store::Open(directory_ / "none", {})), ErrorCode::kNotFound);
  store_.reset();
  std::filesystem::remove(data());
  for (bool read_only : {false, true}) {
    Result<std::unique_ptr<Store>> opened =
        Store::Open(directory_.path(), {.read_only = read_only});
    EXPECT_EQ(CodeOf(opened), ErrorCode::kDamaged);
    EXPECT_NE(opened.error().message.find("has no data.mdb"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(data())) << "opening must not start a new database";
}

TEST_F(OpenTest, AnEmptyDatabaseFileIsDamageAndNotANewStore) {
  store_.reset();
  std::filesystem::resize_file(data(), 0);
  EXPECT_EQ(OpenCode(), ErrorCode::kDamaged);
  EXPECT_EQ(OpenCode({.read_only = true}), ErrorCode::kDamaged);
  EXPECT_EQ(std::filesystem::file_size(data()), 0u);
}

TEST_F(OpenTest, ACutOffDatabaseFileIsDamageAtEveryLength) {
  Fill(200);
  store_.reset();
  const uint64_t whole = std::filesystem::file_size(data());
  const std::string copy = CopyTo("copy");
  for (uint64_t length : {uint64_t{1}, uint64_t{4095}, uint64_t{4096}, uint64_t{8192},
                          uint64_t{12288}, whole / 2, whole - 4096, whole - 1}) {
    std::filesystem::copy_file(data(), copy + "/data.mdb",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(copy + "/data.mdb", length);
    for (bool read_only : {true, false}) {
      EXPECT_EQ(CodeOf(Store::Open(copy, {.read_only = read_only})), ErrorCode::kDamaged)
          << length << " of " << whole;
    }
    EXPECT_EQ(std::filesystem::file_size(copy + "/data.mdb"), length) << "evidence was changed";
  }
}

// LMDB does not write pages that were taken and given back in one transaction, so that a sound
// file may be shorter than its page count. Cutting off pages that are free stands in for that.
TEST_F(OpenTest, AFileThatLacksOnlyFreePagesIsSound) {
  Fill(110);
  for (uint64_t id = 101; id <= 110; ++id) {  // room below, for the pages of the commits to come
    WriteTxn write = Take(store_->BeginWrite());
    Must(write.DeleteObject(ObjectId(id)));
    Must(write.Commit());
  }
  WriteTxn tail = Take(store_->BeginWrite());
  Must(tail.PutObject(ObjectId(1000), Blob(1000, 400000)));
  Must(tail.Commit());
  WriteTxn gone = Take(store_->BeginWrite());
  Must(gone.DeleteObject(ObjectId(1000)));
  Must(gone.Commit());
  store_.reset();
  const uint64_t whole = std::filesystem::file_size(data());
  uint64_t cut = 0;  // as far as the free pages go
  const std::string copy = CopyTo("copy");
  for (uint64_t pages = 1; pages < 90; ++pages) {
    std::filesystem::resize_file(copy + "/data.mdb", whole - pages * 4096);
    if (!Store::Open(copy, {.read_only = true})) break;
    cut = pages;
  }
  ASSERT_GT(cut, 80u);
  std::filesystem::resize_file(data(), whole - cut * 4096);
  {
    auto read_only = Take(Store::Open(directory_.path(), {.read_only = true}));
    EXPECT_EQ(Take(read_only->BeginRead()).CountObjects(), 100u);
    EXPECT_EQ(std::filesystem::file_size(data()), whole - cut * 4096);
  }
  store_ = Take(Store::Open(directory_.path(), {}));
  EXPECT_EQ(std::filesystem::file_size(data()), whole);
  WriteTxn write = Take(store_->BeginWrite());
  Must(write.PutObject(ObjectId(1001), Blob(1001, 400000)));
  Must(write.Commit());
  EXPECT_TRUE(
      Same(Take(store_->BeginRead()).FindObject(ObjectId(1001)).value(), Blob(1001, 400000)));
}

TEST_F(OpenTest, AForeignFileIsDamage) {
  store_.reset();
  std::filesystem::resize_file(data(), 0);
  std::filesystem::resize_file(data(), 1 << 20);
  EXPECT_EQ(OpenCode(), ErrorCode::kDamaged);
}

TEST_F(OpenTest, ADatabaseWithoutOurTablesIsDamage) {
  const std::string other = directory_ / "other";
  std::filesystem::create_directory(other);
  {
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    EnvironmentHandle handle(env);
    ASSERT_EQ(mdb_env_open(env, other.c_str(), 0, 0600), 0);
  }
  EXPECT_EQ(CodeOf(Store::Open(other, {})), ErrorCode::kDamaged);
}

TEST_F(OpenTest, FilesAreOwnerOnlyWhateverTheUmask) {
  store_.reset();
  for (mode_t mask : {0, 0777}) {
    TemporaryDirectory fresh;
    const mode_t old = ::umask(mask);
    auto store = Store::Open(fresh.path(), {.create = true});
    ::umask(old);
    ASSERT_TRUE(store);
    for (const char* name : {"data.mdb", "lock.mdb"}) {
      struct stat status;
      ASSERT_EQ(::stat((fresh / name).c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 07777, 0600u) << name;
    }
  }
}

TEST_F(OpenTest, ReadsAlongWhileAnotherProcessWrites) {
  Fill(10);
  store_.reset();
  ChildProcess writer([&](int report) {
    auto store = Take(Store::Open(directory_.path(), {}));
    for (uint64_t id = 100;; ++id) {
      WriteTxn write = Take(store->BeginWrite());
      Must(write.PutObject(ObjectId(id), Blob(id, 5000)));
      Must(write.DeleteObject(ObjectId(id - (id == 100 ? 99 : 1))));
      Must(write.Commit());
      if (id % 100 == 0) ChildProcess::Send(report, id);
    }
    return true;
  });
  uint64_t reached = 0;
  ASSERT_TRUE(writer.Receive(reached));
  auto reader = Take(Store::Open(directory_.path(), {.read_only = true}));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(writer.Receive(reached));
    ReadTxn read = Take(reader->BeginRead());
    EXPECT_EQ(read.CountObjects(), 10u);
    read.ForEachObject(ObjectId(0), [&](ObjectId id, ByteView blob) {
      EXPECT_TRUE(Same(blob, Blob(id.value, 5000)));
      return true;
    });
  }
}

// Runs as another user, who can read but not write. False: it did not do what it should.
bool ReadsWithoutWritePermission(const std::string& path) {
  if (::setgid(65534) != 0 || ::setuid(65534) != 0) return false;
  auto store = Store::Open(path, {.read_only = true});
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return false;
  }
  return Take((*store)->BeginRead()).CountObjects() == 10;
}

TEST_F(OpenTest, ReadsACopyThatItMayNotWriteTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to become another user";
  Fill(10);
  store_.reset();
  ::chmod(directory_.path().c_str(), 0555);
  for (const char* name : {"data.mdb", "lock.mdb"}) ::chmod((directory_ / name).c_str(), 0444);
  ChildProcess with_lock_file([&](int) { return ReadsWithoutWritePermission(directory_.path()); });
  EXPECT_TRUE(with_lock_file.Succeeds());
  std::filesystem::remove(directory_ / "lock.mdb");
  ChildProcess without([&](int) { return ReadsWithoutWritePermission(directory_.path()); });
  EXPECT_TRUE(without.Succeeds());
}

// Without LMDB's lock file nothing would tell the writer which pages we look at.
TEST_F(OpenTest, DoesNotReadAlongUnseenByTheWriter) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to become another user";
  Fill(10);
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  ::chmod(directory_.path().c_str(), 0555);
  for (const char* name : {"data.mdb", "lock.mdb", "lock"}) {
    ::chmod((directory_ / name).c_str(), 0444);
  }
  auto open_as_nobody = [&](int) {
    return ::setgid(65534) == 0 && ::setuid(65534) == 0 &&
           OpenCode({.read_only = true}) == ErrorCode::kInUse;
  };
  ChildProcess refused(open_as_nobody);
  EXPECT_TRUE(refused.Succeeds());
  store_.reset();
  lock.reset();
  ChildProcess reads([&](int) { return ReadsWithoutWritePermission(directory_.path()); });
  EXPECT_TRUE(reads.Succeeds());
}

TEST_F(OpenTest, ReadsFromAReadOnlyFilesystem) {
  Fill(10);
  store_.reset();
  const std::string mount = directory_ / "mount";
  std::filesystem::create_directory(mount);
  if (::mount(directory_.path().c_str(), mount.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
      ::mount(nullptr, mount.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
    GTEST_SKIP() << "SKIPPED: cannot mount here";
  }
  for (bool with_lock_file : {true, false}) {
    if (!with_lock_file) std::filesystem::remove(directory_ / "lock.mdb");
    auto store = Store::Open(mount, {.read_only = true});
    EXPECT_TRUE(store && Take((*store)->BeginRead()).CountObjects() == 10);
    EXPECT_EQ(CodeOf(Store::Open(mount, {})), ErrorCode::kAccessDenied);
  }
  ::umount(mount.c_str());
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // their shadow memory is counted too
#else
constexpr bool kSanitized = false;
#endif

class LittleAddressSpaceTest : public OpenTest {
 protected:
  // Opens under a limit that is lifted again afterwards: the map stays small.
  Result<std::unique_ptr<Store>> OpenWithin(uint64_t limit) {
    rlimit space{limit, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &space) != 0) return ErrorCode::kIo;
    auto store = Store::Open(directory_.path(), {});
    space.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_AS, &space);
    return store;
  }
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "SKIPPED: sanitizers need all address space for themselves";
    OpenTest::SetUp();
    Fill(10);
    store_.reset();
  }
};

TEST_F(LittleAddressSpaceTest, IsMadeDoWith) {
  ChildProcess child([&](int) {
    auto store = Take(OpenWithin(1u << 28));
    WriteTxn write = Take(store->BeginWrite());
    Must(write.PutObject(ObjectId(1000), Blob(1, 100000)));
    Must(write.Commit());
    return Take(store->BeginRead()).CountObjects() == 11;
  });
  EXPECT_TRUE(child.Succeeds());
}

TEST_F(LittleAddressSpaceTest, IsAClearErrorWhereItIsTooLittle) {
  ChildProcess child([&](int) { return CodeOf(OpenWithin(1u << 24)) == ErrorCode::kNoMemory; });
  EXPECT_TRUE(child.Succeeds());
}

TEST_F(LittleAddressSpaceTest, AFullMapIsNoSpaceAndLosesNothing) {
  ChildProcess child([&](int) {
    auto store = Take(OpenWithin(1u << 28));
    const Bytes large(1u << 28);
    WriteTxn write = Take(store->BeginWrite());
    if (CodeOf(write.PutObject(ObjectId(2000), large)) != ErrorCode::kNoSpace) return false;
    // The transaction has failed as a whole.
    if (CodeOf(write.PutObject(ObjectId(2001), Blob(1, 9))) != ErrorCode::kNoSpace) return false;
    if (CodeOf(write.Commit()) != ErrorCode::kNoSpace) return false;
    WriteTxn next = Take(store->BeginWrite());
    Must(next.PutObject(ObjectId(2001), Blob(1, 9)));
    Must(next.Commit());
    return Take(store->BeginRead()).CountObjects() == 11;
  });
  EXPECT_TRUE(child.Succeeds());
}

TEST_F(OpenTest, KnowsWhereTheMapBegins) {
  Fill(3000, 100);
  store_.reset();
  for (bool read_only : {false, true}) {
    Environment environment = Take(Environment::Open(directory_.path(), {.read_only = read_only}));
    ASSERT_NE(environment.map, nullptr);
    Bytes first(8192);
    ASSERT_EQ(::pread(environment.data_fd(), first.data(), first.size(), 0), 8192);
    EXPECT_TRUE(Same(ByteView(environment.map, 8192), first));
    Bytes last(4096);
    const uint64_t at = environment.HighWaterBytes() - 4096;
    ASSERT_EQ(::pread(environment.data_fd(), last.data(), 4096, static_cast<off_t>(at)), 4096);
    EXPECT_TRUE(Same(ByteView(environment.map + at, 4096), last));
  }
}

TEST(ChooseMapBytesTest, CoversTheFilesystemAndTheFileWithinReason) {
  constexpr uint64_t kGiB = 1ull << 30, kTiB = 1ull << 40;
  EXPECT_EQ(ChooseMapBytes(0, 0), kGiB);
  EXPECT_EQ(ChooseMapBytes(100 * kGiB, 0), 200 * kGiB);
  EXPECT_GE(ChooseMapBytes(kGiB, 10 * kGiB), 10 * kGiB) << "a file larger than its filesystem";
  EXPECT_GE(ChooseMapBytes(16 * kTiB, kTiB), 16 * kTiB);
  for (uint64_t huge : {1000 * kTiB, ~uint64_t{0}}) EXPECT_LE(ChooseMapBytes(huge, 0), 64 * kTiB);
  EXPECT_EQ(ChooseMapBytes(123456789012, 5) % 4096, 0u);
}

}  // namespace
}  // namespace chainfs::fs::store
