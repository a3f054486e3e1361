// SPDX-License-Identifier: GPL-3.0-or-later
// The walk in a child: beside a writer, on what cannot be locked, and when the child fails.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "fs/store/page_child.h"
#include "fs/store/page_report_codec.h"
#include "fs/store/page_sandbox.h"
#include "fs/store/vault_directory.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/page_fixture.h"

namespace chainfs::fs::store {
namespace {

class PageChildTest : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    WriteFile(directory_ / "data.mdb", bytes_);
  }
  PageReport WalkVault(const PageWalkOptions& options = {}) {
    return Take(WalkPagesInChild(directory_.path(), options));
  }
  TemporaryDirectory directory_;
};

TEST_F(PageChildTest, ReportsWhatTheWalkFinds) {
  const uint64_t leaf = Leaf(Root("objects"));
  Set<uint64_t>(leaf, 0, 5);
  Set<uint64_t>(MainRoot(), Record("meta") + 32, 77);
  WriteFile(directory_ / "data.mdb", bytes_);
  const PageReport here = Walk(), there = WalkVault();
  EXPECT_EQ(Text(here), Text(there));
  EXPECT_EQ(here.findings.size(), 1u + 1u);
  EXPECT_EQ(EncodePageReport(here), EncodePageReport(there));
}

TEST_F(PageChildTest, LeavesNothingInTheLockFile) {
  EXPECT_TRUE(WalkVault().safe_to_open);
  auto store = Take(Store::Open(directory_.path(), {}));
  RandomLoad load(1);
  WriteTxn write = Take(store->BeginWrite());
  Must(write.PutMeta("x", {}));
  Must(write.Commit());
}

TEST_F(PageChildTest, SaysWhatIsNoVault) {
  EXPECT_EQ(CodeOf(WalkPagesInChild(directory_ / "none", {})), ErrorCode::kNotFound);
  std::filesystem::remove(directory_ / "data.mdb");
  EXPECT_EQ(CodeOf(WalkPagesInChild(directory_.path(), {})), ErrorCode::kDamaged);
  ASSERT_EQ(::mkfifo((directory_ / "data.mdb").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(WalkPagesInChild(directory_.path(), {})), ErrorCode::kDamaged);
}

// Commits as fast as it can; false findings would come from pages that it reuses.
TEST_F(PageChildTest, FindsNothingWrongBesideAWriter) {
  TemporaryDirectory vault;
  Take(Store::Open(vault.path(), {.create = true})).reset();
  ChildProcess writer([&](int report) {
    auto store = Take(Store::Open(vault.path(), {}));
    RandomLoad load(9);
    load.Commit(*store, 3000, 0);
    for (uint64_t n = 1;; ++n) {
      load.Commit(*store, 30, 31);
      if (n == 1) ChildProcess::Send(report, n);
    }
    return true;
  });
  uint64_t committed = 0;
  ASSERT_TRUE(writer.Receive(committed));
  uint64_t first = 0, last = 0;
  // However slow the writer is: it has to have written meanwhile.
  for (int i = 0; i < 50 || last <= first + 50; ++i) {
    ASSERT_LT(i, 5000) << "the writer did not write";
    const PageReport report = Take(WalkPagesInChild(vault.path(), {}));
    EXPECT_EQ(Text(report), "") << "walk " << i;
    EXPECT_TRUE(report.safe_to_open);
    EXPECT_EQ(report.headers_checked, report.overflow_runs);
    if (i == 0) first = report.transaction;
    last = report.transaction;
  }
}

TEST_F(PageChildTest, StopsReadingHeadersBesideAWriter) {
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  ChildProcess writer([&](int report) {
    auto store = Take(Store::Open(directory_.path(), {}));
    for (uint64_t n = 1;; ++n) {
      WriteTxn write = Take(store->BeginWrite());
      Must(write.PutMeta("n", Blob(n, 8)));
      Must(write.Commit());
      if (n == 1) ChildProcess::Send(report, n);
    }
    return true;
  });
  uint64_t committed = 0;
  ASSERT_TRUE(writer.Receive(committed));
  uint64_t stopped = 0;
  for (int i = 0; i < 20 && stopped == 0; ++i) {
    const PageReport report = WalkVault({.max_header_seconds = 0});
    EXPECT_EQ(Text(report), "");
    if (report.headers_checked < report.overflow_runs) ++stopped;
  }
  EXPECT_GT(stopped, 0u);
  writer.Kill();
  const PageReport alone = WalkVault({.max_header_seconds = 0});
  EXPECT_EQ(alone.headers_checked, alone.overflow_runs) << "nobody writes";
}

TEST_F(PageChildTest, WalksACopyThatItMayNotWriteTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to become another user";
  ::chmod(directory_.path().c_str(), 0555);
  ::chmod((directory_ / "data.mdb").c_str(), 0444);
  ChildProcess other([&](int) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return false;
    return WalkVault().safe_to_open && !std::filesystem::exists(directory_ / "lock.mdb");
  });
  EXPECT_TRUE(other.Succeeds());
}

// Nothing would tell the writer which pages we look at.
TEST_F(PageChildTest, DoesNotWalkUnseenByTheWriter) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to become another user";
  auto lock = Take(VaultLock::Acquire(directory_.path()));
  ::chmod(directory_.path().c_str(), 0555);
  for (const char* name : {"data.mdb", "lock"}) ::chmod((directory_ / name).c_str(), 0444);
  auto as_nobody = [&](auto expected) {
    return [&, expected](int) {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) return false;
      return expected(WalkPagesInChild(directory_.path(), {}));
    };
  };
  ChildProcess refused(
      as_nobody([](const auto& walk) { return CodeOf(walk) == ErrorCode::kInUse; }));
  EXPECT_TRUE(refused.Succeeds());
  lock.reset();
  ChildProcess walks(as_nobody([](const auto& walk) { return walk && walk->safe_to_open; }));
  EXPECT_TRUE(walks.Succeeds());
}

TEST_F(PageChildTest, ShowsProgressInTheCaller) {
  const pid_t here = ::getpid();
  uint64_t shown = 0;
  const PageWalkBody slow = [](const std::function<void(PageProgress)>& progress) {
    for (uint64_t page = 0; page < 4; ++page) {
      progress({.page = 100 + page, .done = page, .expected = 4});
      ::poll(nullptr, 0, 120);
    }
    return Result<PageReport>(PageReport{.safe_to_open = true});
  };
  const PageReport report = Take(RunPageWalk(slow,
                                             {.progress =
                                                  [&](const PageProgress& at) {
                                                    EXPECT_EQ(::getpid(), here);
                                                    EXPECT_LE(at.page, 103u);
                                                    shown = std::max(shown, at.done);
                                                  }},
                                             1000));
  EXPECT_TRUE(report.safe_to_open);
  EXPECT_GT(shown, 0u);
}

PageReport RunAndFail(const std::function<void()>& what, uint64_t most_steps = 100) {
  const PageWalkBody body = [&](const std::function<void(PageProgress)>& progress) {
    progress({.page = 42});
    what();
    return Result<PageReport>(PageReport{.safe_to_open = true});
  };
  return Take(RunPageWalk(body, {.max_stall_ms = 300}, most_steps));
}

std::string Failure(const std::string& how) {
  return "fatal 42 the page walk itself failed at page 42: " + how + "\n";
}

TEST_F(PageChildTest, AChildThatDiesIsAFinding) {
  const auto segfault = [] {
    ::signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler
    ::raise(SIGSEGV);
  };
  EXPECT_EQ(Text(RunAndFail(segfault)), Failure("it was ended by SIGSEGV"));
  EXPECT_EQ(Text(RunAndFail([] { ::raise(SIGKILL); })), Failure("it was ended by SIGKILL"));
  EXPECT_EQ(Text(RunAndFail([] { std::abort(); })), Failure("it was ended by SIGABRT"));
  EXPECT_EQ(Text(RunAndFail([] { ::_exit(3); })),
            Failure("it left without a report, with status 3"));
}

TEST_F(PageChildTest, AChildThatStopsIsAFinding) {
  const std::string stopped = Failure("it did not go on");
  EXPECT_EQ(Text(RunAndFail([] { ::pause(); })), stopped);
  EXPECT_EQ(Text(RunAndFail([] { ::raise(SIGSTOP); })), stopped);
  EXPECT_EQ(Text(RunAndFail([] {
              for (volatile bool forever = true; forever;) continue;
            })),
            stopped);
}

TEST_F(PageChildTest, AChildThatPretendsToGoOnIsAFinding) {
  const PageWalkBody body = [&](const std::function<void(PageProgress)>& progress) {
    for (;;) progress({.page = 42});
    return Result<PageReport>(PageReport{});
  };
  const PageReport report = Take(RunPageWalk(body, {.max_stall_ms = 300}, 1000));
  EXPECT_EQ(Text(report), Failure("it did not go on"));
}

TEST_F(PageChildTest, AnErrorOfTheChildIsTheCallersError) {
  const PageWalkBody body = [](const std::function<void(PageProgress)>&) {
    return Result<PageReport>(Error{ErrorCode::kInUse, "is in use"});
  };
  const Result<PageReport> result = RunPageWalk(body, {}, 10);
  ASSERT_EQ(CodeOf(result), ErrorCode::kInUse);
  EXPECT_EQ(result.error().message, "is in use");
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

TEST_F(PageChildTest, TheChildCanOpenAndReachNothing) {
  if (kSanitized) GTEST_SKIP() << "SKIPPED: sanitizers need what is taken away here";
  const std::string path = directory_ / "data.mdb";
  ChildProcess child([&](int report) {
    const int before = ::open(path.c_str(), O_RDONLY);
    LeaveBehind(report);
    char byte;
    if (::read(before, &byte, 1) >= 0) return false;
    const int data = ::open(path.c_str(), O_RDWR);
    Confine(1 << 20);
    const bool reads = ::pread(data, &byte, 1, 0) == 1;
    const bool opens = ::open(path.c_str(), O_RDONLY) >= 0;
    const bool connects = ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    const bool forks = ::fork() >= 0;
    const bool writes_elsewhere = ::pwrite(data, &byte, 1, 0) >= 0;
    const bool executes = ::mmap(nullptr, 4096, PROT_EXEC | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
                                 -1, 0) != MAP_FAILED;
    const bool takes_all =
        ::mmap(nullptr, 1 << 22, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
    ::_exit(reads && !opens && !connects && !forks && !writes_elsewhere && !executes && !takes_all
                ? 0
                : 1);
  });
  EXPECT_TRUE(child.Succeeds());
}

TEST_F(PageChildTest, MemoryIsWhatTheWalkMayTake) {
  EXPECT_EQ(Text(WalkVault({.max_memory_bytes = 0})),
            Fatal(0, "the walk needs more memory than it may take"));
}

class PageReportCodecTest : public ::testing::Test {
 protected:
  static PageReport Sample() {
    PageReport report{.safe_to_open = true, .transaction = 7, .pages = 8, .further_findings = 9};
    report.tables.push_back({.name = "objects", .depth = 3, .entries = 5});
    report.findings.push_back({4, PageSeverity::kDamage, "something"});
    return report;
  }
};

TEST_F(PageReportCodecTest, ReportsComeBackAsTheyWere) {
  const Bytes bytes = EncodePageReport(Sample());
  const auto decoded = DecodePageReport(bytes);
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_TRUE((*decoded)->safe_to_open);
  EXPECT_EQ((*decoded)->further_findings, 9u);
  EXPECT_EQ((*decoded)->tables.at(0).entries, 5u);
  EXPECT_EQ((*decoded)->findings.at(0).what, "something");
  EXPECT_EQ(EncodePageReport(**decoded), bytes);
}

TEST_F(PageReportCodecTest, AFatalFindingIsNeverSafe) {
  PageReport report = Sample();
  report.findings[0].severity = PageSeverity::kFatal;
  EXPECT_FALSE((*DecodePageReport(EncodePageReport(report)))->safe_to_open);
}

TEST_F(PageReportCodecTest, TextIsPrintable) {
  PageReport report = Sample();
  report.findings[0].what = "a\x1b[2J\n\xff" + std::string(1000, 'x');
  const auto decoded = DecodePageReport(EncodePageReport(report));
  EXPECT_EQ((*decoded)->findings[0].what.substr(0, 8), "a?[2J??x");
  EXPECT_EQ((*decoded)->findings[0].what.size(), kMaxFindingBytes);
}

TEST_F(PageReportCodecTest, SurvivesAnyBytes) {
  const Bytes sound = EncodePageReport(Sample());
  for (size_t length = 0; length < sound.size(); ++length) {
    EXPECT_FALSE(DecodePageReport(ByteView(sound).first(length))) << length;
  }
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = sound;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    const auto decoded = DecodePageReport(bytes);
    if (!decoded || !*decoded) continue;
    EXPECT_LE((*decoded)->findings.size(), kMaxFindings);
    EXPECT_LE((*decoded)->tables.size(), kMaxWalkedTables);
  }
}

}  // namespace
}  // namespace chainfs::fs::store
