#!/usr/bin/env bash
# Has calls rehearsed by a shadow of the server, on a clone of its database, before they are let through:
#   hack/demo-rehearsal.sh OCX AUDITOR GATE
set -euo pipefail
cd "$(dirname "$0")/.."

ocx=$1 auditor=$2 gate=$3
PATH=$(dirname "$(hack/runsc)"):/usr/lib/postgresql/15/bin:$PATH
. hack/demo-parts.sh

port=$(free "${OCX_DEMO_PORT:-8080}")
database=$(free 15432)
cache=$(free 16379)
metrics=$(free 19090)
url=http://127.0.0.1:$port
sample=$(realpath artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp)
socket=unix:$work/auditor.sock

cleanup() {
  end_all
  if [[ -e $work/source/postmaster.pid ]]; then
    as_nobody pg_ctl -D "$work/source" -m immediate -w stop >/dev/null
  fi
  rm -rf "$work"
}
trap cleanup EXIT
# PostgreSQL refuses to be run by root.
as_nobody() { (cd / && setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"); }

chmod 755 "$work"
echo "== A Redis with the carts of three customers"
redis-server --port "$cache" --bind 127.0.0.1 --save '' --requirepass carts --repl-diskless-sync-delay 0 \
  >"$work/redis" 2>&1 &
pids+=($!)
carts() { REDISCLI_AUTH=carts redis-cli -p "$cache" "$@"; }
await "Redis answers" carts mset cart:ann 3 cart:bob 1 cart:cy 2 >"$work/list"

install -d -o nobody -g nogroup -m 700 "$work/source"
echo "== A PostgreSQL with 5,000 orders"
as_nobody initdb -D "$work/source" -A trust -U postgres -E UTF8 --no-sync >/dev/null
cat >>"$work/source/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = $database
unix_socket_directories = ''
fsync = off
END
as_nobody pg_ctl -D "$work/source" -l "$work/source/log" -w start >/dev/null
sql() { psql -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$database" -U postgres "$@"; }
sql -d postgres <<'END'
CREATE ROLE shop LOGIN PASSWORD 'shop';
CREATE ROLE ocx LOGIN REPLICATION PASSWORD 'ocx';
CREATE DATABASE orders OWNER shop;
END
sql -d orders <<'END'
CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, status text NOT NULL DEFAULT 'open');
INSERT INTO orders SELECT n, (ARRAY['ann', 'bob', 'cy'])[1 + n % 3] FROM generate_series(1, 4998) AS n;
INSERT INTO orders VALUES (4999, 'dee'), (5000, 'dee');
ALTER TABLE orders OWNER TO shop;
END
orders() { sql -d orders -Atc 'SELECT count(*) FROM orders'; }

echo "== An MCP server on $url whose tools work on it"
ORDERS_URL=postgresql://shop:shop@127.0.0.1:$database/orders CARTS_URL=redis://:carts@127.0.0.1:$cache \
  "$sample" server "$url" >"$work/server" 2>&1 &
pids+=($!)
await "the server listens" taken "$port"

echo "== An auditor with the audit of samples/rehearse.yaml: it keeps shadows of the server ready"
install -d -m 700 "$work/secrets" "$work/secrets/orders" "$work/secrets/carts"
echo "postgresql://ocx:ocx@127.0.0.1:$database/orders" >"$work/secrets/orders/replication"
echo "redis://:carts@127.0.0.1:$cache" >"$work/secrets/carts/replication"
sed "s/8080/$port/; s|/opt/orders/server|$sample|" samples/rehearse.yaml >"$work/audits.yaml"
"$auditor" --audits "$work/audits.yaml" --listen "$socket" --ledger "$work/ledger/ledger.db" \
  --secrets "$work/secrets" --shadows "$work/shadows" --http-port "$metrics" >"$work/verdicts" 2>&1 &
pids+=($!)
await "the auditor answers" answers
"$gate" --port "$port" --auditor "$socket" --http-port 0 >"$work/holds" 2>&1 &
gate_pid=$!
pids+=("$gate_pid")
await "the gate holds" grep -q 'Holding by the rules of 1 audits' "$work/holds"

# A shadow waits: the auditor's own count of them.
warm() {
  {
    printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
    grep -q '^ocx_auditor_shadows_warm{.*} [1-9]' <&3
  } 3<>"/dev/tcp/127.0.0.1/$metrics"
}
await "a shadow is ready" warm

echo "== A call that would delete all orders is rehearsed, and never reaches the server"
{ "$sample" call "$url" delete_orders '{"customer":"*"}' || true; } | tee "$work/list"
grep -q 'delete_orders: error -32090:.*it deletes too much (would delete 5000 rows, delete 3 keys)' "$work/list"
[[ $(orders) = 5000 && $(carts exists cart:ann cart:bob cart:cy) = 3 ]]

echo "== One that deletes two is rehearsed, and let through"
await "the next shadow is ready" warm
"$sample" call "$url" delete_orders '{"customer":"dee"}'
[[ $(orders) = 4998 ]]
audit list
audit show "$(audit list --last 1 -o json | sed 's/.*"call":"\([0-9a-f]*\)".*/\1/')" | grep '^Rehearsed:'
audit verify
kill "$gate_pid"
wait "$gate_pid"
