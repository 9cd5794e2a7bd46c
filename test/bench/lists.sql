-- A bought list imported against a house five times as large, and two strikes over touches: the whole
-- of it, as it runs. size is the number of rows of the file.
SET client_min_messages = warning;
SELECT install('lists_bench') IS NOT NULL AS installed \gset
SET search_path = lists_bench, public, bench, dupex;
INSERT INTO list (list, name, kind, origin) VALUES ('21', 'bought', 'external', 'bought'), ('22', 'bought, too', 'external', 'bought');
INSERT INTO customer (customer_id, kind, entered_as, name)
SELECT i, CASE WHEN i % 2 = 0 THEN 'internal' ELSE 'external' END, 'external', 'person ' || i FROM generate_series(1, 5 * :size::bigint) i;
SELECT setval(pg_get_serial_sequence('customer', 'customer_id'), 5 * :size) > 0 AS set \gset
INSERT INTO contact_point (customer_id, kind, value)
SELECT i, k.kind, k.value FROM generate_series(1, 5 * :size::bigint) i, LATERAL (VALUES ('email', 'person.' || i || '@' || (ARRAY['qq.com', '163.com', 'example-mail.com'])[1 + i % 3]), ('mobile', '138' || lpad(i::text, 8, '0'))) k (kind, value);
SELECT hash_contact_points() > 0 AS hashed \gset
-- of ten rows one is in the house, one repeats another, one has a slip, one has no address that can be used; one in a hundred is suppressed
CREATE UNLOGGED TABLE bench.sheet AS
SELECT 'person ' || p AS name, CASE WHEN i % 10 = 3 THEN 'person.' || p || '@gmial.com' WHEN i % 10 = 4 THEN 'person ' || p ELSE 'Person.' || p || '@' || (ARRAY['qq.com', '163.com', 'example-mail.com'])[1 + p % 3] END AS email,
       CASE WHEN i % 10 = 4 THEN '12' ELSE '+86 138 ' || lpad(p::text, 8, '0') END AS mobile
  FROM (SELECT i, CASE i % 10 WHEN 1 THEN i WHEN 2 THEN 10000000 + i - 1 + 4 ELSE 10000000 + i END AS p FROM generate_series(1, :size) i) r;
SELECT count(*) FROM (SELECT add_suppression('email', email, 'opted out') FROM bench.sheet WHERE email LIKE '%00@%' LIMIT 2000) s \gset suppressed_
ANALYZE bench.sheet;
VACUUM ANALYZE contact_point;
VACUUM ANALYZE customer;
SELECT bench.compare('import_list, one in ten known', :size, '{dupex}', ARRAY[$$SELECT import_list('21', 'bench.sheet')$$], :size, repetitions => 1);
SELECT bench.compare('import_list of the same file', :size, '{dupex}', ARRAY[$$SELECT import_list('21', 'bench.sheet')$$], :size, repetitions => 1);
SELECT bench.compare('import_list, everybody known', :size, '{dupex}', ARRAY[$$SELECT import_list('22', 'bench.sheet')$$], :size, repetitions => 1);
-- touches: three for each person of the house, in two mailings and a third to half of them
INSERT INTO source (source_code, list) VALUES ('DA21016', '21'), ('DA21026', '21');
INSERT INTO touch (customer_id, source_code, sent_at) SELECT i, c, '2026-01-10'::timestamptz + n * interval '1 month' FROM (VALUES ('DA21016'::source_code, 0), ('DA21026', 1), ('DA21026', 2)) k (c, n), generate_series(1, 5 * :size::bigint) i ORDER BY n, i;
VACUUM ANALYZE touch;
SELECT bench.compare('apply_two_strikes, everybody', 15 * :size, '{dupex}', ARRAY[$$SELECT apply_two_strikes('2026-06-01', anew => true)$$], 15 * :size, repetitions => 2);
SELECT bench.compare('apply_two_strikes, 1 in 1,000 people have something new', 15 * :size, '{dupex}', ARRAY[$$SELECT apply_two_strikes('2026-06-01')$$], 5 * :size / 1000,
    ARRAY[$$INSERT INTO touch (customer_id, source_code, sent_at) SELECT i * 1000 + 1, 'DA21026', '2026-05-01' FROM generate_series(0, (SELECT count(*) / 1000 - 1 FROM customer)) i$$], 3);
SELECT bench.compare('retire_lists', 15 * :size, '{dupex}', ARRAY[$$SELECT retire_lists('2026-06-01')$$], 15 * :size, repetitions => 1);
SET search_path = public, bench, dupex;
DROP TABLE bench.sheet;
SELECT uninstall('lists_bench', drop_data => true) IS NOT NULL AS uninstalled \gset
