-- logistic regression on features of all kinds: columns, missing values, several values, scores and reasons
SET search_path = public, dupex;
\set VERBOSITY terse

CREATE TABLE lead AS SELECT i, (hashint4(i)::bigint + 2147483648) / 4294967296.0 < 0.3 + 0.2 * (i % 3 = 0)::int + 0.1 * (i % 4 = 0)::int AS bought,
    jsonb_strip_nulls(jsonb_build_object('source', (ARRAY['web', 'fair', 'web', 'mail'])[1 + i % 4], 'age', CASE WHEN i % 5 <> 0 THEN 20 + i % 40 END,
        'tags', CASE i % 3 WHEN 0 THEN '["a", "b"]'::jsonb WHEN 1 THEN '["b"]' END, 'vip', CASE WHEN i % 7 > 3 THEN i % 2 = 0 END)) AS features,
    ARRAY[i % 4 = 1, i % 4 = 3, i % 3 = 0, i % 3 < 2, i % 7 > 3 AND i % 2 = 0, i % 7 > 3 AND i % 2 = 1, i % 5 = 0] AS dummies, CASE WHEN i % 5 <> 0 THEN 20 + i % 40 END AS age FROM generate_series(1, 2000) i;
SELECT logistic_fit(logistic_case_agg(bought, features, 1), 0) AS m INTO TEMP plain FROM lead;
SELECT logistic_fit(logistic_case_agg(bought, features, 1)) AS m INTO TEMP penalised FROM lead;

-- what became a column: numbers, values against the most frequent one, members, what is missing
SELECT feature, kind, value, round(mean::numeric, 4) AS mean, round(deviation::numeric, 4) AS deviation FROM plain, unnest((m).features, (m).kinds, (m).feature_values, (m).means, (m).deviations) u(feature, kind, value, mean, deviation);
SELECT round(avg(age), 4) AS mean, round(stddev_pop(age), 4) AS deviation FROM lead;
SELECT feature, round(coefficient::numeric, 6) AS coefficient, round(standard_error::numeric, 6) AS standard_error FROM plain, logistic_coefficients(m);
-- the same by hand, with columns of 0 and 1: the same coefficients and scores
SELECT logistic_fit(logistic_agg(bought, ARRAY[coalesce((age - a.mean) / a.deviation, 0), dummies[7]::int, dummies[1]::int, dummies[2]::int, dummies[3]::int, dummies[4]::int, dummies[5]::int, (i % 7 <= 3)::int]::float8[], 1)) AS m INTO TEMP by_hand
FROM lead, (SELECT avg(age) AS mean, stddev_pop(age) AS deviation FROM lead) a;
SELECT max(abs(logistic_score(p.m, features) - logistic_score(h.m, ARRAY[coalesce((age - a.mean) / a.deviation, 0), dummies[7]::int, dummies[1]::int, dummies[2]::int, dummies[3]::int, dummies[4]::int, dummies[5]::int, (i % 7 <= 3)::int]::float8[]))) < 1e-9 AS same_scores,
    max(abs((p.m).model.log_likelihood - (h.m).log_likelihood)) < 1e-9 AS same_likelihood, max((p.m).model.status) AS status FROM lead, plain p, by_hand h, (SELECT avg(age) AS mean, stddev_pop(age) AS deviation FROM lead) a;
-- a penalty draws coefficients to 0, not the constant, and the predicted sum stays
SELECT sum(c.coefficient ^ 2) < (SELECT sum(coefficient ^ 2) FROM plain, logistic_coefficients(m) WHERE feature <> '(constant)') AS smaller FROM penalised, logistic_coefficients(m) c WHERE feature <> '(constant)';
SELECT abs(sum(logistic_score(m, features)) - sum(bought::int)) < 1e-5 AS calibrated FROM lead, penalised;
-- any order of rows and of the features, parts rolled up: the same to the last bit
SELECT (SELECT logistic_fit(rollup(c)) FROM (SELECT logistic_case_agg(bought, features, 1) AS c FROM lead GROUP BY i % 7) x)::text = m::text AS rolled_up, (SELECT logistic_fit(logistic_case_agg(bought, features, 1 ORDER BY i DESC)) FROM lead)::text = m::text AS any_order FROM penalised;
SELECT logistic_case_agg(true, f, 1) FROM (VALUES ('{"tags": ["b", "a", "b"], "n": 1.50}'::jsonb), ('{"n": 1.5, "tags": ["a", "b"]}'), ('["n=1", "a", "b"]')) v(f);

-- reasons add up to the log-odds exactly, one for each feature
SELECT count(*) FILTER (WHERE logistic_log_odds(m, features) <> (SELECT sum(contribution ORDER BY contribution) FROM logistic_reasons(m, features)) OR logistic_log_odds(m, features) <> (SELECT sum(contribution ORDER BY contribution DESC) FROM logistic_reasons(m, features))) AS differing,
    count(*) FILTER (WHERE (SELECT count(*) FROM logistic_reasons(m, features)) <> 5) AS incomplete, max(abs(ln(logistic_score(m, features) / (1 - logistic_score(m, features))) - logistic_log_odds(m, features))) < 1e-12 AS of_the_score FROM lead, penalised WHERE i <= 400;
SELECT feature, value, round(contribution::numeric, 4) AS contribution FROM penalised, logistic_reasons(m, '{"source": "web", "age": 30, "tags": ["b", "new", "a"]}');
-- what the fit has not seen says nothing, and what is missing only where the fit has seen that
SELECT feature, value, round(contribution::numeric, 4) AS contribution FROM penalised, logistic_reasons(m, '{"source": "other", "age": "old", "vip": 7, "more": 1}') WHERE feature IS NOT NULL;
SELECT feature, value, contribution = 0 AS says_nothing FROM penalised, logistic_reasons(m, '{}') WHERE feature IS NOT NULL;
SELECT logistic_words(m, '{"source": "web", "age": 30, "tags": ["a", "b"]}', 1), logistic_words(m, '{"source": "mail", "vip": null}') FROM penalised;

-- separation by a rare value: told with l2 0, and bounded with the penalty
SELECT l2, (m).model.converged, (m).model.status, abs((m).model.coefficients[2]) < 10 AS bounded FROM unnest(ARRAY[0, 1]) l2, LATERAL (SELECT logistic_fit('[[[["a", "x"]], 5, 5], [[["a", "y"]], 3, 0]]'::logistic_cases, l2) AS m) x;
-- no feature, one outcome, nothing
SELECT (logistic_fit(c)).model.status, (logistic_fit(c)).model.coefficients, logistic_score(logistic_fit(c), '{"a": 1}') FROM unnest(ARRAY['[[[], 1, 3]]', '[[[["a", 1]], 2, 0]]', '[]']::logistic_cases[]) c;
SELECT logistic_case_agg(o, f, w) FROM (VALUES (true, '{"n": 0.1}'::jsonb, 1), (NULL, '{"n": 1}', 1), (true, '{"n": 1}', NULL), (false, NULL, 2), (true, '{"n": 1}', 0), (true, '{"n": null, "s": "q\"\\", "t": true}', 0.25)) v(o, f, w);
SELECT logistic_case_agg(NULL, '{}', 1) IS NULL AS nothing, logistic_fit(NULL::logistic_cases) IS NULL AS no_cases;

-- the number 1 and the word 1 of a feature that has words too are one value
SELECT (m).kinds, (m).feature_values, (m).model.status, logistic_score(m, '{"a": [1, "1"]}') BETWEEN 0.5 AND 1 AS near, (SELECT count(*) FROM logistic_reasons(m, '{"a": 1}')) AS reasons
FROM (SELECT logistic_fit('[[[["a", 1], ["a", "1"]], 3, 1], [[["a", "x"]], 2, 2], [[], 1, 2]]'::logistic_cases) AS m) x;
-- what stands in a list twice is there once, in a score as in the fit
SELECT logistic_log_odds(m, '{"tags": ["a", "a"], "n": [3, 3]}') = logistic_log_odds(m, '{"tags": ["a"], "n": 3}') AS same, logistic_log_odds(m, '["tags=a", "tags=b", "tags=a"]') = logistic_log_odds(m, '{"tags": ["b", "a"]}') AS same_words,
    logistic_log_odds(m, '{"one": [1, "1"], "tags": ["c"]}') = logistic_log_odds(m, '{"one": "1", "tags": ["c"]}') AS same_number, (SELECT value FROM logistic_reasons(m, '{"tags": ["a", "a"]}') WHERE feature = 'tags')
FROM (SELECT logistic_fit(logistic_case_agg(o, f::jsonb, w)) AS m FROM (VALUES (true, '{"tags": ["a", "b"], "n": 3, "one": "x"}', 5), (false, '{"tags": ["b"], "n": 1, "one": 1}', 7), (true, '{"tags": ["a"], "n": 2, "one": "x"}', 3), (false, '{"tags": ["c"], "n": 2, "one": "1"}', 2), (true, '{"n": 4, "one": 1}', 4)) v(o, f, w)) x;

-- errors
SELECT logistic_case_agg(true, '{"a": {}}', 1);
SELECT logistic_case_agg(true, '{"a": 1e400}', 1);
SELECT logistic_case_agg(true, '{}', -1);
SELECT logistic_fit('[]'::logistic_cases, -1);
SELECT (logistic_fit(logistic_case_agg(i % 2 = 0, jsonb_build_object('id', 'x' || i), 1))).model.status FROM generate_series(1, 2001) i;
SELECT logistic_score(ROW((m).model, '{a}', '{number}', '{NULL}', '{0}', '{1}')::logistic_case_model, '{}') FROM plain;
SELECT logistic_score(ROW((m).model, (m).features, '{}', (m).feature_values, (m).means, (m).deviations)::logistic_case_model, '{}') FROM plain;
SELECT logistic_score(m, '{"a": {}}') FROM plain;
CREATE FUNCTION pg_temp.refused(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SELECT %L::%s', literal, type); RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT literal, pg_temp.refused('logistic_cases', literal) FROM unnest(ARRAY['', '[[', '[[[["a", 1]], 1]]', '[[[["a", true]], 1, 1]]', '[[[["a", NaN]], 1, 1]]', '[[[["a"]], 1, 1]]', '[[[[1, 1]], 1, 1]]', '[[[["a\u0000", 1]], 1, 1]]', '[[[], 1, 1]],']) literal;
DROP TABLE lead;
