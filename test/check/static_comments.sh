#!/usr/bin/env bash
# Every file opens with a comment that says what it is for; every C function that another file
# can call has one, above it or above its declaration in the header. (What a function for SQL
# does is said in SQL, by COMMENT.)
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1

while IFS= read -r file; do
    [ "$(head -n 1 "$file")" = '/*' ] && [ "$(sed -n 2p "$file")" = " * $(basename "$file")" ] \
        || complain "$file: does not open with a comment that begins with its name"
done < <(project_files -name '*.[ch]')

while IFS= read -r file; do
    # a line for psql may stand before it
    case $(grep -vm1 '^\\echo\|^$' "$file") in '--'*) ;; *) complain "$file: does not open with a comment" ;; esac
done < <(project_files -name '*.sql')

while IFS= read -r file; do
    awk 'NR == 1 && /^#!/ { next } { exit !/^#/ }' "$file" || complain "$file: does not open with a comment"
done < <(project_files \( -name '*.sh' -o -name '*.pl' -o -name '*.spec' -o -name Makefile \))

mapfile -t c_files < <(project_files -path './src/*.c')
mapfile -t headers < <(project_files -path './src/*.h')
while IFS='|' read -r place name; do
    grep -B 1 -hE "\\<$name\\(" "${headers[@]}" | grep -q '\*/$' || complain "$place: no comment above $name()"
done < <(awk '
    FNR == 1 { start = 0; inside = 0; last = "" }
    # the first line of something at the left margin: was the line above it the end of a comment?
    /^[A-Za-z_]/ && !inside {
        if (!start) {
            start = FNR
            exempt = (last ~ /\*\/$/ || $0 ~ /^(static|typedef|struct|enum|union)/ || $0 ~ /^PG_FUNCTION_INFO_V1/)
        }
        if ($0 ~ /\)?;$/ && $0 !~ /^PG_FUNCTION_INFO_V1/) start = 0
        if (match($0, /^[A-Za-z_0-9]+\(/)) name = substr($0, 1, RLENGTH - 1)
    }
    /^#/ { start = 0 }
    /^\{/ {
        if (start && !exempt && last !~ /=$/)
            printf "%s:%d|%s\n", FILENAME, FNR, name
        inside = 1
    }
    /^\}/ { inside = 0; start = 0 }
    /[^ \t]/ { last = $0 }' "${c_files[@]}")
conclude
