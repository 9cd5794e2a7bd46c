-- The outbox and the call lists: who gets what when, limits and priority, reports, attempts, call-backs,
-- and what flows in by itself. 60 people, by hand.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
SELECT install('outbox') IS NOT NULL AS installed;
SET search_path = outbox, public, dupex;
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
UPDATE calendar SET is_day_off = false WHERE date_day BETWEEN '2026-01-01' AND '2026-12-31';
INSERT INTO campaign (campaign, name) VALUES ('spring', 'spring'), ('summer', 'summer'), ('calls', 'calls');
INSERT INTO list (list, name) VALUES ('01', 'house');
INSERT INTO offer (offer, name) VALUES ('gift', 'a gift');
INSERT INTO team VALUES ('tele', 'telesales'), ('floor', 'floor');
INSERT INTO salesperson (salesperson_id, name, team) VALUES (1, 'Ann', 'tele'), (2, 'Bob', 'tele'), (3, 'Cid', 'floor');
INSERT INTO customer (customer_id, name, kind, entered_as, birthday) SELECT n, 'customer ' || n, 'internal', 'internal', date '2000-01-01' - 365 * n::int FROM generate_series(1, 60) n;
INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'email', 'n' || n || '@firm.example' FROM generate_series(1, 60) n;
INSERT INTO contact_point (customer_id, kind, place, value) SELECT n, 'mobile', CASE WHEN n % 2 = 0 THEN 'office' ELSE 'home' END, '+86 138 0013 ' || 8000 + n FROM generate_series(1, 40) n;
INSERT INTO selection (selection, name, campaign, medium, list, channel, delivery, priority, order_by, max_people) VALUES
    ('spring', 'spring', 'spring', 'D', '01', 'email', 'outbox', 1, 'age', 10), ('summer', 'summer', 'summer', 'D', '01', 'email', 'outbox', 5, 'age', 6);
INSERT INTO selection_group VALUES ('spring', 'A', 0.8, false, false), ('spring', 'H', 0.2, false, true), ('summer', 'S', 1, false, false);
UPDATE contact_rule SET pieces = 1 WHERE channel = 'email' AND rule = 'cap';
SELECT people_left FROM select_list('spring', '2026-05-04') ORDER BY step_no DESC LIMIT 1;
SELECT people_left FROM select_list('summer', '2026-05-04') ORDER BY step_no DESC LIMIT 1;
-- both campaigns want the oldest; who is held out of spring may get summer
SELECT customer_id, string_agg(selection || ' ' || status, ', ' ORDER BY selection) AS wanted FROM selection_member GROUP BY 1 ORDER BY 1;

-- the higher priority first, whoever is older
SELECT customer_id, address, campaign, source_code, test_group, piece, attempt, reservation_ends_at FROM take_from_outbox(4, 'email', 'app 1', '2026-05-04 09:00');
-- another app gets the others; the people of the first are out and come when that is reported
SELECT customer_id, campaign FROM take_from_outbox(20, 'email', 'app 2', '2026-05-04 09:01');
SELECT customer_id, campaign FROM take_from_outbox(20, 'email', 'app 3', '2026-05-04 09:02');
SELECT * FROM take_from_outbox(20, 'sms', 'app 3', '2026-05-04 09:02');
-- reported: a touch each; a repetition changes nothing; hold-outs from the first piece on
SELECT count(*) AS held_out FROM hold_out;
SELECT status, touch_id IS NOT NULL AS has_touch, was_already_recorded FROM report_outbox(60, 2, 'sent', at => '2026-05-04 09:03', worker => 'app 1');
SELECT status, touch_id IS NOT NULL AS has_touch, was_already_recorded FROM report_outbox(60, 2, 'sent', at => '2026-05-04 09:05', worker => 'app 1');
SELECT count(*) FROM report_outbox(59, 2, 'sent', at => '2026-05-04 09:03') UNION ALL SELECT count(*) FROM report_outbox(58, 2, 'sent', at => '2026-05-04 09:03');
SELECT source_code, count(*) AS pieces FROM touch GROUP BY 1 ORDER BY 1;
SELECT status, was_already_recorded FROM report_outbox(54, 1, 'sent', at => '2026-05-04 09:04', worker => 'app 2');
SELECT h.customer_id, h.source_code, h.held_out_at FROM hold_out h ORDER BY 1;
-- 60, 59 and 58 have had their piece of the week: spring waits for them
SELECT customer_id, campaign FROM take_from_outbox(20, 'email', 'app 1', '2026-05-04 11:00');
SELECT customer_id, selection, status, result, due_at FROM selection_member WHERE selection = 'spring' AND customer_id >= 57 ORDER BY 1;
-- a week later the cap has room again
SELECT customer_id, campaign FROM take_from_outbox(20, 'email', 'app 1', '2026-05-11 09:04');

-- failed: again later, twice as long each time, and given up after as many attempts as the setting says
UPDATE setting SET value = '3' WHERE setting = 'outbox_attempts';
INSERT INTO selection (selection, name, campaign, medium, list, channel, delivery, order_by, max_people) VALUES ('sms', 'by sms', 'spring', 'X', '01', 'sms', 'outbox', 'age', 3);
INSERT INTO selection_group VALUES ('sms', 'A', 1);
SELECT people_left FROM select_list('sms', '2026-06-01') ORDER BY step_no DESC LIMIT 1;
SELECT customer_id, attempt FROM take_from_outbox(1, 'sms', 'app', '2026-06-01 09:00');
SELECT * FROM report_outbox(40, 3, 'failed', 'gateway down', '2026-06-01 09:01', 'app');
SELECT * FROM report_outbox(40, 3, 'failed', 'gateway down', '2026-06-01 09:01', 'app');
SELECT status, result, due_at, attempts FROM selection_member WHERE customer_id = 40 AND selection = 'sms';
SELECT customer_id, attempt FROM take_from_outbox(1, 'sms', 'app', '2026-06-01 09:31');
-- the reservation expires: the next gets it; the report of the first comes late, and counts
SELECT customer_id, attempt FROM take_from_outbox(1, 'sms', 'app 2', '2026-06-01 09:40');
SELECT customer_id, attempt FROM take_from_outbox(2, 'sms', 'app 3', '2026-06-01 09:46');
SELECT * FROM report_outbox(40, 3, 'failed', 'timeout', '2026-06-01 09:47', 'app');
SELECT * FROM report_outbox(40, 3, 'failed', 'gateway down', '2026-06-01 09:47', 'app 3');
SELECT customer_id, selection, status, attempts, result, worker FROM outbox_failures;
SELECT status, was_already_recorded FROM report_outbox(39, 3, 'sent', at => '2026-06-01 10:30', worker => 'app 2');
-- who unsubscribes while waiting gets nothing
INSERT INTO consent_event (customer_id, channel, status, given_by, happened_at) VALUES (38, 'sms', 'refused', 'person', '2026-06-01 10:00');
SELECT customer_id FROM take_from_outbox(5, 'sms', 'app', '2026-06-01 12:00');
SELECT customer_id, status, result FROM selection_member WHERE selection = 'sms' ORDER BY 1;
-- expired
SELECT expire_selections('2026-07-02'), expire_selections('2026-07-02');
SELECT selection, status, count(*) FROM selection_member GROUP BY 1, 2 ORDER BY 1, 2;
SELECT selection, status, first_sent_at FROM selection_run ORDER BY selection_run_id;

-- lists that are sent at once: who waits for a campaign of higher priority is left to it, as far as the cap has room for one only
INSERT INTO selection (selection, name, campaign, medium, list, channel, priority, order_by, max_people) VALUES ('high', 'high', 'spring', 'M', '01', 'mail', 9, 'age', 5), ('low', 'low', 'summer', 'M', '01', 'mail', 2, 'age', 8);
INSERT INTO selection_group VALUES ('high', 'A', 1, false, false), ('low', 'S', 1, false, false);
INSERT INTO contact_point (customer_id, kind, value) SELECT n, 'postal', n || ' Long Street, Springfield' FROM generate_series(1, 60) n;
SELECT min(people_left) AS high FROM select_list('high', '2026-07-01');
UPDATE contact_rule SET pieces = 1 WHERE channel = 'mail' AND rule = 'cap';
SELECT step, removed, people_left FROM select_list('low', '2026-07-01', true) WHERE step ~ 'comes first';
UPDATE contact_rule SET pieces = 2 WHERE channel = 'mail' AND rule = 'cap';
SELECT min(people_left) AS low FROM select_list('low', '2026-07-01');
SELECT count(*) AS room_for_both FROM unnest(people_in_line(find_selection('low'), '2026-07-02'));
UPDATE contact_rule SET pieces = 1 WHERE channel = 'mail' AND rule = 'cap';
SELECT people_in_line(find_selection('low'), '2026-07-02') AS in_line, people_in_line(find_selection('high'), '2026-07-02') AS nobody_before_them, (SELECT count(*) FROM touch WHERE source_code = 'MA01076') AS touches;
-- the addresses are those of whoever is then recorded as sent
SELECT count(*) AS addresses FROM selection_addresses((SELECT selection_run_id FROM selection_run WHERE selection = 'low'), '2026-07-02');
SELECT * FROM send_selection((SELECT selection_run_id FROM selection_run WHERE selection = 'low'), '2026-07-02');
SELECT * FROM send_selection((SELECT selection_run_id FROM selection_run WHERE selection = 'high'), '2026-07-03');

-- calls: the agent's names, office numbers only, in order; a second click gives the same names
INSERT INTO selection (selection, name, campaign, medium, list, channel, delivery, offer, order_by, place, team, script, max_people) VALUES ('calls', 'spring service', 'calls', 'T', '01', 'call', 'calls', 'gift', 'age', 'office', 'tele', 'Ask for the car.', 9);
INSERT INTO selection_group VALUES ('calls', 'A', 1);
INSERT INTO customer_order (customer_id, ordered_at, revenue) VALUES (40, '2026-01-05', 250), (40, '2026-02-05', 100.5);
SELECT * FROM select_list('calls', '2026-08-03');
\x on
SELECT customer_id, customer_name, telephone, reason, history, preferred_channel, script, offer, source_code, is_call_back, attempt, reservation_ends_at FROM call_list(1, 1, at => '2026-08-03 09:00');
\x off
SELECT customer_id FROM call_list(1, 3, at => '2026-08-03 09:05');
SELECT customer_id FROM call_list(2, 2, at => '2026-08-03 09:05');
SELECT customer_id FROM call_list(1, 3, at => '2026-08-03 09:06');
SELECT count(*) AS another_team FROM call_list(3, 3, at => '2026-08-03 09:06');
-- a call of somebody else about something else leaves the name with Ann
SELECT count(*) FROM record_call(40, 'outbound', 'reached', 'other', '2026-08-03 09:07', salesperson => 3);
SELECT status, salesperson_id FROM selection_member WHERE customer_id = 40 AND selection = 'calls';
-- results: reached closes, a call-back comes at its time and first to the same agent, nobody at home comes again
SELECT count(*) FROM record_call(40, 'outbound', 'reached', 'c40', '2026-08-03 09:10', salesperson => 1);
SELECT count(*) FROM record_call(38, 'outbound', 'call back', 'c38', '2026-08-03 09:20', salesperson => 1, call_back_at => '2026-08-03 14:00');
SELECT count(*) FROM record_call(38, 'outbound', 'call back', 'c38', '2026-08-03 09:20', salesperson => 1, call_back_at => '2026-08-03 14:00');
SELECT status, was_already_recorded FROM report_outbox(36, (SELECT max(selection_run_id) FROM selection_run WHERE selection = 'calls'), 'failed', 'nobody at home', '2026-08-03 09:25');
SELECT customer_id, status, salesperson_id, due_at, result, attempts, touch_id IS NOT NULL AS has_touch, call_id IS NOT NULL AS has_call FROM selection_member WHERE selection = 'calls' AND customer_id IN (36, 38, 40) ORDER BY 1;
SELECT customer_id FROM call_list(1, 2, at => '2026-08-03 09:30');
SELECT count(*) FILTER (WHERE customer_id = 38) AS to_bob FROM call_list(2, 9, at => '2026-08-03 14:10');
SELECT customer_id, is_call_back FROM call_list(1, 1, at => '2026-08-03 14:10');
-- had Ann not come, Bob would have got it after half an hour
UPDATE selection_member SET status = 'waiting', salesperson_id = 1, reservation_ends_at = NULL WHERE customer_id = 38 AND selection = 'calls';
UPDATE selection_member SET status = 'cancelled' WHERE status = 'taken';
SELECT customer_id, is_call_back FROM call_list(2, 1, at => '2026-08-03 14:29');
SELECT customer_id, is_call_back FROM call_list(2, 1, at => '2026-08-03 14:30');
SELECT result, called_at FROM call ORDER BY called_at;
SELECT selection, name, priority, names, taken, agents, reached FROM call_list_state;
-- for how long the names last: 2 of one working day in the last 4
INSERT INTO selection (selection, name, channel, delivery) VALUES ('none', 'none', 'call', 'calls');
SELECT count(*) FROM record_call(38, 'outbound', 'promise', 'c38b', '2026-08-03 14:40', salesperson => 2);
UPDATE selection_member SET status = 'waiting', due_at = '2026-08-04' WHERE selection = 'calls' AND status = 'cancelled';
SELECT * FROM callable_names('2026-08-07', 4);

-- baskets: office numbers only, each abandonment once, off the list when it comes back
INSERT INTO basket_event (customer_id, basket, kind, happened_at, amount, reason) VALUES (2, 'b1', 'abandoned', '2026-09-01 09:00', 100, 'price'), (4, 'b2', 'abandoned', '2026-09-01 09:00', 300, NULL), (7, 'b3', 'abandoned', '2026-09-01 09:00', 50, NULL),
    (6, 'b4', 'abandoned', '2026-09-01 09:00', 70, NULL), (8, 'b5', 'abandoned', '2026-09-01 09:50', 70, NULL);
INSERT INTO consent_event (customer_id, channel, status, given_by, happened_at) VALUES (6, NULL, 'refused', 'person', '2026-08-01');
SELECT queue_baskets('2026-09-01 10:05') AS first, queue_baskets('2026-09-01 10:05') AS again, queue_baskets('2026-09-01 11:05') AS later;
SELECT customer_id, basket, reason, rank_value, expires_at FROM selection_member WHERE selection = 'baskets' ORDER BY 1;
INSERT INTO basket_event (customer_id, basket, kind, happened_at, amount) VALUES (4, 'b2', 'completed', '2026-09-01 11:10', 300);
SELECT customer_id, basket, reason, telephone FROM call_list(3, 5, at => '2026-09-01 11:20');
SELECT count(*) FROM record_call(2, 'outbound', 'reached', 'b2', '2026-09-01 11:30', salesperson => 3);
SELECT queue_baskets('2026-09-01 12:05') AS after_the_call;
INSERT INTO basket_event (customer_id, basket, kind, happened_at) VALUES (2, 'b1', 'abandoned', '2026-09-02 09:00');
SELECT queue_baskets('2026-09-02 10:05') AS abandoned_again;
SELECT customer_id, basket, status, result FROM selection_member WHERE selection = 'baskets' ORDER BY 1, selection_run_id;

-- enquiries: once, first to the owner of the lead, off the list when answered. Who has enquired is called though he wants no advertising
INSERT INTO consent_event (customer_id, channel, status, given_by, happened_at) VALUES (11, NULL, 'refused', 'person', '2026-08-01');
SELECT count(lead_id) AS leads FROM unnest('{10,11,12,13}'::bigint[], '{2,NULL,NULL,NULL}'::bigint[], '{09:00,09:10,09:20,12:00}'::text[]) u (customer, owner, at)
 CROSS JOIN LATERAL open_lead(customer, request_id => 'l' || customer, at => ('2026-09-07 ' || u.at)::timestamptz, grade => 'prospective', salesperson => owner);
SELECT queue_enquiries('2026-09-07 10:05') AS first, queue_enquiries('2026-09-07 11:05') AS again;
SELECT count(*) FROM record_call(12, 'outbound', 'reached', 'e12', '2026-09-07 11:10', lead => 3, salesperson => 3);
SELECT customer_id, lead_id, reason FROM call_list(1, 5, campaign => NULL, at => '2026-09-07 10:20') WHERE lead_id IS NOT NULL;
SELECT customer_id, lead_id, reason FROM call_list(2, 5, at => '2026-09-07 10:20') WHERE lead_id IS NOT NULL;
SELECT queue_enquiries('2026-09-07 12:05') AS the_next;
SELECT customer_id, status, result FROM selection_member WHERE selection = 'enquiries' ORDER BY 1;
-- all of it by the hour
SELECT step, rows, status FROM run_steps('run_hourly', '2026-09-07 13:05') WHERE step ~ 'queue';
SELECT check_name, problems FROM check_integrity() WHERE problems > 0;

-- of a person all reasons are looked at that count, not the first one only: one that counts may stand behind one that does not
INSERT INTO quiet_hours (channel, starts, ends) VALUES ('call', '20:00', '08:00');
INSERT INTO contact_stop (customer_id, refusal, starts_at) VALUES (14, 'never_contact', '2026-08-01'), (18, 'never_contact', '2026-08-01'), (20, 'never_contact', '2026-08-01');
INSERT INTO consent_event (customer_id, channel, status, given_by, happened_at) VALUES (14, 'call', 'refused', 'person', '2026-08-01'), (15, 'call', 'refused', 'person', '2026-08-01');
SELECT count(*) AS leads FROM generate_series(14, 16) n, open_lead(n, request_id => 'n' || n, at => '2026-10-05 09:00', grade => 'prospective');
INSERT INTO basket_event (customer_id, basket, kind, happened_at, amount) VALUES (18, 'n1', 'abandoned', '2026-10-05 09:00', 100), (22, 'n2', 'abandoned', '2026-10-05 09:00', 90), (24, 'n3', 'abandoned', '2026-10-05 09:00', 80);
INSERT INTO contact_point (customer_id, kind, place, value, is_preferred) VALUES (22, 'phone', 'office', 'ask the doorman', true);
DELETE FROM contact_point WHERE customer_id = 24 AND kind = 'mobile';
INSERT INTO contact_point (customer_id, kind, place, value) VALUES (24, 'phone', 'office', 'ask the doorman'), (24, 'mobile', 'home', '+86 138 0013 8024');
-- whatever the time of day; on a number that can be read
SELECT customer_id, phone FROM basket_call_list('2026-10-05 21:00') WHERE customer_id < 30;
SELECT queue_baskets('2026-10-05 21:00') AS baskets, queue_enquiries('2026-10-05 21:00') >= 3 AS enquiries;
SELECT count(*) AS at_night FROM call_list(1, 20, at => '2026-10-05 22:00') WHERE customer_id BETWEEN 14 AND 24;
SELECT customer_id, telephone FROM call_list(1, 20, at => '2026-10-06 09:00') WHERE customer_id BETWEEN 14 AND 24 ORDER BY 1;
SELECT customer_id, selection, status, result FROM selection_member WHERE customer_id IN (14, 18) ORDER BY 1;
-- a call-back that was promised: no cap stands against it, but the night does
UPDATE contact_rule SET pieces = 1 WHERE channel = 'call' AND rule = 'cap';
INSERT INTO touch (customer_id, source_code, sent_at) VALUES (19, 'TA01086', '2026-10-05 12:00');
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, status, due_at, expires_at, call_id) VALUES (19, 900, 'none', 'called before', 'call', 99, 'waiting', '2026-10-05', '2026-12-01', 1);
SELECT count(*) AS called_at_night FROM call_list(2, 20, at => '2026-10-06 21:00') WHERE customer_id = 19;
SELECT count(*) AS called_by_day FROM call_list(2, 20, at => '2026-10-07 09:00') WHERE customer_id = 19;
UPDATE selection_member SET status = 'cancelled' WHERE status IN ('waiting', 'taken') AND channel = 'call';
DELETE FROM quiet_hours;

-- somebody has a row that was handed out and has expired, and whose release has to wait: nobody runs in circles about it
INSERT INTO selection_run (selection_run_id, selection, as_of, piece, status, expires_at) SELECT 900 + n, 'none', timestamptz '2026-11-01' + n * interval '1 day', 'p' || n, 'selected', '2027-06-01' FROM generate_series(0, 4) n;
INSERT INTO customer (customer_id, kind) SELECT n, 'internal' FROM generate_series(101, 1101) n;
INSERT INTO contact_point (customer_id, kind, value) VALUES (1101, 'email', 'n1101@firm.example');
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, status, due_at, expires_at, reservation_ends_at, worker, attempts)
SELECT n, 901, 'spring', 'p1', 'email', 0, 'taken', '2026-11-01', '2027-06-01', timestamptz '2026-11-01' + n * interval '1 second', 'app', 1 FROM generate_series(101, 1101) n;
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, status, due_at, expires_at) VALUES (1101, 902, 'summer', 'p2', 'email', 99, 'waiting', '2026-11-01', '2027-06-01');
SET statement_timeout = '60s';
SELECT count(*) AS of_them FROM take_from_outbox(5, 'email', 'app 2', '2026-11-02') WHERE customer_id = 1101;
RESET statement_timeout;
SELECT selection, status, due_at FROM selection_member WHERE customer_id = 1101 ORDER BY 1;
UPDATE selection_member SET status = 'cancelled' WHERE selection_run_id IN (901, 902);

-- what was sent is recorded, whatever has become of the row meanwhile: merged, given up, taken back and chosen again
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, source_code, priority, status, due_at, expires_at, reservation_ends_at, worker, attempts)
SELECT n, 903, 'spring', 'p3', 'email', 'DA01056', 0, 'taken', '2026-11-01', '2027-06-01', '2026-11-03 10:00', 'app', 1 FROM generate_series(41, 44) n;
SELECT was_already_merged FROM merge_customers(45, 41);
SELECT status, touch_id IS NOT NULL AS has_touch, was_already_recorded FROM report_outbox(41, 903, 'sent', at => '2026-11-03 09:50', worker => 'app');
SELECT status, touch_id IS NOT NULL AS has_touch, was_already_recorded FROM report_outbox(45, 903, 'sent', at => '2026-11-03 09:50', worker => 'app');
UPDATE selection_member SET status = 'failed' WHERE customer_id = 42 AND selection_run_id = 903;
SELECT status, touch_id IS NOT NULL AS has_touch, was_already_recorded FROM report_outbox(42, 903, 'sent', at => '2026-11-03 09:50');
SELECT cancel_selection(903) AS cancelled;
INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, source_code, priority, status, due_at, expires_at, reservation_ends_at, worker)
VALUES (43, 904, 'spring', 'p3', 'email', 'DA01056', 0, 'waiting', '2026-11-04', '2027-06-01', NULL, NULL), (44, 904, 'spring', 'p3', 'email', 'DA01056', 0, 'taken', '2026-11-04', '2027-06-01', '2026-11-04 10:00', 'app 2');
SELECT n AS customer_id, r.status, r.touch_id IS NOT NULL AS has_touch, r.was_already_recorded FROM unnest('{43,43,44,44}'::bigint[]) n, report_outbox(n, 903, 'sent', at => '2026-11-03 09:50') r;
SELECT status, touch_id IS NOT NULL AS has_touch FROM report_outbox(44, 904, 'sent', at => '2026-11-04 09:50', worker => 'app 2');
SELECT m.customer_id, m.selection_run_id, m.status, m.result, count(t.touch_id) AS touches FROM selection_member m LEFT JOIN touch t ON t.customer_id = m.customer_id AND t.touch_id = m.touch_id WHERE m.selection_run_id IN (903, 904) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2;
SELECT check_name, problems FROM check_integrity() WHERE problems > 0;

-- whoever is in the list of addresses is recorded as sent, and nobody else: an office address that has ended, a visit that needs none
INSERT INTO contact_point (customer_id, kind, place, value) SELECT n, 'postal', 'office', n || ' Office Park, Springfield' FROM generate_series(2, 8, 2) n;
INSERT INTO campaign (campaign, name) VALUES ('sheet', 'sheet');
INSERT INTO selection (selection, name, campaign, medium, list, channel, place) VALUES ('sheet', 'to the office', 'sheet', 'M', '01', 'mail', 'office'), ('rounds', 'visits', 'sheet', 'F', '01', 'visit', NULL);
UPDATE selection SET max_people = 3, order_by = 'age' WHERE selection = 'rounds';
INSERT INTO selection_group VALUES ('sheet', 'A', 1), ('rounds', 'A', 1);
SELECT min(people_left) AS sheet FROM select_list('sheet', '2026-12-01');
SELECT min(people_left) AS rounds FROM select_list('rounds', '2026-12-01');
UPDATE contact_point SET ended_on = '2026-12-02' WHERE customer_id = 4 AND kind = 'postal' AND place = 'office';
SELECT r.selection, count(*) AS addresses FROM selection_run r, selection_addresses(r.selection_run_id, '2026-12-03') a WHERE r.selection IN ('sheet', 'rounds') GROUP BY 1 ORDER BY 1;
SELECT r.selection, s.sent, s.refused FROM selection_run r, send_selection(r.selection_run_id, '2026-12-03') s WHERE r.selection IN ('sheet', 'rounds') ORDER BY 1;

-- errors say what to do
\set VERBOSITY terse
SELECT expire_selections(max_rows => 0);
SELECT * FROM take_from_outbox(0, 'email', 'app');
SELECT * FROM take_from_outbox(1, 'email', '');
SELECT * FROM take_from_outbox(1, NULL, 'app');
SELECT * FROM report_outbox(1, 77, 'sent');
SELECT * FROM report_outbox(40, 3, 'opened');
SELECT * FROM call_list(77);
SELECT * FROM call_list(1, campaign => 'winter');
SELECT * FROM callable_names(days => 0);
SELECT * FROM record_call(40, 'outbound', 'reached', 'x', '2026-08-03 09:10', call_back_at => '2026-08-03 10:00');
SELECT * FROM record_call(40, 'outbound', 'call back', 'x', '2026-08-03 09:10', call_back_at => '2026-08-03 09:00');
\set VERBOSITY default
SELECT uninstall('outbox', drop_data => true) IS NOT NULL AS gone;
