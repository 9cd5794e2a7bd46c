#!/usr/bin/env bash
# The fuzz targets compile: make fuzz is not run with every change, and a renamed function
# would be noticed too late.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1
clang=$(find_clang) || { say "skipped: there is no clang"; exit 0; }

while IFS= read -r file; do
    "$clang" -std=gnu11 -fsyntax-only -Wall -Werror -Isrc "$file" || complain "$file does not compile"
done < <(project_files -path './test/fuzz/*.c')
conclude
