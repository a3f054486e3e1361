// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/volume_check.h"

namespace chainfs::fs {
namespace {

class Collector : public check::Listener {
 public:
  void OnFinding(const check::Finding& finding) override { findings.push_back(finding); }
  std::vector<check::Finding> findings;
};

StructureReport NotChecked(const std::string& why) {
  return {{check::Pass::kStructure, check::Verdict::kNotChecked, why}, {}};
}

}  // namespace

StructureReport CheckVault(const TestVault& vault, check::StructureOptions options) {
  const crypto::VolumeSecrets secrets = vault.secrets();
  auto identity = IdentityOf(vault.header(), secrets);
  auto store = store::Store::Open(vault.directory(), {.read_only = true});
  if (!identity || !store) return NotChecked("the vault does not open");
  Result<ChainHead> head = ErrorCode::kIo;
  {
    auto txn = (*store)->BeginRead();
    if (txn) head = ReadChainHead(*txn, *identity);
  }
  if (!head) return NotChecked("no chain head: " + head.error().message);
  const crypto::ObjectSealer sealer(identity->volume_id, KeyEpoch(0), secrets.volume_key);
  const crypto::NameHasher hasher(secrets.volume_key);
  Collector collector;
  auto result = check::CheckStructure(**store, sealer, hasher, *head, options, collector);
  return {result, std::move(collector.findings)};
}

std::vector<std::string> FindInconsistencies(const TestVault& vault) {
  const StructureReport report = CheckVault(vault);
  std::vector<std::string> lines;
  for (const check::Finding& finding : report.findings) {
    if (finding.kind == check::FindingKind::kLostData) continue;  // known, and no fault
    std::string line = std::string(NameOf(finding.kind)) + ": " + finding.what;
    if (!finding.path.empty()) line += ", " + finding.path;
    if (finding.inode) line += ", inode " + std::to_string(finding.inode->value);
    lines.push_back(std::move(line));
  }
  if (report.result.verdict == check::Verdict::kNotChecked) lines.push_back(report.result.reason);
  return lines;
}

}  // namespace chainfs::fs
