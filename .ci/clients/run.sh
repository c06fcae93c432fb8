#!/usr/bin/env bash
# Lints the server's description, has generators make clients of it, and lets
# each ask for one applicant and for two: the answers are the core's scores. So
# are those to the official clients of the other protocols.
# Needs a Java and Maven, Node, Python and Go; the tools it fetches are pinned.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
root=$(realpath ../..)
port=7898
generator=7.25.0
maven=https://repo1.maven.org/maven2/org/openapitools/openapi-generator-cli/$generator/openapi-generator-cli-$generator.jar
jar=$root/bin/openapi-generator-cli-$generator.jar
url=http://localhost:$port

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
python3 -m venv $root/.venv-clients
python=$root/.venv-clients/bin
$python/pip install --quiet --disable-pip-version-check -r python/requirements.txt
[ -f $jar ] || { curl --fail --silent --show-error --location --output $jar.part $maven && mv $jar.part $jar; }

go build -C $root -o bin/ ./server ./core/cmd/lendleaf
server=
trap '[ -z "$server" ] || kill $server' EXIT
# serve starts the server with flags, and writes what it says of itself.
serve() {
  [ -z "$server" ] || { kill $server; wait $server || true; }
  $root/bin/server -addr localhost:$port "$@" 2>server.txt & server=$!
  until $root/bin/server -addr localhost:$port -health 2>/dev/null; do sleep 0.1; done
  curl --fail --silent $url/openapi.json >openapi.json
}
lint() {
  npx redocly lint --config redocly.yaml openapi.json 2>lint.txt || { cat lint.txt; return 1; }
  if grep 'Warning was' lint.txt; then return 1; fi
  npx spectral lint --quiet --ruleset spectral.yaml --fail-severity hint openapi.json
}
printf 'a-token-of-no-one-at-all\n' >token.txt
serve -tokens token.txt
lint
serve -record records.jsonl
lint
serve -model $root/core/testdata/machines.lendleaf # with other fields
lint
serve
lint
rm -f token.txt records*.jsonl

# What each client has to print: the scores as the API rounds them, and the hash.
$root/bin/lendleaf score -model $root/site/model/loan-default.lendleaf -in applicants.ndjson |
  python3 -c '
import json, sys
for i, s in enumerate(map(json.loads, sys.stdin)):
    p = s["probability_default"]
    line = "%s %.3f %.3f" % (s["prediction"], p, 1 - p)
    print(*([line] * (2 if i == 0 else 1)), sep="\n")' >expected.txt
curl --fail --silent $url/api/model | python3 -c 'import json, sys; print(json.load(sys.stdin)["hash"])' >>expected.txt
# client runs one, and compares.
client() {
  local name=$1
  shift
  "$@" $url | diff expected.txt - || { echo "$name: a wrong answer" >&2; return 1; }
  echo "$name: right"
}

rm -rf go/lendleaf
mkdir -p go/lendleaf
go -C go tool oapi-codegen -generate types,client -package lendleaf -o lendleaf/client.go ../openapi.json
client oapi-codegen go -C go run .

rm -rf python/lendleaf
PATH=$python:$PATH openapi-python-client generate --path openapi.json --meta none --output-path python/lendleaf >python.txt || { cat python.txt; exit 1; }
$python/mypy --strict --follow-imports silent --python-executable $python/python python/main.py
client openapi-python-client $python/python python/main.py

npx openapi-typescript openapi.json --output typescript/lendleaf/schema.d.ts
npx tsc --strict --target es2022 --module nodenext --outDir typescript/lendleaf typescript/main.ts
client openapi-fetch node typescript/lendleaf/main.js

generate() { java -jar $jar generate --input-spec openapi.json --generator-name "$@" >generate.txt 2>&1 || { cat generate.txt; return 1; }; }
rm -rf typescript-fetch/lendleaf java/lendleaf
generate typescript-fetch --output typescript-fetch/lendleaf --additional-properties importFileExtension=.js
npx tsc --strict --target es2022 --module nodenext --outDir typescript-fetch/lendleaf/js typescript-fetch/main.ts
client typescript-fetch node typescript-fetch/lendleaf/js/main.js

generate java --output java/lendleaf
cp java/Main.java java/lendleaf/src/main/java/
mvn --quiet --batch-mode --file java/lendleaf/pom.xml compile dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=target/lib >maven.txt || { cat maven.txt; exit 1; }
client java java -cp 'java/lendleaf/target/classes:java/lendleaf/target/lib/*' Main

python3 -m venv $root/.venv-protocols
$root/.venv-protocols/bin/pip install --quiet --disable-pip-version-check -r protocols/requirements.txt
serve -protocols v2,mlflow
$root/bin/lendleaf score -model $root/site/model/loan-default.lendleaf -in applicants.ndjson |
  python3 -c '
import json, sys
lines = [s["prediction"] + " " + repr(s["probability_default"]) for s in map(json.loads, sys.stdin)]
print(*(lines * 6), sep="\n")' >expected.txt
$root/.venv-protocols/bin/python protocols/main.py localhost:$port loan-default <applicants.ndjson | diff expected.txt -
echo "tritonclient and mlflow: right"
