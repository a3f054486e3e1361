// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/lmdb_error.h"

#include <lmdb.h>

#include <cerrno>

namespace chainfs::fs::store {
namespace {

Error Make(ErrorCode code, int rc, const std::string& what) {
  return {code, what + ": " + mdb_strerror(rc)};
}

}  // namespace

Error OpenError(int rc, const std::string& what) {
  switch (rc) {
    case ENOENT:
      return Make(ErrorCode::kNotFound, rc, what);
    case EACCES:
    case EPERM:
    case EROFS:
      return Make(ErrorCode::kAccessDenied, rc, what);
    case ENOTDIR:
      return Make(ErrorCode::kNotDirectory, rc, what);
    case ENOMEM:
      return Make(ErrorCode::kNoMemory, rc, what);
    case ENOSPC:
    case EDQUOT:
      return Make(ErrorCode::kNoSpace, rc, what);
    case MDB_READERS_FULL:
      return Make(ErrorCode::kBusy, rc, what);
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_NOTFOUND:
    case MDB_INCOMPATIBLE:
      return Make(ErrorCode::kDamaged, rc, what);
    default:
      return Make(ErrorCode::kIo, rc, what);
  }
}

Error WriteError(int rc, bool short_write_possible, const std::string& what) {
  switch (rc) {
    case MDB_NOTFOUND:
      return Make(ErrorCode::kNotFound, rc, what);
    case MDB_KEYEXIST:
      return Make(ErrorCode::kExists, rc, what);
    case ENOMEM:
      return Make(ErrorCode::kNoMemory, rc, what);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case MDB_MAP_FULL:
      return Make(ErrorCode::kNoSpace, rc, what);
    case EIO:
      if (short_write_possible) return {ErrorCode::kNoSpace, what + ": disk full (short write)"};
      [[fallthrough]];
    default:
      return Make(ErrorCode::kIo, rc, what);
  }
}

}  // namespace chainfs::fs::store
