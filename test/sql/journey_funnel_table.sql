-- funnel_table: what funnel_agg and SQL by hand give, in memory and in temporary files, for all kinds of keys; bad queries.
SET search_path = public, dupex;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
\set VERBOSITY default

-- four people; shares, times, groups that add up. Ann's group is that of the event she began with
CREATE TEMP TABLE seen (person text, at timestamptz, steps int, place text);
INSERT INTO seen VALUES ('ann', '2026-01-01 10:00', 1, 'web'), ('ann', '2026-01-02 10:00', 2, 'shop'), ('ann', '2026-01-04 10:00', 4, 'shop'), ('bob', '2026-01-01', 1, 'shop'), ('bob', '2026-01-01 06:00', 2, NULL), ('cat', '2026-01-03', 1, NULL), ('cat', '2026-01-20', 2, NULL),
    ('dan', '2026-01-03', 2, 'web'), ('ann', '2026-01-05', 0, 'web'), (NULL, '2026-01-05', 1, 'web'), ('eve', NULL, 1, 'web'), ('fay', '2026-01-05', NULL, 'web');
SELECT * FROM funnel_table('SELECT person, at, steps FROM seen', '7 days', 3);
SELECT * FROM funnel_table('TABLE seen', '7 days');
SELECT group_value, step_no, people, round(share_of_first::numeric, 3) AS share_of_first, share_of_previous FROM funnel_table('TABLE seen', '30 days', 4, percentile => 0) WHERE people > 0;
SELECT step_no, people, share_of_previous, median_time FROM funnel_table('SELECT person, at, steps FROM seen', '7 days', 3, rules => funnel_rules(optional_steps => '{2}', max_gaps => '{12 hours}'));
SELECT step_no, people FROM funnel_table('SELECT person, at, steps FROM seen', '7 days', 3, 'strict_order', 'first');
-- nobody: shares are unknown, not zero; without steps there is nothing to tell
SELECT * FROM funnel_table('SELECT person, at, steps FROM seen WHERE person = ''dan''', '7 days', 2);
SELECT count(*) FROM funnel_table('SELECT person, at, steps FROM seen WHERE false', '7 days');
SELECT count(*) FROM funnel_table('TABLE seen LIMIT 0', '7 days', 2);
-- a group of one instant is the first one in the order of bytes, whatever the order of rows
SELECT d, f.* FROM unnest('{ASC,DESC}'::text[]) d, LATERAL (SELECT group_value, people FROM funnel_table(format('SELECT 1, timestamptz ''2026-01-01'', 1, g FROM unnest(''{b,B,a,é}''::text[]) g ORDER BY g COLLATE "C" %s', d), '1 day')) f;

-- 6,000 people, 60,000 events: against funnel_agg and percentile_cont, for every mode and entry, in memory and
-- with so little work_mem that people go to files, parts of them twice, and times to an external sort
CREATE TABLE funnel_event AS SELECT (abs(hashint8extended(i, 1)) % 6000) * 1000003 - 1000000000 AS person, timestamptz '2026-01-01' + interval '1 minute' * (abs(hashint8extended(i, 2)) % 43200) AS at, (ARRAY[0, 1, 1, 2, 2, 3, 4, 6, 8, 12])[1 + abs(hashint8extended(i, 3)) % 10] AS steps,
    CASE WHEN abs(hashint8extended(i, 4)) % 5 > 0 THEN 'group ' || abs(hashint8extended(i, 4)) % 5 END AS place FROM generate_series(1::bigint, 60000) i;
CREATE TEMP TABLE by_hand AS
WITH chain AS (SELECT mode, entry, c.chain FROM (SELECT person, funnel_agg(at, steps) AS f FROM funnel_event GROUP BY person) p, unnest('{default,strict_order,strict_dedup,strict_increase,strict_once}'::text[]) mode, unnest('{first,best,every}'::text[]) entry,
    LATERAL (SELECT funnel_chain(f, '5 days', 4, mode, entry) AS chain WHERE entry <> 'every' UNION ALL SELECT a.chain FROM funnel_attempts(f, '5 days', 4, mode) a WHERE entry = 'every') c)
SELECT mode, entry, step_no, count(chain[step_no]) AS people, count(chain[step_no]) / count(chain[1])::float8 AS share, percentile_cont(0.5) WITHIN GROUP (ORDER BY chain[step_no] - chain[step_no - 1]) AS median, percentile_cont(0.75) WITHIN GROUP (ORDER BY chain[step_no] - chain[step_no - 1]) AS percentile,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY chain[step_no] - chain[1]) AS median_total, percentile_cont(0.75) WITHIN GROUP (ORDER BY chain[step_no] - chain[1]) AS percentile_total
FROM chain, generate_series(1, 4) step_no GROUP BY 1, 2, 3;
CREATE FUNCTION pg_temp.different(query text, memory text) RETURNS TABLE (tables bigint, different bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('work_mem', memory, true);
    -- percentile_cont computes with intervals, in days and rest: what is not exact there differs by a microsecond
    RETURN QUERY SELECT count(DISTINCT (h.mode, h.entry)), count(*) FILTER (WHERE (h.people, h.share) IS DISTINCT FROM (t.people, t.share_of_first)
            OR step_no > 1 AND NOT coalesce(abs(extract(epoch FROM t.median_time - h.median)) < 0.00001 AND abs(extract(epoch FROM t.percentile_time - h.percentile)) < 0.00001 AND abs(extract(epoch FROM t.median_total_time - h.median_total)) < 0.00001 AND abs(extract(epoch FROM t.percentile_total_time - h.percentile_total)) < 0.00001, false))
        FROM (SELECT DISTINCT mode, entry FROM by_hand) q CROSS JOIN LATERAL funnel_table(query, '5 days', 4, q.mode, q.entry, percentile => 0.75) t JOIN by_hand h USING (mode, entry, step_no);
END $$;
SELECT name, memory, d.* FROM (VALUES ('bigint', 'person'), ('text', 'person::text'), ('varchar, long and short', $$(repeat('x', abs(person % 300)::int) || person)::varchar(400)$$), ('uuid', 'md5(person::text)::uuid'), ('char', 'person::char(20)'), ('integer', '(person / 7)::int')) k (name, key), unnest('{256MB,64kB}'::text[]) memory,
    pg_temp.different(format('SELECT %s, at, steps FROM funnel_event', key), memory) d ORDER BY 1, 2;
SELECT min(people) AS fewest, max(people) AS most FROM by_hand;
-- an empty text is a person as others are; with groups the same people in all
SELECT sum(t.people) FILTER (WHERE step_no = 1) = (SELECT people FROM by_hand WHERE mode = 'default' AND entry = 'best' AND step_no = 1) AS first, sum(t.people) FILTER (WHERE step_no = 4) = (SELECT people FROM by_hand WHERE mode = 'default' AND entry = 'best' AND step_no = 4) AS last, array_agg(DISTINCT group_value) AS groups
FROM funnel_table($$SELECT CASE WHEN person = 3 - 1000000000 + 1000000 THEN '' ELSE person::text END, at, steps, place FROM funnel_event$$, '5 days', 4) t;
-- it is spilled indeed: temporary files are not allowed
SET temp_file_limit = '1MB';
\set VERBOSITY sqlstate
SET work_mem = '64kB';
SELECT count(*) FROM funnel_table('SELECT person, at, steps FROM funnel_event', '5 days', 4);
\set VERBOSITY default
SET work_mem = '64MB';
SELECT count(*) FROM funnel_table('SELECT person, at, steps FROM funnel_event', '5 days', 4);
RESET temp_file_limit;
-- one person with all events, one event for each person, with little memory
SET work_mem = '64kB';
SELECT step_no, people, median_time FROM funnel_table('SELECT 1, at, steps FROM funnel_event', '5 days', 4);
SELECT step_no, people FROM funnel_table('SELECT row_number() OVER (), at, steps FROM funnel_event', '5 days', 4);
-- people who come after the first ones have filled the memory: their blocks begin small, and there are several when they are divided
SET work_mem = '2MB';
SELECT people FROM funnel_table($$SELECT rpad(person, 100, '-'), '2026-01-01'::timestamptz + i * interval '1 second', 1
    FROM (VALUES (1, 'ann', 16000), (2, 'bob', 8000), (3, 'cat', 8000), (4, 'dan', 8000)) p (no, person, events), generate_series(1, events) i ORDER BY no$$, '0', 1, entry => 'every');
RESET work_mem;

-- inside of other queries, twice in one, in a function that fails half-way, in a cursor
SELECT a.people, b.people FROM funnel_table('SELECT person, at, steps FROM seen', '7 days') a JOIN funnel_table('SELECT person, at, steps FROM seen', '1 day') b USING (step_no) WHERE step_no = 2;
SELECT mode, (SELECT sum(people) FROM funnel_table('SELECT person, at, steps FROM seen', '7 days', 3, mode)) FROM unnest('{default,strict_order}'::text[]) mode;
SELECT count(*) FROM funnel_table('SELECT person, at, 1 / (steps - 4) FROM seen', '7 days');
DO $$
BEGIN
    PERFORM funnel_table('SELECT person, at, 1 / (person - 1) FROM (SELECT person, at FROM funnel_event UNION ALL SELECT 1, now()) e', '7 days');
EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE 'caught; and again: %', (SELECT sum(people) FROM funnel_table('SELECT person, at, steps FROM seen', '7 days'));
END $$;
BEGIN;
DECLARE steps CURSOR FOR SELECT step_no, people FROM funnel_table('SELECT person, at, steps FROM seen', '7 days');
FETCH 2 FROM steps;
COMMIT;
-- a query sees what the statement sees
CREATE FUNCTION pg_temp.fresh() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES ('gus', '2026-01-01', 1, 'web'); RETURN (SELECT people FROM funnel_table('SELECT person, at, steps FROM seen', '7 days') WHERE step_no = 1); END $$;
SELECT pg_temp.fresh();

-- bad input
SELECT * FROM funnel_table(NULL, '7 days');
SELECT * FROM funnel_table('TABLE seen', NULL);
SELECT * FROM funnel_table('TABLE seen', '7 days', percentile => NULL);
SELECT * FROM funnel_table('TABLE seen', '7 days', percentile => 90);
SELECT * FROM funnel_table('', '7 days');
SELECT * FROM funnel_table('SELEC 1', '7 days');
SELECT * FROM funnel_table('SELECT 1; SELECT 2', '7 days');
SELECT * FROM funnel_table('UPDATE seen SET steps = 1', '7 days');
SELECT * FROM funnel_table('WITH gone AS (DELETE FROM seen RETURNING person, at, steps) SELECT person, at, steps FROM gone', '7 days');
SELECT * FROM funnel_table('SELECT person, at FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT person, at, steps, place, 5 FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT at, person, steps FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT person, at::timestamp, steps FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT person, at, steps::text FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT person, at, 4294967296 FROM seen', '7 days');
SELECT * FROM funnel_table('SELECT person, ''infinity''::timestamptz, 1 FROM seen', '7 days');
SELECT * FROM funnel_table('TABLE seen', '7 days', 33);
SELECT * FROM funnel_table('TABLE seen', '1 mon', 3);
SELECT * FROM funnel_table('TABLE seen', '7 days', 3, 'strict');
SELECT * FROM funnel_table('TABLE seen', '7 days', rules => funnel_rules(exclusions => '{{5,1,2}}'));
SELECT * FROM funnel_table('TABLE seen', '7 days', rules => funnel_rules(max_gaps => '{1 h,1 h,1 h}'));
DROP TABLE funnel_event;
