// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>
#include <sys/socket.h>

#include <atomic>

#include "tools/chainfs/commands.h"
#include "tools/common/check_exit.h"
#include "tools/common/check_printer.h"
#include "tools/common/control_client.h"
#include "tools/common/finding_json.h"
#include "tools/common/page_check.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

std::atomic<bool> interrupted = false;
std::atomic<int> conversation = -1;

// The daemon takes the end of our requests for the wish to stop, and still says how far it came.
void StopOnSignals(int socket) {
  conversation = socket;
  struct sigaction action {};
  action.sa_handler = [](int) {
    interrupted = true;
    shutdown(conversation, SHUT_WR);
  };
  action.sa_flags = SA_RESETHAND;  // a second one ends it at once
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

Failure Misunderstood() {
  return {ExitCode::kNoAnswer, "the daemon is of another version of chainfs: mount it again"};
}

// Here and not in the daemon: the walk wants a process that has neither the database open nor a
// key. Whoever may talk to the daemon need not be allowed to read the vault.
fs::check::PassResult WalkPages(const std::string& vault, CheckPrinter& printer) {
  auto pages = CheckPages(vault, printer);
  if (pages) return pages->result;
  return {fs::check::Pass::kPages, fs::check::Verdict::kNotChecked, pages.error().message};
}

json RequestFor(uint64_t rate, const fs::check::PassResult& pages, const CheckPrinter& printer) {
  json request = {{"command", "scrub"}, {"bytes_per_second", rate}, {"pages", PassAsJson(pages)}};
  request["pages"]["findings"] = printer.findings();
  request["pages"]["damage"] = printer.damaged();
  return request;
}

// The verdicts, and the exit code that they make.
Outcome<int> End(const json& scrubbed, CheckPrinter& printer) {
  std::vector<fs::check::PassResult> passes;
  for (const json& message : scrubbed.value("passes", json::array())) {
    auto pass = PassFromJson(message);
    if (!pass) return Misunderstood();
    passes.push_back(*std::move(pass));
  }
  printer.PrintVerdicts(passes);
  if (!scrubbed.value("cancelled", false)) return ExitFor(passes);
  if (!interrupted) printer.Say("the scrub was stopped: the volume is being closed");
  return ExitFor(passes) | kFsckCancelled;
}

Outcome<int> Show(ControlClient& daemon, CheckPrinter& printer) {
  while (true) {
    auto message = daemon.Await();
    if (!message) return message.error();
    if (const auto progress = ProgressFromJson(*message)) {
      printer.OnProgress(*progress);
    } else if (const auto finding = FindingFromJson(*message)) {
      printer.OnFinding(*finding);
    } else if (message->contains("scrubbed")) {
      return End((*message)["scrubbed"], printer);
    } else {
      return Misunderstood();
    }
  }
}

Outcome<int> Scrub(const std::string& mount_point, uint64_t rate, CheckPrinter& printer) {
  auto mount = FindChainfsMount(mount_point);
  if (!mount) return mount.error();
  auto daemon = ControlClient::Connect(*mount);
  if (!daemon) return daemon.error();
  const auto pages = WalkPages(mount->source, printer);
  StopOnSignals(daemon->socket());  // until here they end the process, and the walk with it
  auto begun = daemon->AskWith(RequestFor(rate, pages, printer), ControlClient::Patience::kSeconds);
  auto exit = begun ? Show(*daemon, printer) : Outcome<int>(begun.error());
  if (!exit) return Failure{exit.error().code, mount->mount_point + ": " + exit.error().message};
  return exit;
}

}  // namespace

int ScrubMount(const std::string& mount_point, const ScrubOptions& options) {
  const auto rate = ParseSize(options.rate);
  if (!rate) {
    Report("chainfs", {ExitCode::kUsage, "--rate '" + options.rate + "' is no size"});
    return kFsckUsage;
  }
  CheckPrinter printer({options.json, !options.quiet, nullptr});
  auto exit = Scrub(mount_point, *rate, printer);
  int code = exit ? *exit : static_cast<int>(kFsckOperational);
  if (!exit) Report("chainfs", exit.error());
  if (interrupted) code |= kFsckCancelled;
  printer.PrintEnd(code);
  return code;
}

}  // namespace chainfs::tools
