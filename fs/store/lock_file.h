// SPDX-License-Identifier: GPL-3.0-or-later
// LMDB's lock file, which holds its table of readers. LMDB makes it without taking room for it and
// writes it through a map: on a full disk that is a SIGBUS. Internal to fs/store.
#pragma once

namespace chainfs::fs::store {

// Makes lock.mdb in the vault if it is not there, and sees to it that all of it has room on the
// disk. REQUIRES: called before LMDB opens it. 0 or an errno: ENOSPC; EACCES, EROFS and the like.
int AllocateLockFile(int directory);

}  // namespace chainfs::fs::store
