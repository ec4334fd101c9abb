#!/usr/bin/env bash
# Measures rehearsals with a PostgreSQL of 300 MB and a Redis of 100,000 keys, which it starts:
#   bench/rehearsal.sh [PART...]    parts: calls source
set -euo pipefail
cd "$(dirname "$0")/.."

(($#)) || set -- calls source
PATH=$(dirname "$(hack/runsc)"):/usr/lib/postgresql/15/bin:$PATH
work=$(mktemp -d /tmp/ocx-bench.XXXXXX)
as_nobody() { (cd / && setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"); }
redis=
cleanup() {
  if [[ -n $redis ]]; then kill "$redis"; fi
  if [[ -e $work/source/postmaster.pid ]]; then
    as_nobody pg_ctl -D "$work/source" -m immediate -w stop >/dev/null
  fi
  rm -rf "$work"
}
trap cleanup EXIT

chmod 755 "$work"
install -d -o nobody -g nogroup -m 700 "$work/source"
as_nobody initdb -D "$work/source" -A trust -U postgres -E UTF8 --no-sync >/dev/null
cat >>"$work/source/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = 25432
unix_socket_directories = ''
END
as_nobody pg_ctl -D "$work/source" -l "$work/source/log" -w start >/dev/null
sql() { psql -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p 25432 -U postgres "$@"; }
sql -d postgres <<'END'
CREATE ROLE shop LOGIN PASSWORD 'shop';
CREATE ROLE ocx LOGIN REPLICATION PASSWORD 'ocx';
CREATE DATABASE orders OWNER shop;
END
sql -d orders <<'END'
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean),
  pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) TO ocx;
CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, status text NOT NULL DEFAULT 'open');
INSERT INTO orders SELECT n, (ARRAY['ann', 'bob', 'cy'])[1 + n % 3] FROM generate_series(1, 4998) AS n;
INSERT INTO orders VALUES (4999, 'dee'), (5000, 'dee');
ALTER TABLE orders OWNER TO shop;
END
pgbench --initialize --quiet --scale=20 --host=127.0.0.1 --port=25432 --username=postgres orders 2>/dev/null
sql -d orders -c CHECKPOINT
echo "PostgreSQL $(sql -d orders -Atc 'SHOW server_version'): $(sql -d orders -Atc \
  'SELECT pg_size_pretty(pg_database_size(current_database()))')"

redis-server --port 26379 --bind 127.0.0.1 --save '' --requirepass carts --repl-diskless-sync-delay 0 \
  --enable-debug-command yes >"$work/redis" 2>&1 &
redis=$!
carts() { REDISCLI_AUTH=carts redis-cli -p 26379 "$@"; }
until carts ping >/dev/null 2>&1; do sleep 0.1; done
carts debug populate 99997 key 100 >/dev/null
carts mset cart:ann 3 cart:bob 1 cart:dee 2 >/dev/null
echo "$(redis-server --version | cut -d' ' -f1-3): $(carts dbsize) keys"

install -d -m 700 "$work/secrets" "$work/secrets/orders" "$work/secrets/carts"
echo "postgresql://ocx:ocx@127.0.0.1:25432/orders?sslmode=disable" >"$work/secrets/orders/replication"
echo "redis://:carts@127.0.0.1:26379" >"$work/secrets/carts/replication"
artifacts/dotnet/bin/Ocx.RehearsalBench/release/Ocx.RehearsalBench "$work" \
  "$(realpath artifacts/publish/samples/Ocx.Samples.Mcp)" "$(head -1 "$work/source/postmaster.pid")" "$redis" "$@"
