// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs: looks after vaults and mounts.
#include <optional>
#include <string>

#include "tools/chainfs/commands.h"
#include "tools/common/arguments.h"

namespace chainfs::tools {
namespace {

constexpr char kProgram[] = "chainfs";

int End(const Outcome<void>& outcome) { return outcome ? 0 : Report(kProgram, outcome.error()); }

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

  if (auto ended = ParseArguments(app, argc, argv)) return *ended;
  if (umount->parsed()) return End(Unmount(mount_point, unmount_options));
  if (info->parsed()) return End(ShowInfo(vault, json));
  if (sync->parsed()) return End(SyncMount(mount_point));
  return End(ShowStatus(mount_point.empty() ? std::nullopt : std::optional(mount_point), json));
}

}  // namespace
}  // namespace chainfs::tools

int main(int argc, char** argv) {
  return chainfs::tools::RunMain("chainfs", chainfs::tools::Main, argc, argv);
}
