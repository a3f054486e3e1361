# SPDX-License-Identifier: GPL-3.0-or-later
# A tree goes in by tar and out by tar.
mkdir -p "$SCRATCH/src/a/b"
cd "$SCRATCH/src"
for i in $(seq 300); do seq "$i" 400 > a/b/"$i"; done
ln a/b/1 a/hard
ln -s b/2 a/soft
setfattr -n user.k -v v a/b/3
chmod 640 a/b/4
chown 7:8 a/b/5
tar -C "$SCRATCH" --xattrs -cf "$SCRATCH/1.tar" src

cd "$MNT"
tar --xattrs -xpf "$SCRATCH/1.tar"
tar --xattrs -cf "$SCRATCH/2.tar" src
mkdir "$SCRATCH/out"
tar -C "$SCRATCH/out" --xattrs -xpf "$SCRATCH/2.tar"
