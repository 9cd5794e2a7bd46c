#!/usr/bin/env bash
# make lint: what can be said of the sources without running them. The static checks of
# make check, then two compilers' warnings, gcc's and clang's analyzers, cppcheck, shellcheck.
# Fails when any of them says anything; a tool that is not there is skipped by name.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"

need_server
need_packages make clang clang-tidy cppcheck shellcheck pg-bsd-indent "postgresql-$PG_MAJOR-plpgsql-check"
make_sandbox
say "building"
build_dupex COPT=-Werror
cd "$ROOT" || exit 1

failures=() skips=()

# step NAME COMMAND...: anything but status 0 is a failure
step() {
    local name=$1; shift
    say "$name"
    "$@" || failures+=("$name")
}
# tool_step TOOL NAME COMMAND...: likewise, when there is such a tool
tool_step() {
    if command -v "$1" >/dev/null; then step "${@:2}"; else say "skipped: there is no $1"; skips+=("$1"); fi
}
# for_each FILE... -- COMMAND...: the command for each file; fails when one of them fails
for_each() {
    local files=() file status=0
    while [ "$1" != -- ]; do files+=("$1"); shift; done
    shift
    for file in "${files[@]}"; do "$@" "$file" || status=1; done
    return $status
}

mapfile -t pure < <(pure_files | grep '\.c$')
mapfile -t facing < <(pg_files | grep '\.c$')
defines=(-DDUPEX_VERSION='"lint"' -Isrc)
server=(-isystem "$(server_include)")
clang=$(find_clang) || clang=clang

# The Makefile's warnings and those that would be noise in PostgreSQL's headers, which count as
# system headers here. Implicit conversions only on the pure side: Datum and int are mixed
# freely in PostgreSQL's macros.
warnings=(-Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
          -Wnull-dereference -Wpointer-arith -Wwrite-strings -Wvla -Wundef -Wdeclaration-after-statement
          -Wno-unused-parameter -Wno-missing-field-initializers -fwrapv -Werror)
gcc_only=(-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wimplicit-fallthrough=4)
conversions=(-Wconversion -Wcast-qual)
compile=(-c -o /dev/null)

for script in test/check/static_*.sh; do
    step "$(basename "$script" .sh)" env SANDBOX_READY=1 WORK="$WORK" SRC="$SRC" PG_BIN="$PG_BIN" bash "$script"
done

step "gcc, pure C" for_each "${pure[@]}" -- gcc -std=gnu99 -O2 "${warnings[@]}" "${gcc_only[@]}" "${conversions[@]}" "${defines[@]}" "${compile[@]}"
step "gcc, PostgreSQL's side" for_each "${facing[@]}" -- gcc -std=gnu99 -O2 "${warnings[@]}" "${gcc_only[@]}" "${defines[@]}" "${server[@]}" "${compile[@]}"
tool_step "$clang" "clang" for_each "${pure[@]}" "${facing[@]}" -- \
    "$clang" -std=gnu99 -O2 "${warnings[@]}" "${defines[@]}" "${server[@]}" "${compile[@]}"
step "gcc -fanalyzer" for_each "${pure[@]}" "${facing[@]}" -- \
    gcc -std=gnu99 -O1 -fanalyzer -Werror "${defines[@]}" "${server[@]}" "${compile[@]}"

tidy() {
    # clang-tidy counts the warnings that it suppressed in headers on its standard error
    clang-tidy --quiet --warnings-as-errors='*' --checks="$tidy_checks" "$1" -- -std=gnu99 "${defines[@]}" "${server[@]}" \
        2>"$WORK/tidy.log" || { cat "$WORK/tidy.log"; return 1; }
}
# What is left out: advice on names and on C11's Annex K, and conversions, where gcc's own
# warnings are finer (a product of two small ints as an offset is not a fault, nor is strcpy of
# a constant where gcc sees the room for it, nor a message cut off by
# snprintf, nor a recurrence that counts a double up by 1).
tidy_checks='-*,bugprone-*,clang-analyzer-*,cert-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier'
tidy_checks+=',-bugprone-narrowing-conversions,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling'
tidy_checks+=',-clang-analyzer-security.insecureAPI.strcpy,-clang-analyzer-security.FloatLoopCounter,-cert-flp30-c'
tidy_checks+=',-bugprone-implicit-widening-of-multiplication-result,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c'
tool_step clang-tidy "clang-tidy" for_each "${pure[@]}" "${facing[@]}" -- tidy

tool_step cppcheck "cppcheck" cppcheck --quiet --std=c99 --enable=warning,performance,portability --error-exitcode=1 \
    --inline-suppr '-Dereport(...)=abort()' '-Delog(...)=abort()' '-DPG_RETURN_DATUM(x)=return(x)' --suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro \
    '-DDUPEX_VERSION="lint"' src

mapfile -t scripts < <(project_files \( -name '*.sh' -o -path './.ci/run' \))
step "bash -n" for_each "${scripts[@]}" -- bash -n
tool_step shellcheck "shellcheck" shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR "${scripts[@]}"

[ ${#skips[@]} = 0 ] || say "skipped for want of the tool: ${skips[*]}"
if [ ${#failures[@]} = 0 ]; then echo "lint: nothing to complain about"; exit 0; fi
printf 'lint: failed: %s\n' "${failures[@]}"
exit 1
