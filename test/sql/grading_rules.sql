-- The grading rules: points by hand, the ledger, drafts tried on the past; and grades against what
-- happened, where a salesperson who is too optimistic is found and one with few leads is not accused.
SET client_min_messages = warning;
SELECT dupex.install('rule_test') IS NOT NULL AS installed;
SET search_path = rule_test, dupex, public;
SET timezone = 'UTC';
SET DateStyle = 'ISO';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('A', 'team A');
INSERT INTO salesperson (salesperson_id, name, team) VALUES (1, 'Ann', 'A'), (2, 'Bob', 'A'), (3, 'Cem', 'A');
INSERT INTO product (product, name, category) VALUES ('car', 'car', 'cars');
INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 1000) n;
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'open day', 'meeting', '2024-01-20');

-- One lead with a signal of each kind. The points of version 1, by hand, as of 1 February 2024 00:00:
--   visit (reception) 10 January, 22 days, half-life 2 months = 60 days:  10 * 2 ^ (-22/60)  =   7.7557
--   test drive 17 January, 15 days, 90 days:                              25 * 2 ^ (-15/90)  =  22.2725
--   its outcome "wants an offer", 15 days, 60 days:                       15 * 2 ^ (-15/60)  =  12.6134
--   call reached 27 January, 5 days, 60 days:                              5 * 2 ^ (-5/60)   =   4.7194
--   two calls refused on 30 January, capped at -20 a day, 2 days, 180:   -20 * 2 ^ (-2/180)  = -19.8466
--   response 2 January, 30 days, 30 days:                                  5 / 2             =   2.5000
--   basket 18 January, 14 days, 14 days:                                  10 / 2             =   5.0000
--   registration 2 January, 30 days, 60 days:                              8 * 2 ^ (-1/2)    =   5.6569
--   attendance 20 January, 12 days, 60 days:                              12 * 2 ^ (-12/60)  =  10.4466
--                                                                                      sum      51.1178
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at) VALUES (1, 1, '2024-01-10', 'car', 'A', 1, 'intention', '2024-01-10');
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) VALUES (1, 1, '2024-01-10', 'opened', 1, 'intention', 'open');
INSERT INTO visit (customer_id, lead_id, kind, status, visited_at, outcome) VALUES (1, 1, 'reception', 'completed', '2024-01-10', NULL), (1, 1, 'test drive', 'completed', '2024-01-17', 'wants an offer'),
    (1, 1, 'return visit', 'planned', '2024-01-25', NULL), (1, 1, 'test drive', 'completed', '2024-02-05', 'price is too high');
INSERT INTO call (customer_id, lead_id, called_at, direction, result) VALUES (1, 1, '2024-01-27', 'outbound', 'reached'), (1, 1, '2024-01-30 00:00', 'outbound', 'refused'), (1, 1, '2024-01-30 00:00', 'outbound', 'refused'),
    (1, NULL, '2024-01-28', 'outbound', 'reached'), (1, 1, '2024-01-28', 'outbound', 'call back');
INSERT INTO response (customer_id, responded_at, response_channel) VALUES (1, '2024-01-02', 'web'), (1, '2023-07-01', 'web'), (0, '2024-01-20', 'web');
INSERT INTO basket_event (customer_id, basket, kind, happened_at) VALUES (1, 'b1', 'added', '2024-01-18'), (1, 'b1', 'completed', '2024-01-19');
INSERT INTO event_registration (customer_id, event_id, registered_at) VALUES (1, 1, '2024-01-02');
INSERT INTO event_attendance (customer_id, event_id, attended_at) VALUES (1, 1, '2024-01-20');
SELECT lead_grade, round(points::numeric, 4) AS points, rules_version FROM suggest_grade(1, 1, '2024-02-01');
SELECT reasons FROM suggest_grade(1, 1, '2024-02-01');
SELECT happened_at, grading_rule, points_each, events, counted, round(contribution, 4) AS contribution FROM grading_ledger(1, 1, '2024-02-01');
-- the day before the second test drive, and the day of it; before anything happened
SELECT d AS as_of, s.lead_grade, round(s.points::numeric, 4) AS points FROM unnest('{2024-01-09,2024-02-04,2024-02-05}'::timestamptz[]) d, suggest_grade(1, 1, d) s;
-- answers: the last one to a question counts, and a rule may give a grade outright
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id) VALUES (2, 2, '2024-01-10', 'car', 'A', 1);
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_status) VALUES (2, 2, '2024-01-10', 'opened', 1, 'open');
INSERT INTO reception (customer_id, lead_id, received_at, form_entered_at, form) VALUES (2, 2, '2024-01-10 10:00', '2024-01-10 10:30', '{"when": "prospective", "colour": "red"}'),
    (2, 2, '2024-01-20', NULL, '{"when": "intention", "budget": 20000}'), (2, 2, '2024-01-25', NULL, '{"when": "soon"}'), (2, 2, '2024-01-26', NULL, NULL), (2, 2, '2024-01-27', NULL, '[1, 2]');
SELECT d AS as_of, s.lead_grade, s.points, s.reasons FROM unnest('{2024-01-10 10:15,2024-01-10 10:30,2024-01-20,2024-01-25}'::timestamptz[]) d, suggest_grade(2, 2, d) s;
SELECT * FROM grading_ledger(2, 2, '2024-01-20');
-- a better form that is entered later holds from then on
INSERT INTO reception_form (customer_id, reception_id, form, entered_at, required_fields, filled_fields, checked_fields, plausible_fields) SELECT 2, reception_id, '{"when": "prospective"}', '2024-01-29', 0, 0, 0, 0 FROM reception WHERE received_at = '2024-01-25';
SELECT d AS as_of, s.lead_grade FROM unnest('{2024-01-28,2024-01-29}'::timestamptz[]) d, suggest_grade(2, 2, d) s;

-- a draft: changed, tried, and only then in force
SELECT copy_grading_rules(description => 'category and colour') AS draft;
INSERT INTO grading_rule (version, grading_rule, signal, field, operator, operand, points) VALUES (2, 'cars', 'lead', 'category', 'is', 'cars', 3), (2, 'red', 'answer', 'colour', 'matches', '^r', 1.5), (2, 'can pay', 'answer', 'budget', 'at least', '20000', 2), (2, 'cannot pay', 'answer', 'budget', 'at most', '19999.99', -2);
UPDATE grading_rule SET is_enabled = false WHERE version = 2 AND lead_grade IS NOT NULL;
UPDATE grading_threshold SET minimum_points = 6 WHERE version = 2 AND lead_grade = 'intention';
SELECT v, s.lead_grade, round(s.points::numeric, 4) AS points, s.rules_version FROM unnest('{NULL,1,2}'::int[]) v, suggest_grade(2, 2, '2024-01-20', v) s;
SELECT grading_rule, contribution FROM grading_ledger(2, 2, '2024-01-20', 2);
SELECT enable_grading_rules(2, '2024-02-01') AS before;
SELECT rules_version FROM suggest_grade(2, 2, '2024-01-20');
SELECT enable_grading_rules(1, '2024-02-02') AS before;
SELECT version, is_enabled, enabled_at > '2024-01-31' AS was_enabled FROM grading_version ORDER BY version;

-- 600 leads of the past with visits and answers; each third one has a test drive in its first week
CREATE FUNCTION pg_temp.dice(n bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(n || '/' || salt), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
SELECT n, n, o.at, 'car', 'A', 1, 'intention', o.at, CASE WHEN b.days IS NOT NULL THEN 'won' ELSE 'open' END, o.at + b.days * interval '1 day'
  FROM generate_series(100, 699) n, LATERAL (SELECT timestamptz '2024-03-01' + n % 200 * interval '1 day' AS at) o,
       LATERAL (SELECT CASE WHEN pg_temp.dice(n, 'buys') < CASE n % 3 WHEN 0 THEN .6 ELSE .2 END THEN 8 + 100 * pg_temp.dice(n, 'when') END AS days) b;
INSERT INTO visit (customer_id, lead_id, kind, status, visited_at, outcome)
SELECT n, n, CASE n % 3 WHEN 0 THEN 'test drive' ELSE 'return visit' END, 'completed', l.opened_at + interval '3 days', CASE WHEN n % 5 = 0 THEN 'wants an offer' END
  FROM generate_series(100, 699) n JOIN lead l ON l.lead_id = n;
-- what the rules said then ...
CREATE TEMP TABLE said AS SELECT l.customer_id, l.lead_id, s.* FROM lead l, suggest_grade(l.customer_id, l.lead_id, l.opened_at + interval '7 days') s WHERE l.lead_id >= 100;
-- ... is what they say of it later, when more has happened,
INSERT INTO visit (customer_id, lead_id, kind, status, visited_at) SELECT customer_id, lead_id, 'test drive', 'completed', opened_at + interval '8 days' FROM lead WHERE lead_id >= 100;
INSERT INTO response (customer_id, responded_at) SELECT customer_id, opened_at + interval '10 days' FROM lead WHERE lead_id >= 100;
SELECT count(*) AS leads, count(*) FILTER (WHERE (s.lead_grade, s.points, s.reasons) IS DISTINCT FROM (t.lead_grade, t.points, t.reasons)) AS different
  FROM said t JOIN lead l ON l.lead_id = t.lead_id, suggest_grade(t.customer_id, t.lead_id, l.opened_at + interval '7 days') s;
-- the ledger is the points, exactly
SELECT count(*) AS leads, count(*) FILTER (WHERE (SELECT sum(g.contribution)::float8 FROM grading_ledger(t.customer_id, t.lead_id, l.opened_at + interval '7 days') g) <> t.points) AS different
  FROM said t JOIN lead l ON l.lead_id = t.lead_id;
-- and the test on the past counts the same: counted anew from what was said
CREATE TEMP TABLE tried AS SELECT * FROM test_grading_rules(opened_from => '2024-03-01', opened_until => '2024-10-01', as_of => '2025-01-01');
SELECT t.value, t.horizon, t.leads, t.bought, (t.leads, t.bought) = (o.leads, o.bought) AS as_counted, t.leads + t.other_leads AS everybody
  FROM tried t JOIN LATERAL (
       SELECT count(*) AS leads, count(*) FILTER (WHERE l.closed_at <= l.opened_at + interval '7 days' + h.horizon) AS bought
         FROM said s JOIN lead l ON l.lead_id = s.lead_id JOIN (VALUES ('3 mons', interval '3 months'), ('6 mons', interval '6 months')) h (name, horizon) ON h.name = t.horizon
        WHERE s.lead_grade = t.value AND l.opened_at + interval '7 days' + h.horizon <= '2025-01-01') o ON true
 WHERE t.part = 'grade';
SELECT part, value, leads, bought, round(bought_rate::numeric, 3) AS rate, round(other_rate::numeric, 3) AS others, difference_lower > 0 AS better, difference_upper < 0 AS worse, auc > .6 AS auc, finding
  FROM tried WHERE horizon = '3 mons' AND (leads > 0 OR value = 'promise');
-- a draft that turns the rule round is found out before it is in force
UPDATE grading_rule SET points = -25 WHERE version = 2 AND grading_rule = 'test drive';
UPDATE grading_rule SET points = 30 WHERE version = 2 AND grading_rule = 'visit';
SELECT part, value, finding FROM test_grading_rules(2, '2024-03-01', '2024-10-01', '2025-01-01') WHERE horizon = '3 mons' AND value IS NOT DISTINCT FROM CASE part WHEN 'rule' THEN 'test drive' END AND part <> 'grade';
-- Predicted against actual by rule. A model that expects .9 of the leads with a test drive, which is
-- too much, for .6 buy, and next to nothing of those who want an offer and had no test drive.
INSERT INTO lead_model (trained_at, opened_from_at, opened_until_at, horizon3, horizon6, features, alpha, team_strength, leads, snapshots3, bought3, censored3, snapshots6, bought6, censored6, threshold3, threshold6, threshold_basis)
VALUES ('2024-02-15', '2024-01-01', '2024-02-15', '3 months', '6 months', '{}', 1, 50, 1, 1, 1, 0, 1, 1, 0, .5, .3, 'set');
INSERT INTO lead_score (customer_id, lead_id, scored_at, lead_model_id, team, log_odds, p3, p6, score, model_grade, features)
SELECT l.customer_id, l.lead_id, l.opened_at + interval '7 days', m.lead_model_id, 'A', 0, p, p, 100 * p, 'intention', '{}'
  FROM lead l, lead_model m, LATERAL (SELECT CASE WHEN l.lead_id % 3 = 0 THEN .9 WHEN l.lead_id % 5 = 0 THEN .02 ELSE .18 END AS p) x WHERE l.lead_id >= 100;
-- later scores, and leads scored too late to be observed, do not count
INSERT INTO lead_score (customer_id, lead_id, scored_at, lead_model_id, team, log_odds, p3, p6, score, model_grade, features)
SELECT s.customer_id, s.lead_id, s.scored_at + interval '5 days', s.lead_model_id, 'A', 0, .5, .5, 50, 'intention', '{}' FROM lead_score s;
INSERT INTO lead_score (customer_id, lead_id, scored_at, lead_model_id, team, log_odds, p3, p6, score, model_grade, features)
SELECT 1, 1, '2024-11-01', lead_model_id, 'A', 0, .5, .5, 50, 'intention', '{}' FROM lead_model;
CREATE TEMP TABLE calibrated AS SELECT * FROM grading_rule_calibration(as_of => '2025-01-01');
-- counted anew, from the ledger of each lead
CREATE TEMP TABLE touched AS SELECT DISTINCT s.lead_id, g.grading_rule FROM said s JOIN lead l ON l.lead_id = s.lead_id CROSS JOIN LATERAL grading_ledger(s.customer_id, s.lead_id, l.opened_at + interval '7 days') g;
SELECT count(*) AS rows, count(*) FILTER (WHERE c.leads > 0) AS with_leads, bool_and((c.leads, c.bought) = (o.leads, o.bought)) AS as_counted, bool_and(c.predicted_rate IS NOT DISTINCT FROM o.predicted OR abs(c.predicted_rate - o.predicted) < 6e-7) AS as_predicted,
       bool_and((c.other_leads, c.other_bought) = (o.other_leads, o.other_bought)) AS others_as_counted
  FROM calibrated c CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE x.is_touched) AS leads, count(*) FILTER (WHERE x.is_touched AND x.is_bought) AS bought, avg(x.p) FILTER (WHERE x.is_touched) AS predicted,
              count(*) FILTER (WHERE NOT x.is_touched) AS other_leads, count(*) FILTER (WHERE NOT x.is_touched AND x.is_bought) AS other_bought
         FROM (SELECT CASE WHEN c.grading_rule IS NULL THEN NOT EXISTS (SELECT FROM touched t WHERE t.lead_id = l.lead_id) ELSE EXISTS (SELECT FROM touched t WHERE t.lead_id = l.lead_id AND t.grading_rule = c.grading_rule) END AS is_touched,
                      coalesce(l.closed_at <= l.opened_at + interval '7 days' + h.horizon, false) AS is_bought, s.p3 AS p
                 FROM lead l JOIN lead_score s ON s.lead_id = l.lead_id AND s.scored_at = l.opened_at + interval '7 days' JOIN (VALUES (1, interval '3 months'), (2, interval '6 months')) h (horizon_no, horizon) ON h.horizon_no = c.horizon_no
                WHERE l.opened_at + interval '7 days' + h.horizon <= '2025-01-01') x) o;
SELECT grading_rule, leads, bought, round(bought_rate::numeric, 3) AS rate, round(bought_rate_lower::numeric, 3) AS lower, round(bought_rate_upper::numeric, 3) AS upper, round(predicted_rate::numeric, 3) AS predicted,
       round(other_rate::numeric, 3) AS others, difference_lower > 0 AS better, difference_upper < 0 AS worse, comparisons, finding
  FROM calibrated WHERE horizon_no = 1 AND (leads > 0 OR coalesce(grading_rule, '') IN ('', 'promise'));
SELECT grading_rule, finding FROM grading_rule_calibration(2, '2025-01-01') WHERE horizon_no = 1 AND grading_rule IN ('test drive', 'visit');
SELECT count(*) AS none FROM grading_rule_calibration(as_of => '2024-02-01') WHERE leads > 0;
SELECT grading_rule_calibration(9);
SELECT grading_rule_calibration(as_of => NULL);
DELETE FROM lead_score;

-- it changes nothing
SELECT count(*) FILTER (WHERE model_grade IS NOT NULL) AS model_grades, (SELECT count(*) FROM lead_score) AS scores FROM lead;

-- Grades against what happened: Ann's 200 prospective leads, Bob's 100 and Cem's 5; and intention ones
TRUNCATE lead_move;
DELETE FROM lead;
INSERT INTO lead (customer_id, lead_id, opened_at, team, salesperson_id, lead_grade, clock_started_at, status, closed_at)
SELECT g.first + n, g.first + n, '2024-01-01', 'A', g.who, g.grade, '2024-01-01', CASE WHEN n <= g.bought THEN 'won' ELSE 'open' END, CASE WHEN n <= g.bought THEN timestamptz '2024-03-01' END
  FROM (VALUES (1, 0, 200, 110, 'prospective'), (2, 200, 100, 21, 'prospective'), (3, 300, 5, 0, 'prospective'), (1, 400, 100, 40, 'intention'), (2, 500, 100, 41, 'intention')) g (who, first, leads, bought, grade),
       generate_series(1, g.leads) n;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status) SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead;
SELECT part, salesperson, lead_grade, horizon, leads, bought, round(bought_rate::numeric, 3) AS rate, round(bought_rate_lower::numeric, 6) AS lower, other_leads, round(other_rate::numeric, 3) AS others, comparisons, finding
  FROM grade_calibration WHERE horizon_no = 1 OR part = 'all' ORDER BY part, lead_grade, horizon_no, salesperson_id;
-- graded twice: both grades are judged, each from when it was given; down to potential it stays the salesperson's
UPDATE lead SET lead_grade = 'potential', salesperson_id = NULL WHERE lead_id = 305;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, from_status, to_status) VALUES
    (305, 305, '2024-02-01', 'graded', 3, 3, 'prospective', 'intention', 'open', 'open'), (305, 305, '2024-02-10', 'graded', 3, 3, 'intention', 'prospective', 'open', 'open'),
    (305, 305, '2024-05-01', 'graded', 3, NULL, 'prospective', 'potential', 'open', 'open'), (305, 305, '2024-05-02', 'stale', NULL, NULL, 'potential', 'potential', 'open', 'open');
SELECT lead_grade, graded_at, salesperson_id, is_bought3, is_bought6 FROM grade_outcome WHERE lead_id = 305 ORDER BY graded_at;
SELECT graded_at, grade_before, lead_grade, grades_up FROM lead_grade_history WHERE lead_id = 305 ORDER BY graded_at;
-- what is not over is not judged
UPDATE lead_move SET moved_at = now() - interval '100 days' WHERE lead_id = 304;
SELECT is_bought3, is_bought6 FROM grade_outcome WHERE lead_id = 304;

-- what cannot be
SELECT suggest_grade(1, 99, '2024-02-01');
SELECT suggest_grade(1, 1, 'infinity');
SELECT suggest_grade(1, 1, '2024-02-01', 9);
SELECT copy_grading_rules(9);
SELECT enable_grading_rules(NULL);
SELECT enable_grading_rules(9);
SELECT test_grading_rules(after => '-1 day');
INSERT INTO grading_rule (version, grading_rule, signal, operator, operand, points) VALUES (2, 'broken', 'outcome', 'matches', '(', 1);
SELECT enable_grading_rules(2);
SELECT test_grading_rules(2);
UPDATE grading_rule SET operator = 'at least', operand = 'many' WHERE grading_rule = 'broken';
SELECT enable_grading_rules(2);
INSERT INTO grading_rule (version, grading_rule, signal, points, lead_grade) VALUES (2, 'both', 'visit', 1, 'intention');
INSERT INTO grading_rule (version, grading_rule, signal, points) VALUES (2, 'no question', 'answer', 1);
UPDATE grading_version SET is_enabled = true;
SELECT dupex.uninstall('rule_test', drop_data => true) IS NOT NULL AS gone;
