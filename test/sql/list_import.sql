-- A bought file becomes names of a list: each row with its diagnosis and its fate, the report and the
-- money saved; who is known gets his place on the list and nothing else; the same file is imported
-- once; random files against components found by brute force.
SET client_min_messages = warning;
SELECT dupex.install('import_test') IS NOT NULL AS installed;
SET search_path = import_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO list (list, name, kind, origin, supplier, price_per_name, net_name_floor, status, retired_on) VALUES
    ('01', 'house', 'internal', 'house', NULL, NULL, NULL, 'active', NULL), ('21', 'bought', 'external', 'bought', 'smith', 0.3, 0.5, 'new', NULL),
    ('22', 'other', 'external', 'rented', 'jones', NULL, NULL, 'new', NULL), ('23', 'worn out', 'external', 'rented', 'jones', NULL, NULL, 'retired', '2025-01-01');
-- the house: one customer with a mobile number, one who opted out; and an address that is suppressed
SELECT customer_id FROM register_customer(name => 'House', email => 'house@qq.com', mobile => '13900139000', request_id => 'c1');
SELECT customer_id FROM register_customer(name => 'Out', email => 'out@163.com', request_id => 'c2');
SELECT is_new FROM record_consent(customer => 2, status => 'refused', given_by => 'person', request_id => 'c3', at => '2025-01-01');
SELECT is_new FROM add_suppression('email', 'gone@qq.com', 'unsubscribed');
SELECT is_new FROM add_suppression('phone', '13700137000', 'complained');

CREATE TABLE sheet (name text, email text, mobile text, phone text, postal text, messenger text, birthday text, _supplier_no text);
INSERT INTO sheet VALUES
    ('Ann Lee',    'ann@example-mail.com',  NULL, NULL, NULL, NULL, NULL, 'S1'),
    ('Ann Lee',    'ANN@example-mail.com ', NULL, NULL, NULL, NULL, NULL, 'S2'),              -- the same mailbox
    ('Bob Hill',   'bob@gmial.com',         NULL, NULL, NULL, NULL, '1990-13-45', 'S3'),      -- a slip; no date
    ('Cid Moor',   'cid＠qq．com',          NULL, NULL, NULL, NULL, NULL, 'S4'),              -- full width
    ('王小明',     'xm@qq.com', '138 0013 8000', NULL, '北京市海淀区中关村大街1号', NULL, '1980-02-29', 'S5'),
    ('王晓明',     NULL, '+86 13800138000', NULL, NULL, NULL, NULL, 'S6'),                    -- the same mobile
    ('nobody',     'not an address', '12',  NULL, NULL, NULL, NULL, 'S7'),
    ('',           '', NULL, NULL, NULL, NULL, NULL, 'S8'),
    ('Office A',   'info@firm-a.com', NULL, '010-6255 1234', NULL, NULL, NULL, 'S9'),         -- colleagues share both
    ('Office B',   'info@firm-a.com', NULL, '010-6255 1234', NULL, NULL, NULL, 'S10'),
    ('Office A',   NULL, NULL, '(010) 62551234 ext. 5', NULL, NULL, NULL, 'S11'),             -- the same colleague
    ('Gone',       'gone@qq.com', NULL, NULL, NULL, NULL, NULL, 'S12'),
    ('Complained', 'other@qq.com', '13700137000', NULL, NULL, NULL, NULL, 'S13'),
    ('Any Name',   NULL, NULL, '13900139000', NULL, NULL, NULL, 'S14'),                       -- a mobile number in the other column, of the house
    ('Out',        'OUT@163.com', '13500135000', NULL, NULL, NULL, '1970-01-01', 'S15'),      -- known, and opted out
    ('Service',    NULL, '400-820-8820', NULL, NULL, NULL, NULL, 'S16'),
    ('Messenger',  NULL, NULL, NULL, NULL, 'Some.One', NULL, 'S17');
SELECT * FROM import_list('21', 'sheet', cost_per_piece => 0.5, joined_on => '2025-03-01');
SELECT row_no, row_data ->> '_supplier_no' AS supplier_no, fate, reason, same_as_row_no AS same, customer_id, email, email_code, mobile, mobile_code, phone, phone_code, is_repaired FROM list_import_row ORDER BY row_no;
SELECT list, input_names, invalid, suppressed, intra, in_house, inter, household, net_names, repaired, net_share FROM list_hygiene;
SELECT pieces_saved, cost_per_piece, postage_saved, names_paid, price_per_name, rent_saved, money_saved, saved_share, assumptions FROM list_hygiene;
SELECT column_name, code, names, usable, repaired, dropped FROM list_hygiene_diagnosis ORDER BY column_name COLLATE "C", code COLLATE "C";
SELECT c.customer_id, c.kind, c.entered_as, c.name, c.birthday, (SELECT string_agg(format('%s %s', p.kind, p.value), ', ' ORDER BY p.contact_point_id) FROM contact_point p WHERE p.customer_id = c.customer_id) AS addresses,
       (SELECT string_agg(m.list || ' ' || m.joined_on, ', ') FROM list_member m WHERE m.customer_id = c.customer_id) AS lists FROM customer c WHERE c.customer_id <> 0 ORDER BY c.customer_id;
SELECT count(*) AS unhashed FROM contact_point WHERE key_hash IS NULL;
SELECT names, received_on, status FROM list WHERE list = '21';
-- what is kept of people who are suppressed: nothing that says who they are
SELECT row_data, email, mobile, phone FROM list_import_row WHERE fate = 'suppressed';
-- the opt-out of one who is known holds
SELECT allowed FROM may_contact(2, 'email', '2025-03-02 10:00');

-- a row that repeats another one brings its addresses
CREATE TABLE two_numbers AS SELECT 'Eve Dunn' AS name, 'eve@dunn-mail.com' AS email, '13600136001' AS mobile, '13600136002' AS phone;
INSERT INTO two_numbers VALUES ('Eve Dunn', 'eve@work-mail.com', NULL, '13600136002'), ('Eve D.', 'eve@work-mail.com', NULL, NULL);
SELECT intra, net_names FROM import_list('21', 'two_numbers', joined_on => '2025-03-01');
SELECT kind, value FROM contact_point WHERE customer_id = 10 ORDER BY value COLLATE "C";
-- the same file, in another order, adds nothing
CREATE TABLE sheet_again AS SELECT * FROM sheet ORDER BY _supplier_no DESC;
SELECT list_import_id, net_names, was_already_imported FROM import_list('21', 'sheet_again');
SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM list_import), (SELECT count(*) FROM list_import_row), (SELECT count(*) FROM list_member), (SELECT count(*) FROM contact_point);
-- part of it to another list: multi-buyers; more of it to the same list: on the list already
CREATE TABLE other_sheet AS SELECT name, email FROM sheet WHERE email LIKE '%@%' AND name <> 'Bob Hill';
INSERT INTO other_sheet VALUES ('New One', 'new.one@163.com');
SELECT * FROM import_list('22', 'other_sheet', joined_on => '2025-04-01');
SELECT * FROM import_list('21', 'other_sheet', joined_on => '2025-04-01');
SELECT row_no, fate, reason, customer_id FROM list_import_row WHERE list_import_id > 1 ORDER BY list_import_id, row_no;
SELECT money_saved, assumptions FROM list_hygiene ORDER BY list_import_id;
SELECT list, other_list, shared_names FROM partner_overlap ORDER BY list COLLATE "C", other_list COLLATE "C";
-- one who has left the list does not come back with it
UPDATE list_member SET left_on = '2025-05-01' WHERE customer_id = 3 AND list = '22';
CREATE TABLE leaver AS SELECT 'Ann Lee' AS name, 'ann@example-mail.com' AS email;
SELECT intra, net_names FROM import_list('22', 'leaver');
SELECT left_on FROM list_member WHERE customer_id = 3 AND list = '22';
-- who is erased comes in again with a file and stays out
SELECT is_new FROM add_suppression('email', 'new.one@163.com', 'erased');
CREATE TABLE erased AS SELECT 'New One' AS name, 'New.One@163.com' AS email;
SELECT suppressed, net_names FROM import_list('21', 'erased');

-- enough of one household
CREATE TABLE family (name, email, postal) AS VALUES ('Jo Ray', 'jo@ray-mail.com', '12 Long Street'), ('Al Ray', 'al@ray-mail.com', '12 long st.'), ('Cy Ray', 'cy@ray-mail.com', '12 Long Street'), ('Di Fox', 'di@fox-mail.com', '13 Long Street');
SELECT input_names, household, net_names FROM import_list('22', 'family', keep_per_household => 2);

-- slips that only the file can tell: one in three hundred; a domain that is as rare but not alike stays
CREATE TABLE slips AS SELECT 'Slip ' || i AS name, 'slip' || i || '@' || CASE i WHEN 7 THEN 'garden-mial.com' WHEN 8 THEN 'mountain-mail.com' ELSE 'garden-mail.com' END AS email FROM generate_series(1, 300) i;
SELECT net_names, repaired FROM import_list('22', 'slips');
SELECT row_data ->> 'email' AS given, email, email_code FROM list_import_row WHERE row_no IN (7, 8) AND row_data ->> 'name' LIKE 'Slip%';
UPDATE setting SET value = 'no' WHERE setting = 'list_repair_typos';
CREATE TABLE slips_again AS SELECT 'x ' || name AS name, 'x' || email AS email FROM slips;
SELECT net_names, repaired, invalid FROM import_list('22', 'slips_again');
UPDATE setting SET value = 'yes' WHERE setting = 'list_repair_typos';

-- a manager may import, an app may not
CREATE ROLE regress_list_manager;
CREATE ROLE regress_list_app;
SELECT grant_access('regress_list_manager', 'manager') IS NOT NULL AND grant_access('regress_list_app', 'app') IS NOT NULL AS granted;
SET ROLE regress_list_manager;
CREATE TEMP TABLE of_manager AS SELECT 'Mia Mann' AS name, 'mia@mann-mail.com' AS email UNION ALL SELECT 'Gone', 'gone@qq.com';
SELECT net_names, suppressed FROM import_list('22', 'of_manager');
SELECT drawn FROM test_list('22', 5);
SELECT change_list_status('22', 'active', 'it will do'), retire_lists('2025-05-01'), apply_two_strikes('2025-05-01');
SELECT string_agg(relname, ', ' ORDER BY relname) AS left_over FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND relname <> 'of_manager';
SET ROLE regress_list_app;
SELECT * FROM import_list('22', 'sheet');
SELECT test_list('22', 5);
RESET ROLE;
SELECT revoke_access('regress_list_manager') AND revoke_access('regress_list_app') AS revoked;
DROP TABLE of_manager;
DROP ROLE regress_list_manager, regress_list_app;

-- errors, before anything is written
CREATE TABLE wrong_sheet (name text, mail text);
SELECT * FROM import_list('21', 'wrong_sheet');
SELECT * FROM import_list('09', 'sheet');
SELECT * FROM import_list('01', 'sheet');
SELECT * FROM import_list('23', 'sheet');
SELECT * FROM import_list('21', NULL);
SELECT * FROM import_list('21', 'family', keep_per_household => 0);
SELECT * FROM import_list('21', 'family', cost_per_piece => -1);
SELECT * FROM import_list('21', 'family', price_per_name => 1e20);
CREATE TABLE no_rows (name text, email text);
SELECT * FROM import_list('21', 'no_rows');

-- Random files: as many names come in as the rows that can be used have components, whatever the order
-- of the rows; the other rows are repetitions. Both lists of one session, and names of both.
CREATE FUNCTION pg_temp.die(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT (hashint8extended(n, salt) & 1048575) / 1048576.0::float8$$;
INSERT INTO list (list, name, kind, origin) VALUES ('31', 'r1', 'external', 'bought'), ('32', 'r2', 'external', 'bought'), ('33', 'r3', 'external', 'bought');
CREATE TABLE random_rows AS
SELECT i AS no, 'Person ' || floor(40 * pg_temp.die(i, 1)) AS name,
       CASE WHEN pg_temp.die(i, 2) < .6 THEN 'random' || floor(200 * pg_temp.die(i, 3)) || '@' || (ARRAY['qq.com', '163.com', 'gmail.com'])[1 + floor(3 * pg_temp.die(i, 4))::int] WHEN pg_temp.die(i, 2) < .7 THEN 'nothing' END AS email,
       CASE WHEN pg_temp.die(i, 5) < .5 THEN '1366' || lpad(floor(150 * pg_temp.die(i, 6))::text, 7, '0') END AS mobile,
       CASE WHEN pg_temp.die(i, 7) < .3 THEN '010-6255' || lpad(floor(30 * pg_temp.die(i, 8))::text, 4, '0') END AS phone
  FROM generate_series(1, 500) i;
CREATE TEMP TABLE edge AS
SELECT DISTINCT a.no AS a, b.no AS b FROM random_rows a JOIN random_rows b ON email_match_key(a.email) = email_match_key(b.email) OR a.mobile = b.mobile OR a.phone = b.phone AND a.name = b.name;
CREATE FUNCTION pg_temp.components(OUT components bigint, OUT usable bigint) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE label ON COMMIT DROP AS SELECT no, no AS least FROM random_rows WHERE email_match_key(email) IS NOT NULL OR mobile IS NOT NULL OR phone IS NOT NULL;
    LOOP
        UPDATE label l SET least = m.least FROM (SELECT e.a, min(o.least) AS least FROM edge e JOIN label o ON o.no = e.b GROUP BY e.a) m WHERE m.a = l.no AND m.least < l.least;
        EXIT WHEN NOT FOUND;
    END LOOP;
    SELECT count(DISTINCT least), count(*) INTO components, usable FROM label;
END
$$;
CREATE TABLE random_one AS SELECT name, email, mobile, phone FROM random_rows ORDER BY no;
SELECT i.net_names = c.components AND i.net_names + i.intra = c.usable AND i.invalid = 500 - c.usable AND i.suppressed + i.in_house + i.inter = 0 AS agrees, c.components BETWEEN 20 AND 300 AS some
  FROM import_list('31', 'random_one') i, pg_temp.components() c;
-- the mailboxes and mobile numbers of all of them are known afterwards, in whatever order they come
CREATE TABLE random_two AS SELECT name, email, mobile FROM random_rows ORDER BY pg_temp.die(no, 9);
SELECT i.net_names = 0 AND i.inter + i.intra = (SELECT count(*) FROM random_rows WHERE email_match_key(email) IS NOT NULL OR mobile IS NOT NULL) AS all_known FROM import_list('32', 'random_two') i;
SELECT count(DISTINCT customer_id) = c.components AS as_many_people FROM list_member, pg_temp.components() c WHERE list IN ('31', '32') GROUP BY c.components;
-- every row that is not invalid says who it is, and rows of one customer hang together
SELECT fate, count(*) FILTER (WHERE customer_id IS NULL) AS of_nobody FROM list_import_row WHERE list_import_id IN (SELECT list_import_id FROM list_import WHERE list IN ('31', '32')) GROUP BY fate ORDER BY fate COLLATE "C";
SELECT count(*) FILTER (WHERE input_names <> invalid + suppressed + intra + in_house + inter + household + net_names) AS sums_that_are_wrong, count(*) AS imports FROM list_import;
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;

-- rows are forgotten after a time, counts stay, and the file is still known
SELECT purge_list_rows(now() + interval '399 days'), purge_list_rows(now() + interval '401 days') > 500 AS purged;
SELECT net_names, was_already_imported FROM import_list('21', 'sheet');
SELECT count(*) AS rows, (SELECT count(*) > 5 FROM list_hygiene) AS reports FROM list_import_row;
SELECT dupex.uninstall('import_test', drop_data => true) IS NOT NULL AS uninstalled;
