-- merge_customers() and unmerge_customers(): what the survivor gets, what becomes of clashes, how the
-- old number leads to the new one, what stays after undoing, and that undoing restores every row of
-- every table, and the reports, as they were.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
SELECT install('mc') IS NOT NULL AS installed;
SET search_path = mc, dupex, public;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign VALUES ('spring', 'spring');
INSERT INTO list (list, name) VALUES ('01', 'house'), ('02', 'bought');
INSERT INTO source (source_code, campaign, medium, list) VALUES ('DA01018', 'spring', 'D', '01'), ('DB02018', 'spring', 'D', '02');
INSERT INTO salesperson (name) VALUES ('Ann'), ('Bob');
INSERT INTO customer (customer_id, kind, entered_as, name, household_id, salesperson_id, recorded_at) VALUES
    (1, 'internal', 'external', 'Wang Xiaoming', NULL, NULL, '2008-01-05'), (2, 'internal', 'internal', 'Wang Xiao Ming', 9, 1, '2008-01-09'),
    (3, 'internal', 'external', NULL, 9, NULL, '2008-01-09'), (5, 'external', 'external', 'Wang X.', NULL, 2, '2008-01-11'), (9, 'external', 'external', 'Li Na', NULL, NULL, '2008-01-11');
INSERT INTO customer (customer_id, is_seed, is_organisation) VALUES (7, true, false), (8, false, true);
INSERT INTO customer (customer_id, recommended_by) VALUES (6, 2);
INSERT INTO account_owner (customer_id, since, salesperson_id) VALUES (2, '2008-01-09', 1), (5, '2008-01-11', 2);
INSERT INTO customer_ref (system, number, customer_id) VALUES ('shop', 'S-2', 2), ('till', 'T-1', 1);
INSERT INTO contact_point (customer_id, kind, value, status, is_preferred) VALUES
    (1, 'email', 'w@example.com', 'valid', false), (2, 'email', 'w@example.com', 'refused', true), (2, 'mobile', '13800000000', 'unknown', false);
INSERT INTO list_member (customer_id, list, joined_on, left_on) VALUES (1, '01', '2008-01-05', NULL), (2, '01', '2008-01-02', '2008-02-02'), (2, '02', '2008-01-09', NULL);
INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, request_id) VALUES
    (1, 'DA01018', '2008-01-10', 1, 'load 1'), (2, 'DB02018', '2008-01-12', 2, 'load 1');
INSERT INTO customer_order (customer_id, ordered_at, revenue) VALUES (1, '2008-01-20', 100), (3, '2008-01-21', 50);
SELECT response_id, became_internal FROM record_response(customer => 2, quoted_code => 'DB02018', channel => 'web', request_id => 'web 1', at => '2008-01-15');
SELECT lead_id FROM open_lead(customer => 2, request_id => 'lead 1', at => '2008-01-16');
SELECT refresh_reports('2008-04-01') > 0 AS refreshed;

CREATE FUNCTION pg_temp.picture(people bigint[]) RETURNS TABLE (table_name text, contents text) LANGUAGE plpgsql AS $$
BEGIN
    FOR table_name IN SELECT p.table_name FROM person_tables() p UNION ALL SELECT 'customer' LOOP
        EXECUTE format('SELECT string_agg(x::text, E''\n'' ORDER BY x::text COLLATE "C") FROM %I x WHERE x.customer_id = ANY ($1)', table_name) INTO contents USING people;
        RETURN NEXT;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.compare_with_rebuild() RETURNS TABLE (cells bigint, integrity_problems bigint) LANGUAGE plpgsql AS $$
BEGIN
    integrity_problems := (SELECT sum(c.problems) FROM check_integrity() c);
    CREATE TEMP TABLE was AS SELECT to_jsonb(d) AS cell FROM source_day d WHERE orders + responses + leads + new_names + pieces <> 0 UNION ALL SELECT to_jsonb(d) FROM customer_order_day d
      UNION ALL SELECT to_jsonb(d) FROM customer_milestone d UNION ALL SELECT to_jsonb(a) - '{attribution_id,recorded_at,sign}'::text[] FROM attribution a GROUP BY 1 HAVING sum(sign) > 0;
    PERFORM rebuild_reports();
    cells := (SELECT count(*) FROM (SELECT cell FROM was EXCEPT (SELECT to_jsonb(d) AS cell FROM source_day d WHERE orders + responses + leads + new_names + pieces <> 0
      UNION ALL SELECT to_jsonb(d) FROM customer_order_day d UNION ALL SELECT to_jsonb(d) FROM customer_milestone d
      UNION ALL SELECT to_jsonb(a) - '{attribution_id,recorded_at,sign}'::text[] FROM attribution a)) x);
    DROP TABLE was;
    RETURN NEXT;
END $$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.picture('{1,2,3,6}');
SELECT date_day, source_code::text, responses, new_names, orders, matched_orders FROM source_day WHERE responses + orders + new_names > 0 ORDER BY 1, 2;

-- customer 2 becomes customer 1: fields, clashes, history, relations, reports
SELECT * FROM merge_customers(1, 2, 'same address');
SELECT customer_id, kind, entered_as, name, household_id, salesperson_id, became_internal_at, recorded_at FROM customer WHERE customer_id IN (1, 2);
SELECT field, from_customer_id, why FROM merged_fields_origin ORDER BY field;
SELECT contact_point_id, kind, value, status, is_preferred FROM contact_point WHERE customer_id = 1 ORDER BY 1;
SELECT list, joined_on, left_on FROM list_member WHERE customer_id = 1 ORDER BY 1;
SELECT touch_id, contact_point_id, request_id FROM touch WHERE customer_id = 1 ORDER BY 1;
SELECT recommended_by FROM customer WHERE customer_id = 6;
SELECT salesperson_id, reason FROM account_owner WHERE customer_id = 1 ORDER BY since;
-- the order of the other of the household is matched to the piece of customer 2, who is customer 1 now
SELECT date_day, source_code::text, responses, new_names, orders, matched_orders FROM source_day WHERE responses + orders + new_names > 0 ORDER BY 1, 2;
SELECT * FROM pg_temp.compare_with_rebuild();

-- apps that know the old number, or the number in their own system
SELECT customer_id, was_already_recorded FROM record_response(customer => 2, quoted_code => 'DB02018', channel => 'web', request_id => 'web 1', at => '2008-01-15');
SELECT customer_id, was_already_recorded FROM record_response(customer => 2, quoted_code => 'DA01018', channel => 'web', request_id => 'web 2', at => '2008-02-15');
SELECT customer_id FROM record_response(customer_system => 'shop', customer_number => 'S-2', customer => 2, channel => 'web', request_id => 'web 3', at => '2008-02-16');
SELECT customer_id, is_new FROM register_customer(customer => 2, email => 'new@example.com', request_id => 'reg 1');
SELECT count(*) > 5 AS card FROM customer_card(2);

-- twice, crossed, under a key
SELECT * FROM merge_customers(1, 2);
SELECT * FROM merge_customers(2, 1);
SELECT * FROM merge_customers(1, 3, request_id => 'm 1');
SELECT * FROM merge_customers(1, 3, request_id => 'm 1');
SELECT * FROM merge_customers(1, 5, request_id => 'm 1');

-- merges are undone last one first
SELECT * FROM unmerge_customers(1);
SELECT * FROM unmerge_customers(2);
SELECT customer_merge_id, survivor_id, loser_id, is_undoable, unmerged_at IS NOT NULL AS is_undone FROM customer_merges ORDER BY 1;

-- recorded since: an event of the piece that goes back, a visit on its lead; an order that hangs on rows of both stays
SELECT touch_event_id > 0 AS ok FROM record_touch_event(customer => 2, touch => 2, kind => 'clicked', at => '2008-02-20', request_id => 'click 1');
INSERT INTO visit (customer_id, lead_id, visited_at) SELECT customer_id, lead_id, '2008-02-20' FROM lead;
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, lead_id, response_id)
SELECT 1, 10, '2008-02-21', 70, l.lead_id, r.response_id FROM lead l, response r WHERE r.request_id = 'web 2';
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, lead_id) SELECT 1, 11, '2008-02-22', 80, l.lead_id FROM lead l;
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) VALUES (1, 12, '2008-02-23', 90);
UPDATE customer SET name = 'Wang Xiaoming, mended' WHERE customer_id = 1;
SELECT refresh_reports('2008-04-01') > 0 AS refreshed;
SELECT * FROM unmerge_customers(1, 'two people after all');
SELECT * FROM unmerge_customers(1);
SELECT customer_order_id, customer_id, lead_id IS NOT NULL AS has_lead, response_id IS NOT NULL AS has_response FROM customer_order ORDER BY 1;
SELECT 'visit' AS what, customer_id FROM visit UNION ALL SELECT 'touch event', customer_id FROM touch_event UNION ALL SELECT 'response ' || request_id, customer_id FROM response ORDER BY 1;
SELECT customer_id, name, household_id, salesperson_id, kind FROM customer WHERE customer_id IN (1, 2) ORDER BY 1;
SELECT kind, value, customer_id FROM contact_point ORDER BY contact_point_id;
SELECT * FROM pg_temp.compare_with_rebuild();

-- without what was recorded since everything is as before, to the bit; and so are the reports
DELETE FROM touch_event; DELETE FROM visit; DELETE FROM customer_order WHERE customer_order_id >= 10; DELETE FROM response WHERE request_id <> 'web 1';
DELETE FROM contact_point WHERE value = 'new@example.com';
UPDATE customer SET name = 'Wang Xiaoming', became_internal_at = NULL WHERE customer_id = 1;
SELECT b.table_name, b.contents AS was, p.contents AS is FROM before b JOIN pg_temp.picture('{1,2,3,6}') p USING (table_name) WHERE b.contents IS DISTINCT FROM p.contents;
SELECT rebuild_reports() > 0 AS rebuilt;
SELECT date_day, source_code::text, responses, new_names, orders, matched_orders FROM source_day WHERE responses + orders + new_names > 0 ORDER BY 1, 2;

-- which value wins
SELECT customer_merge_id AS merge FROM merge_customers(1, 5, rule => 'newest') \gset
SELECT name, salesperson_id FROM customer WHERE customer_id = 1;
SELECT field, why FROM merged_fields_origin ORDER BY 1;
SELECT rows_returned FROM unmerge_customers(:merge);
SELECT customer_merge_id AS merge FROM merge_customers(1, 5, from_loser => '{name}') \gset
SELECT name, salesperson_id FROM customer WHERE customer_id = 1;
SELECT field, why FROM merged_fields_origin ORDER BY 1;
SELECT rows_returned FROM unmerge_customers(:merge);

-- who answers while he is somebody else stays internal
SELECT customer_merge_id AS merge FROM merge_customers(9, 5) \gset
SELECT became_internal FROM record_response(customer => 5, channel => 'call', request_id => 'call 1', at => '2008-03-01');
SELECT rows_returned FROM unmerge_customers(:merge);
SELECT customer_id, kind, became_internal_at FROM customer WHERE customer_id IN (5, 9) ORDER BY 1;
SELECT sum(problems) AS integrity_problems FROM check_integrity();

-- what is refused while they are one holds for both afterwards, and nothing else does
INSERT INTO consent_event (customer_id, channel, status, given_by, happened_at, recorded_at) VALUES (9, 'call', 'refused', 'person', '2008-01-01', '2008-01-01');
SELECT customer_merge_id AS merge FROM merge_customers(9, 5) \gset
SELECT is_in_force FROM record_consent(9, 'visit', NULL, 'refused', 'no visit', '2008-05-01');
SELECT is_in_force FROM record_consent(5, 'mail', NULL, 'refused', 'no mail', '2008-05-01') UNION ALL SELECT is_in_force FROM record_consent(9, 'mail', NULL, 'granted', 'mail', '2008-05-02', evidence => 'form');
SELECT contact_stop_id > 0 AS stopped FROM record_contact_stop(9, 'never_contact', 'stop', '2008-05-01', channel => 'sms');
SELECT rows_returned >= 0 AS undone FROM unmerge_customers(:merge);
SELECT customer_id, channel, purpose, status, given_by FROM consent_event WHERE customer_id IN (5, 9) ORDER BY 1, 2, 3, 4;
SELECT customer_id, refusal, channel FROM contact_stop WHERE customer_id IN (5, 9) ORDER BY 1;
-- merged and undone under different time zones, to the bit; and two of whom an app has a piece each
INSERT INTO selection (selection, name, channel, delivery) VALUES ('one', 'one', 'call', 'calls'), ('two', 'two', 'call', 'calls');
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, status, due_at, expires_at, reservation_ends_at)
SELECT c, r, 'one', 'piece ' || r, 'call', 0, s, '2008-05-01', '2008-06-01', CASE s WHEN 'taken' THEN timestamptz '2008-05-02 10:00' END
  FROM (VALUES (5, 1, 'taken'), (5, 3, 'waiting'), (9, 1, 'waiting'), (9, 2, 'taken')) v (c, r, s);
UPDATE customer SET kind = 'internal', became_internal_at = '2008-01-02' WHERE customer_id = 5;
UPDATE customer SET kind = 'internal', became_internal_at = '2008-02-02' WHERE customer_id = 9;
CREATE TEMP TABLE before_two AS SELECT * FROM pg_temp.picture('{5,9}');
SET TimeZone = 'Asia/Shanghai';
SELECT customer_merge_id AS merge FROM merge_customers(9, 5) \gset
SET TimeZone = 'UTC';
SELECT selection_run_id, status, to_char(due_at, 'YYYY-MM-DD HH24:MI') AS due_at, to_char(reservation_ends_at, 'YYYY-MM-DD HH24:MI') AS reservation_ends_at FROM selection_member WHERE customer_id = 9 ORDER BY 1;
SELECT became_internal_at = '2008-01-02' AS earlier FROM customer WHERE customer_id = 9;
SELECT rows_returned >= 0 AS undone FROM unmerge_customers(:merge);
SELECT b.table_name, b.contents AS was, p.contents AS is FROM before_two b JOIN pg_temp.picture('{5,9}') p USING (table_name) WHERE b.contents IS DISTINCT FROM p.contents;
DELETE FROM selection_member;
-- a row of the survivor that was united with one of the loser names his touch and address for a while; a piece holds once
INSERT INTO contact_point (customer_id, kind, value) VALUES (9, 'email', 'one@x.example'), (9, 'email', 'two@x.example'), (5, 'email', 'one@x.example');
INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id) SELECT 5, 'DA01018', '2008-05-01', p.contact_point_id FROM contact_point p WHERE p.customer_id = 5 AND p.value = 'one@x.example';
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, status, due_at, expires_at, contact_point_id, touch_id)
SELECT c, r, 'one', piece, 'email', 0, s, '2008-05-01', '2008-06-01', (SELECT p.contact_point_id FROM contact_point p WHERE p.customer_id = c AND p.value = address), CASE WHEN c = 5 AND s = 'done' THEN (SELECT max(t.touch_id) FROM touch t WHERE t.customer_id = 5) END
  FROM (VALUES (9, 1, 'p', 'cancelled', NULL), (9, 2, 'p', 'done', NULL), (5, 1, 'p', 'waiting', NULL), (9, 3, 'q', 'failed', 'two@x.example'), (5, 3, 'q', 'done', 'one@x.example')) v (c, r, piece, s, address);
DELETE FROM before_two;
INSERT INTO before_two SELECT * FROM pg_temp.picture('{5,9}');
SELECT customer_merge_id AS merge FROM merge_customers(9, 5) \gset
SELECT m.selection_run_id, m.piece, m.status, p.value AS address, m.touch_id IS NOT NULL AS has_touch FROM selection_member m LEFT JOIN contact_point p USING (customer_id, contact_point_id) WHERE m.customer_id = 9 ORDER BY 1;
SELECT rows_returned >= 0 AS undone FROM unmerge_customers(:merge);
SELECT b.table_name, b.contents AS was, p.contents AS is FROM before_two b JOIN pg_temp.picture('{5,9}') p USING (table_name) WHERE b.contents IS DISTINCT FROM p.contents;
DELETE FROM selection_member; DELETE FROM contact_stop; DELETE FROM consent_event WHERE customer_id IN (5, 9);

-- mistakes
SELECT merge_customers(1, NULL);
SELECT merge_customers(1, 1);
SELECT merge_customers(0, 1);
SELECT merge_customers(1, 99);
SELECT merge_customers(1, 7);
SELECT merge_customers(1, 8);
SELECT merge_customers(1, 5, rule => 'oldest');
BEGIN;
SELECT customer_id, was_already_merged FROM merge_customers(1, 5, from_loser => NULL);
ROLLBACK;
SELECT merge_customers(1, 5, from_loser => '{kind}');
SELECT unmerge_customers(99);
SELECT count(*) AS merged FROM merged_customer;

-- a table of the user's own: with a key its rows go along, without one nobody could bring them back
CREATE TABLE club_card (card_no int PRIMARY KEY, customer_id bigint REFERENCES customer, note text);
INSERT INTO club_card VALUES (1, 5, 'gold');
CREATE TABLE remark (customer_id bigint REFERENCES customer, remark text);
INSERT INTO remark VALUES (5, 'tall');
SELECT merge_customers(1, 5);
DROP TABLE remark;
SELECT customer_merge_id AS merge FROM merge_customers(1, 5) \gset
SELECT customer_id FROM club_card;
SELECT rows_returned FROM unmerge_customers(:merge);
SELECT customer_id FROM club_card;
DROP TABLE club_card;

-- a sheet that was loaded before the merge and is loaded again: nothing twice, by either number
CREATE TABLE public.mc_sheet (customer_id text, system text, number text, ordered_at text, revenue text);
INSERT INTO public.mc_sheet VALUES ('5', NULL, NULL, '2008-03-01', '10'), (NULL, 'shop', 'S-5', '2008-03-02', '20'), ('1', NULL, NULL, '2008-03-01', '10');
CREATE TABLE public.mc_names (customer_id text, name text, email text);
INSERT INTO public.mc_names VALUES ('5', 'Wang X.', 'five@example.com');
INSERT INTO customer_ref (system, number, customer_id) VALUES ('shop', 'S-5', 5);
SELECT loaded, already_there, rejected FROM load_orders('public.mc_sheet');
SELECT customer_merge_id AS merge FROM merge_customers(1, 5) \gset
SELECT loaded, already_there, rejected FROM load_orders('public.mc_sheet');
SELECT loaded, already_there, rejected FROM load_customers('public.mc_names');
SELECT count(*) AS resurrected FROM customer WHERE customer_id = 5;
SELECT count(*) AS addresses FROM contact_point WHERE customer_id = 1 AND value = 'five@example.com';
SELECT first_customer_id, customer_id FROM customer_ref WHERE number = 'S-5';
SELECT rows_returned > 3 AS returned FROM unmerge_customers(:merge);
SELECT loaded, already_there, rejected FROM load_orders('public.mc_sheet');
SELECT first_customer_id, customer_id FROM customer_ref WHERE number = 'S-5';
DROP TABLE public.mc_sheet, public.mc_names;

-- random histories on the sample: chains of merges with clashes of every kind, and back again
SET search_path = public, dupex;
SELECT uninstall('mc', drop_data => true) IS NOT NULL AS removed;
SELECT install('mc') IS NOT NULL AND load_sample('mc', 0.02) IS NOT NULL AS installed;
SET search_path = mc, dupex, public;
INSERT INTO contact_point (customer_id, kind, value, status, is_preferred) SELECT c, 'email', 'same@example.com', CASE c % 2 WHEN 0 THEN 'refused' ELSE 'valid' END, c % 3 = 0 FROM generate_series(1, 60) c;
INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, request_id)
SELECT p.customer_id, (SELECT min(source_code) FROM source WHERE NOT is_hold_out AND source_code <> 'UNSOURCED'), '2026-05-05', p.contact_point_id, 'clash'
  FROM contact_point p JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed WHERE p.value = 'same@example.com';
INSERT INTO list_member (customer_id, list, joined_on) SELECT c, (SELECT min(list) FROM list), date '2026-01-01' + c FROM generate_series(1, 60) c ON CONFLICT DO NOTHING;
INSERT INTO account_owner SELECT c, '1999-02-02', NULL, 'x' FROM generate_series(1, 60) c;
SELECT refresh_reports('2026-07-01') > 0 AS refreshed, refresh_value('2026-07-01') > 0 AS scored;
CREATE TEMP TABLE difference (what text);
CREATE TEMP TABLE taken (merge_no int, table_name text, contents text);
DO $$
DECLARE
    people bigint[];
    merge  bigint[];
BEGIN
    FOR i IN 1..3 LOOP
        people := ARRAY(SELECT customer_id FROM customer WHERE customer_id BETWEEN 1 AND 60 AND NOT is_seed AND NOT is_organisation ORDER BY md5(i::text || customer_id) LIMIT 4);
        merge := '{}';
        FOR j IN 2..4 LOOP
            INSERT INTO taken SELECT j, p.* FROM pg_temp.picture(people) p;
            merge := merge || (merge_customers(people[CASE (i + j) % 2 WHEN 0 THEN 1 ELSE j END], people[CASE (i + j) % 2 WHEN 0 THEN j ELSE 1 END],
                                               rule => CASE i % 3 WHEN 0 THEN 'newest' ELSE 'survivor' END)).customer_merge_id;
        END LOOP;
        INSERT INTO difference SELECT check_name || ', merged: ' || example FROM check_integrity() WHERE problems > 0;
        FOR j IN REVERSE 4..2 LOOP
            PERFORM unmerge_customers(merge[j - 1]);
            INSERT INTO difference SELECT 'table ' || table_name FROM (SELECT table_name, contents FROM taken WHERE merge_no = j EXCEPT SELECT * FROM pg_temp.picture(people)) d;
        END LOOP;
        DELETE FROM taken;
    END LOOP;
    INSERT INTO difference SELECT check_name || ', unmerged: ' || example FROM check_integrity() WHERE problems > 0;
END $$;
SELECT * FROM difference;
SELECT count(*) AS merges, sum(rows_moved) > 100 AS moved_many, bool_and(unmerged_at IS NOT NULL) AS all_undone FROM customer_merge;
SELECT count(*) AS left_behind FROM customer_merge_row;

SET search_path = public, dupex;
SELECT uninstall('mc', drop_data => true) IS NOT NULL AS removed;
