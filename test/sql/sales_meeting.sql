-- The sales meeting: figures against targets, pace, alarms, bottleneck, coaching, agreed actions.
SET client_min_messages = warning;
SELECT dupex.install('meeting_test') IS NOT NULL AS installed;
SET search_path = meeting_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('calls', 'call centre'), ('field', 'field sales');
INSERT INTO salesperson (salesperson_id, name, team, is_manager) VALUES (1, 'one', 'calls', false), (2, 'two', 'calls', false), (3, 'three', 'calls', true), (5, 'five', 'field', false);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 400) n;
INSERT INTO contact_cost VALUES ('call', '2026-01-01', 5), ('call', '2026-03-01', 6), ('visit', '2026-01-01', 80);

-- one day by hand: Monday 2 March 2026
INSERT INTO call (customer_id, called_at, direction, result, salesperson_id, call_reference, seconds)
SELECT n, '2026-03-02 09:00+00'::timestamptz + n * interval '1 minute', 'outbound', CASE WHEN n % 4 = 0 THEN 'call back' WHEN n % 6 = 1 THEN 'promise' ELSE 'reached' END, 1 + n % 2, 'ref ' || n, 120 FROM generate_series(1, 20) n;
INSERT INTO call (customer_id, called_at, direction, result, salesperson_id) VALUES (30, '2026-03-02 10:00+00', 'inbound', 'answered', 1), (31, '2026-03-02 10:00+00', 'inbound', 'lost', 1);
SELECT count(*) FROM open_lead(40, NULL, 'l40', '2026-03-02 08:00+00', 'intention', 1, 'calls') a, open_lead(41, NULL, 'l41', '2026-02-20 08:00+00', 'prospective', 5, 'field') b,
       open_lead(42, NULL, 'l42', '2026-02-20 08:00+00', 'intention', 5, 'field') c;
SELECT count(*) FROM record_visit(41, 2, 'v41 plan', '2026-03-02 11:00+00', status => 'planned', salesperson => 5) a, record_visit(42, 3, 'v42 plan', '2026-03-02 15:00+00', status => 'planned', salesperson => 5) b;
SELECT count(*) FROM record_visit(41, 2, 'v41', '2026-03-02 11:30+00', kind => 'field call', salesperson => 5) v;
SELECT count(*) FROM record_visit(40, 1, 'v40', '2026-03-02 16:00+00', kind => 'return call', salesperson => 1, grade => 'prospective') v;
SELECT count(*) FROM record_order(41, 900, 'o41', '2026-03-02 12:00+00', lead => 2, salesperson => 5) a, record_order(2, 100, 'o2', '2026-03-02 12:00+00', channel => 'call', salesperson => 1) b;
SELECT count(*) FROM record_return(customer => 2, customer_order => 2, amount => 10, request_id => 'r2', at => '2026-03-02 18:00+00') r;
INSERT INTO sales_target (figure, starts_on, ends_on, team, salesperson_id, amount) VALUES
    ('calls', '2026-03-01', '2026-03-31', NULL, 1, 220), ('calls', '2026-03-01', '2026-03-31', NULL, 2, 440), ('calls', '2026-03-01', '2026-12-31', NULL, 2, 1),
    ('contact_rate', '2026-01-01', '2026-12-31', 'calls', NULL, 0.7), ('contact_rate', '2026-03-01', '2026-03-31', 'calls', NULL, 0.8),
    ('revenue', '2026-03-01', '2026-03-31', 'field', NULL, 22000);
SELECT salesperson_name, figure, numerator, denominator, actual, target, share_of_target FROM sales_results('2026-03-02', '2026-03-02');
-- where nobody has said what a contact costs, it does not cost 0
BEGIN;
DELETE FROM contact_cost WHERE contact = 'visit';
SELECT figure, numerator, denominator, actual, target FROM sales_results('2026-03-02', '2026-03-02', by => 'all') WHERE figure ~ '^cost';
INSERT INTO sales_target (figure, starts_on, ends_on, amount) VALUES ('cost_a_visit', '2026-03-01', '2026-03-31', 70);
SELECT figure, numerator, denominator, actual, target FROM sales_results('2026-03-02', '2026-03-02', by => 'all') WHERE figure = 'cost_a_visit';
ROLLBACK;
-- March 2026 has 22 working days; the sum of the people is the team's target, and all have one only when each team has
SELECT working_days('2026-03-01', '2026-03-31'), sales_target_amount('calls', '2026-03-02', '2026-03-06', NULL, 1) AS one_week, sales_target_amount('calls', '2026-03-02', '2026-03-02', 'calls', NULL) AS team_day,
       sales_target_amount('calls', '2026-03-02', '2026-03-02', NULL, NULL) AS nobody_for_all, sales_target_amount('contact_rate', '2026-03-02', '2026-03-02', 'calls', NULL) AS shortest,
       sales_target_amount('revenue', '2026-02-01', '2026-04-30', 'field', NULL) AS whole;
SELECT team_name, figure, actual, target FROM sales_results('2026-03-02', '2026-03-02', by => 'team') WHERE figure IN ('calls', 'contact_rate', 'revenue', 'visits_kept');
SELECT figure, actual, target_so_far, target_of_month, projected, share_of_target FROM sales_pace('2026-03-02', 'field');
\set VERBOSITY terse
SELECT * FROM sales_results('2026-03-02', '2026-03-01');
SELECT * FROM sales_results('2026-03-02', '2026-03-02', by => 'week');
SELECT * FROM sales_results('2026-03-02', '2026-03-02', 'nobody');
-- a figure of one's own is a row
INSERT INTO sales_figure (figure, figure_no, name, unit, numerator, denominator) VALUES ('visits_a_call', 90, 'visits for a call', 'ratio', 'visits', 'calls');
SELECT numerator, denominator, actual FROM sales_results('2026-03-02', '2026-03-02', by => 'all') WHERE figure = 'visits_a_call';
DELETE FROM sales_figure WHERE figure = 'visits_a_call';
-- the day view adds up to the same
SELECT count(*) AS differences FROM (SELECT salesperson_id, measure, sum(amount) AS amount FROM salesperson_day WHERE date_day BETWEEN '2026-02-01' AND '2026-03-31' GROUP BY 1, 2) d
  FULL JOIN (SELECT salesperson_id, measure, sum(amount) AS amount FROM sales_measures('2026-02-01', '2026-03-31', 7) WHERE measure <> 'call_days' GROUP BY 1, 2) m
       ON m.salesperson_id = d.salesperson_id AND m.measure = d.measure WHERE m.amount IS DISTINCT FROM d.amount;

-- open leads at a time, taken back from today: as a replay of all moves gives them
SELECT count(*) FROM set_grade(42, 3, 'prospective', 'g42', '2026-03-03 10:00+00') g, close_lead(40, 1, 'lost', 'c40', '2026-03-04 10:00+00', reason => 'price') c;
SELECT d.day, x.open, x.differences
  FROM generate_series(timestamptz '2026-02-19', '2026-03-06', '1 day') d (day),
       LATERAL (SELECT count(*) FILTER (WHERE o.lead_id IS NOT NULL) AS open,
                       count(*) FILTER (WHERE (o.lead_id IS NULL) <> (r.lead_id IS NULL) OR o.lead_grade IS DISTINCT FROM r.to_grade OR o.salesperson_id IS DISTINCT FROM r.to_salesperson_id) AS differences
                  FROM (SELECT * FROM (SELECT DISTINCT ON (m.customer_id, m.lead_id) m.customer_id, m.lead_id, m.to_status, m.to_grade, m.to_salesperson_id FROM lead_move m
                                        WHERE m.moved_at < d.day ORDER BY m.customer_id, m.lead_id, m.lead_move_id DESC) l WHERE l.to_status = 'open') r
                  FULL JOIN open_leads_at(d.day) o ON o.customer_id = r.customer_id AND o.lead_id = r.lead_id) x
 ORDER BY d.day;
SELECT * FROM meeting_leads('2026-03-02', '2026-03-05', NULL);

-- alarms: half a year of calls that differ by chance alone (dice are hashes): one in 20 weeks of about 12 figures
CREATE FUNCTION pg_temp.dice(n bigint, salt bigint) RETURNS float8 LANGUAGE sql AS 'SELECT ((hashint8extended($1, $2) % 1000003 + 1000003) % 1000003) / 1000003.0';
INSERT INTO call (customer_id, called_at, direction, result, salesperson_id, call_reference, seconds)
SELECT 100 + n % 300, c.date_day + time '09:00' + k * interval '1 minute', 'outbound', CASE WHEN pg_temp.dice(n, 3) < 0.7 THEN 'reached' ELSE 'call back' END, p, 'ref ' || n, 60 + floor(120 * pg_temp.dice(n, 4))
  FROM calendar c CROSS JOIN (VALUES (1), (2), (5)) s (p), generate_series(1, 30) k, LATERAL (SELECT (c.date_day - date '2026-01-01') * 1000::bigint + p * 100 + k) i (n)
 WHERE c.date_day BETWEEN '2026-03-09' AND '2026-10-30' AND NOT c.is_day_off AND pg_temp.dice(n, 5) < CASE p WHEN 5 THEN 0.02 ELSE 0.7 END;
SELECT count(*) AS alarms FROM generate_series(date '2026-06-14', '2026-10-25', '7 days') d, sales_alarms(d::date);
-- a week with half of the calls is noticed, one with half of the contacts too; a small number that falls to nothing is not
BEGIN;
DELETE FROM call WHERE called_at >= '2026-10-19' AND called_at < '2026-10-26' AND call_id % 2 = 0;
DELETE FROM call WHERE called_at >= '2026-10-19' AND called_at < '2026-10-26' AND salesperson_id = 5;
SELECT team_name, figure, rule, deviations < -3 AS far, weeks, remark FROM sales_alarms('2026-10-25');
ROLLBACK;
BEGIN;
UPDATE call SET result = 'call back' WHERE called_at >= '2026-10-19' AND called_at < '2026-10-26' AND call_id % 2 = 0;
SELECT team_name, figure, rule, remark FROM sales_alarms('2026-10-25');
-- a bad figure that rises is one as well, a good one is not
UPDATE sales_figure SET is_high_good = false WHERE figure IN ('contact_rate', 'calls');
SELECT count(*) FROM sales_alarms('2026-10-25') WHERE figure IN ('contact_rate', 'calls');
ROLLBACK;
-- eight weeks a little below are noticed when the eighth is
BEGIN;
DELETE FROM call WHERE called_at >= '2026-08-31' AND called_at < '2026-10-26' AND call_id % 6 = 0;
SELECT team_name, figure, rule FROM sales_alarms('2026-10-25') WHERE figure = 'calls';
SELECT count(*) AS not_yet FROM sales_alarms('2026-10-04') WHERE figure = 'calls';
ROLLBACK;
-- the bottleneck: the step that fell most against its own past; the interval by the toolbox itself
BEGIN;
UPDATE call SET result = 'call back' WHERE called_at >= '2026-10-05' AND result = 'reached' AND call_id % 3 = 0;
SELECT team_name, figure, round(now_rate / past_rate - 1, 4) - relative_change BETWEEN -0.001 AND 0.001 AS agrees, is_bottleneck, remark FROM sales_bottleneck('2026-10-30') ORDER BY team_name, step_no;
-- and who needs coaching: 2 reaches fewer than 1; 5 has too few calls to tell
UPDATE call SET result = 'call back' WHERE salesperson_id IN (2, 5) AND called_at >= '2026-08-01' AND call_id % 5 = 0;
SELECT salesperson, figure, own_rate < team_rate AS is_worse, of_cases, remark FROM sales_coaching('2026-10-30');
ROLLBACK;
SELECT count(*) AS nobody FROM sales_coaching('2026-10-30');

-- what is agreed
SELECT * FROM agree_action(1, 'call the oldest ten', '2026-10-30', 'a1', '2026-10-26', 'calls');
SELECT * FROM agree_action(1, 'call the oldest ten', '2026-10-30', 'a1', '2026-10-26', 'calls');
SELECT agree_action(1, 'call the oldest twelve', '2026-10-30', 'a1', '2026-10-26', 'calls');
SELECT agree_action(1, 'x', '2026-10-20', 'a2', '2026-10-26');
SELECT agree_action(1, ' ', '2026-10-30', 'a2', '2026-10-26');
SELECT agree_action(9, 'x', '2026-10-30', 'a2', '2026-10-26');
SELECT count(*) FROM agree_action(5, 'visit customer 41', '2026-11-02', 'a3', '2026-10-26') a;
SELECT * FROM finish_action(1, 'eight reached', 'f1', '2026-11-02');
SELECT * FROM finish_action(1, 'eight reached', 'f1', '2026-11-02');
SELECT finish_action(1, 'again', 'f2', '2026-11-03');
SELECT finish_action(7, 'x', 'f2', '2026-11-03');
SELECT finish_action(NULL, 'x', 'f2', '2026-11-03');
SELECT finish_action(2, 'x', 'f2', '2026-10-01');
-- the return call without a call reference, and only it
SELECT customer_id, salesperson, visited_at FROM visits_without_proof;

-- the sheet: Tuesday tells of Monday; Monday tells of Friday
SET DateStyle = 'German';
SELECT DISTINCT section FROM sales_meeting('2026-03-03') WHERE section_no = 1 UNION SELECT section FROM sales_meeting('2026-03-09') WHERE section_no = 1 ORDER BY 1;
SET DateStyle = 'ISO, MDY';
SELECT section_no, section, line_no, team_name, salesperson, figure, customer_id, actual, target, unit, remark FROM sales_meeting('2026-03-03', 'calls');
\pset format unaligned
\pset tuples_only on
SELECT sales_meeting_text('2026-03-03', 'calls');
\pset tuples_only off
\pset format aligned
-- enquiries and hand-overs stand on no sheet of a day before them
BEGIN;
INSERT INTO hand_over_agreement VALUES ('calls', 'field', '1 day', '3 days', 1);
SELECT count(*) FROM open_lead(390, NULL, 'l390', '2026-03-18 09:00+00', 'intention', 1, 'calls') a, open_lead(391, NULL, 'l391', '2026-03-18 09:00+00', 'intention', 1, 'calls') b;
SELECT o.salesperson_id FROM lead l, LATERAL hand_over_lead(l.customer_id, l.lead_id, 'field', 'h391', '2026-03-19 10:00+00', to_salesperson => 5) o WHERE l.customer_id = 391;
SELECT d.day::date, m.section, array_agg(m.customer_id ORDER BY m.customer_id) AS customers
  FROM generate_series(date '2026-03-17', '2026-03-19', '1 day') d (day), sales_meeting(d.day::date) m WHERE m.section_no IN (6, 9) AND m.customer_id IN (390, 391) GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;
-- the night keeps it: once for a day, however often it runs
SELECT write_sales_meeting('2026-03-03 02:15+00') - (SELECT count(*) FROM sales_meeting('2026-03-03')) AS difference;
SELECT write_sales_meeting('2026-03-03 02:15+00') - (SELECT count(*) FROM sales_meeting_day WHERE date_day = '2026-03-03') AS difference;
SELECT count(*) AS differences FROM sales_meeting_day d FULL JOIN sales_meeting('2026-03-03') m ON m.section_no = d.section_no AND m.line_no = d.line_no
 WHERE (d.section, d.team, d.salesperson, d.figure, d.actual, d.target, d.remark) IS DISTINCT FROM (m.section, m.team_name, m.salesperson, m.figure, m.actual, m.target, m.remark);
SELECT write_sales_meeting('2026-03-04 02:15+00') > 0 AS written;
SELECT array_agg(DISTINCT date_day) AS days FROM sales_meeting_day;
-- sheets are kept for so many days
UPDATE setting SET value = '30' WHERE setting = 'keep_job_runs_days';
SELECT write_sales_meeting('2026-04-03 02:15+00') > 0 AS written;
SELECT array_agg(DISTINCT date_day) AS days FROM sales_meeting_day;
SELECT write_sales_meeting(NULL);
SELECT sales_meeting(NULL);
SELECT sales_meeting('2026-03-03', 'nobody');
SELECT * FROM check_integrity() WHERE problems > 0;
SELECT dupex.uninstall('meeting_test', drop_data => true) IS NOT NULL AS uninstalled;
