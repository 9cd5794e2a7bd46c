-- points: decay, kinds, caps, ledger, states that are stored, moved and extended
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
\set VERBOSITY terse

-- half of it after each half-life, all of it without one; not before it happens
SELECT h AS half_lives, points_at(p, timestamptz '2026-01-01' + h * interval '7 days') FROM (SELECT points_agg('2026-01-01', 80, '7 days') AS p) s, unnest(ARRAY[-0.001, 0, 1, 2, 3, 0.5]) h;
SELECT points_at(points_agg('2026-01-01', 5, NULL), '2036-01-01') AS no_decay, points_at('[]', '2026-01-01') AS no_event;
SELECT points_agg(at, points, '1 day') IS NULL AS none FROM (VALUES (NULL::timestamptz, 1), ('2026-01-01', NULL)) v(at, points);
-- from one end of the calendar to the other; and more points than a score may have
SELECT points_at('[["a", -200000000000, 1, 3600, 1]]', '294000-01-01') AS decayed, points_at('[["a", -200000000000, 1, 8000000000000, 1]]', '294000-01-01')::numeric(6,5) AS slowly;
SELECT points_at(('[' || string_agg(format('["a", %s, 999999999, null, 999999999999999]', i), ',') || ']')::points, '2026-01-01') FROM generate_series(1, 9) i;
SELECT points_at(('[' || string_agg(format('["a", %s, 999999999, null, 999999999999999]', i), ',') || ']')::points, '2026-01-01') FROM generate_series(1, 100) i;
-- months have 30 days, days 24 hours
SELECT points_at(points_agg('2026-01-01', 8, '1 month 2 days 3 hours'), timestamptz '2026-01-01' + interval '32 days 3 hours');

-- text and what it keeps: equal events are counted, sorted by time
SELECT points_kind_agg(kind, at, points, half_life) AS p FROM (VALUES ('visit', timestamptz '2026-01-02 12:00', 10, interval '7 days'), ('open', '2026-01-01 10:00', 0.1, '1 day'), ('open', '2026-01-01 10:00', 0.1, '1 day'),
    ('say "no"' || E'\n\\', '2026-01-01 10:00:00.000001', -3, NULL), (NULL, '1960-01-01', 1e-7, NULL)) v(kind, at, points, half_life) \gset
SELECT :'p' AS p, :'p'::points::text = :'p' AS same, jsonb_array_length(:'p'::jsonb) AS entries;
SELECT ' [ [ "a" , 1.50 , -1e1 , null , 1 ] ] '::points, '[["b", 1, 1, 1, 1], ["a", 1, 1, 1, 1], ["b", 1, 1, 1, 2]]'::points;
SELECT * FROM points_ledger(:'p', '2026-01-09 12:00');

-- the score is the sum of its ledger, whatever the events, and whatever the order
CREATE TABLE event AS SELECT i % 50 AS person, (ARRAY['open', 'click', 'visit', 'complaint'])[1 + i % 4] AS kind, timestamptz '2026-01-01' + hashint4(i) % 9000000 * interval '1 second' AS at,
    (hashint4(i + 1) % 1000) / 7.0::float8 AS points, (ARRAY[interval '3 days', '30 days', NULL])[1 + i % 3] AS half_life FROM generate_series(1, 5000) i;
CREATE TABLE state AS SELECT person, points_kind_agg(kind, at, points, half_life) AS p FROM event GROUP BY person;
SELECT count(*) FILTER (WHERE points_at(p, at) IS DISTINCT FROM (SELECT coalesce(sum(contribution), 0)::float8 FROM points_ledger(p, at))) AS differing,
    count(*) FILTER (WHERE points_at(p, at, ARRAY['open', 'visit'], '{"open": 30, "visit": 100}', 'Asia/Shanghai') IS DISTINCT FROM
        (SELECT coalesce(sum(contribution), 0)::float8 FROM points_ledger(p, at, ARRAY['open', 'visit'], '{"open": 30, "visit": 100}', 'Asia/Shanghai'))) AS differing_capped, count(*)
    FROM state, unnest(ARRAY[timestamptz '2025-12-01', '2026-01-01', '2026-02-01', '2027-01-01']) at;
-- and what the formula says, within what rounding to nine decimals can do
SELECT count(*) AS people, bool_and(abs(points_at(p, '2026-06-01') - plain) < 1e-9 * 51) AS as_formula FROM state JOIN (
    SELECT person, sum(points * CASE WHEN half_life IS NULL THEN 1 ELSE 0.5 ^ (extract(epoch FROM '2026-06-01' - at) / extract(epoch FROM half_life))::float8 END) AS plain
    FROM event WHERE at <= '2026-06-01' GROUP BY person) f USING (person);
SELECT count(*) FILTER (WHERE a::text <> b::text OR points_at(a, '2026-03-01') <> points_at(b, '2026-03-01')) AS differing FROM (
    SELECT points_kind_agg(kind, at, points, half_life ORDER BY at) AS a, points_kind_agg(kind, at, points, half_life ORDER BY points DESC, at DESC) AS b FROM event GROUP BY person) x;
-- stored states are extended by later events and rolled up: the same as in one go
SELECT count(*) FILTER (WHERE rolled::text <> s.p::text) AS differing, count(*) FROM state s JOIN (
    SELECT person, rollup(p) AS rolled FROM (SELECT person, points_kind_agg(kind, at, points, half_life) AS p FROM event GROUP BY person, kind, at < '2026-01-01') parts GROUP BY person) r USING (person);
-- kinds add up to all
SELECT count(*) FILTER (WHERE abs(points_at(p, '2026-03-01', ARRAY['open', 'click']) + points_at(p, '2026-03-01', ARRAY['visit', 'complaint', NULL]) - points_at(p, '2026-03-01')) > 1e-6) AS differing,
    count(DISTINCT points_at(p, '2026-03-01', '{}')) AS without_kinds FROM state;

-- caps: by kind and day, earlier events first, in the time zone; a negative total is capped alike
SELECT points_kind_agg(kind, at, points, NULL) AS p FROM (VALUES ('open', timestamptz '2026-01-01 01:00', 8), ('open', '2026-01-01 02:00', 8), ('open', '2026-01-01 20:00', 8), ('open', '2026-01-02 01:00', 8),
    ('bounce', '2026-01-01 01:00', -30), ('bounce', '2026-01-01 02:00', 5), ('click', '2026-01-01 01:00', 1)) v(kind, at, points) \gset
SELECT happened_at, kind, points_each, counted FROM points_ledger(:'p', '2026-02-01', caps => '{"open": 20, "bounce": 10, "click": null}');
SELECT zone, points_at(:'p', '2026-02-01', ARRAY['open'], '{"open": 20}', zone) FROM unnest(ARRAY['UTC', 'Asia/Shanghai', '+8']) zone;
SELECT points_at(:'p', '2026-02-01', caps => '{}') = points_at(:'p', '2026-02-01') AS no_caps, points_at(:'p', '2026-02-01', ARRAY['open'], '{"open": 0}') AS nothing_counts;
-- equal events count one after the other
SELECT happened_at, events, counted FROM points_ledger((SELECT points_kind_agg('open', '2026-01-01', 8, NULL) FROM generate_series(1, 3)), '2026-02-01', caps => '{"open": 20}');

-- large amounts are exact too: the nearest floating point number to the exact sum
SELECT points_at(points_agg('2026-01-01', 123456789.123456789, NULL), '2026-01-01'), points_at(rollup(p), '2026-01-01') FROM (SELECT points_agg('2026-01-01', 999999999, NULL) AS p FROM generate_series(1, 1000) GROUP BY random()) s;

-- in words
SELECT points_words(:'p', '2026-02-01', caps => '{"open": 20}'), points_words(:'p', '2026-02-01', ARRAY['click'], top_reasons => 1), points_words('[]', '2026-02-01');
SELECT points_at(NULL, '2026-01-01') IS NULL AND points_at('[]', NULL) IS NULL AND points_at('[]', '2026-01-01', zone => NULL) IS NULL AS nulls, (SELECT count(*) FROM points_ledger(NULL, now())) AS rows_of_null;

-- errors
SELECT points_agg('2026-01-01', 1, h) FROM unnest(ARRAY[interval '0', '-1 day']) h;
SELECT points_agg('infinity', 1, NULL);
SELECT points_agg('2026-01-01', x, NULL) FROM unnest(ARRAY[1, 'NaN'::float8]) x;
SELECT points_agg('2026-01-01', 1e9, NULL);
SELECT points_at('[]', 'infinity');
SELECT points_at('[]', '2026-01-01', caps => '{"open": -1}');
SELECT points_at('[]', '2026-01-01', caps => '{"open": "many"}');
SELECT points_at('[]', '2026-01-01', caps => '[1]');
SELECT points_at('[]', '2026-01-01', zone => 'Atlantis');
\set VERBOSITY default
SELECT points_agg('2026-01-01', 1, interval '0');
SELECT '[["visit", 1767225600, 10, 604800]]'::points;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.refused(type text, literal text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('SELECT %L::%s', literal, type); RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT literal, pg_temp.refused('points', literal) FROM unnest(ARRAY['', '[', '[]x', '[["a", 1, 1, 1, 0]]', '[["a", 1, 1, 1, 1.5]]', '[["a", 1, 1, 0, 1]]', '[["a", 1, 1, -1, 1]]', '[["a", 1, 1e10, 1, 1]]', '[["a", 1, NaN, 1, 1]]',
    '[["a", 1e3, 1, 1, 1]]', '[["a", 1.1234567, 1, 1, 1]]', '[["a\u0000", 1, 1, 1, 1]]', '[["a\u00e4", 1, 1, 1, 1]]', '[["a", 99999999999999, 1, 1, 1]]', '[["a", -999999999999, 1, 1, 1]]', '[["a", 1, 1, 1, 9999999999999999]]', '[["a", 1, 1, 1, 1],]']) literal;
DROP TABLE event, state;
