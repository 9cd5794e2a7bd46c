-- Reading a staging table: each row with its values, its problem and a hash of its contents.
--
-- load_read() makes one temporary table, load_row, in one pass over the staging table. Its
-- statement is put together from load_column and from the types that the staging table has:
--   level c  the cells: text trimmed, empty text NULL
--   level v  the values: a cell that is plainly right is cast; any other text goes through a
--            function that catches the error of the cast, because one bad cell must not stop a load
--   level x  what the values refer to: the customer, the salesperson, the lead
--   the top  what is wrong with the row, and the hash of what it says
-- OFFSET 0 keeps the levels apart: merged, they would evaluate each reading several times.
--
-- A problem begins with the name of the column at fault; load_finish() relies on it.

-- the type that a cell is read as
CREATE OR REPLACE FUNCTION load_type(read_as text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE read_as WHEN 'number' THEN 'bigint' WHEN 'amount' THEN 'numeric(18,4)' WHEN 'timestamp' THEN 'timestamptz'
                        WHEN 'code' THEN 'source_code' ELSE read_as END;
COMMENT ON FUNCTION load_type(text) IS 'the SQL type of what load_column.read_as names; a part of the bulk load';

-- PostgreSQL reads more than a sheet means: now, today, infinity, and bare numbers as days of a
-- year. A day that a spreadsheet wrote as its serial number would become a date in the future.
-- Letters that are units its versions read differently: up to 15 y2008m03d01, 20080301h05 and 2008-03-01 y are dates,
-- to later ones they are not; with T Z 08:01 it is the other way round. Here they are none.
-- (The block that catches the error costs half a microsecond, less than any test of the cell
-- beforehand that would spare it; the tests stand here and not in a function of their own,
-- because calling that costs more than all the rest.)
CREATE OR REPLACE FUNCTION load_read_timestamp(cell text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 20 AS
$$
DECLARE
    result timestamptz;
BEGIN
    IF cell ~ '\d' AND cell !~* 'now|today|tomorrow|yesterday|epoch|infinity|allballs|(^|[^a-z])(y|m|mm|d|h|s|dow|doy|isodow|isoyear|(j|jd|julian)(?!\d)|t(?! ?\d))([^a-z]|$)' AND (cell !~ '^[-+]?\d+([.,]\d*)?$' OR cell ~ '^\d{8}(\d{6})?$') THEN
        result := cell::timestamptz;
    END IF;
    RETURN CASE WHEN result >= '1900-01-01' AND result < '2100-01-01' THEN result END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION load_read_timestamp(text) IS 'a cell as a time from 1900 to 2099, NULL when it is none, also for words such as today and bare numbers but YYYYMMDD; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_read_date(cell text) RETURNS date
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 20 AS
$$
DECLARE
    result date;
BEGIN
    IF cell ~ '\d' AND cell !~* 'now|today|tomorrow|yesterday|epoch|infinity|allballs|(^|[^a-z])(y|m|mm|d|h|s|dow|doy|isodow|isoyear|(j|jd|julian)(?!\d)|t(?! ?\d))([^a-z]|$)' AND (cell !~ '^[-+]?\d+([.,]\d*)?$' OR cell ~ '^\d{8}(\d{6})?$') THEN
        result := cell::date;
    END IF;
    RETURN CASE WHEN result >= '1900-01-01' AND result < '2100-01-01' THEN result END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION load_read_date(text) IS 'a cell as a date from 1900 to 2099, NULL when it is none, also for words such as today and bare numbers but YYYYMMDD; a part of the bulk load';

-- From version 16 on PostgreSQL reads 0x10, 0o17, 0b11 and 1_000 as numbers, up to 15 also 1e 3. In a sheet such a
-- cell is a mistake or a key: it is no number, whatever the version.
CREATE OR REPLACE FUNCTION load_read_amount(cell text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE COST 20 AS
$$
DECLARE
    result numeric;
BEGIN
    IF cell !~* '[box_]|e\s' THEN
        result := cell::numeric;
    END IF;
    -- NaN counts as greater than every number
    RETURN CASE WHEN abs(result) < 1e14 - 0.0001 THEN round(result, 4) END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION load_read_amount(text) IS 'a cell as an amount of four decimals, NULL when it is none or has more than 14 digits before the point; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_read_number(cell text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE COST 20 AS
$$
DECLARE
    result numeric;
BEGIN
    IF cell !~* '[box_]|e\s' THEN
        result := cell::numeric;
    END IF;
    RETURN CASE WHEN abs(result) < 1e18 AND result = trunc(result) THEN result::bigint END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION load_read_number(text) IS 'a cell as a whole number, also when written 17.0, NULL when it is none; a part of the bulk load';

-- not STRICT, or it would not be inlined
CREATE OR REPLACE FUNCTION load_read_code(cell text) RETURNS source_code
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN cell ~ '^[0-9A-Za-z -]+$' AND length(translate(cell, ' -', '')) BETWEEN 1 AND 12 THEN cell::source_code END;
COMMENT ON FUNCTION load_read_code(text) IS 'a cell as a source code, NULL when it is none; a part of the bulk load';

-- whether a column of this type is cast as it is, without a way through text
CREATE OR REPLACE FUNCTION load_is_direct(read_as text, staging_type regtype) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE read_as
        WHEN 'boolean' THEN staging_type = 'boolean'::regtype
        WHEN 'number' THEN staging_type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
        WHEN 'amount' THEN staging_type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
                                            'numeric'::regtype, 'real'::regtype, 'double precision'::regtype)
        WHEN 'code' THEN staging_type = 'source_code'::regtype
        WHEN 'text' THEN false
        ELSE staging_type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) END;
COMMENT ON FUNCTION load_is_direct(text, regtype) IS 'whether a column of a type is read by a cast, not as text; a part of the bulk load';

-- The expression of level v that reads a cell; NULL where the cell cannot be read.
CREATE OR REPLACE FUNCTION load_value_sql(cell text, read_as text, is_direct boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN format(CASE
        WHEN NOT is_direct THEN
            CASE read_as
                WHEN 'boolean' THEN 'CASE WHEN lower(%1$s) IN (''true'', ''t'', ''yes'', ''y'', ''on'', ''1'') THEN true
                                          WHEN lower(%1$s) IN (''false'', ''f'', ''no'', ''n'', ''off'', ''0'') THEN false END'
                ELSE 'load_read_%3$s(%1$s)' END
        WHEN read_as IN ('date', 'timestamp') THEN 'CASE WHEN %1$s >= ''1900-01-01'' AND %1$s < ''2100-01-01'' THEN %1$s::%2$s END'
        WHEN read_as = 'amount' THEN 'CASE WHEN abs(%1$s) < 1e14 - 0.0001 THEN %1$s::numeric(18,4) END'
        ELSE '%1$s::%2$s' END, cell, load_type(read_as), read_as);
COMMENT ON FUNCTION load_value_sql(text, text, boolean) IS 'the SQL expression that reads a cell, NULL where it cannot be read; a part of the bulk load';

-- Which of two numbers PostgreSQL takes for the month: the end of DateStyle, MDY, DMY or YMD.
CREATE OR REPLACE FUNCTION load_day_order() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN right(current_setting('DateStyle'), 3);
COMMENT ON FUNCTION load_day_order() IS 'the order in which dates of numbers are read: MDY, DMY or YMD; a part of the bulk load';

CREATE OR REPLACE FUNCTION load_day_order_words(cell text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN cell !~ '^\d{1,2}[-./ ]\d{1,2}[-./ ]\d' THEN ''
                ELSE format(' (DateStyle: %s first)', CASE load_day_order() WHEN 'MDY' THEN 'the month' WHEN 'DMY' THEN 'the day' ELSE 'the year' END) END;
COMMENT ON FUNCTION load_day_order_words(text) IS 'of a cell that is no date: the order in which its numbers were read, where that matters; a part of the bulk load';

-- The expression that is text when a value of level x is missing, unreadable or not known.
CREATE OR REPLACE FUNCTION load_problem_sql(c load_column, cell text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    value  text := format('x.%I', c.column_name);
    result text := '';
BEGIN
    IF c.is_needed THEN
        result := result || format(' WHEN %s IS NULL THEN %L', cell, c.column_name || ' is missing');
    END IF;
    IF c.read_as <> 'text' THEN
        result := result || format(' WHEN %1$s IS NULL AND %2$s IS NOT NULL THEN format(%3$L, %2$s)', value, cell,
            c.column_name || ' "%s" is ' || CASE c.read_as
                WHEN 'number' THEN 'no whole number' WHEN 'amount' THEN 'no amount such as 1234.50' WHEN 'boolean' THEN 'neither yes nor no'
                WHEN 'date' THEN 'no date from 1900 to 2099' WHEN 'timestamp' THEN 'no date and time from 1900 to 2099'
                WHEN 'code' THEN 'no source code: 1 to 12 letters and digits' END)
            || CASE WHEN c.read_as IN ('date', 'timestamp') THEN format(' || load_day_order_words(%s::text)', cell) ELSE '' END;
    END IF;
    IF c.words IS NOT NULL THEN
        result := result || format(' WHEN %1$s <> ALL (string_to_array(%2$L, '','')) THEN format(%3$L, %1$s)', value, c.words,
            c.column_name || ' "%s" is none of ' || replace(c.words, ',', ', '));
    END IF;
    -- what stands in an index must fit there
    IF c.column_name IN ('request_id', 'system', 'number', 'order_number', 'email', 'phone', 'mobile', 'postal', 'messenger') THEN
        result := result || format(' WHEN octet_length(%s) > 1000 THEN %L', value, c.column_name || ' is longer than 1000 bytes');
    END IF;
    IF c.read_as = 'code' AND c.registered_in IS NOT NULL THEN
        result := result || format(' WHEN %s = ''UNSOURCED'' THEN %L', value, c.column_name || ' "UNSOURCED" is reserved');
    END IF;
    IF c.registered_in IS NOT NULL THEN
        result := result || format(' WHEN %1$s NOT IN (SELECT %2$I FROM %3$I) THEN format(%4$L, %1$s)', value,
            split_part(c.registered_in, '.', 2), split_part(c.registered_in, '.', 1), c.column_name || ' "%s" is not registered');
    END IF;
    RETURN 'CASE' || nullif(result, '') || ' END';
END
$$;
COMMENT ON FUNCTION load_problem_sql(load_column, text) IS 'the SQL expression of what is wrong with one cell, NULL when nothing can be; a part of the bulk load';
