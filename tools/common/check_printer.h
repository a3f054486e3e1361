// SPDX-License-Identifier: GPL-3.0-or-later
// Shows a check as it goes: findings at once, the verdicts at the end; for people on stdout, or for
// scripts as JSON, one object a line. The listener of a check. One thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "fs/check/finding.h"
#include "tools/common/progress_line.h"

namespace chainfs::tools {

// One finding in one to three lines.
std::string FindingAsText(const fs::check::Finding& finding);

struct CheckPrinterOptions {
  bool json = false;
  bool progress = true;  // where stderr is a terminal
  const std::atomic<bool>* cancelled = nullptr;
};

class CheckPrinter final : public fs::check::Listener {
 public:
  using Options = CheckPrinterOptions;
  explicit CheckPrinter(Options options)
      : options_(options), progress_(options.progress && !options.json) {}

  void OnFinding(const fs::check::Finding& finding) override;
  void OnProgress(const fs::check::Progress& progress) override {
    progress_.Show(
        NameOf(progress.pass), progress.done, progress.total,
        progress.total_is_items ? ProgressLine::Unit::kItems : ProgressLine::Unit::kBytes);
  }
  bool IsCancelled() override { return options_.cancelled != nullptr && *options_.cancelled; }

  // A line about the check itself: for people only.
  void Say(const std::string& line);
  // Of each pass, and then of all.
  void PrintVerdicts(const std::vector<fs::check::PassResult>& results);
  // The last object of the JSON form; for people, nothing.
  void PrintEnd(int exit_code);

  uint64_t damaged() const { return damaged_; }
  uint64_t findings() const { return findings_; }

 private:
  // What a person will read; the rest is counted. JSON has all of them.
  static constexpr uint64_t kMostShown = 1000;

  const Options options_;
  ProgressLine progress_;
  uint64_t findings_ = 0, damaged_ = 0, shown_ = 0;
};

}  // namespace chainfs::tools
