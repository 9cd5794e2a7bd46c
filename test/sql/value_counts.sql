-- purchase_counts, and fits: the same bits by whatever way, data that say little, errors, NULLs.
SET search_path = public, dupex;
SET extra_float_digits = 1;
\set VERBOSITY default

-- rows in any order, equal ones together, weights exact: ten tenths are one in units of 2^-32
SELECT purchase_counts_agg(x, tx, age, w) FROM (VALUES (1, 2.6, 39, 1), (0, 0, 39, 1), (0, 0, 26, 1), (1, 2.6, 39, 2.5), (1, 1.3, 39, 1), (0, 0, 26, 1e15)) v(x, tx, age, w);
SELECT purchase_counts_agg(0, 0, 39, 0.1), purchase_counts_customers(purchase_counts_agg(0, 0, 39, 0.1)) FROM generate_series(1, 10);
SELECT purchase_counts_agg(0, 0, 39, w) AS too_small_a_weight FROM unnest(ARRAY[0, 1e-11]) w;
-- rows with a NULL are counted; so are impossible ones, in the aggregate that skips them
SELECT c, purchase_counts_skipped(c), purchase_counts_customers(c) FROM (SELECT purchase_counts_agg(x, 0, age, w) AS c FROM (VALUES (0, 39, 1), (NULL, 39, 1), (0, NULL, 1), (0, 39, NULL), (0, 40, 2)) v(x, age, w)) s;
-- a group of which every row is left out keeps their number for the sum; no row is NULL
WITH part AS (SELECT g, purchase_counts_possible_agg(x, r, age, 1) AS c, gamma_gamma_agg(x, r, 1) AS s FROM (VALUES (1, 0, 0, 39), (2, NULL, 0, 39), (2, 1, 50, 39), (3, 2, 7, 39)) v(g, x, r, age) GROUP BY g)
SELECT array_agg(c ORDER BY g) AS parts, rollup(c) AS whole, array_agg(s ORDER BY g) AS spend_parts, rollup(s) AS spend, (rollup(c) FILTER (WHERE g > 3)) IS NULL AS none,
       bgnbd_fit(purchase_counts '{} impossible 1') IS NULL AS no_fit FROM part;
SELECT purchase_counts_possible_agg(x, tx, age, 1) FROM (VALUES (0, 0, 39), (NULL, 0, 39), (0, 1, 39), (1, 0, 39), (1, 40, 39), (-1, 1, 39), (0.5, 1, 39), (1, 'NaN'::float8, 39), (1, 1, 'infinity'::float8), (4294967296, 1, 39), (3, 39, 39)) v(x, tx, age);
SELECT purchase_counts_possible_agg(0, 0, 39, w) AS impossible_weights FROM unnest(ARRAY[-1, 2, 1e16]) w;
SELECT purchase_counts_agg(0, 0, 39, 1) FROM generate_series(1, 0);
SELECT rollup(c) FROM (VALUES (NULL::purchase_counts), ('{0 0 39 1} nulls 2'), ('{0 0 39 2, 3 1 39 1} impossible 1')) v(c);
SELECT * FROM purchase_counts_rows('{0 0 39 2.5, 3 1 39 1}');
-- impossible rows say which
SELECT purchase_counts_agg(2, 40, 39, 1);
SELECT purchase_counts_agg(0, 1, 39, 1);
SELECT purchase_counts_agg(1, 0, 39, 1);
SELECT purchase_counts_agg(1.5, 1, 39, 1);
SELECT purchase_counts_agg(1, 'NaN', 39, 1);
SELECT purchase_counts_agg(1, -1, 39, 1);
SELECT purchase_counts_agg(5e9, 1, 39, 1);
SELECT purchase_counts_agg(0, 0, 39, -1);
SELECT purchase_counts_agg(0, 0, 39, 1e16);
SELECT rollup(c) FROM (VALUES (purchase_counts '{0 0 39 9223372036854775807}'), ('{0 0 39 1}')) v(c);
SELECT x, tx, age, purchase_is_possible(x, tx, age) FROM (VALUES (0, 0, 0), (0, 0, 39), (1, 39, 39), (0, 1, 39), (1, 0, 39), (1, 40, 39), (NULL, 1, 39)) v(x, tx, age);
-- literals
SELECT ' { 0 0 39 1 ,1 2.60 39 2 }  nulls 1 '::purchase_counts, '{}'::purchase_counts;
SELECT '{1 2 39 1, 0 0 39 0.5, 0 0 39 1}'::purchase_counts AS in_any_order;
SELECT '{0 0 39 0}'::purchase_counts;
SELECT '{0 0 39}'::purchase_counts;
SELECT '{0 0 0x27 1}'::purchase_counts;
SELECT '{0 0 39 9223372036854775808}'::purchase_counts;
SELECT '{0 0 39 1} impossible -1'::purchase_counts;
SELECT '0 0 39 1'::purchase_counts;

-- 60,000 customers in no order, among them 10,000 of whole days: one pass, parts put together in several
-- ways, weights for repetitions, and parallel workers give the same bits, and so the same fit
CREATE TABLE value_row AS
SELECT i, CASE WHEN x = 0 THEN 0 ELSE x END::float8 AS x, CASE WHEN x = 0 THEN 0 ELSE tx END AS tx, age FROM (
    SELECT i, (abs(hashint8extended(i, 1)) % 40) / (1 + abs(hashint8extended(i, 2)) % 40) AS x, round((age * (1 + abs(hashint8extended(i, 3)) % 100000) / 100000)::numeric, CASE WHEN i % 6 = 0 THEN 0 ELSE 9 END)::float8 + 0.5 AS tx, age + 1 AS age
    FROM (SELECT i, (10 + abs(hashint8extended(i, 4)) % 30)::float8 AS age FROM generate_series(1::bigint, 60000) i) s) s ORDER BY hashint8extended(i, 5);
ANALYZE value_row;
CREATE TEMP TABLE one_pass AS SELECT purchase_counts_agg(x, tx, age, 1) AS c FROM value_row;
SELECT purchase_counts_customers(c), (SELECT count(*) FROM purchase_counts_rows(c)) AS distinct_rows, (SELECT count(DISTINCT (x, tx, age)) FROM value_row) = (SELECT count(*) FROM purchase_counts_rows(c)) AS each_once,
    c::text = (SELECT rollup(p)::text FROM (SELECT purchase_counts_agg(x, tx, age, 1) AS p FROM value_row GROUP BY i % 7) p) AS in_parts,
    c::text = (SELECT rollup(p)::text FROM (SELECT purchase_counts_agg(x, tx, age, 1) AS p FROM value_row GROUP BY x ORDER BY x DESC) p) AS by_frequency,
    c::text = (SELECT purchase_counts_agg(x, tx, age, n)::text FROM (SELECT x, tx, age, count(*) AS n FROM value_row GROUP BY x, tx, age ORDER BY age, tx) p) AS with_weights,
    c::text = (SELECT purchase_counts_agg(x, tx, age, w)::text FROM value_row, unnest(ARRAY[0.75, 0.25]) w) AS with_fractions,
    c::text = (SELECT purchase_counts_agg(frequency, recency, age, weight)::text FROM purchase_counts_rows(c)) AS from_rows FROM one_pass;
-- a state of thousands of rows is asked and goes on: a growing window, one kept in a variable and called
-- by hand, and one that is asked several things in one query
SELECT block, c::text = (SELECT purchase_counts_agg(x, tx, age, 1)::text FROM value_row v WHERE v.i / 3000 <= block) AS as_all_up_to_here, (SELECT count(*) FROM purchase_counts_rows(c)) > 1536 AS is_large
FROM (SELECT DISTINCT ON (i / 3000) i / 3000 AS block, purchase_counts_agg(x, tx, age, 1) OVER (ORDER BY i / 3000) AS c FROM value_row WHERE i < 12000) w ORDER BY block;
CREATE FUNCTION pg_temp.by_hand(counts purchase_counts) RETURNS purchase_counts LANGUAGE plpgsql AS $f$
DECLARE
    before   purchase_counts := counts;
    customer record;
BEGIN
    FOR customer IN SELECT * FROM value_row ORDER BY i LIMIT 5 LOOP
        counts := purchase_counts_add(counts, customer.x, customer.tx, customer.age, 1);
    END LOOP;
    counts := purchase_counts_combine(counts, before);
    counts := purchase_counts_combine(NULL, counts);
    RETURN counts;
END $f$;
SELECT pg_temp.by_hand(c)::text = (SELECT rollup(p)::text FROM (SELECT c AS p UNION ALL SELECT c UNION ALL SELECT purchase_counts_agg(x, tx, age, 1) FROM value_row WHERE i <= 5) p) AS by_hand FROM one_pass;
SELECT purchase_counts_customers(c) AS customers, purchase_counts_skipped(c) AS skipped, c::text::purchase_counts::text = c::text AS same_text,
    pg_column_size(c) = 40 + 32 * (SELECT count(*) FROM purchase_counts_rows(c)) AS no_slack
FROM (SELECT purchase_counts_possible_agg(x, CASE WHEN i = 0 THEN 2 ELSE tx END, age, 1) AS c FROM (TABLE value_row UNION ALL VALUES (0, 1, 0, 1), (-1, NULL, 1, 1)) r) s;
CREATE FUNCTION pg_temp.in_plan(query text, workers int, OUT result text, OUT is_parallel boolean) LANGUAGE plpgsql AS $f$
DECLARE
    line text;
BEGIN
    PERFORM set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true), set_config('min_parallel_table_scan_size', '0', true), set_config('max_parallel_workers_per_gather', workers::text, true);
    is_parallel := false;
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
        is_parallel := is_parallel OR line LIKE '%Partial%Aggregate%';
    END LOOP;
    EXECUTE query INTO result;
END $f$;
SELECT fit, count(DISTINCT result) AS different_results, bool_and(is_parallel = (workers > 0)) AS plans_as_wanted, bool_and(result LIKE '%converged%') AS converged FROM unnest(ARRAY['bgnbd_fit', 'mbgnbd_fit']) fit, unnest(ARRAY[0, 1, 2, 4]) workers,
    pg_temp.in_plan(format('SELECT %s(purchase_counts_agg(x, tx, age, 1))::text FROM value_row', fit), workers) GROUP BY fit ORDER BY fit;
-- a fit to many rows begins with a sample of them and ends at the maximum of all: the same customers in whole
-- days, few different ones, lead to the same place as when each is moved by a billionth of a day
CREATE TEMP TABLE spread AS SELECT is_spread, purchase_counts_agg(x, CASE WHEN x > 0 THEN ceil(tx) + is_spread * (i % 1000) * 1e-12 ELSE 0 END, age + is_spread * (1000 + i % 1009) * 1e-12, 1) AS c
    FROM value_row, unnest(ARRAY[0, 1]) is_spread GROUP BY is_spread;
SELECT (SELECT count(*) FROM purchase_counts_rows(few.c)) < 32768 AND (SELECT count(*) FROM purchase_counts_rows(many.c)) > 32768 AS sample_for_one, f.gradient_norm < 1e-8 AND g.gradient_norm < 1e-8 AS is_flat,
    abs(g.r / f.r - 1) < 1e-6 AND abs(g.alpha / f.alpha - 1) < 1e-6 AND abs(g.a / f.a - 1) < 1e-6 AND abs(g.b / f.b - 1) < 1e-6 AS same_parameters, g.iterations < f.iterations AS fewer_steps_over_all
    FROM spread few, spread many, bgnbd_fit(few.c) f, bgnbd_fit(many.c) g WHERE few.is_spread = 0 AND many.is_spread = 1;
DROP TABLE value_row;

-- data that say little: a status, never an error, NaN or an endless search. A model stays usable
CREATE TEMP TABLE degenerate (no serial, what text, counts purchase_counts);
INSERT INTO degenerate (what, counts) VALUES
    ('nobody has bought again', '{0 0 39 10, 0 0 50 20}'), ('one customer, once', '{0 0 39 1}'), ('one customer, at the end of observation', '{0 0 0 1}'), ('one customer, often', '{12 38 39 1}'),
    ('the same customer ten times', '{3 1 39 10}'), ('all bought up to now', '{3 39 39 10, 4 39 39 10, 5 39 39 10, 2 39 39 10}'), ('all bought at once and never again', '{1 0.01 39 100, 2 0.01 39 100, 5 0.01 39 30}'),
    ('equal rates', '{8 36 39 20, 9 37 39 25, 10 38 39 30, 11 38 39 25, 12 37 39 20}'), ('no time passed', '{0 0 0 100}'), ('very often', '{1000000 38.9 39 5, 1 3 39 10, 0 0 39 100}'),
    ('huge times', '{0 0 1e12 50, 1 1e11 1e12 20, 3 9e11 1e12 20, 2 5e11 1e12 7}'), ('tiny times', '{0 0 1e-12 50, 1 1e-13 1e-12 20, 3 9e-13 1e-12 20, 2 5e-13 1e-12 7}'), ('times of all sizes', '{0 0 1e-30 5, 1 1e-30 1e30 2, 2 1 1e30 4, 3 1e29 1e30 9}'),
    ('a little weight', '{0 0 39 0.000000001, 1 3 39 0.000000002}'), ('much weight', '{0 0 39 4000000000000000, 1 3 39 1000000000000000, 4 30 39 1000000000000000}'), ('times beyond any range', '{0 0 1e300 5, 1 3e299 1e300 3, 2 9e299 1e300 2}'), ('no customer', '{}');
SELECT no, what, (f).status AS bgnbd, (g).status AS mbgnbd FROM (SELECT *, bgnbd_fit(counts) AS f, mbgnbd_fit(counts) AS g FROM degenerate) d ORDER BY no;
SELECT bool_and(v > '-infinity' AND v < 'infinity' AND v <> 'NaN') AS all_finite, count(v), max((f).iterations) < 401 AND max((g).iterations) < 401 AS bounded FROM (SELECT bgnbd_fit(counts) AS f, mbgnbd_fit(counts) AS g FROM degenerate) d,
    unnest(ARRAY[(f).r, (f).alpha, (f).a, (f).b, (f).log_likelihood, (f).gradient_norm, (f).aic, (f).bic, (g).r, (g).alpha, (g).a, (g).b, (g).log_likelihood, (g).gradient_norm, (g).aic, (g).bic]) v;
SELECT count(*) AS predictions, count(*) FILTER (WHERE v IS NULL) AS of_no_model, bool_and(v BETWEEN 0 AND 1e308) AS in_range FROM (SELECT bgnbd_fit(counts) AS f, mbgnbd_fit(counts) AS g FROM degenerate) d,
    unnest(ARRAY[bgnbd_alive(f, 3, 20, 39), bgnbd_alive(f, 3, 20, 39, 52), bgnbd_expected(f, 3, 20, 39, 52), bgnbd_none(f, 3, 20, 39, 52), bgnbd_exactly(f, 2, 3, 20, 39, 52), bgnbd_new_customer(f, 52), bgnbd_new_customer_exactly(f, 2, 52),
        mbgnbd_alive(g, 3, 20, 39), mbgnbd_alive(g, 3, 20, 39, 52), mbgnbd_expected(g, 3, 20, 39, 52), mbgnbd_none(g, 3, 20, 39, 52), mbgnbd_exactly(g, 2, 3, 20, 39, 52), mbgnbd_new_customer(g, 52), mbgnbd_new_customer_exactly(g, 2, 52)]) v;

-- models are stored, read back and compared; the sum of scores is the same with the stored one
CREATE TEMP TABLE model AS SELECT m FROM bgnbd_fit('{0 0 39 50, 1 3 39 20, 4 30 39 9, 2 20 39 7, 5 10 39 4}', 'day') m;
SELECT (m).unit, (m).status, m = bgnbd_fit('{0 0 39 50, 1 3 39 20, 4 30 39 9, 2 20 39 7, 5 10 39 4}', 'days') AS equal, m::text::bgnbd_model = m AS round_trip, bgnbd_alive(m::text::bgnbd_model, 2, 20, 39) = bgnbd_alive(m, 2, 20, 39) AS same_score FROM model;
-- NULL in, NULL out
SELECT bgnbd_fit(NULL), bgnbd_alive(m, NULL, 20, 39), bgnbd_expected(m, 2, 20, 39, NULL), bgnbd_none(NULL, 2, 20, 39, 52), bgnbd_exactly(m, NULL, 2, 20, 39, 52), bgnbd_new_customer(m, NULL) FROM model;
-- impossible customers, times and models
SELECT bgnbd_alive(m, 2, 40, 39) FROM model;
SELECT bgnbd_expected(m, 0, 1, 39, 52) FROM model;
SELECT bgnbd_none(m, 2, 'NaN', 39, 52) FROM model;
SELECT bgnbd_expected(m, 2, 20, 39, -1) FROM model;
SELECT bgnbd_alive(m, 2, 20, 39, 'infinity') FROM model;
SELECT bgnbd_exactly(m, -1, 2, 20, 39, 52) FROM model;
SELECT bgnbd_alive(ROW(0.25, -4.5, 0.8, 2.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model, 2, 20, 39);
SELECT bgnbd_alive(ROW(0.25, NULL, 0.8, 2.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model, 2, 20, 39);
SELECT bgnbd_fit('{0 0 39 1}', 'fortnight');
