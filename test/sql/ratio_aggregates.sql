-- er_agg, rate_agg, rollup: sums, NULLs, moving windows, roll-ups of stored states
SET search_path = public, dupex;
\set VERBOSITY terse

-- NULL counts as nothing; no row with either is NULL
SELECT er_agg(expense, revenue) FROM (VALUES (1.5, 2), (NULL, 3), (-.25, NULL), (NULL, NULL)) effort(expense, revenue);
SELECT er_agg(NULL, NULL) IS NULL AS only_nulls, er_agg(0, NULL) AS a_zero, er_agg(NULL, 0) AS other_zero FROM generate_series(1, 3);
SELECT er_agg(1, 1) IS NULL AND rate_agg(true) IS NULL AS nothing FROM generate_series(1, 0);
SELECT rollup(e), rollup(r) FROM (VALUES (er '1:2', rate '1/2'), (NULL, NULL), ('-3:4.5', '0/7')) v(e, r);
SELECT rollup(NULL::er) IS NULL AND rollup(NULL::rate) IS NULL AS only_nulls FROM generate_series(1, 3);
SELECT rate_agg(x > 3), rate_value(rate_agg(x > 3)), rate_agg(NULL) IS NULL AS only_nulls FROM unnest(ARRAY[1, 2, NULL, 4, 5, NULL, 7]) x;

-- the sums are those of sum(), and the ratio is the one that sum(a) / sum(b) gives
CREATE TABLE effort (medium text, month date, expense numeric(12,2), revenue numeric);
INSERT INTO effort SELECT chr(65 + i % 4), date '2007-01-01' + (i % 12) * interval '1 month', nullif(hashint4(i) % 100000, 0) / 100.0,
    round(hashint4(i + 1) / (1 + i % 1000)::numeric, i % 8) FROM generate_series(1, 20000) i;
SELECT medium, er_expense(e) = expense AND er_revenue(e) = revenue AND er_ratio(e) = expense / revenue AS exact
FROM (SELECT medium, er_agg(expense, revenue) AS e, sum(expense) AS expense, sum(revenue) AS revenue FROM effort GROUP BY medium) g ORDER BY medium;

-- stored by month, rolled up by medium and by year: the same to the last digit, in whatever steps
CREATE TABLE er_by_month AS SELECT medium, month, er_agg(expense, revenue) AS er FROM effort GROUP BY medium, month;
SELECT count(*) FILTER (WHERE a.er IS DISTINCT FROM b.er) AS differing, count(*) FROM (SELECT medium, rollup(er) AS er FROM er_by_month GROUP BY medium) a
    FULL JOIN (SELECT medium, er_agg(expense, revenue) AS er FROM effort GROUP BY medium) b USING (medium);
SELECT (SELECT rollup(er) FROM (SELECT rollup(er ORDER BY er DESC) AS er FROM er_by_month GROUP BY month) m) = er_agg(expense, revenue) AS same FROM effort;
-- rolling up leaves the stored states alone
SELECT md5(string_agg(er::text, ' ' ORDER BY medium, month)) AS before FROM er_by_month \gset
SELECT rollup(er) OVER (ORDER BY month, medium ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) IS NOT NULL AS windowed FROM er_by_month LIMIT 1;
SELECT md5(string_agg(er::text, ' ' ORDER BY medium, month)) = :'before' AS unchanged FROM er_by_month;

-- grouping sets share transition values
SELECT count(*) FILTER (WHERE er_expense(er) IS DISTINCT FROM expense) AS differing, count(*)
FROM (SELECT er_agg(expense, revenue) AS er, sum(expense) AS expense FROM effort GROUP BY GROUPING SETS ((medium, month), (medium), (month), ())) g;

-- moving windows, with NULLs coming and going, against the same sum without the moving form
CREATE TABLE trial AS SELECT i, CASE WHEN i % 7 < 4 THEN hashint4(i) % 3 = 0 END AS success,
    CASE WHEN i % 11 < 6 THEN er(hashint4(i), i / 8.0) END AS er, CASE WHEN i % 5 < 2 THEN rate(i % 3, i % 3 + i) END AS rate FROM generate_series(1, 500) i;
SELECT width, count(*) FILTER (WHERE moving_rate IS DISTINCT FROM plain_rate OR moving_er IS DISTINCT FROM plain_er OR moving_rollup IS DISTINCT FROM plain_rollup) AS differing,
    count(*) FILTER (WHERE moving_rate IS NULL) > 0 AND count(*) FILTER (WHERE moving_er IS NULL) > 0 AS nulls_seen, count(*) AS windows
FROM (VALUES (1), (3), (10)) w(width), LATERAL (
    SELECT rate_agg(success) OVER moving AS moving_rate, rollup(er) OVER moving AS moving_er, rollup(rate) OVER moving AS moving_rollup,
        (SELECT rate_agg(success) FROM trial p WHERE p.i BETWEEN t.i - width AND t.i - 1) AS plain_rate,
        (SELECT rollup(er) FROM trial p WHERE p.i BETWEEN t.i - width AND t.i - 1) AS plain_er,
        (SELECT rollup(rate) FROM trial p WHERE p.i BETWEEN t.i - width AND t.i - 1) AS plain_rollup
    FROM trial t WINDOW moving AS (ORDER BY i ROWS BETWEEN width PRECEDING AND 1 PRECEDING)) x GROUP BY width ORDER BY width;
SELECT count(*) FILTER (WHERE er_agg IS DISTINCT FROM plain) AS differing FROM (
    SELECT er_agg(i, -i) OVER (ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW),
        (SELECT er_agg(p.i, -p.i) FROM trial p WHERE p.i BETWEEN t.i - 2 AND t.i) AS plain FROM trial t) x;

-- errors come through the aggregate, and name the part
SELECT er_agg(x, 1) FROM unnest(ARRAY[1, 'NaN'::numeric]) x;
SELECT er_agg(1, x) FROM unnest(ARRAY[1, 0.12345678901]) x;
SELECT er_agg(x, 0) FROM unnest(ARRAY[999999999999999999, 1]) x;
SELECT rollup(rate(0, 9223372036854775807)) FROM generate_series(1, 2);

-- the transition functions by hand leave their arguments alone
SELECT er_agg_add(e, 1, 2), er_agg_add(NULL, 1, NULL), er_plus(e, e), er_minus(e, '1:1'), e FROM (SELECT er '1:2' OFFSET 0) v(e);
SELECT rate_agg_add(r, true), rate_agg_add(r, NULL), rate_agg_add(NULL, false), rate_plus(r, r), rate_minus(r, '1/1'), rate_agg_moving_final('0/0') IS NULL AS empty, r FROM (SELECT rate '1/2' OFFSET 0) v(r);
DROP TABLE effort, er_by_month, trial;
