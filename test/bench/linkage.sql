-- Duplicates among people who are there once, twice or three times (test/bench/people.sql), with all that
-- find_duplicates() does: read, learn, weigh, cluster. Beside it what is written by hand: joins by the same
-- keys, points for what agrees, levenshtein() of fuzzystrmatch for names. What both find is printed, and the
-- memory that a server process has come to.
SET client_min_messages = warning;
\ir people.sql
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
SET search_path = generator, public, dupex;
CREATE UNLOGGED TABLE bench.person AS SELECT record, entity, name, email, phone, birthday, address FROM people(:size * 100 / 120);
VACUUM ANALYZE bench.person;
-- read and folded beforehand: that is not counted
CREATE UNLOGGED TABLE bench.tidy AS
SELECT record, lower(name) AS name, lower(email) AS email, translate(phone, ' -', '') AS phone, birthday, translate(address, ' ,-', '') AS address FROM bench.person;
VACUUM ANALYZE bench.tidy;
CREATE VIEW bench.by_hand AS
WITH pair AS (SELECT a.record AS a, b.record AS b FROM bench.tidy a JOIN bench.tidy b ON a.email = b.email AND a.record < b.record
              UNION SELECT a.record, b.record FROM bench.tidy a JOIN bench.tidy b ON a.phone = b.phone AND a.record < b.record
              UNION SELECT a.record, b.record FROM bench.tidy a JOIN bench.tidy b ON a.address = b.address AND a.record < b.record
              UNION SELECT a.record, b.record FROM bench.tidy a JOIN bench.tidy b ON a.birthday = b.birthday AND left(a.name, 1) = left(b.name, 1) AND a.record < b.record)
SELECT a::text AS record_a, b::text AS record_b
  FROM pair JOIN bench.tidy x ON x.record = pair.a JOIN bench.tidy y ON y.record = pair.b
 WHERE CASE WHEN levenshtein(x.name, y.name) = 0 THEN 3 WHEN levenshtein(x.name, y.name) <= 2 THEN 2 ELSE -2 END + CASE WHEN x.email = y.email THEN 4 ELSE 0 END
       + CASE WHEN x.phone = y.phone THEN 2 ELSE 0 END + CASE WHEN x.birthday = y.birthday THEN 3 WHEN x.birthday <> y.birthday THEN -2 ELSE 0 END + CASE WHEN x.address = y.address THEN 1 ELSE 0 END >= 5;
SELECT bench.compare('find_duplicates', :size, '{dupex,joins and points}', ARRAY[
    'SELECT count(*) FROM find_duplicates(''SELECT record, name, email, phone, birthday, address FROM bench.person'')', 'SELECT count(*) FROM bench.by_hand'], :size, repetitions => 1);
\c -
SET client_min_messages = warning;
SET jit = off;
SET search_path = generator, public, dupex;
SELECT count(*) > 0 AS found FROM find_duplicates('SELECT record, name, email, phone, birthday, address FROM bench.person') \gset
SELECT format('    memory of a server process of its own at most %s MB, without shared buffers', ((regexp_match(status, 'VmHWM:\s*(\d+)'))[1]::int - (regexp_match(status, 'RssShmem:\s*(\d+)'))[1]::int) / 1024)
  FROM pg_read_file('/proc/self/status', 0, 4000, true) status;
SELECT format('    of %s pairs: %s by dupex (F %s), %s by hand (F %s)', q.true_pairs, q.right_pairs, round(q.f::numeric, 4), h.right_pairs, round(h.f::numeric, 4))
  FROM generator.quality('bench.person', 'SELECT * FROM find_duplicates(''SELECT record, name, email, phone, birthday, address FROM bench.person'')') q, generator.quality('bench.person', 'SELECT * FROM bench.by_hand') h;
SELECT bench.compare('find_matches, a tenth of them against all', :size, '{dupex}', ARRAY[
    'SELECT count(*) FROM find_matches(''SELECT record, name, email, phone, birthday, address FROM bench.person WHERE record % 10 = 1'', ''SELECT record, name, email, phone, birthday, address FROM bench.person WHERE record % 10 <> 1'')'], :size, repetitions => 1);
DROP VIEW bench.by_hand;
DROP TABLE bench.person, bench.tidy;
DROP SCHEMA generator CASCADE;
