#!/usr/bin/env bash
# make demo: dupex on a sample, from nothing, and what a marketing manager reads in the morning.
#
# Installs what is missing, builds, starts a private server, makes a marketing database, fills it
# with the sample, lets pg_cron fire the nightly job, runs it for three more nights by hand, and
# prints the reports (demo.sql).
#
#   make demo KEEP=1          leaves the server running and says how to connect and how to stop it
#   make demo SCALE=0.1       another size of the sample; 1 is about 100,000 touches
set -euo pipefail
KEEP=${KEEP:-} SCALE=${SCALE:-1}
started=$SECONDS

# what is to stay must not be the sandbox's own work folder, which goes at the end
if [ -n "$KEEP" ] && [ -z "${DUPEX_WORK:-}" ]; then DUPEX_WORK=$(mktemp -d "${TMPDIR:-/tmp}/dupex-demo-XXXXXX"); fi
. "$(dirname "$0")/../check/sandbox.sh"
here=$ROOT/test/demo

as_admin() { as_user psql -Xq -v ON_ERROR_STOP=1 -U postgres -d demo "$@"; }
ask() { as_admin -At -c "$1"; }

# wait_for SECONDS QUESTION: until psql answers t
wait_for() {
    local tries=$(($1 * 5))
    until [ "$(ask "$2")" = t ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { tail -n 20 "$WORK/server.log" >&2; die "waited $1 seconds in vain: $2"; }
        sleep .2
    done
}

need_server
need_packages make
make_sandbox
say "building"
build_dupex
if [ -d "$WORK/data" ]; then
    # an earlier demo in the same work folder
    PGDATA=$WORK/data stop_server
    rm -rf "$WORK/data"
fi
[ -n "$KEEP" ] || [ -z "${DUPEX_WORK:-}" ] || trap stop_server EXIT
say "starting a private server in $WORK"
start_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'demo'" "cron.use_background_workers = on" \
    "max_wal_size = 4GB"
PGOPTIONS="-c client_min_messages=warning"
as_user createdb -U postgres demo

say "CREATE EXTENSION dupex; SELECT dupex.install('marketing'); SELECT dupex.load_sample('marketing', $SCALE)"
as_admin -c "CREATE EXTENSION dupex" -c "ALTER DATABASE demo SET search_path = public, dupex"
ask "SELECT dupex.install('marketing')" | sed 's/^/   /' >&2
begun=$SECONDS
ask "SELECT dupex.load_sample('marketing', $SCALE)" | sed 's/^/   /' >&2
say "the sample took $((SECONDS - begun)) seconds"

# A real firing: pg_cron runs what is scheduled @reboot when the server starts. The clock is months
# after the end of the sample, so the steps that act on what has become old wait for the nights below.
ask "UPDATE marketing.job_step SET is_enabled = false WHERE step IN ('move stale leads', 'plan visits', 'refresh value')"
say "pg_cron fires the nightly job: SELECT * FROM marketing.schedule_jobs()"
as_admin -c "CREATE EXTENSION pg_cron" -c "UPDATE marketing.setting SET value = '@reboot' WHERE setting = 'job_daily_schedule'" \
    -c "SELECT marketing.schedule_jobs()" -o /dev/null
as_user pg_ctl -D "$PGDATA" -l "$WORK/server.log" -w -s -m fast restart </dev/null
wait_for 120 "SELECT count(*) > 0 FROM cron.job_run_details WHERE status = 'succeeded' AND command LIKE '%run_daily%'"
as_admin -c "UPDATE marketing.setting SET value = '15 2 * * *' WHERE setting = 'job_daily_schedule'" -c "SELECT marketing.schedule_jobs()" -o /dev/null

ask "UPDATE marketing.job_step SET is_enabled = true"

say "three more nights by hand, with what comes in by day: CALL marketing.run_daily(as_of)"
for day in 2026-07-01 2026-07-02 2026-07-03; do
    as_admin -v day=$day <"$here/day.sql"
    [ $day != 2026-07-03 ] || as_admin <"$here/lists.sql"
    as_admin -c "CALL marketing.run_daily(date '$day' + interval '1 day 2 hours 15 minutes')"
done

as_admin <"$here/demo.sql"

printf '\nFrom the sources to these reports: %d seconds.\n' $((SECONDS - started))
if [ -n "$KEEP" ]; then
    runner=""
    [ "$(id -u)" = 0 ] && runner="runuser -u postgres -- "
    cat <<END

The server is running. To look around, and to stop it:
  $PG_BIN/psql -h $PGHOST -p $PGPORT -U postgres demo
  $runner$PG_BIN/pg_ctl -D $PGDATA -m fast stop; rm -rf $WORK
END
fi
