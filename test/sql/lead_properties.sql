-- Stale leads over two simulated years: whatever happens to eighty leads in three teams, the rules
-- hold every night. Chance is a hash, so each run is the same.
SET client_min_messages = warning;
SELECT dupex.install('lead_years') IS NOT NULL AS installed;
SET search_path = lead_years, dupex, public;
SET timezone = 'UTC';
UPDATE setting SET value = 'UTC' WHERE setting = 'time_zone';
INSERT INTO team SELECT 'team ' || n, 'team ' || n FROM generate_series(1, 3) n;
-- two juniors, a middle, a senior and a manager in each team; some have a capacity, one comes late
INSERT INTO salesperson (salesperson_id, name, team, seniority, is_manager, capacity_per_month, started_on)
SELECT n, 'number ' || n, 'team ' || 1 + (n - 1) / 5, (ARRAY[1, 1, 2, 3, 4])[1 + (n - 1) % 5], n % 5 = 0, CASE WHEN n % 3 = 0 THEN 2 END, CASE n WHEN 8 THEN date '2024-09-01' END
  FROM generate_series(1, 15) n;
INSERT INTO stale_rule (lead_grade, step_no, stale_after, clock, action) VALUES ('intention', 1, '40 days', 'contact', 'reassign');
INSERT INTO customer (customer_id, kind, entered_as) SELECT generate_series(1, 80), 'internal', 'internal';
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) SELECT n, n, '2024-01-01', 1 FROM generate_series(1, 80) n;

CREATE FUNCTION lead_years.dice(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, salt) & 1073741823) / 1073741824.0;
CREATE FUNCTION lead_years.who(n bigint, d date) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN n % 15 = 1 AND d >= '2025-03-15' THEN 1 ELSE 1 + n % 15 END;              -- number 2 leaves that day
CREATE TABLE lead_years.duty (salesperson_id bigint, date_day date);          -- who was off in which night
CREATE TABLE lead_years.night (date_day date PRIMARY KEY, moved bigint, shown bigint, again bigint, still_stale bigint, left_over bigint);

CREATE PROCEDURE lead_years.live(d date) LANGUAGE plpgsql AS $$
DECLARE
    x float8;
    at timestamptz;
    l lead;
    n int;
    r text;
BEGIN
    FOR n IN 1..80 LOOP
        x := dice(n * 100000 + (d - date '2024-01-01'), 1);
        CONTINUE WHEN x > .06;
        at := d + time '09:00' + (dice(n * 100000 + (d - date '2024-01-01'), 2) * 8) * interval '1 hour';
        r := format('%s %s', d, n);
        SELECT * INTO l FROM lead o WHERE o.customer_id = n ORDER BY o.lead_id DESC LIMIT 1;
        IF NOT FOUND OR l.status = 'won' THEN
            PERFORM open_lead(n, grade => (ARRAY['prospective', 'intention', 'intention', 'potential'])[1 + floor(x / .06 * 4)::int], at => at,
                              salesperson => CASE WHEN x / .06 < .75 THEN who((dice(n, 3) * 15)::int, d) END, team => 'team ' || 1 + n % 3, request_id => r);
        ELSIF l.status = 'open' AND x < .025 THEN
            PERFORM record_visit(n, l.lead_id, at => at, salesperson => l.salesperson_id, request_id => r);
        ELSIF l.status = 'open' AND x < .05 THEN
            PERFORM set_grade(n, l.lead_id, (ARRAY['prospective', 'intention', 'potential'])[1 + floor(dice(n + 1000 * (d - date '2024-01-01'), 4) * 3)::int], at => at,
                              salesperson => coalesce(l.salesperson_id, who(n % 5, d)), request_id => r);
        ELSIF l.status = 'open' AND x < .053 THEN
            PERFORM close_lead(n, l.lead_id, 'won', customer_order => n, at => at, request_id => r);
        ELSIF l.status = 'open' AND x < .055 THEN
            PERFORM close_lead(n, l.lead_id, 'lost', reason => 'price', at => at, request_id => r);
        ELSIF l.status = 'open' AND l.salesperson_id IS NOT NULL AND x < .056 THEN
            PERFORM reassign_lead(n, l.lead_id, who(n, d), at => at, request_id => r);
        ELSIF l.status = 'defeated' THEN
            PERFORM record_response(n, channel => 'web', at => at, request_id => r);
        END IF;
    END LOOP;
    -- the meeting of Monday gives away what came back
    IF extract(isodow FROM d) = 1 THEN
        PERFORM assign_lead(t.customer_id, t.lead_id, t.to_salesperson_id, at => (d + time '18:00') AT TIME ZONE 'UTC') FROM leads_to_assign((d + time '17:00') AT TIME ZONE 'UTC') t WHERE t.to_salesperson_id IS NOT NULL;
    END IF;
    UPDATE salesperson s SET is_on_duty = dice(s.salesperson_id * 1000 + (d - date '2024-01-01') / 10, 5) > .2 AND coalesce(s.left_on >= d, true);
    IF d = '2025-03-15' THEN
        PERFORM hand_over_salesperson(2, d + interval '17 hours');
    END IF;
END $$;

DO $$
DECLARE
    d date;
    at timestamptz;
BEGIN
    FOR d IN SELECT generate_series(date '2024-01-01', '2025-12-31', interval '1 day')::date LOOP
        CALL live(d);
        at := d + interval '27 hours';
        INSERT INTO duty SELECT salesperson_id, d + 1 FROM salesperson WHERE NOT is_on_duty;
        INSERT INTO night SELECT d + 1, 0, CASE WHEN extract(day FROM d)::int % 5 = 0 THEN (SELECT count(*) FROM stale_leads(at) s WHERE s.move <> 'waits') END;
        UPDATE night n SET moved = move_stale_leads(at) WHERE n.date_day = d + 1;
        IF extract(day FROM d)::int % 5 = 0 THEN
            UPDATE night n SET again = move_stale_leads(at), still_stale = (SELECT count(*) FROM stale_leads(at) s WHERE s.move <> 'waits') WHERE n.date_day = d + 1;
        END IF;
        IF extract(isodow FROM d) = 7 THEN
            PERFORM plan_visits(at);
            UPDATE night n SET left_over = (SELECT count(*) FROM lead l JOIN lead_grade g USING (lead_grade)
                                             WHERE l.status = 'open' AND l.salesperson_id IS NOT NULL AND g.visit_interval IS NOT NULL AND l.next_visit_on IS NULL) WHERE n.date_day = d + 1;
        END IF;
    END LOOP;
END $$;
SELECT count(*) AS nights, sum(moved) > 300 AS many_moves, count(*) FILTER (WHERE moved <> shown) AS not_as_shown, sum(again) AS moved_again, sum(still_stale) AS still_stale, sum(left_over) AS unplanned FROM night;
SELECT kind, count(*) > 20 AS many FROM lead_move GROUP BY 1 ORDER BY 1;

-- each lead has one owner or marketing, and is what its last move says
CREATE VIEW lead_years.move AS
SELECT m.*, lag(to_salesperson_id) OVER w AS owner_before, lag(to_status) OVER w AS status_before, lag(to_grade) OVER w AS grade_before, row_number() OVER w AS n
  FROM lead_move m WINDOW w AS (PARTITION BY customer_id, lead_id ORDER BY lead_move_id);
SELECT count(*) AS broken_chains FROM move WHERE n > 1 AND (from_salesperson_id IS DISTINCT FROM owner_before OR from_status IS DISTINCT FROM status_before OR from_grade IS DISTINCT FROM grade_before);
SELECT count(*) AS unlike_last_move FROM lead l
  JOIN (SELECT DISTINCT ON (customer_id, lead_id) * FROM lead_move ORDER BY customer_id, lead_id, lead_move_id DESC) m USING (customer_id, lead_id)
 WHERE (l.salesperson_id, l.lead_grade, l.status) IS DISTINCT FROM (m.to_salesperson_id, m.to_grade, m.to_status);
SELECT count(*) AS defeated_with_owner FROM lead WHERE status = 'defeated' AND salesperson_id IS NOT NULL;
-- no lead moves twice in a night, none before its time, each with its rule, days and reason
SELECT count(*) AS twice FROM (SELECT FROM lead_move WHERE rule IS NOT NULL GROUP BY customer_id, lead_id, moved_at HAVING count(*) > 1) x;
SELECT count(*) AS too_early FROM lead_move WHERE rule ~ 'step' AND moved_at < clock_started_at + interval '3 months';
SELECT count(*) AS too_early_without_contact FROM lead_move m WHERE rule ~ 'without contact' AND (days_without_contact < 40 AND m.moved_at < (SELECT max(o.moved_at) FROM lead_move o
         WHERE o.customer_id = m.customer_id AND o.lead_id = m.lead_id AND o.lead_move_id < m.lead_move_id AND o.to_salesperson_id = m.from_salesperson_id) + interval '40 days');
SELECT count(*) AS incomplete FROM lead_move WHERE rule IS NOT NULL AND num_nulls(reason, days_on_clock, days_without_contact, stale_step_no, clock_started_at, to_grade) > 0;
-- the ladder: a prospective lead goes up once and is then defeated; it is not defeated before
SELECT count(*) AS wrong_steps FROM lead_move WHERE kind = 'defeated' AND (stale_step_no <> 1 OR to_grade <> 'prospective') OR kind = 'stale' AND to_grade = 'prospective' AND stale_step_no <> 0;

-- Who got it, against a count of all who could: nobody was passed over who was a better choice by
-- the rules. Loads are those of the month so far, of this night the moves before.
CREATE TABLE lead_years.received AS
SELECT lead_move_id, moved_at, to_salesperson_id AS salesperson_id FROM lead_move WHERE to_salesperson_id IS DISTINCT FROM from_salesperson_id AND to_salesperson_id IS NOT NULL;
CREATE TABLE lead_years.choice AS
SELECT m.lead_move_id, m.to_salesperson_id, m.from_salesperson_id, p.salesperson_id, m.rule ~ 'to senior' AS to_senior, p.is_manager,
       (SELECT count(*) FROM received r WHERE r.salesperson_id = p.salesperson_id AND r.moved_at >= date_trunc('month', m.moved_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
           AND (r.moved_at < m.moved_at OR r.moved_at = m.moved_at AND r.lead_move_id < m.lead_move_id)) AS taken,
       p.capacity_per_month,
       (SELECT max(c.capacity_per_month) FROM salesperson c WHERE c.team = p.team AND (c.started_on IS NULL OR c.started_on <= (m.moved_at AT TIME ZONE 'UTC')::date)
           AND (c.left_on IS NULL OR c.left_on >= (m.moved_at AT TIME ZONE 'UTC')::date)) AS team_capacity,
       EXISTS (SELECT FROM lead_move h WHERE h.customer_id = m.customer_id AND h.lead_id = m.lead_id AND h.lead_move_id < m.lead_move_id
                                         AND p.salesperson_id IN (h.from_salesperson_id, h.to_salesperson_id)) AS has_had_it
  FROM lead_move m JOIN lead l USING (customer_id, lead_id) JOIN salesperson f ON f.salesperson_id = m.from_salesperson_id
  JOIN lead_years.night n ON n.date_day = (m.moved_at AT TIME ZONE 'UTC')::date
  JOIN salesperson p ON p.salesperson_id <> m.from_salesperson_id AND (p.is_manager OR m.rule !~ 'to senior' OR p.seniority > f.seniority)
   -- the team in charge then: a hand that moves a lead to another team changes it
   AND p.team = coalesce((SELECT t.team FROM lead_move h JOIN salesperson t ON t.salesperson_id = h.to_salesperson_id WHERE h.customer_id = m.customer_id AND h.lead_id = m.lead_id
                             AND h.lead_move_id < m.lead_move_id AND h.kind IN ('assigned', 'reopened') ORDER BY h.lead_move_id DESC LIMIT 1),
                         'team ' || 1 + m.customer_id % 3)
   AND (p.started_on IS NULL OR p.started_on <= n.date_day) AND (p.left_on IS NULL OR p.left_on >= n.date_day)
   AND NOT EXISTS (SELECT FROM duty d WHERE d.salesperson_id = p.salesperson_id AND d.date_day = n.date_day)
 WHERE m.kind = 'stale' AND l.lead_id IS NOT NULL;
SELECT count(DISTINCT lead_move_id) > 200 AS many, count(*) FILTER (WHERE is_chosen) = count(DISTINCT lead_move_id) AS one_each, count(*) FILTER (WHERE is_chosen AND place > 1) AS better_passed_over
  FROM (SELECT lead_move_id, salesperson_id = to_salesperson_id AS is_chosen,
               row_number() OVER (PARTITION BY lead_move_id ORDER BY has_had_it, is_manager, taken / coalesce(capacity_per_month, team_capacity, 1)::float8, salesperson_id) AS place
          FROM choice WHERE capacity_per_month IS NULL OR taken < capacity_per_month) c;

-- one run after thirty days without events moves the same leads by the same rules as thirty nights
CREATE FUNCTION lead_years.moved_in(step int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    UPDATE salesperson SET is_on_duty = true, capacity_per_month = NULL;
    DELETE FROM stale_rule WHERE clock = 'contact';
    PERFORM move_stale_leads(timestamptz '2026-01-01 03:00+00' + d * interval '1 day') FROM generate_series(step, 30, step) d;
    SELECT string_agg(format('%s %s', customer_id, rule), ', ' ORDER BY customer_id, rule) INTO result FROM lead_move WHERE moved_at > '2026-01-01 04:00+00';
    RAISE EXCEPTION '%', result;
EXCEPTION WHEN raise_exception THEN RETURN SQLERRM;
END $$;
SELECT moved_in(1) = moved_in(30) AS same, moved_in(30) = moved_in(10) AS same_again, length(moved_in(1)) > 100 AS something;
SELECT check_name, problems, example FROM check_integrity() WHERE problems > 0;
DROP SCHEMA lead_years CASCADE;
