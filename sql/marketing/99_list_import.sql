-- Rows of imported files are kept for a time.
CREATE OR REPLACE FUNCTION purge_list_rows(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    days   int := value_setting('keep_list_rows_days', 1, 99999)::int;
    purged bigint;
BEGIN
    DELETE FROM list_import_row r USING list_import i
     WHERE i.list_import_id = r.list_import_id AND i.ended_at < purge_list_rows.as_of - make_interval(days => days);
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;
COMMENT ON FUNCTION purge_list_rows(timestamptz) IS 'deletes the rows of imported files (list_import_row) that are older than the setting keep_list_rows_days, seen from as_of; their counts stay. Returns how many. 22023 for a setting that is no number of days';
