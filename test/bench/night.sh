# shellcheck shell=bash
# Part night of bench.sh: leads re-scored, graded and planned, in the batches of run_daily(): the first
# night of all, a usual one after a day's work, one after which nothing is new, and the weekly one with
# a new model. Sourced by bench.sh. There is no hand-written other side: the figures are times. Time
# spent waiting for a processor is left out of them.
#
#   BENCH_NIGHT   numbers of open leads, default 100,000 and 1,000,000, but no more than the largest of BENCH_SIZES
# shellcheck disable=SC2154
largest=$(printf '%s\n' "${sizes// /$'\n'}" | sort -n | tail -n 1)
run <<'SQL'
CREATE TABLE bench.night_batch (what text, n bigint, ms float8);
CREATE PROCEDURE bench.night_drain(what text, query text, is_repeated boolean) LANGUAGE plpgsql AS $$
DECLARE
    begun  timestamptz;
    waited float8;
    n      bigint;
BEGIN
    DELETE FROM bench.night_batch b WHERE b.what = night_drain.what;
    LOOP
        begun := clock_timestamp();
        waited := bench.waited();
        EXECUTE query INTO n;
        COMMIT;
        INSERT INTO bench.night_batch VALUES (what, n, extract(epoch FROM clock_timestamp() - begun) * 1000 - bench.waited() + waited);
        EXIT WHEN n = 0 OR NOT is_repeated;
    END LOOP;
END $$;
SQL
# drain NAME STATEMENT IS_REPEATED
night_drain() {
    run -c "SET search_path = night, dupex" -c "CALL bench.night_drain('$1', \$\$$2\$\$, $3)" \
        -c "SELECT format('%s %s %s %s %s %s', rpad('$1', 58), lpad(CASE WHEN $3 THEN sum(n)::text ELSE '' END, 9), lpad(round(sum(ms))::text, 11), lpad(count(*)::text, 8),
                          lpad(round(percentile_cont(.5) WITHIN GROUP (ORDER BY ms))::text, 11), lpad(round(max(ms))::text, 11)) FROM bench.night_batch WHERE what = '$1'"
}
# night NAME AS_OF: scores and plans
night() {
    night_drain "$1: score_leads(as_of, 50000)" "SELECT score_leads('$2', 50000)" true
    run -c "SELECT format('%s %s', rpad('  of which written, with another grade', 58), lpad(changed || ', ' || regraded, 21)) FROM night.lead_score_run WHERE as_of = '$2'"
    night_drain "$1: plan_visits(as_of, 2000)" "SELECT plan_visits('$2', 2000)" true
    run -c "SELECT format('%s %s %s', rpad('  both', 58), lpad('', 9), lpad(round(sum(ms))::text, 11)) FROM bench.night_batch WHERE what LIKE '$1: %'"
}
for leads in ${BENCH_NIGHT:-100000 1000000}; do
    [ -n "${BENCH_NIGHT:-}" ] || [ "$leads" -le "$largest" ] || continue
    run -v leads="$leads" -f "$SRC/test/bench/night.sql"
    printf '%-58s %9s %11s %8s %11s %11s\n' "$leads open leads" rows 'total ms' batches 'median ms' 'longest ms'
    night_drain "train_lead_model(as_of)" "SELECT train_lead_model('2026-07-01 02:15+00')" false
    night "first night" "2026-07-01 02:15+00"
    run -c "VACUUM ANALYZE"
    run -v leads="$leads" -f "$SRC/test/bench/night_day.sql"
    night "usual night" "2026-07-02 02:15+00"
    night "night after a day off" "2026-07-03 02:15+00"
    night_drain "train_lead_model(as_of), a week later" "SELECT train_lead_model('2026-07-08 02:15+00')" false
    night "night with a new model" "2026-07-08 02:15+00"
    run -c "SET client_min_messages = warning" -c "DROP SCHEMA night CASCADE" -c "DROP TABLE public.generated" -c "DROP FUNCTION public.dice(bigint, int)"
done
