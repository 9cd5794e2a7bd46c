#!/usr/bin/env bash
# make check: every test from nothing, on a server of its own; ends with "N passed, N failed".
#
#   check.sh                        everything
#   check.sh regress [NAME...]      the regression tests (or those named)
#   check.sh isolation [NAME...]    likewise
#   check.sh tap [FILE...]          likewise, test/t/NAME.pl
#   check.sh static                 what make lint looks at, and the unit tests of the pure C
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"

passed=0 failed=0 skipped=0
count() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

need_server
need_packages libipc-run-perl "postgresql-$PG_MAJOR-plpgsql-check" make
make_sandbox
say "building"
build_dupex COPT=-Werror

make_installcheck() {
    local folder=$1; shift
    as_user make -C "$folder" -s with_llvm=no PG_CONFIG="$PG_BIN/pg_config" "$@" installcheck
}

# pg_regress and pg_isolation_regress print "test NAME ... ok", from PostgreSQL 16 on "ok 1 - NAME"; prove
# prints one line a test with -v
run_regress() {
    local kind=$1 names=$2 log=$WORK/$1.log
    say "$kind tests"
    if [ "$kind" = regress ]; then make_installcheck "$SRC" ISOLATION= TAP_TESTS= ${names:+REGRESS="$names"} 2>&1 | tee "$log"
    else make_installcheck "$SRC" REGRESS= TAP_TESTS= ${names:+ISOLATION="$names"} 2>&1 | tee "$log"; fi
    local status=${PIPESTATUS[0]} ok bad
    ok=$(grep -cE '^((test | {4,}).*\.\.\. ok|ok [0-9]+ +[-+] )' "$log"); bad=$(grep -cE '^((test | {4,}).*\.\.\. (failed )?FAILED|not ok [0-9]+ +[-+] )' "$log")
    passed=$((passed + ok)); failed=$((failed + bad))
    if [ "$status" != 0 ]; then
        [ "$bad" = 0 ] && failed=$((failed + 1))
        local diffs
        for diffs in "$SRC/regression.diffs" "$SRC/output_iso/regression.diffs"; do [ -f "$diffs" ] && cat "$diffs"; done
    fi
}

# TAP tests have servers of their own and wait much of their time, so they run beside the others, in a
# copy of the sources: the folders of results have the same names.
start_tap() {
    local files=$1
    rm -rf "$WORK/tap"
    cp -a "$SRC" "$WORK/tap"
    make_installcheck "$WORK/tap" REGRESS= ISOLATION= PROVE_FLAGS=-v ${files:+PROVE_TESTS="$files"} >"$WORK/tap.log" 2>&1 &
    tap_job=$!
}

finish_tap() {
    local log=$WORK/tap.log status
    say "TAP tests"
    wait "$tap_job"; status=$?
    grep -aE '^( *not ok| *ok|test/t/|# +(Failed|got|expected|at )|.*# skip|Bail out|Result)' "$log"
    passed=$((passed + $(grep -aE '^ok [0-9]+' "$log" | grep -avc '# skip')))
    skipped=$((skipped + $(grep -aE '^ok [0-9]+' "$log" | grep -ac '# skip') + $(grep -ac '\.\. skipped:' "$log")))
    local bad; bad=$(grep -acE '^not ok [0-9]+' "$log"); failed=$((failed + bad))
    if [ "$status" != 0 ]; then [ "$bad" = 0 ] && failed=$((failed + 1)); tail -n 60 "$log"; fi
}

run_static() {
    local script
    for script in "$ROOT"/test/check/static_*.sh; do
        [ -e "$script" ] || continue
        say "$(basename "$script" .sh)"
        SANDBOX_READY=1 WORK=$WORK SRC=$SRC PG_BIN=$PG_BIN bash "$script"; count $?
    done
}

stage=${1:-all}; shift || true
case $stage in
    all) run_static; start_tap ""; run_regress regress ""; run_regress isolation ""; finish_tap ;;
    regress|isolation) run_regress "$stage" "$*" ;;
    tap) start_tap "$*"; finish_tap ;;
    static) run_static ;;
    *) die "check.sh: no such stage: $stage" ;;
esac

if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"
else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
