-- What fills the outbox and the call lists by itself: selections that run every so many days, baskets
-- that were abandoned, enquiries that nobody has answered.

CREATE OR REPLACE FUNCTION run_selections(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    zone    text := setting_value('time_zone');
    plan    selection;
    message text;
    detail  text;
BEGIN
    PERFORM check_as_of(as_of);
    SELECT s.* INTO plan
      FROM selection s LEFT JOIN campaign c ON c.campaign = s.campaign
     WHERE s.is_enabled AND s.runs_every_days IS NOT NULL
       AND (c.starts_on IS NULL OR c.starts_on <= (run_selections.as_of AT TIME ZONE zone)::date) AND (c.ends_on IS NULL OR c.ends_on >= (run_selections.as_of AT TIME ZONE zone)::date)
       AND NOT EXISTS (SELECT FROM selection_run r
                        WHERE r.selection = s.selection AND (r.status <> 'failed' AND (r.as_of AT TIME ZONE zone)::date > (run_selections.as_of AT TIME ZONE zone)::date - s.runs_every_days OR r.as_of = run_selections.as_of))
     ORDER BY s.priority DESC, s.selection LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    BEGIN
        PERFORM FROM select_list(plan.selection, run_selections.as_of);
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        INSERT INTO selection_run (selection, as_of, piece, status, error) VALUES (plan.selection, run_selections.as_of, '', 'failed', concat_ws('; ', message, nullif(detail, '')));
        RAISE WARNING 'selection "%" failed: %', plan.selection, message USING ERRCODE = SQLSTATE;
    END;
    RETURN 1;
END
$$;
COMMENT ON FUNCTION run_selections(timestamptz) IS 'runs the next selection that is due (selection.runs_every_days, within the days of its campaign), the highest priority first; returns 1, or 0 when none is due. One that fails is noted in selection_run and stops no other. A step of run_daily()';

-- A run of one of the selections that rows flow into by themselves, made when there is a row for it.
CREATE OR REPLACE FUNCTION flow_run(selection text, as_of timestamptz, valid_days int) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result bigint;
BEGIN
    INSERT INTO selection_run AS r (selection, as_of, piece, status, candidates, selected, held_out, seeds, expires_at)
    VALUES (flow_run.selection, flow_run.as_of, flow_run.selection, 'selected', 0, 0, 0, 0, flow_run.as_of + make_interval(days => valid_days))
    ON CONFLICT ON CONSTRAINT selection_run_selection_as_of_key DO UPDATE SET status = 'selected'
    RETURNING r.selection_run_id INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION flow_run(text, timestamptz, int) IS 'the run of a time of a selection without rules. A part of queue_baskets() and queue_enquiries()';

CREATE OR REPLACE FUNCTION queue_baskets(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    plan     selection;
    zone     text := setting_value('time_zone');
    recovery interval := setting_number('basket_recovery_days', 0.01, 365) * interval '1 day';
    done     bigint;
BEGIN
    PERFORM check_as_of(as_of);
    -- one at a time
    SELECT s.* INTO plan FROM selection s WHERE s.selection = 'baskets' AND s.is_enabled FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE selection_member m SET status = 'cancelled', done_at = queue_baskets.as_of, result = 'no longer needed'
      FROM selection_run r WHERE r.selection = 'baskets' AND r.status = 'selected' AND m.selection_run_id = r.selection_run_id AND m.status = 'waiting' AND NOT is_call_needed(m, queue_baskets.as_of);
    WITH due AS MATERIALIZED (
        SELECT b.*, format('basket %s %s', b.basket, to_char(b.abandoned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')) AS piece
          FROM basket_call_list(queue_baskets.as_of) b
         WHERE NOT EXISTS (SELECT FROM selection_member m WHERE m.customer_id = b.customer_id AND (m.basket IS NOT NULL AND m.status IN ('waiting', 'taken')
                              OR m.piece = format('basket %s %s', b.basket, to_char(b.abandoned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))))
    ), run AS MATERIALIZED (
        SELECT flow_run('baskets', queue_baskets.as_of, plan.valid_days) AS id FROM due LIMIT 1)
    INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, rank_value, status, due_at, expires_at, reason, basket, salesperson_id)
    SELECT d.customer_id, r.id, 'baskets', d.piece, plan.channel, plan.priority, d.amount::float8, 'waiting', queue_baskets.as_of, d.abandoned_at + recovery,
           concat_ws(', ', format('abandoned %s', to_char(d.abandoned_at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI')), d.reason, d.products, to_char(d.amount, 'FM999999999990.00'),
                     CASE WHEN d.baskets > 1 THEN format('%s baskets', d.baskets) END), d.basket, d.salesperson_id
      FROM due d CROSS JOIN run r ORDER BY d.customer_id;
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE selection_run r SET candidates = r.candidates + done, selected = r.selected + done WHERE r.selection = 'baskets' AND r.as_of = queue_baskets.as_of AND done > 0;
    RETURN done;
END
$$;
COMMENT ON FUNCTION queue_baskets(timestamptz) IS 'puts the people of basket_call_list() on the call list, each abandonment once, and takes off it whom it is no longer about; the account owner gets the name first. Returns how many were put on it; none while the selection baskets is switched off. A step of run_hourly()';

CREATE OR REPLACE FUNCTION queue_enquiries(as_of timestamptz DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    plan selection;
    zone text := setting_value('time_zone');
    done bigint;
BEGIN
    PERFORM check_as_of(as_of);
    SELECT s.* INTO plan FROM selection s WHERE s.selection = 'enquiries' AND s.is_enabled FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE selection_member m SET status = 'cancelled', done_at = queue_enquiries.as_of, result = 'no longer needed'
      FROM selection_run r WHERE r.selection = 'enquiries' AND r.status = 'selected' AND m.selection_run_id = r.selection_run_id AND m.status = 'waiting' AND NOT is_call_needed(m, queue_enquiries.as_of);
    WITH due AS MATERIALIZED (
        SELECT DISTINCT ON (u.customer_id) u.* FROM unanswered_leads u
         WHERE u.waiting_since_at <= queue_enquiries.as_of AT TIME ZONE zone AND u.waiting_since_at > (queue_enquiries.as_of - make_interval(days => plan.valid_days)) AT TIME ZONE zone
           AND NOT EXISTS (SELECT FROM selection_member m WHERE m.customer_id = u.customer_id AND (m.lead_id = u.lead_id OR m.lead_id IS NOT NULL AND m.status IN ('waiting', 'taken')))
         ORDER BY u.customer_id, u.waiting_since_at, u.lead_id
    ), run AS MATERIALIZED (
        SELECT flow_run('enquiries', queue_enquiries.as_of, plan.valid_days) AS id FROM due LIMIT 1)
    INSERT INTO selection_member (customer_id, selection_run_id, selection, piece, channel, priority, rank_value, status, due_at, expires_at, reason, lead_id, salesperson_id)
    SELECT d.customer_id, r.id, 'enquiries', 'lead ' || d.lead_id, plan.channel, plan.priority, -extract(epoch FROM d.waiting_since_at)::float8, 'waiting', queue_enquiries.as_of,
           queue_enquiries.as_of + make_interval(days => plan.valid_days),
           concat_ws(' ', 'of', to_char(d.waiting_since_at, 'YYYY-MM-DD HH24:MI'), 'by ' || d.response_channel, 'about ' || d.product), d.lead_id, d.salesperson_id
      FROM due d CROSS JOIN run r ORDER BY d.customer_id;
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE selection_run r SET candidates = r.candidates + done, selected = r.selected + done WHERE r.selection = 'enquiries' AND r.as_of = queue_enquiries.as_of AND done > 0;
    RETURN done;
END
$$;
COMMENT ON FUNCTION queue_enquiries(timestamptz) IS 'puts enquiries that nobody has answered (view unanswered_leads) on the call list, each lead once, and takes off it what was answered; the owner of the lead gets the name first. Returns how many were put on it; none while the selection enquiries is switched off. A step of run_hourly()';
