-- How orders and returns get into the histories of customers.
--
-- The protocol is that of refresh_reports() (40_refresh): what is new is told by recorded_xid from
-- two snapshots, each fact is taken in once, whenever it happened and however late it came. A
-- history holds all of it with its times; what depends on as_of is asked of the history.

-- A history keeps no negative amounts: an order below nothing, which none of our functions record
-- and check_integrity() reports, is money given back and no purchase; a return below nothing is left out.
CREATE OR REPLACE FUNCTION take_in_purchases(taken pg_snapshot, snapshot pg_snapshot, as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    taken_xmax xid8   := pg_snapshot_xmax(taken);
    taken_xip  xid8[] := ARRAY(SELECT pg_snapshot_xip(taken));
    news       bigint;
BEGIN
    WITH fact AS MATERIALIZED (
        SELECT o.customer_id, o.ordered_at AS at, o.revenue >= 0 AS is_order, abs(o.revenue) AS amount, abs(o.cost_of_goods) AS cost
          FROM customer_order o WHERE is_new(o.recorded_xid, taken_xmax, taken_xip, snapshot) AND o.customer_id <> 0
         UNION ALL
        SELECT r.customer_id, r.returned_at, false, greatest(r.amount, 0), greatest(r.cost_of_goods, 0)
          FROM order_return r WHERE is_new(r.recorded_xid, taken_xmax, taken_xip, snapshot) AND r.customer_id <> 0
    ), history AS (
        INSERT INTO customer_purchases AS p (customer_id, order_history, cost_history, return_history, returned_cost_history)
        SELECT f.customer_id, purchase_history_agg(f.at, f.amount) FILTER (WHERE f.is_order),
               purchase_history_agg(f.at, f.cost) FILTER (WHERE f.is_order AND f.cost > 0),
               purchase_history_agg(f.at, f.amount) FILTER (WHERE NOT f.is_order AND f.amount > 0),
               purchase_history_agg(f.at, f.cost) FILTER (WHERE NOT f.is_order AND f.cost > 0)
          FROM fact f
         GROUP BY f.customer_id
         ORDER BY f.customer_id
        ON CONFLICT (customer_id) DO UPDATE SET
            order_history         = (SELECT rollup(h) FROM unnest(ARRAY[p.order_history, excluded.order_history]) h),
            cost_history          = (SELECT rollup(h) FROM unnest(ARRAY[p.cost_history, excluded.cost_history]) h),
            return_history        = (SELECT rollup(h) FROM unnest(ARRAY[p.return_history, excluded.return_history]) h),
            returned_cost_history = (SELECT rollup(h) FROM unnest(ARRAY[p.returned_cost_history, excluded.returned_cost_history]) h)
        RETURNING 1)
    SELECT count(*) INTO news FROM fact f WHERE f.at <= take_in_purchases.as_of;
    RETURN news;
END
$$;
COMMENT ON FUNCTION take_in_purchases(pg_snapshot, pg_snapshot, timestamptz) IS 'adds the orders and returns that the first snapshot does not show and the second does to customer_purchases; returns how many of them happened until as_of. A part of refresh_value()';

-- What the scores depend on besides facts, models and as_of.
CREATE OR REPLACE FUNCTION value_rules() RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
BEGIN
    RETURN (SELECT md5(string_agg(r.rule, E'\n' ORDER BY r.rule COLLATE "C"))
              FROM (SELECT format('segment %L %s', s.segment, s.segment_no) FROM segment s
                    UNION ALL
                    SELECT format('rule %L %s %L %s %s', u.segment, u.alternative_no, u.measure, u.at_least, u.below) FROM segment_rule u
                    UNION ALL
                    SELECT format('setting %L %L', t.setting, t.value) FROM setting t WHERE t.setting LIKE 'value\_%' OR t.setting IN ('time_zone', 'confidence')) r (rule));
END
$$;
COMMENT ON FUNCTION value_rules() IS 'fingerprint of the segments, their rules and the settings that scores depend on; a part of refresh_value()';

CREATE OR REPLACE FUNCTION value_unit_days() RETURNS float8
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    days float8;
BEGIN
    days := CASE setting_value('value_unit') WHEN 'day' THEN 1 WHEN 'week' THEN 7 WHEN 'month' THEN 30.4375 WHEN 'year' THEN 365.25 END;
    IF days IS NULL THEN
        RAISE EXCEPTION 'the setting value_unit is "%"', setting_value('value_unit')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The units are day, week, month and year.';
    END IF;
    RETURN days;
END
$$;
COMMENT ON FUNCTION value_unit_days() IS 'days in the unit of time of the models (setting value_unit); 22023 for an unknown one. A part of refresh_value()';
