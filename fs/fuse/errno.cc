// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/errno.h"

#include <cerrno>

namespace chainfs::fs::fuse {

int ToErrno(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return ENOENT;
    case ErrorCode::kExists:
      return EEXIST;
    case ErrorCode::kNotDirectory:
      return ENOTDIR;
    case ErrorCode::kIsDirectory:
      return EISDIR;
    case ErrorCode::kNotEmpty:
      return ENOTEMPTY;
    case ErrorCode::kNameTooLong:
      return ENAMETOOLONG;
    case ErrorCode::kInvalid:
      return EINVAL;
    case ErrorCode::kNotPermitted:
      return EPERM;
    case ErrorCode::kAccessDenied:
      return EACCES;
    case ErrorCode::kNoAttribute:
      return ENODATA;
    case ErrorCode::kAttributeTooBig:
      return E2BIG;
    case ErrorCode::kBufferTooSmall:
      return ERANGE;
    case ErrorCode::kFileTooBig:
      return EFBIG;
    case ErrorCode::kTooManyLinks:
      return EMLINK;
    case ErrorCode::kNoSeekTarget:
      return ENXIO;
    case ErrorCode::kUnsupported:
      return EOPNOTSUPP;
    case ErrorCode::kBusy:
      return EBUSY;
    case ErrorCode::kStale:
      return ESTALE;
    case ErrorCode::kCrossDevice:
      return EXDEV;
    case ErrorCode::kNoSpace:
      return ENOSPC;
    case ErrorCode::kReadOnly:
      return EROFS;
    case ErrorCode::kNoMemory:
      return ENOMEM;
    case ErrorCode::kDamaged:
    case ErrorCode::kIo:
    // The rest is no answer to an operation: who gets it tries again,
    case ErrorCode::kWouldWait:
    // or it is about a whole vault.
    case ErrorCode::kNotAVault:
    case ErrorCode::kUnknownFormat:
    case ErrorCode::kWrongKey:
    case ErrorCode::kInUse:
    case ErrorCode::kUnsafeFilesystem:
    case ErrorCode::kBadHeader:
    case ErrorCode::kRollback:
    case ErrorCode::kFork:
      return EIO;
  }
  return EIO;
}

bool IsAlarming(ErrorCode code) { return code == ErrorCode::kNoMemory || ToErrno(code) == EIO; }

int NoSuchCall() { return ENOSYS; }

}  // namespace chainfs::fs::fuse
