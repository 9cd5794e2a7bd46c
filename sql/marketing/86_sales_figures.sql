-- What salespeople did, day by day, and the figures of the sales meeting made from it.
--
-- sales_event has one row per thing that counts for a measure, with its time, so that a report of a
-- period reads that period alone; salesperson_day adds it up. Figures are rows of sales_figure:
-- numerators and denominators are added first, and divided last.

CREATE OR REPLACE VIEW sales_event AS
SELECT r.received_at AS happened_at, r.salesperson_id, m.measure, m.amount::numeric(20,4) AS amount
  FROM reception r
  LEFT JOIN LATERAL (SELECT f.* FROM reception_form f WHERE f.customer_id = r.customer_id AND f.reception_id = r.reception_id ORDER BY f.reception_form_id DESC LIMIT 1) f ON true,
       LATERAL (VALUES ('receptions', 1), ('forms', (f.reception_form_id IS NOT NULL)::int), ('form_fields', f.required_fields), ('form_fields_filled', f.filled_fields),
                       ('form_fields_checked', f.checked_fields), ('form_fields_plausible', f.plausible_fields), ('reception_leads', (r.lead_id IS NOT NULL)::int)) m (measure, amount)
 WHERE r.salesperson_id IS NOT NULL AND m.amount <> 0
UNION ALL
SELECT l.moved_at, CASE WHEN m.measure = 'leads_moved_away' OR l.to_salesperson_id IS NULL THEN l.from_salesperson_id ELSE l.to_salesperson_id END, m.measure, 1::numeric(20,4)
  FROM lead_move l
  LEFT JOIN lead_grade f ON f.lead_grade = l.from_grade
  LEFT JOIN lead_grade t ON t.lead_grade = l.to_grade,
       LATERAL (VALUES ('leads_opened', l.kind = 'opened'), ('upgrades', l.kind = 'graded' AND t.grade_no < f.grade_no), ('downgrades', l.kind = 'graded' AND t.grade_no > f.grade_no),
                       ('leads_won', l.kind = 'won'), ('leads_closed', l.from_status = 'open' AND l.to_status <> 'open'),
                       ('leads_moved_away', l.kind IN ('stale', 'defeated') AND l.rule IS NOT NULL)) m (measure, is_true)
 WHERE m.is_true
UNION ALL
SELECT v.visited_at, v.salesperson_id, m.measure, m.amount::numeric(20,4)
  FROM visit v,
       LATERAL (VALUES ('visits', 1), ('field_visits', (v.kind = 'field call')::int),
                       ('visit_cost', CASE v.kind WHEN 'field call' THEN (SELECT c.cost FROM contact_cost c WHERE c.contact = 'visit' AND c.starts_on <= v.visited_at ORDER BY c.starts_on DESC LIMIT 1) END)) m (measure, amount)
 WHERE v.status = 'completed' AND v.salesperson_id IS NOT NULL AND m.amount <> 0
UNION ALL
SELECT v.visited_at, v.salesperson_id, m.measure, 1::numeric(20,4)
  FROM visit v
  LEFT JOIN LATERAL (SELECT bool_or(d.status = 'completed') AS is_kept FROM visit d
                      WHERE d.customer_id = v.customer_id AND d.lead_id IS NOT DISTINCT FROM v.lead_id AND d.planned_visit_id = v.visit_id) d ON true,
       LATERAL (VALUES ('visits_due', coalesce(d.is_kept, true)), ('visits_kept', coalesce(d.is_kept, false))) m (measure, is_true)
 WHERE v.status = 'planned' AND v.salesperson_id IS NOT NULL AND m.is_true
UNION ALL
SELECT k.called_at, k.salesperson_id, m.measure, m.amount::numeric(20,4)
  FROM call k,
       LATERAL (VALUES ('calls', (k.direction = 'outbound')::int), ('contacts', (k.direction = 'outbound' AND k.result IN ('reached', 'refused', 'promise'))::int),
                       ('promises', (k.result = 'promise')::int), ('calls_in', (k.direction = 'inbound')::int), ('calls_lost', (k.result = 'lost')::int),
                       ('call_minutes', CASE WHEN k.direction = 'outbound' AND k.result IN ('reached', 'refused', 'promise') THEN k.seconds / 60.0 END),
                       ('call_cost', CASE k.direction WHEN 'outbound' THEN (SELECT c.cost FROM contact_cost c WHERE c.contact = 'call' AND c.starts_on <= k.called_at ORDER BY c.starts_on DESC LIMIT 1) END)) m (measure, amount)
 WHERE k.salesperson_id IS NOT NULL AND m.amount <> 0
UNION ALL
SELECT o.ordered_at, o.salesperson_id, m.measure, m.amount::numeric(20,4)
  FROM customer_order o, LATERAL (VALUES ('orders', 1), ('net_revenue', o.revenue), ('phone_revenue', CASE o.response_channel WHEN 'call' THEN o.revenue END)) m (measure, amount)
 WHERE o.salesperson_id IS NOT NULL AND m.amount <> 0
UNION ALL
SELECT r.returned_at, o.salesperson_id, 'net_revenue', (- r.amount)::numeric(20,4)
  FROM order_return r JOIN customer_order o ON o.customer_id = r.customer_id AND o.customer_order_id = r.customer_order_id
 WHERE o.salesperson_id IS NOT NULL
UNION ALL
SELECT a.answered_at, a.salesperson_id, 'hand_overs_accepted', 1::numeric(20,4)
  FROM lead_hand_over_answer a WHERE a.answer = 'accepted' AND a.salesperson_id IS NOT NULL;
COMMENT ON VIEW sales_event IS 'what salespeople did, one row per thing and measure, with its time. A visit that was planned and cancelled is not due';
COMMENT ON COLUMN sales_event.happened_at IS 'when; a planned visit: when it was planned for';
COMMENT ON COLUMN sales_event.salesperson_id IS 'who';
COMMENT ON COLUMN sales_event.measure IS 'receptions, forms, form_fields (required ones), form_fields_filled, form_fields_checked, form_fields_plausible, reception_leads, leads_opened, upgrades, downgrades, leads_won, leads_closed, leads_moved_away, visits, field_visits, visit_cost, visits_due, visits_kept, calls, contacts, promises, calls_in, calls_lost, call_minutes, call_cost, orders, net_revenue, phone_revenue or hand_overs_accepted';
COMMENT ON COLUMN sales_event.amount IS 'what it adds to the measure: 1, minutes, or money in the currency of the database';

CREATE OR REPLACE VIEW salesperson_day AS
SELECT e.date_day, e.salesperson_id, s.name AS salesperson, s.team, e.measure, e.amount
  FROM (SELECT (e.happened_at AT TIME ZONE z.value)::date AS date_day, e.salesperson_id, e.measure, sum(e.amount)::numeric(20,4) AS amount
          FROM sales_event e JOIN setting z ON z.setting = 'time_zone' GROUP BY 1, 2, 3) e
  JOIN salesperson s ON s.salesperson_id = e.salesperson_id;
COMMENT ON VIEW salesperson_day IS 'what each salesperson did on each day: additive measures in long form, see sales_event. Ratios are made from sums: sales_figure says which';
COMMENT ON COLUMN salesperson_day.date_day IS 'the day where the business is';
COMMENT ON COLUMN salesperson_day.salesperson_id IS 'who';
COMMENT ON COLUMN salesperson_day.salesperson IS 'name';
COMMENT ON COLUMN salesperson_day.team IS 'the team he is in now';
COMMENT ON COLUMN salesperson_day.measure IS 'the measure, see sales_event';
COMMENT ON COLUMN salesperson_day.amount IS 'its sum on the day';

CREATE OR REPLACE FUNCTION working_days(since date, until date) RETURNS bigint
    LANGUAGE sql STABLE STRICT SET search_path FROM CURRENT AS
$$
    SELECT count(*) FROM calendar c WHERE c.date_day BETWEEN $1 AND $2 AND NOT c.is_day_off
$$;
COMMENT ON FUNCTION working_days(date, date) IS 'working days from one day to another, both included, by table calendar';

-- The measures of a period, added up in blocks of so many days counted back from its last day; with
-- call_days, the days on which a person made a call.
CREATE OR REPLACE FUNCTION sales_measures(since date, until date, block_days int DEFAULT NULL)
    RETURNS TABLE (salesperson_id bigint, team text, block_no int, measure text, amount numeric)
    LANGUAGE plpgsql STABLE ROWS 1000 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    zone text := setting_value('time_zone');
BEGIN
    RETURN QUERY
    WITH day AS MATERIALIZED (
        SELECT e.salesperson_id, (e.happened_at AT TIME ZONE zone)::date AS date_day, e.measure, sum(e.amount) AS amount
          FROM sales_event e
         WHERE e.happened_at >= since::timestamp AT TIME ZONE zone AND e.happened_at < (until + 1)::timestamp AT TIME ZONE zone
         GROUP BY 1, 2, 3)
    SELECT d.salesperson_id, s.team, coalesce((until - d.date_day) / block_days, 0), d.measure, sum(d.amount)
      FROM (SELECT * FROM day UNION ALL SELECT c.salesperson_id, c.date_day, 'call_days', 1 FROM day c WHERE c.measure = 'calls') d
      JOIN salesperson s ON s.salesperson_id = d.salesperson_id
     GROUP BY 1, 2, 3, 4;
END
$$;
COMMENT ON FUNCTION sales_measures(date, date, int) IS 'the measures of sales_event from one day to another, by salesperson and block of block_days days (0: the last days, 1: those before, ...; NULL: one block). A part of sales_results()';

-- The target of a figure for a period: of whoever it is asked for, else added up from below, but only
-- where nobody is missing there: the sum of some is no target of all.
CREATE OR REPLACE FUNCTION sales_target_amount(figure text, since date, until date, team text, salesperson bigint) RETURNS numeric
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    result numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM sales_target t WHERE t.figure = sales_target_amount.figure AND t.starts_on <= until AND t.ends_on >= since) THEN
        RETURN NULL;
    ELSIF (SELECT f.denominator IS NOT NULL FROM sales_figure f WHERE f.figure = sales_target_amount.figure) THEN
        RETURN (SELECT t.amount FROM sales_target t
                 WHERE t.figure = sales_target_amount.figure AND t.starts_on <= until AND t.ends_on >= until
                   AND t.team IS NOT DISTINCT FROM sales_target_amount.team AND t.salesperson_id IS NOT DISTINCT FROM salesperson
                 ORDER BY t.ends_on - t.starts_on, t.sales_target_id LIMIT 1);
    END IF;
    -- its share by working days; of targets for the same day the one for the shortest period
    SELECT sum(d.amount) INTO result
      FROM (SELECT DISTINCT ON (c.date_day) t.amount / nullif(working_days(t.starts_on, t.ends_on), 0) AS amount
              FROM sales_target t JOIN calendar c ON c.date_day BETWEEN greatest(t.starts_on, since) AND least(t.ends_on, until) AND NOT c.is_day_off
             WHERE t.figure = sales_target_amount.figure AND t.team IS NOT DISTINCT FROM sales_target_amount.team AND t.salesperson_id IS NOT DISTINCT FROM salesperson
             ORDER BY c.date_day, t.ends_on - t.starts_on, t.sales_target_id) d;
    IF result IS NULL AND salesperson IS NULL THEN
        SELECT CASE WHEN bool_and(b.amount IS NOT NULL) THEN sum(b.amount) END INTO result
          FROM (SELECT sales_target_amount(sales_target_amount.figure, since, until, CASE WHEN sales_target_amount.team IS NULL THEN s.team END,
                                           CASE WHEN sales_target_amount.team IS NOT NULL THEN s.salesperson_id END) AS amount
                  FROM (SELECT DISTINCT p.team, CASE WHEN sales_target_amount.team IS NOT NULL THEN p.salesperson_id END AS salesperson_id FROM salesperson p
                         WHERE NOT p.is_manager AND p.team IS NOT NULL AND (p.team = sales_target_amount.team OR sales_target_amount.team IS NULL)
                           AND coalesce(p.started_on <= until, true) AND coalesce(p.left_on >= since, true)) s) b;
    END IF;
    RETURN round(result, 4);
END
$$;
COMMENT ON FUNCTION sales_target_amount(text, date, date, text, bigint) IS 'the target of a figure from one day to another, for a salesperson, a team or (both NULL) all: its share by working days of the rows of sales_target for exactly that; where there is none, the sum of those of the team''s people, or of the teams, when each of them has one (managers need none). A ratio: that of the shortest period which holds the last day. NULL when there is none';

CREATE OR REPLACE FUNCTION sales_results(since date, until date, team text DEFAULT NULL, salesperson bigint DEFAULT NULL, by text DEFAULT 'salesperson')
    RETURNS TABLE (team_name text, salesperson_id bigint, salesperson_name text, figure text, name text, unit text, numerator numeric, denominator numeric,
                   actual numeric, target numeric, share_of_target numeric)
    LANGUAGE plpgsql STABLE ROWS 200 SET search_path FROM CURRENT AS
$$
BEGIN
    PERFORM check_word('by', by, ARRAY['salesperson', 'team', 'all']);
    IF since IS NULL OR until IS NULL OR until < since THEN
        RAISE EXCEPTION 'there is no day from % to %', coalesce(since::text, 'NULL'), coalesce(until::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give the first and the last day.';
    END IF;
    PERFORM check_dimensions(team => sales_results.team, salesperson => salesperson);
    RETURN QUERY
    WITH sums AS (
        SELECT CASE WHEN by <> 'all' THEN m.team END AS team, CASE by WHEN 'salesperson' THEN m.salesperson_id END AS person, m.measure, sum(m.amount) AS amount
          FROM sales_measures(since, until) m
         WHERE (m.team = sales_results.team OR sales_results.team IS NULL) AND (m.salesperson_id = salesperson OR salesperson IS NULL)
         GROUP BY 1, 2, 3),
    who AS (
        SELECT DISTINCT s.team, s.person FROM sums s
         UNION SELECT CASE WHEN by <> 'all' THEN coalesce(t.team, p.team) END, CASE by WHEN 'salesperson' THEN t.salesperson_id END
                 FROM sales_target t LEFT JOIN salesperson p ON p.salesperson_id = t.salesperson_id
                WHERE t.starts_on <= until AND t.ends_on >= since AND (by <> 'salesperson' OR t.salesperson_id IS NOT NULL) AND (by <> 'team' OR num_nonnulls(t.team, p.team) > 0)
                  AND (coalesce(t.team, p.team) = sales_results.team OR sales_results.team IS NULL) AND (t.salesperson_id = salesperson OR salesperson IS NULL)),
    filled AS (
        -- where nothing is known of the cost of a contact, the cost is not 0
        SELECT w.team, w.person, f.figure, f.name, f.unit, f.figure_no, f.denominator IS NULL AS is_sum, d.amount AS den,
               CASE WHEN f.numerator NOT IN ('call_cost', 'visit_cost') OR n.amount IS NOT NULL THEN coalesce(n.amount, 0) END AS num, n.amount IS NOT NULL AS is_fact,
               sales_target_amount(f.figure, since, until, CASE WHEN by = 'all' THEN sales_results.team WHEN w.person IS NULL THEN w.team END, coalesce(w.person, CASE by WHEN 'all' THEN salesperson END)) AS goal
          FROM who w CROSS JOIN sales_figure f
          LEFT JOIN sums n ON n.team IS NOT DISTINCT FROM w.team AND n.person IS NOT DISTINCT FROM w.person AND n.measure = f.numerator
          LEFT JOIN sums d ON d.team IS NOT DISTINCT FROM w.team AND d.person IS NOT DISTINCT FROM w.person AND d.measure = f.denominator)
    SELECT x.team, x.person, p.name, x.figure, x.name, x.unit, trim_scale(x.num), trim_scale(x.den), trim_scale(a.actual), trim_scale(x.goal), round(a.actual / nullif(x.goal, 0), 4)
      FROM filled x LEFT JOIN salesperson p ON p.salesperson_id = x.person,
           LATERAL (SELECT CASE WHEN x.is_sum THEN x.num ELSE round(x.num / nullif(x.den, 0), 4) END AS actual) a
     WHERE x.is_fact OR x.den IS NOT NULL AND x.num IS NOT NULL OR x.goal IS NOT NULL
     ORDER BY x.team, p.name, x.person, x.figure_no;
END
$$;
COMMENT ON FUNCTION sales_results(date, date, text, bigint, text) IS 'the figures of a day, week, month or any other period, actual against target: since and until are its first and last day; of a team, a salesperson or all; by salesperson, by team, or for all together. A figure is a row of sales_figure: numerator and denominator are sums over the period, actual is the one divided by the other, or the numerator. Figures without facts and target are left out; so are those of cost where contact_cost says nothing (with a target their actual is NULL). 22023, 22004, 23503 for wrong arguments';
