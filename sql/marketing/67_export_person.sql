-- export_person(): all that is held of one person, for whoever asks what we know of him.

CREATE OR REPLACE FUNCTION export_rows(customer bigint, table_name text, key_column text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    result jsonb;
BEGIN
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t) - ''{recorded_xid,key_hash}''::text[] ORDER BY t) FROM (SELECT * FROM %I x WHERE x.%I = $1) t', export_rows.table_name, key_column) INTO result USING customer;
    RETURN result;
EXCEPTION WHEN undefined_function THEN          -- a column that has no order
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t) - ''{recorded_xid,key_hash}''::text[]) FROM %I t WHERE t.%I = $1', export_rows.table_name, key_column) INTO result USING customer;
    RETURN result;
END
$$;
COMMENT ON FUNCTION export_rows(bigint, text, text) IS 'the rows of a table of which a column is the customer, as a document; NULL when there are none. A part of export_person()';

CREATE OR REPLACE FUNCTION export_person(customer bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    person   bigint := present_customer(export_person.customer);
    item     text;
    found    jsonb;
    contents jsonb := jsonb_build_object();
BEGIN
    IF person IS NULL OR person = 0 OR NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = person) THEN
        RAISE EXCEPTION 'there is no customer %', coalesce(export_person.customer::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer', COLUMN = 'customer_id', HINT = 'Customer 0, the unidentified customer, is nobody.';
    END IF;
    -- every table with a customer_id, unless somebody has said otherwise: tables of the house, too
    FOR item IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id' AND NOT a.attisdropped
                  LEFT JOIN personal_data p ON p.table_name = c.relname
                 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND coalesce(p.is_exported, true)
                 ORDER BY c.relname LOOP
        found := export_rows(person, item, 'customer_id');
        IF found IS NOT NULL THEN
            contents := contents || jsonb_build_object(item, found);
        END IF;
    END LOOP;
    RETURN jsonb_build_object('customer_id', person, 'tables', contents || export_traces(person, contents));
END
$$;
COMMENT ON FUNCTION export_person(bigint) IS 'everything held of a customer, those merged into him included, as a document: {"customer_id": ..., "tables": {table: [rows]}}. A table without rows of his is left out. Shows personal data. 23503 for nobody';

-- What is not found by customer_id.
CREATE OR REPLACE FUNCTION export_traces(customer bigint, contents jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    request_ids text[] := ARRAY(SELECT DISTINCT r ->> 'request_id' FROM jsonb_each(contents) t, jsonb_array_elements(t.value) r WHERE r ->> 'request_id' IS NOT NULL);
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(t.key, t.value), '{}') FROM jsonb_each(jsonb_build_object(
        'customer_merge', (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.customer_merge_id) FROM customer_merge m
                            WHERE customer IN (m.survivor_id, m.loser_id) OR m.unmerged_at IS NULL AND present_customer(m.survivor_id) = customer),
        -- who the others were before they were merged: their rows as they were
        'customer_merge_row', (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.customer_merge_id, w.customer_merge_row_id)
                                 FROM customer_merge m JOIN customer_merge_row w ON w.customer_merge_id = m.customer_merge_id AND w.action IN ('changed', 'removed')
                                WHERE m.unmerged_at IS NULL AND present_customer(m.survivor_id) = customer),
        'suppression', (SELECT jsonb_agg(to_jsonb(s) - 'key_hash' || jsonb_build_object('address', p.value) ORDER BY s.suppression_id)
                          FROM contact_point p JOIN suppression s ON s.key_hash = coalesce(p.key_hash, suppression_hash(p.kind, contact_match_key(p.kind, p.value)))
                         WHERE p.customer_id = customer AND p.key_hash IS DISTINCT FROM ''),
        'request', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.recorded_at, r.request_id) FROM request r WHERE r.request_id = ANY (request_ids)),
        'load_reject', (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.load_run_id, l.row_no) FROM load_reject l JOIN rejected_rows(customer) x ON x.load_run_id = l.load_run_id AND x.row_no = l.row_no),
        'list_import_row', (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.list_import_id, l.row_no) FROM list_import_row l JOIN imported_rows(customer) x ON x.list_import_id = l.list_import_id AND x.row_no = l.row_no))) t WHERE t.value <> 'null');
END
$$;
COMMENT ON FUNCTION export_traces(bigint, jsonb) IS 'what merges, suppressions, requests, bulk loads and bought lists hold of a customer. A part of export_person()';
