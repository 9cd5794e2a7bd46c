-- purchase_history: what counts as a purchase, summaries at any end of observation, extension by a day.
SET search_path = public, dupex;
SET timezone = 'UTC';
\set VERBOSITY default

-- customer 0004 of the CDNOW sample (Fader and Hardie): until 1997-09-30 x 2, t_x 213/7, T 272/7, mean
-- repeat value 22.345. Rows in no order; the order after the end does not count
CREATE TEMP TABLE bought (customer int, at timestamptz, amount numeric);
INSERT INTO bought VALUES (1, '1997-08-02', 14.96), (1, '1997-01-01', 29.33), (1, '1997-12-12', 26.48), (1, '1997-01-18', 29.73),
    (2, '2026-03-01 09:00', 10), (2, '2026-03-01 21:00', 5), (2, '2026-03-02 00:30', 7), (2, '2026-03-20 10:00', 3.5), (2, '2026-03-20 10:00', 0.25), (3, '2026-03-05 12:00', NULL), (4, NULL, 20);
CREATE TEMP TABLE history AS SELECT customer, purchase_history_agg(at, amount) AS h FROM bought GROUP BY customer;
TABLE history ORDER BY customer;
SELECT s.*, s.recency = 213 / 7.0::float8 AS t_x, s.age = 272 / 7.0::float8 AS t FROM history, purchase_summary(h, '1997-09-30') s WHERE customer = 1;
SELECT until, s.* FROM history, unnest(ARRAY['1996-12-31', '1997-01-01', '1997-01-17 23:59', '1997-01-18', '1998-06-30']::timestamptz[]) until, purchase_summary(h, until, 'day') s WHERE customer = 1;
-- the same day is one purchase, the same hour for the unit hour; mean_value is an amount a day or an hour. The
-- first day's second order is part of the first purchase
SELECT unit, s.* FROM history, unnest(ARRAY['hours', 'day', 'weeks', 'month', 'year']) unit, purchase_summary(h, '2026-03-31 12:00', unit) s WHERE customer = 2;
-- days are those of the time zone: half past midnight in UTC is still the evening before in New York, and
-- morning in Shanghai, where the evening at nine is the next day
SELECT zone, s.* FROM history, unnest(ARRAY['UTC', 'America/New_York', 'Asia/Shanghai']) zone, purchase_summary(h, '2026-03-31 12:00', 'day', zone) s WHERE customer = 2;
-- days with a change of the clocks are days: Berlin, from winter to summer and back
SELECT until, s.age FROM (SELECT purchase_history_agg('2026-03-28 12:00+01', 1) AS h) b, unnest(ARRAY['2026-03-29 23:30+02', '2026-03-30 00:30+02', '2026-10-25 00:30+02', '2026-10-25 23:30+01', '2026-10-26 00:30+01']::timestamptz[]) until,
    purchase_summary(h, until, 'day', 'Europe/Berlin') s;
-- hours are counted as they pass: in the hour that Berlin has twice, and where they begin at half past
SELECT zone, s.* FROM (SELECT purchase_history_agg(at, 1) AS h FROM unnest(ARRAY['2026-10-25 00:30Z', '2026-10-25 01:30Z', '2026-10-25 01:40Z']::timestamptz[]) at) b, unnest(ARRAY['UTC', 'Europe/Berlin', 'Asia/Kolkata']) zone,
    purchase_summary(h, '2026-10-26 02:00Z', 'hour', zone) s;
SET timezone = 'Asia/Tokyo';
SELECT h, purchase_summary(h, '2026-03-31 12:00+00', 'day') FROM history WHERE customer = 2;
RESET timezone;
SET timezone = 'UTC';
-- one purchase: nothing repeated. An order without amount counts; one without time does not
SELECT customer, s.*, t.* FROM history, purchase_summary(h, '2026-03-31') s, purchase_totals(h) t WHERE customer > 2 ORDER BY customer;
SELECT customer, t.*, u.orders AS until_march_2nd FROM history, purchase_totals(h) t, purchase_totals(h, '2026-03-02') u WHERE customer < 3 ORDER BY customer;
SELECT * FROM purchase_history_rows((SELECT h FROM history WHERE customer = 2));
-- amounts add up exactly
SELECT (purchase_totals(purchase_history_agg('2026-01-01'::timestamptz + interval '1 day' * (i % 3), 0.1))).amount, (purchase_totals(purchase_history_agg('2026-01-01', 999999999999.999999999))).amount AS large FROM generate_series(1, 1000) i;

-- 300 customers, orders of 400 days, times and days by chance: summaries against SQL by hand, at several ends
-- of observation and in two zones; a history extended day by day is the one of all orders, to the byte
CREATE TEMP TABLE random_order AS SELECT abs(hashint8extended(i, 1)) % 300 AS customer, timestamptz '2025-01-01 00:00Z' + interval '1 second' * (abs(hashint8extended(i, 2)) % (400 * 86400) / CASE WHEN i % 3 = 0 THEN 43200 ELSE 1 END * CASE WHEN i % 3 = 0 THEN 43200 ELSE 1 END) AS at,
    (abs(hashint8extended(i, 3)) % 100000) / 100.0 AS amount FROM generate_series(1::bigint, 5000) i;
CREATE TEMP TABLE whole AS SELECT customer, purchase_history_agg(at, amount) AS h FROM random_order GROUP BY customer;
WITH by_hand AS (
    SELECT customer, until, zone, count(*) - 1 AS frequency, max(day) - min(day) AS recency, (until AT TIME ZONE zone)::date - min(day) AS age, sum(amount) FILTER (WHERE day > first_day) / nullif(count(*) - 1, 0) AS mean_value
    FROM (SELECT customer, until, zone, day, amount, min(day) OVER (PARTITION BY customer, until, zone) AS first_day
        FROM (SELECT customer, until, zone, (at AT TIME ZONE zone)::date AS day, sum(amount) AS amount FROM random_order, unnest(ARRAY['2025-02-01 12:00Z', '2025-07-01 00:00Z', '2026-03-01 00:00Z']::timestamptz[]) until, unnest(ARRAY['UTC', 'Australia/Sydney']) zone WHERE at <= until GROUP BY 1, 2, 3, 4) d) e
    GROUP BY customer, until, zone)
SELECT until, zone, count(*) AS customers, bool_and(b.frequency = s.frequency AND b.recency = s.recency AND b.age = s.age AND (b.mean_value IS NULL) = (s.mean_value IS NULL) AND coalesce(abs(s.mean_value - b.mean_value::float8) <= 1e-15 * s.mean_value, true)) AS same
FROM by_hand b JOIN whole USING (customer), purchase_summary(h, until, 'day', zone) s GROUP BY until, zone ORDER BY until, zone;
SELECT bool_and(w.h::text = r.h::text) AS rolled_up_by_day, count(*) FROM whole w JOIN (SELECT customer, rollup(h) AS h FROM (SELECT customer, at::date, purchase_history_agg(at, amount) AS h FROM random_order GROUP BY 1, 2 ORDER BY at::date DESC) d GROUP BY customer) r USING (customer);
CREATE TEMP TABLE kept AS SELECT customer, purchase_history_agg(at, amount) AS h FROM random_order WHERE at < '2025-06-01' GROUP BY customer;
DO $$
BEGIN
    FOR i IN 0 .. 9 LOOP
        WITH new AS (SELECT customer, purchase_history_agg(at, amount) AS h FROM random_order WHERE at >= '2025-06-01' AND at >= '2025-06-01'::timestamptz + i * interval '25 days' AND at < '2025-06-01'::timestamptz + (i + 1) * interval '25 days' GROUP BY customer),
            known AS (UPDATE kept k SET h = (SELECT rollup(x) FROM (VALUES (k.h), (new.h)) v(x)) FROM new WHERE new.customer = k.customer RETURNING k.customer)
        INSERT INTO kept SELECT * FROM new WHERE customer NOT IN (SELECT customer FROM kept) AND customer NOT IN (SELECT customer FROM known);
    END LOOP;
END $$;
SELECT count(*) AS customers, bool_and(w.h::text = k.h::text) AS extended_is_whole FROM whole w FULL JOIN kept k USING (customer);
-- in any order of rows: sorted, backwards, by chance; and one customer with very many orders
SELECT count(DISTINCT h::text) AS different FROM (SELECT purchase_history_agg(at, amount ORDER BY at) AS h FROM random_order UNION ALL SELECT purchase_history_agg(at, amount ORDER BY at DESC) FROM random_order UNION ALL SELECT purchase_history_agg(at, amount ORDER BY amount) FROM random_order
    UNION ALL SELECT rollup(h) FROM (SELECT purchase_history_agg(at, amount) AS h FROM random_order GROUP BY customer) p) s;
-- many orders at few times: each time stands once, the text is read again, and it is what orders sorted by time give
CREATE TEMP TABLE crowded_order AS SELECT c AS customer, i, timestamptz '2026-01-01Z' + interval '1 day' * (abs(hashint8extended(c * 100 + i, 1)) % (2 + c % 9)) AS at, i AS amount FROM generate_series(1::bigint, 300) c, generate_series(1, 20) i;
SELECT count(*) AS customers, bool_and(by_chance = sorted) AS any_order, bool_and(rolled_up = sorted) AS rolled_up, bool_and(by_chance::purchase_history::text = by_chance) AS read_again
  FROM (SELECT customer, purchase_history_agg(at, amount ORDER BY i)::text AS by_chance, purchase_history_agg(at, amount ORDER BY at)::text AS sorted FROM crowded_order GROUP BY customer) a
  JOIN (SELECT customer, rollup(h)::text AS rolled_up FROM (SELECT customer, purchase_history_agg(at, amount) AS h FROM crowded_order GROUP BY customer, i % 3) p GROUP BY customer) b USING (customer);
SELECT t.orders, s.frequency FROM (SELECT purchase_history_agg('2026-01-01Z'::timestamptz - interval '1 minute' * (i * 7919 % 100003), 1) AS h FROM generate_series(1, 100000) i) b, purchase_totals(h) t, purchase_summary(h, '2026-01-01Z', 'hour') s;

-- literals
SELECT ' { 2024-02-29T00:00:00Z 1.50 , 2024-03-01T00:00:00.25Z 2 x3 } '::purchase_history;
SELECT '{2024-02-30T00:00:00Z 1}'::purchase_history;
SELECT '{2023-02-29T00:00:00Z 1}'::purchase_history;
SELECT '{2024-01-02T00:00:00Z 1, 2024-01-01T00:00:00Z 1}'::purchase_history;
SELECT '{2024-01-01T00:00:00Z -1}'::purchase_history;
SELECT '{2024-01-01T00:00:00Z 1 x0}'::purchase_history;
SELECT '{2024-01-01T00:00:00+01 1}'::purchase_history;
SELECT '{}'::purchase_history;
-- every day from year 1 to 9999 is read as PostgreSQL reads it, and written back
SELECT count(*), count(*) FILTER (WHERE to_char(d, 'YYYY-MM-DD') <> substr(h::text, 2, 10) OR d <> (purchase_totals(h)).first_ordered_at) AS differing FROM (SELECT d, format('{%sT00:00:00Z 1}', to_char(d, 'YYYY-MM-DD'))::purchase_history AS h FROM generate_series('0001-01-01'::timestamptz, '9999-12-31', '13 days') d) s;
-- errors
SELECT purchase_history_agg('2026-01-01', -5);
SELECT purchase_history_agg('infinity', 5);
SELECT purchase_history_agg('2026-01-01', 'NaN');
SELECT purchase_history_agg('2026-01-01', 0.0000000001);
SELECT purchase_history_agg('2026-01-01', 1e18);
SELECT purchase_history_agg('2026-01-01', 9e17) FROM generate_series(1, 2);
SELECT purchase_summary(h, '2026-01-01', 'fortnight') FROM history;
SELECT purchase_summary(h, '2026-01-01', 'day', 'Mars/Olympus') FROM history;
SELECT purchase_summary(h, 'infinity') FROM history;
SELECT purchase_summary(NULL, '2026-01-01') IS NULL AS strict;
