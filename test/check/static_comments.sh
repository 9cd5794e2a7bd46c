#!/usr/bin/env bash
# Every file opens with a comment that says what it is for; every C function that others can
# call has one above it.
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
complain_all < <(awk '
    FNR == 1 { depth = 0; type_line = 0; commented = 0; last = "" }
    # the first line of something at the left margin: was the line above it the end of a comment?
    /^[A-Za-z_]/ && !inside {
        if (!start) { start = FNR; has_comment = (last ~ /\*\/$/); private = ($0 ~ /^static/) }
        if ($0 ~ /;$/ || $0 ~ /^PG_[A-Z0-9_]+(\(.*\))?;?$/) { if ($0 !~ /^PG_FUNCTION_INFO_V1/) start = 0 }
    }
    /^#/ { start = 0 }
    /^\{/ {
        if (start && last !~ /=$/ && last !~ /^(typedef|struct|enum|union)/ && !has_comment && !private)
            printf "%s:%d: no comment above: %s\n", FILENAME, FNR, last
        inside = 1
    }
    /^\}/ { inside = 0; start = 0 }
    /[^ \t]/ { last = $0 }' "${c_files[@]}")
conclude
