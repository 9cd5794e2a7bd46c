-- The ledger of attribution: to which effort an answer, lead, visit, order or return counts.
--
-- A fact counts for its own code when that is registered (as mended last, else as read); a fact
-- without one follows what it hangs on: a response the touch that it answers, a lead its response, a visit its lead, an order its
-- response or lead, an attendance the registration, a return its order. An order that knows no
-- effort in these ways is matched back (41_match_back). What is left counts as UNSOURCED. So the kinds are worked on in that order, each looking at the rows that the ones
-- before it have in the ledger.
--
-- A fact is looked at when it is new, was mended, when its code was registered since, or when
-- what it hangs on has moved in this very refresh. What it should be is compared with what the
-- ledger says: only a difference is written, a minus for the old and a plus for the new. The
-- roll-up then adds the ledger's new rows. Answers of seed names are left out. A rebuild, which has
-- nothing to compare with, writes the ledger in one go (44_rebuild).

-- The types of all arms must be the same to the letter, and no arm may have a WHERE of its own: only
-- then are they scanned through their indexes.
CREATE OR REPLACE VIEW attributable_fact AS
SELECT fact, customer_id, fact_id, happened_at, own_code, recorded_xid, parent_fact, parent_id, second_fact, second_id, amount, cost_of_goods
  FROM (
SELECT 'response'::text AS fact, customer_id, response_id AS fact_id, responded_at AS happened_at, source_code AS own_code, recorded_xid,
       'touch'::text AS parent_fact, touch_id AS parent_id, NULL::text AS second_fact, NULL::bigint AS second_id,
       0::numeric AS amount, 0::numeric AS cost_of_goods, true AS is_counted
  FROM response
UNION ALL
SELECT 'lead'::text, customer_id, lead_id, opened_at, source_code, recorded_xid,
       'response'::text, response_id, NULL::text, NULL::bigint, 0::numeric, 0::numeric, true
  FROM lead
UNION ALL
SELECT 'visit'::text, customer_id, visit_id, visited_at, source_code, recorded_xid,
       'lead'::text, lead_id, NULL::text, NULL::bigint, 0::numeric, 0::numeric, status = 'completed'
  FROM visit
UNION ALL
SELECT 'event_registration'::text, customer_id, event_registration_id, registered_at, source_code, recorded_xid,
       NULL::text, NULL::bigint, NULL::text, NULL::bigint, 0::numeric, 0::numeric, true
  FROM event_registration
UNION ALL
SELECT 'event_attendance'::text, customer_id, event_attendance_id, attended_at, source_code, recorded_xid, 'event_registration'::text,
       (SELECT min(r.event_registration_id) FROM event_registration r JOIN attribution a
            ON a.customer_id = r.customer_id AND a.fact = 'event_registration' AND a.fact_id = r.event_registration_id
         WHERE r.customer_id = event_attendance.customer_id AND r.event_id = event_attendance.event_id),
       NULL::text, NULL::bigint, 0::numeric, 0::numeric, true
  FROM event_attendance
UNION ALL
SELECT 'customer_order'::text, customer_id, customer_order_id, ordered_at, source_code, recorded_xid,
       'response'::text, response_id, 'lead'::text, lead_id, revenue::numeric, cost_of_goods::numeric, true
  FROM customer_order
UNION ALL
SELECT 'order_return'::text, customer_id, order_return_id, returned_at, source_code, recorded_xid,
       'customer_order'::text, customer_order_id, NULL::text, NULL::bigint, amount::numeric, cost_of_goods::numeric, true
  FROM order_return) f
 WHERE is_counted;
COMMENT ON VIEW attributable_fact IS 'facts that count for an effort, in one shape, with what they hang on; for refresh_reports()';
COMMENT ON COLUMN attributable_fact.fact IS 'table of the fact';
COMMENT ON COLUMN attributable_fact.customer_id IS 'the customer';
COMMENT ON COLUMN attributable_fact.fact_id IS 'key of the fact within the customer';
COMMENT ON COLUMN attributable_fact.happened_at IS 'when it happened: the day it counts on';
COMMENT ON COLUMN attributable_fact.own_code IS 'the code given with the fact itself, registered or not';
COMMENT ON COLUMN attributable_fact.recorded_xid IS 'transaction that recorded it';
COMMENT ON COLUMN attributable_fact.parent_fact IS 'table of the fact that it hangs on';
COMMENT ON COLUMN attributable_fact.parent_id IS 'key of that fact';
COMMENT ON COLUMN attributable_fact.second_fact IS 'table of a further fact that it hangs on, asked when the first knows no effort';
COMMENT ON COLUMN attributable_fact.second_id IS 'key of that fact';
COMMENT ON COLUMN attributable_fact.amount IS 'money, in the currency of the database';
COMMENT ON COLUMN attributable_fact.cost_of_goods IS 'cost of the goods, in the currency of the database';

-- Facts of one kind that may count differently than the ledger says. What was registered or has
-- moved comes as arrays, so that the planner knows how few they are.
CREATE OR REPLACE FUNCTION due_facts(due_fact text, win refresh_window) RETURNS SETOF attributable_fact
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT f.* FROM attributable_fact f
     WHERE f.fact = due_fact AND is_new(f.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
    UNION
    SELECT f.* FROM attributable_fact f
     WHERE f.fact = due_fact AND f.own_code = ANY (win.new_sources) AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
    UNION
    SELECT f.* FROM code_mend m JOIN attributable_fact f ON f.fact = m.fact AND f.customer_id = m.customer_id AND f.fact_id = m.fact_id
     WHERE m.fact = due_fact AND f.fact = due_fact AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
       AND (m.source_code = ANY (win.new_sources) OR is_new(m.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot))
    UNION
    SELECT f.* FROM unnest(win.moved) p
      JOIN attributable_fact f ON f.customer_id = p.customer_id AND f.parent_fact = p.fact AND f.parent_id = p.fact_id
     WHERE f.fact = due_fact AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
    UNION
    SELECT f.* FROM unnest(win.moved) p
      JOIN attributable_fact f ON f.customer_id = p.customer_id AND f.second_fact = p.fact AND f.second_id = p.fact_id
     WHERE f.fact = due_fact AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
    UNION
    -- a touch that came after the response which names it
    SELECT f.* FROM touch t JOIN attributable_fact f ON f.customer_id = t.customer_id AND f.parent_fact = 'touch' AND f.parent_id = t.touch_id
     WHERE due_fact = 'response' AND f.fact = due_fact AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
       AND is_new(t.recorded_xid, win.taken_xmax, win.taken_xip, win.snapshot)
    UNION
    SELECT f.* FROM attributable_fact f
     WHERE f.fact = due_fact AND f.customer_id = ANY (win.people) AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot)
    UNION
    SELECT f.* FROM reopened_orders(due_fact, win) r
      JOIN attributable_fact f ON f.customer_id = r.customer_id AND f.fact_id = r.customer_order_id
     WHERE f.fact = due_fact AND pg_visible_in_snapshot(f.recorded_xid, win.snapshot);
END
$$;
COMMENT ON FUNCTION due_facts(text, refresh_window) IS 'facts of one kind whose attribution a refresh has to look at; a part of refresh_reports()';

-- What one fact counts for. The rule stands here alone, for the refresh and the rebuild. Inlined. Each fact is
-- looked up through indexes, also where all are asked for: joined as whole tables a rebuild could be faster by
-- a little, but a planner without statistics may then join each fact with each source. The ledger is not looked at for what hangs on
-- no fact in it: empty when the plan is made, it may be read as a whole, and grows meanwhile. Which codes are
-- registered is asked of effort_window, the registry as this refresh has read it, or the last one where people are
-- merged: the next refresh looks for codes that have come into it or left it, and a code that was renamed to and fro
-- in between would be missed.
CREATE OR REPLACE FUNCTION effort_of(customer bigint, household bigint, fact text, fact_id bigint, day date, own_code source_code,
                                     parent_fact text, parent_id bigint, second_fact text, second_id bigint, time_zone text, snapshot pg_snapshot)
    RETURNS TABLE (source_code source_code, method text)
    LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(s.source_code, t.source_code, p.source_code, q.source_code, b.source_code, 'UNSOURCED'),
           CASE WHEN s.source_code IS NULL THEN coalesce(CASE WHEN t.source_code IS NOT NULL THEN 'by touch' END, 'by ' || p.fact, 'by ' || q.fact, b.method, 'none')
                WHEN m.customer_id IS NULL THEN 'given'
                ELSE 'mended' END
      FROM (SELECT 1 AS one) AS always
      LEFT JOIN LATERAL (SELECT c.customer_id, c.source_code FROM code_mend c
                          WHERE c.customer_id = effort_of.customer AND c.fact = effort_of.fact AND c.fact_id = effort_of.fact_id
                            AND pg_visible_in_snapshot(c.recorded_xid, effort_of.snapshot)
                          ORDER BY c.code_mend_id DESC LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT r.source_code FROM effort_window r
                          WHERE r.source_code = CASE WHEN m.customer_id IS NULL THEN effort_of.own_code ELSE m.source_code END LIMIT 1) s ON true
      LEFT JOIN LATERAL (SELECT g.source_code FROM touch g
                          WHERE effort_of.parent_fact = 'touch' AND g.customer_id = effort_of.customer AND g.touch_id = effort_of.parent_id
                            AND g.source_code <> 'UNSOURCED' AND pg_visible_in_snapshot(g.recorded_xid, effort_of.snapshot) LIMIT 1) t ON true
      LEFT JOIN LATERAL (SELECT a.fact, a.source_code, a.method FROM attribution a
                          WHERE effort_of.parent_fact <> 'touch' AND effort_of.parent_id IS NOT NULL
                            AND a.customer_id = effort_of.customer AND a.fact = effort_of.parent_fact AND a.fact_id = effort_of.parent_id AND a.sign = 1
                          ORDER BY a.attribution_id DESC LIMIT 1) p ON p.method <> 'none'
      LEFT JOIN LATERAL (SELECT a.fact, a.source_code, a.method FROM attribution a
                          WHERE effort_of.second_id IS NOT NULL
                            AND a.customer_id = effort_of.customer AND a.fact = effort_of.second_fact AND a.fact_id = effort_of.second_id AND a.sign = 1
                          ORDER BY a.attribution_id DESC LIMIT 1) q ON q.method <> 'none'
      LEFT JOIN LATERAL match_back(CASE WHEN coalesce(s.source_code, p.source_code, q.source_code) IS NULL THEN effort_of.customer END,
                                   effort_of.household, effort_of.day, effort_of.time_zone, effort_of.snapshot) b ON effort_of.fact = 'customer_order';
END;
COMMENT ON FUNCTION effort_of(bigint, bigint, text, bigint, date, source_code, text, bigint, text, bigint, text, pg_snapshot) IS 'the effort that a fact counts for and how it was found, from what is recorded and from the ledger rows of what it hangs on; one row. A part of refresh_reports()';

-- What moves is kept in an array until the refresh is over: so that it fits (an array may have 1 GB, and one of so
-- many facts has 60 MB), and because from some number on a rebuild is faster.
CREATE OR REPLACE FUNCTION most_moved_facts() RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 1000000;
COMMENT ON FUNCTION most_moved_facts() IS 'number of facts that one refresh may attribute anew; where there are more, for example after a giant load, refresh_reports() makes the reports again from nothing';

-- What each due fact should count for, against what the ledger says of it (its last row that
-- adds): the difference is written. OFFSET 0 keeps the planner from joining customers after the
-- look-ups, whose estimated cost would drown every difference between joins.
CREATE OR REPLACE FUNCTION attribute_facts(due_fact text, win refresh_window, OUT changed bigint, OUT moved moved_fact[])
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    WITH wanted AS (
        SELECT f.customer_id, f.fact_id, f.date_day, f.amount, f.cost_of_goods, e.source_code, e.method
          FROM (SELECT d.*, (d.happened_at AT TIME ZONE win.time_zone)::date AS date_day, c.household_id
                  FROM due_facts(due_fact, win) d JOIN customer c ON c.customer_id = d.customer_id AND NOT c.is_seed
                OFFSET 0) f
         CROSS JOIN LATERAL effort_of(f.customer_id, f.household_id, due_fact, f.fact_id, f.date_day, f.own_code,
                                      f.parent_fact, f.parent_id, f.second_fact, f.second_id, win.time_zone, win.snapshot) e
    ), compared AS (
        SELECT w.*, o.date_day AS old_day, o.source_code AS old_code, o.method AS old_method, o.amount AS old_amount, o.cost_of_goods AS old_cost
          FROM wanted w
          LEFT JOIN LATERAL (SELECT a.* FROM attribution a
                              WHERE a.customer_id = w.customer_id AND a.fact = due_fact AND a.fact_id = w.fact_id AND a.sign = 1
                              ORDER BY a.attribution_id DESC LIMIT 1) o ON true
         WHERE (w.date_day, w.source_code, w.method, w.amount, w.cost_of_goods)
               IS DISTINCT FROM (o.date_day, o.source_code, o.method, o.amount, o.cost_of_goods)
    ), written AS (
        INSERT INTO attribution (customer_id, fact, fact_id, sign, date_day, source_code, method, amount, cost_of_goods)
        SELECT customer_id, due_fact, fact_id, -1, old_day, old_code, old_method, old_amount, old_cost FROM compared WHERE old_day IS NOT NULL
        UNION ALL
        SELECT customer_id, due_fact, fact_id, 1, date_day, source_code, method, amount, cost_of_goods FROM compared
        RETURNING *
    ), added AS (
        INSERT INTO source_day AS d (date_day, source_code, responses, leads, visits, registrations, attendances, orders, matched_orders,
                                     revenue, matched_revenue, returned, cost_of_goods)
        SELECT date_day, source_code,
               CASE due_fact WHEN 'response' THEN sum(sign) ELSE 0 END, CASE due_fact WHEN 'lead' THEN sum(sign) ELSE 0 END,
               CASE due_fact WHEN 'visit' THEN sum(sign) ELSE 0 END, CASE due_fact WHEN 'event_registration' THEN sum(sign) ELSE 0 END,
               CASE due_fact WHEN 'event_attendance' THEN sum(sign) ELSE 0 END, CASE due_fact WHEN 'customer_order' THEN sum(sign) ELSE 0 END,
               coalesce(sum(sign) FILTER (WHERE method IN ('by person', 'by household')), 0),
               CASE due_fact WHEN 'customer_order' THEN sum(sign * amount) ELSE 0 END,
               coalesce(sum(sign * amount) FILTER (WHERE method IN ('by person', 'by household')), 0),
               CASE due_fact WHEN 'order_return' THEN sum(sign * amount) ELSE 0 END,
               CASE due_fact WHEN 'order_return' THEN -sum(sign * cost_of_goods) ELSE sum(sign * cost_of_goods) END
          FROM written GROUP BY date_day, source_code
        ON CONFLICT (date_day, source_code) DO UPDATE SET
            responses = d.responses + excluded.responses, leads = d.leads + excluded.leads, visits = d.visits + excluded.visits,
            registrations = d.registrations + excluded.registrations, attendances = d.attendances + excluded.attendances,
            orders = d.orders + excluded.orders, matched_orders = d.matched_orders + excluded.matched_orders,
            revenue = d.revenue + excluded.revenue, matched_revenue = d.matched_revenue + excluded.matched_revenue,
            returned = d.returned + excluded.returned, cost_of_goods = d.cost_of_goods + excluded.cost_of_goods
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM added),
           CASE WHEN (SELECT count(*) FROM compared) <= most_moved_facts() - coalesce(cardinality(win.moved), 0)
                THEN ARRAY(SELECT ROW(due_fact, customer_id, fact_id)::moved_fact FROM written WHERE sign = 1) END
      INTO changed, moved;
END
$$;
COMMENT ON FUNCTION attribute_facts(text, refresh_window) IS 'writes into the ledger what has changed for facts of one kind and adds it to source_day; returns the number of roll-up rows changed, and the facts that moved, NULL for too many. A part of refresh_reports()';

-- A new name is an external person's first answer, registration or order: the earliest day, an
-- answer before a registration before an order on the same day. It counts where that counts.
CREATE OR REPLACE FUNCTION attribute_new_names(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    due_customers bigint[] := ARRAY(SELECT DISTINCT m.customer_id FROM unnest(win.moved) m
                                     WHERE m.fact IN ('response', 'event_registration', 'customer_order'));
    changed       bigint;
BEGIN
    WITH due AS (
        SELECT c.customer_id FROM customer c
         WHERE c.entered_as = 'external' AND NOT c.is_seed AND c.customer_id <> 0
           AND c.customer_id = ANY (due_customers)
    ), compared AS (
        SELECT d.customer_id, n.date_day, n.source_code, o.date_day AS old_day, o.source_code AS old_code
          FROM due d
         CROSS JOIN LATERAL (SELECT l.date_day, l.source_code
                               FROM (SELECT DISTINCT ON (a.fact, a.fact_id) a.fact, a.fact_id, a.date_day, a.source_code FROM attribution a
                                      WHERE a.customer_id = d.customer_id AND a.sign = 1
                                        AND a.fact IN ('response', 'event_registration', 'customer_order')
                                      ORDER BY a.fact, a.fact_id, a.attribution_id DESC) l
                              ORDER BY l.date_day, array_position('{response,event_registration,customer_order}', l.fact), l.fact_id
                              LIMIT 1) n
          LEFT JOIN LATERAL (SELECT a.date_day, a.source_code FROM attribution a
                              WHERE a.customer_id = d.customer_id AND a.fact = 'new_name' AND a.fact_id = 0 AND a.sign = 1
                              ORDER BY a.attribution_id DESC LIMIT 1) o ON true
         WHERE (n.date_day, n.source_code) IS DISTINCT FROM (o.date_day, o.source_code)
    ), written AS (
        INSERT INTO attribution (customer_id, fact, fact_id, sign, date_day, source_code, method)
        SELECT customer_id, 'new_name', 0, -1, old_day, old_code, 'first answer' FROM compared WHERE old_day IS NOT NULL
        UNION ALL
        SELECT customer_id, 'new_name', 0, 1, date_day, source_code, 'first answer' FROM compared
        RETURNING *
    ), added AS (
        INSERT INTO source_day AS d (date_day, source_code, new_names)
        SELECT date_day, source_code, sum(sign) FROM written GROUP BY date_day, source_code
        ON CONFLICT (date_day, source_code) DO UPDATE SET new_names = d.new_names + excluded.new_names
        RETURNING 1
    )
    SELECT count(*) INTO changed FROM added;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION attribute_new_names(refresh_window) IS 'writes into the ledger which first answers of external people are new or have moved, and adds them to source_day; returns the number of roll-up rows changed. A part of refresh_reports()';

CREATE OR REPLACE FUNCTION take_in_attributions(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    due_fact text;
    step     record;
    total    bigint := 0;
BEGIN
    IF win.is_rebuild THEN
        RETURN rebuild_attributions(win);
    END IF;
    FOREACH due_fact IN ARRAY '{response,lead,visit,event_registration,event_attendance,customer_order,order_return}'::text[] LOOP
        SELECT a.changed, a.moved INTO step FROM attribute_facts(due_fact, win) a;
        IF step.moved IS NULL THEN
            RETURN NULL;
        END IF;
        total := total + step.changed;
        win.moved := win.moved || step.moved;
    END LOOP;
    RETURN total + attribute_new_names(win);
END
$$;
COMMENT ON FUNCTION take_in_attributions(refresh_window) IS 'brings the ledger of attribution up to date and its changes into source_day; returns the number of roll-up rows changed, NULL where so many facts have moved that the work was given up. A part of refresh_reports()';
