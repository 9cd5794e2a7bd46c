-- What each rule of attribution says of each medium: the ledger (42_attribution) gives an order to
-- one effort; here all contacts that led to it share it, by the rules of the toolbox.
--
-- A contact is a piece that the person got, or an answer that names an effort itself: what was
-- printed or sent to nobody in particular leaves no other trace. Contacts one after the other with the
-- same effort are one (transform exposure), so that a coupon, the lead made of it and the order that quotes
-- the code are not three. What has no contact in its lookback stays without: nothing is lost, and
-- the orders of each model add up to those of the performance views, hold-outs included.

CREATE OR REPLACE VIEW attribution_step AS
SELECT x.customer_id, x.person_no, x.step, x.step_id, x.happened_at, x.date_day, s.source_code::text AS source_code, s.medium, x.revenue::numeric(18,4) AS revenue
  FROM (
SELECT t.customer_id, 0::bigint AS person_no, 'touch'::text AS step, t.touch_id AS step_id, t.sent_at AS happened_at, NULL::date AS date_day, t.source_code AS code, NULL::numeric(18,4) AS revenue
  FROM touch t JOIN customer c ON c.customer_id = t.customer_id AND NOT c.is_seed
 WHERE NOT t.is_seed AND t.customer_id <> 0
   AND NOT EXISTS (SELECT FROM touch_event e WHERE e.customer_id = t.customer_id AND e.touch_id = t.touch_id AND e.kind = 'bounced')
UNION ALL
-- the piece of another member of the household, to which an order was matched back
SELECT a.customer_id, 0, 'household', a.fact_id, h.sent_at, NULL, a.source_code, NULL
  FROM attribution a JOIN customer_order o ON o.customer_id = a.customer_id AND o.customer_order_id = a.fact_id
  JOIN customer c ON c.customer_id = a.customer_id
 CROSS JOIN LATERAL (SELECT max(t.sent_at) AS sent_at FROM customer m JOIN touch t ON t.customer_id = m.customer_id
                      WHERE m.household_id = c.household_id AND t.source_code = a.source_code AND NOT t.is_seed AND t.sent_at <= o.ordered_at) h
 WHERE a.fact = 'customer_order' AND a.method = 'by household' AND a.sign = 1 AND h.sent_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM attribution n WHERE n.customer_id = a.customer_id AND n.fact = a.fact AND n.fact_id = a.fact_id AND n.attribution_id > a.attribution_id)
UNION ALL
-- Nobody knows which orders of the unidentified customer are the same person's: each is a person of its own, with the one effort it counts for.
SELECT f.customer_id, CASE WHEN f.customer_id = 0 THEN f.fact_id ELSE 0 END, f.fact, f.fact_id, f.happened_at, CASE WHEN f.fact = 'customer_order' THEN a.date_day END,
       CASE WHEN a.method IN ('given', 'mended', 'by touch') OR f.customer_id = 0 THEN a.source_code END, CASE WHEN f.fact = 'customer_order' THEN a.amount END
  FROM attribution a JOIN attributable_fact f ON f.customer_id = a.customer_id AND f.fact = a.fact AND f.fact_id = a.fact_id
 WHERE a.sign = 1 AND (f.fact IN ('customer_order', 'lead') OR a.method IN ('given', 'mended', 'by touch') AND f.fact <> 'order_return')
   AND (f.customer_id <> 0 OR f.fact = 'customer_order')
   AND NOT EXISTS (SELECT FROM attribution n WHERE n.customer_id = a.customer_id AND n.fact = a.fact AND n.fact_id = a.fact_id AND n.attribution_id > a.attribution_id)) x
  LEFT JOIN source s ON s.source_code = x.code AND s.source_code <> 'UNSOURCED' AND NOT s.is_hold_out;
COMMENT ON VIEW attribution_step IS 'contacts, leads and orders of people in time, as the functions for journeys take them: a row with a source code is a contact, one with revenue an order as it counts since the last refresh, and may be both. One row per step, step_id and customer';
COMMENT ON COLUMN attribution_step.customer_id IS 'the customer; 0 when unidentified';
COMMENT ON COLUMN attribution_step.person_no IS '0, but for each order of the unidentified customer another number: customer_id and person_no together are one person';
COMMENT ON COLUMN attribution_step.step IS 'touch (a piece sent and not undeliverable), household (a piece of another member of the household, to which an order was matched), or the table of an answer: response, lead, visit, event_registration, event_attendance, customer_order';
COMMENT ON COLUMN attribution_step.step_id IS 'its key within the customer; of household that of the order';
COMMENT ON COLUMN attribution_step.happened_at IS 'when it happened';
COMMENT ON COLUMN attribution_step.date_day IS 'of an order the day it counts on, else NULL';
COMMENT ON COLUMN attribution_step.source_code IS 'the effort that the piece belongs to, or that the answer names itself; NULL: no contact with an effort';
COMMENT ON COLUMN attribution_step.medium IS 'medium of that effort';
COMMENT ON COLUMN attribution_step.revenue IS 'value of an order before returns; NULL of all else';

CREATE OR REPLACE FUNCTION attribution_by_model(
    starts_on date DEFAULT NULL, ends_on date DEFAULT NULL, effort text DEFAULT 'medium',
    models text[] DEFAULT '{first,last,last_non_direct,linear,position_u,time_decay,shapley}', lookback_days numeric DEFAULT NULL, half_life_days numeric DEFAULT NULL)
    RETURNS TABLE (model text, medium text, medium_name text, source_code text, is_touched boolean, orders numeric, order_share numeric, revenue numeric, expense numeric,
                   er_ratio numeric, cost_per_order numeric, return_on_expense numeric)
    LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path FROM CURRENT SET datestyle = 'ISO' AS
$$
DECLARE
    zone      text := setting_value('time_zone');
    last_day  date := coalesce(ends_on, ((SELECT r.as_of FROM report_state r WHERE r.report = 'source_day') AT TIME ZONE zone)::date - 1);
    first_day date := coalesce(starts_on, last_day - setting_number('attribution_report_days', 1, 36500, whole => true)::int + 1);
    lookback  interval := coalesce(lookback_days, setting_number('attribution_lookback_days', 0, 36500)::numeric) * interval '1 day';
    half_life interval := coalesce(half_life_days, setting_number('attribution_half_life_days', 0.001, 36500)::numeric) * interval '1 day';
    passed    text[] := ARRAY(SELECT s.source_code::text FROM source s WHERE s.medium = ANY (string_to_array(replace(setting_value('attribution_direct_media'), ' ', ''), ',')));
    begins_at timestamptz := first_day::timestamp AT TIME ZONE zone - lookback;
    ends_at   timestamptz := (last_day + 1)::timestamp AT TIME ZONE zone;
    by_code   boolean := effort = 'source_code';
    rules     text[] := ARRAY(SELECT m.model FROM unnest(models) WITH ORDINALITY m (model, no) WHERE m.model IS NULL OR m.model NOT IN ('markov', 'shapley') ORDER BY m.no);
    paths     text;
BEGIN
    IF effort IS NULL OR effort NOT IN ('medium', 'source_code') THEN
        RAISE EXCEPTION 'there is no attribution by "%"', effort
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Efforts are put together by medium or by source_code.';
    ELSIF first_day > last_day THEN
        RAISE EXCEPTION 'the period ends on % before it starts on %', last_day, first_day
            USING ERRCODE = 'invalid_parameter_value', HINT = 'starts_on and ends_on are its first and last day.';
    ELSIF models IS NULL OR cardinality(models) = 0 THEN
        RAISE EXCEPTION 'no model of attribution is named'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Name some of first, last, last_non_direct, linear, position_u, position_j, position_inverse_j, position_w, full_path, time_decay, shapley, markov.';
    END IF;
    PERFORM a.model FROM attribution('{2000-01-01T00:00:00Z 0}', CASE WHEN cardinality(rules) > 0 THEN rules ELSE '{last}' END, lookback, NULL, half_life) a;      -- an argument that is wrong is an error also where there is no order
    -- of a chain those matter too whose contacts led to nothing
    paths := format('SELECT p.path, p.conversions, p.value, p.nulls FROM (SELECT journey_agg(t.happened_at, %s, CASE WHEN t.date_day BETWEEN %L AND %L THEN t.revenue END) AS journey FROM attribution_step t '
                    'WHERE t.happened_at >= %L AND t.happened_at < %L GROUP BY t.customer_id, t.person_no) j CROSS JOIN LATERAL attribution_paths(j.journey, %L::interval, NULL, NULL, ''{exposure}'') p',
                    CASE WHEN by_code THEN 't.source_code' ELSE 'CASE WHEN t.source_code IS NOT NULL THEN coalesce(t.medium, '''') END' END, first_day, last_day, begins_at, ends_at, lookback);
    RETURN QUERY
    WITH journeys AS MATERIALIZED (
        SELECT journey_milestone_agg(t.happened_at, t.source_code, CASE WHEN t.date_day BETWEEN first_day AND last_day THEN t.revenue END, CASE WHEN t.step = 'lead' THEN 'lead' END) AS journey,
               journey_agg(t.happened_at, CASE WHEN by_code THEN t.source_code WHEN t.source_code IS NOT NULL THEN coalesce(t.medium, '') END, CASE WHEN t.date_day BETWEEN first_day AND last_day THEN t.revenue END) FILTER (WHERE 'shapley' = ANY (attribution_by_model.models)) AS of_channels
          FROM attribution_step t
         WHERE t.customer_id IN (SELECT b.customer_id FROM attribution_step b WHERE b.step = 'customer_order' AND b.date_day BETWEEN first_day AND last_day)
           AND t.happened_at >= begins_at AND t.happened_at < ends_at AND attribution_by_model.models <> '{markov}'
         GROUP BY t.customer_id, t.person_no
    ), earned AS (
        SELECT a.model, s.medium, CASE WHEN by_code THEN a.channel END AS code, a.channel IS NOT NULL AS is_touched, a.conversions, a.value
          FROM journeys j CROSS JOIN LATERAL attribution(j.journey, rules, lookback, NULL, half_life, passed, '{exposure}') a
          LEFT JOIN source s ON s.source_code = a.channel::source_code WHERE cardinality(rules) > 0
        UNION ALL
        -- the Shapley value of a set of channels in closed form: each of them an equal share of what the set has brought
        SELECT 'shapley', CASE WHEN by_code THEN (SELECT s.medium FROM source s WHERE s.source_code = a.channel::source_code) ELSE nullif(a.channel, '') END, CASE WHEN by_code THEN a.channel END, a.channel IS NOT NULL, a.conversions, a.value
          FROM journeys j CROSS JOIN LATERAL attribution(j.of_channels, '{linear}', lookback, NULL, half_life, NULL, '{first}') a
        UNION ALL
        SELECT 'markov', CASE WHEN by_code THEN (SELECT s.medium FROM source s WHERE s.source_code = m.channel::source_code) ELSE nullif(m.channel, '') END, CASE WHEN by_code THEN m.channel END, m.channel IS NOT NULL,
               round(m.conversions::numeric, 9), round(m.value::numeric, 4)
          FROM attribution_markov(CASE WHEN 'markov' = ANY (attribution_by_model.models) THEN paths ELSE 'SELECT ''{}''::text[], 0::float8 WHERE false' END) m
    ), credit AS MATERIALIZED (
        SELECT a.model, a.medium, a.code, a.is_touched, sum(a.conversions) AS orders, sum(a.value) AS revenue FROM earned a GROUP BY 1, 2, 3, 4
    ), spent AS MATERIALIZED (
        SELECT d.medium, CASE WHEN attribution_by_model.effort = 'source_code' THEN d.source_code::text END AS code, sum(d.expense) AS expense
          FROM effort_day d WHERE d.date_day BETWEEN first_day AND last_day AND NOT d.is_hold_out GROUP BY 1, 2 HAVING sum(d.expense) <> 0
    ), line AS (
        SELECT m.model, min(m.no) AS no, n.medium, n.code, n.is_touched
          FROM unnest(attribution_by_model.models) WITH ORDINALITY m (model, no)
         CROSS JOIN (SELECT c.medium, c.code, c.is_touched FROM credit c UNION SELECT e.medium, e.code, true FROM spent e) n GROUP BY 1, 3, 4, 5
    )
    SELECT l.model, l.medium, CASE WHEN NOT l.is_touched THEN 'no contact known' ELSE coalesce(m.name, 'no medium') END, l.code, l.is_touched,
           coalesce(c.orders, 0)::numeric(20,9), (coalesce(c.orders, 0) / nullif(sum(c.orders) OVER (PARTITION BY l.model), 0))::numeric(12,6), coalesce(c.revenue, 0)::numeric(20,4),
           CASE WHEN l.is_touched THEN coalesce(e.expense, 0) END::numeric(20,4), (r.expense / nullif(c.revenue, 0))::numeric(20,6), (r.expense / nullif(c.orders, 0))::numeric(20,4),
           (coalesce(c.revenue, 0) / nullif(r.expense, 0))::numeric(20,6)
      FROM line l
      LEFT JOIN credit c ON c.model = l.model AND c.is_touched = l.is_touched AND (c.medium = l.medium OR c.medium IS NULL AND l.medium IS NULL) AND (c.code = l.code OR c.code IS NULL AND l.code IS NULL)
      LEFT JOIN spent e ON l.is_touched AND (e.medium = l.medium OR e.medium IS NULL AND l.medium IS NULL) AND (e.code = l.code OR e.code IS NULL AND l.code IS NULL)
     CROSS JOIN LATERAL (SELECT CASE WHEN l.is_touched THEN coalesce(e.expense, 0) END AS expense) r
      LEFT JOIN medium m ON m.medium = l.medium
     ORDER BY l.no, l.is_touched DESC, l.medium COLLATE "C" NULLS LAST, l.code COLLATE "C" NULLS LAST;
END
$$;
COMMENT ON FUNCTION attribution_by_model(date, date, text, text[], numeric, numeric) IS 'what each model of attribution says of each effort: shares of the orders from starts_on to ends_on (days of the business; default: the days of the setting attribution_report_days before the last refresh), by medium or, with effort => source_code, by medium and source code. models: first, last, last_non_direct (passes over the media of the setting attribution_direct_media), linear, position_u, position_j, position_inverse_j, position_w and full_path (leads are milestones), time_decay, shapley (every different medium or source code of a path gets the same share), markov (in proportion to what would be missing without it, by the paths of all who had a contact, also of those who did not order; order 1). lookback_days: contacts at most so long before the order, half_life_days: of time_decay; default: the settings attribution_lookback_days, attribution_half_life_days. Rows: models as asked for; of each the media with a share in any model or with expense, then is_touched false for orders without a contact. orders and revenue (before returns) of each model add up to exactly those of the period, of markov up to rounding; expense is what was spent in the period, expenses of whole media stand without source code, those of whole campaigns without medium. er_ratio = expense / revenue, cost_per_order = expense / orders, return_on_expense = revenue / expense; NULL where undefined. 22023 for another effort, an unknown model, no model, a period that ends before it starts, a lookback below or a half-life not above 0';

-- The same for BI tools, who call no function, over the days of the settings.
CREATE OR REPLACE VIEW attribution_by_medium AS
WITH term AS MATERIALIZED (
    SELECT d.until - (SELECT value::int FROM setting WHERE setting = 'attribution_report_days') + 1 AS starts_on, d.until AS ends_on, z.value AS zone,
           (SELECT value::numeric FROM setting WHERE setting = 'attribution_lookback_days') * interval '1 day' AS lookback,
           (SELECT value::numeric FROM setting WHERE setting = 'attribution_half_life_days') * interval '1 day' AS half_life,
           ARRAY(SELECT s.source_code::text FROM source s WHERE s.medium = ANY (string_to_array(replace((SELECT value FROM setting WHERE setting = 'attribution_direct_media'), ' ', ''), ','))) AS passed
      FROM report_state r JOIN setting z ON z.setting = 'time_zone' CROSS JOIN LATERAL (SELECT (r.as_of AT TIME ZONE z.value)::date - 1 AS until) d
     WHERE r.report = 'source_day' AND r.as_of IS NOT NULL
), journeys AS MATERIALIZED (
    SELECT journey_agg(t.happened_at, t.source_code, CASE WHEN t.date_day BETWEEN p.starts_on AND p.ends_on THEN t.revenue END) AS journey,
           journey_agg(t.happened_at, CASE WHEN t.source_code IS NOT NULL THEN coalesce(t.medium, '') END, CASE WHEN t.date_day BETWEEN p.starts_on AND p.ends_on THEN t.revenue END) AS of_media
      FROM attribution_step t CROSS JOIN term p
     WHERE t.customer_id IN (SELECT b.customer_id FROM attribution_step b CROSS JOIN term q WHERE b.step = 'customer_order' AND b.date_day BETWEEN q.starts_on AND q.ends_on)
       AND t.happened_at >= p.starts_on::timestamp AT TIME ZONE p.zone - p.lookback AND t.happened_at < (p.ends_on + 1)::timestamp AT TIME ZONE p.zone
     GROUP BY t.customer_id, t.person_no
), earned AS (
    SELECT a.model, s.medium, a.channel IS NOT NULL AS is_touched, a.conversions, a.value
      FROM journeys j CROSS JOIN term p
     CROSS JOIN LATERAL attribution(j.journey, '{first,last,last_non_direct,linear,position_u,time_decay}', p.lookback, NULL, p.half_life, p.passed, '{exposure}') a
      LEFT JOIN source s ON s.source_code = a.channel::source_code
    UNION ALL
    SELECT 'shapley', nullif(a.channel, ''), a.channel IS NOT NULL, a.conversions, a.value
      FROM journeys j CROSS JOIN term p CROSS JOIN LATERAL attribution(j.of_media, '{linear}', p.lookback, NULL, p.half_life, NULL, '{first}') a
), credit AS MATERIALIZED (
    SELECT a.model, a.medium, a.is_touched, sum(a.conversions) AS orders, sum(a.value) AS revenue FROM earned a GROUP BY 1, 2, 3
), spent AS MATERIALIZED (
    SELECT d.medium, sum(d.expense) AS expense
      FROM effort_day d CROSS JOIN term p WHERE d.date_day BETWEEN p.starts_on AND p.ends_on AND NOT d.is_hold_out GROUP BY 1 HAVING sum(d.expense) <> 0
), line AS (
    SELECT m.model, m.no, n.medium, n.is_touched
      FROM unnest('{first,last,last_non_direct,linear,position_u,time_decay,shapley}'::text[]) WITH ORDINALITY m (model, no)
     CROSS JOIN (SELECT c.medium, c.is_touched FROM credit c UNION SELECT e.medium, true FROM spent e) n
)
SELECT l.model, l.no::int AS model_no, l.medium, CASE WHEN NOT l.is_touched THEN 'no contact known' ELSE coalesce(m.name, 'no medium') END AS medium_name, l.is_touched,
       p.starts_on, p.ends_on, coalesce(c.orders, 0)::numeric(20,9) AS orders,
       (coalesce(c.orders, 0) / nullif(sum(c.orders) OVER (PARTITION BY l.model), 0))::numeric(12,6) AS order_share, coalesce(c.revenue, 0)::numeric(20,4) AS revenue,
       r.expense::numeric(20,4) AS expense, (r.expense / nullif(c.revenue, 0))::numeric(20,6) AS er_ratio, (r.expense / nullif(c.orders, 0))::numeric(20,4) AS cost_per_order,
       (coalesce(c.revenue, 0) / nullif(r.expense, 0))::numeric(20,6) AS return_on_expense
  FROM line l CROSS JOIN term p
  LEFT JOIN credit c ON c.model = l.model AND c.is_touched = l.is_touched AND (c.medium = l.medium OR c.medium IS NULL AND l.medium IS NULL)
  LEFT JOIN spent e ON l.is_touched AND (e.medium = l.medium OR e.medium IS NULL AND l.medium IS NULL)
 CROSS JOIN LATERAL (SELECT CASE WHEN l.is_touched THEN coalesce(e.expense, 0) END AS expense) r
  LEFT JOIN medium m ON m.medium = l.medium;
COMMENT ON VIEW attribution_by_medium IS 'what each model of attribution says of each medium, over the days of the setting attribution_report_days before the last refresh; one row per model, medium and is_touched. Other periods, source codes and models, Markov chains too: attribution_by_model()';
COMMENT ON COLUMN attribution_by_medium.model IS 'first, last, last_non_direct (passes over the media of the setting attribution_direct_media), linear, position_u (.4 first, .4 last, .2 between), time_decay (setting attribution_half_life_days) or shapley (every different medium of a path gets the same share)';
COMMENT ON COLUMN attribution_by_medium.model_no IS 'order of the models';
COMMENT ON COLUMN attribution_by_medium.medium IS 'the medium, as in the code; NULL: none';
COMMENT ON COLUMN attribution_by_medium.medium_name IS 'its name; no medium: contacts and expenses without one; no contact known: orders without one';
COMMENT ON COLUMN attribution_by_medium.is_touched IS 'false for orders without a contact in their lookback (setting attribution_lookback_days)';
COMMENT ON COLUMN attribution_by_medium.starts_on IS 'first day of the period';
COMMENT ON COLUMN attribution_by_medium.ends_on IS 'last day of the period: the day before the last refresh';
COMMENT ON COLUMN attribution_by_medium.orders IS 'orders of the period, shared out by the model; of each model they add up to all orders, those of hold-outs too';
COMMENT ON COLUMN attribution_by_medium.order_share IS 'orders / all orders of the period';
COMMENT ON COLUMN attribution_by_medium.revenue IS 'value of these orders before returns, shared out likewise';
COMMENT ON COLUMN attribution_by_medium.expense IS 'money spent on the medium in the period, the same in each model; NULL where is_touched is false';
COMMENT ON COLUMN attribution_by_medium.er_ratio IS 'E:R, expense / revenue: lower is better; NULL without revenue';
COMMENT ON COLUMN attribution_by_medium.cost_per_order IS 'CPO, expense / orders';
COMMENT ON COLUMN attribution_by_medium.return_on_expense IS 'revenue / expense; NULL without expense';
