#!/usr/bin/env bash
# Files of at most 800 lines, functions (C and SQL bodies) of at most 80: a larger one is
# several things and is split.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1
max_file=800 max_function=80

while IFS= read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le $max_file ] || complain "$file: $lines lines, more than $max_file"
done < <(project_files \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' -o -name '*.pl' -o -name '*.spec' -o -name Makefile \))

# In PostgreSQL's layout a function's braces, and only a function's, a type's or a table's,
# stand in the first column; a table's line above ends in "=", a type's begins with its keyword.
mapfile -t c_files < <(project_files -name '*.c')
complain_all < <(awk -v max=$max_function '
    FNR == 1 { open = 0; name = "" }
    /^\{/ { if (above !~ /=$/ && above !~ /^(typedef|struct|enum|union|static const struct)/) { open = FNR; name = above } }
    /^\}/ { if (open && FNR - open - 1 > max)
                printf "%s:%d: %d lines, more than %d: %s\n", FILENAME, open, FNR - open - 1, max, name
            open = 0 }
    /[^ \t]/ { above = $0 }' "${c_files[@]}")

# A body in dollar quotes; the tag that opens it closes it.
mapfile -t sql_files < <(project_files -path './sql/*.sql')
complain_all < <(awk -v max=$max_function '
    FNR == 1 { tag = "" }
    {
        rest = $0
        sub(/^[ \t]*--.*/, "", rest)
        while (match(rest, /\$[A-Za-z_]*\$/)) {
            found = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            if (tag == "") { tag = found; open = FNR }
            else if (found == tag) {
                if (FNR - open - 1 > max)
                    printf "%s:%d: a body of %d lines, more than %d\n", FILENAME, open, FNR - open - 1, max
                tag = ""
            }
        }
    }' "${sql_files[@]}")
conclude
