-- logistic: published fits, the fit's own conditions, separation, collinearity, scores and reasons
SET search_path = public, dupex;
\set VERBOSITY terse

-- infert (Trichopoulos et al. 1976; R's data set of that name): cases and controls by earlier spontaneous and induced abortions
CREATE TABLE infert (spontaneous int, induced int, cases int, controls int);
INSERT INTO infert VALUES (0, 0, 7, 60), (0, 1, 12, 33), (0, 2, 9, 20), (1, 0, 22, 25), (1, 1, 5, 11), (1, 2, 4, 4), (2, 0, 18, 11), (2, 1, 6, 1);
CREATE VIEW infert_row AS SELECT outcome, ARRAY[spontaneous, induced]::float8[] AS features, weight::float8 FROM infert, LATERAL (VALUES (true, cases), (false, controls)) o(outcome, weight);
-- R: glm(case ~ spontaneous + induced, family = binomial): -1.7079 (.2677), 1.1972 (.2116), .4181 (.2056), residual deviance 279.61.
-- To 11 digits by Newton's method in 40 digits.
SELECT (m).status, round((m).log_likelihood::numeric, 8) AS log_likelihood, round(-2 * (m).log_likelihood::numeric, 2) AS deviance, round(-2 * (m).null_log_likelihood::numeric, 2) AS null_deviance, (m).weight_true, (m).weight_false, (m).distinct_rows
FROM (SELECT logistic_fit(logistic_agg(outcome, features, weight)) AS m FROM infert_row) x;
SELECT feature, round(coefficient::numeric, 11) AS coefficient, round(standard_error::numeric, 11) AS standard_error, round(z_value::numeric, 3) AS z, round(p_value::numeric, 12) AS p, round(odds_ratio::numeric, 6) AS odds_ratio, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
FROM logistic_coefficients((SELECT logistic_fit(logistic_agg(outcome, features, weight), names => '{spontaneous,induced}') FROM infert_row));
WITH expected(feature, coefficient, error) AS (VALUES ('(constant)', -1.7078600713598, 0.26770948368823), ('spontaneous', 1.1972050352931, 0.21164328462721), ('induced', 0.41812939504778, 0.20562745649713))
SELECT max(abs(c.coefficient - e.coefficient)) < 1e-12 AND max(abs(standard_error - error)) < 1e-12 AS as_expected FROM expected e JOIN logistic_coefficients((SELECT logistic_fit(logistic_agg(outcome, features, weight), names => '{spontaneous,induced}') FROM infert_row)) c USING (feature);
-- each woman a row, instead of weights: the same to the last bit
SELECT logistic_fit(logistic_agg(outcome, features, 1)) = (SELECT logistic_fit(logistic_agg(outcome, features, weight)) FROM infert_row) AS same FROM infert_row, generate_series(1, weight::int);
-- penalty 1, and induced as an offset: by Newton's method in 40 digits
SELECT max(abs(b - e)) < 1e-12 AS coefficients, max(abs(s - f)) < 1e-12 AS errors, round((m).log_likelihood::numeric, 8) AS log_likelihood FROM (SELECT logistic_fit(logistic_agg(outcome, features, weight), 1) AS m FROM infert_row) x,
    unnest((m).coefficients, (m).standard_errors, ARRAY[-1.6485693302808, 1.1409067812592, 0.38459853270214], ARRAY[0.25870002358268, 0.20401751689794, 0.19958471283664]) u(b, s, e, f) GROUP BY m;
SELECT max(abs(b - e)) < 1e-12 AS coefficients, max(abs(s - f)) < 1e-12 AS errors, (m).standard_errors[3] IS NULL AS no_error_of_the_offset, round((m).log_likelihood::numeric, 8) AS log_likelihood, (m).null_log_likelihood FROM (SELECT logistic_fit(logistic_agg(outcome, features, weight), offset_feature => 2) AS m FROM infert_row) x,
    unnest((m).coefficients, (m).standard_errors, ARRAY[-2.263054734744, 1.4506436994274, 1], ARRAY[0.20795598753626, 0.20342227455232, NULL]) u(b, s, e, f) GROUP BY m;

-- menarche (Milicer and Szczotka 1966; R's MASS): age, girls, of them after menarche. R: -21.22639 (.77068), 1.63197 (.05895), deviances 3693.884 and 26.703
CREATE TABLE menarche (age float8, girls int, after int);
INSERT INTO menarche VALUES (9.21, 376, 0), (10.21, 200, 0), (10.58, 93, 0), (10.83, 120, 2), (11.08, 90, 2), (11.33, 88, 5), (11.58, 105, 10), (11.83, 111, 17), (12.08, 100, 16), (12.33, 93, 29), (12.58, 100, 39), (12.83, 108, 51), (13.08, 99, 47),
    (13.33, 106, 67), (13.58, 105, 81), (13.83, 117, 88), (14.08, 98, 79), (14.33, 97, 90), (14.58, 120, 113), (14.83, 102, 95), (15.08, 122, 117), (15.33, 111, 107), (15.58, 94, 92), (15.83, 114, 112), (17.58, 1049, 1049);
SELECT logistic_fit(logistic_agg(outcome, ARRAY[age], weight)) AS m INTO TEMP menarche_model FROM menarche, LATERAL (VALUES (true, after), (false, girls - after)) o(outcome, weight);
SELECT round((m).coefficients[1]::numeric, 8) AS constant, round((m).coefficients[2]::numeric, 9) AS age, round((m).standard_errors[1]::numeric, 9) AS error, round((m).standard_errors[2]::numeric, 10) AS error_of_age,
    round(2 * ((m).saturated_log_likelihood - (m).null_log_likelihood)::numeric, 3) AS null_deviance, round(2 * ((m).saturated_log_likelihood - (m).log_likelihood)::numeric, 3) AS deviance, (m).converged FROM menarche_model;
SELECT round(logistic_score(m, ARRAY[age])::numeric, 6) AS score, age FROM menarche_model, unnest(ARRAY[11, 13.0066, 15]) age;
-- the model in other units: the same score
SELECT max(abs(logistic_score(a.m, ARRAY[age]) - logistic_score(b.m, ARRAY[1e6 + age * 365.25]))) < 1e-9 AS same FROM menarche, menarche_model a,
    (SELECT logistic_fit(logistic_agg(outcome, ARRAY[1e6 + age * 365.25], weight)) AS m FROM menarche, LATERAL (VALUES (true, after), (false, girls - after)) o(outcome, weight)) b;

-- at the maximum, predicted and actual sums agree for the constant and each feature
CREATE TABLE customer AS SELECT i, ARRAY[hashint4(i) % 100 / 10.0, (hashint4(-i) % 7)::float8, (i % 2)::float8] AS f FROM generate_series(1, 3000) i;
ALTER TABLE customer ADD bought boolean;
UPDATE customer SET bought = (hashint4(i + 100000)::bigint + 2147483648) / 4294967296.0 < 1 / (1 + exp(-(0.3 * f[1] - 0.2 * f[2] + f[3] - 0.5)));
SELECT logistic_fit(logistic_agg(bought, f, 1), names => '{visits,distance,owner}') AS m INTO TEMP customer_model FROM customer;
SELECT abs(sum(p) - sum(bought::int)) < 1e-5 AS constant, abs(sum(p * f[1]) - sum(bought::int * f[1])) < 1e-5 AS f1, abs(sum(p * f[2]) - sum(bought::int * f[2])) < 1e-5 AS f2, abs(sum(p * f[3]) - sum(bought::int * f[3])) < 1e-5 AS f3,
    abs(sum(CASE WHEN bought THEN ln(p) ELSE ln(1 - p) END) - max((m).log_likelihood)) < 1e-8 AS log_likelihood, max(abs(ln(p / (1 - p)) - logistic_log_odds(m, f))) < 1e-12 AS log_odds FROM (SELECT *, logistic_score(m, f) AS p FROM customer, customer_model) x;
-- and the coefficients are near those that made the data
SELECT bool_and(abs(coefficient - truth) < 4 * standard_error) AS near FROM customer_model, logistic_coefficients(m) c JOIN (VALUES ('(constant)', -0.5), ('visits', 0.3), ('distance', -0.2), ('owner', 1)) t(feature, truth) USING (feature);
-- any order, parts rolled up: the same to the last bit
SELECT logistic_agg(bought, f, 1 ORDER BY i)::text = logistic_agg(bought, f, 1 ORDER BY i DESC)::text AS any_order, (SELECT logistic_fit(rollup(d)) = logistic_fit(logistic_agg(bought, f, 1)) FROM (SELECT logistic_agg(bought, f, 1) AS d FROM customer GROUP BY i % 5) x) AS rolled_up FROM customer;
-- reasons add up to the log-odds exactly
SELECT count(*) FILTER (WHERE logistic_log_odds(m, f) <> (SELECT sum(contribution ORDER BY contribution) FROM logistic_reasons(m, f)) OR logistic_log_odds(m, f) <> (SELECT sum(contribution ORDER BY contribution DESC) FROM logistic_reasons(m, f))) AS differing, count(*) FROM customer, customer_model WHERE i <= 500;
SELECT feature, value, round(contribution::numeric, 4) AS contribution FROM customer_model, logistic_reasons(m, ARRAY[5, 6, 1]);
SELECT logistic_words(m, ARRAY[5, 6, 1]), logistic_words(m, ARRAY[5, 6, 1], 1), logistic_words(m, (m).means) FROM customer_model;

-- what has no answer is told, not looped on
CREATE FUNCTION pg_temp.told(data text, l2 float8 DEFAULT 0, names text[] DEFAULT NULL) RETURNS TABLE (converged boolean, errors float8[], iterations_below_20 boolean, status text) LANGUAGE sql AS
    $$ SELECT (m).converged, ARRAY(SELECT round(x::numeric, 4) FROM unnest((m).standard_errors) x), (m).iterations < 20, (m).status FROM (SELECT logistic_fit(data::logistic_data, l2, names) AS m) x $$;
SELECT * FROM pg_temp.told('{"features": 1, "rows": [[[1], 0, 3], [[2], 0, 1], [[3], 5, 0], [[4], 1, 0]]}', 0, '{age}');
SELECT * FROM pg_temp.told('{"features": 1, "rows": [[[1], 0, 3], [[2], 2, 1], [[3], 5, 0], [[4], 1, 0]]}', 0, '{age}');
SELECT * FROM pg_temp.told('{"features": 2, "rows": [[[0, 0], 3, 3], [[0, 1], 2, 1], [[1, 0], 5, 0], [[1, 1], 1, 0]]}', 0, '{vip,old}');
SELECT * FROM pg_temp.told('{"features": 2, "rows": [[[0, 0], 3, 3], [[0, 1], 2, 1], [[1, 0], 5, 0], [[1, 1], 1, 0]]}', 0.5, '{vip,old}');
-- almost separated is not separated
SELECT * FROM pg_temp.told('{"features": 1, "rows": [[[0], 100000, 100000], [[1], 100000, 0.001]]}');
SELECT * FROM pg_temp.told('{"features": 3, "rows": [[[0, 7, 1], 3, 3], [[1, 7, 3], 2, 1], [[2, 7, 5], 5, 2]]}', 0, '{a,seven,"1 + 2a"}');
SELECT * FROM pg_temp.told('{"features": 1, "rows": [[[1], 4, 0], [[2], 3, 0]]}');
SELECT * FROM pg_temp.told('{"features": 0, "rows": [[[], 1, 3]]}');
SELECT (logistic_fit('{"features": 0, "rows": [[[], 1, 3]]}'::logistic_data)).coefficients, round(exp((logistic_fit('{"features": 0, "rows": [[[], 1, 3]]}'::logistic_data)).coefficients[1])::numeric, 12) AS odds;
SELECT logistic_score(logistic_fit('{"features": 1, "rows": [[[1], 4, 0]]}'::logistic_data), '{1}') IS NULL AS no_model, logistic_fit(NULL::logistic_data) IS NULL AS no_data, logistic_score(NULL::logistic_model, '{1}') IS NULL AS null_model;
-- a row far from all others separates nothing: it is certain of its outcome long before the others are. R's glm: -1.707860 (.26771), 1.197205 (.21164), .418129 (.20563), 2.004097; log-likelihood -144.586346. The last error is that of the fit without this row, 1.579780775 by Newton's method
WITH far AS (SELECT logistic_fit(logistic_agg(outcome, features, weight), names => '{spontaneous,induced,debt}') AS m FROM (SELECT outcome, features || 0::float8, weight FROM infert_row UNION ALL SELECT true, '{0,1,0.5}', 3 UNION ALL SELECT false, '{0,1,0.5}', 4 UNION ALL SELECT true, '{1,1,1000000}', 1) r(outcome, features, weight))
SELECT (m).converged, (m).status, round((m).log_likelihood::numeric, 6) AS log_likelihood, ARRAY(SELECT round(b::numeric, 6) FROM unnest((m).coefficients) b) AS coefficients, ARRAY(SELECT round(s::numeric, 5) FROM unnest((m).standard_errors) s) AS errors FROM far;
-- nor is a digit lost where nearly all outcomes of a row are the same: the log-odds are ln 3e14 and its negative
SELECT (m).converged, abs((m).coefficients[1] / (3 * ln(3e14::float8)) - 1) < 1e-12 AS constant, abs((m).coefficients[2] / (-2 * ln(3e14::float8)) - 1) < 1e-12 AS slope FROM (SELECT logistic_fit('{"features": 1, "rows": [[[1], 300000000000000, 1], [[2], 1, 300000000000000]]}'::logistic_data) AS m) x;
-- weights of any size tell separation just as well
SELECT * FROM pg_temp.told('{"features": 1, "rows": [[[1], 0, 0.000000000003], [[2], 0.000000000002, 0.000000000001], [[3], 0.000000000005, 0], [[4], 0.000000000001, 0]]}', 0, '{age}');
-- an offset may be anywhere. R: glm(cbind(won, lost) ~ 1 + offset(o), family = binomial, start = 795): 794.914701594105 (.831158508454); and it is no reason to leave a feature out
SELECT (m).converged, round((m).coefficients[1]::numeric, 9) AS constant, round((m).standard_errors[1]::numeric, 9) AS error FROM (SELECT logistic_fit('{"features": 1, "rows": [[[-800], 30, 70], [[-790], 50, 50], [[-801], 20, 30]]}'::logistic_data, offset_feature => 1) AS m) x;
SELECT (far.m).status, bool_and(abs(a - b) < 1e-9) AS same FROM (SELECT logistic_fit(logistic_agg(outcome, features || (1000 + features[1] / 2), weight), offset_feature => 3) AS m FROM infert_row) far, (SELECT logistic_fit(logistic_agg(outcome, features || features[1] / 2, weight), offset_feature => 3) AS m FROM infert_row) near,
    unnest((far.m).coefficients[2:3], (near.m).coefficients[2:3]) u(a, b) GROUP BY 1;

-- text; NULLs and weights of 0 are nothing
SELECT logistic_agg(o, f, w) FROM (VALUES (true, ARRAY[1, -0.0, 0.1], 1), (true, ARRAY[1, 0, 0.1], 0.5), (false, '{1,0,0.1}', 2), (NULL, '{1,0,0}', 1), (true, NULL, 1), (true, '{1,0,0}', NULL), (true, '{1,0,0}', 0)) v(o, f, w);
SELECT logistic_agg(true, '{1}', 0) IS NULL AS nothing, '{"features": 2, "rows": [[[1, 2], 3, 4], [[1, 2], 0, 1]]}'::logistic_data;

-- errors
SELECT logistic_agg(true, f, 1) FROM (VALUES ('{1,2}'::float8[]), ('{1}')) v(f);
SELECT logistic_agg(true, '{1,NULL}', 1);
SELECT logistic_agg(true, '{1,NaN}', 1);
SELECT logistic_agg(true, '{{1},{2}}', 1);
SELECT logistic_agg(true, a, 1) FROM (SELECT array_agg(1::float8) AS a FROM generate_series(1, 1001)) x;
SELECT logistic_agg(true, '{1}', -1);
SELECT rollup(d) FROM (VALUES ('{"features": 1, "rows": []}'::logistic_data), ('{"features": 2, "rows": []}')) v(d);
SELECT logistic_fit('{"features": 1, "rows": []}'::logistic_data, -1);
SELECT logistic_fit('{"features": 1, "rows": []}'::logistic_data, names => '{a,b}');
SELECT logistic_fit('{"features": 1, "rows": []}'::logistic_data, offset_feature => 2);
SELECT logistic_fit('{"features": 1, "rows": []}'::logistic_data, offset_feature => -2147483648);
SELECT logistic_score(m, '{1}') FROM customer_model;
SELECT logistic_score(m, '{1,2,NULL}') FROM customer_model;
CREATE FUNCTION pg_temp.refused(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SELECT %L::%s', literal, type); RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT literal, pg_temp.refused('logistic_data', literal) FROM unnest(ARRAY['', '{"features": 1}', '{"features": -1, "rows": []}', '{"features": 1001, "rows": []}', '{"features": 1, "rows": [[[1, 2], 1, 1]]}', '{"features": 2, "rows": [[[1], 1, 1]]}', '{"features": 1, "rows": [[[1], 1]]}', '{"features": 1, "rows": [[[1], 1, 1]]} ]']) literal;
DROP VIEW infert_row;
DROP TABLE infert, menarche, customer;
