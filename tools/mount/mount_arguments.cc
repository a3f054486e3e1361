// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/mount_arguments.h"

namespace chainfs::tools {
namespace {

// Takes the letters of one argument such as -fv or -oro. Returns true if the next argument is the
// value of its last letter.
Outcome<bool> ParseLetters(const std::string& letters, MountArguments* parsed) {
  for (size_t i = 1; i < letters.size(); ++i) {
    const std::string rest = letters.substr(i + 1);
    switch (letters[i]) {
      case 'o':
        if (rest.empty()) return true;
        parsed->options.push_back(rest);
        return false;
      case 'N':
      case 't':  // told by mount(8); the namespace has been entered, the type is ours
        return rest.empty();
      case 'f':
        parsed->foreground = true;
        break;
      case 's':
        parsed->sloppy = true;
        break;
      case 'v':
        parsed->verbose = true;
        break;
      case 'n':  // no mtab: there is none
        break;
      case 'h':
        parsed->help = true;
        break;
      case 'V':
        parsed->version = true;
        break;
      default:
        return Failure{ExitCode::kUsage, std::string("unknown option '-") + letters[i] + "'"};
    }
  }
  return false;
}

}  // namespace

const char kMountUsage[] =
    "Usage: mount.chainfs [VAULT] MOUNTPOINT [-o OPTIONS] [-f] [-s] [-v]\n"
    "Mount a chainfs vault. With a mount point alone the vault comes from /etc/fstab,\n"
    "$CHAINFS_VAULT, or the default place (see mount.chainfs(8)).\n"
    "\n"
    "  -o OPTIONS   ro, rw, allow_other, passfile=FILE, passcmd=COMMAND, commit=SECONDS,\n"
    "               cache=SIZE, log=FILE|syslog|stderr, transport=auto|classic|io_uring,\n"
    "               nonempty, noexec, nosuid, nodev, noatime, relatime, debug\n"
    "  -f           stay in the foreground\n"
    "  -s           ignore unknown options\n"
    "  -v           say more\n"
    "  -h, --help; -V, --version\n";

Outcome<MountArguments> ParseMountArguments(const std::vector<std::string>& arguments) {
  MountArguments parsed;
  std::vector<std::string> operands;
  bool only_operands = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (only_operands || argument.size() < 2 || argument[0] != '-') {
      operands.push_back(argument);
    } else if (argument == "--") {
      only_operands = true;
    } else if (argument == "--help") {
      parsed.help = true;
    } else if (argument == "--version") {
      parsed.version = true;
    } else {
      if (argument.starts_with("--")) {
        return Failure{ExitCode::kUsage, "unknown option '" + argument + "'"};
      }
      auto wants_value = ParseLetters(argument, &parsed);
      if (!wants_value) return wants_value.error();
      if (!*wants_value) continue;
      if (++i == arguments.size()) {
        return Failure{ExitCode::kUsage, "the option '" + argument + "' needs a value"};
      }
      if (argument.back() == 'o') parsed.options.push_back(arguments[i]);
    }
  }
  if (parsed.help || parsed.version) return parsed;
  if (operands.empty() || operands.size() > 2) {
    return Failure{ExitCode::kUsage, operands.empty() ? "no mount point given (try --help)"
                                                      : "too many operands (try --help)"};
  }
  if (operands.size() == 2) parsed.vault = operands[0];
  parsed.mount_point = operands.back();
  return parsed;
}

}  // namespace chainfs::tools
