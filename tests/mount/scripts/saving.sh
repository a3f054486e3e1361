# How programs save. Each ends with the new content whole, and nothing else left.
mkdir s
cd s
# Rename over the old file (GLib, Qt, Firefox, vim with backupcopy=no), the reader keeps the old one.
echo old > f
exec 3< f
echo new > .f.tmp
sync .f.tmp
mv .f.tmp f
sync .
test "$(cat f)" = new
test "$(cat <&3)" = old
exec 3<&-
# With a backup (emacs, kate).
mv f f~
echo newer > f
test "$(cat f~)-$(cat f)" = new-newer
rm f~
# In place, twice: xdg-open'ed viewers and thumbnailers truncate and write again at once.
for i in 1 2; do
  printf 'version %s\n' $i > f
  dd if=/dev/zero of=f bs=64K count=3 conv=fsync 2> /dev/null
  printf 'thumbnail %s\n' $i > f
done
test "$(cat f)" = 'thumbnail 2'
# A lock file like LibreOffice's: only one program can make it.
set -C
echo 'user,host,today' > '.~lock.f#'
! (echo 'second,host,today' > '.~lock.f#') 2> /dev/null
set +C
test "$(cat '.~lock.f#')" = 'user,host,today'
rm '.~lock.f#'
# A hard link as a lock (mail programs).
echo me > lock.me
ln lock.me lock
! ln lock.me lock 2> /dev/null
test "$(stat -c %h lock.me)" = 2
rm lock lock.me
test "$(ls -A)" = f
