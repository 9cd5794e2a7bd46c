-- Leads moved by people: reassigned or taken by the manager, handed over by who leaves, and given
-- out again when they show intent.

-- The salesperson who is to get something; 22023 unless employed at that time.
CREATE OR REPLACE FUNCTION check_salesperson(salesperson bigint, at timestamptz) RETURNS salesperson
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    today  date := (at AT TIME ZONE setting_value('time_zone'))::date;
    result salesperson;
BEGIN
    IF salesperson IS NULL THEN
        RAISE EXCEPTION 'salesperson must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name who is to get it.';
    END IF;
    SELECT s.* INTO result FROM salesperson s WHERE s.salesperson_id = check_salesperson.salesperson;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no salesperson %', salesperson USING ERRCODE = 'foreign_key_violation', HINT = 'Salespeople are the rows of table salesperson.';
    ELSIF result.left_on < today OR result.started_on > today THEN
        RAISE EXCEPTION 'salesperson % (%) is not employed on %', salesperson, result.name, today
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('From %s to %s.', coalesce(result.started_on::text, 'the beginning'), coalesce(result.left_on::text, 'now')),
                  HINT = 'Name somebody who is.';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION check_salesperson(bigint, timestamptz) IS 'the row of a salesperson; 22004 for NULL, 23503 for an unknown one, 22023 for one not employed at that time';

-- Whether a request has moved the lead already; 23505 when it did something else.
CREATE OR REPLACE FUNCTION lead_request_is_known(customer bigint, lead bigint, salesperson bigint, request_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    known lead_move;
BEGIN
    SELECT m.* INTO known FROM lead_move m WHERE m.customer_id = customer AND m.request_id = lead_request_is_known.request_id;
    IF FOUND AND (known.lead_id <> lead OR known.to_salesperson_id IS DISTINCT FROM salesperson) THEN
        RAISE EXCEPTION 'request_id "%" was used before for another call', lead_request_is_known.request_id
            USING ERRCODE = 'unique_violation', TABLE = 'lead_move', COLUMN = 'request_id',
                  DETAIL = format('It moved lead %s to salesperson %s.', known.lead_id, known.to_salesperson_id),
                  HINT = 'A retry must say what the first call said. What is new gets a request_id of its own.';
    END IF;
    RETURN known.lead_id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION lead_request_is_known(bigint, bigint, bigint, text) IS 'whether a request_id has moved that lead to that salesperson already; 23505 when it was used for something else. A part of reassign_lead() and assign_lead()';

CREATE OR REPLACE FUNCTION reassign_lead(customer bigint, lead bigint, salesperson bigint, reason text DEFAULT NULL, at timestamptz DEFAULT now(),
                                         moved_by text DEFAULT NULL, request_id text DEFAULT NULL) RETURNS lead
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    heir   salesperson := check_salesperson(salesperson, at);
    before lead := lead_lock(customer, lead);
    after  lead := before;
BEGIN
    PERFORM check_as_of(at, 'at');
    IF lead_request_is_known(customer, lead, salesperson, reassign_lead.request_id) THEN
        RETURN before;
    ELSIF before.status <> 'open' THEN
        RAISE EXCEPTION 'lead % of customer % is %', lead, customer, before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'status',
                  HINT = 'assign_lead() opens a lead again that was lost or defeated.';
    ELSIF at < before.opened_at THEN
        PERFORM refuse_lead_time(before, at);
    ELSIF before.salesperson_id = salesperson THEN
        RETURN before;
    END IF;
    after.salesperson_id := salesperson;
    after.team := coalesce(heir.team, before.team);
    RETURN lead_change(before, after, 'assigned', at, reason, request_id => reassign_lead.request_id, moved_by => reassign_lead.moved_by);
END
$$;
COMMENT ON FUNCTION reassign_lead(bigint, bigint, bigint, text, timestamptz, text, text) IS 'gives an open lead to another salesperson by hand: duty and capacity do not matter. Its clock starts anew, the steps it has taken stay. Returns the lead; nothing happens when that salesperson has it, or for a repeated request_id. 55000 for a closed lead, 22008 for a time before it was opened, 22023 for somebody not employed then, 23503 for what is unknown, 23505 for a request_id used for something else';

CREATE OR REPLACE FUNCTION take_lead(customer bigint, lead bigint, manager bigint, reason text DEFAULT 'taken by the manager', at timestamptz DEFAULT now(),
                                     request_id text DEFAULT NULL) RETURNS lead
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    taker salesperson := check_salesperson(manager, at);
BEGIN
    IF NOT taker.is_manager THEN
        RAISE EXCEPTION 'salesperson % (%) is no manager', manager, taker.name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'reassign_lead() gives a lead to any salesperson.';
    END IF;
    RETURN reassign_lead(customer, lead, manager, reason, at, taker.name, request_id);
END
$$;
COMMENT ON FUNCTION take_lead(bigint, bigint, bigint, text, timestamptz, text) IS 'the manager takes an open lead himself; like reassign_lead(), 22023 when he is no manager';

CREATE OR REPLACE FUNCTION assign_lead(customer bigint, lead bigint, salesperson bigint, reason text DEFAULT NULL, at timestamptz DEFAULT now(),
                                       grade text DEFAULT NULL, moved_by text DEFAULT NULL, request_id text DEFAULT NULL) RETURNS lead
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    heir   salesperson := check_salesperson(salesperson, at);
    before lead := lead_lock(customer, lead);
    after  lead := before;
BEGIN
    PERFORM check_as_of(at, 'at');
    IF lead_request_is_known(customer, lead, salesperson, assign_lead.request_id) THEN
        RETURN before;
    ELSIF before.status = 'won' OR before.status = 'open' AND before.salesperson_id IS NOT NULL THEN
        RAISE EXCEPTION 'lead % of customer % is not with marketing', lead, customer
            USING ERRCODE = 'object_not_in_prerequisite_state', TABLE = 'lead', COLUMN = 'salesperson_id',
                  DETAIL = CASE before.status WHEN 'won' THEN 'It was won.' ELSE format('Salesperson %s has it.', before.salesperson_id) END,
                  HINT = 'reassign_lead() moves an open lead from one salesperson to another.';
    ELSIF at < greatest(before.opened_at, before.closed_at) THEN
        PERFORM refuse_lead_time(before, at);
    END IF;
    -- a grade that marketing follows would go back the same night
    after.lead_grade := coalesce(assign_lead.grade,
                                 (SELECT g.lead_grade FROM lead_grade g WHERE g.lead_grade = before.lead_grade AND g.followed_by = 'sales'),
                                 (SELECT g.lead_grade FROM lead_grade g WHERE g.followed_by = 'sales' ORDER BY g.grade_no DESC LIMIT 1));
    IF NOT EXISTS (SELECT FROM lead_grade g WHERE g.lead_grade = after.lead_grade AND g.followed_by = 'sales') THEN
        RAISE EXCEPTION 'grade "%" is not one that sales follows', after.lead_grade
            USING ERRCODE = 'invalid_parameter_value', COLUMN = 'lead_grade', HINT = 'See table lead_grade; leave it away for the grade the lead had.';
    END IF;
    after.salesperson_id := salesperson;
    after.team := coalesce(heir.team, before.team);
    after.status := 'open';
    after.closed_at := NULL;
    after.lost_reason := NULL;
    after.competitor := NULL;
    after.competitor_price := NULL;
    RETURN lead_change(before, after, CASE before.status WHEN 'open' THEN 'assigned' ELSE 'reopened' END, at, coalesce(reason, 'shows intent again'),
                       request_id => assign_lead.request_id, moved_by => assign_lead.moved_by);
END
$$;
COMMENT ON FUNCTION assign_lead(bigint, bigint, bigint, text, timestamptz, text, text, text) IS 'gives a lead that marketing has (open without an owner, lost or defeated: see leads_to_assign()) to a named salesperson: it is open again, its ladder begins anew. grade: its new grade; when left away the old one, or the last grade that sales follows if it was one of marketing''s. Returns the lead; nothing happens for a repeated request_id. 55000 when sales has the lead or it was won, 22008 for a time before it was opened or closed, 22023 for somebody not employed or a grade of marketing''s, 23503 for what is unknown, 23505 for a request_id used for something else';

-- What shows intent, since marketing has the lead.
CREATE OR REPLACE FUNCTION lead_intent(customer bigint, since timestamptz, until timestamptz, OUT intent text, OUT intent_at timestamptz, OUT times bigint)
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS
$$
    SELECT (array_agg(i.intent ORDER BY i.at DESC, i.intent))[1], max(i.at), count(*)
      FROM (SELECT 'response' AS intent, r.responded_at AS at FROM response r WHERE r.customer_id = $1 AND r.responded_at > $2 AND r.responded_at <= $3
            UNION ALL
            SELECT 'visit', v.visited_at FROM visit v WHERE v.customer_id = $1 AND v.status = 'completed' AND v.visited_at > $2 AND v.visited_at <= $3
            UNION ALL
            -- a reception on a lead is a visit as well
            SELECT 'visit', p.received_at FROM reception p WHERE p.customer_id = $1 AND p.lead_id IS NULL AND p.received_at > $2 AND p.received_at <= $3
            UNION ALL
            SELECT 'registration', e.registered_at FROM event_registration e WHERE e.customer_id = $1 AND e.registered_at > $2 AND e.registered_at <= $3
            UNION ALL
            SELECT 'basket', b.happened_at FROM basket_event b
             WHERE b.customer_id = $1 AND b.kind IN ('added', 'abandoned') AND b.happened_at > $2 AND b.happened_at <= $3) i
$$;
COMMENT ON FUNCTION lead_intent(bigint, timestamptz, timestamptz) IS 'the last sign of intent of a customer after one time and until another: a response, a visit (a reception, too), a registration for an event, a basket; and how many there were. A part of leads_to_assign()';

CREATE OR REPLACE FUNCTION leads_to_assign(as_of timestamptz DEFAULT now())
    RETURNS TABLE (customer_id bigint, lead_id bigint, customer_name text, lead_status text, lead_grade text, team text, product text, since timestamptz,
                   intent text, intent_at timestamptz, signs bigint, last_salesperson_id bigint, to_salesperson_id bigint)
    LANGUAGE plpgsql ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    pool salesperson_pool := salesperson_pool_at(as_of);
    pick record;
    had  bigint[];
BEGIN
    PERFORM check_as_of(as_of);
    FOR customer_id, lead_id, customer_name, lead_status, lead_grade, team, product, since, intent, intent_at, signs, last_salesperson_id, had IN
        SELECT DISTINCT ON (l.customer_id) l.customer_id, l.lead_id, c.name, l.status, l.lead_grade, coalesce(s.team, l.team),
               l.product, k.since, coalesce(i.intent, 'graded ' || l.lead_grade), coalesce(i.intent_at, l.clock_started_at, l.opened_at), i.times, h.had[1], h.had
          FROM lead l
          JOIN customer c ON c.customer_id = l.customer_id AND l.customer_id <> 0 AND NOT c.is_seed
          LEFT JOIN lead_grade g ON g.lead_grade = l.lead_grade,
               LATERAL (SELECT array_agg(m.salesperson_id ORDER BY m.lead_move_id DESC) AS had
                          FROM (SELECT f.lead_move_id, p.salesperson_id FROM lead_move f, unnest(ARRAY[f.to_salesperson_id, f.from_salesperson_id]) p(salesperson_id)
                                 WHERE f.customer_id = l.customer_id AND f.lead_id = l.lead_id AND p.salesperson_id IS NOT NULL) m) h
               LEFT JOIN salesperson s ON s.salesperson_id = h.had[1],
               LATERAL (SELECT coalesce(l.closed_at, (SELECT max(m.moved_at) FROM lead_move m
                                                       WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.from_salesperson_id IS NOT NULL AND m.to_salesperson_id IS NULL),
                                        l.opened_at) AS since) k,
               LATERAL lead_intent(l.customer_id, k.since, as_of) i
         WHERE (l.status IN ('defeated', 'lost') OR l.status = 'open' AND l.salesperson_id IS NULL)
           AND (i.intent IS NOT NULL OR l.status = 'open' AND g.followed_by = 'sales') AND l.opened_at <= as_of
           AND NOT EXISTS (SELECT FROM lead o WHERE o.customer_id = l.customer_id AND o.status = 'open' AND o.salesperson_id IS NOT NULL)
         ORDER BY l.customer_id, k.since DESC, l.lead_id DESC
    LOOP
        SELECT * INTO pick FROM pool_pick(pool, team, NULL, had, NULL);
        pool := pick.pool;
        to_salesperson_id := pick.chosen;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leads_to_assign(timestamptz) IS 'for the next meeting: leads that marketing has and that show intent again (a response, a visit, a registration, a basket since then), or that have a grade that sales follows; the last lead of each customer who has none with sales. to_salesperson_id proposes who could take it: of its team, not who has had it while there is another (the last owner only where there is nobody else), the least loaded. assign_lead() gives it away. 22004, 22023 for wrong arguments';
