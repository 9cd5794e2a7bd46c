-- The ledger of attribution from nothing, for rebuild_reports().
--
-- What a fact counts for is said in 42_attribution. Here all facts of a kind are new and the ledger knows
-- nothing of them: each fact is one row, written in the order of the ledger's key, and the roll-up is
-- added up once, from the ledger that is written. test/t/020_refresh.pl holds the two against each other.

-- All facts of one kind, after those that they hang on. (For OFFSET 0 see attribute_facts().)
CREATE OR REPLACE FUNCTION write_ledger(due_fact text, win refresh_window) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO attribution (customer_id, fact, fact_id, sign, date_day, source_code, method, amount, cost_of_goods)
    SELECT f.customer_id, due_fact, f.fact_id, 1, f.date_day, e.source_code, e.method, f.amount, f.cost_of_goods
      FROM (SELECT d.*, (d.happened_at AT TIME ZONE win.time_zone)::date AS date_day, c.household_id
              FROM attributable_fact d JOIN customer c ON c.customer_id = d.customer_id AND NOT c.is_seed
             WHERE d.fact = due_fact AND pg_visible_in_snapshot(d.recorded_xid, win.snapshot)
             ORDER BY d.customer_id, d.fact_id
            OFFSET 0) f
     CROSS JOIN LATERAL effort_of(f.customer_id, f.household_id, due_fact, f.fact_id, f.date_day, f.own_code,
                                  f.parent_fact, f.parent_id, f.second_fact, f.second_id, win.time_zone, win.snapshot) e;
END
$$;
COMMENT ON FUNCTION write_ledger(text, refresh_window) IS 'writes all facts of one kind into a ledger that has none of them; a part of rebuild_reports()';

-- The first answers of external people, after all kinds.
CREATE OR REPLACE FUNCTION write_new_names() RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
BEGIN
    INSERT INTO attribution (customer_id, fact, fact_id, sign, date_day, source_code, method)
    SELECT DISTINCT ON (a.customer_id) a.customer_id, 'new_name', 0, 1, a.date_day, a.source_code, 'first answer'
      FROM attribution a
      JOIN customer c ON c.customer_id = a.customer_id
     WHERE a.fact IN ('response', 'event_registration', 'customer_order')
       AND c.entered_as = 'external' AND NOT c.is_seed AND c.customer_id <> 0
     ORDER BY a.customer_id, a.date_day, array_position('{response,event_registration,customer_order}', a.fact), a.fact_id;
END
$$;
COMMENT ON FUNCTION write_new_names() IS 'writes the first answers of all external people into a ledger that has none of them; a part of rebuild_reports()';

CREATE OR REPLACE FUNCTION rebuild_attributions(win refresh_window) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    due_fact text;
    changed  bigint;
BEGIN
    FOREACH due_fact IN ARRAY '{response,lead,visit,event_registration,event_attendance,customer_order,order_return}'::text[] LOOP
        PERFORM write_ledger(due_fact, win);
    END LOOP;
    PERFORM write_new_names();
    INSERT INTO source_day AS d (date_day, source_code, responses, new_names, leads, visits, registrations, attendances, orders, matched_orders,
                                 revenue, matched_revenue, returned, cost_of_goods)
    SELECT date_day, source_code, count(*) FILTER (WHERE fact = 'response'), count(*) FILTER (WHERE fact = 'new_name'),
           count(*) FILTER (WHERE fact = 'lead'), count(*) FILTER (WHERE fact = 'visit'),
           count(*) FILTER (WHERE fact = 'event_registration'), count(*) FILTER (WHERE fact = 'event_attendance'),
           count(*) FILTER (WHERE fact = 'customer_order'), count(*) FILTER (WHERE method IN ('by person', 'by household')),
           coalesce(sum(amount) FILTER (WHERE fact = 'customer_order'), 0), coalesce(sum(amount) FILTER (WHERE method IN ('by person', 'by household')), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'order_return'), 0),
           coalesce(sum(cost_of_goods) FILTER (WHERE fact = 'customer_order'), 0) - coalesce(sum(cost_of_goods) FILTER (WHERE fact = 'order_return'), 0)
      FROM attribution
     GROUP BY date_day, source_code
     ORDER BY date_day, source_code
    ON CONFLICT (date_day, source_code) DO UPDATE SET
        responses = d.responses + excluded.responses, new_names = d.new_names + excluded.new_names, leads = d.leads + excluded.leads,
        visits = d.visits + excluded.visits, registrations = d.registrations + excluded.registrations,
        attendances = d.attendances + excluded.attendances, orders = d.orders + excluded.orders, matched_orders = d.matched_orders + excluded.matched_orders,
        revenue = d.revenue + excluded.revenue, matched_revenue = d.matched_revenue + excluded.matched_revenue,
        returned = d.returned + excluded.returned, cost_of_goods = d.cost_of_goods + excluded.cost_of_goods;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION rebuild_attributions(refresh_window) IS 'writes the whole ledger and adds it to source_day; returns the number of roll-up rows changed. A part of rebuild_reports()';
