-- Duplicates with known truth are found: people with and without a number of identity, firms; and what is learnt
-- of them is what the definitions say. The people come from test/bench/people.sql.
\set ECHO errors
SET client_min_messages = warning;
\getenv folder PG_ABS_SRCDIR
\set people :folder '/bench/people.sql'
\i :people
\set ECHO all
SET search_path = generator, public, dupex;
SET extra_float_digits = 0;
CREATE TABLE person AS SELECT * FROM people(5000);
CREATE TABLE firm AS SELECT * FROM firms(1500);
ANALYZE person, firm;
SELECT (SELECT count(*) FROM person) AS people, (SELECT count(*) FROM firm) AS firms;

-- goals: F of at least .999 where there is a number of identity, .99 without, .90 for names and addresses of firms; nothing collapses
CREATE FUNCTION trial(truth text, query text, OUT pairs_f float8, OUT clusters_f float8, OUT precise boolean) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DROP TABLE IF EXISTS found';
    CREATE TABLE found AS SELECT * FROM find_duplicates(query, sounds => 'sound');
    SELECT q.f, q.right_pairs >= 0.98 * q.pairs_found INTO pairs_f, precise FROM quality(truth, 'SELECT * FROM found') q;
    SELECT q.f INTO clusters_f FROM quality(truth, $q$SELECT * FROM cluster_pairs('found')$q$) q;
END
$$;
SELECT clusters_f >= 0.999 AS clusters, pairs_f >= 0.998 AS pairs, precise FROM trial('person', 'SELECT record, name, email, phone, birthday, address, national_id FROM person');
SELECT clusters_f >= 0.90 AS clusters, pairs_f >= 0.90 AS pairs, precise FROM trial('firm', 'SELECT record, company, address FROM firm');
SELECT clusters_f >= 0.99 AS clusters, pairs_f >= 0.99 AS pairs, precise FROM trial('firm', 'SELECT record, company, address, phone FROM firm');
SELECT clusters_f >= 0.99 AS clusters, pairs_f >= 0.985 AS pairs, precise FROM trial('person', 'SELECT record, name, email, phone, birthday, address FROM person');
SELECT model ->> 'status' AS status, (model ->> 'found_pairs')::float8 / truth BETWEEN 0.97 AND 1.03 AS found, (model ->> 'recall_found')::float8 BETWEEN 0.7 AND 0.85 AS recall
  FROM linkage_model('SELECT record, name, email, phone, birthday, address FROM person', sounds => 'sound') model, (SELECT sum(c * (c - 1) / 2) AS truth FROM (SELECT count(*) AS c FROM person GROUP BY entity) n) t;
-- a number that stands for none does not make one person of those who have it, nor is it taken for a household's
CREATE TABLE disguised AS SELECT record, entity, name, CASE WHEN record % 4 = 0 THEN '13800000000' ELSE phone END AS phone, birthday, email FROM person;
SELECT q.f >= 0.97 AS f, q.right_pairs >= 0.99 * q.pairs_found AS precise FROM quality('disguised', $$SELECT * FROM find_duplicates('SELECT record, name, phone, birthday, email FROM disguised', sounds => 'sound')$$) q;
-- those who came again against those who were there first: each of them, and only them
SELECT q.right_pairs >= 0.985 * q.true_pairs AS found, q.right_pairs >= 0.99 * q.pairs_found AS precise
  FROM (SELECT count(*) AS pairs_found, count(*) FILTER (WHERE n.entity = o.entity) AS right_pairs, (SELECT count(*) FROM person WHERE NOT is_original) AS true_pairs
          FROM find_matches('SELECT record, name, email, phone, birthday, address FROM person WHERE NOT is_original', 'SELECT record, name, email, phone, birthday, address FROM person WHERE is_original', sounds => 'sound') m
          JOIN person n ON n.record = m.record::bigint JOIN person o ON o.record = m.house_record::bigint) q;
-- the threshold says what it costs: expected false matches beside those that are
WITH t AS (SELECT a.record::text AS record_a, b.record::text AS record_b FROM person a JOIN person b ON a.entity = b.entity AND a.record < b.record),
     m AS (SELECT x.* FROM linkage_thresholds(linkage_model('SELECT record, name, email, phone, birthday, address FROM person', sounds => 'sound')) x WHERE x.probability = 0.9)
SELECT abs(m.pairs - (SELECT count(*) FROM found)) < 10 AS pairs, abs(m.false_matches - (SELECT count(*) FROM found d WHERE NOT EXISTS (SELECT FROM t WHERE (t.record_a, t.record_b) = (d.record_a, d.record_b)))) < 5 AS false_matches FROM m;
-- a character of the same sound: nearly the same name by the table of sounds, alike at best without it
CREATE TABLE couple (id int, name text, birthday date, phone text);
INSERT INTO couple SELECT e, family || given, birthday, phone FROM (SELECT entity::int AS e, * FROM originals(600, 5) WHERE chinese AND length(given) = 2) o;
INSERT INTO couple SELECT 10000 + id, left(name, 1) || o.other || right(name, 1), birthday, CASE WHEN id % 2 = 0 THEN phone END FROM couple JOIN homophones o ON o.character = substr(name, 2, 1) WHERE id < 200 AND o.other <> o.character;
CREATE FUNCTION found_by(sounds regclass, OUT missed bigint, OUT wrong bigint, OUT nearly_the_same bigint) LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM couple WHERE id > 10000) - count(*) FILTER (WHERE record_a::int + 10000 = record_b::int), count(*) FILTER (WHERE record_a::int + 10000 <> record_b::int),
           count(*) FILTER (WHERE reason LIKE 'name nearly the same%')
      FROM find_duplicates('SELECT id, name, birthday, phone FROM couple', sounds => sounds, model => linkage_model('SELECT record, name, birthday, phone FROM person', sounds => sounds))
$$;
SELECT (SELECT count(*) FROM couple WHERE id > 10000) AS couples, s.*, n.wrong AS wrong_without, n.nearly_the_same AS nearly_the_same_without FROM found_by('sound') s, found_by(NULL) n;

-- clusters against a recursive query: the smallest record that can be reached
WITH RECURSIVE edge AS (SELECT record_a::int AS a, record_b::int AS b FROM found UNION SELECT record_b::int, record_a::int FROM found),
               reached AS (SELECT a AS node, a AS other FROM edge UNION SELECT r.node, e.b FROM reached r JOIN edge e ON e.a = r.other),
               least AS (SELECT node, min(other) AS cluster FROM reached GROUP BY node)
SELECT count(*) > 100 AS pairs, count(*) FILTER (WHERE l.cluster <> f.cluster::int) AS wrong, max(members) > 2 AS chains
  FROM found f JOIN least l ON l.node = f.record_a::int, LATERAL (SELECT count(*) AS members FROM least m WHERE m.cluster = l.cluster) m;

-- the pairs that blocking makes, against a join; and of large blocks: made and left out are all there are
CREATE TABLE thing AS SELECT i AS id, CASE WHEN i % 17 > 0 THEN 'a' || dice(i, 1, 60) END AS a, CASE WHEN i % 11 > 0 THEN 'b' || dice(i, 2, 50) END AS b, 'c' || dice(i, 3, 40) AS c FROM generate_series(1, 400) i;
-- fifty are there again, with one value changed
INSERT INTO thing SELECT 1000 + id, CASE WHEN id % 3 = 0 THEN 'x' || id ELSE a END, CASE WHEN id % 3 = 1 THEN 'x' || id ELSE b END, c FROM thing WHERE id <= 50;
SELECT sum(pairs) AS pairs, (SELECT count(*) FROM thing x JOIN thing y ON x.id < y.id AND (x.a = y.a OR x.b = y.b OR x.c = y.c)) AS joined
  FROM linkage_blocking(linkage_model('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}'));
SELECT pass, pairs + pairs_left_out = (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM thing GROUP BY c) g) AS all_of_them, pairs_left_out > 0 AS some_left_out
  FROM linkage_blocking(linkage_model('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}', '{c}', max_block => 6));
-- pairs of two passes that both have large blocks are made once
SELECT sum(pairs) = (SELECT count(*) FROM find_duplicates('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}', '{c,b}', max_block => 6, min_probability => 1e-12)) AS once
  FROM linkage_blocking(linkage_model('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}', '{c,b}', max_block => 6));

-- levels against the functions of names and addresses, for all pairs of names, firms and words
CREATE TABLE word AS SELECT record, row_number() OVER (ORDER BY record) AS id, name AS jw, name AS edits, address AS tokens, comparison_form(name) AS folded FROM person WHERE record < 300;
CREATE TABLE levels AS SELECT * FROM find_duplicates('SELECT id, jw, jw AS name, edits, tokens, 1 AS block FROM word', '{"jw": "jaro_winkler", "edits": "edit_distance", "tokens": "token"}', '{block}', max_block => 10000, min_probability => 1e-290, sounds => 'sound');
WITH s AS (SELECT jsonb_object_agg(character, sound) AS sounds FROM sound),
     e AS (SELECT l.reason, x.jw IS NOT DISTINCT FROM y.jw AS same, jaro_winkler(x.jw, y.jw) AS jw, name_similarity(x.jw, y.jw, s.sounds) AS name, edit_distance(x.edits, y.edits) AS edits, token_similarity(x.tokens, y.tokens) AS tokens, x.folded = y.folded AS same_form,
                  comparison_form(x.tokens) = comparison_form(y.tokens) AS same_tokens,
                  -- spaces between Chinese characters do not count in names
                  regexp_replace(x.folded, '([一-龥]) (?=[一-龥])', '\1', 'g') = regexp_replace(y.folded, '([一-龥]) (?=[一-龥])', '\1', 'g') AS same_name
             FROM levels l JOIN word x ON x.id = l.record_a::int JOIN word y ON y.id = l.record_b::int, s)
SELECT count(*) = (SELECT count(*) * (count(*) - 1) / 2 FROM word) AS all_pairs,
       count(*) FILTER (WHERE reason NOT LIKE 'jw ' || CASE WHEN same_form THEN 'same' WHEN jw >= .92 THEN 'nearly the same' WHEN jw >= .8 THEN 'alike' ELSE 'different' END || ' (%') AS jw,
       count(*) FILTER (WHERE reason NOT LIKE '%, name ' || CASE WHEN same_name THEN 'same' WHEN name >= .92 THEN 'nearly the same' WHEN name >= .8 THEN 'alike' WHEN name >= .7 THEN 'a little alike' ELSE 'different' END || ' (%') AS name,
       count(*) FILTER (WHERE reason NOT LIKE '%, edits ' || CASE WHEN same_form THEN 'same' WHEN edits <= 1 THEN 'nearly the same' WHEN edits <= 2 THEN 'alike' ELSE 'different' END || ' (%') AS edits,
       count(*) FILTER (WHERE reason NOT LIKE '%, tokens ' || CASE WHEN tokens IS NULL THEN 'missing' WHEN same_tokens THEN 'same (' WHEN tokens >= .8 THEN 'nearly the same (' WHEN tokens >= .5 THEN 'alike (' ELSE 'different (' END || '%') AS tokens,
       count(*) FILTER (WHERE name BETWEEN .7 AND .9) > 100 AS enough FROM e;

-- EM by the definitions, over all pairs one by one
CREATE FUNCTION learn(recall float8) RETURNS TABLE (c int, level int, m float8, u float8) LANGUAGE plpgsql AS $$
DECLARE
    all_pairs float8; certain float8; prior float8; change float8 := 1; found float8;
    m0 float8[] := '{.85,.85,.85}'; u0 float8[]; chance float8[]; seen float8[]; total float8[]; ratio1 float8[]; ratio0 float8[]; x float8; was float8;
BEGIN
    CREATE TEMP TABLE pair AS SELECT ARRAY[x.a = y.a, x.b = y.b, x.c = y.c] AS same FROM thing x JOIN thing y ON x.id < y.id;
    SELECT count(*) INTO all_pairs FROM pair;
    SELECT array_agg(share ORDER BY i) INTO chance FROM (SELECT i, avg(same[i]::int)::float8 AS share FROM pair, generate_series(1, 3) i GROUP BY i) s;
    SELECT sum(n - expected) INTO certain
      FROM (SELECT count(*) AS n, all_pairs * CASE WHEN s[1] THEN chance[1] ELSE 1 END * CASE WHEN s[2] THEN chance[2] ELSE 1 END * CASE WHEN s[3] THEN chance[3] ELSE 1 END AS expected
              FROM (SELECT ARRAY[coalesce(same[1], false), coalesce(same[2], false), coalesce(same[3], false)] AS s FROM pair) p
             WHERE s[1]::int + s[2]::int + s[3]::int >= 2 GROUP BY s) g WHERE expected <= 0.05 * n;
    prior := certain / recall / all_pairs;
    CREATE TEMP TABLE pattern AS SELECT same, count(*)::float8 AS n FROM pair WHERE true = ANY (same) GROUP BY same;
    WHILE change >= 1e-6 LOOP
        FOR i IN 1..3 LOOP
            x := greatest((chance[i] - prior * m0[i]) / (1 - prior), 0.01 * chance[i]);
            u0[i] := x / (x + greatest((1 - chance[i] - prior * (1 - m0[i])) / (1 - prior), 0.01 * (1 - chance[i])));
            ratio1[i] := m0[i] / u0[i]; ratio0[i] := (1 - m0[i]) / (1 - u0[i]);
        END LOOP;
        SELECT array_agg(s ORDER BY i), array_agg(t ORDER BY i) INTO seen, total
          FROM (SELECT i, sum(one) FILTER (WHERE same[i]) AS s, sum(one) FILTER (WHERE same[i] IS NOT NULL) AS t
                  FROM (SELECT same, n * odds / (1 + odds) AS one
                          FROM (SELECT same, n, prior / (1 - prior) * CASE same[1] WHEN true THEN ratio1[1] WHEN false THEN ratio0[1] ELSE 1 END
                                       * CASE same[2] WHEN true THEN ratio1[2] WHEN false THEN ratio0[2] ELSE 1 END * CASE same[3] WHEN true THEN ratio1[3] WHEN false THEN ratio0[3] ELSE 1 END AS odds FROM pattern) o) e,
                       generate_series(1, 3) i GROUP BY i) g;
        change := 0;
        FOR i IN 1..3 LOOP
            was := m0[i];
            m0[i] := (coalesce(seen[i], 0) + 8.5) / (total[i] + 10);
            change := greatest(change, abs(m0[i] - was));
        END LOOP;
    END LOOP;
    FOR i IN 1..3 LOOP
        x := greatest((chance[i] - prior * m0[i]) / (1 - prior), 0.01 * chance[i]);
        u0[i] := x / (x + greatest((1 - chance[i] - prior * (1 - m0[i])) / (1 - prior), 0.01 * (1 - chance[i])));
        RETURN QUERY VALUES (i, 0, m0[i], u0[i]), (i, 1, 1 - m0[i], 1 - u0[i]);
    END LOOP;
END
$$;
SELECT max(abs(w.m - l.m)) < 1e-9 AS m, max(abs(w.u - l.u)) < 1e-9 AS u, max(abs(w.weight - log(2, (l.m / l.u)::numeric)::float8)) < 1e-5 AS weight, count(*), round(min(l.m) FILTER (WHERE l.level = 0)::numeric, 2) AS least_m
  FROM learn(0.5) l
  JOIN (SELECT *, ((ordinality - 1) / 2 + 1)::int AS c, ((ordinality - 1) % 2)::int AS no
          FROM linkage_weights(linkage_model('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}', recall => 0.5)) WITH ORDINALITY) w ON w.c = l.c AND w.no = l.level;
SELECT model ->> 'status' AS status FROM linkage_model('SELECT id, a, b, c FROM thing', '{"a": "exact", "b": "exact", "c": "exact"}', recall => 0.5) model;
-- what has collapsed says so and is not used: two columns that say the same of everybody, and of no person
SELECT model ->> 'status' AS status, model ->> 'message' AS message
  FROM linkage_model($$SELECT i AS id, 'g' || i % 60 AS a, 'h' || i % 60 AS b, 'k' || i % 7 AS c FROM generate_series(1, 1200) i$$, '{"a": "exact", "b": "exact", "c": "exact"}', recall => 1) model;

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA generator CASCADE;
