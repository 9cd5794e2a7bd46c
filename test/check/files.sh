# shellcheck shell=bash
# files.sh: what the static checks share; sourced after sandbox.sh. ROOT is the checkout.
#
# A check prints "file:line: what is wrong" by complain and ends with conclude.

complaints=0
complain() { printf '%s\n' "$*"; complaints=$((complaints + 1)); }
complain_all() { local line; while IFS= read -r line; do complain "$line"; done; }
conclude() { [ "$complaints" = 0 ] || { printf '%s complaints\n' "$complaints"; exit 1; }; exit 0; }

# project_files [FIND TEST...]: the files of the tree relative to ROOT, without what a build or
# a test run leaves behind. By find, not by git, so that an unpacked archive is checked alike.
project_files() {
    (cd "$ROOT" && find . \( -name .git -o -path ./results -o -path './tmp_check*' -o -path ./log \
            -o -path ./output_iso -o -path ./test/fuzz/corpus \) -prune \
        -o -type f ! -name '*.o' ! -name '*.so' ! -name '*.bc' ! -name '.git' ! -name 'regression.*' \
            ! \( -path './sql/dupex--*.sql' ! -path './sql/dupex--*--*.sql' \) \
            "$@" -print | sed 's,^\./,,' | LC_ALL=C sort)
}

# The pure C side of the wall, and the files that face PostgreSQL.
pure_files() { project_files -path './src/*/*.[ch]' ! -name 'pg_*'; }
pg_files() { project_files \( -path './src/*.[ch]' ! -path './src/*/*' -o -path './src/*/pg_*.[ch]' \); }

# find_clang: the name of a clang; Debian's server headers bring one with a version in its name
find_clang() {
    local name
    for name in clang $(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -t- -k2,2nr); do
        command -v "$name" && return 0
    done
    return 1
}

# server_include: the server's header folder, empty where there is none
server_include() {
    "$PG_HOME/bin/pg_config" --includedir-server 2>/dev/null || pg_config --includedir-server 2>/dev/null
}
