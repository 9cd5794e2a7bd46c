#!/usr/bin/env bash
# What the library exports begins with dupex_: before PostgreSQL 16 every function that is not
# static is visible to all other libraries of the server. And nothing is exported for nobody:
# each function for SQL is named in sql/.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
: "${SRC:?run by check.sh or lint.sh, which build the library}"
cd "$ROOT" || exit 1

[ -f "$SRC/dupex.so" ] || { echo "no dupex.so"; exit 1; }
complain_all < <(nm -D --defined-only "$SRC/dupex.so" | awk '{ print $3 }' \
    | grep -vxE 'dupex_[a-z0-9_]+|pg_finfo_dupex_[a-z0-9_]+|Pg_magic_func|_PG_init|_init|_fini' \
    | sed 's/^/dupex.so exports /')

mapfile -t sql_files < <(project_files -path './sql/*.sql')
while IFS= read -r name; do
    grep -qwF "$name" "${sql_files[@]}" || complain "$name is exported for SQL, but no SQL names it"
done < <(nm -D --defined-only "$SRC/dupex.so" | sed -n 's/.* pg_finfo_//p')
conclude
