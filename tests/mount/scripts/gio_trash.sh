# A file manager's trash, on the volume itself. Needs gio.
mkdir -p dir/sub
echo precious > "dir/a file"
echo other > dir/sub/inner
gio trash "$MNT/dir/a file"
gio trash "$MNT/dir/sub"
test ! -e "dir/a file"
test ! -e dir/sub
test "$(cat ".Trash-$(id -u)/files/a file")" = precious
test "$(cat ".Trash-$(id -u)/files/sub/inner")" = other
grep -qx 'Path=dir/a%20file' ".Trash-$(id -u)/info/a file.trashinfo"
test "$(stat -c %a ".Trash-$(id -u)")" = 700
# Another one of the same name; what is there stays.
echo second > "dir/a file"
gio trash "$MNT/dir/a file"
test "$(cat ".Trash-$(id -u)/files/a file.2")" = second
# The way back is a rename.
mv ".Trash-$(id -u)/files/a file" "dir/a file"
test "$(cat "dir/a file")" = precious
