-- Leads and visits through the recording functions: opened, graded, visited, won, lost, with every
-- change in lead_move, and the errors of these functions.
SET client_min_messages = warning;
SET timezone = 'UTC';
SELECT dupex.install('lead_record_test') IS NOT NULL AS installed;
SET search_path = lead_record_test, dupex, public;
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
INSERT INTO salesperson (salesperson_id, name, left_on) VALUES (1, 'Ann', NULL), (2, 'Bob', NULL), (3, 'Cem', '2008-01-31');
INSERT INTO team VALUES ('showroom', 'Showroom');
INSERT INTO store VALUES ('north', 'North');
INSERT INTO product (product, name, price) VALUES ('compact', 'Compact', 19.95);
INSERT INTO campaign VALUES ('spring', 'Spring');
INSERT INTO source (source_code, campaign, medium) VALUES ('DB02087', 'spring', 'D');
INSERT INTO customer (customer_id, name, salesperson_id) VALUES (1, 'Ada', NULL), (2, 'Bo', 2), (3, 'Cy', 3), (4, 'Di', NULL), (5, 'Ed', NULL);
CREATE VIEW pg_temp.moves AS SELECT customer_id AS c, lead_id AS l, moved_at, kind, from_salesperson_id AS from_s, to_salesperson_id AS to_s, from_grade, to_grade, from_status, to_status, reason, days_on_clock AS clock, days_without_contact AS contact, CASE WHEN moved_by = session_user THEN 'the caller' ELSE moved_by END AS moved_by, request_id FROM lead_move;
CREATE VIEW pg_temp.leads AS SELECT customer_id AS c, lead_id AS l, opened_at, salesperson_id AS s, lead_grade, status, clock_started_at, stale_step_no AS step, next_visit_on, closed_at, customer_order_id AS o, lost_reason, competitor, competitor_price FROM lead;

-- opened: with an owner; without, so with that of the account; whose owner has left; for marketing; not graded
SELECT * FROM record_response(1, 'DB02087', 'web', 'r1', '2008-02-01');
SELECT * FROM open_lead(1, 'compact', 'l1', '2008-02-01 10:00', 'prospective', 1, 'showroom', 1, 'asked for an offer', 'db 02087');
SELECT * FROM open_lead(2, 'compact', 'l2', '2008-02-01 10:00', 'intention');
SELECT * FROM open_lead(3, NULL, 'l3', '2008-02-01 10:00', 'intention');
SELECT * FROM open_lead(2, NULL, 'l4', '2008-02-02', 'potential', salesperson => 1);
SELECT * FROM open_lead(4, NULL, 'l5', '2008-02-02', salesperson => 1);
SELECT * FROM pg_temp.leads ORDER BY l;
SELECT product, team, response_id, quoted_code, source_code FROM lead WHERE lead_id = 1;
SELECT * FROM pg_temp.moves ORDER BY l;

-- graded: the same again is no move; down to marketing's queue, and back by somebody else, by the same
SELECT * FROM set_grade(1, 1, 'prospective', 'g1', '2008-02-03', salesperson => 1);
SELECT * FROM set_grade(1, 1, 'potential', 'g2', '2008-02-04', 'no hurry', 1);
SELECT * FROM set_grade(1, 1, 'prospective', 'g3', '2008-02-10', 'a hurry after all', 1);
SELECT * FROM set_grade(2, 4, 'intention', 'g5', '2008-02-10', salesperson => 1);
SELECT * FROM set_grade(4, 5, 'intention', 'g6', '2008-02-12');
SELECT * FROM pg_temp.moves WHERE kind = 'graded' ORDER BY l, moved_at;

-- visits: planned; completed, which settles the plan, judges the grade and plans the next; cancelled
SELECT * FROM record_visit(1, 1, 'v1', '2008-02-15 15:00', 'test drive', 'planned', 1, 'north');
SELECT * FROM record_visit(1, 1, 'v2', '2008-02-20 15:00', 'return visit', 'planned', 1);
SELECT next_visit_on FROM lead WHERE lead_id = 1;
SELECT * FROM record_visit(1, 1, 'v3', '2008-02-16 09:00', 'test drive', salesperson => 1, outcome => 'liked it', grade => 'prospective', next_visit_on => '2008-02-23', quoted_code => 'DB02087');
SELECT next_visit_on FROM lead WHERE lead_id = 1;
SELECT * FROM record_visit(1, 1, 'v4', '2008-02-19', status => 'cancelled', outcome => 'on holiday');
SELECT next_visit_on FROM lead WHERE lead_id = 1;
SELECT * FROM record_visit(1, 1, 'v5', '2008-02-24', salesperson => 1, outcome => 'compares prices', grade => 'intention', planned_visit => 4);
SELECT * FROM record_visit(1, 1, 'v6', '2008-02-25', 'return call', salesperson => 2);
SELECT * FROM record_visit(2, NULL, 'v7', '2008-02-25', salesperson => 2, outcome => 'the account is well');
SELECT * FROM record_reception(4, 'north', 'v8', '2008-02-26', 1, lead => 5);
SELECT visit_id, customer_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, grade_before, grade_after, source_code FROM visit ORDER BY 1;
SELECT * FROM pg_temp.leads WHERE l IN (1, 5) ORDER BY l;
SELECT * FROM pg_temp.moves WHERE request_id LIKE 'v%' ORDER BY moved_at;
-- potential at a visit: marketing's at once, nothing more is planned
SELECT * FROM record_visit(4, 5, 'v9', '2008-02-27', salesperson => 1, grade => 'potential');
SELECT s, lead_grade, next_visit_on FROM pg_temp.leads WHERE l = 5;

-- won by an order; won by hand; lost, which is defeated; won after all
SELECT customer_order_id, lead_status FROM record_order(1, 19.95, 'o1', '2008-03-01', lead => 1, salesperson => 1, reason => 'the price');
SELECT customer_order_id, lead_status FROM record_order(2, 19.95, 'o2', '2008-03-01');
SELECT * FROM close_lead(2, 2, 'won', 'c1', '2008-03-02', customer_order => 2, salesperson => 2);
SELECT * FROM close_lead(2, 4, 'lost', 'c2', '2008-03-02', reason => 'bought elsewhere', competitor => 'Other & Sons', competitor_price => 18.50, salesperson => 1);
SELECT * FROM close_lead(4, 5, 'lost', 'c3', '2008-03-03', reason => 'no need any more');
SELECT customer_order_id, lead_status FROM record_order(4, 20, 'o3', '2008-03-20', lead => 5);
SELECT customer_order_id, lead_status FROM record_order(4, 5, 'o4', '2008-03-21', lead => 5);
SELECT customer_order_id, lead_status FROM record_order(3, 1, 'o6', '2008-03-21', lead => 3, is_correction => true);
-- aftercare: a visit to a lead that is closed
SELECT visit_id, grade_after FROM record_visit(1, 1, 'v10', '2008-03-30', salesperson => 1);
SELECT * FROM pg_temp.leads ORDER BY l;
SELECT * FROM pg_temp.moves WHERE kind NOT IN ('opened', 'graded') ORDER BY moved_at, l;

-- the history is whole
SELECT count(*) AS broken FROM (SELECT m.*, lag(m) OVER (PARTITION BY customer_id, lead_id ORDER BY lead_move_id) AS b FROM lead_move m) m
 WHERE (m.b).lead_id IS NOT NULL AND ((m.b).to_salesperson_id, (m.b).to_grade, (m.b).to_status) IS DISTINCT FROM (from_salesperson_id, from_grade, from_status);
SELECT count(*) AS unlike FROM lead l JOIN (SELECT DISTINCT ON (customer_id, lead_id) * FROM lead_move ORDER BY customer_id, lead_id, lead_move_id DESC) m USING (customer_id, lead_id)
 WHERE (m.to_salesperson_id, m.to_grade, m.to_status) IS DISTINCT FROM (l.salesperson_id, l.lead_grade, l.status);
SELECT kind, happened_at, what FROM customer_card(4) WHERE kind LIKE 'lead%' OR kind = 'visit';

-- errors
CREATE FUNCTION pg_temp.error_of(statement text, OUT state text, OUT at_fault text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
DECLARE
    table_name text;
    column_name text;
BEGIN
    EXECUTE 'SELECT * FROM ' || statement;
    message := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, table_name = TABLE_NAME, column_name = COLUMN_NAME;
    at_fault := concat_ws('.', nullif(table_name, ''), nullif(column_name, ''));
END $$;
CREATE TEMP TABLE wrong_call (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO wrong_call (call) VALUES
    ($$open_lead(NULL, 'compact', 'x')$$), ($$open_lead(0, 'compact', 'x')$$), ($$open_lead(1, 'tank', 'x')$$), ($$open_lead(1, grade => 'hot', request_id => 'x')$$), ($$open_lead(1, team => 'none', request_id => 'x')$$),
    ($$open_lead(1, response => 77, request_id => 'x')$$), ($$open_lead(1, salesperson => 3, request_id => 'x')$$), ($$open_lead(2, response => 1, request_id => 'x')$$),
    ($$set_grade(1, NULL, 'intention', 'x')$$), ($$set_grade(1, 3, 'intention', 'x')$$), ($$set_grade(3, 3, 'hot', 'x')$$), ($$set_grade(3, 3, NULL, 'x')$$), ($$set_grade(1, 1, 'intention', 'x')$$),
    ($$set_grade(3, 3, 'prospective', 'x', '2008-01-01')$$), ($$set_grade(3, 3, 'prospective', 'x', salesperson => 3)$$),
    ($$record_visit(3, 9, 'x')$$), ($$record_visit(3, 3, 'x', kind => 'lunch')$$), ($$record_visit(3, 3, 'x', status => 'maybe')$$), ($$record_visit(3, 3, 'x', '2008-03-01', status => 'cancelled')$$),
    ($$record_visit(3, 3, 'x', '2050-03-01', status => 'planned')$$), ($$record_visit(3, 3, 'x', '2050-03-01')$$), ($$record_visit(3, NULL, 'x', grade => 'intention')$$), ($$record_visit(3, 3, 'x', '2008-03-01', status => 'planned', grade => 'intention')$$),
    ($$record_visit(3, NULL, 'x', '2008-03-01', next_visit_on => '2008-04-01')$$), ($$record_visit(3, 3, 'x', '2008-03-01', next_visit_on => '2008-02-01')$$), ($$record_visit(1, 1, 'x', '2008-03-01', planned_visit => 4)$$),
    ($$record_visit(1, 1, 'x', '2008-03-01', planned_visit => 77)$$), ($$record_visit(1, NULL, 'x', '2008-03-01', status => 'planned', planned_visit => 77)$$), ($$record_visit(1, 1, 'x', '2008-03-01', grade => 'intention')$$), ($$record_reception(1, 'north', 'x', lead => 77)$$),
    ($$close_lead(3, 3, 'forgotten', 'x')$$), ($$close_lead(3, 3, NULL, 'x')$$), ($$close_lead(3, 3, 'won', 'x')$$), ($$close_lead(3, 3, 'won', 'x', customer_order => 1)$$), ($$close_lead(1, 1, 'won', 'x', customer_order => 1)$$),
    ($$close_lead(3, 3, 'lost', 'x', reason => ' ')$$), ($$close_lead(3, 3, 'lost', 'x', reason => 'price', competitor_price => -1)$$), ($$close_lead(3, 3, 'lost', 'x', reason => 'price', customer_order => 6)$$),
    ($$close_lead(3, 3, 'won', 'x', customer_order => 6, competitor => 'y')$$), ($$close_lead(2, 4, 'lost', 'x', reason => 'again')$$), ($$close_lead(3, 3, 'lost', 'x', '2008-01-01', reason => 'early')$$);
\pset format unaligned
\pset tuples_only on
SELECT format(E'%s\n    %s %s: %s%s\n    %s', w.call, e.state, e.at_fault, e.message, nullif('; ' || e.detail, '; '), e.hint) FROM wrong_call w, LATERAL pg_temp.error_of(w.call) e ORDER BY w.n;
\pset tuples_only off
\pset format aligned
SELECT count(*) AS wrong_calls, count(*) FILTER (WHERE e.state IN ('22003', '22004', '22008', '22023', '23503', '55000') AND e.hint <> '') AS well_told FROM wrong_call w, LATERAL pg_temp.error_of(w.call) e;
SELECT count(*) AS of_wrong_calls FROM request WHERE request_id = 'x';

SELECT uninstall('lead_record_test', drop_data => true) IS NOT NULL AS gone;
