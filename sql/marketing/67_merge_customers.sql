-- merge_customers() and unmerge_customers(): two customers are one person, and are two again.
--
-- How it works. The rows of the loser get the customer_id of the survivor, and the loser's row leaves
-- table customer; customer_merge_row keeps what was done to which row, and merged_customer leads from the old
-- number to the new one. The other way would have been to leave all rows where they are and to read them through
-- a table of aliases: then every index on customer_id, every report, every unique key and every refresh would have
-- to know of aliases, and a fact of one person would lie in two places of a distributed database. With rows that
-- move, a merge pays once, and nobody else ever: a number that leads nowhere is looked for in
-- merged_customer only after it was not found in customer. The foreign keys on customer see to it that no
-- table is forgotten: with a row left behind the loser cannot go.
--
-- What moves keeps its key, its request_id and the transaction that recorded it, so no fact is
-- counted twice, and a retry finds what it recorded. Only where a unique key allows one row
-- (an address, a list, an idempotency key that both have) is a row united with the survivor's or renamed.
--
-- The images are documents, and compared as such when the merge is undone: so both are made under one time zone.
--
-- What is derived is worked out anew at once for the two, and for the orders of their households that are
-- matched back to them, from the facts that the last refresh has taken in (45_retake_people): so
-- the reports are at any time what a rebuild would make.
--
-- Locks, in this order: the turns of the refreshes, the rows of the customers, their leads. Who records
-- something locks the customer's row against its going first (request_customer()), waits for us, and is then led to
-- the survivor. A job that has a lead of theirs locked makes us give up (55P03) instead of both waiting for each other.
--
-- Undoing takes back each step, last to first. What is something else than the merge left it
-- was changed since and stays so. What was recorded since stays with the survivor, but for rows
-- that hang on rows that go back only (an event of its piece, a return of its order, a visit on its lead): they
-- follow them. A row that hangs on rows of both stays, and names those of the loser no more. Merges of one survivor are undone last one first.

-- Tables with rows of customers that a merge moves or takes out, and their keys within the customer.
CREATE OR REPLACE FUNCTION person_tables(OUT table_name text, OUT key_columns text[], OUT on_merge text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 40 SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.relname::text,
           ARRAY(SELECT k.attname::text FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
                  WHERE i.indrelid = c.oid AND i.indisprimary AND k.attname <> 'customer_id' ORDER BY array_position(i.indkey::int2[], k.attnum)),
           coalesce(p.on_merge, 'moved')
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id' AND NOT a.attisdropped
      LEFT JOIN personal_data p ON p.table_name = c.relname
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'customer'
       AND coalesce(p.on_merge, 'moved') IN ('moved', 'removed')
     ORDER BY c.relname;
END
$$;
COMMENT ON FUNCTION person_tables() IS 'the tables with a column customer_id, what is derived left out: their keys within the customer, and whether a merge moves or removes the rows of the loser. Tables of your own are among them. A part of merge_customers()';

-- Which column of which table names a row of which other table of the same customer: a column that is called like the key.
CREATE OR REPLACE FUNCTION person_references(OUT table_name text, OUT column_name text, OUT parent_table text, OUT parent_key text, OUT condition text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 40 SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH t AS MATERIALIZED (SELECT * FROM person_tables() WHERE on_merge = 'moved'),
    c AS MATERIALIZED (
        SELECT t.table_name, a.attname::text AS column_name FROM t JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(t.table_name)) AND a.attnum > 0 AND NOT a.attisdropped)
    SELECT c.table_name, c.column_name, p.table_name, c.column_name, 'true' FROM c JOIN t p ON p.key_columns = ARRAY[c.column_name] AND c.column_name = p.table_name || '_id' AND p.table_name <> c.table_name
    UNION ALL
    SELECT 'visit', 'planned_visit_id', 'visit', 'visit_id', 'true'
    UNION ALL
    SELECT f.table_name, 'fact_id', p.table_name, p.key_columns[1], format('t.fact = %L', p.table_name)
      FROM c f JOIN c i ON i.table_name = f.table_name AND i.column_name = 'fact_id' JOIN t p ON p.key_columns = ARRAY[p.table_name || '_id']
      JOIN c q ON q.table_name = p.table_name AND q.column_name = 'quoted_code'
     WHERE f.column_name = 'fact'
    ORDER BY 1, 2, 3;
END
$$;
COMMENT ON FUNCTION person_references() IS 'columns that name a row of another table of the same customer, found by their names: touch_id is the key of table touch. condition is SQL on the row t. A part of merge_customers()';

-- The key of a row t within its customer, as SQL that makes a document.
CREATE OR REPLACE FUNCTION key_document_sql(key_columns text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT 'jsonb_build_object(' || coalesce(string_agg(format('%1$L, t.%1$I', k.k), ', ' ORDER BY k.n), '') || ')' FROM unnest(key_columns) WITH ORDINALITY k (k, n));
COMMENT ON FUNCTION key_document_sql(text[]) IS 'SQL for the key of row t as a document. A part of merge_customers()';

-- "this row t is the one that m.key names", as SQL.
CREATE OR REPLACE FUNCTION key_match_sql(table_name text, key_columns text[]) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT coalesce(string_agg(format('t.%I = (m.key ->> %L)::%s', k.k, k.k, format_type(a.atttypid, a.atttypmod)), ' AND ' ORDER BY k.n), 'true')
              FROM unnest(key_columns) WITH ORDINALITY k (k, n)
              JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(key_match_sql.table_name)) AND a.attname = k.k);
END
$$;
COMMENT ON FUNCTION key_match_sql(text, text[]) IS 'SQL that is true where row t is the one named by m.key. A part of merge_customers()';

CREATE OR REPLACE FUNCTION note_merge_row(merge bigint, table_name text, action text, of_customer bigint, key jsonb, before jsonb DEFAULT NULL, after jsonb DEFAULT NULL, why jsonb DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key, before, after, why)
    VALUES (merge, note_merge_row.table_name, note_merge_row.action, of_customer, note_merge_row.key, note_merge_row.before, note_merge_row.after, note_merge_row.why);
END
$$;
COMMENT ON FUNCTION note_merge_row(bigint, text, text, bigint, jsonb, jsonb, jsonb, jsonb) IS 'notes what a merge did to one row. A part of merge_customers()';

-- Sets columns of one row to what a document says.
CREATE OR REPLACE FUNCTION patch_row(table_name text, customer bigint, key jsonb, patch jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    assignments text;
    conditions  text;
BEGIN
    SELECT string_agg(format('%1$I = p.%1$I', k), ', ') INTO assignments FROM jsonb_object_keys(patch) k;
    SELECT coalesce(string_agg(format(' AND t.%1$I = q.%1$I', k), ''), '') INTO conditions FROM jsonb_object_keys(patch_row.key) k;
    IF assignments IS NOT NULL THEN
        EXECUTE format('UPDATE %1$I t SET %2$s FROM jsonb_populate_record(NULL::%1$I, $1) p, jsonb_populate_record(NULL::%1$I, $2) q WHERE t.customer_id = $3%3$s',
                       patch_row.table_name, assignments, conditions) USING patch, patch_row.key, customer;
    END IF;
END
$$;
COMMENT ON FUNCTION patch_row(text, bigint, jsonb, jsonb) IS 'sets the columns of a row that a document names to its values. A part of merge_customers()';

-- The two turns, then the customers, then their leads.
CREATE OR REPLACE FUNCTION lock_people(people bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM FROM value_state s FOR UPDATE;
    PERFORM FROM report_state s FOR UPDATE;
    PERFORM FROM two_strikes_state s FOR UPDATE;
    PERFORM FROM customer c WHERE c.customer_id = ANY (people) ORDER BY c.customer_id FOR UPDATE;
    PERFORM FROM lead l WHERE l.customer_id = ANY (people) ORDER BY l.customer_id, l.lead_id FOR UPDATE NOWAIT;
EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'somebody is working on a lead of customer %', array_to_string(people, ' or ')
        USING ERRCODE = 'lock_not_available', HINT = 'Nothing was changed. Try again.';
END
$$;
COMMENT ON FUNCTION lock_people(bigint[]) IS 'takes the turns of the refreshes and locks customers and their leads until the end of the transaction; 55P03 where a lead is locked. A part of merge_customers()';

-- Where a customer's number leads to.
CREATE OR REPLACE FUNCTION present_customer(customer bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN coalesce((SELECT m.customer_id FROM merged_customer m WHERE m.merged_id = present_customer.customer), present_customer.customer);
END
$$;
COMMENT ON FUNCTION present_customer(bigint) IS 'the customer that a number leads to: itself, or the survivor of the merges it went into';

-- A column of the survivor's row after the merge.
CREATE OR REPLACE FUNCTION merged_fields(survivor customer, loser customer, rule text, from_loser text[], OUT result customer, OUT why jsonb)
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    fields  constant text[] := ARRAY['name', 'household_id', 'organisation_id', 'role_in_decision', 'recommended_by', 'salesperson_id', 'birthday', 'region', 'preferred_channel'];
    ours    jsonb   := to_jsonb(survivor);
    theirs  jsonb   := to_jsonb(loser);
    newest  boolean := rule = 'newest' AND loser.recorded_at > survivor.recorded_at;
    field   text;
BEGIN
    why := '{}';
    FOREACH field IN ARRAY coalesce(from_loser, '{}') LOOP
        IF field IS NULL OR field <> ALL (fields) THEN
            RAISE EXCEPTION 'field "%" cannot be taken from the loser', coalesce(field, 'NULL')
                USING ERRCODE = 'invalid_parameter_value', HINT = format('Fields are %s.', array_to_string(fields, ', '));
        END IF;
    END LOOP;
    FOREACH field IN ARRAY fields LOOP
        CONTINUE WHEN ours -> field = theirs -> field;
        IF field = ANY (from_loser) THEN
            why := why || jsonb_build_object(field, 'by hand');
        ELSIF theirs ->> field IS NULL THEN
            CONTINUE;
        ELSIF ours ->> field IS NULL THEN
            why := why || jsonb_build_object(field, 'filled where empty');
        ELSIF newest THEN
            why := why || jsonb_build_object(field, 'newest');
        ELSE
            CONTINUE;
        END IF;
        ours := ours || jsonb_build_object(field, theirs -> field);
    END LOOP;
    result := jsonb_populate_record(survivor, ours);
    -- nobody is his own organisation or recommender
    result.organisation_id := nullif(nullif(result.organisation_id, survivor.customer_id), loser.customer_id);
    result.recommended_by := nullif(nullif(result.recommended_by, survivor.customer_id), loser.customer_id);
    result.is_key_account := survivor.is_key_account OR loser.is_key_account;
    result.kind := CASE WHEN 'internal' IN (survivor.kind, loser.kind) THEN 'internal' ELSE 'external' END;
    result.became_internal_at := least(survivor.became_internal_at, loser.became_internal_at);
    -- the person came in when the first of the two did
    IF loser.recorded_at < survivor.recorded_at THEN
        result.entered_as := loser.entered_as;
        result.recorded_at := loser.recorded_at;
    END IF;
    ours := to_jsonb(survivor);
    SELECT why || coalesce(jsonb_object_agg(k, 'of both'), '{}') INTO why
      FROM jsonb_object_keys(ours) k WHERE ours -> k <> to_jsonb(result) -> k AND NOT why ? k;
END
$$;
COMMENT ON FUNCTION merged_fields(customer, customer, text, text[]) IS 'the row of the survivor after a merge, and of each field that changes why: by hand, filled where empty, newest, of both. 22023 for a field that is none. A part of merge_customers()';

-- What becomes of the survivor's row where the loser has one of the same unique key: what is empty is
-- filled, and what keeps people from being bothered wins.
CREATE OR REPLACE FUNCTION united_row(table_name text, ours jsonb, theirs jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    grades constant text[] := ARRAY['unknown', 'valid', 'bounced', 'refused'];
    fates  constant text[] := ARRAY['cancelled', 'expired', 'failed', 'refused', 'chosen', 'waiting', 'taken', 'held out', 'done'];
    result jsonb := jsonb_strip_nulls(theirs) || jsonb_strip_nulls(ours);
BEGIN
    IF table_name = 'contact_point' THEN
        IF array_position(grades, theirs ->> 'status') > array_position(grades, ours ->> 'status') THEN
            result := result || jsonb_build_object('status', theirs -> 'status');
        END IF;
        IF (theirs ->> 'is_preferred')::boolean THEN
            result := result || '{"is_preferred": true}';
        END IF;
    ELSIF table_name = 'selection_member' AND array_position(fates, theirs ->> 'status') > array_position(fates, ours ->> 'status') THEN
        -- the same piece was chosen for both: the one that has come further holds
        SELECT result || jsonb_object_agg(k, theirs -> k) INTO result
          FROM unnest(ARRAY['status', 'touch_id', 'call_id', 'done_at', 'result', 'worker', 'salesperson_id', 'reservation_ends_at', 'contact_point_id']) k;
    ELSIF table_name = 'selection_member' AND theirs ->> 'status' = 'waiting' AND ours ->> 'status' = 'waiting' THEN
        result := result || jsonb_build_object('due_at', greatest((theirs ->> 'due_at')::timestamptz, (ours ->> 'due_at')::timestamptz));
    ELSIF table_name = 'customer_contact_rule' AND (theirs ->> 'pieces')::int > 0 AND coalesce((ours ->> 'pieces')::int, 0) NOT BETWEEN 1 AND (theirs ->> 'pieces')::int THEN
        result := result || jsonb_build_object('pieces', theirs -> 'pieces');
    ELSIF table_name = 'list_member' AND theirs ->> 'joined_on' < ours ->> 'joined_on' THEN
        result := result || jsonb_build_object('joined_on', theirs -> 'joined_on');
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION united_row(text, jsonb, jsonb) IS 'the survivor''s row, united with the loser''s that has the same unique key; NULLs are left out. A part of merge_customers()';

-- Nobody is handed out twice at once. What a sending app or an agent has for the loser waits until its reservation ends:
-- the report, under either number, finds it (report_outbox()).
CREATE OR REPLACE FUNCTION put_back_taken_row(merge bigint, survivor bigint, loser bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    member  jsonb;
    waiting jsonb;
BEGIN
    SELECT to_jsonb(m) INTO member FROM selection_member m
     WHERE m.customer_id = loser AND m.status = 'taken' AND EXISTS (SELECT FROM selection_member o WHERE o.customer_id = survivor AND o.status = 'taken');
    IF FOUND THEN
        waiting := jsonb_build_object('status', 'waiting', 'due_at', member -> 'reservation_ends_at', 'reservation_ends_at', NULL);
        PERFORM note_merge_row(put_back_taken_row.merge, 'selection_member', 'changed', loser, jsonb_build_object('selection_run_id', member -> 'selection_run_id'),
                               jsonb_build_object('status', member -> 'status', 'due_at', member -> 'due_at', 'reservation_ends_at', member -> 'reservation_ends_at'), waiting);
        PERFORM patch_row('selection_member', loser, jsonb_build_object('selection_run_id', member -> 'selection_run_id'), waiting);
    END IF;
END
$$;
COMMENT ON FUNCTION put_back_taken_row(bigint, bigint, bigint) IS 'lets a row that was handed out for the loser wait until its reservation ends, where the survivor has one that is handed out, too. A part of merge_customers()';

CREATE OR REPLACE FUNCTION has_piece_otherwise(customer bigint, piece text, run bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN EXISTS (SELECT FROM selection_member m WHERE m.customer_id = has_piece_otherwise.customer AND m.piece = has_piece_otherwise.piece AND m.selection_run_id <> run
                                                    AND m.status IN ('chosen', 'waiting', 'taken', 'done', 'held out'));
END
$$;
COMMENT ON FUNCTION has_piece_otherwise(bigint, text, bigint) IS 'whether a piece was chosen for a customer, and holds, by another run than this. A part of merge_customers()';

-- Rows of the two that cannot both be the survivor's: an idempotency key is renamed, other rows are united.
CREATE OR REPLACE FUNCTION unite_rows(merge bigint, table_name text, key_columns text[], survivor bigint, loser bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    key_sql    text := key_document_sql(key_columns);
    unique_key record;
    their_key  jsonb;
    our_key    jsonb;
    theirs     jsonb;
    ours       jsonb;
    new_key    jsonb;           -- an idempotency key by which nobody else goes
    joining    jsonb;
    united     jsonb;
BEGIN
    IF unite_rows.table_name = 'selection_member' THEN
        PERFORM put_back_taken_row(unite_rows.merge, unite_rows.survivor, unite_rows.loser);
    END IF;
    FOR unique_key IN
        SELECT ARRAY(SELECT k.attname::text FROM pg_attribute k WHERE k.attrelid = i.indrelid AND k.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]) AND k.attname <> 'customer_id') AS columns,
               coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS condition, i.indnullsnotdistinct AS nulls_are_equal
          FROM pg_index i
         WHERE i.indrelid = to_regclass(quote_ident(unite_rows.table_name)) AND i.indisunique AND i.indexprs IS NULL
           AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey) AND k.attname = 'customer_id')
         ORDER BY i.indexrelid
    LOOP
        -- a number of its own is nobody else's
        CONTINUE WHEN unique_key.columns = ARRAY[unite_rows.table_name || '_id'];
        FOR their_key, our_key, theirs, ours IN EXECUTE format(
            'SELECT l.key AS their_key, o.key AS our_key, l.row AS theirs, o.row AS ours
               FROM (SELECT t.*, %2$s AS key, to_jsonb(t) AS row FROM %1$I t WHERE t.customer_id = $1 AND %3$s) l
               JOIN (SELECT t.*, %2$s AS key, to_jsonb(t) AS row FROM %1$I t WHERE t.customer_id = $2 AND %3$s) o ON %4$s',
            unite_rows.table_name, key_sql, unique_key.condition,
            coalesce((SELECT string_agg(format(CASE WHEN unique_key.nulls_are_equal THEN 'NOT l.%1$I IS DISTINCT FROM o.%1$I' ELSE 'l.%1$I = o.%1$I' END, k), ' AND ')
                        FROM unnest(unique_key.columns) k), 'true')) USING loser, survivor
        LOOP
            IF unique_key.columns = '{request_id}' THEN
                new_key := jsonb_build_object('request_id', format('%s of customer %s', theirs ->> 'request_id', loser));
                PERFORM note_merge_row(unite_rows.merge, unite_rows.table_name, 'changed', loser, their_key, jsonb_build_object('request_id', theirs -> 'request_id'), new_key);
                PERFORM patch_row(unite_rows.table_name, loser, their_key, new_key);
                CONTINUE;
            END IF;
            -- a row that holds for a piece which the survivor has by another row: that one stays the one
            joining := theirs - 'customer_id';
            IF unite_rows.table_name = 'selection_member' AND has_piece_otherwise(survivor, ours ->> 'piece', (ours ->> 'selection_run_id')::bigint) THEN
                joining := joining || '{"status": "cancelled"}';
            END IF;
            SELECT jsonb_object_agg(u.key, u.value) INTO united
              FROM jsonb_each(united_row(unite_rows.table_name, ours - 'customer_id', joining)) u WHERE u.value <> ours -> u.key;
            PERFORM note_merge_row(unite_rows.merge, unite_rows.table_name, 'removed', loser, their_key, theirs, our_key);
            EXECUTE format('DELETE FROM %I t USING (SELECT $1 AS key) m WHERE t.customer_id = $2 AND %s', unite_rows.table_name,
                           key_match_sql(unite_rows.table_name, key_columns)) USING their_key, loser;
            IF united IS NOT NULL THEN
                PERFORM note_merge_row(unite_rows.merge, unite_rows.table_name, 'changed', survivor, our_key,
                                       (SELECT jsonb_object_agg(k, ours -> k) FROM jsonb_object_keys(united) k), united);
                PERFORM patch_row(unite_rows.table_name, survivor, our_key, united);
            END IF;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION unite_rows(bigint, text, text[], bigint, bigint) IS 'unites rows of two customers of one table that have the same unique key, and renames idempotency keys that both have. A part of merge_customers()';

-- What names a row that was united names the survivor's from now on.
CREATE OR REPLACE FUNCTION follow_united_rows(merge bigint, survivor bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    reference record;
BEGIN
    FOR reference IN
        SELECT r.*, key_document_sql(p.key_columns) AS key_sql
          FROM person_references() r JOIN person_tables() p ON p.table_name = r.table_name
         WHERE EXISTS (SELECT FROM customer_merge_row w WHERE w.customer_merge_id = merge AND w.table_name = r.parent_table AND w.action = 'removed' AND w.after IS NOT NULL)
    LOOP
        EXECUTE format(
            'WITH named AS (
                 SELECT %2$s AS key, t.ctid AS place, w.key AS old_key, w.after AS new_key,
                        -- a row of the survivor that was united with the loser''s names it, too
                        CASE WHEN EXISTS (SELECT FROM customer_merge_row v WHERE v.customer_merge_id = $1 AND v.table_name = %1$L AND v.action = ''moved'' AND v.key = %2$s)
                             THEN w.of_customer_id ELSE $2 END AS of_customer_id
                   FROM customer_merge_row w JOIN %1$I t ON t.customer_id = $2 AND t.%3$I = (w.key ->> %5$L)::bigint AND %6$s
                  WHERE w.customer_merge_id = $1 AND w.table_name = %4$L AND w.action = ''removed'' AND w.after IS NOT NULL
                    AND NOT EXISTS (SELECT FROM customer_merge_row k WHERE k.customer_merge_id = $1 AND k.table_name = %1$L AND k.action = ''kept'' AND k.key = %2$s)
             ), noted AS (
                 INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key, before, after)
                 SELECT $1, %1$L, ''changed'', n.of_customer_id, n.key, jsonb_build_object(%3$L, n.old_key -> %5$L), jsonb_build_object(%3$L, n.new_key -> %5$L) FROM named n)
             UPDATE %1$I t SET %3$I = (n.new_key ->> %5$L)::bigint FROM named n WHERE t.customer_id = $2 AND t.ctid = n.place',
            reference.table_name, reference.key_sql, reference.column_name, reference.parent_table, reference.parent_key, reference.condition)
          USING merge, survivor;
    END LOOP;
END
$$;
COMMENT ON FUNCTION follow_united_rows(bigint, bigint) IS 'lets rows that name a row which was united with one of the survivor''s name that. A part of merge_customers()';

-- Rows of one that named a row of the other before the merge, wrongly: that is left as it is when the merge is undone.
CREATE OR REPLACE FUNCTION note_kept_rows(merge bigint, survivor bigint, loser bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    reference record;
BEGIN
    FOR reference IN SELECT r.*, key_document_sql(p.key_columns) AS key_sql FROM person_references() r JOIN person_tables() p ON p.table_name = r.table_name LOOP
        EXECUTE format(
            'INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key)
             SELECT $1, %1$L, ''kept'', o.customer_id, %2$s
               FROM (VALUES ($2, $3), ($3, $2)) o (customer_id, other_id)
               JOIN %1$I t ON t.customer_id = o.customer_id JOIN %4$I p ON p.customer_id = o.other_id AND p.%5$I = t.%3$I
              WHERE %6$s',
            reference.table_name, reference.key_sql, reference.column_name, reference.parent_table, reference.parent_key, reference.condition)
          USING merge, survivor, loser;
    END LOOP;
END
$$;
COMMENT ON FUNCTION note_kept_rows(bigint, bigint, bigint) IS 'notes rows of one customer that name rows of the other before they are merged. A part of merge_customers()';

-- Whose numbers in other systems they were.
CREATE OR REPLACE FUNCTION note_first_customers(merge bigint, loser bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    WITH noted AS (
        UPDATE customer_ref f SET first_customer_id = loser WHERE f.customer_id = loser AND f.first_customer_id IS NULL RETURNING f.system, f.number)
    INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key, before, after)
    SELECT merge, 'customer_ref', 'changed', loser, jsonb_build_object('system', n.system, 'number', n.number), '{"first_customer_id": null}', jsonb_build_object('first_customer_id', loser) FROM noted n;
END
$$;
COMMENT ON FUNCTION note_first_customers(bigint, bigint) IS 'keeps whose the numbers of the loser in other systems were. A part of merge_customers()';

-- The rows of the loser become the survivor's; returns how many.
CREATE OR REPLACE FUNCTION move_rows(merge bigint, survivor bigint, loser bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    item    record;
    key_sql text;
    moved   bigint;
    total   bigint := 0;
BEGIN
    FOR item IN SELECT * FROM person_tables() LOOP
        key_sql := key_document_sql(item.key_columns);
        EXECUTE format('SELECT count(*) FROM %I t WHERE t.customer_id = $1', item.table_name) INTO moved USING loser;
        CONTINUE WHEN moved = 0;
        IF item.on_merge = 'removed' THEN
            EXECUTE format('WITH gone AS (DELETE FROM %1$I t WHERE t.customer_id = $2 RETURNING %2$s AS key, to_jsonb(t) AS row)
                            INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key, before)
                            SELECT $1, %1$L, ''removed'', $2, g.key, g.row FROM gone g', item.table_name, key_sql) USING merge, loser;
            CONTINUE;
        ELSIF NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass(quote_ident(item.table_name)) AND i.indisprimary) THEN
            RAISE EXCEPTION 'table % has rows of customer % and no primary key', item.table_name, loser
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Give it one, so that its rows can be told from each other when the merge is undone.';
        END IF;
        PERFORM unite_rows(merge, item.table_name, item.key_columns, survivor, loser);
        EXECUTE format('WITH moved AS (UPDATE %1$I t SET customer_id = $3 WHERE t.customer_id = $2 RETURNING %2$s AS key)
                        INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key)
                        SELECT $1, %1$L, ''moved'', $2, m.key FROM moved m', item.table_name, key_sql) USING merge, loser, survivor;
        GET DIAGNOSTICS moved = ROW_COUNT;
        total := total + moved;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION move_rows(bigint, bigint, bigint) IS 'gives the rows of the loser to the survivor and notes each; returns how many moved. 55000 for a table without a primary key. A part of merge_customers()';

-- Other people whose organisation or recommender the loser is.
CREATE OR REPLACE FUNCTION move_relations(merge bigint, survivor bigint, loser bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    WITH others AS (
        SELECT c.customer_id, c.organisation_id, c.recommended_by FROM customer c WHERE c.organisation_id = loser OR c.recommended_by = loser ORDER BY c.customer_id FOR NO KEY UPDATE
    ), noted AS (
        INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key, before, after)
        SELECT merge, 'customer', 'changed', o.customer_id, '{}', x.before, x.after
          FROM others o CROSS JOIN LATERAL (VALUES
               (jsonb_strip_nulls(jsonb_build_object('organisation_id', CASE WHEN o.organisation_id = loser THEN loser END, 'recommended_by', CASE WHEN o.recommended_by = loser THEN loser END)),
                jsonb_strip_nulls(jsonb_build_object('organisation_id', CASE WHEN o.organisation_id = loser THEN survivor END, 'recommended_by', CASE WHEN o.recommended_by = loser THEN survivor END)))) x (before, after))
    UPDATE customer c SET organisation_id = CASE WHEN c.organisation_id = loser THEN survivor ELSE c.organisation_id END,
                          recommended_by = CASE WHEN c.recommended_by = loser THEN survivor ELSE c.recommended_by END
      FROM others o WHERE c.customer_id = o.customer_id;
END
$$;
COMMENT ON FUNCTION move_relations(bigint, bigint, bigint) IS 'gives the members of an organisation, and people who were recommended, to the survivor. A part of merge_customers()';

-- The owner of an account is the last one in its history: where that is another one now, it is said when and why.
CREATE OR REPLACE FUNCTION note_account_owner(merge bigint, customer bigint, reason text) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    owner bigint := (SELECT c.salesperson_id FROM customer c WHERE c.customer_id = customer);
    last  account_owner;
    since timestamptz;
BEGIN
    SELECT * INTO last FROM account_owner a WHERE a.customer_id = customer ORDER BY a.since DESC LIMIT 1;
    IF last.salesperson_id IS DISTINCT FROM owner THEN
        since := greatest(clock_timestamp(), last.since + interval '1 microsecond');
        INSERT INTO account_owner (customer_id, since, salesperson_id, reason) VALUES (customer, since, owner, note_account_owner.reason);
        IF merge IS NOT NULL THEN
            PERFORM note_merge_row(merge, 'account_owner', 'added', customer, jsonb_build_object('since', since));
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION note_account_owner(bigint, bigint, text) IS 'adds to the history of an account who owns it after a merge, where its last row says otherwise. A part of merge_customers()';

CREATE OR REPLACE FUNCTION write_merged_fields(merge bigint, ours customer, result customer, why jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    changed jsonb := (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(to_jsonb(result)) n WHERE n.value <> to_jsonb(ours) -> n.key);
BEGIN
    IF changed IS NOT NULL THEN
        PERFORM note_merge_row(merge, 'customer', 'changed', ours.customer_id, '{}', (SELECT jsonb_object_agg(k, to_jsonb(ours) -> k) FROM jsonb_object_keys(changed) k), changed, why);
        PERFORM patch_row('customer', ours.customer_id, '{}', changed);
    END IF;
END
$$;
COMMENT ON FUNCTION write_merged_fields(bigint, customer, customer, jsonb) IS 'writes the row of the survivor and notes what changed in it. A part of merge_customers()';

-- The merge that made one of the two already, or that the request_id says.
CREATE OR REPLACE FUNCTION earlier_merge(survivor bigint, loser bigint, is_same boolean, request_id text) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    earlier customer_merge;
BEGIN
    SELECT * INTO earlier FROM customer_merge m WHERE m.request_id = earlier_merge.request_id;
    IF FOUND THEN
        IF (earlier.survivor_id, earlier.loser_id) <> (survivor, loser) THEN
            RAISE EXCEPTION 'request_id "%" was used before for another call', request_id
                USING ERRCODE = 'unique_violation', TABLE = 'customer_merge', COLUMN = 'request_id', DETAIL = format('It merged customer %s into customer %s.', earlier.loser_id, earlier.survivor_id),
                      HINT = 'A retry must say what the first call said. What is new gets a request_id of its own.';
        END IF;
        RETURN earlier.customer_merge_id;
    ELSIF survivor = loser THEN
        RAISE EXCEPTION 'customer % cannot be merged with himself', survivor USING ERRCODE = 'invalid_parameter_value', HINT = 'Name two customers.';
    ELSIF is_same THEN
        RETURN (SELECT max(m.customer_merge_id) FROM customer_merge m WHERE m.loser_id IN (survivor, loser) AND m.unmerged_at IS NULL);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION earlier_merge(bigint, bigint, boolean, text) IS 'the merge that a call repeats, NULL when it is new; 23505 for a request_id that merged others, 22023 for one customer named twice. A part of merge_customers()';

-- What each of a few people has refused, taken alone: by channel and purpose, as may_contact() sees it.
CREATE OR REPLACE FUNCTION refused_by(people bigint[]) RETURNS TABLE (channel text, purpose text)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT DISTINCT c.channel, p.purpose
      FROM contact_channel c CROSS JOIN contact_purpose p
      JOIN consent_event e ON e.customer_id = ANY (people) AND (e.channel = c.channel OR e.channel IS NULL) AND (e.purpose = p.purpose OR e.purpose IS NULL AND NOT p.is_exempt)
     GROUP BY c.channel, p.purpose, e.customer_id
    HAVING max(e.happened_at) FILTER (WHERE e.status = 'refused')
           >= coalesce(max(e.happened_at) FILTER (WHERE e.status = 'granted' AND e.given_by = 'person' AND e.evidence <> ''), '-infinity');
END
$$;
COMMENT ON FUNCTION refused_by(bigint[]) IS 'channels and purposes that any of a few people has refused, each by his own consents and opt-outs alone. A part of merge_customers()';

-- A later consent of the one does not lift an opt-out of the other: two people would have to be one for
-- that, and whoever merges them may be wrong.
CREATE OR REPLACE FUNCTION keep_refusals(merge bigint, customer bigint, channels text[], purposes text[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    WITH lost AS (
        SELECT b.channel, b.purpose FROM unnest(channels, purposes) b (channel, purpose)
        EXCEPT SELECT r.channel, r.purpose FROM refused_by(ARRAY[customer]) r
    ), written AS (
        INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, source, happened_at)
        SELECT customer, l.channel, l.purpose, 'refused', 'staff', 'merged with a customer who had refused', clock_timestamp() FROM lost l ORDER BY 1, 2, 3
        RETURNING consent_event_id
    )
    INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key)
    SELECT merge, 'consent_event', 'added', customer, jsonb_build_object('consent_event_id', w.consent_event_id) FROM written w;
END
$$;
COMMENT ON FUNCTION keep_refusals(bigint, bigint, text[], text[]) IS 'records again, for the survivor of a merge, what one of the two had refused and a consent of the other would lift. A part of merge_customers()';

CREATE OR REPLACE FUNCTION check_merge(survivor customer, loser customer, named_survivor bigint, named_loser bigint) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    IF survivor.customer_id IS NULL OR loser.customer_id IS NULL THEN
        RAISE EXCEPTION 'there is no customer %', CASE WHEN survivor.customer_id IS NULL THEN named_survivor ELSE named_loser END
            USING ERRCODE = 'foreign_key_violation', TABLE = 'customer', COLUMN = 'customer_id', HINT = 'Name two customers of table customer.';
    ELSIF 0 IN (survivor.customer_id, loser.customer_id) THEN
        RAISE EXCEPTION 'customer 0 cannot be merged' USING ERRCODE = 'invalid_parameter_value', DETAIL = 'Customer 0 is the unidentified customer: many people.',
            HINT = 'What one of them did is given to somebody known by recording it for him.';
    ELSIF survivor.is_seed <> loser.is_seed THEN
        RAISE EXCEPTION 'customer % is a seed name and customer % is none', CASE WHEN survivor.is_seed THEN survivor.customer_id ELSE loser.customer_id END,
                        CASE WHEN survivor.is_seed THEN loser.customer_id ELSE survivor.customer_id END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A seed name is nobody: what it got is never counted.';
    ELSIF survivor.is_organisation <> loser.is_organisation THEN
        RAISE EXCEPTION 'customer % is an organisation and customer % is a person', CASE WHEN survivor.is_organisation THEN survivor.customer_id ELSE loser.customer_id END,
                        CASE WHEN survivor.is_organisation THEN loser.customer_id ELSE survivor.customer_id END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Who works for an organisation has its number in organisation_id. If one of the two was entered wrongly, mend is_organisation first.';
    ELSIF EXISTS (SELECT FROM person_erasure e WHERE e.erased_id IN (survivor.customer_id, loser.customer_id)) THEN
        RAISE EXCEPTION 'customer % was erased', (SELECT min(e.erased_id) FROM person_erasure e WHERE e.erased_id IN (survivor.customer_id, loser.customer_id))
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Nobody can tell any more who it was.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_merge(customer, customer, bigint, bigint) IS '23503 for a customer who is not there, 22023 for two who cannot be one, 55000 for one who was erased. A part of merge_customers()';

-- The score of the survivor is worked out anew by a merge, and the segment may be another one: noted, so
-- that both are as before when the merge is undone before the next round.
CREATE OR REPLACE FUNCTION retake_and_note(merge bigint, survivor bigint, loser bigint, households bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    before      jsonb  := (SELECT to_jsonb(s) FROM customer_score s WHERE s.customer_id = survivor);
    last_before bigint := coalesce((SELECT max(h.customer_segment_id) FROM customer_segment h WHERE h.customer_id = survivor), 0);
    after       jsonb;
BEGIN
    PERFORM retake_people(ARRAY[survivor, loser], households);
    after := (SELECT to_jsonb(s) FROM customer_score s WHERE s.customer_id = survivor);
    IF before IS NULL AND after IS NOT NULL THEN
        PERFORM note_merge_row(merge, 'customer_score', 'added', survivor, '{}');
    ELSIF before <> after THEN
        PERFORM note_merge_row(merge, 'customer_score', 'changed', survivor, '{}', before, after);
    END IF;
    INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key)
    SELECT merge, 'customer_segment', 'added', survivor, jsonb_build_object('customer_segment_id', h.customer_segment_id)
      FROM customer_segment h WHERE h.customer_id = survivor AND h.customer_segment_id > last_before;
END
$$;
COMMENT ON FUNCTION retake_and_note(bigint, bigint, bigint, bigint[]) IS 'retake_people() for a merge, with notes on score and segment of the survivor. A part of merge_customers()';

CREATE OR REPLACE FUNCTION merge_customers(
    survivor bigint, loser bigint, reason text DEFAULT NULL, rule text DEFAULT 'survivor', from_loser text[] DEFAULT '{}', request_id text DEFAULT NULL,
    OUT customer_merge_id bigint, OUT customer_id bigint, OUT rows_moved bigint, OUT was_already_merged boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan SET extra_float_digits = 1 SET timezone = 'UTC' AS
$$
#variable_conflict use_column
DECLARE
    ours     customer;
    theirs   customer;
    after    record;
    channels text[];            -- what either has refused
    purposes text[];
BEGIN
    IF num_nulls(merge_customers.survivor, merge_customers.loser) > 0 THEN
        RAISE EXCEPTION 'the % is missing', CASE WHEN merge_customers.survivor IS NULL THEN 'survivor' ELSE 'loser' END
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Give two customer_id: the one that stays, and the one that goes.';
    END IF;
    PERFORM check_word('rule', merge_customers.rule, '{survivor,newest}');
    PERFORM lock_people(ARRAY[present_customer(merge_customers.survivor), present_customer(merge_customers.loser)]);
    SELECT c.* INTO ours FROM customer c WHERE c.customer_id = present_customer(merge_customers.survivor);
    SELECT c.* INTO theirs FROM customer c WHERE c.customer_id = present_customer(merge_customers.loser);
    customer_merge_id := (SELECT earlier_merge(merge_customers.survivor, merge_customers.loser, ours.customer_id = theirs.customer_id, merge_customers.request_id));
    was_already_merged := customer_merge_id IS NOT NULL;
    IF was_already_merged THEN
        SELECT m.rows_moved, present_customer(m.survivor_id) INTO rows_moved, customer_id FROM customer_merge m WHERE m.customer_merge_id = merge_customers.customer_merge_id;
        RETURN;
    END IF;
    PERFORM check_merge(ours, theirs, merge_customers.survivor, merge_customers.loser);
    -- locked under numbers that led elsewhere until somebody else was done: now for good
    PERFORM lock_people(ARRAY[ours.customer_id, theirs.customer_id]);
    after := merged_fields(ours, theirs, merge_customers.rule, merge_customers.from_loser);
    customer_id := ours.customer_id;
    INSERT INTO customer_merge (survivor_id, loser_id, rule, reason, request_id)
    VALUES (ours.customer_id, theirs.customer_id, merge_customers.rule, merge_customers.reason, merge_customers.request_id)
    RETURNING customer_merge.customer_merge_id INTO customer_merge_id;
    PERFORM note_kept_rows(customer_merge_id, ours.customer_id, theirs.customer_id);
    PERFORM write_merged_fields(customer_merge_id, ours, after.result, after.why);
    SELECT array_agg(r.channel), array_agg(r.purpose) INTO channels, purposes FROM refused_by(ARRAY[ours.customer_id, theirs.customer_id]) r;
    PERFORM note_first_customers(customer_merge_id, theirs.customer_id);
    rows_moved := move_rows(customer_merge_id, ours.customer_id, theirs.customer_id);
    PERFORM follow_united_rows(customer_merge_id, ours.customer_id);
    PERFORM move_relations(customer_merge_id, ours.customer_id, theirs.customer_id);
    PERFORM note_merge_row(customer_merge_id, 'customer', 'removed', theirs.customer_id, '{}', to_jsonb(theirs));
    DELETE FROM customer c WHERE c.customer_id = theirs.customer_id;
    INSERT INTO merged_customer (merged_id, customer_id) VALUES (theirs.customer_id, ours.customer_id);
    PERFORM keep_refusals(customer_merge_id, ours.customer_id, channels, purposes);
    PERFORM note_account_owner(customer_merge_id, ours.customer_id, 'merged');
    UPDATE customer_merge m SET rows_moved = merge_customers.rows_moved WHERE m.customer_merge_id = merge_customers.customer_merge_id;
    PERFORM retake_and_note(customer_merge_id, ours.customer_id, theirs.customer_id, ARRAY[ours.household_id, theirs.household_id, (after.result).household_id]);
END
$$;
COMMENT ON FUNCTION merge_customers(bigint, bigint, text, text, text[], text) IS 'makes two customers one: all that is known of the loser becomes the survivor''s, and the loser''s number leads to the survivor. What the survivor''s row lacks is filled from the loser''s; where both have a value the survivor''s stays, with rule newest that of who was recorded last; fields named in from_loser are the loser''s. Returns the merge, the survivor, how many rows moved, and whether they were one already (then nothing is done). unmerge_customers() undoes it. 22004 without one of them, 22023 for customer 0, a seed name or organisation with one that is none, an unknown rule or field, 23503 for one who is not there, 23505 for a request_id that was used for others, 55000 for one who was erased, 55P03 while somebody works on a lead of theirs';
