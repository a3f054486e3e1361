// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/scrubber.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <exception>

#include "fs/check/pace.h"
#include "fs/clock.h"
#include "tools/common/check_exit.h"
#include "tools/common/finding_json.h"

namespace chainfs::tools {
namespace {

using fs::check::Finding;
using fs::check::Pass;
using fs::check::PassResult;
using fs::check::Progress;
using fs::check::Severity;
using fs::check::Verdict;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr auto kProgressInterval = std::chrono::milliseconds(200);
constexpr size_t kLongestPathSent = 16 << 10;  // a line holds 64 KiB, and escapes make it longer

// What the client has found in the pages, which only a process can walk that does not have the
// database open.
struct ClientsPages {
  PassResult result{Pass::kPages, Verdict::kNotChecked, "the client did not walk them"};
  uint64_t findings = 0, damage = 0;
};

// nullopt: the request says something else than that.
std::optional<ClientsPages> PagesOf(const json& request) {
  ClientsPages pages;
  const auto said = request.find("pages");
  if (said == request.end()) return pages;
  auto result = PassFromJson(*said);
  const auto findings = said->find("findings"), damage = said->find("damage");
  if (!result || result->pass != Pass::kPages) return {};
  if (findings == said->end() || !findings->is_number_unsigned()) return {};
  if (damage == said->end() || !damage->is_number_unsigned()) return {};
  return ClientsPages{*std::move(result), findings->get<uint64_t>(), damage->get<uint64_t>()};
}

json AsJson(const std::vector<PassResult>& results) {
  json passes = json::array();
  for (const PassResult& result : results) passes.push_back(PassAsJson(result));
  return passes;
}

}  // namespace

class Scrubber::Scrub final : public ClientTask, private fs::check::Listener {
 public:
  Scrub(Scrubber& scrubber, uint64_t bytes_per_second, ClientsPages pages)
      : scrubber_(scrubber),
        pace_(bytes_per_second),
        pages_(std::move(pages.result)),
        findings_(pages.findings),
        damage_(pages.damage) {}
  ~Scrub() override {
    if (!ended_) scrubber_.End(std::nullopt);  // it was never run
  }

  void Run(const Send& send) override {
    send_ = &send;
    json end;
    try {
      end = Check();
    } catch (const std::exception& exception) {  // out of memory
      end = {{"error", std::string("the scrub could not go on: ") + exception.what()}};
    }
    ended_ = true;
    scrubber_.End(end.contains("scrubbed") ? std::optional(end["scrubbed"]) : std::nullopt);
    send(end);
  }

  void Stop() override {
    cancelled_ = true;
    pace_.Stop();
  }

 private:
  json Check() {
    const uint64_t began_ns = fs::RealtimeNs();
    fs::VolumeCheckOptions options;
    options.remembered = scrubber_.heads_();
    options.pace = &pace_;
    auto checked = scrubber_.volume_.Check(options, *this);
    if (!checked) return {{"error", "the volume cannot be checked: " + checked.error().message}};
    std::vector<PassResult>& passes = checked->passes;
    passes.insert(passes.begin(), pages_);
    const bool failed = ExitFor(passes) != kFsckClean;
    spdlog::log(failed ? spdlog::level::err : spdlog::level::info,
                "scrub ended: head={} findings={} damage={} cancelled={}", checked->head.value,
                findings_, damage_, cancelled_.load());
    return {{"scrubbed",
             {{"head", checked->head.value},
              {"began_ns", began_ns},
              {"ended_ns", fs::RealtimeNs()},
              {"cancelled", cancelled_.load()},
              {"findings", findings_},
              {"damage", damage_},
              {"passes", AsJson(passes)}}}};
  }

  void OnFinding(const Finding& finding) override {
    ++findings_;
    if (finding.severity == Severity::kDamage) ++damage_;
    {
      std::lock_guard lock(scrubber_.mutex_);
      scrubber_.running_->findings = findings_;
    }
    json message = FindingAsJson(finding);
    if (finding.path.size() > kLongestPathSent) message["finding"].erase("path");
    Tell(message);
  }

  // A few times a second; the first of each pass at once.
  void OnProgress(const Progress& progress) override {
    const auto now = steady_clock::now();
    if (told_pass_ == progress.pass && now - told_at_ < kProgressInterval) return;
    told_pass_ = progress.pass;
    told_at_ = now;
    {
      std::lock_guard lock(scrubber_.mutex_);
      scrubber_.running_->progress = progress;
    }
    Tell(ProgressAsJson(progress));
  }

  bool IsCancelled() override { return cancelled_; }

  // Nobody is left to scrub for once the client has gone.
  void Tell(const json& message) {
    if (!cancelled_ && !(*send_)(message)) Stop();
  }

  Scrubber& scrubber_;
  fs::check::Pace pace_;
  const PassResult pages_;
  std::atomic<bool> cancelled_{false};
  // The rest is of the thread that runs it.
  const Send* send_ = nullptr;
  bool ended_ = false;
  uint64_t findings_, damage_;
  std::optional<Pass> told_pass_;
  steady_clock::time_point told_at_;
};

Outcome<std::shared_ptr<ClientTask>> Scrubber::Begin(const json& request) {
  const auto rate = request.find("bytes_per_second");
  if (rate == request.end() || !rate->is_number_unsigned()) {
    return Failure{ExitCode::kUsage, "a scrub needs to know how fast it may be"};
  }
  auto pages = PagesOf(request);
  if (!pages) return Failure{ExitCode::kUsage, "what a scrub says of the pages is malformed"};
  std::lock_guard lock(mutex_);
  if (stopped_) return Failure{ExitCode::kNotMounted, "the volume is being closed"};
  if (running_) {
    return Failure{ExitCode::kVaultInUse,
                   "a scrub is running already; 'chainfs status' says how far it is"};
  }
  auto scrub = std::make_shared<Scrub>(*this, rate->get<uint64_t>(), *pages);
  running_ = Running{.began_ns = fs::RealtimeNs(), .findings = pages->findings};
  scrub_ = scrub;
  return std::shared_ptr<ClientTask>(std::move(scrub));
}

void Scrubber::Stop() {
  std::shared_ptr<Scrub> scrub;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    scrub = scrub_.lock();
  }
  if (scrub) scrub->Stop();
}

void Scrubber::End(std::optional<json> last) {
  std::lock_guard lock(mutex_);
  running_.reset();
  if (last) last_ = std::move(last);
}

json Scrubber::Status() const {
  std::lock_guard lock(mutex_);
  json status = json::object();
  if (running_) {
    json running = ProgressAsJson(running_->progress)["progress"];
    running["began_ns"] = running_->began_ns;
    running["findings"] = running_->findings;
    status["running"] = std::move(running);
  }
  if (last_) status["last"] = *last_;
  return status;
}

}  // namespace chainfs::tools
