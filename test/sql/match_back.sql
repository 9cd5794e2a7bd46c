-- Match-back: the windows of the published table of drops, the published reconciliation, the
-- hold-out correction, whom and what an order may be matched to, what comes late, and the
-- allocation of what remains unknown. At the end each refresh is held against a rebuild.
SET client_min_messages = error;
SELECT dupex.install('match_test') IS NOT NULL AS installed;
RESET client_min_messages;
SET search_path = match_test, dupex, public;
SET TimeZone = 'UTC';
SET datestyle = ISO;
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';
CREATE FUNCTION pg_temp.ledger(OUT ledger text) LANGUAGE sql AS $$
    SELECT md5(coalesce(string_agg(l, E'\n' ORDER BY l), '')) FROM (
        SELECT row(customer_id, fact, fact_id, date_day, source_code, method, amount)::text AS l FROM attribution
         GROUP BY customer_id, fact, fact_id, date_day, source_code, method, amount HAVING sum(sign) <> 0
         UNION ALL
        SELECT row(date_day, source_code, orders, matched_orders, trim_scale(revenue), trim_scale(matched_revenue), held_out)::text FROM source_day WHERE (orders, revenue, held_out) <> (0, 0, 0)) x $$;
CREATE FUNCTION pg_temp.refresh_is_rebuild() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    refreshed text;
BEGIN
    PERFORM match_test.refresh_reports('2008-06-01');
    refreshed := pg_temp.ledger();
    PERFORM match_test.rebuild_reports();
    RETURN refreshed = pg_temp.ledger();
END $$;
CREATE VIEW pg_temp.found AS
SELECT o.customer_id, (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date AS ordered_on, o.source_code, o.method FROM order_source o;
SELECT refresh_reports() IS NOT NULL AS first_refresh;

-- Four drops of list 01 on 1 Sep, 3 Oct, 1 Nov and 5 Dec, the last until 31 Dec (Coogan): the windows are
-- 1 Sep to 2 Oct, 3 to 31 Oct, 1 Nov to 4 Dec, 5 to 31 Dec. Each of four people got one of them,
-- and orders every day at noon of Shanghai. List 02 has one drop: 90 days.
INSERT INTO campaign (campaign, name) VALUES ('autumn', 'autumn'), ('mail', 'mail'), ('test', 'test');
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'rented'), ('03', 'exchanged');
INSERT INTO source (source_code, campaign, medium, list, in_home_on, answers_until) VALUES
    ('KA01097', 'autumn', 'K', '01', '2007-09-01', NULL), ('KA01107', 'autumn', 'K', '01', '2007-10-03', NULL),
    ('KA01117', 'autumn', 'K', '01', '2007-11-01', NULL), ('KA01127', 'autumn', 'K', '01', '2007-12-05', '2007-12-31'),
    ('KA02097', 'autumn', 'K', '02', '2007-09-01', NULL);
INSERT INTO customer (customer_id) SELECT generate_series(1, 5);
INSERT INTO touch (customer_id, source_code, sent_at) SELECT n, source_code, in_home_on - 4
  FROM (SELECT row_number() OVER (ORDER BY list, in_home_on) AS n, s.* FROM source s WHERE campaign = 'autumn') s;
INSERT INTO customer_order (customer_id, ordered_at, revenue) SELECT c, d, 10 FROM generate_series(1, 5) c, generate_series(timestamptz '2007-08-20 12:00+08', '2008-01-20 12:00+08', '1 day') d;
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, method, min(ordered_on), max(ordered_on), count(*) FROM pg_temp.found GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS of_others FROM order_source WHERE is_matched_back AND source_code <> (SELECT t.source_code::text FROM touch t WHERE t.customer_id = order_source.customer_id);
SELECT pg_temp.refresh_is_rebuild();

-- the registry changes: another greatest length, a drop that is announced late, a last day, a drop that was not sent
UPDATE setting SET value = '30' WHERE setting = 'match_back_days';
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, min(ordered_on), max(ordered_on), count(*) FROM pg_temp.found WHERE source_code <> 'UNSOURCED' GROUP BY 1 ORDER BY 1;
UPDATE setting SET value = '90' WHERE setting = 'match_back_days';
INSERT INTO source (source_code, campaign, medium, list, in_home_on) VALUES ('KB01097', 'autumn', 'K', '01', '2007-09-15');
UPDATE source SET answers_until = '2007-11-10' WHERE source_code = 'KA01107';
UPDATE source SET in_home_on = NULL WHERE source_code = 'KA01127';
UPDATE source SET in_home_on = '2007-09-03' WHERE source_code = 'KA02097';
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, min(ordered_on), max(ordered_on), count(*) FROM pg_temp.found WHERE source_code <> 'UNSOURCED' GROUP BY 1 ORDER BY 1;
SELECT pg_temp.refresh_is_rebuild();
SELECT refresh_reports() AS nothing_to_do;
DELETE FROM customer_order;
DELETE FROM touch;
SELECT rebuild_reports() IS NOT NULL AS rebuilt;

-- Reconciliation (Lett): orders with a code and matched, A 4000 + 1400 = 5400, B 2271 + 455 = 2726,
-- C 1906 + 1100 = 3006, unknown 3755 (31.47 %) before and 800 (6.70 %) after, 11,932 in all. The
-- pieces of every other match went to somebody else of the household.
INSERT INTO source (source_code, campaign, medium, in_home_on) VALUES ('MA01098', 'mail', 'M', '2008-03-01'), ('MB01098', 'mail', 'M', '2008-03-01'), ('MC01098', 'mail', 'M', '2008-03-01');
INSERT INTO customer (customer_id, household_id) SELECT i, i FROM generate_series(10001, 10000 + 11932) i;
INSERT INTO customer (customer_id, household_id) SELECT 100000 + i, i FROM generate_series(10001, 10000 + 11932) i;
CREATE TEMP TABLE plan AS
SELECT 10000 + row_number() OVER (ORDER BY n, i) AS person, p.code, p.is_coded
  FROM (VALUES (1, 'MA01098', true, 4000), (2, 'MB01098', true, 2271), (3, 'MC01098', true, 1906),
               (4, 'MA01098', false, 1400), (5, 'MB01098', false, 455), (6, 'MC01098', false, 1100), (7, NULL, false, 800)) p (n, code, is_coded, orders),
       generate_series(1, p.orders) i;
INSERT INTO customer_order (customer_id, ordered_at, revenue, quoted_code, source_code)
SELECT person, '2008-03-20', 100, CASE WHEN is_coded THEN code END, CASE WHEN is_coded THEN code::source_code END FROM plan;
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, orders_given, orders_by_person, orders_by_household, orders, round(100.0 * orders / sum(orders) OVER (), 2) AS percent FROM match_back_reconciliation ORDER BY 1;
INSERT INTO touch (customer_id, source_code, sent_at) SELECT person + (person % 2) * 100000, code::source_code, '2008-02-27' FROM plan WHERE code IS NOT NULL;
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, orders_given, orders_by_person + orders_by_household AS orders_matched, orders, round(100.0 * orders / sum(orders) OVER (), 2) AS percent, revenue
  FROM match_back_reconciliation ORDER BY 1;
SELECT sum(orders) AS orders, sum(orders_by_person) AS by_person, sum(orders_by_household) AS by_household, sum(revenue) AS revenue FROM match_back_reconciliation;

-- What is still unknown, 80,000, in proportion to 540,000 : 272,600 : 300,600, in columns of its own.
-- Each month by itself: the revenue of April is known to A alone; that of May is unknown and stays so.
INSERT INTO customer_order (customer_id, ordered_at, revenue, source_code) VALUES (10001, '2008-04-02', 100, 'MA01098'), (21932, '2008-04-03', 50, NULL), (21932, '2008-05-02', 7, NULL);
INSERT INTO expense (spent_on, amount, source_code) VALUES ('2008-03-01', 60000, 'MA01098');
SELECT refresh_reports() > 0 AS refreshed;
SELECT date_month, source_code, expense, revenue, allocated_revenue, revenue_with_allocation, er_ratio, er_ratio_with_allocation FROM revenue_allocation_month ORDER BY 1, 2;
SELECT source_code, revenue, allocated_revenue, revenue_with_allocation, er_ratio, er_ratio_with_allocation FROM revenue_allocation ORDER BY 1;
SELECT sum(revenue) = sum(revenue_with_allocation) AS nothing_is_lost, sum(revenue) = (SELECT sum(revenue) FROM customer_order) AS all_orders FROM revenue_allocation;
SELECT pg_temp.refresh_is_rebuild();
DELETE FROM customer_order;
DELETE FROM touch;
DELETE FROM expense;
SELECT rebuild_reports() IS NOT NULL AS rebuilt;

-- Hold-out (Hillstrom's example): 4.00 a customer of those mailed, 3.00 of those held out: 75 % of what
-- was matched would have come anyway. The orders of both are matched, none has a code.
INSERT INTO test_group (campaign, test_group, name, is_hold_out) VALUES ('test', 'A', 'mailed', false), ('test', 'H', 'held out', true);
INSERT INTO source (source_code, campaign, medium, test_group, list, in_home_on, is_hold_out) VALUES
    ('MA03088', 'test', 'M', 'A', '03', '2008-02-01', false), ('MH03088', 'test', 'M', 'H', '03', '2008-02-01', true);
INSERT INTO touch (customer_id, source_code, sent_at) SELECT 10000 + i, 'MA03088', '2008-01-30' FROM generate_series(1, 200) i;
INSERT INTO hold_out (customer_id, source_code, held_out_at) SELECT 10300 + i, 'MH03088', '2008-01-30' FROM generate_series(1, 100) i;
INSERT INTO customer_order (customer_id, ordered_at, revenue) SELECT 10000 + i, '2008-02-10', 40 FROM generate_series(1, 20) i;
INSERT INTO customer_order (customer_id, ordered_at, revenue) SELECT 10300 + i, '2008-02-10', 30 FROM generate_series(1, 10) i;
-- a seed name that was held out counts nowhere
INSERT INTO customer (customer_id, is_seed) VALUES (9, true);
INSERT INTO hold_out (customer_id, source_code, held_out_at) VALUES (9, 'MH03088', '2008-01-30');
INSERT INTO customer_order (customer_id, ordered_at, revenue) VALUES (9, '2008-02-10', 9999);
SELECT refresh_reports() > 0 AS refreshed;
SELECT test_group, people, revenue, revenue_per_person, hold_out_people, hold_out_revenue, hold_out_revenue_per_person, organic_revenue, organic_share, incremental_revenue FROM hold_out_comparison;
SELECT source_code, method, is_hold_out, count(*) FROM order_source GROUP BY 1, 2, 3 ORDER BY 1;
-- what people who got nothing bought is in no sum of a medium
SELECT medium, orders, coded_orders, matched_orders, revenue, matched_revenue, conversion_rate FROM medium_performance WHERE orders > 0;
-- one of them has the code, one answers with it and orders twice: 3 of 23 orders of 920 are not matched, conversion is 3/1
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (10190, 77, '2008-02-11', 'MA03088', 'MA03088');
INSERT INTO customer_order (customer_id, ordered_at, revenue, quoted_code, source_code, response_id) VALUES
    (10189, '2008-02-12', 40, 'MA03088', 'MA03088', NULL), (10190, '2008-02-12', 40, NULL, NULL, 77), (10190, '2008-02-13', 40, NULL, NULL, 77);
SELECT refresh_reports() > 0 AS refreshed;
SELECT medium, responses, orders, coded_orders, matched_orders, revenue, matched_revenue, conversion_rate FROM medium_performance WHERE orders > 0;
-- 600 of the 920 would have come anyway
SELECT revenue, matched_revenue, organic_revenue, organic_share, incremental_revenue FROM hold_out_comparison;
SELECT source_code, is_hold_out, responses, orders, coded_orders, matched_orders, matched_revenue, conversion_rate FROM source_performance WHERE orders > 0 ORDER BY source_code;
-- a matched order whose code is mended is matched no longer
INSERT INTO code_mend (customer_id, fact, fact_id, source_code)
SELECT customer_id, 'customer_order', customer_order_id, 'MA03088' FROM customer_order WHERE customer_id = 10001;
SELECT refresh_reports() > 0 AS refreshed;
SELECT orders, coded_orders, matched_orders, revenue, matched_revenue FROM medium_performance WHERE medium = 'M';
SELECT pg_temp.refresh_is_rebuild();
DELETE FROM customer_order;
DELETE FROM response;
DELETE FROM code_mend;
DELETE FROM touch;
DELETE FROM hold_out;
SELECT rebuild_reports() IS NOT NULL AS rebuilt;

-- Case by case, each person by itself: what the order is matched to, whatever order things come in.
INSERT INTO source (source_code, campaign, medium) VALUES ('D1', 'test', 'D'), ('D2', 'test', 'D'), ('D3', 'test', 'D');
INSERT INTO source (source_code, campaign, medium, in_home_on, is_hold_out) VALUES ('D4', 'test', 'D', '2008-04-10', true);
CREATE TEMP TABLE wanted (customer_id bigint, meaning text, source_code text, method text);
INSERT INTO customer (customer_id, household_id, is_seed) VALUES (201, 20, false), (202, 20, false), (211, 21, false), (212, 21, false), (221, NULL, false), (222, NULL, false),
    (223, NULL, false), (224, NULL, false), (225, NULL, false), (226, NULL, false), (227, NULL, false), (228, NULL, false), (229, NULL, false), (230, 23, false), (231, 23, true), (232, NULL, false);
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, quoted_code, source_code, response_id) VALUES
    (201, 1, '2008-04-20', 1, NULL, NULL, NULL), (211, 1, '2008-04-20', 1, NULL, NULL, NULL), (221, 1, '2008-04-20', 1, NULL, NULL, NULL), (222, 1, '2008-04-20', 1, 'D9', 'D9', NULL),
    (223, 1, '2008-04-20', 1, 'D3', 'D3', NULL), (224, 1, '2008-04-20', 1, NULL, NULL, 5), (225, 1, '2008-04-20', 1, NULL, NULL, 6), (226, 1, '2008-04-20', 1, 'D3', 'D3', NULL),
    (227, 1, '2008-04-20', 1, NULL, NULL, NULL), (228, 1, '2008-04-20 15:59+00', 1, NULL, NULL, NULL), (228, 2, '2008-04-20 16:01+00', 1, NULL, NULL, NULL),
    (229, 1, '2008-04-20', 1, NULL, NULL, NULL), (230, 1, '2008-04-20', 1, NULL, NULL, NULL), (0, 1, '2008-04-20', 1, NULL, NULL, NULL), (232, 1, '2008-04-20', 1, NULL, NULL, NULL);
INSERT INTO response (customer_id, response_id, responded_at, source_code) VALUES (224, 5, '2008-04-19', 'D3'), (225, 6, '2008-04-19', NULL);
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, method, count(*) FROM order_source GROUP BY 1, 2 ORDER BY 1, 2;
-- everything that explains them comes later
INSERT INTO touch (customer_id, source_code, sent_at) VALUES
    (201, 'D1', '2008-04-01'), (202, 'D2', '2008-04-15'),
    (212, 'D1', '2008-04-01'), (212, 'D2', '2008-04-15'),
    (221, 'D1', '2008-04-01'), (221, 'D2', '2008-04-15'), (221, 'D3', '2008-04-22'),
    (222, 'D1', '2008-04-15'), (223, 'D1', '2008-04-15'), (224, 'D1', '2008-04-15'), (225, 'D1', '2008-04-15'), (226, 'D1', '2008-04-15'), (227, 'D1', '2008-04-05'),
    (228, 'D1', '2008-01-22 16:30+00'), (229, 'D1', '2008-04-21'), (231, 'D2', '2008-04-15'), (0, 'D1', '2008-04-15'), (232, 'D1', '2008-04-15 06:00+00'), (232, 'D2', '2008-04-15 02:00+00');
UPDATE touch SET is_seed = true WHERE customer_id = 231;
-- a seed name that is not counted among those held out explains no order of its household either
INSERT INTO hold_out (customer_id, source_code, held_out_at) VALUES (227, 'D4', '2008-04-02'), (231, 'D4', '2008-04-15');
INSERT INTO code_mend (customer_id, fact, fact_id, source_code) VALUES (226, 'customer_order', 1, NULL);
INSERT INTO wanted VALUES
    (201, 'the person before the household, though that is later', 'D1', 'by person'),
    (211, 'the household: its last piece', 'D2', 'by household'),
    (221, 'the last piece before the order', 'D2', 'by person'),
    (222, 'a code that is not registered is none', 'D1', 'by person'),
    (223, 'a code of its own', 'D3', 'given'),
    (224, 'the code of the response', 'D3', 'by response'),
    (225, 'a response without a code says nothing', 'D1', 'by person'),
    (226, 'mended to none', 'D1', 'by person'),
    (227, 'held out later than mailed', 'D4', 'by person'),
    (228, 'the 90th day from 23 January in Shanghai is 21 April', 'D1', 'by person'),
    (229, 'sent after the order', 'UNSOURCED', 'none'),
    (230, 'the household has a seed name only', 'UNSOURCED', 'none'),
    (0,   'the unidentified customer', 'UNSOURCED', 'none'),
    (232, 'two on one day: the one sent later', 'D1', 'by person');
SELECT refresh_reports() > 0 AS refreshed;
SELECT w.meaning, o.customer_order_id, o.source_code, o.method, (o.source_code, o.method) = (w.source_code, w.method) AS is_right
  FROM wanted w JOIN order_source o USING (customer_id) ORDER BY w.customer_id, o.customer_order_id;
SELECT pg_temp.refresh_is_rebuild();
-- the day after the 90th is outside; the return of an order goes where the order went; a new name too
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) VALUES (228, 3, '2008-04-21 16:01+00', 1);
INSERT INTO order_return (customer_id, customer_order_id, returned_at, amount) VALUES (211, 1, '2008-05-01', 1);
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, method FROM order_source WHERE customer_id = 228 ORDER BY customer_order_id;
SELECT fact, source_code, method FROM attribution WHERE customer_id = 211 AND fact <> 'customer_order' ORDER BY 1;
SELECT pg_temp.refresh_is_rebuild();

-- a household that people move into and out of takes their orders along
INSERT INTO customer (customer_id, household_id) VALUES (241, NULL), (242, 24), (243, 25);
INSERT INTO touch (customer_id, source_code, sent_at) VALUES (242, 'D1', '2008-04-15'), (243, 'D2', '2008-04-15');
INSERT INTO customer_order (customer_id, ordered_at, revenue) VALUES (241, '2008-04-20', 1);
SELECT refresh_reports() > 0 AS refreshed, register_customer(241, household => 24, request_id => 'move 1') AS customer;
SELECT refresh_reports() > 0 AS refreshed, (SELECT source_code FROM order_source WHERE customer_id = 241) AS before;
SELECT source_code, method FROM order_source WHERE customer_id = 241;
-- 242 moves away, so the order is without a piece; then to where the other piece went
SELECT register_customer(242, household => 26, request_id => 'move 2') AS customer;
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, method FROM order_source WHERE customer_id = 241;
SELECT register_customer(241, household => 25, request_id => 'move 3') AS customer, register_customer(241, household => 25, request_id => 'no move') AS again;
SELECT refresh_reports() > 0 AS refreshed;
SELECT source_code, method FROM order_source WHERE customer_id = 241;
SELECT customer_id, from_household_id, to_household_id FROM household_move ORDER BY household_move_id;
SELECT what FROM customer_card(241) WHERE kind = 'household';
SELECT pg_temp.refresh_is_rebuild();

-- a setting that is no number of days is named by the error
UPDATE setting SET value = '90 days' WHERE setting = 'match_back_days';
\set VERBOSITY terse
SELECT refresh_reports();
\set VERBOSITY default
UPDATE setting SET value = '90' WHERE setting = 'match_back_days';
-- days so far away that the refresh could not make times of them are refused; the farthest ones that are taken stop nothing
\set VERBOSITY terse
UPDATE source SET answers_until = '294277-01-01' WHERE source_code = 'D1';
UPDATE source SET answers_until = 'infinity' WHERE source_code = 'D1';
UPDATE source SET in_home_on = '4713-01-01 BC' WHERE source_code = 'D1';
\set VERBOSITY default
BEGIN;
INSERT INTO source (source_code, list, in_home_on, answers_until) VALUES ('FAR1', NULL, '2008-01-01', '9999-12-31'), ('FAR2', (SELECT list FROM source WHERE source_code = 'D1'), '9999-12-31', NULL), ('FAR3', NULL, '0001-01-01', NULL);
SELECT refresh_reports() >= 0 AS refreshed;
SELECT pg_temp.refresh_is_rebuild();
ROLLBACK;

-- where the window of an effort changes, its own pieces are looked up, and not all that were ever sent
BEGIN;
SET LOCAL enable_seqscan = off;
UPDATE source SET answers_until = '2008-04-19' WHERE source_code = 'D1';
SELECT seq_scan AS scans FROM pg_stat_xact_user_tables WHERE relid = 'touch'::regclass \gset
SELECT refresh_reports() > 0 AS refreshed;
SELECT seq_scan - :scans AS scans FROM pg_stat_xact_user_tables WHERE relid = 'touch'::regclass;
COMMIT;
SELECT pg_temp.refresh_is_rebuild();

DROP VIEW pg_temp.found;
DROP TABLE plan, wanted;
SET client_min_messages = error;
SELECT dupex.uninstall('match_test', drop_data => true) IS NOT NULL AS uninstalled;
