-- What the reports say of a few people, worked out anew: when people are merged or unmerged.
--
-- A refresh takes in what is new; here nothing is new, but facts have come under another number. So what
-- the reports hold of these people is taken back, and what the last refresh had taken in is counted again, and not
-- a fact more: what was recorded since is left to the next refresh. The caller has the turns of the refreshes.

-- Attributions of a few people: taken back from ledger and roll-up, then worked out anew, with the
-- orders of the others of some households, which may be matched back to them.
CREATE OR REPLACE FUNCTION retake_attributions(state report_state, people bigint[], households bigint[]) RETURNS boolean
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    win refresh_window;
BEGIN
    win.taken      := state.snapshot;
    win.taken_xmax := pg_snapshot_xmax(state.snapshot);
    win.taken_xip  := ARRAY(SELECT pg_snapshot_xip(state.snapshot));
    win.snapshot   := state.snapshot;
    win.time_zone  := state.time_zone;
    win.is_rebuild := false;
    win.people     := people;
    win.households := households;
    WITH gone AS (
        DELETE FROM attribution a WHERE a.customer_id = ANY (people) RETURNING a.*
    ), net AS (
        SELECT date_day, source_code, coalesce(sum(sign) FILTER (WHERE fact = 'response'), 0) AS responses, coalesce(sum(sign) FILTER (WHERE fact = 'new_name'), 0) AS new_names,
               coalesce(sum(sign) FILTER (WHERE fact = 'lead'), 0) AS leads, coalesce(sum(sign) FILTER (WHERE fact = 'visit'), 0) AS visits,
               coalesce(sum(sign) FILTER (WHERE fact = 'event_registration'), 0) AS registrations, coalesce(sum(sign) FILTER (WHERE fact = 'event_attendance'), 0) AS attendances,
               coalesce(sum(sign) FILTER (WHERE fact = 'customer_order'), 0) AS orders,
               coalesce(sum(sign) FILTER (WHERE method IN ('by person', 'by household')), 0) AS matched_orders,
               coalesce(sum(sign * amount) FILTER (WHERE fact = 'customer_order'), 0) AS revenue,
               coalesce(sum(sign * amount) FILTER (WHERE method IN ('by person', 'by household')), 0) AS matched_revenue,
               coalesce(sum(sign * amount) FILTER (WHERE fact = 'order_return'), 0) AS returned,
               sum(CASE fact WHEN 'order_return' THEN -sign ELSE sign END * cost_of_goods) AS cost_of_goods
          FROM gone GROUP BY date_day, source_code
    )
    UPDATE source_day d
       SET responses = d.responses - n.responses, new_names = d.new_names - n.new_names, leads = d.leads - n.leads, visits = d.visits - n.visits,
           registrations = d.registrations - n.registrations, attendances = d.attendances - n.attendances, orders = d.orders - n.orders,
           matched_orders = d.matched_orders - n.matched_orders, revenue = d.revenue - n.revenue, matched_revenue = d.matched_revenue - n.matched_revenue,
           returned = d.returned - n.returned, cost_of_goods = d.cost_of_goods - n.cost_of_goods
      FROM net n WHERE d.date_day = n.date_day AND d.source_code = n.source_code;
    RETURN take_in_attributions(win) IS NOT NULL;
END
$$;
COMMENT ON FUNCTION retake_attributions(report_state, bigint[], bigint[]) IS 'works out anew what the facts of a few people count for, and the orders of some households; false where these are too many for that. A part of retake_people()';

-- First days, and orders by day.
CREATE OR REPLACE FUNCTION retake_customer_days(state report_state, people bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    zone text := state.time_zone;
BEGIN
    DELETE FROM customer_order_day d WHERE d.customer_id = ANY (people);
    INSERT INTO customer_order_day (customer_id, date_day, orders, revenue, returned)
    SELECT f.customer_id, f.date_day, sum(f.orders), sum(f.revenue), sum(f.returned)
      FROM (SELECT o.customer_id, (o.ordered_at AT TIME ZONE zone)::date AS date_day, 1 AS orders, o.revenue, 0 AS returned
              FROM customer_order o WHERE o.customer_id = ANY (people) AND pg_visible_in_snapshot(o.recorded_xid, state.snapshot)
             UNION ALL
            SELECT r.customer_id, (r.returned_at AT TIME ZONE zone)::date, 0, 0, r.amount
              FROM order_return r WHERE r.customer_id = ANY (people) AND pg_visible_in_snapshot(r.recorded_xid, state.snapshot)) f
     WHERE f.customer_id <> 0
     GROUP BY f.customer_id, f.date_day
     ORDER BY f.customer_id, f.date_day;
    DELETE FROM customer_milestone m WHERE m.customer_id = ANY (people);
    INSERT INTO customer_milestone (customer_id, first_touch_on, first_order_on)
    SELECT f.customer_id, min(f.touched_on), min(f.ordered_on)
      FROM (SELECT t.customer_id, (t.sent_at AT TIME ZONE zone)::date AS touched_on, NULL::date AS ordered_on
              FROM touch t WHERE t.customer_id = ANY (people) AND pg_visible_in_snapshot(t.recorded_xid, state.snapshot)
             UNION ALL
            SELECT o.customer_id, NULL, (o.ordered_at AT TIME ZONE zone)::date
              FROM customer_order o WHERE o.customer_id = ANY (people) AND pg_visible_in_snapshot(o.recorded_xid, state.snapshot)) f
     WHERE f.customer_id <> 0
     GROUP BY f.customer_id
     ORDER BY f.customer_id;
END
$$;
COMMENT ON FUNCTION retake_customer_days(report_state, bigint[]) IS 'works out anew the first days and the orders by day of a few people. A part of retake_people()';

-- Histories and scores. A person is scored by the models and ranks of the last round; the next round, which
-- is not skipped even for the same time, looks at everybody anew.
CREATE OR REPLACE FUNCTION retake_values(people bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    state  value_state;
    person bigint;
BEGIN
    SELECT * INTO state FROM value_state s WHERE s.report = 'customer_value';
    IF state.snapshot IS NULL OR state.era IS DISTINCT FROM transaction_era() THEN
        RETURN;
    END IF;
    DELETE FROM customer_purchases p WHERE p.customer_id = ANY (people);
    INSERT INTO customer_purchases (customer_id, order_history, cost_history, return_history, returned_cost_history)
    SELECT f.customer_id, purchase_history_agg(f.at, f.amount) FILTER (WHERE f.is_order), purchase_history_agg(f.at, f.cost) FILTER (WHERE f.is_order AND f.cost > 0),
           purchase_history_agg(f.at, f.amount) FILTER (WHERE NOT f.is_order AND f.amount > 0), purchase_history_agg(f.at, f.cost) FILTER (WHERE NOT f.is_order AND f.cost > 0)
      FROM (SELECT o.customer_id, o.ordered_at AS at, o.revenue >= 0 AS is_order, abs(o.revenue) AS amount, abs(o.cost_of_goods) AS cost
              FROM customer_order o WHERE o.customer_id = ANY (people) AND pg_visible_in_snapshot(o.recorded_xid, state.snapshot)
             UNION ALL
            SELECT r.customer_id, r.returned_at, false, greatest(r.amount, 0), greatest(r.cost_of_goods, 0)
              FROM order_return r WHERE r.customer_id = ANY (people) AND pg_visible_in_snapshot(r.recorded_xid, state.snapshot)) f
     WHERE f.customer_id <> 0
     GROUP BY f.customer_id
     ORDER BY f.customer_id;
    DELETE FROM customer_score s
     WHERE s.customer_id = ANY (people)
       AND NOT EXISTS (SELECT FROM customer_purchases p WHERE p.customer_id = s.customer_id AND (purchase_totals(p.order_history, state.as_of)).orders > 0);
    FOREACH person IN ARRAY people LOOP
        -- a round that has not come to the person yet scores him itself
        IF state.as_of IS NOT NULL AND (state.scored_to IS NULL OR state.scored_to >= person) THEN
            PERFORM score_range(state, person - 1, person);
        END IF;
    END LOOP;
    UPDATE value_state s SET rules = '' WHERE s.report = state.report;
END
$$;
COMMENT ON FUNCTION retake_values(bigint[]) IS 'works out anew the purchases and scores of a few people, and lets the next refresh_value() score all. A part of retake_people()';

CREATE OR REPLACE FUNCTION retake_strikes(people bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    counted_until timestamptz := (SELECT s.as_of FROM two_strikes_state s WHERE s.era = transaction_era());
BEGIN
    IF counted_until IS NOT NULL THEN
        PERFORM count_strikes(format('SELECT unnest(%L::bigint[]) AS customer_id, NULL::timestamptz AS at', people), false, counted_until, NULL, NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION retake_strikes(bigint[]) IS 'counts the contacts without an answer of a few people anew. A part of retake_people()';

CREATE OR REPLACE FUNCTION retake_people(people bigint[], households bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    state report_state;
BEGIN
    SELECT * INTO state FROM report_state s WHERE s.report = 'source_day';
    -- never refreshed, or in another cluster: the first refresh takes in everything
    IF state.snapshot IS NOT NULL AND state.era IS NOT DISTINCT FROM transaction_era() THEN
        IF retake_attributions(state, people, households) THEN
            PERFORM retake_customer_days(state, people);
        ELSE
            PERFORM rebuild_in_turn(state, state.as_of);
        END IF;
    END IF;
    PERFORM retake_values(people);
    PERFORM retake_strikes(people);
END
$$;
COMMENT ON FUNCTION retake_people(bigint[], bigint[]) IS 'works out anew what the reports say of a few people, and what the orders of some households count for, from what the last refreshes had taken in. The caller has the turns of the refreshes. A part of merge_customers()';
