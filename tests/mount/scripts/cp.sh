# SPDX-License-Identifier: GPL-3.0-or-later
# cp in its variants, of a random and of a sparse file.
head -c 5000000 /dev/urandom > random
truncate -s 200M sparse
for at in 0 1000000 99999999 209715000; do
  echo data | dd of=sparse bs=1 seek=$at conv=notrunc status=none
done
for option in --reflink=auto --reflink=never --sparse=always --sparse=never; do
  cp $option random r2
  cmp random r2
  cp $option sparse s2
  cmp sparse s2
  rm r2 s2
done
cp --reflink=auto --sparse=always sparse s3
test "$(stat -c %b s3)" -lt 4000
if cp --reflink=always random r3 2> /dev/null; then exit 1; fi
