// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/fsck/fsck_arguments.h"

#include <algorithm>

#include "tools/common/arguments.h"

namespace chainfs::tools {
namespace {

// What fsck(8) and its users say that means nothing here, or what is so anyway.
struct Ignored {
  bool automatic = false, verbose = false, force = false, no_title = false;
  int progress_descriptor = 0;
};

void AddFsck8Options(CLI::App& app, FsckArguments& arguments, Ignored& ignored) {
  const std::string group = "For fsck(8)";
  app.add_flag("-a,-p", ignored.automatic, "Check, and ask nothing")->group(group);
  app.add_flag("-n", ignored.automatic, "The same")->group(group);
  app.add_flag("-y", arguments.yes, "The same as --yes")->group(group);
  app.add_flag("-f", ignored.force, "Accepted: a check is always whole")->group(group);
  app.add_flag("-v", ignored.verbose, "Accepted")->group(group);
  app.add_flag("-T", ignored.no_title, "Accepted")->group(group);
  app.add_option("-C", ignored.progress_descriptor, "Accepted")->group(group);
}

int Usage(const std::string& message) {
  Report("chainfs-fsck", {ExitCode::kUsage, message + " (try --help)"});
  return kFsckUsage;
}

bool HasPassphrase(const FsckArguments& arguments) {
  return !arguments.passphrase.file.empty() || !arguments.passphrase.command.empty();
}

// How many of the files are standard input.
ptrdiff_t CountStdin(const FsckArguments& arguments) {
  return std::count(arguments.anchors.begin(), arguments.anchors.end(), "-") +
         (arguments.since == "-" ? 1 : 0);
}

std::optional<int> CheckTogether(const FsckArguments& arguments, bool automatic) {
  if (arguments.no_key && HasPassphrase(arguments)) return Usage("--no-key needs no passphrase");
  if (arguments.repair && arguments.no_key) return Usage("--repair needs the key");
  if (arguments.repair && automatic)
    return Usage("--repair and -a, -p or -n contradict each other");
  if (arguments.repair && !arguments.since.empty()) return Usage("--repair checks everything");
  if (!arguments.repair && (arguments.salvage || !arguments.quarantine.empty())) {
    return Usage("--salvage and --quarantine go with --repair");
  }
  if (CountStdin(arguments) > 1) return Usage("standard input can be read once only");
  return {};
}

}  // namespace

std::optional<int> ParseFsckArguments(int argc, char** argv, FsckArguments* arguments) {
  CLI::App app(
      "Check that a chainfs vault is complete, unaltered and the newest. Changes nothing unless it "
      "is told to repair.",
      "chainfs-fsck");
  Ignored ignored;
  app.add_option("VAULT", arguments->vault, "The vault's directory")->required();
  app.add_option("--passfile", arguments->passphrase.file,
                 "Take the passphrase from the first line of this file");
  app.add_option("--passcmd", arguments->passphrase.command,
                 "Take it from the first line this command prints");
  app.add_flag("--no-key", arguments->no_key, "Check what can be checked without the key");
  app.add_option("--anchor", arguments->anchors,
                 "A checkpoint that was kept elsewhere; - is standard input. May be repeated");
  app.add_option("--vkey", arguments->vkey, "The ledger's public key, or a file that holds it");
  app.add_option("--since", arguments->since,
                 "Check objects only that were written after this checkpoint");
  app.add_option("-j,--threads", arguments->threads, "Threads (one a CPU by default)")
      ->check(CLI::Range(1, 256));
  app.add_flag("--json", arguments->json, "Findings and verdicts as JSON, one object a line");
  app.add_flag("-q,--quiet", arguments->quiet, "No progress");
  app.add_flag("--repair", arguments->repair, "Repair what can be repaired, after asking");
  app.add_flag("--yes", arguments->yes, "With --repair: do not ask");
  app.add_flag("--salvage", arguments->salvage,
               "With --repair: keep what can be read rather than fall back to an older state");
  app.add_option("--quarantine", arguments->quarantine,
                 "With --repair: the file that takes what is removed");
  AddFsck8Options(app, *arguments, ignored);
  if (auto ended = ParseArguments(app, argc, argv)) return *ended == 0 ? 0 : kFsckUsage;
  if (auto wrong = CheckTogether(*arguments, ignored.automatic)) return wrong;
  arguments->passphrase.stdin_is_taken = CountStdin(*arguments) > 0;
  // fsck -a has nobody to ask.
  if (ignored.automatic && !HasPassphrase(*arguments)) arguments->no_key = true;
  return {};
}

}  // namespace chainfs::tools
