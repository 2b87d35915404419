#!/usr/bin/env bash
# Grades a solution as Exercism asks for it: bin/run.sh SLUG INPUT OUTPUT [SECONDS]. The folders may be
# the same. Writes OUTPUT/results.json, and nothing else outside /tmp. Ends with 0 if there are results,
# whatever they say.
set -euo pipefail
if (($# < 3)); then
    echo "usage: bin/run.sh SLUG INPUT OUTPUT [SECONDS]" >&2
    exit 2
fi
slug=$1 input=$2 output=$3
bin=$(cd "$(dirname "$0")" && pwd)
# Exercism stops a run after 20 s.
longest=${4:-17}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
# A package is built in its own folder, which may be read-only.
cp -R "$input/." "$temporary/solution"

code=0
timeout --kill-after=1 "$longest" "$bin/checker" --dir "$temporary/solution" --format exercism "$slug" \
    >"$temporary/results.json" || code=$?
if ((code == 124 || code == 137)); then
    echo '{"version": 3, "status": "error", "message": "Your program took too long.", "tests": []}' \
        >"$temporary/results.json"
elif ((code > 3)) || [ "$(tail -n 1 "$temporary/results.json")" != "}" ]; then
    echo "the report is incomplete: the checker ended with exit code $code" >&2
    exit 1
fi
# Whole or not at all, and never through what the solution or its program has put there.
whole=$(mktemp "$output/.results.json-XXXXXX")
trap 'rm -rf "$temporary" "$whole"' EXIT
cat "$temporary/results.json" >"$whole"
chmod 644 "$whole"
[ ! -d "$output/results.json" ] || rm -rf "$output/results.json"
mv -fT "$whole" "$output/results.json"
