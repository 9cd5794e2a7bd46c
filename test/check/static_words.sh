#!/usr/bin/env bash
# No note of unfinished work, and no place or machine of its makers, in any file of the tree.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
cd "$ROOT" || exit 1

mapfile -t files < <(project_files)

# the patterns are put together so that they do not find themselves
unfinished="\\b(TO""DO|FIX""ME|X""XX)\\b"
complain_all < <(grep -nIE "$unfinished" "${files[@]}" | sed 's/^/unfinished: /')

places="(^|[^A-Za-z0-9_.])/(ho""me|ro""ot|wo""rk|Us""ers)/"
complain_all < <(grep -nIE "$places" "${files[@]}" | sed 's/^/a path of a machine: /')

# this checkout's own folder and this machine's own name, where they are more than a common word
if [ "$(printf %s "$ROOT" | tr -cd / | wc -c)" -gt 1 ]; then
    complain_all < <(grep -nIF -- "$ROOT/" "${files[@]}" | sed 's/^/the path of this checkout: /')
fi
machine=$(uname -n)
case $machine in
    localhost*) ;;
    *[0-9-]*) [ ${#machine} -ge 6 ] \
        && complain_all < <(grep -nIwF -- "$machine" "${files[@]}" | sed 's/^/the name of this machine: /') ;;
esac

complain_all < <(grep -lIE $'[ \t]+$' "${files[@]}" | grep -v '^expected/' | sed 's/$/: blanks at the end of a line/')
complain_all < <(grep -lI $'\r' "${files[@]}" | sed 's/$/: carriage returns/')
conclude
