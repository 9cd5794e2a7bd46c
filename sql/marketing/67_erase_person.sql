-- erase_person(): nobody can tell any more who it was, and every figure is as before.
--
-- The rows stay under their number, without what says, or may say, something of the person: which
-- columns that are is data (personal_data). A keyed hash of each address goes to the suppression list
-- first, so that the person is still known, and left alone, when a bought list brings him back. Numbers by which a
-- late repetition is recognised stay, or it would count twice. What comes in under his number afterwards (a late
-- report, a call that named him) is erased by calling it again.

-- Columns that nobody has said how to treat: tables of the house among them.
CREATE OR REPLACE VIEW personal_data_gap AS
SELECT t.table_name, a.attname::text AS column_name,
       CASE WHEN p.table_name IS NULL THEN 'no row in personal_data' ELSE 'neither in erased_columns nor in kept_columns' END AS problem
  FROM (SELECT c.oid, c.relname::text AS table_name FROM pg_class c
         WHERE c.relnamespace = (SELECT n.relnamespace FROM pg_class n WHERE n.oid = 'personal_data'::regclass) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND (EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attname = 'customer_id' AND NOT k.attisdropped)
                OR EXISTS (SELECT FROM personal_data q WHERE q.table_name = c.relname))) t
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN personal_data p ON p.table_name = t.table_name
 WHERE p.table_name IS NULL AND a.attname = 'customer_id'
    OR p.on_erase IN ('emptied', 'kept') AND a.attname <> ALL (p.erased_columns || p.kept_columns)
       AND a.atttypid NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype, 'real'::regtype, 'float8'::regtype, 'boolean'::regtype,
                              'timestamptz'::regtype, 'timestamp'::regtype, 'interval'::regtype, 'xid8'::regtype);
COMMENT ON VIEW personal_data_gap IS 'tables and columns that may hold personal data and of which personal_data does not say how they are treated; empty, unless you have added some';
COMMENT ON COLUMN personal_data_gap.table_name IS 'the table';
COMMENT ON COLUMN personal_data_gap.column_name IS 'the column';
COMMENT ON COLUMN personal_data_gap.problem IS 'what is missing';

-- What is left of a value. Codes that were quoted, words of rules and agreed reasons are counted by reports.
CREATE OR REPLACE FUNCTION erased_value_sql(table_name text, column_name text, value_type text, is_needed boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN column_name = 'quoted_code' THEN 'CASE WHEN quoted_code IS NOT NULL THEN coalesce(source_code::text, ''erased'') END'
                WHEN column_name = 'code_problem' THEN 'CASE WHEN source_code IS NULL AND code_problem IS NOT NULL THEN ''erased'' ELSE code_problem END'
                WHEN (table_name, column_name) = ('lead', 'lost_reason') THEN 'CASE WHEN lost_reason IN (SELECT r.loss_reason FROM loss_reason r) THEN lost_reason WHEN lost_reason IS NOT NULL THEN ''erased'' END'
                WHEN (table_name, column_name) = ('lead_move', 'reason') THEN 'CASE WHEN rule IS NOT NULL THEN reason END'
                WHEN NOT is_needed THEN 'NULL'
                WHEN value_type = 'jsonb' THEN '''{}'''
                ELSE '''erased''' END;
COMMENT ON FUNCTION erased_value_sql(text, text, text, boolean) IS 'SQL for what is left of a column when a person is erased. A part of erase_person()';

-- By what a row of a load or import is about a person: his addresses as written and by their keys (kind:key, mobile as
-- phone), his numbers in other systems, and the customer_id that lead to him.
CREATE OR REPLACE FUNCTION traces_of(customer bigint, OUT known text[], OUT match_keys text[], OUT refs text[], OUT ids text[])
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    known := ARRAY(SELECT lower(btrim(p.value)) FROM contact_point p WHERE p.customer_id = customer);
    match_keys := ARRAY(SELECT DISTINCT CASE k.kind WHEN 'mobile' THEN 'phone' ELSE k.kind END || ':' || k.match_key
                          FROM (SELECT p.kind, contact_match_key(p.kind, p.value) AS match_key FROM contact_point p WHERE p.customer_id = customer) k WHERE k.match_key IS NOT NULL);
    refs := ARRAY(SELECT f.number FROM customer_ref f WHERE f.customer_id = customer);
    ids := ARRAY(SELECT m.merged_id::text FROM merged_customer m WHERE m.customer_id = customer) || customer::text;
END
$$;
COMMENT ON FUNCTION traces_of(bigint) IS 'by what a row of a staging table is recognised as being about a customer. A part of erase_person() and export_person()';

-- An e-mail address may stand within other text; the others are compared as a whole, and by their keys.
CREATE OR REPLACE FUNCTION row_is_about(row_data jsonb, known text[], match_keys text[], refs text[], ids text[], country text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
BEGIN
    IF jsonb_typeof(row_data) <> 'object' THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM jsonb_each_text(row_data) v
         WHERE lower(btrim(v.value)) = ANY (known)
            OR v.key = 'number' AND v.value = ANY (refs) OR v.key = 'customer_id' AND btrim(v.value) = ANY (ids)
            OR strpos(v.value, '@') > 0 AND EXISTS (SELECT FROM regexp_split_to_table(v.value, '[]\s<>()",;:[]+') w (word) WHERE lower(w.word) = ANY (known) OR 'email:' || contact_key('email', w.word, country) = ANY (match_keys))
            OR v.key IN ('phone', 'mobile', 'address') AND 'phone:' || contact_key('phone', v.value, country) = ANY (match_keys)
            OR v.key IN ('postal', 'address') AND 'postal:' || contact_key('postal', v.value, country) = ANY (match_keys)
            OR v.key = 'messenger' AND 'messenger:' || contact_key('messenger', v.value, country) = ANY (match_keys));
END
$$;
COMMENT ON FUNCTION row_is_about(jsonb, text[], text[], text[], text[], text) IS 'whether a row of a staging table is about the customer of traces_of(). A part of erase_person() and export_person()';

-- Rows of loads and imports that are about a person by what they say, not by a number.
CREATE OR REPLACE FUNCTION rejected_rows(customer bigint) RETURNS TABLE (load_run_id bigint, row_no bigint)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
DECLARE
    his     record := traces_of(customer);
    country text := setting_value('country');
BEGIN
    RETURN QUERY
    SELECT r.load_run_id, r.row_no FROM load_reject r WHERE row_is_about(r.row_data, his.known, his.match_keys, his.refs, his.ids, country);
END
$$;
COMMENT ON FUNCTION rejected_rows(bigint) IS 'rows of load_reject that give an address or a number of a customer, in whatever way it is written. Reads the whole table. A part of erase_person() and export_person()';

-- Rows that could not be used have no clean addresses, and postal and messenger addresses are in the row only.
CREATE OR REPLACE FUNCTION imported_rows(customer bigint) RETURNS TABLE (list_import_id bigint, row_no bigint)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
DECLARE
    his      record := traces_of(customer);
    emails   text[] := ARRAY(SELECT substr(k, 7) FROM unnest(his.match_keys) k WHERE k LIKE 'email:%');
    phones   text[] := ARRAY(SELECT substr(k, 7) FROM unnest(his.match_keys) k WHERE k LIKE 'phone:%');
    has_rest boolean := EXISTS (SELECT FROM unnest(his.match_keys) k WHERE k LIKE 'postal:%' OR k LIKE 'messenger:%');
    country  text := setting_value('country');
BEGIN
    RETURN QUERY
    SELECT r.list_import_id, r.row_no FROM list_import_row r
     WHERE r.customer_id = imported_rows.customer OR emails <> '{}' AND email_match_key(r.email) = ANY (emails) OR r.phone = ANY (phones) OR r.mobile = ANY (phones)
        OR (r.fate = 'invalid' OR has_rest) AND row_is_about(r.row_data, his.known, his.match_keys, his.refs, his.ids, country);
END
$$;
COMMENT ON FUNCTION imported_rows(bigint) IS 'rows of bought lists that are a customer or have an address of his, whatever became of them. Reads the whole table. A part of erase_person() and export_person()';

-- The rows of one customer in one table; returns how many.
CREATE OR REPLACE FUNCTION erase_rows(customer bigint, table_name text, on_erase text, erased_columns text[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    assignments text;
    has_content text;
    erased      bigint := 0;
BEGIN
    IF on_erase = 'deleted' THEN
        EXECUTE format('DELETE FROM %I WHERE customer_id = $1', erase_rows.table_name) USING customer;
        GET DIAGNOSTICS erased = ROW_COUNT;
    ELSIF on_erase = 'emptied' THEN
        SELECT string_agg(format('%I = %s', a.attname, erased_value_sql(erase_rows.table_name, a.attname, format_type(a.atttypid, NULL), a.attnotnull)), ', '),
               string_agg(format('%I IS NOT NULL', a.attname), ' OR ')
          INTO assignments, has_content
          FROM pg_attribute a WHERE a.attrelid = to_regclass(quote_ident(erase_rows.table_name)) AND a.attname = ANY (erased_columns) AND NOT a.attisdropped;
        IF assignments IS NOT NULL THEN
            EXECUTE format('UPDATE %I SET %s WHERE customer_id = $1 AND (%s)', erase_rows.table_name, assignments, has_content) USING customer;
            GET DIAGNOSTICS erased = ROW_COUNT;
        END IF;
    END IF;
    RETURN erased;
END
$$;
COMMENT ON FUNCTION erase_rows(bigint, text, text, text[]) IS 'erases what the rows of a customer in one table say of him; returns how many rows. A part of erase_person()';

-- What is not found by customer_id: rejected and imported rows, and the images of merges.
CREATE OR REPLACE FUNCTION erase_traces(customer bigint, OUT emptied bigint, OUT deleted bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    done bigint;
BEGIN
    UPDATE load_reject r SET row_data = '{}', reason = 'erased' FROM rejected_rows(customer) x WHERE x.load_run_id = r.load_run_id AND x.row_no = r.row_no;
    GET DIAGNOSTICS emptied = ROW_COUNT;
    UPDATE list_import_row r SET row_data = NULL, email = NULL, phone = NULL, mobile = NULL FROM imported_rows(customer) x WHERE x.list_import_id = r.list_import_id AND x.row_no = r.row_no;
    GET DIAGNOSTICS done = ROW_COUNT;
    emptied := emptied + done;
    DELETE FROM customer_merge_row w USING customer_merge m WHERE w.customer_merge_id = m.customer_merge_id AND m.unmerged_at IS NULL AND present_customer(m.survivor_id) = customer;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    UPDATE customer_merge m SET is_erased = true, reason = NULL, unmerge_reason = NULL
     WHERE present_customer(m.survivor_id) = customer OR present_customer(m.loser_id) = customer;
    GET DIAGNOSTICS done = ROW_COUNT;
    emptied := emptied + done;
END
$$;
COMMENT ON FUNCTION erase_traces(bigint) IS 'erases what bulk loads, bought lists and merges keep of a customer; returns how many rows were emptied and deleted. A part of erase_person()';

-- Nobody can be visited or contacted any more: open leads are lost, what waits is cancelled.
CREATE OR REPLACE FUNCTION end_contact(customer bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    before lead;
    after  lead;
BEGIN
    FOR before IN SELECT l.* FROM lead l WHERE l.customer_id = customer AND l.status = 'open' ORDER BY l.lead_id LOOP
        after := before;
        after.status := 'lost';
        after.closed_at := clock_timestamp();
        after.next_visit_on := NULL;
        after.lost_reason := 'erased';
        PERFORM lead_change(before, after, 'lost', clock_timestamp(), 'the person was erased', 'erase_person()');
    END LOOP;
    UPDATE selection_member m SET status = 'cancelled' WHERE m.customer_id = customer AND m.status IN ('chosen', 'waiting', 'taken');
    INSERT INTO contact_stop (customer_id, refusal, starts_at)
    SELECT customer, 'never_contact', clock_timestamp() WHERE NOT EXISTS (SELECT FROM person_erasure e WHERE e.erased_id = customer);
END
$$;
COMMENT ON FUNCTION end_contact(bigint) IS 'closes the open leads of a customer, cancels what selections have chosen him for, and stops all contact. A part of erase_person()';

CREATE OR REPLACE FUNCTION erase_person(customer bigint, OUT customer_id bigint, OUT rows_emptied bigint, OUT rows_deleted bigint, OUT addresses_suppressed bigint, OUT was_already_erased boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
#variable_conflict use_column
DECLARE
    gap    personal_data_gap;
    item   record;
    traces record;
    erased bigint;
    emptied    bigint;
    deleted    bigint;
    suppressed bigint;
BEGIN
    PERFORM lock_people(ARRAY[present_customer(erase_person.customer)]);
    customer_id := present_customer(erase_person.customer);
    SELECT e.rows_emptied, e.rows_deleted, e.addresses_suppressed INTO rows_emptied, rows_deleted, addresses_suppressed FROM person_erasure e WHERE e.erased_id = erase_person.customer_id;
    was_already_erased := FOUND;
    IF customer_id = 0 OR NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = erase_person.customer_id) OR customer_id IS NULL THEN
        RAISE EXCEPTION 'there is no customer %', coalesce(erase_person.customer::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer', COLUMN = 'customer_id', HINT = 'Customer 0, the unidentified customer, is nobody.';
    END IF;
    SELECT * INTO gap FROM personal_data_gap g ORDER BY g.table_name, g.column_name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'nobody has said whether column % of table % is personal', gap.column_name, gap.table_name
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('%s.', gap.problem),
                  HINT = 'Say it in table personal_data; view personal_data_gap lists what is missing.';
    END IF;
    PERFORM lock_people(ARRAY[customer_id]);
    suppressed := suppress_addresses(ARRAY[customer_id], NULL, NULL, NULL, ARRAY['erased'], ARRAY[clock_timestamp()], 'erase_person()');
    PERFORM end_contact(customer_id);
    traces := erase_traces(customer_id);
    emptied := traces.emptied;
    deleted := traces.deleted;
    FOR item IN SELECT p.table_name, p.on_erase, p.erased_columns FROM personal_data p
                 WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(quote_ident(p.table_name)) AND a.attname = 'customer_id' AND NOT a.attisdropped)
                 ORDER BY p.table_name
    LOOP
        erased := erase_rows(customer_id, item.table_name, item.on_erase, item.erased_columns);
        IF item.on_erase = 'deleted' THEN
            deleted := deleted + erased;
        ELSE
            emptied := emptied + erased;
        END IF;
    END LOOP;
    IF NOT was_already_erased THEN
        rows_emptied := emptied;
        rows_deleted := deleted;
        addresses_suppressed := suppressed;
        INSERT INTO person_erasure (erased_id, rows_emptied, rows_deleted, addresses_suppressed) VALUES (erase_person.customer_id, emptied, deleted, suppressed);
    END IF;
END
$$;
COMMENT ON FUNCTION erase_person(bigint) IS 'removes all that says, or may say, who a customer was, those merged into him included, and keeps every figure: what was sent, answered and bought still counts under his number. A keyed hash of each address stays on the suppression list. Open leads are lost, what waits for him is cancelled. Cannot be undone; a repetition erases what was recorded under his number since, and nothing else. Returns his number, how many rows were emptied and deleted, how many addresses suppressed (of a repetition: those of the first time), and whether it was done before. 23503 for nobody, 55000 while a table of the house is not in personal_data, 55P03 while somebody works on a lead of his';
