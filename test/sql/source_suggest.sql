-- source_suggest: registered codes ranked by their distance from a quoted one
SET search_path = public, dupex;

-- one error of each kind, and what is said of it
SELECT quoted, s.* FROM (VALUES
    ('DB02087'), ('db-02 087'), ('DBO2087'), ('DB02037'), ('DB02097'), ('DB20087'), ('DB0287'), ('DB020877'), ('XDB02087'), ('B02087'),
    ('DB02_87'), ('DB02087!'), ('DB02078'), ('BD02087'), ('DBO2O97'), ('DBO2IO8?7'), ('0BO2O87'), ('数B02087'), ('ＤＢ０２０９７')) v(quoted),
  LATERAL source_suggest(quoted, ARRAY['DB02087']::source_code[]) s;
-- far away
SELECT left(quoted, 30) AS quoted, s.* FROM (VALUES ('A'), ('QWXYZJK'), ('123456789012'), (repeat('X', 1000000)), ('DB02087 or so, she said')) v(quoted),
  LATERAL source_suggest(quoted, ARRAY['DB02087']::source_code[]) s;
-- ranking: look-alike before similar before swapped before wrong; equal ones in the order of the codes, each once
SELECT * FROM source_suggest('DB02081', ARRAY['DB02087', 'DBO2081', 'DB02082', 'DB02018', 'DB0208', 'TB02081', NULL, 'DB02082', 'DB02087', 'DB0208L', 'ZZZ']::source_code[], NULL);
SELECT * FROM source_suggest('DB02081', ARRAY['DB02087', 'DBO2081', 'DB02082', 'DB02018', 'DB0208', 'TB02081', NULL, 'DB02082', 'DB02087', 'DB0208L', 'ZZZ']::source_code[]);
SELECT * FROM source_suggest('DB02081', ARRAY['DB02081', 'DBO2081', 'DB02081']::source_code[], 2);
-- nothing to suggest
SELECT count(*) FROM source_suggest(NULL, ARRAY['A']::source_code[]);
SELECT count(*) FROM source_suggest('A', NULL);
SELECT count(*) FROM source_suggest('A', ARRAY[]::source_code[]);
SELECT count(*) FROM source_suggest('A', ARRAY[NULL]::source_code[]);
SELECT count(*) FROM source_suggest(' -', ARRAY['A']::source_code[]);
SELECT count(*) FROM source_suggest('?!', ARRAY['A']::source_code[]);
SELECT count(*) FROM source_suggest('A', ARRAY['A']::source_code[], 0);
SELECT count(*) FROM source_suggest('A', ARRAY['A']::source_code[], -1);
SELECT count(*) FROM source_suggest('A', ARRAY[['A','B'],['C','D']]::source_code[], 9);

-- the distance, worked out by the textbook program over the whole table
CREATE FUNCTION pg_temp.plain_distance(q text, c text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    d numeric[];
    w int := length(c) + 1;
    a text; b text; cost numeric;
BEGIN
    FOR i IN 0 .. length(q) LOOP
        FOR j IN 0 .. length(c) LOOP
            a := substr(q, i, 1); b := substr(c, j, 1);
            cost := CASE WHEN a = b THEN 0
                WHEN least(a, b) || greatest(a, b) IN ('0O', '1I', '1L', 'IL', '2Z', '5S', '6G', '8B') THEN 0.2
                WHEN least(a, b) || greatest(a, b) IN ('0D', '0Q', 'DO', 'OQ', '17', '7T', '4A', '38', '3B', 'CG', 'UV', 'VY', 'MN', 'PR', 'EF', '69', '9G', 'KX') THEN 0.6
                ELSE 1 END;
            d[i * w + j] := CASE
                WHEN i = 0 THEN j WHEN j = 0 THEN i
                ELSE least(d[(i - 1) * w + j] + 1, d[i * w + j - 1] + 1, d[(i - 1) * w + j - 1] + cost,
                           CASE WHEN i > 1 AND j > 1 AND a = substr(c, j - 1, 1) AND b = substr(q, i - 1, 1) AND a <> b
                                THEN d[(i - 2) * w + j - 2] + 0.7 END) END;
        END LOOP;
    END LOOP;
    RETURN d[length(q) * w + length(c)];
END $$;
CREATE TABLE source_suggest_code AS
SELECT i, left(translate(upper(md5(i::text)), '3479CDEF', 'OILBSZ0D'), 2 + i % 6)::source_code AS code FROM generate_series(1, 400) i;
CREATE TABLE source_suggest_rank AS
SELECT q.i, q.quoted, s.*, row_number() OVER (PARTITION BY q.i ORDER BY s.ordinality) AS n
  FROM (SELECT i, left(translate(upper(md5((-i)::text)), '3479CDEF', 'OILBSZ0D'), 2 + i % 7) AS quoted FROM generate_series(1, 40) i) q,
       LATERAL source_suggest(q.quoted, (SELECT array_agg(code) FROM source_suggest_code), NULL) WITH ORDINALITY s;
SELECT count(*), count(*) FILTER (WHERE distance <> pg_temp.plain_distance(quoted, code::text)::float8) AS wrong,
       count(*) FILTER (WHERE (repair IS NULL) <> (distance = 0)) AS wrong_repair,
       count(DISTINCT code) = (SELECT count(DISTINCT code) FROM source_suggest_code) AS each_once
  FROM source_suggest_rank;
-- in order; and a few results are the first of all
SELECT count(*) FILTER (WHERE distance < before OR (distance = before AND code < code_before)) AS out_of_order
  FROM (SELECT *, lag(distance) OVER w AS before, lag(code) OVER w AS code_before FROM source_suggest_rank WINDOW w AS (PARTITION BY i ORDER BY n)) x;
SELECT max_results, count(*) FILTER (WHERE r.code = s.code AND r.distance = s.distance AND r.repair IS NOT DISTINCT FROM s.repair) AS same, count(*) AS rows
  FROM (VALUES (1), (3), (17), (100)) v(max_results), (SELECT DISTINCT i, quoted FROM source_suggest_rank) q,
       LATERAL source_suggest(q.quoted, (SELECT array_agg(code ORDER BY i * 7 % 400) FROM source_suggest_code), max_results) WITH ORDINALITY s
  LEFT JOIN source_suggest_rank r ON r.n = s.ordinality WHERE r.i = q.i
 GROUP BY 1 ORDER BY 1;
DROP TABLE source_suggest_code, source_suggest_rank;

-- from 100,000 candidates: for every code with one wrong character the right one is first
SELECT count(*), count(*) FILTER (WHERE s.code = wanted) AS found
  FROM (SELECT array_agg(code) AS all_codes FROM (SELECT format('D%s%s08%s', substr('ABCDEFGHJK', 1 + i % 10, 1), lpad((i / 10 * 37 % 1000)::text, 3, '0'), i / 10000)::source_code AS code
          FROM generate_series(0, 99999) i) x) a,
       LATERAL (SELECT ord, c AS wanted, overlay(c::text PLACING 'W' FROM 1 + ord::int % 2 FOR 1) AS quoted
                  FROM unnest(all_codes) WITH ORDINALITY u(c, ord) WHERE ord % 10007 = 1 AND ord % 2 = 0) w,
       LATERAL source_suggest(quoted, all_codes, 1) s;
