# Copying and moving as file managers do, into the volume, within it and out again. Needs gio.
head -c 3M /dev/urandom > "$SCRATCH/big"
touch -d '2001-02-03 04:05:06.789' "$SCRATCH/big"
chmod 640 "$SCRATCH/big"
setfattr -n user.note -v hello "$SCRATCH/big"
gio copy --preserve "$SCRATCH/big" big
cmp "$SCRATCH/big" big
test "$(stat -c %a:%y big)" = "$(stat -c %a:%y "$SCRATCH/big")"
test "$(getfattr --only-values -n user.note big)" = hello
gio copy big again
! gio copy -i big again < /dev/null
cmp big again
gio move again moved
test ! -e again
cmp big moved
gio copy --backup big moved
cmp moved~ big
gio move moved "$SCRATCH/out"
cmp big "$SCRATCH/out"
test ! -e moved
# What a file manager asks of every file, and what may be set.
gio info big > "$SCRATCH/info"
grep -q 'standard::size: 3145728' "$SCRATCH/info"
grep -q 'access::can-trash: TRUE' "$SCRATCH/info"
gio set -t uint32 big unix::mode 384
test "$(stat -c %a big)" = 600
gio set -t string big xattr::colour blue
test "$(getfattr --only-values -n user.colour big)" = blue
gio rename big renamed
test -e renamed
gio mkdir -p deep/er
gio remove renamed
test ! -e renamed
gio info -f . > "$SCRATCH/info"
grep -q 'filesystem::type: ' "$SCRATCH/info"
grep -q 'filesystem::remote: FALSE' "$SCRATCH/info"
! grep -q 'filesystem::readonly: TRUE' "$SCRATCH/info"
total=$(sed -n 's/ *filesystem::size: //p' "$SCRATCH/info")
test "$total" = "$(($(stat -f -c '%b * %S' .)))"
