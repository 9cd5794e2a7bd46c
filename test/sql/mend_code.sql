-- mend_code(): what is mended, and all that hangs on it, counts for the mended code at the next
-- refresh; to another code, to none, all facts of a quoted code at once; what it refuses.
SET client_min_messages = error;
SELECT dupex.install('mend_test') IS NOT NULL AS installed;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET search_path = mend_test, dupex, public;
SET TimeZone = 'UTC';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring');
INSERT INTO source (source_code, campaign, medium) VALUES ('DB02087', 'spring', 'D'), ('DA02087', 'spring', 'D'), ('MB01087', 'spring', 'M');
INSERT INTO customer (customer_id, entered_as) VALUES (1, 'external'), (2, 'internal');
-- a response with a misread code, and what hangs on it: a lead, a visit, an order, a return
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (1, 1, '2007-08-10', 'DB92087', 'DB92087'), (2, 2, '2007-08-11', 'DB92087', 'DB92087');
INSERT INTO lead (customer_id, lead_id, opened_at, response_id) VALUES (1, 1, '2007-08-12', 1);
INSERT INTO visit (customer_id, visit_id, visited_at, lead_id) VALUES (1, 1, '2007-08-13', 1);
INSERT INTO visit (customer_id, visit_id, visited_at, lead_id, status, quoted_code) VALUES (1, 2, '2007-09-13', 1, 'planned', 'DB92087');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods, lead_id) VALUES (1, 1, '2007-08-20', 400, 100, 1);
INSERT INTO order_return (customer_id, order_return_id, customer_order_id, returned_at, amount) VALUES (1, 1, 1, '2007-08-25', 40);
CREATE VIEW pg_temp.counted AS
SELECT source_code, responses, new_names, leads, visits, orders, revenue, returned FROM source_performance WHERE responses + leads + visits + orders + returned <> 0 ORDER BY source_code;
CREATE VIEW pg_temp.ledger AS
SELECT DISTINCT ON (fact, fact_id) fact, fact_id, source_code, method FROM attribution WHERE sign = 1 AND fact <> 'new_name' ORDER BY fact, fact_id, attribution_id DESC;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;
SELECT fact, fact_id, quoted_code, status, suggestions FROM unreadable_codes ORDER BY fact_id;

-- one fact: everything that hangs on it moves
SELECT mend_code('response', 1, 1, 'db-02 087', 'read from the coupon', 'r1') IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;
SELECT * FROM pg_temp.ledger;
SELECT fact, fact_id FROM unreadable_codes;
-- a retry writes nothing and returns the first answer
SELECT mend_code('response', 1, 1, 'DB02087', 'read from the coupon', 'r1') = max(code_mend_id) AS same, count(*) FROM code_mend;
-- the order alone
SELECT mend_code('customer_order', 1, 1, 'MB01087') IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;
-- to none: what it hangs on decides again; and the response has no code at all
SELECT mend_code('customer_order', 1, 1, NULL) IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;
SELECT mend_code('response', 1, 1, NULL) IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;

-- all facts of a quoted code, a planned visit among them, which counts for nothing
SELECT mend_quoted_code('DB92087', 'DA02087', 'misprint');
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.counted;
SELECT mend_quoted_code('DB92087', 'DA02087');
SELECT mend_quoted_code('db92087', 'DA02087');
SELECT count(*) AS mends FROM code_mend;
CREATE TEMP TABLE refreshed AS SELECT * FROM pg_temp.counted;
SELECT rebuild_reports() > 0 AS rebuilt;
SELECT count(*) AS differences FROM ((TABLE refreshed EXCEPT TABLE pg_temp.counted) UNION ALL (TABLE pg_temp.counted EXCEPT TABLE refreshed)) x;

-- a response that names its touch and no code counts for that touch, and what hangs on it, too; even when the touch comes later
INSERT INTO response (customer_id, response_id, responded_at, touch_id) VALUES (2, 3, '2007-08-15', 7);
INSERT INTO response (customer_id, response_id, responded_at, touch_id, quoted_code, source_code) VALUES (2, 4, '2007-08-15', 7, 'DA02087', 'DA02087');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, response_id) VALUES (2, 3, '2007-08-16', 50, 3);
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.ledger WHERE fact_id > 2;
INSERT INTO touch (customer_id, touch_id, source_code, sent_at) VALUES (2, 7, 'MB01087', '2007-08-17');
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.ledger WHERE fact_id > 2;
SELECT mend_code('response', 2, 3, 'DB02087') IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.ledger WHERE fact_id > 2;
SELECT mend_code('response', 2, 3, NULL) IS NOT NULL AS mended;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.ledger WHERE fact_id > 2;
SELECT rebuild_reports() > 0 AS rebuilt;
SELECT * FROM pg_temp.ledger WHERE fact_id > 2;
SELECT check_name, problems FROM check_integrity() JOIN integrity_rule USING (check_name) WHERE rule_no >= 60 AND problems <> 0;

-- a code that was registered wrongly is renamed, later deleted: what quotes it follows at the next refresh, and nothing is in no report
INSERT INTO source (source_code, campaign, medium) VALUES ('DBO3087', 'spring', 'D');
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (2, 5, '2007-08-18', 'DB03087', 'DB03087');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, response_id) VALUES (2, 5, '2007-08-19', 60, 5);
CREATE TEMP VIEW reported AS
SELECT l.fact, l.source_code, l.method, (SELECT sum(p.responses) FROM source_performance p) AS responses_by_source, (SELECT sum(p.responses) FROM month_performance p) AS responses_by_month
  FROM pg_temp.ledger l WHERE l.fact_id = 5;
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.reported;
UPDATE source SET source_code = 'DB03087' WHERE source_code = 'DBO3087';
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.reported;
DELETE FROM source WHERE source_code = 'DB03087';
SELECT refresh_reports() > 0 AS refreshed;
SELECT * FROM pg_temp.reported;
SELECT rebuild_reports() > 0 AS rebuilt;
SELECT * FROM pg_temp.reported;
SELECT check_name, problems FROM check_integrity() JOIN integrity_rule USING (check_name) WHERE rule_no >= 60 AND problems <> 0;

-- people are merged while a code is renamed, and it gets its name back: it counts as before
INSERT INTO source (source_code, campaign, medium) VALUES ('K4', 'spring', 'D');
INSERT INTO customer (customer_id) VALUES (3);
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (3, 8, '2007-08-21', 'K4', 'K4');
SELECT refresh_reports() > 0 AS refreshed;
UPDATE source SET source_code = 'K5' WHERE source_code = 'K4';
SELECT rows_moved > 0 AS merged FROM merge_customers(2, 3);
UPDATE source SET source_code = 'K4' WHERE source_code = 'K5';
SELECT refresh_reports() IS NOT NULL AS refreshed;
SELECT source_code, responses FROM pg_temp.counted WHERE source_code = 'K4';
SELECT check_name, problems FROM check_integrity() JOIN integrity_rule USING (check_name) WHERE rule_no >= 60 AND problems <> 0;

-- in another time zone other days count: the next refresh makes the reports again
UPDATE setting SET value = 'Pacific/Auckland' WHERE setting = 'time_zone';
INSERT INTO response (customer_id, response_id, responded_at, quoted_code, source_code) VALUES (2, 6, '2007-08-31 13:00', 'DB02087', 'DB02087');
SELECT refresh_reports() > 0 AS refreshed;
SELECT time_zone FROM report_state;
SELECT date_month::text, responses FROM month_performance WHERE responses > 0 ORDER BY 1;
SELECT check_name, problems FROM check_integrity() JOIN integrity_rule USING (check_name) WHERE rule_no >= 60 AND problems <> 0;

-- a refresh with nothing new does not read all earlier mendings
BEGIN;
INSERT INTO code_mend (customer_id, fact, fact_id, source_code, reason) SELECT 1, 'response', 1, 'DA02087', 'one of many' FROM generate_series(1, 500);
ANALYZE code_mend;
COMMIT;
SELECT refresh_reports() > 0 AS refreshed;
BEGIN;
SET LOCAL enable_seqscan = off;
SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables WHERE relid = 'code_mend'::regclass \gset
SELECT refresh_reports() AS changed;
SELECT seq_tup_read + idx_tup_fetch - :read < 100 AS a_few FROM pg_stat_xact_user_tables WHERE relid = 'code_mend'::regclass;
COMMIT;
DELETE FROM code_mend WHERE reason = 'one of many';
SELECT count(*) AS mends FROM code_mend;

-- what it refuses, with what to do about it; nothing is written
SELECT mend_code('response', 1, 1, 'DB02O97');
SELECT mend_code('response', 1, 1, 'UNSOURCED');
SELECT mend_code('response', 1, 1, '');
SELECT mend_code('touch', 1, 1, 'DB02087');
SELECT mend_code(NULL, 1, 1, 'DB02087');
SELECT mend_code('response', 2, 1, 'DB02087');
SELECT mend_code('response', NULL, 1, 'DB02087');
SELECT mend_code('visit', 1, 3, 'DB02087');
SELECT mend_code('response', 1, 1, 'DA02087', 'read from the coupon', 'r1');
SELECT mend_quoted_code('DB92087', 'DB92087');
SELECT mend_quoted_code(NULL, 'DB02087');
SELECT count(*) AS mends FROM code_mend;

DROP VIEW pg_temp.reported, pg_temp.counted, pg_temp.ledger;
DROP TABLE refreshed;
SET client_min_messages = error;
SELECT dupex.uninstall('mend_test', drop_data => true) IS NOT NULL AS uninstalled;
