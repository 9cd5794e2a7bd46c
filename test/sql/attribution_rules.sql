-- journey and attribution: published weights, each model against SQL by hand on random histories, exact sums, any order of rows.
SET search_path = public, dupex;
SET timezone = 'UTC';
\set VERBOSITY default

-- touches 28, 14, 7 and 0 days before the conversion. Time decay with a half-life of 7 days is 1/29, 4/29, 8/29, 16/29:
-- .034483 .137931 .275862 .551724 (Google Ads: a touch 8 days ago has half the weight of one 1 day ago);
-- U is .4 .1 .1 .4 (Google Ads, Snowplow), J .2 .1 .1 .6 and its inverse (HubSpot), linear .25 each
CREATE TEMP TABLE four AS SELECT '{2026-01-01T00:00:00Z "print", 2026-01-15T00:00:00Z "web", 2026-01-22T00:00:00Z "mail", 2026-01-29T00:00:00Z "direct", 2026-01-29T00:00:00Z 100}'::journey AS j;
SELECT model, string_agg(channel || ' ' || conversions, ', ' ORDER BY touched_at) AS weights, string_agg(value::text, ' ' ORDER BY touched_at) AS shares, sum(conversions) AS conversions, sum(value) AS value
FROM four, attribution(j) WITH ORDINALITY a(model, channel, conversions, value, touched_at, converted_at, no) GROUP BY model ORDER BY min(no);
SELECT round(max(conversions) FILTER (WHERE channel = 'eight') / max(conversions) FILTER (WHERE channel = 'one'), 8) AS eight_days_to_one
FROM attribution('{2026-01-01T00:00:00Z "eight", 2026-01-08T00:00:00Z "one", 2026-01-09T00:00:00Z 1}', '{time_decay}');
-- continuous: half a day more is less, not the same until a day is full
SELECT channel, conversions FROM attribution('{2026-01-01T00:00:00Z "a", 2026-01-01T12:00:00Z "b", 2026-01-02T00:00:00Z "c", 2026-01-09T00:00:00Z 1}', '{time_decay}', half_life => '1 day');
-- one touch gets all, two share alike, in each model of positions
SELECT model, array_agg(conversions ORDER BY touched_at) AS two FROM attribution('{2026-01-01T00:00:00Z "a", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z 1}', '{position_u,position_j,position_inverse_j}') GROUP BY model ORDER BY model;
SELECT count(*) AS models, bool_and(conversions = 1 AND value = 12.5 AND channel = 'a') AS all_of_it FROM attribution('{2026-01-01T00:00:00Z "a", 2026-01-03T00:00:00Z 12.5}');
-- the last touch that is not direct; direct where there is nothing else
SELECT channel FROM attribution('{2026-01-01T00:00:00Z "direct", 2026-01-02T00:00:00Z "direct", 2026-01-03T00:00:00Z 1}', '{last_non_direct}');
SELECT channel FROM attribution('{2026-01-01T00:00:00Z "a", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z "c", 2026-01-03T00:00:00Z 1}', '{last_non_direct}', ignored => '{b,c}');
-- W: .3 for the first touch, for that which made the lead and for that which made the opportunity, .1 for the other two;
-- full path: .225 for these and the last one, .1 for the one that is left (HubSpot)
CREATE TEMP TABLE sold AS SELECT journey_milestone_agg(at::timestamptz, channel, value, milestone) AS j FROM (VALUES
    ('2026-01-01', 'fair', NULL::numeric, NULL), ('2026-01-05', 'mail', NULL, NULL), ('2026-01-08', 'web', NULL, 'lead'), ('2026-01-10', 'call', NULL, NULL), ('2026-01-12', NULL, NULL, 'opportunity'),
    ('2026-01-15', 'visit', NULL, NULL), ('2026-01-20', NULL, 20000, NULL)) v(at, channel, value, milestone);
TABLE sold;
SELECT model, string_agg(channel || ' ' || conversions, ', ' ORDER BY touched_at) FROM sold, attribution(j, '{position_w,full_path}') GROUP BY model ORDER BY model DESC;
-- milestones that fall on one touch count once, the rest is of what there is: 3 : 1 : 1 and 9 : 4 : 9; a milestone that is not asked for is none
SELECT model, string_agg(channel || ' ' || conversions, ', ' ORDER BY touched_at) FROM (SELECT '{2026-01-01T00:00:00Z "a", 2026-01-01T00:00:00Z @"lead", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z "c", 2026-01-04T00:00:00Z 1}'::journey AS j) s, attribution(j, '{position_w,full_path}') GROUP BY model ORDER BY model DESC;
SELECT string_agg(channel || ' ' || conversions, ', ' ORDER BY touched_at) FROM sold, attribution(j, '{position_w}', milestones => '{opportunity}');

-- lookback: both ends are inside; touches of the instant of the conversion come before it
SELECT lookback, string_agg(channel, ' ' ORDER BY touched_at) FROM four, unnest(ARRAY['28 days', '27 days 23:59:59.999999', '14 days', '0 days']::interval[]) lookback, attribution(j, '{linear}', lookback) GROUP BY lookback ORDER BY lookback DESC;
SELECT n, string_agg(channel, ' ' ORDER BY touched_at) FROM four, generate_series(1, 5, 2) n, attribution(j, '{linear}', max_touches => n) GROUP BY n ORDER BY n;
-- several conversions: each uses what is in its lookback, or only what came after the one before; those of the same instant
-- use the same touches; one without a touch stays; touches after the last one earn nothing
CREATE TEMP TABLE several AS SELECT '{2026-01-01T00:00:00Z 5, 2026-01-02T00:00:00Z "a", 2026-01-03T00:00:00Z "b", 2026-01-03T00:00:00Z 10, 2026-01-03T00:00:00Z 20, 2026-01-04T00:00:00Z "c", 2026-01-05T00:00:00Z 40, 2026-01-06T00:00:00Z "d"}'::journey AS j;
SELECT since_conversion, converted_at::date, channel, conversions, value FROM several, unnest(ARRAY[false, true]) since_conversion, attribution(j, '{linear}', since_conversion => since_conversion) ORDER BY 1, 2, touched_at, value;
SELECT since_conversion, p.* FROM several, unnest(ARRAY[false, true]) since_conversion, attribution_paths(j, since_conversion => since_conversion) p;
SELECT as_of::date, count(*), sum(value) FROM several, generate_series('2025-12-31'::timestamptz, '2026-01-06', '1 day') as_of, attribution(j, '{last}', as_of => as_of) GROUP BY 1 ORDER BY 1;

-- transforms of D A B B C D C C (Snowplow): exposure D A B C D C, first D A B C, frequency D(2) A(1) B(2) C(3)
CREATE TEMP TABLE snowplow AS SELECT journey_agg('2026-01-01Z'::timestamptz + interval '1 hour' * i, CASE WHEN i <= 8 THEN substr('DABBCDCC', i, 1) END, CASE WHEN i = 9 THEN 1 END) AS j FROM generate_series(1, 9) i;
SELECT transforms, path FROM snowplow, unnest(ARRAY['unique', 'exposure', 'first', 'frequency', 'drop_direct', 'drop_last_direct']) WITH ORDINALITY t(transforms, no), attribution_paths(j, ignored => '{C,A}', transforms => ARRAY[transforms]) ORDER BY no;
SELECT path AS one_after_the_other FROM snowplow, attribution_paths(j, ignored => '{D,C,A}', transforms => '{drop_direct,exposure,frequency}');
SELECT path AS all_ignored FROM snowplow, attribution_paths(j, ignored => '{A,B,C,D}', transforms => '{drop_direct,drop_last_direct,exposure}');
-- the lookback counts touches as they are, not what is left of them
SELECT path FROM snowplow, attribution_paths(j, max_touches => 3, transforms => '{first}');
SELECT channel, conversions, touched_at FROM snowplow, attribution(j, '{linear}', transforms => '{frequency}');

-- largest remainder: 100 by three is 33.34 33.33 33.33, U of 5 touches .4 .0667 .0667 .0666 .4
SELECT decimals, array_agg(value ORDER BY touched_at) AS thirds FROM unnest(ARRAY[0, 2, 9]) decimals, attribution('{2026-01-01T00:00:00Z "a", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z "c", 2026-01-04T00:00:00Z 100}', '{linear}', decimals => decimals) GROUP BY decimals ORDER BY decimals;
SELECT array_agg(value ORDER BY touched_at) AS fifths, sum(value) FROM (SELECT journey_agg('2026-01-01Z'::timestamptz + i * interval '1 day', CASE WHEN i < 5 THEN 'c' || i END, CASE WHEN i = 5 THEN 1 END) AS j FROM generate_series(0, 5) i) s, attribution(j, '{position_u}');
-- a value keeps its own decimals; a return is shared alike; nothing is lost of the largest
SELECT array_agg(value ORDER BY touched_at) AS shares, sum(value) FROM unnest(ARRAY['0.000000001', '-100.000000007', '999999999999999999']) v, attribution(format('{2026-01-01T00:00:00Z "a", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z "c", 2026-01-04T00:00:00Z %s}', v)::journey, '{time_decay}', half_life => '1 day', decimals => 0) GROUP BY v ORDER BY v;

-- Oracle: 300 people, about 17 steps each within 60 days, half of them at full days, so that times tie. SQL by hand for each model
CREATE FUNCTION pg_temp.dice(number bigint, salt bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8extended(number, salt) & 9007199254740991) % sides';
CREATE TEMP TABLE step AS
SELECT i AS id, pg_temp.dice(i, 1, 300) AS person, kind, timestamptz '2026-01-01Z' + CASE WHEN i % 2 = 0 THEN pg_temp.dice(i, 3, 60) * interval '1 day' ELSE pg_temp.dice(i, 3, 5184000) * interval '1 second' END AS at,
    CASE WHEN kind < 4 THEN (ARRAY['mail', 'web', 'direct', 'call', 'Fair', 'x'])[1 + pg_temp.dice(i, 5, 6)] END AS channel,
    CASE WHEN kind IN (3, 4) THEN round((pg_temp.dice(i, 6, 1000000) - 50000) / CASE WHEN i % 7 = 0 THEN 1000000.0 ELSE 100 END, 6) END AS value,
    CASE WHEN kind = 5 THEN (ARRAY['lead', 'opportunity', 'visit'])[1 + pg_temp.dice(i, 7, 3)] END AS milestone
FROM (SELECT i, pg_temp.dice(i, 4, 6) AS kind FROM generate_series(1::bigint, 5000) i) k;
ANALYZE step;
CREATE TEMP TABLE whole AS SELECT person, journey_milestone_agg(at, channel, value, milestone) AS j FROM step GROUP BY person;
-- the touches that each conversion may use: number i of n
CREATE FUNCTION pg_temp.eligible(lookback interval, most int, since boolean) RETURNS TABLE (person bigint, conversion bigint, converted_at timestamptz, value numeric, before timestamptz, i bigint, n bigint, touched_at timestamptz, channel text) LANGUAGE sql AS $f$
    SELECT e.person, e.conversion, e.converted_at, e.value, e.before, row_number() OVER w, count(*) OVER (PARTITION BY e.conversion), e.at, e.channel
    FROM (SELECT c.person, c.id AS conversion, c.at AS converted_at, c.value, c.before, t.at, t.channel, t.id, row_number() OVER (PARTITION BY c.id ORDER BY t.at DESC, t.channel COLLATE "C" DESC, t.id DESC) AS back
        FROM (SELECT s.*, max(s.at) OVER (PARTITION BY s.person ORDER BY s.at RANGE BETWEEN UNBOUNDED PRECEDING AND '1 microsecond' PRECEDING) AS before FROM step s WHERE s.value IS NOT NULL) c
        JOIN step t ON t.person = c.person AND t.channel IS NOT NULL AND t.at <= c.at AND (lookback IS NULL OR t.at >= c.at - lookback) AND (NOT since OR c.before IS NULL OR t.at > c.before)) e
    WHERE most IS NULL OR back <= most WINDOW w AS (PARTITION BY e.conversion ORDER BY e.at, e.channel COLLATE "C", e.id)
$f$;
-- each model's weight, not yet divided by their sum
CREATE FUNCTION pg_temp.by_hand(lookback interval, most int, since boolean) RETURNS TABLE (person bigint, conversion bigint, converted_at timestamptz, value numeric, model text, i bigint, touched_at timestamptz, channel text, weight numeric) LANGUAGE sql AS $f$
    WITH e AS MATERIALIZED (SELECT * FROM pg_temp.eligible(lookback, most, since)),
    milestone AS (SELECT DISTINCT ON (c.conversion, m.milestone) c.conversion, m.milestone, m.at FROM (SELECT DISTINCT e.person, e.conversion, e.converted_at, e.before FROM e) c
        JOIN step m ON m.person = c.person AND m.milestone IS NOT NULL AND m.at <= c.converted_at ORDER BY c.conversion, m.milestone, m.at DESC),
    reached AS (SELECT e.conversion, m.milestone, max(e.i) AS i FROM e JOIN milestone m USING (conversion) WHERE e.touched_at <= m.at AND (NOT since OR e.before IS NULL OR m.at > e.before) GROUP BY 1, 2),
    key AS (SELECT e.*, e.i = 1 OR (e.conversion, e.i) IN (SELECT r.conversion, r.i FROM reached r) AS is_key, max(e.i) FILTER (WHERE e.channel <> 'direct') OVER (PARTITION BY e.conversion) AS last_real FROM e),
    counted AS (SELECT k.*, k.is_key OR k.i = k.n AS is_key_or_last, sum((NOT k.is_key)::int) OVER (PARTITION BY k.conversion) AS others, sum((NOT (k.is_key OR k.i = k.n))::int) OVER (PARTITION BY k.conversion) AS others_or_last FROM key k)
    SELECT k.person, k.conversion, k.converted_at, k.value, m.model, k.i, k.touched_at, k.channel, CASE m.model
        WHEN 'first' THEN (k.i = 1)::int
        WHEN 'last' THEN (k.i = k.n)::int
        WHEN 'last_non_direct' THEN (k.i = coalesce(k.last_real, k.n))::int
        WHEN 'linear' THEN 1
        WHEN 'position_u' THEN CASE WHEN k.n < 3 THEN 1 WHEN k.i IN (1, k.n) THEN 0.4 * (k.n - 2) ELSE 0.2 END
        WHEN 'position_j' THEN CASE WHEN k.n < 3 THEN 1 WHEN k.i = 1 THEN 0.2 * (k.n - 2) WHEN k.i = k.n THEN 0.6 * (k.n - 2) ELSE 0.2 END
        WHEN 'position_inverse_j' THEN CASE WHEN k.n < 3 THEN 1 WHEN k.i = 1 THEN 0.6 * (k.n - 2) WHEN k.i = k.n THEN 0.2 * (k.n - 2) ELSE 0.2 END
        WHEN 'position_w' THEN CASE WHEN k.others = 0 THEN 1 WHEN k.is_key THEN 0.3 * k.others ELSE 0.1 END
        WHEN 'full_path' THEN CASE WHEN k.others_or_last = 0 THEN 1 WHEN k.is_key_or_last THEN 0.225 * k.others_or_last ELSE 0.1 END
        ELSE power(2::float8, - extract(epoch FROM k.converted_at - k.touched_at)::float8 / 604800)::numeric END
    FROM counted k, unnest(ARRAY['first', 'last', 'last_non_direct', 'linear', 'position_u', 'position_j', 'position_inverse_j', 'position_w', 'full_path', 'time_decay']) m(model)
$f$;
-- whole units by largest remainder, of equals to the earlier touch; powers of two are no fractions, so of time decay a unit more or less may fall otherwise
CREATE FUNCTION pg_temp.compare(lookback interval, most int, since boolean, OUT conversions bigint, OUT lines bigint, OUT differing bigint, OUT differing_decay bigint) LANGUAGE sql AS $f$
    WITH share AS MATERIALIZED (
        SELECT h.*, sum(weight) OVER (PARTITION BY conversion, model) AS whole, 10::numeric ^ greatest(4, scale(trim_scale(value))) AS per_unit FROM pg_temp.by_hand(lookback, most, since) h),
    cut AS (SELECT s.*, div(1e9 * weight, whole) AS weight_units, 1e9 * weight % whole AS weight_rest, div(abs(value) * per_unit * weight, whole) AS value_units, abs(value) * per_unit * weight % whole AS value_rest FROM share s),
    handed AS (SELECT c.*,
            (weight_units + (row_number() OVER (PARTITION BY conversion, model ORDER BY weight_rest DESC, i) <= 1e9 - sum(weight_units) OVER g)::int) / 1e9 AS weight_expected,
            (value_units + (row_number() OVER (PARTITION BY conversion, model ORDER BY value_rest DESC, i) <= abs(value) * per_unit - sum(value_units) OVER g)::int) / per_unit * sign(value) AS value_expected
        FROM cut c WINDOW g AS (PARTITION BY conversion, model)),
    both_sides AS (
        SELECT person, model, converted_at, touched_at, channel, -weight_expected AS weight, -value_expected AS value FROM handed WHERE weight_expected <> 0 OR value_expected <> 0
        UNION ALL SELECT s.person, m.model, s.at, NULL, NULL, -1, -s.value FROM step s, (SELECT DISTINCT model FROM share) m WHERE s.value IS NOT NULL AND s.id NOT IN (SELECT conversion FROM share)
        UNION ALL SELECT person, a.model, a.converted_at, a.touched_at, a.channel, a.conversions, a.value FROM whole, attribution(j, lookback => lookback, max_touches => most, since_conversion => since) a),
    line AS (SELECT model, sum(weight) AS weight, sum(value) AS value, count(*) / 2 AS times FROM both_sides GROUP BY person, model, converted_at, touched_at, channel)
    SELECT (SELECT count(*) FROM step s WHERE s.value IS NOT NULL), count(*), count(*) FILTER (WHERE model <> 'time_decay' AND (weight <> 0 OR value <> 0)),
        count(*) FILTER (WHERE model = 'time_decay' AND (abs(weight) > 1e-9 * times OR abs(value) > 1e-4 * times)) FROM line
$f$;
SELECT lookback, most, since, c.* FROM (VALUES (NULL::interval, NULL::int, false), ('10 days', NULL, false), (NULL, 3, false), ('20 days', 4, false), (NULL, NULL, true), ('15 days', 2, true), ('0 days', NULL, false)) v(lookback, most, since), pg_temp.compare(lookback, most, since) c;
-- shares of each conversion add up to it: 1, and its value, exactly
SELECT count(*) AS sums, bool_and(conversions = expected AND value = value_expected) AS exact FROM (
    SELECT person, a.converted_at, a.model, sum(a.conversions) AS conversions, sum(a.value) AS value FROM whole, attribution(j, transforms => '{exposure}') a GROUP BY 1, 2, 3) o
    FULL JOIN (SELECT person, at AS converted_at, count(*) AS expected, sum(value) AS value_expected FROM step WHERE value IS NOT NULL GROUP BY 1, 2) e USING (person, converted_at);
-- transforms against SQL by hand
WITH touch AS (SELECT e.*, lag(channel) OVER w IS DISTINCT FROM channel AS is_new, row_number() OVER (PARTITION BY conversion, channel ORDER BY i) AS times, max(i) FILTER (WHERE channel <> 'direct') OVER (PARTITION BY conversion) AS last_real FROM pg_temp.eligible('20 days', NULL, false) e WINDOW w AS (PARTITION BY conversion ORDER BY i)),
hand AS (SELECT person, conversion, value, 'unique' AS transform, array_agg(channel ORDER BY i) AS path FROM touch GROUP BY 1, 2, 3
    UNION ALL SELECT person, conversion, value, 'exposure', array_agg(channel ORDER BY i) FROM touch WHERE is_new GROUP BY 1, 2, 3
    UNION ALL SELECT person, conversion, value, 'first', array_agg(channel ORDER BY i) FROM touch WHERE times = 1 GROUP BY 1, 2, 3
    UNION ALL SELECT person, conversion, value, 'frequency', array_agg(channel || '(' || most || ')' ORDER BY i) FROM (SELECT *, max(times) OVER (PARTITION BY conversion, channel) AS most FROM touch) t WHERE times = 1 GROUP BY 1, 2, 3
    UNION ALL SELECT person, conversion, value, 'drop_direct', array_agg(channel ORDER BY i) FROM touch WHERE channel <> 'direct' OR last_real IS NULL GROUP BY 1, 2, 3
    UNION ALL SELECT person, conversion, value, 'drop_last_direct', array_agg(channel ORDER BY i) FROM touch WHERE i <= last_real OR last_real IS NULL GROUP BY 1, 2, 3),
expected AS (SELECT t.transform, s.person, coalesce(h.path, '{}') AS path, s.value::float8 AS value, count(*) FROM step s CROSS JOIN (SELECT DISTINCT transform FROM hand) t LEFT JOIN hand h ON h.conversion = s.id AND h.transform = t.transform WHERE s.value IS NOT NULL GROUP BY 1, 2, 3, 4),
own AS (SELECT transform, person, p.path, p.value, count(*) FROM whole, unnest(ARRAY['unique', 'exposure', 'first', 'frequency', 'drop_direct', 'drop_last_direct']) transform, attribution_paths(j, '20 days', transforms => ARRAY[transform]) p WHERE p.conversions = 1 GROUP BY 1, 2, 3, 4)
SELECT (SELECT sum(count) FROM own) AS paths, (SELECT count(*) FROM (TABLE own EXCEPT TABLE expected) d) AS not_by_hand, (SELECT count(*) FROM (TABLE expected EXCEPT TABLE own) d) AS only_by_hand;
-- paths to nothing: the touches after the last conversion, within the lookback of the last one of them
WITH hand AS (SELECT s.person, array_agg(s.channel ORDER BY s.at, s.channel COLLATE "C") AS path FROM step s JOIN (SELECT person, max(at) FILTER (WHERE value IS NOT NULL) AS converted, max(at) FILTER (WHERE channel IS NOT NULL) AS touched FROM step GROUP BY person) l USING (person)
    WHERE s.channel IS NOT NULL AND (converted IS NULL OR s.at > converted) AND s.at >= touched - interval '10 days' GROUP BY s.person)
SELECT count(*) AS people, count(*) FILTER (WHERE h.path IS DISTINCT FROM p.path) AS differing FROM hand h FULL JOIN (SELECT person, p.path FROM whole, attribution_paths(j, '10 days') p WHERE nulls = 1 AND conversions = 0 AND value = 0) p USING (person);

-- any order of rows, in parts and rolled up, extended day by day: the same bytes
SELECT count(*) AS people, bool_and(w.j::text = a.j::text AND w.j::text = b.j::text AND w.j::text = r.j::text AND journey_send(w.j) = journey_send(r.j) AND w.j::text::journey::text = w.j::text) AS same FROM whole w
    JOIN (SELECT person, journey_milestone_agg(at, channel, value, milestone ORDER BY at) AS j FROM step GROUP BY person) a USING (person)
    JOIN (SELECT person, journey_milestone_agg(at, channel, value, milestone ORDER BY at DESC, id) AS j FROM step GROUP BY person) b USING (person)
    JOIN (SELECT person, rollup(j) AS j FROM (SELECT person, id % 7, journey_milestone_agg(at, channel, value, milestone) AS j FROM step GROUP BY 1, 2 ORDER BY id % 7 DESC) d GROUP BY person) r USING (person);
-- one row may say several things, the touch comes first; a row that says nothing is left out
SELECT journey_milestone_agg(at, channel, value, milestone) FROM (VALUES ('2026-01-02'::timestamptz, 'web', 0::numeric, 'lead'), ('2026-01-01', NULL, NULL, NULL), (NULL, 'mail', 5, 'lead')) v(at, channel, value, milestone);
SELECT journey_agg(NULL, 'mail', 1) IS NULL AS no_time, journey_agg('2026-01-01', NULL, NULL) IS NULL AS no_step;
-- the zone of the session does not matter
SET timezone = 'Asia/Tokyo';
SELECT j FROM four;
SET timezone = 'UTC';

-- 100,000 steps of one person: all at one instant; all of different channels; in no order; each a conversion
SELECT count(*), sum(conversions), min(conversions), max(conversions) FROM (SELECT journey_agg('2026-01-01Z', 'c' || i % 10, CASE WHEN i = 7 THEN 1 END) AS j FROM generate_series(1, 100000) i) s, attribution(j, '{linear}');
SELECT model, channel, sum(conversions) FROM (SELECT journey_agg('2026-01-01Z'::timestamptz + i * 7919 % 100003 * interval '1 second', 'c' || i, CASE WHEN i * 7919 % 100003 = 100002 THEN 1 END) AS j FROM generate_series(1, 100000) i) s, attribution(j, '{first,last}', transforms => '{drop_direct,exposure,frequency}') GROUP BY 1, 2;
SELECT count(*), sum(conversions), sum(value) FROM (SELECT journey_agg('2026-01-01Z'::timestamptz + i * interval '1 second', 'c' || i % 5, i % 3) AS j FROM generate_series(1, 100000) i) s, attribution(j, '{last,last_non_direct,linear}', lookback => '3 seconds');

-- asked of many people in one query, no memory stays behind for each
SELECT sum(total_bytes) AS before FROM pg_backend_memory_contexts \gset
SELECT count(*), (SELECT sum(total_bytes) FROM pg_backend_memory_contexts) - :before < 5000000 AS is_given_back FROM generate_series(1, 10000) i, attribution(CASE WHEN i > 0 THEN '{2026-01-31T10:15:00Z "mail", 2026-02-03T09:30:00Z 19.99}'::journey END, '{last}');
-- literals: steps in any order; names with quotes
SELECT ' { 2026-01-03T00:00:00Z  1.50 } '::journey;
SELECT ' { 2026-01-03T00:00:00Z 1.50 , 2026-01-02T00:00:00.25Z "a \"b\" \\ ü" , 2026-01-02T00:00:00.25Z @"", 2026-01-02T00:00:00.25Z 0, 2026-01-02T00:00:00.25Z -0.000000001 } '::journey;
SELECT '{}'::journey;
SELECT '{2026-01-02T00:00:00Z}'::journey;
SELECT '{2026-01-02T00:00:00+01 "a"}'::journey;
SELECT '{2026-01-02T00:00:00Z "a}'::journey;
SELECT '{2026-01-02T00:00:00Z @5}'::journey;
SELECT '{2026-01-02T00:00:00Z 5,}'::journey;
SELECT '{2026-01-02T00:00:00Z 1e5}'::journey;
SELECT '{2026-01-02T00:00:00Z 0.0000000001}'::journey;
SELECT length(format('{2026-01-02T00:00:00Z "%s"}', repeat('x', 255))::journey::text) AS longest;
SELECT format('{2026-01-02T00:00:00Z "%s"}', repeat('x', 256))::journey;

-- bytes that journey_send cannot have sent
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := current_setting('data_directory') || '/dupex_journey_bytes';
    -- a COPY BINARY file of one row with one field
    content bytea := '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea || int4send(length(bytes)) || bytes || '\xffff'::bytea;
    large oid;
BEGIN
    DROP TABLE IF EXISTS pg_temp.received;
    CREATE TEMP TABLE received (j journey);
    large := lo_from_bytea(0, content);
    PERFORM lo_export(large, file), lo_unlink(large);
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    RETURN (SELECT j::text FROM received);
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT pg_temp.receive(journey_send(j)) = j::text AS came_back FROM sold;
SELECT what, pg_temp.receive(bytes) FROM (VALUES
    (1, 'version 2', '\x0200000001000000000000000000000000016d'::bytea),
    (2, 'no step', '\x0100000000'),
    (3, 'more steps than bytes', '\x01ffffffff0000000000000000000000000161'),
    (4, 'kind 3', '\x01000000010000000000000000030000000161'),
    (5, 'year 10000', '\x01000000017000000000000000000000000161'),
    (6, 'value with a zero at its end', '\x010000000100000000000000000200000000000000' || '\x6401'::bytea),
    (7, 'value with 10 decimals', '\x010000000100000000000000000200000000000000' || '\x630a'::bytea),
    (8, 'name longer than the message', '\x01000000010000000000000000007fffffff6161'),
    (9, 'name of a negative length', '\x0100000001000000000000000000ffffffff6161'),
    (10, 'name of 256 bytes', '\x010000000100000000000000000000000100' || decode(repeat('61', 256), 'hex')),
    (11, 'name that is no UTF-8', '\x01000000010000000000000000000000000261ff'),
    (12, 'bytes behind the last step', '\x0100000001000000000000000000000000016161'),
    (13, 'steps in no order are brought into order', '\x01000000020000000000000001000000000161000000000000000002' || '\x000000000000000500'::bytea)) v(no, what, bytes) ORDER BY no;

-- errors
SELECT journey_agg('infinity', 'mail', 1);
SELECT journey_agg('2026-01-01', repeat('channel', 40), 1);
SELECT journey_agg('2026-01-01', 'mail', 'NaN');
SELECT journey_agg('2026-01-01', 'mail', 1e18);
SELECT journey_agg('2026-01-01', 'mail', 0.1234567891);
SELECT * FROM four, attribution(j, '{first,best}');
SELECT * FROM four, attribution(j, ARRAY['first', NULL]);
SELECT * FROM four, attribution(j, lookback => '1 month');
SELECT * FROM four, attribution(j, lookback => '-1 day');
-- PostgreSQL 17 has infinite intervals: refused with what stands for no limit
DO $$DECLARE
    detail text;
BEGIN
    PERFORM FROM four, attribution(j, lookback => 'infinity'::text::interval);
    RAISE 'accepted';
EXCEPTION WHEN invalid_datetime_format THEN NULL;
    WHEN invalid_parameter_value THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL; ASSERT detail ~ 'of up to 100000000 days', SQLERRM || detail;
END$$;
SELECT * FROM four, attribution(j, half_life => '0');
SELECT * FROM four, attribution(j, max_touches => 0);
SELECT * FROM four, attribution(j, transforms => '{shuffle}');
SELECT * FROM four, attribution(j, ignored => ARRAY[NULL]::text[]);
SELECT * FROM four, attribution(j, decimals => 10);
SELECT * FROM attribution('{2026-01-01T00:00:00Z "a", 2026-01-01T00:00:00Z 999999999999999999}', decimals => 2);
SELECT count(*) FROM (SELECT journey_milestone_agg('2026-01-01Z'::timestamptz + i * interval '1 hour', 'a', CASE WHEN i = 33 THEN 1 END, 'm' || i) AS j FROM generate_series(1, 33) i) s, attribution(j);
SELECT count(*) AS null_journey FROM attribution(NULL);
SELECT count(*) AS null_stands_for_all FROM four, attribution(j, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT attribution(NULL::journey), 1 AS in_the_list;
