-- Leads handed over between teams by agreed criteria, accepted or returned; win-back dates.
--
-- hand_over_lead() compares the lead with each criterion of the agreement of the two teams. What
-- is required and not met refuses the hand-over, with all that is missing in one message; what
-- is not required is noted. A hand-over is open until it is accepted or returned; what was
-- accepted may still be returned when it could not be sold. While one is open there is no second.

-- What is known of a lead without asking; an answer of the same name goes before it.
CREATE OR REPLACE FUNCTION lead_facts(customer bigint, lead bigint, at timestamptz DEFAULT now()) RETURNS jsonb
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS
$$
    SELECT jsonb_strip_nulls(jsonb_build_object(
               'grade', l.lead_grade, 'model_grade', l.model_grade, 'product', l.product, 'name', c.name,
               'telephone', (SELECT k.value FROM contact_point k
                              WHERE k.customer_id = l.customer_id AND k.kind IN ('phone', 'mobile') AND k.ended_on IS NULL AND k.status NOT IN ('bounced', 'refused')
                              ORDER BY k.is_preferred DESC, k.contact_point_id LIMIT 1),
               'email', (SELECT k.value FROM contact_point k
                          WHERE k.customer_id = l.customer_id AND k.kind = 'email' AND k.ended_on IS NULL AND k.status NOT IN ('bounced', 'refused')
                          ORDER BY k.is_preferred DESC, k.contact_point_id LIMIT 1),
               'calls_reached', (SELECT count(*) FROM call k WHERE k.customer_id = l.customer_id AND k.lead_id = l.lead_id
                                    AND k.result IN ('reached', 'promise', 'answered') AND k.called_at <= $3),
               'visits', (SELECT count(*) FROM visit v WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed' AND v.visited_at <= $3)))
      FROM lead l JOIN customer c ON c.customer_id = l.customer_id WHERE l.customer_id = $1 AND l.lead_id = $2
$$;
COMMENT ON FUNCTION lead_facts(bigint, bigint, timestamptz) IS 'what is known of a lead, as an object: grade, model_grade, product, name, telephone, email (the preferred ones that work), calls_reached, visits; NULL for a lead that is not there. Criteria of a hand-over are compared with it';

CREATE OR REPLACE FUNCTION is_criterion_met(answer text, pattern text, minimum numeric, maximum numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(btrim(answer) <> '', false)
       AND coalesce(answer ~ pattern, true)
       AND (num_nonnulls(minimum, maximum) = 0
            OR CASE WHEN btrim(answer) ~ '^[-+]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})$'
                    THEN btrim(answer)::numeric BETWEEN coalesce(minimum, '-Infinity') AND coalesce(maximum, 'Infinity') ELSE false END);
COMMENT ON FUNCTION is_criterion_met(text, text, numeric, numeric) IS 'whether an answer was given, matches a pattern and is a number between two limits, where these are not NULL';

-- The criteria that a lead does not meet: those required, and all of them.
CREATE OR REPLACE FUNCTION hand_over_check(from_team text, to_team text, answers jsonb, OUT criteria int, OUT unmet text[], OUT refused text[])
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS
$$
    SELECT count(*)::int,
           coalesce(array_agg(c.criterion ORDER BY c.criterion) FILTER (WHERE NOT m.is_met), '{}'),
           coalesce(array_agg(format('%s (%s)', c.criterion, c.name) ORDER BY c.criterion) FILTER (WHERE NOT m.is_met AND c.is_required), '{}')
      FROM hand_over_criterion c, LATERAL (SELECT is_criterion_met($3 ->> c.criterion, c.pattern, c.minimum, c.maximum) AS is_met) m
     WHERE c.from_team = $1 AND c.to_team = $2
$$;
COMMENT ON FUNCTION hand_over_check(text, text, jsonb) IS 'how many criteria two teams have agreed on, which of them answers do not meet, and which of these refuse a hand-over, in words. A part of hand_over_lead()';

-- Who is to have a lead of another team: the one named, or the least loaded who has not had it.
CREATE OR REPLACE FUNCTION hand_over_heir(before lead, team text, salesperson bigint, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    heir   salesperson;
    chosen bigint;
BEGIN
    IF salesperson IS NOT NULL THEN
        heir := check_salesperson(salesperson, at);
        IF heir.team IS DISTINCT FROM hand_over_heir.team THEN
            RAISE EXCEPTION 'salesperson % (%) is not in team "%"', salesperson, heir.name, hand_over_heir.team
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Name somebody of that team, or leave it to the rotation.';
        END IF;
        RETURN salesperson;
    END IF;
    SELECT p.chosen INTO chosen
      FROM pool_pick(salesperson_pool_at(at), team, NULL,
                     ARRAY(SELECT m.to_salesperson_id FROM lead_move m WHERE m.customer_id = before.customer_id AND m.lead_id = before.lead_id AND m.to_salesperson_id IS NOT NULL),
                     before.salesperson_id) p;
    IF chosen IS NULL THEN
        RAISE EXCEPTION 'nobody of team "%" can take a lead now', team
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'All are off duty or at their capacity (table salesperson). Name somebody with to_salesperson.';
    END IF;
    RETURN chosen;
END
$$;
COMMENT ON FUNCTION hand_over_heir(lead, text, bigint, timestamptz) IS 'who gets a lead that goes to a team: the salesperson given (22023 when not of that team), else the least loaded on duty, who has not had it if there is such a one; 55000 when there is nobody. A part of hand_over_lead()';

CREATE OR REPLACE FUNCTION open_hand_over(customer bigint, lead bigint) RETURNS lead_hand_over
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS
$$
    SELECT h.* FROM lead_hand_over h
     WHERE h.customer_id = $1 AND h.lead_id = $2
       AND NOT EXISTS (SELECT FROM lead_hand_over_answer a WHERE a.customer_id = h.customer_id AND a.lead_hand_over_id = h.lead_hand_over_id AND a.answer = 'returned')
     ORDER BY h.lead_hand_over_id DESC LIMIT 1
$$;
COMMENT ON FUNCTION open_hand_over(bigint, bigint) IS 'the last hand-over of a lead that was not returned; a row of NULLs when there is none. A part of hand_over_lead(), accept_lead() and return_lead()';

CREATE OR REPLACE FUNCTION hand_over_lead(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, to_team text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    answers jsonb DEFAULT '{}', to_salesperson bigint DEFAULT NULL, from_salesperson bigint DEFAULT NULL, note text DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_id bigint, OUT lead_hand_over_id bigint, OUT salesperson_id bigint, OUT criteria int, OUT unmet text[],
    OUT accept_due_at timestamptz, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer    jsonb := request_begin('hand_over_lead', hand_over_lead.request_id, jsonb_build_present(
        'customer', customer, 'lead', lead, 'to_team', to_team, 'at', request_time(at), 'answers', answers, 'to_salesperson', to_salesperson,
        'from_salesperson', from_salesperson, 'note', note, 'customer_system', customer_system, 'customer_number', customer_number));
    before    lead;
    after     lead;
    handed    lead_hand_over;
    agreement hand_over_agreement;
    giver     text;                     -- name of from_salesperson
    refused   text[];
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO hand_over_lead.customer_id, lead_id, lead_hand_over_id, salesperson_id, criteria, unmet, accept_due_at, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_id bigint, lead_hand_over_id bigint, salesperson_id bigint, criteria int, unmet text[], accept_due_at timestamptz);
        RETURN;
    END IF;
    at := check_time(at);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    giver := check_dimensions(salesperson => from_salesperson, team => to_team);
    before := lead_lock(customer_id, lead);
    agreement := hand_over_terms(before, to_team, from_salesperson);
    SELECT c.criteria, c.unmet, c.refused INTO criteria, unmet, refused
      FROM hand_over_check(agreement.from_team, to_team, lead_facts(customer_id, lead, at) || jsonb_strip_nulls(coalesce(answers, '{}'))) c;
    IF cardinality(refused) > 0 THEN
        RAISE EXCEPTION 'lead % of customer % does not meet what % and % have agreed on', lead, customer_id, agreement.from_team, to_team
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'hand_over_criterion',
                  DETAIL = 'Not met: ' || array_to_string(refused, ', ') || '.', HINT = 'Ask the customer, and give the answers in answers. The criteria are rows of hand_over_criterion.';
    END IF;
    after := before;
    after.salesperson_id := hand_over_heir(before, to_team, to_salesperson, at);
    after.team := to_team;
    after := lead_change(before, after, 'handed over', at, coalesce(note, 'to ' || to_team), rule => format('hand over from %s version %s', agreement.from_team, agreement.version),
                         request_id => hand_over_lead.request_id, moved_by => giver);
    INSERT INTO lead_hand_over (customer_id, lead_id, handed_over_at, from_team, from_salesperson_id, to_team, to_salesperson_id, version, answers, criteria, criteria_met, unmet,
                                accept_due_at, contact_due_at, note, request_id)
    VALUES (hand_over_lead.customer_id, before.lead_id, at, agreement.from_team, coalesce(from_salesperson, before.salesperson_id), to_team, after.salesperson_id, agreement.version,
            coalesce(answers, '{}'), hand_over_lead.criteria, hand_over_lead.criteria - cardinality(hand_over_lead.unmet), hand_over_lead.unmet,
            stale_due_at(at, agreement.accept_within, setting_value('time_zone')), stale_due_at(at, agreement.contact_within, setting_value('time_zone')), note, hand_over_lead.request_id)
    RETURNING * INTO handed;
    lead_id := before.lead_id;
    lead_hand_over_id := handed.lead_hand_over_id;
    salesperson_id := after.salesperson_id;
    accept_due_at := handed.accept_due_at;
    was_already_recorded := request_end(hand_over_lead.request_id, jsonb_build_present('customer_id', customer_id, 'lead_id', lead_id, 'lead_hand_over_id', lead_hand_over_id,
        'salesperson_id', salesperson_id, 'criteria', criteria, 'unmet', unmet, 'accept_due_at', accept_due_at));
END
$$;
COMMENT ON FUNCTION hand_over_lead(bigint, bigint, text, text, timestamptz, jsonb, bigint, bigint, text, text, text) IS 'hands an open lead over to another team, by the criteria that the two have agreed on (hand_over_criterion), compared with answers (an object: criterion to answer) and with lead_facts(). It goes to to_salesperson, else to who of that team is least loaded, on duty and has not had it. Returns the hand-over, the new owner, how many criteria there are and which were not met, until when it is to be accepted, and whether the call is a repetition. 55000 when a required criterion is not met (all are named), for a lead that is closed or whose hand-over is open, where no agreement exists, or when nobody can take it; 22023, 23503 for what is wrong or unknown; see request_begin()';

-- What must hold before a lead is handed over; the agreement between its team and the other.
CREATE OR REPLACE FUNCTION hand_over_terms(before lead, to_team text, from_salesperson bigint) RETURNS hand_over_agreement
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    giver  text := coalesce((SELECT s.team FROM salesperson s WHERE s.salesperson_id = coalesce(from_salesperson, before.salesperson_id)), before.team);
    handed lead_hand_over := open_hand_over(before.customer_id, before.lead_id);
    result hand_over_agreement;
BEGIN
    IF before.status <> 'open' THEN
        RAISE EXCEPTION 'lead % of customer % is %', before.lead_id, before.customer_id, before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status', HINT = 'assign_lead() opens a lead again that was lost or defeated.';
    ELSIF is_for_marketing(before.lead_grade) THEN
        RAISE EXCEPTION 'lead % of customer % is graded %, which marketing follows up', before.lead_id, before.customer_id, before.lead_grade
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'lead_grade', HINT = 'Grade it with set_grade() first: it would go back to marketing the same night.';
    ELSIF handed.to_team = before.team
          AND NOT EXISTS (SELECT FROM lead_hand_over_answer a WHERE a.customer_id = handed.customer_id AND a.lead_hand_over_id = handed.lead_hand_over_id) THEN
        RAISE EXCEPTION 'lead % of customer % has been handed over to % and not been answered', before.lead_id, before.customer_id, handed.to_team
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead_hand_over', HINT = 'accept_lead() or return_lead() answers it.';
    END IF;
    SELECT a.* INTO result FROM hand_over_agreement a WHERE a.from_team = giver AND a.to_team = hand_over_terms.to_team;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'team "%" has no agreement with team "%"', coalesce(giver, 'none'), coalesce(hand_over_terms.to_team, 'NULL')
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'hand_over_agreement',
                  HINT = 'Agreements are rows of hand_over_agreement; reassign_lead() moves a lead within a team.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION hand_over_terms(lead, text, bigint) IS 'the agreement by which a lead goes from its team to another; 55000 when it is closed or marketing''s, when its hand-over is not answered, or when there is no agreement. A part of hand_over_lead()';

CREATE OR REPLACE FUNCTION accept_lead(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(), salesperson bigint DEFAULT NULL,
    note text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_hand_over_id bigint, OUT was_late boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('accept_lead', accept_lead.request_id, jsonb_build_present('customer', customer, 'lead', lead, 'at', request_time(at),
        'salesperson', salesperson, 'note', note, 'customer_system', customer_system, 'customer_number', customer_number));
    before lead;
    handed lead_hand_over;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO accept_lead.customer_id, lead_hand_over_id, was_late, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_hand_over_id bigint, was_late boolean);
        RETURN;
    END IF;
    at := check_time(at);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    PERFORM check_dimensions(salesperson => salesperson);
    before := lead_lock(customer_id, lead);
    handed := check_hand_over(before, at, 'accepted');
    INSERT INTO lead_hand_over_answer (customer_id, lead_hand_over_id, answered_at, answer, salesperson_id, note, request_id)
    VALUES (accept_lead.customer_id, handed.lead_hand_over_id, at, 'accepted', coalesce(salesperson, before.salesperson_id), note, accept_lead.request_id);
    lead_hand_over_id := handed.lead_hand_over_id;
    was_late := at > handed.accept_due_at;
    was_already_recorded := request_end(accept_lead.request_id, jsonb_build_present('customer_id', customer_id, 'lead_hand_over_id', lead_hand_over_id, 'was_late', was_late));
END
$$;
COMMENT ON FUNCTION accept_lead(bigint, bigint, text, timestamptz, bigint, text, text, text) IS 'accepts a lead that was handed over. Returns the hand-over, whether it is later than was agreed, and whether the call is a repetition. 55000 when nothing was handed over or it was answered already, 22008 for a time before the hand-over, 23503 for what is unknown; see request_begin()';

CREATE OR REPLACE FUNCTION check_hand_over(before lead, at timestamptz, answer text) RETURNS lead_hand_over
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    handed lead_hand_over := open_hand_over(before.customer_id, before.lead_id);
BEGIN
    IF handed.lead_hand_over_id IS NULL THEN
        RAISE EXCEPTION 'lead % of customer % has not been handed over, or was returned', before.lead_id, before.customer_id
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead_hand_over', HINT = 'hand_over_lead() hands it over.';
    ELSIF EXISTS (SELECT FROM lead_hand_over_answer a
                   WHERE a.customer_id = handed.customer_id AND a.lead_hand_over_id = handed.lead_hand_over_id AND a.answer = check_hand_over.answer) THEN
        RAISE EXCEPTION 'lead % of customer % was % already', before.lead_id, before.customer_id, check_hand_over.answer
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead_hand_over_answer', HINT = 'Nothing is to be done.';
    ELSIF at < handed.handed_over_at THEN
        RAISE EXCEPTION 'lead % of customer % was handed over at %, after "%"', before.lead_id, before.customer_id, handed.handed_over_at, at
            USING ERRCODE = 'datetime_field_overflow', HINT = 'Look at the time.';
    END IF;
    RETURN handed;
END
$$;
COMMENT ON FUNCTION check_hand_over(lead, timestamptz, text) IS 'the hand-over of a lead that can be accepted or returned at a time; 55000, 22008. A part of accept_lead() and return_lead()';

-- Who gets back what is returned: who handed it over if he is still in that team, else its least
-- loaded; marketing when nobody can take it, or when it came from there.
CREATE OR REPLACE FUNCTION return_owner(before lead, handed lead_hand_over, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    today date := (at AT TIME ZONE setting_value('time_zone'))::date;
BEGIN
    IF handed.from_salesperson_id IS NULL THEN
        RETURN NULL;
    ELSIF EXISTS (SELECT FROM salesperson s WHERE s.salesperson_id = handed.from_salesperson_id AND s.team = handed.from_team
                     AND coalesce(s.started_on <= today, true) AND coalesce(s.left_on >= today, true)) THEN
        RETURN handed.from_salesperson_id;
    END IF;
    RETURN (SELECT p.chosen FROM pool_pick(salesperson_pool_at(at), handed.from_team, NULL, ARRAY[]::bigint[], before.salesperson_id) p);
END
$$;
COMMENT ON FUNCTION return_owner(lead, lead_hand_over, timestamptz) IS 'who gets back a lead that is returned: who handed it over, else the least loaded of his team; NULL: marketing. A part of return_lead()';

CREATE OR REPLACE FUNCTION return_lead(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, reason text DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    salesperson bigint DEFAULT NULL, note text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_hand_over_id bigint, OUT salesperson_id bigint, OUT team text, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('return_lead', return_lead.request_id, jsonb_build_present('customer', customer, 'lead', lead, 'reason', reason, 'at', request_time(at),
        'salesperson', salesperson, 'note', note, 'customer_system', customer_system, 'customer_number', customer_number));
    before lead;
    after  lead;
    handed lead_hand_over;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO return_lead.customer_id, lead_hand_over_id, salesperson_id, team, was_already_recorded
          FROM jsonb_to_record(answer) a (customer_id bigint, lead_hand_over_id bigint, salesperson_id bigint, team text);
        RETURN;
    END IF;
    at := check_time(at);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    PERFORM check_dimensions(salesperson => salesperson);
    reason := check_word('reason', reason, ARRAY(SELECT r.return_reason FROM hand_over_return_reason r ORDER BY r.return_reason));
    before := lead_lock(customer_id, lead);
    handed := check_hand_over(before, at, 'returned');
    IF before.status <> 'open' THEN
        RAISE EXCEPTION 'lead % of customer % is %', before.lead_id, before.customer_id, before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status', HINT = 'A lead that is closed has its answer: how it was closed.';
    END IF;
    after := before;
    after.salesperson_id := return_owner(before, handed, at);
    after.team := handed.from_team;
    after := lead_change(before, after, 'handed over', at, 'returned: ' || reason, request_id => return_lead.request_id,
                         moved_by => (SELECT s.name FROM salesperson s WHERE s.salesperson_id = coalesce(return_lead.salesperson, before.salesperson_id)));
    INSERT INTO lead_hand_over_answer (customer_id, lead_hand_over_id, answered_at, answer, return_reason, salesperson_id, note, request_id)
    VALUES (return_lead.customer_id, handed.lead_hand_over_id, at, 'returned', reason, coalesce(salesperson, before.salesperson_id), note, return_lead.request_id);
    lead_hand_over_id := handed.lead_hand_over_id;
    salesperson_id := after.salesperson_id;
    team := after.team;
    was_already_recorded := request_end(return_lead.request_id, jsonb_build_present('customer_id', customer_id, 'lead_hand_over_id', lead_hand_over_id, 'salesperson_id', salesperson_id, 'team', team));
END
$$;
COMMENT ON FUNCTION return_lead(bigint, bigint, text, text, timestamptz, bigint, text, text, text) IS 'gives a lead back to the team that handed it over, with a reason of hand_over_return_reason (not ready, not sold, ...): to who handed it over, else to the least loaded of that team, else to marketing (NULL). Returns the hand-over, the owner, the team, and whether the call is a repetition. 55000 when nothing was handed over, it was returned already or the lead is closed, 22023 for an unknown reason, 22008 for a time before the hand-over, 23503 for what is unknown; see request_begin()';

CREATE OR REPLACE FUNCTION record_win_back(
    customer bigint DEFAULT NULL, lead bigint DEFAULT NULL, win_back_on date DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    note text DEFAULT NULL, customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT lead_win_back_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_win_back', record_win_back.request_id, jsonb_build_present('customer', customer, 'lead', lead, 'win_back_on', win_back_on,
        'at', request_time(at), 'note', note, 'customer_system', customer_system, 'customer_number', customer_number));
    before lead;
BEGIN
    IF answer IS NOT NULL THEN
        SELECT a.*, true INTO record_win_back.customer_id, lead_win_back_id, was_already_recorded FROM jsonb_to_record(answer) a (customer_id bigint, lead_win_back_id bigint);
        RETURN;
    END IF;
    at := check_time(at);
    customer_id := (request_customer(customer, customer_system, customer_number, true)).customer_id;
    before := lead_lock(customer_id, lead);
    IF before.status NOT IN ('lost', 'defeated') THEN
        RAISE EXCEPTION 'lead % of customer % is %', before.lead_id, before.customer_id, before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status', HINT = 'Only who is lost can be won back.';
    END IF;
    INSERT INTO lead_win_back (customer_id, lead_id, noted_at, win_back_on, note, request_id)
    VALUES (record_win_back.customer_id, before.lead_id, at, record_win_back.win_back_on, record_win_back.note, record_win_back.request_id)
    RETURNING lead_win_back.lead_win_back_id INTO lead_win_back_id;
    was_already_recorded := request_end(record_win_back.request_id, jsonb_build_present('customer_id', customer_id, 'lead_win_back_id', lead_win_back_id));
END
$$;
COMMENT ON FUNCTION record_win_back(bigint, bigint, date, text, timestamptz, text, text, text) IS 'notes when a customer whose lead was lost or defeated may be asked again (NULL: not at all); it holds instead of what loss_reason says. Returns the note and whether the call is a repetition. 55000 for a lead that is neither lost nor defeated, 23503 for an unknown one; see request_begin()';
