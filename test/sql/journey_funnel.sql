-- funnel: the table of published semantics, entries, rules, equal instants, stored states, all modes against brute force.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
\set VERBOSITY default

-- a letter a second, A is step 1, B step 2 and so on, X none: what ClickHouse's windowFunnel gives (measured),
-- but for strict_increase with a repeated first step, where it is wrong (1, not 2)
CREATE FUNCTION pg_temp.letters(events text) RETURNS funnel LANGUAGE sql AS
$$ SELECT funnel_agg('2026-01-01'::timestamptz + i * interval '1 second', CASE c WHEN 'X' THEN 0 ELSE 1 << (ascii(c) - 65) END) FROM string_to_table(events, NULL) WITH ORDINALITY e (c, i) $$;
SELECT events, steps, m.* FROM (VALUES ('ABCD', 4), ('ABDC', 4), ('ABCBD', 4), ('AXBC', 3), ('ACBC', 3), ('ABAC', 3), ('ABBC', 3), ('ACBBC', 3)) v (events, steps),
    LATERAL (SELECT funnel_level(f, '1 hour', steps) AS "default", funnel_level(f, '1 hour', steps, 'strict_dedup') AS strict_dedup, funnel_level(f, '1 hour', steps, 'strict_order') AS strict_order,
        funnel_level(f, '1 hour', steps, 'strict_increase') AS strict_increase, funnel_level(f, '1 hour', steps, 'strict_once') AS strict_once FROM pg_temp.letters(events) f) m;
SELECT what, m.* FROM (VALUES ('A@3 A@5 B@5', '{2026-01-01T00:00:03Z 1, 2026-01-01T00:00:05Z 1, 2026-01-01T00:00:05Z 2}'::funnel), ('A, B same second', '{2026-01-01T00:00:05Z 1, 2026-01-01T00:00:05Z 2}'),
        ('one A, steps A, A', '{2026-01-01T00:00:05Z 3}'), ('two A, steps A, A', '{2026-01-01T00:00:05Z 3, 2026-01-01T00:00:06Z 3}'), ('B at start + window', '{2026-01-01T00:00:05Z 1, 2026-01-01T01:00:05Z 2}'),
        ('B after the window', '{2026-01-01T00:00:05Z 1, 2026-01-01T01:00:05.000001Z 2}')) v (what, f),
    LATERAL (SELECT funnel_level(f, '1 hour', 2) AS "default", funnel_level(f, '1 hour', 2, 'strict_dedup') AS strict_dedup, funnel_level(f, '1 hour', 2, 'strict_order') AS strict_order,
        funnel_level(f, '1 hour', 2, 'strict_increase') AS strict_increase, funnel_level(f, '1 hour', 2, 'strict_once') AS strict_once) m;
SELECT mode, funnel_level('{2026-01-01T00:00:00Z 1, 2026-01-01T00:00:05Z 2, 2026-01-01T00:00:08Z 1, 2026-01-01T00:00:14Z 4}', '10 seconds', 3, mode) FROM unnest('{default,strict_dedup,strict_order,strict_increase,strict_once}'::text[]) mode;

-- entries: Mixpanel's example. A 13:00, A 13:30, B 13:45, C 14:15 within an hour
SELECT entry, funnel_level(f, '1 hour', 3, entry => entry), funnel_chain(f, '1 hour', 3, entry => entry), funnel_step_times(f, '1 hour', 3, entry => entry), funnel_total_time(f, '1 hour', 3, entry => entry), funnel_completions(f, '1 hour', 3, entry => entry)
FROM unnest('{first,best,every}'::text[]) entry, CAST('{2026-01-01T13:00:00Z 1, 2026-01-01T13:30:00Z 1, 2026-01-01T13:45:00Z 2, 2026-01-01T14:15:00Z 4}' AS funnel) f;
-- every: behind a completion, and where the time has run out. Best: as many as possible
SELECT entry, a.*, funnel_completions(f, '3 seconds', 2, entry => entry) FROM unnest('{first,every,best}'::text[]) entry, pg_temp.letters('ABABXAXXXXAAXB') f, funnel_attempts(f, '3 seconds', 2, entry => entry) a;
-- a broken way leaves what broke it to the next one
SELECT a.* FROM funnel_attempts(pg_temp.letters('ABXAXABC'), '1 minute', 3, 'strict_order') a;

-- rules: gaps belong to the way to a step, inclusive; optional steps; an event that ends the way
SELECT name, funnel_level(f, '1 minute', 3, rules => rules), funnel_chain(f, '1 minute', 3, rules => rules) FROM pg_temp.letters('ABBBC') f, (VALUES ('none', NULL), ('at least 2 s to B', funnel_rules(min_gaps => '{2 s}')), ('at most 1 s to C', funnel_rules(max_gaps => '{NULL,1 s}')),
    ('at least 3 s to B, 2 s to C', funnel_rules(min_gaps => '{3 s,2 s}')), ('both', funnel_rules(min_gaps => '{3 s}', max_gaps => '{3 s,1 s}'))) r (name, rules);
SELECT events, funnel_level(f, '1 minute', 4, mode, rules => funnel_rules(optional_steps => '{2,3}')), funnel_step_times(f, '1 minute', 4, mode, rules => funnel_rules(optional_steps => '{2,3}')) FROM (VALUES ('AD', 'default'), ('ACD', 'default'), ('ACBD', 'default'), ('AXXBD', 'default'), ('ACBD', 'strict_order'), ('ADCB', 'strict_order'), ('B', 'default')) v (events, mode), pg_temp.letters(events) f;
SELECT events, funnel_level(f, '1 minute', 3, rules => funnel_rules(exclusions => '{{5,1,2}}')) AS e_between_1_and_2, funnel_level(f, '1 minute', 3, rules => funnel_rules(exclusions => '{{5,1,3},{6,2,3}}')) AS e_1_3_f_2_3 FROM unnest('{ABC,AEBC,ABEC,ABFC,AFBC,EABC,AEABC}'::text[]) events, pg_temp.letters(events) f;

-- one instant has no order: the order that gets furthest counts, and a way is broken only when every order breaks it
SELECT what, funnel_level(f, '1 day', 3) AS "default", funnel_level(f, '1 day', 3, 'strict_order') AS strict_order, funnel_level(f, '1 day', 3, 'strict_dedup') AS strict_dedup, funnel_level(f, '1 day', 3, 'strict_increase') AS strict_increase, funnel_level(f, '1 day', 3, 'strict_once') AS strict_once
FROM (VALUES ('C, B and A together', '{2026-01-01T00:00:00Z 1, 2026-01-01T00:00:00Z 2, 2026-01-01T00:00:00Z 4}'::funnel), ('one event that is all', '{2026-01-01T00:00:00Z 7}'), ('X with A, then B, C', '{2026-01-01T00:00:00Z 0, 2026-01-01T00:00:00Z 1, 2026-01-01T00:00:01Z 2, 2026-01-01T00:00:02Z 4}'),
    ('A, X with B, then C', '{2026-01-01T00:00:00Z 1, 2026-01-01T00:00:01Z 0, 2026-01-01T00:00:01Z 2, 2026-01-01T00:00:02Z 4}'), ('A, B, X with C', '{2026-01-01T00:00:00Z 1, 2026-01-01T00:00:01Z 2, 2026-01-01T00:00:02Z 0, 2026-01-01T00:00:02Z 4}'),
    ('A with BC, then B', '{2026-01-01T00:00:00Z 1, 2026-01-01T00:00:00Z 6, 2026-01-01T00:00:01Z 2}'), ('no event', '{}')) v (what, f);

-- a state does not depend on order or on how often an event of one step came; a day added is all events
CREATE TEMP TABLE event AS SELECT abs(hashint8extended(i, 1)) % 500 AS person, timestamptz '2026-01-01' + interval '1 hour' * (abs(hashint8extended(i, 2)) % 720) AS at, (ARRAY[0, 1, 1, 2, 2, 3, 4, 6, 8, 12])[1 + abs(hashint8extended(i, 3)) % 10] AS steps FROM generate_series(1::bigint, 10000) i;
CREATE TEMP TABLE whole AS SELECT person, funnel_agg(at, steps) AS f FROM event GROUP BY person;
SELECT count(*) AS people, bool_and(w.f::text = r.f::text) AS rolled_up_by_day, bool_and(w.f::text = t.f::text) AS with_a_day_twice FROM whole w
    JOIN (SELECT person, rollup(f) AS f FROM (SELECT person, at::date, funnel_agg(at, steps) AS f FROM event GROUP BY 1, 2 ORDER BY at::date DESC) d GROUP BY person) r USING (person)
    JOIN (SELECT person, rollup(f) AS f FROM (SELECT person, funnel_agg(at, steps) AS f FROM event GROUP BY 1 UNION ALL SELECT person, funnel_agg(at, steps) FROM event WHERE at < '2026-01-05' AND steps IN (0, 1, 2, 4, 8) GROUP BY 1) d GROUP BY person) t USING (person);
SELECT count(DISTINCT f::text) AS different FROM (SELECT funnel_agg(at, steps ORDER BY at) AS f FROM event UNION ALL SELECT funnel_agg(at, steps ORDER BY at DESC) FROM event UNION ALL SELECT funnel_agg(at, steps ORDER BY steps) FROM event UNION ALL SELECT rollup(f) FROM whole) s;
SELECT funnel_agg(at, steps) AS of_two_steps_twice_of_one_once FROM (VALUES ('2026-01-01'::timestamptz, 3), ('2026-01-01', 3), ('2026-01-01', 3), ('2026-01-01', 1), ('2026-01-01', 1), ('2026-01-01', 0), ('2026-01-01', NULL), (NULL, 1)) v (at, steps);
SELECT funnel_agg(NULL, 1) IS NULL AS nothing, funnel_agg(at, 1) FROM (VALUES ('0001-01-01 00:00Z'::timestamptz), ('9999-12-31 23:59:59.999999Z')) v (at);

-- brute force in SQL: every way through each history, made by joins alone, against what funnel_level says.
-- (2,000 people here; test/check/unit_funnel.c tries 50,000 histories a mode with rules and entries)
CREATE TEMP TABLE short AS SELECT id AS event, id / 6 AS person, timestamptz '2026-01-01' + interval '1 second' * (abs(hashint8extended(id, 4)) % 9) AS at, (ARRAY[0, 1, 1, 2, 2, 3, 4, 6])[1 + abs(hashint8extended(id, 5)) % 8] AS steps FROM generate_series(0::bigint, 11999) id;
CREATE INDEX ON short (person);
ANALYZE short;
CREATE TEMP TABLE way AS
WITH RECURSIVE way AS (
    SELECT person, ARRAY[event] AS events, ARRAY[at] AS times, 1 AS level FROM short WHERE steps & 1 <> 0
    UNION ALL SELECT w.person, w.events || s.event, w.times || s.at, w.level + 1 FROM way w JOIN short s USING (person) WHERE w.level < 3 AND s.steps & (1 << w.level) <> 0 AND s.at >= w.times[w.level] AND s.at <= w.times[1] + interval '5 seconds')
SELECT person, level, times, (SELECT count(DISTINCT e) FROM unnest(events) e) = level AS is_once, (SELECT count(DISTINCT t) FROM unnest(times) t) = level AS is_increasing,
    -- strictly between the first and the last step: nothing foreign or too early; no step but the first twice, where it was had or could have been
    NOT EXISTS (SELECT FROM short s WHERE s.person = w.person AND s.at > times[1] AND s.at < times[level] AND s.steps & (1 << ((SELECT count(*)::int FROM unnest(times) t WHERE t <= s.at) + 1)) - 1 = 0) AS is_in_order,
    NOT EXISTS (SELECT FROM short s WHERE s.person = w.person AND s.at > times[1] AND s.at < times[level] AND s.steps & ((1 << (SELECT count(*)::int + (NOT s.at = ANY (times))::int FROM unnest(times) t WHERE t < s.at)) - 2) > 0) AS is_deduped
FROM way w;
SELECT mode, count(*) AS people, count(*) FILTER (WHERE by_hand <> funnel_level(f, '5 seconds', 3, mode)) AS different, array_agg(DISTINCT by_hand ORDER BY by_hand) AS levels
FROM unnest('{default,strict_order,strict_dedup,strict_increase,strict_once}'::text[]) mode, (SELECT person, funnel_agg(at, steps) AS f FROM short GROUP BY person) p,
    LATERAL (SELECT coalesce(max(level), 0) AS by_hand FROM way w WHERE w.person = p.person AND CASE mode WHEN 'strict_order' THEN is_in_order WHEN 'strict_dedup' THEN is_deduped WHEN 'strict_increase' THEN is_increasing WHEN 'strict_once' THEN is_once ELSE true END) h
GROUP BY mode ORDER BY mode;

-- as good as linear: many events of one person, one instant, interleaved, and the largest funnel
SELECT funnel_level(f, '1000 days', 32) AS level, cardinality(funnel_chain(f, '1000 days', 32)) AS steps, length(f::text) > 2000000 AS is_long FROM (SELECT funnel_agg('2026-01-01'::timestamptz + interval '1 second' * i, (1::bigint << (i % 32))::bit(32)::integer) AS f FROM generate_series(0, 99999) i) s;
SELECT mode, funnel_level(f, '0', 3, mode), funnel_completions(f, '0', 3, mode) FROM unnest('{default,strict_order,strict_dedup,strict_increase,strict_once}'::text[]) mode, (SELECT funnel_agg('2026-01-01', i % 8) AS f FROM generate_series(1, 100000) i) s;
SELECT mode, funnel_level(f, '1 day', 3, mode), funnel_completions(f, '1 day', 3, mode), funnel_completions(f, '1 day', 3, mode, 'every') AS of_every, funnel_level(f, '1 day', 3, mode, rules => funnel_rules(min_gaps => '{2 s}', max_gaps => '{1 h, 1 h}')) AS with_gaps
FROM unnest('{default,strict_order,strict_dedup,strict_increase,strict_once}'::text[]) mode, (SELECT funnel_agg('2026-01-01'::timestamptz + interval '1 second' * (i * 7919 % 100003), 1 << (i % 3)) AS f FROM generate_series(1, 100000) i) s;

-- the most expensive question, for minutes: it can be stopped
CREATE TEMP TABLE dense AS SELECT funnel_agg('2026-01-01'::timestamptz + interval '1 second' * (i / 20), 2147483647 - i % 20 * (i % 20)) AS f FROM generate_series(1, 100000) i;
SET statement_timeout = '100ms';
SELECT funnel_level(f, '2 days', 32, 'strict_once', rules => funnel_rules(optional_steps => ARRAY(SELECT generate_series(2, 31)))) FROM dense;
RESET statement_timeout;
DROP TABLE dense;

-- bad input
SELECT funnel_level(NULL, '1 day', 2) IS NULL AND funnel_level('{}', NULL, 2) IS NULL AND funnel_level('{}', '1 day', NULL) IS NULL AND funnel_chain('{}', '1 day', 2, NULL) IS NULL AND funnel_completions('{}', '1 day', 2, 'default', NULL) IS NULL AND (SELECT count(*) = 0 FROM funnel_attempts(NULL, '1 day', 2)) AS null_is_null;
SELECT funnel_level('{}', '0', 1), funnel_chain('{}', '0', 32), funnel_step_times('{}', '0', 1), funnel_total_time('{}', '0', 1), funnel_completions('{}', '0', 1);
SELECT funnel_agg('infinity', 1);
SELECT funnel_agg('-infinity', 1);
SELECT funnel_agg('10000-01-01', 1);
SELECT funnel_level('{}', '1 day', 33);
SELECT funnel_level('{}', '1 day', 0);
SELECT funnel_level('{}', '-1 second', 2);
SELECT funnel_level('{}', '1 month', 2);
SELECT funnel_level('{}', '2000000000 days', 2);
-- PostgreSQL 17 has infinite intervals: refused as too long, not for their months
DO $$BEGIN
    PERFORM funnel_level('{}', 'infinity'::text::interval, 2);
    RAISE 'accepted';
EXCEPTION WHEN invalid_datetime_format THEN NULL;
    WHEN invalid_parameter_value THEN ASSERT SQLERRM ~ 'is too long: infinity', SQLERRM;
END$$;
SELECT funnel_level('{}', '1 day', 2, 'strict');
SELECT funnel_level('{}', '1 day', 2, entry => 'last');
SELECT funnel_level('{}', '1 day', 2, rules => funnel_rules(max_gaps => '{1 day, 1 day}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(min_gaps => '{2 hours}', max_gaps => '{1 hour}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(min_gaps => '{13 hours, 12 hours}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(min_gaps => '{-1 hour}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(max_gaps => '{1 month}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(optional_steps => '{3}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(optional_steps => '{NULL}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(exclusions => '{5,1}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(exclusions => '{{5,2,2}}'));
SELECT funnel_level('{}', '1 day', 3, rules => funnel_rules(exclusions => '{{33,1,2}}'));
DO $$
DECLARE
    literal text;
BEGIN
    FOREACH literal IN ARRAY ARRAY['', '{', '{2026-01-01T00:00:00Z}', '{2026-01-01T00:00:00Z 4294967296}', '{2026-01-01T00:00:00Z -1}', '{2026-01-01T00:00:02Z 1, 2026-01-01T00:00:01Z 1}', '{2026-01-01T00:00:01Z 1, 2026-01-01T00:00:01Z 1}',
        '{2026-01-01T00:00:01Z 3, 2026-01-01T00:00:01Z 3, 2026-01-01T00:00:01Z 3}', '{2026-01-01T00:00:01Z 0, 2026-01-01T00:00:01Z 0}', '{2026-01-01T00:00:01Z 1,}', '{} x', '{infinity 1}', '{2026-02-30T00:00:00Z 1}', '{0000-01-01T00:00:00Z 1}'] LOOP
        BEGIN
            PERFORM literal::funnel;
            RAISE NOTICE 'taken: %', literal;
        EXCEPTION WHEN invalid_text_representation THEN
            RAISE NOTICE '%', SQLERRM;
        END;
    END LOOP;
END $$;
SELECT ' { 2026-01-01T00:00:01Z 3 ,2026-01-01T00:00:01.5Z 4294967295 } '::funnel;

-- binary form: forth and back, and what nobody can have sent
CREATE TEMP TABLE sent (f funnel);
CREATE TEMP TABLE bytes (no int GENERATED ALWAYS AS IDENTITY, what text, message bytea);
INSERT INTO bytes (what, message) SELECT 'whole', funnel_send('{2026-01-01T00:00:01Z 1, 2026-01-01T00:00:02Z 4294967295}');
INSERT INTO bytes (what, message) SELECT v.what, v.message FROM bytes b, LATERAL (VALUES ('version 2', set_byte(message, 0, 2)), ('more events', set_byte(message, 4, 3)), ('very many events', set_byte(message, 1, 255)), ('fewer events', set_byte(message, 4, 1)), ('a time out of range', set_byte(message, 5, 127)),
    ('not in order', set_byte(message, 19, 0)), ('cut off', substr(message, 1, 20)), ('empty', ''::bytea), ('twice the same', substr(message, 1, 17) || substr(message, 6, 12))) v (what, message);
SELECT no, what, length(message) FROM bytes ORDER BY no;
CREATE FUNCTION pg_temp.receive(message bytea) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    file text := current_setting('data_directory') || '/dupex_funnel_bytes';
    pieces oid;
BEGIN
    -- a file of COPY: signature, flags, no header extension, one row of one field, end
    pieces := lo_from_bytea(0, '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(message)) || message || '\xffff');
    PERFORM lo_export(pieces, file), lo_unlink(pieces);
    EXECUTE format('COPY sent FROM %L (FORMAT binary)', file);
    RETURN 'taken';
EXCEPTION WHEN invalid_binary_representation OR protocol_violation THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $f$;
SELECT no, what, pg_temp.receive(message) FROM bytes ORDER BY no;
TABLE sent;
