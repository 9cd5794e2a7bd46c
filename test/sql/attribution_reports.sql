-- Attribution by medium and source code with each model: on an example worked out by hand, and on the
-- sample against the models written down once more in plain SQL.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
SELECT install('paths') IS NOT NULL AS installed;
SET search_path = paths, public, dupex;
UPDATE setting SET value = '30' WHERE setting = 'attribution_lookback_days';
UPDATE setting SET value = '31' WHERE setting = 'attribution_report_days';

INSERT INTO campaign (campaign, name) VALUES ('winter', 'winter');
INSERT INTO source (source_code, medium, is_hold_out) VALUES ('DA01016', 'D', false), ('MA01016', 'M', false), ('AA01016', 'A', false), ('WA01016', 'W', false), ('DH01016', 'D', true);
INSERT INTO customer (customer_id, household_id, is_seed) VALUES (1, NULL, false), (2, NULL, false), (3, NULL, false), (4, NULL, false), (5, 50, false), (6, 50, false), (7, NULL, false),
    (8, NULL, true), (9, NULL, false), (10, NULL, false), (11, NULL, false), (12, NULL, false);
INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) VALUES
    (1, 1, 'MA01016', '2026-01-02 12:00', false), (1, 2, 'DA01016', '2026-01-09 12:00', false),
    (2, 3, 'DA01016', '2026-01-09 12:00', false), (2, 4, 'MA01016', '2026-01-12 18:00', false),
    (3, 5, 'MA01016', '2026-01-02 12:00', false), (6, 6, 'MA01016', '2026-01-02 12:00', false), (8, 7, 'DA01016', '2026-01-09 12:00', true),
    (9, 8, 'DA01016', '2025-12-01 12:00', false), (10, 9, 'DA01016', '2026-01-09 12:00', false), (11, 10, 'DA01016', '2026-01-09 12:00', false),
    (12, 11, 'DA01016', '2026-01-09 12:00', false), (12, 12, 'MA01016', '2026-01-12 12:00', false);
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES (10, 9, 'bounced', '2026-01-09 13:00'), (1, 2, 'opened', '2026-01-09 13:00');
INSERT INTO hold_out (customer_id, source_code, held_out_at) VALUES (7, 'DH01016', '2026-01-09 12:00');
INSERT INTO response (customer_id, response_id, responded_at, touch_id, quoted_code, source_code) VALUES
    (1, 1, '2026-01-16 12:00', NULL, 'AA01016', 'AA01016'), (2, 2, '2026-01-12 12:00', 3, NULL, NULL), (3, 3, '2026-01-20 12:00', NULL, 'WA01016', 'WA01016'),
    (12, 4, '2026-01-16 12:00', NULL, 'AA01016', 'AA01016'), (0, 5, '2026-01-04 12:00', NULL, 'DA01016', 'DA01016'), (4, 6, '2026-01-20 12:00', NULL, 'QQ', NULL);
INSERT INTO lead (customer_id, lead_id, opened_at) VALUES (12, 1, '2026-01-12 18:00');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, quoted_code, source_code) VALUES
    (1, 1, '2026-01-23 12:00', 100, NULL, NULL), (2, 2, '2026-01-13 12:00', 70, 'DA01016', 'DA01016'), (3, 3, '2026-01-21 12:00', 50, NULL, NULL), (4, 4, '2026-01-25 12:00', 40, NULL, NULL),
    (5, 5, '2026-01-15 12:00', 30, NULL, NULL), (7, 7, '2026-01-20 12:00', 25, NULL, NULL), (8, 8, '2026-01-20 12:00', 999, NULL, NULL), (9, 9, '2026-01-10 12:00', 15, NULL, NULL),
    (10, 10, '2026-01-15 12:00', 10, NULL, NULL), (0, 11, '2026-01-05 12:00', 5, 'AA01016', 'AA01016'), (0, 12, '2026-01-06 12:00', 6, NULL, NULL),
    (11, 13, '2026-01-31 23:59', 60, NULL, NULL), (11, 14, '2026-02-02 12:00', 500, NULL, NULL), (12, 15, '2026-01-20 12:00', 70, NULL, NULL);
INSERT INTO expense (spent_on, amount, source_code, campaign, medium) VALUES ('2026-01-10', 100, 'DA01016', NULL, NULL), ('2026-01-05', 300, 'MA01016', NULL, NULL), ('2026-01-31', 20, NULL, NULL, 'D'),
    ('2026-01-31', 50, NULL, 'winter', NULL), ('2025-12-31', 80, 'AA01016', NULL, NULL), ('2026-02-01', 7, 'DA01016', NULL, NULL);
SELECT count(*) AS before_the_first_refresh FROM attribution_by_medium;
SELECT refresh_reports('2026-02-01 02:00') > 0 AS refreshed;

-- Contacts in their order, and the orders; 8 is a seed name, 10's piece came back, 7 was held out.
SELECT customer_id AS customer, person_no, step, happened_at, date_day, source_code, medium, revenue FROM attribution_step ORDER BY customer_id, person_no, happened_at, step;

-- The twelve orders of January, 481: those of 4, 7 (held out), 9 (piece too old), 10 (piece came back) and 12 of nobody have no contact, 96.
-- first: M of 1 3 5 = 180, D of 2 11 12 = 200, A of the order of nobody. last: A of 1 12 and nobody = 175, D of 2 11 = 130, W of 3, M of 5. last_non_direct: 3 goes to M.
-- expense: D 100 + 20, M 300, the campaign 50. So E:R of first for D 120/200, CPO 120/3, return 200/120.
SELECT model, medium, medium_name, is_touched, orders, order_share, revenue, expense, er_ratio, cost_per_order AS cpo, return_on_expense AS return
  FROM attribution_by_medium WHERE model_no <= 3 ORDER BY model_no, is_touched DESC, medium;
-- linear: 1 has M D A a third each; 2 D M D (what is alike and follows each other is one), 3 M W half each, 5 M, 11 D, 12 D M A a third each, nobody A. Of 100 the earliest gets 33.3334.
--   D 1/3 + 2/3 + 1 + 1/3 = 33.3333 + 46.6667 + 60 + 23.3334, M 1/3 + 1/3 + 1/2 + 1 + 1/3 = 33.3334 + 23.3333 + 25 + 30 + 23.3333, A 1/3 + 1/3 + 1 = 33.3333 + 23.3333 + 5, W 25
-- position_u: D .2 + .8 + 1 + .4 = 20 + 56 + 60 + 28, M .4 + .2 + .5 + 1 + .2 = 40 + 14 + 25 + 30 + 14, A .4 + .4 + 1 = 40 + 28 + 5, W 25
SELECT model, medium, is_touched, orders, revenue FROM attribution_by_medium WHERE model IN ('linear', 'position_u') ORDER BY model_no, is_touched DESC, medium;
-- time_decay, half as much a week: 1 has ages 21 14 7: 1/7 2/7 4/7. 2 has ages 4, .75, 0: .258690 .356899 .384411. 3 has ages 19, 1: 2^(-18/7) : 1 = .144006 .855994.
--   12 has ages 11 8 4: 2^-1 : 2^(-4/7) : 1 = .230121 .309718 .460161 of which the last is A. D .285714 + .643101 + 1 + .230121, M .142857 + .356899 + .144006 + 1 + .309718
SELECT medium, is_touched, round(orders, 6) AS orders, round(revenue, 2) AS revenue FROM attribution_by_medium WHERE model = 'time_decay' ORDER BY is_touched DESC, medium;

-- shapley, the seven paths M D A, D M D, M W, M, D, D M A, A: M 1/3 + 1/2 + 1/2 + 1 + 1/3, D 1/3 + 1/2 + 1 + 1/3, A 1/3 + 1/3 + 1, W 1/2
SELECT medium, is_touched, orders, revenue FROM attribution_by_medium WHERE model = 'shapley' ORDER BY is_touched DESC, medium;
-- markov, and the piece of 6 that led to nothing. From the start 4/8 M, 3/8 D, 1/8 A; from M 2/6 D, 1/6 each W, A, an order, nothing; from D 1/5 A, 2/5 M, 2/5 an order; A and W to an order.
--   So 7/8 order, without M .35, without D .375, without A .5, without W .75: effects .6, 4/7, 3/7, 1/7. Of the 7 orders M 4.2/1.742857, D 4/1.742857, A 3/1.742857, W 1/1.742857
SELECT medium, medium_name, is_touched, round(orders, 6) AS orders, round(orders, 6) = round(CASE medium WHEN 'M' THEN 4.2 WHEN 'D' THEN 4 WHEN 'A' THEN 3 WHEN 'W' THEN 1 END / (61 / 35.0), 6) AS as_by_hand, revenue, expense
  FROM attribution_by_model('2026-01-01', '2026-01-31', models => '{markov}') ORDER BY is_touched DESC, medium;
SELECT f.model, sum(f.orders) AS orders, round(sum(f.revenue), 2) AS revenue, count(*) FILTER (WHERE f.orders > 0) AS lines FROM attribution_by_model('2026-01-01', '2026-01-31', 'source_code', models => '{shapley,markov,first}') f GROUP BY 1 ORDER BY 1;

-- within 9 days 1 and 3 have one contact each (A, W), 2 as before, 12 M A, 5 and 11 none. A lead is a milestone of position_w, credited to M: .3 : .3 of D M, .1 for A
SELECT medium, is_touched, orders, revenue FROM attribution_by_model('2026-01-01', '2026-01-31', models => '{first}', lookback_days => 9) ORDER BY is_touched DESC, medium;
SELECT medium, orders, revenue FROM attribution_by_model('2026-01-20', '2026-01-20', models => '{position_w}') WHERE is_touched ORDER BY medium;
-- by code: what was spent on a medium or campaign has none; last first, as asked for
SELECT model, medium, source_code, is_touched, orders, revenue, expense, er_ratio FROM attribution_by_model('2026-01-01', '2026-01-31', 'source_code', '{last,first}');
-- February: one order, its contacts in the last 30 days; from the first refresh on, 31 days before it
SELECT model, medium, orders, revenue, expense FROM attribution_by_model('2026-02-01', '2026-02-28', models => '{last}');
SELECT DISTINCT starts_on, ends_on FROM attribution_by_medium;
UPDATE setting SET value = '1' WHERE setting = 'attribution_report_days';
SELECT model, medium, starts_on, ends_on, orders, revenue FROM attribution_by_medium WHERE model = 'last' ORDER BY medium;
-- nothing in the period
SELECT * FROM attribution_by_model('2024-01-01', '2024-01-31');

-- mistakes
SELECT * FROM attribution_by_model(effort => 'list');
SELECT * FROM attribution_by_model('2026-02-01', '2026-01-01');
SELECT * FROM attribution_by_model(models => '{}');
SELECT * FROM attribution_by_model(models => '{middle}');
SELECT * FROM attribution_by_model(lookback_days => -1);
SELECT * FROM attribution_by_model(half_life_days => 0);
SELECT * FROM attribution_by_model('2024-01-01', '2024-01-31', models => '{first,NULL}');

-- The sample: each model in plain SQL with floating point, from the facts and not from the ledger but for what was matched back.
SET search_path = public, dupex;
SELECT uninstall('paths', drop_data => true) IS NOT NULL AS gone;
SELECT install('paths') IS NOT NULL AS installed;
SELECT load_sample('paths', 0.05) IS NOT NULL AS loaded;
SET search_path = paths, public, dupex;
SELECT refresh_reports('2026-07-01') > 0 AS refreshed;
UPDATE setting SET value = '365' WHERE setting = 'attribution_report_days';
CREATE TEMP TABLE bought AS
SELECT o.customer_id, CASE WHEN o.customer_id = 0 THEN o.customer_order_id ELSE 0 END AS person_no, o.customer_order_id, o.ordered_at, o.revenue, o.source_code AS counts_for, o.method
  FROM order_source o JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed
 WHERE o.ordered_at >= '2025-07-01' AND o.ordered_at < '2026-07-01';
CREATE TEMP TABLE contact AS
WITH mended AS (SELECT DISTINCT ON (customer_id, fact, fact_id) customer_id, fact, fact_id, source_code FROM code_mend ORDER BY customer_id, fact, fact_id, code_mend_id DESC),
answer AS (
    SELECT 'response' AS fact, customer_id, response_id AS fact_id, responded_at AS at, source_code, touch_id FROM response
    UNION ALL SELECT 'lead', customer_id, lead_id, opened_at, source_code, NULL FROM lead UNION ALL SELECT 'visit', customer_id, visit_id, visited_at, source_code, NULL FROM visit WHERE status = 'completed'
    UNION ALL SELECT 'event_registration', customer_id, event_registration_id, registered_at, source_code, NULL FROM event_registration
    UNION ALL SELECT 'event_attendance', customer_id, event_attendance_id, attended_at, source_code, NULL FROM event_attendance
    UNION ALL SELECT 'customer_order', customer_id, customer_order_id, ordered_at, source_code, NULL FROM customer_order)
SELECT a.customer_id, 0::bigint AS person_no, a.at, coalesce(s.source_code, t.source_code)::text AS code
  FROM answer a LEFT JOIN mended m USING (customer_id, fact, fact_id)
  LEFT JOIN source s ON s.source_code = CASE WHEN m.customer_id IS NULL THEN a.source_code ELSE m.source_code END
  LEFT JOIN touch t ON t.customer_id = a.customer_id AND t.touch_id = a.touch_id AND s.source_code IS NULL
 WHERE a.customer_id <> 0 AND coalesce(s.source_code, t.source_code) <> 'UNSOURCED'
UNION ALL SELECT b.customer_id, b.person_no, b.ordered_at, b.counts_for FROM bought b WHERE b.customer_id = 0 AND b.counts_for <> 'UNSOURCED'
UNION ALL
SELECT customer_id, 0, sent_at, source_code::text FROM touch t WHERE customer_id <> 0 AND NOT is_seed AND touch_id NOT IN (SELECT touch_id FROM touch_event e WHERE e.customer_id = t.customer_id AND kind = 'bounced')
UNION ALL
SELECT b.customer_id, 0, (SELECT max(sent_at) FROM touch JOIN customer m USING (customer_id) WHERE m.household_id = c.household_id AND source_code::text = b.counts_for AND sent_at <= b.ordered_at), b.counts_for
  FROM bought b JOIN customer c USING (customer_id) WHERE b.method = 'by household';
DELETE FROM contact WHERE at IS NULL OR code IN (SELECT source_code::text FROM source WHERE is_hold_out);
CREATE TEMP TABLE brute AS
WITH path AS (
    SELECT *, row_number() OVER w AS no, count(*) OVER (PARTITION BY customer_id, customer_order_id) AS touches, count(*) FILTER (WHERE NOT direct) OVER (PARTITION BY customer_id, customer_order_id) AS others
      FROM (SELECT b.*, c.at, c.code, lag(c.code) OVER (PARTITION BY b.customer_id, b.customer_order_id ORDER BY c.at, c.code COLLATE "C") AS before, s.medium IN ('F', 'W') AS direct
              FROM bought b JOIN contact c ON c.customer_id = b.customer_id AND c.person_no = b.person_no AND c.at BETWEEN b.ordered_at - interval '90 days' AND b.ordered_at
              JOIN source s ON s.source_code::text = c.code) x
     WHERE before IS DISTINCT FROM code
    WINDOW w AS (PARTITION BY customer_id, customer_order_id ORDER BY at, code COLLATE "C")
), weight AS (
    SELECT p.*, m.model, CASE m.model WHEN 'first' THEN (no = 1)::int WHEN 'last' THEN (no = touches)::int WHEN 'linear' THEN 1
             WHEN 'last_non_direct' THEN (no = CASE WHEN others = 0 THEN touches ELSE max(no) FILTER (WHERE NOT direct) OVER (PARTITION BY customer_id, customer_order_id, m.model) END)::int
             WHEN 'position_u' THEN CASE WHEN touches <= 2 THEN 1 WHEN no IN (1, touches) THEN .4 ELSE .2 / (touches - 2) END
             WHEN 'time_decay' THEN 2 ^ (-extract(epoch FROM ordered_at - at)::float8 / 86400 / 7)
             WHEN 'shapley' THEN (row_number() OVER (PARTITION BY customer_id, customer_order_id, m.model, code) = 1)::int END AS weight
      FROM path p, unnest('{first,last,last_non_direct,linear,position_u,time_decay,shapley}'::text[]) m(model))
SELECT model, code, sum(part) AS orders, sum(part * revenue::float8) AS revenue
  FROM (SELECT *, weight / sum(weight) OVER (PARTITION BY model, customer_id, customer_order_id) AS part FROM weight) y GROUP BY model, code;
SELECT count(*) > 100 AS orders_of_several FROM (SELECT customer_order_id, count(DISTINCT c.code) AS touches FROM bought b JOIN contact c USING (customer_id, person_no) GROUP BY 1) x WHERE touches > 1;
-- no difference beyond rounding, and no code on one side alone
SELECT b.model IS NULL AS missing, f.model IS NULL AS superfluous, count(*), bool_and(abs(f.orders - b.orders) < 1e-6) AS same_orders, bool_and(abs(f.revenue::float8 - b.revenue) < 1e-2) AS same_revenue
  FROM (SELECT * FROM attribution_by_model(effort => 'source_code') WHERE is_touched AND source_code IS NOT NULL AND orders > 0) f
  FULL JOIN (SELECT * FROM brute WHERE orders > 0) b ON b.model = f.model AND b.code = f.source_code GROUP BY 1, 2;
-- in each model exactly the orders, the revenue and the expense of the period, as the roll-ups have them
SELECT m.model, m.orders = d.orders AS all_orders, m.revenue = d.revenue AS all_revenue, m.expense = e.expense AS all_expense
  FROM (SELECT model, sum(orders) AS orders, sum(revenue) AS revenue, sum(expense) AS expense FROM attribution_by_medium GROUP BY model) m,
       (SELECT sum(orders) AS orders, sum(revenue) AS revenue FROM source_day WHERE date_day BETWEEN '2025-07-01' AND '2026-06-30') d,
       (SELECT sum(expense) AS expense FROM medium_performance_day WHERE date_day BETWEEN '2025-07-01' AND '2026-06-30') e ORDER BY m.model;
-- the function says the same as the view, and by code the same as by medium, but for shapley: two codes of a medium are two players
SELECT count(*) > 0 AS rows, bool_and((f.orders, f.revenue, f.expense, f.medium_name) IS NOT DISTINCT FROM (v.orders, v.revenue, v.expense, v.medium_name)) AS same
  FROM attribution_by_medium v FULL JOIN attribution_by_model() f ON f.model = v.model AND f.medium IS NOT DISTINCT FROM v.medium AND f.is_touched = v.is_touched;
SELECT bool_and(f.orders = v.orders AND f.revenue = v.revenue AND f.expense IS NOT DISTINCT FROM v.expense) AS same
  FROM (SELECT model, medium, is_touched, sum(orders) AS orders, sum(revenue) AS revenue, sum(expense) AS expense FROM attribution_by_model(effort => 'source_code', models => '{first,last,last_non_direct,linear,position_u,time_decay}') GROUP BY 1, 2, 3) f
  FULL JOIN (SELECT * FROM attribution_by_medium WHERE model <> 'shapley') v ON f.model = v.model AND f.medium IS NOT DISTINCT FROM v.medium AND f.is_touched = v.is_touched;
DROP TABLE bought, contact, brute;
SET search_path = public, dupex;
SELECT uninstall('paths', drop_data => true) IS NOT NULL AS gone;
