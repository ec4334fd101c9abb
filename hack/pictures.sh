#!/usr/bin/env bash
# Draws docs/images/prometheus.png: queries of the dashboard on Prometheus' own page, after the agent has seen real MCP
# calls:
#   hack/pictures.sh AGENT
set -euo pipefail
cd "$(dirname "$0")/.."

agent=$(realpath "$1")
. hack/picture-namespace.sh

# Debian's package expects the pages' libraries beside it.
prometheus=$(hack/prometheus)
mkdir -p "$work/share/prometheus"
cp -a "$prometheus/../share/prometheus/web" "$work/share/prometheus/"
ln -s /usr/share/javascript /usr/share/fonts-glyphicons "$work/share/"
cat >"$work/prometheus.yml" <<EOF
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ['$PWD/deploy/helm/ocx-tap/rules/ocx-tap.yaml']
scrape_configs:
  - {job_name: ocx, static_configs: [{targets: ['127.0.0.1:9910']}]}
EOF

start "$agent" --interface lo --port 8080 --events none --http-port 9910
await http://127.0.0.1:9910/readyz
start "$prometheus/prometheus" "--config.file=$work/prometheus.yml" "--storage.tsdb.path=$work/data" \
  --web.listen-address=127.0.0.1:9090 "--web.local-assets=$work/share/prometheus/web/" --log.level=warn
await http://127.0.0.1:9090/-/ready

# Two minutes: a steady client, one that comes and goes, and calls of a tool that is not there.
start "$sample" client "$server" 600 5
for second in $(seq 120); do
  ((second % 40 != 20)) || start "$sample" client "$server" 200 10
  ((second % 3 != 0)) || call_nothing "$second"
  sleep 1
done

# A panel's query with everything chosen, without the conditions that then say nothing.
query() {
  jq -r --arg title "$1" '.panels[] | select(.title == $title and .targets) | .targets[0].expr
    | gsub("\\$__rate_interval"; "10s") | gsub("\\w+=~\"\\$(namespace|server|tool)\",?"; "") | @uri' \
    deploy/helm/ocx-tap/dashboards/ocx-tap.json
}
url='http://127.0.0.1:9090/graph?'
n=0
for title in 'Calls by tool' 'Failed calls by error' 'Captured by node'; do
  url+="g$n.expr=$(query "$title")&g$n.tab=0&g$n.range_input=2m&"
  n=$((n + 1))
done
mkdir -p docs/images
inside chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
  --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$work/chromium" --window-size=1400,2255 \
  --virtual-time-budget=15000 --screenshot="$work/prometheus.png" "$url" >>"$work/log" 2>&1
cp "$work/prometheus.png" docs/images/prometheus.png
echo "docs/images/prometheus.png, made on $(date -u +%F)"
