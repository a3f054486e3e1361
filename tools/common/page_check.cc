// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/page_check.h"

#include "fs/store/page_walk.h"

namespace chainfs::tools {
namespace {

using fs::check::Finding;
using fs::check::FindingKind;
using fs::check::Pass;
using fs::check::Severity;
using fs::check::Verdict;
using fs::store::PageFinding;
using fs::store::PageReport;
using fs::store::PageSeverity;

Finding AsFinding(const PageFinding& page) {
  Finding finding{.pass = Pass::kPages, .kind = FindingKind::kBadPage};
  finding.what = "page " + std::to_string(page.page) + " of data.mdb: " + page.what;
  finding.page = page.page;
  if (page.severity == PageSeverity::kWarning) {
    finding.kind = FindingKind::kLeakedPages;
    finding.severity = Severity::kWarning;
  } else if (page.severity == PageSeverity::kFatal) {
    finding.advice =
        "the database cannot be opened safely: put a copy of the vault back that is whole";
  }
  return finding;
}

std::string Describe(const PageReport& report) {
  std::string text = std::to_string(report.pages) + " pages: " + std::to_string(report.reachable) +
                     " in use, " + std::to_string(report.free) + " free";
  if (report.leaked > 0) text += ", " + std::to_string(report.leaked) + " lost";
  if (report.safe_to_open && report.headers_checked < report.overflow_runs) {
    text += "; the headers of " + std::to_string(report.overflow_runs - report.headers_checked) +
            " large values were not looked at, for want of time beside a writer";
  }
  if (report.unreadable > 0) {
    text += "; the disk does not give " + std::to_string(report.unreadable) +
            " of them: copy the vault to a sound one (ddrescue) and check the copy";
  }
  return text;
}

}  // namespace

Outcome<PageCheck> CheckPages(const std::string& vault, fs::check::Listener& listener) {
  fs::store::PageWalkOptions options;
  options.progress = [&](const fs::store::PageProgress& progress) {
    listener.OnProgress({Pass::kPages, progress.done, progress.expected, true});
  };
  auto report = fs::store::WalkPagesInChild(vault, options);
  if (!report) return VaultFailure(report.error(), vault);
  bool damaged = report->further_findings > 0;
  for (const PageFinding& page : report->findings) {
    damaged = damaged || page.severity != PageSeverity::kWarning;
    listener.OnFinding(AsFinding(page));
  }
  PageCheck check;
  check.safe_to_open = report->safe_to_open;
  check.safe_to_write = check.safe_to_open && report->unreadable == 0 &&
                        report->headers_checked == report->overflow_runs;
  check.result.verdict = damaged || !report->safe_to_open ? Verdict::kFailed : Verdict::kOk;
  check.result.reason = Describe(*report);
  if (report->further_findings > 0) {
    check.result.reason +=
        "; " + std::to_string(report->further_findings) + " more findings are not shown";
  }
  if (!report->safe_to_open) check.result.reason += "; LMDB must not open this file";
  return check;
}

}  // namespace chainfs::tools
