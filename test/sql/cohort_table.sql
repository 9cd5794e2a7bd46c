-- cohort_table: triangles of random histories against brute force, conversion cohorts, money, spilling,
-- columns of the query, errors.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY default
SET client_min_messages = warning;

-- three people whose triangle one can count
CREATE TABLE visit (person int, at timestamptz, amount numeric, medium text);
INSERT INTO visit VALUES (1, '2026-01-05Z', 10, 'D'), (1, '2026-01-20Z', 2.5, 'T'), (1, '2026-03-02Z', 0.25, NULL), (2, '2026-01-31Z', 7, 'T'), (2, '2026-02-01Z', 1, 'D'), (3, '2026-02-10Z', NULL, 'D'), (3, '2026-04-01Z', 4, 'D'), (NULL, '2026-01-01Z', 1, 'D'), (3, NULL, 1, 'D');
SELECT cohort, period_no, cohort_size, people, rate, value, observed, share_of_previous FROM cohort_table('SELECT person, at, amount FROM visit', 'month', observed_until => '2026-04-15Z');
SELECT cohort, period_no, period_to, cohort_size, people, value, group_value FROM cohort_table('SELECT person, at, medium, amount FROM visit', 'month', observed_until => '2026-04-15Z', mode => 'on_or_after', max_periods => 2);
SELECT cohort, period_no, period_to, cohort_size, people, observed FROM cohort_table('SELECT person, at FROM visit', 'day', observed_until => '2026-04-15Z', brackets => '1-3, 4-30, 50-, 100-' , cohort_period => 'year');
SELECT cohort, period_no, period_to, cohort_size, people, observed FROM cohort_table('SELECT person, at FROM visit', 'day', observed_until => '2026-04-15Z', brackets => '1-3, 4-30, 50-' , cohort_period => 'year');
SELECT * FROM cohort_table('SELECT person, at FROM visit WHERE false');
SELECT cohort, period_no, cohort_size, people, observed FROM cohort_table('SELECT person, at FROM visit', 'month', observed_until => '2026-01-20Z');

-- 250 people, starts and returns, three groups and none, several things at once, over winter and summer time
CREATE TABLE happened AS SELECT 1 + (abs(hashint8extended(i, 1)) % 250)::int AS person,
    timestamptz '2024-12-20 00:00Z' + interval '1 second' * (abs(hashint8extended(i, 2)) % (400 * 86400) / CASE WHEN i % 3 = 0 THEN 43200 ELSE 1 END * CASE WHEN i % 3 = 0 THEN 43200 ELSE 1 END) AS at,
    CASE WHEN i % 7 <> 0 THEN (abs(hashint8extended(i, 3)) % 2000000 - 200000) / 1000.0 END AS value, (ARRAY['D', 'é', 'call centre', NULL])[1 + abs(hashint8extended(i, 4)) % 4] AS medium,
    CASE WHEN i % 11 <> 0 THEN abs(hashint8extended(i, 5)) % 3 = 0 END AS is_start, CASE WHEN i % 13 <> 0 THEN abs(hashint8extended(i, 6)) % 2 = 0 END AS is_return FROM generate_series(1::bigint, 2000) i;
INSERT INTO happened SELECT person, at, value, 'D', is_start, NOT is_return FROM happened WHERE person % 9 = 0;
CREATE FUNCTION pg_temp.first_day(at timestamptz, period text, zone text, week_start int) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT CASE period WHEN 'week' THEN (date_trunc('week', (at AT TIME ZONE zone) - make_interval(days => week_start - 1)) + make_interval(days => week_start - 1))::date
        ELSE date_trunc(period, at AT TIME ZONE zone)::date END $$;
CREATE FUNCTION pg_temp.number_by_hand(at timestamptz, origin timestamptz, period text, zone text, week_start int, rolling boolean) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN rolling THEN floor(extract(epoch FROM at - origin) / (3600 * CASE period WHEN 'hour' THEN 1 WHEN 'day' THEN 24 WHEN 'week' THEN 168 WHEN 'month' THEN 720 WHEN 'quarter' THEN 2160 ELSE 8760 END))
        WHEN period = 'hour' THEN floor(extract(epoch FROM at - date_trunc('hour', origin, zone)) / 3600)
        WHEN period = 'day' THEN (at AT TIME ZONE zone)::date - (origin AT TIME ZONE zone)::date
        WHEN period = 'week' THEN (pg_temp.first_day(at, period, zone, week_start) - pg_temp.first_day(origin, period, zone, week_start)) / 7
        ELSE (extract(year FROM at AT TIME ZONE zone) * 12 + extract(month FROM at AT TIME ZONE zone) - 1)::int / n - (extract(year FROM origin AT TIME ZONE zone) * 12 + extract(month FROM origin AT TIME ZONE zone) - 1)::int / n END::int
    FROM (SELECT CASE period WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END AS n) m $$;

-- the triangle by hand: clocks of people, then each cell of each clock looked up by itself
CREATE FUNCTION pg_temp.by_hand(p_period text, p_zone text, p_until timestamptz, p_mode text, p_brackets int4range[], p_cohort_period text, p_entry text, p_week_start int, p_rolling boolean)
    RETURNS TABLE (group_value text, cohort date, cell int, cohort_size bigint, observed bigint, people bigint, before bigint, value numeric) LANGUAGE plpgsql AS $f$
BEGIN
    DROP TABLE IF EXISTS clock, moved, reached;
    CREATE INDEX ON event (person);
    ANALYZE event;
    CREATE TEMP TABLE clock AS SELECT row_number() OVER () AS clock, s.person, s.origin, pg_temp.first_day(s.origin, p_cohort_period, p_zone, p_week_start) AS cohort, pg_temp.number_by_hand(p_until, s.origin, p_period, p_zone, p_week_start, p_rolling) AS over,
        (SELECT min(e.medium COLLATE "C") FROM event e WHERE e.person = s.person AND e.at = s.origin AND e.is_start) AS group_value
        FROM (SELECT e.person, min(e.at) AS origin FROM event e WHERE e.is_start AND e.at <= p_until GROUP BY e.person, CASE WHEN p_entry = 'every' THEN pg_temp.first_day(e.at, p_cohort_period, p_zone, p_week_start) END) s;
    CREATE TEMP TABLE moved AS SELECT c.clock, pg_temp.number_by_hand(e.at, c.origin, p_period, p_zone, p_week_start, p_rolling) AS n, sum(coalesce(e.value, 0)) AS value
        FROM clock c JOIN event e ON e.person = c.person AND e.is_return AND e.at >= c.origin AND e.at <= p_until GROUP BY 1, 2;
    CREATE INDEX ON moved (clock);
    ANALYZE moved;
    CREATE TEMP TABLE reached AS SELECT c.clock, c.group_value, c.cohort, b.cell, b.ends < c.over AS is_observed, coalesce(m.hits, 0) > 0 AS is_hit, coalesce(m.value, 0) AS value
        FROM clock c CROSS JOIN LATERAL (SELECT n AS cell, n AS ends, CASE p_mode WHEN 'on' THEN int4range(n, n, '[]') WHEN 'within' THEN int4range(0, n, '[]') ELSE int4range(n, NULL) END AS part FROM generate_series(0, (SELECT max(k.over) - 1 FROM clock k)) n WHERE p_brackets IS NULL
            UNION ALL SELECT (o - 1)::int, coalesce(upper(r) - 1, lower(r)), r FROM unnest(p_brackets) WITH ORDINALITY u (r, o)) b
        LEFT JOIN LATERAL (SELECT count(*) AS hits, sum(m.value) AS value FROM moved m WHERE m.clock = c.clock AND m.n <@ b.part) m ON true;
    RETURN QUERY SELECT r.group_value, r.cohort, r.cell, count(*), count(*) FILTER (WHERE r.is_observed), count(*) FILTER (WHERE r.is_observed AND r.is_hit), count(*) FILTER (WHERE r.is_observed AND q.is_hit), sum(r.value) FILTER (WHERE r.is_observed)
        FROM reached r LEFT JOIN reached q ON q.clock = r.clock AND q.cell = r.cell - 1 GROUP BY 1, 2, 3;
END $f$;
CREATE TEMP TABLE asked (no int, shape text, period text, zone text, until timestamptz, mode text, brackets text, ranges int4range[], cohort_period text, entry text, week_start int, rolling boolean);
INSERT INTO asked VALUES
    (1, 'times', 'month', 'UTC', '2026-02-01Z', 'on', NULL, NULL, 'month', 'first', 1, false), (2, 'times', 'week', 'Europe/Berlin', '2025-12-07 12:00Z', 'on', NULL, NULL, 'week', 'first', 7, false),
    (3, 'values', 'week', 'America/New_York', '2026-01-19 05:00Z', 'on', NULL, NULL, 'month', 'first', 1, false), (4, 'values', 'day', 'Asia/Shanghai', '2025-06-30Z', 'on', NULL, NULL, 'month', 'first', 1, false),
    (5, 'groups', 'month', 'Pacific/Apia', '2026-01-01Z', 'on_or_after', NULL, NULL, 'month', 'first', 1, false), (6, 'groups', 'month', 'UTC', '2025-12-31Z', 'within', NULL, NULL, 'quarter', 'first', 1, false),
    (7, 'start', 'week', 'Australia/Lord_Howe', '2025-11-11Z', 'within', NULL, NULL, 'month', 'first', 3, false), (8, 'start', 'month', 'UTC', '2026-02-01Z', 'on', NULL, NULL, 'month', 'every', 1, false),
    (9, 'both', 'day', 'UTC', '2025-12-01Z', 'on', '1-3, 4-7, 8-30, 31-', '{"[1,4)","[4,8)","[8,31)","[31,)"}', 'quarter', 'first', 1, false), (10, 'both', 'week', 'Europe/London', '2025-12-01Z', 'on', NULL, NULL, 'week', 'every', 1, false),
    (11, 'both', 'day', 'UTC', '2025-04-01 06:00Z', 'on', NULL, NULL, 'week', 'first', 1, true), (12, 'both', 'month', 'Asia/Tokyo', '2026-01-15Z', 'on_or_after', NULL, NULL, 'month', 'every', 1, true),
    (13, 'both', 'hour', 'Asia/Kathmandu', '2025-01-05 10:00Z', 'on', NULL, NULL, 'day', 'first', 1, false), (14, 'both', 'week', 'UTC', '2025-12-01Z', 'within', NULL, NULL, 'year', 'every', 1, true), (15, 'values', 'quarter', 'UTC', '2026-02-01Z', 'on', NULL, NULL, 'year', 'first', 1, false),
    (16, 'times', 'year', 'Europe/Lisbon', '2026-02-01Z', 'on', NULL, NULL, 'year', 'every', 1, false);
CREATE FUNCTION pg_temp.compared(a asked, OUT cells bigint, OUT unknown bigint, OUT people numeric, OUT differing bigint, OUT missing bigint) LANGUAGE plpgsql AS $f$
DECLARE
    query text := CASE a.shape WHEN 'times' THEN 'SELECT person, at FROM happened' WHEN 'values' THEN 'SELECT person::bigint, at, value FROM happened' WHEN 'groups' THEN 'SELECT person::text, at, medium FROM happened'
        WHEN 'start' THEN 'SELECT person, at, is_start, value FROM happened' ELSE 'SELECT person, at, value, medium, is_start, is_return FROM happened' END;
BEGIN
    DROP TABLE IF EXISTS event, wanted, got;
    CREATE TEMP TABLE event AS SELECT h.person, h.at, CASE WHEN a.shape NOT IN ('times', 'groups') THEN h.value END AS value, CASE WHEN a.shape IN ('groups', 'both') THEN h.medium END AS medium, CASE WHEN a.shape IN ('start', 'both') THEN coalesce(h.is_start, false) ELSE true END AS is_start,
        CASE a.shape WHEN 'both' THEN coalesce(h.is_return, false) WHEN 'start' THEN NOT coalesce(h.is_start, false) ELSE true END AS is_return FROM happened h;
    CREATE TEMP TABLE wanted AS SELECT * FROM pg_temp.by_hand(a.period, a.zone, a.until, a.mode, a.ranges, a.cohort_period, a.entry, a.week_start, a.rolling);
    CREATE TEMP TABLE got AS SELECT *, row_number() OVER (PARTITION BY t.group_value, t.cohort ORDER BY t.period_no) - 1 AS cell FROM cohort_table(query, a.period, a.zone, a.until, a.mode, a.brackets, a.cohort_period, a.entry, NULL, a.week_start, a.rolling) t;
    SELECT count(g.cell), count(*) FILTER (WHERE g.people IS NULL), sum(g.people),
        count(*) FILTER (WHERE (g.cohort_size, g.observed, g.people, g.value, g.rate, g.share_of_previous) IS DISTINCT FROM
            (w.cohort_size, w.observed, CASE WHEN w.observed > 0 THEN w.people END, CASE WHEN w.observed > 0 AND a.shape NOT IN ('times', 'groups') THEN w.value END, w.people / nullif(w.observed, 0)::float8, CASE WHEN w.cell > 0 THEN w.people / nullif(w.before, 0)::float8 END)),
        count(*) FILTER (WHERE g.cell IS NULL OR w.cell IS NULL)
    INTO cells, unknown, people, differing, missing FROM got g FULL JOIN wanted w ON w.group_value IS NOT DISTINCT FROM g.group_value AND w.cohort = g.cohort AND w.cell = g.cell;
END $f$;
SELECT a.no, a.shape, a.period, a.mode, a.entry, a.rolling, c.* FROM asked a, pg_temp.compared(a) c ORDER BY a.no;

-- hand-written SQL with count(distinct), as most people write it
SELECT count(*) AS cells, bool_and(t.people = h.people AND t.cohort_size = h.size) AS same
FROM (WITH born AS (SELECT person, date_trunc('week', min(at) AT TIME ZONE 'UTC')::date AS cohort FROM happened WHERE at <= '2025-12-29Z' GROUP BY person)
    SELECT b.cohort, (date_trunc('week', h.at AT TIME ZONE 'UTC')::date - b.cohort) / 7 AS period_no, count(DISTINCT h.person) AS people, (SELECT count(*) FROM born s WHERE s.cohort = b.cohort) AS size FROM happened h JOIN born b ON b.person = h.person WHERE h.at < '2025-12-29Z' GROUP BY 1, 2) h
LEFT JOIN cohort_table('SELECT person, at FROM happened', 'week', observed_until => '2025-12-29Z') t ON t.cohort = h.cohort AND t.period_no = h.period_no;
-- the whole table, and the states of people: the same counts
CREATE TEMP TABLE whole AS SELECT * FROM cohort_table('SELECT person, at FROM happened', 'week', 'Asia/Tokyo', '2025-12-29Z', 'on_or_after', cohort_period => 'month', week_start => 7) WHERE observed > 0;
SELECT count(*) AS cells, count(t.cohort) AS there, bool_and((t.observed, t.people, t.rate, t.rate_lower, t.rate_upper, t.share_of_previous) IS NOT DISTINCT FROM (c.observed, c.people, c.rate, c.rate_lower, c.rate_upper, c.share_of_previous)) AS same
FROM (SELECT period_start(activity_first(a), 'month', 'Asia/Tokyo') AS cohort, retention_counts_agg(retained(a, activity_first(a), 'week', 'Asia/Tokyo', '2025-12-29Z', 'on_or_after', NULL, 7)) AS counts FROM (SELECT retention_agg(at) AS a FROM happened WHERE at <= '2025-12-29Z' GROUP BY person) p GROUP BY 1) s CROSS JOIN retention_curve(counts) c
FULL JOIN whole t ON t.cohort = s.cohort AND t.period_no = c.period_no;

-- any order of rows, any size of work_mem, any type of key gives the same
CREATE TABLE many AS SELECT (abs(hashint8extended(i, 1)) % 8000) AS person, timestamptz '2025-01-01Z' + interval '1 second' * (abs(hashint8extended(i, 2)) % (180 * 86400)) AS at, (abs(hashint8extended(i, 3)) % 1000)::numeric / 8 AS value, 'group ' || abs(hashint8extended(i, 4)) % 40 AS medium FROM generate_series(1::bigint, 60000) i;
CREATE TEMP TABLE plain AS SELECT md5(string_agg(t::text, E'\n' ORDER BY group_value COLLATE "C", cohort, period_no)) AS digest, count(*) FROM cohort_table('SELECT person, at, value, medium FROM many', 'week', observed_until => '2025-07-01Z') t;
SELECT count FROM plain;
SET work_mem = '64kB';
SELECT what, (SELECT md5(string_agg(t::text, E'\n' ORDER BY group_value COLLATE "C", cohort, period_no)) FROM cohort_table(query, 'week', observed_until => '2025-07-01Z') t) = digest AS same
FROM plain, (VALUES (1, 'spilled', 'SELECT person, at, value, medium FROM many'), (2, 'by time', 'SELECT person, at, value, medium FROM many ORDER BY at DESC'), (3, 'by person', 'SELECT person, at, value, medium FROM many ORDER BY person'),
    (4, 'keys of text', 'SELECT ''person number '' || person, at, value, medium FROM many'), (5, 'other columns', 'SELECT person, at, true, medium, value, true FROM many'), (6, 'every column twice as wide', 'SELECT person, at, value::numeric(12,4), medium::varchar FROM many')) v (no, what, query) ORDER BY no;
RESET work_mem;
-- in parallel the query is read as it is serially
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT (SELECT md5(string_agg(t::text, E'\n' ORDER BY group_value COLLATE "C", cohort, period_no)) FROM cohort_table('SELECT person, at, value, medium FROM many', 'week', observed_until => '2025-07-01Z') t) = digest AS same FROM plain;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE many;

-- of those who came in with a medium, which share had ordered within n months: the share grows, its cells are known as they end
CREATE TABLE contact (person int, at timestamptz, medium text, kind text);
INSERT INTO contact SELECT i, timestamptz '2026-01-10Z' + interval '1 day' * (i % 80), CASE WHEN i % 2 = 0 THEN 'D e-mail' ELSE 'T call centre' END, 'first contact' FROM generate_series(1, 200) i;
INSERT INTO contact SELECT i, timestamptz '2026-01-10Z' + interval '1 day' * (i % 80 + i % 97), NULL, 'order' FROM generate_series(1, 200) i WHERE i % 5 < 2 + i % 2;
SELECT group_value AS medium, cohort, period_no, observed, people, round(rate::numeric, 3) AS rate, round(rate_lower::numeric, 3) AS lower, round(rate_upper::numeric, 3) AS upper
    FROM cohort_table('SELECT person, at, medium, kind = ''first contact'' FROM contact', 'month', observed_until => '2026-06-01Z', mode => 'within', cohort_period => 'quarter');
-- values: exact, negative, large, of any number type; decimals as the values need them
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', v FROM (VALUES (999999999999999999.999999999), (-0.000000001), (-999999999999999999)) v (v)', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT i, timestamptz ''2026-01-01Z'', 0.1 FROM generate_series(1, 1000) i', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', v FROM (VALUES (-12.50), (0.00)) v (v)', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', v FROM (VALUES (40000::int8), (2)) v (v)', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', v FROM (VALUES (-0.5::float8), (0.25)) v (v)', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', v FROM (VALUES (120000000.00), (-0.03), (0.0001)) v (v)', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT i % 3, timestamptz ''2026-01-01Z'', 9e17 FROM generate_series(1, 20) i', 'day', observed_until => '2026-01-02Z');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', 1e18', 'day');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', 0.0000000001', 'day');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', ''NaN''::numeric', 'day');
SELECT value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', ''infinity''::float8', 'day');
-- 100,000 events of one person; one of each; all at one instant
SELECT count(*), sum(people), max(rate) FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'' + interval ''1 minute'' * (i * 7919 % 100003) FROM generate_series(1, 100000) i', 'day', observed_until => '2026-03-01Z', entry => 'every');
SELECT cohort, period_no, cohort_size, people FROM cohort_table('SELECT i, timestamptz ''2026-01-01Z'' FROM generate_series(1, 100000) i', 'year', observed_until => '2027-06-01Z');
SELECT cohort, period_no, cohort_size, people, value FROM cohort_table('SELECT 1, timestamptz ''2026-01-01Z'', 1 FROM generate_series(1, 100000) i', 'month', observed_until => '2026-02-01Z');
-- errors: of the query
SELECT * FROM cohort_table('SELECT person FROM visit');
SELECT * FROM cohort_table('SELECT at, person FROM visit');
SELECT * FROM cohort_table('SELECT person, at::date FROM visit');
SELECT * FROM cohort_table('SELECT person, at, amount, amount FROM visit');
SELECT * FROM cohort_table('SELECT person, at, true, false, true FROM visit');
SELECT * FROM cohort_table('SELECT person, at, now() FROM visit');
SELECT * FROM cohort_table('SELECT person, at, 1, ''a'', true, true, 2 FROM visit');
SELECT * FROM cohort_table('DELETE FROM visit');
SELECT * FROM cohort_table('SELECT 1; SELECT 2');
SELECT * FROM cohort_table('SELECT person, at FROM no_such_table');
SELECT * FROM cohort_table('SELECT 1, timestamptz ''infinity''');
-- of the arguments
SELECT * FROM cohort_table(NULL);
SELECT * FROM cohort_table('SELECT person, at FROM visit', NULL);
SELECT * FROM cohort_table('SELECT person, at FROM visit', 'fortnight');
SELECT * FROM cohort_table('SELECT person, at FROM visit', 'day', 'Mars/Olympus');
SELECT * FROM cohort_table('SELECT person, at FROM visit', observed_until => 'infinity');
SELECT * FROM cohort_table('SELECT person, at FROM visit', mode => 'n-day');
SELECT * FROM cohort_table('SELECT person, at FROM visit', brackets => '3-1');
SELECT * FROM cohort_table('SELECT person, at FROM visit', cohort_period => 'hour');
SELECT * FROM cohort_table('SELECT person, at FROM visit', entry => 'best');
SELECT * FROM cohort_table('SELECT person, at FROM visit', max_periods => 0);
SELECT * FROM cohort_table('SELECT person, at FROM visit', week_start => 8);
SELECT * FROM cohort_table('SELECT person, at FROM visit', confidence => 1);
SELECT * FROM cohort_table('SELECT 1, timestamptz ''0001-01-01Z''', 'hour');
SELECT * FROM cohort_table('SELECT i, timestamptz ''2000-01-01Z'' + interval ''1 day'' * i FROM generate_series(1, 5000) i', 'day', observed_until => '2026-01-01Z');
DROP TABLE visit, happened, contact;
