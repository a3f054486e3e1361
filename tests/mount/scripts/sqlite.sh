# SPDX-License-Identifier: GPL-3.0-or-later
# Two writers share a database under journal mode $1; it must come out whole.
mode=$1
sqlite3 "$mode.db" "pragma journal_mode=$mode; create table t(k integer primary key, v blob);"
writer() {
  for _ in $(seq 30); do
    cat <<X
pragma busy_timeout=60000;
begin immediate;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20)
  insert into t(v) select randomblob(500) from n;
commit;
begin immediate;
delete from t where k % 7 = $1;
rollback;
X
  done | sqlite3 -bail "$mode.db"
}
writer 1 & one=$!
writer 2 & two=$!
wait $one
wait $two
test "$(sqlite3 "$mode.db" 'select count(*) from t;')" = 1200
test "$(sqlite3 "$mode.db" 'pragma integrity_check;')" = ok
sqlite3 "$mode.db" .dump | sha256sum > "$SCRATCH/$mode.sum"
