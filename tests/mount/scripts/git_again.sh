# SPDX-License-Identifier: GPL-3.0-or-later
# After git.sh and a remount.
cd clone
git fsck --full --strict
git log --format=%H | cmp - "$SCRATCH/log"
test -z "$(git status --porcelain)"
git gc -q --aggressive --prune=now
git fsck --full
