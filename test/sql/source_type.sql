-- the type source_code: operator classes, input and output, casts, binary form
SET search_path = public, dupex;

-- nothing is wrong with the operator classes
SELECT a.amname, c.opcname, amvalidate(c.oid)
  FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
 WHERE c.opcintype = 'source_code'::regtype ORDER BY 1;
SELECT typlen, typbyval, typalign FROM pg_type WHERE oid = 'source_code'::regtype;

-- input folds case and ignores spaces and hyphens
SELECT 'DB02087'::source_code, 'db-02 08-7'::source_code, E' \thg-91-11d\n'::source_code, '0'::source_code, 'zzzzzzzzzzzz'::source_code;

-- and refuses the rest: which value, which character
CREATE FUNCTION pg_temp.error_of(query text, OUT state text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    state := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
\x on
SELECT length(bad) AS characters, e.* FROM (VALUES
    (''), (' - '), ('DB02_87'), ('DB0208é7'), ('数0'), ('A.'), ('1234567890123'), ('12 34-5678901 2X'),
    (repeat('x', 200)), (repeat('é', 200))) v(bad),
    LATERAL pg_temp.error_of(format('SELECT %L::source_code', bad)) e;
-- the cast says the same
SELECT e.* FROM pg_temp.error_of($$SELECT concat('DB02', 'é')::source_code$$) e;
\x off

-- casts: explicit and in assignments, both ways; never implicit
SELECT concat('db', '02087')::source_code, 'DB02087'::source_code::text, 'DB02087'::source_code::varchar(4),
       CAST('ab'::varchar AS source_code);
CREATE TABLE source_type_pair (code source_code, written text, short varchar(5));
INSERT INTO source_type_pair SELECT 'db 1'::text, 'AB-2'::source_code, 'AB3'::source_code;
SELECT * FROM source_type_pair;
SELECT state, message FROM pg_temp.error_of($$SELECT 'A'::source_code = 'A'::text$$);
SELECT state, message FROM pg_temp.error_of($$SELECT lower('A'::source_code)$$);
DROP TABLE source_type_pair;

-- the value is documented: base-37 digits from the left, 8 bytes
SELECT source_code_send('0'), source_code_send('ZZZZZZZZZZZZ'), source_code_send('DB02087');
SELECT ('x' || substr(source_code_send('DB02087')::text, 3))::bit(64)::bigint =
       ((((((14::bigint * 37 + 12) * 37 + 1) * 37 + 3) * 37 + 1) * 37 + 9) * 37 + 8) * 69343957 AS as_documented;

-- every text of 4 characters: back as written, and in the order of the text (i counts in it)
WITH symbol AS (SELECT i, substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', i + 1, 1) AS s FROM generate_series(0, 35) i),
pair AS (SELECT a.i * 36 + b.i AS i, a.s || b.s AS t FROM symbol a, symbol b)
SELECT count(*), count(*) = 36 ^ 4 AS all_of_them, bool_and(code::text = t) AS same_text, bool_and(code > before) AS same_order
  FROM (SELECT t, code, lag(code) OVER (ORDER BY i) AS before
          FROM (SELECT a.i * 1296 + b.i AS i, a.t || b.t AS t, (a.t || b.t)::source_code AS code FROM pair a, pair b) x) y;
-- every text of 1 to 3 characters, sorted together: back as written, in the order of the text
CREATE TABLE source_type_all AS
WITH symbol AS (SELECT chr(c) AS s FROM generate_series(48, 90) c WHERE c < 58 OR c > 64)
SELECT t, t::source_code AS code
  FROM (SELECT s AS t FROM symbol
        UNION ALL SELECT a.s || b.s FROM symbol a, symbol b
        UNION ALL SELECT a.s || b.s || c.s FROM symbol a, symbol b, symbol c) x;
SELECT count(*), count(*) = 36 + 36 ^ 2 + 36 ^ 3 AS all_of_them, bool_and(code::text = t) AS same_text
  FROM source_type_all;
SELECT count(*) AS neighbours, bool_and(t COLLATE "C" > before) AS same_order
  FROM (SELECT t, lag(t) OVER (ORDER BY code) AS before FROM source_type_all) x WHERE before IS NOT NULL;
DROP TABLE source_type_all;

-- long ones: 20,000 texts of 1 to 12 characters made from hashes, compared pairwise with their texts
CREATE TABLE source_type_long AS
SELECT i, t, t::source_code AS code
  FROM (SELECT i, left(translate(upper(md5(i::text) || md5((-i)::text)), '0123456789', 'GHZQ456XY9'), 1 + i % 12) AS t
          FROM generate_series(1, 20000) i) x;
SELECT bool_and(a.code::text = a.t) AS same_text,
       bool_and((a.code < b.code) = (a.t COLLATE "C" < b.t COLLATE "C")) AS lt,
       bool_and((a.code <= b.code) = (a.t COLLATE "C" <= b.t COLLATE "C")) AS le,
       bool_and((a.code = b.code) = (a.t = b.t)) AS eq,
       bool_and((a.code <> b.code) = (a.t <> b.t)) AS ne,
       bool_and((a.code >= b.code) = (a.t COLLATE "C" >= b.t COLLATE "C")) AS ge,
       bool_and((a.code > b.code) = (a.t COLLATE "C" > b.t COLLATE "C")) AS gt,
       bool_and(sign(source_code_cmp(a.code, b.code)) =
                CASE WHEN a.t COLLATE "C" < b.t COLLATE "C" THEN -1 WHEN a.t = b.t THEN 0 ELSE 1 END) AS cmp,
       bool_and(a.t <> b.t OR source_code_hash(a.code) = source_code_hash(b.code)) AS hash
  FROM source_type_long a, LATERAL (VALUES (1 + a.i * 7919 % 20000), (1 + (a.i + 12) % 20000)) v(other)
  JOIN source_type_long b ON b.i = v.other;
SELECT bool_and(source_code(lower(regexp_replace(t, '(.)', '\1 -', 'g'))) = code) AS separators_ignored FROM source_type_long;
SELECT bool_and(source_code_larger(a.code, b.code) = greatest(a.code, b.code) AND
                source_code_smaller(a.code, b.code) = least(a.code, b.code)) AS larger_smaller
  FROM source_type_long a JOIN source_type_long b ON b.i = a.i + 1;

-- grouping and joining by sort and by hash agree with text
SET enable_hashagg = off;
SELECT count(*), sum(n * n) FROM (SELECT code, count(*) AS n FROM source_type_long GROUP BY code) x;
RESET enable_hashagg;
SET enable_sort = off;
SELECT count(*), sum(n * n) FROM (SELECT code, count(*) AS n FROM source_type_long GROUP BY code) x;
RESET enable_sort;
SELECT count(*), sum(n * n) FROM (SELECT t, count(*) AS n FROM source_type_long GROUP BY t) x;
SET enable_hashjoin = off; SET enable_nestloop = off;
SELECT count(*) FROM source_type_long a JOIN source_type_long b USING (code);
RESET enable_hashjoin; SET enable_mergejoin = off;
SELECT count(*) FROM source_type_long a JOIN source_type_long b USING (code);
RESET enable_nestloop; RESET enable_mergejoin;
SELECT count(*) FROM source_type_long a JOIN source_type_long b USING (t);

-- the extended hash spreads: hash partitions
CREATE TABLE source_type_part (code source_code) PARTITION BY HASH (code);
CREATE TABLE source_type_part_0 PARTITION OF source_type_part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE source_type_part_1 PARTITION OF source_type_part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO source_type_part SELECT DISTINCT code FROM source_type_long;
SELECT abs(count(*) FILTER (WHERE tableoid = 'source_type_part_0'::regclass) * 2 - count(*)) < count(*) / 10 AS even FROM source_type_part;
DROP TABLE source_type_part;

-- binary form: COPY out and in again
\getenv abs_builddir PG_ABS_BUILDDIR
\set file :abs_builddir '/results/source_type.copy'
COPY (SELECT i, code FROM source_type_long) TO :'file' (FORMAT binary);
CREATE TABLE source_type_back (i int, code source_code);
COPY source_type_back FROM :'file' (FORMAT binary);
SELECT count(*), bool_and(a.code = b.code) AS same FROM source_type_long a JOIN source_type_back b USING (i);
DROP TABLE source_type_back;

-- binary input accepts only the numbers of codes: a binary file with one bigint column is read as source_code
CREATE TABLE source_type_raw (code source_code);
CREATE FUNCTION pg_temp.receive(number bigint, file text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    read text;
BEGIN
    EXECUTE format('COPY (SELECT %L::bigint) TO %L (FORMAT binary)', number, file);
    EXECUTE format('COPY source_type_raw FROM %L (FORMAT binary)', file);
    DELETE FROM source_type_raw RETURNING code::text INTO read;
    RETURN read;
EXCEPTION WHEN invalid_binary_representation THEN
    RETURN SQLERRM;
END $$;
SELECT n, pg_temp.receive(n, :'file') FROM (VALUES
    (0::bigint), (-1), (1), (177917621779460413), (177917621779460414), (177917621779460412),
    (6582952005840035280), (6582952005840035281), (9223372036854775807), (-9223372036854775808)) v(n);
DROP TABLE source_type_raw, source_type_long;
