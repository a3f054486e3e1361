// SPDX-License-Identifier: GPL-3.0-or-later
// The handlers, by theme. What is left out on purpose, and what the kernel makes of that:
// access (default_permissions checks), create (MKNOD serves as well and needs no RELEASE), flush,
// release, getlk, setlk, flock (the kernel's own locks suffice), write_buf (the data is encrypted,
// so it has to be in memory: splicing would only add a pipe), ioctl, poll, bmap.
#pragma once

#include "fs/fuse/library.h"

namespace chainfs::fs::fuse {

void AddConnectionOperations(fuse_lowlevel_ops& operations);  // init, forget, statfs
void AddNameOperations(fuse_lowlevel_ops& operations);        // lookup, mknod, link, rename, ...
void AddAttributeOperations(fuse_lowlevel_ops& operations);   // getattr, setattr, statx
void AddDataOperations(fuse_lowlevel_ops& operations);        // open, read, write, lseek, ...
void AddDirectoryOperations(fuse_lowlevel_ops& operations);   // opendir, readdir, readdirplus
void AddXattrOperations(fuse_lowlevel_ops& operations);
void AddSyncOperations(fuse_lowlevel_ops& operations);  // fsync, fsyncdir

}  // namespace chainfs::fs::fuse
