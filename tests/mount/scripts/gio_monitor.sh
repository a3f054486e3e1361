# What a file manager's monitor of a directory sees. Needs gio.
mkdir watched
gio monitor -d "$MNT/watched" > "$SCRATCH/events" 2>&1 &
monitor=$!
trap 'kill $monitor 2> /dev/null || true' EXIT
seen() { grep -q "$1" "$SCRATCH/events"; }
# It says nothing when it has begun to watch.
i=0
until seen 'probe: deleted'; do
  touch watched/probe
  rm watched/probe
  i=$((i + 1))
  test $i -lt 100000
done
echo one > watched/a
echo two >> watched/a
mv watched/a watched/b
chmod 600 watched/b
mkdir watched/d
rm watched/b
rmdir watched/d
i=0
until seen 'watched/d: deleted'; do
  kill -0 $monitor
  i=$((i + 1))
  test $i -lt 1000000
done
cat "$SCRATCH/events" >&2
for event in 'a: created' 'a: changed' 'a: changes done' 'renamed to.*b' 'b: attributes changed' \
  'd: created' 'b: deleted'; do
  seen "$event"
done
