-- The instrument: runs the sides of a measurement in turn and prints a line for each comparison.

CREATE EXTENSION dupex;
CREATE SCHEMA bench;
ALTER DATABASE bench SET search_path = public, bench, dupex;
SET search_path = public, bench, dupex;

CREATE FUNCTION bench.settings() RETURNS text LANGUAGE sql AS
$$
    SELECT 'PostgreSQL ' || current_setting('server_version') || ': ' || string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
      FROM pg_settings
     WHERE name IN ('shared_buffers', 'work_mem', 'maintenance_work_mem', 'max_wal_size', 'fsync', 'jit', 'autovacuum', 'random_page_cost',
                    'max_parallel_workers_per_gather')
$$;

CREATE FUNCTION bench.header(part text) RETURNS text LANGUAGE sql AS
$$
    SELECT format(E'\n%s %s %s %s %s %s', rpad(part, 67), lpad('rows', 9), lpad('dupex ms', 11), lpad('other ms', 11), lpad('ratio', 8), lpad('rows/s', 11))
$$;

CREATE FUNCTION bench.line(title text, size bigint, own float8, other float8, rows_done bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$
    SELECT format('%s %s %s %s %s %s', rpad(title, 67), lpad(size::text, 9), lpad(to_char(own, 'FM99999990.0'), 11),
                  lpad(coalesce(to_char(other, 'FM99999990.0'), '-'), 11), lpad(coalesce(to_char(own / nullif(other, 0), CASE WHEN own < other * 0.1 THEN 'FM990.0000' ELSE 'FM999990.00' END), '-'), 8),
                  lpad(coalesce(to_char(rows_done / own * 1000, 'FM999999999990'), ''), 11))
$$;

-- How often a side runs: the smaller the oftener.
CREATE FUNCTION bench.repetitions(size bigint) RETURNS int LANGUAGE sql AS
$$
    SELECT CASE WHEN size <= 200000 THEN 7 ELSE 3 END
$$;

-- Milliseconds for which this process has waited for a processor that was busy with something
-- else, as Linux counts them; 0 where it does not.
CREATE FUNCTION bench.waited() RETURNS float8 LANGUAGE sql AS
$$
    SELECT coalesce(split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 2)::float8 / 1e6, 0)
$$;

-- Milliseconds of one run, without those waited for a processor; what prepares it is not counted.
CREATE FUNCTION bench.time_of(statement text, prepare text DEFAULT NULL) RETURNS float8 LANGUAGE plpgsql AS
$$
DECLARE
    begun  timestamptz;
    waited float8;
BEGIN
    IF prepare IS NOT NULL THEN
        EXECUTE prepare;
    END IF;
    -- the clock goes around the other reading, so that no time is taken off that was not counted
    begun := clock_timestamp();
    waited := bench.waited();
    EXECUTE statement;
    waited := bench.waited() - waited;
    RETURN extract(epoch FROM clock_timestamp() - begun) * 1000 - waited;
END
$$;

-- The first statement is dupex's; each other is compared with it. All run in turn, dupex's last.
CREATE FUNCTION bench.compare(title text, size bigint, names text[], statements text[], rows_done bigint DEFAULT NULL,
                              prepares text[] DEFAULT NULL, repetitions int DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
    best  float8[] := array_fill('infinity'::float8, ARRAY[cardinality(statements)]);
    side  int;
BEGIN
    FOR turn IN 1 .. coalesce(repetitions, bench.repetitions(size)) LOOP
        FOR side IN REVERSE cardinality(statements) .. 1 LOOP
            best[side] := least(best[side], bench.time_of(statements[side], prepares[side]));
        END LOOP;
    END LOOP;
    IF cardinality(statements) = 1 THEN
        RETURN NEXT bench.line(title, size, best[1], NULL, rows_done);
    END IF;
    FOR side IN 2 .. cardinality(statements) LOOP
        RETURN NEXT bench.line(title || ' / ' || names[side], size, best[1], best[side], rows_done);
    END LOOP;
END
$$;

-- The same statement on tables of the four types: $ stands for the letter of the type.
CREATE FUNCTION bench.compare_types(title text, size bigint, template text, prepare text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$
    SELECT bench.compare(title || ': source_code', size, '{dupex,bigint,text C,text English}',
                         ARRAY(SELECT replace(template, '$', letter) FROM unnest('{c,n,t,u}'::text[]) WITH ORDINALITY l (letter, no) ORDER BY no),
                         NULL, ARRAY(SELECT replace(prepare, '$', letter) FROM unnest('{c,n,t,u}'::text[]) WITH ORDINALITY l (letter, no) ORDER BY no))
$$;

-- Random looking, the same everywhere.
CREATE FUNCTION bench.dice(number bigint, salt bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT (hashint8extended(number, salt) & 9007199254740991) % sides
$$;

-- The k-th of the 8,112,000 codes of the house layout, in their order.
CREATE FUNCTION bench.code_text(k bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT chr((65 + k / 312000)::int) || chr((65 + k / 12000 % 26)::int) || lpad((k / 120 % 100)::text, 2, '0') || lpad((1 + k / 10 % 12)::text, 2, '0') || k % 10
$$;
