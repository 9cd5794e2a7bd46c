-- The course of a bulk load: check the columns, read the rows, number the repetitions, write the
-- log and the rejected rows. What is between, the recording itself, is in the modules after this.
--
-- Each load function goes the same way: load_begin() checks and reads, the function records, and
-- load_finish() counts and cleans up. All of it is one transaction: a load that is killed leaves
-- nothing. Loads of one marketing database take turns, so that two of the same sheet at once give
-- what one after the other gives, and cannot lock each other out.

-- Columns that a load cannot do without, beyond load_column.is_needed: each element lists
-- alternatives, "+" joins columns that go together.
CREATE OR REPLACE FUNCTION load_needs(kind text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE kind
        WHEN 'touches' THEN ARRAY['customer_id|system+number']
        WHEN 'touch_events' THEN ARRAY['customer_id|system+number', 'touch_id|touch_request_id|source_code']
        WHEN 'leads' THEN ARRAY['customer_id|system+number']
        WHEN 'visits' THEN ARRAY['customer_id|system+number']
        WHEN 'orders' THEN ARRAY['revenue|amount|unit_price']
        WHEN 'expenses' THEN ARRAY['source_code|campaign|medium']
        WHEN 'suppressions' THEN ARRAY['email|phone|postal|messenger']
        ELSE '{}' END;
COMMENT ON FUNCTION load_needs(text) IS 'columns of which a load needs at least one; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_columns_present(staging regclass) RETURNS text[]
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN coalesce((SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
                      WHERE attrelid = staging AND attnum > 0 AND NOT attisdropped), '{}');
COMMENT ON FUNCTION load_columns_present(regclass) IS 'columns of a staging table; a part of the bulk load';

-- Raises 42703 before anything is written.
CREATE OR REPLACE FUNCTION load_check(load_kind text, staging regclass) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    found   text[] := load_columns_present(staging);
    known   text[] := (SELECT array_agg(column_name ORDER BY is_needed DESC, column_name) FROM load_column WHERE kind = load_kind);
    missing text := (SELECT string_agg(n.need, '; ') FROM (
        SELECT column_name FROM load_column WHERE kind = load_kind AND is_needed AND column_name <> ALL (found)
        UNION ALL
        SELECT replace(replace(alternatives, '|', ' or '), '+', ' and ') FROM unnest(load_needs(load_kind)) AS alternatives
         WHERE NOT EXISTS (SELECT FROM string_to_table(alternatives, '|') AS a WHERE string_to_array(a, '+') <@ found)
        UNION ALL
        SELECT 'system and number' FROM load_needs(load_kind)
         WHERE load_kind NOT IN ('sources', 'expenses', 'suppressions') AND ('system' = ANY (found)) <> ('number' = ANY (found))) n (need));
    unknown text := (SELECT string_agg(format('%I', f), ', ') FROM unnest(found) AS f WHERE f <> ALL (known) AND f NOT LIKE '\_%');
BEGIN
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'table % lacks columns that a load of % needs: %', staging, load_kind, missing
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('It has %s.', coalesce(nullif(array_to_string(found, ', '), ''), 'no column')),
                  HINT = format('A load of %s reads %s.', load_kind, array_to_string(known, ', '));
    ELSIF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'table % has columns that a load of % does not know: %', staging, load_kind, unknown
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('A load of %s reads %s.', load_kind, array_to_string(known, ', ')),
                  HINT = 'Rename the column, drop it, or let its name begin with an underscore: then it is passed over.';
    END IF;
END
$$;
COMMENT ON FUNCTION load_check(text, regclass) IS 'checks the columns of a staging table; 42703 for one that is missing or not known; a part of the bulk load';

-- Raises 22007 where a column has dates that can only be read with day and month in the other
-- order than that of DateStyle, and dates that can be read in both: of 05.08. and 13.08. only the
-- second is rejected, the first would become another day, in silence and for ever. One cell of
-- the other order among more of the right one is a slip, and rejected as any other.
CREATE OR REPLACE FUNCTION load_check_dates(load_kind text, staging regclass) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    is_month_first boolean := load_day_order() = 'MDY';
    first_words text := CASE WHEN is_month_first THEN 'month' ELSE 'day' END;
    other_words text := CASE WHEN is_month_first THEN 'day' ELSE 'month' END;
    patterns    text[] := ARRAY['^\s*(1[3-9]|2\d|3[01])[-./ ](0?\d|1[0-2])[-./ ]\d', '^\s*(0?\d|1[0-2])[-./ ](1[3-9]|2\d|3[01])[-./ ]\d'];
    dates       text;
    other_order bigint;
    this_order  bigint;
    both_orders bigint;
    example     text;
BEGIN
    IF load_day_order() = 'YMD' OR NOT EXISTS (SELECT FROM pg_temp.load_row r WHERE r.problem LIKE '%(DateStyle:%') THEN
        RETURN;
    END IF;
    FOR dates IN SELECT l.column_name FROM load_column l JOIN pg_attribute a ON a.attrelid = staging AND a.attname = l.column_name
                  WHERE l.kind = load_kind AND l.read_as IN ('date', 'timestamp') AND NOT load_is_direct(l.read_as, a.atttypid) ORDER BY 1 LOOP
        EXECUTE format($sql$SELECT count(*) FILTER (WHERE cell ~ $1), count(*) FILTER (WHERE cell ~ $2), count(*) FILTER (WHERE cell ~ '^\s*(0?\d|1[0-2])[-./ ](0?\d|1[0-2])[-./ ]\d'), min(cell) FILTER (WHERE cell ~ $1)
                              FROM (SELECT (r.staged).%I::text FROM pg_temp.load_row r) c (cell)$sql$, dates)
           INTO other_order, this_order, both_orders, example
          USING patterns[CASE WHEN is_month_first THEN 1 ELSE 2 END], patterns[CASE WHEN is_month_first THEN 2 ELSE 1 END];
        IF other_order > this_order AND both_orders > 0 THEN
            RAISE EXCEPTION 'table % has % with the % before the %, such as "%"', staging, dates, other_words, first_words, btrim(example)
                USING ERRCODE = 'invalid_datetime_format',
                      DETAIL = format('DateStyle says that the %1$s comes first. In %3$s cells only the %2$s can, in %4$s only the %1$s, in %5$s either: these would get day and month exchanged.',
                                      first_words, other_words, other_order, this_order, both_orders),
                      HINT = format('Say SET DateStyle = ''ISO, %s'' and load again; nothing has been written. Where a table mixes both, bring its dates into the form 2026-01-31 first.', CASE WHEN is_month_first THEN 'DMY' ELSE 'MDY' END);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION load_check_dates(text, regclass) IS 'raises 22007 where a column has dates that can be read in both orders of day and month, and more of the other order than of that of DateStyle; a part of the bulk load';

-- Starts a load: its turn, the checks, the business's time zone, the rows.
CREATE OR REPLACE FUNCTION load_begin(load_kind text, staging regclass, person text) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    IF staging IS NULL THEN
        RAISE EXCEPTION 'no staging table was given'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Give the table as text, such as load_orders(''staging.orders'').';
    END IF;
    PERFORM load_check(load_kind, staging);
    PERFORM pg_advisory_xact_lock(hashtextextended('dupex bulk load', 'load_run'::regclass::oid::bigint));
    -- until the load function ends, which has a SET clause for it
    PERFORM set_config('TimeZone', setting_value('time_zone'), true);
    PERFORM load_make_rows();
    PERFORM load_read(load_kind, staging, person);
    PERFORM load_check_dates(load_kind, staging);
END
$$;
COMMENT ON FUNCTION load_begin(text, regclass, text) IS 'checks a staging table and reads it into the temporary table load_row; a part of the bulk load';

-- The idempotency key of a row: given, or made of its contents; copies of one row in one sheet
-- are numbered, so that all are recorded, and found again by the next load of that sheet.
CREATE OR REPLACE FUNCTION load_request_id(request_key text, content uuid, copy_no bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(request_key, 'sheet ' || content::text || coalesce(' ' || copy_no::text, ''));
COMMENT ON FUNCTION load_request_id(text, uuid, bigint) IS 'the idempotency key of a row: as given, or made of its contents and the number of its copy; a part of the bulk load';

-- How the key of a row is called in a message: an order without a request_id goes by its number.
CREATE OR REPLACE FUNCTION load_key_words(request_id text, request_key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN request_id IS NULL THEN regexp_replace(request_key, '^(order|return) (.*)$', 'order_number "\2"')
                ELSE format('request_id "%s"', request_id) END;
COMMENT ON FUNCTION load_key_words(text, text) IS 'the key of a row for a message; a part of the bulk load';

-- Numbers the copies of rows without a key; of rows with the same key the first counts, the others
-- repeat it or, with other contents, are wrong: unless they are lines, which have a key in common.
CREATE OR REPLACE FUNCTION load_number_copies(are_lines boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE pg_temp.load_row r
       SET copy_no = CASE WHEN r.request_key IS NULL THEN k.copy_no END,
           is_repeat = r.request_key IS NOT NULL AND r.content = k.first_content,
           problem = CASE WHEN r.request_key IS NOT NULL AND r.content <> k.first_content
                          THEN load_key_words(r.request_id, r.request_key) || ' stands in this load with other contents' END
      FROM (SELECT row_no, row_number() OVER same AS copy_no, first_value(content) OVER same AS first_content
              FROM (SELECT row_no, person_id, request_key, content,
                           -- sorted by numbers, rows come together faster than by texts
                           CASE WHEN request_key IS NULL THEN uuid_hash_extended(content, 0) ELSE hashtextextended(request_key, coalesce(person_id, 0)) END AS hash
                      FROM pg_temp.load_row WHERE problem IS NULL AND NOT (are_lines AND request_key IS NOT NULL)) a
            WINDOW same AS (PARTITION BY hash, person_id, request_key, CASE WHEN request_key IS NULL THEN content END ORDER BY row_no)) k
     WHERE k.row_no = r.row_no AND k.copy_no > 1;
END
$$;
COMMENT ON FUNCTION load_number_copies(boolean) IS 'numbers equal rows of load_row and marks repetitions of a key; a part of the bulk load';

-- A key that was recorded before must have meant the same. The columns are those compared, each as
-- "column of the fact=expression over load_row r".
CREATE OR REPLACE FUNCTION load_mark_changed(fact regclass, person text, columns text[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    EXECUTE format($sql$
        UPDATE pg_temp.load_row r
           SET problem = load_key_words(r.request_id, r.request_key) || ' was recorded before with other contents'
          FROM %s t
         WHERE r.request_key IS NOT NULL AND r.problem IS NULL AND t.request_id = r.request_key %s AND (%s)$sql$,
        fact, CASE WHEN person <> 'none' THEN 'AND t.customer_id = r.person_id' ELSE '' END,
        (SELECT string_agg(format('t.%I IS DISTINCT FROM %s', split_part(c, '=', 1), split_part(c, '=', 2)), ' OR ') FROM unnest(columns) AS c));
END
$$;
COMMENT ON FUNCTION load_mark_changed(regclass, text, text[]) IS 'marks rows of load_row of which the key was recorded with other contents; a part of the bulk load';

-- Ends a load: its row in load_run, the rejected rows, the counts.
CREATE OR REPLACE FUNCTION load_finish(load_kind text, staging regclass, begun_at timestamptz, loaded bigint,
                                       OUT already_there bigint, OUT rejected bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    total bigint;
    run   bigint;
BEGIN
    SELECT count(*), count(problem) INTO total, rejected FROM pg_temp.load_row;
    already_there := total - rejected - loaded;
    INSERT INTO load_run (kind, staging, started_at, ended_at, loaded, already_there, rejected)
    SELECT load_kind, format('%I.%I', n.nspname, c.relname), begun_at, clock_timestamp(), load_finish.loaded, load_finish.already_there, load_finish.rejected
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = staging
    RETURNING load_run_id INTO run;
    INSERT INTO load_reject (load_run_id, row_no, column_name, reason, row_data)
    SELECT run, row_no, rtrim(split_part(problem, ' ', 1), ','), problem, to_jsonb(staged) FROM pg_temp.load_row WHERE problem IS NOT NULL;
    DROP TABLE pg_temp.load_row;
    IF to_regclass('pg_temp.load_code') IS NOT NULL THEN
        DROP TABLE pg_temp.load_code;
    END IF;
END
$$;
COMMENT ON FUNCTION load_finish(text, regclass, timestamptz, bigint) IS 'writes load_run and load_reject and drops load_row; a part of the bulk load';
