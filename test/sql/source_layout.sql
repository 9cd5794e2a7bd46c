-- layouts of source codes: thirty of them there and back, wrong ones, building codes, check characters
SET search_path = public, dupex;
SET datestyle = ISO;

-- thirty layouts, each with a code that it can have
CREATE TABLE source_layout_case (n int PRIMARY KEY, layout text, example source_code);
INSERT INTO source_layout_case VALUES
    (1, '{medium}{group}{list:2}{month:2}{year:1}', 'DB02087'),
    (2, '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:3}', 'HHDA1XYZ'),
    (3, '{publication:2:letters}{year:2}{month:2}{type:letters}', 'HG9111D'),
    (4, '{code:3:letters}', 'ABC'),
    (5, '{publication:2:letters}-{year:2}-{month:2}-{type:1:letters}', 'HG9111D'),
    (6, '{medium}{number:6:digits}', 'T004711'),
    (7, '{medium}{number:6}', 'T00O711'),
    (8, '{number:12:digits}', '000000000001'),
    (9, '{number:12}', 'ZZZZZZZZZZZZ'),
    (10, '{a}', '0'),
    (11, '{medium}{group}{list:2}{month:2}{year:1}{check}', 'DB020876'),
    (12, '{offer:4}{check}', 'O0I1J'),
    (13, '{medium}{year:4}{month:2}', 'D200708'),
    (14, '{year:4}{month:2}{day:2:digits}', '20070815'),
    (15, 'DX{medium}{list:3}{year:2}', 'DXD01207'),
    (16, 'dx {medium} 0 {list:3} - {year:2} 9', 'DXD0012079'),
    (17, '{month:A=1}{year:1}{list:2}', 'H702'),
    (18, '{month:C=1}{year:K=2010}', 'NA'),
    (19, '{month:O=1}', 'Z'),
    (20, '{group:digits}{medium:digits}', '47'),
    (21, '{medium:any}{group:2:any}', '4AB'),
    (22, '{list:5:letters}', 'HOUSE'),
    (23, '{list:4:any}{month}{year}', 'AB12127'),
    (24, '{year:Z=2025}{month}', 'A01'),
    (25, '{country:2:letters}{medium}{list:2}{offer:2}{month}{year:2}{check}', 'CNM019A1226I'),
    (26, '{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}', '0123456789AB'),
    (27, '{a:1}{b:2}{c:3}{d:4}', 'ABBCCCDDDD'),
    (28, '{cell_of_2_mailings:2:digits}X{wave_1:letters}', '07XQ'),
    (29, 'A', 'A'),
    (30, '{test_group}{year:2}', 'B07'),
    (31, '{medium}{check}', 'DB');
-- the example reads as itself; its fields build it again, from texts and without the check character
SELECT n, layout, example, r.fields, (r.code = example AND r.problem IS NULL) AS reads,
       source_build(r.fields, layout) = example AS builds, source_build(r.fields - 'check', layout) = example AS builds_without_check,
       source_code_read(lower(regexp_replace(example::text, '(.)', ' \1-', 'g')), layout) = example AS reads_spaced, r.issued_on
  FROM source_layout_case, LATERAL source_read(example::text, layout, '2007-09-15') r ORDER BY n;
-- 300 codes of each layout made from hashes: fields to code to fields to code; strict access says the same
CREATE FUNCTION pg_temp.some_value(field text, template text, seed text) RETURNS text LANGUAGE sql AS $$
    -- a value with the kinds of characters that the example has in this field
    SELECT CASE WHEN field = 'month' AND template ~ '[0-9]' THEN to_char(1 + abs(hashtext(seed)) % 12, 'FM00')
                WHEN field = 'month' THEN NULL
                WHEN field = 'year' AND length(template) = 4 THEN to_char(1 + abs(hashtext(seed)) % 9999, 'FM0000')
                ELSE (SELECT string_agg(CASE WHEN c ~ '[0-9]' THEN (abs(hashtext(seed || o)) % 10)::text ELSE chr(65 + abs(hashtext(seed || o)) % 26) END, '' ORDER BY o)
                        FROM unnest(string_to_array(template, NULL)) WITH ORDINALITY u(c, o)) END
$$;
SELECT count(*) AS codes, count(DISTINCT n) AS layouts,
       bool_and(r.code = built AND r.problem IS NULL) AS reads,
       bool_and(r.fields - 'check' = wanted) AS same_fields,
       bool_and(source_build(r.fields, layout) = built) AS builds_again,
       bool_and((SELECT jsonb_object_agg(key, source_field(built, key, layout)) FROM jsonb_object_keys(r.fields) key) IS NOT DISTINCT FROM NULLIF(r.fields, '{}')) AS strict_fields,
       bool_and(source_code_read(built::text, layout) = built) AS reads_alone
  FROM source_layout_case,
       LATERAL (SELECT (source_read(example::text, layout)).fields AS template) t, generate_series(1, 300) i,
       LATERAL (SELECT coalesce(jsonb_object_agg(key, coalesce(pg_temp.some_value(key, value, n || ' ' || i || key), value)), '{}') AS wanted
                  FROM jsonb_each_text(template) WHERE key <> 'check') w,
       LATERAL (SELECT source_build(wanted, layout) AS built) b, LATERAL source_read(built::text, layout, '2026-01-01') r;
-- more layouts than a session keeps, again and again
SELECT count(*), bool_and(source_code_read('A' || repeat('7', width), format('{x}{y:%s:digits}', width)) IS NOT NULL) AS readable
  FROM generate_series(1, 60) i, LATERAL (SELECT 1 + i * 7 % 11 AS width) w;
SELECT count(DISTINCT f), bool_and(f = jsonb_build_object('name_' || i, 'A')) AS same
  FROM generate_series(1, 400) i, LATERAL (SELECT (source_read('A', format('{name_%s}', i))).fields AS f) x;
DROP TABLE source_layout_case;

-- wrong layouts: where and why
CREATE FUNCTION pg_temp.error_of(query text, OUT state text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    state := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
SELECT left(l, 40) AS layout, e.state, e.detail FROM unnest(ARRAY['', ' - ', '{', '{}', '{a', '{a:', '{a}}', '{A}', '{1a}', '{_a}', '{a b}', '{medium}{medium}', '{a:0}', '{a:13}',
    '{a:99999}', '{a:2:3}', '{a:digits:2}', '{a:digits:any}', '{a:numbers}', '{a:DIGITS}', '{a:A=1}', '{a:2:}', '{a:}', '{month:1}', '{month:3}', '{month:letters}', '{month:any}', '{month:2:A=1}',
    '{month:A}', '{month:A=}', '{month:A=2}', '{month:P=1}', '{month:a=1}', '{year:3}', '{year:letters}', '{year:A=1}', '{year:A=20000}', '{year:A=1899}', '{year:2:A=2000}',
    '{check:2}', '{check:digits}', '{check}A', '{a}{check}{b}', '{a:7}{b:6}', 'ABCDEFGHIJKLM', '{a}é', '{aé}', '{a:é}', 'é{a}', '数', '{medium}.{group}', '{medium',
    repeat('{a}', 400), '{' || repeat('x', 64) || '}', repeat(' ', 1001), '{a:2:digits', '{list:02x}']) l,
  LATERAL pg_temp.error_of(format('SELECT source_read(%L, %L)', 'A', l)) e;
-- what is at the limits is right
SELECT source_build(jsonb_build_object(name, 'A'), format('{%s}', name)) FROM (SELECT repeat('x', 63) AS name) n;
SELECT source_code_read('Q', repeat(' ', 997) || '{a}'), source_code_read('Q', '{month:A=1}') AS no_month, source_code_read('Z', '{month:O=1}') AS december;

-- building: numbers are filled up, years shortened, letters found, case folded
SELECT source_build('{"medium": "d", "group": "b", "list": 2, "month": 8, "year": 2007}'),
       source_build('{"year": 2007, "month": 8, "medium": "D", "theme": "A", "offer": 1, "publication": "XYZ"}', '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:3}'),
       source_build('{"year": "H", "month": "h", "medium": "D", "theme": "A", "offer": 1, "publication": 9}', '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:3}'),
       source_build('{"publication": "HG", "year": 1991, "month": 11, "type": "D"}', '{publication:2:letters}{year:2}{month:2}{type:letters}'),
       source_build('{"medium": "D", "year": 2007, "month": "8"}', '{medium}{year:4}{month:2}'),
       source_build('{"medium": "D", "test_group": "B", "list": 2, "month": 8, "year": 2007}'), source_build('{}', 'ABC-1'), source_build(NULL) AS nothing;
SELECT query, e.state, e.message, e.detail FROM unnest(ARRAY[
    $${"medium": "D", "group": "B", "list": "02", "month": "08"}$$, $${}$$, $${"medium": "D", "group": "B", "list": "02", "month": "08", "year": "7", "colour": "red"}$$,
    $${"medium": "D", "group": "B", "list": "123", "month": "08", "year": "7"}$$, $${"medium": "D", "group": "B", "list": "O2", "month": "08", "year": "7"}$$,
    $${"medium": "D", "group": "B", "list": 2.5, "month": "08", "year": "7"}$$, $${"medium": "D", "group": "B", "list": -2, "month": "08", "year": "7"}$$,
    $${"medium": "D", "group": "B", "list": "02", "month": "13", "year": "7"}$$, $${"medium": "D", "group": "B", "list": "02", "month": 0, "year": "7"}$$,
    $${"medium": "D", "group": "B", "list": "02", "month": "08", "year": "07"}$$, $${"medium": "D", "group": "B", "list": "02", "month": "08", "year": 12007}$$,
    $${"medium": "", "group": "B", "list": "02", "month": "08", "year": "7"}$$, $${"medium": "4", "group": "B", "list": "02", "month": "08", "year": "7"}$$,
    $${"medium": null, "group": "B", "list": "02", "month": "08", "year": "7"}$$, $${"medium": ["D"], "group": "B", "list": "02", "month": "08", "year": "7"}$$,
    $${"medium": true, "group": "B", "list": "02", "month": "08", "year": "7"}$$, $${"medium": "é", "group": "B", "list": "02", "month": "08", "year": "7"}$$,
    $$"DB02087"$$, $$[1]$$]) query,
    LATERAL pg_temp.error_of(format('SELECT source_build(%L)', query)) e;
SELECT source_build('{"medium": "D"}');
SELECT source_build('{}', '{a}{check}');
SELECT source_build('{"lits": 3}');
SELECT source_build('{"medium": "D", "group": "B", "test_group": "B", "list": 2, "month": 8, "year": 2007}');
SELECT source_build('{"a": "123"}', '{a:2:digits}');
SELECT query, layout, e.state, e.message, e.detail FROM (VALUES
    ('{"year": 1999}', '{year:A=2000}'), ('{"year": 2026}', '{year:A=2000}'), ('{"year": "AB"}', '{year:A=2000}'), ('{"year": "!"}', '{year:A=2000}'), ('{"year": 20070}', '{year:A=2000}'),
    ('{"month": 13}', '{month:A=1}'), ('{"month": "M"}', '{month:A=1}'), ('{"month": "B"}', '{month:C=1}'), ('{"month": 0}', '{month:C=1}'), ('{"month": ""}', '{month:A=1}'),
    ('{"year": 7}', '{year:4}'), ('{"year": "0000"}', '{year:4}'), ('{"year": 10000}', '{year:4}'), ('{"a": "AB"}', '{a:3}'), ('{"a": "AB"}', '{a:3:letters}'), ('{"a": "A-B"}', '{a:3}'), ('{"a": "A"}', 'X'),
    ('{"a": "A", "check": "K"}', '{a}{check}'), ('{"a": "A", "check": "KK"}', '{a}{check}'), ('{"a": "A", "check": ""}', '{a}{check}'), ('{"a": "A"}', '{a')) v(query, layout),
    LATERAL pg_temp.error_of(format('SELECT source_build(%L, %L)', query, layout)) e;

-- ISO/IEC 7064 MOD 37,36: published examples are the Global Release Identifier A1-2425G-ABC1234002-M and the ISAN 0000-0000-D07A-0090-Q
SELECT source_check_character('A1-2425G-ABC1234002') AS "M", source_check_character('0000-0000-d07a-0090') AS "Q", source_check_character('') AS "1";
SELECT source_check_character('A1_2');
-- it tells every single wrong character of a code
SELECT count(*), count(*) FILTER (WHERE source_check_character(overlay(t PLACING w FROM at FOR 1)) = source_check_character(t)) AS untold
  FROM unnest(ARRAY['DB02087', 'Z9', '000000', 'ZZZZZZZZZZZ', 'A12425GABC1234002']) t, generate_series(1, length(t)) at,
       unnest(string_to_array('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', NULL)) w WHERE substr(t, at, 1) <> w;
-- the reader judges by it: one look-alike that makes the code right is repaired, even where every character is allowed; nothing else is
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['DB020876', 'db-o2o87-6', 'DB02087G', 'DB020875', 'DB02078-6', 'DB02O875', 'DB0208T6', 'DB021376', 'DBOZOB7G']) quoted,
  LATERAL source_read(quoted, '{medium}{group}{list:2}{month:2}{year:1}{check}') r;
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['O0I1J', 'OOI1J', 'O011J', 'O0L1J', 'O0LIJ', 'O0I7J', 'O0I1W', '00I1J', '0OI1J']) quoted,
  LATERAL source_read(quoted, '{offer:4}{check}') r;
-- every single look-alike error in a code with a check character is either repaired rightly or told
SELECT count(*), count(*) FILTER (WHERE r.code = right_code) AS repaired, count(*) FILTER (WHERE r.code IS NULL) AS told, count(*) FILTER (WHERE r.code <> right_code) AS wrong,
       count(*) FILTER (WHERE r.problem IS NULL) AS silent
  FROM generate_series(1, 2000) i, LATERAL (SELECT source_build(jsonb_build_object('offer', left(translate(upper(md5(i::text)), '34CDEF79', 'OILBSZ0G'), 7)), '{offer:7}{check}') AS right_code) c,
       generate_series(1, 7) at, LATERAL (SELECT overlay(right_code::text PLACING translate(substr(right_code::text, at, 1), '01OI2Z5S6G8B', 'OI01Z2S5G6B8') FROM at FOR 1) AS quoted) q,
       LATERAL source_read(quoted, '{offer:7}{check}') r WHERE quoted <> right_code::text;
-- 1 may be I or L in a letter's place; the check character tells which
SELECT c.code AS right_code, quoted, r.code, r.problem
  FROM unnest(ARRAY['LA', 'IA']) v, LATERAL (SELECT source_build(jsonb_build_object('a', v), '{a:2:letters}{check}') AS code) c,
       LATERAL (SELECT '1' || substr(c.code::text, 2) AS quoted) q, LATERAL source_read(quoted, '{a:2:letters}{check}') r;
