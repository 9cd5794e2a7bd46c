-- What is noticeable in marketing: a rise of E:R, a fall of response, conversion or delivery, by medium.
--
-- Efforts are compared at the same age: what they had brought mature_days after they reached people. A
-- block of block_days holds the efforts that reached people in it; the last block ends mature_days before
-- the day asked for. It stands on the control chart (see module 87) of the 26 blocks before.
--
-- A medium does not always go to the same lists, and lists answer differently. So what came is not held
-- against the pieces but against what the same pieces to the same lists usually bring; a list of which
-- there is no past is left out until there is.

CREATE OR REPLACE FUNCTION marketing_number(amount numeric, unit text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN unit = 'ratio' THEN round(amount, 4)::text ELSE sales_number(amount, unit) END;
COMMENT ON FUNCTION marketing_number(numeric, text) IS 'a figure as people read it: E:R with four decimals, all else as sales_number() has it';

CREATE OR REPLACE FUNCTION medium_efforts(day date, block_days int, mature_days int)
    RETURNS TABLE (medium text, list text, block_no int, pieces numeric, undelivered numeric, net_pieces numeric, responses numeric, coded_orders numeric, orders numeric, revenue numeric, expense numeric)
    LANGUAGE plpgsql STABLE ROWS 500 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT s.medium, coalesce(s.list, ''), ((day - mature_days - r.reached_on) / block_days)::int, coalesce(sum(d.pieces), 0),
           coalesce(sum(CASE WHEN m.is_traceable THEN d.pieces - d.delivered ELSE d.bounced END), 0), coalesce(sum(d.pieces - d.bounced), 0), coalesce(sum(d.responses), 0),
           coalesce(sum(d.orders - d.matched_orders), 0), coalesce(sum(d.orders), 0), coalesce(sum(d.revenue), 0), coalesce(sum(d.expense), 0)
      FROM source s JOIN medium m ON m.medium = s.medium CROSS JOIN LATERAL (SELECT coalesce(s.in_home_on, s.issued_on) AS reached_on) r
      JOIN source_day d ON d.source_code = s.source_code AND d.date_day < r.reached_on + mature_days
     WHERE NOT s.is_hold_out AND r.reached_on <= day - mature_days AND r.reached_on > day - mature_days - 27 * block_days
     GROUP BY s.source_code, s.medium, s.list, r.reached_on;
END
$$;
COMMENT ON FUNCTION medium_efforts(date, int, int) IS 'what each source code had brought mature_days after it reached people, with the block of time it belongs to (0: the last one). A part of marketing_alarms()';

CREATE OR REPLACE FUNCTION marketing_alarms(day date, medium text DEFAULT NULL, block_days int DEFAULT 28, mature_days int DEFAULT 28)
    RETURNS TABLE (medium_key text, medium_name text, figure text, latest numeric, centre numeric, lower_limit numeric, upper_limit numeric, blocks int, deviations numeric, rule text, remark text)
    LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path FROM CURRENT AS
$$
BEGIN
    IF day IS NULL OR block_days IS NULL OR mature_days IS NULL OR block_days < 1 OR mature_days < 1 THEN
        RAISE EXCEPTION 'alarms of %, in blocks of % days, seen for % days', coalesce(day::text, 'NULL'), coalesce(block_days::text, 'NULL'), coalesce(mature_days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'There is a day, and blocks and ages have one day at least.';
    END IF;
    PERFORM check_medium(marketing_alarms.medium);
    RETURN QUERY
    WITH effort AS MATERIALIZED (
        SELECT e.* FROM medium_efforts(day, block_days, mature_days) e WHERE e.medium = marketing_alarms.medium OR marketing_alarms.medium IS NULL),
    usual AS (
        SELECT e.medium, e.list, sum(e.undelivered) / nullif(sum(e.pieces), 0) AS undelivered, sum(e.responses) / nullif(sum(e.net_pieces), 0) AS responses, sum(e.coded_orders) / nullif(sum(e.responses), 0) AS orders,
               sum(e.revenue) / nullif(sum(e.expense), 0) AS revenue, sum(e.orders) / nullif(sum(e.expense), 0) AS orders_for_expense
          FROM effort e WHERE e.block_no > 0 GROUP BY e.medium, e.list),
    -- amount / base is 1 where all is as usual; shown / base, or amount, turns it into the figure
    block AS (
        SELECT e.medium, f.figure, f.name, f.unit, f.is_high_good, e.block_no, sum(f.amount) AS amount, sum(f.base) AS base, sum(f.shown) AS shown, sum(f.expected_orders) AS expected_orders
          FROM effort e JOIN usual u ON u.medium = e.medium AND u.list = e.list
         CROSS JOIN LATERAL (VALUES
               ('undelivered_rate', 'undelivered', 'count', false, e.undelivered, e.pieces * u.undelivered, e.pieces, NULL),
               ('response_rate', 'response rate', 'count', true, e.responses, e.net_pieces * u.responses, e.net_pieces, NULL),
               ('conversion_rate', 'conversion', 'count', true, e.coded_orders, e.responses * u.orders, e.responses, NULL),
               ('er_ratio', 'E:R', 'log ratio', false, e.expense * u.revenue, e.revenue, e.expense, e.expense * u.orders_for_expense)) f (figure, name, unit, is_high_good, amount, base, shown, expected_orders)
         GROUP BY e.medium, f.figure, f.name, f.unit, f.is_high_good, e.block_no),
    series AS (
        SELECT b.medium, b.figure, b.name, b.unit, b.is_high_good, array_agg(x.amount ORDER BY g.block_no) AS amounts, array_agg(x.base ORDER BY g.block_no) AS bases,
               max(CASE b.unit WHEN 'count' THEN x.base / nullif(x.shown, 0) ELSE x.shown / nullif(x.amount, 0) END) FILTER (WHERE g.block_no = 0) AS factor,
               max(x.expected_orders) FILTER (WHERE g.block_no = 0) AS expected_orders
          FROM (SELECT DISTINCT y.medium, y.figure, y.name, y.unit, y.is_high_good FROM block y) b CROSS JOIN generate_series(0, 26) g (block_no)
          LEFT JOIN block x ON x.medium = b.medium AND x.figure = b.figure AND x.block_no = g.block_no
         GROUP BY b.medium, b.figure, b.name, b.unit, b.is_high_good),
    charted AS (
        SELECT s.medium, m.name AS medium_name, s.figure, s.name, s.is_high_good, CASE s.unit WHEN 'count' THEN 'share' ELSE 'ratio' END AS unit, c.latest * s.factor AS latest, c.centre * s.factor AS centre,
               c.lower_limit * s.factor AS lower_limit, c.upper_limit * s.factor AS upper_limit, c.past, c.deviations, replace(c.rule, 'eight on', 'eight blocks on') AS rule
          FROM series s JOIN medium m ON m.medium = s.medium CROSS JOIN LATERAL control_chart(s.amounts, s.bases, s.unit, s.is_high_good) c
         WHERE c.rule IS NOT NULL AND (s.unit = 'count' OR s.expected_orders >= 9))
    SELECT c.medium, c.medium_name, c.figure, round(c.latest, 4), round(c.centre, 4), round(c.lower_limit, 4), round(c.upper_limit, 4), c.past, round(c.deviations, 2), c.rule,
           format('%s of %s: %s for what reached people in the %s days to %s, %s', c.name, c.medium_name, marketing_number(c.latest, c.unit), block_days, day - mature_days,
                  CASE c.rule WHEN 'beyond three deviations' THEN format('against %s usually with the same lists (limit %s)', marketing_number(c.centre, c.unit),
                                                                        marketing_number(CASE WHEN c.is_high_good THEN c.lower_limit ELSE c.upper_limit END, c.unit))
                              ELSE format('the eighth time %s what is usual with the same lists, %s', CASE WHEN c.is_high_good THEN 'below' ELSE 'above' END, marketing_number(c.centre, c.unit)) END)
      FROM charted c ORDER BY c.deviations, c.medium, c.figure;
END
$$;
COMMENT ON FUNCTION marketing_alarms(date, text, int, int) IS 'figures of a medium that are noticeably worse than usual, by the rule at the head of its module: undelivered_rate, response_rate, conversion_rate (orders with a code per answer) or er_ratio of the efforts that reached people in the last block_days before day - mature_days, as they stood mature_days later, against the 26 blocks before and the same lists. Beyond three deviations of the control chart, or eight blocks on the bad side. Nothing where fewer than nine were to be expected (of er_ratio: orders). deviations: how far, negative is bad; remark says it in words. 22023, 23503 for wrong arguments';

CREATE OR REPLACE FUNCTION check_medium(medium text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
BEGIN
    IF medium IS NOT NULL AND NOT EXISTS (SELECT FROM medium m WHERE m.medium = check_medium.medium) THEN
        RAISE EXCEPTION 'there is no medium "%"', medium USING ERRCODE = 'foreign_key_violation', HINT = 'The media are the rows of table medium; a medium is what stands in the source code, such as D.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_medium(text) IS '23503 for a medium that does not exist; NULL is allowed';
