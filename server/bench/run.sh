#!/usr/bin/env bash
# Measures the server on this machine, which its load comes from too: how soon it
# is ready, what memory it takes, single requests over 4 connections (wrk), their
# latency at a constant 6,000 a second (vegeta), and large bodies.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v wrk >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends wrk >/dev/null; } ||
  { echo "wrk is missing: install it, for instance with 'sudo apt install wrk'" >&2; exit 1; }
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
export GOBIN=$work
go install github.com/tsenart/vegeta/v12@v12.12.0
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$work/" ./server
go run ./server/bench >"$work/one.json"
go run ./server/bench 10000 >"$work/many.json"
url=http://localhost:7898

# Asking costs a process each time, so what it takes to ask a server that is
# ready is taken off.
wait_ready() { until "$work/server" -addr localhost:7898 -health 2>/dev/null; do :; done; }
since() { echo $(($(date +%s%N) / 1000 - $1)); }
begun=$(($(date +%s%N) / 1000))
"$work/server" -addr localhost:7898 2>/dev/null &
server=$!
wait_ready
started=$(since "$begun")
begun=$(($(date +%s%N) / 1000))
wait_ready
echo "ready after      $(((started - $(since "$begun")) / 1000)) ms"
sleep 1
memory() { awk '/VmRSS/ {printf "%.0f MB\n", $2 / 1000}' "/proc/$server/status"; }
echo "memory at rest   $(memory)"

body() { printf 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nlocal f = io.open("%s")\nwrk.body = f:read("*a")\nf:close()\n' "$1"; }
rate() { awk -v rows="$1" '/Requests\/sec/ {printf "%.0f a second\n", $2 * rows} /Non-2xx/ {print; exit 1}'; }
body "$work/one.json" >"$work/one.lua"
body "$work/many.json" >"$work/many.lua"
echo "single requests  $(wrk -t1 -c4 -d8s -s "$work/one.lua" $url/api/predict | rate 1)"
echo "rows of 10,000   $(wrk -t1 -c1 -d8s -s "$work/many.lua" $url/api/predict | rate 10000)"
echo "memory after it  $(memory)"
printf 'POST %s/api/predict\nContent-Type: application/json\n@%s\n' "$url" "$work/one.json" >"$work/targets"
echo "at 6,000 a second, for 10 s:"
"$work/vegeta" attack -rate=6000 -duration=10s -connections=64 -targets="$work/targets" | "$work/vegeta" report | grep -E 'Latencies|Success|Status'
