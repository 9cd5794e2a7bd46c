-- The test of a list: samples that follow from a hash, the judgement of answers against a threshold,
-- retirement with its history; the figures of list reports worked out by hand; who answers becomes
-- internal by whatever way the answer comes in.
SET client_min_messages = warning;
SELECT dupex.install('life_test') IS NOT NULL AS installed;
SET search_path = life_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO list (list, name, kind, origin, supplier, names, cost, status, received_on) VALUES
    ('01', 'house',    'internal', 'house',  NULL,    NULL,  NULL, 'active', NULL),
    ('02', 'good one', 'external', 'bought', 'smith', 4000,  2000, 'new', '2025-01-01'),
    ('03', 'bad one',  'external', 'bought', 'smith', 4000,  2000, 'new', '2025-01-01'),
    ('04', 'small one', 'external', 'rented', 'jones', 100,   20,  'new', '2025-01-01');
INSERT INTO customer (customer_id, kind, entered_as, is_seed) SELECT n, 'external', 'external', n % 400 = 0 FROM generate_series(1, 8100) n;
INSERT INTO list_member (customer_id, list, joined_on) SELECT n, CASE WHEN n <= 4000 THEN '02' WHEN n <= 8000 THEN '03' ELSE '04' END, '2025-01-01' FROM generate_series(1, 8100) n;
INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring');

-- a sample: the same names each time, and the larger one holds the smaller one
SELECT * FROM test_list('02', 500, 'spring', 'D', 'A', '2025-02-01', as_of => '2025-01-10');
SELECT * FROM test_list('02', 500, 'spring', 'D', 'A', '2025-02-01', as_of => '2025-01-11');
CREATE TEMP TABLE small AS SELECT customer_id FROM list_sample WHERE list = '02';
SELECT * FROM test_list('02', 2000, 'spring', 'D', 'A', '2025-02-01', as_of => '2025-01-12');
SELECT count(*) AS of_the_small_one_missing FROM small WHERE customer_id NOT IN (SELECT customer_id FROM list_sample WHERE list = '02');
SELECT source_code, quantity, status FROM source JOIN list USING (list) WHERE list = '02';
CREATE TEMP TABLE large AS SELECT customer_id FROM list_sample WHERE list = '02';
-- drawn at once it is the same sample as drawn in steps
DELETE FROM list_sample WHERE list = '02';
SELECT * FROM test_list('02', 2000, as_of => '2025-01-12');
SELECT count(*) AS in_both FROM large JOIN list_sample USING (customer_id);
SELECT * FROM test_list('02', 2000, purpose => 'again');
-- another purpose draws other names: independent, so half of 2,000 of 4,000 are in both
SELECT count(*) BETWEEN 900 AND 1100 AS about_half FROM list_sample a JOIN list_sample b USING (customer_id, list) WHERE a.purpose = 'test' AND b.purpose = 'again';
-- fair: the drawn are spread over the numbers (chi-square of ten equal parts, 9 degrees of freedom)
SELECT chi < 27.9 AS is_fair FROM (SELECT sum((n - 200.0) ^ 2 / 200) AS chi FROM (SELECT count(*) AS n FROM list_sample WHERE list = '02' AND purpose = 'test' GROUP BY (customer_id - 1) / 400) p) x;
SELECT count(*) AS seed_names FROM list_sample s JOIN customer c USING (customer_id) WHERE c.is_seed;
SELECT * FROM test_list('04', 1000, as_of => '2025-01-10');
SELECT * FROM test_list('09', 10);
SELECT * FROM test_list('02', 0);
SELECT * FROM test_list('02', 10, as_of => NULL);
SELECT * FROM test_list('02', 10, 'summer', 'D', 'A', '2025-02-01');

-- answers: 60 of 2,000 of the good list, 2 of 2,000 of the bad one, none of 100 of the small one
SELECT * FROM test_list('03', 2000, 'spring', 'D', 'A', '2025-02-01', as_of => '2025-01-10');
INSERT INTO source (source_code, campaign, medium, test_group, list, issued_on) VALUES ('DA04025', 'spring', 'D', 'A', '04', '2025-02-01');
INSERT INTO touch (customer_id, source_code, sent_at)
SELECT s.customer_id, ('DA' || s.list || '025')::source_code, '2025-02-03 10:00' FROM list_sample s WHERE s.purpose = 'test';
CREATE TEMP TABLE person AS SELECT s.list, s.customer_id, row_number() OVER (PARTITION BY s.list ORDER BY s.customer_id) AS n FROM list_sample s WHERE s.purpose = 'test';
CREATE TEMP TABLE answer AS SELECT * FROM person WHERE list = '02' AND n <= 60 OR list = '03' AND n <= 2;
-- they answer in every way there is; one answers three times, and a bounced piece is no trial
CREATE TABLE staged_responses AS SELECT customer_id, '2025-02-10' AS responded_at, 'da 02025' AS quoted_code FROM answer WHERE list = '02' AND n BETWEEN 1 AND 20;
INSERT INTO staged_responses SELECT customer_id, '2025-02-1' || k, 'DA02025' FROM answer, generate_series(1, 3) k WHERE list = '02' AND n = 1;
SELECT * FROM load_responses('staged_responses');
CREATE TABLE staged_orders AS SELECT customer_id, '2025-02-10' AS ordered_at, 'DA02025' AS quoted_code, 100 AS revenue FROM answer WHERE list = '02' AND n BETWEEN 21 AND 30;
SELECT * FROM load_orders('staged_orders');
SELECT count(*) FILTER (WHERE r.became_internal) AS became_internal FROM answer a, record_response(a.customer_id, 'DA' || a.list || '025', request_id => 'r' || a.customer_id, at => '2025-02-11') r WHERE a.list = '02' AND a.n BETWEEN 31 AND 50 OR a.list = '03';
SELECT count(*) FILTER (WHERE r.became_internal) AS became_internal FROM answer a, record_order(a.customer_id, request_id => 'o' || a.customer_id, at => '2025-02-12', revenue => 50, quoted_code => 'DA02025') r WHERE a.list = '02' AND a.n BETWEEN 51 AND 55;
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'open day', 'meeting', '2025-03-01');
SELECT count(*) FILTER (WHERE r.became_internal) AS became_internal FROM answer a, register_for_event(a.customer_id, 1, request_id => 'e' || a.customer_id, at => '2025-02-13', quoted_code => 'DA02025') r WHERE a.list = '02' AND a.n BETWEEN 56 AND 60;
-- for good, since the first answer; nobody who answered is external, by no way
SELECT count(*) AS answered, count(*) FILTER (WHERE c.kind = 'internal' AND c.entered_as = 'external' AND c.became_internal_at BETWEEN '2025-02-10' AND '2025-02-14') AS internal FROM answer JOIN customer c USING (customer_id);
SELECT check_name, problems FROM check_integrity() WHERE check_name = 'external person who answered';
SELECT became_internal, (SELECT min(became_internal_at) FROM customer WHERE customer_id = a.customer_id) AS since
  FROM answer a, record_response(a.customer_id, 'DA02025', request_id => 'again', at => '2025-02-20') r WHERE a.list = '02' AND n = 1;
-- reception and attendance, and a registration without an answer, make internal, too
SELECT (SELECT became_internal FROM record_reception(customer => 3990, request_id => 'x1', at => '2025-02-20')), (SELECT became_internal FROM record_attendance(customer => 3991, event => 1, request_id => 'x2', at => '2025-03-01')),
       (SELECT became_internal FROM register_customer(customer => 3992, request_id => 'x3', at => '2025-02-20'));
CREATE TABLE staged_leads AS SELECT 3993 AS customer_id, '2025-02-20' AS opened_at;
SELECT * FROM load_leads('staged_leads');
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) SELECT t.customer_id, t.touch_id, 'bounced', '2025-02-03 11:00' FROM touch t JOIN person p USING (customer_id) WHERE p.list = '02' AND p.n BETWEEN 1901 AND 2000;

-- too early: they have 28 days to answer
SELECT refresh_reports('2025-02-15') > 0 AS refreshed;
SELECT retire_lists('2025-02-15');
SELECT DISTINCT remark FROM list_decision;
UPDATE list SET response_threshold = 0.01 WHERE list IN ('02', '03');
SELECT refresh_reports('2025-03-15') >= 0 AS refreshed;
SELECT retire_lists('2025-03-15');
SELECT list, status, people, answered, decision, more_names, names_untouched, remark FROM list_decision ORDER BY list COLLATE "C";
-- the limits are those of the rate type, and names_to_settle() is where Wilson's interval leaves the threshold out
SELECT d.list, d.lower_limit = i.lower AND d.upper_limit = i.upper AS same FROM list_decision d, rate_interval(rate(d.answered, d.people), 0.95) i ORDER BY d.list COLLATE "C";
SELECT p, t, n, (rate_interval(rate(round(p * n)::bigint, n), .95)).* FROM (VALUES (.0, .005), (.02, .01), (.004, .005), (.006, .005)) v (p, t), LATERAL (SELECT names_to_settle(p, t, .95) AS n) x;
SELECT count(*) AS wrong FROM generate_series(1, 200, 7) a, generate_series(3, 200, 7) b, LATERAL (SELECT a / 1000.0::float8 AS p, b / 1000.0::float8 AS t) r, LATERAL (SELECT names_to_settle(p, t, .95) AS n) x
 CROSS JOIN LATERAL (SELECT 1.959963984540054 ^ 2 AS z2) c
 CROSS JOIN LATERAL (SELECT (p + z2 / 2 / n) / (1 + z2 / n) AS middle, sqrt(z2 * (p * (1 - p) / n + z2 / 4 / n ^ 2)) / (1 + z2 / n) AS half,
                            (p + z2 / 2 / (n - 1)) / (1 + z2 / (n - 1)) AS middle_before, sqrt(z2 * (p * (1 - p) / (n - 1) + z2 / 4 / (n - 1.0::float8) ^ 2)) / (1 + z2 / (n - 1)) AS half_before) w
 WHERE a <> b AND n > 1 AND (abs(middle - t) < half - 1e-12 OR abs(middle_before - t) > half_before + 1e-12);
SELECT list, to_status, is_by_rule, reason FROM list_status_history ORDER BY list COLLATE "C", list_status_history_id;
-- again: nothing; and a retired list is not used
SELECT retire_lists('2025-03-15'), retire_lists('2025-03-16');
SELECT count(*) AS judgements FROM list_judgement;
SELECT generate_sources('spring', '{D}', '{B}', '{03}', '2025-04-01');
SELECT * FROM test_list('03', 10);
-- nor are its people, who are on no other list: by may_contact() and by contact_refusals(), until they are on another
INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'email', 'm' || n || '@qq.com' FROM unnest('{7991,7992,8001}'::int[]) n;
UPDATE list_member SET left_on = '2025-03-10' WHERE customer_id = 7992 AND list = '03';
INSERT INTO list_member (customer_id, list, joined_on) VALUES (7992, '02', '2025-03-01');
SELECT n, allowed, reason FROM unnest('{7991,7992,8001}'::int[]) n, may_contact(n, 'email', '2025-03-16 10:00') ORDER BY n;
SELECT * FROM contact_refusals('email', '2025-03-16 10:00', NULL, '{7991,7992,8001}');
SELECT reason, count(*) FROM contact_refusals('email', '2025-03-16 10:00') WHERE customer_id BETWEEN 7991 AND 7992 OR customer_id = 8001 GROUP BY reason;
SELECT (may_contact(7991, 'email', '2025-03-14 10:00')).reason AS the_day_before;
DELETE FROM list_member WHERE customer_id = 7992 AND list = '02';
UPDATE list_member SET left_on = NULL WHERE customer_id = 7992;
-- a selection takes the sample by the attribute test of list, and gets no codes for a retired list
INSERT INTO selection (selection, name, campaign, medium, list, channel) VALUES ('sample', 'the sample', 'spring', 'D', '02', 'email'), ('worn out', 'a retired list', 'spring', 'D', '03', 'email');
INSERT INTO selection_rule (selection, rule_no, kind, attribute, words) VALUES ('sample', 1, 'include', 'test of list', '{02}'), ('worn out', 1, 'include', 'list', '{03}');
SELECT step, people_left FROM select_list('sample', as_of => '2025-03-16 08:00', dry_run => true) WHERE step_no = 1;
SELECT count(*) FROM select_list('worn out', as_of => '2025-03-16 08:00');
-- taken back by hand, with a reason; then judged by what is sent from that time on
SELECT change_list_status('03', 'active', ' ');
SELECT change_list_status('03', 'sold', 'x');
SELECT change_list_status('03', 'active', 'new addresses by the supplier', '2025-03-20'), change_list_status('03', 'active', 'again', '2025-03-20');
SELECT retire_lists('2025-04-20');
SELECT status, remark FROM list_decision WHERE list = '03';
SELECT from_status, to_status, is_by_rule, reason FROM list_status_history WHERE list = '03' ORDER BY list_status_history_id;
INSERT INTO touch (customer_id, source_code, sent_at) SELECT customer_id, 'DA03025', '2025-03-21' FROM person WHERE list = '03';
SELECT retire_lists('2025-04-20');
SELECT status, remark FROM list_decision WHERE list = '03';
-- the threshold may be where a piece pays for itself
UPDATE list SET response_threshold = NULL, cost_per_piece = 0.5;
UPDATE setting SET value = 'break-even' WHERE setting = 'list_response_threshold';
SELECT list, cost_per_piece, answers, margin_per_answer, break_even_rate FROM list_break_even ORDER BY list COLLATE "C";
SELECT list, threshold, threshold_is_of FROM list_thresholds() ORDER BY list COLLATE "C";
UPDATE setting SET value = 'half' WHERE setting = 'list_response_threshold';
SELECT retire_lists('2025-04-20');
UPDATE setting SET value = '0.005' WHERE setting = 'list_response_threshold';

-- the reports: one use of each list; who left the pool; lists in common
INSERT INTO expense (spent_on, source_code, amount) VALUES ('2025-02-03', 'DA02025', 600);
INSERT INTO list_member (customer_id, list, joined_on) SELECT n, '03', '2025-02-01' FROM generate_series(1, 50) n;
UPDATE list_member SET left_on = '2025-03-05' WHERE list = '02' AND customer_id = 3994;
INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'email', 'n' || n || '@qq.com' FROM generate_series(3995, 3998) n;
SELECT hash_contact_points() AS hashed, (SELECT is_new FROM add_suppression('email', 'n3995@qq.com', 'complained', at => '2025-03-06')) AS suppressed, (SELECT is_new FROM add_suppression('email', 'n3996@qq.com', 'texts', channel => 'sms', at => '2025-03-06')) AS of_one_channel,
       (SELECT is_in_force FROM record_consent(3997, status => 'refused', request_id => 'no1', at => '2025-03-07')) AS refused, (SELECT is_in_force FROM record_consent(3998, channel => 'email', status => 'refused', request_id => 'no2', at => '2025-03-07')) AS refused_mail;
SELECT apply_two_strikes('2025-04-20') AS struck, refresh_reports('2025-04-20') > 0 AS refreshed;
SELECT list, use_no, reached_on, months_since_received, pieces, net_pieces, responses, response_rate, orders, revenue, er_ratio FROM list_use ORDER BY list COLLATE "C", use_no;
SELECT * FROM list_decay;
SELECT list, date_month, names, internal_names, list_cost, expense, people_touched, people_answered, people_response_rate, orders, revenue, er_ratio FROM list_value_month ORDER BY list COLLATE "C", date_month;
SELECT list, date_month, names_joined, names_taken_off, names_internal, names_suppressed, names_exhausted, net_growth, names_at_end FROM pool_growth ORDER BY list COLLATE "C", date_month;
SELECT list, other_list, names, shared_names, shared_share FROM partner_overlap ORDER BY list COLLATE "C", other_list COLLATE "C";
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
UPDATE list SET status = 'retired' WHERE list = '02';
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
SELECT dupex.uninstall('life_test', drop_data => true) IS NOT NULL AS uninstalled;
