-- naive_bayes: counts, Odoo's numbers, reasons that add up, aging, fall-back
SET search_path = public, dupex;
\set VERBOSITY terse

-- Odoo's predictive scoring, alpha .1: the cases of its test of crm.lead, stages New < Qualified < Proposition < Won.
-- A lost lead has reached its stage and those before it, a won one has reached all; e-mail and phone quality are not set.
CREATE TABLE closed_lead AS SELECT team, won, jsonb_build_object('country', country, 'state', state, 'source', source, 'email', '', 'phone', '',
    'stage', to_jsonb((ARRAY['New', 'Qualified', 'Proposition', 'Won'])[1:stage])) AS features
FROM (VALUES (1, false, 'c0', 's0', 'src0', 1), (1, false, 'c1', 's1', 'src1', 2), (1, true, 'c2', 's2', 'src2', 4),
             (2, false, 'c0', 's1', 'src1', 3), (2, false, 'c0', 's1', 'src2', 2), (2, true, 'c0', 's2', 'src2', 4)) v(team, won, country, state, source, stage);
\set open_lead '''{"country": "c0", "state": "s1", "source": "src2", "stage": "Qualified", "email": "", "phone": ""}'''
SELECT team, round(100 * naive_bayes_score(naive_bayes_agg(won, features, 1), :open_lead, 0.1, '{stage}')::numeric, 2) AS probability FROM closed_lead GROUP BY team ORDER BY team;
-- prior 2.1 : 3.1, factors won 1.1/2.2, 2.1/2.2, 1, 2.1/2.2, .1/1.2, 1 and lost 1.1/1.2, .1/1.2, 1, 1.1/3.2, 2.1/2.2, 1.1/3.1
\set tooltip '''{"outcomes": [2, 3], "features": {"f1": {"a": [1, 1], "b": [1, 0]}, "f2": {"a": [2, 0], "b": [0, 1]}, "f3": {"a": [2, 3]}, "f4": {"a": [2, 1], "b": [0, 2]}, "f5": {"a": [0, 2], "b": [1, 0]}, "f6": {"a": [2, 1]}}}'''
\set tooltip_lead '''{"f1": "a", "f2": "a", "f3": "a", "f4": "a", "f5": "a", "f6": "a"}'''
SELECT round(100 * naive_bayes_score(:tooltip, :tooltip_lead, 0.1, '{f6}')::numeric, 4) AS probability,
    round(100 * (2.1 / 5.2 * 1.1 / 2.2 * 2.1 / 2.2 * 2.1 / 2.2 * .1 / 1.2) / (2.1 / 5.2 * 1.1 / 2.2 * 2.1 / 2.2 * 2.1 / 2.2 * .1 / 1.2 + 3.1 / 5.2 * 1.1 / 1.2 * .1 / 1.2 * 1.1 / 3.2 * 2.1 / 2.2 * 1.1 / 3.1), 4) AS by_hand;
SELECT feature, value, round(contribution::numeric, 6) AS contribution FROM naive_bayes_reasons(:tooltip, :tooltip_lead, 0.1, '{f6}') ORDER BY contribution DESC;
SELECT naive_bayes_words(:tooltip, :tooltip_lead, 0.1, '{f6}'), naive_bayes_words(:tooltip, '{}'), naive_bayes_words(:tooltip, :tooltip_lead, top_reasons => 1);

-- text, and counts as rows
SELECT naive_bayes_agg(won, features, 1) AS model FROM closed_lead WHERE team = 1 \gset
SELECT :'model' AS model, :'model'::naive_bayes::text = :'model' AS same;
SELECT * FROM naive_bayes_counts(:'model') WHERE feature IS NULL OR feature IN ('country', 'stage');
SELECT naive_bayes_agg(won, features, weight) FROM (VALUES (true, '{"a \"b\"": "c\nd\\", "n": 1.500, "yes": true, "no": null, "list": ["x", 2, false, null], "": ""}'::jsonb, 0.1), (false, '{"n": 1.5}', 2), (false, NULL, 0.5),
    (NULL, '{"n": 1}', 1), (true, '{"n": 1}', NULL), (true, '{"n": 1}', 0)) v(won, features, weight);
-- a text array: feature=value, or a tag
SELECT naive_bayes_agg(i % 3 = 0, to_jsonb(ARRAY['source=web' || i % 2, 'vip', 'x=y=z', NULL]), 1) FROM generate_series(1, 6) i;
SELECT naive_bayes_agg(NULL, '{}', 1) IS NULL AS nothing;

-- the counts are those of SQL; weights add up exactly in any order
CREATE TABLE outcome AS SELECT i, hashint4(i) % 3 = 0 AS won, jsonb_build_object('a', i % 7, 'b', hashint4(i + 5) % 4, 'c', to_jsonb(ARRAY[i % 2, i % 5])) AS features, (1 + abs(hashint4(i + 9) % 100)) / 10.0::float8 AS weight, i % 4 AS team FROM generate_series(1, 4000) i;
WITH value AS (
    SELECT won, f.key AS feature, v.value, weight FROM outcome, jsonb_each(features) f, LATERAL (SELECT f.value #>> '{}' AS value WHERE jsonb_typeof(f.value) <> 'array' UNION ALL SELECT DISTINCT jsonb_array_elements_text(CASE jsonb_typeof(f.value) WHEN 'array' THEN f.value ELSE '[]' END)) v
    UNION ALL SELECT won, NULL, NULL, weight FROM outcome),
plain AS (SELECT feature, value, coalesce(sum(weight::numeric) FILTER (WHERE won), 0) AS won, coalesce(sum(weight::numeric) FILTER (WHERE NOT won), 0) AS lost FROM value GROUP BY feature, value)
SELECT count(*) AS cells, count(*) FILTER (WHERE c.won::numeric IS DISTINCT FROM p.won OR c.lost::numeric IS DISTINCT FROM p.lost) AS differing
FROM plain p FULL JOIN (SELECT c.* FROM (SELECT naive_bayes_agg(won, features, weight) AS m FROM outcome) s, naive_bayes_counts(m) c) c ON coalesce(c.feature, '-') = coalesce(p.feature, '-') AND coalesce(c.value, '-') = coalesce(p.value, '-');
SELECT naive_bayes_agg(won, features, weight ORDER BY i)::text = naive_bayes_agg(won, features, weight ORDER BY weight, i DESC)::text AS any_order FROM outcome;
CREATE TABLE model AS SELECT team, naive_bayes_agg(won, features, weight) AS m FROM outcome GROUP BY team;
SELECT (SELECT rollup(m)::text FROM model) = naive_bayes_agg(won, features, weight)::text AS rolled_up FROM outcome;

-- contributions add up to the log-odds exactly, in any order, and the log-odds are those of the score
SELECT count(*) AS scores, count(*) FILTER (WHERE log_odds <> up OR log_odds <> down) AS differing, max(abs(ln(score / (1 - score)) - log_odds)) < 1e-12 AS of_the_score FROM (
    SELECT naive_bayes_log_odds(m, features) AS log_odds, naive_bayes_score(m, features) AS score, (SELECT sum(contribution ORDER BY contribution) FROM naive_bayes_reasons(m, features)) AS up,
        (SELECT sum(contribution ORDER BY contribution DESC) FROM naive_bayes_reasons(m, features)) AS down FROM model, outcome WHERE i <= 500) x;
-- what was never seen says nothing, and neither does what there is not
SELECT naive_bayes_score(m, '{"a": 99, "other": "x", "b": null}') = naive_bayes_score(m, '{}') AS same, abs(naive_bayes_score(m, '{}') - (won + 0.1) / (won + lost + 0.2)) < 1e-9 AS prior
FROM model, LATERAL (SELECT won, lost FROM naive_bayes_counts(m) WHERE feature IS NULL) c WHERE team = 1;
-- a stronger alpha draws the score to the middle
SELECT bool_and(abs(naive_bayes_log_odds(m, '{"a": 1, "b": 2}', 1000000)) < 0.01) AS drawn FROM model;

-- what stands in a list twice is there once; the smallest alpha that there is
SELECT naive_bayes_agg(true, '{"tags": ["a", "a", "b"]}', 1), naive_bayes_agg(false, '["source=web", "vip", "source=web"]', 1),
    naive_bayes_log_odds('{"outcomes": [3, 7], "features": {"tags": {"a": [3, 1], "b": [1, 4]}}}', '{"tags": ["a", "a"]}') = naive_bayes_log_odds('{"outcomes": [3, 7], "features": {"tags": {"a": [3, 1], "b": [1, 4]}}}', '{"tags": "a"}') AS same;
SELECT round(naive_bayes_log_odds('{"outcomes": [0, 7], "features": {"source": {"web": [0, 5], "shop": [3, 1]}}}', '{"source": "web"}', 1e-320)::numeric, 2) AS log_odds, round(2 * ln(1e-320::numeric) - ln(7::numeric) - ln(3::numeric) - ln(5::numeric / 6), 2) AS by_hand;
-- aging: half the weight, the same score but for alpha; blended: n/(n + k)
SELECT naive_bayes_scale(:'model', 0.5), naive_bayes_score(naive_bayes_scale(:'model', 0), '{"country": "c0"}') AS of_nothing;
SELECT team, round(naive_bayes_score(m, '{"a": 1, "b": 2}', 0.2)::numeric, 9) = round(naive_bayes_score(naive_bayes_scale(m, 0.5), '{"a": 1, "b": 2}', 0.1)::numeric, 9) AS same FROM model ORDER BY team;
SELECT naive_bayes_blend('{"outcomes": [1, 3], "features": {"a": {"x": [1, 2]}}}', '{"outcomes": [50, 150], "features": {"a": {"x": [10, 20], "y": [0, 1]}}}', 4);
SELECT naive_bayes_blend(NULL, g, 8), naive_bayes_blend(g, NULL, 8), naive_bayes_blend(g, g, 100), naive_bayes_blend(NULL, NULL) IS NULL AS nothing, naive_bayes_blend(g, g, 0) FROM (SELECT '{"outcomes": [4, 12], "features": {}}'::naive_bayes) v(g);
SELECT naive_bayes_score(NULL, '{}') IS NULL AS null_model, naive_bayes_score(:'model', NULL) IS NULL AS null_features;

-- a model that changes from row to row is not mistaken for the one before
SELECT count(*) AS rows, count(*) FILTER (WHERE naive_bayes_score(m, '{"a": 3}') <> expected) AS differing FROM (SELECT m, team FROM model, generate_series(1, 3) g ORDER BY g, team) x JOIN (SELECT team, naive_bayes_score(m, '{"a": 3}') AS expected FROM model) e USING (team);

-- errors
SELECT naive_bayes_agg(true, '{"a": {"b": 1}}', 1);
SELECT naive_bayes_agg(true, '{"a": [[1]]}', 1);
SELECT naive_bayes_agg(true, '["a", 1]', 1);
SELECT naive_bayes_agg(true, '[["a"]]', 1);
SELECT naive_bayes_agg(true, '3', 1);
SELECT naive_bayes_agg(true, '{}', w) FROM unnest(ARRAY[1, -1::float8]) w;
SELECT naive_bayes_agg(true, '{}', 'NaN');
SELECT naive_bayes_agg(true, '{}', 1e15);
SELECT naive_bayes_agg(true, '{}', 9e14) FROM generate_series(1, 2);
SELECT naive_bayes_score(:'model', '{}', 0);
SELECT naive_bayes_score(:'model', '{"a": {}}');
SELECT naive_bayes_scale(:'model', -1);
SELECT naive_bayes_scale(:'model', 1e15);
SELECT naive_bayes_blend(:'model', :'model', -1);
\set VERBOSITY default
SELECT '{"outcomes": [1, 2], "features": {"a": {}}}'::naive_bayes;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.refused(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SELECT %L::%s', literal, type); RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT literal, pg_temp.refused('naive_bayes', literal) FROM unnest(ARRAY['', '{}', '[]', '{"outcomes": [1], "features": {}}', '{"outcomes": [1, -1], "features": {}}', '{"outcomes": [1, 1e3], "features": {}}', '{"outcomes": [1, 0.1234567890123], "features": {}}',
    '{"outcomes": [1000000000000000, 1], "features": {}}', '{"outcomes": [1, 2], "features": {"a": {"b": [1, 2]}}', '{"outcomes": [1, 2], "features": {"a": {"b\u0000": [1, 2]}}}', '{"outcomes": [1, 2], "features": {}} x']) literal;
DROP TABLE closed_lead, outcome, model;
