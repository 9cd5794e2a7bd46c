-- What was selected is sent, or taken back.
--
-- Between selecting and sending people unsubscribe, and other campaigns reach them: so permission is
-- asked again at the moment of sending, and only then touches are recorded. Sending a list and handing
-- out from the outbox take turns (selections_turn()): a person's limits count what was sent before.

CREATE OR REPLACE FUNCTION selections_turn(is_whole_list boolean) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    turn bigint := hashtextextended(format('dupex %I selections', current_schema()), 0);
BEGIN
    IF is_whole_list THEN
        PERFORM pg_advisory_xact_lock(turn);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(turn);
    END IF;
END
$$;
COMMENT ON FUNCTION selections_turn(boolean) IS 'waits until nobody sends a whole list (and, to send one, until nobody hands out), until the end of the transaction. A part of send_selection() and take_from_outbox()';

-- The best address of each person: the preferred one first, a known good one before an unknown one,
-- the older one on a tie.
CREATE OR REPLACE FUNCTION best_contact_points(people bigint[], channel text, place text, day date)
    RETURNS TABLE (customer_id bigint, contact_point_id bigint, address text)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (p.customer_id) p.customer_id, p.contact_point_id, p.value
      FROM contact_point p
     WHERE p.customer_id = ANY (people) AND p.kind = ANY (ARRAY(SELECT unnest(h.address_kinds) FROM contact_channel h WHERE h.channel = best_contact_points.channel)) AND p.status NOT IN ('bounced', 'refused') AND (p.ended_on IS NULL OR p.ended_on > day)
       AND (best_contact_points.place IS NULL OR p.place = best_contact_points.place) AND coalesce(p.key_hash <> '', contact_match_key(p.kind, p.value) IS NOT NULL)
     ORDER BY p.customer_id, p.is_preferred DESC, p.status = 'valid' DESC, p.kind = 'phone' DESC, p.contact_point_id;
END
$$;
COMMENT ON FUNCTION best_contact_points(bigint[], text, text, date) IS 'the address or number by which each of these people is reached through a channel, at a place (NULL: any); no row for who has none. One that cannot be read is none, as for contact_refusals(). A part of send_selection() and take_from_outbox()';

CREATE OR REPLACE FUNCTION needs_address(channel text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT h.address_kinds <> '{}' FROM contact_channel h WHERE h.channel = needs_address.channel);
END
$$;
COMMENT ON FUNCTION needs_address(text) IS 'whether a person needs an address to be contacted through a channel; a visit needs none. A part of send_selection() and take_from_outbox()';

-- The first piece of a run has gone out: those who get nothing are recorded as held out from then on.
CREATE OR REPLACE FUNCTION begin_sending(run bigint, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    UPDATE selection_run r SET first_sent_at = at WHERE r.selection_run_id = run AND r.first_sent_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO hold_out (customer_id, source_code, held_out_at, request_id)
    SELECT m.customer_id, m.source_code, at, 'selection ' || run FROM selection_member m WHERE m.selection_run_id = run AND m.status = 'held out' ORDER BY m.customer_id;
    RETURN true;
END
$$;
COMMENT ON FUNCTION begin_sending(bigint, timestamptz) IS 'records the hold-outs of a run, once, when the first of the others was contacted; false afterwards. A part of send_selection() and report_outbox()';

CREATE OR REPLACE FUNCTION find_selection_run(run bigint) RETURNS selection_run
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result selection_run;
BEGIN
    SELECT r.* INTO result FROM selection_run r WHERE r.selection_run_id = run FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run % of a selection', coalesce(run::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'selection_run', HINT = 'The runs are the rows of table selection_run.';
    ELSIF result.status = 'failed' THEN
        RAISE EXCEPTION 'run % of selection "%" has failed', run, result.selection
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = coalesce(result.error, ''), HINT = 'Mend the selection and run it again with select_list().';
    END IF;
    RETURN result;
END
$$;
COMMENT ON FUNCTION find_selection_run(bigint) IS 'a run, locked until the end of the transaction; 23503 where there is none, 55000 for one that failed. A part of send_selection()';

CREATE OR REPLACE FUNCTION send_selection(selection_run bigint, at timestamptz DEFAULT now(), OUT sent bigint, OUT held_out bigint, OUT refused bigint, OUT expired bigint, OUT was_already_sent boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    run    selection_run;
    plan   selection;
    people bigint[];
    in_line bigint[];           -- for whom another campaign comes first
BEGIN
    PERFORM check_as_of(at, 'at');
    PERFORM selections_turn(true);
    run := find_selection_run(selection_run);
    plan := find_selection(run.selection);
    IF plan.delivery <> 'at once' OR run.status = 'cancelled' THEN
        RAISE EXCEPTION 'run % of selection "%" is not sent at once', run.selection_run_id, plan.selection
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = CASE WHEN run.status = 'cancelled' THEN 'It was cancelled.' ELSE format('Its delivery is "%s".', plan.delivery) END,
                  HINT = CASE plan.delivery WHEN 'outbox' THEN 'A sending app fetches it with take_from_outbox().' WHEN 'calls' THEN 'Agents get it from call_list().' ELSE 'Run the selection again.' END;
    END IF;
    was_already_sent := run.status = 'sent';
    IF NOT was_already_sent THEN
        UPDATE selection_member m SET status = 'expired', done_at = at, result = 'not sent in time' WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen' AND m.expires_at <= at;
        -- whoever merges or erases one of them has done so before, or waits for us
        PERFORM FROM customer c WHERE c.customer_id IN (SELECT m.customer_id FROM selection_member m WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen')
          ORDER BY c.customer_id FOR KEY SHARE;
        people := ARRAY(SELECT m.customer_id FROM selection_member m WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen' ORDER BY m.customer_id);
        UPDATE selection_member m SET status = 'refused', done_at = at, result = f.reason
          FROM contact_refusals(plan.channel, at, plan.campaign, people) f WHERE m.customer_id = f.customer_id AND m.selection_run_id = run.selection_run_id AND m.status = 'chosen';
        in_line := people_in_line(plan, at, people);
        UPDATE selection_member m SET status = 'refused', done_at = at, result = 'another campaign comes first'
         WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen' AND m.customer_id = ANY (in_line);
        -- who has lost his address at the place since is not in selection_addresses(), and gets nothing
        UPDATE selection_member m SET status = 'refused', done_at = at, result = 'no_address'
         WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen' AND plan.place IS NOT NULL AND needs_address(plan.channel)
           AND NOT EXISTS (SELECT FROM best_contact_points(people, plan.channel, plan.place, (at AT TIME ZONE setting_value('time_zone'))::date) p WHERE p.customer_id = m.customer_id);
        PERFORM begin_sending(run.selection_run_id, at);
        WITH written AS (
            INSERT INTO touch (customer_id, source_code, sent_at, contact_point_id, is_seed, request_id)
            SELECT m.customer_id, m.source_code, at, p.contact_point_id, c.is_seed, 'selection ' || run.selection_run_id
              FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id
              LEFT JOIN best_contact_points(people, plan.channel, plan.place, (at AT TIME ZONE setting_value('time_zone'))::date) p ON p.customer_id = m.customer_id
             WHERE m.selection_run_id = run.selection_run_id AND m.status = 'chosen' ORDER BY m.customer_id
            RETURNING touch.customer_id, touch.touch_id, touch.contact_point_id)
        UPDATE selection_member m SET status = 'done', result = 'sent', done_at = at, touch_id = w.touch_id, contact_point_id = w.contact_point_id
          FROM written w WHERE m.customer_id = w.customer_id AND m.selection_run_id = run.selection_run_id;
        UPDATE selection_run r SET status = 'sent' WHERE r.selection_run_id = run.selection_run_id;
    END IF;
    SELECT count(*) FILTER (WHERE m.status = 'done'), count(*) FILTER (WHERE m.status = 'held out'), count(*) FILTER (WHERE m.status = 'refused'), count(*) FILTER (WHERE m.status = 'expired')
      INTO sent, held_out, refused, expired FROM selection_member m WHERE m.selection_run_id = run.selection_run_id;
END
$$;
COMMENT ON FUNCTION send_selection(bigint, timestamptz) IS 'a list that is sent at once has gone out: whoever may still be contacted gets a touch under his source code, who is held out a row of hold_out. Returns how many were sent, held out, refused (permission was withdrawn, or a limit reached meanwhile) and had expired; a repetition returns the same and writes nothing. 23503 for an unknown run, 55000 for one that is cancelled or goes by outbox or telephone';

CREATE OR REPLACE FUNCTION selection_addresses(selection_run bigint, at timestamptz DEFAULT now())
    RETURNS TABLE (customer_id bigint, name text, address text, test_group text, source_code text, offer text)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 10000 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    plan   selection := find_selection((SELECT r.selection FROM selection_run r WHERE r.selection_run_id = selection_addresses.selection_run));
    people bigint[] := ARRAY(SELECT m.customer_id FROM selection_member m WHERE m.selection_run_id = selection_addresses.selection_run AND m.status = 'chosen');
    in_line bigint[] := people_in_line(plan, at, people);       -- send_selection() will leave them out
BEGIN
    RETURN QUERY
    SELECT m.customer_id, c.name, p.address, m.test_group, m.source_code::text, coalesce(g.offer, s.offer, plan.offer)
      FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id
      LEFT JOIN best_contact_points(people, plan.channel, plan.place, (at AT TIME ZONE setting_value('time_zone'))::date) p ON p.customer_id = m.customer_id
      LEFT JOIN source s ON s.source_code = m.source_code
      LEFT JOIN test_group g ON g.campaign = plan.campaign AND g.test_group = m.test_group
     WHERE m.selection_run_id = selection_addresses.selection_run AND m.status = 'chosen' AND m.expires_at > at AND (p.customer_id IS NOT NULL OR NOT needs_address(plan.channel))
       AND NOT EXISTS (SELECT FROM unnest(in_line) l (id) WHERE l.id = m.customer_id) AND NOT EXISTS (SELECT FROM contact_refusals(plan.channel, at, plan.campaign, people) f WHERE f.customer_id = m.customer_id)
     ORDER BY m.customer_id;
END
$$;
COMMENT ON FUNCTION selection_addresses(bigint, timestamptz) IS 'the list of a run that is sent at once, for whoever prints or sends it: address, test group, source code and offer of each person who may be contacted at that time and for whom no campaign of higher priority comes first: those whom send_selection() records. It shows personal data and records nothing: say send_selection() when it has gone out. 23503 for an unknown run';

CREATE OR REPLACE FUNCTION cancel_selection(selection_run bigint, at timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    run  selection_run := find_selection_run(selection_run);
    done bigint;
BEGIN
    -- who was held out of what has begun stays held out
    UPDATE selection_member m SET status = 'cancelled', done_at = at, result = 'cancelled', reservation_ends_at = NULL
     WHERE m.selection_run_id = run.selection_run_id AND (m.status IN ('chosen', 'waiting', 'taken') OR m.status = 'held out' AND run.first_sent_at IS NULL);
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE selection_run r SET status = 'cancelled' WHERE r.selection_run_id = run.selection_run_id AND done > 0;
    RETURN done;
END
$$;
COMMENT ON FUNCTION cancel_selection(bigint, timestamptz) IS 'takes back what of a run has not been sent, so that these people may be selected again; returns how many. What a sending app has taken already and reports as sent is recorded all the same. 23503 for an unknown run';
