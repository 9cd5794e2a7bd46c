-- Functions for apps: visits, and how a lead ends.

-- What is planned for a lead (NULL: for the account) and not completed or cancelled yet: two visits,
-- the one that is named before the others, else the earliest first. One is settled by the visit that
-- is recorded, the other is the next then.
CREATE OR REPLACE FUNCTION find_planned_visits(customer bigint, lead bigint, planned_visit bigint, OUT visit_ids bigint[], OUT planned_for timestamptz[])
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF find_planned_visits.lead IS NOT NULL THEN
        SELECT array_agg(p.visit_id), array_agg(p.visited_at) INTO visit_ids, planned_for
          FROM (SELECT v.visit_id, v.visited_at FROM visit v
                 WHERE v.customer_id = customer AND v.lead_id = find_planned_visits.lead AND v.status = 'planned'
                   AND v.visit_id <> ALL (ARRAY(SELECT d.planned_visit_id FROM visit d
                                                 WHERE d.customer_id = customer AND d.lead_id = find_planned_visits.lead AND d.planned_visit_id IS NOT NULL))
                 ORDER BY v.visit_id <> planned_visit, v.visited_at, v.visit_id LIMIT 2) p;
    ELSE
        SELECT array_agg(p.visit_id), array_agg(p.visited_at) INTO visit_ids, planned_for
          FROM (SELECT v.visit_id, v.visited_at FROM visit v
                 WHERE v.customer_id = customer AND v.lead_id IS NULL AND v.status = 'planned'
                   AND v.visit_id <> ALL (ARRAY(SELECT d.planned_visit_id FROM visit d
                                                 WHERE d.customer_id = customer AND d.lead_id IS NULL AND d.planned_visit_id IS NOT NULL))
                 ORDER BY v.visit_id <> planned_visit, v.visited_at, v.visit_id LIMIT 2) p;
    END IF;
    IF planned_visit <> visit_ids[1] OR visit_ids IS NULL AND planned_visit IS NOT NULL THEN
        RAISE EXCEPTION 'customer % has no planned visit %', customer, planned_visit
            USING ERRCODE = 'foreign_key_violation', TABLE = 'visit', COLUMN = 'planned_visit_id',
                  DETAIL = 'There is none of that number on this lead, or it has been completed or cancelled.', HINT = 'Leave it away for the next one planned.';
    END IF;
END
$$;
COMMENT ON FUNCTION find_planned_visits(bigint, bigint, bigint) IS 'two visits planned for a lead (NULL: for the account) that are not completed or cancelled yet, and for when: the one that is named first, then the earliest; NULL when there is none. 23503 when one is named that is not there. A part of record_visit()';

-- Writes a visit, completes the planned one, judges the grade, notes the next visit. The lead's row
-- is locked first: whoever else records on this lead waits here. It is written once, with the grade
-- where that changes.
CREATE OR REPLACE FUNCTION write_visit(customer bigint, lead bigint, request_id text, at timestamptz, kind text, status text, planned_visit bigint,
                                       salesperson bigint, salesperson_name text, store text, outcome text, grade text, next_visit_on date,
                                       quoted_code text, source_code source_code, code_problem text,
                                       OUT visit_id bigint, OUT planned_visit_id bigint, OUT grade_before text, OUT grade_after text, OUT lead_salesperson_id bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    state      lead;
    noted_on   date;                    -- what the lead's row has as the day of the next visit
    next_on    date := next_visit_on;
    planned    record;
    next_at    timestamptz;
    leaves     boolean := false;        -- marketing follows up its grade
BEGIN
    IF write_visit.lead IS NOT NULL THEN
        state := lead_lock(customer, write_visit.lead);
        grade_before := state.lead_grade;
        noted_on := state.next_visit_on;
    END IF;
    IF state.status <> 'open' AND (write_visit.status = 'planned' OR next_visit_on IS NOT NULL) THEN
        RAISE EXCEPTION 'lead % of customer % is %: no visit can be planned', write_visit.lead, customer, state.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status',
                  HINT = 'A visit that has no open lead is one to the account: leave the lead away.';
    END IF;
    planned_visit_id := planned_visit;
    planned := find_planned_visits(customer, write_visit.lead, planned_visit);
    IF write_visit.status = 'planned' THEN
        -- the one that this one replaces, where it names one, is settled by it
        next_at := least(planned.planned_for[CASE WHEN planned_visit IS NULL THEN 1 ELSE 2 END], at);
    ELSE
        planned_visit_id := planned.visit_ids[1];
        next_at := planned.planned_for[2];
    END IF;
    IF write_visit.status = 'cancelled' AND planned_visit_id IS NULL THEN
        RAISE EXCEPTION 'no visit is planned that could be cancelled'
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'visit', COLUMN = 'planned_visit_id', HINT = 'Only planned visits are cancelled. It may have been completed already.';
    END IF;
    -- what was planned is done; what comes next is said here, is planned already, or is left to plan_visits()
    IF write_visit.lead IS NOT NULL AND num_nonnulls(next_at, grade) > 0 THEN
        leaves := is_for_marketing(coalesce(grade, state.lead_grade));
    END IF;
    IF next_at IS NOT NULL AND write_visit.lead IS NOT NULL AND NOT leaves THEN
        next_on := least(next_on, (next_at AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'))::date);
    END IF;
    IF grade IS NOT NULL THEN
        state.next_visit_on := next_on;
        state := lead_regrade(state, grade, at, coalesce(write_visit.outcome, 'after a visit'), salesperson, salesperson_name, write_visit.request_id, leaves);
        IF grade IS DISTINCT FROM grade_before THEN
            noted_on := state.next_visit_on;
        END IF;
    END IF;
    INSERT INTO visit (customer_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, grade_before, grade_after,
                       quoted_code, source_code, code_problem, request_id)
    VALUES (customer, write_visit.lead, write_visit.kind, write_visit.status, write_visit.planned_visit_id, at, salesperson, write_visit.store, write_visit.outcome,
            write_visit.grade_before, grade, write_visit.quoted_code, write_visit.source_code, write_visit.code_problem, write_visit.request_id)
    RETURNING visit.visit_id INTO visit_id;
    grade_after := state.lead_grade;
    lead_salesperson_id := state.salesperson_id;
    IF state.lead_id IS NULL THEN
        RETURN;
    END IF;
    IF grade IS NOT NULL AND leaves THEN
        PERFORM lead_cancel_visits(customer, write_visit.lead, salesperson, at, 'the lead is with marketing');
    END IF;
    IF state.status = 'open' AND noted_on IS DISTINCT FROM next_on THEN
        UPDATE lead l SET next_visit_on = next_on WHERE l.customer_id = customer AND l.lead_id = write_visit.lead;
    END IF;
END
$$;
COMMENT ON FUNCTION write_visit(bigint, bigint, text, timestamptz, text, text, bigint, bigint, text, text, text, text, date, text, source_code, text) IS 'writes a visit and what it changes of its lead; returns its number, the planned visit that it settles, the grade of the lead before and after, and its owner. A part of record_visit() and record_reception()';

-- What goes with what in a visit.
CREATE OR REPLACE FUNCTION check_visit(status text, lead bigint, at timestamptz, grade text, next_visit_on date) RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF status = 'planned' AND (at IS NULL OR at NOT BETWEEN '1900-01-01' AND now() + interval '5 years') THEN
        RAISE EXCEPTION 'a visit cannot be planned for "%"', at USING ERRCODE = 'datetime_field_overflow', HINT = 'It is planned for a time within five years.';
    ELSIF grade IS NOT NULL AND (lead IS NULL OR status = 'planned') THEN
        RAISE EXCEPTION 'grade "%" is given for a visit %', grade, CASE WHEN lead IS NULL THEN 'without a lead' ELSE 'that is only planned' END
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'grade_after', HINT = 'The grade of a lead is judged again after a visit.';
    ELSIF next_visit_on IS NOT NULL AND (lead IS NULL OR status = 'planned' OR next_visit_on > current_date + 1830 OR next_visit_on < check_time(at)::date - 1) THEN
        RAISE EXCEPTION 'next_visit_on "%" does not go with this visit', next_visit_on
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'next_visit_on', HINT = 'It is the day of the next visit to the lead, after this one, within five years.';
    END IF;
    RETURN CASE status WHEN 'planned' THEN at ELSE check_time(at) END;
END
$$;
COMMENT ON FUNCTION check_visit(text, bigint, timestamptz, text, date) IS 'the time of a visit; 22008 when it is out of range, 22023 when a grade or a next visit does not go with it. A part of record_visit()';

CREATE OR REPLACE FUNCTION record_visit(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), kind text DEFAULT 'field call',
    status text DEFAULT 'completed', salesperson bigint DEFAULT NULL, store text DEFAULT NULL, outcome text DEFAULT NULL, grade text DEFAULT NULL,
    next_visit_on date DEFAULT NULL, planned_visit bigint DEFAULT NULL, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT visit_id bigint, OUT planned_visit_id bigint, OUT next_visit_id bigint, OUT grade_before text, OUT grade_after text,
    OUT lead_salesperson_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer  jsonb := request_begin('record_visit', record_visit.request_id, jsonb_build_present(
        'customer', customer, 'lead', lead, 'at', request_time(at), 'kind', kind, 'status', status, 'salesperson', salesperson, 'store', store,
        'outcome', outcome, 'grade', grade, 'next_visit_on', next_visit_on, 'planned_visit', planned_visit, 'quoted_code', quoted_code,
        'customer_system', customer_system, 'customer_number', customer_number));
    visitor text;                       -- name of the salesperson
    code    record;
    written record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_visit.customer_id, visit_id, planned_visit_id, next_visit_id, grade_before, grade_after, lead_salesperson_id, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, visit_id bigint, planned_visit_id bigint, next_visit_id bigint, grade_before text, grade_after text,
                                          lead_salesperson_id bigint);
        RETURN;
    END IF;
    kind := check_word('kind', kind, '{reception,return visit,return call,test drive,field call}');
    status := check_word('status', status, '{planned,completed,cancelled}');
    at := check_visit(status, lead, at, grade, next_visit_on);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    visitor := check_dimensions(store => store, salesperson => salesperson, grade => grade);
    code := request_code(quoted_code, at);
    written := write_visit(customer_id, lead, record_visit.request_id, at, kind, status, planned_visit, salesperson, visitor, store, outcome, grade, next_visit_on,
                           quoted_code, code.source_code, code.code_problem);
    visit_id := written.visit_id;
    planned_visit_id := written.planned_visit_id;
    grade_before := written.grade_before;
    grade_after := written.grade_after;
    lead_salesperson_id := written.lead_salesperson_id;
    IF next_visit_on IS NOT NULL THEN
        INSERT INTO visit (customer_id, lead_id, kind, status, visited_at, salesperson_id, store, request_id)
        VALUES (record_visit.customer_id, lead, record_visit.kind, 'planned',
                (next_visit_on + time '12:00') AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'),
                lead_salesperson_id, record_visit.store, record_visit.request_id || ' next')
        RETURNING visit.visit_id INTO next_visit_id;
    END IF;
    was_already_recorded := request_end(record_visit.request_id, jsonb_build_present('customer_id', customer_id, 'visit_id', visit_id, 'planned_visit_id', planned_visit_id,
        'next_visit_id', next_visit_id, 'grade_before', grade_before, 'grade_after', grade_after, 'lead_salesperson_id', lead_salesperson_id));
END
$$;
COMMENT ON FUNCTION record_visit(bigint, bigint, text, timestamptz, text, text, bigint, text, text, text, date, bigint, text, text, text) IS 'records a visit to a lead, or without a lead to an account. kind is reception, return visit, return call, test drive or field call; status is completed, planned (at says for when) or cancelled. A completed or cancelled visit settles the planned one: the one given, else the next one planned. grade is the lead''s grade as judged after the visit; next_visit_on plans the next one. Returns the visit, the planned one that it settled, the next one planned, the lead''s grade before and after and its owner, and whether the call is a repetition. 22023 for an unknown kind or status, 23503 for an unknown lead, 55000 for grading one that is not open, or planning a visit to it; see request_begin()';

CREATE OR REPLACE FUNCTION check_close(outcome text, customer_order bigint, reason text, competitor text, competitor_price numeric) RETURNS void
    LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    outcome := check_word('outcome', outcome, '{won,lost}');
    IF outcome = 'won' AND customer_order IS NULL THEN
        RAISE EXCEPTION 'the order that won the lead is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'customer_order_id', HINT = 'Give customer_order; or record_order() with the lead, which closes it, too.';
    ELSIF outcome = 'won' AND num_nonnulls(competitor, competitor_price) > 0 OR outcome = 'lost' AND customer_order IS NOT NULL THEN
        RAISE EXCEPTION 'a lead that is % has no %', outcome, CASE outcome WHEN 'won' THEN 'competitor' ELSE 'order' END
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A lead is won by an order, or lost for a reason, perhaps to a competitor at a price.';
    ELSIF outcome = 'lost' AND (reason IS NULL OR btrim(reason) = '') THEN
        RAISE EXCEPTION 'the reason why the lead was lost is missing'
            USING ERRCODE = 'null_value_not_allowed', COLUMN = 'lost_reason', HINT = 'Marketing goes on with it: say why the customer did not buy.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_close(text, bigint, text, text, numeric) IS '22004 for a lead won without an order or lost without a reason, 22023 for what does not go with the outcome. A part of close_lead()';

-- Wins a locked lead with an order; one that was given up may still be won.
CREATE OR REPLACE FUNCTION lead_win(lead_before lead, customer_order bigint, at timestamptz, reason text, moved_by text, request_id text) RETURNS lead
    LANGUAGE plpgsql AS
$$
DECLARE
    lead_after lead := lead_before;
BEGIN
    lead_after.status := 'won';
    lead_after.closed_at := at;
    lead_after.customer_order_id := customer_order;
    lead_after.next_visit_on := NULL;
    lead_after.lost_reason := NULL;
    lead_after.competitor := NULL;
    lead_after.competitor_price := NULL;
    RETURN lead_change(lead_before, lead_after, 'won', at, reason, request_id => request_id, moved_by => moved_by);
END
$$;
COMMENT ON FUNCTION lead_win(lead, bigint, timestamptz, text, text, text) IS 'closes a locked lead as won by an order; returns its row. A part of close_lead() and record_order()';

CREATE OR REPLACE FUNCTION close_lead(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, outcome text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    customer_order bigint DEFAULT NULL, reason text DEFAULT NULL, competitor text DEFAULT NULL, competitor_price numeric DEFAULT NULL,
    salesperson bigint DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_id bigint, OUT lead_status text, OUT salesperson_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer  jsonb := request_begin('close_lead', close_lead.request_id, jsonb_build_present(
        'customer', customer, 'lead', lead, 'outcome', outcome, 'at', request_time(at), 'customer_order', customer_order, 'reason', reason,
        'competitor', competitor, 'competitor_price', competitor_price, 'salesperson', salesperson,
        'customer_system', customer_system, 'customer_number', customer_number));
    state   lead;
    changed lead;
    closer  text;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO close_lead.customer_id, lead_id, lead_status, salesperson_id, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_id bigint, lead_status text, salesperson_id bigint);
        RETURN;
    END IF;
    at := check_time(at);
    PERFORM check_close(outcome, customer_order, reason, competitor, competitor_price);
    competitor_price := check_amount('competitor_price', competitor_price);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    closer := check_dimensions(salesperson => salesperson);
    customer_order := find_order(customer_id, customer_order, NULL);
    state := lead_lock(customer_id, lead);
    IF state.status = 'won' OR state.status <> 'open' AND outcome = 'lost' THEN
        RAISE EXCEPTION 'lead % of customer % is % already', state.lead_id, customer_id, state.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status',
                  DETAIL = format('It was closed at %s.', state.closed_at), HINT = 'An open lead can be closed; one that was given up can be won.';
    ELSIF at < state.opened_at THEN
        PERFORM refuse_lead_time(state, at);
    ELSIF outcome = 'won' THEN
        changed := lead_win(state, customer_order, at, reason, closer, close_lead.request_id);
    ELSE
        changed := state;                       -- given up by sales: marketing has it from now on
        changed.status := 'defeated';
        changed.salesperson_id := NULL;
        changed.closed_at := at;
        changed.next_visit_on := NULL;
        changed.lost_reason := reason;
        changed.competitor := competitor;
        changed.competitor_price := competitor_price;
        changed := lead_change(state, changed, 'lost', at, reason, request_id => close_lead.request_id, moved_by => closer);
    END IF;
    lead_id := changed.lead_id;
    lead_status := changed.status;
    salesperson_id := changed.salesperson_id;
    was_already_recorded := request_end(close_lead.request_id, jsonb_build_present('customer_id', customer_id, 'lead_id', lead_id, 'lead_status', lead_status, 'salesperson_id', salesperson_id));
END
$$;
COMMENT ON FUNCTION close_lead(bigint, bigint, text, text, timestamptz, bigint, text, text, numeric, bigint, text, text) IS 'closes a lead: outcome won with the order, or lost with the reason, and perhaps the competitor and his price. A lost lead is defeated at once: it leaves its salesperson and enters marketing''s queue. A lead that was given up may still be won. Returns the status (won, defeated), the owner, and whether the call is a repetition. 22004 for a missing order or reason, 23503 for an unknown lead or order, 55000 for one that is closed already; see request_begin()';
