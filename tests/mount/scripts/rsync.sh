# SPDX-License-Identifier: GPL-3.0-or-later
# rsync must find nothing left to do after it has copied a tree in.
mkdir -p "$SCRATCH/src/d"
cd "$SCRATCH/src"
for i in $(seq 200); do seq "$i" 300 > d/"$i"; done
ln d/1 d/hard
ln -s d/2 soft
setfattr -n user.k -v v d/3
setfacl -m u:7:rw d/4
mknod c c 1 3
truncate -s 10M sparse
echo x >> sparse
# rsync leaves a time alone that differs by less than a second.
find . -depth -exec touch -h -d '2001-02-03 04:05:06.789012345' {} +

cd "$MNT"
rsync -aHAXS "$SCRATCH/src/" copy/
test -z "$(rsync -aHAXSi --checksum "$SCRATCH/src/" copy/)"
echo more >> copy/d/9
rsync -aHAX --inplace "$SCRATCH/src/" copy/
rsync -aHAX --delete copy/ "$SCRATCH/back/"
