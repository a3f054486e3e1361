// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/exit_code.h"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>

namespace chainfs::tools {
namespace {

struct Meaning {
  ExitCode code;
  const char* text;  // follows "VAULT: "; empty: the message says it all
};

Meaning MeaningOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kWrongKey:
      return {ExitCode::kWrongPassphrase, "wrong passphrase"};
    case ErrorCode::kNotFound:
      return {ExitCode::kVaultMissing, "there is no such vault"};
    case ErrorCode::kNotAVault:
    case ErrorCode::kNotDirectory:
      return {ExitCode::kNotAVault, "this is no chainfs vault"};
    case ErrorCode::kUnknownFormat:
      return {ExitCode::kUnknownFormat, "the vault needs a newer chainfs"};
    case ErrorCode::kBadHeader:
      return {ExitCode::kDamagedHeader, "the vault's header is damaged"};
    case ErrorCode::kDamaged:
      return {ExitCode::kDamagedVolume, "the volume is damaged"};
    case ErrorCode::kRollback:
      return {ExitCode::kRollback, ""};
    case ErrorCode::kFork:
      return {ExitCode::kFork, ""};
    case ErrorCode::kInUse:
    case ErrorCode::kBusy:
      return {ExitCode::kVaultInUse, "the vault is in use by another process"};
    case ErrorCode::kUnsafeFilesystem:
      return {ExitCode::kUnsafeFilesystem, "a vault must lie on a local filesystem"};
    case ErrorCode::kExists:
    case ErrorCode::kNotEmpty:
      return {ExitCode::kVaultExists, "there is something already"};
    case ErrorCode::kAccessDenied:
    case ErrorCode::kNotPermitted:
      return {ExitCode::kNoPermission, "permission denied"};
    case ErrorCode::kNoSpace:
      return {ExitCode::kNoSpace, "no space left on the vault's filesystem"};
    case ErrorCode::kReadOnly:
      return {ExitCode::kSystem, "the vault's filesystem is read-only (mount with -o ro?)"};
    case ErrorCode::kNoMemory:
      return {ExitCode::kSystem, "not enough memory"};
    case ErrorCode::kInvalid:
      return {ExitCode::kUsage, "invalid"};
    case ErrorCode::kIo:
      return {ExitCode::kSystem, "input/output error"};
    default:
      return {ExitCode::kSystem, "the operation failed"};
  }
}

}  // namespace

Failure VaultFailure(const Error& error, const std::string& vault) {
  Meaning meaning = MeaningOf(error.code);
  // The engine's messages mostly name the path themselves.
  bool named = error.message.find(vault) != error.message.npos;
  std::string text = named ? "" : vault + ": ";
  // Some say what their code says, and more.
  const bool says_so = error.message.starts_with(meaning.text);
  if (!says_so) text += meaning.text + std::string(error.message.empty() ? "" : ": ");
  text += error.message;
  if (meaning.code == ExitCode::kDamagedVolume && text.find("chainfs-fsck") == text.npos) {
    text += "; run chainfs-fsck";
  }
  return {meaning.code, text};
}

Failure OwnFailure(const Error& error) { return {MeaningOf(error.code).code, error.message}; }

Failure SystemFailure(const std::string& doing, int error_number, ExitCode otherwise) {
  ExitCode code = otherwise;
  if (error_number == EACCES || error_number == EPERM) code = ExitCode::kNoPermission;
  if (error_number == ENOSPC || error_number == EDQUOT) code = ExitCode::kNoSpace;
  return {code, doing + ": " + std::generic_category().message(error_number)};
}

int Report(const std::string& program, const Failure& failure) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), failure.message.c_str());
  return static_cast<int>(failure.code);
}

int RunMain(const std::string& program, int (*body)(int, char**), int argc, char** argv) {
  try {
    return body(argc, argv);
  } catch (const std::bad_alloc&) {
    return Report(program, {ExitCode::kSystem, "out of memory"});
  } catch (const std::exception& e) {
    return Report(program, {ExitCode::kInternal, std::string("internal error: ") + e.what()});
  }
}

}  // namespace chainfs::tools
