#!/usr/bin/env bash
# The Makefile: it parses where there is no PostgreSQL, builds with bitcode for JIT (where clang
# is) as well as without, in silence, and installs what an extension needs where it is told to.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
: "${WORK:?run by check.sh or lint.sh, which build the library}" "${SRC:?}" "${PG_BIN:?}"
cd "$SRC" || exit 1
scratch=$WORK/makefile
as_user rm -rf "$scratch"; as_user mkdir "$scratch"
trap 'as_user rm -rf "$scratch"' EXIT

for goal in check demo lint fuzz bench sanitize; do
    as_user make -n PG_CONFIG=/nonexistent "$goal" 2>&1 | grep -q "^test/.*$goal\.sh$" \
        || complain "make $goal does not work without pg_config"
done
as_user make PG_CONFIG=/nonexistent clean >"$scratch/hint" 2>&1 && complain "make clean without pg_config does not fail"
grep -q postgresql-server-dev "$scratch/hint" || complain "make without pg_config does not say what is missing"

# pgxs names the clang that makes bitcode; without it the other half of this is not checked
if command -v "$(find_clang)" >/dev/null && ls /usr/lib/llvm-*/bin/llvm-lto >/dev/null 2>&1; then llvm=yes; else llvm=no; fi
as_user make -s with_llvm=$llvm COPT=-Werror PG_CONFIG="$PG_BIN/pg_config" install DESTDIR="$scratch/root" >"$scratch/log" 2>&1 \
    || complain "make install DESTDIR=... fails with with_llvm=$llvm"
[ -s "$scratch/log" ] && complain_all <"$scratch/log"
for file in dupex.so dupex.control 'dupex--[0-9]*.sql' $([ $llvm = yes ] && echo dupex.index.bc); do
    [ -n "$(find "$scratch/root" -name "$file")" ] || complain "make install DESTDIR=... does not install $file"
done
as_user find src -name '*.bc' -delete
conclude
