-- type er: text and binary forms, arithmetic, order, errors
SET search_path = public, dupex;
\set VERBOSITY terse

-- text form: exact, zeros at the end trimmed, spaces ignored
SELECT text AS written, text::er AS er, er_expense(text::er), er_revenue(text::er), er_ratio(text::er)
FROM unnest(ARRAY['1200:4800', ' 1200.50 : +4800.000 ', '-1.5:3', '0.1:0.3', '-0.000000001:-0', '.5:5.', '007:000000000000000000007.0000000000000',
    '999999999999999999.999999999:-999999999999999999.999999999', '12:0', '0:0', '1:3', '100:-400']) text;
SELECT er::text = '1200:4800' AS to_text, '1200:4800'::text::er = er AS from_text, er(1200, 4800) = er AS made FROM (SELECT er '1200:4800') e(er);

-- what is no er, or does not fit
SELECT er '';
SELECT er '1200';
SELECT er '1200/4800';
SELECT er '1200:';
SELECT er '1200:4800:1';
SELECT er '1e3:2';
SELECT er 'NaN:1';
SELECT er '1,200:4800';
SELECT er '1 200:4800';
SELECT er '--1:2';
SELECT er '.:1';
SELECT er '1.2.3:4';
SELECT er '1000000000000000000:1';
SELECT er '1:-1000000000000000000';
SELECT er '1:99999999999999999999999999999999999999';
SELECT er '0.0000000001:1';
SELECT er '0.0000000001:x';
SELECT er('NaN', 1);
SELECT er(1, 'Infinity');
SELECT er(1, '-Infinity');
SELECT er(1e18, 1);
SELECT er(1, -1e18);
SELECT er(1e131071, 1);
SELECT er(1, 1.0000000001);
SELECT er(1e-16000, 1);
SELECT er(10.0 / 3, 1);
\set VERBOSITY default
SELECT er '1200;4800';
SELECT er(100.0 / 3, 1);
SELECT er '999999999999999999:0' + er '1:0';
\set VERBOSITY terse
-- ... and with up to nine decimals nothing is lost
SELECT er(0.1 + 0.2, 1.12345678900), er(123456.789012345, -0.000000001), er(round(100.0 / 3, 4), 1), er(NULL, 1);

-- numeric to er and back for every length of the two parts, both signs
SELECT count(*) AS tried, count(*) FILTER (WHERE er_expense(er(x, -x)) = x AND er_revenue(er(x, -x)) = -x
    AND er(x, -x)::text::er = er(x, -x) AND er(x, -x)::text = trim_scale(x) || ':' || trim_scale(-x)) AS as_it_was
FROM (SELECT trunc(s * d * 10::numeric ^ p, 9) FROM generate_series(-9, 17) p, (VALUES (1), (-1)) s(s),
             (VALUES (1), (9), (1.5), (9.999999999999999999999), (1.0000000001), (1.00001), (1.000100020003), (7.77770000)) d(d)) t(x);

-- arithmetic, with carries across zero
SELECT er '1.6:2.5' + er '2.7:-3.75' AS sum, er '1.6:2.5' - er '2.7:-3.75' AS difference,
       er '-0.4:0' + er '-0.7:0' AS below_zero, er '-0.4:0' - er '-1.4:-0.6' AS above_zero;
SELECT er '999999999999999999.5:0' + er '0.5:0';
SELECT er '0:-999999999999999999.5' - er '0:0.5';
SELECT er '999999999999999999.5:0' + er '0.499999999:0' AS just_fits;
-- in any order, against numeric
SELECT bool_and(er_expense(a + b - c) = x + y - z AND er_revenue(a + b - c) = y - z - x) AS like_numeric, count(*)
FROM (SELECT x, y, z, er(x, -x), er(y, y), er(z, z)
      FROM (SELECT (hashint8extended(i, 1) / 1e9)::numeric(20, 9), (hashint8extended(i, 2) / 1e14)::numeric(20, 9), (hashint8extended(i, 3) / 1e5)::numeric(20, 5)
            FROM generate_series(1, 10000) i) r(x, y, z)) s(x, y, z, a, b, c);

-- the ratio: numeric's own division; NULL without revenue
SELECT er_ratio('1:3'), 1::numeric / 3 AS by_numeric, er_ratio('1:999999999999999999'), er_ratio('999999999999999999.999999999:0.000000001'), er_ratio('5:0') IS NULL AS undefined;
SELECT er_ratio(NULL) IS NULL AND er_expense(NULL) IS NULL AND er_revenue(NULL) IS NULL AND (NULL::er + '1:2') IS NULL AS strict;

-- order: by the ratio, those without one last; equal ratios by expense
SELECT er, er_ratio(er) FROM unnest('{1:4,2:8,-2:-8,3:8,1:0,0:0,0:1,-1:4,1:-4,0:-5,300000000000000001:800000000000000000,3:7.999999999,NULL,-5:0}'::er[]) er ORDER BY er;
SELECT er '1:4' < er '2:8' AS lt, er '1:4' <= er '1:4' AS le, er '1:4' = er '2:8' AS eq, er '1:4' = er '1.0:4.000' AS same, er '1:4' <> er '2:8' AS ne, er '1:4' >= er '2:8' AS ge, er '1:3' > er '2:8' AS gt;
-- ... which is total and follows the ratios
WITH sample(e) AS (SELECT er(((hashint8extended(i, 1) % 8) * 10::numeric ^ (i % 5 * 3 - 6))::numeric(30, 9), ((hashint8extended(i, 2) % 8) * 10::numeric ^ (i % 7 * 2 - 5))::numeric(30, 9)) FROM generate_series(1, 400) i)
SELECT count(*) FILTER (WHERE er_cmp(a.e, b.e) <> -er_cmp(b.e, a.e)) AS not_antisymmetric,
       count(*) FILTER (WHERE (er_cmp(a.e, b.e) = 0) <> (a.e::text = b.e::text)) AS equal_unlike_text,
       -- cross products of numerics are exact
       count(*) FILTER (WHERE er_revenue(a.e) <> 0 AND er_revenue(b.e) <> 0 AND sign(er_expense(a.e) * er_revenue(b.e) * sign(er_revenue(a.e) * er_revenue(b.e))
           - er_expense(b.e) * er_revenue(a.e) * sign(er_revenue(a.e) * er_revenue(b.e))) NOT IN (0, er_cmp(a.e, b.e))) AS against_the_ratio,
       count(*) FILTER (WHERE (er_cmp(a.e, b.e) < 0) <> (a.e < b.e) OR (er_cmp(a.e, b.e) <= 0) <> (a.e <= b.e) OR (er_cmp(a.e, b.e) > 0) <> (a.e > b.e)
           OR (er_cmp(a.e, b.e) >= 0) <> (a.e >= b.e) OR (er_cmp(a.e, b.e) = 0) <> (a.e = b.e) OR (a.e = b.e) = (a.e <> b.e)) AS operators_disagree
FROM sample a, sample b;

-- sorting, grouping, DISTINCT, joins, indexes
CREATE TABLE ratio_er (id int, e er);
INSERT INTO ratio_er SELECT i, er(i % 10, (i % 7) * 1.5) FROM generate_series(1, 2100) i;
SELECT count(DISTINCT e), (SELECT count(*) FROM (SELECT e FROM ratio_er GROUP BY e) g) AS groups, (SELECT count(*) FROM (SELECT DISTINCT er_expense(e), er_revenue(e) FROM ratio_er) d) AS pairs FROM ratio_er;
CREATE INDEX ON ratio_er USING btree (e);
CREATE INDEX ON ratio_er USING hash (e);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM ratio_er WHERE e = '3:4.5';
SELECT count(*) AS below_a_half, count(*) FILTER (WHERE er_ratio(e) < .5 OR e < '1:2') AS by_ratio FROM ratio_er WHERE e < '1:2';
RESET enable_seqscan;
RESET enable_bitmapscan;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM ratio_er a JOIN ratio_er b USING (e);
RESET enable_hashjoin;
SET enable_mergejoin = off;
SELECT count(*) FROM ratio_er a JOIN ratio_er b USING (e);
RESET enable_mergejoin;
RESET enable_nestloop;
DROP TABLE ratio_er;
SELECT er_hash_extended('1:2', 0) & 4294967295 = er_hash('1:2')::bigint & 4294967295 AS hash_agrees, er_hash_extended('1:2', 1) <> er_hash_extended('1:2', 2) AS seeded;

-- binary form: what cannot be is refused
SELECT er_send('1.5:-0.25');
CREATE FUNCTION pg_temp.receive_er(image bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE file text := format('%s/ratio_wire_%s.bin', current_setting('data_directory'), pg_backend_pid());
BEGIN
    -- a COPY BINARY file with one row of one column
    PERFORM lo_from_bytea(4711, '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(image)) || image || '\xffff');
    PERFORM lo_export(4711, file);
    PERFORM lo_unlink(4711);
    CREATE TEMP TABLE received (e er) ON COMMIT DROP;
    EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
    RETURN (SELECT e::text FROM received);
END $$;
SELECT pg_temp.receive_er(er_send('1.5:-0.25'));
SELECT pg_temp.receive_er('\x00000000000000003b9aca00000000000000000000000000');
SELECT pg_temp.receive_er('\x0000000000000000ffffffff000000000000000000000000');
SELECT pg_temp.receive_er('\x0de0b6b3a764000000000000000000000000000000000000');
SELECT pg_temp.receive_er('\x000000000000000000000000f21f494c589c000000000000');
SELECT pg_temp.receive_er('\x000000000000000000000000f21f494c589c000000000001');
SELECT pg_temp.receive_er('\x0000');
SELECT pg_temp.receive_er(er_send('1:2') || '\x00');
