-- The gamma-gamma model of spending, and the value of orders to come: published fits, independent values, identities, errors.
SET search_path = public, dupex;
SET extra_float_digits = 0;
\set VERBOSITY terse

-- 120 simulated customers (our own), fitted by another program to nine digits
CREATE TEMP TABLE mini AS SELECT $${1 8.34 1, 1 11.15 1, 1 12.49 1, 1 15.06 1, 1 15.44 1, 1 17.85 1, 1 18.19 1, 1 19.32 1, 1 26.85 1, 1 27.16 1, 1 29.84 1, 1 34.28 1, 1 34.55 1,
1 38.41 1, 1 54.24 1, 1 106.6 1, 2 8.48 1, 2 12.69 1, 2 14.95 1, 2 17.37 1, 2 20.67 1, 2 21.24 1, 2 22.77 1, 2 28.4 1, 2 29.14 1, 2 30.79 1, 2 31.72 1,
2 40.26 1, 2 41.72 1, 2 46.46 1, 2 57.92 1, 2 261.08 1, 3 12.57 1, 3 13.51 1, 3 14.46 1, 3 14.53 1, 3 16.69 1, 3 22.05 1, 3 26.63 1, 3 31.92 1,
3 31.94 1, 3 39.69 1, 3 42.16 1, 3 46.28 1, 3 56.52 1, 3 59.99 1, 3 76.23 1, 3 358.78 1, 4 9.24 1, 4 13.53 1, 4 14.23 1, 4 16.89 1, 4 17.18 1,
4 20.19 1, 4 23.26 1, 4 23.7 1, 4 24.29 1, 4 27.06 1, 4 28.41 1, 4 42.62 1, 4 72.26 1, 5 11.14 1, 5 15.17 1, 5 15.7 1, 5 24.87 1, 5 28.75 1, 5 28.98 1,
5 33.9 1, 5 39.88 1, 5 40.73 1, 5 43.8 1, 5 79.94 1, 6 9.09 1, 6 11.97 1, 6 13.29 1, 6 14.25 1, 6 18.03 1, 6 18.83 1, 6 22.04 1, 6 26.46 1, 6 29.65 1,
6 32.21 1, 6 33.29 1, 6 58.28 1, 6 73.04 1, 6 80.6 1, 7 12.77 1, 7 13.45 1, 7 17.08 1, 7 20.23 1, 7 20.88 1, 7 26.11 1, 7 26.57 1, 7 26.82 1,
7 27.46 1, 7 28.37 1, 7 28.44 1, 7 35.48 1, 7 37.9 1, 7 57.43 1, 8 14 1, 8 14.45 1, 8 14.75 1, 8 14.89 1, 8 19.67 1, 8 21.55 1, 8 22.6 1, 8 22.62 1,
8 23.01 1, 8 23.63 1, 8 25.31 1, 8 26.29 1, 8 28.78 1, 8 30.32 1, 8 32.53 1, 8 34.03 1, 8 35.98 1, 8 37.58 1, 8 60.33 1, 8 78.31 1}$$::spend_counts AS counts;
CREATE TEMP TABLE fit AS SELECT gamma_gamma_fit(counts) AS spend, counts FROM mini;
SELECT name, abs(got / wanted - 1) < 2e-9 AS right FROM fit, LATERAL (SELECT (spend).*) f,
    LATERAL (VALUES ('p', p, 17.9113427), ('q', q, 3.44328859), ('gamma', gamma, 4.43608581), ('log-likelihood', log_likelihood, -499.3071001)) v(name, got, wanted);
SELECT (spend).customers, (spend).status, (spend).unit, (spend).gradient_norm < 1e-9 AS top, spend_counts_customers(counts), spend_counts_without_value(counts), spend_counts_nulls(counts) FROM fit;
-- the currency does not matter: in hundredths gamma is 100 times as much, p and q are the same
CREATE TEMP TABLE customer AS SELECT row_number() OVER () AS id, split_part(part, ' ', 1)::float8 AS frequency, split_part(part, ' ', 2)::float8 AS mean_value, split_part(part, ' ', 3)::float8 AS weight
FROM mini, regexp_split_to_table(trim(both '{}' from counts::text), ', ') part;
SELECT abs((h).p / (spend).p - 1) < 1e-6 AS p, abs((h).q / (spend).q - 1) < 1e-7 AS q, abs((h).gamma / (spend).gamma - 100) < 1e-4 AS gamma,
    abs((h).log_likelihood + (h).customers * ln(100) - (spend).log_likelihood) < 1e-8 AS log_likelihood
FROM fit, (SELECT gamma_gamma_fit(gamma_gamma_agg(frequency, mean_value * 100, weight)) AS h FROM customer) q;
-- no neighbour has a larger likelihood: the density of each customer, written out
CREATE FUNCTION pg_temp.log_gamma(x float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    -- Stirling's series after raising x to 15 and more
    SELECT (z - 0.5) * ln(z) - z + 0.5 * ln(2 * pi()) + 1 / (12 * z) - 1 / (360 * z ^ 3) + 1 / (1260 * z ^ 5) - coalesce((SELECT sum(ln(x + i)) FROM generate_series(0, ceil(15 - x)::int - 1) i), 0)
    FROM (SELECT x + greatest(ceil(15 - x), 0) AS z) q $$;
CREATE FUNCTION pg_temp.log_density(p float8, q float8, gamma float8) RETURNS float8 LANGUAGE sql AS $$
    SELECT sum(weight * (pg_temp.log_gamma(p * x + q) - pg_temp.log_gamma(p * x) - pg_temp.log_gamma(q) - ln(m) + q * ln(gamma / (gamma + m * x)) + p * x * ln(m * x / (gamma + m * x))))
    FROM customer, LATERAL (SELECT frequency AS x, mean_value AS m) c $$;
SELECT abs(pg_temp.log_density((spend).p, (spend).q, (spend).gamma) - (spend).log_likelihood) < 1e-8 AS same,
    (SELECT count(*) FROM unnest(ARRAY[-0.02, 0, 0.02]) a, unnest(ARRAY[-0.02, 0, 0.02]) b, unnest(ARRAY[-0.02, 0, 0.02]) c
        WHERE (a, b, c) <> (0, 0, 0) AND pg_temp.log_density((spend).p * exp(a), (spend).q * exp(b), (spend).gamma * exp(c)) < (spend).log_likelihood) AS lower_neighbours FROM fit;

-- values of an independent computation with 120 digits: test/check/value_oracle.py
CREATE FUNCTION pg_temp.spend(p float8, q float8, gamma float8) RETURNS gamma_gamma_model LANGUAGE sql IMMUTABLE
RETURN ROW(p, q, gamma, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::gamma_gamma_model;
CREATE TEMP TABLE point (kind text, p float8, q float8, gamma float8, x float8, mean_value float8, log_likelihood float8, expected float8);
INSERT INTO point VALUES
    ('ordinary', 6.25, 3.74, 15.44, 2, 22.345, '-3.5511891641399506963', '24.65961286089238697'),
    ('ordinary', 6.25, 3.74, 15.44, 1, 300.0, '-11.216345301849184033', '219.29922135706339824'),
    ('ordinary', 17.9, 3.44, 4.436, 8, 9.09, '-4.5406448323563971733', '9.4829195276023069026'),
    ('many orders', 6.25, 3.74, 15.44, 5000, 30.0, '-3.7233123468523746878', '30.00045755988114962'),
    ('q below 1', 2.0, 0.5, 15.44, 3, 30.0, '-5.0090766731341355342', '38.341818181818181637'),
    ('customers alike', 6.0, 10000.0, 50000.0, 3, 30.0, '-2.8804783956118179842', '30.002994908655286014'),
    ('orders alike', 100000.0, 3.0, 0.0005, 3, 30.0, '-4.228536394626460558', '29.999966666888887407');
SELECT kind, abs(gamma_gamma_expected(pg_temp.spend(p, q, gamma), x, mean_value) / expected - 1) < 1e-14 AS right FROM point;
-- between his own mean and that of all customers; without repeat orders that of all, where there is one
SELECT gamma_gamma_expected(m, 0, NULL) ::numeric(20, 10) = (6.25 * 15.44 / 2.74)::numeric(20, 10) AS of_all, gamma_gamma_expected(m, 0, 99) = gamma_gamma_expected(m, 0, NULL) AS whatever,
    gamma_gamma_expected(m, 3, 100) BETWEEN gamma_gamma_expected(m, 0, NULL) AND 100 AS between, abs(gamma_gamma_expected(m, 1e9, 100) - 100) < 1e-6 AS own FROM pg_temp.spend(6.25, 3.74, 15.44) m;
SELECT gamma_gamma_expected(m, 0, NULL) IS NULL AS infinite, gamma_gamma_expected(m, 1, 30) > 0 AS finite FROM pg_temp.spend(2, 0.9, 15.44) m;

-- what counts: repeat orders of a value above 0
SELECT counts, spend_counts_customers(counts) AS customers, spend_counts_without_value(counts) AS without_value, spend_counts_nulls(counts) AS nulls
FROM (SELECT gamma_gamma_agg(x, m, w) AS counts FROM (VALUES (2, 20.5, 1), (2, 20.5, 2.25), (1, 8, 1), (0, NULL, 1), (0, 15, 1), (3, 0, 1), (2, -5, 2), (NULL, 3, 1), (2, NULL, 1), (2, 5, NULL), (4, 7, 0)) v(x, m, w)) q;
SELECT gamma_gamma_fit(gamma_gamma_agg(3, 0, 1)) IS NULL AS without_value, gamma_gamma_fit('{}') IS NULL AS empty, gamma_gamma_agg(0, 5, 1) IS NULL AS once;
-- thousands of rows, a third of them different, against GROUP BY; asked and going on, as a window that grows
CREATE TEMP TABLE many AS SELECT i, 1 + abs(hashint8extended(i, 1)) % 7 AS x, abs(hashint8extended(i, 2)) % 2000 / 8.0::float8 AS m, 1 + abs(hashint8extended(i, 3)) % 3 AS w FROM generate_series(1::bigint, 40000) i ORDER BY hashint8extended(i, 4);
SELECT length(c.counts::text) > 100000 AS is_large, c.counts::text = g.counts AS as_grouped, c.counts::text = r.counts::text AS rolled_up, c.counts::text = c.counts::text::spend_counts::text AS read_again
FROM (SELECT gamma_gamma_agg(x, m, w) AS counts FROM many) c, (SELECT rollup(part) AS counts FROM (SELECT gamma_gamma_agg(x, m, w) AS part FROM many GROUP BY i % 5) p) r,
    (SELECT '{' || string_agg(x || ' ' || m || ' ' || w, ', ' ORDER BY x, m) || '}' AS counts FROM (SELECT CASE WHEN m > 0 THEN x ELSE 0 END AS x, m, sum(w) AS w FROM many GROUP BY 1, 2) d) g;
SELECT block, counts::text = (SELECT gamma_gamma_agg(x, m, w)::text FROM many v WHERE v.i / 3000 <= block) AS as_all_up_to_here
FROM (SELECT DISTINCT ON (i / 3000) i / 3000 AS block, gamma_gamma_agg(x, m, w) OVER (ORDER BY i / 3000) AS counts FROM many WHERE i < 12000) q ORDER BY block;
-- in parts, merged, in any order: the same bits
SELECT gamma_gamma_fit(whole) = gamma_gamma_fit(merged) AS same, whole::text = merged::text AS same_state
FROM (SELECT gamma_gamma_agg(frequency, mean_value, weight / 3 ORDER BY id DESC) AS whole FROM customer) a,
    (SELECT rollup(part ORDER BY part_no DESC) AS merged FROM (SELECT id % 7 AS part_no, gamma_gamma_agg(frequency, mean_value, weight / 3) AS part FROM customer GROUP BY 1) p) b;
-- degenerate data
SELECT data, (f).status, (f).p BETWEEN 1e-12 AND 1e12 AND (f).q BETWEEN 1e-12 AND 1e12 AND (f).gamma BETWEEN 1e-18 AND 1e18 AS finite
FROM (SELECT data, gamma_gamma_fit(counts::spend_counts) AS f FROM (VALUES ('one customer', '{3 20 1}'), ('beyond any range', '{1 1e-300 1, 1 1 1, 1 1e+300 1}'), ('all alike', '{1 20 100, 2 20 100, 3 20 100}'), ('one order each', '{1 10 5, 1 20 9, 1 30 5, 1 90 1}')) v(data, counts)) d ORDER BY data;

-- the value of orders to come: without a discount expected orders times their expected value; with one the sum of the periods
CREATE TEMP TABLE model AS SELECT ROW(0.2425945, 4.413602, 0.792922, 2.4259068, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model AS bgnbd,
    ROW(0.5248432, 6.1830853, 0.8913594, 1.6140022, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::mbgnbd_model AS mbgnbd,
    ROW(0.553277, 10.5776835, 0.60624, 11.6687353, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::pareto_nbd_model AS pareto,
    ROW(0.385, 12.072, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::nbd_model AS nbd,
    ROW(1.204, 0.75, 0.657, 2.783, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgbb_model AS bgbb, pg_temp.spend(6.25, 3.74, 15.44) AS spend;
CREATE TEMP VIEW customers AS SELECT x, CASE WHEN x = 0 THEN 0 ELSE age * part END AS t_x, age, CASE WHEN x > 0 THEN 5 + 10 * x END AS mean_value FROM generate_series(0, 6) x, unnest(ARRAY[0.2, 0.7, 1]) part, unnest(ARRAY[5.5, 38.857142857142854]) age;
SELECT rate, every(abs(discounted_value(bgnbd, spend, x, t_x, age, mean_value, 12, 4.345, rate) / (value * (SELECT sum((bgnbd_expected(bgnbd, x, t_x, age, k * 4.345) - bgnbd_expected(bgnbd, x, t_x, age, (k - 1) * 4.345)) / (1 + rate) ^ k) FROM generate_series(1, 12) k)) - 1) < 1e-12) AS bgnbd,
    every(abs(discounted_value(mbgnbd, spend, x, t_x, age, mean_value, 12, 4.345, rate) / (value * (SELECT sum((mbgnbd_expected(mbgnbd, x, t_x, age, k * 4.345) - mbgnbd_expected(mbgnbd, x, t_x, age, (k - 1) * 4.345)) / (1 + rate) ^ k) FROM generate_series(1, 12) k)) - 1) < 1e-12) AS mbgnbd,
    every(abs(discounted_value(pareto, spend, x, t_x, age, mean_value, 12, 4.345, rate) / (value * (SELECT sum((pareto_nbd_expected(pareto, x, t_x, age, k * 4.345) - pareto_nbd_expected(pareto, x, t_x, age, (k - 1) * 4.345)) / (1 + rate) ^ k) FROM generate_series(1, 12) k)) - 1) < 1e-12) AS pareto,
    every(abs(discounted_value(nbd, spend, x, t_x, age, mean_value, 12, 4.345, rate) / (value * (SELECT sum((nbd_expected(nbd, x, t_x, age, k * 4.345) - nbd_expected(nbd, x, t_x, age, (k - 1) * 4.345)) / (1 + rate) ^ k) FROM generate_series(1, 12) k)) - 1) < 1e-12) AS nbd,
    every(abs(discounted_value(bgbb, spend, x, x, 7, mean_value, 12, rate) / (value * (SELECT sum((bgbb_expected(bgbb, x, x, 7, k) - bgbb_expected(bgbb, x, x, 7, k - 1)) / (1 + rate) ^ k) FROM generate_series(1, 12) k)) - 1) < 1e-12) AS bgbb
FROM model, customers, LATERAL (SELECT gamma_gamma_expected(spend, x, mean_value) AS value) v, unnest(ARRAY[0, 0.01, 0.5]) rate GROUP BY rate ORDER BY rate;
-- for ever: with small periods the finite value comes near
SELECT abs(discounted_value(pareto, spend, 2, 30, 38, 25, 10000, 1, exp(0.01) - 1) / residual_value(pareto, spend, 2, 30, 38, 25, 0.01) - 1) < 0.006 AS pareto,
    abs(discounted_value(bgbb, spend, 2, 4, 6, 25, 2000, 0.1) / residual_value(bgbb, spend, 2, 4, 6, 25, 0.1) - 1) < 1e-12 AS bgbb,
    residual_value(pareto, spend, 2, 30, 38, 25, 0.01) = pareto_nbd_residual(pareto, 2, 30, 38, 0.01) * gamma_gamma_expected(spend, 2, 25) AS factors,
    residual_value(pareto, spend, 2, 30, 38, 25, 0) IS NULL AS infinite, discounted_value(bgnbd, spend, 2, 30, 38, 25, 0, 4, 0.01) = 0 AS no_period FROM model;
-- the values of a query do not depend on what came before: models, horizons and customers change from row to row
SELECT count(*) AS calls, count(DISTINCT v) AS different, every(v = discounted_value(ROW(r, 4.413602, 0.792922, 2.4259068, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model, s, x, x, 38, 25, periods, 4, rate)) AS same
FROM (SELECT r, s, x, periods, rate, discounted_value(ROW(r, 4.413602, 0.792922, 2.4259068, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::bgnbd_model, s, x, x, 38, 25, periods, 4, rate) AS v
    FROM unnest(ARRAY[0.2, 0.3]) r, unnest(ARRAY[3.74, 5]) q, pg_temp.spend(6.25, q, 15.44) s, generate_series(1, 3) x, generate_series(1, 3) periods, unnest(ARRAY[0, 0.01]) rate ORDER BY hashint8(x + 10 * periods), s, r, rate) c;
-- NULLs: a mean value is needed for repeat orders only
SELECT discounted_value(bgnbd, spend, 0, 0, 38, NULL, 12, 4, 0.01) > 0 AS once, discounted_value(bgnbd, spend, 1, 5, 38, NULL, 12, 4, 0.01) IS NULL AS unknown, discounted_value(bgnbd, NULL, 0, 0, 38, NULL, 12, 4, 0.01) IS NULL AS no_model,
    discounted_value(bgnbd, pg_temp.spend(2, 0.9, 15), 0, 0, 38, NULL, 12, 4, 0.01) IS NULL AS infinite,
    discounted_value(bgnbd, spend, 10, 5, 38, 1e308, 12, 4, 0.01) IS NULL AND discounted_value(bgbb, spend, 10, 15, 20, 1e308, 12, 0.01) IS NULL AS beyond_numbers FROM model;
-- mean values that hardly differ: on the narrow ridge the likelihood cannot tell one step from another, and still each search comes to its maximum, or to the boundary
SELECT count(*) AS fits, count(*) FILTER (WHERE (m).status !~ '^(converged|boundary|not identifiable)') AS others, max((m).iterations) < 450 AS soon
FROM (SELECT gamma_gamma_fit(gamma_gamma_agg(1 + i % 5, 50 * (1 + 0.1 * ((i * i * k + 7 * i) % 97) / 97.0), 1)) AS m FROM generate_series(1, 40) k, generate_series(1, 30) i GROUP BY k) f;
-- drawn from the model (gamma deviates by Wilson and Hilferty's cube, normal ones as sums of twelve): shapes p of 100 or 400 and q of 300, 1000 or 5000, 60 samples of 30 to 300 customers
CREATE FUNCTION pg_temp.dice(key text) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (hashtextextended(key, 0) & 4294967295) / 4294967296.0;
CREATE FUNCTION pg_temp.normal(key text) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (SELECT sum(pg_temp.dice(key || n)) - 6 FROM generate_series(1, 12) n);
CREATE FUNCTION pg_temp.gamma_deviate(shape float8, key text) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN shape * power(1 - 1 / (9 * shape) + pg_temp.normal(key) / (3 * sqrt(shape)), 3);
SELECT count(*) AS fits, count(*) FILTER (WHERE (m).status = 'converged') > 20 AS many, count(*) FILTER (WHERE (m).status LIKE 'boundary%') > 10 AS some, count(*) FILTER (WHERE (m).status !~ '^(converged|boundary)') AS others,
    bool_and(((m).status = 'converged') = ((m).standard_errors IS NOT NULL)) AS errors_where_converged, bool_and((m).gradient_norm < 1e-6) FILTER (WHERE (m).status = 'converged') AS at_rest
FROM (SELECT gamma_gamma_fit(gamma_gamma_agg(x, pg_temp.gamma_deviate(p * x, 'z' || k || ' ' || i) / x / pg_temp.gamma_deviate(q, 'v' || k || ' ' || i) * q, 1)) AS m
        FROM generate_series(1, 60) k, LATERAL (SELECT (ARRAY[100, 400])[1 + k % 2] AS p, (ARRAY[300, 1000, 5000])[1 + k % 3] AS q, 30 + 9 * (k % 31) AS customers) v, generate_series(1, customers) i, LATERAL (SELECT 1 + i % 6 AS x) f GROUP BY k) f;
SELECT gamma_gamma_agg(-1, 5, 1);
SELECT gamma_gamma_agg(1.5, 5, 1);
SELECT gamma_gamma_agg(1, 'NaN', 1);
SELECT gamma_gamma_agg(1, 5, -1);
SELECT gamma_gamma_expected(pg_temp.spend(1, 2, 3), 1, 'Infinity');
SELECT discounted_value(bgnbd, spend, 2, 39, 38, 25, 12, 4, 0.01) FROM model;
SELECT discounted_value(bgnbd, spend, 2, 30, 38, 25, -1, 4, 0.01) FROM model;
SELECT discounted_value(bgnbd, spend, 2, 30, 38, 25, 12, 4, -0.01) FROM model;
SELECT discounted_value(bgnbd, spend, 2, 30, 38, 25, 20000, 4, 0.01) FROM model;
SELECT discounted_value(bgbb, spend, 5, 4, 6, 25, 12, 0.01) FROM model;
SELECT '{1 5 1, 1 5 1}'::spend_counts;
SELECT '{1 0 1}'::spend_counts;
SELECT '{0 5 1}'::spend_counts;
SELECT '{1 5 0}'::spend_counts;
SELECT '{1 5 1'::spend_counts;
