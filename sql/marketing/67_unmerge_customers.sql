-- unmerge_customers(): what a merge did is taken back, step by step. 67_merge_customers.sql says how.

-- References by which a row recorded later hangs on another one. The order of a lead is written when the lead
-- is closed: by that, no lead goes anywhere.
CREATE OR REPLACE FUNCTION binding_references(OUT table_name text, OUT column_name text, OUT parent_table text, OUT parent_key text, OUT condition text, OUT stays_sql text) RETURNS SETOF record
    LANGUAGE plpgsql STABLE ROWS 40 SET search_path FROM CURRENT AS
$$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH r AS MATERIALIZED (SELECT b.* FROM person_references() b WHERE (b.table_name, b.column_name) <> ('lead', 'customer_order_id'))
    SELECT r.*, (SELECT coalesce(string_agg(format(
                            'AND NOT EXISTS (SELECT FROM %1$I p WHERE p.customer_id = t.customer_id AND p.%2$I = t.%3$I AND %4$s
                                                AND NOT EXISTS (SELECT FROM customer_merge_row g
                                                                 WHERE g.customer_merge_id = $1 AND g.table_name = %1$L AND g.action IN (''moved'', ''followed'') AND g.key = jsonb_build_object(%2$L, p.%2$I)))',
                            o.parent_table, o.parent_key, o.column_name, o.condition), ' '), '')
                   FROM r o WHERE o.table_name = r.table_name AND (o.column_name, o.parent_table) <> (r.column_name, r.parent_table) AND r.condition = 'true')
      FROM r;
END
$$;
COMMENT ON FUNCTION binding_references() IS 'references that a row follows when a merge is undone; stays_sql is SQL that is true unless row t hangs on a row that stays as well. A part of unmerge_customers()';

-- Rows recorded since that hang on rows that go back, on rows that hang on these, and so on.
CREATE OR REPLACE FUNCTION note_following_rows(merge bigint, survivor bigint, loser bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    reference record;
    found     bigint;
    noted     bigint;
    total     bigint := 0;
BEGIN
    LOOP
        noted := 0;
        FOR reference IN SELECT r.*, key_document_sql(p.key_columns) AS key_sql FROM binding_references() r JOIN person_tables() p ON p.table_name = r.table_name LOOP
            EXECUTE format(
                'INSERT INTO customer_merge_row (customer_merge_id, table_name, action, of_customer_id, key)
                 SELECT DISTINCT $1, %1$L, ''followed'', $3, %2$s
                   FROM customer_merge_row w JOIN %1$I t ON t.customer_id = $2 AND t.%3$I = (w.key ->> %5$L)::bigint AND %6$s
                  WHERE w.customer_merge_id = $1 AND w.table_name = %4$L AND w.action IN (''moved'', ''followed'') %7$s
                    AND NOT EXISTS (SELECT FROM customer_merge_row k
                                     WHERE k.customer_merge_id = $1 AND k.table_name = %1$L AND k.key = %2$s
                                       -- a row of the survivor that was united with one of the loser names his touch, and stays
                                       AND (k.action IN (''moved'', ''kept'', ''followed'') OR k.action = ''changed'' AND k.of_customer_id = $2))',
                reference.table_name, reference.key_sql, reference.column_name, reference.parent_table, reference.parent_key, reference.condition, reference.stays_sql)
              USING merge, survivor, loser;
            GET DIAGNOSTICS found = ROW_COUNT;
            noted := noted + found;
        END LOOP;
        total := total + noted;
        EXIT WHEN noted = 0;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION note_following_rows(bigint, bigint, bigint) IS 'notes rows recorded since a merge that hang on rows which go back to the loser, and on none that stays; returns how many. A part of unmerge_customers()';

-- Gives the noted rows back to the loser; returns how many.
CREATE OR REPLACE FUNCTION return_rows(merge bigint, survivor bigint, loser bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    item     record;
    returned bigint;
    total    bigint := 0;
BEGIN
    FOR item IN SELECT p.* FROM person_tables() p WHERE p.table_name IN (SELECT w.table_name FROM customer_merge_row w WHERE w.customer_merge_id = merge) LOOP
        EXECUTE format('UPDATE %1$I t SET customer_id = $3 FROM customer_merge_row m
                         WHERE m.customer_merge_id = $1 AND m.table_name = %1$L AND m.action IN (''moved'', ''followed'') AND t.customer_id = $2 AND %2$s',
                       item.table_name, key_match_sql(item.table_name, item.key_columns)) USING merge, survivor, loser;
        GET DIAGNOSTICS returned = ROW_COUNT;
        total := total + returned;
        EXECUTE format('INSERT INTO %1$I OVERRIDING SYSTEM VALUE
                        SELECT r.* FROM customer_merge_row m, jsonb_populate_record(NULL::%1$I, m.before) r
                         WHERE m.customer_merge_id = $1 AND m.table_name = %1$L AND m.action = ''removed'' ORDER BY m.customer_merge_row_id', item.table_name) USING merge;
        GET DIAGNOSTICS returned = ROW_COUNT;
        total := total + returned;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION return_rows(bigint, bigint, bigint) IS 'gives the rows that a merge moved, and those that follow them, back to the loser, and puts back those it took out; returns how many. A part of unmerge_customers()';

-- Columns that the merge changed become again what they were, unless somebody has changed them since.
CREATE OR REPLACE FUNCTION restore_changed_rows(merge bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    item    record;
    present jsonb;
    conditions text;
BEGIN
    FOR item IN SELECT w.* FROM customer_merge_row w WHERE w.customer_merge_id = merge AND w.action = 'changed' ORDER BY w.customer_merge_row_id DESC LOOP
        SELECT coalesce(string_agg(format(' AND t.%1$I = q.%1$I', k), ''), '') INTO conditions FROM jsonb_object_keys(item.key) k;
        EXECUTE format('SELECT to_jsonb(t) FROM %1$I t, jsonb_populate_record(NULL::%1$I, $2) q WHERE t.customer_id = $1%2$s', item.table_name, conditions)
           INTO present USING item.of_customer_id, item.key;
        PERFORM patch_row(item.table_name, item.of_customer_id, item.key, (SELECT coalesce(jsonb_object_agg(a.key, item.before -> a.key), '{}')
                                                                             FROM jsonb_each(item.after) a WHERE present -> a.key = a.value));
    END LOOP;
END
$$;
COMMENT ON FUNCTION restore_changed_rows(bigint) IS 'gives columns that a merge changed, and nobody has changed since, their values again. A part of unmerge_customers()';

-- What was recorded or written since and names a row of the other one, names it no more.
CREATE OR REPLACE FUNCTION cut_references(merge bigint, survivor bigint, loser bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    reference record;
    cut       bigint;
    total     bigint := 0;
BEGIN
    FOR reference IN
        SELECT r.*, key_document_sql(p.key_columns) AS key_sql
          FROM person_references() r JOIN person_tables() p ON p.table_name = r.table_name
          JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(r.table_name)) AND a.attname = r.column_name AND NOT a.attnotnull
    LOOP
        EXECUTE format('UPDATE %1$I t SET %3$I = NULL
                          FROM (VALUES ($2, $3), ($3, $2)) o (customer_id, other_id)
                         WHERE t.customer_id = o.customer_id AND t.%3$I IS NOT NULL AND %6$s
                           AND EXISTS (SELECT FROM %4$I p WHERE p.customer_id = o.other_id AND p.%5$I = t.%3$I)
                           AND NOT EXISTS (SELECT FROM customer_merge_row k WHERE k.customer_merge_id = $1 AND k.table_name = %1$L AND k.action = ''kept'' AND k.key = %2$s)',
                       reference.table_name, reference.key_sql, reference.column_name, reference.parent_table, reference.parent_key, reference.condition)
          USING merge, survivor, loser;
        GET DIAGNOSTICS cut = ROW_COUNT;
        total := total + cut;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION cut_references(bigint, bigint, bigint) IS 'empties references from rows of one customer to rows of the other that were made while they were one; returns how many. A part of unmerge_customers()';

-- Who has answered since is internal, whatever he was before.
CREATE OR REPLACE FUNCTION keep_internal(customer bigint, since timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    answered_at timestamptz;
BEGIN
    SELECT min(f.at) INTO answered_at
      FROM (SELECT r.responded_at FROM response r WHERE r.customer_id = customer AND r.recorded_at >= since
            UNION ALL SELECT e.registered_at FROM event_registration e WHERE e.customer_id = customer AND e.recorded_at >= since
            UNION ALL SELECT o.ordered_at FROM customer_order o WHERE o.customer_id = customer AND o.recorded_at >= since) f (at);
    UPDATE customer c SET kind = 'internal', became_internal_at = coalesce(c.became_internal_at, answered_at)
     WHERE c.customer_id = customer AND c.kind = 'external' AND answered_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION keep_internal(bigint, timestamptz) IS 'makes a customer internal who has answered since a time. A part of unmerge_customers()';

-- What was refused while they were one was refused by the one or by the other: nobody knows by whom, so it holds for both.
-- The events stay where they are; whoever lacks one gets it.
CREATE OR REPLACE FUNCTION refused_since(customer bigint, since timestamptz) RETURNS TABLE (channel text, purpose text)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT r.channel, r.purpose FROM refused_by(ARRAY[refused_since.customer]) r JOIN contact_purpose u ON u.purpose = r.purpose
     WHERE EXISTS (SELECT FROM consent_event e
                    WHERE e.customer_id = refused_since.customer AND e.status = 'refused' AND e.recorded_at > refused_since.since
                      AND (e.channel = r.channel OR e.channel IS NULL) AND (e.purpose = r.purpose OR e.purpose IS NULL AND NOT u.is_exempt));
END
$$;
COMMENT ON FUNCTION refused_since(bigint, timestamptz) IS 'channels and purposes that a customer has refused and about which an opt-out was recorded since a time. A part of unmerge_customers()';

CREATE OR REPLACE FUNCTION share_refusals(survivor bigint, loser bigint, since timestamptz, channels text[], purposes text[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO consent_event (customer_id, channel, purpose, status, given_by, source, happened_at)
    SELECT p.id, b.channel, b.purpose, 'refused', 'staff', 'refused while merged with another customer', clock_timestamp()
      FROM unnest(ARRAY[survivor, loser]) p (id) CROSS JOIN unnest(channels, purposes) b (channel, purpose)
     WHERE NOT EXISTS (SELECT FROM refused_by(ARRAY[p.id]) r WHERE r.channel = b.channel AND r.purpose = b.purpose)
     ORDER BY 1, 2, 3;
    INSERT INTO contact_stop (customer_id, refusal, channel, starts_at, ends_at, details)
    SELECT loser, x.refusal, x.channel, x.starts_at, x.ends_at, x.details FROM contact_stop x WHERE x.customer_id = survivor AND x.recorded_at > share_refusals.since ORDER BY x.contact_stop_id;
END
$$;
COMMENT ON FUNCTION share_refusals(bigint, bigint, timestamptz, text[], text[]) IS 'records for both customers of a merge that is undone what was refused while they were one: channels and purposes, and stops recorded since a time. A part of unmerge_customers()';

CREATE OR REPLACE FUNCTION check_unmerge(merge customer_merge) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    later customer_merge;
BEGIN
    IF merge.is_erased THEN
        RAISE EXCEPTION 'merge % cannot be undone: the person was erased', merge.customer_merge_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Who it was is not known any more.';
    END IF;
    SELECT * INTO later FROM customer_merge m
     WHERE merge.survivor_id IN (m.survivor_id, m.loser_id) AND m.customer_merge_id > merge.customer_merge_id AND m.unmerged_at IS NULL
     ORDER BY m.customer_merge_id DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'merge % cannot be undone before merge %', merge.customer_merge_id, later.customer_merge_id
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Merge %s made customers %s and %s one after it.', later.customer_merge_id, later.survivor_id, later.loser_id),
                  HINT = format('Undo merge %s first, and merge these two again afterwards.', later.customer_merge_id);
    END IF;
END
$$;
COMMENT ON FUNCTION check_unmerge(customer_merge) IS '55000 for a merge of somebody who was erased, and for one after which the survivor was merged again. A part of unmerge_customers()';

CREATE OR REPLACE FUNCTION unmerge_customers(merge bigint, reason text DEFAULT NULL, OUT survivor_id bigint, OUT loser_id bigint, OUT rows_returned bigint, OUT was_already_unmerged boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan SET extra_float_digits = 1 SET timezone = 'UTC' AS
$$
#variable_conflict use_column
DECLARE
    undone   customer_merge;
    lost     customer;
    together bigint;            -- household of the two while they were one
    channels text[];            -- what was refused while they were one
    purposes text[];
    cut      bigint;
BEGIN
    PERFORM lock_people('{}');
    SELECT * INTO undone FROM customer_merge m WHERE m.customer_merge_id = unmerge_customers.merge FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no merge %', coalesce(unmerge_customers.merge::text, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'merge_customers() returns its number; view customer_merges lists them.';
    END IF;
    survivor_id := undone.survivor_id;
    loser_id := undone.loser_id;
    rows_returned := undone.rows_returned;
    was_already_unmerged := undone.unmerged_at IS NOT NULL;
    IF was_already_unmerged THEN
        RETURN;
    END IF;
    PERFORM check_unmerge(undone);
    PERFORM lock_people(ARRAY[undone.survivor_id]);
    SELECT c.household_id INTO together FROM customer c WHERE c.customer_id = undone.survivor_id;
    PERFORM note_following_rows(undone.customer_merge_id, undone.survivor_id, undone.loser_id);
    PERFORM undo_added_rows(undone.customer_merge_id);
    SELECT array_agg(r.channel), array_agg(r.purpose) INTO channels, purposes FROM refused_since(undone.survivor_id, undone.merged_at) r;
    SELECT r.* INTO lost FROM customer_merge_row w, jsonb_populate_record(NULL::customer, w.before) r
     WHERE w.customer_merge_id = undone.customer_merge_id AND w.table_name = 'customer' AND w.action = 'removed';
    INSERT INTO customer OVERRIDING SYSTEM VALUE SELECT lost.*;
    DELETE FROM merged_customer m WHERE m.merged_id = undone.loser_id;
    rows_returned := return_rows(undone.customer_merge_id, undone.survivor_id, undone.loser_id);
    PERFORM restore_changed_rows(undone.customer_merge_id);
    cut := cut_references(undone.customer_merge_id, undone.survivor_id, undone.loser_id);
    IF cut > 0 THEN
        RAISE NOTICE '% references between what was recorded since and rows of the other customer were cut', cut;
    END IF;
    PERFORM share_refusals(undone.survivor_id, undone.loser_id, undone.merged_at, channels, purposes);
    PERFORM keep_internal(c, undone.merged_at) FROM unnest(ARRAY[undone.survivor_id, undone.loser_id]) c;
    -- owned by somebody else since: the history has to end with him
    IF EXISTS (SELECT FROM account_owner a WHERE a.customer_id = undone.survivor_id AND a.recorded_at > undone.merged_at) THEN
        PERFORM note_account_owner(NULL, undone.survivor_id, 'unmerged');
    END IF;
    DELETE FROM customer_merge_row w WHERE w.customer_merge_id = undone.customer_merge_id;
    UPDATE customer_merge m SET rows_returned = unmerge_customers.rows_returned, unmerged_at = clock_timestamp(), unmerge_reason = unmerge_customers.reason,
                                unmerged_by = coalesce(nullif(current_setting('role'), 'none'), session_user)
     WHERE m.customer_merge_id = undone.customer_merge_id;
    PERFORM retake_people(ARRAY[undone.survivor_id, undone.loser_id],
                          ARRAY[together, lost.household_id, (SELECT c.household_id FROM customer c WHERE c.customer_id = undone.survivor_id)]);
END
$$;
COMMENT ON FUNCTION unmerge_customers(bigint, text) IS 'undoes a merge: both customers and all their rows are as they were before it. What was changed or recorded since stays with the survivor, but for rows that hang on rows which go back, and on no others (an event of its piece, a return of its order, a visit on its lead): they follow them. What was refused since holds for both, by consent_event and contact_stop. Returns both customers, how many rows went back, and whether it was undone already (then nothing is done). 42704 for no merge, 55000 for one of somebody who was erased and for one after which the survivor was merged again, 55P03 while somebody works on a lead of theirs';

-- What the merge itself recorded goes.
CREATE OR REPLACE FUNCTION undo_added_rows(merge bigint) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT DISTINCT w.table_name, p.key_columns FROM customer_merge_row w JOIN person_tables() p ON p.table_name = w.table_name
                 WHERE w.customer_merge_id = merge AND w.action = 'added' LOOP
        EXECUTE format('DELETE FROM %1$I t USING customer_merge_row m
                         WHERE m.customer_merge_id = $1 AND m.table_name = %1$L AND m.action = ''added'' AND t.customer_id = m.of_customer_id AND %2$s',
                       item.table_name, key_match_sql(item.table_name, item.key_columns)) USING merge;
    END LOOP;
END
$$;
COMMENT ON FUNCTION undo_added_rows(bigint) IS 'deletes the rows that a merge itself recorded. A part of unmerge_customers()';

CREATE OR REPLACE VIEW customer_merges AS
SELECT m.customer_merge_id, m.survivor_id, m.loser_id, m.rule, m.reason, m.merged_at, m.merged_by, m.rows_moved,
       m.unmerged_at, m.unmerged_by, m.unmerge_reason, m.rows_returned, m.is_erased,
       m.unmerged_at IS NULL AND NOT m.is_erased
         AND NOT EXISTS (SELECT FROM customer_merge l WHERE m.survivor_id IN (l.survivor_id, l.loser_id) AND l.customer_merge_id > m.customer_merge_id AND l.unmerged_at IS NULL) AS is_undoable
  FROM customer_merge m;
COMMENT ON VIEW customer_merges IS 'merges of customers: who, when, why, what was undone and what can be';
COMMENT ON COLUMN customer_merges.customer_merge_id IS 'the merge, as unmerge_customers() takes it';
COMMENT ON COLUMN customer_merges.survivor_id IS 'customer_id that stayed';
COMMENT ON COLUMN customer_merges.loser_id IS 'customer_id that went';
COMMENT ON COLUMN customer_merges.rule IS 'which value won where both had one: survivor or newest';
COMMENT ON COLUMN customer_merges.reason IS 'why they are one person';
COMMENT ON COLUMN customer_merges.merged_at IS 'when';
COMMENT ON COLUMN customer_merges.merged_by IS 'who merged them';
COMMENT ON COLUMN customer_merges.rows_moved IS 'rows that went to the survivor';
COMMENT ON COLUMN customer_merges.unmerged_at IS 'when it was undone; NULL: it was not';
COMMENT ON COLUMN customer_merges.unmerged_by IS 'who undid it';
COMMENT ON COLUMN customer_merges.unmerge_reason IS 'why it was undone';
COMMENT ON COLUMN customer_merges.rows_returned IS 'rows that went back';
COMMENT ON COLUMN customer_merges.is_erased IS 'the person was erased afterwards';
COMMENT ON COLUMN customer_merges.is_undoable IS 'unmerge_customers() will take it now: it is the last one of its survivor';

CREATE OR REPLACE VIEW merged_fields_origin AS
SELECT m.survivor_id AS customer_id, f.key AS field, m.loser_id AS from_customer_id, f.value AS why, m.merged_at, m.merged_by, m.customer_merge_id
  FROM customer_merge m JOIN customer_merge_row w ON w.customer_merge_id = m.customer_merge_id AND w.table_name = 'customer' AND w.action = 'changed' AND w.of_customer_id = m.survivor_id
 CROSS JOIN LATERAL jsonb_each_text(w.why) f
 WHERE m.unmerged_at IS NULL;
COMMENT ON VIEW merged_fields_origin IS 'fields of customers that come from somebody they were merged with, without their values; of several rows for a field the last merge holds. What is not here is the customer''s own';
COMMENT ON COLUMN merged_fields_origin.customer_id IS 'the survivor of that merge';
COMMENT ON COLUMN merged_fields_origin.field IS 'column of table customer';
COMMENT ON COLUMN merged_fields_origin.from_customer_id IS 'the customer whose value it is';
COMMENT ON COLUMN merged_fields_origin.why IS 'by hand, filled where empty, newest, or of both: worked out from both (internal if either is, the earlier day)';
COMMENT ON COLUMN merged_fields_origin.merged_at IS 'when';
COMMENT ON COLUMN merged_fields_origin.merged_by IS 'who merged them';
COMMENT ON COLUMN merged_fields_origin.customer_merge_id IS 'the merge';
