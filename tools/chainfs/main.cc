// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs: looks after vaults and mounts.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/chainfs/commands.h"
#include "tools/common/arguments.h"
#include "tools/common/check_exit.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

constexpr char kProgram[] = "chainfs";

int End(const Outcome<void>& outcome) { return outcome ? 0 : Report(kProgram, outcome.error()); }

// The commands that show and prove a vault's history, with what they need.
class LedgerCommands {
 public:
  explicit LedgerCommands(CLI::App& app) {
    log_ = Add(app, "log", "Show a vault's history, newest first");
    log_->add_option("-n", most_, "At most so many records")->type_name("N");
    log_->add_option("--since", since_, "Only what is new since the ledger had SIZE records")
        ->type_name("SIZE");

    head_ = Add(app, "head", "Print the ledger's signed head");
    head_->add_flag("--vkey", vkey_, "Print the ledger's public key instead");

    auto* ledger = app.add_subcommand("ledger", "What concerns the whole ledger");
    ledger->require_subcommand(1);
    export_ = ledger->add_subcommand("export", "Write the ledger as a tile log");
    export_->add_option("VAULT", vault_)->required();
    export_->add_option("DIRECTORY", directory_)->required();

    prove_ = Add(app, "prove", "Prove that a record or an object is in the ledger");
    prove_->add_option("--record", prove_options_.record, "The record's number")->type_name("N");
    prove_->add_option("--object", prove_options_.object, "The object's id")->type_name("ID");
    prove_->add_option("-o,--output", prove_options_.output, "Write the proof to a new file")
        ->type_name("FILE");
    prove_->add_option("--blob", prove_options_.blob_file, "Write the object's sealed blob, too")
        ->type_name("FILE");

    verify_ = app.add_subcommand("verify-proof", "Verify a proof, without the vault");
    verify_->add_option("FILE", proof_)->required();
    verify_->add_option("--vkey", verify_options_.vkey, "The ledger's public key, or its file")
        ->required()
        ->type_name("VKEY|FILE");
    verify_->add_option("--blob", verify_options_.blob_file, "Is this the object proven?")
        ->type_name("FILE");
    verify_->add_flag("--json", json_, "As JSON");
  }

  // nullopt: another command was given.
  std::optional<Outcome<void>> Run() {
    if (log_->parsed()) return Log();
    if (head_->parsed()) return ShowHead(vault_, vkey_, json_);
    if (export_->parsed()) return ExportLedger(vault_, directory_);
    prove_options_.json = verify_options_.json = json_;
    if (prove_->parsed()) return Prove(vault_, prove_options_);
    if (verify_->parsed()) return VerifyProof(proof_, verify_options_);
    return std::nullopt;
  }

 private:
  CLI::App* Add(CLI::App& app, const char* name, const char* what) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("VAULT", vault_)->required();
    command->add_flag("--json", json_, "As JSON");
    return command;
  }

  Outcome<void> Log() {
    LogOptions options;
    options.json = json_;
    for (auto [text, number] : {std::pair(&most_, &options.most), {&since_, &options.since}}) {
      if (text->empty()) continue;
      const auto parsed = ParseNumber(*text, ~uint64_t{0});
      if (!parsed) return Failure{ExitCode::kUsage, "'" + *text + "' is no number"};
      *number = *parsed;
    }
    return ShowLog(vault_, options);
  }

  CLI::App *log_, *head_, *export_, *prove_, *verify_;
  std::string vault_, directory_, proof_, most_, since_;
  bool json_ = false, vkey_ = false;
  ProveOptions prove_options_;
  VerifyProofOptions verify_options_;
};

int Main(int argc, char** argv) {
  CLI::App app("Look after chainfs vaults and mounts.", kProgram);
  app.require_subcommand(1);
  std::string mount_point, vault;
  bool json = false;
  UnmountOptions unmount_options;

  auto* umount = app.add_subcommand("umount", "Unmount; return when everything is on disk");
  umount->add_option("MOUNTPOINT", mount_point)->required();
  umount->add_flag("-l,--lazy", unmount_options.lazy, "Detach now, even if programs use it");

  auto* status = app.add_subcommand("status", "Show one mount, or all");
  status->add_option("MOUNTPOINT", mount_point);
  status->add_flag("--json", json, "As JSON");

  auto* info = app.add_subcommand("info", "Show what a vault says without its key");
  info->add_option("VAULT", vault)->required();
  info->add_flag("--json", json, "As JSON");

  auto* sync = app.add_subcommand("sync", "Make everything written so far durable");
  sync->add_option("MOUNTPOINT", mount_point)->required();

  ScrubOptions scrub_options;
  auto* scrub = app.add_subcommand("scrub", "Check a mounted volume while it is in use");
  scrub->add_option("MOUNTPOINT", mount_point)->required();
  scrub
      ->add_option("--rate", scrub_options.rate,
                   "Read at most so many bytes a second (64M by default; 0: no limit)")
      ->type_name("SIZE");
  scrub->add_flag("--json", scrub_options.json, "Findings and verdicts as JSON, one object a line");
  scrub->add_flag("-q,--quiet", scrub_options.quiet, "No progress");

  SetOptions set_options;
  std::string target;
  auto* set = app.add_subcommand("set", "Change what is settled for a volume, for good");
  set->add_option("MOUNTPOINT|VAULT", target)->required();
  set->add_option("--max-size", set_options.max_size, "The size it may grow to; none: no limit")
      ->required()
      ->type_name("SIZE|none");
  set->add_option("--passfile", set_options.passphrase.file,
                  "Take the passphrase from the first line of this file");
  set->add_option("--passcmd", set_options.passphrase.command,
                  "Take it from the first line this command prints");

  LedgerCommands ledger_commands(app);

  if (auto ended = ParseArguments(app, argc, argv)) {
    const bool of_scrub = argc > 1 && std::string_view(argv[1]) == "scrub";
    return *ended != 0 && of_scrub ? static_cast<int>(kFsckUsage) : *ended;
  }
  if (umount->parsed()) return End(Unmount(mount_point, unmount_options));
  if (info->parsed()) return End(ShowInfo(vault, json));
  if (sync->parsed()) return End(SyncMount(mount_point));
  if (set->parsed()) return End(SetVolume(target, set_options));
  if (scrub->parsed()) return ScrubMount(mount_point, scrub_options);
  if (auto outcome = ledger_commands.Run()) return End(*outcome);
  return End(ShowStatus(mount_point.empty() ? std::nullopt : std::optional(mount_point), json));
}

}  // namespace
}  // namespace chainfs::tools

int main(int argc, char** argv) {
  return chainfs::tools::RunMain("chainfs", chainfs::tools::Main, argc, argv);
}
