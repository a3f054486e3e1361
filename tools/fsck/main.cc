// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck: says whether a vault is complete, unaltered and the newest.
//
// The order is the point: the pages of the database are walked in a child process before LMDB and
// before any key; and a key, if there is one, comes before LMDB, so that what the vault says of
// itself is compared with something else.
#include <signal.h>

#include <atomic>
#include <cstdio>

#include "tools/common/check_printer.h"
#include "tools/fsck/fsck_arguments.h"
#include "tools/fsck/fsck_run.h"

namespace chainfs::tools {
namespace {

constexpr char kProgram[] = "chainfs-fsck";

std::atomic<bool> cancelled = false;

void CancelOnSignals() {
  struct sigaction action {};
  action.sa_handler = [](int) { cancelled = true; };
  action.sa_flags = SA_RESETHAND;  // a second one ends it at once
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

int Main(int argc, char** argv) {
  crypto::ForbidCoreDumps();
  FsckArguments arguments;
  if (auto ended = ParseFsckArguments(argc, argv, &arguments)) return *ended;
  CancelOnSignals();
  CheckPrinter printer({arguments.json, !arguments.quiet, &cancelled});
  FsckRun run(arguments, printer);
  auto exit = run.Run();
  int code = exit ? *exit : static_cast<int>(kFsckOperational);
  if (!exit) Report(kProgram, exit.error());
  if (cancelled) code |= kFsckCancelled;
  printer.PrintEnd(code);
  return code;
}

}  // namespace
}  // namespace chainfs::tools

int main(int argc, char** argv) {
  return chainfs::tools::RunMain("chainfs-fsck", chainfs::tools::Main, argc, argv);
}
