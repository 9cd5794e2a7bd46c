# shellcheck shell=bash
# Part leads of bench.sh: what the night does with a million open leads, a tenth of them stale, in
# the batches of run_daily(), and how long apps wait meanwhile. Sourced by bench.sh. There is no
# hand-written other side: the figures are times, and how long the longest batch took. Time spent
# waiting for a processor is left out of them, but not of what an app waits.
#
#   BENCH_LEADS   number of open leads, default 1,000,000 or the largest of BENCH_SIZES if that is less
leads=${BENCH_LEADS:-$(printf '%s\n' "${sizes// /$'\n'}" | sort -n | tail -n 1)}
[ -n "${BENCH_LEADS:-}" ] || [ "$leads" -le 1000000 ] || leads=1000000

run -v leads="$leads" -f "$SRC/test/bench/leads.sql"
run <<'SQL'
CREATE TABLE bench.batch (what text, n bigint, ms float8);
CREATE PROCEDURE bench.drain(what text, query text) LANGUAGE plpgsql AS $$
DECLARE
    begun  timestamptz;
    waited float8;
    n      bigint;
BEGIN
    LOOP
        begun := clock_timestamp();
        waited := bench.waited();
        EXECUTE query INTO n;
        COMMIT;
        INSERT INTO bench.batch VALUES (what, n, extract(epoch FROM clock_timestamp() - begun) * 1000 - bench.waited() + waited);
        EXIT WHEN n = 0;
    END LOOP;
END $$;
CREATE FUNCTION bench.timed(query text, OUT n bigint, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
    begun  timestamptz := clock_timestamp();
    waited float8 := bench.waited();
BEGIN
    EXECUTE query INTO n;
    ms := extract(epoch FROM clock_timestamp() - begun) * 1000 - bench.waited() + waited;
END $$;
-- the mean of 100 calls: Linux counts the waits of one that lasts milliseconds too coarsely
CREATE FUNCTION bench.timed_mean(query text, OUT n bigint, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
    begun  timestamptz := clock_timestamp();
    waited float8 := bench.waited();
BEGIN
    FOR i IN 1..100 LOOP
        EXECUTE query INTO n;
    END LOOP;
    ms := (extract(epoch FROM clock_timestamp() - begun) * 1000 - bench.waited() + waited) / 100;
END $$;
SQL
printf '%-58s %9s %11s %8s %11s %11s\n' "$leads open leads" rows 'total ms' batches 'median ms' 'longest ms'
drain() {
    run -c "SET search_path = leads, dupex" -c "CALL bench.drain('$1', \$\$SELECT $2\$\$)" \
        -c "SELECT format('%s %s %s %s %s %s', rpad('$1', 58), lpad(sum(n)::text, 9), lpad(round(sum(ms))::text, 11), lpad(count(*)::text, 8),
                          lpad(round(percentile_cont(.5) WITHIN GROUP (ORDER BY ms))::text, 11), lpad(round(max(ms))::text, 11)) FROM bench.batch WHERE what = '$1'"
}
once() {
    run -c "SET search_path = leads, dupex" \
        -c "SELECT format('%s %s %s', rpad('$1', 58), lpad(n::text, 9), lpad(round(ms::numeric, 1)::text, 11)) FROM bench.timed(\$\$SELECT count(*) FROM $2\$\$)"
}
again() {
    run -c "SET search_path = leads, dupex" -c "DO \$do\$ BEGIN FOR i IN 1..6 LOOP PERFORM count(*) FROM $2; END LOOP; END \$do\$" \
        -c "SELECT format('%s %s %s', rpad('$1', 58), lpad(n::text, 9), lpad(round(ms::numeric, 1)::text, 11)) FROM bench.timed_mean(\$\$SELECT count(*) FROM $2\$\$)"
}
# Leads with a number divisible by 100 may be defeated, and a call on a closed one is an error.
# Two clients that visit and grade leads anywhere, 100 times a second: what they wait for, beyond a
# processor, is the row of a lead that a batch has.
cat >"$WORK/tmp/bench_leads_app.sql" <<SQL
\\set l 100 * random(0, $leads / 100 - 1) + random(1, 99)
\\set n random(1, 1000000000000000)
SELECT customer_id FROM leads.record_visit(:l, :l, 'visit ' || :n, '2026-07-07 17:00+00');
SELECT customer_id FROM leads.set_grade(:l, :l, (ARRAY['prospective', 'intention'])[1 + :n % 2], 'grade ' || :n, '2026-07-07 17:05+00');
SQL
with_apps() {
    rm -f "$WORK"/tmp/bench_leads_log.*
    (cd "$WORK/tmp" && as_user pgbench -n -c 2 -j 1 -R 100 -T 600 -l --log-prefix=bench_leads_log -f bench_leads_app.sql bench >"$WORK/tmp/bench_leads_app.out" 2>&1) &
    sleep 2
    "$@"
    as_user psql -XAtq -d bench -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pgbench'" >/dev/null
    wait
    # third column: microseconds from when a call was due, seventh: how much later it was sent
    cat "$WORK"/tmp/bench_leads_log.* | awk '{ print ($3 - $7) / 1000 }' | sort -n | awk '{ t[NR] = $1 }
        END { printf "%-58s %9d %11s %8s %11.1f %11.1f   (99 %% under %.1f)\n", "  a visit and a grade of an app meanwhile", NR, "", "", t[int((NR + 1) / 2)], t[NR], t[int(NR * .99)] }'
}
once "stale_leads(as_of, 7)" "stale_leads('2026-07-01 02:15+00', 7)"
drain "move_stale_leads(as_of, 2000) until nothing is left" "move_stale_leads('2026-07-01 02:15+00', 2000)"
drain "plan_visits(as_of, 2000) until nothing is left" "plan_visits('2026-07-01 02:15+00', 2000)"
once "tasks(salesperson, day), first in a session" "tasks(7, '2026-07-02')"
again "tasks(salesperson, day), from the seventh on: the mean" "tasks(7, '2026-07-02')"
run -c "VACUUM ANALYZE"
with_apps drain "move_stale_leads() a week later, with apps" "move_stale_leads('2026-07-08 02:15+00', 2000)"
with_apps drain "plan_visits(), with apps" "plan_visits('2026-07-08 02:15+00', 2000)"
run -c "INSERT INTO leads.stale_rule (lead_grade, step_no, stale_after, clock, action) VALUES ('intention', 1, '60 days', 'contact', 'reassign')"
drain "move_stale_leads() with a rule on days without contact" "move_stale_leads('2026-07-08 02:15+00', 2000)"
drain "the same when nothing is left to move" "move_stale_leads('2026-07-08 02:15+00', 2000)"
