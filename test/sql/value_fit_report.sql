-- Calibration and hold-out: actual purchases counted by hand-written SQL, predictions against the
-- models' own functions, the choice of the model, columns with any name, errors.
SET search_path = public, dupex;
SET timezone = 'UTC';
\set SHOW_CONTEXT never

-- five customers, whose purchases one can count: weeks from 2026-01-01, calibration to 01-29 (28 days), hold-out 14 days
CREATE TABLE few (customer int, ordered_at timestamptz, amount numeric);
INSERT INTO few VALUES (1, '2026-01-01 09:00Z', 10), (1, '2026-01-08 09:00Z', 20), (1, '2026-01-08 22:00Z', 22), (1, '2026-01-29 23:59Z', 8), (1, '2026-01-30 00:00Z', 5), (1, '2026-02-12 10:00Z', 7),
    (2, '2026-01-05Z', 30), (3, '2026-01-15Z', 12), (3, '2026-01-22Z', 18), (3, '2026-02-05 12:00Z', 9), (4, '2026-01-29Z', 50), (4, '2026-02-06Z', 40), (4, '2026-02-06 01:00Z', -40),
    (5, '2026-02-01Z', 10), (5, '2026-02-03Z', 10), (NULL, '2026-01-02Z', 1), (2, NULL, 1), (2, 'infinity', 1);
SELECT frequency, recency, age, mean_value, later_orders, later_value, array(SELECT round(r::numeric, 3) FROM unnest(repeats) r ORDER BY r) AS repeats, split_at, horizon
    FROM value_holdout('few', amount_column => 'amount', calibration_until => '2026-01-29Z') ORDER BY age DESC;
-- the default splits at two thirds of the 42 days: the same; other limits of observation; a day in another zone
SELECT count(*), min(split_at), min(horizon), sum(later_orders) FROM value_holdout('few');
SELECT count(*), min(split_at), min(horizon), sum(later_orders), sum(later_value) FROM value_holdout('few', 'customer', 'ordered_at', 'amount', '2026-01-29 23:59Z', '2026-02-05 00:00Z', 'day');
SELECT min(split_at), sum(later_orders) FROM value_holdout('few', calibration_until => '2026-01-29 12:00Z', zone => 'America/New_York');
-- actual orders of the report
SELECT section, no, label, in_holdout, customers, actual FROM value_fit_report('few', calibration_until => '2026-01-29Z') WHERE section <> 'frequency' OR customers > 0;

-- 400 customers with names that need quotes; a part of them leaves
CREATE SCHEMA "Old shop";
CREATE TABLE "Old shop"."Order's" AS SELECT 'c' || c AS "Customer no.", (date '2025-01-01' + (abs(hashint8extended(c, 1)) % 90 + d)::int) AS "day ""of"" order", 5 + abs(hashint8extended(c * 400 + d, 2)) % 4000 / 100.0 AS "Amount %"
    FROM generate_series(1::bigint, 400) c, generate_series(0::bigint, 364) d
    WHERE d = 0 OR abs(hashint8extended(c * 400 + d, 3)) % 1000 < abs(hashint8extended(c, 4)) % 40 * (abs(hashint8extended(c, 5)) % 40) / 30 AND d < abs(hashint8extended(c, 6)) % 600;
CREATE VIEW shop_order AS SELECT "Customer no." AS customer, "day ""of"" order" AS ordered_on, "Amount %" AS amount FROM "Old shop"."Order's" WHERE "day ""of"" order" <= '2025-12-31';
-- the summary is that of purchase_summary
SELECT count(*), count(*) FILTER (WHERE s.frequency > 0) AS repeaters, bool_and(s.frequency = h.frequency AND s.recency = h.recency AND s.age = h.age) AS same, bool_and((s.mean_value IS NULL) = (h.mean_value IS NULL) AND abs(coalesce(s.mean_value / h.mean_value, 1) - 1) < 1e-12) AS same_value
    FROM (SELECT row_number() OVER (ORDER BY frequency, recency, age, round(mean_value::numeric, 6)) AS i, * FROM value_holdout('shop_order', 'customer', 'ordered_on', 'amount', '2025-08-31Z', unit => 'month')) h
    FULL JOIN (SELECT row_number() OVER (ORDER BY s.frequency, s.recency, s.age, round(s.mean_value::numeric, 6)) AS i, s.* FROM (SELECT customer, purchase_history_agg(ordered_on::timestamp AT TIME ZONE 'UTC', amount) AS h FROM shop_order GROUP BY customer) c, purchase_summary(h, '2025-08-31Z', 'month') s) s USING (i);
-- actual purchases, cumulative and incremental, and by class, counted otherwise
CREATE TEMP TABLE report AS SELECT * FROM value_fit_report('shop_order', 'customer', 'ordered_on', calibration_until => '2025-08-31Z');
CREATE TEMP TABLE seen AS SELECT DISTINCT o.customer, o.ordered_on, f.first_on FROM shop_order o JOIN (SELECT customer, min(ordered_on) AS first_on FROM shop_order GROUP BY customer) f ON f.customer = o.customer WHERE f.first_on <= '2025-08-31';
SELECT section, count(*), min(no), max(no), min(label), max(label), bool_and(in_holdout = (section = 'frequency' OR label > '2025-08-31')) AS holdout FROM report GROUP BY section ORDER BY section;
SELECT count(*), bool_and(actual = (SELECT count(*) FROM seen WHERE ordered_on > first_on AND ordered_on <= r.label::date)) AS orders, bool_and(customers = (SELECT count(*) FROM seen WHERE ordered_on = first_on AND ordered_on <= r.label::date)) AS customers FROM report r WHERE section = 'cumulative';
SELECT count(*), bool_and(actual = (SELECT count(*) FROM seen WHERE ordered_on > first_on AND ordered_on <= r.label::date AND ordered_on > date '2025-08-31' + 7 * (r.no - 1))) AS orders FROM report r WHERE section = 'incremental';
SELECT r.label, r.customers, r.actual, r.customers = count(s.customer) AND r.actual = coalesce(sum(s.later), 0) AS as_counted
    FROM report r LEFT JOIN (SELECT customer, least(count(*) FILTER (WHERE ordered_on <= '2025-08-31') - 1, 7) AS class, count(*) FILTER (WHERE ordered_on > '2025-08-31') AS later FROM seen GROUP BY customer) s ON s.class = r.no
    WHERE r.section = 'frequency' GROUP BY r.no, r.label, r.customers, r.actual ORDER BY r.no;
-- increments add up to the cumulative numbers
SELECT bool_and(abs(c.actual - i.actual) = 0) AS actual, bool_and(abs(c.bgnbd - i.bgnbd) < 1e-9 AND abs(c.mbgnbd - i.mbgnbd) < 1e-9 AND abs(c.pareto_nbd - i.pareto_nbd) < 1e-9 AND abs(c.nbd - i.nbd) < 1e-9) AS predicted, bool_and(i.least > 0) AS positive
    FROM report c JOIN (SELECT no, sum(actual) OVER w AS actual, sum(bgnbd) OVER w AS bgnbd, sum(mbgnbd) OVER w AS mbgnbd, sum(pareto_nbd) OVER w AS pareto_nbd, sum(nbd) OVER w AS nbd, least(bgnbd, mbgnbd, pareto_nbd, nbd) FROM report WHERE section = 'incremental' WINDOW w AS (ORDER BY no)) i ON i.no = c.no WHERE c.section = 'cumulative';
-- predictions from models that are fitted here, of customers summed here
CREATE TEMP TABLE own AS SELECT s.*, later, amount_later FROM (SELECT customer, (count(*) - 1)::float8 AS frequency, (max(ordered_on) - min(ordered_on)) / 7.0::float8 AS recency, (date '2025-08-31' - min(ordered_on)) / 7.0::float8 AS age FROM seen WHERE ordered_on <= '2025-08-31' GROUP BY customer) s
    LEFT JOIN (SELECT customer, count(DISTINCT ordered_on) AS later, sum(amount) AS amount_later FROM shop_order WHERE ordered_on > '2025-08-31' GROUP BY customer) l USING (customer);
CREATE TEMP TABLE fitted AS SELECT bgnbd_fit(c) AS bgnbd, mbgnbd_fit(c) AS mbgnbd, pareto_nbd_fit(c) AS pareto_nbd, nbd_fit(c) AS nbd FROM (SELECT purchase_counts_agg(frequency, recency, age, 1) AS c FROM own) s;
CREATE TEMP TABLE forecast AS SELECT o.*, m.model, m.expected FROM own o, fitted, LATERAL (VALUES ('bgnbd', bgnbd_expected(bgnbd, frequency, recency, age, 122 / 7.0)), ('mbgnbd', mbgnbd_expected(mbgnbd, frequency, recency, age, 122 / 7.0)),
    ('pareto_nbd', pareto_nbd_expected(pareto_nbd, frequency, recency, age, 122 / 7.0)), ('nbd', nbd_expected(nbd, frequency, recency, age, 122 / 7.0))) m(model, expected);
CREATE TEMP TABLE compared AS SELECT * FROM value_model_comparison('shop_order', 'customer', 'ordered_on', 'amount', '2025-08-31Z');
SELECT model, cardinality(parameters) AS parameters, status, is_best, actual, abs(predicted / (SELECT sum(expected) FROM forecast f WHERE f.model = c.model) - 1) < 1e-12 AS predicted, actual = (SELECT sum(later) FROM own) AS as_counted, total_error = predicted / actual - 1 AS total_error,
    abs(class_error - (SELECT sum(abs(e - l)) / 400 FROM (SELECT sum(expected) AS e, coalesce(sum(later), 0) AS l FROM forecast f WHERE f.model = c.model GROUP BY least(frequency, 7)) d)) < 1e-12 AS class_error,
    actual_value = (SELECT sum(amount_later) FROM own) AS actual_value, abs(predicted_value / predicted / (SELECT avg(amount) FROM (SELECT sum(amount) AS amount FROM shop_order GROUP BY customer, ordered_on) d)::float8 - 1) < 0.1 AS near_mean_value FROM compared c ORDER BY model;
-- the best is the one with the least error by class, and stands first; the frequency section tells the same
SELECT bool_and(is_best = (class_error = (SELECT min(class_error) FROM compared))) AS least_error, (SELECT is_best FROM value_model_comparison('shop_order', 'customer', 'ordered_on', calibration_until => '2025-08-31Z') LIMIT 1) AS first FROM compared;
SELECT c.model, abs(sum(CASE c.model WHEN 'bgnbd' THEN bgnbd WHEN 'mbgnbd' THEN mbgnbd WHEN 'pareto_nbd' THEN pareto_nbd ELSE nbd END) / max(c.predicted) - 1) < 1e-12 AS same FROM report, compared c WHERE section = 'frequency' GROUP BY c.model ORDER BY c.model;
-- tracking: by what a new customer is expected to buy, at the end of the hold-out and in its first week
SELECT abs(r.bgnbd / e.bgnbd - 1) < 1e-12 AS bgnbd, abs(r.mbgnbd / e.mbgnbd - 1) < 1e-12 AS mbgnbd, abs(r.pareto_nbd / e.pareto_nbd - 1) < 1e-12 AS pareto_nbd, abs(r.nbd / e.nbd - 1) < 1e-12 AS nbd
    FROM report r, LATERAL (SELECT sum(bgnbd_new_customer(bgnbd, age + least(r.no, 122 / 7.0))) AS bgnbd, sum(mbgnbd_new_customer(mbgnbd, age + least(r.no, 122 / 7.0))) AS mbgnbd, sum(pareto_nbd_new_customer(pareto_nbd, age + least(r.no, 122 / 7.0))) AS pareto_nbd, sum(nbd_new_customer(nbd, age + least(r.no, 122 / 7.0))) AS nbd FROM own, fitted) e
    WHERE r.section = 'cumulative' AND r.no IN (1, 18);
-- the table itself, under its names
SELECT count(*), bool_and(abs(c.predicted - f.predicted) < 1e-6 AND c.is_best = f.is_best) AS same FROM value_model_comparison('"Old shop"."Order''s"', 'Customer no.', 'day "of" order', 'Amount %', '2025-08-31Z', '2025-12-31Z') f JOIN compared c USING (model);
-- without the extension on the search path
SET search_path = public;
SELECT count(*) FROM dupex.value_model_comparison('shop_order', 'customer', 'ordered_on', calibration_until => '2025-08-31Z');
SET search_path = public, dupex;
-- nobody bought twice: no error, one of four models at the boundary is named
CREATE TABLE once AS SELECT i AS customer, date '2026-01-01' + i AS ordered_at FROM generate_series(0, 30) i;
SELECT model, split_part(status, ':', 1) AS status, round(predicted::numeric, 3) AS predicted, actual, total_error, count(*) FILTER (WHERE is_best) OVER () AS best FROM value_model_comparison('once', unit => 'day') ORDER BY model;
-- nobody leaves: BG/NBD is NBD but for rounding, and it is not rounding that tells which is best but BIC
CREATE TABLE faithful AS SELECT c AS customer, date '2025-01-01' + (abs(hashint8extended(c, 1)) % 30 + d)::int AS ordered_at FROM generate_series(1::bigint, 300) c, generate_series(0::bigint, 330) d
    WHERE d = 0 OR abs(hashint8extended(c * 400 + d, 3)) % 1000 < abs(hashint8extended(c, 4)) % 60;
SELECT model, status, is_best, abs(class_error - min(class_error) OVER ()) < 1e-7 AS least_error FROM value_model_comparison('faithful', calibration_until => '2025-08-31Z', observed_until => '2025-12-31Z') WHERE model IN ('bgnbd', 'nbd') ORDER BY model;
-- an amount that is no number is left out as a negative one is, and does not end the report
CREATE TABLE unpriced AS SELECT c AS customer, date '2026-01-01' + 7 * d + c AS ordered_at, CASE WHEN (c, d) = (3, 2) THEN numeric 'NaN' WHEN (c, d) = (4, 2) THEN 'Infinity' WHEN (c, d) = (5, 2) THEN -1 ELSE 10 + c END AS amount
    FROM generate_series(1, 20) c, generate_series(0, 1 + c % 9) d;
SELECT count(*), bool_and(predicted_value < 1e6) AS finite FROM value_model_comparison('unpriced', amount_column => 'amount');
SELECT sum(frequency) AS purchases FROM value_holdout('unpriced', amount_column => 'amount', calibration_until => '2026-03-01Z', observed_until => '2026-04-01Z');
SELECT count(*) FILTER (WHERE amount BETWEEN 0 AND 1000) - count(DISTINCT customer) AS purchases FROM unpriced WHERE ordered_at <= '2026-03-01';
-- errors
SELECT * FROM value_model_comparison('few', 'client');
SELECT * FROM value_fit_report('few', at_column => 'day');
SELECT * FROM value_fit_report('few', unit => 'fortnight');
SELECT * FROM value_fit_report('few', observed_until => '9999-12-31Z');
SELECT * FROM value_model_comparison(NULL);
SELECT * FROM value_model_comparison('few', calibration_until => '2026-01-01Z');
SELECT * FROM value_model_comparison('few', calibration_until => '2026-03-01Z');
CREATE TABLE nothing (customer int, ordered_at date);
SELECT * FROM value_model_comparison('nothing');
DROP VIEW shop_order;
DROP SCHEMA "Old shop" CASCADE;
DROP TABLE few, once, faithful, nothing, unpriced;
