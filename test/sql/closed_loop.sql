-- The closed loop: hand_over_lead(), accept_lead(), return_lead(), record_win_back(), and the views
-- on what became of leads.
SET client_min_messages = warning;
SELECT dupex.install('loop_test') IS NOT NULL AS installed;
SET search_path = loop_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('calls', 'call centre'), ('field', 'field sales'), ('mail', 'mail team');
INSERT INTO salesperson (salesperson_id, name, team, capacity_per_month, left_on, is_on_duty) VALUES
    (1, 'one', 'calls', NULL, NULL, true), (2, 'two', 'calls', NULL, NULL, true),
    (5, 'five', 'field', NULL, NULL, true), (6, 'six', 'field', 2, NULL, true), (7, 'seven', 'field', NULL, NULL, false), (8, 'eight', 'field', NULL, '2026-01-15', true);
INSERT INTO product (product, name, price) VALUES ('compact', 'compact car', 20000), ('van', 'van', 30000);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 12) n;
INSERT INTO contact_point (customer_id, kind, value, status) VALUES (1, 'mobile', '13800000001', 'valid'), (2, 'mobile', '13800000002', 'bounced');
INSERT INTO campaign (campaign, name, sender) VALUES ('spring', 'spring', 'mail team');
INSERT INTO test_group (campaign, test_group, name) VALUES ('spring', 'A', 'A');
INSERT INTO source (source_code, campaign, medium, test_group) VALUES ('DA01016', 'spring', 'D', 'A');
SELECT count(*) FROM generate_series(1, 8) n, LATERAL open_lead(n, 'compact', 'open ' || n, '2026-01-10 10:00+00', 'intention', 1, 'calls', quoted_code => CASE WHEN n <= 6 THEN 'DA01016' END) o;
SELECT refresh_reports('2026-01-11') > 0 AS refreshed;

-- what two teams agree on: no agreement, no hand-over
\set VERBOSITY terse
SELECT hand_over_lead(1, 1, 'field', 'h1', '2026-01-12 10:00+00');
INSERT INTO hand_over_agreement VALUES ('calls', 'field', '1 day', '3 days', 2);
INSERT INTO hand_over_criterion VALUES
    ('calls', 'field', 'telephone', 'can be called',           true,  NULL,            NULL, NULL),
    ('calls', 'field', 'budget',    'what can be spent',       true,  NULL,            5000, 90000),
    ('calls', 'field', 'decides',   'who decides',             false, '^(self|boss)$', NULL, NULL),
    ('calls', 'field', 'visits',    'not more than one visit', false, NULL,            NULL, 1);
INSERT INTO hand_over_criterion (from_team, to_team, criterion, name, pattern) VALUES ('calls', 'field', 'broken', 'no pattern', '(');
-- a criterion: an answer of spaces is none, numbers are numbers, limits belong to them
SELECT is_criterion_met(a, p, lo, hi), a, p, lo, hi
  FROM (VALUES ('x', NULL, NULL::numeric, NULL), (' ', NULL, NULL, NULL), (NULL, NULL, NULL, NULL), ('abc', '^b', NULL, NULL), ('abc', 'b', NULL, NULL), ('5000', NULL, 5000, 90000),
               ('90000.01', NULL, 5000, 90000), (' 7 ', NULL, 5, NULL), ('1e9', NULL, 5, NULL), ('-3', NULL, NULL, 0), ('.5', NULL, 0, 1), ('many', NULL, 0, NULL::numeric)) v (a, p, lo, hi);
\set VERBOSITY default
\set SHOW_CONTEXT never
-- all that is missing in one message; facts of the lead count, what bounced does not
SELECT hand_over_lead(2, 2, 'field', 'h2', '2026-01-12 10:00+00', '{"budget": 100}');
SELECT count(*) AS nothing FROM request WHERE request_id = 'h2';
SELECT customer_id, lead_hand_over_id, salesperson_id, criteria, unmet, accept_due_at, was_already_recorded
  FROM hand_over_lead(1, 1, 'field', 'h1', '2026-01-12 10:00+00', '{"budget": 20000, "decides": "wife"}', from_salesperson => 2);
SELECT customer_id, lead_hand_over_id, salesperson_id, criteria, unmet, accept_due_at, was_already_recorded
  FROM hand_over_lead(1, 1, 'field', 'h1', '2026-01-12 10:00+00', '{"budget": 20000, "decides": "wife"}', from_salesperson => 2);
\set VERBOSITY terse
SELECT hand_over_lead(1, 1, 'field', 'h1', '2026-01-12 10:00+00', '{"budget": 20001}');
SELECT hand_over_lead(1, 1, 'field', 'h1 again', '2026-01-13 10:00+00', '{"budget": 20000}');
-- the least loaded on duty, until he leaves; 7 is off duty, and may be named
SELECT h.customer_id, h.salesperson_id FROM generate_series(2, 4) n, LATERAL hand_over_lead(n, n, 'field', 'h' || n, '2026-01-12 11:00+00', '{"budget": 20000, "telephone": "138", "decides": "self", "visits": 0}') h;
SELECT salesperson_id FROM hand_over_lead(5, 5, 'field', 'h5', '2026-01-12 12:00+00', '{"budget": 6000, "telephone": "138", "decides": "boss"}', to_salesperson => 7);
SELECT hand_over_lead(6, 6, 'field', 'h6', '2026-01-20 12:00+00', '{"budget": 6000, "telephone": "138"}', to_salesperson => 8);
SELECT hand_over_lead(6, 6, 'field', 'h6', '2026-01-20 12:00+00', '{"budget": 6000, "telephone": "138"}', to_salesperson => 1);
SELECT hand_over_lead(6, 6, 'nowhere', 'h6');
SELECT hand_over_lead(6, 6, 'mail', 'h6');
SELECT hand_over_lead(6, 99, 'field', 'h6');
SELECT hand_over_lead(6, 6, 'field', NULL);
-- the clock begins anew with the new owner; the move says why
SELECT m.kind, m.from_salesperson_id, m.to_salesperson_id, m.reason, m.rule, m.moved_by, l.team, l.clock_started_at
  FROM lead_move m JOIN lead l USING (customer_id, lead_id) WHERE m.customer_id = 1 ORDER BY m.lead_move_id;

-- accepted in time, late, twice; before it was handed over
SELECT * FROM accept_lead(1, 1, 'a1', '2026-01-12 15:00+00');
SELECT * FROM accept_lead(1, 1, 'a1', '2026-01-12 15:00+00');
SELECT accept_lead(1, 1, 'a1 again', '2026-01-12 16:00+00');
SELECT * FROM accept_lead(2, 2, 'a2', '2026-01-14 11:00+00');
SELECT accept_lead(3, 3, 'a3', '2026-01-12 10:59+00');
SELECT accept_lead(6, 6, 'a6', '2026-01-12 15:00+00');
-- returned at once, or after it was accepted; to who gave it, to his team when he is gone
SELECT return_lead(3, 3, 'too far', 'r3', '2026-01-13 10:00+00');
SELECT customer_id, salesperson_id, team FROM return_lead(3, 3, 'not ready', 'r3', '2026-01-13 10:00+00', note => 'next year');
SELECT return_lead(3, 3, 'not ready', 'r3 again', '2026-01-13 10:00+00');
SELECT accept_lead(3, 3, 'a3', '2026-01-13 11:00+00');
UPDATE salesperson SET left_on = '2026-01-20' WHERE salesperson_id = 2;
SELECT customer_id, salesperson_id, team FROM return_lead(1, 1, 'not sold', 'r1', '2026-02-10 10:00+00');
SELECT was_already_recorded FROM return_lead(1, 1, 'not sold', 'r1', '2026-02-10 10:00+00');
-- and may be handed over again
SELECT salesperson_id FROM hand_over_lead(3, 3, 'field', 'h3 again', '2026-02-12 10:00+00', '{"budget": 20000, "telephone": "138", "decides": "self"}');
-- a lead that marketing follows does not go to sales, nor one that is closed
SELECT count(*) FROM set_grade(7, 7, 'potential', 'g7', '2026-01-12 10:00+00');
SELECT hand_over_lead(7, 7, 'field', 'h7', '2026-01-12 10:00+00', '{"budget": 20000, "telephone": "138"}');
SELECT lead_status FROM close_lead(4, 4, 'lost', 'c4', '2026-01-30 10:00+00', reason => 'price', competitor => 'other', competitor_price => 18000);
SELECT return_lead(4, 4, 'not sold', 'r4', '2026-02-01 10:00+00');
SELECT hand_over_lead(4, 4, 'field', 'h4 again');

SELECT kind, happened_at, what FROM customer_card(1) WHERE kind IN ('lead move', 'hand-over');

-- what became of them
SELECT count(*) FROM record_visit(2, 2, 'v2', '2026-01-14 12:00+00', salesperson => 6, outcome => 'liked it') v;
SELECT count(*) FROM record_call(5, 'outbound', 'reached', 'k5', '2026-01-16 10:00+00', lead => 5, salesperson => 7) c;
SELECT lead_status FROM record_order(2, 19000, 'o2', '2026-01-28 10:00+00', lead => 2);
SELECT customer_id, hand_over_status, is_qualified, unmet_criteria, accepted_at, returned_at, return_reason, is_late, contacted_at, is_contact_late, revenue
  FROM hand_over_status ORDER BY customer_id, lead_hand_over_id;
SELECT * FROM hand_over_performance \gx
-- the questions of every lead: 1 was never followed up but is open, 4 neither, and is closed
SELECT customer_id, lead_status, is_qualified, contact_outcome, followed_up_at, is_sold, product_bought, bought_at, price, lost_reason, competitor_price, unanswered FROM lead_answers ORDER BY customer_id;
SELECT lost_reason, is_agreed, leads, competitor, average_competitor_price, average_own_price FROM loss_reasons;
-- win back: by the reason, or as agreed; not who has bought since
SELECT count(*) AS none FROM win_back_list;
INSERT INTO loss_reason VALUES ('price', 'too expensive', '1 year');
SELECT customer_id, lost_reason, win_back_on, last_salesperson_id FROM win_back_list;
SELECT was_already_recorded FROM record_win_back(4, 4, '2026-06-01', 'w4', '2026-02-01 10:00+00', 'after the summer');
SELECT record_win_back(1, 1, '2026-06-01', 'w1');
SELECT win_back_on, note, is_due FROM win_back_list;
SELECT count(*) FROM record_win_back(4, 4, NULL, 'w4 never', '2026-02-02 10:00+00', 'do not ask again') w;
SELECT count(*) AS none FROM win_back_list;
SELECT count(*) FROM record_win_back(4, 4, '2026-07-01', 'w4 later', '2026-02-03 10:00+00') w, record_order(4, 100, 'o4', '2026-02-20 10:00+00') o;
SELECT count(*) AS none FROM win_back_list;

-- stages: one after the other, from opening to closing; back to a stage is another stay
SELECT customer_id, stage_no, stage, entered_at, left_at, left_to, CASE WHEN left_at IS NOT NULL THEN days END AS days FROM lead_stage WHERE customer_id IN (2, 4, 7) ORDER BY 1, 2;
SELECT count(*) FROM set_grade(8, 8, 'prospective', 'g8a', '2026-01-20 10:00+00') a, set_grade(8, 8, 'intention', 'g8b', '2026-01-25 22:00+00') b;
SELECT stage_no, stage, entered_at, left_at, left_to FROM lead_stage WHERE customer_id = 8 ORDER BY 1;
SELECT team, stage, entered, passed, in_stage, won, lost, won_rate, mean_days, median_days, days_90 FROM stage_durations ORDER BY team, stage;
SELECT date_month, team, leads_closed, leads_won, revenue, won_rate, average_value, cycle_days, revenue_per_day FROM lead_velocity_month ORDER BY 1, 2;
-- stuck: longer than nine of ten others that have passed, once there are twenty
SELECT count(*) AS none FROM stuck_leads;
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(101, 120) n;
SELECT count(*) FROM generate_series(101, 120) n, LATERAL open_lead(n, 'van', 'open ' || n, '2026-03-01 10:00+00', 'prospective', 5, 'field') o;
SELECT count(*) FROM lead l, LATERAL close_lead(l.customer_id, l.lead_id, 'lost', 'close ' || l.lead_id, '2026-03-01 10:00+00'::timestamptz + interval '1 day' * (l.lead_id - 8), reason => 'price') c WHERE l.product = 'van';
SELECT count(*) FROM open_lead(9, 'van', 'open 9', '2026-03-01 10:00+00', 'prospective', 5, 'field') a, open_lead(10, 'van', 'open 10', now() - interval '17 days', 'prospective', 5, 'field') b;
SELECT customer_id, stage, usual_days, compared_with FROM stuck_leads WHERE stage = 'prospective';
SELECT * FROM check_integrity() WHERE problems > 0;
SELECT dupex.uninstall('loop_test', drop_data => true) IS NOT NULL AS uninstalled;
