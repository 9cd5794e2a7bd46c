-- tests of counts and rates: published numbers, definitions by brute force, identities, extremes
SET search_path = public, dupex;
\set VERBOSITY terse
\pset null '-'
SET extra_float_digits = -4;

-- R's documentation and published tables, to the digits printed there
CREATE TEMP TABLE published (source text, got float8, wanted numeric);
INSERT INTO published SELECT 'prop.test 15/50, 25/50: X2, p, interval, with Yates', unnest(ARRAY[statistic, p_value, lower, upper]), unnest(ARRAY[3.375, .06619258, -.407993, .007993]) FROM prop_test('{15,25}', '{50,50}', correct => true);
INSERT INTO published SELECT 'the same without', unnest(ARRAY[statistic, p_value, lower, upper]), unnest(ARRAY[4.1666667, .04122683, -.387993, -.012007]) FROM prop_test('{15,25}', '{50,50}');
INSERT INTO published SELECT 'pooled z of the same', z, -2.0412414523 FROM rate_z_test('15/50', '25/50');
INSERT INTO published SELECT 'prop.test, smokers (Fleiss 1981)', unnest(ARRAY[statistic, df, p_value]), unnest(ARRAY[12.600, 3, .005585]) FROM prop_test('{83,90,129,70}', '{86,93,136,82}');
INSERT INTO published SELECT 'prop.trend.test, smokers', unnest(ARRAY[statistic, df, p_value]), unnest(ARRAY[8.2249, 1, .004132]) FROM prop_trend_test('{83,90,129,70}', '{86,93,136,82}');
INSERT INTO published SELECT 'prop.trend.test, scores 0 0 0 1', unnest(ARRAY[statistic, p_value]), unnest(ARRAY[12.173, .0004848]) FROM prop_trend_test('{83,90,129,70}', '{86,93,136,82}', '{0,0,0,1}');
INSERT INTO published SELECT 'binom.test 682/925 against 3/4 (Conover 1971)', unnest(ARRAY[p_value, lower, upper]), unnest(ARRAY[.3824916, .7076682641, .7654065582]) FROM binomial_test(682, 925, 0.75);
INSERT INTO published SELECT 'fisher.test, tea taster (Fisher 1935)', unnest(ARRAY[p_value, p_greater, odds_ratio, lower, upper]), unnest(ARRAY[.4857143, .2428571, 6.408319658, .2117355954, 626.2435306]) FROM fisher_test(3, 1, 1, 3);
INSERT INTO published SELECT 'chisq.test, party and gender (Agresti 2007)', unnest(ARRAY[statistic, df, p_value]), unnest(ARRAY[30.070149, 2, 2.953589e-07]) FROM chisq_test('{{762,327,468},{484,239,477}}');
INSERT INTO published SELECT 'mcnemar.test, approval (Agresti 1990)', unnest(ARRAY[statistic, p_value]), unnest(ARRAY[16.81779661, 4.11456228e-05]) FROM mcnemar_test(150, 86, correct => true);
INSERT INTO published SELECT 'mantelhaen.test, admissions to Berkeley', unnest(ARRAY[statistic, p_value, odds_ratio, lower, upper]), unnest(ARRAY[1.4269, .2323, .9046968, .7719074, 1.0603298])
FROM mantel_haenszel_test('{512,353,120,138,53,22}', '{825,560,325,417,191,373}', '{89,17,202,131,94,24}', '{108,25,593,375,393,341}', correct => true);
INSERT INTO published SELECT 'sample ratio 1000 : 1050', p_value, .269456 FROM srm_test('{1000,1050}');
INSERT INTO published SELECT 'Holm', unnest(p_adjust('{.01,.02,.03,.04,.05}')), unnest(ARRAY[.05, .08, .09, .09, .09]);
INSERT INTO published SELECT 'Benjamini and Hochberg', unnest(p_adjust('{.01,.02,.03,.04,.05}', 'BH')), unnest(ARRAY[.05, .05, .05, .05, .05]);
INSERT INTO published SELECT 'Benjamini and Hochberg 1995', unnest(p_adjust('{.0001,.0004,.0019,.0095,.0201,.0278,.0298,.0344,.0459}' || '{.324,.4262,.5719,.6528,.759,1}'::float8[], 'fdr')), unnest(ARRAY[.0015, .003, .0095, .035625, .0603, .0638571, .0638571, .0645, .0765]);
SELECT source, count(*) AS numbers, count(*) FILTER (WHERE round(got::numeric, scale(wanted)) <> wanted) AS differing FROM published WHERE wanted IS NOT NULL GROUP BY source ORDER BY source COLLATE "C";
SELECT source, got, wanted FROM published WHERE round(got::numeric, scale(wanted)) <> wanted;
DROP TABLE published;
-- of those 15 hypotheses 4 are rejected at .05, by Holm's method 3 (the paper says so)
SELECT method, count(*) FROM unnest('{BH,holm}'::text[]) method, unnest(p_adjust('{.0001,.0004,.0019,.0095,.0201,.0278,.0298,.0344,.0459,.324,.4262,.5719,.6528,.759,1}', method)) p WHERE p <= .05 GROUP BY method ORDER BY method COLLATE "C";

-- Fisher's test against all tables in exact fractions, odds ratio and bounds as roots in 60 digits (test/check/stats_oracle.py)
CREATE TEMP TABLE fisher (a bigint, b bigint, c bigint, d bigint, wanted float8[]);
INSERT INTO fisher SELECT a, b, c, d, ARRAY[p, less, greater, ratio, lower, upper] FROM (VALUES
    (3, 1, 1, 3, 4.8571428571428571429e-1, 9.8571428571428571429e-1, 2.4285714285714285714e-1, 6.4083196581996743223, 2.1173559544657856704e-1, 6.2624353058881404194e+2),
    (10, 2, 3, 15, 5.367241191434358009e-4, 9.9998451901868614565e-1, 4.6518094336290501366e-4, 2.130531755675033736e+1, 2.7533827882493229491, 3.014623379715164148e+2),
    (0, 8, 5, 3, 2.5641025641025641026e-2, 1.2820512820512820513e-2, 1.0, 0, 0, 7.5453225005412076631e-1),
    (4, 0, 0, 4, 2.8571428571428571429e-2, 1.0, 1.4285714285714285714e-2, NULL, 1.3390717494560727054, NULL),
    (30, 970, 55, 945, 7.4672069827699030314e-3, 3.7336034913849515157e-3, 9.981435732096160196e-1, 5.3156031682172185579e-1, 3.2577132717848612572e-1, 8.5261374417496138629e-1),
    (2, 99998, 11, 99989, 2.2456748183038406115e-2, 1.1228374091519203058e-2, 9.9829149166232300999e-1, 1.818030766048833217e-1, 1.9580683263854082854e-2, 8.3304542777772830293e-1),
    (700, 300, 690, 310, 6.6205406974651898329e-1, 7.034023070860088863e-1, 3.3102703487325949165e-1, 1.0482844489310480765, 8.62570657087474459e-1, 1.274090579606036818),
    (1, 9, 0, 1000, 9.9009900990099009901e-3, 1.0, 9.9009900990099009901e-3, NULL, 2.5641025641025641026, NULL)
    ) v(a, b, c, d, p, less, greater, ratio, lower, upper);
SELECT a, b, c, d, round(f.p_value::numeric, 6) AS p_value, round(f.odds_ratio::numeric, 6) AS odds_ratio, round(f.lower::numeric, 6) AS lower, round(f.upper::numeric, 6) AS upper, near AND num_nulls(VARIADIC wanted) = num_nulls(f.p_value, f.p_less, f.p_greater, f.odds_ratio, f.lower, f.upper) AS as_computed
FROM fisher, fisher_test(a, b, c, d) f, LATERAL (SELECT bool_and(CASE WHEN w = 0 THEN g = 0 ELSE abs(g / w - 1) < 1e-10 END) FROM unnest(wanted, ARRAY[f.p_value, f.p_less, f.p_greater, f.odds_ratio, f.lower, f.upper]) u(w, g)) x(near) ORDER BY a + b + c + d, a;
DROP TABLE fisher;
-- ... and against numeric factorials for every table of up to 9 and 7 in its rows
WITH tables AS MATERIALIZED (SELECT a, r1 - a AS b, c, r2 - c AS d, factorial(r1) * factorial(r2) * factorial(a + c) * factorial(r1 + r2 - a - c) / factorial(r1 + r2) / (factorial(a) * factorial(r1 - a) * factorial(c) * factorial(r2 - c)) AS p
    FROM generate_series(1, 9) r1, generate_series(0, 7) r2, generate_series(0, r1) a, generate_series(0, r2) c),
    brute AS (SELECT t.a, t.b, t.c, t.d, sum(o.p) FILTER (WHERE o.p <= t.p * 1.0000001) AS two, sum(o.p) FILTER (WHERE o.a <= t.a) AS less, sum(o.p) FILTER (WHERE o.a >= t.a) AS greater
    FROM tables t JOIN tables o ON o.a + o.b = t.a + t.b AND o.c + o.d = t.c + t.d AND o.a + o.c = t.a + t.c GROUP BY t.a, t.b, t.c, t.d)
SELECT count(*) AS tables, max(abs(f.p_value - two)) < 1e-13 AS two_sided, max(abs(f.p_less - less)) < 1e-13 AS less, max(abs(f.p_greater - greater)) < 1e-13 AS greater FROM brute, fisher_test(a, b, c, d) f;
-- rows and columns may be exchanged; the other order of rows is the other side; 10^9 counts give what the score test gives
SELECT count(*) AS tables, bool_and(abs(f.p_value - g.p_value) < 1e-12 AND abs(f.odds_ratio / g.odds_ratio - 1) < 1e-9 AND abs(f.upper / g.upper - 1) < 1e-9) AS transposed,
    bool_and(abs(f.p_less - h.p_greater) < 1e-12 AND abs(f.odds_ratio * h.odds_ratio - 1) < 1e-9 AND abs(f.lower * h.upper - 1) < 1e-9) AS exchanged
FROM generate_series(1, 25, 6) a, generate_series(2, 40, 9) b, generate_series(1, 30, 7) c, generate_series(3, 3000, 900) d, fisher_test(a, b, c, d) f, fisher_test(a, c, b, d) g, fisher_test(c, d, a, b) h;
SELECT abs(f.p_value / c.p_value - 1) < 1e-3 AS p_value, abs(f.odds_ratio / (k.o) - 1) < 1e-9 AS odds_ratio, abs(ln(f.upper / f.lower) / (2 * 1.959963984540054 * s) - 1) < 1e-4 AS interval
FROM fisher_test(300000000, 700000000, 300030000, 699970000) f, chisq_test('{{300000000,700000000},{300030000,699970000}}') c, LATERAL (SELECT 300000000 / 700000000.0::float8 / (300030000 / 699970000.0::float8), sqrt(2 / 3e8 + 2 / 7e8::float8)) k(o, s);
SELECT round(p_value::numeric, 12) AS p_value, round((odds_ratio)::numeric, 5) AS odds_ratio, lower, round(upper::numeric, 4) AS upper FROM fisher_test(0, 1000000000, 5, 999999995);
SELECT * FROM fisher_test(0, 0, 3, 1), fisher_test(4, 0, 0, 0) g;

-- z squared is chi-square, of two rates and of the table of successes and failures; so with the continuity correction
SELECT count(*), bool_and(abs(z.z ^ 2 - p.statistic) <= 1e-12 * p.statistic AND abs(p.statistic - c.statistic) <= 1e-12 * p.statistic AND abs(z.p_value - p.p_value) < 1e-14 AND abs(z.p_less + z.p_greater - 1) < 1e-15) AS same
FROM (VALUES (7), (50), (123456789)) n(n), (VALUES (9), (60), (1000000000)) m(m), (VALUES (.1), (.4), (.99)) s(s), (VALUES (.2), (.6)) t(t), LATERAL (SELECT (n * s)::bigint, (m * t)::bigint) k(a, b), (VALUES (false), (true)) y(y),
    rate_z_test(rate(a, n), rate(b, m), y) z, prop_test(ARRAY[a, b], ARRAY[n, m]::bigint[], y) p, chisq_test(ARRAY[[a, n - a], [b, m - b]], y) c WHERE p.statistic IS NOT NULL;
-- equal strata are one stratum: the test of a single one is chi-square times (n - 1) / n; duplicated strata keep the odds ratio
SELECT abs(m.statistic / (c.statistic * 99 / 100) - 1) < 1e-14 AS one_stratum, abs(m.odds_ratio - (15 * 25.0 / (25 * 35))) < 1e-14 AS odds_ratio, abs(d.odds_ratio - m.odds_ratio) < 1e-14 AS twice, abs(d.difference + 0.2) < 1e-15 AS difference,
    abs(ln(d.upper / d.lower) * sqrt(2) - ln(m.upper / m.lower)) < 1e-12 AS narrower
FROM mantel_haenszel_test('{15}', '{50}', '{25}', '{50}') m, chisq_test('{{15,35},{25,25}}') c, mantel_haenszel_test('{15,15}', '{50,50}', '{25,25}', '{50,50}') d;
-- paradox of Simpson: worse in each stratum, better in all
SELECT round(m.difference::numeric, 4) AS within_strata, round((p.successes / 450.0 - 0.68)::numeric, 4) AS over_all FROM mantel_haenszel_test('{80,240}', '{100,350}', '{270,55}', '{320,70}') m, (SELECT 320 AS successes) p;
-- a trend test of two groups is the test of two groups; scores may be shifted and scaled
SELECT abs(t.statistic - p.statistic) < 1e-13 AS two_groups, abs(a.statistic / b.statistic - 1) < 1e-12 AS scaled FROM prop_trend_test('{15,25}', '{50,50}') t, prop_test('{15,25}', '{50,50}') p, prop_trend_test('{5,9,12}', '{50,60,55}') a, prop_trend_test('{5,9,12}', '{50,60,55}', '{1e6,1000002,1000004}') b;
-- one group is tested against 1/2 and gets the interval of Wilson, as R does it
SELECT round(statistic::numeric, 6) AS statistic, df, abs(p.lower - i.lower) < 1e-15 AS lower, abs(p.upper - i.upper) < 1e-15 AS upper FROM prop_test('{15}', '{50}') p, rate_interval('15/50') i;
SELECT abs(p.lower - i.lower) < 1e-15 AS lower, abs(p.upper - i.upper) < 1e-15 AS upper FROM prop_test('{15}', '{50}', true) p, rate_interval('15/50', method => 'wilson_cc') i;
-- a sample ratio with equal shares is chi-square of a list; shares need not add up to 1
SELECT s.*, s = t AS any_sum, c.statistic = s.statistic AS as_list FROM srm_test('{480,520,505}') s, srm_test('{480,520,505}', '{7,7,7}') t, chisq_test('{480,520,505}') c;
SELECT statistic, p_value < 1e-50 AS lost_people FROM srm_test('{91500,8500}', '{.9,.1}');

-- the binomial test by adding up all probabilities
SELECT n, round(p, 2) AS p, count(*), bool_and(abs(b.p_value - two) < 1e-12) AS two_sided, bool_and(abs(b.p_less - less) < 1e-13) AS less, bool_and(abs(b.p_greater - greater) < 1e-13) AS greater FROM (
    SELECT n, p, x.k, sum(o.q) FILTER (WHERE o.q <= x.q * 1.0000001) AS two, sum(o.q) FILTER (WHERE o.k <= x.k) AS less, sum(o.q) FILTER (WHERE o.k >= x.k) AS greater
    FROM (VALUES (1), (2), (9), (30)) n(n), (SELECT p::numeric(50, 40) FROM unnest('{.5,.02,.75}'::numeric[]) p) s(p), LATERAL (SELECT k, factorial(n) / (factorial(k) * factorial(n - k)) * p ^ k * (1 - p) ^ (n - k) FROM generate_series(0, n) k) x(k, q),
        LATERAL (SELECT k, factorial(n) / (factorial(k) * factorial(n - k)) * p ^ k * (1 - p) ^ (n - k) FROM generate_series(0, n) k) o(k, q) GROUP BY n, p, x.k) t, binomial_test(k, n, p) b GROUP BY n, p ORDER BY n, p;
SELECT * FROM binomial_test(0, 0, 0.02), binomial_test(3, 3, 1) e;
SELECT b.p_value < 1e-20 AS far, b.p_value > 0 AS not_zero FROM binomial_test(25000, 1000000, 0.02) b;
-- confidences that leave no width to step by
SELECT a, b, n, round(ratio::numeric, 6) AS ratio, round(CASE WHEN lower < 1e9 THEN lower END::numeric, 6) AS lower, round(upper::numeric, 6) AS upper
  FROM (VALUES ('0/5', '3/7'), ('5/5', '0/5'), ('2/5', '3/7')) v(a, b), unnest('{5e-324,1e-9,0.9999999999999999}'::float8[]) WITH ORDINALITY c(confidence, n), rate_ratio_interval(a::rate, b::rate, confidence);
-- counts beyond 2^53, where a double has no next number
SELECT k, n, p, b.p_value > .999999 AS likely, b.p_value < 1e-300 AS unlikely, round(b.p_less::numeric, 6) AS p_less, round(b.lower::numeric, 9) AS lower, round(b.upper::numeric, 9) AS upper
  FROM (VALUES (4611686018427387904, 9223372036854775807, .5), (100, 4611686018427387904, .01), (4611686018427387904, 9223372036854775807, .3), (9223372036854775807, 9223372036854775807, .999)) v(k, n, p), binomial_test(k, n, p) b;

-- the ratio of two rates: the bounds are the roots of the score equation (test/check/stats_oracle.py); one over the ratio the other way round
SELECT a, b, round(i.ratio::numeric, 6) AS ratio, round(i.lower::numeric, 6) AS lower, round(i.upper::numeric, 6) AS upper, coalesce(abs(i.lower / l - 1) < 1e-10, i.lower = 0) AND coalesce(abs(i.upper / u - 1) < 1e-10, i.upper IS NULL) AS as_computed, coalesce(abs(i.lower * j.upper - 1) < 1e-9, true) AS reversed
FROM (VALUES
    ('36/40', '16/80', 2.9395691922149938982, 7.1522234348660295989),
    ('3/100', '1/120', 5.2384572474840917795e-1, 2.4923380507380809146e+1),
    ('0/50', '4/60', NULL, 1.1082549637031932852),
    ('5/5000', '0/4000', 1.0418367430634374625, NULL),
    ('24000/1000000', '25000/1000000', 9.4335208137248557156e-1, 9.7694163625594234167e-1)
    ) v(a, b, l, u), rate_ratio_interval(a::rate, b::rate) i, rate_ratio_interval(b::rate, a::rate) j;
SELECT round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper, round((1.2 * exp(1.959963984540054 * sqrt(1 / 120.0 - 1 / 1000.0 + 1 / 100.0 - 1 / 1000.0)))::numeric, 6) AS by_hand FROM rate_ratio_interval('120/1000', '100/1000', method => 'katz');
SELECT * FROM rate_ratio_interval('0/50', '4/60', method => 'katz'), rate_ratio_interval('4/50', '0/60') k, rate_ratio_interval('0/50', '0/60') n, rate_ratio_interval('4/50', '0/0') z, rate_ratio_interval('50/50', '60/60') f;

-- how often the intervals hold the truth, of all results of 15 and 20 trials weighed by their probabilities: at least as often as they say for Fisher's, about as often for Koopman's and Newcombe's
SELECT count(*) AS rates, min(fisher) >= .95 AS fisher, min(koopman) > .92 AND avg(koopman) BETWEEN .945 AND .985 AS koopman, min(newcombe) > .92 AND avg(newcombe) BETWEEN .945 AND .985 AS newcombe FROM (
    SELECT p, q, sum(w) FILTER (WHERE p * (1 - q) / (1 - p) / q BETWEEN f.lower * (1 - 1e-9) AND coalesce(f.upper * (1 + 1e-9), 'Infinity')) AS fisher,
        sum(w) FILTER (WHERE p / q BETWEEN coalesce(k.lower, 0) * (1 - 1e-9) AND coalesce(k.upper * (1 + 1e-9), 'Infinity')) AS koopman, sum(w) FILTER (WHERE p - q BETWEEN d.lower - 1e-9 AND d.upper + 1e-9) AS newcombe
    FROM unnest('{.1,.3,.5,.8}'::float8[]) p, unnest('{.15,.5,.7}'::float8[]) q, generate_series(0, 15) x, generate_series(0, 20) y, LATERAL (SELECT (binomial_cdf(x, 15, p) - binomial_cdf(x - 1, 15, p)) * (binomial_cdf(y, 20, q) - binomial_cdf(y - 1, 20, q))) v(w),
        fisher_test(x, 15 - x, y, 20 - y) f, rate_ratio_interval(rate(x, 15), rate(y, 20)) k, rate_difference_interval(rate(x, 15), rate(y, 20)) d GROUP BY p, q) c;

-- adjustments: those of R, in the order of the arguments; NULLs stay and do not count; definitions of Hochberg and Hommel by all subsets
SELECT method, p_adjust('{.04,.01,NULL,.03}', method) FROM unnest('{holm,hochberg,hommel,bonferroni,BH,BY,none}'::text[]) method;
SELECT p_adjust('{}'), p_adjust('{NULL}'), p_adjust('{.3}', 'hommel'), p_adjust('{{.01,.02},{.03,.5}}', 'bonferroni');
WITH p AS (SELECT setseed(.5), ARRAY(SELECT round((random() ^ 3)::numeric, 4)::float8 FROM generate_series(1, 7)) AS p),
    simes AS (SELECT s, min(bits * x.p / x.rank) AS level FROM p, generate_series(1, 127) s, LATERAL (SELECT count(*) AS bits FROM generate_series(0, 6) i WHERE s >> i & 1 = 1) c,
        LATERAL (SELECT p[i + 1] AS p, row_number() OVER (ORDER BY p[i + 1]) AS rank FROM generate_series(0, 6) i WHERE s >> i & 1 = 1) x GROUP BY s)
SELECT bool_and(abs(h - least(1, level)) < 1e-15) AS hommel_is_closed_simes FROM p, unnest(p_adjust(p, 'hommel')) WITH ORDINALITY u(h, i), LATERAL (SELECT max(level) AS level FROM simes WHERE s >> (i::int - 1) & 1 = 1) l;

-- what is undefined is NULL: no trials, all or no successes, empty rows
SELECT * FROM prop_test('{0,0}', '{10,20}') a, prop_test('{10,20}', '{10,20}') b, prop_test('{1,0}', '{10,0}') c, prop_test('{}', '{}') d;
SELECT a.*, b.*, c.* FROM rate_z_test('0/10', '0/20') a, rate_z_test('1/10', '0/0') b, chisq_test('{{3,4},{0,0}}') c;
SELECT a.*, b.*, c.*, d.*, e.* FROM chisq_test('{}') a, srm_test('{5}') b, srm_test('{0,0}') c, mcnemar_test(0, 0) d, prop_trend_test('{1,2}', '{5,5}', '{3,3}') e;
SELECT a.*, b.odds_ratio, b.lower, b.upper FROM mantel_haenszel_test('{0,1}', '{0,4}', '{3,0}', '{9,0}') a, mantel_haenszel_test('{5}', '{5}', '{2}', '{9}') b;
SELECT prop_test(NULL, '{1}'), srm_test(NULL), srm_test('{1,1}', NULL), prop_trend_test(NULL, NULL), p_adjust(NULL);

-- errors say what to do
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT prop_test('{1,2}', '{10}');
SELECT prop_test('{1,NULL}', '{10,10}');
SELECT prop_test('{1,-2}', '{10,10}');
SELECT prop_test('{1,12}', '{10,10}');
SELECT prop_test('{1,2}', '{10,10}', confidence => 95);
SELECT chisq_test('{{{1}},{{2}}}');
SELECT fisher_test(1, 2, 3, -4);
SELECT fisher_test(1000000000000, 2, 3, 4);
SELECT binomial_test(5, 4);
SELECT binomial_test(5, 10, 2);
SELECT rate_ratio_interval('1/2', '1/3', method => 'wald');
SELECT srm_test('{1,2}', '{1}');
SELECT srm_test('{1,2}', '{1,0}');
SELECT srm_test('{1,2}', '{1,NaN}');
SELECT prop_trend_test('{1,2}', '{9,9}', '{1,NULL}');
SELECT mantel_haenszel_test('{1}', '{9}', '{1,2}', '{9,9}');
SELECT p_adjust('{.1,1.2}');
SELECT p_adjust('{.1}', 'sidak');
SELECT p_adjust(array_fill(.1::float8, ARRAY[10001]), 'hommel');
