#!/usr/bin/env bash
# Checks the files of this folder and the Dockerfile, and lets schemathesis look
# for requests whose answers are not as /openapi.json says. Its tools go into
# .venv-server/.
set -euo pipefail
cd "$(dirname "$0")/../.."

python3 -m venv .venv-server
tools=.venv-server/bin
$tools/pip install --quiet --disable-pip-version-check --only-binary :all: -r server/deploy/requirements.txt

$tools/hadolint Dockerfile
$tools/check-jsonschema --builtin-schema vendor.compose-spec server/deploy/compose.yaml
$tools/kubernetes-validate server/deploy/kubernetes.yaml

go build -o bin/ ./server
rm -f bin/records*.jsonl
bin/server -addr localhost:7899 -record bin/records.jsonl &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
until bin/server -addr localhost:7899 -health 2>/dev/null; do sleep 0.1; done
$tools/schemathesis run http://localhost:7899/openapi.json --seed 1 --max-examples 60 --generation-database none

# What was answered meanwhile is answered again, to the last bit.
kill $server
wait $server
go run ./core/cmd/lendleaf replay -model site/model/loan-default.lendleaf bin/records*.jsonl
