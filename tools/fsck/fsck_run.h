// SPDX-License-Identifier: GPL-3.0-or-later
// One run of chainfs-fsck, from the pages of the database to the verdicts. One thread, which starts
// those of the checks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fs/check/check.h"
#include "fs/store/vault_directory.h"
#include "tools/common/check_printer.h"
#include "tools/common/header_file.h"
#include "tools/fsck/control_hold.h"
#include "tools/fsck/fsck_arguments.h"
#include "tools/fsck/known_to_fsck.h"

namespace chainfs::tools {

class FsckRun {
 public:
  // Both outlive it.
  FsckRun(const FsckArguments& arguments, CheckPrinter& printer);

  // The sum of FsckExit's bits; or why it could not be run at all.
  Outcome<int> Run();

 private:
  // And the anchor that is kept of the volume of `header_`.
  void UseWhatIsKnown(KnownToFsck known);
  Outcome<void> Unlock();
  // Sees to it that what is checked stays: nobody else writes, or whoever does holds it for us.
  Outcome<void> KeepStill();
  // Checks, and shows the verdicts. `pages`: of the first pass.
  Outcome<int> Check(const fs::check::PassResult& pages);
  Outcome<int> Repair(const fs::check::PassResult& pages, int found);
  Outcome<std::vector<fs::check::PassResult>> RunPasses();
  fs::check::PassResult CheckStructure(const fs::store::Store& store, const ledger::Record& head,
                                       const std::vector<Sequence>& altered,
                                       fs::check::Listener& listener) const;

  const FsckArguments& arguments_;
  CheckPrinter& printer_;
  const std::string vault_;
  unsigned threads_;
  fs::check::CheckOptions options_;
  std::optional<LoadedHeader> header_;
  std::optional<crypto::VolumeSecrets> secrets_;
  std::unique_ptr<fs::store::VaultLock> lock_;
  std::unique_ptr<ControlHold> hold_;
  std::string why_no_structure_;
};

}  // namespace chainfs::tools
