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

# Debian 12 has the indenter, 13 has not
if ! command -v pg_bsd_indent >/dev/null && command -v apt-cache >/dev/null; then
    as_root apt-get -qq update
    apt-cache show pg-bsd-indent >/dev/null 2>&1 || { say "skipped: there is no package pg-bsd-indent here"; exit 0; }
fi
# Debian's server headers bring a clang
need_packages pg-bsd-indent "postgresql-server-dev-$PG_MAJOR"
clang=$(find_clang) && command -v pg_bsd_indent >/dev/null \
    || { say "skipped: there is no clang or no pg_bsd_indent"; exit 0; }

if [ $# = 0 ]; then mapfile -t files < <(project_files -name '*.[ch]' | sed "s,^,$ROOT/,")
else files=("$@"); fi
[ ${#files[@]} -gt 0 ] || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

include_server=$(server_include)

# types_of FILE: the names of all types that the file sees, its own and those of the headers it
# includes; of a file that does not compile, those up to the error. File by file, because a word
# such as text is a type in one and a variable in another.
types_of() {
    local source=$1
    case $1 in
        *.h) source=$scratch/header.c
             printf '#include <%s>\n' stdint.h stdbool.h stddef.h >"$source"
             printf '#include "%s"\n' "$(realpath "$1")" >>"$source" ;;
    esac
    "$clang" -fsyntax-only -w -Xclang -ast-dump -fno-color-diagnostics -DDUPEX_VERSION='""' -I"$ROOT/src" \
        ${include_server:+-I"$include_server"} "$source" 2>/dev/null \
        | sed -n "s/^.*TypedefDecl [^']* \([A-Za-z_][A-Za-z0-9_]*\) '.*/\1/p" | sort -u >"$scratch/types"

    # A file may use the name of a type that it does not need for a variable: PostgreSQL's
    # headers define text, and text is a good name for a text. It is taken for a type only
    # where it is used as one.
    "$clang" -fpreprocessed -dD -E -P -x c "$1" 2>/dev/null >"$scratch/bare"
    local name
    for name in $(grep -xE '[a-z]+' "$scratch/types"); do
        grep -qw "$name" "$scratch/bare" || continue
        if ! grep -qE "(^|[^A-Za-z0-9_>.])$name( +\*+| +|\t+ *\**)([A-Za-z_][A-Za-z0-9_]*)[ ]*([][,;()]|=[^=])|\(($name|const $name) *\**\)|(sizeof|va_arg|palloc_object|palloc_array|makeNode)\([^)]*\<$name\>" "$scratch/bare"
        then echo "$name"; fi
    done >"$scratch/variables"
    grep -vxFf "$scratch/variables" "$scratch/types"
}

options=(-bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 -l79 -lp -lpl -nip -npro -sac -tpg -ts4
         -U"$scratch/typedefs")
changed=0
for file in "${files[@]}"; do
    types_of "$file" >"$scratch/typedefs"
    if ! pg_bsd_indent "$file" "$scratch/out" "${options[@]}" >"$scratch/messages" 2>&1; then
        printf '%s: the indenter failed\n' "$file"; cat "$scratch/messages"; changed=$((changed + 1)); continue
    fi
    # as pgindent does: no padding in a function's result type on a line of its own; and the
    # indenter does not know designated initializers, of which several may stand on a line
    sed -Ei -e 's/^([A-Za-z_][A-Za-z0-9_ ]*[A-Za-z0-9_])[ \t]+(\*+)$/\1 \2/' \
        -e '/^\t+\[.*\] = /s/,\[/, [/g' "$scratch/out"
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
