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

// Takes one argument such as --anchor or --anchor=FILE. Returns true if the next argument is its
// value.
Outcome<bool> ParseWord(const std::string& word, MountArguments* parsed) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const bool has_value = equals != word.npos;
  if (name == "--anchor") {
    if (has_value) parsed->anchors.push_back(word.substr(equals + 1));
    return !has_value;
  }
  bool* const flag = name == "--help"                ? &parsed->help
                     : name == "--version"           ? &parsed->version
                     : name == "--accept-rollback"   ? &parsed->accept_rollback
                     : name == "--accept-new-volume" ? &parsed->accept_new_volume
                                                     : nullptr;
  if (flag == nullptr) return Failure{ExitCode::kUsage, "unknown option '" + name + "'"};
  if (has_value) return Failure{ExitCode::kUsage, "the option '" + name + "' takes no value"};
  *flag = true;
  return false;
}

}  // namespace

const char kMountUsage[] =
    "Usage: mount.chainfs [VAULT] MOUNTPOINT [-o OPTIONS] [-f] [-s] [-v] [--anchor FILE]...\n"
    "Mount a chainfs vault. With a mount point alone the vault comes from /etc/fstab,\n"
    "$CHAINFS_VAULT, or the default place (see mount.chainfs(8)).\n"
    "\n"
    "  -o OPTIONS   ro, rw, allow_other, passfile=FILE, passcmd=COMMAND, commit=SECONDS,\n"
    "               cache=SIZE, log=FILE|syslog|stderr, transport=auto|classic|io_uring,\n"
    "               uid=USER, gid=GROUP, umask=OCTAL,\n"
    "               nonempty, noexec, nosuid, nodev, noatime, relatime, debug,\n"
    "               anchor=FILE, accept_rollback, accept_new_volume\n"
    "  --anchor FILE        refuse a vault that is older than this checkpoint (-: from stdin)\n"
    "  --accept-rollback    go on from an older state than is remembered, for good\n"
    "  --accept-new-volume  another volume than the last one is meant to be here\n"
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
    } else {
      auto wants_value = argument.starts_with("--") ? ParseWord(argument, &parsed)
                                                    : ParseLetters(argument, &parsed);
      if (!wants_value) return wants_value.error();
      if (!*wants_value) continue;
      if (++i == arguments.size()) {
        return Failure{ExitCode::kUsage, "the option '" + argument + "' needs a value"};
      }
      if (argument == "--anchor") {
        parsed.anchors.push_back(arguments[i]);
      } else if (argument.back() == 'o') {
        parsed.options.push_back(arguments[i]);
      }
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
