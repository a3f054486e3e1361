# SPDX-License-Identifier: GPL-3.0-or-later
# Devices and FIFOs.
mknod null c 1 3
echo gone > null
test -c null
test "$(stat -c %t:%T null)" = 1:3
mkfifo p
echo through > p & writer=$!
test "$(cat p)" = through
wait $writer
