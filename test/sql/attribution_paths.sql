-- Markov chains, Shapley values and attribution_table: published numbers, matrix powers, all coalitions, the accessor summed by hand.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET extra_float_digits = -1;
\set VERBOSITY default

-- A > B > conversion, B > conversion, A > nothing, by hand. From the start 2/3 come to A and 1/3 to B, from A half to B and half
-- to nothing, from B all to the conversion: 2/3 * 1/2 + 1/3 = 2/3. Without A 1/3: effect 1/2. Without B nothing: effect 1.
-- The two conversions go 1 : 2. The value, 15 for a conversion from B, goes alike
SELECT * FROM attribution_markov($$VALUES ('{A,B}'::text[], 1, 10, 0), ('{B}', 1, 20, 0), ('{A}', 0, 0, 1)$$);
-- of order 2 a conversion from A, B is worth 10 and one from B alone 20: without A a third of the value is lost, without B all of it
SELECT * FROM attribution_markov($$VALUES ('{A,B}'::text[], 1, 10, 0), ('{B}', 1, 20, 0), ('{A}', 0, 0, 1)$$, 2);
-- C1 > C2 > C3 > conversion, C1 > nothing, C2 > C3 > nothing: effects .5, 1, 1, weights .2, .4, .4 (S. Bryl, Marketing multi-channel attribution model with R, 2016)
SELECT * FROM attribution_markov($$VALUES ('{C1,C2,C3}'::text[], 1, 0, 0), ('{C1}', 0, 0, 1), ('{C2,C3}', 0, 0, 1)$$);
-- a repeat changes nothing in order 1: X > Y > Y > conversion, Y > nothing. After Y always Y, the conversion or nothing
SELECT a.channel, a.removal_effect, a.removal_effect = b.removal_effect AS same FROM attribution_markov($$VALUES ('{X,Y,Y}'::text[], 1, 0, 0), ('{Y}', 0, 0, 1)$$) a JOIN attribution_markov($$VALUES ('{X,Y}'::text[], 1, 0, 0), ('{Y}', 0, 0, 1)$$) b USING (channel);
-- only conversions: the effect is the share of the conversions whose path has the channel, when paths have no repeats and meet nowhere else
SELECT * FROM attribution_markov($$VALUES ('{A}'::text[], 3), ('{B}', 1)$$);
-- an effect of 10^-15 has all its digits, as the second number says: it is no difference of two large numbers
SET extra_float_digits = 0;
SELECT channel, removal_effect, round((removal_effect * 1e15)::numeric, 12) FROM attribution_markov($$VALUES ('{big}'::text[], 1e9 - 1e-6, 1e9, 0.0), ('{small,last}', 1e-6, 1, 0), ('{last}', 0, 0, 1e-6)$$);
SET extra_float_digits = -1;
-- a path without touch stays without channel; a channel without any weight earns nothing; nothing at all
SELECT * FROM attribution_markov($$VALUES ('{A}'::text[], 2, 30, 1), ('{}', 3, 40, 5), (NULL, 1, NULL, NULL), ('{B}', 0, 0, 0)$$);
SELECT * FROM attribution_markov($$VALUES ('{A}'::text[], 0, 0, 7), ('{A,B}', 0, 0, 2)$$);
SELECT count(*) AS no_rows FROM attribution_markov('SELECT NULL::text[], 1.0 WHERE false');

-- Oracle: the distribution over the states, step by step, until nobody is on the way; a state is an array of the last channels, '' the start
CREATE FUNCTION pg_temp.dice(number bigint, salt bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8extended(number, salt) & 9007199254740991) % sides';
CREATE FUNCTION pg_temp.random_paths(seed bigint, people bigint, channels bigint, longest bigint) RETURNS TABLE (path text[], conversions float8, value float8, nulls float8) LANGUAGE sql AS $f$
    SELECT ARRAY(SELECT 'c' || pg_temp.dice(i * 1000 + k, seed, channels) * pg_temp.dice(i * 1000 + k, seed + 1, 2) FROM generate_series(1, 1 + pg_temp.dice(i, seed + 2, longest)) k),
        converted, converted * pg_temp.dice(i, seed + 4, 100), pg_temp.dice(i, seed + 5, 3) FROM (SELECT i, pg_temp.dice(i, seed + 3, 3)::float8 AS converted FROM generate_series(1, people) i) p
$f$;
CREATE TEMP TABLE random_path (no bigint, path text[], conversions float8, value float8, nulls float8);
CREATE TEMP TABLE own (channel text, removal_effect float8, conversions float8, value float8, got float8, worth float8);
CREATE TEMP TABLE move (a text, b text, a_no int, b_no int, share float8, worth float8);
CREATE FUNCTION pg_temp.powers(removed text, OUT got float8, OUT worth float8) LANGUAGE plpgsql AS $f$
DECLARE
    m record;
    froms int[]; tos int[]; shares float8[]; worths float8[];
    mass float8[]; next float8[];
    nobody float8[] := array_fill(0::float8, ARRAY[(SELECT greatest(max(a_no), 1) FROM move)]);
BEGIN
    -- 0 is a conversion; who would come to the removed channel is lost, as who goes to nothing
    SELECT array_agg(a_no), array_agg(b_no), array_agg(share), array_agg(move.worth) INTO froms, tos, shares, worths FROM move WHERE b <> 'nothing' AND NOT (b LIKE '{%' AND coalesce(removed = ANY (CASE WHEN b LIKE '{%' THEN b::text[] END), false));
    got := 0; worth := 0;
    mass := nobody; mass[1] := 1;
    LOOP
        next := nobody;
        FOR i IN 1 .. cardinality(froms) LOOP
            IF tos[i] = 0 THEN
                got := got + mass[froms[i]] * shares[i];
                worth := worth + mass[froms[i]] * worths[i];
            ELSE
                next[tos[i]] := next[tos[i]] + mass[froms[i]] * shares[i];
            END IF;
        END LOOP;
        mass := next;
        EXIT WHEN (SELECT sum(x) FROM unnest(mass) x) < 1e-16;
    END LOOP;
END
$f$;
CREATE FUNCTION pg_temp.compare(seed bigint, people bigint, n bigint, longest bigint, markov_order int, checked text DEFAULT '%', OUT states bigint, OUT channels bigint, OUT effects_agree boolean, OUT values_agree boolean, OUT sums_kept boolean) LANGUAGE plpgsql AS $f$
BEGIN
    TRUNCATE random_path, own, move;
    INSERT INTO random_path SELECT row_number() OVER (), p.* FROM pg_temp.random_paths(seed, people, n, longest) p;
    INSERT INTO move
        WITH at AS (SELECT p.no, k, p.path[greatest(1, k - markov_order + 1) : k]::text AS state, p.conversions, p.value, p.nulls, k = cardinality(p.path) AS is_last FROM random_path p, generate_subscripts(p.path, 1) k WHERE p.conversions + p.nulls > 0),
        step AS (SELECT lag(state, 1, '') OVER (PARTITION BY no ORDER BY k) AS a, state AS b, 0 AS value, conversions + nulls AS weight FROM at UNION ALL SELECT state, 'converted', value, conversions FROM at WHERE is_last UNION ALL SELECT state, 'nothing', 0, nulls FROM at WHERE is_last),
        counted AS (SELECT a, b, sum(weight) AS weight, sum(step.value) AS value FROM step GROUP BY a, b),
        numbered AS (SELECT state, row_number() OVER (ORDER BY state COLLATE "C") AS no FROM (SELECT a AS state FROM counted UNION SELECT b FROM counted) x WHERE state NOT IN ('converted', 'nothing'))
        SELECT c.a, c.b, a.no, coalesce(b.no, 0), c.weight / sum(c.weight) OVER w, c.value / sum(c.weight) OVER w FROM counted c JOIN numbered a ON a.state = c.a LEFT JOIN numbered b ON b.state = c.b WINDOW w AS (PARTITION BY c.a);
    INSERT INTO own SELECT m.*, p.* FROM attribution_markov('SELECT path, conversions, value, nulls FROM random_path', markov_order) m LEFT JOIN LATERAL pg_temp.powers(m.channel) p ON m.channel LIKE checked;
    SELECT max(a_no) - 1 INTO states FROM move;
    SELECT count(o.got), bool_and(abs(o.removal_effect - (1 - o.got / f.got)) < 1e-12 AND abs(o.conversions / t.conversions - o.removal_effect / t.effects) < 1e-12), bool_and(abs(o.value / t.value - (1 - o.worth / f.worth) / t.lost) < 1e-12),
        max(abs(t.conversions - r.conversions)) < 1e-6 AND max(abs(t.value - r.value)) < 1e-6 INTO channels, effects_agree, values_agree, sums_kept
        FROM own o, pg_temp.powers(NULL) f, LATERAL (SELECT sum(own.conversions) AS conversions, sum(own.value) AS value, sum(own.removal_effect) AS effects, CASE WHEN checked = '%' THEN sum(1 - own.worth / f.worth) END AS lost FROM own) t,
            (SELECT sum(p.conversions) AS conversions, sum(p.value) AS value FROM random_path p) r;
END
$f$;
SELECT markov_order, n, longest, c.* FROM (VALUES (1, 5, 6), (2, 5, 6), (3, 4, 6), (1, 9, 3), (2, 3, 30), (3, 2, 8), (1, 1, 3)) v(markov_order, n, longest), pg_temp.compare(markov_order * 100 + n, 200, n, longest, markov_order) c;
-- more than 1,000 states are followed instead of eliminated
SELECT c.* FROM pg_temp.compare(7, 3000, 20, 6, 3, 'c1_') c;
-- 301 channels; in any order of the rows
SELECT count(*), sum(conversions) AS conversions, min(removal_effect) > 0 AS all_have_an_effect FROM attribution_markov($$SELECT ARRAY['c' || i, 'c' || i * 7 % 300, 'c' || i * 11 % 300], 1, 0, i % 3 FROM generate_series(1, 300) i$$);
SELECT count(*), max(abs(a.removal_effect - b.removal_effect)) < 1e-14 AS same FROM attribution_markov('SELECT * FROM pg_temp.random_paths(5, 300, 20, 10) ORDER BY path', 2) a JOIN attribution_markov('SELECT * FROM pg_temp.random_paths(5, 300, 20, 10) ORDER BY path DESC', 2) b USING (channel);

-- Shapley: each path is shared alike by its different channels
SELECT * FROM attribution_shapley($$VALUES ('{A,B,A}'::text[], 2, 30), ('{B}', 1, 12), ('{A,B,C}', 3, -6), ('{}', 1, 5)$$);
-- against the definition, over all 256 coalitions of 8 channels: a set of channels is worth what the paths within it brought
CREATE TEMP TABLE game AS SELECT p.path, p.conversions, p.value, (SELECT bit_or(1 << substr(c, 2)::int) FROM unnest(p.path) c) AS members FROM pg_temp.random_paths(11, 400, 8, 9) p;
WITH worth AS MATERIALIZED (SELECT s, coalesce(sum(g.conversions), 0) AS conversions, coalesce(sum(g.value), 0) AS value FROM generate_series(0, 255) s LEFT JOIN game g ON g.members & ~s = 0 GROUP BY s),
marginal AS (SELECT i, factorial(n) * factorial(7 - n) / factorial(8) AS weight, w.conversions - o.conversions AS conversions, w.value - o.value AS value
    FROM generate_series(0, 7) i, worth o JOIN worth w ON true, LATERAL (SELECT length(replace(o.s::bit(8)::text, '0', '')) AS n) c WHERE o.s & (1 << i) = 0 AND w.s = o.s | (1 << i)),
by_definition AS (SELECT 'c' || i AS channel, sum(weight::float8 * conversions) AS conversions, sum(weight::float8 * value) AS value FROM marginal GROUP BY i)
SELECT count(*), bool_and(abs(o.conversions - d.conversions) < 1e-9 AND abs(o.value - d.value) < 1e-8) AS agree, abs(sum(o.conversions) - (SELECT sum(conversions) FROM game)) < 1e-9 AS sum_kept FROM attribution_shapley('SELECT path, conversions, value FROM game') o FULL JOIN by_definition d USING (channel);

-- attribution_table: the sums of attribution() over all people, exactly, whatever the arguments, in memory and in temporary files
CREATE TEMP TABLE step AS
SELECT i AS id, pg_temp.dice(i, 1, 2000) AS person, timestamptz '2026-01-01Z' + CASE WHEN i % 2 = 0 THEN pg_temp.dice(i, 3, 60) * interval '1 day' ELSE pg_temp.dice(i, 3, 5184000) * interval '1 second' END AS at,
    CASE WHEN kind < 4 THEN (ARRAY['mail', 'web', 'direct', 'call', 'Fair', 'x'])[1 + pg_temp.dice(i, 5, 6)] END AS channel,
    CASE WHEN kind IN (3, 4) THEN round((pg_temp.dice(i, 6, 1000000) - 50000) / CASE WHEN i % 7 = 0 THEN 1000000.0 ELSE 100 END, 6) END AS value,
    CASE WHEN kind = 5 THEN (ARRAY['lead', 'opportunity', 'visit'])[1 + pg_temp.dice(i, 7, 3)] END AS milestone
FROM (SELECT i, pg_temp.dice(i, 4, 6) AS kind FROM generate_series(1::bigint, 20000) i) k;
CREATE TEMP TABLE whole AS SELECT person, journey_milestone_agg(at, channel, value, milestone) AS j FROM step GROUP BY person;
CREATE FUNCTION pg_temp.same_sums(arguments text, key text DEFAULT 'person', memory text DEFAULT '4MB', OUT lines bigint, OUT differing bigint, OUT conversions numeric, OUT value numeric) LANGUAGE plpgsql AS $f$
BEGIN
    PERFORM set_config('work_mem', memory, true);
    EXECUTE format($q$WITH own AS (SELECT * FROM attribution_table('SELECT %s, at, channel, value, milestone FROM step ORDER BY hashint8(id)'%s)),
        summed AS (SELECT a.model, a.channel, sum(a.conversions) AS conversions, sum(a.value) AS value FROM whole, attribution(j%s) a GROUP BY 1, 2)
        SELECT (SELECT count(*) FROM own), (SELECT count(*) FROM ((TABLE own EXCEPT ALL TABLE summed) UNION ALL (TABLE summed EXCEPT ALL TABLE own)) d), sum(conversions), sum(value) FROM own WHERE model = 'linear'$q$, key, arguments, arguments) INTO lines, differing, conversions, value;
END
$f$;
SELECT count(*) AS conversions, sum(value) AS value FROM step WHERE value IS NOT NULL;
SELECT no, s.* FROM (VALUES (1, '', 'person', '4MB'), (2, ', lookback => ''10 days''', 'person::text', '4MB'), (3, ', max_touches => 2, since_conversion => true', 'person::int', '64kB'), (4, ', transforms => ''{exposure,frequency}'', half_life => ''1 day''', 'person', '4MB'),
    (5, ', ignored => ''{call,x}'', transforms => ''{drop_direct}'', milestones => ''{visit}'', decimals => 6', 'md5(person::text)::uuid', '64kB'), (6, ', as_of => ''2026-02-01''', 'person', '4MB')) v(no, arguments, key, memory), pg_temp.same_sums(arguments, key, memory) s ORDER BY no;
-- a person's key of NULL and a time of NULL leave a row out; no rows; models in the order in which they are asked for, once each
SELECT * FROM attribution_table($$VALUES (NULL::text, '2026-01-01'::timestamptz, 'a', 1), ('p', NULL, 'a', 1), ('p', '2026-01-01', 'a', NULL), ('p', '2026-01-02', NULL, 3)$$, '{linear,first,linear}');
SELECT count(*) FROM attribution_table('SELECT 1, now(), NULL::text, NULL::numeric WHERE false');

-- the report: what each model says, with expense; everything adds up
CREATE TEMP TABLE spent (channel text, expense numeric);
INSERT INTO spent VALUES ('mail', 40), ('mail', 20), ('call', 30), ('poster', 25);
SELECT * FROM attribution_report($$VALUES (1, '2026-01-01'::timestamptz, 'mail', NULL::numeric), (1, '2026-01-05', 'web', NULL), (1, '2026-01-09', 'call', NULL), (1, '2026-01-09', NULL, 300.00), (2, '2026-01-03', 'mail', NULL), (3, '2026-01-04', NULL, 50), (4, '2026-01-05', 'web', 100)$$,
    'TABLE spent -- a comment', '{linear,markov,shapley}');
SELECT model, count(*), round(sum(conversions), 6) AS conversions, round(sum(value), 2) AS value, sum(expense) AS expense FROM attribution_report('SELECT person, at, channel, abs(value), milestone FROM step', 'TABLE spent', lookback => '20 days', since_conversion => true, markov_order => 2) WITH ORDINALITY r(model, channel, conversions, value, share, expense, er, cost, back, no) GROUP BY model ORDER BY min(no);

-- it takes what attribution_table() takes: values that are no numeric, channels that are no text
SELECT model, channel, conversions, value, expense FROM attribution_report($$SELECT person, at, channel::varchar, value::float8, milestone FROM (VALUES (1, '2026-01-01'::timestamptz, 'mail', 1.5, NULL::text)) v (person, at, channel, value, milestone)$$,
    'SELECT channel::name, 2.5::float8 FROM (VALUES (''mail'')) v (channel)', '{last,markov,shapley}');
-- sums that are no numbers are none
SELECT * FROM attribution_markov($$SELECT ARRAY['A', 'B'], 1e308 FROM generate_series(1, 2)$$);
SELECT * FROM attribution_shapley($$SELECT ARRAY['A'], 1e308 FROM generate_series(1, 2)$$);
SELECT * FROM attribution_shapley($$SELECT '{}'::text[], 1e308 FROM generate_series(1, 2)$$);

-- columns of other types; fewer columns; an array of another element type
SELECT * FROM attribution_shapley($$SELECT '{A,B}'::varchar[], 1::smallint$$);
SELECT * FROM attribution_shapley($$SELECT '{A,B}'::text[], 1, 2, 3, 4$$);
SELECT * FROM attribution_markov($$SELECT '{1,2}'::int[], 1$$);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], 1$$, 4);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], 1$$, 0);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], -1$$);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], 1, -5$$);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], 0, 5$$);
SELECT * FROM attribution_markov($$SELECT '{A}'::text[], 1, 5, 'NaN'::float8$$);
SELECT * FROM attribution_shapley($$SELECT '{A}'::text[], 1, 'infinity'::float8$$);
SELECT * FROM attribution_markov($$SELECT ARRAY['A', NULL], 1$$);
SELECT * FROM attribution_markov($$SELECT '{{A,B},{C,D}}'::text[], 1$$);
SELECT * FROM attribution_markov($$SELECT ARRAY['c' || i], 1 FROM generate_series(1, 1001) i$$);
SELECT * FROM attribution_table($$SELECT 1, now(), 'a'$$);
SELECT * FROM attribution_table($$SELECT 1, 'infinity'::timestamptz, 'a', 1$$);
SELECT * FROM attribution_table($$SELECT 1, now(), repeat('a', 256), 1$$);
SELECT * FROM attribution_table($$SELECT 1, now(), 'a', 'NaN'::numeric$$);
SELECT * FROM attribution_table('DELETE FROM step');
\set VERBOSITY terse
-- the same under every DateStyle: there CST is the time of Chicago to who reads it, and of Shanghai to who writes it
SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Shanghai';
SELECT model, channel, conversions FROM attribution_report($$VALUES (1, '2026-01-05 08:00+08'::timestamptz, 'mail', NULL::numeric), (1, '2026-01-05 09:00+08', 'web', NULL), (1, '2026-01-05 20:00+08', NULL, 100), (2, '2026-01-05 09:00+08', 'call', NULL), (2, '2026-01-05 11:00+08', NULL, 100)$$,
    models => '{last,markov}', as_of => '2026-01-05 12:00+08') ORDER BY 1, 2;
RESET DateStyle; RESET TimeZone;
SELECT * FROM attribution_report('SELECT 1, now(), NULL::text, 1', models => '{linear,magic}');
-- a negative value is no part of a Markov chain
SELECT * FROM attribution_report($$VALUES (1, now(), 'a', -1::numeric)$$, models => '{markov}');
\set VERBOSITY default
SELECT count(*) AS null_query FROM attribution_markov(NULL), attribution_shapley(NULL), attribution_table(NULL);
