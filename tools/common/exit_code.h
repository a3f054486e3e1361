// SPDX-License-Identifier: GPL-3.0-or-later
// How a chainfs program ends: a code for scripts and one message for people.
// The numbers are promised (man pages, section EXIT STATUS) and never change their meaning.
#pragma once

#include <string>

#include "crypto/base/result.h"

namespace chainfs::tools {

// 1 to 32 are mount(8)'s; 40 and up say which of the known situations it was.
enum class ExitCode : int {
  kSuccess = 0,
  kUsage = 1,         // unknown option, missing argument, a value that is none
  kSystem = 2,        // the system refused something that has no code of its own
  kInternal = 4,      // a defect in chainfs
  kInterrupted = 8,   // the user broke off
  kMountFailed = 32,  // the kernel or libfuse refused the mount
  kWrongPassphrase = 40,
  kNoPassphrase = 41,      // empty, or its source gave none
  kVaultMissing = 42,      // no such directory, and none to be found
  kNotAVault = 43,         // a directory without a header
  kUnknownFormat = 44,     // made by a newer chainfs
  kDamagedHeader = 45,     // neither copy of the header is whole
  kDamagedVolume = 46,     // the header is whole, what it leads to is not
  kVaultInUse = 47,        // mounted, or open for writing in another process
  kUnsafeFilesystem = 48,  // the vault lies where LMDB cannot be trusted
  kVaultExists = 49,       // mkfs: there is one, or something else, already
  kMountPointMissing = 50,
  kMountPointBusy = 51,  // something is mounted there, or it is inside the vault
  kMountPointNotEmpty = 52,
  kNoFuseDevice = 53,
  kNoPermission = 54,
  kNoSpace = 55,
  kNotMounted = 56,      // there is no chainfs at this mount point
  kNoAnswer = 57,        // the daemon of this mount is gone or does not answer
  kCommitFailed = 58,    // what was written is not all on the disk
  kProofFalse = 60,      // a well-formed proof that does not prove what it says
  kRollback = 61,        // the vault is older than a head that is remembered
  kFork = 62,            // the vault's history is not the one that is remembered
  kOtherVolume = 63,     // another volume than the one last seen at this path
  kAnchorUnusable = 64,  // an anchor cannot be read, or is no anchor of this volume
};

struct Failure {
  ExitCode code = ExitCode::kInternal;
  std::string message;  // lower case, no full stop, says what to do where that is known
};

template <class T>
using Outcome = Result<T, Failure>;

// For an error about the vault at `vault`. The engine's message is kept where there is one.
Failure VaultFailure(const Error& error, const std::string& vault);

// For an error whose message stands for itself: it names what it is about.
Failure OwnFailure(const Error& error);

// "<doing>: <the system's text for errno>", as kNoPermission, kNoSpace or else `otherwise`.
Failure SystemFailure(const std::string& doing, int error_number,
                      ExitCode otherwise = ExitCode::kSystem);

// Prints "<program>: <message>" to stderr and returns the code as main wants it.
int Report(const std::string& program, const Failure& failure);

// Runs a program's body: what it throws (out of memory, a defect) becomes kInternal and a message.
int RunMain(const std::string& program, int (*body)(int, char**), int argc, char** argv);

}  // namespace chainfs::tools
