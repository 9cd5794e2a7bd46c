-- Search by prefix and pattern through an index, reading what customers quote, suggestions.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

CREATE UNLOGGED TABLE bench.code_t AS
SELECT bench.code_text(i * (8112000 / :size)) COLLATE "en-x-icu" AS v, i AS id FROM generate_series(0::bigint, :size - 1) i ORDER BY bench.dice(i, 2, 1000000000);
CREATE UNLOGGED TABLE bench.code_c AS SELECT v::source_code AS v, id FROM bench.code_t;
CREATE INDEX ON bench.code_c (v);
CREATE INDEX ON bench.code_t (v text_pattern_ops);
-- one in ten is quoted badly: spaces and hyphens, small letters, O for 0
CREATE UNLOGGED TABLE bench.quoted AS
SELECT CASE bench.dice(i, 3, 40)
           WHEN 0 THEN lower(v) WHEN 1 THEN substr(v, 1, 2) || ' ' || substr(v, 3, 2) || '-' || substr(v, 5)
           WHEN 2 THEN replace(v, '0', 'O') WHEN 3 THEN 'spring mailing' ELSE v END AS v
  FROM (SELECT i, bench.code_text(bench.dice(i, 1, 8112000)) AS v FROM generate_series(1::bigint, :size) i) x;
VACUUM ANALYZE bench.code_t, bench.code_c, bench.quoted;

-- a thousand searches, each planned like one that a person types
CREATE OR REPLACE FUNCTION bench.search(query text) RETURNS bigint LANGUAGE plpgsql AS
$$
DECLARE
    found bigint;
    total bigint := 0;
BEGIN
    FOR i IN 1 .. 1000 LOOP
        EXECUTE replace(query, '$', substr(bench.code_text(bench.dice(i, 6, 8112000)), 1, 4)) INTO found;
        total := total + found;
    END LOOP;
    RETURN total;
END
$$;
SELECT bench.compare('1,000 searches by a prefix of 4: ^@', :size, '{dupex,text LIKE}', ARRAY[
    $$SELECT bench.search('SELECT count(id) FROM bench.code_c WHERE v ^@ ''$''')$$, $$SELECT bench.search('SELECT count(id) FROM bench.code_t WHERE v LIKE ''$%''')$$], 1000);
SELECT bench.compare('1,000 searches by a pattern ABCD?3*: ^~', :size, '{dupex,text LIKE}', ARRAY[
    $$SELECT bench.search('SELECT count(id) FROM bench.code_c WHERE v ^~ ''$?3*''')$$, $$SELECT bench.search('SELECT count(id) FROM bench.code_t WHERE v LIKE ''$_3%''')$$], 1000);
SELECT bench.compare('pattern ?B*7, no index: ^~', :size, '{dupex,text LIKE}', ARRAY[
    $$SELECT count(id) FROM bench.code_c WHERE v ^~ '?B*7'$$, $$SELECT count(id) FROM bench.code_t WHERE v LIKE '_B%7'$$], :size);

-- The other side reads clean codes only: fold case, drop separators, match, take apart
SELECT bench.compare('source_read, all columns', :size, '{dupex,regexp and substr}', ARRAY[
    $$SELECT count(r.code), count(r.medium), count(r.issued_on), count(r.problem) FROM bench.quoted q, source_read(q.v, near => '2008-03-20') r$$,
    $$SELECT count(k), count(substr(k, 1, 1)), count(substr(k, 2, 1)), count(substr(k, 3, 2)), count(make_date(2000 + substr(k, 7, 1)::int, substr(k, 5, 2)::int, 1))
        FROM (SELECT CASE WHEN v ~ '^[A-Z]{2}[0-9]{2}(0[1-9]|1[0-2])[0-9]$' THEN v END AS k
                FROM (SELECT upper(translate(v, ' -', '')) AS v FROM bench.quoted OFFSET 0) f OFFSET 0) x$$], :size);
SELECT bench.compare('source_code_read, the code alone', :size, '{dupex,regexp}', ARRAY[
    $$SELECT count(source_code_read(v)) FROM bench.quoted$$,
    $$SELECT count(CASE WHEN v ~ '^[A-Z]{2}[0-9]{2}(0[1-9]|1[0-2])[0-9]$' THEN v END) FROM (SELECT upper(translate(v, ' -', '')) AS v FROM bench.quoted OFFSET 0) f$$], :size);

CREATE UNLOGGED TABLE bench.candidates AS SELECT array_agg(v) AS codes FROM bench.code_c;
SELECT bench.compare('source_suggest among so many candidates', :size, '{dupex,ORDER BY levenshtein}', ARRAY[
    $$SELECT s.* FROM bench.candidates, source_suggest('DB02O87', codes, 3) s$$,
    $$SELECT v, levenshtein(v, 'DB02O87') FROM bench.code_t ORDER BY 2 LIMIT 3$$], :size)
 WHERE :size <= 100000;
DROP TABLE bench.code_t, bench.code_c, bench.quoted, bench.candidates;
