-- What the fate of a piece says of its address: hard and soft bounces, arrivals, complaints and
-- unsubscriptions, one by one and in bulk, in whatever order they come in.
SET client_min_messages = warning;
SELECT dupex.install('bounce_test') IS NOT NULL AS installed;
SET search_path = bounce_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO campaign VALUES ('spring', 'Spring'), ('orders', 'Orders'), ('recall', 'Recall');
INSERT INTO campaign_contact VALUES ('orders', 'transactional', false), ('recall', 'service', false);
INSERT INTO source (source_code, campaign, medium) VALUES ('DA01018', 'spring', 'D'), ('DA02018', 'orders', 'D'), ('DA03018', 'recall', 'D'), ('VA01018', NULL, 'V'), ('TA01018', 'spring', 'T');

-- what mail systems report
SELECT detail, bounce_kind(detail) FROM unnest(ARRAY['550 5.1.1 User unknown', '550 5.2.2 Mailbox full', '552 5.3.4 Message too big', '554 5.7.1 Spam', '450 4.2.1 try again', '421', '550', 'HARD', 'soft bounce',
    'permanent failure', 'Out of office until Monday', 'auto-reply', 'x5.1.1y', 'something else', '', NULL]) WITH ORDINALITY d (detail, n) ORDER BY n;

-- one address: two soft bounces, an arrival, two more, and the third in a row
SELECT customer_id FROM register_customer(name => 'Ada', request_id => 'ada', email => 'ada@mail.cn', mobile => '13800000001');
SELECT count(touch_id) AS sent FROM generate_series(1, 9) n, record_touch(1, 'DA01018', 'ada ' || n, timestamptz '2026-03-01' + make_interval(days => n::int), 'ada@mail.cn');
CREATE FUNCTION pg_temp.report(piece int, kind text, at timestamptz, detail text DEFAULT NULL, key text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT record_touch_event(1, kind => report.kind, at => report.at, detail => report.detail, touch_request_id => 'ada ' || piece, request_id => concat_ws(' ', piece, report.kind, report.at, key));
    SELECT status FROM contact_point WHERE customer_id = 1 AND kind = 'email' $$;
SELECT piece, kind, pg_temp.report(piece, kind, at::timestamptz, detail) AS status FROM (VALUES
    (1, 1, 'bounced', '2026-03-02', '4.2.2'), (2, 2, 'bounced', '2026-03-03', '4.2.2'), (3, 3, 'delivered', '2026-03-04', NULL), (4, 4, 'bounced', '2026-03-05', '4.2.2'),
    -- the same piece again is no other piece, and an answer of somebody on holiday is no bounce
    (5, 4, 'bounced', '2026-03-05 01:00', '4.2.2'), (6, 5, 'bounced', '2026-03-06', 'out of office'), (7, 5, 'bounced', '2026-03-06 01:00', '4.2.2'), (8, 6, 'bounced', '2026-03-07', '4.2.2'),
    -- what happened earlier and comes in late: two before, an arrival in the midst
    (9, 7, 'opened', '2026-03-05 12:00', NULL), (10, 7, 'bounced', '2026-03-05 02:00', '4.2.2'), (11, 8, 'bounced', '2026-03-08', '4.2.2')) v (n, piece, kind, at, detail) ORDER BY n;
SELECT * FROM may_contact(1, 'email', '2026-04-01');
-- clicked: it works again; a hard bounce ends it, whatever comes after
SELECT pg_temp.report(9, 'clicked', '2026-03-11') AS clicked, pg_temp.report(9, 'bounced', '2026-03-12', '550 5.1.1') AS hard, pg_temp.report(9, 'delivered', '2026-03-13') AS later, pg_temp.report(9, 'forwarded', '2026-03-13') AS forwarded;
SELECT * FROM may_contact(1, 'email', '2026-04-01');
-- a status of a hand stays until a piece says more, and refused for good
UPDATE contact_point SET status = 'refused' WHERE customer_id = 1;
SELECT pg_temp.report(8, 'delivered', '2026-03-14') AS refused;
-- other rules hold for what is counted from now on, and for all when they are told so
UPDATE contact_point SET status = 'unknown' WHERE customer_id = 1;
INSERT INTO bounce_rule (bounce_rule_id, pattern, bounce_kind) VALUES (-1, '550', 'soft');
SELECT settle_addresses(ARRAY[1], ARRAY(SELECT contact_point_id FROM contact_point WHERE customer_id = 1 AND kind = 'email')), (SELECT status FROM contact_point WHERE customer_id = 1 AND kind = 'email');
DELETE FROM bounce_rule WHERE bounce_rule_id = -1;
-- without an address nothing is known of any
SELECT touch_id FROM record_touch(1, 'DA01018', 'nowhere', '2026-03-15');
SELECT was_already_recorded, (SELECT string_agg(kind || ' ' || status, ', ' ORDER BY kind) FROM contact_point WHERE customer_id = 1) AS addresses
  FROM record_touch_event(1, kind => 'bounced', detail => '5.1.1', touch_request_id => 'nowhere', request_id => 'nowhere bounced');

-- complaints and unsubscriptions: the channel of the piece and the purpose of its campaign; one complains about everything
CREATE FUNCTION pg_temp.somebody(who text, code text, kind text, to_address boolean DEFAULT true) RETURNS TABLE (channel text, purpose text, source text, suppressed text) LANGUAGE plpgsql AS $$
DECLARE
    c bigint;
BEGIN
    SELECT customer_id INTO c FROM register_customer(name => who, request_id => who, email => who || '@mail.cn', mobile => '139' || lpad((hashtext(who) & 65535)::text, 8, '0'));
    PERFORM record_touch(c, code, who || ' touch', '2026-03-01', CASE WHEN to_address THEN who || '@mail.cn' END);
    PERFORM record_touch_event(c, kind => somebody.kind, at => '2026-03-02', detail => 'link', touch_request_id => who || ' touch', request_id => who || ' event');
    RETURN QUERY SELECT e.channel, e.purpose, e.source, (SELECT string_agg(concat_ws(' ', p.kind, 'for', coalesce(s.channel, 'all'), coalesce(s.purpose, 'all'), s.reason), ', ' ORDER BY p.kind)
                                                           FROM contact_point p JOIN suppression s USING (key_hash) WHERE p.customer_id = c) FROM consent_event e WHERE e.customer_id = c;
END $$;
SELECT v.who, s.* FROM (VALUES ('bo', 'DA01018', 'unsubscribed', true), ('cy', 'DA03018', 'unsubscribed', true), ('di', 'DA02018', 'unsubscribed', true), ('ed', 'DA01018', 'complained', true), ('flo', 'DA01018', 'unsubscribed', false),
    ('gus', 'VA01018', 'unsubscribed', false), ('hal', 'TA01018', 'complained', false)) v (who, code, kind, addressed), pg_temp.somebody(who, code, kind, addressed) s ORDER BY 1;
SELECT c.name, (may_contact(c.customer_id, 'email', '2026-04-01')).reason AS email, (may_contact(c.customer_id, 'sms', '2026-04-01')).reason AS sms, (may_contact(c.customer_id, 'email', '2026-04-01', 'orders')).reason AS orders
  FROM customer c WHERE c.name <> 'Ada' AND c.customer_id <> 0 ORDER BY 1;

-- In bulk and one by one, forwards and backwards: the same addresses, opt-outs and suppressions.
-- Person n of a has the same history as person n of b and of c.
CREATE FUNCTION pg_temp.dice(n bigint, salt int, sides int) RETURNS int LANGUAGE sql IMMUTABLE RETURN ((hashint8extended(n, salt) & 1073741823) % sides)::int;
INSERT INTO customer (customer_id, name, kind) SELECT 1000 * i + n, 'person ' || n, 'internal' FROM generate_series(1, 40) n, generate_series(1, 3) i;
INSERT INTO contact_point (customer_id, contact_point_id, kind, value) SELECT 1000 * i + n, 100000 * i + n * 10 + k, 'email', format('p%s.%s.%s@mail.cn', i, n, k) FROM generate_series(1, 40) n, generate_series(1, 3) i, generate_series(1, 2) k;
INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, request_id)
SELECT 1000 * i + n, (ARRAY['DA01018', 'DA02018', 'DA03018'])[1 + pg_temp.dice(n * 10 + k, 1, 3)], timestamptz '2026-03-01' + make_interval(days => k),
       CASE WHEN pg_temp.dice(n * 10 + k, 2, 8) > 0 THEN 100000 * i + n * 10 + 1 + pg_temp.dice(n * 10 + k, 3, 2) END, format('%s.%s.%s', i, n, k)
  FROM generate_series(1, 40) n, generate_series(1, 3) i, generate_series(1, 7) k;
CREATE TEMP TABLE fate AS
SELECT n, k, (ARRAY['bounced', 'bounced', 'bounced', 'bounced', 'bounced', 'delivered', 'opened', 'complained', 'unsubscribed'])[1 + CASE WHEN pg_temp.dice(n * 100 + k * 10 + e, 4, 12) = 0 THEN 8 - pg_temp.dice(n, 5, 2) ELSE pg_temp.dice(n * 100 + k * 10 + e, 6, 7) END] AS kind,
       timestamptz '2026-03-01' + make_interval(days => k, hours => e) AS at, (ARRAY['4.2.2', '4.2.2', '4.2.2', '4.2.2', '4.2.2', '4.4.1', '4.4.1', '5.1.1'])[1 + pg_temp.dice(n * 100 + k * 10 + e, 7, 8)] AS detail, e
  FROM generate_series(1, 40) n, generate_series(1, 7) k, generate_series(1, 2) e WHERE pg_temp.dice(n * 100 + k * 10 + e, 8, 3) > 0;
SELECT count(*) > 200 AS many FROM (SELECT record_touch_event(1000 + n, kind => kind, at => at, detail => detail, touch_request_id => format('1.%s.%s', n, k), request_id => format('a %s %s %s', n, k, e)) FROM fate ORDER BY at, n) r;
SELECT count(*) > 200 AS many FROM (SELECT record_touch_event(2000 + n, kind => kind, at => at, detail => detail, touch_request_id => format('2.%s.%s', n, k), request_id => format('b %s %s %s', n, k, e)) FROM fate ORDER BY md5(n || kind || at)) r;
CREATE TABLE fates AS SELECT 3000 + n AS customer_id, format('3.%s.%s', n, k) AS touch_request_id, kind, at AS happened_at, detail FROM fate ORDER BY md5(kind || n);
CREATE TABLE half AS SELECT * FROM fates WHERE pg_temp.dice(customer_id, 9, 2) = 0 OR happened_at > '2026-03-05';
SELECT loaded > 100 AS many, rejected FROM load_touch_events('half');
SELECT loaded > 30 AS many, already_there > 100 AS repeated, rejected FROM load_touch_events('fates');
CREATE FUNCTION pg_temp.outcome(i int) RETURNS TABLE (n bigint, addresses text, opt_outs text, suppressions text) LANGUAGE sql AS $$
    SELECT c.customer_id - 1000 * i, (SELECT string_agg(p.status, ' ' ORDER BY p.contact_point_id) FROM contact_point p WHERE p.customer_id = c.customer_id),
           (SELECT string_agg(concat_ws(' ', e.channel, e.purpose, e.status, e.happened_at), ', ' ORDER BY e.happened_at, e.purpose) FROM consent_event e WHERE e.customer_id = c.customer_id),
           (SELECT string_agg(concat_ws(' ', p.contact_point_id % 10, s.channel, s.purpose, s.reason, s.since), ', ' ORDER BY s.since, p.contact_point_id, s.purpose) FROM contact_point p
              JOIN suppression s ON s.key_hash = suppression_hash(p.kind, contact_match_key(p.kind, p.value)) WHERE p.customer_id = c.customer_id)
      FROM customer c WHERE c.customer_id / 1000 = i $$;
SELECT count(*) AS unlike FROM pg_temp.outcome(1) a JOIN pg_temp.outcome(2) b USING (n) JOIN pg_temp.outcome(3) c USING (n)
 WHERE (a.addresses, a.opt_outs, a.suppressions) IS DISTINCT FROM (b.addresses, b.opt_outs, b.suppressions) OR (a.addresses, a.opt_outs, a.suppressions) IS DISTINCT FROM (c.addresses, c.opt_outs, c.suppressions);
-- and as they ought to be, address by address, from what happened to its pieces in order of time
CREATE FUNCTION pg_temp.expected(point bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e     record;
    state text := 'unknown';
    dead  boolean := false;
    soft  text[] := '{}';
BEGIN
    FOR e IN SELECT t.touch_id, f.* FROM touch t JOIN fate f ON format('1.%s.%s', f.n, f.k) = t.request_id WHERE t.contact_point_id = point ORDER BY f.at, f.kind = 'bounced' LOOP
        IF e.kind IN ('delivered', 'opened') THEN
            state := 'valid'; soft := '{}';
        ELSIF e.kind = 'bounced' AND e.detail = '5.1.1' THEN
            dead := true;
        ELSIF e.kind = 'bounced' AND NOT e.touch_id::text = ANY (soft) THEN
            soft := soft || e.touch_id::text;
            IF cardinality(soft) >= 3 THEN state := 'bounced'; END IF;
        END IF;
    END LOOP;
    RETURN CASE WHEN dead THEN 'bounced' ELSE state END;
END $$;
SELECT count(*) AS wrong FROM contact_point p WHERE p.customer_id / 1000 = 1 AND p.status <> pg_temp.expected(p.contact_point_id);
SELECT status, count(*) > 3 AS often FROM contact_point WHERE customer_id / 1000 = 1 GROUP BY 1 ORDER BY 1;
SELECT count(*) > 10 AS opt_outs FROM consent_event WHERE customer_id / 1000 = 1;
-- events that were written by hand are taken in when one says so, and once
INSERT INTO touch_event (customer_id, touch_event_id, touch_id, kind, happened_at, detail)
SELECT 1, 900000, touch_id, 'unsubscribed', '2026-03-20', 'by hand' FROM touch WHERE request_id = 'ada 1';
SELECT take_in_touch_events('{1}', '{900000}') AS first, (SELECT count(*) FROM consent_event WHERE customer_id = 1) AS before;
SELECT take_in_touch_events('{1}', '{900000}') AS again, take_in_touch_events(NULL, NULL) AS none;
SELECT channel, purpose, status, source, evidence, happened_at FROM consent_event WHERE customer_id = 1;

DROP TABLE fates, half;
SELECT check_name, problems, example FROM check_integrity() WHERE problems <> 0;
SELECT uninstall('bounce_test', drop_data => true) IS NOT NULL AS gone;
