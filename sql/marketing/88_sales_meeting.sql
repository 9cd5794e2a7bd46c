-- The sheet of the sales meeting.
--
-- The meeting is held on a day: what was done is told of the last working day before it, what is to
-- be done of that day and the next working day. The sheet is in long form, one row per line, so that
-- a BI tool can lay it out; sales_meeting_text() prints it.

-- What was agreed.
CREATE OR REPLACE FUNCTION agree_action(
    salesperson bigint DEFAULT NULL, action text DEFAULT NULL, due_on date DEFAULT NULL, request_id text DEFAULT NULL, day date DEFAULT NULL, team text DEFAULT NULL,
    OUT agreed_action_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    answer jsonb := request_begin('agree_action', agree_action.request_id, jsonb_build_present('salesperson', salesperson, 'action', action, 'due_on', due_on, 'day', day, 'team', team));
BEGIN
    IF answer IS NOT NULL THEN
        agreed_action_id := (answer ->> 'agreed_action_id')::bigint;
        was_already_recorded := true;
        RETURN;
    END IF;
    day := check_day(day);
    IF num_nulls(salesperson, nullif(btrim(action), ''), due_on) > 0 THEN
        RAISE EXCEPTION 'who, what or until when is missing'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Give salesperson, action and due_on.';
    ELSIF due_on < day THEN
        RAISE EXCEPTION 'due_on "%" is before the day of the meeting, %', due_on, day
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'due_on', HINT = 'Give the day on which it is to be done.';
    END IF;
    PERFORM check_dimensions(salesperson => salesperson, team => team);
    INSERT INTO agreed_action (agreed_on, team, salesperson_id, action, due_on, request_id)
    VALUES (day, agree_action.team, salesperson, btrim(agree_action.action), agree_action.due_on, agree_action.request_id)
    RETURNING agreed_action.agreed_action_id INTO agreed_action_id;
    was_already_recorded := request_end(agree_action.request_id, jsonb_build_present('agreed_action_id', agreed_action_id));
END
$$;
COMMENT ON FUNCTION agree_action(bigint, text, date, text, date, text) IS 'notes what was agreed in a sales meeting: who does what until when; day is that of the meeting, today where it is not said. Returns its number and whether the call is a repetition. 22004 for what is missing, 22023 for a due day before the meeting, 23503 for an unknown salesperson or team; see request_begin()';

CREATE OR REPLACE FUNCTION finish_action(agreed_action bigint DEFAULT NULL, outcome text DEFAULT NULL, request_id text DEFAULT NULL, day date DEFAULT NULL, OUT was_late boolean, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    answer jsonb := request_begin('finish_action', finish_action.request_id, jsonb_build_present('agreed_action', agreed_action, 'outcome', outcome, 'day', day));
    agreed agreed_action;
BEGIN
    IF answer IS NOT NULL THEN
        was_late := (answer ->> 'was_late')::boolean;
        was_already_recorded := true;
        RETURN;
    END IF;
    day := check_day(day);
    SELECT a.* INTO agreed FROM agreed_action a WHERE a.agreed_action_id = finish_action.agreed_action FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', CASE WHEN agreed_action IS NULL THEN 'the agreed action is missing' ELSE format('there is no agreed action %s', agreed_action) END
            USING ERRCODE = CASE WHEN agreed_action IS NULL THEN 'null_value_not_allowed' ELSE 'foreign_key_violation' END, TABLE = 'agreed_action', COLUMN = 'agreed_action_id', HINT = 'agree_action() returns the number; table agreed_action lists them.';
    ELSIF agreed.done_on IS NOT NULL THEN
        RAISE EXCEPTION 'action % was done on %', agreed_action, agreed.done_on
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'agreed_action', COLUMN = 'done_on', HINT = 'Nothing is to be done.';
    ELSIF day < agreed.agreed_on THEN
        RAISE EXCEPTION 'action % was agreed on %, after %', agreed_action, agreed.agreed_on, day USING ERRCODE = 'datetime_field_overflow', HINT = 'Look at the day.';
    END IF;
    UPDATE agreed_action a SET done_on = day, outcome = finish_action.outcome WHERE a.agreed_action_id = agreed.agreed_action_id;
    was_late := day > agreed.due_on;
    was_already_recorded := request_end(finish_action.request_id, jsonb_build_present('was_late', was_late));
END
$$;
COMMENT ON FUNCTION finish_action(bigint, text, text, date) IS 'notes that an agreed action is done, and what came of it. Returns whether that was after its due day, and whether the call is a repetition. 22004 without agreed_action, 23503 for an unknown action, 55000 for one that is done, 22008 for a day before it was agreed; see request_begin()';

CREATE OR REPLACE VIEW visits_without_proof AS
SELECT v.customer_id, v.visit_id, v.lead_id, c.name AS customer_name, v.salesperson_id, s.name AS salesperson, s.team, v.visited_at, v.outcome
  FROM visit v
  JOIN setting z ON z.setting = 'time_zone'
  JOIN customer c ON c.customer_id = v.customer_id AND NOT c.is_seed
  LEFT JOIN salesperson s ON s.salesperson_id = v.salesperson_id
 WHERE v.kind = 'return call' AND v.status = 'completed'
   AND NOT EXISTS (SELECT FROM call k WHERE k.customer_id = v.customer_id AND k.call_reference IS NOT NULL
                                        AND (k.called_at AT TIME ZONE z.value)::date = (v.visited_at AT TIME ZONE z.value)::date);
COMMENT ON VIEW visits_without_proof IS 'return calls that are said to have been made, of which the telephone system knows nothing: no call of the customer with a call reference on that day';
COMMENT ON COLUMN visits_without_proof.customer_id IS 'the customer';
COMMENT ON COLUMN visits_without_proof.visit_id IS 'key of the visit within the customer';
COMMENT ON COLUMN visits_without_proof.lead_id IS 'the lead; NULL for a call to an account';
COMMENT ON COLUMN visits_without_proof.customer_name IS 'name of the customer';
COMMENT ON COLUMN visits_without_proof.salesperson_id IS 'who says to have called';
COMMENT ON COLUMN visits_without_proof.salesperson IS 'name';
COMMENT ON COLUMN visits_without_proof.team IS 'team of the salesperson';
COMMENT ON COLUMN visits_without_proof.visited_at IS 'when that was';
COMMENT ON COLUMN visits_without_proof.outcome IS 'what came of it';

-- The open leads at a time: as they are, but for those that have moved since: as they were before
-- the first move after it.
CREATE OR REPLACE FUNCTION open_leads_at(at timestamptz)
    RETURNS TABLE (customer_id bigint, lead_id bigint, team text, salesperson_id bigint, lead_grade text)
    LANGUAGE plpgsql STABLE ROWS 10000 SET search_path FROM CURRENT SET jit = off AS
$$
BEGIN
    RETURN QUERY
    WITH later AS (
        SELECT DISTINCT ON (m.customer_id, m.lead_id) m.customer_id, m.lead_id, m.from_salesperson_id, m.from_grade, m.from_status
          FROM lead_move m WHERE m.moved_at >= open_leads_at.at AND m.kind <> 'model graded' ORDER BY m.customer_id, m.lead_id, m.lead_move_id),
    then_open AS (
        SELECT l.customer_id, l.lead_id, l.team, l.salesperson_id, l.lead_grade FROM lead l
         WHERE l.status = 'open' AND l.opened_at < open_leads_at.at AND NOT EXISTS (SELECT FROM later x WHERE x.customer_id = l.customer_id AND x.lead_id = l.lead_id)
         UNION ALL
        SELECT l.customer_id, l.lead_id, l.team, x.from_salesperson_id, x.from_grade
          FROM later x JOIN lead l ON l.customer_id = x.customer_id AND l.lead_id = x.lead_id WHERE x.from_status = 'open' AND l.opened_at < open_leads_at.at)
    SELECT o.customer_id, o.lead_id, coalesce(s.team, CASE WHEN o.salesperson_id IS NULL THEN 'marketing' ELSE o.team END), o.salesperson_id, o.lead_grade
      FROM then_open o JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed
      LEFT JOIN salesperson s ON s.salesperson_id = o.salesperson_id;
END
$$;
COMMENT ON FUNCTION open_leads_at(timestamptz) IS 'the leads that were open at a time, with owner and grade then: the present state, taken back by the moves since. team is that of the owner, marketing for those without one. Seed names are left out';

CREATE OR REPLACE FUNCTION meeting_leads(day_before date, day date, team text)
    RETURNS TABLE (team_name text, lead_grade text, grade_no smallint, leads bigint, leads_before bigint, came bigint, went bigint)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    RETURN QUERY
    SELECT coalesce(a.team, b.team), coalesce(a.lead_grade, b.lead_grade, 'not graded'), min(g.grade_no), count(a.lead_id), count(b.lead_id),
           count(*) FILTER (WHERE b.lead_id IS NULL), count(*) FILTER (WHERE a.lead_id IS NULL)
      FROM open_leads_at(day::timestamp AT TIME ZONE zone) a
      FULL JOIN open_leads_at(day_before::timestamp AT TIME ZONE zone) b
           ON b.customer_id = a.customer_id AND b.lead_id = a.lead_id AND b.team = a.team AND coalesce(b.lead_grade, '') = coalesce(a.lead_grade, '')
      LEFT JOIN lead_grade g ON g.lead_grade = coalesce(a.lead_grade, b.lead_grade)
     WHERE meeting_leads.team IS NULL OR coalesce(a.team, b.team) = meeting_leads.team
     GROUP BY 1, 2 ORDER BY 1, 3;
END
$$;
COMMENT ON FUNCTION meeting_leads(date, date, text) IS 'open leads by team and grade at the beginning of a day and of one before, and how many came to and went from each between. A part of sales_meeting()';

-- The working day before or after a day.
CREATE OR REPLACE FUNCTION working_day_beside(day date, step int) RETURNS date
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN CASE WHEN step < 0 THEN coalesce((SELECT max(c.date_day) FROM calendar c WHERE c.date_day < day AND NOT c.is_day_off), day - 1)
                ELSE coalesce((SELECT min(c.date_day) FROM calendar c WHERE c.date_day > day AND NOT c.is_day_off), day + 1) END;
END
$$;
COMMENT ON FUNCTION working_day_beside(date, int) IS 'the last working day before a day (step below 0) or the first after it, by table calendar';

-- The month of the day before, until then and projected to its end by working days.
CREATE OR REPLACE FUNCTION sales_pace(day date, team text DEFAULT NULL)
    RETURNS TABLE (figure text, name text, unit text, actual numeric, target_so_far numeric, target_of_month numeric, projected numeric, share_of_target numeric)
    LANGUAGE plpgsql STABLE ROWS 20 SET search_path FROM CURRENT AS
$$
DECLARE
    since date := date_trunc('month', day)::date;
    until date := (date_trunc('month', day) + interval '1 month')::date - 1;
BEGIN
    RETURN QUERY
    SELECT r.figure, r.name, r.unit, r.actual, r.target, trim_scale(g.amount), CASE WHEN f.denominator IS NULL THEN trim_scale(round(r.actual * w.all_days / nullif(w.days, 0), 2)) ELSE r.actual END,
           round(CASE WHEN f.denominator IS NULL THEN r.actual * w.all_days / nullif(w.days, 0) ELSE r.actual END / nullif(g.amount, 0), 4)
      FROM sales_results(since, day, sales_pace.team, by => 'all') r
      JOIN sales_figure f ON f.figure = r.figure,
           LATERAL (SELECT sales_target_amount(r.figure, since, until, sales_pace.team, NULL)) g (amount),
           LATERAL (SELECT working_days(since, day), working_days(since, until)) w (days, all_days)
     WHERE f.denominator IS NULL OR g.amount IS NOT NULL
     ORDER BY f.figure_no;
END
$$;
COMMENT ON FUNCTION sales_pace(date, text) IS 'the month of a day, until that day (included): each sum, and each ratio that has a target; the target so far and of the whole month, and what the month will bring at this pace, by working days. share_of_target is that against the target of the month';
