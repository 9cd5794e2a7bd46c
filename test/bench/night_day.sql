-- A day's work on the leads of test/bench/night.sql: two of a hundred are visited, the next visit not
-- yet agreed on, two are called, one is answered by its customer, one in two hundred is new.
\set ON_ERROR_STOP on
SET search_path = night, dupex;
SET session_replication_role = replica;
INSERT INTO visit (customer_id, lead_id, kind, visited_at, salesperson_id, outcome)
SELECT customer_id, lead_id, 'return visit', timestamptz '2026-07-01 09:00+00' + lead_id % 480 * interval '1 minute', salesperson_id, 'wants an offer' FROM lead WHERE status = 'open' AND lead_id % 50 = 7;
UPDATE lead SET next_visit_on = NULL WHERE status = 'open' AND lead_id % 50 = 7;
INSERT INTO call (customer_id, lead_id, called_at, direction, result)
SELECT customer_id, lead_id, timestamptz '2026-07-01 09:00+00' + lead_id % 480 * interval '1 minute', 'outbound', 'reached' FROM lead WHERE status = 'open' AND lead_id % 50 = 13;
INSERT INTO response (customer_id, responded_at, response_channel)
SELECT customer_id, timestamptz '2026-07-01 09:00+00' + lead_id % 480 * interval '1 minute', 'web' FROM lead WHERE status = 'open' AND lead_id % 100 = 21;
INSERT INTO lead (customer_id, lead_id, opened_at, product, team, salesperson_id, lead_grade, clock_started_at)
SELECT customer_id, 10 * :leads::bigint + customer_id, '2026-07-01 10:00+00', product, team, salesperson_id, lead_grade, '2026-07-01 10:00+00' FROM lead WHERE status <> 'open' AND lead_id % 50 = 3;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status)
SELECT customer_id, lead_id, opened_at, 'opened', salesperson_id, lead_grade, 'open' FROM lead WHERE lead_id > 10 * :leads::bigint;
RESET session_replication_role;
