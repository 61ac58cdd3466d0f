#!/bin/sh
# Sends some thousand generated requests to the API, as its OpenAPI document describes them and as it
# does not, and fails on every answer the document does not allow. Needs Python 3.10 or newer.
# Usage: test/fuzz/openapi.sh [more options of `schemathesis run`]
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
api=
trap 'if [ -n "$api" ]; then kill "$api" 2>/dev/null; fi; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5

token=the-token-of-this-run
node --import tsx test/fuzz/serve.ts "$token" >"$work/address" &
api=$!
while [ ! -s "$work/address" ]; do
  kill -0 "$api" || exit 1
  sleep 0.2
done

config=$PWD/test/fuzz/schemathesis.toml
address=$(cat "$work/address")
cd "$work"
"$work/venv/bin/schemathesis" --config-file "$config" run \
  "$address/openapi.json" --header "Authorization: Bearer $token" \
  --checks all --max-examples 200 --seed 1 --no-color "$@"
