// SPDX-License-Identifier: GPL-3.0-or-later
// libfuse, and what differs between the versions that chainfs builds with (3.14 to 3.18).
#pragma once

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include <cstdint>

namespace chainfs::fs::fuse {

// Asks for a capability if the kernel has it. Gives whether it does.
inline bool Want(fuse_conn_info* connection, uint64_t capability) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  return fuse_set_feature_flag(connection, capability);
#else
  if ((connection->capable & capability) == 0) return false;
  connection->want |= static_cast<unsigned>(capability);
  return true;
#endif
}

inline void Refuse(fuse_conn_info* connection, uint64_t capability) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  fuse_unset_feature_flag(connection, capability);
#else
  connection->want &= ~static_cast<unsigned>(capability);
#endif
}

inline bool CameOverIoUring([[maybe_unused]] fuse_req_t request) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
  return fuse_req_is_uring(request);
#else
  return false;
#endif
}

// Whether a write must clear the suid and sgid bits. Libraries before 3.18.3 do not say; with them
// the kernel clears the bits itself.
template <class FileInfo>
constexpr bool kTellsKillSuidgid = requires(const FileInfo& file) {
  file.kill_suidgid;
};

template <class FileInfo>
bool MustKillSuidgid([[maybe_unused]] const FileInfo* file) {
  if constexpr (kTellsKillSuidgid<FileInfo>) {
    return file != nullptr && file->kill_suidgid;
  } else {
    return false;
  }
}

}  // namespace chainfs::fs::fuse
