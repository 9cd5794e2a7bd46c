-- Call lists: names for agents, one name for one agent, each with what the call needs.
--
-- The rows come from selections with delivery calls, and by themselves from baskets that were abandoned
-- and enquiries that nobody has answered (queue_baskets(), queue_enquiries()). The result of a call is
-- recorded as every call, with record_call(): that closes the row, or keeps it for the time of a
-- promised call-back, first for the agent who promised it.

-- What was with the customer, in a line.
CREATE OR REPLACE FUNCTION contact_history(customer bigint, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET enable_seqscan = off AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    RETURN concat_ws('; ',
        (SELECT format('%s of %s, last %s', CASE WHEN count(*) = 1 THEN '1 order' ELSE count(*) || ' orders' END, to_char(sum(o.revenue), 'FM999999999990.00'), to_char(max(o.ordered_at) AT TIME ZONE zone, 'YYYY-MM-DD'))
           FROM customer_order o WHERE o.customer_id = customer AND o.ordered_at <= at HAVING count(*) > 0),
        (SELECT concat_ws(' ', 'lead', l.status, l.lead_grade, 'for ' || l.product) FROM lead l
          WHERE l.customer_id = customer AND l.opened_at <= at ORDER BY l.opened_at DESC, l.lead_id DESC LIMIT 1),
        (SELECT format('called %s: %s', to_char(k.called_at AT TIME ZONE zone, 'YYYY-MM-DD'), k.result) FROM call k
          WHERE k.customer_id = customer AND k.called_at <= at ORDER BY k.called_at DESC, k.call_id DESC LIMIT 1),
        (SELECT concat_ws(' ', 'answered', to_char(r.responded_at AT TIME ZONE zone, 'YYYY-MM-DD'), 'by ' || r.response_channel, 'about ' || r.product) FROM response r
          WHERE r.customer_id = customer AND r.responded_at <= at ORDER BY r.responded_at DESC, r.response_id DESC LIMIT 1),
        (SELECT concat_ws(' ', 'sent', to_char(t.sent_at AT TIME ZONE zone, 'YYYY-MM-DD'), coalesce(s.campaign, t.source_code::text)) FROM touch t LEFT JOIN source s ON s.source_code = t.source_code
          WHERE t.customer_id = customer AND t.sent_at <= at ORDER BY t.sent_at DESC, t.touch_id DESC LIMIT 1));
END
$$;
COMMENT ON FUNCTION contact_history(bigint, timestamptz) IS 'what was with a customer until a time, in a line: orders, the last lead, call, answer and piece; empty when there was nothing. Shows personal data. A part of call_list()';

-- Whether the reason of a call still holds: a basket that came back and an enquiry that was answered
-- need no call, and the job that takes them off the list runs every hour only.
CREATE OR REPLACE FUNCTION is_call_needed(member selection_member, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET enable_seqscan = off AS
$$
DECLARE
    since timestamptz;
BEGIN
    IF member.basket IS NOT NULL THEN
        SELECT max(e.happened_at) INTO since FROM basket_event e WHERE e.customer_id = member.customer_id AND e.basket = member.basket AND e.kind = 'abandoned' AND e.happened_at <= at;
        RETURN NOT EXISTS (SELECT FROM basket_event e WHERE e.customer_id = member.customer_id AND e.basket = member.basket AND (e.happened_at > since OR e.kind = 'completed' AND e.happened_at >= since) AND e.happened_at <= at)
           AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = member.customer_id AND o.ordered_at > since AND o.ordered_at <= at);
    ELSIF member.lead_id IS NOT NULL AND member.call_id IS NULL THEN
        RETURN EXISTS (SELECT FROM unanswered_leads u WHERE u.customer_id = member.customer_id AND u.lead_id = member.lead_id);
    ELSIF member.lead_id IS NOT NULL THEN
        RETURN EXISTS (SELECT FROM lead l WHERE l.customer_id = member.customer_id AND l.lead_id = member.lead_id AND l.status = 'open');
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION is_call_needed(selection_member, timestamptz) IS 'the basket has not come back, the enquiry is open; true for rows that are about neither. A part of call_list()';

CREATE OR REPLACE FUNCTION call_list(agent bigint, n int DEFAULT 10, campaign text DEFAULT NULL, at timestamptz DEFAULT now())
    RETURNS TABLE (customer_id bigint, selection_run_id bigint, customer_name text, telephone text, reason text, history text, preferred_channel text, script text, offer text, source_code text,
                   lead_id bigint, basket text, is_call_back boolean, attempt int, reservation_ends_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 10 SET search_path FROM CURRENT AS
$$
DECLARE
    person   salesperson := check_salesperson(agent, at);
    held     int;
    dropped  bigint;
BEGIN
    PERFORM check_hand_out(n, at);
    IF campaign IS NOT NULL AND NOT EXISTS (SELECT FROM campaign c WHERE c.campaign = call_list.campaign) THEN
        PERFORM refuse_dimension('campaign', call_list.campaign);
    END IF;
    -- the agent's turn, so that two clicks do not double his names
    PERFORM FROM salesperson s WHERE s.salesperson_id = person.salesperson_id FOR NO KEY UPDATE;
    LOOP
        SELECT count(*) INTO held FROM selection_member m JOIN selection s ON s.selection = m.selection
         WHERE m.salesperson_id = person.salesperson_id AND m.status = 'taken' AND m.channel = 'call' AND (s.campaign = call_list.campaign OR call_list.campaign IS NULL);
        EXIT WHEN held >= n;
        PERFORM hand_out('call', n - held, at, person.salesperson_id, NULL, call_list.campaign, setting_number('call_reservation_minutes', 1, 100000) * interval '1 minute');
        UPDATE selection_member m SET status = 'cancelled', done_at = at, result = 'no longer needed', reservation_ends_at = NULL
         WHERE m.salesperson_id = person.salesperson_id AND m.status = 'taken' AND m.channel = 'call' AND (m.basket IS NOT NULL OR m.lead_id IS NOT NULL) AND NOT is_call_needed(m, at);
        GET DIAGNOSTICS dropped = ROW_COUNT;
        EXIT WHEN dropped = 0;
    END LOOP;
    RETURN QUERY
    SELECT m.customer_id, m.selection_run_id, c.name, p.value, concat_ws(': ', s.name, m.reason), contact_history(m.customer_id, at), c.preferred_channel, s.script,
           coalesce(f.name, coalesce(g.offer, o.offer, s.offer)), m.source_code::text, m.lead_id, m.basket, m.call_id IS NOT NULL, m.attempts::int, m.reservation_ends_at
      FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id JOIN selection s ON s.selection = m.selection
      LEFT JOIN contact_point p ON p.customer_id = m.customer_id AND p.contact_point_id = m.contact_point_id
      LEFT JOIN source o ON o.source_code = m.source_code LEFT JOIN test_group g ON g.campaign = s.campaign AND g.test_group = m.test_group
      LEFT JOIN offer f ON f.offer = coalesce(g.offer, o.offer, s.offer)
     WHERE m.salesperson_id = person.salesperson_id AND m.status = 'taken' AND m.channel = 'call' AND (s.campaign = call_list.campaign OR call_list.campaign IS NULL)
     ORDER BY m.call_id IS NOT NULL DESC, m.priority DESC, m.rank_value DESC NULLS LAST, m.customer_id LIMIT n;
END
$$;
COMMENT ON FUNCTION call_list(bigint, int, text, timestamptz) IS 'the next n names that an agent (salesperson_id) is to call: those he has already and, up to n, further ones in order of priority, his own promised call-backs first. Each name is reserved for him for the minutes of setting call_reservation_minutes, and nobody else gets it. With the number, the reason of the call, the history in a line, the channel that the customer prefers, script and offer. record_call() with the result gives it back, report_outbox() with failed when nobody could be reached. Who may not be called any more is left out. Shows personal data. 23503 for an unknown agent or campaign, 22023 for one not employed and for n out of range';

-- What a recorded call means for the list: see record_call(). An enquiry and a basket need no further
-- call, whoever made this one; of a campaign only the agent's who has the name.
CREATE OR REPLACE FUNCTION close_planned_call(customer bigint, salesperson bigint, call bigint, called_at timestamptz, call_result text, call_back_at timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    member selection_member;
    touch  bigint;
BEGIN
    -- runs of which this may be the first call, before their rows: as in report_outbox()
    PERFORM FROM selection_run r WHERE r.first_sent_at IS NULL
        AND r.selection_run_id IN (SELECT m.selection_run_id FROM selection_member m
                                    WHERE m.customer_id = close_planned_call.customer AND m.channel = 'call' AND m.status IN ('taken', 'waiting') AND m.source_code IS NOT NULL)
      ORDER BY r.selection_run_id FOR NO KEY UPDATE;
    SELECT m.* INTO member FROM selection_member m
     WHERE m.customer_id = customer AND m.channel = 'call' AND m.status IN ('taken', 'waiting') AND (m.status = 'taken' OR m.due_at <= close_planned_call.called_at)
       AND (m.source_code IS NULL OR m.status = 'taken' AND coalesce(m.salesperson_id = close_planned_call.salesperson, true) OR m.call_id IS NOT NULL AND m.salesperson_id = close_planned_call.salesperson)
     ORDER BY m.status = 'taken' DESC, m.priority DESC, m.selection_run_id LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    touch := coalesce(member.touch_id, write_sent_touch(member, close_planned_call.called_at));
    UPDATE selection_member m
       SET touch_id = touch, call_id = close_planned_call.call, salesperson_id = coalesce(close_planned_call.salesperson, m.salesperson_id), result = call_result, reservation_ends_at = NULL,
           status = CASE WHEN call_result = 'call back' THEN 'waiting' ELSE 'done' END, done_at = CASE WHEN call_result <> 'call back' THEN close_planned_call.called_at END,
           due_at = CASE WHEN call_result = 'call back' THEN coalesce(call_back_at, close_planned_call.called_at + interval '1 day') ELSE m.due_at END,
           expires_at = CASE WHEN call_result = 'call back' THEN greatest(m.expires_at, coalesce(call_back_at, close_planned_call.called_at) + interval '7 days') ELSE m.expires_at END,
           attempts = CASE WHEN call_result = 'call back' THEN 0 ELSE m.attempts END
     WHERE m.customer_id = member.customer_id AND m.selection_run_id = member.selection_run_id;
    RETURN member.selection_run_id;
END
$$;
COMMENT ON FUNCTION close_planned_call(bigint, bigint, bigint, timestamptz, text, timestamptz) IS 'closes the row of a call list that an outbound call was about: the one that the caller has, or the enquiry or basket of the customer; a call-back keeps it for that time and agent. The first call of a row under a source code is recorded as a touch. Returns the run, NULL where the customer was on no list. A part of record_call()';
