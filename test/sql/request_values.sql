-- jsonb_hash_values() against the same in SQL: random documents, and cases by hand.
SET search_path = public, dupex;
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE FUNCTION hash_values_oracle(document jsonb, seed text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(e.key, jsonb_hash_extended(e.value, hashtextextended(seed, 0))), '{}') FROM jsonb_each(jsonb_strip_nulls(document)) e
$$;

-- what is null does not count, at any depth of objects; in an array it does
SELECT d.document, (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(jsonb_hash_values(d.document, 'k')) k) AS keys,
       jsonb_hash_values(d.document, 'k') = hash_values_oracle(d.document, 'k') AS is_right
  FROM (VALUES ('{}'::jsonb), ('{"a": null}'), ('{"a": 1, "b": "x", "c": true, "d": null}'), ('{"a": {"b": null, "c": [1, null, {"d": null}]}, "e": [], "f": {}}'),
               ('{"": "", "ä": "ö", "long": "0123456789012345678901234567890123456789"}')) d (document);
SELECT jsonb_hash_values('{"a": {"b": null}}', 'k') = jsonb_hash_values('{"a": {}}', 'k') AS null_within_object_counts_not,
       jsonb_hash_values('{"a": [null]}', 'k') = jsonb_hash_values('{"a": []}', 'k') AS null_within_array_counts_not,
       jsonb_hash_values('{"a": 1.0}', 'k') = jsonb_hash_values('{"a": 1}', 'k') AS same_number,
       jsonb_hash_values('{"a": "1"}', 'k') = jsonb_hash_values('{"a": 1}', 'k') AS same_text_and_number,
       jsonb_hash_values('{"a": 1}', 'k') = jsonb_hash_values('{"a": 1}', 'l') AS same_for_other_seed,
       jsonb_hash_values(NULL, 'k') IS NULL AND jsonb_hash_values('{}', NULL) IS NULL AS null_is_null;

-- 2,000 documents of 0 to 30 keys, values of all kinds, some nested
SELECT count(*) AS documents, count(*) FILTER (WHERE jsonb_hash_values(d.document, d.n::text) IS DISTINCT FROM hash_values_oracle(d.document, d.n::text)) AS wrong
  FROM (SELECT n, (SELECT coalesce(jsonb_object_agg('key ' || hashint8(n * 100 + i) % 50,
                              CASE hashint8(n * 1000 + i) % 7 WHEN 0 THEN to_jsonb(n * i) WHEN 1 THEN to_jsonb(n / 7.0 + i) WHEN 2 THEN 'null' WHEN 3 THEN to_jsonb(repeat('x', i * 10))
                                   WHEN 4 THEN jsonb_build_object('a', n, 'b', NULL, 'c', jsonb_build_array(i, NULL)) WHEN 5 THEN jsonb_build_array(n, 'x', jsonb_build_object('z', NULL)) ELSE to_jsonb(n % 2 = 0) END), '{}')
                     FROM generate_series(1, n % 31) i) AS document
          FROM generate_series(1, 2000) n) d;

SELECT jsonb_hash_values('[1]', 'k');
SELECT jsonb_hash_values('1', 'k');
DROP FUNCTION hash_values_oracle(jsonb, text);

-- jsonb_build_present(): jsonb_build_object() without what is null
CREATE DOMAIN a_number AS numeric(9, 2);
SELECT jsonb_build_present('a', 1, 'b', NULL, 'c', NULL::text, 'd', 'x', 'e', 'y'::text, 'f', now() > '2000-01-01', 'g', 1.50, 'h', '{"z": null, "a": [1, null]}'::jsonb, 'i', 'null'::jsonb,
                           'j', ARRAY[1, NULL], 'k', ROW(1, NULL), 'l', '2026-03-29 01:30+00'::timestamptz AT TIME ZONE 'UTC', 'm', date '2026-02-28', 'n'::text, 3::a_number,
                           'o', 'DB02087'::source_code, 'p', '{"b":1, "b":2}'::json, 'a', 'the last one counts');
SELECT jsonb_build_present('a', NULL) AS nothing_present;
SELECT count(*) AS documents, count(*) FILTER (WHERE jsonb_build_present('n', n, 't', t, 'b', b, 'd', d, 'm', m, 'j', j, 'f', f)
                                                     IS DISTINCT FROM (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(jsonb_build_object('n', n, 't', t, 'b', b, 'd', d, 'm', m, 'j', j, 'f', f)) e WHERE e.value <> 'null')) AS wrong
  FROM (SELECT n, CASE WHEN n % 2 = 0 THEN repeat(chr(n), n % 40) END AS t, CASE WHEN n % 3 > 0 THEN n % 5 > 1 END AS b, CASE WHEN n % 7 > 0 THEN date '2026-01-01' + n END AS d,
               CASE WHEN n % 11 > 0 THEN n / 7.0 END AS m, CASE n % 4 WHEN 0 THEN to_jsonb(n) WHEN 1 THEN 'null' WHEN 2 THEN jsonb_build_array(n, NULL) END AS j,
               CASE WHEN n % 5 > 0 THEN n / 3.0::float8 END AS f
          FROM generate_series(1, 2000) n) r;
SELECT jsonb_build_present('a', 1, 'b');
SELECT jsonb_build_present(VARIADIC ARRAY['a', 'b']);
SELECT jsonb_build_present('a', 1, NULL, 2);
SELECT jsonb_build_present(1, 2);
DROP DOMAIN a_number;
