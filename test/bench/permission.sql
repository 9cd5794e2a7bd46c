-- Permission: the suppression list loaded and asked, everybody judged at once against SQL by hand that
-- knows four of the rules, and single calls. size is the number of people; each has two addresses and
-- three pieces, every other one a consent, one in a hundred an opt-out.
SET client_min_messages = warning;
SELECT install('permission_bench') IS NOT NULL AS installed \gset
SET search_path = permission_bench, public, bench, dupex;
INSERT INTO campaign VALUES ('old', 'Old'), ('new', 'New');
INSERT INTO source (source_code, campaign, medium) VALUES ('DA01018', 'old', 'D'), ('DB01018', 'new', 'D'), ('TA01018', 'old', 'T');
SET session_replication_role = replica;         -- what refers to what is right by construction
INSERT INTO customer (customer_id, kind, entered_as, name) SELECT i, 'internal', 'internal', 'person ' || i FROM generate_series(1, :size::bigint) i;
SELECT setval(pg_get_serial_sequence('customer', 'customer_id'), :size) > 0 AS set \gset
INSERT INTO contact_point (customer_id, kind, value)
SELECT i, k.kind, k.value FROM generate_series(1, :size::bigint) i, LATERAL (VALUES ('email', 'person.' || i || '@mail.cn'), ('mobile', '138' || lpad(i::text, 8, '0'))) k (kind, value);
INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id)
SELECT i, CASE WHEN n = 2 AND i % 10 = 0 THEN 'DB01018'::source_code WHEN n % 2 = 0 THEN 'DA01018' ELSE 'TA01018' END, timestamptz '2026-03-01' + n * interval '1 month' + i % 28 * interval '1 day', 2 * i - 1
  FROM generate_series(0, 2) n, generate_series(1, :size::bigint) i;
INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, evidence, happened_at)
SELECT i, 'email', 'marketing', CASE WHEN i % 100 = 1 THEN 'refused' ELSE 'granted' END, 'person', 'form', '2026-01-01' FROM generate_series(1, :size::bigint) i WHERE i % 2 = 1;
RESET session_replication_role;
UPDATE contact_rule SET pieces = CASE WHEN channel = 'email' THEN 1 ELSE 2 END WHERE rule = 'cap' AND (channel = 'email' OR channel IS NULL);
INSERT INTO quiet_hours (channel, starts, ends) VALUES ('call', '20:00', '09:00');
SELECT bench.line('hash_contact_points, all addresses', 2 * :size, bench.time_of('SELECT hash_contact_points()'), NULL, 2 * :size);
-- one in twenty of the list is a customer
CREATE UNLOGGED TABLE bench.stop_list AS SELECT CASE WHEN i % 20 = 0 THEN 'Person.' || i || '@mail.cn' ELSE 'somebody.' || i || '@mail.cn' END AS email, 'robinson' AS reason, '2026-01-01' AS since FROM generate_series(1, :size) i;
ANALYZE bench.stop_list;
SELECT bench.line('load_suppressions', :size, bench.time_of($$SELECT load_suppressions('bench.stop_list')$$), NULL, :size);
SELECT bench.line('load_suppressions of the same list', :size, bench.time_of($$SELECT load_suppressions('bench.stop_list')$$), NULL, :size);
VACUUM ANALYZE;
-- by hand: addresses in clear text, no purposes, no times, no seeds; who may not have an e-mail
CREATE UNLOGGED TABLE bench.clear_list AS SELECT lower(email) AS email FROM bench.stop_list;
CREATE UNLOGGED TABLE bench.clear_address AS SELECT customer_id, value AS email FROM contact_point WHERE kind = 'email';
VACUUM ANALYZE bench.clear_list, bench.clear_address;
SELECT bench.compare('contact_refusals, everybody, against four rules by hand', :size, '{dupex,sql}', ARRAY[
    $$SELECT count(*) FROM contact_refusals('email', '2026-05-20 10:00+00', 'new')$$,
    $$SELECT count(*) FROM customer c
       WHERE EXISTS (SELECT FROM bench.clear_address a JOIN bench.clear_list l ON l.email = a.email WHERE a.customer_id = c.customer_id)
          OR 'refused' = (SELECT e.status FROM (SELECT DISTINCT ON (customer_id) customer_id, status FROM consent_event WHERE channel = 'email' ORDER BY customer_id, happened_at DESC) e WHERE e.customer_id = c.customer_id)
          OR EXISTS (SELECT FROM (SELECT t.customer_id FROM touch t JOIN source s USING (source_code) WHERE s.medium = 'D' AND t.sent_at > '2026-05-13 10:00+00' AND t.sent_at <= '2026-05-20 10:00+00' GROUP BY 1 HAVING count(*) >= 1) p WHERE p.customer_id = c.customer_id)
          OR EXISTS (SELECT FROM touch t JOIN source s USING (source_code) WHERE s.campaign = 'new' AND t.customer_id = c.customer_id)$$], :size, repetitions => 2);
SELECT bench.compare('contact_refusals, calls in quiet hours', :size, '{dupex}', ARRAY[$$SELECT count(*) FROM contact_refusals('call', '2026-05-20 21:00+00')$$], :size, repetitions => 2);
SELECT bench.compare('contact_refusals of 1,000 people', :size, '{dupex}', ARRAY[$$SELECT count(*) FROM contact_refusals('email', '2026-05-20 10:00+00', 'new', ARRAY(SELECT g FROM generate_series(1, 100000, 100) g))$$], 1000, repetitions => 5);
-- calls one by one, all of one session; the rows/s are calls a second
DO $$BEGIN PERFORM may_contact(i, 'email', '2026-05-20 10:00+00', 'new') FROM generate_series(1, 20) i; END$$;
SELECT bench.compare('may_contact, 5,000 calls', :size, '{dupex}', ARRAY[$$SELECT count((may_contact(i * 17, 'email', '2026-05-20 10:00+00', 'new')).allowed) FROM generate_series(1, 5000) i$$], 5000, repetitions => 3);
CREATE TABLE bench.some_touch AS SELECT row_number() OVER () AS n, customer_id, touch_id FROM (SELECT customer_id, touch_id FROM touch WHERE customer_id % 17 = 3 LIMIT 12000) t;
SELECT bench.line('record_touch_event forwarded, 2,000 calls', :size, bench.time_of($$SELECT count((record_touch_event(customer_id, touch_id, 'forwarded', 'f' || n, '2026-05-21')).touch_event_id) FROM bench.some_touch WHERE n <= 2000$$), NULL, 2000);
SELECT bench.line('record_touch_event delivered, address unknown, 2,000 calls', :size, bench.time_of($$SELECT count((record_touch_event(customer_id, touch_id, 'delivered', 'd' || n, '2026-05-21')).touch_event_id) FROM bench.some_touch WHERE n <= 2000$$), NULL, 2000);
SELECT bench.line('record_touch_event delivered, address valid, 2,000 calls', :size, bench.time_of($$SELECT count((record_touch_event(customer_id, touch_id, 'delivered', 'e' || n, '2026-05-22')).touch_event_id) FROM bench.some_touch WHERE n <= 2000$$), NULL, 2000);
SELECT bench.line('record_touch_event bounced, 2,000 calls', :size, bench.time_of($$SELECT count((record_touch_event(customer_id, touch_id, 'bounced', 'b' || n, '2026-05-23', '4.2.2')).touch_event_id) FROM bench.some_touch WHERE n BETWEEN 2001 AND 4000$$), NULL, 2000);
SELECT bench.line('record_touch_event unsubscribed, 2,000 calls', :size, bench.time_of($$SELECT count((record_touch_event(customer_id, touch_id, 'unsubscribed', 'u' || n, '2026-05-23')).touch_event_id) FROM bench.some_touch WHERE n BETWEEN 4001 AND 6000$$), NULL, 2000);
SELECT bench.line('record_consent, 2,000 calls', :size, bench.time_of($$SELECT count((record_consent(customer_id, 'email', 'marketing', 'refused', 'c' || n, '2026-05-23')).consent_event_id) FROM bench.some_touch WHERE n BETWEEN 6001 AND 8000$$), NULL, 2000);
SELECT bench.line('add_suppression, 2,000 calls', :size, bench.time_of($$SELECT count((add_suppression('email', 'one.' || n || '@mail.cn', 'letter', at => '2026-05-23')).is_new) FROM generate_series(1, 2000) n$$), NULL, 2000);
SELECT bench.line('refresh_permission, six channels', :size, bench.time_of($$SELECT refresh_permission('2026-05-20')$$), NULL, :size);
SELECT bench.line('contact_pressure of one person', :size, bench.time_of($$SELECT count(*) FROM contact_pressure WHERE customer_id = 4711$$), NULL);
SET search_path = public, bench, dupex;
DROP TABLE bench.stop_list, bench.clear_list, bench.clear_address, bench.some_touch;
SELECT uninstall('permission_bench', drop_data => true) IS NOT NULL AS uninstalled \gset
