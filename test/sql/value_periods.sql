-- Models in periods, BG/BB and sBG: published fits, independent values, identities, degenerate data, errors.
SET search_path = public, dupex;
SET extra_float_digits = 0;
\set VERBOSITY terse

-- sBG: the two cohorts of P. Fader and B. Hardie, "How to Project Customer Retention" (2007): alpha .668, beta 3.806, log-likelihood -1611.2; .704, 1.182, -1680.3
CREATE TEMP TABLE cohort AS SELECT name, survivors, sbg_fit(survivors) AS model FROM (VALUES ('High End', ARRAY[1000, 869, 743, 653, 593, 551, 517, 491]::bigint[]), ('Regular', ARRAY[1000, 631, 468, 382, 326, 289, 262, 241])) v(name, survivors);
SELECT name, round((model).alpha::numeric, 3) AS alpha, round((model).beta::numeric, 3) AS beta, round((model).log_likelihood::numeric, 1) AS log_likelihood, (model).status, (model).customers, (model).unit FROM cohort;
-- the likelihood written out, and its neighbours: losses of each year, and those who are left
CREATE FUNCTION pg_temp.log_likelihood(a float8, b float8, survivors bigint[]) RETURNS float8 LANGUAGE sql AS $$
    SELECT sum(CASE WHEN t = cardinality(survivors) - 1 THEN survivors[t + 1] * survival ELSE (survivors[t + 1] - survivors[t + 2]) * (survival + ln(a / (a + b + t))) END)
    FROM (SELECT t, coalesce(sum(ln((b + t - 1) / (a + b + t - 1))) FILTER (WHERE t > 0) OVER (ORDER BY t), 0) AS survival FROM generate_series(0, cardinality(survivors) - 1) t) q $$;
SELECT name, abs(pg_temp.log_likelihood((model).alpha, (model).beta, survivors) - (model).log_likelihood) < 1e-9 AS same,
    (SELECT count(*) FROM unnest(ARRAY[-0.001, 0, 0.001]) a, unnest(ARRAY[-0.001, 0, 0.001]) b WHERE (a, b) <> (0, 0) AND pg_temp.log_likelihood((model).alpha * exp(a), (model).beta * exp(b), survivors) < (model).log_likelihood) AS lower_neighbours FROM cohort;
-- retention rises, survival is its product
SELECT name, array_agg(round(sbg_retention(model, t)::numeric, 3) ORDER BY t) AS retention, every(abs(sbg_survival(model, t) / product - 1) < 1e-13) AS survival FROM cohort, generate_series(1, 8) t,
    LATERAL (SELECT exp(sum(ln(sbg_retention(model, k)))) AS product FROM generate_series(1, t) k) p GROUP BY name;
CREATE FUNCTION pg_temp.sbg(alpha float8, beta float8) RETURNS sbg_model LANGUAGE sql IMMUTABLE RETURN ROW(alpha, beta, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::sbg_model;
-- values of an independent computation with 120 digits: test/check/value_oracle.py
CREATE TEMP TABLE sbg_point (kind text, alpha float8, beta float8, period int, rate float8, retention float8, survival float8, residual float8);
INSERT INTO sbg_point VALUES
    ('ordinary', 0.668, 3.806, 1, 0.1, '0.85069289226642824652', '0.85069289226642824652', '5.3652301525027472879'),
    ('ordinary', 0.704, 1.182, 7, 0.1, '0.91072787217854425968', '0.23905064169324441972', '6.2205610338982995681'),
    ('ordinary', 2.5, 4.0, 3, 0.05, '0.70588235294117647059', '0.28959276018099547511', '3.1646817824898610583'),
    ('alpha = 1', 1.0, 4.0, 100, 0.001, '0.99038461538461538462', '0.038461538461538461538', '205.81756063520535346'),
    ('low rate', 0.3, 0.5, 3, 1e-06, '0.89285714285714286068', '0.46502976190476191593', '29053.802942099668916'),
    ('customers alike', 4000.0, 30000.0, 1000, 0.01, '0.88571102031486613903', '2.9899834551920317114e-54', '7.1279585648030120977'),
    ('customers alike', 1e-05, 3e-05, 12, 0.02, '0.99999909091239668219', '0.74997735167085720298', '49.999291399909715519');
-- the same of residuals alone, where fits at the boundary end: all customers leave with nearly the same probability
CREATE TEMP TABLE alike_point (alpha float8, beta float8, rate float8, residual float8);
INSERT INTO alike_point VALUES
    (99999, 2e5, 0.1, '1.53848457016598505'),
    (100001, 2e5, 0.1, '1.5384585343549111359'),
    (2e5, 10, 0.01, '0.000049505171062509889817'),
    (100001, 1e9, 1e-6, '9900.9793253644930689'),
    (120000, 0.5, 0.1, '3.7879060492912279046e-6'),
    (5e10, 1e11, 0.1, '1.5384615384815657518'),
    (7e10, 7e10, 0.02, '0.96153846155141548463'),
    (5e10, 1e10, 1e-6, '0.19999976000428798925');
SELECT count(*), count(*) FILTER (WHERE abs(sbg_residual(pg_temp.sbg(alpha, beta), 0, rate) / residual - 1) < 1e-12) AS right FROM alike_point;
-- any model and rate has an answer; a rate of next to nothing is none
SELECT sbg_residual(pg_temp.sbg(1e100, 1e100), 0, 0.25) AS alike, sbg_residual(pg_temp.sbg(1e-100, 1e-100), 0, 1e-300) AS infinite, sbg_residual(pg_temp.sbg(1e-100, 1), 0, 1e-150) BETWEEN 0.99e150 AND 1.01e150 AS stays, sbg_residual(pg_temp.sbg(1, 1), 0, 1e308) > 0 AS huge_rate;
SELECT kind, every(abs(got / wanted - 1) < CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END) AS right FROM sbg_point, pg_temp.sbg(alpha, beta) m,
    LATERAL (VALUES (sbg_retention(m, period), retention), (sbg_survival(m, period), survival), (sbg_residual(m, period, rate), residual)) v(got, wanted) GROUP BY kind ORDER BY kind;
SELECT sbg_survival(m, 0) AS all_of_them, abs(sbg_residual(m) / (4 / 1.5) - 1) < 1e-15 AS mean, abs(sbg_residual(m, 3, 1e-12) / sbg_residual(m, 3) - 1) < 1e-9 AS continuous, sbg_residual(pg_temp.sbg(1, 4)) IS NULL AS infinite FROM pg_temp.sbg(2.5, 4) m;
SELECT data, (f).status, (f).alpha BETWEEN 1e-12 AND 1e12 AND (f).beta BETWEEN 1e-12 AND 1e12 AS finite
FROM (SELECT data, sbg_fit(survivors::bigint[]) AS f FROM (VALUES ('nobody leaves', '{100, 100, 100}'), ('all leave', '{100, 0}'), ('the same share leaves', '{1000, 500, 250, 125}'), ('one period', '{100, 60}')) v(data, survivors)) d ORDER BY data;

-- BG/BB
CREATE FUNCTION pg_temp.bgbb(alpha float8, beta float8, gamma float8, delta float8) RETURNS bgbb_model LANGUAGE sql IMMUTABLE
RETURN ROW(alpha, beta, gamma, delta, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgbb_model;
CREATE TEMP TABLE point (kind text, alpha float8, beta float8, gamma float8, delta float8, x int, t_x int, n int, horizon int, orders int, rate float8,
    log_likelihood float8, alive float8, later float8, expected float8, exactly float8, residual float8);
INSERT INTO point VALUES
    ('ordinary', 1.204, 0.75, 0.657, 2.783, 3, 4, 6, 5, 2, 0.1, '-5.0593079474111037072', '0.47233625988914279129', '0.34968445623158136062', '1.0342284984211044496', '0.10420129703812819045', '1.6286607730608236739'),
    ('ordinary', 1.204, 0.75, 0.657, 2.783, 0, 0, 6, 5, 0, 0.1, '-1.167262472673893726', '0.11609661329298467113', '0.085949744995680987591', '0.072802877475043007098', '0.95223460830019553467', '0.11464699618176409059'),
    ('ordinary', 1.204, 0.75, 0.657, 2.783, 6, 6, 6, 5, 5, 0.1, '-2.182248447618299895', '1.0', '0.74032947695705644103', '3.7521156075998147157', '0.49597325297139744077', '5.9086783195553809175'),
    ('new', 1.204, 0.75, 0.657, 2.783, 0, 0, 0, 10, 3, 0.1, '0', '1.0', '0.35614096226289396229', '3.1788543264922887194', '0.075973937892065394246', '2.7009529642517115924'),
    ('gamma = 1', 1.204, 0.75, 1.0, 2.783, 2, 5, 8, 5, 1, 0.001, '-6.3724318425052075559', '0.44460514158407312096', '0.3037557651714541248', '0.56580418644795914825', '0.12943177443225236745', '6.1126188382961506092'),
    ('gamma near 1', 1.204, 0.75, 1.0000000001, 2.783, 2, 5, 8, 50, 10, 1e-06, '-6.3724318425648132399', '0.44460514155584052848', '0.078873652840193910798', '2.610844264140063916', '0.010322268997419353628', '16.688888764094674393'),
    ('many periods', 0.5, 20.0, 0.1, 30.0, 20, 300, 500, 400, 9, 0.0001, '-81.418227808844977641', '0.0073460016207664302942', '0.0069440756881320834943', '0.11223075116791740206', '0.00028290378502958023961', '2.2548546382513694165'),
    ('many periods', 300.0, 0.5, 0.01, 0.5, 500, 500, 500, 400, 400, 0.01, '-0.57221235063488848848', '1.0', '0.99413941954177906638', '398.46060585605920477', '0.81166916149073720226', '99.765894421270096581'),
    ('customers alike', 5000.0, 2000.0, 300.0, 9000.0, 3, 5, 8, 6, 4, 0.05, '-6.4155678530284989303', '0.32684004188976576067', '0.26852861624624028283', '1.2502967115215188917', '0.091320722553270496248', '2.7475448619227789541'),
    ('high rate', 1.2, 0.75, 0.66, 2.8, 3, 4, 6, 5, 2, 100.0, '-5.0589972595493637636', '0.47205095245357558832', '0.34917473944782095648', '1.0326173495048276827', '0.10413379223061412586', '0.0023184026074118876196');
CREATE TEMP VIEW computed AS
SELECT kind, what, got, wanted, abs(got - wanted) / abs(wanted) AS error FROM point p, pg_temp.bgbb(alpha, beta, gamma, delta) m, LATERAL (VALUES
    ('alive', bgbb_alive(m, x, t_x, n), alive), ('alive later', bgbb_alive(m, x, t_x, n, horizon), later), ('expected', bgbb_expected(m, x, t_x, n, horizon), expected),
    ('exactly', bgbb_exactly(m, orders, x, t_x, n, horizon), exactly), ('residual', bgbb_residual(m, x, t_x, n, rate), residual)) v(what, got, wanted);
SELECT kind = 'ordinary' AS ordinary, count(*), count(*) FILTER (WHERE error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END) AS right FROM computed GROUP BY 1 ORDER BY 1 DESC;
SELECT * FROM computed WHERE NOT coalesce(error <= CASE kind WHEN 'ordinary' THEN 1e-12 ELSE 1e-9 END, false);
SELECT every(abs(total - 1) < 1e-12) AS adds_up, every(abs(mean / bgbb_expected(m, 2, 4, 6, 30) - 1) < 1e-12) AS mean, every(abs(none / bgbb_none(m, 2, 4, 6, 30) - 1) < 1e-14) AS none, every(bgbb_new_customer(m, 30) = bgbb_expected(m, 0, 0, 0, 30)) AS new_customer,
    every(bgbb_new_customer_exactly(m, 3, 30) = bgbb_exactly(m, 3, 0, 0, 0, 30)) AS new_exactly, every(bgbb_exactly(m, 31, 2, 4, 6, 30) = 0) AS too_many, every(bgbb_expected(m, 2, 4, 6, 0) = 0) AS nothing
FROM (SELECT DISTINCT pg_temp.bgbb(alpha, beta, gamma, delta) AS m FROM point) p,
    LATERAL (SELECT sum(bgbb_exactly(m, k, 2, 4, 6, 30)) AS total, sum(k * bgbb_exactly(m, k, 2, 4, 6, 30)) AS mean, min(bgbb_exactly(m, k, 2, 4, 6, 30)) FILTER (WHERE k = 0) AS none FROM generate_series(0, 30) k) q;
-- a fit has the largest likelihood: that of each row written out as a sum over all histories that agree with it
CREATE FUNCTION pg_temp.rising(a float8, n int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(exp(sum(ln(a + i))), 1) FROM generate_series(0, n - 1) i $$;
CREATE FUNCTION pg_temp.likelihood(a float8, b float8, c float8, d float8, x int, t_x int, n int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(pg_temp.rising(a, x) * pg_temp.rising(b, i - x) / pg_temp.rising(a + b, i) * pg_temp.rising(d, i) * CASE WHEN i < n THEN c ELSE 1 END / pg_temp.rising(c + d, least(i + 1, n))) FROM generate_series(t_x, n) i $$;
-- as many of each kind as there would be among 100,000 donors of alpha 1.2, beta .75, gamma .66, delta 2.8
CREATE TEMP TABLE donor AS SELECT x, t_x, n, round(100000 * pg_temp.likelihood(1.2, 0.75, 0.66, 2.8, x, t_x, n) * CASE WHEN x > 0 THEN factorial(t_x - 1) / factorial(x - 1) / factorial(t_x - x) ELSE 1 END)::int AS w
FROM generate_series(0, 6) x, generate_series(0, 6) t_x, unnest(ARRAY[6]) n WHERE x <= t_x AND (x > 0) = (t_x > 0);
CREATE TEMP TABLE fit AS SELECT bgbb_fit(counts) AS model, counts FROM (SELECT bgbb_agg(x, t_x, n, w) AS counts FROM donor) q;
CREATE FUNCTION pg_temp.log_likelihood(a float8, b float8, c float8, d float8) RETURNS float8 LANGUAGE sql AS $$
    SELECT sum(w * ln(pg_temp.likelihood(a, b, c, d, x, t_x, n))) FROM donor $$;
SELECT (model).status, (model).customers = (SELECT sum(w) FROM donor) AS customers, round((model).alpha::numeric, 2) AS alpha, round((model).beta::numeric, 2) AS beta, round((model).gamma::numeric, 2) AS gamma, round((model).delta::numeric, 1) AS delta, abs(pg_temp.log_likelihood((model).alpha, (model).beta, (model).gamma, (model).delta) - (model).log_likelihood) < 1e-8 AS same FROM fit;
SELECT count(*) AS neighbours, count(*) FILTER (WHERE pg_temp.log_likelihood(alpha * exp(a), beta * exp(b), gamma * exp(c), delta * exp(d)) < log_likelihood) AS lower
FROM fit, LATERAL (SELECT (model).*) m, unnest(ARRAY[-0.01, 0, 0.01]) a, unnest(ARRAY[-0.01, 0, 0.01]) b, unnest(ARRAY[-0.01, 0, 0.01]) c, unnest(ARRAY[-0.01, 0, 0.01]) d WHERE (a, b, c, d) <> (0, 0, 0, 0);
-- a single kind of customer says too little
SELECT (f).status LIKE 'not identifiable%' OR (f).status LIKE 'boundary%' AS no_maximum FROM (SELECT bgbb_fit(bgbb_agg(2, 4, 6, 100)) AS f) q;
SELECT bgbb_fit(whole) = bgbb_fit(merged) AS same FROM (SELECT bgbb_agg(x, t_x, n, w ORDER BY x DESC) AS whole FROM donor) a, (SELECT rollup(part ORDER BY x) AS merged FROM (SELECT x, bgbb_agg(x, t_x, n, w) AS part FROM donor GROUP BY x) p) b;
SELECT data, (f).status, (f).alpha BETWEEN 1e-12 AND 1e12 AND (f).gamma BETWEEN 1e-12 AND 1e12 AS finite
FROM (SELECT data, bgbb_fit(counts::purchase_counts) AS f FROM (VALUES ('nobody has ordered', '{0 0 6 100}'), ('no opportunity yet', '{0 0 0 100}'), ('all always', '{6 6 6 100}'), ('once and never again', '{0 0 6 900, 1 1 6 100}')) v(data, counts)) d ORDER BY data;

-- NULLs and errors
SELECT bgbb_agg(NULL, 1, 2, 1) AS left_out, purchase_counts_skipped(bgbb_agg(x, 1, 2, 1)) AS skipped, bgbb_alive(NULL, 1, 1, 2) IS NULL AS no_model FROM (VALUES (1), (NULL)) v(x);
SELECT bgbb_agg(3, 2, 6, 1);
SELECT bgbb_agg(0, 2, 6, 1);
SELECT bgbb_agg(1, 7, 6, 1);
SELECT bgbb_agg(1, 7, 10001, 1);
SELECT bgbb_agg(1, 2, 6, -1);
-- left out and counted where the caller says so
SELECT c, purchase_counts_skipped(c) AS skipped, (bgbb_fit(c)).customers FROM (SELECT bgbb_possible_agg(x, t_x, n, w) AS c FROM (VALUES (3, 2, 6, 1), (0, 2, 6, 1), (1, 7, 6, 1), (1, 7, 10001, 1), (-1, 2, 6, 1), (1, 2, 6, -1), (NULL, 2, 6, 1), (1, 2, 6, NULL), (2, 4, 6, 10), (0, 0, 6, 5)) v(x, t_x, n, w)) q;
SELECT bgbb_fit('{1 2.5 6 1}');
SELECT bgbb_expected(pg_temp.bgbb(1, 1, 1, 1), 1, 2, 6, -1);
SELECT bgbb_alive(pg_temp.bgbb(1, 1, -1, 1), 1, 2, 6);
SELECT bgbb_residual(pg_temp.bgbb(1, 1, 1, 1), 1, 2, 6, 'NaN');
SELECT (sbg_fit(ARRAY[100])).status, sbg_fit(ARRAY[0, 0]) IS NULL AS nobody;
SELECT sbg_fit('{}');
SELECT sbg_fit(ARRAY[-1, -1]);
SELECT sbg_fit(ARRAY[100, NULL, 50]);
SELECT sbg_fit(ARRAY[100, 50, 60]);
SELECT sbg_retention(pg_temp.sbg(1, 1), 0);
SELECT sbg_survival(pg_temp.sbg(1, 1), -1);
