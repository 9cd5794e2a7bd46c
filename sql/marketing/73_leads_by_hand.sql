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

CREATE OR REPLACE FUNCTION reassign_lead(customer bigint, lead bigint, salesperson bigint, reason text DEFAULT NULL, at timestamptz DEFAULT now(),
                                         moved_by text DEFAULT NULL, request_id text DEFAULT NULL) RETURNS lead
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    heir   salesperson := check_salesperson(salesperson, at);
    before lead := lead_lock(customer, lead);
    after  lead := before;
    known  lead_move;
BEGIN
    SELECT m.* INTO known FROM lead_move m WHERE m.customer_id = customer AND m.request_id = reassign_lead.request_id;
    IF FOUND THEN
        IF known.lead_id <> lead OR known.kind <> 'assigned' OR known.to_salesperson_id IS DISTINCT FROM salesperson THEN
            RAISE EXCEPTION 'request_id "%" was used for something else', request_id
                USING ERRCODE = 'unique_violation', DETAIL = format('It moved lead %s to salesperson %s.', known.lead_id, known.to_salesperson_id), HINT = 'Give each request a new one; repeat it only with the same contents.';
        END IF;
        RETURN before;
    ELSIF before.status <> 'open' THEN
        RAISE EXCEPTION 'lead % of customer % is %', lead, customer, before.status
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'assign_lead() opens a lost or defeated lead again.';
    ELSIF before.salesperson_id = salesperson THEN
        RETURN before;
    END IF;
    after.salesperson_id := salesperson;
    after.team := coalesce(heir.team, before.team);
    RETURN lead_change(before, after, 'assigned', at, reason, request_id => reassign_lead.request_id, moved_by => reassign_lead.moved_by);
END
$$;
COMMENT ON FUNCTION reassign_lead(bigint, bigint, bigint, text, timestamptz, text, text) IS 'gives an open lead to another salesperson, or to the manager who takes it, by hand: duty and capacity do not matter. Its clock starts anew, the steps it has taken stay. Returns the lead; nothing happens when that salesperson has it, or for a repeated request_id. 55000 for a closed lead, 22023 for somebody not employed, 23503 for what is unknown, 23505 for a request_id used for something else';
