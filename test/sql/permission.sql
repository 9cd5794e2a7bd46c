-- Permission: caps, consents, suppressions, bounces. permission_rules compares all rules with an
-- oracle; here stands what each of them means, and that nothing takes an opt-out back.
SET client_min_messages = warning;
SELECT dupex.install('permission_test') IS NOT NULL AS installed;
SET search_path = permission_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY default
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign VALUES ('spring', 'Spring'), ('orders', 'Orders'), ('course', 'Course');
INSERT INTO campaign_contact VALUES ('orders', 'transactional', false), ('course', 'marketing', true);
INSERT INTO offer VALUES ('one', 'One'), ('two', 'Two');
INSERT INTO source (source_code, campaign, medium, offer) VALUES ('DA01018', 'spring', 'D', NULL), ('DB01018', 'spring', 'D', NULL), ('DA02018', 'orders', 'D', NULL), ('XA01018', 'spring', 'X', NULL),
    ('DA03018', 'course', 'D', 'one'), ('DB03018', 'course', 'D', 'two');

-- the keys by which addresses are the same
SELECT kind, value, contact_match_key(kind, value) FROM (VALUES ('email', 'J.Smith+news@GMail.com'), ('email', 'jsmith@googlemail.com'), ('email', '王小明＠QQ。com'), ('email', 'reserved@Example.COM'), ('email', 'nobody'),
    ('mobile', '138 0013 8000'), ('phone', '+86-13800138000'), ('phone', '０１０－６５５５１２３４'), ('phone', '12'), ('postal', '12 Long Street, Town'), ('postal', '12 long St Town'), ('postal', '上海市人民路１２号'), ('messenger', ' Ann.7 '), ('email', NULL)) v (kind, value);
SELECT suppression_hash('mobile', '+8613800138000') = suppression_hash('phone', '+8613800138000') AS a_number_is_a_number,
       suppression_hash('email', 'a@b.cn') <> suppression_hash('postal', 'a@b.cn') AS kinds_differ, octet_length(suppression_hash('email', 'a@b.cn')) AS bytes, suppression_hash('email', NULL) IS NULL AS null_for_null;
SELECT (SELECT secret FROM installation_secret) <> sha256('') AND length((SELECT secret FROM installation_secret)) = 32 AS has_secret;

SELECT customer_id FROM register_customer(name => 'Ada', request_id => 'ada', email => 'Ada@Mail.cn', mobile => '138 0000 0001');
SELECT customer_id FROM register_customer(name => 'Bo', request_id => 'bo', email => 'bo@mail.cn', mobile => '138 0000 0002', kind => 'external');
SELECT customer_id FROM register_customer(name => 'Cy', request_id => 'cy', email => 'cy@mail.cn');
SELECT kind, value, match_key, key_hash = suppression_hash(kind, match_key) AS is_hashed FROM contact_point WHERE customer_id = 1 ORDER BY kind;

-- caps: rolling windows of which the edge is out
SELECT touch_id FROM record_touch(1, 'DA01018', 't1', '2026-03-01 12:00'), record_touch(1, 'DB01018', 't2', '2026-03-03 12:00') b (c, second);
UPDATE contact_rule SET pieces = 2 WHERE channel = 'email';
SELECT at, m.* FROM unnest('{2026-03-03 11:59:59,2026-03-03 12:00,2026-03-08 11:59:59,2026-03-08 12:00,2026-03-08 12:00:01}'::timestamptz[]) at, may_contact(1, 'email', at) m;
-- 0 and NULL are no cap; nor is a window of 0
UPDATE contact_rule SET pieces = 0 WHERE channel = 'email';
SELECT * FROM may_contact(1, 'email', '2026-03-04');
UPDATE contact_rule SET pieces = NULL WHERE channel = 'email';
SELECT * FROM may_contact(1, 'email', '2026-03-04');
-- a rule of her own for text messages does not lift the cap of e-mail for everybody; one for e-mail does
UPDATE contact_rule SET pieces = 2 WHERE channel = 'email';
SELECT * FROM record_contact_rule(1, 'sms', 9, 'rule 1');
SELECT * FROM may_contact(1, 'email', '2026-03-04');
SELECT * FROM record_contact_rule(1, 'email', 3, 'rule 2', within => '7 days');
SELECT * FROM may_contact(1, 'email', '2026-03-04');
SELECT * FROM record_contact_rule(1, 'email', 0, 'rule 3', distance => '12 hours');
SELECT channel, rule, within, pieces FROM customer_contact_rule ORDER BY 1, 2;
SELECT at, m.* FROM unnest('{2026-03-03 23:59:59,2026-03-04}'::timestamptz[]) at, may_contact(1, 'email', at) m;
-- what she waits for goes out all the same, and does not count
SELECT * FROM may_contact(1, 'email', '2026-03-03 13:00', 'orders');
SELECT touch_id FROM record_touch(2, 'DA02018', 't3', '2026-03-03 12:00'), record_touch(2, 'DA02018', 't4', '2026-03-03 13:00') b (c, second), record_touch(2, 'DA01018', 't5', '2026-03-03 14:00') d (e, third);
SELECT * FROM may_contact(2, 'email', '2026-03-03 15:00');
-- over all channels
UPDATE contact_rule SET pieces = 1 WHERE channel IS NULL AND rule = 'cap';
SELECT * FROM may_contact(2, 'sms', '2026-03-03 15:00');
UPDATE contact_rule SET pieces = 0;
-- the same piece twice; a series goes on to its next offer
SELECT * FROM may_contact(2, 'email', '2026-05-01', 'spring');
SELECT * FROM may_contact(2, 'sms', '2026-05-01', 'spring');
SELECT touch_id FROM record_touch(2, 'DA03018', 't6', '2026-03-03 14:00');
SELECT * FROM may_contact(2, 'email', '2026-05-01', 'course');
SELECT touch_id FROM record_touch(2, 'DB03018', 't7', '2026-03-04 14:00');
SELECT * FROM may_contact(2, 'email', '2026-05-01', 'course');

-- hours where the person is
INSERT INTO region VALUES ('sh', 'Shanghai', 'Asia/Shanghai');
UPDATE customer SET region = 'sh' WHERE customer_id = 1;
INSERT INTO quiet_hours (channel, starts, ends) VALUES ('sms', '21:00', '08:00');
SELECT at, (may_contact(1, 'sms', at)).reason AS in_shanghai, (may_contact(2, 'sms', at)).reason AS elsewhere
  FROM unnest('{2026-03-03 12:59,2026-03-03 13:00,2026-03-03 21:00,2026-03-03 23:59,2026-03-04 00:00}'::timestamptz[]) at;
DELETE FROM quiet_hours;

-- a pause to come, and never
SELECT contact_stop_id FROM record_contact_stop(1, 'paused', 'stop 1', '2026-07-01', '2026-07-15', details => 'on holiday');
SELECT at, (may_contact(1, 'sms', at)).reason FROM unnest('{2026-06-30 23:59,2026-07-01,2026-07-14 23:59:59,2026-07-15}'::timestamptz[]) at;
SELECT contact_stop_id FROM record_contact_stop(3, 'never_contact', 'stop 2', '2026-07-01');
SELECT (may_contact(3, 'email', '2026-08-01')).reason AS marketing, (may_contact(3, 'email', '2026-08-01', 'orders')).reason AS what_she_waits_for;

-- An opt-out: for the channel and purpose, from its time on, by all addresses of the channel.
SELECT is_in_force FROM record_consent(1, 'email', 'marketing', 'refused', 'no 1', '2026-03-10', source => 'telephone');
SELECT at, channel, campaign, m.* FROM (VALUES ('2026-03-09'::timestamptz, 'email', NULL), ('2026-03-10', 'email', NULL), ('2026-03-11', 'sms', NULL), ('2026-03-11', 'email', 'orders')) v (at, channel, campaign), may_contact(1, channel, at, campaign) m;
-- no import takes it back: not a consent from a list or a member of staff, not the name in a bought list, not its removal
SELECT is_in_force FROM record_consent(1, 'email', 'marketing', 'granted', 'yes 1', '2026-03-12', given_by => 'import', source => 'list 11');
SELECT is_in_force FROM record_consent(1, NULL, NULL, 'granted', 'yes 2', '2026-03-12', given_by => 'staff', evidence => 'said so');
SELECT is_new FROM register_customer(1, request_id => 'again', email => 'ada@mail.cn');
CREATE TABLE bought AS SELECT 'Ada L.' AS name, 'ADA@mail.cn' AS email, '13800000009' AS mobile;
SELECT * FROM load_customers('bought');
SELECT c.customer_id, m.* FROM customer c, may_contact(c.customer_id, 'email', '2026-04-01') m WHERE c.customer_id <> 0 ORDER BY 1;
DELETE FROM contact_point WHERE customer_id IN (1, 4);
DELETE FROM customer_ref WHERE customer_id = 4;
SELECT (may_contact(4, 'email', '2026-04-01')).reason AS forgotten;
SELECT * FROM load_customers('bought');
SELECT customer_id, reason FROM contact_refusals('email', '2026-04-01', customers => '{1,4,5}') ORDER BY 1;
SELECT * FROM suppressed_keys('email', ARRAY['ada@mail.cn', 'bo@mail.cn', NULL]);
-- the person himself can, with evidence
SELECT is_in_force FROM record_consent(5, 'email', 'marketing', 'granted', 'yes 3', '2026-05-01');
SELECT is_in_force FROM record_consent(5, 'email', 'marketing', 'granted', 'yes 4', '2026-05-01', evidence => 'confirmed from ADA@mail.cn');
SELECT at, m.* FROM unnest('{2026-04-30,2026-05-01}'::timestamptz[]) at, may_contact(5, 'email', at) m;
-- an opt-out that comes in late was before that consent; a new one is after it
SELECT is_in_force FROM record_consent(5, 'email', NULL, 'refused', 'no 2', '2026-04-20');
SELECT * FROM may_contact(5, 'email', '2026-06-01');
SELECT is_in_force FROM record_consent(5, NULL, NULL, 'refused', 'no 3', '2026-05-20');
SELECT * FROM may_contact(5, 'email', '2026-06-01');
-- at one moment no is no
SELECT is_in_force FROM record_consent(2, 'sms', NULL, 'granted', 'yes 5', '2026-06-01', evidence => 'form'), record_consent(2, 'sms', NULL, 'refused', 'no 4', '2026-06-01') r (c, e, f);
SELECT * FROM may_contact(2, 'sms', '2026-06-01');
-- where consent is needed
INSERT INTO consent_rule (purpose, channel, region, is_needed) VALUES ('marketing', 'email', NULL, true), ('marketing', 'email', 'sh', false);
UPDATE customer SET region = 'sh' WHERE customer_id = 5;
SELECT c.customer_id, c.region, (may_contact(c.customer_id, 'email', '2026-03-01')).reason FROM customer c WHERE customer_id IN (2, 3) ORDER BY 1;
SELECT is_in_force FROM record_consent(3, 'email', 'marketing', 'granted', 'yes 6', '2026-02-01', given_by => 'import', source => 'their shop');
SELECT * FROM may_contact(3, 'email', '2026-03-01');
DELETE FROM consent_rule;

-- suppression of an address that nobody has yet
SELECT * FROM add_suppression('mobile', '+86 138 0000 0077', 'letter of 3 March', at => '2026-03-03');
SELECT * FROM add_suppression('phone', '13800000077', 'letter of 3 March', at => '2026-03-04');
SELECT * FROM add_suppression('phone', '13800000077', 'court order', until => '2030-01-01', at => '2026-03-02', request_id => 's1');
SELECT * FROM add_suppression('phone', '13800000077', 'court order', until => '2030-01-01', at => '2026-03-02', request_id => 's1');
SELECT customer_id FROM register_customer(name => 'Di', request_id => 'di', mobile => '０１３８００００００７７', email => 'di@mail.cn');
SELECT channel, m.* FROM unnest('{call,sms,email}'::text[]) channel, may_contact(6, channel, '2026-04-01') m;
-- said again later: a consent of the time between that comes in late lifts what was before it only
SELECT at, s.* FROM unnest('{2026-01-01,2026-01-01,2026-03-01}'::timestamptz[]) at, add_suppression('messenger', 'elf', 'letter', at => at) s;
SELECT customer_id AS elf FROM register_customer(name => 'Elf', request_id => 'elf', messenger => 'elf') \gset
SELECT is_in_force FROM record_consent(:elf, 'messenger', NULL, 'granted', 'elf agrees', '2026-02-01', evidence => 'form');
SELECT at, m.* FROM unnest('{2026-02-02,2026-03-02}'::timestamptz[]) at, may_contact(:elf, 'messenger', at) m;
-- whatever the session's way of writing times: CST is the time of Shanghai here, and not that of Chicago
INSERT INTO contact_stop (customer_id, refusal, starts_at, ends_at) VALUES (:elf, 'paused', '2026-02-10 00:00+00', '2026-02-10 06:00+00');
SET timezone = 'Asia/Shanghai'; SET datestyle = 'SQL, DMY';
SELECT (may_contact(:elf, 'messenger', '2026-02-10 05:00+00')).reason, (SELECT r.reason FROM contact_refusals('messenger', '2026-02-10 05:00+00') r WHERE r.customer_id = :elf) AS among_all,
       (may_contact(:elf, 'messenger', '2026-02-10 06:00+00')).reason AS later, (SELECT count(*) FROM contact_refusals('messenger', '2026-02-10 06:00+00') r WHERE r.customer_id = :elf) AS among_all_later;
SET datestyle = 'ISO'; SET timezone = 'UTC';
DELETE FROM contact_stop WHERE customer_id = :elf; DELETE FROM consent_event WHERE customer_id = :elf; DELETE FROM contact_point WHERE customer_id = :elf; DELETE FROM customer WHERE customer_id = :elf;
CREATE TABLE robinson (email text, phone text, channel text, reason text, until text);
INSERT INTO robinson VALUES ('bo@mail.cn', NULL, 'email', 'robinson', NULL), ('BO@MAIL.CN', NULL, 'email', 'robinson', NULL), ('x', '13800000078', NULL, 'robinson', NULL), (NULL, '13800000078', NULL, 'robinson', '2098-01-01'),
    (NULL, NULL, NULL, 'robinson', NULL), ('di@mail.cn', NULL, 'pigeon', 'robinson', NULL), ('di@mail.cn', NULL, NULL, 'robinson', '2001-01-01');
SELECT * FROM load_suppressions('robinson');
SELECT row_no, column_name, reason FROM load_reject ORDER BY load_run_id, row_no;
SELECT * FROM load_suppressions('robinson');
SELECT address_kind, channel, purpose, is_lifted, reason, source, until FROM suppression WHERE reason = 'robinson' ORDER BY 1, until;
SELECT address_kind, channel, purpose, reason, records, addresses FROM suppression_overview ORDER BY 4, 1, 2, 3, 5;

-- in words
INSERT INTO quiet_hours (channel, region, starts, ends) VALUES ('visit', 'sh', '20:00', '08:00');
SELECT explain_contact(customer, channel, at::timestamptz, campaign)
  FROM (VALUES (1, 2, 'email', '2026-05-01', 'spring'), (2, 1, 'email', '2026-05-01', NULL), (3, 5, 'email', '2026-06-01', NULL), (4, 1, 'sms', '2026-07-02', NULL), (5, 3, 'email', '2026-08-01', NULL), (6, 1, 'visit', '2026-05-01 14:30', NULL),
               (7, 3, 'mail', '2026-05-01', NULL), (8, 99, 'mail', '2026-05-01', NULL), (9, 2, 'visit', '2026-05-01', NULL)) v (n, customer, channel, at, campaign) ORDER BY n;
UPDATE contact_rule SET pieces = 1 WHERE channel = 'email';
UPDATE contact_point SET status = 'bounced' WHERE customer_id = 3;
SELECT explain_contact(2, 'email', '2026-03-05'), explain_contact(3, 'email', '2026-03-05');
UPDATE contact_point SET status = 'unknown' WHERE customer_id = 3;
UPDATE contact_rule SET pieces = 0 WHERE channel = 'email';
DELETE FROM quiet_hours;

-- errors
SELECT may_contact(1, 'pigeon');
SELECT may_contact(1, NULL);
SELECT may_contact(1, 'email', campaign => 'autumn');
SELECT may_contact(99, 'email'), may_contact(0, 'email'), may_contact(NULL, 'email');
SELECT contact_refusals('pigeon');
SELECT count(*) FROM contact_refusals('email', NULL, NULL, '{}');
SELECT add_suppression('email', 'nobody', 'x');
SELECT add_suppression('phone', '12', 'x');
SELECT add_suppression('fax', '1', 'x');
SELECT add_suppression('email', 'a@b.cn', ' ');
SELECT add_suppression('email', 'a@b.cn', 'x', at => '2026-01-01', until => '2001-01-01');
SELECT record_consent(1, 'email', 'spam', 'refused', 'e1');
SELECT record_consent(1, 'email', 'marketing', 'perhaps', 'e2');
SELECT record_consent(99, 'email', 'marketing', 'refused', 'e3');
SELECT record_contact_stop(1, 'paused', 'e4');
SELECT record_contact_stop(1, 'paused', 'e5', '2026-01-02', '2026-01-01');
SELECT record_contact_rule(1, 'email', NULL, 'e6');
SELECT record_contact_rule(1, 'email', -1, 'e7');
INSERT INTO quiet_hours (starts, ends) VALUES ('9:00', '25:00');

-- views for everybody, functions for apps, rules for managers, the secret for nobody
CREATE ROLE regress_permission_reader; CREATE ROLE regress_permission_app; CREATE ROLE regress_permission_manager;
SELECT left(grant_access('regress_permission_reader', 'reader'), 40), left(grant_access('regress_permission_app', 'app'), 40), left(grant_access('regress_permission_manager', 'manager'), 40);
SELECT refresh_permission('2026-06-01 02:00') > 0 AS counted;
\set VERBOSITY sqlstate
SET ROLE regress_permission_reader;
SELECT channel, purpose, refusal, people, all_people, reachable_people, share_of_people FROM permission_overview WHERE channel = 'email' AND purpose = 'marketing' ORDER BY refusal;
SELECT count(*) >= 0 AS may_read FROM contact_pressure;
SELECT may_contact(1, 'email');
SET ROLE regress_permission_app;
SELECT * FROM may_contact(1, 'email', '2026-06-01');
SELECT is_new FROM add_suppression('email', 'app@mail.cn', 'asked for it');
SELECT count(*) FROM contact_refusals('email');
SELECT suppression_hash('email', 'a@b.cn') IS NOT NULL;
SET ROLE regress_permission_manager;
SELECT count(*) > 0 AS may_ask FROM contact_refusals('email', '2026-06-01');
SELECT count(*) > 0 AS may_ask FROM suppressed_keys('email', '{app@mail.cn}');
SELECT secret FROM installation_secret;
DELETE FROM suppression;
UPDATE suppression SET until = now();
INSERT INTO suppression (key_hash, address_kind, is_lifted, reason) VALUES ('', 'email', true, 'x');
DELETE FROM consent_event;
UPDATE consent_event SET status = 'granted';
INSERT INTO consent_event (customer_id, status, given_by, evidence, happened_at) VALUES (1, 'granted', 'person', 'x', now());
UPDATE contact_refusal SET refusal_no = 1;
RESET ROLE;
\set VERBOSITY default
SELECT revoke_access('regress_permission_reader'), revoke_access('regress_permission_app'), revoke_access('regress_permission_manager');
DROP ROLE regress_permission_reader; DROP ROLE regress_permission_app; DROP ROLE regress_permission_manager;

-- pressure on each person, now
SELECT touch_id IS NOT NULL AS sent FROM record_touch(6, 'DA01018', 'p1', now() - interval '8 days'), record_touch(6, 'DA01018', 'p2', now() - interval '2 days') b (c, second), record_touch(6, 'DA02018', 'p3', now() - interval '1 day') d (e, third);
UPDATE contact_rule SET pieces = 4 WHERE channel = 'email';
INSERT INTO contact_rule (channel, rule, within, pieces) VALUES ('email', 'cap', '30 days', 5);
SELECT customer_id, channel, pieces_7_days, pieces_30_days, pieces_90_days, cap_pieces, cap_days, pieces_in_cap, cap_share, is_cap_reached FROM contact_pressure WHERE customer_id = 6;
SELECT was_already_recorded FROM record_contact_rule(6, 'email', 1, 'rule 4', within => '7 days');
SELECT customer_id, channel, cap_pieces, cap_days, pieces_in_cap, cap_share, is_cap_reached FROM contact_pressure WHERE customer_id = 6;

-- a list that says again, with a later day, whom it holds: a consent of the time between that comes in late lifts what was before it only. Without a day nothing is written again
CREATE TABLE stopped (messenger text, reason text, since text);
INSERT INTO stopped VALUES ('gnome', 'list', '2026-01-01'), ('troll', 'list', '2026-01-01'), ('dwarf', 'list', NULL);
SELECT * FROM load_suppressions('stopped');
UPDATE stopped SET since = '2026-03-01' WHERE messenger = 'gnome';
SELECT * FROM load_suppressions('stopped');
SELECT * FROM load_suppressions('stopped');
INSERT INTO stopped VALUES ('imp', 'list', '2026-03-01'), ('imp', 'list', '2026-01-01'), ('imp', 'list', '2026-03-01 08:00');
SELECT * FROM load_suppressions('stopped');
SELECT s.messenger, array_agg(p.since::date ORDER BY p.since) FILTER (WHERE p.since < '2026-04-01') AS since, count(*)
  FROM (VALUES ('gnome'), ('troll'), ('dwarf'), ('imp')) s (messenger) JOIN suppression p ON p.key_hash = suppression_hash('messenger', contact_match_key('messenger', s.messenger)) GROUP BY 1 ORDER BY 1;
SELECT customer_id AS gnome FROM register_customer(name => 'Gnome', request_id => 'gnome', messenger => 'gnome') \gset
SELECT customer_id AS troll FROM register_customer(name => 'Troll', request_id => 'troll', messenger => 'troll') \gset
SELECT (SELECT is_in_force FROM record_consent(c, 'messenger', NULL, 'granted', 'yes of ' || c, '2026-02-01', evidence => 'form')) AS in_force FROM unnest(ARRAY[:gnome, :troll]) c;
SELECT name, (may_contact(customer_id, 'messenger', '2026-03-02')).* FROM customer WHERE customer_id IN (:gnome, :troll) ORDER BY 1;
DROP TABLE stopped;

DROP TABLE bought, robinson;
SELECT check_name, problems, example FROM check_integrity() WHERE problems <> 0;
SELECT uninstall('permission_test', drop_data => true) IS NOT NULL AS gone;
