-- Baskets of the web shop that were abandoned: why, whom to call, and what calling brings.
--
-- Nothing says that a call is about a basket: the first outbound call to the person after it was
-- abandoned counts as one, as long as the person has not ordered and the time for it is not over (setting
-- basket_recovery_days). What came back is the basket itself, completed, or another order within that time, such as one given on
-- the telephone; an order counts for one basket, the one that its completion names, else the last one
-- abandoned before it.
--
-- Who orders before anybody calls counts as not called. So the difference that calls make is
-- understated rather than overstated; what comes back before a basket is due to be called (setting
-- basket_call_hours) is left out of both sides.

CREATE OR REPLACE VIEW abandoned_basket AS
WITH term AS (
    SELECT (SELECT value::numeric FROM setting WHERE setting = 'basket_recovery_days') * interval '1 day' AS recovery,
           (SELECT value::numeric FROM setting WHERE setting = 'basket_call_hours') * interval '1 hour' AS waiting,
           (SELECT value FROM setting WHERE setting = 'time_zone') AS zone, (SELECT r.as_of FROM report_state r WHERE r.report = 'source_day') AS as_of
), basket AS (
    SELECT e.customer_id, e.basket, min(e.happened_at) FILTER (WHERE e.kind = 'abandoned') AS abandoned_at, max(e.happened_at) FILTER (WHERE e.kind = 'abandoned') AS last_abandoned_at,
           (array_agg(e.reason ORDER BY e.happened_at DESC, e.basket_event_id DESC) FILTER (WHERE e.reason IS NOT NULL))[1] AS reason,
           (array_agg(e.amount ORDER BY e.happened_at DESC, e.basket_event_id DESC) FILTER (WHERE e.amount IS NOT NULL AND e.kind <> 'completed'))[1] AS amount,
           lead(min(e.happened_at) FILTER (WHERE e.kind = 'abandoned')) OVER (PARTITION BY e.customer_id ORDER BY min(e.happened_at) FILTER (WHERE e.kind = 'abandoned'), e.basket COLLATE "C") AS next_abandoned_at
      FROM basket_event e JOIN customer c ON c.customer_id = e.customer_id AND NOT c.is_seed
     GROUP BY e.customer_id, e.basket HAVING bool_or(e.kind = 'abandoned')
), back AS (
    SELECT b.*, d.happened_at AS completed_at, coalesce(d.revenue, d.amount, b.amount) AS completed_revenue, o.ordered_at, o.revenue AS ordered_revenue
      FROM basket b CROSS JOIN term t
      LEFT JOIN LATERAL (SELECT e.happened_at, e.amount, r.revenue
                           FROM basket_event e LEFT JOIN customer_order r ON r.customer_id = e.customer_id AND r.customer_order_id = e.customer_order_id
                          WHERE e.customer_id = b.customer_id AND e.basket = b.basket AND e.kind = 'completed' AND e.happened_at >= b.abandoned_at
                          ORDER BY e.happened_at, e.basket_event_id LIMIT 1) d ON true
      LEFT JOIN LATERAL (SELECT r.ordered_at, r.revenue FROM customer_order r
                          WHERE r.customer_id = b.customer_id AND r.customer_id <> 0 AND r.ordered_at > b.abandoned_at AND r.ordered_at <= b.abandoned_at + t.recovery
                            AND NOT EXISTS (SELECT FROM basket_event e WHERE e.customer_id = r.customer_id AND e.customer_order_id = r.customer_order_id)
                            AND (b.next_abandoned_at IS NULL OR r.ordered_at < b.next_abandoned_at)
                          ORDER BY r.ordered_at, r.customer_order_id LIMIT 1) o ON true
), recovered AS (
    SELECT k.*, CASE WHEN k.completed_at <= k.abandoned_at + t.recovery AND (k.ordered_at IS NULL OR k.completed_at <= k.ordered_at) THEN 'basket' WHEN k.ordered_at IS NOT NULL THEN 'other order' END AS recovered_by,
           t.recovery, t.waiting, t.zone, t.as_of
      FROM back k CROSS JOIN term t
)
SELECT k.customer_id, k.basket, k.abandoned_at, (k.abandoned_at AT TIME ZONE k.zone)::date AS date_day, k.last_abandoned_at, coalesce(k.reason, 'not told') AS reason, k.amount::numeric(18,4) AS amount, k.completed_at,
       k.recovered_by, w.recovered_at, CASE k.recovered_by WHEN 'basket' THEN k.completed_revenue WHEN 'other order' THEN k.ordered_revenue END::numeric(18,4) AS recovered_revenue,
       n.has_office_number AND (w.recovered_at IS NULL OR w.recovered_at > k.abandoned_at + k.waiting) AS is_to_be_called,
       c.called_at, c.result AS call_result, coalesce(k.abandoned_at + k.recovery <= k.as_of, false) AS is_over
  FROM recovered k
 CROSS JOIN LATERAL (SELECT CASE k.recovered_by WHEN 'basket' THEN k.completed_at WHEN 'other order' THEN k.ordered_at END AS recovered_at) w
 CROSS JOIN LATERAL (SELECT k.customer_id <> 0 AND EXISTS (SELECT FROM contact_point p WHERE p.customer_id = k.customer_id AND p.kind IN ('phone', 'mobile') AND p.place = 'office'
                                        AND p.status NOT IN ('bounced', 'refused') AND coalesce(p.key_hash <> '', true) AND (p.ended_on IS NULL OR p.ended_on > (k.abandoned_at AT TIME ZONE k.zone)::date)) AS has_office_number) n
  LEFT JOIN LATERAL (SELECT l.called_at, l.result FROM call l
                      WHERE l.customer_id = k.customer_id AND l.customer_id <> 0 AND l.direction = 'outbound' AND l.called_at > k.abandoned_at
                        AND l.called_at <= k.abandoned_at + k.recovery AND (w.recovered_at IS NULL OR l.called_at <= w.recovered_at)
                      ORDER BY l.called_at, l.call_id LIMIT 1) c ON true;
COMMENT ON VIEW abandoned_basket IS 'baskets of the web shop that were abandoned, those too that came back, without seed names; one row per basket';
COMMENT ON COLUMN abandoned_basket.customer_id IS 'the customer; 0 when unidentified';
COMMENT ON COLUMN abandoned_basket.basket IS 'the basket, as the shop numbers it';
COMMENT ON COLUMN abandoned_basket.abandoned_at IS 'when it was abandoned for the first time';
COMMENT ON COLUMN abandoned_basket.date_day IS 'the day of that, in the time zone of setting time_zone';
COMMENT ON COLUMN abandoned_basket.last_abandoned_at IS 'when it was abandoned last';
COMMENT ON COLUMN abandoned_basket.reason IS 'why, as told last; not told: no reason is recorded';
COMMENT ON COLUMN abandoned_basket.amount IS 'value of the basket as last recorded; NULL: never recorded';
COMMENT ON COLUMN abandoned_basket.completed_at IS 'when the basket was completed, however late; NULL: it was not';
COMMENT ON COLUMN abandoned_basket.recovered_by IS 'what came back within the days of the setting basket_recovery_days: basket (it was completed) or other order; NULL: nothing';
COMMENT ON COLUMN abandoned_basket.recovered_at IS 'when it came back';
COMMENT ON COLUMN abandoned_basket.recovered_revenue IS 'value of that order before returns; where the completion names no order, of the basket';
COMMENT ON COLUMN abandoned_basket.is_to_be_called IS 'it had not come back after the hours of the setting basket_call_hours, and an office number of the person is known';
COMMENT ON COLUMN abandoned_basket.called_at IS 'first outbound call to the person after it was abandoned, in the days of basket_recovery_days and before it came back; NULL: not called';
COMMENT ON COLUMN abandoned_basket.call_result IS 'result of this call';
COMMENT ON COLUMN abandoned_basket.is_over IS 'the days of basket_recovery_days were over at the last refresh: what has not come back counts as lost';

CREATE OR REPLACE VIEW basket_reasons AS
SELECT b.reason, count(*) AS baskets, (count(*)::numeric / sum(count(*)) OVER ())::numeric(12,6) AS basket_share, coalesce(sum(b.amount), 0)::numeric(20,4) AS amount,
       count(*) FILTER (WHERE b.is_over) AS baskets_over, count(*) FILTER (WHERE b.is_over AND b.called_at IS NOT NULL) AS called, count(*) FILTER (WHERE b.is_over AND b.recovered_at IS NOT NULL) AS recovered,
       (count(*) FILTER (WHERE b.is_over AND b.recovered_at IS NOT NULL)::numeric / nullif(count(*) FILTER (WHERE b.is_over), 0))::numeric(12,6) AS recovery_rate,
       coalesce(sum(b.recovered_revenue) FILTER (WHERE b.is_over), 0)::numeric(20,4) AS recovered_revenue,
       coalesce(sum(b.amount) FILTER (WHERE b.is_over AND b.recovered_at IS NULL), 0)::numeric(20,4) AS lost_amount
  FROM abandoned_basket b GROUP BY b.reason;
COMMENT ON VIEW basket_reasons IS 'abandoned baskets by reason, what came back of them and what was lost; one row per reason';
COMMENT ON COLUMN basket_reasons.reason IS 'the reason; not told: none is recorded';
COMMENT ON COLUMN basket_reasons.baskets IS 'baskets abandoned';
COMMENT ON COLUMN basket_reasons.basket_share IS 'baskets / abandoned baskets of all reasons';
COMMENT ON COLUMN basket_reasons.amount IS 'value of these baskets';
COMMENT ON COLUMN basket_reasons.baskets_over IS 'baskets whose days of the setting basket_recovery_days were over at the last refresh: the denominator of recovery_rate';
COMMENT ON COLUMN basket_reasons.called IS 'of these, baskets after which the person was called';
COMMENT ON COLUMN basket_reasons.recovered IS 'of baskets_over, those that came back';
COMMENT ON COLUMN basket_reasons.recovery_rate IS 'recovered / baskets_over';
COMMENT ON COLUMN basket_reasons.recovered_revenue IS 'value of what came back, before returns';
COMMENT ON COLUMN basket_reasons.lost_amount IS 'value of the baskets_over that did not come back';

CREATE OR REPLACE VIEW basket_month AS
SELECT b.date_month, count(*) AS baskets, count(*) FILTER (WHERE b.abandoned > 0) AS abandoned, count(*) FILTER (WHERE b.is_lost) AS not_completed,
       (count(*) FILTER (WHERE b.is_lost)::numeric / count(*))::numeric(12,6) AS abandonment_rate
  FROM (SELECT date_trunc('month', min(e.happened_at) AT TIME ZONE z.value)::date AS date_month, count(*) FILTER (WHERE e.kind = 'abandoned') AS abandoned,
               coalesce(max(e.happened_at) FILTER (WHERE e.kind = 'abandoned') > coalesce(max(e.happened_at) FILTER (WHERE e.kind = 'completed'), '-infinity'), false) AS is_lost
          FROM basket_event e JOIN customer c ON c.customer_id = e.customer_id AND NOT c.is_seed JOIN setting z ON z.setting = 'time_zone'
         GROUP BY e.customer_id, e.basket, z.value) b
 GROUP BY b.date_month;
COMMENT ON VIEW basket_month IS 'baskets of the web shop by the month in which they were begun, and how many of them were abandoned; one row per month';
COMMENT ON COLUMN basket_month.date_month IS 'first day of the month';
COMMENT ON COLUMN basket_month.baskets IS 'baskets begun: of which anything is recorded, without seed names';
COMMENT ON COLUMN basket_month.abandoned IS 'of these, baskets that were ever abandoned';
COMMENT ON COLUMN basket_month.not_completed IS 'of these, baskets that were not completed afterwards';
COMMENT ON COLUMN basket_month.abandonment_rate IS 'not_completed / baskets';

-- Called against not called. Only baskets that were to be called: of the others nobody would have been.
CREATE OR REPLACE VIEW basket_call_effect AS
SELECT g.reason, g.called, g.called_recovered, (g.called_recovered::numeric / nullif(g.called, 0))::numeric(12,6) AS called_recovery_rate,
       p.lower::numeric(12,6) AS called_recovery_rate_lower, p.upper::numeric(12,6) AS called_recovery_rate_upper,
       g.not_called, g.not_called_recovered, (g.not_called_recovered::numeric / nullif(g.not_called, 0))::numeric(12,6) AS not_called_recovery_rate,
       q.lower::numeric(12,6) AS not_called_recovery_rate_lower, q.upper::numeric(12,6) AS not_called_recovery_rate_upper,
       d.difference::numeric(12,6) AS recovery_difference, d.lower::numeric(12,6) AS recovery_difference_lower, d.upper::numeric(12,6) AS recovery_difference_upper,
       g.called_revenue, g.not_called_revenue, (g.called_revenue / nullif(g.called, 0))::numeric(20,4) AS revenue_per_called, (g.not_called_revenue / nullif(g.not_called, 0))::numeric(20,4) AS revenue_per_not_called,
       (g.called_revenue - g.not_called_revenue * g.called / nullif(g.not_called, 0))::numeric(20,4) AS added_revenue
  FROM (SELECT coalesce(b.reason, 'all reasons') AS reason, count(*) FILTER (WHERE b.called_at IS NOT NULL) AS called, count(*) FILTER (WHERE b.called_at IS NULL) AS not_called,
               count(b.recovered_at) FILTER (WHERE b.called_at IS NOT NULL) AS called_recovered, count(b.recovered_at) FILTER (WHERE b.called_at IS NULL) AS not_called_recovered,
               coalesce(sum(b.recovered_revenue) FILTER (WHERE b.called_at IS NOT NULL), 0)::numeric(20,4) AS called_revenue,
               coalesce(sum(b.recovered_revenue) FILTER (WHERE b.called_at IS NULL), 0)::numeric(20,4) AS not_called_revenue
          FROM abandoned_basket b WHERE b.is_to_be_called AND b.is_over GROUP BY GROUPING SETS ((b.reason), ())) g
 CROSS JOIN (SELECT value::float8 AS confidence FROM setting WHERE setting = 'confidence') s
  LEFT JOIN LATERAL rate_interval(rate(g.called_recovered, g.called), s.confidence) p ON g.called > 0
  LEFT JOIN LATERAL rate_interval(rate(g.not_called_recovered, g.not_called), s.confidence) q ON g.not_called > 0
  LEFT JOIN LATERAL rate_difference_interval(rate(g.called_recovered, g.called), rate(g.not_called_recovered, g.not_called), s.confidence) d ON g.called > 0 AND g.not_called > 0
 WHERE g.called + g.not_called > 0;
COMMENT ON VIEW basket_call_effect IS 'what calling people about abandoned baskets brings: baskets after which they were called against those after which they were not, of all that were to be called (abandoned_basket.is_to_be_called) and whose days of the setting basket_recovery_days were over at the last refresh. One row per reason and one for all reasons';
COMMENT ON COLUMN basket_call_effect.reason IS 'why the baskets were abandoned; all reasons: all of them';
COMMENT ON COLUMN basket_call_effect.called IS 'baskets after which the person was called, before anything came back';
COMMENT ON COLUMN basket_call_effect.called_recovered IS 'of these came back';
COMMENT ON COLUMN basket_call_effect.called_recovery_rate IS 'called_recovered / called';
COMMENT ON COLUMN basket_call_effect.called_recovery_rate_lower IS 'its lower confidence limit (Wilson; setting confidence)';
COMMENT ON COLUMN basket_call_effect.called_recovery_rate_upper IS 'its upper confidence limit';
COMMENT ON COLUMN basket_call_effect.not_called IS 'baskets after which nobody called, or not before something came back';
COMMENT ON COLUMN basket_call_effect.not_called_recovered IS 'of these came back';
COMMENT ON COLUMN basket_call_effect.not_called_recovery_rate IS 'not_called_recovered / not_called';
COMMENT ON COLUMN basket_call_effect.not_called_recovery_rate_lower IS 'its lower confidence limit';
COMMENT ON COLUMN basket_call_effect.not_called_recovery_rate_upper IS 'its upper confidence limit';
COMMENT ON COLUMN basket_call_effect.recovery_difference IS 'called_recovery_rate less not_called_recovery_rate';
COMMENT ON COLUMN basket_call_effect.recovery_difference_lower IS 'its lower confidence limit (Newcombe): above 0, calling goes with more coming back';
COMMENT ON COLUMN basket_call_effect.recovery_difference_upper IS 'its upper confidence limit';
COMMENT ON COLUMN basket_call_effect.called_revenue IS 'value of what came back of called, before returns';
COMMENT ON COLUMN basket_call_effect.not_called_revenue IS 'value of what came back of not_called';
COMMENT ON COLUMN basket_call_effect.revenue_per_called IS 'called_revenue / called';
COMMENT ON COLUMN basket_call_effect.revenue_per_not_called IS 'not_called_revenue / not_called';
COMMENT ON COLUMN basket_call_effect.added_revenue IS 'called_revenue above what as many baskets brought without a call; negative where they brought more';

CREATE OR REPLACE FUNCTION basket_call_list(as_of timestamptz DEFAULT now())
    RETURNS TABLE (customer_id bigint, customer_name text, phone text, salesperson_id bigint, salesperson text, basket text, abandoned_at timestamptz, hours numeric, reason text, amount numeric, products text, baskets bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path FROM CURRENT AS
$$
DECLARE
    recovery interval := setting_number('basket_recovery_days', 0.01, 365) * interval '1 day';
    waiting  interval := setting_number('basket_call_hours', 0, 8760) * interval '1 hour';
    today    date := (as_of AT TIME ZONE setting_value('time_zone'))::date;
BEGIN
    RETURN QUERY
    WITH refused AS MATERIALIZED (
        SELECT f.customer_id FROM other_contact_refusals('{quiet_hours}', 'call', as_of, NULL, ARRAY(SELECT DISTINCT e.customer_id FROM basket_event e
                                                                              WHERE e.kind = 'abandoned' AND e.happened_at > as_of - recovery AND e.happened_at <= as_of - waiting AND e.customer_id <> 0)) f
    ), lost AS (
        SELECT e.customer_id, e.basket, max(e.happened_at) AS abandoned_at
          FROM basket_event e WHERE e.kind = 'abandoned' AND e.happened_at > as_of - recovery AND e.happened_at <= as_of - waiting AND e.customer_id <> 0 GROUP BY e.customer_id, e.basket
    ), open AS (
        SELECT l.*, v.reason, v.amount, q.products
          FROM lost l
         CROSS JOIN LATERAL (SELECT (array_agg(e.reason ORDER BY e.happened_at DESC, e.basket_event_id DESC) FILTER (WHERE e.reason IS NOT NULL))[1] AS reason,
                                    (array_agg(e.amount ORDER BY e.happened_at DESC, e.basket_event_id DESC) FILTER (WHERE e.amount IS NOT NULL))[1] AS amount,
                                    bool_or(e.happened_at > l.abandoned_at OR e.kind = 'completed' AND e.happened_at >= l.abandoned_at) AS is_active
                               FROM basket_event e WHERE e.customer_id = l.customer_id AND e.basket = l.basket AND e.happened_at <= as_of) v
         CROSS JOIN LATERAL (SELECT string_agg(i.name, ', ' ORDER BY i.name COLLATE "C") AS products     -- what is left in it
                               FROM (SELECT d.name FROM basket_event e JOIN product d ON d.product = e.product
                                      WHERE e.customer_id = l.customer_id AND e.basket = l.basket AND e.happened_at <= as_of AND e.kind = 'added'
                                      GROUP BY e.product, d.name HAVING sum(coalesce(e.quantity, 1)) > 0) i) q
         WHERE NOT v.is_active
           AND NOT EXISTS (SELECT FROM refused r WHERE r.customer_id = l.customer_id)
           AND NOT EXISTS (SELECT FROM call k WHERE k.customer_id = l.customer_id AND k.direction = 'outbound' AND k.called_at > l.abandoned_at AND k.called_at <= as_of)
           AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = l.customer_id AND o.ordered_at > l.abandoned_at AND o.ordered_at <= as_of)
    ), person AS (
        SELECT DISTINCT ON (o.customer_id) o.*, count(*) OVER (PARTITION BY o.customer_id) AS baskets, sum(o.amount) OVER (PARTITION BY o.customer_id) AS total FROM open o
         ORDER BY o.customer_id, o.amount DESC NULLS LAST, o.abandoned_at DESC, o.basket COLLATE "C"
    )
    SELECT p.customer_id, c.name, n.value, c.salesperson_id, s.name, p.basket, p.abandoned_at, round(extract(epoch FROM as_of - p.abandoned_at) / 3600, 1), coalesce(p.reason, 'not told'),
           p.total::numeric(18,4), p.products, p.baskets
      FROM person p JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed
      LEFT JOIN salesperson s ON s.salesperson_id = c.salesperson_id
     CROSS JOIN LATERAL (SELECT t.value FROM contact_point t
                          WHERE t.customer_id = p.customer_id AND t.kind IN ('phone', 'mobile') AND t.place = 'office' AND t.status NOT IN ('bounced', 'refused') AND (t.ended_on IS NULL OR t.ended_on > today)
                            AND coalesce(t.key_hash <> '', contact_match_key(t.kind, t.value) IS NOT NULL)
                          ORDER BY t.is_preferred DESC, t.kind = 'phone' DESC, t.contact_point_id LIMIT 1) n
     ORDER BY p.total DESC NULLS LAST, p.abandoned_at, p.customer_id;
END
$$;
COMMENT ON FUNCTION basket_call_list(timestamptz) IS 'whom to call about a basket, as of a time: people with an office number (one that can be read, neither bounced nor refused) who may be called (contact_refusals(), whatever the time of day) and have abandoned one at least the hours of the setting basket_call_hours and less than the days of basket_recovery_days ago, have done nothing in it since, ordered nothing and were not called. One row per person: basket, abandoned_at, reason and products are of the basket of the highest value, amount is that of all baskets of theirs, hours since it was abandoned. The highest amounts first';
