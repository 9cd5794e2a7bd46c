-- What a query that is handed over as text must return, asked before it is run: PostgreSQL would
-- speak of a table "q", of which the caller knows nothing.

CREATE FUNCTION query_columns_check(caller text, query text, columns text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE COST 1000 AS
$$
BEGIN
    -- planned, and not run
    EXECUTE format(E'SELECT FROM (%s\n) q (%s) LIMIT 0', query, columns);
EXCEPTION WHEN invalid_column_reference THEN
    RAISE 'the query of % returns too few columns', caller
        USING ERRCODE = 'datatype_mismatch', DETAIL = SQLERRM || '.', HINT = format('The query must return (%s).', columns);
END
$$;
COMMENT ON FUNCTION query_columns_check(text, text, text) IS 'raises 42804 where a query has fewer columns than the list, separated by commas, names; NULL for a query that is NULL; a part of the functions that take a query';
