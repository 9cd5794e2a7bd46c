-- Leads moved by people: reassign_lead(), take_lead(), assign_lead(), leads_to_assign(),
-- hand_over_salesperson().
SET client_min_messages = warning;
SELECT dupex.install('hand_test') IS NOT NULL AS installed;
SET search_path = hand_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('A', 'team A'), ('B', 'team B');
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month, left_on, is_on_duty) VALUES
    (1, 'one', 'A', 1, false, NULL, NULL, true), (2, 'two', 'A', 1, false, 1, NULL, true), (3, 'three', 'A', 2, false, NULL, NULL, false),
    (4, 'four', 'A', 3, true, NULL, NULL, true), (5, 'five', 'B', 1, false, NULL, NULL, true), (6, 'six', 'B', 1, false, NULL, '2026-01-31', true);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 30) n;
SELECT count(*) FROM generate_series(1, 6) n, LATERAL open_lead(n, grade => 'prospective', salesperson => 1, team => 'A', at => '2026-01-10 10:00+00', request_id => 'open ' || n) o;

-- reassigned: clock anew, steps kept, whatever duty and capacity say; the team is that of the new owner
SELECT salesperson_id, team, clock_started_at, stale_step_no, status FROM reassign_lead(1, 1, 3, 'knows the family', '2026-02-01 10:00+00', 'the manager', 'r1');
SELECT salesperson_id, clock_started_at FROM reassign_lead(1, 1, 3, 'knows the family', '2026-02-01 10:00+00', 'the manager', 'r1');
SELECT salesperson_id, clock_started_at FROM reassign_lead(1, 1, 3, at => '2026-02-02 10:00+00');
SELECT salesperson_id, team, clock_started_at FROM reassign_lead(1, 1, 5, at => '2026-02-03 10:00+00', request_id => 'r2');
-- a late retry of the first request gives the lead back as it is now
SELECT salesperson_id FROM reassign_lead(1, 1, 3, 'knows the family', '2026-02-01 10:00+00', 'the manager', 'r1');
SELECT salesperson_id, team FROM take_lead(2, 2, 4, at => '2026-02-03 11:00+00');
SELECT customer_id, kind, from_salesperson_id, to_salesperson_id, reason, days_on_clock, CASE moved_by WHEN session_user THEN 'me' ELSE moved_by END AS moved_by FROM lead_move
 WHERE kind = 'assigned' ORDER BY lead_move_id;
\set VERBOSITY terse
SELECT reassign_lead(1, 1, 1, request_id => 'r1');
SELECT reassign_lead(1, 1, 6, at => '2026-02-01 10:00+00');
SELECT reassign_lead(1, 1, 99);
SELECT reassign_lead(1, 1, NULL);
SELECT reassign_lead(1, 1, 3, at => NULL);
SELECT reassign_lead(1, 1, 3, at => '2025-01-01 10:00+00');
SELECT reassign_lead(1, 77, 1);
SELECT take_lead(1, 1, 1);
SELECT assign_lead(1, 1, 1);
-- on his last day he may still get one
BEGIN;
SELECT salesperson_id FROM reassign_lead(1, 1, 6, at => '2026-01-31 22:00+00');
ROLLBACK;

-- lost by hand: with marketing; and back when intent shows
SELECT lead_status, salesperson_id FROM close_lead(3, 3, 'lost', 'c3', '2026-03-01 10:00+00', reason => 'price', competitor => 'other', competitor_price => 5);
SELECT lead_status, salesperson_id FROM close_lead(4, 4, 'lost', 'c4', '2026-03-01 10:00+00', reason => 'no need');
SELECT grade_after, salesperson_id FROM set_grade(5, 5, 'potential', 'g5', '2026-03-01 10:00+00');
SELECT reassign_lead(3, 3, 2);
SELECT assign_lead(3, 3, 2, at => '2026-02-28 10:00+00');
SELECT count(*) AS none_yet FROM leads_to_assign('2026-03-02 10:00+00');
-- before and at the time of the loss counts for nothing, a basket, a visit or a response after it does
SELECT count(*) FROM record_response(3, channel => 'web', at => '2026-02-20 10:00+00', request_id => 'x1') x1, record_response(4, channel => 'web', at => '2026-03-01 10:00+00', request_id => 'x2') x2;
SELECT count(*) AS none_yet FROM leads_to_assign('2026-03-02 10:00+00');
SELECT count(*) FROM record_basket(3, 'basket 1', 'abandoned', 'x3', '2026-03-05 10:00+00') b, record_visit(4, at => '2026-03-06 10:00+00', salesperson => 1, request_id => 'x4') v,
       record_response(5, channel => 'call', at => '2026-03-07 10:00+00', request_id => 'x5') r, record_response(5, channel => 'web', at => '2026-03-08 10:00+00', request_id => 'x6') r2;
SELECT count(*) AS none_yet FROM leads_to_assign('2026-03-05 09:00+00');
SELECT * FROM leads_to_assign('2026-03-09 09:00+00') ORDER BY customer_id;
-- a lead that marketing has graded up is offered too
SELECT grade_after, salesperson_id FROM set_grade(5, 5, 'intention', 'g6', '2026-03-09 10:00+00');
SELECT customer_id, intent, signs, to_salesperson_id FROM leads_to_assign('2026-03-10 09:00+00') WHERE customer_id = 5;
-- assigned: open again, the ladder anew, with a grade that sales follows
SELECT salesperson_id, lead_grade, status, closed_at, lost_reason, competitor, competitor_price, clock_started_at, stale_step_no FROM assign_lead(3, 3, 2, at => '2026-03-10 10:00+00', request_id => 'a3');
SELECT salesperson_id FROM assign_lead(3, 3, 2, at => '2026-03-10 10:00+00', request_id => 'a3');
SELECT assign_lead(3, 3, 1, request_id => 'a3');
SELECT assign_lead(4, 4, 2, grade => 'potential', at => '2026-03-10 10:00+00');
SELECT assign_lead(4, 4, 6, at => '2026-03-10 10:00+00');
SELECT count(*) AS left_over FROM leads_to_assign('2026-03-10 11:00+00');
SELECT kind, from_salesperson_id, to_salesperson_id, from_status, to_status, reason FROM lead_move WHERE customer_id = 3 ORDER BY lead_move_id;
-- potential leads come back as the least of the grades of sales
SELECT grade_after FROM set_grade(6, 6, 'potential', 'g7', '2026-03-11 10:00+00');
SELECT salesperson_id, lead_grade, clock_started_at FROM assign_lead(6, 6, 1, at => '2026-03-12 10:00+00');
SELECT move_stale_leads('2026-03-13') AS moves_back;

-- a registration for an event is a sign, and so is who comes into the shop; before the loss neither
-- is. Team B has one person: he had the lead, and is proposed because there is nobody else.
BEGIN;
INSERT INTO event (event_id, name, kind, starts_at) VALUES (1, 'course', 'course', '2026-05-01 10:00+00');
SELECT count(*) FROM generate_series(26, 28) n, LATERAL open_lead(n, grade => 'intention', salesperson => CASE n WHEN 28 THEN 5 ELSE 1 END, team => CASE n WHEN 28 THEN 'B' ELSE 'A' END, at => '2026-01-10 10:00+00', request_id => 'open ' || n) o;
SELECT count(*) FROM register_for_event(26, 1, 'e26', '2026-03-19 10:00+00'), record_reception(27, request_id => 'p27', at => '2026-03-19 10:00+00', salesperson => 1);
SELECT count(*) FROM generate_series(26, 28) n, LATERAL close_lead(n, (SELECT lead_id FROM lead WHERE customer_id = n), 'lost', 'c' || n, '2026-03-20 10:00+00', reason => 'price') c;
SELECT count(*) AS none_yet FROM leads_to_assign('2026-04-02 10:00+00') WHERE customer_id > 20;
SELECT count(*) FROM register_for_event(26, 1, 'e26 again', '2026-04-01 10:00+00'), record_reception(27, request_id => 'p27 again', at => '2026-04-01 11:00+00', salesperson => 1), register_for_event(28, 1, 'e28', '2026-04-01 12:00+00') third;
SELECT customer_id, lead_status, team, intent, intent_at, signs, last_salesperson_id, to_salesperson_id FROM leads_to_assign('2026-04-02 10:00+00') WHERE customer_id > 20 ORDER BY 1;
SELECT o.customer_id, (assign_lead(o.customer_id, o.lead_id, o.to_salesperson_id, at => '2026-04-02 10:00+00')).salesperson_id FROM leads_to_assign('2026-04-02 10:00+00') o WHERE o.customer_id > 20 ORDER BY 1;
ROLLBACK;

-- who leaves hands over everything: leads as stale leads go, accounts to who has the fewest
UPDATE customer SET salesperson_id = CASE WHEN customer_id <= 20 THEN 1 WHEN customer_id <= 23 THEN 2 END WHERE customer_id BETWEEN 11 AND 23;
INSERT INTO account_owner (customer_id, since, salesperson_id, reason) SELECT customer_id, '2026-01-01', salesperson_id, 'test' FROM customer WHERE salesperson_id IS NOT NULL;
SELECT count(*) FROM generate_series(11, 16) n, LATERAL open_lead(n, grade => 'intention', salesperson => 1, team => 'A', at => '2026-01-10 10:00+00', request_id => 'open ' || n) o;
SELECT customer_id, lead_id, status FROM lead WHERE salesperson_id = 1 AND status = 'open' ORDER BY 1;
BEGIN;
SELECT * FROM hand_over_salesperson(1, '2026-04-01 17:00+00');
SELECT * FROM hand_over_salesperson(1, '2026-04-02 17:00+00');
SELECT left_on, is_on_duty FROM salesperson WHERE salesperson_id = 1;
-- two takes one (his capacity), the manager the rest, for three is off duty
SELECT l.customer_id, l.salesperson_id, m.kind, m.reason FROM lead l JOIN lead_move m USING (customer_id, lead_id) WHERE m.moved_at = '2026-04-01 17:00+00' ORDER BY 1;
-- ten accounts; number two had three before: now he has seven and number three, off duty or not, six
SELECT salesperson_id, count(*) FROM customer WHERE salesperson_id IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT count(*) AS rows, min(reason) AS reason FROM account_owner WHERE since >= '2026-04-01';
SELECT check_name, problems FROM check_integrity() WHERE problems > 0;
ROLLBACK;
-- to a named heir
BEGIN;
SELECT * FROM hand_over_salesperson(1, '2026-04-01 17:00+00', heir => 5, reason => 'moved to another town');
SELECT DISTINCT l.salesperson_id, m.reason FROM lead l JOIN lead_move m USING (customer_id, lead_id) WHERE m.moved_at = '2026-04-01 17:00+00';
SELECT count(*) AS accounts FROM customer WHERE salesperson_id = 5;
ROLLBACK;
-- the last one of a team: to marketing, accounts to nobody
BEGIN;
SELECT * FROM hand_over_salesperson(5, '2026-04-01 17:00+00');
SELECT customer_id, salesperson_id, status, next_visit_on FROM lead WHERE customer_id = 1;
SELECT kind, to_salesperson_id, reason FROM lead_move WHERE customer_id = 1 ORDER BY lead_move_id DESC LIMIT 1;
ROLLBACK;
SELECT hand_over_salesperson(1, heir => 1);
SELECT hand_over_salesperson(99);
SELECT hand_over_salesperson(1, heir => 99);
SELECT hand_over_salesperson(1, NULL);
DROP SCHEMA hand_test CASCADE;
