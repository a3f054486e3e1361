// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/log_setup.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>
#include <sys/syslog.h>

#include <cerrno>
#include <memory>

#include "fs/store/descriptor.h"

namespace chainfs::tools {
namespace {

Outcome<spdlog::sink_ptr> FileSink(const std::string& path) {
  // Made here for its mode; spdlog only appends.
  fs::store::Descriptor made(
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));
  if (!made) return SystemFailure("cannot write the log file " + path, errno);
  try {
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
  } catch (const spdlog::spdlog_ex& e) {
    return Failure{ExitCode::kSystem, e.what()};
  }
}

}  // namespace

std::string PlaceOfLog(const std::string& log, bool foreground) {
  if (!log.empty()) return log;
  return foreground ? "stderr" : "syslog";
}

Outcome<void> SetUpLog(const std::string& log, bool foreground, bool debug) {
  const std::string where = PlaceOfLog(log, foreground);
  spdlog::sink_ptr sink;
  std::string pattern = "%Y-%m-%d %H:%M:%S.%e %l %v";
  if (where == "stderr") {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else if (where == "syslog") {
    sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("chainfs", LOG_PID, LOG_DAEMON, true);
    pattern = "%v";  // syslog has time and level of its own
  } else {
    auto file = FileSink(where);
    if (!file) return file.error();
    sink = *file;
  }
  auto logger = std::make_shared<spdlog::logger>("chainfs", std::move(sink));
  logger->set_pattern(pattern);
  logger->set_level(debug ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace chainfs::tools
