-- refresh_reports() and rebuild_reports(): how facts get into the roll-ups.
--
-- The question is which facts are new. Every fact carries the transaction that recorded it
-- (recorded_xid); report_state keeps a snapshot: the transactions whose facts have been taken in.
-- A refresh
--   1. takes its turn: it updates the row of report_state, and so waits for another refresh;
--   2. only then takes its own snapshot, in which its own transaction counts as still running:
--      what it recorded before and will record after is taken in by the next refresh, once;
--   3. reads the facts that the old snapshot does not show and the new one does, through the
--      index on recorded_xid (transactions that were running then, or are newer);
--   4. adds them up and stores the new snapshot.
-- Every read of a fact is filtered by the new snapshot, because in READ COMMITTED each statement
-- would otherwise see a little more than the one before. Writers are neither blocked nor asked
-- for anything. A rebuild is a refresh that starts from an empty snapshot and empty roll-ups.
--
-- Transaction numbers mean nothing in another cluster. report_state.era says in which one the
-- snapshot was taken; after a restore elsewhere the next refresh becomes a rebuild, and facts
-- with numbers that this cluster has not reached yet are renumbered first. In another time zone
-- (report_state.time_zone) all days are others: that is a rebuild, too.

-- the cluster and database whose transaction numbers we count in
CREATE OR REPLACE FUNCTION transaction_era() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT c.system_identifier || '/' || d.oid
              FROM pg_control_system() c, pg_database d WHERE d.datname = current_database());
END
$$;
COMMENT ON FUNCTION transaction_era() IS 'names the cluster and database in which transaction numbers are comparable';

-- The snapshot of the calling statement, with the calling transaction as one still running.
CREATE OR REPLACE FUNCTION snapshot_without_own() RETURNS pg_snapshot
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    own     xid8        := pg_current_xact_id();
    current pg_snapshot := pg_current_snapshot();
BEGIN
    IF NOT pg_visible_in_snapshot(own, current) THEN
        RETURN current;
    END IF;
    RETURN (SELECT format('%s:%s:%s', least(pg_snapshot_xmin(current), own), pg_snapshot_xmax(current), string_agg(xid::text, ',' ORDER BY xid))::pg_snapshot
              FROM (SELECT pg_snapshot_xip(current) UNION SELECT own) AS running (xid));
END
$$;
COMMENT ON FUNCTION snapshot_without_own() IS 'present snapshot in which the own transaction counts as running; what it records is left to the next refresh';

-- True for a fact that this refresh has to take in. Inlined, so that the index on recorded_xid
-- is used: without a SET clause, and of built-in functions only.
CREATE OR REPLACE FUNCTION is_new(recorded_xid xid8, taken_xmax xid8, taken_xip xid8[], snapshot pg_snapshot) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (recorded_xid >= taken_xmax OR recorded_xid = ANY (taken_xip)) AND pg_visible_in_snapshot(recorded_xid, snapshot);
COMMENT ON FUNCTION is_new(xid8, xid8, xid8[], pg_snapshot) IS 'whether a fact of that transaction is to be taken in by a refresh from one snapshot to another';

-- Our turn: waits until no other refresh is under way, returns what the reports know.
CREATE OR REPLACE FUNCTION take_turn() RETURNS report_state
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    state report_state;
BEGIN
    UPDATE report_state SET refreshed_at = clock_timestamp() WHERE report = 'source_day' RETURNING * INTO state;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table report_state has lost its row' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'INSERT INTO report_state (report) VALUES (''source_day''), then run rebuild_reports().';
    END IF;
    RETURN state;
END
$$;
COMMENT ON FUNCTION take_turn() IS 'waits for the turn to refresh, which lasts until the end of the transaction; a part of refresh_reports()';

-- Facts restored from another cluster may carry numbers that are still to come here. Number 3 is
-- older than every transaction: it stands for "before this cluster".
CREATE OR REPLACE FUNCTION renumber_foreign_facts() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    running    xid8 := pg_snapshot_xmin(pg_current_snapshot());
    fact       name;
    renumbered bigint;
    total      bigint := 0;
BEGIN
    FOR fact IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
                   AND a.attname = 'recorded_xid' AND NOT a.attisdropped ORDER BY c.relname
    LOOP
        EXECUTE format('UPDATE %I SET recorded_xid = ''3'' WHERE recorded_xid >= $1', fact) USING running;
        GET DIAGNOSTICS renumbered = ROW_COUNT;
        total := total + renumbered;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION renumber_foreign_facts() IS 'marks facts whose transaction number this cluster has not passed yet as older than the cluster; returns their number. A part of rebuild_reports() after a restore';

-- What went out: pieces, people held out, and what became of the pieces. An event counts once per
-- touch, however often it is reported, on the day the piece was sent; so an event is looked at
-- when it is new or its touch is, and counts unless both it and the touch were there before.
CREATE OR REPLACE FUNCTION take_in_touches(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    changed bigint;
    total   bigint;
BEGIN
    INSERT INTO source_day AS d (date_day, source_code, pieces)
    SELECT (t.sent_at AT TIME ZONE win.time_zone)::date, t.source_code, count(*)
      FROM touch t
     WHERE is_new(t.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot) AND NOT t.is_seed
     GROUP BY 1, 2
    ON CONFLICT (date_day, source_code) DO UPDATE SET pieces = d.pieces + excluded.pieces;
    GET DIAGNOSTICS total = ROW_COUNT;

    INSERT INTO source_day AS d (date_day, source_code, held_out)
    SELECT (h.held_out_at AT TIME ZONE win.time_zone)::date, h.source_code, count(*)
      FROM hold_out h JOIN customer c ON c.customer_id = h.customer_id
     WHERE is_new(h.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot) AND NOT c.is_seed
     GROUP BY 1, 2
    ON CONFLICT (date_day, source_code) DO UPDATE SET held_out = d.held_out + excluded.held_out;
    GET DIAGNOSTICS changed = ROW_COUNT;
    total := total + changed;

    INSERT INTO source_day AS d (date_day, source_code, delivered, opened, clicked, forwarded, bounced, complained, unsubscribed)
    SELECT (t.sent_at AT TIME ZONE win.time_zone)::date, t.source_code,
           count(*) FILTER (WHERE e.kind = 'delivered'), count(*) FILTER (WHERE e.kind = 'opened'),
           count(*) FILTER (WHERE e.kind = 'clicked'), count(*) FILTER (WHERE e.kind = 'forwarded'),
           count(*) FILTER (WHERE e.kind = 'bounced'), count(*) FILTER (WHERE e.kind = 'complained'),
           count(*) FILTER (WHERE e.kind = 'unsubscribed')
      FROM (SELECT n.customer_id, n.touch_id, n.kind
              FROM touch_event n WHERE is_new(n.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
             UNION
            SELECT n.customer_id, n.touch_id, n.kind
              FROM touch nt JOIN touch_event n USING (customer_id, touch_id)
             WHERE NOT win.is_rebuild AND is_new(nt.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
               AND pg_visible_in_snapshot(n.recorded_xid, win.snapshot)) e
      JOIN touch t USING (customer_id, touch_id)
     WHERE NOT t.is_seed AND pg_visible_in_snapshot(t.recorded_xid, win.snapshot)
       AND NOT (pg_visible_in_snapshot(t.recorded_xid, win.taken)
                AND EXISTS (SELECT FROM touch_event o
                             WHERE o.customer_id = e.customer_id AND o.touch_id = e.touch_id AND o.kind = e.kind
                               AND pg_visible_in_snapshot(o.recorded_xid, win.taken)))
     GROUP BY 1, 2
    ON CONFLICT (date_day, source_code) DO UPDATE SET
        delivered = d.delivered + excluded.delivered, opened = d.opened + excluded.opened,
        clicked = d.clicked + excluded.clicked, forwarded = d.forwarded + excluded.forwarded,
        bounced = d.bounced + excluded.bounced, complained = d.complained + excluded.complained,
        unsubscribed = d.unsubscribed + excluded.unsubscribed;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN total + changed;
END
$$;
COMMENT ON FUNCTION take_in_touches(refresh_window) IS 'adds new touches, hold-outs and touch events to source_day; returns the number of roll-up rows changed. A part of refresh_reports()';

CREATE OR REPLACE FUNCTION take_in_expenses(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    changed bigint;
    total   bigint;
BEGIN
    INSERT INTO source_day AS d (date_day, source_code, expense)
    SELECT x.spent_on, x.source_code, sum(x.amount)
      FROM expense x
     WHERE is_new(x.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot) AND x.source_code IS NOT NULL
     GROUP BY 1, 2
    ON CONFLICT (date_day, source_code) DO UPDATE SET expense = d.expense + excluded.expense;
    GET DIAGNOSTICS total = ROW_COUNT;

    INSERT INTO shared_expense_day AS d (date_day, campaign, medium, expense)
    SELECT x.spent_on, coalesce(x.campaign, ''), coalesce(x.medium, ''), sum(x.amount)
      FROM expense x
     WHERE is_new(x.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot) AND x.source_code IS NULL
     GROUP BY 1, 2, 3
    ON CONFLICT (date_day, campaign, medium) DO UPDATE SET expense = d.expense + excluded.expense;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN total + changed;
END
$$;
COMMENT ON FUNCTION take_in_expenses(refresh_window) IS 'adds new expenses to source_day and shared_expense_day; returns the number of roll-up rows changed. A part of refresh_reports()';

-- What cohorts are made of: first days, and orders by customer and day.
CREATE OR REPLACE FUNCTION take_in_customers(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    changed bigint;
    total   bigint;
BEGIN
    INSERT INTO customer_order_day AS d (customer_id, date_day, orders, revenue, returned)
    SELECT customer_id, date_day, sum(orders), sum(revenue), sum(returned)
      FROM (SELECT o.customer_id, (o.ordered_at AT TIME ZONE win.time_zone)::date AS date_day, 1 AS orders, o.revenue, 0 AS returned
              FROM customer_order o WHERE is_new(o.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
             UNION ALL
            SELECT r.customer_id, (r.returned_at AT TIME ZONE win.time_zone)::date, 0, 0, r.amount
              FROM order_return r WHERE is_new(r.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)) AS new_facts
     WHERE customer_id <> 0
     GROUP BY customer_id, date_day
     ORDER BY customer_id, date_day
    ON CONFLICT (customer_id, date_day) DO UPDATE SET
        orders = d.orders + excluded.orders, revenue = d.revenue + excluded.revenue, returned = d.returned + excluded.returned;
    GET DIAGNOSTICS total = ROW_COUNT;

    INSERT INTO customer_milestone AS m (customer_id, first_touch_on, first_order_on)
    SELECT customer_id, min(touched_on), min(ordered_on)
      FROM (SELECT t.customer_id, (t.sent_at AT TIME ZONE win.time_zone)::date AS touched_on, NULL::date AS ordered_on
              FROM touch t WHERE is_new(t.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
             UNION ALL
            SELECT o.customer_id, NULL, (o.ordered_at AT TIME ZONE win.time_zone)::date
              FROM customer_order o WHERE is_new(o.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)) AS new_facts
     WHERE customer_id <> 0
     GROUP BY customer_id
     ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE SET
        first_touch_on = least(m.first_touch_on, excluded.first_touch_on),
        first_order_on = least(m.first_order_on, excluded.first_order_on)
     WHERE least(m.first_touch_on, excluded.first_touch_on) IS DISTINCT FROM m.first_touch_on
        OR least(m.first_order_on, excluded.first_order_on) IS DISTINCT FROM m.first_order_on;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN total + changed;
END
$$;
COMMENT ON FUNCTION take_in_customers(refresh_window) IS 'adds new orders, returns and touches to customer_order_day and customer_milestone; returns the number of roll-up rows changed. A part of refresh_reports()';

-- The work of a refresh, once it is our turn: from what was taken in to the present. The snapshot
-- 1:1: shows no transaction at all: everything is new.
CREATE OR REPLACE FUNCTION take_in_facts(taken pg_snapshot, as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    win   refresh_window;
    total bigint;
BEGIN
    win.taken      := taken;
    win.taken_xmax := pg_snapshot_xmax(taken);
    win.taken_xip  := ARRAY(SELECT pg_snapshot_xip(taken));
    win.snapshot   := snapshot_without_own();
    win.is_rebuild := taken::text = '1:1:';
    -- a refresh goes on by the zone that it compared with the setting
    win.time_zone  := CASE WHEN win.is_rebuild THEN setting_value('time_zone') ELSE (SELECT s.time_zone FROM report_state s WHERE s.report = 'source_day') END;
    win := take_in_windows(win);
    total := take_in_touches(win) + take_in_expenses(win) + take_in_customers(win) + take_in_attributions(win);
    IF total IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE report_state s SET snapshot = win.snapshot, era = transaction_era(), time_zone = win.time_zone, as_of = take_in_facts.as_of
     WHERE report = 'source_day';
    RETURN total;
END
$$;
COMMENT ON FUNCTION take_in_facts(pg_snapshot, timestamptz) IS 'adds to the roll-ups every fact that a snapshot does not show; returns the number of roll-up rows changed, NULL where so many have moved that the reports have to be rebuilt. A part of refresh_reports()';

-- Empties what is derived. By DELETE: readers keep seeing the old reports until we commit.
CREATE OR REPLACE FUNCTION rebuild_in_turn(state report_state, as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    changed bigint;
BEGIN
    IF state.era IS DISTINCT FROM transaction_era() THEN
        PERFORM renumber_foreign_facts();
    END IF;
    DELETE FROM source_day;
    DELETE FROM shared_expense_day;
    DELETE FROM customer_order_day;
    DELETE FROM customer_milestone;
    DELETE FROM attribution;
    DELETE FROM effort_window;
    UPDATE report_state SET rebuilt_at = clock_timestamp() WHERE report = state.report;
    changed := take_in_facts('1:1:', as_of);
    -- so that the next refreshes are planned for what is there now
    ANALYZE source_day, customer_order_day, customer_milestone, attribution, effort_window;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION rebuild_in_turn(report_state, timestamptz) IS 'makes all reports again once it is our turn; a part of rebuild_reports() and of the first refresh';

-- Plans are made anew each time: a session that stays may have made its own when the tables were empty.
CREATE OR REPLACE FUNCTION refresh_reports(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    state report_state;
BEGIN
    IF as_of IS NULL OR NOT isfinite(as_of) THEN
        RAISE EXCEPTION 'reports cannot be refreshed as of %', coalesce(as_of::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a time, or leave it out for now.';
    END IF;
    state := take_turn();
    IF state.snapshot IS NULL OR state.era IS DISTINCT FROM transaction_era() OR state.time_zone IS DISTINCT FROM setting_value('time_zone') THEN
        RETURN rebuild_in_turn(state, as_of);
    END IF;
    -- where more has moved than one refresh takes, what it has done so far is emptied with the rest
    RETURN coalesce(take_in_facts(state.snapshot, as_of), rebuild_in_turn(state, as_of));
END
$$;
COMMENT ON FUNCTION refresh_reports(timestamptz) IS 'brings into the reports what was committed since the last refresh, late and corrected facts included; cohorts are observed until as_of. Facts recorded by the calling transaction itself wait for the next refresh. Returns the number of roll-up rows changed. Two at once wait for each other; writers are not blocked';

CREATE OR REPLACE FUNCTION rebuild_reports() RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    state report_state := take_turn();
BEGIN
    RETURN rebuild_in_turn(state, coalesce(state.as_of, now()));
END
$$;
COMMENT ON FUNCTION rebuild_reports() IS 'makes all reports again from the facts, the same to the last cent as refreshing gives; needed after facts were changed or deleted by hand, and when customers become seed names or cease to be. Returns the number of roll-up rows written; readers see the old reports until it commits';
