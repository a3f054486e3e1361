// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_report_codec.h"

#include <algorithm>

#include "crypto/base/byte_order.h"

namespace chainfs::fs::store {
namespace {

constexpr uint32_t kReport = 0x50414745, kError = 0x4641494c;

void PutText(Writer& out, const std::string& text) {
  out.Int(static_cast<uint16_t>(text.size()));
  out.Raw({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

std::string GetText(Reader& in) {
  const ByteView raw = in.Raw(in.Int<uint16_t>());
  std::string text(raw.begin(), raw.begin() + std::min(raw.size(), kMaxFindingBytes));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return text;
}

// The plain numbers of a report, in the order in which they go.
template <class Report, class Visit>
void ForEachNumber(Report& report, Visit visit) {
  for (auto* number : {&report.transaction, &report.page_bytes, &report.pages, &report.reachable,
                       &report.free, &report.leaked, &report.overflow_runs, &report.headers_checked,
                       &report.unreadable, &report.further_findings}) {
    visit(*number);
  }
}

template <class Table, class Visit>
void ForEachCount(Table& table, Visit visit) {
  for (auto* number : {&table.depth, &table.branch_pages, &table.leaf_pages, &table.overflow_pages,
                       &table.entries}) {
    visit(*number);
  }
}

PageReport GetReport(Reader& in) {
  PageReport report;
  report.safe_to_open = in.Int<uint8_t>() == 1;
  report.stable = in.Int<uint8_t>() == 1;
  ForEachNumber(report, [&](uint64_t& number) { number = in.Int<uint64_t>(); });
  const size_t tables = std::min<size_t>(in.Int<uint16_t>(), kMaxWalkedTables);
  for (size_t i = 0; i < tables && in.ok(); ++i) {
    PageTable table;
    table.name = GetText(in);
    ForEachCount(table, [&](uint64_t& number) { number = in.Int<uint64_t>(); });
    report.tables.push_back(std::move(table));
  }
  const size_t findings = std::min<size_t>(in.Int<uint16_t>(), kMaxFindings);
  for (size_t i = 0; i < findings && in.ok(); ++i) {
    PageFinding finding;
    finding.page = in.Int<uint64_t>();
    finding.severity = static_cast<PageSeverity>(
        std::min(in.Int<uint8_t>(), static_cast<uint8_t>(PageSeverity::kFatal)));
    finding.what = GetText(in);
    report.findings.push_back(std::move(finding));
  }
  // Not what it says, but what it shows.
  for (const PageFinding& finding : report.findings) {
    if (finding.severity == PageSeverity::kFatal) report.safe_to_open = false;
  }
  return report;
}

}  // namespace

Bytes EncodePageReport(const Result<PageReport>& report) {
  Bytes bytes;
  Writer out(bytes);
  if (!report) {
    out.Int(kError);
    out.Int(static_cast<uint8_t>(report.error().code));
    PutText(out, report.error().message.substr(0, kMaxFindingBytes));
    return bytes;
  }
  out.Int(kReport);
  out.Int(static_cast<uint8_t>(report->safe_to_open));
  out.Int(static_cast<uint8_t>(report->stable));
  ForEachNumber(*report, [&](uint64_t number) { out.Int(number); });
  out.Int(static_cast<uint16_t>(report->tables.size()));
  for (const PageTable& table : report->tables) {
    PutText(out, table.name);
    ForEachCount(table, [&](uint64_t number) { out.Int(number); });
  }
  out.Int(static_cast<uint16_t>(report->findings.size()));
  for (const PageFinding& finding : report->findings) {
    out.Int(finding.page);
    out.Int(static_cast<uint8_t>(finding.severity));
    PutText(out, finding.what);
  }
  return bytes;
}

std::optional<Result<PageReport>> DecodePageReport(ByteView bytes) {
  Reader in(bytes);
  const auto kind = in.Int<uint32_t>();
  if (kind == kError) {
    const auto code = in.Int<uint8_t>();
    std::string message = GetText(in);
    if (!in.AtEnd() || code > static_cast<uint8_t>(ErrorCode::kBadHeader)) return std::nullopt;
    return Error{static_cast<ErrorCode>(code), std::move(message)};
  }
  PageReport report = GetReport(in);
  if (kind != kReport || !in.AtEnd()) return std::nullopt;
  return report;
}

}  // namespace chainfs::fs::store
