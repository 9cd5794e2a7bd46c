-- Retention of single people: the state activity, retained() against brute force, sums and curves.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY default

-- the state: distinct times, in any order, in the same bytes
SELECT retention_agg(at) AS activity, activity_first(retention_agg(at)), activity_last(retention_agg(at)), activity_count(retention_agg(at))
    FROM (VALUES (timestamptz '2026-02-14Z'), ('2026-01-31 10:15Z'), (NULL), ('2026-02-14Z'), ('1999-12-31 23:59:59.999999Z')) v (at);
SELECT retention_agg(at) FROM (SELECT NULL::timestamptz AS at) v;
SELECT activity_times('{2026-01-31T10:15:00Z, 2026-02-14T00:00:00Z}');
SET timezone = 'Asia/Shanghai';
SELECT '{2026-01-31T10:15:00Z}'::activity;
SET timezone = 'UTC';
-- what it takes: a year of days, of hours, of quarters of an hour, of seconds, of microseconds (32,768 of each); one time
SELECT grain, activity_count(a) AS times, pg_column_size(a) AS bytes FROM (
    SELECT grain, retention_agg(timestamptz '2000-01-01Z' + (i + i / 7) * grain) AS a FROM unnest(ARRAY['1 day', '1 hour', '15 minutes', '1 second', '1 microsecond']::interval[]) grain, generate_series(0, 32767) i GROUP BY grain) g ORDER BY grain DESC;
SELECT pg_column_size(retention_agg('2026-01-31 10:15Z')) AS one, pg_column_size(retention_agg('2026-01-31Z')) AS one_date;
-- 100,000 events of one person, sorted, backwards, by chance; with everything twice; at one instant; of one person each
SELECT count(DISTINCT a::text), max(activity_count(a)) FROM (SELECT retention_agg(at ORDER BY at) AS a FROM (SELECT timestamptz '2026-01-01Z' + interval '1 second' * (i * 7919 % 100003) AS at FROM generate_series(1, 100000) i) e
    UNION ALL SELECT retention_agg(at ORDER BY at DESC) FROM (SELECT timestamptz '2026-01-01Z' + interval '1 second' * (i * 7919 % 100003) AS at FROM generate_series(1, 100000) i) e
    UNION ALL SELECT retention_agg(at ORDER BY abs(hashint4(i))) FROM (SELECT i, timestamptz '2026-01-01Z' + interval '1 second' * (i * 7919 % 100003) AS at FROM generate_series(1, 100000) i) e
    UNION ALL SELECT rollup(a) FROM (SELECT retention_agg(timestamptz '2026-01-01Z' + interval '1 second' * (i * 7919 % 100003)) AS a FROM generate_series(1, 100000) i CROSS JOIN generate_series(1, 2) twice GROUP BY i % 97) p) s;
SELECT activity_count(retention_agg('2026-01-01Z')) FROM generate_series(1, 100000);

-- literals
SELECT ' { 2024-02-29T00:00:00Z , 2024-03-01T00:00:00.25Z } '::activity, '{0001-01-01T00:00:00Z, 9999-12-31T23:59:59.999999Z}'::activity;
SELECT '{}'::activity;
SELECT '{2024-02-30T00:00:00Z}'::activity;
SELECT '{2024-01-02T00:00:00Z, 2024-01-01T00:00:00Z}'::activity;
SELECT '{2024-01-01T00:00:00Z, 2024-01-01T00:00:00Z}'::activity;
SELECT '{2024-01-01T00:00:00Z'::activity;
SELECT '{2024-01-01T00:00:00Z} x'::activity;
SELECT retention_agg('infinity');
SELECT retention_agg('-infinity');
-- binary input that cannot be
CREATE FUNCTION pg_temp.receive(type text, message bytea) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    file text := current_setting('data_directory') || '/dupex_retention_message';
    result text;
    lo oid;
BEGIN
    -- a COPY file of one row with this value
    lo := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea || '\x0001'::bytea || int4send(length(message)) || message || '\xffff'::bytea);
    PERFORM lo_export(lo, file);
    PERFORM lo_unlink(lo);
    EXECUTE format('CREATE TEMP TABLE received (v %s)', type);
    BEGIN
        EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
        EXECUTE 'SELECT v::text FROM received' INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE || ' ' || SQLERRM;
    END;
    DROP TABLE IF EXISTS received;
    RETURN result;
END $f$;
SELECT what, pg_temp.receive('activity', message) FROM (VALUES
    (1, 'right', '\x01'::bytea || int4send(2) || int8send(0) || int8send(86400000000)), (2, 'another version', '\x02' || int4send(1) || int8send(0)), (3, 'no time', '\x01' || int4send(0)),
    (4, 'too short', '\x01' || int4send(2) || int8send(0)), (5, 'too long', '\x01' || int4send(1) || int8send(0) || '\x00'), (6, 'twice the same', '\x01' || int4send(2) || int8send(5) || int8send(5)),
    (7, 'backwards', '\x01' || int4send(2) || int8send(5) || int8send(4)), (8, 'infinity', '\x01' || int4send(1) || int8send(9223372036854775807)), (9, 'a billion times', '\x01' || int4send(2147483647)),
    (10, 'nothing', '\x')) v (no, what, message) ORDER BY no;
SELECT what, pg_temp.receive('retention_counts', message) FROM (VALUES
    (1, 'right', '\x01'::bytea || int8send(10) || int4send(2) || int8send(10) || int8send(10) || int8send(0) || int8send(9) || int8send(7) || int8send(9)), (2, 'nobody', '\x01' || int8send(0) || int4send(0)),
    (3, 'another version', '\x02' || int8send(0) || int4send(0)), (4, 'too short', '\x01' || int8send(1) || int4send(1) || int8send(1)), (5, 'more people than observed', '\x01' || int8send(3) || int4send(1) || int8send(1) || int8send(2) || int8send(0)),
    (6, 'more observed than there are', '\x01' || int8send(3) || int4send(1) || int8send(4) || int8send(2) || int8send(0)), (7, 'observed again', '\x01' || int8send(3) || int4send(2) || int8send(1) || int8send(1) || int8send(0) || int8send(2) || int8send(1) || int8send(1)),
    (8, 'more before than there were', '\x01' || int8send(3) || int4send(2) || int8send(3) || int8send(1) || int8send(0) || int8send(3) || int8send(1) || int8send(2)), (9, 'negative', '\x01' || int8send(3) || int4send(1) || int8send(3) || int8send(-1) || int8send(0)),
    (10, 'many cells', '\x01' || int8send(3) || int4send(2147483647)), (11, 'more people than 18 digits', '\x01' || int8send(1000000000000000000) || int4send(0))) v (no, what, message) ORDER BY no;

-- 400 people, some with one event, over a year with changes of the clocks and months of every length; what
-- they must give is worked out by hand: number of each event's period, and whether that period is over
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
CREATE TEMP TABLE event AS SELECT 1 + (abs(hashint8extended(i, 1)) % 400)::int AS person, timestamptz '2024-12-20 00:00Z' + interval '1 second' * CASE i % 4 WHEN 0 THEN abs(hashint8extended(i, 2)) % (400 * 86400) / 3600 * 3600
    WHEN 1 THEN abs(hashint8extended(i, 2)) % (60 * 86400) ELSE abs(hashint8extended(i, 2)) % (400 * 86400) END AS at FROM generate_series(1::bigint, 2500) i;
CREATE TEMP TABLE person AS SELECT person, retention_agg(at) AS activity, min(at) AS first_at FROM event GROUP BY person;
CREATE TEMP TABLE asked (no int, period text, zone text, until timestamptz, week_start int, rolling boolean);
INSERT INTO asked VALUES (1, 'day', 'UTC', '2026-02-01Z', 1, false), (2, 'day', 'Europe/Berlin', '2025-06-15 12:00Z', 1, false), (3, 'week', 'America/New_York', '2025-12-07 04:30Z', 7, false), (4, 'week', 'Asia/Shanghai', '2025-11-02 16:00Z', 1, false),
    (5, 'week', 'Australia/Lord_Howe', '2026-01-31Z', 6, false), (6, 'month', 'UTC', '2026-01-31 23:59:59.999999Z', 1, false), (7, 'month', 'Pacific/Apia', '2026-01-31 12:00Z', 1, false), (8, 'quarter', 'Asia/Kathmandu', '2025-12-31Z', 1, false),
    (9, 'year', 'UTC', '2026-02-01Z', 1, false), (10, 'day', 'UTC', '2025-12-01 10:10Z', 1, true), (11, 'week', 'Europe/Berlin', '2026-01-01Z', 1, true), (12, 'month', 'Asia/Tokyo', '2026-01-01Z', 3, true), (13, 'hour', 'Asia/Kolkata', '2025-01-10 11:00Z', 1, false),
    (14, 'hour', 'UTC', '2025-01-09 11:11Z', 1, true), (15, 'day', 'UTC', '2025-01-01Z', 1, false);
CREATE TEMP TABLE by_hand AS
SELECT a.no, p.person, p.first_at, pg_temp.number_by_hand(a.until, p.first_at, a.period, a.zone, a.week_start, a.rolling) AS over,
    ARRAY(SELECT DISTINCT pg_temp.number_by_hand(e.at, p.first_at, a.period, a.zone, a.week_start, a.rolling) FROM event e WHERE e.person = p.person AND e.at <= a.until) AS numbers
FROM asked a CROSS JOIN person p WHERE p.first_at <= a.until;
SELECT a.no, a.period, a.zone, a.rolling, count(*) AS people, max(length(r.got)) AS periods, sum(length(replace(r.got::text, '0', ''))) AS active, count(*) FILTER (WHERE r.got IS DISTINCT FROM r.wanted) AS differing_on,
    count(*) FILTER (WHERE r.got_after IS DISTINCT FROM r.wanted_after) AS on_or_after, count(*) FILTER (WHERE r.got_within IS DISTINCT FROM r.wanted_within) AS within, count(*) FILTER (WHERE r.got_brackets IS DISTINCT FROM r.wanted_brackets) AS brackets
FROM asked a, LATERAL (
    SELECT retained(p.activity, p.first_at, a.period, a.zone, a.until, 'on', NULL, a.week_start, a.rolling) AS got, retained(p.activity, p.first_at, a.period, a.zone, a.until, 'on_or_after', NULL, a.week_start, a.rolling) AS got_after,
        retained(p.activity, p.first_at, a.period, a.zone, a.until, 'within', NULL, a.week_start, a.rolling) AS got_within, retained(p.activity, p.first_at, a.period, a.zone, a.until, 'on', '1-3, 4-7,8 - 30 ,31-', a.week_start, a.rolling) AS got_brackets,
        (SELECT coalesce(string_agg((n = ANY (b.numbers))::int::text, '' ORDER BY n), '') FROM generate_series(0, b.over - 1) n)::bit varying AS wanted,
        (SELECT coalesce(string_agg(EXISTS (SELECT FROM unnest(b.numbers) x WHERE x >= n)::int::text, '' ORDER BY n), '') FROM generate_series(0, b.over - 1) n)::bit varying AS wanted_after,
        (SELECT coalesce(string_agg(EXISTS (SELECT FROM unnest(b.numbers) x WHERE x <= n)::int::text, '' ORDER BY n), '') FROM generate_series(0, b.over - 1) n)::bit varying AS wanted_within,
        (SELECT coalesce(string_agg(EXISTS (SELECT FROM unnest(b.numbers) x WHERE x BETWEEN f AND t)::int::text, '' ORDER BY f), '') FROM (VALUES (1, 3), (4, 7), (8, 30), (31, 1000000)) v (f, t) WHERE CASE WHEN t > 1000 THEN f ELSE t END < b.over)::bit varying AS wanted_brackets
    FROM by_hand b JOIN person p ON p.person = b.person WHERE b.no = a.no) r GROUP BY a.no, a.period, a.zone, a.rolling ORDER BY a.no;
-- from an origin that is not the first event: what was before does not count; nobody has no activity
SELECT retained('{2026-01-01T00:00:00Z, 2026-01-10T00:00:00Z, 2026-01-12T09:00:00Z}', '2026-01-10 08:00Z', 'day', 'UTC', '2026-01-15Z'), retained(NULL, '2026-01-10', 'day', 'UTC', '2026-01-15') AS nobody,
    retained('{2026-01-01T00:00:00Z}', '2026-01-10', 'day', 'UTC', '2026-01-10 23:00') AS not_over, retained('{2026-01-01T00:00:00Z}', '2026-01-10', 'day', 'UTC', '2026-01-09') AS not_begun,
    retained('{2026-01-10T00:00:00Z}', NULL, 'day', 'UTC', '2026-01-09') IS NULL AS no_origin;

-- the survivors of Fader and Hardie (from Berry and Linoff): of 1,000 customers 631 stay a second year, ...; the shares
-- of those of the year before are .631 .7417 .8162 .8534 .8865 .9066 .9198
CREATE TEMP TABLE survivor AS SELECT i AS person, retention_agg(make_timestamptz(2010 + y, 3, 1, 0, 0, 0, 'UTC')) AS activity
    FROM (VALUES (0, 1000), (1, 631), (2, 468), (3, 382), (4, 326), (5, 289), (6, 262), (7, 241)) v (y, left_over), generate_series(1, left_over) i GROUP BY i;
SELECT c.period_no, c.observed, c.people, c.rate, round(c.share_of_previous::numeric, 4) AS share_of_previous, round(c.rate_lower::numeric, 6) AS lower, round(c.rate_upper::numeric, 6) AS upper
    FROM (SELECT retention_counts_agg(retained(activity, activity_first(activity), 'year', 'UTC', '2018-01-01Z')) AS counts FROM survivor) s, retention_curve(counts) c;
-- counts need not be nested (the shape of Mixpanel's example: first 10, then 9, 7, 6 of which some were not there before); who
-- came in late is not in the denominators of what is not over for him; limits are Wilson's
SELECT counts, retention_counts_people(counts) AS people FROM (SELECT retention_counts_agg(b) AS counts FROM unnest(ARRAY['1111', '1111', '1101', '1011', '1010', '111', '110', '11', '1', '', NULL]::bit varying[]) b) s;
SELECT c.period_no, c.observed, c.people, c.rate = c.people::float8 / c.observed AS rate, c.share_of_previous, (SELECT (i.lower, i.upper) = (c.rate_lower, c.rate_upper) FROM rate_interval(rate(c.people, c.observed), 0.9) i) AS wilson
    FROM (SELECT retention_counts_agg(b) AS counts FROM unnest(ARRAY['1111', '1111', '1101', '1011', '1010', '111', '110', '11', '1', '', NULL]::bit varying[]) b) s, retention_curve(counts, 0.9) c;
-- sums of random bit strings against counting by hand, in one go and rolled up from parts
CREATE TEMP TABLE bits AS SELECT b.no, retained(p.activity, p.first_at, a.period, a.zone, a.until, 'on', NULL, a.week_start, a.rolling) AS bits, p.person FROM by_hand b JOIN person p ON p.person = b.person JOIN asked a ON a.no = b.no;
SELECT s.no, count(*) AS periods, bool_and(c.observed = h.observed AND c.people = h.people AND c.share_of_previous IS NOT DISTINCT FROM h.people / nullif(h.before, 0)::float8) AS same, bool_and(s.counts::text = s.rolled::text) AS rolled_up
FROM (SELECT b.no, retention_counts_agg(b.bits) AS counts, (SELECT rollup(q.c) FROM (SELECT retention_counts_agg(i.bits) AS c FROM bits i WHERE i.no = b.no GROUP BY i.person % 7) q) AS rolled FROM bits b GROUP BY b.no) s, retention_curve(s.counts) c,
    LATERAL (SELECT count(*) AS observed, sum(get_bit(b.bits, c.period_no)) AS people, sum(CASE WHEN c.period_no > 0 THEN get_bit(b.bits, c.period_no - 1) ELSE 0 END) AS before FROM bits b WHERE b.no = s.no AND length(b.bits) > c.period_no) h
GROUP BY s.no ORDER BY s.no;
SELECT retention_counts_agg(NULL), retention_counts_agg('') FROM generate_series(1, 2);
SELECT retention_curve('{} of 5');
-- literals
SELECT ' { 10 10 0 ,9 7 9 }  of 12 '::retention_counts;
SELECT '{10 10 0, 9 7 9}'::retention_counts;
SELECT '{10 11 0} of 20'::retention_counts;
SELECT '{10 5 0, 10 5 1} of 20'::retention_counts;
SELECT '{1 1 0,} of 1'::retention_counts;
SELECT '{1 1} of 1'::retention_counts;
SELECT '{9999999999999999999 1 0} of 1'::retention_counts;
SELECT rollup(c) FROM (SELECT '{} of 999999999999999999'::retention_counts AS c FROM generate_series(1, 10)) s;
SELECT rollup(c) FROM (SELECT '{} of 999999999999999999'::retention_counts AS c FROM generate_series(1, 2)) s;
-- errors
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'weekly');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'within', '1-3');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '1-3, 3-5');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '5-3');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '1-, 5');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '-3');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', '2026-01-05', 'on', '1;2');
SELECT retained('{2026-01-01T00:00:00Z}', '2026-01-01', 'day', 'UTC', 'infinity');
SELECT retained('{2026-01-01T00:00:00Z}', '-infinity', 'day', 'UTC', '2026-01-05');
SELECT retained('{2026-01-01T00:00:00Z}', '0001-01-01', 'hour', 'UTC', '2026-01-05');
SELECT retention_curve('{1 1 0} of 1', 95);
