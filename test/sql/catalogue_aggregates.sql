-- Every aggregate of the extension: what a parallel, partitioned or distributed plan asks of it.
-- A new aggregate must be added to the table below; without it this test fails.
SET search_path = public, dupex;
\set VERBOSITY terse

CREATE TEMP VIEW aggregate AS
SELECT p.oid::regprocedure AS name, a.*, p.proname, p.pronargs, p.proargtypes, p.proparallel
FROM pg_depend d JOIN pg_aggregate a ON d.classid = 'pg_proc'::regclass AND a.aggfnoid = d.objid JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'dupex') AND d.deptype = 'e';

-- for each aggregate arguments made of a row of source_row, and why it may have the name of a built-in one
CREATE TEMP TABLE sample (name regprocedure PRIMARY KEY, arguments text NOT NULL, name_allowed_because text);
INSERT INTO sample VALUES
    ('er_agg(numeric, numeric)', 'amount, price', NULL),
    ('rollup(er)', 'er(amount, price)', NULL),
    ('rate_agg(boolean)', 'amount > price', NULL),
    ('moments_agg(numeric)', 'CASE WHEN n2 % 2 = 0 THEN amount ELSE -price END', NULL),
    ('rollup(moments)', 'moments(1, n, n * n) + moments(n2 + 1, 0, n2 / 4.0)', NULL),
    ('rollup(rate)', 'rate(least(n, n2), greatest(n, n2))', NULL),
    ('points_agg(timestamptz, double precision, interval)', 'timestamptz ''2026-01-01'' + n % 50 * interval ''1 hour'', round(price / 100), nullif(n2 % 3, 0) * interval ''1 minute''', NULL),
    ('points_kind_agg(text, timestamptz, double precision, interval)', '(n2 % 7)::text, timestamptz ''2026-01-01'' + n % 50 * interval ''1 hour'', price::int / 100, interval ''1 day''', NULL),
    ('rollup(points)', '(''[["visit", '' || n % 50 || '', '' || n2 % 10 || '', 60, 1], ["open", '' || n2 % 20 || '', 1, null, 2]]'')::points', NULL),
    ('naive_bayes_agg(boolean, jsonb, double precision)', 'amount > price, jsonb_build_object(''a'', n2 % 50, ''b'', n % 3), n / 1000.0', NULL),
    ('rollup(naive_bayes)', '(''{"outcomes": ['' || n || '', 0.5], "features": {"a": {"'' || n2 % 50 || ''": [1, 0.1]}}}'')::naive_bayes', NULL),
    ('gains_agg(double precision, boolean)', 'round(price), n > n2', NULL),
    ('logistic_agg(boolean, double precision[], double precision)', 'amount > price, CASE WHEN n2 IS NOT NULL THEN ARRAY[n2 % 20, round(coalesce(price, 0))] END, n / 1000.0', NULL),
    ('rollup(logistic_data)', '(''{"features": 1, "rows": [[['' || n || ''], 1, '' || n2 || ''], [[0.5], 1, 0]]}'')::logistic_data', NULL),
    ('logistic_case_agg(boolean, jsonb, double precision)', 'amount > price, jsonb_build_object(''a'', ''v'' || n2 % 30, ''b'', round(price)), n / 1000.0', NULL),
    ('rollup(logistic_cases)', '(''[[[["a", '' || n || ''], ["b", "'' || n2 % 3 || ''"]], 1, '' || n2 || ''], [[], 0.5, 0]]'')::logistic_cases', NULL),
    ('rollup(gains)', '(''[['' || n || '', 1, '' || n2 || '']]'')::gains', NULL),
    ('purchase_counts_agg(double precision, double precision, double precision, double precision)', 'n % 4, CASE WHEN n % 4 = 0 THEN 0 ELSE n2 / 7.0 + 1 END, 200, abs(price) / 3', NULL),
    ('purchase_counts_possible_agg(double precision, double precision, double precision, double precision)', 'n % 4, n2 / 7.0, 100, abs(price)', NULL),
    ('rollup(purchase_counts)', $$('{' || n + 1 || ' 0.5 2 ' || n2 + 1 || '}')::purchase_counts$$, NULL),
    ('purchase_history_agg(timestamp with time zone, numeric)', $$timestamptz '2026-01-01 00:00:00Z' + interval '1 hour' * n, abs(amount)$$, NULL),
    ('rollup(purchase_history)', $$('{2026-01-01T00:00:' || lpad((n % 60)::text, 2, '0') || 'Z ' || n2 || '}')::purchase_history$$, NULL),
    ('journey_agg(timestamp with time zone, text, numeric)', $$timestamptz '2026-01-01 00:00:00Z' + interval '1 hour' * n, 'c' || n2 % 20, CASE WHEN n % 5 = 0 THEN amount END$$, NULL),
    ('journey_milestone_agg(timestamp with time zone, text, numeric, text)', $$timestamptz '2026-01-01 00:00:00Z' + interval '1 hour' * n, 'c' || n2 % 20, CASE WHEN n % 5 = 0 THEN amount END, CASE WHEN n2 % 7 = 0 THEN 'm' || n % 3 END$$, NULL),
    ('rollup(journey)', $$('{2026-01-01T00:00:' || lpad((n % 60)::text, 2, '0') || 'Z "' || n2 || '", 2026-01-02T00:00:00Z @"m", 2026-01-03T00:00:00Z ' || n2 || '.5}')::journey$$, NULL),
    ('bgbb_agg(integer, integer, integer, double precision)', '(n % 4)::int, CASE WHEN n % 4 = 0 THEN 0 ELSE (n2 % 50)::int + 4 END, 60, abs(price) / 3', NULL),
    ('bgbb_possible_agg(integer, integer, integer, double precision)', '(n % 4 + 1)::int, (n2 % 50)::int, 40, abs(price) / 3', NULL),
    ('gamma_gamma_agg(double precision, double precision, double precision)', 'n % 4 + 1, n2 / 4.0 - 2, abs(price) / 3', NULL),
    ('rollup(spend_counts)', $$('{' || n + 1 || ' ' || n2 + 0.25 || ' 1}')::spend_counts$$, NULL),
    ('retention_agg(timestamp with time zone)', $$timestamptz '2026-01-01 00:00:00Z' + interval '1 hour' * n + interval '1 second' * (n2 % 3)$$, NULL),
    ('rollup(activity)', $$('{2026-01-01T00:00:' || lpad((n % 60)::text, 2, '0') || 'Z, 2026-02-01T00:' || lpad((n2 % 60)::text, 2, '0') || ':00.5Z}')::activity$$, NULL),
    ('retention_counts_agg(bit varying)', 'left(n::int::bit(10)::text, (n2 % 11)::int)::bit varying', NULL),
    ('rollup(retention_counts)', $$('{' || n + 5 || ' ' || n || ' 0' || CASE WHEN n2 % 2 = 0 THEN ', ' || n + 1 || ' 0 ' || n ELSE '' END || '} of ' || n + n2 + 5)::retention_counts$$, NULL),
    ('funnel_agg(timestamptz, integer)', $$timestamptz '2026-01-01 00:00:00Z' + interval '1 hour' * n, (n2 % 16)::int$$, NULL),
    ('rollup(funnel)', $$('{2026-01-01T00:00:' || lpad((n % 60)::text, 2, '0') || 'Z ' || n2 || '}')::funnel$$, NULL),
    ('min(source_code)', 'upper(to_hex(n * 1000 + n2))::source_code', 'min and max of an ordered type are called so everywhere; only one argument type fits'),
    ('max(source_code)', 'upper(to_hex(n * 1000 + n2))::source_code', 'as min');
SELECT name AS not_tested FROM aggregate WHERE name NOT IN (SELECT name FROM sample);
SELECT name AS no_longer_there FROM sample WHERE name NOT IN (SELECT name FROM aggregate);

-- 50,000 rows in no order, a sixth of each argument NULL, and some rows with only NULLs
CREATE TABLE source_row AS
SELECT i AS id, CASE WHEN hashint8extended(i, 1) % 6 <> 0 THEN abs(hashint8extended(i, 2) % 1000000) / 100.0 END AS amount,
    CASE WHEN hashint8extended(i, 3) % 6 <> 0 THEN (hashint8extended(i, 4) % 1000000) / 1000.0 END AS price,
    CASE WHEN hashint8extended(i, 5) % 6 <> 0 THEN abs(hashint8extended(i, 6) % 1000) END AS n,
    CASE WHEN hashint8extended(i, 7) % 6 <> 0 THEN abs(hashint8extended(i, 8) % 1000) END AS n2, abs(hashint8extended(i, 9) % 7) AS bucket
FROM generate_series(1::bigint, 50000) i ORDER BY hashint8extended(i, 10);
ANALYZE source_row;

-- what a distributed engine could not split
CREATE TEMP VIEW lint AS SELECT a.name, problem FROM aggregate a JOIN pg_type t ON t.oid = a.aggtranstype LEFT JOIN sample s USING (name), unnest(ARRAY[
    CASE WHEN a.aggcombinefn = 0 THEN 'no combine function' END,
    CASE WHEN t.typtype = 'p' THEN 'the state is of a pseudo-type' END,
    CASE WHEN t.typtype <> 'p' AND (t.typsend = 0 OR t.typreceive = 0) THEN 'the type of the state has no send and receive' END,
    CASE WHEN a.aggkind <> 'n' THEN 'an ordered-set aggregate' END,
    CASE WHEN a.pronargs = 0 THEN 'no argument' END,
    CASE WHEN a.aggfinalextra THEN 'the final function wants the arguments' END,
    CASE WHEN a.aggfinalmodify <> 'r' THEN 'the final function modifies the state' END,
    CASE WHEN a.proparallel <> 's' THEN 'not parallel safe' END,
    CASE WHEN a.agginitval IS NOT NULL THEN 'an initial value: say here why it is neutral' END,
    (SELECT 'polymorphic argument ' || format_type(y.oid, NULL) FROM unnest(a.proargtypes) x JOIN pg_type y ON y.oid = x WHERE y.typtype = 'p' LIMIT 1),
    (SELECT 'support function ' || q.oid::regprocedure || ' is not immutable and parallel safe' FROM unnest(ARRAY[a.aggtransfn, a.aggcombinefn, a.aggfinalfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn]::oid[]) f
        JOIN pg_proc q ON q.oid = f WHERE q.provolatile <> 'i' OR q.proparallel <> 's' LIMIT 1),
    CASE WHEN s.name_allowed_because IS NULL AND EXISTS (SELECT FROM pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.prokind = 'a' AND b.proname = a.proname) THEN 'name of a built-in aggregate' END,
    CASE WHEN s.name_allowed_because IS NOT NULL AND NOT EXISTS (SELECT FROM pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.prokind = 'a' AND b.proname = a.proname) THEN 'there is no built-in of this name: the reason is void' END
]) problem WHERE problem IS NOT NULL;
TABLE lint ORDER BY 1, 2;

-- the split as a distributed engine makes it: states by bucket, written as text, read, combined, finished; and through the binary form
CREATE FUNCTION pg_temp.split(aggregate regprocedure, arguments text, wire text, OUT one_pass text, OUT split text) LANGUAGE plpgsql AS $f$
DECLARE
    a record;
    types text;
    initial text;
    file text := current_setting('data_directory') || '/dupex_catalogue_state';
BEGIN
    SELECT g.*, p.proargtypes, g.aggtranstype::regtype::text AS state INTO a FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid WHERE g.aggfnoid = aggregate;
    SELECT string_agg(format_type(x, NULL), ', ' ORDER BY o) INTO types FROM unnest(a.proargtypes) WITH ORDINALITY u(x, o);
    initial := CASE WHEN a.agginitval IS NOT NULL THEN format(', INITCOND = %L', a.agginitval) ELSE '' END;
    EXECUTE format('CREATE AGGREGATE pg_temp.partial_state(%s) (SFUNC = %s, STYPE = %s%s)', types, a.aggtransfn, a.state, initial);
    EXECUTE format('CREATE AGGREGATE pg_temp.combined(%s) (SFUNC = %s, STYPE = %s%s%s)', a.state, a.aggcombinefn, a.state, initial, CASE WHEN a.aggfinalfn <> 0 THEN ', FINALFUNC = ' || a.aggfinalfn::regproc ELSE '' END);
    EXECUTE format('SELECT %s(%s)::text FROM source_row', a.aggfnoid::regproc, arguments) INTO one_pass;
    EXECUTE format('CREATE TEMP TABLE state AS SELECT pg_temp.partial_state(%s) AS state FROM source_row GROUP BY bucket', arguments);
    IF wire = 'text' THEN
        EXECUTE format('SELECT pg_temp.combined(state::text::%s)::text FROM state', a.state) INTO split;
    ELSE
        EXECUTE format('COPY state TO %L (FORMAT binary)', file);
        TRUNCATE state;
        EXECUTE format('COPY state FROM %L (FORMAT binary)', file);
        SELECT pg_temp.combined(state)::text INTO split FROM state;
    END IF;
    DROP TABLE state;
    EXECUTE format('DROP AGGREGATE pg_temp.partial_state(%s)', types);
    EXECUTE format('DROP AGGREGATE pg_temp.combined(%s)', a.state);
END $f$;
SELECT name, wire, one_pass = split AS same FROM sample, unnest(ARRAY['text', 'binary']) wire, pg_temp.split(name, arguments, wire) ORDER BY name::text, wire;

-- parallel plans give what serial ones give: in one, and in 7 groups
CREATE FUNCTION pg_temp.in_plan(query text, parallel boolean, OUT result text, OUT is_parallel boolean) LANGUAGE plpgsql AS $f$
DECLARE
    line text;
BEGIN
    PERFORM set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true), set_config('min_parallel_table_scan_size', '0', true),
            set_config('max_parallel_workers_per_gather', CASE WHEN parallel THEN '3' ELSE '0' END, true);
    is_parallel := false;
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
        is_parallel := is_parallel OR line LIKE '%Partial%Aggregate%';
    END LOOP;
    EXECUTE query INTO result;
END $f$;
WITH query AS (
    SELECT name, grouped, CASE WHEN grouped THEN format('SELECT string_agg(bucket || %L || x, %L ORDER BY bucket) FROM (SELECT bucket, %s(%s)::text AS x FROM source_row GROUP BY bucket) g', ' ', ', ', name::regproc, arguments)
        ELSE format('SELECT %s(%s)::text FROM source_row', name::regproc, arguments) END AS query
    FROM sample, unnest(ARRAY[false, true]) grouped)
SELECT name, grouped, s.result = p.result AS same, NOT s.is_parallel AND p.is_parallel AS plans_as_wanted FROM query, pg_temp.in_plan(query, false) s, pg_temp.in_plan(query, true) p ORDER BY name::text, grouped;

-- no row, only NULLs (customers left out are counted, which is no NULL), one row; the order of the rows; a group for each row, hashed; partitions
CREATE FUNCTION pg_temp.one(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE result text; BEGIN EXECUTE query INTO result; RETURN result; END $$;
SELECT name, pg_temp.one(format('SELECT %s(%s)::text FROM source_row WHERE false', name::regproc, arguments)) IS NULL AS no_row,
    pg_temp.one(format('SELECT %s(%s)::text FROM source_row WHERE num_nulls(amount, price, n, n2) = 4', name::regproc, arguments)) IS NULL AS only_nulls,
    pg_temp.one(format('SELECT %s(%s)::text FROM source_row WHERE id = (SELECT min(id) FROM source_row WHERE num_nulls(amount, price, n, n2) = 0)', name::regproc, arguments)) IS NOT NULL AS one_row,
    pg_temp.one(format('SELECT %1$s(%2$s ORDER BY id)::text = %1$s(%2$s ORDER BY id DESC)::text FROM source_row', name::regproc, arguments))::boolean AS any_order,
    pg_temp.one(format('SELECT %1$s(%2$s)::text = %1$s(%2$s) FILTER (WHERE id > 0)::text FROM source_row', name::regproc, arguments))::boolean AS filtered FROM sample ORDER BY name::text;
SELECT num_nulls(amount, price, n, n2) AS nulls, count(*) > 30 AS enough FROM source_row GROUP BY 1 ORDER BY 1;
CREATE FUNCTION pg_temp.by_id(hashed boolean, name regprocedure, arguments text, OUT result text, OUT is_hashed boolean) LANGUAGE plpgsql AS $f$
DECLARE
    query text := format('SELECT id, %s(%s)::text AS x FROM source_row GROUP BY id', name::regproc, arguments);
    line text;
BEGIN
    PERFORM set_config('enable_hashagg', hashed::text, true), set_config('enable_sort', (NOT hashed)::text, true), set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '256MB', true);
    is_hashed := false;
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
        is_hashed := is_hashed OR line LIKE '%HashAggregate%';
    END LOOP;
    EXECUTE format('SELECT count(*) || %L || md5(string_agg(id || coalesce(x, %L), %L ORDER BY id)) FROM (%s) g', ' groups ', ' NULL', ',', query) INTO result;
END $f$;
SELECT name, split_part(h.result, ' ', 1) AS groups, h.result = s.result AS same, h.is_hashed AND NOT s.is_hashed AS plans_as_wanted FROM sample, pg_temp.by_id(true, name, arguments) h, pg_temp.by_id(false, name, arguments) s ORDER BY name::text;
CREATE TABLE partitioned (LIKE source_row) PARTITION BY LIST (bucket);
CREATE TABLE partitioned_0 PARTITION OF partitioned FOR VALUES IN (0, 1, 2);
CREATE TABLE partitioned_3 PARTITION OF partitioned DEFAULT;
INSERT INTO partitioned SELECT * FROM source_row WHERE id <= 20000;
SET enable_partitionwise_aggregate = on;
SELECT name, pg_temp.one(format('SELECT %s(%s)::text FROM partitioned', name::regproc, arguments)) = pg_temp.one(format('SELECT %s(%s)::text FROM source_row WHERE id <= 20000', name::regproc, arguments)) AS partitionwise FROM sample ORDER BY name::text;
RESET enable_partitionwise_aggregate;

-- as window functions over a moving frame they give what they give over the rows of that frame
CREATE TABLE moving AS SELECT row_number() OVER (ORDER BY id) AS no, * FROM source_row WHERE id <= 300;
SELECT name, pg_temp.one(format('SELECT count(*) FROM (SELECT no, %1$s(%2$s) OVER (ORDER BY no ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)::text AS x FROM moving) w
    WHERE x IS DISTINCT FROM (SELECT %1$s(%2$s)::text FROM moving m WHERE m.no BETWEEN w.no - 2 AND w.no + 1)', name::regproc, arguments)) AS differing FROM sample ORDER BY name::text;
DROP TABLE moving, partitioned, source_row;

-- the checks find what is wrong with these
BEGIN;
CREATE FUNCTION dupex.planted_forgetful(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN $1;
CREATE AGGREGATE dupex.sum(numeric) (SFUNC = numeric_add, STYPE = numeric, COMBINEFUNC = dupex.planted_forgetful, PARALLEL = SAFE);
CREATE AGGREGATE dupex.planted_array(anycompatible) (SFUNC = array_append, STYPE = anycompatiblearray, INITCOND = '{}');
CREATE AGGREGATE dupex.planted_internal(int8) (SFUNC = int8_avg_accum, STYPE = internal, FINALFUNC = numeric_poly_avg);
ALTER EXTENSION dupex ADD AGGREGATE dupex.sum(numeric);
ALTER EXTENSION dupex ADD AGGREGATE dupex.planted_array(anycompatible);
ALTER EXTENSION dupex ADD AGGREGATE dupex.planted_internal(int8);
SELECT name AS not_tested FROM aggregate WHERE name NOT IN (SELECT name FROM sample) ORDER BY name::text;
TABLE lint ORDER BY name::text, problem;
CREATE TEMP TABLE source_row AS SELECT i AS amount, i % 5 AS bucket FROM generate_series(1::numeric, 100) i;
SELECT one_pass, one_pass = split AS same FROM pg_temp.split('dupex.sum(numeric)', 'amount', 'text');
ROLLBACK;
