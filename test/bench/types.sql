-- source_code against bigint and text: each type has tables of its own, of equal shape.
--   fact_$  (v, id)  :size rows of 20,000 different values
--   key_$   (v, id)  :size different values
--   dim_$   (v, id)  the 20,000 values
-- c source_code, n bigint of seven digits, t text COLLATE "C", u text COLLATE "en-x-icu"
SET client_min_messages = warning;
\set codes :folder '/bench_codes'
\set digits :folder '/bench_digits'

CREATE UNLOGGED TABLE bench.drawn AS
SELECT i AS id, bench.dice(i, 1, 20000) * 405 AS fact, i * (8112000 / :size) AS key
  FROM generate_series(0::bigint, :size - 1) i ORDER BY bench.dice(i, 2, 1000000000);
CREATE UNLOGGED TABLE bench.fact_t AS SELECT bench.code_text(fact) COLLATE "C" AS v, id FROM bench.drawn;
CREATE UNLOGGED TABLE bench.key_t AS SELECT bench.code_text(key) COLLATE "C" AS v, id FROM bench.drawn;
CREATE UNLOGGED TABLE bench.dim_t AS SELECT bench.code_text(i * 405) COLLATE "C" AS v, i AS id FROM generate_series(0::bigint, 19999) i ORDER BY bench.dice(i, 3, 1000000000);
CREATE UNLOGGED TABLE bench.fact_n AS SELECT 1000000 + fact AS v, id FROM bench.drawn;
CREATE UNLOGGED TABLE bench.key_n AS SELECT 1000000 + key AS v, id FROM bench.drawn;
CREATE UNLOGGED TABLE bench.dim_n AS SELECT 1000000 + i * 405 AS v, i AS id FROM generate_series(0::bigint, 19999) i ORDER BY bench.dice(i, 3, 1000000000);
CREATE UNLOGGED TABLE bench.digits_t AS SELECT v::text COLLATE "C" AS v, id FROM bench.fact_n;
DROP TABLE bench.drawn;
SELECT format('CREATE UNLOGGED TABLE bench.%s_c AS SELECT v::source_code AS v, id FROM bench.%1$s_t', kind),
       format('CREATE UNLOGGED TABLE bench.%s_u AS SELECT v COLLATE "en-x-icu" AS v, id FROM bench.%1$s_t', kind)
  FROM unnest('{fact,key,dim}'::text[]) kind
\gexec
SELECT format('CREATE UNLOGGED TABLE bench.probe_%s AS SELECT v FROM bench.key_%1$s WHERE bench.dice(id, 4, %s) < 100000 ORDER BY bench.dice(id, 5, 1000000000)', letter, :size)
  FROM unnest('{c,n,t,u}'::text[]) letter
\gexec
CREATE UNLOGGED TABLE bench.copy_c (v source_code);
CREATE UNLOGGED TABLE bench.copy_n (v bigint);
CREATE UNLOGGED TABLE bench.copy_t (v text COLLATE "C");
VACUUM ANALYZE;
SELECT format('COPY bench.fact_t (v) TO %L', :'codes'), format('COPY bench.digits_t (v) TO %L', :'digits')
\gexec

-- text in and out
SELECT bench.compare('cast from text: source_code', :size, '{dupex,bigint}',
    ARRAY['SELECT count(v::source_code) FROM bench.fact_t', 'SELECT count(v::bigint) FROM bench.digits_t'], :size);
SELECT bench.compare('cast to text: source_code', :size, '{dupex,bigint}',
    ARRAY['SELECT count(v::text) FROM bench.fact_c', 'SELECT count(v::text) FROM bench.fact_n'], :size);
SELECT bench.compare('COPY FROM, text form: source_code', :size, '{dupex,bigint,text C}',
    ARRAY[format('COPY bench.copy_c FROM %L', :'codes'), format('COPY bench.copy_n FROM %L', :'digits'), format('COPY bench.copy_t FROM %L', :'codes')], :size,
    '{TRUNCATE bench.copy_c, TRUNCATE bench.copy_n, TRUNCATE bench.copy_t}');
SELECT bench.compare('COPY TO, text form: source_code', :size, '{dupex,bigint,text C}',
    ARRAY[
    'COPY bench.fact_c (v) TO ''/dev/null''', 'COPY bench.fact_n (v) TO ''/dev/null''', 'COPY bench.fact_t (v) TO ''/dev/null'''], :size);

-- operators
SELECT bench.compare_types('GROUP BY, 20,000 groups', :size, 'SELECT v, count(*) FROM bench.fact_$ GROUP BY v');
SELECT bench.compare_types('ORDER BY, all different', :size, 'SELECT count(*) FROM (SELECT v FROM bench.key_$ ORDER BY v OFFSET 0) x');
SELECT bench.compare_types('min and max', :size, 'SELECT min(v), max(v) FROM bench.fact_$');
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT bench.compare_types('hash join with 20,000', :size, 'SELECT count(f.id) FROM bench.fact_$ f JOIN bench.dim_$ d USING (v)');
SELECT bench.compare_types('hash join with as many', :size, 'SELECT count(a.id) FROM bench.key_$ a JOIN bench.key_$ b USING (v)');
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT bench.compare_types('merge join with 20,000, sorts included', :size, 'SELECT count(f.id) FROM bench.fact_$ f JOIN bench.dim_$ d USING (v)');
RESET enable_nestloop;
SELECT bench.compare_types('CREATE INDEX, btree', :size, 'CREATE INDEX key_$_v ON bench.key_$ (v)', 'DROP INDEX IF EXISTS bench.key_$_v');
VACUUM ANALYZE bench.key_c, bench.key_n, bench.key_t, bench.key_u;
SET enable_mergejoin = off;
SELECT bench.compare_types('nested loop, 100,000 lookups by index', :size, 'SELECT count(k.id) FROM bench.probe_$ p JOIN bench.key_$ k USING (v)');
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_nestloop;
SELECT format('DROP TABLE bench.%s_%s', kind, letter) FROM unnest('{fact,key,dim,probe}'::text[]) kind, unnest('{c,n,t,u}'::text[]) letter
\gexec
DROP TABLE bench.digits_t, bench.copy_c, bench.copy_n, bench.copy_t;
