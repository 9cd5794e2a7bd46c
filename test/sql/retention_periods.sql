-- Periods: numbers and first days against PostgreSQL's own date arithmetic, in every time zone.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY default

-- the number of a period, and its first day, by hand
CREATE FUNCTION pg_temp.first_day(at timestamptz, period text, zone text, week_start int) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT CASE period WHEN 'week' THEN (date_trunc('week', (at AT TIME ZONE zone) - make_interval(days => week_start - 1)) + make_interval(days => week_start - 1))::date
        ELSE date_trunc(period, at AT TIME ZONE zone)::date END $$;
CREATE FUNCTION pg_temp.number_by_hand(at timestamptz, origin timestamptz, period text, zone text, week_start int, rolling boolean) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN at < origin THEN NULL
        WHEN rolling THEN floor(extract(epoch FROM at - origin) / (3600 * CASE period WHEN 'hour' THEN 1 WHEN 'day' THEN 24 WHEN 'week' THEN 168 WHEN 'month' THEN 720 WHEN 'quarter' THEN 2160 ELSE 8760 END))
        WHEN period = 'hour' THEN floor(extract(epoch FROM at - date_trunc('hour', origin, zone)) / 3600)
        WHEN period = 'day' THEN greatest((at AT TIME ZONE zone)::date - (origin AT TIME ZONE zone)::date, 0)
        WHEN period = 'week' THEN greatest((pg_temp.first_day(at, period, zone, week_start) - pg_temp.first_day(origin, period, zone, week_start)) / 7, 0)
        ELSE greatest(((extract(year FROM at AT TIME ZONE zone) * 12 + extract(month FROM at AT TIME ZONE zone) - 1)::int / n - (extract(year FROM origin AT TIME ZONE zone) * 12 + extract(month FROM origin AT TIME ZONE zone) - 1)::int / n), 0) END::int
    FROM (SELECT CASE period WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END AS n) m $$;

-- every time zone that there is (AT TIME ZONE takes CET and its like for an abbreviation, winter and summer the same), times of 1870 to 2260, and many around changes of the clocks of 2020 to 2026
CREATE TEMP TABLE instant AS SELECT i, timestamptz '1870-01-01Z' + interval '1 second' * (abs(hashint8extended(i, 1)) % (390 * 31557600::bigint)) AS origin FROM generate_series(1::bigint, 20) i
    UNION ALL SELECT i, timestamptz '2020-01-01Z' + interval '1 second' * (abs(hashint8extended(i, 2)) % (7 * 31557600::bigint)) FROM generate_series(21::bigint, 40) i;
CREATE TEMP TABLE zoned AS SELECT z.name AS zone, s.i, s.origin, s.origin + interval '1 microsecond' * (abs(hashint8extended(s.i, 3) # hashtextextended(z.name, 4)) % (CASE s.i % 3 WHEN 0 THEN 100000000000 WHEN 1 THEN 5000000000000 ELSE 90000000000000 END)) AS at FROM pg_timezone_names z CROSS JOIN instant s WHERE z.name NOT LIKE 'posix/%' AND upper(z.name) NOT IN (SELECT abbrev FROM pg_timezone_abbrevs);
SELECT period, count(*) > 5000 AS many, count(*) FILTER (WHERE period_number(at, origin, period, zone, 1 + (i % 7)::int) IS DISTINCT FROM pg_temp.number_by_hand(at, origin, period, zone, 1 + (i % 7)::int, false)) AS differing_numbers,
    count(*) FILTER (WHERE period <> 'hour' AND period_start(at, CASE period WHEN 'hour' THEN 'day' ELSE period END, zone, 1 + (i % 7)::int) <> pg_temp.first_day(at, period, zone, 1 + (i % 7)::int)) AS differing_days
FROM (SELECT * FROM zoned ORDER BY zone, i) z, unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter', 'year']) period GROUP BY period ORDER BY period;
SELECT period, count(*) FILTER (WHERE period_number(at, origin, period, zone, 1, true) IS DISTINCT FROM pg_temp.number_by_hand(at, origin, period, zone, 1, true)) AS differing
FROM zoned, unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter', 'year']) period WHERE zone = 'Europe/Berlin' GROUP BY period ORDER BY period;
-- around each change of the clocks: Lord Howe moves them by half an hour, Havana over midnight, Samoa once left out a day
SELECT zone, count(*) FILTER (WHERE period_number(at, around - interval '2 days', period, zone) <> pg_temp.number_by_hand(at, around - interval '2 days', period, zone, 1, false)) AS differing, count(DISTINCT period_number(at, around - interval '2 days', 'day', zone)) AS days
FROM (VALUES ('Europe/Berlin', timestamptz '2026-03-29 01:00Z'), ('Europe/Berlin', '2026-10-25 01:00Z'), ('Australia/Lord_Howe', '2026-04-04 15:00Z'), ('America/Havana', '2025-11-02 05:00Z'), ('Pacific/Apia', '2011-12-30 10:00Z')) v (zone, around),
    unnest(ARRAY['hour', 'day', 'week', 'month']) period, generate_series(around - interval '26 hours', around + interval '26 hours', '47 seconds') at GROUP BY zone, around ORDER BY zone, around;

-- St. John's set its clocks back at a minute past midnight: half past came on the 7th, and a quarter of an hour later a time of the 6th.
-- Who came in period 2, and then in period 1, counts on or after period 2; who began so has converted within period 1
SELECT mode, retained('{2010-11-05T12:00:00Z, 2010-11-07T02:30:30Z, 2010-11-07T02:45:00Z}', '2010-11-05 12:00Z', 'day', 'America/St_Johns', '2010-11-10 12:00Z', mode) AS ends, retained('{2010-11-07T02:30:30Z, 2010-11-07T02:45:00Z, 2010-11-08T12:00:00Z}', '2010-11-05 12:00Z', 'day', 'America/St_Johns', '2010-11-10 12:00Z', mode) AS begins
FROM unnest('{on,on_or_after,within}'::text[]) mode;

-- weeks begin on any day; the first days of the years 1 and 9999
SELECT week_start, period_start('2026-11-22 12:00Z', 'week', 'UTC', week_start), period_start('2000-01-01Z', 'week', 'UTC', week_start) FROM generate_series(1, 7) week_start;
SELECT period_start('0001-01-01Z', 'year', 'Asia/Tokyo'), period_start('9999-12-31 23:59:59Z', 'quarter'), period_number('9999-12-31 23:59:59Z', '0001-01-01Z', 'hour') AS hours;
SELECT period_number('2026-01-31Z', '2026-02-01Z', 'days') AS before, period_number('2026-02-01Z', '2026-01-31Z', 'months', 'UTC') AS plural, period_number('2026-02-01 23:00Z', '2026-01-31Z', 'month', 'UTC', 1, true) AS rolling, period_number(NULL, '2026-01-01Z', 'day') IS NULL AS strict;
-- errors
SELECT period_number('2026-01-01', '2026-01-01', 'fortnight');
SELECT period_number('2026-01-01', '2026-01-01', 'day', 'Mars/Olympus');
SELECT period_number('2026-01-01', '2026-01-01', 'day', '');
SELECT period_number('2026-01-01', '2026-01-01', 'week', 'UTC', 0);
SELECT period_number('infinity', '2026-01-01', 'day');
SELECT period_number('2026-01-01', '-infinity', 'day');
SELECT period_start('2026-01-01', 'hour');
SELECT period_start('infinity', 'day');
