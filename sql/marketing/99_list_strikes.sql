-- Two strikes: an external person who was contacted twice without any feedback is left alone.
--
-- Counted are contacts (rows of touch, those that bounced left out) since the last signal; the
-- signals are the rows of strike_signal that are enabled. Whoever has reached the number has a row in
-- two_strikes, until there is a signal. The number is that of the list under whose code the person was
-- contacted (list.strikes, the highest of several), else of the setting two_strikes.
--
-- Only people of whom something is new are looked at: facts are found by recorded_xid, as
-- refresh_reports() does (40_refresh). Their count is made again from all their facts, so that what is
-- incremental and what is not cannot differ, nothing counts twice, and late facts and events of old
-- pieces need no care. Everybody is looked at when the rules have changed, when the time goes back, and when
-- facts were taken in that had not happened yet.

CREATE OR REPLACE FUNCTION strike_rules() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (SELECT md5(string_agg(r.rule, E'\n' ORDER BY r.rule COLLATE "C"))
              FROM (SELECT format('signal %L %s', s.strike_signal, s.is_enabled) FROM strike_signal s
                    UNION ALL
                    SELECT format('setting %L', setting_value('two_strikes'))
                    UNION ALL
                    SELECT format('source %L %s', s.source_code::text, l.strikes) FROM list l JOIN source s ON s.list = l.list WHERE l.strikes IS NOT NULL) r (rule));
END
$$;
COMMENT ON FUNCTION strike_rules() IS 'fingerprint of what two strikes depend on besides facts; a part of apply_two_strikes()';

-- All facts that can change a count, each with its person and time: FROM ... WHERE %s.
CREATE OR REPLACE FUNCTION strike_facts_sql(only_signals boolean, condition text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    enabled text[] := ARRAY(SELECT s.strike_signal FROM strike_signal s WHERE s.is_enabled);
BEGIN
    RETURN (SELECT coalesce(string_agg(format('SELECT f.customer_id, f.%I AS at FROM %I f WHERE %s AND f.customer_id <> 0 AND %s', t.time_column, t.fact, t.restriction, condition), ' UNION ALL '),
                            'SELECT NULL::bigint AS customer_id, NULL::timestamptz AS at WHERE false')
              FROM (VALUES ('touch',              'sent_at',       'touch',      'true'),
                           ('touch_event',        'happened_at',   'bounced',    'f.kind = ''bounced'''),
                           ('touch_event',        'happened_at',   'opened',     'f.kind = ''opened'''),
                           ('touch_event',        'happened_at',   'clicked',    'f.kind = ''clicked'''),
                           ('touch_event',        'happened_at',   'forwarded',  'f.kind = ''forwarded'''),
                           ('response',           'responded_at',  'responded',  'true'),
                           ('reception',          'received_at',   'visited',    'true'),
                           ('event_registration', 'registered_at', 'registered', 'true'),
                           ('event_attendance',   'attended_at',   'attended',   'true'),
                           ('customer_order',     'ordered_at',    'ordered',    'true'),
                           ('call',               'called_at',     'called',     'f.direction = ''inbound''')) t (fact, time_column, strike_signal, restriction)
             WHERE t.strike_signal = ANY (enabled) OR NOT only_signals AND t.strike_signal IN ('touch', 'bounced'));
END
$$;
COMMENT ON FUNCTION strike_facts_sql(boolean, text) IS 'SQL of the facts that count under two strikes, person and time, under a condition on the fact f; a part of apply_two_strikes()';

-- Counts the people of the query news anew and writes what has changed; rows looked at and written.
CREATE OR REPLACE FUNCTION count_strikes(news text, is_full boolean, as_of timestamptz, xmax xid8, xip xid8[], OUT latest_at timestamptz, OUT changed bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    has_own boolean := EXISTS (SELECT FROM list l WHERE l.strikes IS NOT NULL);
    own     text    := CASE WHEN is_full THEN 'true' ELSE 'f.customer_id IN (SELECT a.customer_id FROM affected a)' END;
BEGIN
    EXECUTE format($sql$
        WITH news AS MATERIALIZED (%1$s), affected AS MATERIALIZED (SELECT DISTINCT n.customer_id FROM news n),
        signal AS (SELECT f.customer_id, max(f.at) AS at FROM (%2$s) f WHERE f.at <= $1 GROUP BY f.customer_id),
        counted AS (
            SELECT f.customer_id, count(*)::int AS touches, array_agg(f.sent_at ORDER BY f.sent_at) AS times, coalesce(%3$s, $2) AS number
              FROM touch f JOIN customer c ON c.customer_id = f.customer_id AND c.kind = 'external' AND NOT c.is_seed AND c.customer_id <> 0
              LEFT JOIN signal g ON g.customer_id = f.customer_id %4$s
             WHERE %5$s AND NOT f.is_seed AND f.sent_at <= $1 AND (f.sent_at > g.at OR g.at IS NULL)
               AND NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = f.customer_id AND e.touch_id = f.touch_id AND e.kind = 'bounced' AND e.happened_at <= $1)
             GROUP BY f.customer_id),
        struck AS MATERIALIZED (SELECT * FROM counted WHERE number > 0 AND touches >= number),
        gone AS (
            DELETE FROM two_strikes t USING affected a
             WHERE a.customer_id = t.customer_id AND NOT EXISTS (SELECT FROM struck s WHERE s.customer_id = t.customer_id) RETURNING 1),
        written AS (
            INSERT INTO two_strikes AS t (customer_id, since, touches, first_touched_at, last_touched_at)
            SELECT s.customer_id, s.times[s.number], s.touches, s.times[1], s.times[s.touches] FROM struck s ORDER BY s.customer_id
            ON CONFLICT (customer_id) DO UPDATE SET since = excluded.since, touches = excluded.touches, first_touched_at = excluded.first_touched_at, last_touched_at = excluded.last_touched_at
             WHERE (t.since, t.touches, t.first_touched_at, t.last_touched_at) <> (excluded.since, excluded.touches, excluded.first_touched_at, excluded.last_touched_at)
            RETURNING 1)
        SELECT (SELECT max(n.at) FROM news n), (SELECT count(*) FROM gone) + (SELECT count(*) FROM written) $sql$,
        news, strike_facts_sql(true, own), CASE WHEN has_own THEN 'max(l.strikes)' ELSE 'NULL' END,
        CASE WHEN has_own THEN 'LEFT JOIN source u ON u.source_code = f.source_code LEFT JOIN list l ON l.list = u.list' ELSE '' END, own)
       INTO latest_at, changed USING as_of, setting_number('two_strikes', 0, 1000, whole => true)::int, xmax, xip;
END
$$;
COMMENT ON FUNCTION count_strikes(text, boolean, timestamptz, xid8, xid8[]) IS 'counts the contacts of the people of a query anew and writes two_strikes; the time of the latest fact of the query and the number of rows changed. A part of apply_two_strikes()';

CREATE OR REPLACE FUNCTION apply_two_strikes(as_of timestamptz DEFAULT now(), anew boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '128MB' SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    state   two_strikes_state;
    visible pg_snapshot;
    is_full boolean;
    counted record;
    changed bigint := 0;
BEGIN
    IF apply_two_strikes.as_of IS NULL OR NOT isfinite(apply_two_strikes.as_of) THEN
        RAISE EXCEPTION 'two strikes cannot be counted as of %', coalesce(apply_two_strikes.as_of::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a time, or leave it out for now.';
    END IF;
    INSERT INTO two_strikes_state (report) VALUES ('two_strikes') ON CONFLICT DO NOTHING;
    UPDATE two_strikes_state s SET refreshed_at = clock_timestamp() WHERE s.report = 'two_strikes' RETURNING * INTO state;     -- the turn
    visible := snapshot_without_own();
    is_full := anew OR state.snapshot IS NULL OR state.era IS DISTINCT FROM transaction_era() OR state.rules IS DISTINCT FROM strike_rules()
               OR apply_two_strikes.as_of < state.as_of OR state.latest_at > state.as_of;
    -- who has become internal without a fact that says so, by register_customer()
    DELETE FROM two_strikes t USING customer c WHERE c.customer_id = t.customer_id AND c.kind = 'internal';
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF is_full THEN
        DELETE FROM two_strikes t WHERE NOT EXISTS (SELECT FROM touch f WHERE f.customer_id = t.customer_id);
        counted := count_strikes(strike_facts_sql(false, 'true'), true, apply_two_strikes.as_of, NULL, NULL);
    ELSE
        counted := count_strikes(strike_facts_sql(false, '(f.recorded_xid >= $3 OR f.recorded_xid = ANY ($4))'), false, apply_two_strikes.as_of,
                                 pg_snapshot_xmax(state.snapshot), ARRAY(SELECT pg_snapshot_xip(state.snapshot)));
    END IF;
    UPDATE two_strikes_state s
       SET snapshot = visible, era = transaction_era(), rules = strike_rules(), as_of = apply_two_strikes.as_of,
           latest_at = CASE WHEN is_full THEN counted.latest_at ELSE greatest(s.latest_at, counted.latest_at) END
     WHERE s.report = 'two_strikes';
    IF is_full THEN
        ANALYZE two_strikes;
    END IF;
    RETURN changed + counted.changed;
END
$$;
COMMENT ON FUNCTION apply_two_strikes(timestamptz, boolean) IS 'brings two_strikes up to date: external people who were contacted as often as the setting two_strikes (or list.strikes) allows without a signal (strike_signal) since. It looks at those of whom something is new, at everybody after a change of the rules, when the time goes back, or with anew. Returns how many rows came, went or changed. Two at once wait for each other. 22023 for no time and for settings that are none';

CREATE OR REPLACE VIEW exhausted_people AS
SELECT t.customer_id, c.name AS customer_name, t.touches, t.since, t.first_touched_at, t.last_touched_at,
       format('%s: contacted %s%s without an answer', CASE t.touches WHEN 2 THEN 'two strikes' ELSE format('%s strikes', t.touches) END, (t.first_touched_at AT TIME ZONE z.value)::date,
              CASE WHEN t.touches > 1 THEN format(CASE t.touches WHEN 2 THEN ' and %s' ELSE ' to %s' END, (t.last_touched_at AT TIME ZONE z.value)::date) ELSE '' END) AS reason
  FROM two_strikes t JOIN customer c ON c.customer_id = t.customer_id AND c.kind = 'external' CROSS JOIN setting z WHERE z.setting = 'time_zone';
COMMENT ON VIEW exhausted_people IS 'external people who are not contacted any more because they gave no feedback, with the reason; one row per person';
COMMENT ON COLUMN exhausted_people.customer_id IS 'the customer';
COMMENT ON COLUMN exhausted_people.customer_name IS 'name';
COMMENT ON COLUMN exhausted_people.touches IS 'contacts since the last feedback';
COMMENT ON COLUMN exhausted_people.since IS 'the contact with which the number was reached';
COMMENT ON COLUMN exhausted_people.first_touched_at IS 'the first of these contacts';
COMMENT ON COLUMN exhausted_people.last_touched_at IS 'the last of these';
COMMENT ON COLUMN exhausted_people.reason IS 'the reason in words';
