-- Scores: states and fits, against hand-written SQL where there is any.
SET client_min_messages = warning;
-- events of people, three each on average; cases with five features and an outcome; rows of 20 numbers that hardly ever repeat
CREATE UNLOGGED TABLE bench.event AS
SELECT bench.dice(i, 1, :size / 3) AS person, (ARRAY['open', 'click', 'visit', 'call'])[1 + bench.dice(i, 2, 4)] AS kind,
       timestamptz '2026-01-01' + bench.dice(i, 3, 15000000) * interval '1 second' AS at, 1 + bench.dice(i, 4, 20)::float8 AS points
  FROM generate_series(1::bigint, :size) i;
CREATE UNLOGGED TABLE bench.person_points AS SELECT person, points_kind_agg(kind, at, points, '30 days') AS points FROM bench.event GROUP BY person;
CREATE UNLOGGED TABLE bench.lead_case AS
SELECT bench.dice(i, 1, 100) < 20 + bench.dice(i, 2, 10) * 3 AS won, bench.dice(i, 5, 1000000) / 1000000.0::float8 AS score,
       jsonb_build_object('source', 's' || bench.dice(i, 2, 10), 'city', 'c' || bench.dice(i, 3, 100), 'model', 'm' || bench.dice(i, 4, 30),
                          'language', 'l' || bench.dice(i, 6, 3), 'age', 20 + bench.dice(i, 7, 50)) AS features
  FROM generate_series(1::bigint, :size) i;
CREATE UNLOGGED TABLE bench.number_row AS
SELECT ARRAY[bench.dice(i, 1, 1000003), bench.dice(i, 2, 1000003), bench.dice(i, 3, 1000003), bench.dice(i, 4, 1000003), bench.dice(i, 5, 1000003),
             bench.dice(i, 6, 1000003), bench.dice(i, 7, 1000003), bench.dice(i, 8, 1000003), bench.dice(i, 9, 1000003), bench.dice(i, 10, 1000003),
             bench.dice(i, 11, 10), bench.dice(i, 12, 10), bench.dice(i, 13, 10), bench.dice(i, 14, 10), bench.dice(i, 15, 10),
             bench.dice(i, 16, 2), bench.dice(i, 17, 2), bench.dice(i, 18, 2), bench.dice(i, 19, 2), bench.dice(i, 20, 2)]::float8[] AS features,
       bench.dice(i, 1, 1000003) + bench.dice(i, 21, 2000000) < 1000003 AS won
  FROM generate_series(1::bigint, :size) i;
VACUUM ANALYZE bench.event, bench.person_points, bench.lead_case, bench.number_row;
CREATE UNLOGGED TABLE bench.score_model AS
SELECT (SELECT naive_bayes_agg(won, features, 1) FROM bench.lead_case) AS bayes, (SELECT logistic_fit(logistic_case_agg(won, features, 1)) FROM bench.lead_case) AS cases,
       (SELECT logistic_fit(logistic_agg(won, features, 1)) FROM (SELECT * FROM bench.number_row LIMIT 10000) r) AS numbers;

SELECT bench.compare('points_kind_agg, a state per person', :size, '{dupex,decayed sum}', ARRAY[
    $$SELECT person, points_at(points_kind_agg(kind, at, points, '30 days'), '2026-07-01') FROM bench.event GROUP BY person$$,
    $$SELECT person, sum(points * 0.5 ^ (extract(epoch FROM '2026-07-01' - at)::float8 / 2592000)) FROM bench.event GROUP BY person$$], :size);
SELECT bench.compare('points_at of stored states', :size, '{dupex,decayed sum over the events}', ARRAY[
    $$SELECT sum(points_at(points, '2026-07-01')) FROM bench.person_points$$,
    $$SELECT sum(s) FROM (SELECT person, sum(points * 0.5 ^ (extract(epoch FROM '2026-07-01' - at)::float8 / 2592000)) AS s FROM bench.event GROUP BY person) p$$]);
SELECT bench.compare('naive_bayes_agg, 5 features', :size, '{dupex,counts by jsonb_each_text}', ARRAY[
    'SELECT naive_bayes_agg(won, features, 1) FROM bench.lead_case',
    'SELECT key, value, count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won) FROM bench.lead_case, jsonb_each_text(features) GROUP BY 1, 2'], :size);
SELECT bench.compare('naive_bayes_score, 5 features', :size, '{dupex}', ARRAY['SELECT avg(naive_bayes_score(bayes, features)) FROM bench.lead_case, bench.score_model'], :size);
SELECT bench.compare('gains_agg and AUC', :size, '{dupex,rank sum}', ARRAY[
    'SELECT gains_auc(gains_agg(score, won)) FROM bench.lead_case',
    'SELECT (sum(r) FILTER (WHERE won) - count(*) FILTER (WHERE won) * (count(*) FILTER (WHERE won) + 1) / 2.0) / count(*) FILTER (WHERE won) / count(*) FILTER (WHERE NOT won)
       FROM (SELECT won, rank() OVER (ORDER BY score) AS r FROM bench.lead_case) x'], :size);
SELECT bench.compare('logistic_case_agg and fit, 5 features', :size, '{dupex}', ARRAY['SELECT logistic_fit(logistic_case_agg(won, features, 1)) FROM bench.lead_case'], :size);
SELECT bench.compare('logistic_score of cases, 5 features', :size, '{dupex}', ARRAY['SELECT avg(logistic_score(cases, features)) FROM bench.lead_case, bench.score_model'], :size);
SELECT bench.compare('logistic_agg, 20 numbers', :size, '{dupex}', ARRAY['SELECT logistic_agg(won, features, 1) FROM bench.number_row'], :size);
SELECT bench.compare('logistic_agg and fit, 20 numbers', :size, '{dupex}', ARRAY['SELECT logistic_fit(logistic_agg(won, features, 1)) FROM bench.number_row'], :size);
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SELECT bench.compare('logistic_agg and fit, 20 numbers, 2 workers', :size, '{dupex}', ARRAY['SELECT logistic_fit(logistic_agg(won, features, 1)) FROM bench.number_row'], :size);
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
SELECT bench.compare('logistic_score, 20 numbers', :size, '{dupex}', ARRAY['SELECT avg(logistic_score(numbers, features)) FROM bench.number_row, bench.score_model'], :size);
DROP TABLE bench.event, bench.person_points, bench.lead_case, bench.number_row, bench.score_model;
