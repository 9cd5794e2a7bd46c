-- The state of a lead: how it changes, and how the clock of the stale rules runs.
--
-- Whoever changes a lead locks its row first (lead_lock), works out the new row, and hands both to
-- lead_change(), which writes the row and its line in lead_move together. Who changes several
-- leads in one transaction locks them in the order of (customer_id, lead_id); who also changes the
-- customer does that first. So no two can wait for each other.
--
-- The clock: it starts when the lead comes to a grade or to another salesperson. Visits do not move
-- it, and neither does a regrading down and up: a lead that comes back to a grade takes up the clock
-- and the steps it had there when it left, or the time of its last reassignment if that is later.
-- A stay in marketing's queue is no reassignment when the lead comes back to the same salesperson.
-- So lead_move says with each move what the clock was before it. A lead that is opened again
-- begins anew.
--
-- As in 60_request.sql, what is called within pins no search path and is plpgsql: see there.

CREATE OR REPLACE FUNCTION lead_lock(customer bigint, lead bigint) RETURNS lead
    LANGUAGE plpgsql AS
$$
DECLARE
    result lead;
BEGIN
    IF lead_lock.lead IS NULL THEN
        RAISE EXCEPTION 'the lead is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'lead_id', HINT = 'open_lead() returns the number of the lead; customer_card() lists the leads of a customer.';
    END IF;
    result := (SELECT l FROM lead l WHERE l.customer_id = customer AND l.lead_id = lead_lock.lead FOR NO KEY UPDATE);
    IF result.lead_id IS NULL THEN
        RAISE EXCEPTION 'customer % has no lead %', customer, lead_lock.lead
            USING ERRCODE = 'foreign_key_violation', TABLE = 'lead', COLUMN = 'lead_id',
                  HINT = 'open_lead() returns the number of the lead; customer_card() lists the leads of a customer.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION lead_lock(bigint, bigint) IS 'a lead, its row locked until the end of the transaction; 22004 for NULL, 23503 when the customer has none of that number. A part of the recording functions and jobs';

-- Called where the time is wrong only, so that the calls in which it is right pay nothing.
CREATE OR REPLACE FUNCTION refuse_lead_time(state lead, at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    RAISE EXCEPTION 'lead % of customer % was % at %, after "%"', state.lead_id, state.customer_id,
        CASE WHEN at < state.opened_at THEN 'opened' ELSE state.status END,
        CASE WHEN at < state.opened_at THEN state.opened_at ELSE state.closed_at END, at
        USING ERRCODE = 'datetime_field_overflow', HINT = 'Look at the time.';
END
$$;
COMMENT ON FUNCTION refuse_lead_time(lead, timestamptz) IS 'raises 22008 for a time before a lead was opened, or was closed. A part of the functions that grade, close and assign leads';

CREATE OR REPLACE FUNCTION lead_last_contact(customer bigint, lead bigint, at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN greatest((SELECT v.visited_at FROM visit v
                      WHERE v.customer_id = lead_last_contact.customer AND v.lead_id = lead_last_contact.lead
                        AND v.status = 'completed' AND v.visited_at <= lead_last_contact.at
                      ORDER BY v.visited_at DESC LIMIT 1),
                    (SELECT c.called_at FROM call c
                      WHERE c.customer_id = lead_last_contact.customer AND c.lead_id = lead_last_contact.lead
                        AND c.result IN ('reached', 'refused', 'promise', 'answered') AND c.called_at <= lead_last_contact.at
                      ORDER BY c.called_at DESC LIMIT 1));
END
$$;
COMMENT ON FUNCTION lead_last_contact(bigint, bigint, timestamptz) IS 'last completed contact on a lead until a time: a completed visit or a call in which somebody was spoken to; NULL when there was none';

CREATE OR REPLACE FUNCTION lead_clock(lead_before lead, lead_after lead, kind text, at timestamptz,
                                      OUT clock_started_at timestamptz, OUT stale_step_no smallint)
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    is_taken      boolean := lead_after.salesperson_id IS DISTINCT FROM lead_before.salesperson_id AND lead_after.salesperson_id IS NOT NULL;
    is_regraded   boolean := lead_after.lead_grade IS DISTINCT FROM lead_before.lead_grade;
    earlier       record;
    was_here      boolean := false;     -- the lead was at this grade before, and left it by a move
    last_owner    bigint;               -- the last salesperson who had it
    later_owner   bigint;               -- who had it next after the move that is looked at
    later_at      timestamptz;
    taken_over_at timestamptz;          -- when it last came from one salesperson to another
BEGIN
    clock_started_at := lead_before.clock_started_at;
    stale_step_no := lead_after.stale_step_no;
    IF lead_after.status <> 'open' THEN
        RETURN;
    ELSIF lead_before.status <> 'open' THEN
        clock_started_at := at;
        stale_step_no := 0;
        RETURN;
    ELSIF kind = 'stale' THEN
        clock_started_at := at;
        RETURN;
    ELSIF NOT (is_taken OR is_regraded) THEN
        RETURN;
    END IF;
    -- from the last move back to where the lead was opened last: what was before does not count
    FOR earlier IN
        SELECT m.kind, m.moved_at, m.to_salesperson_id, m.clock_started_at, m.stale_step_no,
               m.from_grade = lead_after.lead_grade AND m.to_grade IS DISTINCT FROM m.from_grade AND m.kind <> 'model graded' AS left_grade
          FROM lead_move m
         WHERE m.customer_id = lead_before.customer_id AND m.lead_id = lead_before.lead_id ORDER BY m.lead_move_id DESC
    LOOP
        IF earlier.left_grade AND is_regraded AND NOT was_here THEN
            was_here := true;
            clock_started_at := earlier.clock_started_at;
            stale_step_no := earlier.stale_step_no;
        END IF;
        IF earlier.to_salesperson_id IS NOT NULL THEN
            IF earlier.to_salesperson_id <> later_owner THEN
                taken_over_at := greatest(taken_over_at, later_at);
            END IF;
            last_owner := coalesce(last_owner, earlier.to_salesperson_id);
            later_owner := earlier.to_salesperson_id;
            later_at := earlier.moved_at;
        END IF;
        EXIT WHEN earlier.kind = 'reopened';
    END LOOP;
    IF is_taken AND lead_before.salesperson_id IS NULL THEN
        -- out of marketing's queue: new to this salesperson, or back again?
        is_taken := lead_after.salesperson_id IS DISTINCT FROM last_owner;
    END IF;
    IF is_taken OR is_regraded AND NOT was_here OR clock_started_at IS NULL AND is_regraded THEN
        clock_started_at := at;
    ELSIF is_regraded THEN
        clock_started_at := greatest(clock_started_at, taken_over_at);
    END IF;
    IF is_regraded THEN
        stale_step_no := CASE WHEN was_here THEN coalesce(stale_step_no, 0) ELSE 0 END;
    END IF;
END
$$;
COMMENT ON FUNCTION lead_clock(lead, lead, text, timestamptz) IS 'since when the clock of the stale rules runs after a change of a lead, and the steps taken at its grade: see the head of 61_lead_state.sql. A part of lead_change()';

-- A visit is a fact: what was planned is not taken away, but settled by a row that cancels it.
CREATE OR REPLACE FUNCTION lead_cancel_visits(customer bigint, lead bigint, salesperson bigint, at timestamptz, reason text) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO visit (customer_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, request_id)
    SELECT v.customer_id, v.lead_id, v.kind, 'cancelled', v.visit_id, lead_cancel_visits.at, lead_cancel_visits.salesperson, v.store, lead_cancel_visits.reason, 'cancel visit ' || v.visit_id
      FROM visit v
     WHERE v.customer_id = lead_cancel_visits.customer AND v.lead_id = lead_cancel_visits.lead AND v.status = 'planned'
       AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.lead_id = v.lead_id AND d.planned_visit_id = v.visit_id)
     ORDER BY v.visit_id;
END
$$;
COMMENT ON FUNCTION lead_cancel_visits(bigint, bigint, bigint, timestamptz, text) IS 'cancels what is planned for a lead: one row of visit for each planned visit that nothing has settled; its key lets no visit be cancelled twice. A part of lead_change(), set_grade() and record_visit()';

CREATE OR REPLACE FUNCTION lead_change(lead_before lead, lead_after lead, kind text, at timestamptz, reason text DEFAULT NULL,
                                       rule text DEFAULT NULL, request_id text DEFAULT NULL, moved_by text DEFAULT NULL) RETURNS lead
    LANGUAGE plpgsql AS
$$
DECLARE
    result     lead := lead_after;
    clock      record;
    contact_at timestamptz := lead_last_contact(lead_before.customer_id, lead_before.lead_id, at);
BEGIN
    clock := lead_clock(lead_before, lead_after, lead_change.kind, at);
    result.clock_started_at := clock.clock_started_at;
    result.stale_step_no := clock.stale_step_no;
    UPDATE lead l
       SET team = result.team, salesperson_id = result.salesperson_id, lead_grade = result.lead_grade, model_grade = result.model_grade,
           clock_started_at = result.clock_started_at, stale_step_no = result.stale_step_no, next_visit_on = result.next_visit_on,
           status = result.status, closed_at = result.closed_at, customer_order_id = result.customer_order_id,
           lost_reason = result.lost_reason, competitor = result.competitor, competitor_price = result.competitor_price
     WHERE l.customer_id = lead_before.customer_id AND l.lead_id = lead_before.lead_id;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, from_salesperson_id, to_salesperson_id, from_grade, to_grade, model_grade, score,
                           from_status, to_status, reason, rule, days_on_clock, days_without_contact, clock_started_at, stale_step_no,
                           moved_by, request_id)
    VALUES (lead_before.customer_id, lead_before.lead_id, at, lead_change.kind, lead_before.salesperson_id, result.salesperson_id,
            CASE lead_change.kind WHEN 'model graded' THEN lead_before.model_grade ELSE lead_before.lead_grade END,
            CASE lead_change.kind WHEN 'model graded' THEN result.model_grade ELSE result.lead_grade END, lead_before.model_grade,
            (SELECT p.score FROM lead_score p WHERE p.customer_id = lead_before.customer_id AND p.lead_id = lead_before.lead_id AND p.scored_at <= at
              ORDER BY p.scored_at DESC LIMIT 1),
            lead_before.status, result.status, lead_change.reason, lead_change.rule,
            extract(epoch FROM at - lead_before.clock_started_at) / 86400,
            extract(epoch FROM at - coalesce(contact_at, lead_before.opened_at)) / 86400,
            lead_before.clock_started_at, lead_before.stale_step_no,
            coalesce(lead_change.moved_by, nullif(current_setting('role'), 'none'), session_user), lead_change.request_id);
    -- Sales has nothing to visit any more. Who grades does this himself, after the visit that led
    -- to the grade is written: it may be the one that was planned.
    IF lead_change.kind NOT IN ('graded', 'model graded') AND (result.status <> 'open' OR result.salesperson_id IS NULL) THEN
        PERFORM lead_cancel_visits(lead_before.customer_id, lead_before.lead_id, lead_before.salesperson_id, at, 'the lead is '
                                   || CASE WHEN result.status <> 'open' THEN result.status ELSE 'with marketing' END);
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION lead_change(lead, lead, text, timestamptz, text, text, text, text) IS 'brings a lead, whose row the caller has locked with lead_lock(), from one state to another: writes its row, works out its clock, writes the line in lead_move, and cancels the planned visits of a lead that sales has no more. Returns the row. A part of the recording functions and jobs';
