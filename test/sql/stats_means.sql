-- moments and tests of means: exact sums, R's numbers, definitions, extremes
SET search_path = public, dupex;
\set VERBOSITY terse
\pset null '-'
SET extra_float_digits = -4;

-- t.test(extra ~ group, data = sleep) of R's documentation
SELECT round(difference::numeric, 2) AS difference, round(lower::numeric, 7) AS lower, round(upper::numeric, 7) AS upper, round(statistic::numeric, 4) AS t, round(df::numeric, 3) AS df, round(p_value::numeric, 5) AS p_value
FROM (SELECT moments_agg(x) FILTER (WHERE g = 1) AS a, moments_agg(x) FILTER (WHERE g = 2) AS b FROM (VALUES (1, .7), (1, -1.6), (1, -.2), (1, -1.2), (1, -.1), (1, 3.4), (1, 3.7), (1, .8), (1, 0), (1, 2),
    (2, 1.9), (2, .8), (2, 1.1), (2, .1), (2, -.1), (2, 4.4), (2, 5.5), (2, 1.6), (2, 4.6), (2, 3.4)) sleep(g, x)) m, mean_test(a, b);
-- the interval of one mean: 1, 2, 3 has mean 2, standard error 1 / sqrt(3), t 4.302653 (two degrees of freedom)
SELECT mean, round(lower::numeric, 6) AS lower, round((2 - 4.302652729911275 / sqrt(3))::numeric, 6) AS by_hand, round(upper::numeric, 6) AS upper FROM (SELECT moments_agg(x) AS m FROM generate_series(1::numeric, 3) x) s, mean_interval(m);

-- variance and mean are those of numeric arithmetic, for amounts of both signs and nine decimals, and of rows whose mean hides their spread
SELECT what, moments_people(m) = n AS people, moments_sum(m) = s AS sum, moments_sum_of_squares(m) = q AS squares, abs(moments_variance(m) / v - 1) < 1e-14 AS variance, abs(moments_mean(m) / a - 1) < 1e-15 AS mean, abs(moments_deviation(m) / sqrt(v) - 1) < 1e-14 AS deviation
FROM (SELECT what, moments_agg(x) AS m, count(x) AS n, sum(x) AS s, sum(x * x) AS q, avg(x) AS a, var_samp(x) AS v FROM (
        SELECT 'small', ((i * 7919 % 10007) - 5000) / 100.0 FROM generate_series(1, 1000) i
        UNION ALL SELECT 'nine decimals', round((i * 7919 % 10007) / 1e9 * i - .003, 9) FROM generate_series(1, 1000) i
        UNION ALL SELECT 'far from zero', 900000000000000 + i % 3 FROM generate_series(1, 1000) i
        UNION ALL SELECT 'largest', CASE WHEN i % 2 = 0 THEN 99999999999999999.999999999 ELSE -99999999999999999.999999998 END FROM generate_series(1, 99) i
        UNION ALL SELECT 'NULLs', CASE WHEN i % 3 <> 0 THEN i END FROM generate_series(1, 100) i) r(what, x) GROUP BY what) t ORDER BY what COLLATE "C";
-- floating point would say 0 or anything about the spread of these three
SELECT moments_variance(moments_agg(x)) AS exact, (sum(x::float8 ^ 2) - sum(x::float8) ^ 2 / count(*)) / (count(*) - 1) <> 1 AS float8_is_wrong FROM (VALUES (900000000000000::numeric), (900000000000001), (900000000000002)) v(x);

-- adds up in any order and from parts; the constructor takes what a table has
SELECT rollup(m) FROM (SELECT NULL::moments AS m) x;
SELECT (SELECT rollup(m)::text FROM (SELECT moments_agg(x) AS m FROM generate_series(1, 1000) i, LATERAL (SELECT (i * 31 % 97) / 7.0::numeric(9, 4)) y(z), LATERAL (SELECT round(z, 4)) w(x) GROUP BY i % 13) p)
     = (SELECT moments(count(*), sum(x), sum(x * x))::text FROM generate_series(1, 1000) i, LATERAL (SELECT round((i * 31 % 97) / 7.0::numeric(9, 4), 4)) w(x)) AS same, moments '1:2:4' + moments '2:-0.5:1.25' AS sum;
SELECT moments_agg(x) FROM (VALUES (NULL::numeric), (NULL)) v(x);
SELECT moments_agg(coalesce(spent, 0)) AS with_who_spent_nothing, moments_agg(spent) AS without FROM (VALUES (1, 10.0), (2, NULL), (3, 20.0)) c(id, spent);

-- the test by its definition, for unlike groups
SELECT abs(t.statistic - (10.5 - 20) / sqrt(35 / 20.0 + 3 / 12.0)) < 1e-13 AS t, abs(t.df - (35 / 20.0 + 3 / 12.0) ^ 2 / ((35 / 20.0) ^ 2 / 19 + (3 / 12.0) ^ 2 / 11)) < 1e-12 AS df, abs(t.p_value / (2 * t_upper(-t.statistic, t.df)) - 1) < 1e-14 AS p_value,
    abs((t.upper - t.lower) / 2 / sqrt(2) / t_quantile(.995, t.df) - 1) < 1e-13 AS margin
FROM (SELECT moments_agg(i) AS a FROM generate_series(1, 20) i) x, (SELECT moments(12, 240, 4833) AS b) y, mean_test(a, b, confidence => .99) t;

-- what is undefined is NULL
SELECT moments_mean('0:0:0'), moments_variance('1:5:25'), moments_deviation('0:0:0'), m.*, i.* FROM mean_test('1:5:25', '3:6:14') m, mean_interval('0:0:0') i;
SELECT m.*, i.* FROM mean_test('3:6:12', '2:8:32') m, mean_interval('3:6:12') i;
SELECT mean_test(NULL, '3:6:14'), moments_agg(NULL) FROM generate_series(1, 2);

-- text: read as written, refused with a word of what is wrong
SELECT v::moments, pg_typeof(v::moments::text) FROM unnest('{0:0:0,+3:+12.50:80.250,1:-.5:.25,007:0:0.000}'::text[]) v WHERE v !~ '^\+';
SELECT moments '9223372036854775807:0:0' + moments '1:0:0';
SELECT moments '2:999999999999999999:999999999999999999000000000000000000' + moments '2:1:1';
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT moments '3:12.5';
SELECT moments '3:x:80';
SELECT moments '-3:1:1';
SELECT moments '3:12.5:1';
SELECT moments '0:0:1';
SELECT moments '99999999999999999999:0:0';
SELECT moments '1:0.1234567891:1';
SELECT moments '1:1:1.0000000000000000001';
SELECT moments(2, 10, 3);
SELECT moments(-1, 0, 0);
SELECT moments(1, 'NaN', 1);
SELECT moments(1, 1e18, 1e36);
SELECT moments_agg(1e18) FROM generate_series(1, 2);
SELECT moments_agg(1.0 / 3) FROM generate_series(1, 2);
SELECT moments_agg('NaN'::numeric) FROM generate_series(1, 2);
SELECT mean_test('2:1:1', '2:1:1', confidence => 1);
