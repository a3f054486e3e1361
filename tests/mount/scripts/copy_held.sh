# SPDX-License-Identifier: GPL-3.0-or-later
# Copies of a file that another process holds open with dirty pages.
cp held copy1
tar -Scf t.tar held
mkdir -p out
tar -C out -xf t.tar
cp --sparse=always held copy2
cat held > copy3
for copy in copy1 copy2 copy3 out/held; do cmp held $copy; done
