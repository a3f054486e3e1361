// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/fsck/fsck_run.h"

#include <algorithm>
#include <thread>

#include "crypto/name_hash.h"
#include "crypto/sealing.h"
#include "fs/check/structure.h"
#include "fs/store/store.h"
#include "tools/common/ask_and_unlock.h"
#include "tools/common/page_check.h"
#include "tools/common/vault_path.h"
#include "tools/fsck/repair_vault.h"

namespace chainfs::tools {
namespace {

using fs::check::Pass;
using fs::check::PassResult;
using fs::check::Verdict;

std::vector<PassResult> NotCheckedBecause(const std::string& reason) {
  std::vector<PassResult> results;
  for (const Pass pass : {Pass::kHistory, Pass::kIntegrity, Pass::kCompleteness, Pass::kFreshness,
                          Pass::kStructure}) {
    results.push_back({pass, Verdict::kNotChecked, reason});
  }
  return results;
}

}  // namespace

FsckRun::FsckRun(const FsckArguments& arguments, CheckPrinter& printer)
    : arguments_(arguments),
      printer_(printer),
      vault_(CanonicalPath(arguments.vault)),
      threads_(arguments.threads != 0 ? arguments.threads
                                      : std::max(1u, std::thread::hardware_concurrency())) {}

Outcome<int> FsckRun::Run() {
  // Neither copy may be whole: then it is a finding, and what needs no header is checked all the
  // same.
  auto header = LoadHeader(vault_);
  if (header) {
    header_ = *std::move(header);
  } else if (header.error().code != ExitCode::kDamagedHeader) {
    return header.error();
  }
  auto known = FindWhatIsNamed(arguments_);
  if (!known) return known.error();
  auto pages = CheckPages(vault_, printer_);
  if (!pages) return pages.error();
  if (!pages->safe_to_open) {
    std::vector<PassResult> results = NotCheckedBecause("the database cannot be opened safely");
    results.insert(results.begin(), pages->result);
    printer_.PrintVerdicts(results);
    return ExitFor(results);
  }
  if (header_) (void)ChooseHeaderOfDatabase(vault_, &*header_);  // a finding says so by and by
  UseWhatIsKnown(*std::move(known));
  if (auto unlocked = Unlock(); !unlocked) return unlocked.error();
  auto found = Check(pages->result);
  if (!found || !arguments_.repair || !secrets_) return found;
  if (!pages->safe_to_write) {
    // LMDB frees what the first page of a value says, and a page that the disk does not give would
    // bring this process down.
    Report("chainfs-fsck", {ExitCode::kDamagedVolume,
                            "not all pages could be looked at, so nothing is repaired: if the disk "
                            "fails copy it to a sound one, and repair the copy; if a mount wrote "
                            "meanwhile, repair again"});
    return *found | kFsckOperational;
  }
  return Repair(pages->result, *found);
}

Outcome<int> FsckRun::Check(const PassResult& pages) {
  if (auto still = KeepStill(); !still) return still.error();
  auto results = RunPasses();
  if (!results) return results.error();
  results->insert(results->begin(), pages);
  printer_.PrintVerdicts(*results);
  return ExitFor(*results);
}

// The pages are not walked again: the child that does it must not have the key.
Outcome<int> FsckRun::Repair(const PassResult& pages, int found) {
  options_.hold = nullptr;
  hold_.reset();
  lock_.reset();  // a plan takes it itself
  auto repaired = RepairVault(arguments_, vault_, header_->bytes, *secrets_, printer_);
  if (!repaired) {
    Report("chainfs-fsck", repaired.error());
    return found | kFsckOperational;  // what was found is still there
  }
  if (!*repaired) return found;
  auto left = Check(pages);
  if (!left) return left;
  return kFsckCorrected | *left;
}

void FsckRun::UseWhatIsKnown(KnownToFsck known) {
  if (header_) {
    const std::string warning = AddWhatIsKept(vault_, header_->info.volume_id, &known);
    if (!warning.empty()) printer_.Say("the anchor that is kept here is not used: " + warning);
  }
  options_.remembered = std::move(known.heads);
  options_.keys = std::move(known.keys);
  options_.since = std::move(known.since);
}

Outcome<void> FsckRun::Unlock() {
  if (arguments_.no_key || !header_) {
    why_no_structure_ = header_ ? "it needs the key" : "the header is damaged";
    return {};
  }
  auto secrets = AskAndUnlock("chainfs-fsck", vault_, arguments_.passphrase, &*header_);
  if (!secrets) {
    Failure failure = secrets.error();
    if (failure.code == ExitCode::kNoPassphrase) {
      failure.message += " (--no-key checks what can be checked without)";
    }
    return failure;
  }
  options_.keys.push_back({"the unlocked header", crypto::Ed25519PublicKey(secrets->signing_seed)});
  options_.header_verified = true;
  secrets_ = std::move(*secrets);
  return {};
}

Outcome<void> FsckRun::KeepStill() {
  auto lock = fs::store::VaultLock::Acquire(vault_);
  if (lock) {
    lock_ = std::move(*lock);
    return {};
  }
  if (lock.error().code != ErrorCode::kInUse) return {};  // a copy that nobody here can write to
  std::string problem;
  hold_ = ControlHold::Take(vault_, &problem);
  if (hold_) {
    printer_.Say("the vault is mounted: checking the state of this moment");
    options_.hold = hold_.get();
    return {};
  }
  printer_.Say("the vault is in use, and its user cannot be asked to keep what is checked" +
               (problem.empty() ? std::string() : " (" + problem + ")") +
               ": its file may grow meanwhile");
  why_no_structure_ = "the vault is in use, and its user cannot be asked to keep what is checked";
  return {};
}

Outcome<std::vector<PassResult>> FsckRun::RunPasses() {
  auto headers = fs::store::ReadHeader(vault_);
  if (!headers) return VaultFailure(headers.error(), vault_);
  auto store = fs::store::Store::Open(vault_, {.read_only = true});
  if (!store) return VaultFailure(store.error(), vault_);
  options_.threads = threads_;
  options_.structure = [&](const ledger::Record& head, const std::vector<Sequence>& altered,
                           fs::check::Listener& listener) {
    return CheckStructure(**store, head, altered, listener);
  };
  return fs::check::CheckVault(**store, *headers, options_, printer_);
}

PassResult FsckRun::CheckStructure(const fs::store::Store& store, const ledger::Record& head,
                                   const std::vector<Sequence>& altered,
                                   fs::check::Listener& listener) const {
  if (!why_no_structure_.empty()) {
    return {Pass::kStructure, Verdict::kNotChecked, why_no_structure_};
  }
  const crypto::ObjectSealer sealer(head.volume_id, KeyEpoch(0), secrets_->volume_key);
  const crypto::NameHasher hasher(secrets_->volume_key);
  fs::check::StructureOptions options;
  options.threads = threads_;
  options.hold = options_.hold;
  options.altered = altered;
  return fs::check::CheckStructure(store, sealer, hasher, fs::check::HeadOf(head), options,
                                   listener);
}

}  // namespace chainfs::tools
