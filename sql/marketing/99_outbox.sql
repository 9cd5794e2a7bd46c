-- The outbox: what waits is handed out to sending apps and agents, and what became of it is reported.
--
-- Rows are handed out in order of priority, each to one taker, whoever else asks at that moment: rows
-- and the people they belong to are locked, and those that somebody else has locked are passed over.
-- A person is handed out once at a time only: his limits count what was reported, so the next piece
-- for him waits for the report. That he has no other row out is looked for after his lock was taken,
-- by a statement of its own, which sees what others have committed by then; the unique index
-- selection_member_taken stands behind it.
--
-- A reservation expires, and its row waits again. Permission is asked at the moment of handing out:
-- where it is withdrawn for good the row is refused, and what hinders for now only (a limit that is
-- reached, a quiet time of day) makes it wait: so of two campaigns that want a person whom only one
-- may contact, the one of higher priority gets him.

-- Rows whose taker was not heard of again. Few at a time: whoever asks next does the rest.
CREATE OR REPLACE FUNCTION release_reservations(at timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    most int := setting_number('outbox_attempts', 1, 1000, whole => true)::int;
    done bigint;
BEGIN
    WITH late AS (
        SELECT m.customer_id, m.selection_run_id FROM selection_member m
         WHERE m.status = 'taken' AND m.reservation_ends_at <= at ORDER BY m.reservation_ends_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    UPDATE selection_member m
       SET status = CASE WHEN m.attempts < most THEN 'waiting' ELSE 'failed' END, result = 'not reported in time', done_at = CASE WHEN m.attempts >= most THEN at END,
           salesperson_id = CASE WHEN m.channel <> 'call' THEN m.salesperson_id END, reservation_ends_at = NULL
      FROM late l WHERE m.customer_id = l.customer_id AND m.selection_run_id = l.selection_run_id;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
COMMENT ON FUNCTION release_reservations(timestamptz) IS 'rows whose reservation has expired wait again, or have failed when they were handed out as often as setting outbox_attempts allows; returns how many. A part of take_from_outbox() and call_list()';

-- The next rows in line, locked with their people. turn 1: the agent's own that are due; 2: those
-- promised by other agents who have let them pass; 3: all others.
CREATE OR REPLACE FUNCTION next_in_line(channel text, n int, at timestamptz, agent bigint, campaign text, turn int) RETURNS SETOF selection_member
    LANGUAGE plpgsql ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    grace interval := setting_number('call_back_minutes', 0, 100000) * interval '1 minute';
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT m.*
          FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id JOIN selection s ON s.selection = m.selection
         WHERE m.channel = $1 AND m.status = 'waiting' AND m.due_at <= $3 AND m.expires_at > $3 AND s.is_enabled AND s.delivery = %1$L
           AND (s.campaign = $5 OR $5 IS NULL) AND %2$s
         ORDER BY %3$s m.priority DESC, m.rank_value DESC NULLS LAST, m.customer_id LIMIT $2
           FOR NO KEY UPDATE OF m, c SKIP LOCKED$query$,
        CASE WHEN agent IS NULL THEN 'outbox' ELSE 'calls' END,
        CASE WHEN agent IS NULL THEN 'true'
             ELSE '(s.team IS NULL OR s.team = (SELECT p.team FROM salesperson p WHERE p.salesperson_id = $4)) AND '
                  || CASE turn WHEN 1 THEN 'm.salesperson_id = $4' WHEN 2 THEN 'm.salesperson_id <> $4 AND m.due_at <= $3 - $6' ELSE 'm.salesperson_id IS NULL' END END,
        CASE WHEN turn < 3 AND agent IS NOT NULL THEN 'm.due_at,' ELSE '' END)
      USING next_in_line.channel, next_in_line.n, next_in_line.at, next_in_line.agent, next_in_line.campaign, grace;
END
$$;
COMMENT ON FUNCTION next_in_line(text, int, timestamptz, bigint, text, int) IS 'the next rows that wait for a sending app (agent NULL) or an agent, in order, locked with their customers; rows that somebody else has locked are passed over. A part of hand_out()';

-- What hinders for now only. The others are for good.
CREATE OR REPLACE FUNCTION is_passing_refusal(reason text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN split_part(reason, ':', 1) IN ('channel_cap', 'total_cap', 'too_soon', 'quiet_hours', 'paused');
COMMENT ON FUNCTION is_passing_refusal(text) IS 'a refusal that will pass by itself (contact_refusal.refusal): a limit, a distance, a quiet time of day. A part of hand_out()';

-- Who has enquired waits for the call: neither an opt-out of advertising nor a limit stands against it.
-- Nor does what counts pieces stand against the call-back that was promised when the first was made.
CREATE OR REPLACE FUNCTION stands_against(reason text, is_enquiry boolean, is_call_back boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN is_enquiry THEN split_part(reason, ':', 1) IN ('unknown_customer', 'erased', 'suppressed', 'no_address', 'bounced', 'never_contact', 'quiet_hours')
                WHEN is_call_back THEN split_part(reason, ':', 1) NOT IN ('channel_cap', 'total_cap', 'too_soon', 'same_piece', 'held_out', 'two_strikes')
                ELSE true END;
COMMENT ON FUNCTION stands_against(text, boolean, boolean) IS 'whether a refusal (contact_refusal.refusal) counts for a row of a call list that answers an enquiry, or is a promised call-back. A part of hand_out()';

CREATE OR REPLACE FUNCTION hand_out(channel text, n int, at timestamptz, agent bigint, worker text, campaign text, reserved interval, OUT people bigint[], OUT runs bigint[])
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    day    date := (at AT TIME ZONE setting_value('time_zone'))::date;
    turn   int := CASE WHEN agent IS NULL THEN 3 ELSE 1 END;
    is_addressed boolean := needs_address(channel);
    line   selection_member[];
    clear  selection_member[];
    part   record;
    taken  record;
BEGIN
    people := '{}';
    runs := '{}';
    WHILE cardinality(people) < n AND turn <= 3 LOOP
        line := ARRAY(SELECT m FROM next_in_line(channel, n - cardinality(people), at, agent, campaign, turn) m);
        IF cardinality(line) = 0 THEN
            turn := turn + 1;
            CONTINUE;
        END IF;
        -- who is out already, or twice in this line, comes when that is reported
        clear := ARRAY(SELECT line[d.i] FROM (SELECT DISTINCT ON ((line[i]).customer_id) (line[i]).customer_id, i FROM generate_subscripts(line, 1) i ORDER BY (line[i]).customer_id, i) d
                        WHERE NOT EXISTS (SELECT FROM selection_member o WHERE o.customer_id = d.customer_id AND o.status = 'taken'));
        -- a reservation that has expired may not be released yet: in any case later than now, or they would stand in line for ever
        UPDATE selection_member m SET due_at = greatest(coalesce((SELECT o.reservation_ends_at FROM selection_member o WHERE o.customer_id = m.customer_id AND o.status = 'taken'), at + reserved), at + interval '1 minute')
          FROM unnest(line) l WHERE m.customer_id = l.customer_id AND m.selection_run_id = l.selection_run_id
           AND NOT EXISTS (SELECT FROM unnest(clear) k WHERE k.customer_id = l.customer_id AND k.selection_run_id = l.selection_run_id);
        FOR part IN SELECT s.campaign, s.place, k.lead_id IS NOT NULL AS is_enquiry, k.call_id IS NOT NULL AS is_call_back, array_agg(k.customer_id) AS people, array_agg(k.selection_run_id) AS runs
                      FROM unnest(clear) k JOIN selection s ON s.selection = k.selection GROUP BY s.campaign, s.place, k.lead_id IS NOT NULL, k.call_id IS NOT NULL
        LOOP
            WITH asked AS (
                SELECT p.customer_id, p.selection_run_id, coalesce(f.reason, CASE WHEN a.customer_id IS NULL AND is_addressed THEN 'no_address' END) AS reason, a.contact_point_id
                  FROM unnest(part.people, part.runs) p (customer_id, selection_run_id)
                  LEFT JOIN other_contact_refusals(ARRAY(SELECT r.refusal FROM contact_refusal r WHERE NOT stands_against(r.refusal, part.is_enquiry, part.is_call_back)), channel, at, part.campaign, part.people) f
                         ON f.customer_id = p.customer_id
                  LEFT JOIN best_contact_points(part.people, channel, part.place, day) a ON a.customer_id = p.customer_id
            ), changed AS (
                UPDATE selection_member m
                   SET status = CASE WHEN q.reason IS NULL THEN 'taken' WHEN is_passing_refusal(q.reason) THEN 'waiting' ELSE 'refused' END, result = q.reason,
                       due_at = CASE WHEN is_passing_refusal(q.reason) THEN at + interval '1 hour' ELSE m.due_at END,
                       done_at = CASE WHEN q.reason IS NOT NULL AND NOT is_passing_refusal(q.reason) THEN at END,
                       attempts = m.attempts + CASE WHEN q.reason IS NULL THEN 1 ELSE 0 END, contact_point_id = q.contact_point_id,
                       worker = CASE WHEN q.reason IS NULL THEN hand_out.worker END, salesperson_id = CASE WHEN q.reason IS NULL THEN agent ELSE m.salesperson_id END,
                       reservation_ends_at = CASE WHEN q.reason IS NULL THEN at + reserved END
                  FROM asked q WHERE m.customer_id = q.customer_id AND m.selection_run_id = q.selection_run_id
                RETURNING m.customer_id, m.selection_run_id, m.status)
            SELECT array_agg(c.customer_id) AS people, array_agg(c.selection_run_id) AS runs INTO taken FROM changed c WHERE c.status = 'taken';
            people := people || taken.people;
            runs := runs || taken.runs;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION hand_out(text, int, timestamptz, bigint, text, text, interval) IS 'reserves the next rows for an agent or a sending app, asking permission for each; returns their keys. A part of take_from_outbox() and call_list()';

CREATE OR REPLACE FUNCTION check_hand_out(n int, at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM check_as_of(at, 'at');
    IF n IS NULL OR n NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'n is "%"', n USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask for 1 to 10000 rows at a time.';
    END IF;
    PERFORM selections_turn(false);
    PERFORM release_reservations(at);
END
$$;
COMMENT ON FUNCTION check_hand_out(int, timestamptz) IS '22023 for a number that is not from 1 to 10000; releases what has expired. A part of take_from_outbox() and call_list()';

CREATE OR REPLACE FUNCTION take_from_outbox(n int, channel text, worker text, at timestamptz DEFAULT now())
    RETURNS TABLE (customer_id bigint, selection_run_id bigint, customer_name text, address text, campaign text, source_code text, test_group text, offer text, piece text, attempt int, reservation_ends_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    taken record;
BEGIN
    IF worker IS NULL OR worker = '' THEN
        RAISE EXCEPTION 'the worker is missing' USING ERRCODE = 'null_value_not_allowed', HINT = 'Give the name of the sending app and its process: what it takes is reserved for that name.';
    ELSIF take_from_outbox.channel IS NULL THEN
        RAISE EXCEPTION 'the channel is missing' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the channel that the app sends through, such as email.';
    END IF;
    PERFORM check_hand_out(n, at);
    taken := hand_out(take_from_outbox.channel, n, at, NULL, worker, NULL, setting_number('outbox_reservation_minutes', 1, 100000) * interval '1 minute');
    RETURN QUERY
    SELECT m.customer_id, m.selection_run_id, c.name, p.value, s.campaign, m.source_code::text, m.test_group, coalesce(g.offer, o.offer, s.offer), m.piece, m.attempts::int, m.reservation_ends_at
      FROM unnest(taken.people, taken.runs) k (customer_id, selection_run_id)
      JOIN selection_member m ON m.customer_id = k.customer_id AND m.selection_run_id = k.selection_run_id
      JOIN customer c ON c.customer_id = m.customer_id JOIN selection s ON s.selection = m.selection
      LEFT JOIN contact_point p ON p.customer_id = m.customer_id AND p.contact_point_id = m.contact_point_id
      LEFT JOIN source o ON o.source_code = m.source_code LEFT JOIN test_group g ON g.campaign = s.campaign AND g.test_group = m.test_group
     ORDER BY m.priority DESC, m.rank_value DESC NULLS LAST, m.customer_id;
END
$$;
COMMENT ON FUNCTION take_from_outbox(int, text, text, timestamptz) IS 'hands out the next n people to a sending app, in order of priority, each to one worker, with address, source code and offer; who may not be contacted any more is left out. They are reserved for the minutes of setting outbox_reservation_minutes: report each with report_outbox() before, or it is handed out again. Fewer than n, or none: that is all for now. 22004 without worker or channel, 22023 for n out of range';

CREATE OR REPLACE FUNCTION report_outbox(
    customer bigint, selection_run bigint, result text, reason text DEFAULT NULL, at timestamptz DEFAULT now(), worker text DEFAULT NULL,
    OUT status text, OUT touch_id bigint, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    person customer;
    member selection_member;
    most   int := setting_number('outbox_attempts', 1, 1000, whole => true)::int;
BEGIN
    at := check_time(at);
    result := check_word('result', result, '{sent,failed}');
    -- who was merged since it was handed out, by his present number. In this order: the customer, the run, his rows of the piece
    person := request_customer(customer, NULL, NULL, true);
    PERFORM FROM selection_run r WHERE r.selection_run_id = selection_run AND r.first_sent_at IS NULL FOR NO KEY UPDATE;
    PERFORM FROM selection_member m JOIN selection_member o ON o.customer_id = m.customer_id AND o.piece = m.piece
      WHERE m.customer_id = person.customer_id AND m.selection_run_id = selection_run ORDER BY o.selection_run_id FOR UPDATE OF o;
    SELECT m.* INTO member FROM selection_member m WHERE m.customer_id = person.customer_id AND m.selection_run_id = selection_run;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'customer % was not selected by run %', customer, selection_run
            USING ERRCODE = 'foreign_key_violation', TABLE = 'selection_member', HINT = 'Give both as take_from_outbox() returned them.';
    END IF;
    was_already_recorded := CASE result WHEN 'sent' THEN member.status = 'done' OR member.touch_id IS NOT NULL AND member.status NOT IN ('chosen', 'waiting', 'taken')
                                        ELSE member.status <> 'taken' OR coalesce(member.worker <> report_outbox.worker, false) END;
    IF NOT was_already_recorded AND result = 'sent' THEN
        touch_id := write_sent_touch(member, at);
        -- given up or taken back meanwhile, and the piece chosen for him again: he has had it now. Where somebody else has it in hand, or has sent it too, that row stays, and this one keeps its touch
        UPDATE selection_member o SET status = 'cancelled', result = 'sent by an earlier run', done_at = at
         WHERE o.customer_id = member.customer_id AND o.piece = member.piece AND o.selection_run_id <> member.selection_run_id AND o.status IN ('chosen', 'waiting');
        UPDATE selection_member m
           SET status = CASE WHEN EXISTS (SELECT FROM selection_member o WHERE o.customer_id = m.customer_id AND o.piece = m.piece AND o.selection_run_id <> m.selection_run_id AND o.status IN ('taken', 'done', 'held out'))
                             THEN m.status ELSE 'done' END, result = 'sent', done_at = at, touch_id = report_outbox.touch_id, reservation_ends_at = NULL, worker = coalesce(report_outbox.worker, m.worker)
         WHERE m.customer_id = member.customer_id AND m.selection_run_id = member.selection_run_id;
    ELSIF NOT was_already_recorded THEN
        -- the second try after some minutes, each further one after twice the time
        UPDATE selection_member m
           SET status = CASE WHEN m.attempts < most THEN 'waiting' ELSE 'failed' END, result = coalesce(report_outbox.reason, 'failed'), reservation_ends_at = NULL, done_at = CASE WHEN m.attempts >= most THEN at END,
               due_at = at + setting_number('outbox_retry_minutes', 0, 100000) * interval '1 minute' * 2 ^ least(m.attempts - 1, 10), salesperson_id = CASE WHEN m.channel <> 'call' THEN m.salesperson_id END
         WHERE m.customer_id = member.customer_id AND m.selection_run_id = member.selection_run_id;
    END IF;
    SELECT m.status, m.touch_id INTO report_outbox.status, report_outbox.touch_id FROM selection_member m WHERE m.customer_id = member.customer_id AND m.selection_run_id = member.selection_run_id;
END
$$;
COMMENT ON FUNCTION report_outbox(bigint, bigint, text, text, timestamptz, text) IS 'what became of a row that was handed out: sent (records the touch) or failed with a reason: it is handed out again later (setting outbox_retry_minutes, twice as long each time), until it was tried as often as setting outbox_attempts says. Also for a call that could not be made. What was sent is recorded however late the report comes. Returns the status of the row, the touch, and whether the report is a repetition, which changes nothing. 22023 for another result, 23503 for a row that is not there';

-- The touch of a row, with the idempotency key that its run gives it.
CREATE OR REPLACE FUNCTION write_sent_touch(member selection_member, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    IF member.source_code IS NULL THEN
        RETURN NULL;                            -- not an effort: nothing is counted
    END IF;
    PERFORM begin_sending(member.selection_run_id, at);
    INSERT INTO touch AS t (customer_id, source_code, sent_at, contact_point_id, is_seed, request_id)
    VALUES (member.customer_id, member.source_code, at, member.contact_point_id, (SELECT c.is_seed FROM customer c WHERE c.customer_id = member.customer_id), 'selection ' || member.selection_run_id)
    ON CONFLICT (customer_id, request_id) DO NOTHING
    RETURNING t.touch_id INTO result;
    RETURN coalesce(result, (SELECT t.touch_id FROM touch t WHERE t.customer_id = member.customer_id AND t.request_id = 'selection ' || member.selection_run_id));
END
$$;
COMMENT ON FUNCTION write_sent_touch(selection_member, timestamptz) IS 'records the touch of a row that was sent or called; returns it, NULL where the selection has no campaign. A part of report_outbox() and record_call()';

CREATE OR REPLACE FUNCTION expire_selections(as_of timestamptz DEFAULT now(), max_rows int DEFAULT 10000) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    done bigint;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_rows < 1 THEN
        RAISE EXCEPTION 'max_rows must be at least 1, not %', max_rows USING ERRCODE = 'invalid_parameter_value', HINT = 'NULL takes all at once.';
    END IF;
    PERFORM release_reservations(as_of);
    WITH late AS (
        SELECT m.customer_id, m.selection_run_id
          FROM selection_run r JOIN selection_member m ON m.selection_run_id = r.selection_run_id AND m.status IN ('chosen', 'waiting')
         WHERE r.status = 'selected' AND r.expires_at <= expire_selections.as_of LIMIT max_rows FOR UPDATE OF m SKIP LOCKED)
    UPDATE selection_member m SET status = 'expired', done_at = expire_selections.as_of, result = coalesce(m.result, 'not contacted in time')
      FROM late l WHERE m.customer_id = l.customer_id AND m.selection_run_id = l.selection_run_id;
    GET DIAGNOSTICS done = ROW_COUNT;
    -- a run of which nothing waits any more has been sent
    WITH over AS (
        SELECT r.selection_run_id FROM selection_run r
         WHERE r.status = 'selected' AND EXISTS (SELECT FROM selection s WHERE s.selection = r.selection AND s.delivery <> 'at once')
           AND NOT EXISTS (SELECT FROM selection_member m WHERE m.selection_run_id = r.selection_run_id AND m.status IN ('chosen', 'waiting', 'taken'))
           FOR NO KEY UPDATE SKIP LOCKED)       -- whoever has one may wait for a row of ours
    UPDATE selection_run r SET status = 'sent' FROM over o WHERE o.selection_run_id = r.selection_run_id;
    RETURN done;
END
$$;
COMMENT ON FUNCTION expire_selections(timestamptz, int) IS 'people who have waited for longer than the days of their selection (valid_days) wait no more; runs of which nobody waits any more are marked as sent. Returns how many people. A step of run_daily()';
