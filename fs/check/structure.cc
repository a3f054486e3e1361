// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure.h"

#include "fs/check/structure/main_walk.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kBytesPerInode = 16;
constexpr size_t kIdsPerByte = 4;

class StructureCheck {
 public:
  StructureCheck(StructureRun& run, const StructureOptions& options)
      : run_(run),
        names_(run, options.memory_bytes / 2 / kBytesPerInode),
        objects_(run.head, options.altered, options.memory_bytes / 4 * kIdsPerByte),
        inodes_(run),
        opener_(run.store, run.sealer, options.threads,
                [this](const ObjectTask& task, const ObjectResult& result) {
                  ReportOpened(run_, inodes_, task, result);
                }) {}

  void Run() {
    for (bool first = true; DoRound(first); first = false) continue;
    if (run_.stopped().empty() && run_.lost.empty()) CheckLive();
  }

 private:
  // False: there was nothing left to do, or the check has been stopped.
  bool DoRound(bool first) {
    const bool names = Begun(names_.BeginWindow());
    const bool objects = Begun(objects_.BeginWindow(run_.store, [this] { return run_.GoOn(); }));
    if ((!names && !objects && !first) || !run_.stopped().empty()) return false;
    MainWalk walk(run_, {objects ? &objects_ : nullptr, names ? &names_ : nullptr,
                         first ? &inodes_ : nullptr, first ? &opener_ : nullptr});
    auto walked = WalkTree(run_.nodes, run_.head.root, AllKeys(), walk);
    if (!walked) run_.Stop("the store cannot be read: " + walked.error().message);
    if (first) opener_.Finish();
    if (!run_.stopped().empty()) return false;
    if (first) inodes_.Finish();
    if (names) names_.FinishWindow();
    return true;
  }

  bool Begun(const Result<bool>& begun) {
    if (begun) return *begun;
    run_.Stop("the store cannot be read: " + begun.error().message);
    return false;
  }

  void CheckLive() {
    const auto compare = [&](const char* what, uint64_t said, uint64_t found) {
      if (said == found) return;
      Finding finding =
          MakeFinding(FindingKind::kBadCounter, std::string("the ledger counts ") +
                                                    std::to_string(said) + " live " + what +
                                                    ", but the tree has " + std::to_string(found));
      finding.record = run_.head.newest;
      run_.findings.Add(std::move(finding));
    };
    compare("objects", run_.head.live_objects, objects_.count());
    compare("bytes", run_.head.live_bytes, objects_.sealed_bytes());
  }

  StructureRun& run_;
  NameCheck names_;
  ReachableObjects objects_;
  InodeCheck inodes_;
  ObjectOpener opener_;
};

void Check(StructureRun& run, const StructureOptions& options) {
  auto opened = run.tree.OpenAt(run.head.root);
  if (opened) return StructureCheck(run, options).Run();
  if (opened.error().code != ErrorCode::kDamaged) {
    return run.Stop("the store cannot be read: " + opened.error().message);
  }
  if (!run.IsDamage()) return;
  Finding finding = MakeFinding(FindingKind::kUnreadableTree,
                                "nothing can be read: the root of the tree is missing or not what "
                                "was stored");
  finding.object = run.head.root.id;
  run.findings.Add(std::move(finding));
}

}  // namespace

ChainHead HeadOf(const ledger::Record& record) {
  ChainHead head;
  head.origin.volume_id = record.volume_id;
  head.newest = record.sequence;
  head.root = record.root;
  head.next_id = record.next_id;
  head.live_objects = record.live_objects;
  head.live_bytes = record.live_bytes;
  head.time_ns = record.time_ns;
  return head;
}

PassResult CheckStructure(const store::Store& store, const crypto::ObjectSealer& sealer,
                          const crypto::NameHasher& hasher, const ChainHead& head,
                          const StructureOptions& options, Listener& listener) {
  StructureRun run(store, sealer, hasher, head, options.hold, options.pace, listener);
  Check(run, options);
  run.findings.Flush();
  run.ReportProgress();
  const uint64_t count = run.findings.count();
  const std::string found = std::to_string(count) + (count == 1 ? " finding" : " findings");
  if (!run.stopped().empty()) {
    return {Pass::kStructure, Verdict::kNotChecked,
            run.stopped() + (count == 0 ? "" : "; " + found + " until then")};
  }
  if (count > 0) return {Pass::kStructure, Verdict::kFailed, found};
  return {Pass::kStructure, Verdict::kOk,
          "all " + std::to_string(head.live_objects) + " objects of record " +
              std::to_string(head.newest.value) + " open, and the filesystem in them is sound" +
              (run.findings.lost() == 0 ? "" : "; what a repair gave up is still lost")};
}

}  // namespace chainfs::fs::check
