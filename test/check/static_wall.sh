#!/usr/bin/env bash
# The wall: src/<subject>/topic.c is pure C that knows nothing of PostgreSQL, allocates nothing
# and ends nothing; src/<subject>/pg_topic.c faces PostgreSQL.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

while IFS= read -r file; do
    complain_all < <(grep -nE '^[ \t]*#[ \t]*include' "$file" | grep -vE '<[a-z]+\.h>|"([a-z]+/)?[a-z0-9_]+\.h"' \
        | sed "s,^,$file:,; s,\$, : neither a header of C nor one of ours,")
    complain_all < <(grep -nE '#[ \t]*include[ \t]*"([a-z]+/)?(pg_|dupex\.h|postgres\.h|c\.h)' "$file" \
        | sed "s,^,$file:,; s,\$, : a header from the other side of the wall,")
    case $file in *.c) ;; *) continue ;; esac
    # Without the server's headers on the path it must compile, by itself, as C99.
    if ! gcc -std=c99 -Isrc -Wall -Werror=implicit-function-declaration -c -O0 -o "$scratch/pure.o" "$file" 2>"$scratch/messages"; then
        complain "$file: does not compile without PostgreSQL: $(grep -m1 error "$scratch/messages")"
        continue
    fi
    # What it may not call: memory is the caller's, errors are returned, results do not depend
    # on the time, on chance or on the process.
    complain_all < <(nm -u "$scratch/pure.o" | awk '{ print $2 }' \
        | grep -xE 'malloc|calloc|realloc|free|strdup|strndup|palloc.*|repalloc.*|pfree|Memory.*|err(start|finish|msg|code|detail|hint).*|elog.*|pg_.*|abort|_?exit|__assert_fail|v?f?printf|puts|putchar|perror|s?rand(om)?|time|clock|gettimeofday|localtime(_r)?|getenv|setlocale|strtok' \
        | sed "s,^,$file: calls ,")
done < <(pure_files)

# What SQL calls is on the other side.
complain_all < <(pure_files | xargs -r grep -nE 'PG_FUNCTION_INFO_V1|PG_FUNCTION_ARGS|PG_MODULE_MAGIC|\bDatum\b' \
    | sed 's/$/ : belongs into a pg_ file/')
complain_all < <(project_files -path './src/*.[ch]' ! -path './src/*/*' ! -name dupex.c ! -name dupex.h \
    | sed 's/$/: src holds dupex.c and dupex.h, everything else has a folder of its subject/')
while IFS= read -r file; do
    grep -qE '#include "(\.\./)?dupex\.h"' "$file" || grep -qE '#include "([a-z]+/)?pg_' "$file" \
        || complain "$file: does not include dupex.h"
done < <(pg_files | grep '/pg_.*\.c$')
conclude
