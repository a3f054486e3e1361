// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/fsck/repair_vault.h"

#include "fs/clock.h"
#include "fs/repair/plan.h"
#include "tools/common/terminal.h"

namespace chainfs::tools {
namespace {

using fs::repair::RepairPlan;

// Whether the user wants it. Nothing is repaired unasked.
Outcome<bool> Confirm(const FsckArguments& arguments, const RepairPlan& plan) {
  if (arguments.yes) return true;
  std::string question = "Repair it like this?";
  if (const auto& fallback = plan.fallback()) {
    question = "Go back to record " + std::to_string(fallback->record.value) + " of " +
               fs::FormatUtc(fallback->time_ns) + "? What was written after it is lost.";
  } else if (plan.LosesContent()) {
    question = "Repair it like this? What cannot be read is given up.";
  }
  auto terminal = Terminal::Open();
  if (!terminal) {
    return Failure{ExitCode::kUsage,
                   "there is nobody to ask whether to repair it like this: say --yes"};
  }
  return terminal->Confirm(question);
}

}  // namespace

Outcome<bool> RepairVault(const FsckArguments& arguments, const std::string& vault, ByteView header,
                          const crypto::VolumeSecrets& secrets, CheckPrinter& printer) {
  fs::repair::RepairOptions options;
  options.salvage = arguments.salvage;
  auto plan = fs::repair::PlanRepair(vault, header, secrets, options);
  if (!plan) return VaultFailure(plan.error(), vault);
  if (plan->empty()) {
    printer.Say("there is nothing that a repair could put right");
    return false;
  }
  printer.Say("what a repair does:");
  for (const std::string& line : plan->lines()) printer.Say("  " + line);
  auto wanted = Confirm(arguments, *plan);
  if (!wanted) return wanted.error();
  if (!*wanted) {
    printer.Say("nothing has been changed");
    return false;
  }
  fs::repair::CarryOutOptions carry_out;
  carry_out.quarantine_path = arguments.quarantine;
  carry_out.allow_fallback = true;  // the question was about it
  auto outcome = plan->CarryOut(carry_out);
  if (!outcome) return VaultFailure(outcome.error(), vault);
  if (!outcome->quarantine_path.empty()) {
    printer.Say("what was removed is in " + outcome->quarantine_path);
  }
  printer.Say(outcome->record ? "repaired, as record " + std::to_string(outcome->record->value) +
                                    " of the ledger says; checking again"
                              : "the header has been mended; checking again");
  return true;
}

}  // namespace chainfs::tools
