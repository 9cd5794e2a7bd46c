-- The leads of test/bench/leads.sh: :leads open ones, a tenth of them stale on 1 July 2026, of 1,000
-- salespeople in 50 teams, each with a history: three visits or calls to two leads, and a planned
-- visit. Everything is a function of the number of the lead: the same each time.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS dupex;
SELECT dupex.install('leads') IS NOT NULL AS installed \gset
SET search_path = leads, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
SET session_replication_role = replica;         -- no foreign keys here: they cost a minute
INSERT INTO store VALUES ('showroom', 'showroom');
INSERT INTO team SELECT 'team ' || n, 'team ' || n, 'showroom' FROM generate_series(1, 50) n;
-- 20 salespeople of a team, of three levels; the last one is its manager. A third has a limit.
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month, is_on_duty)
SELECT n, 'salesperson ' || n, 'team ' || 1 + (n - 1) / 20, CASE WHEN n % 20 = 0 THEN 4 ELSE 1 + n % 3 END, n % 20 = 0, CASE WHEN n % 3 = 0 AND n % 20 <> 0 THEN 400 END, n % 17 <> 0
  FROM generate_series(1, 1000) n;
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT n, 'internal', 'internal', 'customer ' || n FROM generate_series(1, :leads + :leads / 10) n;
-- accounts: a tenth as many as leads
UPDATE customer SET salesperson_id = 1 + customer_id % 1000 WHERE customer_id > :leads;
-- Half prospective, half intention. The clock of the stale ones started in March, that of the others
-- in the three months since; a fifth of the stale prospective ones are at their second step.
CREATE TABLE public.generated AS
SELECT n AS customer_id, n AS lead_id, n % 10 = 0 AS is_stale, CASE WHEN n / 10 % 2 = 0 THEN 'prospective' ELSE 'intention' END AS grade, 1 + (n::bigint * 7919 % 1000) AS salesperson_id,
       timestamptz '2026-03-01 08:00+00' + CASE WHEN n % 10 = 0 THEN n % 30011 * interval '1 minute' ELSE interval '32 days' + n::bigint * 31 % 128017 * interval '1 minute' END AS clock_started_at,
       CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END AS step
  FROM generate_series(1, :leads) n;
INSERT INTO lead (customer_id, lead_id, opened_at, team, salesperson_id, lead_grade, clock_started_at, stale_step_no, next_visit_on)
SELECT customer_id, lead_id, clock_started_at - step * interval '92 days', 'team ' || 1 + (salesperson_id - 1) / 20, salesperson_id, grade, clock_started_at, step,
       CASE WHEN lead_id % 4 > 0 THEN date '2026-06-20' + (lead_id % 20)::int END
  FROM public.generated;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status)
SELECT customer_id, lead_id, clock_started_at - step * interval '92 days', 'opened', CASE WHEN step = 0 THEN salesperson_id ELSE 1 + salesperson_id % 1000 END, grade, 'open' FROM public.generated;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, from_status, to_status, rule, clock_started_at, stale_step_no)
SELECT customer_id, lead_id, clock_started_at, 'stale', 1 + salesperson_id % 1000, salesperson_id, grade, grade, 'open', 'open', 'a step', clock_started_at - interval '92 days', 0
  FROM public.generated WHERE step > 0;
INSERT INTO visit (customer_id, lead_id, visited_at, salesperson_id)
SELECT customer_id, lead_id, least(clock_started_at + (1 + lead_id % 80) * interval '1 day', timestamptz '2026-06-30 17:00+00'), salesperson_id FROM public.generated;
INSERT INTO visit (customer_id, lead_id, status, visited_at, salesperson_id)
SELECT customer_id, lead_id, 'planned', (date '2026-06-20' + (lead_id % 20)::int + time '09:00') AT TIME ZONE 'UTC', salesperson_id FROM public.generated WHERE lead_id % 4 > 0;
INSERT INTO call (customer_id, lead_id, called_at, direction, result)
SELECT customer_id, lead_id, least(clock_started_at + (1 + lead_id % 70) * interval '1 day', timestamptz '2026-06-30 17:00+00'), 'outbound', CASE WHEN lead_id % 3 = 0 THEN 'call back' ELSE 'reached' END
  FROM public.generated WHERE lead_id % 2 = 0;
RESET session_replication_role;
DROP TABLE public.generated;
VACUUM ANALYZE;
CHECKPOINT;
