// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/check_printer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "tools/common/finding_json.h"

namespace chainfs::tools {
namespace {

using fs::check::Finding;
using fs::check::PassResult;
using fs::check::Severity;
using nlohmann::json;

// Not by stdio, which drops what it holds when a signal (that breaks the check off) meets it
// writing.
void PrintLine(const std::string& line) {
  const std::string text = line + "\n";
  for (size_t at = 0; at < text.size();) {
    const ssize_t n = write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) at += static_cast<size_t>(n);
  }
}

void PrintJson(const json& object) {
  PrintLine(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

// Names are shown as they are but for what would move the cursor.
std::string Printable(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char escaped[8];
    if (byte >= 0x20 && byte != 0x7f) {
      shown += c;
    } else {
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      shown += escaped;
    }
  }
  return shown;
}

}  // namespace

std::string FindingAsText(const Finding& finding) {
  std::string text = std::string(NameOf(finding.severity)) + ": " + NameOf(finding.kind) + ": ";
  if (!finding.path.empty()) {
    text += Printable(finding.path);
    if (finding.bytes) {
      text += ", bytes " + std::to_string(finding.bytes->first) + " to " +
              std::to_string(finding.bytes->second - 1);
    }
    text += ": ";
  }
  text += Printable(finding.what);
  if (!finding.advice.empty()) text += "\n    " + Printable(finding.advice);
  return text;
}

void CheckPrinter::OnFinding(const Finding& finding) {
  ++findings_;
  if (finding.severity == Severity::kDamage) ++damaged_;
  if (options_.json) return PrintJson(FindingAsJson(finding));
  if (shown_ == kMostShown) return;
  progress_.Clear();
  PrintLine(FindingAsText(finding));
  if (++shown_ == kMostShown)
    PrintLine("... what is found from here on is only counted (--json shows all)");
}

void CheckPrinter::Say(const std::string& line) {
  progress_.Clear();
  if (!options_.json) PrintLine(line);
}

void CheckPrinter::PrintVerdicts(const std::vector<PassResult>& results) {
  progress_.Clear();
  for (const PassResult& result : results) {
    if (options_.json) {
      PrintJson(PassAsJson(result));
    } else {
      char names[64];
      std::snprintf(names, sizeof names, "%-13s %-12s ", NameOf(result.pass),
                    NameOf(result.verdict));
      PrintLine(names + Printable(result.reason));
    }
  }
}

void CheckPrinter::PrintEnd(int exit_code) {
  progress_.Clear();
  if (!options_.json) return;
  PrintJson({{"exit", exit_code}, {"findings", findings_}, {"damage", damaged_}});
}

}  // namespace chainfs::tools
