#!/usr/bin/env bash
# How long a single call of each recording function takes: 8 clients on the sample at scale 10,
# each call a transaction that is committed to disk. One line a function: the calls, the time that
# the server's processors spent on one (the start of the 8 sessions, with their first plans, is in
# it), and the percentiles of the time from sending a call to its answer. The aim is 95 % under
# 2 ms. The first line, a plain INSERT of a response, is what to hold the others against where the
# machine has other things to do.
#
#   SCALE=10 CLIENTS=8 SECONDS_EACH=10 RATE=400 test/bench/record_functions.sh
#
# RATE is the number of calls a second, of all clients together; 0 is as many as possible: then
# the clients wait for the processors, and the time is that of 8 calls on as many as there are.
set -uo pipefail
. "$(dirname "$0")/../check/sandbox.sh"
scale=${SCALE:-10} clients=${CLIENTS:-8} seconds=${SECONDS_EACH:-10} rate=${RATE:-400}

need_server
make_sandbox
build_dupex
trap leave_sandbox EXIT
start_server "fsync = on" "shared_buffers = 512MB" "max_wal_size = 4GB" "checkpoint_timeout = 30min" "autovacuum = off"
psql() { as_user psql -XqAt -v ON_ERROR_STOP=1 -U postgres -d bench "$@"; }
as_user createdb -U postgres bench
psql -c "ALTER DATABASE bench SET search_path = public, dupex"

say "sample at scale $scale"
psql <<SQL
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SELECT dupex.install('marketing') IS NOT NULL AND dupex.load_sample('marketing', $scale) IS NOT NULL;
SET search_path = marketing, dupex;
VACUUM ANALYZE;
-- what the calls pick from, by a number without gaps
CREATE TABLE public.some_lead AS SELECT row_number() OVER () AS n, customer_id, lead_id FROM lead WHERE status = 'open' AND salesperson_id IS NOT NULL;
CREATE TABLE public.some_order AS SELECT row_number() OVER () AS n, customer_id, customer_order_id FROM customer_order WHERE customer_id <> 0;
CREATE TABLE public.some_touch AS SELECT row_number() OVER () AS n, customer_id, touch_id FROM touch LIMIT 100000;
CREATE TABLE public.some_event AS SELECT row_number() OVER () AS n, event_id FROM event WHERE status <> 'cancelled' AND starts_at < now();
CREATE TABLE public.some_source AS SELECT row_number() OVER () AS n, source_code::text AS code FROM source WHERE campaign IS NOT NULL AND NOT is_hold_out;
CREATE UNIQUE INDEX ON public.some_lead (n); CREATE UNIQUE INDEX ON public.some_order (n); CREATE UNIQUE INDEX ON public.some_touch (n);
CREATE UNIQUE INDEX ON public.some_event (n); CREATE UNIQUE INDEX ON public.some_source (n);
VACUUM ANALYZE public.some_lead, public.some_order, public.some_touch, public.some_event, public.some_source;
CHECKPOINT;
SQL
people=$(psql -c "SELECT max(customer_id) FROM marketing.customer")
leads=$(psql -c "SELECT count(*) FROM public.some_lead")
orders=$(psql -c "SELECT count(*) FROM public.some_order")
touches=$(psql -c "SELECT count(*) FROM public.some_touch")
events=$(psql -c "SELECT count(*) FROM public.some_event")
sources=$(psql -c "SELECT count(*) FROM public.some_source")

printf 'machine: %s, %s processors, load before %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
printf '%-20s %8s %9s %9s %9s %9s %9s %9s\n' function calls 'calls/s' cpu_ms median_ms p95_ms p99_ms under_2ms
# seconds * 100 of the processors that the ended backends have used
postmaster=$(head -n 1 "$PGDATA/postmaster.pid")
used() { awk '{ print $16 + $17 }' "/proc/$postmaster/stat"; }
pace=(); [ "$rate" != 0 ] && pace=(-R "$rate")
measure() {
    local name=$1 call=$2 script=$WORK/tmp/$1.sql
    {
        printf '%s\n' "\\set person random(1, $people)" "\\set l random(1, $leads)" "\\set o random(1, $orders)" "\\set t random(1, $touches)" \
            "\\set e random(1, $events)" "\\set s random(1, $sources)" "\\set n random(1, 1000000000000000)"
        case $call in
            INSERT*) printf '%s;\n' "$call" ;;
            *) printf 'SELECT * FROM marketing.%s(request_id => %s || :n, %s);\n' "$name" "'$name'" "$call" ;;
        esac
    } >"$script"
    chmod 644 "$script"
    rm -f "$WORK"/tmp/log.*
    local before; before=$(used)
    ( cd "$WORK/tmp" && as_user pgbench -n -M prepared -U postgres -c "$clients" -j 1 -T "$seconds" "${pace[@]}" -l --log-prefix=log -f "$script" bench ) \
        >"$WORK/tmp/$name.out" 2>&1 || { cat "$WORK/tmp/$name.out" >&2; die "$name failed"; }
    if grep -q ERROR "$WORK/tmp/$name.out"; then grep -m1 -A3 ERROR "$WORK/tmp/$name.out" >&2; fi
    # third column: microseconds from when the call was due, seventh: how much later it was sent
    cat "$WORK"/tmp/log.* | awk '{ print $3 - $7 }' | sort -n | awk -v name="$name" -v seconds="$seconds" -v used="$(($(used) - before))" '
        { t[NR] = $1 / 1000; if (t[NR] < 2) fast++ }
        function p(q) { return t[int((NR - 1) * q) + 1] }
        END { printf "%-20s %8d %9.0f %9.3f %9.3f %9.3f %9.3f %8.1f%%\n", name, NR, NR / seconds, used * 10 / NR, p(.5), p(.95), p(.99), 100 * fast / NR }'
}

# the row to which a call refers is looked up within it: .02 ms more than the call itself
lead="customer => (SELECT customer_id FROM some_lead WHERE n = :l), lead => (SELECT lead_id FROM some_lead WHERE n = :l)"
order="customer => (SELECT customer_id FROM some_order WHERE n = :o), customer_order => (SELECT customer_order_id FROM some_order WHERE n = :o)"
code="(SELECT code FROM some_source WHERE n = :s)"
event="(SELECT event_id FROM some_event WHERE n = :e)"
measure plain_insert "INSERT INTO marketing.response (customer_id, responded_at, response_channel, request_id) VALUES (:person, now(), 'web', 'plain ' || :n)"
measure register_customer "name => 'somebody', email => 'somebody' || :n || '@example.com', customer_system => 'bench', customer_number => :n::text"
measure record_touch "customer => :person, source_code => $code"
measure record_touch_event "customer => (SELECT customer_id FROM some_touch WHERE n = :t), touch => (SELECT touch_id FROM some_touch WHERE n = :t), kind => 'opened'"
measure record_response "customer => :person, quoted_code => $code, channel => 'web'"
measure record_reception "customer => :person, store => 'showroom', salesperson => 1"
measure record_call "customer => :person, direction => 'outbound', result => 'reached', salesperson => 1, seconds => 90"
measure record_basket "customer => :person, basket => :n::text, kind => 'added', product => 'compact', quantity => 1, amount => 100"
measure record_door_count "store => 'showroom', visitors => 3, day => '2026-06-30'"
measure open_lead "customer => :person, product => 'compact', grade => 'intention', salesperson => 1"
measure record_visit "$lead, salesperson => 1, outcome => 'thinks it over'"
measure set_grade "$lead, grade => (ARRAY['prospective', 'intention'])[1 + :l % 2], salesperson => 1"
measure record_order "customer => :person, revenue => 100, quoted_code => $code"
measure record_return "$order, amount => 1"
measure record_expense "amount => 10, source_code => $code"
measure register_for_event "customer => :person, event => $event"
measure record_attendance "customer => :person, event => $event"
printf 'load after %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
