-- The views of customers' value on an example small enough to be worked out by hand. Beside each
-- query stands how its figures come about.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT install('value_report') IS NOT NULL AS installed;
SET search_path = value_report, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
UPDATE setting SET value = '0' WHERE setting = 'match_back_days';
INSERT INTO list (list, name) VALUES ('01', 'all'), ('02', 'some');
INSERT INTO campaign (campaign, name, purpose) VALUES ('win', 'win them', 'acquire'), ('hold', 'hold them', 'keep'), ('back', 'get them back', 'win back');
INSERT INTO source (source_code, campaign, medium, list) VALUES ('DA01014', 'win', 'D', '01'), ('TA02064', 'hold', 'T', '02'), ('MA01095', 'back', 'M', '01');
INSERT INTO expense (spent_on, amount, source_code) VALUES ('2024-01-20', 100, 'DA01014'), ('2024-06-01', 40, 'TA02064'), ('2025-09-01', 30, 'MA01095');
INSERT INTO expense (spent_on, amount, campaign) VALUES ('2024-01-20', 20, 'win');
INSERT INTO expense (spent_on, amount, medium) VALUES ('2024-01-20', 5, 'M');
INSERT INTO contact_cost VALUES ('call', '2020-01-01', 8), ('visit', '2020-01-01', 60), ('visit', '2025-09-04', 70);
-- 1 recommends 2 and 3; 3 never orders; 5 is a seed name
INSERT INTO customer (customer_id, kind, entered_as, name, recommended_by, is_seed)
VALUES (1, 'internal', 'internal', 'one', NULL, false), (2, 'internal', 'internal', 'two', 1, false), (3, 'external', 'external', 'three', 1, false),
       (4, 'internal', 'internal', 'four', NULL, false), (5, 'internal', 'internal', 'seed', 1, true);
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, source_code)
VALUES (1, 1, '2024-02-01 12:00+00', 200, 120, 'DA01014'), (1, 2, '2024-06-10 12:00+00', 100, 40, 'TA02064'),
       (1, 3, '2025-09-10 12:00+00', 300, 180, 'MA01095'),      -- after fifteen months: won back
       (2, 4, '2025-02-03 12:00+00', 50, 20, 'DA01014'), (4, 5, '2025-03-05 12:00+00', 80, 0, NULL),
       (5, 6, '2025-03-05 12:00+00', 1000, 0, 'DA01014'), (0, 7, '2025-03-05 12:00+00', 700, 0, 'DA01014');
INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount, cost_of_goods, reason) VALUES (2, 4, '2025-02-20 12:00+00', 50, 20, 'broken');
-- three pieces of MA01095 in the year, 10 each; one of DA01014 before it
INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) VALUES (1, 1, 'DA01014', '2024-01-20', false), (1, 2, 'MA01095', '2025-09-01', false),
       (2, 3, 'MA01095', '2025-09-01', false), (4, 4, 'MA01095', '2025-09-01', false), (5, 5, 'MA01095', '2025-09-01', true);
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES (1, 2, 'unsubscribed', '2025-09-03');
INSERT INTO call (customer_id, call_id, called_at, direction, result) VALUES (1, 1, '2025-09-02', 'outbound', 'reached'), (1, 2, '2025-09-03', 'inbound', 'answered');
INSERT INTO visit (customer_id, visit_id, kind, status, visited_at) VALUES (1, 1, 'field call', 'completed', '2025-09-05'), (1, 2, 'reception', 'completed', '2025-09-06'),
       (4, 3, 'field call', 'planned', '2025-09-05');
SELECT refresh_reports('2026-01-01') > 0 AS refreshed, refresh_value('2026-01-01') AS customers;

-- One: 200 + 100 + 300, costs 120 + 40 + 180; in the year 300 - 180; a piece 10, a call 8, a field call 70 by then.
-- Two: all returned. Four: 80 at no cost.
SELECT customer_id, segment, orders, revenue, returned, margin, margin_12_months, cost_to_serve, profit_12_months FROM customer_value ORDER BY customer_id;
-- 200 + 50 of first orders; with the later ones of customer one 650; 100 / 250, 100 / 650, 100 / 2 customers
SELECT source_code, customers, orders, first_revenue, revenue, returned, margin, expense, cost_per_customer, er_ratio_first, er_ratio_to_date,
       er_ratio_lifetime = round(expense / (revenue + expected_revenue), 6) AND er_ratio_lifetime < er_ratio_to_date AS lifetime, lifetime_profit = lifetime_margin - expense AS profit FROM value_by_source ORDER BY source_code;
-- the campaign has 20 more to bear: 120 / 250
SELECT campaign, purpose, customers, expense, cost_per_customer, er_ratio_first FROM value_by_campaign ORDER BY campaign;
-- the list had DA01014 and MA01095: 130 / 250; the medium M 5 of its own
SELECT list, customers, expense, er_ratio_first FROM value_by_list ORDER BY list;
SELECT medium, customers, expense FROM value_by_medium ORDER BY medium;
-- one bought again, of one who came in that month
SELECT cohort_month, customers, orders, revenue, margin, repeat_rate FROM value_by_cohort ORDER BY cohort_month;
SELECT sum(alive_customers) = (SELECT sum(alive) FROM customer_score) AS alive_adds_up, sum(expected_margin) - (SELECT sum(expected_margin) FROM customer_value) AS expected FROM value_by_cohort;
SELECT customer_id, customer_order_id, source_code, campaign, list FROM customer_origin ORDER BY customer_id;
SELECT customer_id, customer_order_id, ordered_on, role, previously_ordered_at FROM order_role ORDER BY customer_id, ordered_at;
SELECT date_month, first_orders, repeat_orders, won_back_orders, first_revenue, repeat_revenue, won_back_revenue, repeat_revenue_share FROM first_and_repeat_orders ORDER BY date_month;
-- 120 / 2 acquired, 40 / 1 kept, 30 / 1 won back
SELECT * FROM campaign_purpose_cost ORDER BY campaign;
SELECT * FROM purpose_cost ORDER BY purpose;
-- 600 of 730, then 80, then 50
SELECT decile_no, customers, revenue, margin, revenue_share, revenue_share_to_here, margin_share FROM value_concentration ORDER BY decile_no;
SELECT customer_id, recommended, customers, revenue, margin, own_margin, customer_rate FROM referral_value;
SELECT segment, segment_no, customers, customer_share, revenue, profit_12_months FROM segment_counts ORDER BY segment_no;

-- What winning a customer may cost. First orders bring 80, 0 and 80; later ones of customer one 180, and what is expected of
-- all three; without a share of what comes later the first orders alone have to pay.
SELECT a.effort_kind, a.effort, a.effort_name, a.customers, a.first_margin_per_customer AS first_margin, a.expense, a.cost_per_customer,
       abs(a.first_margin_per_customer + a.later_margin_per_customer - a.allowable_cost_per_customer) < 0.02 AS adds_up, abs(a.allowable_cost_per_customer - a.cost_per_customer - a.headroom_per_customer) < 0.01 AS headroom,
       abs(a.later_margin_per_customer - (SELECT avg(s.margin + s.expected_margin::numeric) FROM customer_score s JOIN customer_origin o ON o.customer_id = s.customer_id
              WHERE a.effort_kind = 'all' OR a.effort IN (SELECT CASE a.effort_kind WHEN 'source' THEN o.source_code WHEN 'campaign' THEN o.campaign WHEN 'list' THEN o.list ELSE o.medium END)) + a.first_margin_per_customer) < 0.02 AS later,
       a.is_within = (a.cost_per_customer <= a.allowable_cost_per_customer) AS within
  FROM value_allowable_cost a ORDER BY a.effort_kind COLLATE "C", a.effort COLLATE "C";
UPDATE setting SET value = '0' WHERE setting = 'allowable_share';
SELECT effort_kind, effort, allowable_cost_per_customer, headroom_per_customer, is_within, leads, allowable_cost_per_lead FROM value_allowable_cost ORDER BY effort_kind COLLATE "C", effort COLLATE "C";
-- of one customer of the year before all came again: there is no room for more
SELECT medium, customers_before, retained, retention_rate, customers, margin_per_customer, value_per_customer, retention_change, gain FROM value_of_retention ORDER BY medium;

-- Eighteen months later nobody has come back. Of three customers in fifths the best has digit 5 (the middle
-- of his place is 2.5 of 3), by orders and by money too; four has 3 by money. He lost interest in 2026.
INSERT INTO lead (customer_id, lead_id, opened_at, status, closed_at, lost_reason, competitor) VALUES (1, 1, '2026-02-01', 'lost', '2026-03-01', 'price', 'another'), (4, 2, '2026-02-01', 'open', NULL, NULL, NULL);
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_status) VALUES (1, 1, '2026-03-01', 'lost', 'lost'), (4, 2, '2026-02-01', 'opened', 'open');
SELECT refresh_value('2027-06-01');
SELECT customer_id, customer_name, rfm_cell, months_since_order, orders, revenue, margin, margin_a_year, reasons, lead_lost_at, is_unsubscribed, is_complaining FROM customer_win_back;
-- from 2024-02-01 to 2025-09-10 are 1.607 years: 260 / 1.607
SELECT round(260 / (587 * 86400 / 31557600.0), 2) AS margin_a_year;
-- what happened to the forecast: no order in 2026, and none of the open lead
SELECT refresh_reports('2027-06-01') IS NOT NULL AS refreshed;
SELECT part, month_no, starts_on, ends_on, buyers, actual_orders, actual_revenue, expected_revenue_lower IS NULL AS not_tested FROM revenue_forecast
 WHERE as_of = '2026-01-01' AND month_no IN (0, 12) ORDER BY part, month_no;
-- of one closed lead none was won
SELECT part, buyers, expected_orders, expected_revenue, actual_revenue FROM revenue_forecast WHERE as_of = '2027-06-01' AND part = 'open leads';
SELECT date_month, from_segment, to_segment, customers FROM segment_movements_month ORDER BY 1, 2, 3;
SELECT date_month, segment, customers FROM segment_counts_month WHERE date_month IN ('2026-01-01', '2026-02-01', '2027-06-01') ORDER BY 1, 2;
-- 1 comes back, 6 and 7 are new, and of them 6 comes back: two of three retained (all), one of one (D), one of two (none). With a margin of 60 and 15 percent
-- a customer is worth 60 x 1.15 / (1.15 - 2/3), and 60 x 1.15 / (1.15 - 2/3 - 0.05) with five points more
INSERT INTO customer (customer_id, kind, entered_as, name) VALUES (6, 'internal', 'internal', 'six'), (7, 'internal', 'internal', 'seven');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods)
VALUES (6, 8, '2026-01-10 12:00+00', 100, 50), (6, 9, '2027-02-01 12:00+00', 100, 40), (7, 10, '2026-02-10 12:00+00', 100, 20), (1, 11, '2027-03-01 12:00+00', 60, 0);
INSERT INTO lead (customer_id, lead_id, opened_at, status) SELECT 7, n, '2027-03-01', 'open' FROM generate_series(3, 10) n;
INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_status) SELECT 7, n, '2027-03-01', 'opened', 'open' FROM generate_series(3, 10) n;
SELECT refresh_reports('2027-07-01') > 0 AS refreshed, refresh_value('2027-07-01') AS customers;
SELECT medium, medium_name, customers_before AS before, retained, retention_rate, customers, margin_per_customer AS margin, value_per_customer AS value, retention_change AS change, new_value_per_customer AS new_value, gain_per_customer, gain_share, gain
  FROM value_of_retention ORDER BY medium;
SELECT round(60 * 1.15 / (1.15 - 2 / 3.0), 2) AS value, round(60 * 1.15 / (1.15 - 2 / 3.0 - 0.05), 2) AS new_value;
UPDATE setting SET value = '-0.6' WHERE setting = 'retention_change';
SELECT medium, retention_rate, retention_change, gain_per_customer < 0 AS loss FROM value_of_retention ORDER BY medium;
-- ten leads of efforts that won five customers: a lead is worth half of one
SELECT effort_kind, effort, customers, leads, allowable_cost_per_customer, allowable_cost_per_lead, cost_per_lead FROM value_allowable_cost WHERE leads > 0 ORDER BY effort_kind COLLATE "C", effort COLLATE "C";
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;

SET search_path = public, dupex;
SELECT uninstall('value_report', drop_data => true) IS NOT NULL AS gone;
