#!/usr/bin/env bash
# How long a single call of each recording function takes: 8 clients on the sample at scale 10,
# each call a transaction that is committed to disk. One line a function: the calls, the time that
# the server's processors spent on one (the start of the 8 sessions, with their first plans, is in
# it), and the percentiles of the time from sending a call to its answer. The first ten calls of a
# session make its plans and are left out of the percentiles: apps keep their connections; what the
# very first takes stands in the last column. The aim is 95 % under 2 ms.
#
# stolen: of the processors' time that was wanted, the share that a virtual machine did not get,
# because its host served others. Then calls wait for a processor, or for whoever writes the log and
# waits for one, and the line says nothing of the functions. A line of more than 1 % is measured
# again after ten seconds, at most TRIES times; the last one counts. The sum at the end is of all
# lines, and of those of at most 1 %. The first line, a plain INSERT of a response, is what to hold
# the others against.
#
#   SCALE=10 CLIENTS=8 SECONDS_EACH=5 RATES="400 0" TRIES=1 LOCK= test/bench/record_functions.sh [FUNCTION...]
#
# RATES are numbers of calls a second, of all clients together; 0 is as many as possible: then the
# clients wait for the processors, and the time is that of 8 calls on as many as there are.
# LOCK is a command that is put before the measuring at one rate, such as "flock FILE", where others
# use the machine: the sample, which takes minutes, is made outside of it.
set -uo pipefail
. "$(dirname "$0")/../check/sandbox.sh"
export SCALE=${SCALE:-10} CLIENTS=${CLIENTS:-8} SECONDS_EACH=${SECONDS_EACH:-5} RATES=${RATES:-400 0} TRIES=${TRIES:-1}
# leads that one measurement at a rate may close
closable() { echo $((SECONDS_EACH * ($1 > 0 ? 2 * $1 : 3000))); }
psql() { as_user psql -XqAt -v ON_ERROR_STOP=1 -U postgres -d bench "$@"; }

# The server, the sample, and what the calls pick from, by a number without gaps.
prepare() {
    local rate first=-1 all_closable=0
    for rate in $RATES; do all_closable=$((all_closable + 2 * TRIES * $(closable "$rate"))); done
    need_server
    make_sandbox
    build_dupex
    trap leave_sandbox EXIT
    start_server "fsync = on" "shared_buffers = 512MB" "max_wal_size = 4GB" "checkpoint_timeout = 30min" "autovacuum = off"
    as_user createdb -U postgres bench
    psql -c "ALTER DATABASE bench SET search_path = public, dupex"
    say "sample at scale $SCALE"
    psql <<SQL >/dev/null || die "no sample"
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SELECT dupex.install('marketing') IS NOT NULL AND dupex.load_sample('marketing', $SCALE) IS NOT NULL;
SET search_path = marketing, dupex;
CREATE TABLE public.some_lead AS SELECT row_number() OVER () AS n, customer_id, lead_id FROM lead WHERE status = 'open' AND salesperson_id IS NOT NULL;
CREATE TABLE public.some_order AS SELECT row_number() OVER () AS n, customer_id, customer_order_id FROM customer_order WHERE customer_id <> 0;
CREATE TABLE public.some_touch AS SELECT row_number() OVER () AS n, customer_id, touch_id FROM touch LIMIT 100000;
UPDATE event SET maximum_number = NULL;     -- the calls would fill it
CREATE TABLE public.some_event AS SELECT row_number() OVER () AS n, event_id FROM event WHERE status <> 'cancelled' AND starts_at < now();
CREATE TABLE public.some_source AS SELECT row_number() OVER () AS n, source_code::text AS code FROM source WHERE campaign IS NOT NULL AND NOT is_hold_out;
-- leads to be closed, by one call each, of people who have an order
CREATE TABLE public.closable AS
SELECT o.n, l.customer_id, l.lead_id, o.customer_order_id
  FROM (SELECT row_number() OVER () - 1 AS n, s.* FROM (SELECT customer_id, customer_order_id FROM public.some_order) s, generate_series(1, 200) g
         LIMIT $all_closable) o,
       open_lead(customer => o.customer_id, product => 'compact', grade => 'prospective', salesperson => 1 + o.n % 2, request_id => 'closable ' || o.n) l;
CREATE UNIQUE INDEX ON public.some_lead (n); CREATE UNIQUE INDEX ON public.some_order (n); CREATE UNIQUE INDEX ON public.some_touch (n);
CREATE UNIQUE INDEX ON public.some_event (n); CREATE UNIQUE INDEX ON public.some_source (n); CREATE UNIQUE INDEX ON public.closable (n);
VACUUM ANALYZE;
CHECKPOINT;
SQL
    export WORK PG_BIN PGDATA PGHOST PGPORT
    for rate in $RATES; do
        # shellcheck disable=SC2086
        MEASURE=yes RATE=$rate FIRST=$first ${LOCK:-} bash "$0" "$@"
        first=$((first + 2 * TRIES * $(closable "$rate") / CLIENTS))
    done
}

# measure LABEL CALL: LABEL is the function, and perhaps after a slash what of it
measure() {
    local label=$1 call=$2 function=${1%%/*} line try
    case " ${wanted:-$function} " in *" $function "*) ;; *) return ;; esac
    for ((try = 0; try < TRIES; try++)); do
        if [ "$try" != 0 ]; then sleep 10; fi
        line=$(measure_once) || exit 1
        case $call in *closable*) first_closable=$((first_closable + $(closable "$rate") / CLIENTS)) ;; esac
        if awk '{ exit $9 + 0 > 1 }' <<<"$line"; then break; fi
    done
    tee -a "$WORK/tmp/lines" <<<"$line"
}

# one line about the call
measure_once() {
    local script=$WORK/tmp/call.sql before machine pace=()
    {
        printf '%s\n' "\\set person random(1, $people)" "\\set l random(1, $leads)" "\\set o random(1, $orders)" "\\set t random(1, $touches)" \
            "\\set e random(1, $events)" "\\set s random(1, $sources)" "\\set n random(1, 1000000000000000)" \
            "\\set k :k + 1" "\\set c :k * $CLIENTS + :client_id"
        case $call in
            INSERT* | SELECT*) printf '%s;\n' "$call" ;;
            *) printf "SELECT * FROM marketing.%s(request_id => '%s' || :n, %s);\n" "$function" "$label" "$call" ;;
        esac
    } >"$script"
    chmod 644 "$script"
    rm -f "$WORK"/tmp/log.*
    [ "$rate" != 0 ] && pace=(-R "$rate")
    before=$(used) machine=$(stolen)
    ( cd "$WORK/tmp" && as_user pgbench -n -M prepared -U postgres -D "k=$first_closable" -c "$CLIENTS" -j 1 -T "$SECONDS_EACH" "${pace[@]}" -l --log-prefix=log -f "$script" bench ) \
        >"$WORK/tmp/pgbench.out" 2>&1 || { cat "$WORK/tmp/pgbench.out" >&2; die "$label failed"; }
    if grep -q ERROR "$WORK/tmp/pgbench.out"; then grep -m1 -A3 ERROR "$WORK/tmp/pgbench.out" >&2; fi
    while [ "$(psql -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'")" != 0 ]; do sleep .1; done
    sleep .1
    machine="$machine $(stolen)"
    # first column: the client, second: the number of its call, third: microseconds from when
    # the call was due, seventh: how much later it was sent
    cat "$WORK"/tmp/log.* | awk '{ print $3 - (NF > 6 ? $7 : 0), $2 }' | sort -n |
        awk -v label="$label" -v seconds="$SECONDS_EACH" -v used="$(($(used) - before))" -v machine="$machine" '
        $2 == 1 { first += $1 / 1000; sessions++ }
        $2 > 10 { t[++n] = $1 / 1000; if (t[n] < 2) fast++ }
        function p(q) { return t[int((n - 1) * q) + 1] }
        END { split(machine, m, " ")
              printf "%-24s %8d %9.0f %9.3f %9.3f %9.3f %9.3f %8.1f%% %8.1f%% %9.1f\n", label, NR, NR / seconds, used * 10 / NR, p(.5), p(.95), p(.99),
                     100 * fast / n, 100 * (m[3] - m[1]) / (m[4] - m[2]), first / sessions }'
}

# hundredths of seconds of the processors: stolen, and wanted, which is all but idle and waiting for the disk
stolen() { awk '$1 == "cpu" { print $9, $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }

# Of all calls of the functions, how many took less than 2 ms.
sum_up() {
    awk '/^(register|record|open|set|close|customer)_/ {
             n += $2; fast += $2 * $8
             if ($9 + 0 <= 1) { quiet += $2; quiet_fast += $2 * $8; lines++ }
             all++
         }
         END { if (all) printf "all functions: %.1f %% of %d calls under 2 ms", fast / n, n
               if (quiet) printf "; %.1f %% in the %d of %d lines with at most 1 %% stolen", quiet_fast / quiet, lines, all
               print "" }' "$WORK/tmp/lines"
}

# hundredths of seconds of the processors that the ended backends have used
used() { awk '{ print $16 + $17 }' "/proc/$(head -n 1 "$PGDATA/postmaster.pid")/stat"; }
count() { psql -c "SELECT coalesce(max(n), 0) FROM public.$1"; }

# The row to which a call refers is looked up within it: .02 ms more than the call itself.
measure_all() {
    local lead="customer => (SELECT customer_id FROM some_lead WHERE n = :l), lead => (SELECT lead_id FROM some_lead WHERE n = :l)"
    local open="customer => (SELECT customer_id FROM closable WHERE n = :c), lead => (SELECT lead_id FROM closable WHERE n = :c)"
    local order="customer => (SELECT customer_id FROM some_order WHERE n = :o), customer_order => (SELECT customer_order_id FROM some_order WHERE n = :o)"
    local code="(SELECT code FROM some_source WHERE n = :s)" event="(SELECT event_id FROM some_event WHERE n = :e)"
    measure plain_insert "INSERT INTO marketing.response (customer_id, responded_at, response_channel, request_id) VALUES (:person, now(), 'web', 'plain ' || :n)"
    measure register_customer "name => 'somebody', email => 'somebody' || :n || '@example.com', customer_system => 'bench', customer_number => :n::text"
    measure record_touch "customer => :person, source_code => $code"
    measure record_touch_event "customer => (SELECT customer_id FROM some_touch WHERE n = :t), touch => (SELECT touch_id FROM some_touch WHERE n = :t), kind => 'opened'"
    measure record_response "customer => :person, quoted_code => $code, channel => 'web'"
    measure record_reception "customer => :person, store => 'showroom', salesperson => 1"
    measure record_call/outbound "customer => :person, direction => 'outbound', result => 'reached', salesperson => 1, seconds => 90"
    measure record_call/inbound "customer => :person, direction => 'inbound', result => (ARRAY['offered', 'answered', 'lost'])[1 + :k % 3], quoted_code => $code, call_reference => :n::text"
    measure record_basket "customer => :person, basket => :n::text, kind => 'added', product => 'compact', quantity => 1, amount => 100"
    measure record_door_count "store => 'showroom', visitors => 3, day => '2026-06-30'"
    measure open_lead/salesperson "customer => :person, product => 'compact', grade => 'intention', salesperson => 1"
    measure open_lead/marketing "customer => :person, product => 'compact', grade => 'potential', team => 'marketing', reason => 'asked for a brochure'"
    measure open_lead/code "customer => :person, product => 'compact', quoted_code => $code"
    measure record_visit "$lead, salesperson => 1, outcome => 'thinks it over'"
    measure record_visit/grade "$lead, salesperson => 1, grade => (ARRAY['prospective', 'intention'])[1 + :k % 2], next_visit_on => current_date + 7"
    measure set_grade "$lead, grade => (ARRAY['prospective', 'intention'])[1 + :k % 2], salesperson => 1"
    measure close_lead/lost "$open, outcome => 'lost', reason => 'price', competitor => 'the other one', competitor_price => 17000, salesperson => 1"
    measure close_lead/won "$open, outcome => 'won', customer_order => (SELECT customer_order_id FROM closable WHERE n = :c), salesperson => 1"
    measure record_order "customer => :person, revenue => 100, quoted_code => $code"
    measure record_order/lines "customer => :person, lines => '[{\"product\": \"compact\", \"unit_price\": 21900}, {\"description\": \"winter tyres\", \"quantity\": 4, \"unit_price\": 89.5}]'"
    measure record_return "$order, amount => 1"
    measure record_expense "amount => 10, source_code => $code"
    measure register_for_event "customer => :person, event => $event"
    measure record_attendance "customer => :person, event => $event"
    measure customer_card "SELECT * FROM marketing.customer_card(customer => :person)"
}

if [ -z "${MEASURE:-}" ]; then prepare "$@"; exit; fi
wanted="$*"
people=$(psql -c "SELECT max(customer_id) FROM marketing.customer") leads=$(count some_lead) orders=$(count some_order) touches=$(count some_touch)
events=$(count some_event) sources=$(count some_source)
printf 'machine: %s, %s processors, load before %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
rate=$RATE first_closable=$FIRST
printf '%s clients, %s\n' "$CLIENTS" "$(if [ "$rate" = 0 ]; then echo 'as many calls as they can send'; else echo "$rate calls a second"; fi)"
printf '%-24s %8s %9s %9s %9s %9s %9s %9s %9s %9s\n' function calls 'calls/s' cpu_ms median_ms p95_ms p99_ms under_2ms stolen first_ms
: >"$WORK/tmp/lines"
measure_all
sum_up
printf 'load after %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
