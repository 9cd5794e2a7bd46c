-- The model of purchase on simulated leads of which the truth is known: what is censored changes
-- nothing, the probabilities are right, P(3 months) <= P(6 months), permuted outcomes give chance,
-- contributions add up; and score_leads(): what it writes, in batches, again, and not at all.
SET client_min_messages = warning;
SELECT dupex.install('model_test') IS NOT NULL AS installed;
SET search_path = model_test, dupex, public;
SET timezone = 'UTC';
SET DateStyle = 'ISO';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('A', 'team A'), ('B', 'team B');
INSERT INTO salesperson (salesperson_id, name, team, seniority) VALUES (1, 'Ann', 'A', 1), (2, 'Bob', 'B', 1), (3, 'Cem', 'A', 2);
INSERT INTO product (product, name) VALUES ('good', 'sells well'), ('fair', 'sells'), ('poor', 'sells badly');
CREATE FUNCTION pg_temp.dice(n bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(n || '/' || salt), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
-- The truth: of a product .5, .2 or .05 buy within 90 days of the opening, and as many of the
-- others within the next 90, at a steady pace; nobody after that. 4,800 leads, one every 3 hours,
-- from 1 November 2022 on; today is 1 July 2024.
\set today '2024-07-01 00:00+00'
CREATE TEMP TABLE truth (product text, p float8);
INSERT INTO truth VALUES ('good', .5), ('fair', .2), ('poor', .05);
CREATE TEMP TABLE history AS
SELECT n, o.at AS opened_at, t.product, t.p, CASE WHEN n % 2 = 0 THEN 'A' ELSE 'B' END AS team, CASE WHEN n % 2 = 0 THEN 1 ELSE 2 END AS salesperson_id,
       o.at + interval '24 hours' * 90 * CASE WHEN d.first < t.p THEN d.first / t.p WHEN d.second < t.p THEN 1 + d.second / t.p END AS bought_at
  FROM generate_series(1, 4800) n, LATERAL (SELECT timestamptz '2022-11-01' + n * interval '3 hours' AS at) o,
       LATERAL (SELECT pg_temp.dice(n, 'first') AS first, pg_temp.dice(n, 'second') AS second) d,
       LATERAL (SELECT * FROM truth ORDER BY product OFFSET n % 3 LIMIT 1) t;
INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 6000) n;
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
SELECT n, n, opened_at, product, team, salesperson_id, 'prospective', opened_at, CASE WHEN bought_at <= :'today' THEN 'won' ELSE 'open' END, CASE WHEN bought_at <= :'today' THEN bought_at END
  FROM history;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead;
UPDATE setting SET value = '0.4' WHERE setting = 'lead_model_threshold3';
UPDATE setting SET value = '0.3' WHERE setting = 'lead_model_threshold6';
UPDATE setting SET value = '0' WHERE setting = 'lead_model_half_life_days';

SELECT train_lead_model(:'today') AS model;
-- the counts, told by another query: looks 0, 7, 30, 90 and 180 days after the opening, while open
WITH look AS (
    SELECT h.*, h.opened_at + d * interval '24 hours' AS at FROM history h, unnest('{0,7,30,90,180}'::int[]) d
     WHERE h.opened_at + d * interval '24 hours' <= :'today' AND (h.bought_at > h.opened_at + d * interval '24 hours') IS NOT FALSE)
SELECT m.leads = (SELECT count(DISTINCT n) FROM look WHERE at + interval '3 months' <= :'today') AS leads,
       m.snapshots3 = (SELECT count(*) FROM look WHERE at + interval '3 months' <= :'today') AS snapshots3,
       m.bought3 = (SELECT count(*) FROM look WHERE at + interval '3 months' <= :'today' AND bought_at <= at + interval '3 months') AS bought3,
       m.censored3 = (SELECT count(*) FROM look WHERE at + interval '3 months' > :'today') AS censored3,
       m.snapshots6 = (SELECT count(*) FROM look WHERE at + interval '6 months' <= :'today') AS snapshots6,
       m.bought6 = (SELECT count(*) FROM look WHERE at + interval '6 months' <= :'today' AND bought_at <= at + interval '6 months') AS bought6,
       m.snapshots3 > m.snapshots6 AS more, m.threshold3, m.threshold6, m.threshold_basis
  FROM lead_model m;
SELECT round(auc3::numeric, 1) AS auc3, round(auc6::numeric, 1) AS auc6, brier3 < .16 AS brier3, ks3 > .4 AS ks3 FROM lead_model;
SELECT horizon_no, team, (SELECT round(won + lost) FROM naive_bayes_counts(counts) WHERE feature IS NULL) = CASE WHEN team = '' THEN CASE horizon_no WHEN 1 THEN m.snapshots3 ELSE m.snapshots6 END
       ELSE (SELECT count(*) FROM lead_snapshots(:'today') s JOIN history h ON h.n = s.lead_id
              WHERE h.team = c.team AND s.at + CASE horizon_no WHEN 1 THEN m.horizon3 ELSE m.horizon6 END <= :'today') END AS complete
  FROM lead_model_counts c, lead_model m ORDER BY 1, 2;

-- Censoring: leads too young for either horizon, open, lost or bought, change nothing
CREATE TEMP TABLE model_before AS SELECT to_jsonb(m) - '{lead_model_id,recorded_at,censored3,censored6}'::text[] AS model,
    (SELECT jsonb_agg(jsonb_build_array(c.horizon_no, c.team, c.counts::text) ORDER BY c.horizon_no, c.team) FROM lead_model_counts c) AS counts FROM lead_model m;
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
SELECT 5000 + n, 5000 + n, o.at, 'good', 'A', 1, 'prospective', o.at, s.status, CASE WHEN s.status <> 'open' THEN o.at + interval '2 days' END
  FROM generate_series(1, 900) n, LATERAL (SELECT timestamptz '2024-04-02' + n * interval '2 hours' AS at) o, LATERAL (SELECT (ARRAY['open', 'won', 'lost'])[1 + n % 3] AS status) s;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead WHERE lead_id > 5000;
SELECT train_lead_model(:'today') AS model;
SELECT b.model = to_jsonb(m) - '{lead_model_id,recorded_at,censored3,censored6}'::text[] AS same_model, m.censored3 - (SELECT censored3 FROM lead_model WHERE lead_model_id = 1) > 900 AS more_censored,
       b.counts = (SELECT jsonb_agg(jsonb_build_array(c.horizon_no, c.team, c.counts::text) ORDER BY c.horizon_no, c.team) FROM lead_model_counts c WHERE c.lead_model_id = m.lead_model_id) AS same_counts
  FROM lead_model m, model_before b WHERE m.lead_model_id = 2;
-- to count the young buyers after all is what makes the rate of buyers too high
UPDATE setting SET value = 'count' WHERE setting = 'lead_model_young_buyers';
SELECT train_lead_model(:'today') AS model;
SELECT m.bought3 - n.bought3 = m.snapshots3 - n.snapshots3 AS only_buyers, m.bought3 > n.bought3 AS more FROM lead_model m, lead_model n WHERE m.lead_model_id = 3 AND n.lead_model_id = 2;
UPDATE setting SET value = 'leave out' WHERE setting = 'lead_model_young_buyers';
UPDATE lead_model SET is_enabled = false WHERE lead_model_id > 1;
DELETE FROM lead_move WHERE lead_id > 5000;
DELETE FROM lead WHERE lead_id > 5000;
-- nothing later than as_of is looked at: trained as of the past, then and now
CREATE TEMP TABLE past AS SELECT train_lead_model('2024-03-01') AS model;
UPDATE lead SET status = 'open', closed_at = NULL WHERE closed_at > '2024-03-01';
CREATE TEMP TABLE past_again AS SELECT train_lead_model('2024-03-01') AS model;
SELECT to_jsonb(a) - '{lead_model_id,recorded_at}'::text[] = to_jsonb(b) - '{lead_model_id,recorded_at}'::text[] AS same
  FROM lead_model a, lead_model b WHERE a.lead_model_id = (SELECT model FROM past) AND b.lead_model_id = (SELECT model FROM past_again);
UPDATE lead l SET status = 'won', closed_at = h.bought_at FROM history h WHERE h.n = l.lead_id AND h.bought_at > '2024-03-01' AND h.bought_at <= :'today';
UPDATE lead_model SET is_enabled = false WHERE lead_model_id > 1;

-- Right probabilities: at the opening, of each product
SELECT f.product, round(avg(p.p3)::numeric, 1) AS p3, round(f.p::numeric, 1) AS truth3, abs(avg(p.p3) - f.p) < .05 AS p3_right, abs(avg(p.p6) - (1 - (1 - f.p) ^ 2)) < .05 AS p6_right, bool_and(p.p3 <= p.p6) AS monotone
  FROM (SELECT array_agg(n::bigint) AS n, array_agg(opened_at) AS at FROM history) h, lead_probabilities(1, h.n, h.n, h.at) p JOIN history f ON f.n = p.lead_id
 GROUP BY f.product, f.p ORDER BY f.p DESC;
-- and the line of calibration, of both horizons: intercept 0, slope 1, near enough
SELECT horizon, abs(l.intercept) < .15 AS intercept, abs(l.slope - 1) < .15 AS slope, l.slope_standard_error < .05 AS exact
  FROM (SELECT v.horizon, gains_agg(v.p, v.bought) AS gains
          FROM (SELECT array_agg(n::bigint) AS n, array_agg(opened_at) AS at FROM history) h, lead_probabilities(1, h.n, h.n, h.at) p JOIN history f ON f.n = p.lead_id,
               LATERAL (VALUES (3, p.p3, coalesce(f.bought_at <= f.opened_at + interval '3 months', false)), (6, p.p6, coalesce(f.bought_at <= f.opened_at + interval '6 months', false))) v (horizon, p, bought)
         WHERE f.opened_at + v.horizon * interval '1 month' <= :'today' GROUP BY v.horizon) x, gains_calibration_line(x.gains) l ORDER BY horizon;
-- Permuted outcomes: chance
BEGIN;
UPDATE lead l SET status = o.status, closed_at = l.opened_at + o.after
  FROM (SELECT lead_id, row_number() OVER (ORDER BY md5(lead_id::text)) AS place FROM lead) a
  JOIN (SELECT status, closed_at - opened_at AS after, row_number() OVER (ORDER BY md5('x' || lead_id)) AS place FROM lead) o USING (place) WHERE a.lead_id = l.lead_id;
UPDATE setting SET value = '0' WHERE setting = 'lead_model_snapshot_days';
SELECT train_lead_model(:'today') AS model \gset permuted_
SELECT auc3 BETWEEN .46 AND .54 AS chance3, auc6 BETWEEN .46 AND .54 AS chance6 FROM lead_model WHERE lead_model_id = :permuted_model;
ROLLBACK;
-- aged: the weight of a lead halves with the half-life
UPDATE setting SET value = '365' WHERE setting = 'lead_model_half_life_days';
BEGIN;
SELECT train_lead_model(:'today') AS model \gset aged_
SELECT abs((SELECT won + lost FROM naive_bayes_counts(c.counts) WHERE feature IS NULL)
           - (SELECT sum(0.5 ^ (extract(epoch FROM :'today'::timestamptz - s.opened_at)::float8 / 86400 / 365)) FROM lead_snapshots(:'today') s WHERE s.at + interval '3 months' <= :'today')) < 1e-6 AS aged
  FROM lead_model_counts c WHERE c.lead_model_id = :aged_model AND c.horizon_no = 1 AND c.team = '';
ROLLBACK;

-- Scores. The first night: all open leads, in batches of 500
SELECT score_leads(:'today', 500) AS scored UNION ALL SELECT score_leads(:'today', 500) WHERE false;
SELECT count(*) FILTER (WHERE l.model_grade IS NOT NULL) AS graded FROM lead l;
DO $$BEGIN WHILE score_leads('2024-07-01 00:00+00', 500) > 0 LOOP NULL; END LOOP; END$$;
SELECT r.leads = (SELECT count(*) FROM lead WHERE status = 'open') AS leads, r.changed = r.leads AS changed, r.regraded = r.leads AS regraded, r.ended_at IS NOT NULL AS ended FROM lead_score_run r;
SELECT count(*) = (SELECT count(*) FROM lead WHERE status = 'open') AS scores, bool_and(p3 <= p6) AS monotone, bool_and(score = round((100 * p3)::numeric, 2)) AS percent,
       bool_and(model_grade = CASE WHEN p3 >= .4 THEN 'prospective' WHEN p6 >= .3 THEN 'intention' ELSE 'potential' END) AS grades, count(DISTINCT model_grade) AS different FROM lead_score;
SELECT m.kind, bool_and(m.from_grade IS NULL AND m.to_grade = s.model_grade AND m.model_grade IS NULL AND m.score = s.score AND m.rule = 'model 1' AND m.from_salesperson_id = m.to_salesperson_id
       AND m.days_on_clock > 0) AS complete, count(*) = count(s.lead_id) AS each_with_a_score
  FROM lead_move m LEFT JOIN lead_score s ON s.lead_id = m.lead_id AND s.scored_at = m.moved_at WHERE m.moved_at = :'today' GROUP BY m.kind;
SELECT reason ~ '^[0-9.]+ % within 3 mons, [0-9.]+ % within 6 mons$' AS reason FROM lead_move WHERE kind = 'model graded' LIMIT 1;
-- again for the same time, with another batch size, or all at once: nothing
SELECT score_leads(:'today') AS again, score_leads(:'today', 1) AS and_again;
-- contributions add up: those of three months to the log-odds, exactly; those of six to its probability
SELECT count(*) AS leads, bool_and(e.sum3 = s.log_odds) AS sum3, bool_and(abs(1 / (1 + exp(-e.sum6)) - s.p6) < 1e-12) AS sum6, bool_and(e.raised = (e.own6 < e.sum3)) AS raised
  FROM lead_score s JOIN history h ON h.n = s.lead_id AND h.n % 10 = 0,
       LATERAL (SELECT sum(contribution) FILTER (WHERE horizon = '3 mons') AS sum3, sum(contribution) FILTER (WHERE horizon = '6 mons') AS sum6,
                       sum(contribution) FILTER (WHERE horizon = '6 mons' AND feature !~ '^at least') AS own6, bool_or(feature ~ '^at least') AS raised FROM explain_lead(s.customer_id, s.lead_id, :'today')) e;
SELECT feature, value, round(contribution::numeric, 1) AS contribution
  FROM explain_lead((SELECT min(customer_id) FROM lead WHERE status = 'open' AND product = 'good' AND opened_at > '2024-06-20'), (SELECT min(lead_id) FROM lead WHERE status = 'open' AND product = 'good' AND opened_at > '2024-06-20'), :'today')
 WHERE horizon = '3 mons' AND feature IN ('all leads', 'product');
SELECT explain_lead_in_words(h.n, h.n, :'today') ~ 'for: product good \(odds x [0-9.]+\)' AS words FROM history h WHERE h.n = (SELECT min(lead_id) FROM lead WHERE status = 'open' AND product = 'good' AND opened_at > '2024-06-20');
SELECT count(*) AS before_it_was_scored FROM explain_lead(4800, 4800, '2024-06-30 12:00');
-- The next night: nothing has happened but that some leads are older; what is near enough is not written
SELECT score_leads('2024-07-02') = count(*) AS leads FROM lead WHERE status = 'open';
SELECT r.changed BETWEEN 1 AND r.leads / 5 AS few, r.regraded <= r.changed AS fewer FROM lead_score_run r WHERE r.as_of = '2024-07-02';
SELECT count(*) = 0 AS all_differ FROM (SELECT p3, p6, model_grade, lag(p3) OVER w AS q3, lag(p6) OVER w AS q6, lag(model_grade) OVER w AS grade FROM lead_score WINDOW w AS (PARTITION BY lead_id ORDER BY scored_at)) s
 WHERE grade IS NOT NULL AND grade = model_grade AND abs(p3 - q3) < .005 AND abs(p6 - q6) < .005;
-- a night that was forgotten: what has been scored since is left alone
CREATE TEMP TABLE kept AS SELECT * FROM lead_score;
SELECT score_leads('2024-07-01 12:00') > 0 AS looked_at;
SELECT count(*) AS written FROM lead_score s WHERE s.scored_at = '2024-07-01 12:00' AND EXISTS (SELECT FROM kept k WHERE k.lead_id = s.lead_id AND k.scored_at > s.scored_at);
-- a move says the score and the grade of its time
SELECT salesperson_id FROM reassign_lead(4800, 4800, 3, at => '2024-07-03');
SELECT m.kind, m.score = s.score AS score, m.model_grade = s.model_grade AS grade FROM lead_move m, LATERAL (SELECT * FROM lead_score s WHERE s.lead_id = 4800 ORDER BY scored_at DESC LIMIT 1) s WHERE m.lead_id = 4800 AND m.kind = 'assigned';
SELECT move_stale_leads('2024-07-03') > 0 AS moved;
SELECT count(*) > 0 AS moves, bool_and(m.score IS NOT DISTINCT FROM (SELECT s.score FROM lead_score s WHERE s.lead_id = m.lead_id ORDER BY s.scored_at DESC LIMIT 1)) AS score, bool_and(m.model_grade = l.model_grade) AS grade
  FROM lead_move m JOIN lead l ON l.lead_id = m.lead_id WHERE m.moved_at = '2024-07-03' AND m.kind = 'stale';
-- side by side, and against what happened
SELECT count(*) = (SELECT count(*) FROM lead) AS all_leads, count(score) = (SELECT count(DISTINCT lead_id) FROM lead_score) AS scored, bool_or(grades_apart = 2) AS apart, bool_and(is_same_grade = (grades_apart = 0)) AS same FROM lead_grades;
SELECT * FROM check_integrity() WHERE problems > 0 AND check_name ~ 'score|moved';

-- What happened in the end: the scores of the two nights against the truth
BEGIN;
UPDATE lead l SET status = 'won', closed_at = h.bought_at FROM history h WHERE h.n = l.lead_id AND l.status = 'open' AND h.bought_at IS NOT NULL;
SELECT horizon_no, count(*) = (SELECT count(DISTINCT lead_id) FROM lead_score) AS each_lead_once, bool_and(is_bought IS NOT NULL) AS all_over FROM lead_score_outcome GROUP BY 1 ORDER BY 1;
SELECT horizon_no, sum(leads) = (SELECT count(DISTINCT lead_id) FROM lead_score) AS all_leads, abs(sum(leads * predicted_rate) / sum(leads) - sum(bought) / sum(leads)) < .02 AS right_on_average, max(abs(predicted_rate - bought_rate)) < .1 AS right_in_parts
  FROM lead_score_calibration GROUP BY 1 ORDER BY 1;
SELECT horizon_no, min(bin) = 1 AND max(bin) = 10 AS tenths, max(lift) FILTER (WHERE bin = 1) > 1.5 AS lift, max(cumulative_bought) = (SELECT count(*) FROM lead_score_outcome o WHERE o.horizon_no = g.horizon_no AND is_bought) AS complete
  FROM lead_score_gains g GROUP BY 1 ORDER BY 1;
SELECT horizon_no, scored_leads > 1000 AS scored_leads, scored_auc > auc - .05 AS auc_as_promised, scored_brier < brier + .02 AS brier_as_promised FROM lead_model_quality WHERE lead_model_id = 1 ORDER BY 1;
SELECT lead_grade, horizon_no, abs(predicted_rate - bought_rate) < .1 AS as_predicted, other_leads > 0 AS compared FROM grade_calibration WHERE graded_by = 'model' AND horizon_no = 1 ORDER BY 1, 2;
-- the kind of customer: counted by hand, and what differs is said
SELECT c.feature_value, c.leads = h.leads AND c.bought = h.bought AS counted, round(c.lift::numeric, 1) AS lift, c.finding
  FROM lead_conversion c JOIN (SELECT r.name, count(*) AS leads, count(*) FILTER (WHERE bought_at <= opened_at + interval '3 months') AS bought FROM history h JOIN product r USING (product) GROUP BY 1) h ON h.name = c.feature_value
 WHERE c.feature = 'product' AND c.horizon_no = 1 ORDER BY c.lift DESC;
SELECT feature, feature_value, finding FROM lead_conversion WHERE feature IN ('referred', 'region') ORDER BY 1, 2, horizon_no;
ROLLBACK;

-- thresholds by capacity: 3 salespeople, 20 leads each of the best grade, 60 more of the next
UPDATE setting SET value = 'capacity' WHERE setting IN ('lead_model_threshold3', 'lead_model_threshold6');
SELECT set_lead_model_thresholds(1);
SELECT threshold_basis FROM lead_model WHERE lead_model_id = 1;
UPDATE setting SET value = '3' WHERE setting = 'lead_model_leads3';
UPDATE setting SET value = '5' WHERE setting = 'lead_model_leads6';
SELECT set_lead_model_thresholds(1);
SELECT m.threshold_basis, (SELECT count(*) FROM lead_probabilities(1, o.n, o.n, o.at) p WHERE p.p3 > m.threshold3) < 9 AS places3, (SELECT count(*) FROM lead_probabilities(1, o.n, o.n, o.at) p WHERE p.p3 >= m.threshold3) >= 9 AS filled3
  FROM lead_model m, (SELECT array_agg(lead_id) AS n, array_agg(m.trained_at) AS at FROM lead l, lead_model m WHERE l.status = 'open' AND l.opened_at <= m.trained_at AND m.lead_model_id = 1) o WHERE m.lead_model_id = 1;

-- when it is due, and when there is nothing to learn from
SELECT train_lead_model_when_due('2024-07-07 23:00') AS too_early, train_lead_model_when_due('2024-07-08') AS due;
SELECT max(trained_at) FROM lead_model;
SET client_min_messages = notice;
SELECT train_lead_model('2022-12-01') AS model;
SET client_min_messages = warning;
SELECT count(*) AS left_over FROM lead_model WHERE trained_at = '2022-12-01';
SELECT score_leads('2022-12-01') AS without_a_model;
-- a feature that an analyst adds, and one that he leaves out
INSERT INTO lead_model_feature (feature, form_field, description) VALUES ('colour', 'colour', 'what colour');
UPDATE lead_model_feature SET is_enabled = false WHERE feature = 'product';
INSERT INTO reception (customer_id, lead_id, received_at, form) VALUES (1, 1, '2022-11-02', '{"colour": "red"}'), (1, 1, '2022-11-05', '{"colour": "blue"}');
SELECT t, f.features ->> 'colour' AS colour, f.features ? 'product' AS product, f.features ->> 'age' AS age FROM unnest('{2022-11-01 12:00,2022-11-04,2022-11-10}'::timestamptz[]) t, lead_features('{1}', '{1}', ARRAY[t]) f;
SELECT train_lead_model(:'today') > 0 AS trained;
SELECT 'colour' = ANY (features) AS colour, 'product' = ANY (features) AS product FROM lead_model ORDER BY lead_model_id DESC LIMIT 1;
SELECT value, won, lost > 0 AS lost FROM naive_bayes_counts((SELECT counts FROM lead_model_counts WHERE horizon_no = 1 AND team = '' ORDER BY lead_model_id DESC LIMIT 1)) WHERE feature IN ('colour', 'product');

-- what cannot be
SELECT train_lead_model(NULL);
SELECT score_leads('infinity');
SELECT score_leads('2024-07-01', 0);
SELECT explain_lead(1, 2);
SELECT set_lead_model_thresholds(99);
UPDATE setting SET value = 'none' WHERE setting = 'lead_model_alpha';
SELECT train_lead_model('2024-07-01');
UPDATE setting SET value = '1' WHERE setting = 'lead_model_alpha';
UPDATE setting SET value = '1;2' WHERE setting = 'lead_model_snapshot_days';
SELECT train_lead_model('2024-07-01');
UPDATE lead_grade SET horizon = NULL WHERE lead_grade = 'intention';
SELECT train_lead_model('2024-07-01');
SELECT dupex.uninstall('model_test', drop_data => true) IS NOT NULL AS gone;
