#!/usr/bin/env bash
# plpgsql_check finds nothing in the plpgsql functions of the extension and of a marketing
# database: no error, no warning, no unsafe EXECUTE.
#
# plpgsql_check.allow beside this script holds what it gets wrong: lines of
# "function | part of the message | why"; an entry that no longer matches is an error too, unless it
# begins with "?": only some versions of plpgsql_check say that.
set -uo pipefail
. "$(dirname "$0")/sandbox.sh"
. "$(dirname "$0")/files.sh"
: "${WORK:?run by check.sh or lint.sh, which build the library}" "${PG_BIN:?}"
here=$ROOT/test/check

if [ ! -f "$WORK/pg$PG_SHARE/extension/plpgsql_check.control" ]; then
    say "skipped: there is no plpgsql_check"; exit 0
fi

# a data directory and a socket of its own, whatever else runs in the work folder
WORK=$WORK/plpgsql
rm -rf "$WORK"; mkdir -p "$WORK/tmp"
[ "$(id -u)" = 0 ] && chown -R postgres: "$WORK"
trap 'stop_server; rm -rf "$WORK"' EXIT
start_server ""
as_user psql -Xq -U postgres -d postgres <"$here/plpgsql_check.sql" >"$WORK/findings" 2>"$WORK/errors" \
    || { cat "$WORK/findings" "$WORK/errors"; exit 1; }
[ -s "$WORK/errors" ] && complain_all <"$WORK/errors"

: >"$WORK/allowed"
if [ -f "$here/plpgsql_check.allow" ]; then
    while IFS='|' read -r function message _; do
        case $function in '#'*|'') continue ;; esac
        if ! grep -F -- "${function#\?}" "$WORK/findings" | grep -F -- "$message" >>"$WORK/allowed" && [ "${function#\?}" = "$function" ]; then
            complain "plpgsql_check.allow: nothing to allow any more: $function | $message"
        fi
    done < <(sed 's/ *| */|/g' "$here/plpgsql_check.allow")
fi
grep -E '^checked ' "$WORK/findings"
complain_all < <(grep -vE '^checked |^$' "$WORK/findings" | grep -vxFf "$WORK/allowed")
conclude
