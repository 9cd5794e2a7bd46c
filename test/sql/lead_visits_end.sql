-- What was planned for a lead ends with it: won, lost, defeated or gone to marketing, each planned
-- visit that nothing has settled is cancelled by a row of its own. Handed over, it is kept.
SET client_min_messages = warning;
SELECT dupex.install('end_test') IS NOT NULL AS installed;
SET search_path = end_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team VALUES ('A', 'team A'), ('B', 'team B');
INSERT INTO salesperson (salesperson_id, name, team, seniority) VALUES (1, 'one', 'A', 1), (2, 'two', 'A', 1), (3, 'three', 'B', 1);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 20) n;
-- Leads of customers 1 to 9 with the visit of the night, the first of them with an appointment too.
SELECT count(*) FROM generate_series(1, 9) n,
       LATERAL open_lead(n, grade => CASE WHEN n = 9 THEN 'intention' ELSE 'prospective' END, salesperson => CASE WHEN n = 8 THEN 2 ELSE 1 END, team => 'A', at => '2026-01-05 10:00+00', request_id => 'open ' || n) o;
SELECT plan_visits('2026-01-06 02:15+00');
SELECT planned_visit_id FROM record_visit(1, 1, 'appointment', '2026-01-20 14:00+00', status => 'planned', salesperson => 1);
-- planned, settled by whom, and open, per customer
CREATE VIEW end_test.course AS
SELECT l.customer_id, l.status, l.salesperson_id, l.next_visit_on, count(*) FILTER (WHERE v.status = 'planned') AS planned, count(*) FILTER (WHERE v.status = 'completed') AS completed,
       count(*) FILTER (WHERE v.status = 'cancelled') AS cancelled, string_agg(DISTINCT CASE WHEN v.status = 'cancelled' THEN v.outcome END, ', ') AS why,
       count(*) FILTER (WHERE v.status = 'planned' AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.planned_visit_id = v.visit_id)) AS open
  FROM lead l LEFT JOIN visit v ON v.customer_id = l.customer_id AND v.lead_id = l.lead_id GROUP BY l.customer_id, l.lead_id, l.status, l.salesperson_id, l.next_visit_on;
SELECT customer_id, planned, open FROM course WHERE planned <> 1 OR open <> 1 ORDER BY 1;

-- won by an order, won by hand, lost, graded down, graded down after the visit that was planned
SELECT customer_order_id IS NOT NULL AS ordered FROM record_order(1, 100, 'o1', '2026-01-07 10:00+00', lead => (SELECT lead_id FROM lead WHERE customer_id = 1));
SELECT customer_order_id IS NOT NULL AS ordered FROM record_order(2, 100, 'o2', '2026-01-07 10:00+00');
SELECT lead_status FROM close_lead(2, (SELECT lead_id FROM lead WHERE customer_id = 2), 'won', 'c2', '2026-01-07 11:00+00', customer_order => (SELECT customer_order_id FROM customer_order WHERE customer_id = 2), salesperson => 1);
SELECT lead_status FROM close_lead(3, (SELECT lead_id FROM lead WHERE customer_id = 3), 'lost', 'c3', '2026-01-07 12:00+00', reason => 'price', salesperson => 1);
SELECT grade_after, salesperson_id FROM set_grade(4, (SELECT lead_id FROM lead WHERE customer_id = 4), 'potential', 'g4', '2026-01-07 13:00+00', salesperson => 1);
SELECT grade_after, planned_visit_id IS NOT NULL AS settled FROM record_visit(5, (SELECT lead_id FROM lead WHERE customer_id = 5), 'v5', '2026-01-12 13:00+00', salesperson => 1, grade => 'potential');
SELECT * FROM course WHERE customer_id <= 5 ORDER BY 1;
-- a retry changes nothing
SELECT was_already_recorded FROM close_lead(3, (SELECT lead_id FROM lead WHERE customer_id = 3), 'lost', 'c3', '2026-01-07 12:00+00', reason => 'price', salesperson => 1);
SELECT cancelled, open FROM course WHERE customer_id = 3;
-- the appointment that is cancelled is told as it was planned: when, how, by whom and why
SELECT p.visited_at AS planned_for, v.kind, v.visited_at AS cancelled_at, v.salesperson_id, v.outcome FROM visit v JOIN visit p ON p.customer_id = v.customer_id AND p.visit_id = v.planned_visit_id
 WHERE v.customer_id = 1 AND v.status = 'cancelled' ORDER BY 1;
-- nothing is planned for a lead that is closed
\set VERBOSITY terse
SELECT record_visit(3, 3, 'v3', '2026-02-20 14:00+00', status => 'planned');
SELECT record_visit(1, 1, 'v1', '2026-01-08 14:00+00', next_visit_on => '2026-02-20');
-- what has taken place may be noted all the same
SELECT planned_visit_id FROM record_visit(1, 1, 'v1', '2026-01-08 14:00+00', salesperson => 1);

-- defeated, and handed to marketing, by the night
UPDATE stale_rule SET action = 'defeat' WHERE lead_grade = 'prospective' AND step_no = 1;
UPDATE lead SET lead_grade = 'potential' WHERE customer_id = 7;
UPDATE lead_move SET to_grade = 'potential' WHERE customer_id = 7;
SELECT move_stale_leads('2026-04-05 10:00+00');
SELECT move_stale_leads('2026-04-05 10:00+00');
SELECT * FROM course WHERE customer_id > 5 ORDER BY 1;
-- back again: one visit planned, the cancelled one does not come back
SELECT status FROM assign_lead(6, (SELECT lead_id FROM lead WHERE customer_id = 6), 2, at => '2026-04-06 10:00+00');
SELECT plan_visits('2026-04-07 02:15+00') > 0 AS planned;
SELECT * FROM course WHERE customer_id = 6;
SELECT count(*) FROM planned_visits WHERE customer_id IN (1, 2, 3, 4, 5, 7, 8);

-- who leaves hands over everything in one call: leads, accounts, and what is planned for them
UPDATE customer SET salesperson_id = 2 WHERE customer_id IN (10, 11);
INSERT INTO account_owner (customer_id, since, salesperson_id, reason) VALUES (10, '2026-01-01', 2, 'test'), (11, '2026-01-01', 2, 'test');
SELECT plan_visits('2026-04-07 02:15+00');
CREATE TABLE end_test.before AS SELECT customer_id, lead_id, salesperson_id, planned_on FROM planned_visits WHERE salesperson_id = 2;
SELECT count(*) FROM before;
SELECT * FROM hand_over_salesperson(2, '2026-04-08 17:00+00', heir => 3);
SELECT p.customer_id, p.lead_id IS NULL AS is_account, p.salesperson_id, p.team, p.planned_on = b.planned_on AS same_day FROM planned_visits p JOIN before b USING (customer_id) ORDER BY 1;
SELECT count(*) AS nothing_left FROM planned_visits WHERE salesperson_id = 2;
SELECT count(*) AS nothing_left FROM (SELECT FROM lead WHERE salesperson_id = 2 AND status = 'open' UNION ALL SELECT FROM customer WHERE salesperson_id = 2) x;
-- nobody to take it: marketing has the lead, and its visit is cancelled
SELECT * FROM hand_over_salesperson(3, '2026-04-09 17:00+00');
SELECT customer_id, salesperson_id, next_visit_on, cancelled, open FROM course WHERE customer_id IN (SELECT customer_id FROM before WHERE lead_id IS NOT NULL) ORDER BY 1;

-- planned anew: an upgrade, and a visit that a bulk load brought, replace the plan of the night, not an appointment
UPDATE salesperson SET left_on = NULL, is_on_duty = true;
SELECT o.lead_id IS NOT NULL AS opened FROM generate_series(12, 13) n, LATERAL open_lead(n, grade => 'intention', salesperson => 1, team => 'A', at => '2026-05-04 10:00+00', request_id => 'open ' || n) o;
SELECT plan_visits('2026-05-05 02:15+00');
SELECT planned_visit_id FROM record_visit(12, (SELECT lead_id FROM lead WHERE customer_id = 12), 'v12', '2026-06-10 14:00+00', status => 'planned', salesperson => 1);
SELECT grade_after FROM set_grade(12, (SELECT lead_id FROM lead WHERE customer_id = 12), 'prospective', 'g12', '2026-05-05 12:00+00');
INSERT INTO visit (customer_id, lead_id, visited_at, salesperson_id) SELECT 13, lead_id, '2026-06-04 12:00+00', 1 FROM lead WHERE customer_id = 13;
SELECT plan_visits('2026-05-06 02:15+00') AS upgraded, plan_visits('2026-06-05 02:15+00') AS visited;
SELECT customer_id, next_visit_on, planned, completed, cancelled, why, open FROM course WHERE customer_id IN (12, 13) ORDER BY 1;

-- graded down by a visit that says when to come again: what was planned before is settled or cancelled, the day that was said stays
SELECT o.lead_id AS lead FROM open_lead(14, grade => 'prospective', salesperson => 1, team => 'A', at => '2026-05-04 10:00+00', request_id => 'open 14') o \gset
SELECT plan_visits('2026-06-06 02:15+00') AS planned;
SELECT planned_visit_id FROM record_visit(14, :lead, 'v14', '2026-06-10 14:00+00', status => 'planned', salesperson => 1);
SELECT planned_visit_id = (SELECT min(v.visit_id) FROM visit v WHERE v.customer_id = 14) AS settled_the_first, grade_after, coalesce(lead_salesperson_id::text, 'marketing') AS owner, next_visit_id
  FROM record_visit(14, :lead, 'w14', '2026-06-08 14:00+00', salesperson => 1, grade => 'potential', next_visit_on => '2026-06-30') \gset
SELECT :'settled_the_first' AS settled_the_first, :'grade_after' AS grade_after, :'owner' AS owner;
SELECT status, visited_at AT TIME ZONE 'UTC' AS visited_at, salesperson_id, request_id FROM visit WHERE customer_id = 14 AND visit_id = :next_visit_id;
SELECT * FROM course WHERE customer_id = 14;
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
DROP SCHEMA end_test CASCADE;
