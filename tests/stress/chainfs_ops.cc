// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-ops: random file operations in a directory, as system calls, compared with a model of
// what the files must hold. It knows nothing of chainfs and runs on every filesystem of Linux.
// tests/stress/run mounts vaults for it.
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "tests/stress/guarded_copy.h"
#include "tests/stress/saved_state.h"
#include "tests/stress/worker.h"

namespace chainfs::stress {
namespace {

constexpr const char* kUsage =
    "Usage: chainfs-ops DIRECTORY [OPTIONS]\n"
    "Random file operations in an empty directory, compared with a model. Exit code: 0, or 1 for "
    "a\n"
    "mismatch, or 2 if it cannot work.\n"
    "  --seed N         the same seed does the same operations (1)\n"
    "  --operations N   of all threads together (100000); 0: verify only\n"
    "  --threads N      each has its own files (4)\n"
    "  --only-thread N  replay what one of them did\n"
    "  --seconds N      stop after these\n"
    "  --history N      operations on a file that are shown with a mismatch (30)\n"
    "  --state FILE     save what the files should hold; if it is there, verify and go on from it\n"
    "  --crash          expect the filesystem to die, once \"begin\" is written to standard error; "
    "save\n"
    "                   what was synced and not touched since\n"
    "  --json           summary as JSON\n";

struct Options {
  Settings settings;
  std::string directory, state;
  bool json = false;
};

struct UsageError {};

uint64_t ParseNumber(const char* text) {
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0' || errno != 0) throw UsageError();
  return number;
}

Options ParseOptions(int argc, char** argv) {
  const option known[] = {{"seed", 1, nullptr, 's'},        {"operations", 1, nullptr, 'o'},
                          {"threads", 1, nullptr, 't'},     {"seconds", 1, nullptr, 'n'},
                          {"only-thread", 1, nullptr, 'y'}, {"history", 1, nullptr, 'h'},
                          {"state", 1, nullptr, 'f'},       {"crash", 0, nullptr, 'c'},
                          {"json", 0, nullptr, 'j'},        {nullptr, 0, nullptr, 0}};
  Options options;
  Settings& settings = options.settings;
  for (int c = 0; (c = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    if (c == 's') settings.seed = ParseNumber(optarg);
    if (c == 'o') settings.operations = ParseNumber(optarg);
    if (c == 't') settings.threads = ParseNumber(optarg);
    if (c == 'y') settings.only_thread = static_cast<int64_t>(ParseNumber(optarg));
    if (c == 'h') settings.history = ParseNumber(optarg);
    if (c == 'f') options.state = optarg;
    if (c == 'c') settings.crash = true;
    if (c == 'j') options.json = true;
    if (c == '?') throw UsageError();
    if (c == 'n') {
      settings.deadline =
          std::chrono::steady_clock::now() + std::chrono::seconds(ParseNumber(optarg));
    }
  }
  if (optind + 1 != argc || settings.threads == 0) throw UsageError();
  options.directory = argv[optind];
  return options;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        top_(open(options.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!top_) throw std::runtime_error(options.directory + ": " + std::strerror(errno));
  }

  int Main() {
    const auto began = std::chrono::steady_clock::now();
    MakeWorkers(Begin());
    // With none, what was verified stays as it is, and so does the state.
    if (options_.settings.operations > 0 && !failed_) {
      Work();
      if (!failed_ && !options_.state.empty()) Save();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    PrintSummary(seconds.count());
    return failed_ ? 1 : 0;
  }

 private:
  void MakeDirectory(const std::string& name) {
    if (mkdirat(top_.get(), name.c_str(), 0755) != 0)
      throw std::runtime_error(name + ": " + std::strerror(errno));
  }

  Files Begin() {
    const Settings& settings = options_.settings;
    if (!options_.state.empty() && std::filesystem::exists(options_.state)) {
      try {
        SavedState state = LoadState(options_.state);
        verified_ = state.files.size();
        return VerifyState(top_.get(), settings.threads, std::move(state));
      } catch (const Finding& finding) {
        Report(finding, "verification of " + options_.state, nullptr);
        return {};
      }
    }
    MakeDirectory("shared");
    for (uint64_t i = 0; i < settings.threads; ++i) MakeDirectory("t" + std::to_string(i));
    // A crash must not take them away.
    if (settings.crash && fsync(top_.get()) != 0)
      throw std::runtime_error("fsync of the top fails");
    return {};
  }

  void MakeWorkers(Files files) {
    std::map<uint64_t, Files> by_thread;
    for (auto& file : files) by_thread[file->thread].push_back(std::move(file));
    for (uint64_t i = 0; i < options_.settings.threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(options_.settings, top_.get(), i,
                                                  std::move(by_thread[i]), &stop_));
    }
  }

  void Work() {
    const Settings& settings = options_.settings;
    // From here on the filesystem may die.
    if (settings.crash) std::cerr << "begin" << std::endl;
    std::vector<std::thread> threads;
    for (uint64_t i = 0; i < settings.threads; ++i) {
      if (settings.only_thread >= 0 && static_cast<uint64_t>(settings.only_thread) != i) continue;
      threads.emplace_back([this, i, operations = settings.operations / settings.threads] {
        RunWorker(i, operations);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void RunWorker(uint64_t i, uint64_t operations) {
    Worker& worker = *workers_[i];
    try {
      worker.Run(operations);
    } catch (const FilesystemDied&) {
      died_ = stop_ = true;
    } catch (const Finding& finding) {
      stop_ = true;
      Report(finding,
             "thread " + std::to_string(i) + " operation #" + std::to_string(worker.number()),
             worker.current_file());
    }
  }

  void Save() {
    const bool crash = options_.settings.crash;
    Files saved;
    for (const auto& worker : workers_) {
      for (const auto& file : worker->files()) {
        if (file->names.empty() || (crash && !file->synced)) continue;
        auto copy = std::make_unique<FileModel>();
        copy->id = file->id;
        copy->thread = file->thread;
        copy->base = file->base;
        copy->window = file->window;
        copy->names = file->names;
        copy->content = file->content;
        copy->done = file->done;
        saved.push_back(std::move(copy));
      }
    }
    saved_ = saved.size();
    SaveState(options_.state, crash, saved);
  }

  void Report(const Finding& finding, const std::string& where, const FileModel* file) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    std::cerr << "MISMATCH: seed " << options_.settings.seed << " " << where << ": "
              << finding.what();
    if (finding.offset()) std::cerr << "; first wrong byte at " << *finding.offset();
    std::cerr << "\n";
    if (file == nullptr) return;
    std::cerr << "file " << file->id << ", size " << file->content.size() << ", names:";
    for (const std::string& name : file->names) std::cerr << " " << name;
    std::cerr << "\nits last operations:\n";
    for (const std::string& done : file->done) std::cerr << "  " << done << "\n";
  }

  void PrintSummary(double seconds) {
    std::map<std::string, uint64_t> counts;
    uint64_t all = 0;
    for (const auto& worker : workers_) {
      for (const auto& [name, count] : worker->Counts()) {
        counts[name] += count;
        all += count;
      }
    }
    const uint64_t rate =
        seconds > 0 ? static_cast<uint64_t>(static_cast<double>(all) / seconds) : 0;
    if (!options_.json) {
      std::cout << all << " operations in " << seconds << " s, " << rate << "/s, " << verified_
                << " files verified, seed " << options_.settings.seed
                << (died_ ? ", the filesystem died" : "") << (failed_ ? ", MISMATCH\n" : ", ok\n");
      return;
    }
    std::cout << "{\"seed\":" << options_.settings.seed
              << ",\"threads\":" << options_.settings.threads << ",\"operations\":" << all
              << ",\"seconds\":" << seconds << ",\"rate\":" << rate
              << ",\"verified_files\":" << verified_ << ",\"saved_files\":" << saved_
              << ",\"died\":" << (died_ ? "true" : "false")
              << ",\"ok\":" << (failed_ ? "false" : "true") << ",\"counts\":{";
    const char* separator = "";
    for (const auto& [name, count] : counts) {
      std::cout << separator << '"' << name << "\":" << count;
      separator = ",";
    }
    std::cout << "}}\n";
  }

  const Options& options_;
  const Descriptor top_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> stop_ = false, died_ = false, failed_ = false;
  std::mutex mutex_;  // of the report
  size_t verified_ = 0, saved_ = 0;
};

}  // namespace
}  // namespace chainfs::stress

int main(int argc, char** argv) {
  using namespace chainfs::stress;
  try {
    const Options options = ParseOptions(argc, argv);
    HandleSigbus();
    return Run(options).Main();
  } catch (const UsageError&) {
    std::cerr << kUsage;
  } catch (const std::exception& error) {
    std::cerr << "chainfs-ops: " << error.what() << "\n";
  }
  return 2;
}
