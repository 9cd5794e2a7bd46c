#!/usr/bin/env bash
# The layout of the C files is PostgreSQL's own, as pg_bsd_indent makes it.
#
#   indent.sh [FILE...]         prints what would change; fails when anything would
#   indent.sh --fix [FILE...]   changes the files
#
# Without names it looks at every C file of the tree. The indenter must know which names are
# types; clang reads them out of the files themselves, so there is no list to keep.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"

fix=
if [ "${1:-}" = --fix ]; then fix=1; shift; fi

# Debian's server headers bring a clang
need_packages pg-bsd-indent "postgresql-server-dev-$PG_MAJOR"
clang=$(find_clang) && command -v pg_bsd_indent >/dev/null \
    || { say "skipped: there is no clang or no pg_bsd_indent"; exit 0; }

if [ $# = 0 ]; then mapfile -t files < <(project_files -name '*.[ch]' | sed "s,^,$ROOT/,")
else files=("$@"); fi
[ ${#files[@]} -gt 0 ] || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The names of all types that a file sees, its own and those of the headers it includes. A file
# that does not compile gives those up to the error.
include_server=$(server_include)
typedefs_of() {
    "$clang" -fsyntax-only -w -Xclang -ast-dump -fno-color-diagnostics -DDUPEX_VERSION='""' -I"$ROOT/src" \
        ${include_server:+-I"$include_server"} -x c "$@" 2>/dev/null \
        | sed -n "s/^.*TypedefDecl [^']* \([A-Za-z_][A-Za-z0-9_]*\) '.*/\1/p"
}
{
    for file in "${files[@]}"; do
        case $file in *.c) typedefs_of "$file" ;; esac
    done
    # a header alone, or one that no listed file includes
    for file in "${files[@]}"; do
        case $file in
            *.h) { echo '#include <stdint.h>'; echo '#include <stdbool.h>'; echo '#include <stddef.h>'
                   echo "#include \"$(realpath "$file")\""; } >"$scratch/header.c"
                 typedefs_of "$scratch/header.c" ;;
        esac
    done
} | sort -u >"$scratch/typedefs"

options=(-bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 -l79 -lp -lpl -nip -npro -sac -tpg -ts4
         -U"$scratch/typedefs")
changed=0
for file in "${files[@]}"; do
    if ! pg_bsd_indent "$file" "$scratch/out" "${options[@]}" >"$scratch/messages" 2>&1; then
        printf '%s: the indenter failed\n' "$file"; cat "$scratch/messages"; changed=$((changed + 1)); continue
    fi
    if ! cmp -s "$file" "$scratch/out"; then
        changed=$((changed + 1))
        if [ -n "$fix" ]; then
            cat "$scratch/out" >"$file"; printf 'changed %s\n' "${file#"$ROOT"/}"
        else
            diff -u --label "${file#"$ROOT"/}" --label "${file#"$ROOT"/} (indented)" "$file" "$scratch/out"
        fi
    fi
done
if [ "$changed" = 0 ]; then exit 0; fi
[ -n "$fix" ] && exit 0
printf '%s of %s C files are not indented as pg_bsd_indent does; test/check/indent.sh --fix\n' "$changed" "${#files[@]}"
exit 1
