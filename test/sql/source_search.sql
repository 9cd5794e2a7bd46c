-- source_code: search by prefix and pattern, indexes, min and max
SET search_path = public, dupex;
SET max_parallel_workers_per_gather = 0;

-- prefix: read like a code
SELECT p, 'DB02087'::source_code ^@ p AS starts_with
  FROM unnest(ARRAY['', 'D', 'db', 'D-B 02', 'DB02087', 'DB020870', 'DB1', 'B', 'DB02087000000', NULL]) p;
-- pattern: ? one character, * the rest
SELECT p, 'DB02087'::source_code ^~ p AS matches
  FROM unnest(ARRAY['DB02087', 'db-02-087', 'DB*', 'DB02087*', 'D?02??7', '???????', '??????', '????????', '*', '', 'D*7', '*08*',
                    '*B*0*8?', '*9*', '**', '*?7', 'D?*?7', '*?*?*?*?*?*?*?*', '?*?*?*?*?*?*?*?*', 'DB0208', 'DB02087?', 'DB02087000000*', NULL]) p;
-- what no code and no pattern has
SELECT 'DB02087'::source_code ^@ 'DB%';
SELECT 'DB02087'::source_code ^@ '1234567890123%';
SELECT 'DB02087'::source_code ^~ 'DB_é*';

-- all patterns of 1 to 4 symbols of A, B, ?, * against all codes of 1 to 4 characters of A, B, as regular expressions say
WITH RECURSIVE pattern AS (
    SELECT ''::text AS p UNION ALL SELECT p || s FROM pattern, unnest(ARRAY['A', 'B', '?', '*']) s WHERE length(p) < 4),
code AS (
    SELECT ''::text AS c UNION ALL SELECT c || s FROM code, unnest(ARRAY['A', 'B']) s WHERE length(c) < 4)
SELECT count(*), count(*) FILTER (WHERE c::source_code ^~ p) AS matching,
       count(*) FILTER (WHERE (c::source_code ^~ p) <> (c ~ ('^' || replace(replace(p, '?', '.'), '*', '.*') || '$'))) AS wrong
  FROM pattern, code WHERE c <> '';

-- a table of 20,000 codes: 5 media, 4 groups, 20 lists, 12 months, some of other layouts
CREATE TABLE source_search_code AS
SELECT i, (substr('DTMEW', 1 + i % 5, 1) || substr('ABCD', 1 + i / 5 % 4, 1) || lpad((i / 20 % 20)::text, 2, '0') ||
           lpad((1 + i / 400 % 12)::text, 2, '0') || (i / 4800 % 10))::source_code AS code
  FROM generate_series(1, 20000) i;
INSERT INTO source_search_code SELECT 20000 + i, ('DB' || upper(to_hex(i * 977)))::source_code FROM generate_series(1, 500) i;
INSERT INTO source_search_code SELECT 21000 + i, repeat('Z', i)::source_code FROM generate_series(1, 12) i;
INSERT INTO source_search_code VALUES (0, NULL);
CREATE INDEX source_search_btree ON source_search_code (code);
ANALYZE source_search_code;

-- the plain btree index serves prefixes and what is before the first wildcard
SET enable_seqscan = off; SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^@ 'db-02';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^~ 'DB02*';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^~ 'DB??08*';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^~ 'DB02010';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE source_code_starts_with(code, 'ZZZZZZZZZZZZ');
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code = 'DB02010';
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT substring(line, 'Index Only Scan.*btree') AS uses
  FROM pg_temp.plan('SELECT min(code), max(code) FROM source_search_code') line WHERE line LIKE '%Index Only%';
-- these cannot: nothing before the wildcard, not a constant, not a valid prefix
RESET enable_seqscan;
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^~ '*010';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^@ '';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^@ 'D%';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^@ lower(i::text);
SET enable_seqscan = off;
-- a prepared statement gets the index in its own plans
PREPARE by_prefix(text) AS SELECT count(*) FROM source_search_code WHERE code ^@ $1;
EXPLAIN (COSTS OFF) EXECUTE by_prefix('TC');
EXECUTE by_prefix('TC'); EXECUTE by_prefix('d b'); EXECUTE by_prefix('X'); EXECUTE by_prefix('T%');

-- the same rows by btree, BRIN, hash index present, no index; and by the text
CREATE FUNCTION pg_temp.found() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    p text; q text; n bigint; result text := '';
BEGIN
    FOREACH p IN ARRAY ARRAY['D', 'DB', 'DB0', 'db 02', 'DB02010', 'Z', 'ZZZ', 'ZZZZZZZZZZZZ', 'ZZZZZZZZZZZZZ', '0', 'Q', ''] LOOP
        EXECUTE format('SELECT count(*) FROM source_search_code WHERE code ^@ %L', p) INTO n;
        result := result || n || ' ';
    END LOOP;
    FOREACH q IN ARRAY ARRAY['D*', 'DB??08?', 'DB02010', 'Z??', 'ZZ*Z', '*010', 'D*7', '????', 'X*', '', '*'] LOOP
        EXECUTE format('SELECT count(*) FROM source_search_code WHERE code ^~ %L', q) INTO n;
        result := result || n || ' ';
    END LOOP;
    RETURN result;
END $$;
SELECT pg_temp.found() AS btree;
SELECT min(code), max(code), count(*) FROM source_search_code WHERE code >= 'T';
DROP INDEX source_search_btree;
CREATE INDEX source_search_brin ON source_search_code USING brin (code) WITH (pages_per_range = 1);
SET enable_bitmapscan = on;
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code ^@ 'DB';
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code = 'DB02010';
SELECT pg_temp.found() AS brin;
DROP INDEX source_search_brin;
CREATE INDEX source_search_hash ON source_search_code USING hash (code);
EXPLAIN (COSTS OFF) SELECT * FROM source_search_code WHERE code = 'DB02010';
SELECT count(*) FROM source_search_code WHERE code = 'DB02010';
SELECT pg_temp.found() AS hash;
DROP INDEX source_search_hash;
RESET enable_seqscan;
SELECT pg_temp.found() AS none;
SELECT count(*) FILTER (WHERE code::text LIKE 'D%'), count(*) FILTER (WHERE code::text LIKE 'DB%'), count(*) FILTER (WHERE code::text LIKE 'DB0%'),
       count(*) FILTER (WHERE code::text LIKE 'DB02%'), count(*) FILTER (WHERE code::text LIKE 'DB02010%'),
       count(*) FILTER (WHERE code::text LIKE 'DB__08_') AS "DB??08?",
       count(*) FILTER (WHERE code::text LIKE '%010'), count(*) FILTER (WHERE code::text LIKE 'D%7'), count(*) FILTER (WHERE code::text LIKE '____')
  FROM source_search_code;

-- the estimate for a prefix is of the right order: a fifth of the rows begin with T
CREATE FUNCTION pg_temp.estimate(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8;
END $$;
SELECT pg_temp.estimate($$SELECT FROM source_search_code WHERE code ^@ 'T'$$) / 4000 BETWEEN 0.7 AND 1.4 AS prefix,
       pg_temp.estimate($$SELECT FROM source_search_code WHERE code ^~ 'T???11?'$$) / 333 BETWEEN 0.1 AND 3 AS pattern,
       pg_temp.estimate($$SELECT FROM source_search_code WHERE code = 'DB02010'$$) BETWEEN 1 AND 10 AS equal;

-- min and max: with groups, nulls only, no rows, in parallel
SELECT i % 3 AS g, min(code), max(code) FROM source_search_code WHERE i < 20001 GROUP BY 1 ORDER BY 1;
SELECT min(code), max(code) FROM source_search_code WHERE code IS NULL;
SELECT min(code), max(code) FROM source_search_code WHERE i < 0;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT min(code), max(code) FROM source_search_code WHERE i > 0;
SELECT min(code), max(code) FROM source_search_code WHERE i > 0;

DROP TABLE source_search_code;
