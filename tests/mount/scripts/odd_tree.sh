# SPDX-License-Identifier: GPL-3.0-or-later
# Makes $SCRATCH/odd: what a system's own trees have too little of.
mkdir -p "$SCRATCH/odd"
cd "$SCRATCH/odd"
mkdir -p d/e
chmod 2755 d
chmod 1777 d/e
echo text > f
ln f g
ln f d/h
ln -s f s
ln -s /nowhere t
mkfifo p
mknod c c 1 3
mknod b b 7 200
echo x > x
chmod 4711 x
chown 1234:4321 f
setfattr -n user.long -v "$(head -c 3000 /dev/zero | tr '\0' v)" f
setfattr -n trusted.t -v 1 d
setfacl -m u:1234:rwx f
setfacl -d -m g:99:r d
touch -d '1969-01-02 03:04:05.123456789' x
touch -h -d '2446-05-10 22:38:55.999999999' s
truncate -s 1G hole
echo end >> hole
touch "$(printf 'new\nline')" "$(printf 'bad\377\200utf8')" -- -dash
touch "$(head -c 255 /dev/zero | tr '\0' n)"
