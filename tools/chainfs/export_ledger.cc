// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "fs/history/ledger_export.h"
#include "tools/chainfs/commands.h"
#include "tools/common/database_crash.h"
#include "tools/common/files.h"
#include "tools/common/open_vault.h"
#include "tools/common/progress_line.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {

Outcome<void> ExportLedger(const std::string& vault, const std::string& directory) {
  auto opened = OpenForReading(vault, Crashes::kExplained);
  if (!opened) return opened.error();
  const std::string target = CanonicalPath(directory);
  if (IsInside(target, opened->path)) {
    return Failure{ExitCode::kUsage, target + " lies inside the vault"};
  }
  Result<fs::ExportSummary> exported = ErrorCode::kIo;
  {
    ProgressLine progress;
    exported =
        fs::ExportLedger(*opened->store, opened->head, target, [&](uint64_t done, uint64_t total) {
          NoteDatabaseAnswered();
          progress.Show("exporting records:", done, total, ProgressLine::Unit::kItems);
        });
  }
  if (!exported) {
    if (exported.error().code == ErrorCode::kDamaged) {
      return VaultFailure(exported.error(), opened->path);
    }
    return OwnFailure(exported.error());
  }
  std::printf("%s: %s records, %s of them new\n", target.c_str(),
              std::to_string(exported->size).c_str(),
              std::to_string(exported->size - exported->earlier_size).c_str());
  return FlushOutput();
}

}  // namespace chainfs::tools
