#!/usr/bin/env bash
# make sanitize: the regression and isolation tests on a server with the address and the
# undefined behaviour sanitizer, then the regression tests' statements under valgrind.
#
#   sanitize.sh [asan] [valgrind]      both without arguments
#
# Environment: VALGRIND_SECONDS (default 60, for each test file; a statement gets a quarter).
#
# The server is Debian's own: only dupex is compiled with the sanitizers, and their libraries
# are preloaded. That finds faults in what dupex does with the stack, with static data, with
# arithmetic and with memory of malloc; an overrun inside PostgreSQL's own memory contexts it
# cannot see, so parsers are pure C and are fuzzed by themselves (make fuzz).
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"

# a server tree of its own also where the work folder is kept: its postgres is replaced
if [ -n "${DUPEX_WORK:-}" ]; then DUPEX_WORK=$DUPEX_WORK/sanitize; fi
stages=${*:-asan valgrind}
failed=0

need_server
need_packages make valgrind
make_sandbox
binary=$PG_BIN/postgres
[ -x "$binary.stock" ] || mv "$binary" "$binary.stock"

# put_server SCRIPT: what the server's programs find under the name of postgres. It lies beside
# the real one, which finds its files from there.
put_server() {
    rm -f "$binary"
    printf '%s\n' '#!/bin/sh' "$1" >"$binary"
    chmod 755 "$binary"
}

run_asan() {
    local kind flags
    # undefined behaviour is told in the server's log and the tests go on: a server that ends takes
    # the tests that follow with it, and what they would have found
    flags="-O1 -g -U_FORTIFY_SOURCE -fno-wrapv -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow"
    say "building with the sanitizers"
    as_user make -C "$SRC" -s PG_CONFIG="$PG_BIN/pg_config" clean >/dev/null
    build_dupex COPT="$flags"
    gcc -O1 -fPIC -shared -o "$WORK/gettext_shim.so" "$ROOT/test/check/gettext_shim.c" || die "gettext_shim.c does not compile"
    put_server "LD_PRELOAD='$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so) $WORK/gettext_shim.so' \\
ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:detect_stack_use_after_return=0 UBSAN_OPTIONS=print_stacktrace=1 \\
exec '$binary.stock' \"\$@\""
    say "regression and isolation tests under the sanitizers"
    rm -f "$WORK/asan.log"
    for kind in ISOLATION REGRESS; do
        if ! as_user make -C "$SRC" -s with_llvm=no PG_CONFIG="$PG_BIN/pg_config" TAP_TESTS= $kind= installcheck >>"$WORK/asan.log" 2>&1; then
            failed=1
            find "$SRC" -maxdepth 2 -name regression.diffs -exec head -n 100 {} \;
        fi
    done
    grep -E 'FAILED|Bail' "$WORK/asan.log"
    # the sanitizers write to the server's log: what they say, how often, and where it was first
    if find "$SRC/log" "$SRC/output_iso" -name '*.log' -exec grep -hE 'runtime error|AddressSanitizer' {} + 2>/dev/null | sort | uniq -c | grep .; then
        failed=1
        find "$SRC/log" "$SRC/output_iso" -name '*.log' -exec grep -hE -A 30 'runtime error|AddressSanitizer' {} + | head -n 200
    fi
    [ "$failed" = 0 ] && grep -E 'All [0-9]+ tests? passed|tests passed' "$WORK/asan.log"
}

run_valgrind() {
    local file seconds=${VALGRIND_SECONDS:-60}
    command -v valgrind >/dev/null || { say "skipped: there is no valgrind"; return; }
    say "building without the sanitizers"
    as_user make -C "$SRC" -s PG_CONFIG="$PG_BIN/pg_config" clean >/dev/null
    build_dupex COPT="-O1 -g"
    put_server "exec '$binary.stock' \"\$@\""
    rm -rf "$WORK/data" "$WORK/valgrind"; mkdir "$WORK/valgrind"; chmod 777 "$WORK/valgrind"
    start_server "client_connection_check_interval = 1s" "statement_timeout = $((seconds * 250))ms"
    stop_server
    put_server "exec valgrind --quiet --trace-children=no --num-callers=25 --log-file='$WORK/valgrind/%p.log' '$binary.stock' \"\$@\""
    say "the regression tests' statements under valgrind"
    as_user pg_ctl -D "$PGDATA" -l "$WORK/server.log" -w -t 180 -s start </dev/null || die "the server did not start under valgrind"
    as_user createdb -U postgres regression
    as_user psql -Xq -U postgres -d regression -c "CREATE EXTENSION dupex" || failed=1
    for file in "$SRC"/test/sql/*.sql; do
        # whether the answers are right is not asked here
        (cd "$SRC" && as_user timeout "$seconds" psql -Xq -U postgres -d regression -f "$file" >/dev/null 2>&1)
        [ $? = 124 ] && say "$(basename "$file"): cut off after $seconds s"
    done
    as_user pg_ctl -D "$PGDATA" -m fast -w -t 180 -s stop
    # A finding is a paragraph. PostgreSQL's own, such as padding written to a file, have no
    # function of dupex on the stack.
    if cat "$WORK"/valgrind/*.log | sed 's/^==[0-9]*== \{0,1\}//' | awk -v RS= '/ 0x[0-9A-F]+: dupex_/ { print $0 "\n"; found = 1 } END { exit !found }'; then failed=1
    else echo "valgrind: $(find "$SRC/test/sql" -name '*.sql' | wc -l) test files, nothing to complain about"; fi
}

for stage in $stages; do
    case $stage in asan|valgrind) "run_$stage" ;; *) die "sanitize.sh: no such stage: $stage" ;; esac
done
[ "$failed" = 0 ]
