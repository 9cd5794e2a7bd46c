-- What a dated change did: the weeks before and after it, with limits from the spread between weeks,
-- and what the same weeks did a year before.

CREATE OR REPLACE FUNCTION before_after_weeks(changed_on date, weeks int, campaign text, medium text, list text, confidence float8)
    RETURNS TABLE (figure_no int, figure text, name text, unit text, before float8, after float8, difference float8, lower float8, upper float8)
    LANGUAGE plpgsql STABLE ROWS 12 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    WITH summed AS (
        SELECT (d.date_day >= changed_on)::int AS side, CASE WHEN d.date_day < changed_on THEN (changed_on - 1 - d.date_day) / 7 ELSE (d.date_day - changed_on) / 7 END AS week_no, sum(d.pieces) AS pieces,
               sum(d.pieces - d.bounced) AS net_pieces, sum(d.responses) AS responses, sum(d.leads) AS leads, sum(d.orders) AS orders, sum(d.orders - d.matched_orders) AS coded_orders, sum(d.revenue) AS revenue,
               sum(d.revenue - d.returned - d.cost_of_goods) AS margin, sum(d.expense) AS expense
          FROM effort_day d
         WHERE d.date_day >= changed_on - 7 * weeks AND d.date_day < changed_on + 7 * weeks AND NOT d.is_hold_out AND (d.campaign = before_after_weeks.campaign OR before_after_weeks.campaign IS NULL)
           AND (d.medium = before_after_weeks.medium OR before_after_weeks.medium IS NULL) AND (d.list = before_after_weeks.list OR before_after_weeks.list IS NULL)
         GROUP BY 1, 2),
    week AS (
        SELECT side, week_no, coalesce(s.pieces, 0)::float8 AS pieces, coalesce(s.net_pieces, 0)::float8 AS net_pieces, coalesce(s.responses, 0)::float8 AS responses, coalesce(s.leads, 0)::float8 AS leads,
               coalesce(s.orders, 0)::float8 AS orders, coalesce(s.coded_orders, 0)::float8 AS coded_orders, coalesce(s.revenue, 0)::float8 AS revenue, coalesce(s.margin, 0)::float8 AS margin, coalesce(s.expense, 0)::float8 AS expense
          FROM generate_series(0, 1) side CROSS JOIN generate_series(0, weeks - 1) week_no LEFT JOIN summed s USING (side, week_no))
    SELECT f.figure_no, f.figure, f.name, f.unit, c.before, c.after, c.difference, c.lower, c.upper
      FROM (SELECT v.figure_no, v.figure, v.name, v.unit, array_agg(v.amount) FILTER (WHERE w.side = 0) AS before_amounts, CASE WHEN v.is_ratio THEN array_agg(v.base) FILTER (WHERE w.side = 0) END AS before_bases,
                   array_agg(v.amount) FILTER (WHERE w.side = 1) AS after_amounts, CASE WHEN v.is_ratio THEN array_agg(v.base) FILTER (WHERE w.side = 1) END AS after_bases
              FROM week w CROSS JOIN LATERAL (VALUES
                   (1, 'pieces', 'pieces a week', 'count', false, w.pieces, 1::float8), (2, 'delivery_rate', 'delivery', 'share', true, w.net_pieces, w.pieces), (3, 'responses', 'responses a week', 'count', false, w.responses, 1),
                   (4, 'response_rate', 'response rate', 'share', true, w.responses, w.net_pieces), (5, 'leads', 'leads a week', 'count', false, w.leads, 1), (6, 'orders', 'orders a week', 'count', false, w.orders, 1),
                   (7, 'conversion_rate', 'conversion', 'share', true, w.coded_orders, w.responses), (8, 'revenue', 'revenue a week', 'count', false, w.revenue, 1), (9, 'average_order', 'average order', 'count', true, w.revenue, w.orders),
                   (10, 'expense', 'expense a week', 'count', false, w.expense, 1), (11, 'er_ratio', 'E:R', 'ratio', true, w.expense, greatest(0, w.revenue)), (12, 'cost_per_order', 'cost per order', 'count', true, w.expense, w.orders),
                   (13, 'profit', 'profit a week', 'count', false, w.margin - w.expense, 1)) v (figure_no, figure, name, unit, is_ratio, amount, base)
             GROUP BY v.figure_no, v.figure, v.name, v.unit, v.is_ratio) f
     CROSS JOIN LATERAL ratio_change(f.before_amounts, f.before_bases, f.after_amounts, f.after_bases, confidence) c;
END
$$;
COMMENT ON FUNCTION before_after_weeks(date, int, text, text, text, float8) IS 'the figures of so many weeks before and after a day, see ratio_change(). A part of before_after()';

CREATE OR REPLACE FUNCTION before_after(changed_on date, days int DEFAULT 91, campaign text DEFAULT NULL, medium text DEFAULT NULL, list text DEFAULT NULL, as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (figure text, weeks int, before_value numeric, after_value numeric, difference numeric, difference_lower numeric, difference_upper numeric, relative_change numeric,
                   year_ago_change numeric, verdict text, remark text)
    LANGUAGE plpgsql STABLE ROWS 13 SECURITY DEFINER SET search_path FROM CURRENT AS
$$
DECLARE
    -- the first day that was not over when the reports were refreshed
    until      date := (coalesce(as_of, (SELECT max(r.as_of) FROM report_state r)) AT TIME ZONE setting_value('time_zone'))::date;
    seen       int := least(days, until - changed_on) / 7;
    confidence float8 := setting_number('confidence', 0, 0.999999);
    -- a year before there may have been nothing yet
    has_year   boolean;
BEGIN
    PERFORM check_medium(before_after.medium);
    IF num_nulls(changed_on, days) > 0 OR days < 14 OR days > 3660 THEN
        RAISE EXCEPTION 'before and after %, % days', coalesce(changed_on::text, 'NULL'), coalesce(days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'It takes a day, and from 14 to 3660 days on either side of it.';
    ELSIF seen IS NULL OR seen < 2 THEN
        RAISE EXCEPTION 'too little is known after %', changed_on
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The reports were last refreshed as of %s.', coalesce(until::text, 'never')), HINT = 'Wait until two weeks are over, and refresh the reports.';
    END IF;
    has_year := EXISTS (SELECT FROM effort_day d WHERE d.date_day < changed_on - 364 - 7 * (seen - 1) AND (d.campaign = before_after.campaign OR before_after.campaign IS NULL)
                           AND (d.medium = before_after.medium OR before_after.medium IS NULL) AND (d.list = before_after.list OR before_after.list IS NULL));
    RETURN QUERY
    SELECT n.figure, seen, d.before_value, d.after_value, round(n.difference::numeric, d.digits), round(n.lower::numeric, d.digits), round(n.upper::numeric, d.digits),
           CASE WHEN n.before > 0 THEN round((n.after / n.before - 1)::numeric, 4) END, CASE WHEN y.before > 0 THEN round((y.after / y.before - 1)::numeric, 4) END, v.verdict,
           CASE WHEN d.before_value IS NULL OR d.after_value IS NULL THEN NULL
                ELSE format('%s: %s before, %s after%s', n.name, marketing_number(n.before::numeric, n.unit), marketing_number(n.after::numeric, n.unit),
                            CASE v.verdict WHEN 'no proven change' THEN ', a difference that chance makes' WHEN 'rose' THEN format(', a rise of %s at least', CASE n.unit WHEN 'share' THEN round(100 * n.lower::numeric, 2) || ' points' ELSE marketing_number(n.lower::numeric, n.unit) END)
                                           WHEN 'fell' THEN format(', a fall of %s at least', CASE n.unit WHEN 'share' THEN round(-100 * n.upper::numeric, 2) || ' points' ELSE marketing_number(- n.upper::numeric, n.unit) END) ELSE '' END) END
      FROM before_after_weeks(changed_on, seen, before_after.campaign, before_after.medium, before_after.list, confidence) n
      LEFT JOIN before_after_weeks(changed_on - 364, seen, before_after.campaign, before_after.medium, before_after.list, confidence) y ON y.figure = n.figure AND has_year
     CROSS JOIN LATERAL (SELECT CASE n.unit WHEN 'count' THEN 2 ELSE 6 END AS digits, round(n.before::numeric, CASE n.unit WHEN 'count' THEN 2 ELSE 6 END) AS before_value,
                                round(n.after::numeric, CASE n.unit WHEN 'count' THEN 2 ELSE 6 END) AS after_value) d
     CROSS JOIN LATERAL (SELECT CASE WHEN n.lower > 0 THEN 'rose' WHEN n.upper < 0 THEN 'fell' WHEN n.lower IS NOT NULL THEN 'no proven change' END AS verdict) v
     ORDER BY n.figure_no;
END
$$;
COMMENT ON FUNCTION before_after(date, int, text, text, text, timestamptz) IS 'what a change on a day did to a campaign, medium or list (NULL: to all): figures of the weeks before and after it, of as many weeks on both sides as are over, with the limits of the difference (setting confidence) from the spread between the weeks. Facts count on their day, so those of the first weeks after may still answer efforts from before. year_ago_change: how the same weeks changed a year before, for the season; NULL where nothing was recorded then. relative_change: NULL where it was not above 0 before. verdict: rose, fell, no proven change; NULL where weeks do not differ. as_of: NULL is the last refresh. 22023, 23503 for wrong arguments, and while fewer than two weeks are over';
