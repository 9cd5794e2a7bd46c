#!/usr/bin/env bash
# make fuzz: throws arbitrary bytes at the pure C readers, under the address and the undefined
# behaviour sanitizer; a crash, a hang or a read past the end fails.
#
#   fuzz.sh [NAME...]      test/fuzz/fuzz_NAME.c; all of them without names
#
# Environment: FUZZ_SECONDS (default 60, for each), DUPEX_WORK (kept; holds the corpus, so that
# the next run goes on from there). The file that reproduces a crash is kept in any case.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
seconds=${FUZZ_SECONDS:-60}

need_packages clang libclang-rt-dev libc6-dev
clang=$(find_clang) || { say "skipped: there is no clang"; exit 0; }

if [ -n "${DUPEX_WORK:-}" ]; then work=$DUPEX_WORK/fuzz; else work=$(mktemp -d "${TMPDIR:-/tmp}/dupex-fuzz-XXXXXX"); fi
mkdir -p "$work"
leave() { [ -n "${DUPEX_WORK:-}" ] || [ -n "${crashed:-}" ] || rm -rf "$work"; }
trap leave EXIT

flags=(-std=gnu11 -g -O1 -fno-wrapv -fno-omit-frame-pointer -fno-sanitize-recover=all -I"$ROOT/src")
mapfile -t pure < <(pure_files | grep '\.c$')
objects=()
for file in "${pure[@]}"; do
    object=$work/$(echo "${file%.c}" | tr / _).o
    "$clang" "${flags[@]}" -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -c -o "$object" "$ROOT/$file" || die "$file does not compile"
    objects+=("$object")
done

names=("$@")
if [ ${#names[@]} = 0 ]; then
    mapfile -t names < <(project_files -path './test/fuzz/fuzz_*.c' | sed 's,.*/fuzz_\(.*\)\.c,\1,')
fi
failed=0
for name in "${names[@]}"; do
    source=$ROOT/test/fuzz/fuzz_$name.c
    [ -f "$source" ] || die "there is no $source"
    "$clang" "${flags[@]}" -fsanitize=fuzzer,address,undefined,float-cast-overflow -o "$work/fuzz_$name" "$source" "${objects[@]}" -lm \
        || die "$source does not compile"
    mkdir -p "$work/corpus/$name"
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1
             -artifact_prefix="$work/$name-")
    [ -f "$ROOT/test/fuzz/$name.dict" ] && options+=(-dict="$ROOT/test/fuzz/$name.dict")
    say "fuzz_$name, $seconds s"
    if "$work/fuzz_$name" "${options[@]}" "$work/corpus/$name" >"$work/$name.log" 2>&1; then
        printf 'fuzz_%s: %s executions, %s inputs that reach something new, no crash\n' "$name" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")" \
            "$(find "$work/corpus/$name" -type f | wc -l)"
    else
        failed=$((failed + 1)) crashed=1
        sed -n '/ERROR\|runtime error/,$p' "$work/$name.log" | head -n 60
        reproducer=$(sed -n 's/.*Test unit written to //p' "$work/$name.log" | tail -n 1)
        printf 'fuzz_%s: FAILED; the input is %s:\n' "$name" "$reproducer"
        [ -f "$reproducer" ] && od -c "$reproducer" | head -n 20
        printf 'again: %s %s\n' "$work/fuzz_$name" "$reproducer"
    fi
done
[ ${#names[@]} -gt 0 ] || say "nothing to fuzz yet"
[ "$failed" = 0 ]
