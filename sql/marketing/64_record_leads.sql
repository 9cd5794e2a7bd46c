-- Functions for apps: leads and visits. How a lead changes is in 61_lead_state.sql.

-- Who is to have a lead must be there.
CREATE OR REPLACE FUNCTION check_owner(salesperson bigint, at timestamptz) RETURNS void
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    gone_on date;
BEGIN
    SELECT s.left_on INTO gone_on FROM salesperson s WHERE s.salesperson_id = check_owner.salesperson;
    IF gone_on IS NULL THEN
        RETURN;
    ELSIF gone_on < (at AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'))::date THEN
        RAISE EXCEPTION 'salesperson % left on %', check_owner.salesperson, gone_on
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'salesperson', COLUMN = 'left_on', HINT = 'Give the lead to somebody who is there.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_owner(bigint, timestamptz) IS '55000 for a salesperson who left before that day. A part of the recording functions';

CREATE OR REPLACE FUNCTION is_for_marketing(grade text) RETURNS boolean
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN coalesce((SELECT g.followed_by = 'marketing' FROM lead_grade g WHERE g.lead_grade = is_for_marketing.grade), false);
END
$$;
COMMENT ON FUNCTION is_for_marketing(text) IS 'whether marketing follows up leads of a grade; false for NULL';

-- The one way in which a grade is changed by a person: a lead of marketing's grade goes to
-- marketing's queue at once, and one that comes out of it goes to who graded it.
CREATE OR REPLACE FUNCTION lead_regrade(lead_before lead, grade text, at timestamptz, reason text, salesperson bigint, grader text, request_id text, is_for_marketing boolean) RETURNS lead
    LANGUAGE plpgsql AS
$$
DECLARE
    lead_after lead := lead_before;
BEGIN
    IF lead_before.status <> 'open' THEN
        RAISE EXCEPTION 'lead % of customer % is %: it cannot be graded', lead_before.lead_id, lead_before.customer_id, lead_before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status',
                  HINT = 'Only open leads have a grade that changes. Who shows intent again gets a new lead, or this one is opened again.';
    ELSIF at < lead_before.opened_at THEN
        PERFORM refuse_lead_time(lead_before, at);
    ELSIF grade = lead_before.lead_grade THEN
        RETURN lead_before;
    END IF;
    lead_after.lead_grade := grade;
    IF lead_regrade.is_for_marketing THEN
        lead_after.salesperson_id := NULL;
        lead_after.next_visit_on := NULL;
    ELSIF lead_before.salesperson_id IS NULL THEN
        lead_after.salesperson_id := salesperson;
        PERFORM check_owner(salesperson, at);
    END IF;
    RETURN lead_change(lead_before, lead_after, 'graded', at, reason, request_id => request_id, moved_by => grader);
END
$$;
COMMENT ON FUNCTION lead_regrade(lead, text, timestamptz, text, bigint, text, text, boolean) IS 'changes the grade of a locked lead, by salesperson, whose name is grader, to one that is_for_marketing() or not; returns its row. 55000 when it is not open, 22008 for a time before it was opened. A part of set_grade() and record_visit()';

CREATE OR REPLACE FUNCTION open_lead(
    customer bigint DEFAULT NULL, product text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), grade text DEFAULT NULL,
    salesperson bigint DEFAULT NULL, team text DEFAULT NULL, response bigint DEFAULT NULL, reason text DEFAULT NULL, quoted_code text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_id bigint, OUT salesperson_id bigint, OUT other_open_leads bigint, OUT source_code text, OUT code_problem text,
    OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('open_lead', open_lead.request_id, jsonb_build_present(
        'customer', customer, 'product', product, 'at', request_time(at), 'grade', grade, 'salesperson', salesperson, 'team', team, 'response', response,
        'reason', reason, 'quoted_code', quoted_code, 'customer_system', customer_system, 'customer_number', customer_number));
    person customer;
    opener text;
    code   record;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO open_lead.customer_id, lead_id, salesperson_id, other_open_leads, source_code, code_problem, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_id bigint, salesperson_id bigint, other_open_leads bigint, source_code text, code_problem text);
        RETURN;
    END IF;
    at := check_time(at);
    person := request_customer(customer, customer_system, customer_number, true);
    customer_id := person.customer_id;
    opener := check_dimensions(product => product, salesperson => salesperson, grade => grade, team => team);
    IF response IS NOT NULL AND NOT EXISTS (SELECT FROM response r WHERE r.customer_id = person.customer_id AND r.response_id = open_lead.response) THEN
        RAISE EXCEPTION 'customer % has no response %', person.customer_id, response
            USING ERRCODE = 'foreign_key_violation', TABLE = 'response', COLUMN = 'response_id', HINT = 'record_response() returns its number.';
    END IF;
    IF is_for_marketing(grade) THEN
        salesperson_id := NULL;
    ELSE
        salesperson_id := salesperson;
        IF salesperson IS NOT NULL THEN
            PERFORM check_owner(salesperson, at);
        ELSIF person.salesperson_id IS NOT NULL THEN    -- whoever has an owner goes to the owner, if he is still there
            SELECT s.salesperson_id INTO salesperson_id FROM salesperson s WHERE s.salesperson_id = person.salesperson_id AND s.left_on IS NULL;
        END IF;
    END IF;
    SELECT count(*) INTO other_open_leads FROM lead l WHERE l.customer_id = person.customer_id AND l.status = 'open';
    code := request_code(quoted_code, at);
    INSERT INTO lead (customer_id, opened_at, response_id, product, team, salesperson_id, lead_grade, clock_started_at,
                      quoted_code, source_code, code_problem, request_id)
    VALUES (person.customer_id, at, response, open_lead.product, open_lead.team, open_lead.salesperson_id, grade, at,
            open_lead.quoted_code, code.source_code, code.code_problem, open_lead.request_id)
    RETURNING lead.lead_id INTO lead_id;
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, to_grade, to_status, reason, moved_by, request_id)
    VALUES (person.customer_id, open_lead.lead_id, at, 'opened', open_lead.salesperson_id, grade, 'open', open_lead.reason,
            coalesce(opener, nullif(current_setting('role'), 'none'), session_user), open_lead.request_id);
    source_code := code.source_code::text;
    code_problem := code.code_problem;
    was_already_recorded := request_end(open_lead.request_id, jsonb_build_present('customer_id', customer_id, 'lead_id', lead_id, 'salesperson_id', salesperson_id,
        'other_open_leads', other_open_leads, 'source_code', source_code, 'code_problem', code_problem));
END
$$;
COMMENT ON FUNCTION open_lead(bigint, text, text, timestamptz, text, bigint, text, bigint, text, text, text, text) IS 'opens a lead: an intention of a customer to buy a product, which may have been told in a response. Its owner is the salesperson given, else the owner of the account; a grade that marketing follows up has none. Returns the customer, the lead, its owner, how many other leads of the customer are open, the code as read and its problem, and whether the call is a repetition. 22004 without a customer, 23503 for an unknown product, grade, salesperson, team or response, 55000 for a salesperson who has left; see request_begin()';

CREATE OR REPLACE FUNCTION set_grade(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, grade text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    reason text DEFAULT NULL, salesperson bigint DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_id bigint, OUT grade_before text, OUT grade_after text, OUT salesperson_id bigint, OUT clock_started_at timestamptz,
    OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('set_grade', set_grade.request_id, jsonb_build_present(
        'customer', customer, 'lead', lead, 'grade', grade, 'at', request_time(at), 'reason', reason, 'salesperson', salesperson,
        'customer_system', customer_system, 'customer_number', customer_number));
    state  lead;
    grader text;
    leaves boolean;                     -- marketing follows up the grade
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO set_grade.customer_id, lead_id, grade_before, grade_after, salesperson_id, clock_started_at, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_id bigint, grade_before text, grade_after text, salesperson_id bigint, clock_started_at timestamptz);
        RETURN;
    END IF;
    at := check_time(at);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    IF grade IS NULL THEN
        grade := check_word('grade', grade, ARRAY(SELECT g.lead_grade FROM lead_grade g ORDER BY g.grade_no));
    END IF;
    grader := check_dimensions(grade => grade, salesperson => salesperson);
    state := lead_lock(customer_id, lead);
    grade_before := state.lead_grade;
    leaves := is_for_marketing(grade);
    state := lead_regrade(state, grade, at, reason, salesperson, grader, set_grade.request_id, leaves);
    IF leaves THEN
        PERFORM lead_cancel_visits(customer_id, lead, salesperson, at, 'the lead is with marketing');
    END IF;
    lead_id := state.lead_id;
    grade_after := state.lead_grade;
    salesperson_id := state.salesperson_id;
    clock_started_at := state.clock_started_at;
    was_already_recorded := request_end(set_grade.request_id, jsonb_build_present('customer_id', customer_id, 'lead_id', lead_id, 'grade_before', grade_before,
        'grade_after', grade_after, 'salesperson_id', salesperson_id, 'clock_started_at', clock_started_at));
END
$$;
COMMENT ON FUNCTION set_grade(bigint, bigint, text, text, timestamptz, text, bigint, text, text) IS 'grades an open lead. One of a grade that marketing follows up goes to marketing''s queue at once; one that comes from there goes to the salesperson given, who graded it. The same grade again changes nothing. Returns the grade before and after, the owner, the clock of the stale rules, and whether the call is a repetition. 23503 for an unknown lead or grade, 55000 for a lead that is not open; see request_begin()';
