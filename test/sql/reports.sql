-- The reports on an example small enough to be worked out by hand. Beside each query stands how
-- its figures come about. The business is in Shanghai, eight hours before UTC.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT install('face_report') IS NOT NULL AS installed;
SET search_path = face_report, public, dupex;
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';
UPDATE setting SET value = '0' WHERE setting = 'match_back_days';    -- nothing is matched back: that is tested in match_back

-- One campaign in September 2025: e-mail to group A, direct mail to group B, and a hold-out.
INSERT INTO list (list, name, kind, origin) VALUES ('01', 'customers', 'internal', 'house'), ('02', 'new movers', 'external', 'bought');
INSERT INTO campaign (campaign, name, purpose) VALUES ('autumn', 'autumn 2025', 'acquire');
INSERT INTO test_group (campaign, test_group, name, is_control, is_hold_out) VALUES ('autumn', 'A', 'letter', true, false), ('autumn', 'B', 'card', false, false), ('autumn', 'H', 'nothing', false, true);
INSERT INTO source (source_code, campaign, medium, test_group, list, issued_on, is_control, is_hold_out) VALUES
    ('DA01095', 'autumn', 'D', 'A', '01', '2025-09-01', true, false),
    ('MB02095', 'autumn', 'M', 'B', '02', '2025-09-01', false, false),
    ('DH01095', 'autumn', 'D', 'H', '01', '2025-09-01', false, true);
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'first'), (2, 'second');
INSERT INTO team (team, name) VALUES ('marketing', 'marketing');
INSERT INTO event (event_id, name, kind, campaign, starts_at, status) VALUES (1, 'open day', 'meeting', 'autumn', '2025-09-27 10:00+08', 'held');

-- Twelve people; 4, 7 and 10 were customers before, 11 is a seed name.
INSERT INTO customer (customer_id, name, kind, entered_as, is_seed)
SELECT n, 'customer ' || n, k, k, n = 11 FROM generate_series(1, 12) n, LATERAL (SELECT CASE WHEN n IN (4, 7, 10) THEN 'internal' ELSE 'external' END) x (k);

-- The e-mail goes to 1, 2, 3, 4 and the seed late on 1 September, and to 5 at 17:00 UTC, when it is the 2nd in Shanghai; the card to 6, 8, 12 and 1.
INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) VALUES
    (1, 1, 'DA01095', '2025-09-01 23:30+08', false), (2, 2, 'DA01095', '2025-09-01 23:30+08', false), (3, 3, 'DA01095', '2025-09-01 23:30+08', false),
    (4, 4, 'DA01095', '2025-09-01 23:30+08', false), (11, 5, 'DA01095', '2025-09-01 23:30+08', true), (5, 6, 'DA01095', '2025-09-01 17:00+00', false),
    (6, 7, 'MB02095', '2025-09-10 09:00+08', false), (8, 8, 'MB02095', '2025-09-10 09:00+08', false), (12, 9, 'MB02095', '2025-09-10 09:00+08', false), (1, 10, 'MB02095', '2025-09-10 09:00+08', false);
INSERT INTO hold_out (customer_id, source_code, held_out_at) VALUES (9, 'DH01095', '2025-09-01 23:30+08'), (10, 'DH01095', '2025-09-01 23:30+08');
-- Events come several times and late; the card to 12 comes back.
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES
    (1, 1, 'delivered', '2025-09-01 23:31+08'), (1, 1, 'opened', '2025-09-02 08:00+08'), (1, 1, 'opened', '2025-09-02 08:05+08'), (1, 1, 'clicked', '2025-09-02 08:06+08'), (1, 1, 'clicked', '2025-09-03 08:06+08'),
    (2, 2, 'delivered', '2025-09-01 23:31+08'), (2, 2, 'delivered', '2025-09-01 23:32+08'), (2, 2, 'opened', '2025-09-04 08:00+08'),
    (3, 3, 'delivered', '2025-09-01 23:31+08'), (4, 4, 'bounced', '2025-09-01 23:31+08'),
    (5, 6, 'delivered', '2025-09-02 01:01+08'), (5, 6, 'opened', '2025-09-02 09:00+08'), (5, 6, 'forwarded', '2025-09-02 09:01+08'), (5, 6, 'complained', '2025-10-03 09:00+08'), (5, 6, 'unsubscribed', '2025-10-03 09:00+08'),
    (11, 5, 'delivered', '2025-09-01 23:31+08'), (11, 5, 'opened', '2025-09-02 08:00+08'),
    (12, 9, 'bounced', '2025-09-15 09:00+08');

-- Answers: as quoted; O for 0; unreadable, to be mended; unregistered; none; of the hold-out, matched back; six characters; of the seed.
INSERT INTO response (customer_id, response_id, responded_at, response_channel, salesperson_id, quoted_code, source_code, code_problem)
SELECT c, id, at, channel, salesperson, quoted, coalesce(matched, r.code), r.problem
  FROM (VALUES (1, 1, timestamptz '2025-09-03 10:00+08', 'email', 1, 'DA01095', NULL::source_code), (2, 2, '2025-09-04 10:00+08', 'call', 1, 'da-o1o95', NULL), (6, 3, '2025-09-12 10:00+08', 'coupon', 2, 'MB02095', NULL),
               (8, 4, '2025-09-13 10:00+08', 'call', 2, 'MB02O85', NULL), (3, 5, '2025-09-14 10:00+08', 'call', 1, 'D A', NULL), (0, 6, '2025-09-09 10:00+08', 'web', NULL, NULL, NULL),
               (9, 7, '2025-09-20 10:00+08', 'visit', NULL, NULL, 'DH01095'), (12, 8, '2025-09-30 16:30+00', 'call', 2, 'DA0105', NULL), (11, 9, '2025-09-05 10:00+08', 'call', 1, 'DA01095', NULL))
       v (c, id, at, channel, salesperson, quoted, matched)
  LEFT JOIN LATERAL source_read(quoted, near => at::date) r ON quoted IS NOT NULL;
-- Leads: 1 of an answer, won; 2 of an answer, open; 3 of a visitor, with marketing; 4 of an answer whose code is not registered, but with a code of its own.
INSERT INTO lead (customer_id, lead_id, opened_at, response_id, salesperson_id, team, lead_grade, status, closed_at, customer_order_id, quoted_code, source_code) VALUES
    (1, 1, '2025-09-03 10:05+08', 1, 1, NULL, 'prospective', 'won', '2025-09-15 10:00+08', 1, NULL, NULL), (6, 2, '2025-09-12 10:05+08', 3, 2, NULL, 'intention', 'open', NULL, NULL, NULL, NULL),
    (7, 3, '2025-09-18 11:00+08', NULL, NULL, 'marketing', NULL, 'open', NULL, NULL, NULL, NULL), (8, 4, '2025-09-25 10:00+08', 4, 2, NULL, NULL, 'open', NULL, NULL, 'MB02095', 'MB02095');
INSERT INTO visit (customer_id, visit_id, lead_id, status, planned_visit_id, visited_at) VALUES
    (1, 1, 1, 'completed', NULL, '2025-09-08 10:00+08'), (6, 2, 2, 'planned', NULL, '2025-09-19 10:00+08'), (6, 3, 2, 'completed', 2, '2025-09-19 11:00+08'), (6, 4, 2, 'completed', NULL, '2025-10-02 10:00+08'), (7, 5, 3, 'completed', NULL, '2025-09-18 11:00+08');
-- 2 registers with the code and comes, 5 registers without and does not come, 7 comes unregistered.
INSERT INTO event_registration (customer_id, event_registration_id, event_id, registered_at, quoted_code, source_code) VALUES (2, 1, 1, '2025-09-20 10:00+08', 'DA01095', 'DA01095'), (5, 2, 1, '2025-09-21 10:00+08', NULL, NULL);
INSERT INTO event_attendance (customer_id, event_attendance_id, event_id, attended_at) VALUES (2, 1, 1, '2025-09-27 10:00+08'), (7, 2, 1, '2025-09-27 10:00+08');
-- Orders: 1 of the lead, 2 of the answer, 3 with its own code, 4 without, 5 of the hold-out's answer, 6 of the answer to be mended, 7 of the seed, 8 of somebody unknown when it is October in Shanghai, 9 without.
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, response_id, lead_id, quoted_code, source_code) VALUES
    (1, 1, '2025-09-15 10:00+08', 1000, 600, NULL, 1, NULL, NULL), (2, 2, '2025-09-16 10:00+08', 500, 300, 2, NULL, NULL, NULL), (6, 3, '2025-10-05 10:00+08', 800, 480, NULL, NULL, 'MB02095', 'MB02095'),
    (7, 4, '2025-09-18 11:30+08', 300, 200, NULL, NULL, NULL, NULL), (9, 5, '2025-09-22 10:00+08', 200, 120, 7, NULL, NULL, NULL), (3, 6, '2025-11-02 10:00+08', 400, 240, 5, NULL, NULL, NULL),
    (11, 7, '2025-09-05 10:00+08', 999, 0, 9, NULL, NULL, NULL), (0, 8, '2025-09-30 17:00+00', 100, 60, NULL, NULL, NULL, NULL), (1, 9, '2025-10-20 10:00+08', 200, 120, NULL, NULL, NULL, NULL);
INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount, cost_of_goods) VALUES (2, 2, '2025-10-01 10:00+08', 100, 60), (7, NULL, '2025-09-29 10:00+08', 50, 0);
INSERT INTO expense (spent_on, amount, source_code, campaign, medium) VALUES ('2025-09-01', 100, 'DA01095', NULL, NULL), ('2025-09-05', 240, 'MB02095', NULL, NULL), ('2025-10-01', -40, 'MB02095', NULL, NULL),
    ('2025-09-01', 60, NULL, 'autumn', NULL), ('2025-09-30', 30, NULL, NULL, 'D'), ('2025-10-31', 12.50, NULL, NULL, 'M');

-- The code of answer 5 is mended between two refreshes; the order that hangs on it moves along.
SELECT refresh_reports('2025-11-14 12:00+08') > 0 AS refreshed;
INSERT INTO code_mend (customer_id, fact, fact_id, source_code, reason) VALUES (3, 'response', 5, 'DA01095', 'asked back');
SELECT refresh_reports('2025-11-15 12:00+08') > 0 AS refreshed;
SELECT fact, sign, date_day, source_code, method, amount FROM attribution WHERE customer_id = 3 ORDER BY fact, attribution_id, sign;
-- how each fact counts now; those of the seed 11 do not
SELECT fact, string_agg(fact_id || ' ' || source_code::text || ' ' || method, ', ' ORDER BY fact_id) AS counts
  FROM (SELECT fact, fact_id, source_code, method FROM attribution WHERE fact <> 'new_name' GROUP BY fact, fact_id, source_code, method HAVING sum(sign) = 1) x GROUP BY fact ORDER BY fact;
SELECT customer_id, date_day, source_code FROM attribution WHERE fact = 'new_name' GROUP BY customer_id, date_day, source_code HAVING sum(sign) = 1 ORDER BY customer_id;

-- The zone decides the day: the e-mail to 5 counts on 2 September, answer 8 and order 8 on 1 October.
SELECT date_day, source_code, pieces, delivered, opened, clicked, bounced, responses, orders FROM source_performance_day WHERE pieces + responses + orders > 0 ORDER BY date_day, source_code;

-- DA01095: 5 pieces (1 2 3 4 5), of which 4 came back; answers 1 2 5; new names 1 2 3; lead 1; orders 1 2 6 = 1000 + 500 + 400; return of 100; goods 600 + 300 + 240 - 60 = 1080.
-- MB02095: 4 pieces, 1 came back; answer 3; leads 2 4; visits 3 4; order 3; expense 240 - 40.
-- DH01095: 2 people; answer 7; order 5.
-- UNSOURCED: answers 4 6 8; new names 5 8 12; lead 3; visit 5; registration of 5, attendance of 7; orders 4 8 9 = 300 + 100 + 200; return of 50; goods 200 + 60 + 120.
SELECT source_code, pieces, net_pieces, held_out, delivered, opened, clicked, bounced, responses, new_names, leads, visits, registrations, attendances, orders FROM source_performance ORDER BY source_code;
SELECT source_code, revenue, returned, cost_of_goods, expense, profit FROM source_performance ORDER BY source_code;
-- response_rate 3/4, 1/3, 1/2; limits after Wilson (p + z2/2n +- z sqrt(pq/n + z2/4n2)) / (1 + z2/n), z2 = 3.841459:
--   3/4: (.750000 + .480182 +- 1.959964 x .326952) / 1.960365 = .627527 +- .326885
--   1/3: (.333333 + .640243 +- 1.959964 x .425183) / 2.280486 = .426916 +- .365424
--   1/2: (.500000 + .960365 +- 1.959964 x .604228) / 2.920729 = .500000 +- .405469
-- conversion 3/3, 1/1, 1/1 and 0/3: what has no code converts nothing
-- E:R 100/1900, 200/800, 0/200, 0/600; break-even E:R (1900-100-1080)/1900 = 720/1900, 320/800, 80/200, (600-50-380)/600
SELECT source_code, response_rate, response_rate_lower, response_rate_upper, conversion_rate, attendance_rate, er_ratio, break_even_er_ratio FROM source_performance ORDER BY source_code;
-- CPO 100/3, 200/1; CPL 100/1, 200/2; per answer and new name 100/3, 200/1; average 1900/3; revenue per piece 1900/5, 800/4; profit per piece 620/5, 120/4
-- break-even response: expense per piece / margin per order = (100/5) / (720/3) = .083333, (200/4) / (320/1) = .15625
SELECT source_code, cost_per_order, cost_per_lead, cost_per_response, cost_per_new_name, average_order, revenue_per_piece, profit_per_piece, break_even_response FROM source_performance ORDER BY source_code;

-- D: DA01095 and 30 of its own; M: MB02095 and 12.50; none: UNSOURCED and the 60 of the campaign. The hold-out is in none of these.
-- E:R 130/1900, 212.5/800, 60/600; CPO 130/3, 212.5, 60/3; break-even response (130/5)/(720/3), (212.5/4)/320
SELECT medium, medium_name, pieces, net_pieces, responses, leads, orders, revenue, expense, profit, er_ratio, cost_per_order, cost_per_lead, break_even_response FROM medium_performance ORDER BY medium;
-- 01: DA01095; 02: MB02095; none: UNSOURCED and all shared expenses, 60 + 30 + 12.50
SELECT list, list_name, kind, pieces, responses, orders, revenue, expense, profit, er_ratio, cost_per_order FROM list_performance ORDER BY list;
-- one code in each group
SELECT campaign, test_group, test_group_name, is_control, is_hold_out, pieces, net_pieces, responses, orders, revenue, expense, profit, response_rate FROM test_group_performance ORDER BY test_group;
-- autumn: DA01095 + MB02095 + 60 of its own: goods 1080 + 480, margin 2700 - 100 - 1560 = 1040, E:R 360/2700, CPO 360/4, CPL 360/3, profit 1040 - 360, break-even response (360/9)/(1040/4);
-- response 4/7: (.571429 + .274390 +- 1.959964 x .233634) / 1.548780 = .546119 +- .295661. None: UNSOURCED + 30 + 12.50
SELECT campaign, pieces, net_pieces, bounced, responses, new_names, leads, visits, registrations, attendances, orders, revenue, returned, cost_of_goods, expense FROM campaign_performance ORDER BY campaign;
SELECT campaign, response_rate, response_rate_lower, response_rate_upper, er_ratio, break_even_er_ratio, cost_per_order, cost_per_lead, average_order, revenue_per_piece, profit_per_piece, break_even_response, profit FROM campaign_performance ORDER BY campaign;
-- September: answers 1 to 6, visits 1 3 5, orders 1 2 4, expenses 100 + 240 + 60 + 30. October: answer 8, visit 4, orders 3 8 9, the return of order 2, expenses 12.50 - 40. November: order 6.
SELECT date_month, pieces, responses, new_names, leads, visits, registrations, attendances, orders, revenue, returned, cost_of_goods, expense, profit FROM month_performance ORDER BY date_month;
-- conversion 2/6 (orders 1 2; 4 has no code), 1/1 (order 3; 8 9 have no code); E:R 430/1800, -27.5/1100; CPO 430/3, -27.5/3; CPL 430/4
SELECT date_month, response_rate, coded_orders, conversion_rate, attendance_rate, er_ratio, cost_per_order, cost_per_lead FROM month_performance ORDER BY date_month;

-- The sums of any two views agree; source_performance has the hold-out too and no shared expense.
SELECT 'medium' AS by, sum(pieces) AS pieces, sum(responses) AS responses, sum(orders) AS orders, sum(revenue) AS revenue, sum(expense) AS expense, sum(profit) AS profit FROM medium_performance
UNION ALL SELECT 'medium, day', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense), sum(profit) FROM medium_performance_day
UNION ALL SELECT 'list', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense), sum(profit) FROM list_performance
UNION ALL SELECT 'campaign', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense), sum(profit) FROM campaign_performance
UNION ALL SELECT 'month', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense), sum(profit) FROM month_performance
UNION ALL SELECT 'source', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense) + 102.5, sum(profit) - 102.5 FROM source_performance WHERE NOT is_hold_out
UNION ALL SELECT 'source, day', sum(pieces), sum(responses), sum(orders), sum(revenue), sum(expense) + 102.5, sum(profit) - 102.5 FROM source_performance_day WHERE NOT is_hold_out;

-- A: 3 of 4 against 1 of 2; 1900/4 = 475 a head against 100: 1900 - 4 x 100 = 1500 more, 400/1900 organic, E:R of what was added 100/1500.
--   limits after Newcombe: .25 - sqrt((.75 - .300642)2 + (.905469 - .5)2) = .25 - .605250, .25 + sqrt((.954413 - .75)2 + (.5 - .094531)2) = .25 + .454081
-- B: 1 of 3 against 1 of 2; 800 - 3 x 100 = 500, 300/800, 200/500; -.166667 - .488163, -.166667 + .612448
SELECT test_group, people, responses, orders, revenue, expense, hold_out_people, hold_out_responses, hold_out_orders, hold_out_revenue FROM hold_out_comparison ORDER BY test_group;
SELECT test_group, response_rate, hold_out_response_rate, response_difference, response_difference_lower, response_difference_upper FROM hold_out_comparison ORDER BY test_group;
SELECT test_group, order_rate, hold_out_order_rate, order_difference, order_difference_lower, order_difference_upper FROM hold_out_comparison ORDER BY test_group;
SELECT test_group, revenue_per_person, hold_out_revenue_per_person, incremental_revenue, organic_share, incremental_er_ratio FROM hold_out_comparison ORDER BY test_group;

-- Of 5 sent 4 delivered, 3 opened (twice by 1: once), 1 clicked, 1 forwarded, 1 complained, 1 opted out in October, 1 bounced; 3 orders
SELECT source_code, pieces, delivered, opened, clicked, forwarded, bounced, complained, unsubscribed, responses, leads, orders, revenue, expense FROM email_performance;
SELECT delivery_rate, open_rate, click_rate, click_through_rate, bounce_rate, complaint_rate, unsubscribe_rate, conversion_of_sent, conversion_of_opened, conversion_of_clicked, leads_per_piece, er_ratio FROM email_performance;

-- Contacted first in September: 1 2 3 4 5 6 8 12 (not the seed, not the hold-out). Orders of these: 1 and 2 in September, 3 and 9 in October (9 is 1's second), 6 in November, which is not over.
-- First order in September: 1 2 7 9, in October: 6, in November: 3; order 8 is nobody's. December has not begun: no row.
SELECT cohort_basis, cohort_month, age_label AS age, cohort_size AS size, is_complete, converted, converted_to_date AS to_date, conversion_rate, buyers, buyer_rate, orders, revenue, returned, revenue_per_person_to_date AS per_person
  FROM cohort_conversion ORDER BY cohort_basis DESC, cohort_month, age_months;

-- Answers 4 and 8; answer 5 has been mended.
SELECT fact, customer_id, fact_id, happened_at, quoted_code, read_as, status, problem, split_part(suggestions, ', ', 1) AS first_suggestion FROM unreadable_codes ORDER BY fact_id;
-- first: e-mail 1; calls 2 and 5 (mended later, but not readable). second: coupon 3; calls 4 (not registered) and 8. nobody: web 6, visit 7 (matched, but no code was quoted). The seed's answer 9 is left out.
SELECT * FROM code_quality ORDER BY salesperson_id, response_channel;
-- the leads 2 3 4; their last completed visits 4, 5 and none
SELECT customer_id, lead_id, customer_name, lead_grade, salesperson, team, opened_at, last_visit_at, source_code, medium FROM lead_board ORDER BY lead_id;
-- a lead of the seed is on no board
INSERT INTO lead (customer_id, lead_id, opened_at) VALUES (11, 99, '2025-09-13 10:00+08');
SELECT count(*) AS of_the_seed FROM lead_board WHERE customer_id = 11 OR lead_id = 99;
DELETE FROM lead WHERE lead_id = 99;
SELECT report, as_of, refreshed_at >= rebuilt_at AS refreshed FROM report_status;

-- A rebuild gives the same.
CREATE TEMP TABLE before AS SELECT to_jsonb(s) AS r FROM source_performance_day s UNION ALL SELECT to_jsonb(c) FROM cohort_conversion c UNION ALL SELECT to_jsonb(m) FROM medium_performance m;
SELECT rebuild_reports() > 0 AS rebuilt;
SELECT count(*) AS differences FROM (SELECT to_jsonb(s) AS r FROM source_performance_day s UNION ALL SELECT to_jsonb(c) FROM cohort_conversion c UNION ALL SELECT to_jsonb(m) FROM medium_performance m) n
  FULL JOIN before b USING (r) WHERE n.r IS NULL OR b.r IS NULL;
DROP TABLE before;

-- A filter is pushed down to the table that holds the column, below the aggregate: no node but scans of tables has it.
CREATE FUNCTION pg_temp.filtered(view text, condition text, OUT relations text[], OUT is_elsewhere boolean) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE format('EXPLAIN (COSTS OFF, FORMAT JSON) SELECT * FROM %I WHERE %s', view, condition) INTO plan;
    WITH RECURSIVE node AS (
        SELECT plan->0->'Plan' AS n
        UNION ALL
        SELECT c FROM node, json_array_elements(n->'Plans') c)
        SELECT array_agg(n->>'Relation Name'), bool_or(n->>'Relation Name' IS NULL AND n->>'Index Name' IS NULL) INTO relations, is_elsewhere
          FROM node WHERE concat(n->>'Filter', n->>'Index Cond', n->>'Recheck Cond') LIKE '%' || split_part(condition, ' = ', 2) || '%';
END $$;
SELECT view, condition, relation = ANY (f.relations) AS on_the_table, f.is_elsewhere
  FROM (VALUES ('source_performance', 'medium = ''D''', 'source'), ('source_performance', 'campaign = ''autumn''', 'source'), ('source_performance', 'list = ''01''', 'source'),
               ('source_performance_day', 'date_day = ''2025-09-01''', 'source_day'), ('source_performance_day', 'medium = ''D''', 'source'), ('medium_performance', 'medium = ''D''', 'source'),
               ('list_performance', 'list = ''01''', 'source'), ('campaign_performance', 'campaign = ''autumn''', 'source'), ('test_group_performance', 'test_group = ''A''', 'test_group'),
               ('email_performance', 'campaign = ''autumn''', 'source')) t (view, condition, relation),
       LATERAL pg_temp.filtered(view, condition) f;

-- Published numbers. The economics of direct mail: break-even response = cost / (quantity x margin), allowable cost = margin.
--   1: 2,000 pieces for 1,580, 400 earned per order: .1975 % pays for itself; 4 orders are .2 %, 1,600 - 1,580 = 20 earned
--   2: .65 a piece, 5 % returned, 60 % margin on the rest: .65 / (.95 x .60) = 1.140351 revenue per piece to break even
--   3: 1.30 a piece at 40 %, .90 spent: -.38 a piece
--   4: orders of 2,400 at 20 %: 480 may be spent per order, a fifth of that per lead when every fifth lead buys
INSERT INTO source (source_code, medium, issued_on) VALUES ('MA11105', 'M', '2025-10-01'), ('MA12105', 'M', '2025-10-01'), ('MA13105', 'M', '2025-10-01'), ('MA14105', 'M', '2025-10-01');
INSERT INTO touch (customer_id, source_code, sent_at) SELECT 0, 'MA11105', '2025-10-01 09:00+08' FROM generate_series(1, 2000);
INSERT INTO touch (customer_id, source_code, sent_at) SELECT 0, c::source_code, '2025-10-01 09:00+08' FROM unnest('{MA12105,MA13105}'::text[]) c, generate_series(1, 100);
INSERT INTO lead (customer_id, opened_at, source_code) SELECT 0, '2025-10-02 09:00+08', 'MA14105' FROM generate_series(1, 5);
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, source_code)
SELECT 0, 100 + n, '2025-10-03 09:00+08', 1000, 600, 'MA11105' FROM generate_series(1, 4) n
UNION ALL VALUES (0, 105, timestamptz '2025-10-03 09:00+08', 150, 60, source_code 'MA12105'), (0, 106, '2025-10-03 09:00+08', 130, 78, 'MA13105'), (0, 107, '2025-10-03 09:00+08', 2400, 1920, 'MA14105');
INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount, cost_of_goods) VALUES (0, 105, '2025-10-10 09:00+08', 7.50, 3);
INSERT INTO expense (spent_on, amount, source_code) VALUES ('2025-10-01', 1580, 'MA11105'), ('2025-10-01', 65, 'MA12105'), ('2025-10-01', 90, 'MA13105');

-- Wilson's limits (Newcombe, Statistics in Medicine 17, 1998, page 857, 81/263, 15/148, 0/20, 1/29), of the first with two pieces more that came back.
INSERT INTO source (source_code, medium, issued_on) VALUES ('MW11105', 'M', '2025-10-01'), ('MW12105', 'M', '2025-10-01'), ('MW13105', 'M', '2025-10-01'), ('MW14105', 'M', '2025-10-01');
INSERT INTO touch (customer_id, touch_id, source_code, sent_at) SELECT 0, 10000 * k + n, c::source_code, '2025-10-01 09:00+08'
  FROM (VALUES (1, 'MW11105', 265), (2, 'MW12105', 148), (3, 'MW13105', 20), (4, 'MW14105', 29)) v (k, c, pieces), generate_series(1, pieces) n;
INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) VALUES (0, 10001, 'bounced', '2025-10-02 09:00+08'), (0, 10002, 'bounced', '2025-10-02 09:00+08'), (0, 10002, 'bounced', '2025-10-03 09:00+08');
INSERT INTO response (customer_id, response_id, responded_at, source_code) SELECT 0, 1000 * k + n, '2025-10-02 09:00+08', c::source_code FROM (VALUES (1, 'MW11105', 81), (2, 'MW12105', 15), (4, 'MW14105', 1)) v (k, c, answers), generate_series(1, answers) n;

-- Newcombe's limits of a difference (Statistics in Medicine 17, 1998, page 873): 5/56 - 0/29, and 56/70 - 48/80; the second with 4.00 a head against 3.00, so that 75 % would have come anyway.
INSERT INTO campaign (campaign, name) VALUES ('first', 'first trial'), ('second', 'second trial');
INSERT INTO test_group (campaign, test_group, name, is_hold_out) SELECT c, g, g, g = 'H' FROM unnest('{first,second}'::text[]) c, unnest('{A,B,H}'::text[]) g;
INSERT INTO source (source_code, campaign, medium, test_group, issued_on, is_hold_out) VALUES
    ('DA21105', 'first', 'D', 'A', '2025-10-01', false), ('DH21105', 'first', 'D', 'H', '2025-10-01', true), ('DA22105', 'second', 'D', 'A', '2025-10-01', false), ('DH22105', 'second', 'D', 'H', '2025-10-01', true);
INSERT INTO touch (customer_id, source_code, sent_at) SELECT 0, c::source_code, '2025-10-01 09:00+08' FROM (VALUES ('DA21105', 56), ('DA22105', 70)) v (c, pieces), generate_series(1, pieces);
INSERT INTO hold_out (customer_id, source_code, held_out_at) SELECT 0, c::source_code, '2025-10-01 09:00+08' FROM (VALUES ('DH21105', 29), ('DH22105', 80)) v (c, people), generate_series(1, people);
INSERT INTO response (customer_id, response_id, responded_at, source_code) SELECT 0, 5000 + n, '2025-10-02 09:00+08', 'DA21105' FROM generate_series(1, 5) n;
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, source_code) SELECT 0, 1000 * k + n, '2025-10-03 09:00+08', 5, c::source_code FROM (VALUES (1, 'DA22105', 56), (2, 'DH22105', 48)) v (k, c, orders), generate_series(1, orders) n;
INSERT INTO expense (spent_on, amount, source_code) VALUES ('2025-10-01', 14, 'DA22105');
SELECT refresh_reports('2025-11-15 12:00+08') > 0 AS refreshed;

SELECT source_code, break_even_response, (orders::numeric / pieces)::numeric(12,6) AS response, profit FROM source_performance WHERE source_code = 'MA11105';
SELECT source_code, break_even_er_ratio, (expense / pieces / break_even_er_ratio)::numeric(12,6) AS break_even_revenue_per_piece FROM source_performance WHERE source_code = 'MA12105';
SELECT source_code, revenue_per_piece, break_even_er_ratio, profit_per_piece FROM source_performance WHERE source_code = 'MA13105';
SELECT source_code, (average_order * break_even_er_ratio)::numeric(12,2) AS allowable_cpo, (average_order * break_even_er_ratio * orders / leads)::numeric(12,2) AS allowable_cpl FROM source_performance WHERE source_code = 'MA14105';
SELECT source_code, pieces, net_pieces, responses, response_rate_lower, response_rate_upper FROM source_performance WHERE source_code LIKE 'MW%' ORDER BY source_code;
SELECT campaign, test_group, people, responses, hold_out_people, hold_out_responses, response_difference_lower, response_difference_upper FROM hold_out_comparison WHERE campaign = 'first';
SELECT campaign, test_group, people, orders, hold_out_people, hold_out_orders, order_difference_lower, order_difference_upper, revenue_per_person, hold_out_revenue_per_person, organic_share, incremental_revenue, incremental_er_ratio
  FROM hold_out_comparison WHERE campaign = 'second';
-- groups B have nothing yet: they stand in the table of the test, and are not compared
SELECT campaign, test_group, pieces, response_rate FROM test_group_performance WHERE campaign <> 'autumn' ORDER BY campaign, test_group;

-- another confidence: z = 1.644854, z2 = 2.705543, 3/4: (.750000 + .338193 +- 1.644854 x .298578) / 1.676386 = .649131 +- .292962; and millions of orders without an answer do not make a rate overflow
UPDATE setting SET value = '0.90' WHERE setting = 'confidence';
SELECT response_rate_lower, response_rate_upper FROM source_performance WHERE source_code = 'DA01095';
UPDATE source_day SET orders = 3000000 WHERE date_day = '2025-09-12';
SELECT source_code, responses, orders, coded_orders, conversion_rate FROM source_performance_day WHERE date_day = '2025-09-12';

SET search_path = public, dupex;
SELECT uninstall('face_report', drop_data => true) IS NOT NULL AS gone;
