-- Two strikes: random histories in nights, some of it late, against an oracle that walks through
-- each person's facts one by one. Claims: what comes in night by night gives what counting anew
-- gives; a call repeated changes nothing; signals are rows that can be switched; internal people
-- are not concerned; the number is a setting or of the list.
SET client_min_messages = warning;
SELECT dupex.install('strikes_test') IS NOT NULL AS installed;
SET search_path = strikes_test, dupex, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set VERBOSITY terse
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
SELECT strike_signal, is_enabled FROM strike_signal ORDER BY strike_signal COLLATE "C";
SELECT apply_two_strikes('2025-01-01') AS nothing_there;
SELECT apply_two_strikes(NULL);
SELECT apply_two_strikes('infinity');

CREATE FUNCTION pg_temp.die(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT (hashint8extended(n, salt) & 1048575) / 1048576.0::float8$$;
INSERT INTO list (list, name) VALUES ('01', 'one'), ('02', 'two');
INSERT INTO source (source_code, list) VALUES ('DA01015', '01'), ('DA02015', '02'), ('DA03015', NULL);
INSERT INTO customer (customer_id, kind, entered_as, is_seed) SELECT n, CASE WHEN n % 10 = 0 THEN 'internal' ELSE 'external' END, CASE WHEN n % 10 = 0 THEN 'internal' ELSE 'external' END, n % 33 = 0 FROM generate_series(1, 300) n;
-- what happens, and the night in which it is recorded: mostly the next one, sometimes many later
CREATE TEMP TABLE plan AS
SELECT row_number() OVER () AS no, c AS customer_id, timestamptz '2025-01-01' + pg_temp.die(c * 100 + k, 1) * interval '100 days' AS at,
       (ARRAY['touch', 'touch', 'touch', 'touch', 'opened', 'clicked', 'bounced', 'call', 'reception', 'touch'])[1 + floor(10 * pg_temp.die(c * 100 + k, 2))::int] AS what,
       (ARRAY['DA01015', 'DA02015', 'DA03015'])[1 + floor(3 * pg_temp.die(c * 100 + k, 3))::int] AS code, floor(power(pg_temp.die(c * 100 + k, 4), 4) * 6)::int AS late
  FROM generate_series(0, 300) c, generate_series(0, 11) k WHERE k < 1 + 11 * pg_temp.die(c, 5);
-- an event is of the last touch before it; without one there is none
DELETE FROM plan e WHERE what IN ('opened', 'clicked', 'bounced') AND NOT EXISTS (SELECT FROM plan t WHERE t.customer_id = e.customer_id AND t.what = 'touch' AND t.at < e.at);
ALTER TABLE plan ADD night int, ADD touch_id bigint;
UPDATE plan SET night = 1 + floor(extract(epoch FROM at - '2025-01-01') / 864000)::int + late;
UPDATE plan e SET touch_id = t.no, night = greatest(e.night, t.night) FROM plan t
 WHERE e.what IN ('opened', 'clicked', 'bounced') AND t.no = (SELECT p.no FROM plan p WHERE p.customer_id = e.customer_id AND p.what = 'touch' AND p.at < e.at ORDER BY p.at DESC LIMIT 1);
SELECT count(*) > 1500 AS many, count(*) FILTER (WHERE late > 0) > 100 AS late FROM plan;

CREATE PROCEDURE pg_temp.record(this_night int) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touch (customer_id, touch_id, source_code, sent_at, is_seed) SELECT p.customer_id, no, code::source_code, at, c.is_seed FROM plan p JOIN customer c USING (customer_id) WHERE what = 'touch' AND night = this_night;
    INSERT INTO touch_event (customer_id, touch_id, kind, happened_at) SELECT customer_id, touch_id, what, at FROM plan WHERE what IN ('opened', 'clicked', 'bounced') AND night = this_night;
    INSERT INTO call (customer_id, called_at, direction, result) SELECT customer_id, at, CASE WHEN no % 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'reached' FROM plan WHERE what = 'call' AND night = this_night;
    INSERT INTO reception (customer_id, received_at) SELECT customer_id, at FROM plan WHERE what = 'reception' AND night = this_night;
END
$$;
-- the oracle: one person, one fact after the other
CREATE FUNCTION pg_temp.oracle(as_of timestamptz) RETURNS TABLE (customer_id bigint, since timestamptz, touches int, first_touched_at timestamptz, last_touched_at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    person record;
    fact   record;
    times  timestamptz[];
    number int;
    usual  int := (SELECT value FROM setting WHERE setting = 'two_strikes');
    own    int;
BEGIN
    FOR person IN SELECT c.customer_id FROM customer c WHERE c.kind = 'external' AND NOT c.is_seed AND c.customer_id <> 0 LOOP
        times := '{}';
        number := NULL;
        FOR fact IN
            SELECT f.at, f.is_touch, f.list FROM (
                SELECT t.sent_at AS at, true AS is_touch, s.list FROM touch t JOIN source s USING (source_code) WHERE t.customer_id = person.customer_id
                   AND NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced' AND e.happened_at <= as_of)
                UNION ALL SELECT e.happened_at, false, NULL FROM touch_event e JOIN strike_signal g ON g.strike_signal = e.kind AND g.is_enabled WHERE e.customer_id = person.customer_id
                UNION ALL SELECT c.called_at, false, NULL FROM call c JOIN strike_signal g ON g.strike_signal = 'called' AND g.is_enabled WHERE c.customer_id = person.customer_id AND c.direction = 'inbound'
                UNION ALL SELECT r.received_at, false, NULL FROM reception r JOIN strike_signal g ON g.strike_signal = 'visited' AND g.is_enabled WHERE r.customer_id = person.customer_id) f
             WHERE f.at <= as_of ORDER BY f.at, f.is_touch DESC
        LOOP
            IF fact.is_touch THEN
                times := times || fact.at;
                own := (SELECT l.strikes FROM list l WHERE l.list = fact.list);
                number := greatest(number, own);
            ELSE
                times := '{}';
                number := NULL;
            END IF;
        END LOOP;
        number := coalesce(number, usual);
        IF number > 0 AND cardinality(times) >= number THEN
            RETURN QUERY SELECT person.customer_id, times[number], cardinality(times), times[1], times[cardinality(times)];
        END IF;
    END LOOP;
END
$$;
CREATE FUNCTION pg_temp.differences(as_of timestamptz) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM ((SELECT * FROM two_strikes EXCEPT SELECT * FROM pg_temp.oracle(as_of)) UNION ALL (SELECT * FROM pg_temp.oracle(as_of) EXCEPT SELECT * FROM two_strikes)) d $$;

CREATE TEMP TABLE night_result (night int, differences bigint, again bigint, struck bigint, anew bigint);
DO $$
DECLARE
    at          timestamptz;
    differences bigint;
    again       bigint;
BEGIN
    FOR n IN 1 .. 17 LOOP
        at := timestamptz '2025-01-01' + n * interval '10 days';
        CALL pg_temp.record(n);
        PERFORM apply_two_strikes(at);
        IF n = 4 THEN UPDATE strike_signal SET is_enabled = true WHERE strike_signal = 'opened'; PERFORM apply_two_strikes(at); END IF;
        IF n = 6 THEN UPDATE strike_signal SET is_enabled = false WHERE strike_signal = 'opened'; UPDATE list SET strikes = 3 WHERE list = '02'; PERFORM apply_two_strikes(at); END IF;
        IF n = 9 THEN UPDATE setting SET value = '3' WHERE setting = 'two_strikes'; UPDATE list SET strikes = 1 WHERE list = '01'; PERFORM apply_two_strikes(at); END IF;
        IF n = 12 THEN UPDATE setting SET value = '2' WHERE setting = 'two_strikes'; UPDATE list SET strikes = NULL; PERFORM apply_two_strikes(at); END IF;
        differences := pg_temp.differences(at);
        again := apply_two_strikes(at);
        INSERT INTO night_result SELECT n, differences, again, count(*) FROM two_strikes;
        UPDATE night_result SET anew = apply_two_strikes(at, anew => true) WHERE night = n AND n % 3 = 0;
        COMMIT;
    END LOOP;
END
$$;
SELECT count(*) AS nights, sum(differences) AS unlike_the_oracle, sum(again) AS changed_by_a_repetition, sum(anew) AS changed_by_counting_anew, min(struck) AS fewest, max(struck) > 100 AS many FROM night_result;
-- for yesterday, and for a time before everything
SELECT apply_two_strikes('2025-02-20') > 0 AS goes_back;
SELECT pg_temp.differences('2025-02-20') AS differences;
SELECT apply_two_strikes('2024-01-01') > 0 AS goes_back;
SELECT count(*) AS struck FROM two_strikes;
-- a fact that has not happened yet counts when its time has come
SELECT apply_two_strikes('2025-06-20') > 0 AS applied;
INSERT INTO customer (customer_id) VALUES (1000);
INSERT INTO touch (customer_id, source_code, sent_at) VALUES (1000, 'DA01015', '2025-06-21'), (1000, 'DA01015', '2025-06-23');
SELECT apply_two_strikes('2025-06-22'), apply_two_strikes('2025-06-24');
SELECT pg_temp.differences('2025-06-24') AS differences;
SELECT reason FROM exhausted_people WHERE customer_id = 1000;

-- whoever answers is internal, by every way, and is not concerned any more: at once, and without a row after the next run
SELECT count(*) AS struck FROM two_strikes t JOIN customer c USING (customer_id) WHERE c.kind = 'internal';
SELECT became_internal FROM record_response(customer => 1000, request_id => 'r1', at => '2025-06-25');
SELECT count(*) AS still_named FROM exhausted_people WHERE customer_id = 1000;
SELECT apply_two_strikes('2025-06-26');
SELECT (SELECT count(*) FROM two_strikes WHERE customer_id = 1000) AS rows;
INSERT INTO customer (customer_id) VALUES (1001);
INSERT INTO touch (customer_id, source_code, sent_at) VALUES (1001, 'DA01015', '2025-06-21'), (1001, 'DA01015', '2025-06-23');
SELECT apply_two_strikes('2025-06-26');
SELECT (SELECT count(*) FROM two_strikes WHERE customer_id = 1001) AS rows;
SELECT became_internal FROM register_customer(customer => 1001, request_id => 'r2', at => '2025-06-26');
SELECT apply_two_strikes('2025-06-27');
SELECT (SELECT count(*) FROM two_strikes WHERE customer_id = 1001) AS rows;
-- no rule at all; a setting that is none
UPDATE setting SET value = '0' WHERE setting = 'two_strikes';
SELECT apply_two_strikes('2025-06-27') > 0 AS applied;
SELECT count(*) AS struck FROM two_strikes;
UPDATE setting SET value = 'two' WHERE setting = 'two_strikes';
SELECT apply_two_strikes('2025-06-27');
SELECT dupex.uninstall('strikes_test', drop_data => true) IS NOT NULL AS uninstalled;
