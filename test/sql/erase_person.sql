-- export_person() and erase_person(): everything that is held is given, and after erasing nothing that
-- said who it was is anywhere in the database, while no figure has changed; who comes in again with a bought list
-- stays suppressed. Every table and column is said to be treated in some way. And data_quality.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
SELECT install('er') IS NOT NULL AND load_sample('er', 0.02) IS NOT NULL AS installed;
SET search_path = er, dupex, public;

-- each table with a customer, and each column that may say something, is classified; what is classified exists
SELECT * FROM personal_data_gap;
SELECT p.table_name, c.c AS unknown FROM personal_data p CROSS JOIN LATERAL unnest(p.erased_columns || p.kept_columns) c (c)
 WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(p.table_name) AND a.attname = c.c AND NOT a.attisdropped);
-- a column that is called like a customer, but is not customer_id, is one that merges know
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'er'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname ~ 'customer_id|recommended_by|organisation_id|survivor_id|loser_id|merged_id|erased_id' AND a.attname <> 'customer_id' ORDER BY 1, 2;
-- a table of the house, and a new column of ours, are gaps; nobody can be erased as long as there are some
CREATE TABLE club_card (card_no int PRIMARY KEY, customer_id bigint REFERENCES customer, note text);
ALTER TABLE visit ADD COLUMN mood text;
SELECT * FROM personal_data_gap ORDER BY 1, 2;
SELECT erase_person(20);
ALTER TABLE visit DROP COLUMN mood;
INSERT INTO personal_data (table_name, on_erase, erased_columns) VALUES ('club_card', 'emptied', '{note}');
SELECT * FROM personal_data_gap;

-- a person of whom something is in every table
INSERT INTO list (list, name) VALUES ('XX', 'bought');
SELECT customer_id AS person FROM register_customer(name => 'Zhuge Kongming', email => 'kong.ming@shu-han.cn', mobile => '+86 138 1234 5678', postal => '9 Wuhou Road, Chengdu',
    birthday => '1981-07-23', list => 'XX', customer_system => 'shop', customer_number => 'SHOP-ZHUGE', request_id => 'z 1', at => '2026-01-02') \gset
SELECT customer_id AS other FROM register_customer(name => 'Kongming Zhuge', email => 'crouching.dragon@shu-han.cn', customer_system => 'till', customer_number => 'TILL-ZHUGE', request_id => 'z 2', at => '2026-01-03') \gset
INSERT INTO club_card VALUES (1, :person, 'fan of Zhuge');
SELECT response_id > 0 AS ok FROM record_response(customer => :person, channel => 'web', message => 'Zhuge here, call me', quoted_code => 'my name is Zhuge', request_id => 'z 3', at => '2026-01-05');
SELECT lead_id > 0 AS ok FROM open_lead(customer => :other, request_id => 'z 4', at => '2026-01-06');
SELECT customer_order_id > 0 AS ok FROM record_order(customer => :person, revenue => 1000, reason => 'Zhuge wanted a fan', request_id => 'z 5', at => '2026-01-07');
SELECT is_in_force FROM record_consent(customer => :other, channel => 'email', status => 'refused', evidence => 'said Zhuge', request_id => 'z 6', at => '2026-01-08');
INSERT INTO load_run (kind, staging, started_at, loaded, already_there, rejected) VALUES ('customers', 'sheet', now(), 0, 0, 2);
INSERT INTO load_reject (load_run_id, row_no, reason, row_data) VALUES ((SELECT max(load_run_id) FROM load_run), 1, 'birthday of Zhuge is none', '{"name": "Zhuge", "email": "Kong.Ming@shu-han.cn"}'),
    ((SELECT max(load_run_id) FROM load_run), 2, 'is somebody else', '{"name": "Cao", "email": "cao@wei.cn"}'),
    ((SELECT max(load_run_id) FROM load_run), 3, 'birthday of Zhuge is none', '{"name": "Zhuge", "mobile": "0086-138-1234-5678"}'), ((SELECT max(load_run_id) FROM load_run), 4, 'Zhuge', '{"name": "Zhuge", "email": "Zhuge <KONG.MING@shu-han.cn>"}'),
    ((SELECT max(load_run_id) FROM load_run), 5, 'Zhuge', '{"name": "Zhuge", "postal": "9, WUHOU ROAD  Chengdu"}');
INSERT INTO list_import (list_import_id, list, staging, file_hash, imported_on, started_at, ended_at, input_names, invalid, suppressed, intra, in_house, inter, household, net_names, repaired)
VALUES (900, 'XX', 'sheet', gen_random_uuid(), '2026-01-01', now(), now(), 2, 2, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO list_import_diagnosis VALUES (900, 'email', 'syntax', 2, 0, 0, 2);
INSERT INTO list_import_row (list_import_id, row_no, row_data, fate, reason, is_repaired) VALUES (900, 1, '{"name": "Zhuge", "email": "<kong.ming@shu-han.cn"}', 'invalid', 'email: syntax', false), (900, 2, '{"name": "Cao", "email": "<cao@wei.cn"}', 'invalid', 'email: syntax', false);
SELECT rows_moved >= 4 AS merged FROM merge_customers(:person, :other, 'both are Zhuge');
SELECT refresh_reports('2026-07-01') > 0 AS refreshed, refresh_value('2026-07-01') > 0 AS scored;

-- everything that is held
CREATE TEMP TABLE export AS SELECT export_person(:other) AS document;
SELECT jsonb_object_keys(document -> 'tables') AS table_name FROM export ORDER BY 1;
-- (of imports those rows, too, that only give an address of his)
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id' CROSS JOIN export e
 WHERE c.relnamespace = 'er'::regnamespace AND c.relkind = 'r' AND c.relname <> 'list_import_row' AND (xpath('count(//row)', query_to_xml(format('SELECT FROM er.%I WHERE customer_id = %s', c.relname, :person), false, false, '')))[1]::text
       <> coalesce(jsonb_array_length(e.document -> 'tables' -> c.relname::text), 0)::text;

CREATE FUNCTION pg_temp.places(what text) RETURNS TABLE (place text) LANGUAGE plpgsql AS $$
DECLARE
    t text;
    n bigint;
BEGIN
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'er'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1 LOOP
        EXECUTE format('SELECT count(*) FROM er.%I x WHERE x::text ~* $1', t) INTO n USING what;
        IF n > 0 THEN place := t; RETURN NEXT; END IF;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.figures() RETURNS TABLE (report text, contents text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH report IN ARRAY '{source_performance_day,medium_performance,list_performance,campaign_performance,cohort_conversion,value_by_source,segment_counts,revenue_forecast,
                              order_source,code_quality,salesperson_day,value_by_cohort,first_and_repeat_orders,value_concentration,form_quality,basket_reasons,registration_day}'::text[] LOOP
        EXECUTE format('SELECT string_agg(x::text, E''\n'' ORDER BY x::text COLLATE "C") FROM er.%I x', report) INTO contents;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT * FROM pg_temp.places('zhuge|kong.ming|138.?1234.?5678|wuhou|1981-07-23|crouching');
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.figures();

-- by the number that led to him; twice is once
SELECT customer_id = :person AS is_survivor, rows_emptied > 5 AS emptied, rows_deleted > 5 AS deleted, addresses_suppressed, was_already_erased FROM erase_person(:other);
SELECT customer_id = :person AS is_survivor, addresses_suppressed, was_already_erased FROM erase_person(:person);
SELECT * FROM pg_temp.places('zhuge|kong.ming|138.?1234.?5678|wuhou|1981-07-23|crouching');
SELECT row_no, row_data FROM list_import_row WHERE list_import_id = 900 ORDER BY 1;
SELECT b.report FROM before b JOIN pg_temp.figures() f USING (report) WHERE f.contents IS DISTINCT FROM b.contents;
SELECT refresh_reports('2026-07-01') >= 0 AS refreshed;
SELECT rebuild_reports() > 0 AS rebuilt, rebuild_value() > 0 AS value_rebuilt;
SELECT b.report FROM before b JOIN pg_temp.figures() f USING (report) WHERE f.contents IS DISTINCT FROM b.contents;
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
SELECT name, birthday, kind FROM customer WHERE customer_id = :person;
SELECT message, quoted_code, code_problem FROM response WHERE request_id = 'z 3';
SELECT status, lost_reason FROM lead WHERE request_id = 'z 4';
SELECT note FROM club_card;
SELECT allowed, reason FROM may_contact(customer => :person, channel => 'call', at => now() + interval '1 minute');

-- neither undone nor merged any more
SELECT unmerge_customers(max(customer_merge_id)) FROM customer_merge;
SELECT count(*) AS images FROM customer_merge_row;
\set VERBOSITY sqlstate
SELECT merge_customers(20, :person) IS NULL AS never;
\set VERBOSITY default

-- a bought list brings him back: a new name, still suppressed
SELECT customer_id AS again FROM register_customer(name => 'Z.', kind => 'external', email => 'KONG.MING@shu-han.cn', request_id => 'z 7', list => 'XX') \gset
SELECT :again <> :person AS is_new;
SELECT allowed, reason FROM may_contact(customer => :again, channel => 'email', at => now() + interval '1 minute');
SELECT reason FROM contact_refusals('email', now() + interval '1 minute', customers => ARRAY[:again]::bigint[]);

-- by his number nobody brings him back
\set VERBOSITY sqlstate
SELECT register_customer(customer => :person, name => 'Zhuge', request_id => 'z 8');
\set VERBOSITY default
CREATE TABLE public.er_names (customer_id text, name text, email text);
INSERT INTO public.er_names VALUES (:other, 'Zhuge', 'kong.ming@shu-han.cn');
SELECT loaded, rejected FROM load_customers('public.er_names');
SELECT reason ~ 'erased' AS is_refused FROM load_reject ORDER BY load_run_id DESC LIMIT 1;
DROP TABLE public.er_names;
-- an answer that came in late under his number, and that rejected row: calling it again erases them, too
SELECT response_id > 0 AS ok FROM record_response(customer => :person, channel => 'web', message => 'Zhuge again', request_id => 'z late', at => '2026-01-05');
SELECT addresses_suppressed, was_already_erased FROM erase_person(:person);
SELECT * FROM pg_temp.places('zhuge');
SELECT count(*) AS stops FROM contact_stop WHERE customer_id = :person;

SELECT erase_person(0);
SELECT export_person(999999999);

-- who may: level privacy and the owner
CREATE ROLE er_privacy; CREATE ROLE er_manager;
SELECT grant_access('er_privacy', 'privacy') ~ 'privacy' AS granted, grant_access('er_manager', 'manager') ~ 'manager' AS granted_too;
SELECT r.rolname, f AS function, has_function_privilege(r.oid, format('er.%s', f)::regprocedure, 'EXECUTE') AS may
  FROM pg_roles r, unnest('{erase_person(bigint),export_person(bigint),"merge_customers(bigint,bigint,text,text,text[],text)","unmerge_customers(bigint,text)"}'::text[]) f WHERE r.rolname LIKE 'er\_%' ORDER BY 1, 2;
SET ROLE er_privacy;
SELECT was_already_erased FROM er.erase_person(:again);
SELECT count(*) FROM er.customer;
RESET ROLE;
SELECT erased_by FROM person_erasure ORDER BY person_erasure_id DESC LIMIT 1;
SELECT revoke_access('er_privacy') AND revoke_access('er_manager') AS revoked;
DROP ROLE er_privacy; DROP ROLE er_manager;

-- an opt-out of one of two is not lifted by a consent of the other
INSERT INTO customer (name, kind, entered_as) VALUES ('A', 'external', 'external'), ('B', 'external', 'external');
SELECT min(customer_id) AS a, max(customer_id) AS b FROM customer WHERE name IN ('A', 'B') AND kind = 'external' \gset
SELECT is_in_force FROM record_consent(customer => :a, channel => 'email', status => 'refused', request_id => 'c 1', at => '2026-01-01');
SELECT is_in_force FROM record_consent(customer => :b, channel => 'email', status => 'granted', given_by => 'person', evidence => 'form 12', request_id => 'c 2', at => '2026-02-01');
SELECT customer_merge_id AS merge FROM merge_customers(:b, :a) \gset
SELECT channel, purpose, status, given_by, source FROM consent_event WHERE customer_id = :b AND source LIKE 'merged%' ORDER BY 1, 2;
SELECT customer_id IS NULL AS may FROM contact_refusals('email', now() + interval '1 minute', customers => ARRAY[:b]::bigint[]);
SELECT rows_returned > 0 AS undone FROM unmerge_customers(:merge);
SELECT customer_id = :a AS is_a, count(*) FROM consent_event WHERE customer_id IN (:a, :b) GROUP BY 1 ORDER BY 1;

-- data quality: a small database of its own, counted by hand
SET search_path = public, dupex;
SELECT uninstall('er', drop_data => true) IS NOT NULL AS removed, install('er') IS NOT NULL AS installed;
SET search_path = er, dupex, public;
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'bought');
UPDATE report_state SET as_of = '2026-07-01';
CREATE ROLE er_till; GRANT USAGE ON SCHEMA er TO er_till; SELECT grant_access('er_till', 'app') ~ 'app' AS granted;
SET ROLE er_till;
SELECT count(*) AS registered FROM (VALUES (1, 'Ada Wong', 'ada@example.com', '13800000001', date '1990-01-01'), (2, 'test', 'ADA@example.com', NULL, NULL), (3, NULL, 'no address', '12', '1850-02-03')) v (n, name, email, mobile, birthday)
 CROSS JOIN LATERAL er.register_customer(name => v.name, email => v.email, mobile => v.mobile, birthday => v.birthday, list => '01', request_id => 'q ' || v.n, at => '2026-06-01') r;
RESET ROLE;
INSERT INTO customer (name, recorded_at) VALUES ('Old 4', '2020-01-01');
INSERT INTO list_member (customer_id, list) SELECT customer_id, '02' FROM customer WHERE name IN ('Old 4', 'test');
SELECT * FROM data_quality WHERE grouped_by = 'everybody' ORDER BY kind, field;
SELECT group_name, kind, field, people_concerned, people_checked FROM data_quality WHERE grouped_by = 'list' AND people_concerned > 0 ORDER BY 1, 2, 3;
SELECT group_name, kind, field, people_concerned, people_checked FROM data_quality WHERE grouped_by = 'entered by' AND kind = 'implausible' ORDER BY 1, 2, 3;
SELECT revoke_access('er_till') AS revoked; DROP ROLE er_till;

SET search_path = public, dupex;
SELECT uninstall('er', drop_data => true) IS NOT NULL AS removed;
