-- Merge/purge: a bought list as it came is cleaned, compared with a house file five times as large and with a
-- stop list, and each of its rows gets its fate; against the same in SQL by hand, with the same keys.
-- size is the number of rows bought.
SET client_min_messages = warning;
SET synchronize_seqscans = off;
CREATE UNLOGGED TABLE bench.house AS
SELECT i AS person, email_match_key('user.' || i || (ARRAY['@qq.com', '@163.com', '@gmail.com', '@foxmail.com', '@example-company.de'])[1 + i % 5]) AS email_key,
       CASE WHEN bench.dice(i, 1, 10) < 7 THEN '+86138' || lpad((CASE WHEN i % 50 = 0 THEN i - 25 ELSE i END)::text, 8, '0') END AS phone_key
  FROM generate_series(1, 5 * :size) i;
-- of ten rows three are of the house, one is there twice, and one of twenty cannot be read; numbers and addresses are written as people do
CREATE UNLOGGED TABLE bench.bought AS
SELECT i AS row_no,
       CASE WHEN bench.dice(i, 2, 20) = 0 THEN 'user' || i || ' at home' WHEN bench.dice(i, 3, 12) > 0
            THEN (ARRAY['', ' ', 'mailto:', ''])[1 + i % 4] || (ARRAY['User.', 'user.'])[1 + i % 2] || who || (ARRAY['@qq.com', '@163.COM', '@gmail.com', '@foxmail.com', '@example-company.de'])[1 + who % 5] END AS email,
       CASE WHEN bench.dice(i, 4, 10) < 6 THEN (ARRAY['138', '138-', '+86 138', '0086138'])[1 + i % 4] || lpad((CASE WHEN bench.dice(i, 5, 40) = 0 THEN who + 1 ELSE who END)::text, 8, '0') END AS phone
  FROM (SELECT i, CASE WHEN bench.dice(i, 6, 10) < 3 THEN 1 + bench.dice(i, 7, 5 * :size) WHEN bench.dice(i, 8, 10) = 0 THEN 5 * :size + bench.dice(i, 9, :size) ELSE 6 * :size + i END AS who FROM generate_series(1, :size) i) d;
CREATE UNLOGGED TABLE bench.stop AS
SELECT i AS row_no, email_match_key('user.' || bench.dice(i, 10, 7 * :size) + 1 || '@qq.com') AS email_key, CASE WHEN i % 3 = 0 THEN '+86138' || lpad((bench.dice(i, 11, 7 * :size) + 1)::text, 8, '0') END AS phone_key FROM generate_series(1, :size / 5) i;
VACUUM ANALYZE bench.house, bench.bought, bench.stop;
CREATE VIEW bench.cleaned AS
SELECT row_no, email_match_key(email) AS email_key, (phone_normalize(phone)).e164 AS phone_key, coalesce((email_check(email)).ok, false) OR (phone_normalize(phone)).kind = 'mobile' IS TRUE AS is_valid FROM bench.bought;

CREATE FUNCTION bench.purge_by_dupex() RETURNS void LANGUAGE plpgsql AS
$$
BEGIN
    DROP TABLE IF EXISTS bench.by_dupex;
    CREATE UNLOGGED TABLE bench.by_dupex AS
    SELECT row_no, fate, entity, list_count, survivor_list, survivor_row_no FROM merge_purge($query$
        SELECT 'house', person, ARRAY[email_key, phone_key], NULL, true FROM bench.house
        UNION ALL SELECT 'stop', row_no, ARRAY[email_key, phone_key], NULL, true FROM bench.stop
        UNION ALL SELECT 'bought', row_no, ARRAY[email_key, phone_key], NULL, is_valid FROM bench.cleaned $query$, '{house}', '{stop}', result_lists => '{bought}');
END
$$;

-- Labels of rows and keys take the least of each other until nothing changes; only keys of several rows are looked at.
CREATE FUNCTION bench.purge_by_hand() RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    changed bigint;
BEGIN
    DROP TABLE IF EXISTS bench.by_hand, everybody, shared, label;
    CREATE TEMP TABLE everybody AS
    SELECT *, row_number() OVER (ORDER BY class, list, row_no) AS place
      FROM (SELECT 0 AS class, 'stop' AS list, row_no, email_key, phone_key, true AS is_valid FROM bench.stop UNION ALL SELECT 1, 'house', person, email_key, phone_key, true FROM bench.house
            UNION ALL SELECT 2, 'bought', row_no, email_key, phone_key, is_valid FROM bench.cleaned) r;
    CREATE TEMP TABLE shared AS
    WITH key AS (SELECT place, 1 AS kind, email_key AS key FROM everybody WHERE is_valid AND email_key IS NOT NULL UNION ALL SELECT place, 2, phone_key FROM everybody WHERE is_valid AND phone_key IS NOT NULL)
    SELECT k.place, dense_rank() OVER (ORDER BY k.kind, k.key) AS key_no FROM key k JOIN (SELECT kind, key FROM key GROUP BY kind, key HAVING count(*) > 1) s USING (kind, key);
    CREATE TEMP TABLE label AS SELECT DISTINCT place, place AS entity FROM shared;
    ANALYZE everybody, shared, label;
    LOOP
        UPDATE label l SET entity = n.entity
          FROM (SELECT s.place, min(k.entity) AS entity FROM shared s JOIN (SELECT s.key_no, min(l.entity) AS entity FROM shared s JOIN label l USING (place) GROUP BY s.key_no) k USING (key_no) GROUP BY s.place) n
         WHERE n.place = l.place AND n.entity < l.entity;
        GET DIAGNOSTICS changed = ROW_COUNT;
        EXIT WHEN changed = 0;
    END LOOP;
    CREATE UNLOGGED TABLE bench.by_hand AS
    WITH row AS (SELECT e.list, e.class, e.row_no, e.place, CASE WHEN e.is_valid THEN coalesce(l.entity, e.place) END AS entity FROM everybody e LEFT JOIN label l USING (place)),
         -- what nobody shares stands for itself
         group_of AS (SELECT entity, min(class) AS best, count(DISTINCT list) FILTER (WHERE class > 0) AS list_count FROM row WHERE entity IN (SELECT entity FROM label) GROUP BY entity)
    SELECT r.row_no, CASE WHEN r.entity IS NULL THEN 'invalid' WHEN r.nth > 1 THEN 'intra' WHEN g.best = 0 THEN 'suppressed' WHEN r.place <> r.entity THEN 'inter' ELSE 'net' END AS fate,
           r.entity, CASE WHEN r.entity IS NOT NULL THEN coalesce(g.list_count, 1)::int END AS list_count, s.list AS survivor_list, s.row_no AS survivor_row_no
      FROM (SELECT *, row_number() OVER (PARTITION BY list, entity ORDER BY row_no) AS nth FROM row WHERE class = 2) r LEFT JOIN group_of g USING (entity)
           LEFT JOIN everybody s ON s.place = r.entity AND r.place <> r.entity AND s.class > 0;
END
$$;
SELECT bench.compare('list cleaned, merged with a house of 5 times as many', :size, '{dupex,SQL by hand}', ARRAY['SELECT bench.purge_by_dupex()', 'SELECT bench.purge_by_hand()'], :size * 31 / 5, NULL, CASE WHEN :size > 200000 THEN 1 ELSE 2 END);
SELECT CASE WHEN count(*) = 0 THEN '  results are equal: ' || (SELECT string_agg(fate || ' ' || n, ', ' ORDER BY n DESC) FROM (SELECT fate, count(*) AS n FROM bench.by_dupex GROUP BY fate) f) ELSE '  RESULTS DIFFER IN ' || count(*) || ' ROWS' END
  FROM ((TABLE bench.by_dupex EXCEPT TABLE bench.by_hand) UNION ALL (TABLE bench.by_hand EXCEPT TABLE bench.by_dupex)) x;

-- what a process takes at its highest, above what it begins with: in a session of its own
\connect -
SET client_min_messages = warning;
CREATE FUNCTION bench.memory(field text) RETURNS float8 LANGUAGE sql AS
$$
    SELECT substring(pg_read_file('/proc/self/status', 0, 10000, true) FROM field || ':\s*(\d+)')::float8 / 1024
$$;
SELECT bench.memory('VmSize') AS before \gset
SELECT bench.purge_by_dupex() \g /dev/null
SELECT format('  memory at its highest, above that of the session: %s MB', round((bench.memory('VmPeak') - :before)::numeric));

-- the matrix of 100 lists that overlap at random
CREATE UNLOGGED TABLE bench.on_list AS SELECT 'list ' || bench.dice(i, 21, 100) AS list, bench.dice(i, 22, :size / 3) AS entity FROM generate_series(1, :size) i;
VACUUM ANALYZE bench.on_list;
SELECT bench.compare('list_overlap of 100 lists', :size, '{dupex,self-join}', ARRAY['SELECT count(*) FROM list_overlap(''SELECT list, entity FROM bench.on_list'')',
    'SELECT count(*) FROM (SELECT a.list, b.list, count(*) FROM (SELECT DISTINCT list, entity FROM bench.on_list) a JOIN (SELECT DISTINCT list, entity FROM bench.on_list) b USING (entity) GROUP BY a.list, b.list) x'], :size, NULL, 2);
DROP TABLE bench.house, bench.bought, bench.stop, bench.by_dupex, bench.by_hand, bench.on_list CASCADE;
DROP FUNCTION bench.purge_by_dupex, bench.purge_by_hand, bench.memory;
