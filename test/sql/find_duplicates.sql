-- find_duplicates, find_matches, linkage_model: arguments, results that explain themselves, properties
SET search_path = public, dupex;
SET extra_float_digits = 0;
SET jit = off;
CREATE SCHEMA linkage;

CREATE TABLE linkage.person (id bigint PRIMARY KEY, name text, email text, phone text, birthday date);
INSERT INTO linkage.person
SELECT i, (ARRAY['Anna','Hans','Maria','Peter','Julia','Thomas','Sarah'])[1 + i % 7] || ' ' || (ARRAY['Hof','Berg','Stein','Wald','Lind'])[1 + i % 5] || (ARRAY['mann','er','bach','feld'])[1 + i / 35 % 4],
       'p' || i * 7919 % 10007 || '@example.com', '138' || lpad((i * 104729 % 100000007)::text, 8, '0'), date '1950-01-01' + (i * 7919 % 20000)
  FROM generate_series(1, 400) i;
-- thirty of them again, written otherwise
INSERT INTO linkage.person
SELECT 1000 + id, CASE id % 3 WHEN 0 THEN split_part(name, ' ', 2) || ', ' || split_part(name, ' ', 1) WHEN 1 THEN upper(name) ELSE overlay(name PLACING 'x' FROM 3 FOR 1) END,
       CASE WHEN id % 5 = 0 THEN NULL ELSE upper(email) END, CASE WHEN id % 4 = 0 THEN NULL ELSE '+86 ' || phone END, birthday
  FROM linkage.person WHERE id <= 30;

-- the pairs, and what is said of one
CREATE TABLE linkage.found AS SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday FROM linkage.person');
SELECT count(*), count(*) FILTER (WHERE record_b::bigint = record_a::bigint + 1000), count(DISTINCT cluster), bool_and(cluster = record_a) FROM linkage.found;
SELECT record_a, record_b, cluster, regexp_replace(reason, '[-+][0-9.]+', '#', 'g') AS reason FROM linkage.found ORDER BY record_a::bigint LIMIT 6;
-- the contributions add up to the weight, exactly and in whatever order; the probability is theirs
SELECT bool_and((SELECT sum(x) FROM unnest(contributions) x) = weight), bool_and((SELECT sum(x ORDER BY x DESC) FROM unnest(contributions) x) = weight),
       bool_and(abs(probability - 1 / (1 + power(2::float8, -weight))) < 1e-15), bool_and(probability >= 0.9), bool_and(cardinality(contributions) = 5) FROM linkage.found;
-- the model in words, its weights in order
CREATE TABLE linkage.kept AS SELECT linkage_model('SELECT id, name, email, phone, birthday FROM linkage.person') AS model;
SELECT model ->> 'status' AS status, model ->> 'message' AS message, (model ->> 'records')::int AS records FROM linkage.kept;
SELECT w.column_name, w.comparator, w.level, round(w.m::numeric, 2) AS m, w.u < 0.01 AS rare FROM linkage.kept, linkage_weights(model) w;
SELECT bool_and(weight >= next) AS better_levels_weigh_more FROM (SELECT w.weight, lead(w.weight) OVER (PARTITION BY w.column_name ORDER BY w.ordinality) AS next FROM linkage.kept, linkage_weights(model) WITH ORDINALITY w) o;
SELECT bool_and(abs(sum_m - 1) < 1e-9 AND abs(sum_u - 1) < 1e-9) AS shares FROM (SELECT sum(m) AS sum_m, sum(u) AS sum_u FROM linkage.kept, linkage_weights(model) GROUP BY column_name) s;
SELECT b.* FROM linkage.kept, linkage_blocking(model) b;
-- a higher threshold: fewer pairs, fewer false ones, more missed; the pairs that find_duplicates returns are these
SELECT t.probability, t.pairs, t.false_matches < 1 AS under_1_false, t.missed < 1 AS under_1_missed FROM linkage.kept, linkage_thresholds(model) t;

-- clusters: every record of a pair once, under the smallest; the rest is left out
INSERT INTO linkage.person SELECT 2001, name, email, phone, NULL FROM linkage.person WHERE id = 1001;
SELECT count(*), count(DISTINCT record), count(DISTINCT cluster), sum(cluster_size) FILTER (WHERE record = cluster) AS members, min(record) FILTER (WHERE cluster_size = 3) AS first_of_three, max(record) FILTER (WHERE cluster_size = 3) AS last_of_three
  FROM duplicate_clusters('SELECT id, name, email, phone, birthday FROM linkage.person');
DELETE FROM linkage.person WHERE id = 2001;

-- the same from the model that was kept, in another order of rows, from parallel workers, at once more
SELECT count(*) AS differences FROM ((SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday FROM linkage.person', model => (SELECT model FROM linkage.kept))) EXCEPT ALL SELECT * FROM linkage.found) d;
SELECT count(*) AS differences FROM ((SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday FROM linkage.person ORDER BY hashint8(id);  ')) EXCEPT ALL SELECT * FROM linkage.found) d;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT count(*) AS differences FROM ((SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday FROM linkage.person')) EXCEPT ALL SELECT * FROM linkage.found) d;
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;
-- a Chinese name that is spread out is the same name
SELECT record_a, record_b, substring(reason, '^[a-z ]+') AS name FROM find_duplicates($$SELECT * FROM (VALUES (1::bigint, '王明', '13800138001'), (2, '王　明', '13800138001'), (3, '阿卜杜拉·买买提', '13800138002'), (4, '阿卜杜拉・买买提', '13800138002'), (5, 'Li Ming', '13800138003'), (6, 'Liming', '13800138003')) v(id, name, phone)$$, min_probability => 0.001);
-- keys that are texts
SELECT count(*), min(record_a), min(cluster) FROM find_duplicates($$SELECT 'r' || lpad(id::text, 4, '0'), name, email, phone, birthday FROM linkage.person$$);

-- comparators by hand, blocking by hand; columns that are only blocked by; neighbours in large blocks, and how many pairs were left out
SELECT count(*) FROM find_duplicates('SELECT id, name AS who, birthday::text AS born, phone AS contact FROM linkage.person', '{"who": ["name", 0.95, 0.9], "born": "birthday", "contact": "phone"}', '{contact,initials(who)+born}');
SELECT count(*) FROM find_duplicates('SELECT id, name, birthday, left(name, 2) AS block_1 FROM linkage.person', max_block => 20);
SELECT b.pass, b.largest_block, b.large_blocks, b.pairs, b.pairs_left_out FROM linkage_blocking(linkage_model('SELECT id, name, birthday, 1 AS block_1 FROM linkage.person', blocking => '{block_1}', max_block => 20)) b;

-- a list against the house file: pairs across only; what they are is the same as within one list
CREATE TABLE linkage.matched AS SELECT * FROM find_matches('SELECT id, name, email, phone, birthday FROM linkage.person WHERE id > 1000', 'SELECT id, name, email, phone, birthday FROM linkage.person WHERE id <= 1000');
SELECT count(*), count(*) FILTER (WHERE record::bigint = house_record::bigint + 1000), bool_and(record::bigint > 1000 AND house_record::bigint <= 1000), bool_and(cluster = record) FROM linkage.matched;
SELECT model ->> 'status' FROM linkage_model('SELECT id, name, email, phone, birthday FROM linkage.person WHERE id > 1000', house_query => 'SELECT id, name, email, phone, birthday FROM linkage.person WHERE id <= 1000') model;

-- a column in which nearly all have the same value says nothing, and learning goes on without it
SELECT model ->> 'status' AS status, (SELECT array_agg(w.weight BETWEEN -1 AND 1) FROM linkage_weights(model) w WHERE w.column_name = 'town') AS says_nothing
  FROM unnest(ARRAY['''Berlin''', 'CASE WHEN id % 50 = 0 THEN ''Potsdam'' ELSE ''Berlin'' END']) town, linkage_model(format('SELECT id, name, email, phone, birthday, %s AS town FROM linkage.person', town), '{"town": "exact"}') model;
-- what speaks against one person: the second record of everybody has another letter, everybody else's mostly the same
SELECT model ->> 'message' AS message FROM linkage_model('SELECT id, name, email, phone, birthday, CASE WHEN id < 31 THEN ''b'' ELSE ''a'' END AS letter FROM linkage.person', '{"letter": "exact"}') model;
-- levels in words, where there is one between same and different
SELECT w.column_name, w.level FROM linkage_weights(linkage_model('SELECT id, name, name AS who, email AS mark, email AS contact FROM linkage.person', '{"name": ["name", 0.9], "who": ["token", 0.5], "mark": ["edit_distance", 1], "contact": ["edit_distance", 3]}')) w WHERE w.level NOT IN ('same', 'different');

-- nothing to learn from, nothing at all
SELECT count(*) FROM find_duplicates('SELECT id, name, email FROM linkage.person WHERE id BETWEEN 31 AND 400');
SELECT count(*) FROM find_duplicates('SELECT id, name, email FROM linkage.person WHERE false');
SELECT count(*) FROM find_duplicates('SELECT id, name, email FROM linkage.person WHERE id = 1');
SELECT count(*) FROM find_duplicates('SELECT id, NULL::text AS name, NULL::text AS email FROM linkage.person');
-- one of two lists empty, or both: nobody of the other is a match
SELECT count(*) FROM find_matches('SELECT id, name, email FROM linkage.person WHERE false', 'SELECT id, name, email FROM linkage.person');
SELECT count(*) FROM find_matches('SELECT id, name, email FROM linkage.person', 'SELECT id, name, email FROM linkage.person WHERE false');
SELECT count(*) FROM find_matches('SELECT id, name, email FROM linkage.person WHERE false', 'SELECT id, name, email FROM linkage.person WHERE false', model => (SELECT linkage_model('SELECT id, name, email FROM linkage.person')));

SELECT model ->> 'status' AS status, model ->> 'records' AS records FROM linkage_model('SELECT id, name, email FROM linkage.person WHERE false') model;

-- errors
SELECT * FROM find_duplicates('SELECT id FROM linkage.person');
SELECT * FROM find_duplicates('DELETE FROM linkage.person');
SELECT * FROM find_duplicates('SELECT 1.5, name FROM linkage.person LIMIT 1');
SELECT * FROM find_duplicates('SELECT 1, name FROM linkage.person');
SELECT * FROM find_duplicates('SELECT NULLIF(id, 5), name FROM linkage.person');
SELECT * FROM find_duplicates(NULL);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', recall => 0);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', max_block => 1);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', max_memory => 0);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', min_probability => 1);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', country => NULL);
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '["name"]');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"nam": "name"}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"name": "names"}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"name": 1}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"name": ["name", 0.8, 0.9]}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"name": ["exact", 0.8]}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', '{"name": {"kind": "name"}}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', blocking => '{}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', blocking => '{nobody}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', blocking => '{vowels(name)}');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', sounds => 'linkage.person');
SELECT * FROM find_duplicates('SELECT id, name FROM linkage.person', model => '{}');
SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday AS born FROM linkage.person', model => (SELECT model FROM linkage.kept));
SELECT * FROM find_duplicates('SELECT id, name, email, phone, birthday FROM linkage.person', '{"birthday": "id"}', model => (SELECT model FROM linkage.kept));
SELECT * FROM find_matches('SELECT id, name FROM linkage.person', 'SELECT id, name, email FROM linkage.person');
SELECT * FROM find_matches('SELECT id, name FROM linkage.person', NULL);

SET client_min_messages = warning;
DROP SCHEMA linkage CASCADE;
