#!/usr/bin/env bash
# The unit tests of the pure C: test/check/unit_*.c, each compiled together with the pure C files
# under the address and undefined-behaviour sanitizers. A program prints what is wrong and fails.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flags=(-std=gnu99 -O1 -g -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
       -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=undefined -Isrc)

# the sources beside the wall that a test may need; what it does not use costs nothing
mapfile -t sources < <(project_files \( -path './src/ratio/*.c' -o -path './src/stats/*.c' -o -path './src/journey/funnel*.c' -o -path './src/journey/journey_log.c' -o -path './src/journey/touches.c' -o -path './src/text/*.c' -o -path './src/value/optimise.c' -o -path './src/economy/*.c' -o -path './src/linkage/[bfkp]*.c' -o -path './src/linkage/comparison.c' -o -path './src/linkage/sounds.c' -o -path './src/hygiene/compare.c' -o -path './src/hygiene/names.c' -o -path './src/hygiene/letters.c' \) ! -name 'pg_*')
for unit in test/check/unit_*.c; do
    [ -e "$unit" ] || continue
    program=$scratch/$(basename "$unit" .c)
    gcc "${flags[@]}" -o "$program" "$unit" "${sources[@]}" -lm 2>"$scratch/errors" \
        || { complain_all <"$scratch/errors"; continue; }
    "$program" >"$scratch/output" 2>&1 || { complain_all <"$scratch/output"; complain "$unit failed"; continue; }
    cat "$scratch/output"
done
conclude
