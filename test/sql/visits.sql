-- plan_visits(), planned and overdue visits, tasks().
SET client_min_messages = warning;
SELECT dupex.install('visit_test') IS NOT NULL AS installed;
SET search_path = visit_test, dupex, public;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'ISO';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO store VALUES ('shop', 'shop');
INSERT INTO team VALUES ('A', 'team A', 'shop'), ('B', 'team B', NULL);
INSERT INTO salesperson (salesperson_id, name, team, seniority) VALUES (1, 'one', 'A', 1), (2, 'two', 'A', 2), (3, 'three', 'B', 1);
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, 20) n;
INSERT INTO contact_point (customer_id, kind, value, is_preferred) VALUES (1, 'phone', '111', false), (1, 'mobile', '112', true), (1, 'email', 'one@example.com', false);
-- Monday 5 January 2026; Epiphany, the sixth, is a holiday, and the whole week from the 19th
UPDATE calendar SET is_day_off = true, holiday_name = 'holiday' WHERE date_day = '2026-01-06' OR date_day BETWEEN '2026-01-19' AND '2026-01-23';
SELECT string_agg(to_char(date_day, 'DD'), ' ' ORDER BY date_day) AS working_days FROM calendar WHERE date_day BETWEEN '2026-01-01' AND '2026-02-06' AND NOT is_day_off;

-- the day of a visit: rather before a day off than after it, but not before today
SELECT target, visit_day(target, '2026-01-05') FROM unnest('{2026-01-01,2026-01-05,2026-01-06,2026-01-07,2026-01-11,2026-01-22,2060-01-01}'::date[]) target;
SELECT today, visit_day('2026-01-22', today) FROM unnest('{2026-01-16,2026-01-17,2026-01-19}'::date[]) today;

SELECT l.lead_id FROM (VALUES (1, 'prospective', 1, 'A', '2026-01-05 10:00+00'), (2, 'intention', 1, 'A', '2026-01-05 10:00+00'), (3, 'potential', NULL, 'A', '2026-01-05 10:00+00'),
                    (4, 'prospective', 3, 'B', '2025-11-05 10:00+00'), (5, 'prospective', 1, 'A', '2026-01-05 23:30+00'), (6, NULL, 1, 'A', '2026-01-05 10:00+00')) v(c, g, s, t, at),
       LATERAL open_lead(c, grade => g, salesperson => s, team => t, at => at::timestamptz, request_id => 'open ' || c) l ORDER BY 1;
-- weekly, monthly; the week and the month are up on 12 January and 5 February; what is long due is
-- due today; marketing's and what is not graded is not planned
SELECT plan_visits('2026-01-07 02:15+00', 2) AS two, plan_visits('2026-01-07 02:15+00', 2) AS the_others, plan_visits('2026-01-07 02:15+00', 2) AS no_more, plan_visits('2026-01-07 02:15+00') AS none;
SELECT customer_id, lead_grade, next_visit_on, v.kind, v.status, v.visited_at AT TIME ZONE 'UTC' AS visited_at, v.salesperson_id, v.store
  FROM lead l LEFT JOIN visit v USING (customer_id, lead_id) ORDER BY 1;
-- a visit done: the next one a week after it, also when it came early; the holiday week is avoided
SELECT planned_visit_id IS NOT NULL AS settled FROM record_visit(1, 1, 'v1', '2026-01-09 15:00+00', salesperson => 1, kind => 'return visit');
SELECT next_visit_on FROM lead WHERE customer_id = 1;
SELECT plan_visits('2026-01-10 02:15+00');
SELECT next_visit_on FROM lead WHERE customer_id = 1;
SELECT planned_visit_id IS NOT NULL AS settled FROM record_visit(1, 1, 'v2', '2026-01-16 15:00+00', salesperson => 1, kind => 'return visit');
SELECT plan_visits('2026-01-17 02:15+00');
SELECT next_visit_on AS after_the_holidays FROM lead WHERE customer_id = 1;
-- an appointment of the customer's is kept, if it is not too late for the grade
SELECT next_visit_id IS NOT NULL AS planned FROM record_visit(4, 4, 'v4', '2026-01-16 16:00+00', salesperson => 3, next_visit_on => '2026-01-26');
SELECT plan_visits('2026-01-17 02:15+00') AS none;
SELECT next_visit_on FROM lead WHERE customer_id = 4;
-- an upgrade: the month becomes a week since the last contact, which is over
SELECT grade_after FROM set_grade(2, 2, 'prospective', 'g2', '2026-01-17 12:00+00');
SELECT plan_visits('2026-01-18 02:15+00');
SELECT next_visit_on FROM lead WHERE customer_id = 2;
-- a visit that came in by bulk load, which settles nothing: the plan sees it
INSERT INTO visit (customer_id, lead_id, visited_at, salesperson_id) VALUES (5, 5, '2026-01-19 12:00+00', 1);
SELECT next_visit_on FROM lead WHERE customer_id = 5;
SELECT plan_visits('2026-01-20 02:15+00');
SELECT next_visit_on FROM lead WHERE customer_id = 5;
-- overdue stays overdue, whoever has it now; a call is a contact, but no visit
SELECT count(*) FROM record_call(2, 'outbound', 'reached', 'c2', '2026-01-20 10:00+00', lead => 2, salesperson => 1);
SELECT plan_visits('2026-02-10 02:15+00') AS none;
SELECT salesperson_id FROM reassign_lead(2, 2, 2, at => '2026-02-10 10:00+00');
SELECT customer_id, salesperson_id, salesperson, planned_on, planned_on < current_date AS is_overdue FROM planned_visits ORDER BY 1;
SELECT o.customer_id, o.salesperson_id, o.planned_on, o.days_overdue = (now() AT TIME ZONE 'UTC')::date - o.planned_on AS days FROM overdue_visits o ORDER BY 1;
SELECT * FROM overdue_visits_by_salesperson ORDER BY 1;
-- closed leads have no visits
SELECT lead_status FROM close_lead(4, 4, 'lost', 'l4', '2026-02-10 11:00+00', reason => 'price');
SELECT count(*) AS none FROM planned_visits WHERE customer_id = 4;

-- accounts: an owner and no open lead; three months, key accounts one; no contact yet: spread
UPDATE customer SET salesperson_id = 1, is_key_account = customer_id > 18 WHERE customer_id IN (1, 4, 7, 8, 9, 19, 20);
INSERT INTO account_owner (customer_id, since, salesperson_id, reason) SELECT customer_id, '2026-01-01', salesperson_id, 'test' FROM customer WHERE salesperson_id IS NOT NULL;
SELECT count(*) FROM (VALUES (7, '2026-01-12 12:00+00'), (8, '2025-06-01 12:00+00'), (19, '2026-01-12 12:00+00')) v(c, at),
       LATERAL record_visit(c, at => at::timestamptz, salesperson => 1, request_id => 'account ' || c) r;
SELECT plan_visits('2026-02-11 02:15+00', 4) AS four, plan_visits('2026-02-11 02:15+00', 4) AS two, plan_visits('2026-02-11 02:15+00', 4) AS none;
SELECT customer_id, lead_id, salesperson_id, planned_on FROM planned_visits WHERE lead_id IS NULL ORDER BY 1;
-- a visit settles it and the next one is planned; a new lead takes its place
SELECT planned_visit_id IS NOT NULL AS settled FROM record_visit(7, at => '2026-02-20 12:00+00', salesperson => 1, request_id => 'account visit');
SELECT plan_visits('2026-02-21 02:15+00');
SELECT planned_on FROM planned_visits WHERE customer_id = 7;
SELECT lead_id FROM open_lead(7, grade => 'prospective', salesperson => 1, team => 'A', at => '2026-02-22 10:00+00', request_id => 'open 7');
SELECT plan_visits('2026-02-23 02:15+00');
SELECT lead_id, planned_on FROM planned_visits WHERE customer_id = 7;

-- apps that record visits all the time make more to plan: the job ends all the same, when it has gone through all twice;
-- the next call begins anew
BEGIN;
SELECT count(*) FROM generate_series(1, 40) n, open_lead(10, grade => 'prospective', salesperson => 2, team => 'A', at => '2026-02-22 10:00+00', request_id => 'many ' || n);
SELECT plan_visits('2026-02-24 02:15+00') AS planned;
DO $$
DECLARE
    calls   int := 0;
    planned bigint;
BEGIN
    FOR planned IN SELECT l.lead_id FROM lead l WHERE l.customer_id = 10 ORDER BY 1 LOOP
        PERFORM record_visit(10, planned, at => '2026-02-25 15:00+00', salesperson => 2, request_id => 'meanwhile ' || planned);
        planned := plan_visits('2026-02-26 02:15+00', 3);
        calls := calls + 1;
        EXIT WHEN planned = 0;
    END LOOP;
    RAISE WARNING '% calls', calls;
END $$;
SELECT plan_visits('2026-02-26 02:15+00', 3) AS left_over, plan_visits('2026-02-26 02:15+00', 3) AS no_more, plan_visits('2026-02-26 02:15+00') AS none;
ROLLBACK;

-- tomorrow's list: what is planned and what is overdue, and when the lead moves on
SELECT * FROM tasks(1, '2026-02-27');
SELECT task, days_overdue, customer_id FROM tasks(2, '2026-01-26');
SELECT * FROM tasks(3, '2026-01-27');
\set VERBOSITY terse
SELECT * FROM tasks(1, NULL);
SELECT * FROM tasks(99, '2026-01-27');
SELECT * FROM tasks(NULL, '2026-01-27');
SELECT plan_visits(NULL);
SELECT plan_visits('2026-01-27', 0);
-- an app reads its list, and the tables it does not
SET client_min_messages = error;
CREATE ROLE regress_visit_app;
SELECT grant_access('regress_visit_app', 'app') IS NOT NULL AS granted;
SET ROLE regress_visit_app;
SELECT count(*) > 0 AS reads FROM tasks(1, '2026-02-27');
SELECT plan_visits();
SELECT count(*) FROM lead;
RESET ROLE;
SELECT revoke_access('regress_visit_app') IS NOT NULL AS revoked;
DROP ROLE regress_visit_app;
-- nothing is planned on a day off, in the whole test
SELECT count(*) AS on_days_off FROM visit v JOIN calendar c ON c.date_day = (v.visited_at AT TIME ZONE 'UTC')::date WHERE v.request_id LIKE 'plan\_visits%' AND c.is_day_off;
-- a grade's intervals are more than nothing
UPDATE lead_grade SET visit_interval = '0 days' WHERE lead_grade = 'intention';
UPDATE lead_grade SET horizon = '-3 months' WHERE lead_grade = 'intention';
DROP SCHEMA visit_test CASCADE;
