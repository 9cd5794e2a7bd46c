-- rate_interval, rate_difference_interval: published numbers, defining equations, extremes
SET search_path = public, dupex;
\set VERBOSITY terse
SET extra_float_digits = 1;

-- Newcombe 1998 (single proportion), Table I, to more digits; R's binom.test(682, 925)
CREATE TEMP TABLE published (r rate, method text, lower numeric, upper numeric);
INSERT INTO published VALUES
    ('81/263', 'wilson', .255288520, .366209577), ('15/148', 'wilson', .062386400, .160487242), ('0/20', 'wilson', 0, .161125158), ('1/29', 'wilson', .006113214, .171755219),
    ('81/263', 'clopper_pearson', .252736746, .367621923), ('15/148', 'clopper_pearson', .057844010, .161650490), ('0/20', 'clopper_pearson', 0, .168433471), ('1/29', 'clopper_pearson', .000872647, .177644295),
    ('81/263', 'agresti_coull', .255220665, .366277432), ('15/148', 'agresti_coull', .061385975, .161487666), ('0/20', 'agresti_coull', -.028684402, .189809561), ('1/29', 'agresti_coull', -.008418075, .186286509),
    ('682/925', 'clopper_pearson', .7076682641, .7654065582),
    -- the paper's four digits
    ('81/263', 'wilson_cc', .2535, .3682), ('15/148', 'wilson_cc', .0598, .1644), ('0/20', 'wilson_cc', .0000, .2005), ('1/29', 'wilson_cc', .0018, .1963),
    -- Brown, Cai and DasGupta 2001, Table 5, three digits
    ('0/7', 'jeffreys', 0, .292), ('1/7', 'jeffreys', .016, .501), ('2/7', 'jeffreys', .065, .648);
SELECT p.r, p.method, round(i.lower::numeric, scale(p.lower)) AS lower, round(i.upper::numeric, scale(p.upper)) AS upper,
    round(i.lower::numeric, scale(p.lower)) = p.lower AND round(i.upper::numeric, scale(p.upper)) = p.upper AS as_published
FROM published p, rate_interval(r, 0.95, method) i;
DROP TABLE published;
-- Newcombe 1998 (difference), Table II, method 10
SELECT p.a, p.b, round(i.difference::numeric, 6) AS difference, round(i.lower::numeric, scale(p.lower)) AS lower, round(i.upper::numeric, scale(p.upper)) AS upper,
    round(i.lower::numeric, scale(p.lower)) = p.lower AND round(i.upper::numeric, scale(p.upper)) = p.upper AS as_published
FROM (VALUES (rate '56/70', rate '48/80', .052431472, .333872654), ('5/56', '0/29', -.038137148, .192560014), ('9/10', '3/10', .1705, .8090), ('6/7', '2/7', .0582, .8062),
    ('0/10', '0/20', -.1611, .2775), ('0/10', '0/10', -.2775, .2775), ('10/10', '0/20', .6791, 1.0000), ('10/10', '0/10', .6075, 1.0000)) p(a, b, lower, upper), rate_difference_interval(a, b) i;
SELECT * FROM rate_interval('81/263') EXCEPT SELECT * FROM rate_interval('81/263', 0.95, 'wilson');
SELECT * FROM rate_difference_interval('56/70', '48/80') EXCEPT SELECT * FROM rate_difference_interval(a => '56/70', b => '48/80', confidence => 0.95);

-- Clopper and Pearson by definition: at the bound the binomial tail, added up by brute force, is what it should be
CREATE FUNCTION pg_temp.at_least(s bigint, n bigint, p numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    term numeric := 1;          -- the probability of exactly k successes, from k = s upwards
    total numeric := 0;
BEGIN
    FOR i IN 1 .. s LOOP term := round(term * p * (n - s + i) / i, 60); END LOOP;
    FOR i IN s + 1 .. n LOOP term := round(term * (1 - p), 60); END LOOP;
    FOR k IN s .. n LOOP
        total := total + term;
        term := round(term * (n - k) * p / ((k + 1) * round(1 - p, 60)), 60);
    END LOOP;
    RETURN total;
END $$;
-- (next to 1 an upper bound has few digits of 1 - upper)
SELECT confidence, count(*) AS bounds, max(abs(pg_temp.at_least(s, n, lower::text::numeric) / tail - 1)) < 1e-12 AS lower_tail,
    max(abs(pg_temp.at_least(n - s, n, 1 - upper::text::numeric) / tail - 1)) < 1e-6 AS upper_tail
FROM unnest(ARRAY[.5, .9, .95, .9999, .999999999]::float8[]) confidence, (VALUES (2), (7), (20), (40)) t(n), LATERAL (VALUES (1), (n / 2), (n - 1)) k(s),
    rate_interval(rate(s, n), confidence, 'clopper_pearson'), LATERAL (SELECT ((1 - confidence) / 2)::text::numeric) x(tail) GROUP BY confidence ORDER BY confidence;
-- ... and in closed form at the ends, up to 2^62 trials
SELECT n, bool_and(abs(a.lower / (t ^ (1 / n::float8)) - 1) < 1e-13) AS all_successes, bool_and(abs(b.upper / l / (1 - l / 2 * (1 - l / 3 * (1 - l / 4 * (1 - l / 5)))) - 1) < 1e-8) AS no_success,
    bool_and(abs(c.lower / k / (1 - k / 2 * (1 - k / 3)) - 1) < 1e-12) AS one_success, bool_and(a.upper = 1 AND b.lower = 0) AS exact_ends, count(*)
FROM (VALUES (1000::bigint), (1000000), (1000000000000), (4611686018427387904)) v(n), (VALUES (0.5::float8), (0.9), (0.95), (1 - 1e-6), (1 - 1e-12)) w(confidence),
    LATERAL (SELECT (1 - confidence) / 2) x(t), LATERAL (SELECT -ln(t) / n, ln(1 / (1 - t::numeric))::float8 / n) y(l, k),
    rate_interval(rate(n, n), confidence, 'clopper_pearson') a, rate_interval(rate(0, n), confidence, 'clopper_pearson') b, rate_interval(rate(1, n), confidence, 'clopper_pearson') c GROUP BY n ORDER BY n;

-- Wilson by definition: |rate - bound| is z standard errors at the bound
SELECT z, bool_and(abs((r - lower) / sqrt(lower * (1 - lower) / n) / z - 1) < 1e-9 AND abs((upper - r) / sqrt(upper * (1 - upper) / n) / z - 1) < 1e-9) AS z_standard_errors
FROM (VALUES (0.6744897501960817, 0.5::float8), (1.959963984540054, 0.95), (6.109410204869, 0.999999999)) v(z, confidence), (VALUES (2), (50), (100000)) t(n), (VALUES (1), (2)) d(divisor),
    LATERAL (SELECT (n / divisor / 2.0)::int) k(s), LATERAL (SELECT s / n::float8) x(r), rate_interval(rate(s, n), confidence, 'wilson') WHERE s > 0 GROUP BY z ORDER BY z;

-- properties of all methods on all rates of up to 30 trials and some huge ones
CREATE TEMP TABLE bound AS
SELECT method, confidence, n, s, lower, upper, s / n::float8 AS value FROM unnest('{wilson,wilson_cc,clopper_pearson,agresti_coull,jeffreys}'::text[]) method,
    unnest('{0.5,0.8,0.95,0.999,0.999999999999}'::float8[]) confidence, (SELECT generate_series(1::bigint, 30) UNION ALL VALUES (1000), (1000000), (1000000007), (4611686018427387904)) t(n),
    LATERAL (SELECT DISTINCT s FROM (SELECT generate_series(0, least(n, 30)) UNION ALL VALUES (n / 3), (n / 2), (n - 1), (n)) x(s)) y, rate_interval(rate(s, n), confidence, method);
SELECT count(*), count(*) FILTER (WHERE NOT (lower < upper OR lower = upper AND n - s < 2 AND n > 2 ^ 53)) AS empty, count(*) FILTER (WHERE method <> 'agresti_coull' AND NOT (lower >= 0 AND upper <= 1)) AS beyond,
    count(*) FILTER (WHERE NOT value BETWEEN lower AND upper) AS rate_outside, count(*) FILTER (WHERE method <> 'agresti_coull' AND ((s = 0) <> (lower = 0) OR (s = n) AND upper <> 1)) AS ends FROM bound;
SELECT count(*) AS compared, count(*) FILTER (WHERE abs(a.lower - (1 - b.upper)) > 4e-16) AS unlike_mirrored FROM bound a JOIN bound b ON (b.method, b.confidence, b.n, b.s) = (a.method, a.confidence, a.n, a.n - a.s);
SELECT count(*) FILTER (WHERE lower < previous_lower OR upper < previous_upper) AS not_rising_with_successes FROM (SELECT *, lag(lower) OVER w AS previous_lower, lag(upper) OVER w AS previous_upper FROM bound WINDOW w AS (PARTITION BY method, confidence, n ORDER BY s)) x;
-- (the middle of Agresti's and Coull's moves with confidence)
SELECT count(*) FILTER (WHERE lower > previous_lower OR upper < previous_upper) AS not_widening_with_confidence FROM (SELECT *, lag(lower) OVER w AS previous_lower, lag(upper) OVER w AS previous_upper FROM bound WHERE method <> 'agresti_coull' WINDOW w AS (PARTITION BY method, n, s ORDER BY confidence)) x;
-- the exact interval holds the one of Jeffreys; with continuity correction it is wider than without
SELECT count(*) AS compared, count(*) FILTER (WHERE a.lower > b.lower OR a.upper < b.upper) AS not_holding FROM bound a JOIN bound b USING (confidence, n, s)
WHERE (a.method, b.method) IN (('clopper_pearson', 'jeffreys'), ('wilson_cc', 'wilson'));
-- many trials: all agree with the simple normal interval
SELECT method, bool_and(abs((value - lower) / (z * sqrt(value * (1 - value) / n)) - 1) < 1e-6) AS normal FROM bound JOIN (VALUES (0.95::float8, 1.959963984540054), (0.999, 3.290526731491895), (0.999999999999, 7.1305058)) v(confidence, z) USING (confidence)
WHERE n = 4611686018427387904 AND s IN (n / 2, n / 3) GROUP BY method ORDER BY method;
-- the difference, turned round, changes its sign
SELECT count(*), count(*) FILTER (WHERE abs(x.difference + y.difference) > 1e-15 OR abs(x.lower + y.upper) > 1e-15) AS not_antisymmetric, count(*) FILTER (WHERE NOT x.difference BETWEEN x.lower AND x.upper OR x.lower < -1 OR x.upper > 1) AS impossible
FROM (SELECT rate(s, n) FROM generate_series(1, 9) n, generate_series(0, n) s) a(a), (SELECT rate(s, n) FROM generate_series(1, 9) n, generate_series(0, n) s) b(b), rate_difference_interval(a, b) x, rate_difference_interval(b, a) y;
DROP TABLE bound;

-- undefined is NULL
SELECT * FROM rate_interval('0/0') UNION ALL SELECT * FROM rate_interval(NULL) UNION ALL SELECT * FROM rate_interval('1/2', NULL) UNION ALL SELECT * FROM rate_interval('1/2', 0.9, NULL);
SELECT * FROM rate_difference_interval('0/0', '1/2') UNION ALL SELECT * FROM rate_difference_interval('1/2', '0/0') UNION ALL SELECT * FROM rate_difference_interval('1/2', NULL);
-- errors
SELECT rate_interval('1/2', 1);
SELECT rate_interval('1/2', 0);
SELECT rate_interval('1/2', -0.5);
SELECT rate_interval('1/2', 'NaN');
SELECT rate_interval('0/0', 95);
SELECT rate_interval('1/2', 0.95, 'wald');
SELECT rate_interval('0/0', 0.95, '');
SELECT rate_difference_interval('1/2', '1/3', 2);
\set VERBOSITY default
SELECT rate_interval('1/2', 95);
SELECT rate_interval('1/2', 0.95, 'Wilson');
