# SPDX-License-Identifier: GPL-3.0-or-later
# A program and a script run from the mount; one that runs cannot be overwritten, but removed.
cp "$(command -v sleep)" s
./s 0
printf '#!/bin/sh\necho script $1\n' > x
chmod +x x
test "$(./x 5)" = 'script 5'
./s 100 & pid=$!
while [ "$(readlink /proc/$pid/exe)" != "$PWD/s" ]; do :; done
if sh -c 'echo overwrite > s' 2> /dev/null; then exit 1; fi
rm s
kill $pid
wait $pid || true
test ! -e s
