// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of chainfs(1). Each prints its result to stdout and returns how it went.
#pragma once

#include <optional>
#include <string>

#include "tools/common/exit_code.h"
#include "tools/common/passphrase.h"

namespace chainfs::tools {

// Without a mount point: every chainfs mount of this mount namespace, one after the other.
Outcome<void> ShowStatus(const std::optional<std::string>& mount_point, bool json);

// What anyone who may read the vault can know without a key. Works while it is mounted.
Outcome<void> ShowInfo(const std::string& vault, bool json);

// Of the commands below none needs a key, and all work on a vault that is mounted and on a copy.
// What they show of the ledger is what its head covers, under the key that its genesis names.

struct LogOptions {
  uint64_t most = ~uint64_t{0};  // records, from the newest on
  uint64_t since = 0;            // only what is new since the ledger had this many
  bool json = false;             // an object a line
};
// Damage ends it, after what lies above has been shown.
Outcome<void> ShowLog(const std::string& vault, const LogOptions& options);

// The signed checkpoint as it is stored; with `vkey`, the public key alone.
Outcome<void> ShowHead(const std::string& vault, bool vkey, bool json);

// As a tile log; into a new directory, or one that an earlier export made.
Outcome<void> ExportLedger(const std::string& vault, const std::string& directory);

struct ProveOptions {
  std::string record, object;  // a number in one of them
  std::string output;          // a new file for the proof; empty: stdout
  std::string blob_file;       // a new file for the object's sealed blob; empty: not wanted
  bool json = false;
};
Outcome<void> Prove(const std::string& vault, const ProveOptions& options);

struct VerifyProofOptions {
  std::string vkey;       // itself, or a file that holds it
  std::string blob_file;  // to be compared with the object proven; empty: nothing to compare
  bool json = false;
};
// Needs no vault. kProofFalse: well-formed, but it proves nothing under this key, or another blob;
// kUsage: no proof file of chainfs, or no vkey.
Outcome<void> VerifyProof(const std::string& file, const VerifyProofOptions& options);

// Everything written before the call is on disk when it returns success.
Outcome<void> SyncMount(const std::string& mount_point);

struct SetOptions {
  std::string max_size;  // a size, or "none"
  PassphraseSource passphrase;
};
// Changes what is settled for a volume: through its daemon if it is mounted (`target` is the mount
// point or the vault), else by unlocking the vault. On disk when it returns success.
Outcome<void> SetVolume(const std::string& target, const SetOptions& options);

struct ScrubOptions {
  std::string rate = "64M";  // bytes a second at most; 0: no limit
  bool json = false;
  bool quiet = false;  // no progress
};

// Has the daemon check its volume, and shows what is found as chainfs-fsck does. Returns the exit
// code: the sum of FsckExit's bits. SIGINT, SIGTERM and SIGHUP stop it from now on.
int ScrubMount(const std::string& mount_point, const ScrubOptions& options);

struct UnmountOptions {
  bool lazy = false;  // detach now, even if busy; still waits for the daemon to end
};

// Unmounts; returns once the last commit is on disk and the daemon has ended. kMountPointBusy: a
// program uses it; kCommitFailed: unmounted, but not everything is on disk.
Outcome<void> Unmount(const std::string& mount_point, const UnmountOptions& options);

}  // namespace chainfs::tools
