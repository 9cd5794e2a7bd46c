-- reading source codes: as customers quote them, and registered ones
SET search_path = public, dupex;
SET datestyle = ISO;

-- the codes of the house
SELECT quoted, r.* FROM (VALUES ('DB02087'), ('db-o2o87'), ('DB02137')) v(quoted),
    LATERAL source_read(quoted, near => '2007-09-15') r;
SELECT * FROM source_read('DB02087');
SELECT near, (source_read('DB02087', near => near)).issued_on
  FROM unnest(ARRAY['2007-09-15', '2016-01-01', '2016-09-01', '2015-06-01',
                    -- the edge: from the first day of August 2016 on, August 2017 is not more than one year after
                    '2016-07-31', '2016-08-01', '2016-08-31', '2006-07-31', '2006-08-01',
                    'infinity', '-infinity', '0001-01-01', '4713-01-01 BC', '5874897-12-31']::date[]) near;

-- the rule, brute force: for every reference month of 2010 to 2029 and every month and year digit,
-- the nearest year for which the first of the month is not after near + one year
SELECT count(*), count(*) FILTER (WHERE r.issued_on IS DISTINCT FROM nearest) AS wrong,
       count(*) FILTER (WHERE source_issued(r.code, near) IS DISTINCT FROM nearest) AS wrong_issued
  FROM generate_series(date '2010-01-01', '2029-12-31', '13 days') at, LATERAL (SELECT at::date AS near) n,
       generate_series(1, 12, 5) month, generate_series(0, 9) digit,
       LATERAL source_read(format('DB02%s%s', to_char(month, 'FM00'), digit), near => near) r,
       LATERAL (SELECT c AS nearest FROM generate_series(1990, 2040) y, LATERAL (SELECT make_date(y, month, 1) AS c) c
                 WHERE y % 10 = digit AND c <= near + interval '1 year' ORDER BY abs(c - near) LIMIT 1) x;
-- two digits: nearest of the centuries; without a reference 1970 to 2069, as PostgreSQL reads dates
SELECT year, near, (source_read('HG' || year || '11D', '{publication:2:letters}{year:2}{month:2}{type:letters}', near)).issued_on
  FROM (VALUES ('91', NULL::date), ('91', '1992-05-01'), ('91', '2026-01-01'), ('91', '2089-11-30'), ('91', '2090-10-31'), ('91', '2090-11-01'),
               ('69', NULL), ('70', NULL), ('00', NULL), ('27', '2026-10-31'), ('27', '2026-11-01')) v(year, near);

-- the other layouts in use: a year letter and a month letter; a publication of two letters; three capitals
SELECT quoted, r.code, r.medium, r.issued_on, r.fields, r.problem
  FROM (VALUES ('HHDA1XYZ'), ('h-h d a 1-xyz'), ('AAMB2009'), ('ZLTCO0O0'), ('HMDA1XYZ'), ('8HDA1XYZ'), ('1A1A1XYZ'), ('HHDA1XY')) v(quoted),
  LATERAL source_read(quoted, '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:3}') r;
SELECT quoted, r.* FROM (VALUES ('HG9111D'), ('hg-91-11d'), ('HG-9I-l1D'), ('H691118'), ('HG9100D'), ('HG911D')) v(quoted),
  LATERAL source_read(quoted, '{publication:2:letters}{year:2}{month:2}{type:letters}') r;
SELECT quoted, r.code, r.fields, r.problem FROM (VALUES ('ABC'), ('a b c'), ('A8C'), ('AB'), ('ABCD'), ('A4C')) v(quoted),
  LATERAL source_read(quoted, '{code:3:letters}') r;

-- repairs by position: every look-alike
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['DBOIOIO', 'DBILO1O', 'DBZS081', 'DBBG08Z', 'DB0208B', 'DB02O8G', '0802087', '5602087', '1202087', 'DDl2087',
    'DBQ2087', 'DBD2087', '9B02087', 'D702087']) quoted, LATERAL source_read(quoted) r;
-- what each position allows stays, whatever it looks like
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['OI02087', 'IO02087', 'SZ02087', 'LB02081']) quoted, LATERAL source_read(quoted) r;
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['O0I1L', 'o0i1l']) quoted, LATERAL source_read(quoted, '{offer:5}') r;

-- not readable, and why; nothing raises an error
SELECT quoted, r.code, r.medium, r.issued_on, r.fields, r.problem
  FROM unnest(ARRAY[NULL, '', ' ', '---', 'DB0208', 'D', 'DB020877', 'DB00087', 'DB02007', 'DB02997', 'DB02O07', 'DB02I37', '1234567', 'ABCDEFG',
                    'DB02_87', 'DB02087!', 'DB0208é', '数', 'DB02087'';', E'DB\t02087\r\n', E'DB\x010287', 'DB 02.087', 'NULL', '😀']) quoted,
  LATERAL source_read(quoted, near => '2008-01-01') r;
-- full-width characters and the dashes and spaces of Unicode are those of ASCII
-- (unaligned: psql 15 and 17 do not agree on the width of invisible characters)
\pset format unaligned
SELECT quoted, r.code, r.problem FROM unnest(ARRAY['ＤＢ０２０８７', 'ｄｂ－０２　０８７', U&'DB\201302\2014087', U&'DB\00A002\202F087', U&'\FEFFDB02087', U&'DB02\2212087', 'ＤＢＯ２０８７']) quoted,
  LATERAL source_read(quoted) r;
\pset format aligned
-- long texts
SELECT length(quoted), r.code, r.problem FROM unnest(ARRAY[repeat('A', 1000000), repeat('-', 1000000) || 'DB02087' || repeat(' ', 1000000),
    repeat('é', 1000000), repeat('DB02087', 2), repeat('A', 100), repeat('A', 101), repeat('A', 101) || '!']) quoted, LATERAL source_read(quoted) r;
-- every byte in every position of a code
SELECT count(*), count(r.code) AS readable, count(r.problem) AS with_problem,
       bool_and((r.code IS NULL) = (r.fields IS NULL) AND (r.code IS NULL) = (r.medium IS NULL) AND (r.code IS NOT NULL OR r.problem IS NOT NULL)) AS consistent,
       bool_and(r.code IS NOT DISTINCT FROM source_code_read(quoted)) AS same_code,
       bool_and(CASE WHEN r.code IS NOT NULL THEN source_build(r.fields) = r.code END) AS builds_again
  FROM generate_series(1, 255) byte, generate_series(1, 7) at,
       LATERAL (SELECT overlay('DB02087' PLACING chr(byte) FROM at FOR 1) AS quoted) q, LATERAL source_read(quoted, near => '2008-01-01') r;

-- layout NULL is the default one; the wrong layout is the caller's mistake
SELECT code, problem FROM source_read('DB02087', NULL);
SELECT source_code_read('db 02087', NULL), source_code_read('db 02O87'), source_code_read('what'), source_code_read(NULL);
SELECT * FROM source_read('DB02087', '{medium}{group');

-- registered codes: fields, month of issue
SELECT f, source_field('DB02087', f) FROM unnest(ARRAY['medium', 'group', 'test_group', 'list', 'month', 'year', NULL]) f;
-- group and test_group are one field, whichever the layout calls it; two when it has both
SELECT source_field('DB2', 'group', '{medium}{test_group}{x}') AS b, source_field('DB2', 'group', '{group}{test_group}{x}') AS d, source_field('DB2', 'test_group', '{group}{test_group}{x}') AS b;
SELECT source_issued('DB02087', '2007-09-15'), source_issued('DB02087', '2016-09-01'), source_issued('DB02087', NULL) AS unknown,
       source_issued('HG9111D', NULL, '{publication:2:letters}{year:2}{month:2}{type:letters}') AS two_digits,
       source_issued('HHDA1XYZ', NULL, '{year:A=2000}{month:A=1}{medium}{theme}{offer}{publication:3}') AS letters,
       source_issued('D200708', NULL, '{medium}{year:4}{month}') AS four_digits, source_issued(NULL, '2007-09-15') AS no_code;
-- and errors that say what to do
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
SELECT query, e.* FROM unnest(ARRAY[
    $$source_issued('DB02137', '2007-09-15')$$, $$source_field('DB02137', 'medium')$$, $$source_field('DBO2087', 'list')$$,
    $$source_field('DB0208', 'list')$$, $$source_field('D', 'list')$$, $$source_field('DB02087', 'test')$$, $$source_field('DB2', 'test_group', '{medium}{x}{list:1}')$$,
    $$source_field('9B02087', 'list')$$, $$source_field('XD2087', 'a', 'Y{a:5}')$$, $$source_field('ABC', 'a', 'ABC')$$,
    $$source_issued('D000008', NULL, '{medium}{year:4}{month}')$$, $$source_issued('DM', NULL, '{medium}{month:A=1}')$$,
    $$source_issued('DM7', '2007-01-01', '{medium}{month:A=1}{year:1}')$$, $$source_field('A1', 'check', '{a}{check}')$$]) query,
    LATERAL pg_temp.error_of('SELECT ' || query) e;
\x off
