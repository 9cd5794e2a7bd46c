-- What customers are worth, for readers: customers, segments, models, forecasts, win-back.
--
-- A column of the same name means the same in all these views and is described once, at the end.

CREATE OR REPLACE VIEW customer_value AS
SELECT s.customer_id, c.name AS customer_name, c.region, c.salesperson_id, c.is_key_account, s.segment,
       concat(s.recency_score, s.frequency_score, s.monetary_score) AS rfm_cell, s.recency_score::integer AS recency_score, s.frequency_score::integer AS frequency_score, s.monetary_score::integer AS monetary_score,
       s.first_ordered_at, s.last_ordered_at, s.months_since_order::numeric(12,2) AS months_since_order, s.orders, s.revenue, s.returned, s.margin, s.margin_12_months,
       s.cost_to_serve, s.profit_12_months, s.alive, s.churn, s.expected_orders, s.order_value::numeric(20,2) AS order_value, s.expected_revenue::numeric(20,2) AS expected_revenue,
       s.expected_margin::numeric(20,2) AS expected_margin, s.expected_profit::numeric(20,2) AS expected_profit, s.growth::numeric(20,2) AS growth,
       (s.margin + s.expected_margin)::numeric(20,2) AS lifetime_margin, s.value_percentile, s.growth_percentile, s.frequency, s.recency, s.age, s.as_of
  FROM customer_score s JOIN customer c ON c.customer_id = s.customer_id AND NOT c.is_seed;

CREATE OR REPLACE VIEW segment_counts AS
SELECT coalesce(v.segment, 'none') AS segment, g.segment_no::integer AS segment_no, g.name AS segment_name, count(*) AS customers,
       (count(*)::numeric / sum(count(*)) OVER ())::numeric(12,6) AS customer_share,
       sum(v.orders)::bigint AS orders, sum(v.revenue)::numeric(20,4) AS revenue, sum(v.returned)::numeric(20,4) AS returned, sum(v.margin)::numeric(20,4) AS margin,
       sum(v.margin_12_months)::numeric(20,4) AS margin_12_months, sum(v.cost_to_serve)::numeric(20,4) AS cost_to_serve, sum(v.profit_12_months)::numeric(20,4) AS profit_12_months,
       avg(v.alive) AS alive, avg(v.churn) AS churn, sum(v.expected_orders) AS expected_orders, sum(v.expected_revenue)::numeric(20,2) AS expected_revenue,
       sum(v.expected_margin)::numeric(20,2) AS expected_margin, sum(v.expected_profit)::numeric(20,2) AS expected_profit
  FROM customer_value v LEFT JOIN segment g ON g.segment = v.segment
 GROUP BY v.segment, g.segment_no, g.name;
COMMENT ON VIEW segment_counts IS 'segments now: customers, what they have brought and will probably bring; one row per segment with customers';

-- Each row of the history adds one to its segment and takes one from that of the row before. After
-- rebuild_value() as of an earlier time the history goes on from there: what it said of later times
-- does not count any more.
CREATE OR REPLACE VIEW segment_counts_month AS
WITH valid AS (
    SELECT h.customer_id, h.customer_segment_id, h.as_of, h.segment
      FROM (SELECT s.customer_id, s.customer_segment_id, s.as_of, s.segment,
                   min(s.as_of) OVER (PARTITION BY s.customer_id ORDER BY s.customer_segment_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS goes_on_from
              FROM customer_segment s) h
     WHERE h.as_of <= h.goes_on_from AND h.as_of <= (SELECT max(v.as_of) FROM value_state v)
), step AS (
    SELECT date_trunc('month', h.as_of AT TIME ZONE z.value)::date AS date_month, coalesce(h.segment, 'none') AS segment,
           CASE WHEN lag(h.customer_id) OVER own IS NOT NULL THEN coalesce(lag(h.segment) OVER own, 'none') END AS left_segment
      FROM valid h JOIN customer c ON c.customer_id = h.customer_id AND NOT c.is_seed JOIN setting z ON z.setting = 'time_zone'
    WINDOW own AS (PARTITION BY h.customer_id ORDER BY h.customer_segment_id)
), change AS (
    SELECT x.date_month, x.segment, sum(x.change) AS change
      FROM (SELECT date_month, segment, 1 AS change FROM step UNION ALL SELECT date_month, left_segment, -1 FROM step WHERE left_segment IS NOT NULL) x GROUP BY 1, 2
), month AS (
    SELECT d::date AS date_month FROM (SELECT min(date_month) AS first_month, (SELECT date_trunc('month', v.as_of AT TIME ZONE z.value) FROM value_state v, setting z
                                                                            WHERE z.setting = 'time_zone') AS last_month FROM change) r,
           generate_series(r.first_month::timestamp, r.last_month, interval '1 month') d
)
SELECT n.date_month, n.segment, n.customers
  FROM (SELECT m.date_month, g.segment, (sum(coalesce(x.change, 0)) OVER (PARTITION BY g.segment ORDER BY m.date_month))::bigint AS customers
          FROM month m CROSS JOIN (SELECT DISTINCT segment FROM change) g LEFT JOIN change x ON x.date_month = m.date_month AND x.segment = g.segment) n;
COMMENT ON VIEW segment_counts_month IS 'customers in each segment at the end of each month, the present one at the last refresh; one row per month and segment that ever had one';

-- From the segment in which a customer came into the month to that in which it ended; of the history
-- what counts in segment_counts_month.
CREATE OR REPLACE VIEW segment_movements_month AS
SELECT e.date_month, coalesce(e.from_segment, 'new') AS from_segment, e.segment AS to_segment, count(*) AS customers
  FROM (SELECT l.date_month, l.segment, lag(l.segment) OVER (PARTITION BY l.customer_id ORDER BY l.date_month) AS from_segment
          FROM (SELECT DISTINCT ON (h.customer_id, date_trunc('month', h.as_of AT TIME ZONE z.value)) h.customer_id,
                       date_trunc('month', h.as_of AT TIME ZONE z.value)::date AS date_month, coalesce(h.segment, 'none') AS segment
                  FROM (SELECT s.customer_id, s.customer_segment_id, s.as_of, s.segment,
                               min(s.as_of) OVER (PARTITION BY s.customer_id ORDER BY s.customer_segment_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS goes_on_from
                          FROM customer_segment s) h
                  JOIN customer c ON c.customer_id = h.customer_id AND NOT c.is_seed JOIN setting z ON z.setting = 'time_zone'
                 WHERE h.as_of <= h.goes_on_from AND h.as_of <= (SELECT max(v.as_of) FROM value_state v)
                 ORDER BY h.customer_id, date_trunc('month', h.as_of AT TIME ZONE z.value), h.customer_segment_id DESC) l) e
 WHERE e.from_segment IS NULL OR e.from_segment <> e.segment
 GROUP BY e.date_month, e.from_segment, e.segment;
COMMENT ON VIEW segment_movements_month IS 'movements between segments within a month; customers who are in the same one at its beginning and its end do not count. One row per month and pair';
COMMENT ON COLUMN segment_movements_month.from_segment IS 'segment at the beginning of the month; new: no customer yet; none: in no segment';
COMMENT ON COLUMN segment_movements_month.to_segment IS 'segment at its end';

CREATE OR REPLACE VIEW value_models AS
SELECT m.value_model_id, m.as_of, m.model, m.unit,
       (SELECT string_agg(format('%s %s', p.name, round((m.parameters ->> p.name)::numeric, 6)), ', ' ORDER BY p.no)
          FROM unnest(CASE m.model WHEN 'pareto_nbd' THEN '{r,alpha,s,beta}'::text[] WHEN 'nbd' THEN '{r,alpha}' WHEN 'gamma_gamma' THEN '{p,q,gamma}' ELSE '{r,alpha,a,b}' END)
               WITH ORDINALITY p (name, no)) AS parameters,
       m.status, m.log_likelihood, m.bic, m.customers, m.hold_out_customers, m.hold_out_orders, m.hold_out_expected, m.hold_out_error, m.is_best, m.fitted_at
  FROM value_model m;
COMMENT ON VIEW value_models IS 'the models, one row per fit; those of the last as_of are in use, and of these is_best scores the customers';
COMMENT ON COLUMN value_models.value_model_id IS 'key, in order of time';
COMMENT ON COLUMN value_models.model IS 'bgnbd, mbgnbd, pareto_nbd, nbd (how often customers buy) or gamma_gamma (for how much)';
COMMENT ON COLUMN value_models.unit IS 'unit of time of its parameters';
COMMENT ON COLUMN value_models.parameters IS 'its parameters';
COMMENT ON COLUMN value_models.status IS 'converged, or boundary or not identifiable with the reason, or not converged';
COMMENT ON COLUMN value_models.log_likelihood IS 'log-likelihood';
COMMENT ON COLUMN value_models.bic IS 'Bayesian information criterion: less is better';
COMMENT ON COLUMN value_models.customers IS 'customers it was fitted to';
COMMENT ON COLUMN value_models.hold_out_customers IS 'customers of the test of its forecasts: fitted to the first two thirds of the time, tested by the last one';
COMMENT ON COLUMN value_models.hold_out_orders IS 'their purchases in the last third';
COMMENT ON COLUMN value_models.hold_out_expected IS 'as it had forecast';
COMMENT ON COLUMN value_models.hold_out_error IS 'root of the mean square of forecast less actual purchases of a customer';
COMMENT ON COLUMN value_models.is_best IS 'it forecast best, and scored the customers. True for gamma_gamma';
COMMENT ON COLUMN value_models.fitted_at IS 'when it was fitted';

CREATE OR REPLACE VIEW value_status AS
SELECT s.report, s.as_of, s.scored_to IS NULL AND s.snapshot IS NOT NULL AS is_complete, s.customers, s.refreshed_at, s.rebuilt_at FROM value_state s;
COMMENT ON VIEW value_status IS 'how fresh the value of customers is';
COMMENT ON COLUMN value_status.report IS 'customer_value';
COMMENT ON COLUMN value_status.is_complete IS 'all customers are scored for as_of';
COMMENT ON COLUMN value_status.refreshed_at IS 'when refresh_value() ran last';
COMMENT ON COLUMN value_status.rebuilt_at IS 'when rebuild_value() ran last';

-- A period that the reports do not cover to its end has no outcome yet.
CREATE OR REPLACE VIEW revenue_forecast AS
WITH observed AS (
    SELECT (max(r.as_of) AT TIME ZONE (SELECT value FROM setting WHERE setting = 'time_zone'))::date AS until FROM report_state r
), made AS (
    SELECT f.as_of, min(f.starts_on) AS first_on, max(f.ends_on) AS last_on FROM value_forecast f GROUP BY f.as_of
), bought AS (
    SELECT m.as_of, d.date_day, CASE WHEN t.first_order_on < m.first_on THEN 'customers' ELSE 'new customers' END AS part, sum(d.revenue) AS revenue, sum(d.orders) AS orders
      FROM made m JOIN customer_order_day d ON d.date_day BETWEEN m.first_on AND m.last_on
      JOIN customer_milestone t ON t.customer_id = d.customer_id JOIN customer c ON c.customer_id = d.customer_id AND NOT c.is_seed
     GROUP BY m.as_of, d.date_day, 3
    UNION ALL
    SELECT m.as_of, (o.ordered_at AT TIME ZONE z.value)::date, 'open leads', sum(o.revenue), count(*)
      FROM made m CROSS JOIN setting z
      JOIN lead l ON l.opened_at <= m.as_of AND l.closed_at > m.as_of AND l.status = 'won' JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
      JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id
     WHERE z.setting = 'time_zone' AND (o.ordered_at AT TIME ZONE z.value)::date BETWEEN m.first_on AND m.last_on
     GROUP BY m.as_of, 2
)
SELECT f.as_of, f.part, f.month_no::integer AS month_no, f.starts_on, f.ends_on, f.buyers, f.expected_orders, f.expected_revenue::numeric(20,2) AS expected_revenue,
       f.lower::numeric(20,2) AS expected_revenue_lower, f.upper::numeric(20,2) AS expected_revenue_upper, a.orders AS actual_orders, a.revenue AS actual_revenue,
       a.revenue BETWEEN f.lower AND f.upper AS is_within_limits
  FROM value_forecast f CROSS JOIN observed o
  LEFT JOIN LATERAL (SELECT coalesce(sum(b.orders), 0)::bigint AS orders, coalesce(sum(b.revenue), 0)::numeric(20,4) AS revenue
                       FROM bought b WHERE b.as_of = f.as_of AND b.date_day BETWEEN f.starts_on AND f.ends_on
                        AND (b.part = f.part OR f.part = 'all' AND b.part <> 'open leads')) a ON f.ends_on < o.until;
COMMENT ON VIEW revenue_forecast IS 'revenue expected of the months after a forecast was made, and what came; one row per forecast, part and month, month_no 0 for the twelve together. open leads are a part of all, forecast in another way';
COMMENT ON COLUMN revenue_forecast.part IS 'customers (who had ordered by then), new customers, all (both) or open leads (which are contained in the others)';
COMMENT ON COLUMN revenue_forecast.month_no IS 'month after as_of, from 1; 0: the twelve months together';
COMMENT ON COLUMN revenue_forecast.starts_on IS 'first day';
COMMENT ON COLUMN revenue_forecast.ends_on IS 'last day';
COMMENT ON COLUMN revenue_forecast.buyers IS 'customers (expected ones of new customers) or open leads that the forecast is made of';
COMMENT ON COLUMN revenue_forecast.expected_orders IS 'purchases expected in this time (orders of one customer on one day are one), for open leads leads won';
COMMENT ON COLUMN revenue_forecast.expected_revenue IS 'revenue expected in this time, not discounted, before returns';
COMMENT ON COLUMN revenue_forecast.expected_revenue_lower IS 'its lower limit (setting confidence); NULL where the model could not be tested';
COMMENT ON COLUMN revenue_forecast.expected_revenue_upper IS 'its upper limit';
COMMENT ON COLUMN revenue_forecast.actual_orders IS 'orders that came; NULL while the time is not over at the last refresh of the reports';
COMMENT ON COLUMN revenue_forecast.actual_revenue IS 'value of these orders';
COMMENT ON COLUMN revenue_forecast.is_within_limits IS 'actual_revenue is within the limits';

CREATE OR REPLACE VIEW lead_forecast AS
WITH closed AS (
    SELECT coalesce(l.lead_grade, 'not graded') AS lead_grade, l.status = 'won' AS is_won, o.revenue
      FROM lead l JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
      LEFT JOIN customer_order o ON l.status = 'won' AND o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id
     WHERE l.status <> 'open' AND l.closed_at > now() - interval '24 months'
), waiting AS (
    SELECT coalesce(l.lead_grade, 'not graded') AS lead_grade, count(*) AS open_leads
      FROM lead l JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed WHERE l.status = 'open' GROUP BY 1
)
SELECT w.lead_grade, w.open_leads, coalesce(g.closed_leads, 0) AS closed_leads, coalesce(g.won_leads, 0) AS won_leads,
       (g.won_leads::numeric / nullif(g.closed_leads, 0))::numeric(12,6) AS won_rate, g.average_order::numeric(20,4) AS average_order,
       (w.open_leads * g.won_leads::numeric / nullif(g.closed_leads, 0))::numeric(20,4) AS expected_orders,
       (w.open_leads * g.won_leads::numeric / nullif(g.closed_leads, 0) * g.average_order)::numeric(20,2) AS expected_revenue
  FROM waiting w
  LEFT JOIN (SELECT lead_grade, count(*) AS closed_leads, count(*) FILTER (WHERE is_won) AS won_leads, avg(revenue) AS average_order FROM closed GROUP BY lead_grade) g
         ON g.lead_grade = w.lead_grade;
COMMENT ON VIEW lead_forecast IS 'what the leads that are open now will bring, by what became of those of the same grade that were closed within 24 months; one row per grade';
COMMENT ON COLUMN lead_forecast.lead_grade IS 'grade; not graded: none yet';
COMMENT ON COLUMN lead_forecast.open_leads IS 'open leads';
COMMENT ON COLUMN lead_forecast.closed_leads IS 'leads of this grade that were closed within 24 months';
COMMENT ON COLUMN lead_forecast.won_leads IS 'of which won';
COMMENT ON COLUMN lead_forecast.won_rate IS 'won_leads / closed_leads';
COMMENT ON COLUMN lead_forecast.average_order IS 'mean value of the orders that won them';
COMMENT ON COLUMN lead_forecast.expected_orders IS 'open_leads * won_rate';
COMMENT ON COLUMN lead_forecast.expected_revenue IS 'expected_orders * average_order; NULL where none was closed or won';

-- Valuable: of the best two fifths by money. Probably lost: more likely gone than not, or silent for a year.
CREATE OR REPLACE VIEW customer_win_back AS
SELECT v.customer_id, v.customer_name, v.region, v.salesperson_id, v.segment, v.rfm_cell, v.orders, v.revenue, v.margin, v.last_ordered_at, v.months_since_order, v.alive, v.churn,
       v.order_value, (v.margin / greatest((extract(epoch FROM v.last_ordered_at - v.first_ordered_at) / 31557600)::numeric, 1))::numeric(20,2) AS margin_a_year,
       l.lost_reason, l.competitor, l.closed_at AS lead_lost_at, r.reason AS return_reason, n.is_unsubscribed, n.is_complaining,
       nullif(concat_ws('; ', CASE WHEN l.closed_at IS NOT NULL THEN concat('lead lost: ', coalesce(l.lost_reason, 'no reason given'), ' (to ' || l.competitor || ')') END, 'returned: ' || r.reason,
                              CASE WHEN n.is_complaining THEN 'complained' END, CASE WHEN n.is_unsubscribed THEN 'unsubscribed' END), '') AS reasons
  FROM customer_value v
  LEFT JOIN LATERAL (SELECT l.lost_reason, l.competitor, l.closed_at FROM lead l
                      WHERE l.customer_id = v.customer_id AND l.status IN ('lost', 'defeated') AND l.closed_at >= v.last_ordered_at
                      ORDER BY l.closed_at DESC, l.lead_id DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (SELECT r.reason FROM order_return r WHERE r.customer_id = v.customer_id AND r.returned_at >= v.last_ordered_at AND r.reason IS NOT NULL
                      ORDER BY r.returned_at DESC, r.order_return_id DESC LIMIT 1) r ON true
  LEFT JOIN LATERAL (SELECT coalesce(bool_or(e.kind = 'unsubscribed'), false) AS is_unsubscribed, coalesce(bool_or(e.kind = 'complained'), false) AS is_complaining
                       FROM touch_event e WHERE e.customer_id = v.customer_id AND e.kind IN ('unsubscribed', 'complained')) n ON true
 WHERE v.monetary_score >= 4 AND (v.alive < 0.5 OR v.months_since_order >= 12);
COMMENT ON VIEW customer_win_back IS 'customers worth winning back: of the best two fifths by money, and more likely gone than not, or without an order for twelve months; with the reasons for leaving that are recorded. Lost leads are in win_back_list. Who may be contacted is another question';
COMMENT ON COLUMN customer_win_back.margin_a_year IS 'margin a year from the first to the last order, of at least one year: what it is worth to win the customer back';
COMMENT ON COLUMN customer_win_back.lost_reason IS 'why the last lead since the last order was lost';
COMMENT ON COLUMN customer_win_back.competitor IS 'to whom';
COMMENT ON COLUMN customer_win_back.lead_lost_at IS 'when';
COMMENT ON COLUMN customer_win_back.return_reason IS 'why something was sent back since the last order';
COMMENT ON COLUMN customer_win_back.is_unsubscribed IS 'has opted out of pieces';
COMMENT ON COLUMN customer_win_back.is_complaining IS 'has complained of a piece';
COMMENT ON COLUMN customer_win_back.reasons IS 'all of these in words; NULL: nothing is recorded';
COMMENT ON VIEW customer_value IS 'what each customer has brought and will probably bring, with segment and RFM cell, at the last refresh; one row per customer who has ordered';
