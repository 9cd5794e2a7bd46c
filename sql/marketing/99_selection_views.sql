-- What selections planned and what came of it; what waits; for how long the names last.

CREATE OR REPLACE VIEW selection_results AS
SELECT m.selection_run_id, r.selection, s.name, s.campaign, s.medium, r.as_of, coalesce(m.test_group, '') AS test_group, m.source_code::text AS source_code,
       m.planned, m.waiting, m.done, m.held_out, m.refused, m.failed, m.dropped, m.responses,
       (m.responses::numeric / nullif(m.done, 0))::numeric(12,6) AS response_rate, m.orders, m.revenue
  FROM (SELECT k.selection_run_id, k.test_group, k.source_code, count(*) AS planned, count(*) FILTER (WHERE k.status IN ('chosen', 'waiting', 'taken')) AS waiting, count(*) FILTER (WHERE k.status = 'done') AS done,
               count(*) FILTER (WHERE k.status = 'held out') AS held_out, count(*) FILTER (WHERE k.status = 'refused') AS refused, count(*) FILTER (WHERE k.status = 'failed') AS failed,
               count(*) FILTER (WHERE k.status IN ('expired', 'cancelled')) AS dropped, count(*) FILTER (WHERE k.status = 'done' AND a.answers > 0) AS responses,
               coalesce(sum(o.orders) FILTER (WHERE k.status = 'done'), 0)::bigint AS orders, coalesce(sum(o.revenue) FILTER (WHERE k.status = 'done'), 0)::numeric(20,4) AS revenue
          FROM selection_member k JOIN customer c ON c.customer_id = k.customer_id AND NOT c.is_seed
          LEFT JOIN LATERAL (SELECT count(*) AS answers FROM response p
                              WHERE p.customer_id = k.customer_id AND k.status = 'done' AND (p.source_code = k.source_code OR p.touch_id = k.touch_id) AND p.responded_at >= k.done_at) a ON true
          LEFT JOIN LATERAL (SELECT count(*) AS orders, sum(y.revenue) AS revenue FROM customer_order y
                              WHERE y.customer_id = k.customer_id AND k.status = 'done' AND y.source_code = k.source_code AND y.ordered_at >= k.done_at) o ON true
         GROUP BY k.selection_run_id, k.test_group, k.source_code) m
  JOIN selection_run r ON r.selection_run_id = m.selection_run_id
  JOIN selection s ON s.selection = r.selection;
COMMENT ON VIEW selection_results IS 'planned against sent, and what came back, without seed names: one row per run, test group and source code. Answers and orders of these people under the code of the run; source_performance has all that came under a code';
COMMENT ON COLUMN selection_results.selection_run_id IS 'the run';
COMMENT ON COLUMN selection_results.selection IS 'the selection';
COMMENT ON COLUMN selection_results.name IS 'its name';
COMMENT ON COLUMN selection_results.campaign IS 'its campaign';
COMMENT ON COLUMN selection_results.medium IS 'its medium';
COMMENT ON COLUMN selection_results.as_of IS 'time for which people were selected';
COMMENT ON COLUMN selection_results.test_group IS 'test group; empty: no test';
COMMENT ON COLUMN selection_results.source_code IS 'source code; NULL: not counted as an effort';
COMMENT ON COLUMN selection_results.planned IS 'people chosen';
COMMENT ON COLUMN selection_results.waiting IS 'of these, people not contacted yet';
COMMENT ON COLUMN selection_results.done IS 'of these, people who were sent the piece or called';
COMMENT ON COLUMN selection_results.held_out IS 'of these, people who get nothing';
COMMENT ON COLUMN selection_results.refused IS 'of these, people who might not be contacted any more when it came to it';
COMMENT ON COLUMN selection_results.failed IS 'of these, people whom it did not reach after all attempts';
COMMENT ON COLUMN selection_results.dropped IS 'of these, people whose row expired or was cancelled';
COMMENT ON COLUMN selection_results.responses IS 'people who answered the piece: under its code, or naming the touch; each counts once';
COMMENT ON COLUMN selection_results.response_rate IS 'responses / done';
COMMENT ON COLUMN selection_results.orders IS 'orders of these people that quote the code';
COMMENT ON COLUMN selection_results.revenue IS 'value of these orders before returns';

CREATE OR REPLACE VIEW outbox_state AS
SELECT m.channel, m.selection, max(m.priority)::integer AS priority, count(*) FILTER (WHERE m.status = 'waiting' AND m.due_at <= now()) AS due, count(*) FILTER (WHERE m.status = 'waiting' AND m.due_at > now()) AS due_later,
       count(*) FILTER (WHERE m.status = 'taken') AS taken, count(*) FILTER (WHERE m.status = 'taken' AND m.reservation_ends_at <= now()) AS overdue,
       count(*) FILTER (WHERE m.status = 'waiting' AND m.attempts > 0) AS to_be_repeated, count(*) FILTER (WHERE m.status = 'failed') AS failed, min(m.due_at) FILTER (WHERE m.status = 'waiting') AS oldest_due_at
  FROM selection_member m JOIN selection s ON s.selection = m.selection AND s.delivery = 'outbox'
 WHERE m.status IN ('waiting', 'taken', 'failed') GROUP BY m.channel, m.selection;
COMMENT ON VIEW outbox_state IS 'what waits for sending apps now, one row per channel and selection';
COMMENT ON COLUMN outbox_state.channel IS 'how it is sent';
COMMENT ON COLUMN outbox_state.selection IS 'the selection';
COMMENT ON COLUMN outbox_state.priority IS 'the higher is handed out first';
COMMENT ON COLUMN outbox_state.due IS 'rows that may be handed out now';
COMMENT ON COLUMN outbox_state.due_later IS 'rows that wait for a later time: a second attempt, a limit, a quiet time of day';
COMMENT ON COLUMN outbox_state.taken IS 'rows that a sending app has and has not reported';
COMMENT ON COLUMN outbox_state.overdue IS 'of these, rows whose reservation has expired: the next who asks gets them';
COMMENT ON COLUMN outbox_state.to_be_repeated IS 'rows that wait after a failed attempt';
COMMENT ON COLUMN outbox_state.failed IS 'rows given up after all attempts; outbox_failures lists them';
COMMENT ON COLUMN outbox_state.oldest_due_at IS 'since when the oldest row waits';

CREATE OR REPLACE VIEW outbox_failures AS
SELECT m.customer_id, m.selection_run_id, m.selection, m.channel, m.status, m.attempts::integer AS attempts, m.result, m.worker, m.due_at, m.done_at AS given_up_at
  FROM selection_member m WHERE m.status = 'failed' OR m.status = 'waiting' AND m.attempts > 0 AND m.call_id IS NULL;
COMMENT ON VIEW outbox_failures IS 'what could not be sent or reached: given up, or to be tried again, one row per person and run';
COMMENT ON COLUMN outbox_failures.customer_id IS 'the customer';
COMMENT ON COLUMN outbox_failures.selection_run_id IS 'the run that chose him';
COMMENT ON COLUMN outbox_failures.selection IS 'the selection';
COMMENT ON COLUMN outbox_failures.channel IS 'how he was to be contacted';
COMMENT ON COLUMN outbox_failures.status IS 'failed: given up; waiting: comes again at due_at';
COMMENT ON COLUMN outbox_failures.attempts IS 'attempts so far';
COMMENT ON COLUMN outbox_failures.result IS 'why the last one failed';
COMMENT ON COLUMN outbox_failures.worker IS 'the sending app of the last one';
COMMENT ON COLUMN outbox_failures.due_at IS 'when it is tried again';
COMMENT ON COLUMN outbox_failures.given_up_at IS 'when it was given up';

CREATE OR REPLACE VIEW call_list_state AS
SELECT s.selection, s.name, s.campaign, s.team, s.priority::integer AS priority, m.names, m.due, m.call_backs, m.taken, m.agents, m.reached, m.promises, m.refusals, m.not_reached
  FROM (SELECT k.selection, count(*) FILTER (WHERE k.status = 'waiting') AS names, count(*) FILTER (WHERE k.status = 'waiting' AND k.due_at <= now() AND k.expires_at > now()) AS due,
               count(*) FILTER (WHERE k.status = 'waiting' AND k.call_id IS NOT NULL) AS call_backs, count(*) FILTER (WHERE k.status = 'taken') AS taken,
               count(DISTINCT k.salesperson_id) FILTER (WHERE k.status = 'taken') AS agents, count(*) FILTER (WHERE k.status = 'done' AND k.result = 'reached') AS reached,
               count(*) FILTER (WHERE k.status = 'done' AND k.result = 'promise') AS promises, count(*) FILTER (WHERE k.status = 'done' AND k.result = 'refused') AS refusals,
               count(*) FILTER (WHERE k.status = 'failed') AS not_reached
          FROM selection_member k GROUP BY k.selection) m
  JOIN selection s ON s.selection = m.selection AND s.delivery = 'calls';
COMMENT ON VIEW call_list_state IS 'call lists: what waits now, and what came of the calls so far, one row per selection';
COMMENT ON COLUMN call_list_state.selection IS 'the selection';
COMMENT ON COLUMN call_list_state.name IS 'its name';
COMMENT ON COLUMN call_list_state.campaign IS 'its campaign';
COMMENT ON COLUMN call_list_state.team IS 'team whose agents get it; NULL: all';
COMMENT ON COLUMN call_list_state.priority IS 'the higher is handed out first';
COMMENT ON COLUMN call_list_state.names IS 'names that wait';
COMMENT ON COLUMN call_list_state.due IS 'of these, names that may be called now';
COMMENT ON COLUMN call_list_state.call_backs IS 'of these, promised call-backs';
COMMENT ON COLUMN call_list_state.taken IS 'names that agents have now';
COMMENT ON COLUMN call_list_state.agents IS 'agents who have them';
COMMENT ON COLUMN call_list_state.reached IS 'people called with result reached';
COMMENT ON COLUMN call_list_state.promises IS 'people called with result promise';
COMMENT ON COLUMN call_list_state.refusals IS 'people called with result refused';
COMMENT ON COLUMN call_list_state.not_reached IS 'people given up after all attempts';

CREATE OR REPLACE FUNCTION callable_names(as_of timestamptz DEFAULT now(), days int DEFAULT 10)
    RETURNS TABLE (selection text, campaign text, names_left bigint, calls_a_day numeric, days_left numeric, is_low boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path FROM CURRENT AS
$$
DECLARE
    zone  text := setting_value('time_zone');
    today date := (as_of AT TIME ZONE zone)::date;
    first date;
    low   numeric := setting_number('callable_names_days', 0, 1000);
BEGIN
    PERFORM check_as_of(as_of);
    IF days IS NULL OR days NOT BETWEEN 1 AND 260 THEN
        RAISE EXCEPTION 'days is "%"', days USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of working days whose calls are counted, from 1 to 260.';
    END IF;
    SELECT min(w.date_day) INTO first FROM (SELECT c.date_day FROM calendar c WHERE c.date_day < today AND NOT c.is_day_off ORDER BY c.date_day DESC LIMIT days) w;
    RETURN QUERY
    SELECT p.selection, p.campaign, coalesce(l.left_over, 0), round(coalesce(k.calls, 0)::numeric / days, 2), round(coalesce(l.left_over, 0) / nullif(k.calls::numeric / days, 0), 1),
           coalesce(coalesce(l.left_over, 0) / nullif(k.calls::numeric / days, 0) < low, false)
      FROM selection p
      LEFT JOIN (SELECT m.selection, count(*) AS left_over FROM selection_member m
                  WHERE m.channel = 'call' AND m.status = 'waiting' AND m.expires_at > callable_names.as_of GROUP BY m.selection) l ON l.selection = p.selection
      LEFT JOIN (SELECT m.selection, count(*) AS calls
                   FROM call c JOIN selection_member m ON m.customer_id = c.customer_id AND m.call_id = c.call_id
                  WHERE c.direction = 'outbound' AND c.called_at >= first::timestamp AT TIME ZONE zone AND c.called_at < today::timestamp AT TIME ZONE zone GROUP BY m.selection) k ON k.selection = p.selection
     WHERE p.delivery = 'calls' ORDER BY 6 DESC, 5, p.selection;
END
$$;
COMMENT ON FUNCTION callable_names(timestamptz, int) IS 'for how long the names of each call list last: names that wait and have not expired, calls a day (names called in the last so many working days before that day, by table calendar), and the one by the other. is_low: for fewer days than setting callable_names_days. 22023 for days out of range';
