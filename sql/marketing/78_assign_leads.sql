-- Leads that came in by telephone, mail and web get an owner, and are answered in time.
--
-- assign_leads() gives out, in the order in which people began to wait, the open leads of a grade
-- that sales follows (or of none yet) that no salesperson has ever had. What marketing has, or gave
-- up, is not among them: that is for the meeting, see leads_to_assign(). The team is the lead's own, else
-- that of the first rule of rotation_rule that applies. A customer who has an owner stays with the
-- owner unless he is away. Turns are those of 76_rotation.sql, the same as at the door, except that
-- being busy with a customer does not matter.
--
-- Locks: first lead_move_lock(), as whoever distributes leads; then the rows of the teams, as next_salesperson();
-- then the leads, of which it leaves out those that somebody works on. So it waits for no app
-- while it holds what an app could wait for.

CREATE OR REPLACE FUNCTION leads_waiting(as_of timestamptz) RETURNS SETOF waiting_lead
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    waiting record;
    owned   record;
    rule    rotation_rule;
    result  waiting_lead;
BEGIN
    FOR waiting IN
        SELECT l.customer_id, l.lead_id, l.team, l.product, r.response_channel
          FROM (SELECT g.lead_grade FROM lead_grade g WHERE g.followed_by = 'sales' UNION ALL SELECT NULL) g
          JOIN lead l ON l.status = 'open' AND l.salesperson_id IS NULL AND (l.lead_grade = g.lead_grade OR g.lead_grade IS NULL AND l.lead_grade IS NULL)
          JOIN customer c ON c.customer_id = l.customer_id AND c.customer_id <> 0 AND NOT c.is_seed
          LEFT JOIN response r ON r.customer_id = l.customer_id AND r.response_id = l.response_id
         WHERE l.opened_at <= as_of
           AND NOT EXISTS (SELECT FROM lead_move m WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.to_salesperson_id IS NOT NULL)
         ORDER BY coalesce(r.responded_at, l.opened_at), l.customer_id, l.lead_id
    LOOP
        SELECT * INTO owned FROM rotation_owner(waiting.customer_id, as_of);
        rule := rotation_rule_for(waiting.customer_id, waiting.product, waiting.response_channel, waiting.team);
        result := ROW(waiting.customer_id, waiting.lead_id, coalesce(waiting.team, rule.team), rule.skill, format('rotation rule %s v%s', rule.rule_no, rule.version), NULL, NULL);
        IF rule.rule_no IS NULL THEN
            result.rule := NULL;
        END IF;
        IF owned.owner_id IS NOT NULL AND NOT owned.is_away THEN
            result.owner_id := owned.owner_id;
            result.why := CASE WHEN owned.is_of_lead THEN 'owner of another lead' ELSE 'owner of the account' END;
            result.team := coalesce(waiting.team, (SELECT s.team FROM salesperson s WHERE s.salesperson_id = owned.owner_id), rule.team);
        ELSIF owned.owner_id IS NOT NULL THEN
            result.why := format('%s, the owner, is away: ', owned.name);
        END IF;
        RETURN NEXT result;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leads_waiting(timestamptz) IS 'leads that wait for an owner at a time, the longest waiting first: the team each goes to (NULL: no rule says), and the owner of the customer, if he gets it. A part of assign_leads()';

CREATE OR REPLACE FUNCTION write_assignments(as_of timestamptz, given waiting_lead[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    written bigint;
BEGIN
    INSERT INTO lead_move (customer_id, lead_id, moved_at, kind, to_salesperson_id, from_grade, to_grade, model_grade, from_status, to_status,
                           reason, rule, days_on_clock, days_without_contact, clock_started_at, stale_step_no)
    SELECT l.customer_id, l.lead_id, as_of, 'assigned', g.owner_id, l.lead_grade, l.lead_grade, l.model_grade, 'open', 'open', g.why, g.rule,
           extract(epoch FROM as_of - l.clock_started_at) / 86400,
           extract(epoch FROM as_of - coalesce(lead_last_contact(l.customer_id, l.lead_id, as_of), l.opened_at)) / 86400, l.clock_started_at, l.stale_step_no
      FROM unnest(given) WITH ORDINALITY g(customer_id, lead_id, team, skill, rule, owner_id, why, n)
      JOIN lead l ON l.customer_id = g.customer_id AND l.lead_id = g.lead_id
     ORDER BY g.n;
    -- the clock of the stale rules starts when somebody has the lead, as in lead_clock()
    UPDATE lead l SET salesperson_id = g.owner_id, team = coalesce(l.team, g.team), clock_started_at = as_of
      FROM unnest(given) g WHERE l.customer_id = g.customer_id AND l.lead_id = g.lead_id;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;
COMMENT ON FUNCTION write_assignments(timestamptz, waiting_lead[]) IS 'writes owners of leads and the lines in lead_move; returns how many. The rows of the leads are locked. A part of assign_leads()';

CREATE OR REPLACE FUNCTION assign_leads(as_of timestamptz DEFAULT now(), max_leads int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    present bigint[];
    teams   text[];
    pools   rotation_pool[] := ARRAY[]::rotation_pool[];
    chosen  waiting_lead[] := ARRAY[]::waiting_lead[];
    given   waiting_lead[] := ARRAY[]::waiting_lead[];
    waiting waiting_lead;
    pool    rotation_pool;
    pick    record;
    turns   boolean[] := ARRAY[]::boolean[];
    pool_no int;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_leads < 1 THEN
        RAISE EXCEPTION 'max_leads must be at least 1, not %', max_leads
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away to assign all leads in one transaction.';
    END IF;
    PERFORM lead_move_lock();
    -- of which teams is somebody there? What is of the others waits.
    present := salespeople_present(as_of);
    teams := ARRAY(SELECT t.team FROM team t WHERE EXISTS (
        SELECT FROM salesperson s WHERE s.salesperson_id = ANY (present) AND (s.team = t.team OR s.team IS NULL AND s.is_manager) AND s.capacity_per_month IS DISTINCT FROM 0) ORDER BY t.team);
    FOR waiting IN SELECT * FROM leads_waiting(as_of) LOOP
        EXIT WHEN cardinality(chosen) >= max_leads;
        CONTINUE WHEN waiting.owner_id IS NULL AND coalesce(waiting.team <> ALL (teams), true);
        chosen := chosen || waiting;
    END LOOP;
    teams := ARRAY(SELECT DISTINCT c.team FROM unnest(chosen) c WHERE c.owner_id IS NULL ORDER BY c.team);
    PERFORM rotation_lock(teams);
    FOR n IN 1..cardinality(teams) LOOP
        pool := rotation_pool_at(teams[n], as_of);
        pool.busy := array_fill(false, ARRAY[cardinality(pool.person)]);
        pools := pools || pool;
    END LOOP;
    FOR waiting IN
        SELECT c.customer_id, c.lead_id, c.team, c.skill, c.rule, c.owner_id, c.why FROM unnest(chosen) WITH ORDINALITY c(customer_id, lead_id, team, skill, rule, owner_id, why, n)
          JOIN lead l ON l.customer_id = c.customer_id AND l.lead_id = c.lead_id AND l.status = 'open' AND l.salesperson_id IS NULL
         ORDER BY c.n FOR NO KEY UPDATE OF l SKIP LOCKED
    LOOP
        IF waiting.owner_id IS NOT NULL THEN
            turns := turns || false;
        ELSE
            pool_no := array_position(teams, waiting.team);
            SELECT * INTO pick FROM rotation_pick(pools[pool_no], CASE WHEN waiting.skill IS NOT NULL
                THEN ARRAY(SELECT k.salesperson_id FROM salesperson_skill k WHERE k.skill = waiting.skill) END, waiting.skill);
            CONTINUE WHEN pick.place IS NULL;
            pools[pool_no] := pick.pool;
            waiting.owner_id := (pick.pool).person[pick.place];
            waiting.why := concat(waiting.why, pick.why);
            turns := turns || true;
        END IF;
        given := given || waiting;
    END LOOP;
    FOR n IN 1..cardinality(teams) LOOP
        PERFORM rotation_save(teams[n], pools[n], as_of);
    END LOOP;
    INSERT INTO rotation_turn (customer_id, team, turned_at, salesperson_id, kind, lead_id, why)
    SELECT g.customer_id, coalesce(g.team, s.team), as_of, g.owner_id, CASE WHEN t.is_turn THEN 'turn' ELSE 'owner' END, g.lead_id, g.why
      FROM unnest(given) WITH ORDINALITY g(customer_id, lead_id, team, skill, rule, owner_id, why, n)
      JOIN unnest(turns) WITH ORDINALITY t(is_turn, n) ON t.n = g.n JOIN salesperson s ON s.salesperson_id = g.owner_id
     WHERE coalesce(g.team, s.team) IS NOT NULL ORDER BY g.n;
    RETURN write_assignments(as_of, given);
END
$$;
COMMENT ON FUNCTION assign_leads(timestamptz, int) IS 'gives an owner to the open leads that wait for one at as_of, the longest waiting first: at most max_leads of them (NULL: all); returns how many. By rotation among those of the team who are on duty, or to the owner of the customer; where nobody of the team is on duty they wait. Each is a row of lead_move and rotation_turn. Call it until it returns 0; a second call for the same as_of assigns nothing more. 22004, 22023 for wrong arguments, 55P03 after waiting twenty seconds for a team';

-- First response: how long people wait until somebody speaks to them, in minutes of working time.
-- An enquiry is a lead that sales is to follow. Whoever was spoken to on the day on which a lead was
-- opened without a recorded answer was not kept waiting by it.
CREATE OR REPLACE VIEW first_response AS
SELECT e.customer_id, e.lead_id, e.customer_name, e.team, coalesce(a.salesperson_id, e.salesperson_id) AS salesperson_id, s.name AS salesperson, e.product, e.response_channel, e.status,
       e.waiting_since_at::date AS date_day, e.waiting_since_at AT TIME ZONE e.zone AS waiting_since_at, a.answered_at,
       coalesce(w.minutes, 0)::numeric(12,2) AS minutes_waited, e.target_minutes, a.answered_at IS NOT NULL AND coalesce(w.minutes, 0) <= e.target_minutes AS is_in_time,
       coalesce(w.minutes, 0) > e.target_minutes AS is_breach
  FROM (SELECT l.customer_id, l.lead_id, c.name AS customer_name, l.team, l.salesperson_id, l.product, r.response_channel, l.status, z.value AS zone,
               coalesce(r.responded_at, l.opened_at) AT TIME ZONE z.value AS waiting_since_at,
               coalesce(r.responded_at, date_trunc('day', l.opened_at AT TIME ZONE z.value) AT TIME ZONE z.value) AS contact_from_at,
               coalesce(l.closed_at, now()) AS until_at, coalesce(t.target_minutes, m.value::int) AS target_minutes, b.value::interval AS day_starts, f.value::interval AS day_ends
          FROM lead l JOIN customer c ON c.customer_id = l.customer_id AND c.customer_id <> 0 AND NOT c.is_seed
          LEFT JOIN response r ON r.customer_id = l.customer_id AND r.response_id = l.response_id
          LEFT JOIN lead_grade g ON g.lead_grade = l.lead_grade
          LEFT JOIN response_target t ON t.response_channel = r.response_channel
          JOIN setting z ON z.setting = 'time_zone' JOIN setting m ON m.setting = 'first_response_minutes'
          JOIN setting b ON b.setting = 'working_day_starts' JOIN setting f ON f.setting = 'working_day_ends'
         WHERE coalesce(g.followed_by = 'sales', true)) e
  LEFT JOIN LATERAL (SELECT k.at AS answered_at, k.salesperson_id
                       FROM (SELECT v.visited_at AS at, v.salesperson_id FROM visit v WHERE v.customer_id = e.customer_id AND v.status = 'completed' AND v.visited_at >= e.contact_from_at
                             UNION ALL
                             SELECT k.called_at, k.salesperson_id FROM call k
                              WHERE k.customer_id = e.customer_id AND k.result IN ('reached', 'refused', 'promise', 'answered') AND k.called_at >= e.contact_from_at
                             UNION ALL
                             SELECT x.received_at, x.salesperson_id FROM reception x WHERE x.customer_id = e.customer_id AND x.salesperson_id IS NOT NULL AND x.received_at >= e.contact_from_at) k
                      WHERE k.at <= now()
                      ORDER BY k.at, k.salesperson_id LIMIT 1) a ON true
  -- Working time from the first day to the last: what is left of the first, the days between by their
  -- number, and what has passed of the last. Not day by day: some have waited for a year.
  LEFT JOIN LATERAL (SELECT coalesce(a.answered_at, e.until_at) AT TIME ZONE e.zone AS until_at) u ON true
  LEFT JOIN (SELECT c.date_day, CASE WHEN c.is_day_off THEN 0 ELSE 1 END AS is_working, count(*) FILTER (WHERE NOT c.is_day_off) OVER (ORDER BY c.date_day) AS days FROM calendar c) d ON d.date_day = e.waiting_since_at::date
  LEFT JOIN (SELECT c.date_day, CASE WHEN c.is_day_off THEN 0 ELSE 1 END AS is_working, count(*) FILTER (WHERE NOT c.is_day_off) OVER (ORDER BY c.date_day) AS days FROM calendar c) b ON b.date_day = u.until_at::date
  LEFT JOIN LATERAL (SELECT CASE WHEN u.until_at <= e.waiting_since_at OR e.day_ends <= e.day_starts THEN 0
                                 WHEN d.date_day = b.date_day THEN d.is_working * t.last_of_first
                                 ELSE d.is_working * t.rest + (b.days - b.is_working - d.days) * extract(epoch FROM e.day_ends - e.day_starts) + b.is_working * t.passed END / 60 AS minutes
                       FROM (SELECT greatest(extract(epoch FROM d.date_day + e.day_ends - greatest(e.waiting_since_at, d.date_day + e.day_starts)), 0) AS rest,
                                    greatest(extract(epoch FROM least(u.until_at, b.date_day + e.day_ends) - (b.date_day + e.day_starts)), 0) AS passed,
                                    greatest(extract(epoch FROM least(u.until_at, d.date_day + e.day_ends) - greatest(e.waiting_since_at, d.date_day + e.day_starts)), 0) AS last_of_first) t) w ON true
  LEFT JOIN salesperson s ON s.salesperson_id = coalesce(a.salesperson_id, e.salesperson_id);
COMMENT ON VIEW first_response IS 'how long people who enquired waited for an answer: one row per lead that sales is to follow, up to now';
COMMENT ON COLUMN first_response.customer_id IS 'the customer';
COMMENT ON COLUMN first_response.lead_id IS 'the lead';
COMMENT ON COLUMN first_response.customer_name IS 'name of the customer';
COMMENT ON COLUMN first_response.team IS 'team in charge';
COMMENT ON COLUMN first_response.salesperson_id IS 'who answered; while nobody has, the owner';
COMMENT ON COLUMN first_response.salesperson IS 'name of that salesperson';
COMMENT ON COLUMN first_response.product IS 'product inquired about';
COMMENT ON COLUMN first_response.response_channel IS 'how the enquiry came; NULL when no answer is recorded with the lead';
COMMENT ON COLUMN first_response.status IS 'status of the lead';
COMMENT ON COLUMN first_response.date_day IS 'day of the enquiry';
COMMENT ON COLUMN first_response.waiting_since_at IS 'when the enquiry came in';
COMMENT ON COLUMN first_response.answered_at IS 'when somebody first spoke to the customer: a visit, a reception, a call; NULL: not yet';
COMMENT ON COLUMN first_response.minutes_waited IS 'minutes of working time from the one to the other, or to the end of the lead, or until now';
COMMENT ON COLUMN first_response.target_minutes IS 'within what time it is to be answered: response_target, setting first_response_minutes';
COMMENT ON COLUMN first_response.is_in_time IS 'it was answered in that time';
COMMENT ON COLUMN first_response.is_breach IS 'it was answered later, or is not answered and the time is over';

CREATE OR REPLACE VIEW unanswered_leads AS
SELECT f.customer_id, f.lead_id, f.customer_name, f.team, l.salesperson_id, f.salesperson, f.product, f.response_channel, f.waiting_since_at,
       f.minutes_waited AS minutes_waiting, f.target_minutes, f.is_breach, CASE WHEN l.salesperson_id IS NOT NULL THEN 'an answer' WHEN l.team IS NOT NULL THEN 'an owner' ELSE 'a team' END AS waits_for
  FROM first_response f JOIN lead l ON l.customer_id = f.customer_id AND l.lead_id = f.lead_id
 WHERE f.status = 'open' AND f.answered_at IS NULL;
COMMENT ON VIEW unanswered_leads IS 'open enquiries to which nobody has answered yet: those with is_breach are late';
COMMENT ON COLUMN unanswered_leads.customer_id IS 'the customer';
COMMENT ON COLUMN unanswered_leads.lead_id IS 'the lead';
COMMENT ON COLUMN unanswered_leads.customer_name IS 'name of the customer';
COMMENT ON COLUMN unanswered_leads.team IS 'team in charge';
COMMENT ON COLUMN unanswered_leads.salesperson_id IS 'its owner; NULL: it waits for one';
COMMENT ON COLUMN unanswered_leads.salesperson IS 'name of the owner';
COMMENT ON COLUMN unanswered_leads.product IS 'product inquired about';
COMMENT ON COLUMN unanswered_leads.response_channel IS 'how the enquiry came';
COMMENT ON COLUMN unanswered_leads.waiting_since_at IS 'when it came in';
COMMENT ON COLUMN unanswered_leads.minutes_waiting IS 'minutes of working time since then';
COMMENT ON COLUMN unanswered_leads.target_minutes IS 'within what time it was to be answered';
COMMENT ON COLUMN unanswered_leads.is_breach IS 'that time is over';
COMMENT ON COLUMN unanswered_leads.waits_for IS 'an answer, an owner (assign_leads() finds one when somebody of the team is on duty), or a team (until a row of rotation_rule gives it one)';

CREATE OR REPLACE VIEW first_response_day AS
SELECT f.date_day, f.team, f.salesperson_id, min(f.salesperson) AS salesperson, f.response_channel, count(*) AS enquiries, count(f.answered_at) AS answered,
       count(*) FILTER (WHERE f.is_in_time) AS answered_in_time, count(*) FILTER (WHERE f.is_breach) AS breaches,
       coalesce(sum(f.minutes_waited) FILTER (WHERE f.answered_at IS NOT NULL), 0)::numeric(16,2) AS minutes_to_answer,
       (count(*) FILTER (WHERE f.is_in_time)::numeric / count(*))::numeric(12,6) AS in_time_rate,
       (CASE WHEN count(f.answered_at) > 0 THEN sum(f.minutes_waited) FILTER (WHERE f.answered_at IS NOT NULL) / count(f.answered_at) END)::numeric(12,2) AS mean_minutes_to_answer
  FROM first_response f GROUP BY f.date_day, f.team, f.salesperson_id, f.response_channel;
COMMENT ON VIEW first_response_day IS 'first responses by day of the enquiry, team, salesperson and channel';
COMMENT ON COLUMN first_response_day.date_day IS 'day of the enquiry';
COMMENT ON COLUMN first_response_day.team IS 'team in charge';
COMMENT ON COLUMN first_response_day.salesperson_id IS 'who answered; while nobody has, the owner';
COMMENT ON COLUMN first_response_day.salesperson IS 'name of that salesperson';
COMMENT ON COLUMN first_response_day.response_channel IS 'how the enquiries came';
COMMENT ON COLUMN first_response_day.enquiries IS 'enquiries: the denominator';
COMMENT ON COLUMN first_response_day.answered IS 'of these, answered';
COMMENT ON COLUMN first_response_day.answered_in_time IS 'answered within the target';
COMMENT ON COLUMN first_response_day.breaches IS 'answered later, or not answered and late';
COMMENT ON COLUMN first_response_day.minutes_to_answer IS 'sum of the minutes of working time until the answer, over those answered';
COMMENT ON COLUMN first_response_day.in_time_rate IS 'answered_in_time / enquiries';
COMMENT ON COLUMN first_response_day.mean_minutes_to_answer IS 'minutes_to_answer / answered';

CREATE OR REPLACE VIEW rotation_board AS
SELECT s.team, s.salesperson_id, s.name AS salesperson, s.is_manager, s.capacity_per_month, coalesce(m.turns, 0) AS turns, (coalesce(m.turns, 0) + coalesce(m.owed, 0))::numeric(20,6) AS entitled,
       coalesce(m.owed, 0)::numeric(20,6) AS owed, m.last_turn_at, s.is_on_duty,
       EXISTS (SELECT FROM absence a WHERE a.salesperson_id = s.salesperson_id AND a.starts_at <= now() AND a.ends_at > now()) AS is_away,
       EXISTS (SELECT FROM busy_spell b WHERE b.salesperson_id = s.salesperson_id AND b.started_at <= now() AND b.ends_at > now()) AS is_busy
  FROM salesperson s JOIN setting z ON z.setting = 'time_zone'
  LEFT JOIN rotation_member m ON m.team = s.team AND m.salesperson_id = s.salesperson_id
 WHERE s.team IS NOT NULL AND coalesce(s.left_on >= (now() AT TIME ZONE z.value)::date, true);
COMMENT ON VIEW rotation_board IS 'where the rotation of each team stands: one row per salesperson';
COMMENT ON COLUMN rotation_board.team IS 'the team';
COMMENT ON COLUMN rotation_board.salesperson_id IS 'the salesperson';
COMMENT ON COLUMN rotation_board.salesperson IS 'name';
COMMENT ON COLUMN rotation_board.is_manager IS 'manages the team: takes turns only when nobody else can';
COMMENT ON COLUMN rotation_board.capacity_per_month IS 'what turns are shared in proportion to';
COMMENT ON COLUMN rotation_board.turns IS 'turns received';
COMMENT ON COLUMN rotation_board.entitled IS 'turns that he was entitled to';
COMMENT ON COLUMN rotation_board.owed IS 'entitled - turns: negative for who is ahead';
COMMENT ON COLUMN rotation_board.last_turn_at IS 'when he received the last one';
COMMENT ON COLUMN rotation_board.is_on_duty IS 'as set by hand in salesperson';
COMMENT ON COLUMN rotation_board.is_away IS 'away now (absence)';
COMMENT ON COLUMN rotation_board.is_busy IS 'busy now (busy_spell)';
