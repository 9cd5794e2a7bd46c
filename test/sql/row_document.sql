-- row_document() against jsonb_strip_nulls(to_jsonb(row)) - without, which it replaces.
SET search_path = public, dupex;
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE FUNCTION row_document_is_right(row_value anyelement, without text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT row_document(row_value, without) IS NOT DISTINCT FROM jsonb_strip_nulls(to_jsonb(row_value)) - without
$$;
CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 100);
CREATE DOMAIN shorter_text AS short_text;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TYPE pair AS (a int, "b c" text);
CREATE TABLE of_all_types (
    n int, i2 smallint, i8 bigint, f4 real, f8 double precision, amount numeric, fixed numeric(12, 4), is_so boolean, t text, v varchar(20), c char(5), nm name,
    d date, ts timestamp, tz timestamptz, tm time, iv interval, by bytea, u uuid, j json, b jsonb, arr int[], texts text[], p pair, pairs pair[], m mood, r int4range,
    gone text, dt short_text, ds shorter_text, code source_code, x xid8, "Ä ""q""" text);
ALTER TABLE of_all_types DROP COLUMN gone;

INSERT INTO of_all_types (n) VALUES (0);
INSERT INTO of_all_types (n, amount, f4, f8, d, ts, tz, b, j, arr, p) VALUES
    (1, 'NaN', 'NaN', 'Infinity', 'infinity', '-infinity', 'infinity', 'null', 'null', '{}', NULL),
    (2, 'Infinity', '-Infinity', '-0', '0044-03-15 BC', '0044-03-15 12:00 BC', '0044-03-15 12:00+00 BC', '{"a": null, "b": [null, {"c": null}]}', '{"z": 1, "a": null, "a": 2}', '{1,NULL}', '(,)'),
    (3, '1.0', 1e-30, 1e30, '5874897-12-31', '294276-12-31 23:59:59.999999', '2026-03-29 02:30:00.5+01', '[]', '[]', '{{1,2},{3,4}}', '(1,"x ""y"" \\z")'),
    (4, '-123456789012345678901234567890.12345678901234567890', 0, 0.1, '2026-02-28', '2026-02-28 00:00', '1900-01-01 00:00+00', '"text"', '"text"', NULL, '(1,)'),
    (5, '0.000', 0, 0, NULL, NULL, NULL, '1.50', 'true', NULL, NULL);
INSERT INTO of_all_types (n, i2, i8, is_so, t, v, c, nm, tm, iv, by, u, texts, pairs, m, r, dt, ds, code, x, "Ä ""q""")
VALUES (6, -32768, -9223372036854775808, false, '', 'ä€', 'ab', 'a name', '12:00', '1 year 2 days 03:00', '\x00ff', '00000000-0000-0000-0000-000000000001', '{a,NULL,"{"}',
        '{"(1,)",NULL}', 'sad', '[1,5)', 'short', 'shorter', 'DB02087', '18446744073709551615', E'line\nand\ttab \\ "quoted" \u0001');
INSERT INTO of_all_types (n, t) VALUES (7, repeat('long ', 100000));

SELECT n, row_document_is_right(o, '{}') AS is_right, row_document_is_right(o, '{n,t,b,absent,NULL}') AS right_without
  FROM of_all_types o ORDER BY n;
SELECT row_document(o, '{n}') FROM of_all_types o WHERE n < 7 ORDER BY n;
-- in other settings it says what to_jsonb() says in them
SET timezone = 'America/New_York'; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 0; SET bytea_output = 'escape';
SELECT bool_and(row_document_is_right(o, '{}')) AS all_right FROM of_all_types o;
RESET timezone; RESET DateStyle; RESET IntervalStyle; RESET extra_float_digits; RESET bytea_output;

-- rows of the catalogs, which have other types
SELECT count(*) > 1000 AS many, count(*) FILTER (WHERE NOT row_document_is_right(p, '{proname,prosrc}')) AS wrong FROM pg_proc p;
SELECT count(*) > 50 AS many, count(*) FILTER (WHERE NOT row_document_is_right(c, '{oid}')) AS wrong FROM pg_class c;
SELECT count(*) > 50 AS many, count(*) FILTER (WHERE NOT row_document_is_right(t, '{}')) AS wrong FROM pg_type t;

-- one call sees rows of several types, and leaves out other columns for each
SELECT n, row_document(CASE n % 3 WHEN 0 THEN ROW(n, 'x'::text) WHEN 1 THEN ROW('y'::text, NULL::int) ELSE ROW(n, true, now() - now()) END,
                       CASE WHEN n < 4 THEN '{f1}' ELSE '{f2,f9}' END::text[]) FROM generate_series(1, 6) n;
SELECT row_document(ROW(), '{}') AS empty_row, row_document(NULL::of_all_types, '{}') IS NULL AS null_row, row_document(ROW(1), NULL) IS NULL AS null_names,
       row_document(ROW(1, 2, 3), '{{f1,f2}}') AS names_in_two_dimensions;

DROP TABLE of_all_types;
DROP FUNCTION row_document_is_right(anyelement, text[]);
DROP TYPE pair, mood, shorter_text, short_text;
