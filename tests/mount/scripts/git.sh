# SPDX-License-Identifier: GPL-3.0-or-later
# A repository is cloned into the mount, committed to, merged and repacked.
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global gc.auto 0

git init -q "$SCRATCH/origin"
cd "$SCRATCH/origin"
for i in $(seq 40); do
  mkdir -p dir$((i % 7))
  seq "$i" $((i * 50)) > dir$((i % 7))/file"$i"
  git add -A
  git commit -qm "commit $i"
done

cd "$MNT"
git clone -q "$SCRATCH/origin" clone
cd clone
for i in $(seq 20); do
  seq "$i" 999 > dir1/new"$i"
  git add -A
  git commit -qm "more $i"
done
git checkout -q -b side HEAD~15
echo side > side
git add side
git commit -qm side
git checkout -q main
git merge -q -m merge side
git repack -qad
git fsck --full --strict
test -z "$(git status --porcelain)"
git log --format=%H > "$SCRATCH/log"
