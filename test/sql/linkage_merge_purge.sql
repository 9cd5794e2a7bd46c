-- merge_purge: each rule by a small example, then random lists against an oracle in plain SQL, and the invariants of merge/purge.
SET search_path = public, dupex;
\set VERBOSITY default

-- a house file, two rented lists, a stop list: every fate, and why
CREATE TABLE purge_row (list text, row_no bigint, match_keys text[], household text, is_valid boolean);
INSERT INTO purge_row VALUES ('house', 1, '{li.na@qq.com,+8613800138000}', 'h1', true), ('house', 2, '{wang@163.com,+8613900139000}', 'h1', true),
    ('rent a', 1, '{li.na@qq.com,NULL}', 'h1', true), ('rent a', 2, '{li.na@qq.com,+8613700137000}', NULL, true), ('rent a', 3, '{zhang@sina.com,NULL}', 'h2', true), ('rent a', 4, '{zhang@sina.com,""}', 'h2', true), ('rent a', 7, NULL, NULL, true),
    ('rent b', 1, '{zhang@sina.com,NULL}', 'h2', true), ('rent b', 2, '{NULL,+8613900139000}', 'h9', true), ('rent b', 3, '{zhao@126.com,NULL}', 'h2', true), ('rent b', 4, '{li.na@qq.com,NULL}', 'h2', false), ('rent b', 5, '{no@more.cn,""}', NULL, true), ('rent b', 6, '{NULL,li.na@qq.com}', '', NULL),
    ('stop', 1, '{no@more.cn}', NULL, false), ('stop', 2, '{no@more.cn}', NULL, NULL);
SELECT * FROM merge_purge('TABLE purge_row', list_priority => '{house}', suppression_lists => '{stop}', keep_per_household => 1);
-- the reports of it; rows as they come from a stored result
CREATE TEMP TABLE fate AS SELECT * FROM merge_purge('TABLE purge_row', '{house}', '{stop}', 1);
SELECT * FROM merge_purge_summary('SELECT list, fate, list_count FROM fate');
SELECT * FROM merge_purge_multi_buyers('SELECT fate, list_count FROM fate');
SELECT * FROM list_overlap('SELECT list, entity FROM fate');
-- 1 of 32 is a half in the fifth decimal: rounded up, as by round()
SELECT *, round(1 / 32.0, 4) AS rounded FROM list_overlap($$SELECT 'a', i FROM generate_series(1, 32) i UNION ALL SELECT 'b', 1$$) WHERE list = 'a';
-- without households; only the rows of one list; two of a household
SELECT list, row_no, fate, survivor_list, survivor_row_no, why FROM merge_purge('SELECT list, row_no, match_keys FROM purge_row WHERE is_valid', '{house}', result_lists => '{"rent b",none}');
SELECT list, row_no, fate, why FROM merge_purge($$SELECT * FROM purge_row UNION ALL SELECT 'house', 3, NULL, 'h1', true$$, '{house}', '{stop}', 2, seed => 1) WHERE list = 'house';
-- a row that shares one key with each of two customers: a bridge. Without it each keeps what it had
SELECT bridging, b.list, b.row_no, b.fate, b.entity, b.why FROM unnest('{t,f}'::boolean[]) bridging, LATERAL merge_purge($$VALUES ('house', 1, '{a,1}'::text[]), ('house', 2, '{b,2}'), ('rent', 1, '{b,1}'), ('rent', 2, '{b,3}'), ('rent', 3, '{z,3}'), ('rent', 4, '{NULL,4}')$$, '{house}', bridging => bridging) b;
-- two numbers of one kind: a line of the keys; also twice the same, and of another kind
SELECT list, row_no, fate, entity, why FROM merge_purge($$VALUES ('house', 1, '{{a@qq.com,NULL},{1,2}}'::text[]), ('house', 2, '{{b@qq.com,NULL},{3,3}}'), ('rent', 1, '{{NULL,NULL},{2,3}}'), ('rent', 2, '{{2,3},{NULL,NULL}}'), ('rent', 3, '{{NULL,b@qq.com},{NULL,NULL}}'), ('rent', 4, '{NULL,3}')$$, '{house}', bridging => false);
-- a number of an entity that is known already, such as of find_duplicates(): clusters count, not pairs
SELECT * FROM merge_purge_summary($$SELECT list, fate, list_count FROM merge_purge('SELECT ''list '' || i % 2, i, ARRAY[(i / 5)::text] FROM generate_series(1, 100) i')$$);

-- nothing at all
SELECT count(*) FROM merge_purge('TABLE purge_row LIMIT 0', '{house}', keep_per_household => 1);
SELECT count(*) FROM merge_purge(NULL);
SELECT count(*) FROM list_overlap('SELECT list, entity FROM fate LIMIT 0');
SELECT count(*) FROM merge_purge_summary('SELECT list, fate, list_count FROM fate LIMIT 0');

-- what is refused
SELECT count(*) FROM merge_purge('SELECT list, row_no / 2, match_keys FROM purge_row');
SELECT count(*) FROM merge_purge('SELECT NULL::text, row_no, match_keys FROM purge_row');
SELECT count(*) FROM merge_purge('SELECT list, NULL::int, match_keys FROM purge_row');
SELECT count(*) FROM merge_purge('SELECT list, row_no FROM purge_row');
SELECT count(*) FROM merge_purge('SELECT list, row_no, household FROM purge_row');
SELECT count(*) FROM merge_purge('SELECT list, row_no, match_keys FROM purge_row', keep_per_household => 1);
SELECT count(*) FROM merge_purge('TABLE purge_row', keep_per_household => 0);
SELECT count(*) FROM merge_purge('TABLE purge_row', '{house,stop}', '{stop}');
SELECT count(*) FROM merge_purge('TABLE purge_row', '{house,NULL}');
SELECT count(*) FROM merge_purge('TABLE purge_row', '{house}', list_ranks => '{1,2}');
SELECT count(*) FROM merge_purge('TABLE purge_row', '{house}', list_ranks => '{0}');
SELECT count(*) FROM merge_purge('TABLE purge_row', '{house}', '{stopp}');
SELECT count(*) FROM list_overlap('SELECT list FROM fate');
SELECT count(*) FROM list_overlap('SELECT i::text, i FROM generate_series(1, 10001) i');

-- the bill: the floor binds, and not; without names
SELECT * FROM net_name_bill(100000, 70000, 120, 0.85, 8) UNION ALL SELECT * FROM net_name_bill(100000, 90000, 120, 0.85, 8) UNION ALL SELECT * FROM net_name_bill(1001, 10, 95.5, 0.5) UNION ALL SELECT * FROM net_name_bill(1000, 0, 100, 0) UNION ALL SELECT * FROM net_name_bill(0, 0, 100);
SELECT net_name_bill(10, 11, 100);
SELECT net_name_bill(10, 5, 100, 85);
SELECT net_name_bill(10, 5, -1);
SELECT * FROM net_name_bill(1000, 1000, 'Infinity');

-- Random lists. Run r has 60 to 460 rows on 2 to 100 lists, keys of one to three kinds, rows without key, not valid, with negative numbers, ties of household.
CREATE FUNCTION pg_temp.dice(i bigint, salt bigint, sides int) RETURNS int LANGUAGE sql IMMUTABLE RETURN ((hashint8extended(i, salt) & 9007199254740991) % sides)::int;
CREATE FUNCTION pg_temp.deal(run int) RETURNS void LANGUAGE sql AS $$
    TRUNCATE purge_row;
    INSERT INTO purge_row SELECT 'list ' || pg_temp.dice(i, run * 100 + 1, (ARRAY[2, 4, 12, 100])[1 + run % 4]), (i - 30) * 1000003 * CASE WHEN i % 2 = 0 THEN 1 ELSE -3 END,
            ARRAY(SELECT CASE WHEN pg_temp.dice(i, run * 100 + 10 + kind, 3) > 0 THEN 'k' || pg_temp.dice(i, run * 100 + 20 + kind, (ARRAY[50, 150, 600])[1 + run / 4 % 3]) WHEN i % 7 = 0 THEN '' END FROM generate_series(1, 1 + run % 3) kind),
            CASE WHEN pg_temp.dice(i, run * 100 + 2, 4) > 0 THEN 'h' || pg_temp.dice(i, run * 100 + 3, 80) END, (ARRAY[true, true, true, true, true, true, true, false, NULL])[1 + pg_temp.dice(i, run * 100 + 4, 9)]
        FROM generate_series(1, 60 + 100 * (run % 5)) i
$$;
-- the order of preference: list 1 and list 3 suppress, list 0 is first, then list 5 and list 2, which are equals when ranks say so
CREATE FUNCTION pg_temp.class_of(list text, ranked boolean) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE list WHEN 'list 1' THEN 0 WHEN 'list 3' THEN 0 WHEN 'list 0' THEN 1 WHEN 'list 5' THEN 2 WHEN 'list 2' THEN CASE WHEN ranked THEN 2 ELSE 3 END ELSE 4 END;
CREATE TEMP TABLE got AS SELECT * FROM fate LIMIT 0;
CREATE TEMP TABLE wanted (list text, row_no bigint, class int, place bigint, household text, entity bigint);
CREATE FUNCTION pg_temp.ask(lots boolean, seed bigint, keep int, bridging boolean, query text DEFAULT 'TABLE purge_row') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE got;
    INSERT INTO got SELECT * FROM merge_purge(query, '{"list 0","list 5","list 2"}', '{"list 1","list 3"}', keep, CASE WHEN lots THEN '{1,2,2}'::int[] END, lots, seed, bridging);
END $$;
-- the entities by hand: who can be reached by rows with a common key, as the least place
CREATE FUNCTION pg_temp.work_out(lots boolean) RETURNS void LANGUAGE sql AS $$
    TRUNCATE wanted;
    INSERT INTO wanted
    WITH RECURSIVE placed AS (SELECT r.*, pg_temp.class_of(list, lots) AS class, row_number() OVER (ORDER BY pg_temp.class_of(list, lots), list COLLATE "C", row_no) AS place FROM purge_row r),
        valid AS (SELECT * FROM placed WHERE is_valid OR class = 0),
        key AS (SELECT place, kind, key FROM valid, unnest(match_keys) WITH ORDINALITY u (key, kind) WHERE key <> ''),
        pair AS (SELECT DISTINCT a.place AS a, b.place AS b FROM key a JOIN key b ON a.kind = b.kind AND a.key = b.key),
        reached AS (SELECT place AS a, place AS b FROM valid UNION SELECT r.a, p.b FROM reached r JOIN pair p ON p.a = r.b)
    SELECT p.list, p.row_no, p.class, p.place, nullif(p.household, ''), e.entity FROM placed p LEFT JOIN (SELECT a, min(b) AS entity FROM reached GROUP BY a) e ON e.a = p.place
$$;
-- what is wrong with the result, given the entities: one line a rule
CREATE FUNCTION pg_temp.wrong(lots boolean, keep int) RETURNS TABLE (rule text, number bigint) LANGUAGE sql AS $$
    WITH both_sides AS (SELECT w.*, w.entity AS wanted_entity, g.fate, g.entity AS got_entity, g.list_count, g.lists, g.survivor_list, g.survivor_row_no, g.why, g.list IS NULL AS is_missing,
            row_number() OVER (PARTITION BY w.entity, w.list ORDER BY w.row_no) AS nth, min(w.class) OVER (PARTITION BY w.entity) AS best_class, w.entity = w.place AS is_leader FROM wanted w LEFT JOIN got g USING (list, row_no)),
        entity AS (SELECT wanted_entity, array_agg(DISTINCT list COLLATE "C") FILTER (WHERE class > 0) AS on_lists, count(DISTINCT list) FILTER (WHERE class > 0) AS list_count, count(*) FILTER (WHERE fate IN ('net', 'household')) AS chosen, min(class) AS best_class FROM both_sides WHERE wanted_entity IS NOT NULL GROUP BY wanted_entity),
        home AS (SELECT household, count(*) FILTER (WHERE fate = 'net') AS net, count(*) AS chosen, max(CASE WHEN lots THEN class ELSE class * 1000 + list_no END) FILTER (WHERE fate = 'net') AS worst_net, min(CASE WHEN lots THEN class ELSE class * 1000 + list_no END) FILTER (WHERE fate = 'household') AS best_dropped
            FROM (SELECT b.*, dense_rank() OVER (ORDER BY list COLLATE "C") AS list_no FROM both_sides b) b WHERE fate IN ('net', 'household') AND household IS NOT NULL GROUP BY household)
    SELECT 'missing', count(*) FROM both_sides WHERE is_missing UNION ALL SELECT 'too many', count(*) - (SELECT count(*) FROM wanted) FROM got
    UNION ALL SELECT 'entity', count(*) FROM both_sides WHERE got_entity IS DISTINCT FROM wanted_entity
    UNION ALL SELECT 'invalid', count(*) FROM both_sides WHERE (fate = 'invalid') <> (wanted_entity IS NULL)
    UNION ALL SELECT 'intra', count(*) FROM both_sides WHERE (fate = 'intra') <> (wanted_entity IS NOT NULL AND nth > 1)
    UNION ALL SELECT 'suppressed', count(*) FROM both_sides WHERE (fate = 'suppressed') <> (wanted_entity IS NOT NULL AND nth = 1 AND best_class = 0)
    UNION ALL SELECT 'chosen', count(*) FROM both_sides WHERE fate IN ('net', 'household') AND NOT (nth = 1 AND class = best_class AND class > 0 AND (lots OR is_leader))
    UNION ALL SELECT 'one of each', count(*) FROM entity WHERE chosen <> CASE WHEN best_class > 0 THEN 1 ELSE 0 END
    UNION ALL SELECT 'list_count', count(*) FROM both_sides b LEFT JOIN entity e USING (wanted_entity) WHERE b.list_count IS DISTINCT FROM e.list_count
    UNION ALL SELECT 'lists', count(*) FROM both_sides b LEFT JOIN entity e USING (wanted_entity) WHERE (b.lists IS NOT NULL) IS DISTINCT FROM (b.fate = 'net' AND e.list_count > 1) OR b.lists IS NOT NULL AND ARRAY(SELECT l COLLATE "C" FROM unnest(b.lists) l ORDER BY 1) <> e.on_lists
        OR b.lists IS NOT NULL AND b.lists <> ARRAY(SELECT l FROM unnest(b.lists) l ORDER BY pg_temp.class_of(l, lots), l COLLATE "C")
    UNION ALL SELECT 'survivor', count(*) FROM both_sides b LEFT JOIN both_sides s ON (s.list, s.row_no) = (b.survivor_list, b.survivor_row_no) WHERE (b.survivor_list IS NOT NULL) <> (b.fate IN ('intra', 'inter', 'household') AND b.best_class > 0)
        OR b.survivor_list IS NOT NULL AND NOT coalesce(s.fate = 'net' AND (s.wanted_entity = b.wanted_entity OR s.household = (SELECT c.household FROM both_sides c WHERE c.wanted_entity = b.wanted_entity AND c.fate = 'household')), false)
    UNION ALL SELECT 'household', count(*) FROM home WHERE net <> least(chosen, coalesce(keep, chosen)) OR worst_net > best_dropped
    UNION ALL SELECT 'household of none', count(*) FROM both_sides WHERE fate = 'household' AND (keep IS NULL OR household IS NULL)
    UNION ALL SELECT 'why', count(*) FROM both_sides WHERE (why IS NULL) <> (fate = 'net')
    UNION ALL SELECT 'sums', count(*) FROM merge_purge_summary('SELECT list, fate, list_count FROM got') s WHERE input <> invalid + intra + suppressed + inter + household + net OR net <> single_buyers + multi_buyers OR input <> (SELECT count(*) FROM purge_row r WHERE r.list = s.list)
    UNION ALL SELECT 'net', abs(count(*) - count(DISTINCT entity)) FROM got WHERE fate = 'net'
    UNION ALL SELECT 'multi-buyers', abs(coalesce(sum(m.entities), 0)::bigint - (SELECT count(*) FROM got WHERE fate = 'net')) FROM merge_purge_multi_buyers('SELECT fate, list_count FROM got') m
    UNION ALL SELECT 'matrix', count(*) FROM list_overlap('SELECT list, entity FROM got') o FULL JOIN (SELECT a.list, b.list AS other_list, count(*) AS entities FROM (SELECT DISTINCT list, entity FROM wanted WHERE entity IS NOT NULL) a JOIN (SELECT DISTINCT list, entity FROM wanted) b USING (entity) GROUP BY 1, 2) m USING (list, other_list)
        WHERE o.entities IS DISTINCT FROM m.entities
$$;
SET client_min_messages = warning;
CREATE TEMP TABLE outcome (run int, lots boolean, rule text, number bigint);
CREATE TEMP TABLE met (lots boolean, fate text, number bigint);
DO $$
BEGIN
    FOR run IN 0 .. 15 LOOP
        PERFORM pg_temp.deal(run);
        FOR lots IN 0 .. 1 LOOP
            PERFORM pg_temp.work_out(lots = 1);
            PERFORM pg_temp.ask(lots = 1, run, (ARRAY[NULL, 1, 2, NULL])[1 + run % 4], true);
            INSERT INTO outcome SELECT run, lots = 1, w.* FROM pg_temp.wrong(lots = 1, (ARRAY[NULL, 1, 2, NULL])[1 + run % 4]) w;
            INSERT INTO met SELECT lots = 1, fate, count(*) FROM got GROUP BY fate;
        END LOOP;
    END LOOP;
END $$;
SELECT rule, count(*) AS runs, sum(number) AS wrong FROM outcome GROUP BY rule ORDER BY rule COLLATE "C";
-- and there is enough of everything; the same with and without lots but for households
SELECT lots, sum(number) FILTER (WHERE fate = 'net') > 600 AS net, sum(number) FILTER (WHERE fate = 'invalid') AS invalid, sum(number) FILTER (WHERE fate = 'intra') > 300 AS intra, sum(number) FILTER (WHERE fate = 'suppressed') > 300 AS suppressed, sum(number) FILTER (WHERE fate = 'inter') > 200 AS inter,
    sum(number) FILTER (WHERE fate = 'household') > 40 AS household FROM met GROUP BY lots ORDER BY lots;

-- Run 23, on 100 lists: the order of rows makes no difference, nor do other types of the columns.
CREATE TEMP TABLE before AS SELECT * FROM got LIMIT 0;
CREATE FUNCTION pg_temp.differ() RETURNS bigint LANGUAGE sql AS $$ SELECT (SELECT count(*) FROM (TABLE before EXCEPT TABLE got) x) + (SELECT count(*) FROM (TABLE got EXCEPT TABLE before) x) $$;
SELECT pg_temp.deal(23), pg_temp.ask(true, 5, 1, true);
INSERT INTO before TABLE got;
SELECT pg_temp.ask(true, 5, 1, true, 'SELECT * FROM purge_row ORDER BY hashint8extended(row_no, 8)');
SELECT pg_temp.differ() AS other_order;
SELECT pg_temp.ask(true, 5, 1, true, 'SELECT list::varchar(20), row_no, match_keys::varchar[], household::name, is_valid FROM purge_row ORDER BY row_no DESC');
SELECT pg_temp.differ() AS other_types;
-- lots: another seed is another choice, of net rows only among equals and in households
SELECT pg_temp.ask(true, 6, 1, true);
SELECT pg_temp.differ() > 0 AS another_choice;
SELECT count(*) FILTER (WHERE b.fate = 'intra' OR g.fate = 'intra' OR b.fate = 'invalid' OR g.fate = 'invalid' OR b.fate = 'suppressed' OR g.fate = 'suppressed') AS beyond_choice FROM before b JOIN got g USING (list, row_no) WHERE b.fate <> g.fate;
-- 20,000 entities on two equal lists and one better one: lots are even (within four standard deviations), and the better one keeps its own
SELECT list, count(*) AS on_both, abs(count(*) FILTER (WHERE fate = 'net') - count(*) / 2.0) < 4 * sqrt(count(*)) / 2 AS even FROM merge_purge($$SELECT l, i, ARRAY[i::text] FROM unnest('{a,b}'::text[]) l, generate_series(1, 20000) i UNION ALL SELECT 'best', i, ARRAY[i::text] FROM generate_series(15001, 20000) i$$,
    '{best}', random_priority => true, seed => 11) WHERE list_count = 2 GROUP BY list ORDER BY list;
-- with little memory keys, households and result go to files: the same result
CREATE FUNCTION pg_temp.digest(memory text) RETURNS TABLE (number_of_rows bigint, net bigint, digest numeric) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('work_mem', memory, true);
    RETURN QUERY SELECT count(*), count(*) FILTER (WHERE fate = 'net'), sum(hashtextextended(m::text, 0)) FROM merge_purge('SELECT ''list '' || i % 7, i, ARRAY[(i * 13 % 9000)::text, (i * 17 % 30011)::text], (i % 8000)::text FROM generate_series(1, 30000) i', keep_per_household => 2) m;
END $$;
SELECT count(DISTINCT d) AS results, max(d.number_of_rows) AS number_of_rows, max(d.net) AS net FROM unnest('{64MB,64kB}'::text[]) memory, LATERAL pg_temp.digest(memory) d;
SET temp_file_limit = '100kB';
\set VERBOSITY sqlstate
SELECT * FROM pg_temp.digest('64kB');
\set VERBOSITY terse
RESET temp_file_limit;

-- A worse list changes nothing in better ones: with one kind of keys always, with several when no bridges are made. Each run adds list 4 as the last one, then list 2, then list 5.
CREATE FUNCTION pg_temp.changed(run int, lots boolean, bridging boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number bigint := 0;
    known  text[] := '{"list 1","list 3","list 0"}';
    added  text;
BEGIN
    TRUNCATE before;
    FOREACH added IN ARRAY '{"list 5","list 2","list 4"}'::text[] LOOP
        PERFORM pg_temp.ask(lots, run, 1, bridging, format('SELECT * FROM purge_row WHERE list = ANY (%L)', known));
        TRUNCATE before;
        INSERT INTO before TABLE got;
        known := known || added;
        PERFORM pg_temp.ask(lots, run, 1, bridging, format('SELECT * FROM purge_row WHERE list = ANY (%L)', known));
        number := number + (SELECT count(*) FROM before b LEFT JOIN got g USING (list, row_no) WHERE (b.fate, b.entity, b.survivor_list, b.survivor_row_no, b.why) IS DISTINCT FROM (g.fate, g.entity, g.survivor_list, g.survivor_row_no, g.why));
    END LOOP;
    RETURN number;
END $$;
CREATE TEMP TABLE change (kinds int, lots boolean, bridging boolean, number bigint);
-- (with lots list 5 and list 2 are equals, so only list 4 is worse than both: then list 2 is left out)
DO $$
BEGIN
    FOR run IN 0 .. 11 LOOP
        PERFORM pg_temp.deal(run);
        DELETE FROM purge_row WHERE list > 'list 5';
        INSERT INTO change SELECT 1 + run % 3, false, b, pg_temp.changed(run, false, b) FROM unnest('{t,f}'::boolean[]) b;
        DELETE FROM purge_row WHERE list = 'list 2';
        INSERT INTO change SELECT 1 + run % 3, true, b, pg_temp.changed(run, true, b) FROM unnest('{t,f}'::boolean[]) b;
    END LOOP;
END $$;
SELECT bridging, lots, kinds > 1 AS several_kinds, sum(number) > 0 AS changes FROM change GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- Without bridges: entities against a loop that adds list by list in order of priority, each set of rows that hang together in its class going to the best entity that it touches.
CREATE FUNCTION pg_temp.work_out_without_bridges(lots boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    this_class int;
BEGIN
    PERFORM pg_temp.work_out(lots);
    CREATE TEMP TABLE own (place bigint, kind bigint, key text, class int) ON COMMIT DROP;
    INSERT INTO own SELECT w.place, u.kind, u.key, w.class FROM wanted w JOIN purge_row r USING (list, row_no), unnest(r.match_keys) WITH ORDINALITY u (key, kind) WHERE w.entity IS NOT NULL AND u.key <> '';
    UPDATE wanted SET entity = CASE WHEN entity IS NOT NULL THEN place END;
    FOR this_class IN SELECT DISTINCT class FROM wanted ORDER BY 1 LOOP
        WITH RECURSIVE reached AS (SELECT place AS a, place AS b FROM wanted WHERE class = this_class AND entity IS NOT NULL UNION SELECT r.a, o.place FROM reached r JOIN own k ON k.place = r.b JOIN own o ON o.kind = k.kind AND o.key = k.key AND o.class = this_class),
            touched AS (SELECT r.a, w.entity FROM reached r JOIN own k ON k.place = r.b JOIN own o ON o.kind = k.kind AND o.key = k.key AND o.class < this_class JOIN wanted w ON w.place = o.place UNION SELECT a, b FROM reached)
        UPDATE wanted w SET entity = t.best FROM (SELECT a, min(entity) AS best FROM touched GROUP BY a) t WHERE w.place = t.a;
    END LOOP;
    DROP TABLE own;
END $$;
TRUNCATE outcome;
DO $$
BEGIN
    FOR run IN 0 .. 11 LOOP
        PERFORM pg_temp.deal(run);
        PERFORM pg_temp.work_out_without_bridges(run % 2 = 0);
        PERFORM pg_temp.ask(run % 2 = 0, run, (ARRAY[NULL, 1, 2, NULL])[1 + run % 4], false);
        INSERT INTO outcome SELECT run, run % 2 = 0, w.* FROM pg_temp.wrong(run % 2 = 0, (ARRAY[NULL, 1, 2, NULL])[1 + run % 4]) w;
        -- no two net rows have a key in common, and none with a list that suppresses
        INSERT INTO outcome SELECT run, run % 2 = 0, 'common key', count(*) FROM (SELECT kind, key FROM got g JOIN purge_row r USING (list, row_no), unnest(r.match_keys) WITH ORDINALITY u (key, kind) WHERE (g.fate = 'net' OR g.list IN ('list 1', 'list 3')) AND key <> '' GROUP BY kind, key
            HAVING count(*) FILTER (WHERE g.fate = 'net') > 1 OR bool_or(g.fate = 'net') AND bool_or(g.fate <> 'net')) x;
    END LOOP;
END $$;
SELECT count(DISTINCT run) AS runs, count(DISTINCT rule) AS rules, sum(number) AS wrong FROM outcome;
RESET client_min_messages;
\set VERBOSITY terse
SELECT * FROM merge_purge_summary('SELECT list, fate FROM fate');
SELECT * FROM merge_purge_multi_buyers('SELECT fate FROM fate');
\set VERBOSITY default
DROP TABLE purge_row, fate;
