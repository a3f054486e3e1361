// SPDX-License-Identifier: GPL-3.0-or-later
// Checking a volume that is open: the same checks as chainfs-fsck's, on the store that it has open.
#include "fs/check/check.h"
#include "fs/check/structure.h"
#include "fs/volume.h"
#include "fs/volume_impl.h"

namespace chainfs::fs {
namespace {

using check::Pass;
using check::PassResult;
using check::Verdict;

// Gentle: a check may take its time, and what uses the volume may not notice it.
constexpr unsigned kThreads = 1;
constexpr uint64_t kStructureBytes = 64ull << 20;
constexpr uint64_t kWindowIds = uint64_t{1} << 26;

// The engine's hold, in the words of a check.
class EngineHold final : public check::RetentionHold {
 public:
  explicit EngineHold(std::shared_ptr<fs::RetentionHold> hold) : hold_(std::move(hold)) {}
  bool StillHeld() override { return hold_->IsHeld(); }
  Sequence head() const { return hold_->head(); }

 private:
  const std::shared_ptr<fs::RetentionHold> hold_;
};

// What keeps the state that is checked.
struct KeptStill {
  std::optional<EngineHold> hold;          // of a volume that is written to here
  std::unique_ptr<store::VaultLock> lock;  // of one that is not: nobody else begins to
  std::string why_not;                     // somebody else does
};

KeptStill KeepStill(const std::string& vault, CommitEngine* engine) {
  KeptStill kept;
  if (engine != nullptr) {
    kept.hold.emplace(engine->HoldRetention());
    return kept;
  }
  auto lock = store::VaultLock::Acquire(vault);
  if (lock) {
    kept.lock = std::move(*lock);
  } else if (lock.error().code == ErrorCode::kInUse) {
    kept.why_not = "this mount is read-only, and another one writes to the vault";
  }
  return kept;
}

}  // namespace

Result<VolumeCheckResult> Volume::Check(const VolumeCheckOptions& options,
                                        check::Listener& listener) {
  Core& core = *impl_->core;
  KeptStill kept = KeepStill(impl_->vault, core.engine.get());
  const auto headers = store::ReadHeader(impl_->vault);
  if (!headers) return headers.error();
  VolumeCheckResult result;
  if (kept.hold) result.head = kept.hold->head();

  check::CheckOptions all;
  all.remembered = options.remembered;
  all.keys.push_back({"the unlocked header", impl_->identity.key});
  all.header_verified = true;
  all.threads = kThreads;
  all.window_ids = kWindowIds;
  all.hold = kept.hold ? &*kept.hold : nullptr;
  all.pace = options.pace;
  all.structure = [&](const ledger::Record& head, const std::vector<Sequence>& altered,
                      check::Listener& told) -> PassResult {
    result.head = head.sequence;
    if (!kept.why_not.empty()) return {Pass::kStructure, Verdict::kNotChecked, kept.why_not};
    check::StructureOptions structure;
    structure.threads = kThreads;
    structure.hold = all.hold;
    structure.memory_bytes = kStructureBytes;
    structure.pace = options.pace;
    structure.altered = altered;
    return check::CheckStructure(*core.store, core.sealer, core.hasher, check::HeadOf(head),
                                 structure, told);
  };
  result.passes = check::CheckVault(*core.store, *headers, all, listener);
  return result;
}

}  // namespace chainfs::fs
