-- Visits: the next one of every lead and account is planned, and what is overdue shows.
--
-- lead.next_visit_on is the day of the next visit of a lead: set by record_visit(), or by
-- plan_visits() where there is none, and it stays, overdue, until the visit is done. The visit
-- belongs to whoever owns the lead on the day. An account (a customer with an owner and no open
-- lead) has no such column: its next visit is the planned visit that nothing has settled yet.

-- At least so often: rather a day before than after a day off, but not before today.
CREATE OR REPLACE FUNCTION visit_day(target date, today date) RETURNS date
    LANGUAGE sql STABLE
    RETURN coalesce((SELECT max(c.date_day) FROM calendar c WHERE c.date_day BETWEEN visit_day.today AND visit_day.target AND NOT c.is_day_off),
                    (SELECT min(c.date_day) FROM calendar c WHERE c.date_day >= visit_day.today AND NOT c.is_day_off),
                    greatest(visit_day.target, visit_day.today));
COMMENT ON FUNCTION visit_day(date, date) IS 'the day for a visit that is due on target: the last working day (table calendar) from today up to it, else the next one. A part of plan_visits()';

CREATE OR REPLACE FUNCTION visit_days(today date, until date) RETURNS date[]
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN ARRAY(SELECT visit_day(today + n, today) FROM generate_series(0, greatest(until - today, 0)) n ORDER BY n);
END
$$;
COMMENT ON FUNCTION visit_days(date, date) IS 'the days for visits that are due today, tomorrow, and so on until a day, as visit_day() says: the same for many visits. A part of plan_visits()';

CREATE OR REPLACE FUNCTION business_day(at timestamptz) RETURNS date
    LANGUAGE plpgsql STABLE STRICT SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN (at AT TIME ZONE setting_value('time_zone'))::date;
END
$$;
COMMENT ON FUNCTION business_day(timestamptz) IS 'the day of a time where the business is (setting time_zone)';

-- Planned visits to accounts that no visit to the customer since, and no cancellation, has settled.
CREATE OR REPLACE VIEW planned_visits AS
SELECT l.customer_id, l.lead_id, c.name AS customer_name, l.salesperson_id, s.name AS salesperson, coalesce(l.team, s.team) AS team, l.lead_grade, l.product,
       l.next_visit_on AS planned_on
  FROM lead l
  JOIN customer c ON c.customer_id = l.customer_id
  JOIN salesperson s ON s.salesperson_id = l.salesperson_id
 WHERE l.status = 'open' AND l.next_visit_on IS NOT NULL
UNION ALL
SELECT c.customer_id, NULL, c.name, c.salesperson_id, s.name, s.team, NULL, NULL, v.planned_on
  FROM customer c
  JOIN salesperson s ON s.salesperson_id = c.salesperson_id
  JOIN setting z ON z.setting = 'time_zone'
       -- one customer at a time: tasks() asks for those of one salesperson
 CROSS JOIN LATERAL (SELECT min(p.visited_at AT TIME ZONE z.value)::date AS planned_on
          FROM visit p
         WHERE p.customer_id = c.customer_id AND p.status = 'planned' AND p.lead_id IS NULL
           AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = p.customer_id
                                                 AND (d.planned_visit_id = p.visit_id OR d.status = 'completed'
                                                      AND (d.visited_at AT TIME ZONE z.value)::date >= (p.visited_at AT TIME ZONE z.value)::date))) v
 WHERE v.planned_on IS NOT NULL AND NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = c.customer_id AND l.status = 'open');
COMMENT ON VIEW planned_visits IS 'the next visit of every open lead that has one planned, and of every account';
COMMENT ON COLUMN planned_visits.customer_id IS 'the customer';
COMMENT ON COLUMN planned_visits.lead_id IS 'the lead; NULL for the visit to an account';
COMMENT ON COLUMN planned_visits.customer_name IS 'name of the customer';
COMMENT ON COLUMN planned_visits.salesperson_id IS 'who is to visit: the present owner';
COMMENT ON COLUMN planned_visits.salesperson IS 'name of the owner';
COMMENT ON COLUMN planned_visits.team IS 'team in charge';
COMMENT ON COLUMN planned_visits.lead_grade IS 'grade of the lead';
COMMENT ON COLUMN planned_visits.product IS 'product inquired about';
COMMENT ON COLUMN planned_visits.planned_on IS 'day of the visit';

CREATE OR REPLACE VIEW overdue_visits AS
SELECT p.customer_id, p.lead_id, p.customer_name, p.salesperson_id, p.salesperson, p.team, p.lead_grade, p.product, p.planned_on, t.today - p.planned_on AS days_overdue
  FROM planned_visits p, (SELECT (now() AT TIME ZONE z.value)::date AS today FROM setting z WHERE z.setting = 'time_zone') t
 WHERE p.planned_on < t.today;
COMMENT ON VIEW overdue_visits IS 'planned visits of days before today that have not taken place';
COMMENT ON COLUMN overdue_visits.customer_id IS 'the customer';
COMMENT ON COLUMN overdue_visits.lead_id IS 'the lead; NULL for the visit to an account';
COMMENT ON COLUMN overdue_visits.customer_name IS 'name of the customer';
COMMENT ON COLUMN overdue_visits.salesperson_id IS 'who is to visit: the present owner';
COMMENT ON COLUMN overdue_visits.salesperson IS 'name of the owner';
COMMENT ON COLUMN overdue_visits.team IS 'team in charge';
COMMENT ON COLUMN overdue_visits.lead_grade IS 'grade of the lead';
COMMENT ON COLUMN overdue_visits.product IS 'product inquired about';
COMMENT ON COLUMN overdue_visits.planned_on IS 'day on which it was to be';
COMMENT ON COLUMN overdue_visits.days_overdue IS 'days since then';

CREATE OR REPLACE VIEW overdue_visits_by_salesperson AS
SELECT o.salesperson_id, min(o.salesperson) AS salesperson, count(*) AS overdue_visits, count(o.lead_id) AS overdue_lead_visits, min(o.planned_on) AS oldest_planned_on
  FROM overdue_visits o GROUP BY o.salesperson_id;
COMMENT ON VIEW overdue_visits_by_salesperson IS 'how many visits are overdue, per salesperson who has any';
COMMENT ON COLUMN overdue_visits_by_salesperson.salesperson_id IS 'the salesperson';
COMMENT ON COLUMN overdue_visits_by_salesperson.salesperson IS 'name of the salesperson';
COMMENT ON COLUMN overdue_visits_by_salesperson.overdue_visits IS 'visits overdue';
COMMENT ON COLUMN overdue_visits_by_salesperson.overdue_lead_visits IS 'of these, to leads; the others are to accounts';
COMMENT ON COLUMN overdue_visits_by_salesperson.oldest_planned_on IS 'day on which the oldest of them was to be';

-- A lead is planned anew when it has no next visit, when what was planned has taken place, and
-- when it was upgraded to a grade that is visited more often.
CREATE OR REPLACE FUNCTION plan_lead_visits(as_of timestamptz, max_visits int, after_customer bigint, after_lead bigint,
                                            OUT planned bigint, OUT leads bigint, OUT last_customer bigint, OUT last_lead bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off SET enable_sort = off AS      -- read in the order of the key until the batch is full
$$
DECLARE
    zone         text := setting_value('time_zone');
    today        date := business_day(as_of);
    visit_days   date[] := visit_days(today, (SELECT max((as_of AT TIME ZONE zone + g.visit_interval)::date) FROM lead_grade g));
    customers    bigint[];
    lead_ids     bigint[];
    row_versions xid[];
    days         date[];
BEGIN
    -- Look first, and then lock what is as it was: where few are due, looking takes long. The last
    -- contact is that of lead_last_contact(), written out for speed.
    SELECT array_agg(d.customer_id), array_agg(d.lead_id), array_agg(d.row_version), array_agg(d.planned_on) INTO customers, lead_ids, row_versions, days
      FROM (
        SELECT l.customer_id, l.lead_id, l.xmin AS row_version, d.planned_on
          FROM lead l JOIN lead_grade g ON g.lead_grade = l.lead_grade AND g.followed_by = 'sales' AND g.visit_interval IS NOT NULL,
               LATERAL (SELECT l.next_visit_on IS NULL
                               OR l.next_visit_on < today AND EXISTS (SELECT FROM visit v WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed'
                                                                          AND (v.visited_at AT TIME ZONE zone)::date >= l.next_visit_on AND v.visited_at <= as_of) OFFSET 0) n(is_open),
               LATERAL (SELECT greatest((SELECT max(v.visited_at) FROM visit v
                                          WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed' AND v.visited_at <= as_of),
                                        (SELECT max(c.called_at) FROM call c
                                          WHERE c.customer_id = l.customer_id AND c.lead_id = l.lead_id AND c.result IN ('reached', 'refused', 'promise', 'answered') AND c.called_at <= as_of)) OFFSET 0) k(contact_at),
               LATERAL (SELECT visit_days[1 + greatest(((coalesce(k.contact_at, l.opened_at) AT TIME ZONE zone) + g.visit_interval)::date - today, 0)]) d(planned_on)
         WHERE (l.customer_id, l.lead_id) > (after_customer, after_lead)
           AND l.status = 'open' AND l.salesperson_id IS NOT NULL AND l.opened_at <= as_of
           AND (n.is_open OR l.next_visit_on > today + g.visit_interval) AND (n.is_open OR d.planned_on < l.next_visit_on)
         ORDER BY l.customer_id, l.lead_id LIMIT max_visits) d;
    leads := coalesce(cardinality(customers), 0);
    last_customer := customers[leads];
    last_lead := lead_ids[leads];
    WITH due AS MATERIALIZED (
        SELECT d.customer_id, d.lead_id, d.planned_on
          FROM unnest(customers, lead_ids, row_versions, days) d(customer_id, lead_id, row_version, planned_on)
         CROSS JOIN LATERAL (SELECT true FROM lead l WHERE l.customer_id = d.customer_id AND l.lead_id = d.lead_id AND l.xmin = d.row_version
                               FOR NO KEY UPDATE SKIP LOCKED) o),
    changed AS (
        UPDATE lead l SET next_visit_on = d.planned_on FROM due d WHERE l.customer_id = d.customer_id AND l.lead_id = d.lead_id
        RETURNING l.customer_id, l.lead_id, l.salesperson_id, l.team, l.next_visit_on),
    -- What the new plan replaces: an earlier plan of the night, and what took place unbeknown to it.
    -- Appointments to come stay.
    cancelled AS (
        INSERT INTO visit (customer_id, lead_id, kind, status, planned_visit_id, visited_at, salesperson_id, store, outcome, request_id)
        SELECT v.customer_id, v.lead_id, v.kind, 'cancelled', v.visit_id, as_of, c.salesperson_id, v.store, 'planned anew', 'cancel visit ' || v.visit_id
          FROM changed c JOIN visit v ON v.customer_id = c.customer_id AND v.lead_id = c.lead_id AND v.status = 'planned'
         WHERE (v.request_id LIKE 'plan\_visits %' OR (v.visited_at AT TIME ZONE zone)::date < today)
           AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.lead_id = v.lead_id AND d.planned_visit_id = v.visit_id)),
    inserted AS (
        INSERT INTO visit (customer_id, lead_id, kind, status, visited_at, salesperson_id, store, request_id)
        SELECT c.customer_id, c.lead_id, CASE WHEN t.store IS NOT NULL THEN 'return visit' ELSE 'return call' END, 'planned',
               (c.next_visit_on + time '09:00') AT TIME ZONE zone, c.salesperson_id, t.store,
               format('plan_visits %s lead %s for %s by %s', extract(epoch FROM as_of), c.lead_id, c.next_visit_on, c.salesperson_id)
          FROM changed c LEFT JOIN team t ON t.team = c.team
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING visit_id)
    SELECT count(*) INTO planned FROM inserted;
END
$$;
COMMENT ON FUNCTION plan_lead_visits(timestamptz, int, bigint, bigint) IS 'plans the next visit of open leads behind a given one, by the interval of their grade since the last completed contact; returns how many visits, of how many leads, and the last of these. A part of plan_visits()';

CREATE OR REPLACE FUNCTION plan_account_visits(as_of timestamptz, max_visits int, after_customer bigint,
                                               OUT planned bigint, OUT accounts bigint, OUT last_customer bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off SET enable_sort = off AS      -- as above
$$
DECLARE
    zone         text := setting_value('time_zone');
    today        date := business_day(as_of);
    usual        interval := setting_value('account_visit_interval')::interval;
    key_accounts interval := setting_value('key_account_visit_interval')::interval;
    visit_days   date[] := visit_days(today, (as_of AT TIME ZONE zone + greatest(usual, key_accounts))::date);
BEGIN
    WITH due AS (
        SELECT c.customer_id, c.salesperson_id, i.after, i.spread
          FROM customer c,
               LATERAL (SELECT CASE WHEN c.is_key_account THEN key_accounts ELSE usual END) k(after),
               LATERAL (SELECT k.after, greatest(1, (today + k.after)::date - today)) i(after, spread)
         WHERE c.customer_id > after_customer AND c.salesperson_id IS NOT NULL AND c.customer_id <> 0 AND NOT c.is_seed
               -- sub-queries with a value, so that one customer after the other is looked up; the second as in planned_visits
           AND (SELECT count(*) FROM lead l WHERE l.customer_id = c.customer_id AND l.status = 'open') = 0
           AND (SELECT count(*) FROM visit p WHERE p.customer_id = c.customer_id AND p.status = 'planned' AND p.lead_id IS NULL
                   AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = p.customer_id
                                                         AND (d.planned_visit_id = p.visit_id OR d.status = 'completed'
                                                              AND (d.visited_at AT TIME ZONE zone)::date >= (p.visited_at AT TIME ZONE zone)::date))) = 0
         ORDER BY c.customer_id LIMIT max_visits FOR KEY SHARE OF c SKIP LOCKED),
    target AS (
        SELECT d.*, (SELECT max(x.at) FROM (SELECT max(v.visited_at) FROM visit v WHERE v.customer_id = d.customer_id AND v.status = 'completed' AND v.visited_at <= as_of
                                            UNION ALL SELECT max(a.called_at) FROM call a WHERE a.customer_id = d.customer_id
                                                         AND a.result IN ('reached', 'refused', 'promise', 'answered') AND a.called_at <= as_of) x(at)) AS contact_at
          FROM due d),
    inserted AS (
        INSERT INTO visit (customer_id, kind, status, visited_at, salesperson_id, request_id)
        SELECT t.customer_id, 'return call', 'planned', (visit_days[1 + t.day - today] + time '09:00') AT TIME ZONE zone, t.salesperson_id,
               format('plan_visits %s account by %s', extract(epoch FROM as_of), t.salesperson_id)
          FROM (SELECT u.*, CASE WHEN u.due_on >= today THEN u.due_on ELSE today + (u.customer_id % u.spread)::int END AS day
                  FROM (SELECT t.*, ((t.contact_at AT TIME ZONE zone) + t.after)::date AS due_on FROM target t) u) t
        ON CONFLICT (customer_id, request_id) DO NOTHING RETURNING visit_id)
    SELECT (SELECT count(*) FROM inserted), count(*), max(d.customer_id) INTO planned, accounts, last_customer FROM due d;
END
$$;
COMMENT ON FUNCTION plan_account_visits(timestamptz, int, bigint) IS 'plans the next visit of accounts behind a given one, by the settings account_visit_interval and key_account_visit_interval since the last completed contact; those long due are spread over the interval. Returns how many visits, of how many accounts, and the last of these. A part of plan_visits()';

-- Leads first, then accounts. place is where to begin, and where the next batch begins: behind a
-- lead, or, without a lead_id, behind an account; NULL: from the start, and at the end.
CREATE OR REPLACE FUNCTION plan_batch(as_of timestamptz, max_visits int, INOUT place jsonb, OUT planned bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    first_id constant bigint := '-9223372036854775808'::bigint;
    begin_at jsonb := place;
    leads    record;
    accounts record;
BEGIN
    planned := 0;
    IF begin_at IS NULL OR begin_at ->> 'lead_id' IS NOT NULL THEN
        SELECT * INTO leads FROM plan_lead_visits(as_of, max_visits, coalesce((begin_at ->> 'customer_id')::bigint, first_id), coalesce((begin_at ->> 'lead_id')::bigint, first_id));
        planned := leads.planned;
        begin_at := NULL;
        IF leads.leads = max_visits THEN
            place := jsonb_build_object('customer_id', leads.last_customer, 'lead_id', leads.last_lead);
            RETURN;
        ELSIF max_visits IS NOT NULL AND planned > 0 THEN       -- accounts are for the next batch: leads are locked now
            place := jsonb_build_object('customer_id', first_id);
            RETURN;
        END IF;
    END IF;
    SELECT * INTO accounts FROM plan_account_visits(as_of, max_visits, coalesce((begin_at ->> 'customer_id')::bigint, first_id));
    planned := planned + accounts.planned;
    place := CASE WHEN accounts.accounts = max_visits THEN jsonb_build_object('customer_id', accounts.last_customer) END;
END
$$;
COMMENT ON FUNCTION plan_batch(timestamptz, int, jsonb) IS 'plans the next visits of leads and accounts behind a place: how many, and where the next batch begins (NULL: this was the end). A part of plan_visits()';

-- In batches it goes through all leads and accounts, and then once more, for what somebody else had
-- locked. Not until nothing is left: apps that record visits all the time make more to plan, and the job
-- would go on as long as they do. What they leave is for the next night.
CREATE OR REPLACE FUNCTION plan_visits(as_of timestamptz DEFAULT now(), max_visits int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    begin_at      jsonb;
    pass          int;
    is_from_start boolean;
    planned       bigint := 0;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_visits < 1 THEN
        RAISE EXCEPTION 'max_visits must be at least 1, not %', max_visits
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away to plan all visits in one transaction.';
    END IF;
    PERFORM lead_move_lock();
    begin_at := CASE WHEN max_visits IS NOT NULL THEN batch_position('plan_visits', as_of) END;
    pass := coalesce((begin_at ->> 'pass')::int, 1);
    begin_at := nullif(begin_at - 'pass', '{}');
    is_from_start := begin_at IS NULL;
    LOOP
        EXIT WHEN pass > 2;
        SELECT b.place, b.planned INTO begin_at, planned FROM plan_batch(as_of, max_visits, begin_at) b;
        IF begin_at IS NULL THEN
            pass := pass + 1;
        END IF;
        EXIT WHEN planned > 0 OR begin_at IS NULL AND is_from_start;
        is_from_start := is_from_start OR begin_at IS NULL;     -- nothing left behind that place: look at all before saying so
    END LOOP;
    PERFORM batch_position_keep('plan_visits', as_of, CASE WHEN planned > 0 THEN coalesce(begin_at, '{}') || jsonb_build_object('pass', pass) END);
    RETURN planned;
END
$$;
COMMENT ON FUNCTION plan_visits(timestamptz, int) IS 'plans the next visit of every open lead that has none, by the interval of its grade (lead_grade.visit_interval; what marketing follows gets none), and of every account; nothing on days off (calendar). At most max_visits of them (NULL: all); returns how many. A visit that is overdue stays so. Call it until it returns 0, which it does when it has gone through all twice, whatever was recorded meanwhile; a second call for the same as_of plans nothing more. 22004, 22023 for wrong arguments';

CREATE OR REPLACE FUNCTION tasks(salesperson bigint, day date)
    RETURNS TABLE (task text, planned_on date, days_overdue int, customer_id bigint, customer_name text, lead_id bigint, lead_grade text, product text,
                   telephone text, last_contact_at timestamptz, moves_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path FROM CURRENT AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    IF day IS NULL THEN
        RAISE EXCEPTION 'day must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Name the day: current_date + 1 for tomorrow.';
    ELSIF NOT EXISTS (SELECT FROM salesperson s WHERE s.salesperson_id = tasks.salesperson) THEN
        RAISE EXCEPTION 'there is no salesperson %', coalesce(salesperson::text, 'NULL')
            USING ERRCODE = 'foreign_key_violation', HINT = 'Salespeople are the rows of table salesperson.';
    END IF;
    RETURN QUERY
    SELECT CASE WHEN p.lead_id IS NULL THEN 'account' ELSE 'lead' END, p.planned_on, greatest(tasks.day - p.planned_on, 0), p.customer_id, p.customer_name, p.lead_id, p.lead_grade, p.product,
           (SELECT k.value FROM contact_point k WHERE k.customer_id = p.customer_id AND k.kind IN ('phone', 'mobile') AND k.ended_on IS NULL AND k.status NOT IN ('bounced', 'refused')
             ORDER BY k.is_preferred DESC, k.contact_point_id LIMIT 1),
           (SELECT max(v.visited_at) FROM visit v WHERE v.customer_id = p.customer_id AND v.status = 'completed' AND (p.lead_id IS NULL OR v.lead_id = p.lead_id)),
           (SELECT stale_due_at(l.clock_started_at, r.stale_after, zone) FROM lead l JOIN stale_rule r ON r.lead_grade = l.lead_grade AND r.clock = 'deal' AND r.step_no <= l.stale_step_no + 1
             WHERE l.customer_id = p.customer_id AND l.lead_id = p.lead_id ORDER BY r.step_no DESC LIMIT 1)
      FROM planned_visits p LEFT JOIN lead_grade g ON g.lead_grade = p.lead_grade
     WHERE p.salesperson_id = tasks.salesperson AND p.planned_on <= tasks.day
     ORDER BY g.grade_no, p.planned_on, p.customer_id, p.lead_id;
END
$$;
COMMENT ON FUNCTION tasks(bigint, date) IS 'the visits and calls of a salesperson for a day: those planned for it and all that are overdue, the best grades first; with the telephone number, the last contact, and when the lead moves on if there is no deal (moves_at). 22004 without a day, 23503 for an unknown salesperson';
