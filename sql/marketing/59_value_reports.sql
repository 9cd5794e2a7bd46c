-- The value of customers by where they came from, by who they are, and what it costs to have them.

-- The effort that won a customer is that of the first order.
CREATE OR REPLACE VIEW customer_origin AS
SELECT f.customer_id, f.customer_order_id, f.ordered_at AS first_ordered_at, f.revenue AS first_revenue,
       a.source_code::text AS source_code, s.campaign, s.medium, s.test_group, s.list, coalesce(s.is_hold_out, false) AS is_hold_out
  FROM (SELECT DISTINCT ON (o.customer_id) o.customer_id, o.customer_order_id, o.ordered_at, o.revenue
          FROM customer_order o JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed WHERE o.customer_id <> 0
         ORDER BY o.customer_id, o.ordered_at, o.customer_order_id) f
  LEFT JOIN LATERAL (SELECT a.source_code FROM attribution a
                      WHERE a.customer_id = f.customer_id AND a.fact = 'customer_order' AND a.fact_id = f.customer_order_id AND a.sign = 1
                      ORDER BY a.attribution_id DESC LIMIT 1) a ON true
  LEFT JOIN source s ON s.source_code = a.source_code;
COMMENT ON VIEW customer_origin IS 'the first order of each customer and the effort it counts for: what won the customer; one row per customer who has ordered';
COMMENT ON COLUMN customer_origin.customer_order_id IS 'key of the first order within the customer';
COMMENT ON COLUMN customer_origin.source_code IS 'the effort; UNSOURCED: none was found; NULL: recorded after the last refresh of the reports';
COMMENT ON COLUMN customer_origin.campaign IS 'its campaign';
COMMENT ON COLUMN customer_origin.medium IS 'its medium';
COMMENT ON COLUMN customer_origin.test_group IS 'its test group';
COMMENT ON COLUMN customer_origin.list IS 'its list';
COMMENT ON COLUMN customer_origin.is_hold_out IS 'it is a hold-out cell: the customer got nothing';

DO $views$
DECLARE
    template constant text := $template$
        CREATE OR REPLACE VIEW %1$I AS
        SELECT %2$s, coalesce(v.customers, 0) AS customers, coalesce(v.orders, 0) AS orders, coalesce(v.first_revenue, 0)::numeric(20,4) AS first_revenue,
               coalesce(v.revenue, 0)::numeric(20,4) AS revenue, coalesce(v.returned, 0)::numeric(20,4) AS returned, coalesce(v.margin, 0)::numeric(20,4) AS margin,
               coalesce(v.cost_to_serve, 0)::numeric(20,4) AS cost_to_serve, v.alive_customers, v.expected_orders, v.expected_revenue, v.expected_margin,
               (v.margin + v.expected_margin)::numeric(20,2) AS lifetime_margin, ((v.margin + v.expected_margin) / v.customers)::numeric(20,2) AS lifetime_margin_per_customer,
               %3$s
          FROM %4$s
          %5$s JOIN (SELECT %6$s, count(*) AS customers, sum(s.orders)::bigint AS orders, sum(o.first_revenue) AS first_revenue, sum(s.revenue) AS revenue, sum(s.returned) AS returned,
                            sum(s.margin) AS margin, sum(s.cost_to_serve) AS cost_to_serve, sum(s.alive) AS alive_customers, sum(s.expected_orders) AS expected_orders,
                            sum(s.expected_revenue)::numeric(20,2) AS expected_revenue, sum(s.expected_margin)::numeric(20,2) AS expected_margin
                       FROM customer_score s JOIN customer_origin o ON o.customer_id = s.customer_id %7$s
                      GROUP BY 1) v ON %8$s
         %9$s $template$;
    ratios constant text := $ratios$x.expense::numeric(20,4) AS expense, (x.expense / nullif(v.customers, 0))::numeric(20,4) AS cost_per_customer,
               (x.expense / nullif(v.first_revenue, 0))::numeric(20,6) AS er_ratio_first, (x.expense / nullif(v.revenue, 0))::numeric(20,6) AS er_ratio_to_date,
               (x.expense / nullif(v.revenue + v.expected_revenue, 0))::numeric(20,6) AS er_ratio_lifetime,
               (v.margin + v.expected_margin - x.expense)::numeric(20,2) AS lifetime_profit $ratios$;
    view_of_value record;
BEGIN
    FOR view_of_value IN
        SELECT * FROM (VALUES
            ('value_by_source', 'value of the customers won by each source code, E:R by their first orders and by their lifetime; one row per source code with customers or expense',
             'c.source_code::text AS source_code, c.campaign, c.medium, c.test_group, c.list, c.is_hold_out', ratios,
             'source c LEFT JOIN (SELECT d.source_code, sum(d.expense) AS expense FROM source_day d GROUP BY 1) y ON y.source_code = c.source_code CROSS JOIN LATERAL (SELECT coalesce(y.expense, 0) AS expense) x',
             'LEFT', 'o.source_code AS key', '', 'v.key = c.source_code::text', 'WHERE v.customers > 0 OR x.expense <> 0'),
            ('value_by_list', 'likewise by list; one row per list with customers or expense',
             'c.list, c.name AS list_name, c.origin, c.supplier', ratios,
             'list c LEFT JOIN (SELECT d.list, sum(d.expense) AS expense FROM effort_day d WHERE NOT d.is_hold_out GROUP BY 1) y ON y.list = c.list CROSS JOIN LATERAL (SELECT coalesce(y.expense, 0) AS expense) x',
             'LEFT', 'o.list AS key', 'AND NOT o.is_hold_out', 'v.key = c.list', 'WHERE v.customers > 0 OR x.expense <> 0'),
            ('value_by_medium', 'likewise by medium, with what was spent on the whole medium; one row per medium with customers or expense',
             'c.medium, c.name AS medium_name', ratios,
             'medium c LEFT JOIN (SELECT d.medium, sum(d.expense) AS expense FROM effort_day d WHERE NOT d.is_hold_out GROUP BY 1) y ON y.medium = c.medium CROSS JOIN LATERAL (SELECT coalesce(y.expense, 0) AS expense) x',
             'LEFT', 'o.medium AS key', 'AND NOT o.is_hold_out', 'v.key = c.medium', 'WHERE v.customers > 0 OR x.expense <> 0'),
            ('value_by_campaign', 'likewise by campaign, with what was spent on the whole campaign; one row per campaign with customers or expense',
             'c.campaign, c.name AS campaign_name, c.purpose', ratios,
             'campaign c LEFT JOIN (SELECT d.campaign, sum(d.expense) AS expense FROM effort_day d WHERE NOT d.is_hold_out GROUP BY 1) y ON y.campaign = c.campaign CROSS JOIN LATERAL (SELECT coalesce(y.expense, 0) AS expense) x',
             'LEFT', 'o.campaign AS key', 'AND NOT o.is_hold_out', 'v.key = c.campaign', 'WHERE v.customers > 0 OR x.expense <> 0'),
            ('value_by_cohort', 'value of customers by the month of their first order; one row per month with customers',
             'v.key AS cohort_month', '(v.repeat_customers::numeric / v.customers)::numeric(12,6) AS repeat_rate',
             'setting z', '', 'date_trunc(''month'', s.first_ordered_at AT TIME ZONE (SELECT value FROM setting WHERE setting = ''time_zone''))::date AS key, count(*) FILTER (WHERE s.orders > 1) AS repeat_customers',
             '', 'true', 'WHERE z.setting = ''time_zone''')
        ) AS v (name, meaning, keys, figures, relations, join_kind, key, condition, joined_on, restriction)
    LOOP
        EXECUTE format(template, view_of_value.name, view_of_value.keys, view_of_value.figures, view_of_value.relations, view_of_value.join_kind, view_of_value.key,
                       view_of_value.condition, view_of_value.joined_on, view_of_value.restriction);
        EXECUTE format('COMMENT ON VIEW %I IS %L', view_of_value.name, view_of_value.meaning);
    END LOOP;
END
$views$;

-- The best customers first. (Ties by the number, so that the tenths are equal.)
CREATE OR REPLACE VIEW value_concentration AS
SELECT d.decile_no::integer AS decile_no, d.customers, d.orders, d.revenue, d.margin, d.expected_revenue,
       (d.revenue / nullif(sum(d.revenue) OVER (), 0))::numeric(12,6) AS revenue_share,
       (sum(d.revenue) OVER (ORDER BY d.decile_no) / nullif(sum(d.revenue) OVER (), 0))::numeric(12,6) AS revenue_share_to_here,
       (d.margin / nullif(sum(d.margin) OVER (), 0))::numeric(20,6) AS margin_share,
       (sum(d.margin) OVER (ORDER BY d.decile_no) / nullif(sum(d.margin) OVER (), 0))::numeric(20,6) AS margin_share_to_here
  FROM (SELECT n.decile_no, count(*) AS customers, sum(n.orders)::bigint AS orders, sum(n.revenue)::numeric(20,4) AS revenue, sum(n.margin)::numeric(20,4) AS margin,
               sum(n.expected_revenue)::numeric(20,2) AS expected_revenue
          FROM (SELECT v.*, ntile(10) OVER (ORDER BY v.revenue DESC, v.customer_id) AS decile_no FROM customer_value v) n
         GROUP BY n.decile_no) d;
COMMENT ON VIEW value_concentration IS 'how much of the revenue and margin comes from how few: tenths of the customers by revenue, the best first; one row per tenth';
COMMENT ON COLUMN value_concentration.decile_no IS 'tenth of the customers, 1 to 10';
COMMENT ON COLUMN value_concentration.revenue_share IS 'their share of the revenue of all';
COMMENT ON COLUMN value_concentration.revenue_share_to_here IS 'share of these and the better ones';
COMMENT ON COLUMN value_concentration.margin_share IS 'their share of the margin of all; negative where they bring a loss';
COMMENT ON COLUMN value_concentration.margin_share_to_here IS 'share of these and the better ones; over 1 where others bring a loss';

-- Each order by what it is in the life of its customer: the first one, one after more than twelve
-- months of silence, or one of a customer who is kept.
CREATE OR REPLACE VIEW order_role AS
SELECT o.customer_id, o.customer_order_id, o.ordered_at, (o.ordered_at AT TIME ZONE z.value)::date AS ordered_on, o.revenue,
       CASE WHEN o.previous_at IS NULL THEN 'first' WHEN o.previous_at < o.ordered_at - interval '12 months' THEN 'won back' ELSE 'repeat' END AS role, o.previous_at AS previously_ordered_at
  FROM (SELECT o.*, lag(o.ordered_at) OVER (PARTITION BY o.customer_id ORDER BY o.ordered_at, o.customer_order_id) AS previous_at
          FROM customer_order o JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed WHERE o.customer_id <> 0) o
  JOIN setting z ON z.setting = 'time_zone';
COMMENT ON VIEW order_role IS 'each order of a known customer by its place in the customer''s life; one row per order';
COMMENT ON COLUMN order_role.customer_order_id IS 'key of the order within the customer';
COMMENT ON COLUMN order_role.ordered_at IS 'when it was ordered';
COMMENT ON COLUMN order_role.ordered_on IS 'the day, in the time zone of the business';
COMMENT ON COLUMN order_role.revenue IS 'value of the order before returns';
COMMENT ON COLUMN order_role.role IS 'first, won back (after more than twelve months without an order) or repeat';
COMMENT ON COLUMN order_role.previously_ordered_at IS 'when the order before it was placed';

CREATE OR REPLACE VIEW first_and_repeat_orders AS
SELECT date_trunc('month', r.ordered_on)::date AS date_month, count(*) AS orders, count(*) FILTER (WHERE r.role = 'first') AS first_orders,
       count(*) FILTER (WHERE r.role = 'repeat') AS repeat_orders, count(*) FILTER (WHERE r.role = 'won back') AS won_back_orders,
       sum(r.revenue)::numeric(20,4) AS revenue, coalesce(sum(r.revenue) FILTER (WHERE r.role = 'first'), 0)::numeric(20,4) AS first_revenue,
       coalesce(sum(r.revenue) FILTER (WHERE r.role = 'repeat'), 0)::numeric(20,4) AS repeat_revenue,
       coalesce(sum(r.revenue) FILTER (WHERE r.role = 'won back'), 0)::numeric(20,4) AS won_back_revenue,
       (coalesce(sum(r.revenue) FILTER (WHERE r.role <> 'first'), 0) / nullif(sum(r.revenue), 0))::numeric(12,6) AS repeat_revenue_share
  FROM order_role r GROUP BY 1;
COMMENT ON VIEW first_and_repeat_orders IS 'first orders against repeat orders, one row per month with orders; orders of unknown people are left out';
COMMENT ON COLUMN first_and_repeat_orders.first_orders IS 'first orders of customers';
COMMENT ON COLUMN first_and_repeat_orders.repeat_orders IS 'further orders';
COMMENT ON COLUMN first_and_repeat_orders.won_back_orders IS 'orders after more than twelve months without one';
COMMENT ON COLUMN first_and_repeat_orders.revenue IS 'value of all these orders before returns';
COMMENT ON COLUMN first_and_repeat_orders.first_revenue IS 'value of the first orders';
COMMENT ON COLUMN first_and_repeat_orders.repeat_revenue IS 'value of the further orders';
COMMENT ON COLUMN first_and_repeat_orders.won_back_revenue IS 'value of the orders after a silence';
COMMENT ON COLUMN first_and_repeat_orders.repeat_revenue_share IS '(repeat_revenue + won_back_revenue) / revenue';

-- What a campaign is for, what it has cost, and what of that it has reached.
CREATE OR REPLACE VIEW campaign_purpose_cost AS
SELECT c.campaign, c.name AS campaign_name, c.purpose, coalesce(x.expense, 0)::numeric(20,4) AS expense, coalesce(b.orders, 0) AS orders, coalesce(b.revenue, 0)::numeric(20,4) AS revenue,
       coalesce(b.acquired, 0) AS acquired, coalesce(b.kept, 0) AS kept, coalesce(b.won_back, 0) AS won_back, k.customers AS customers_to_purpose,
       (x.expense / nullif(k.customers, 0))::numeric(20,4) AS cost_per_customer
  FROM campaign c
  LEFT JOIN (SELECT d.campaign, sum(d.expense) AS expense FROM effort_day d WHERE NOT d.is_hold_out GROUP BY d.campaign) x ON x.campaign = c.campaign
  LEFT JOIN (SELECT s.campaign, count(*) AS orders, sum(r.revenue) AS revenue, count(DISTINCT r.customer_id) FILTER (WHERE r.role = 'first') AS acquired,
                    count(DISTINCT r.customer_id) FILTER (WHERE r.role = 'repeat') AS kept, count(DISTINCT r.customer_id) FILTER (WHERE r.role = 'won back') AS won_back
               FROM order_role r JOIN order_source s ON s.customer_id = r.customer_id AND s.customer_order_id = r.customer_order_id
              WHERE NOT s.is_hold_out GROUP BY s.campaign) b ON b.campaign = c.campaign
 CROSS JOIN LATERAL (SELECT CASE WHEN c.purpose = 'acquire' THEN coalesce(b.acquired, 0) WHEN c.purpose = 'keep' THEN coalesce(b.kept, 0)
                                 WHEN c.purpose = 'win back' THEN coalesce(b.won_back, 0) END AS customers) k;
COMMENT ON VIEW campaign_purpose_cost IS 'what each campaign is for, and what a customer so acquired, kept or won back has cost; one row per campaign';

CREATE OR REPLACE VIEW purpose_cost AS
SELECT p.purpose, count(*) AS campaigns, sum(p.expense)::numeric(20,4) AS expense, sum(p.orders)::bigint AS orders, sum(p.revenue)::numeric(20,4) AS revenue,
       sum(p.acquired)::bigint AS acquired, sum(p.kept)::bigint AS kept, sum(p.won_back)::bigint AS won_back, sum(p.customers_to_purpose)::bigint AS customers_to_purpose,
       (sum(p.expense) / nullif(sum(p.customers_to_purpose), 0))::numeric(20,4) AS cost_per_customer
  FROM campaign_purpose_cost p GROUP BY p.purpose;
COMMENT ON VIEW purpose_cost IS 'cost to acquire, to keep and to win back a customer, by the purposes of the campaigns; one row per purpose, NULL for campaigns without one. A customer counts once for each campaign';
COMMENT ON COLUMN purpose_cost.campaigns IS 'campaigns of this purpose';

CREATE OR REPLACE VIEW referral_value AS
SELECT r.customer_id, c.name AS customer_name, r.recommended, r.customers, r.revenue, r.margin, r.expected_margin, (r.margin + r.expected_margin)::numeric(20,2) AS lifetime_margin,
       coalesce(o.margin, 0)::numeric(20,4) AS own_margin, o.expected_margin::numeric(20,2) AS own_expected_margin, (r.customers::numeric / r.recommended)::numeric(12,6) AS customer_rate
  FROM (SELECT n.recommended_by AS customer_id, count(*) AS recommended, count(s.customer_id) AS customers, coalesce(sum(s.revenue), 0)::numeric(20,4) AS revenue,
               coalesce(sum(s.margin), 0)::numeric(20,4) AS margin, coalesce(sum(s.expected_margin), 0)::numeric(20,2) AS expected_margin
          FROM customer n LEFT JOIN customer_score s ON s.customer_id = n.customer_id
         WHERE n.recommended_by IS NOT NULL AND NOT n.is_seed GROUP BY n.recommended_by) r
  JOIN customer c ON c.customer_id = r.customer_id
  LEFT JOIN customer_score o ON o.customer_id = r.customer_id;
COMMENT ON VIEW referral_value IS 'what people bring by recommending us; one row per person who recommended somebody';
COMMENT ON COLUMN referral_value.customer_id IS 'who recommended us';
COMMENT ON COLUMN referral_value.recommended IS 'people who came by the recommendation';
COMMENT ON COLUMN referral_value.customers IS 'of whom have ordered';
COMMENT ON COLUMN referral_value.revenue IS 'value of their orders before returns';
COMMENT ON COLUMN referral_value.margin IS 'their margin';
COMMENT ON COLUMN referral_value.expected_margin IS 'their expected_margin';
COMMENT ON COLUMN referral_value.lifetime_margin IS 'margin + expected_margin';
COMMENT ON COLUMN referral_value.own_margin IS 'margin of the orders of the one who recommended';
COMMENT ON COLUMN referral_value.own_expected_margin IS 'expected_margin likewise; NULL: has not ordered';
COMMENT ON COLUMN referral_value.customer_rate IS 'customers / recommended';

-- What points of retention are worth. Retention is what happened: of who ordered in the year before
-- the last twelve months, the share that ordered in these.
CREATE OR REPLACE VIEW value_of_retention AS
WITH term AS (
    SELECT v.as_of, (SELECT s.value::numeric FROM setting s WHERE s.setting = 'value_discount_rate') AS discount_rate,
           (SELECT s.value::numeric FROM setting s WHERE s.setting = 'retention_change') AS change
      FROM value_state v
), buyer AS (
    SELECT s.customer_id, s.margin_12_months, o.medium, b.is_late, b.is_early
      FROM term t
      JOIN customer_score s ON s.as_of = t.as_of
      JOIN customer_origin o ON o.customer_id = s.customer_id
      JOIN (SELECT c.customer_id, bool_or(c.ordered_at > n.as_of - interval '12 months') AS is_late, bool_or(c.ordered_at <= n.as_of - interval '12 months') AS is_early
              FROM term n JOIN customer_order c ON c.ordered_at > n.as_of - interval '24 months' AND c.ordered_at <= n.as_of AND c.revenue >= 0
             GROUP BY c.customer_id) b ON b.customer_id = s.customer_id
), share AS (
    SELECT coalesce(b.medium, 'none') AS medium, grouping(b.medium) = 1 AS is_all, count(*) FILTER (WHERE b.is_early) AS customers_before,
           count(*) FILTER (WHERE b.is_early AND b.is_late) AS retained, count(*) FILTER (WHERE b.is_late) AS customers,
           avg(b.margin_12_months) FILTER (WHERE b.is_late) AS margin
      FROM buyer b GROUP BY GROUPING SETS ((b.medium), ())
)
SELECT CASE WHEN h.is_all THEN 'all' ELSE h.medium END AS medium, CASE WHEN h.is_all THEN 'all customers' ELSE coalesce(m.name, 'no medium known') END AS medium_name,
       h.customers_before, h.retained, r.rate::numeric(12,6) AS retention_rate, h.customers, h.margin::numeric(20,2) AS margin_per_customer,
       g.value::numeric(20,2) AS value_per_customer, c.change::numeric(12,6) AS retention_change, g.new_value::numeric(20,2) AS new_value_per_customer,
       g.gain::numeric(20,2) AS gain_per_customer, g.gain_share::numeric(12,6) AS gain_share, (g.gain * h.customers)::numeric(20,2) AS gain
  FROM share h CROSS JOIN term t LEFT JOIN medium m ON m.medium = h.medium AND NOT h.is_all
 CROSS JOIN LATERAL (SELECT h.retained::numeric / nullif(h.customers_before, 0) AS rate) r
 CROSS JOIN LATERAL (SELECT CASE WHEN r.rate IS NOT NULL THEN greatest(least(t.change, 1 - r.rate), -r.rate) END AS change) c
 CROSS JOIN LATERAL retention_gain(h.margin, r.rate, t.discount_rate, c.change) g
 WHERE h.customers_before > 0 OR h.customers > 0;
COMMENT ON VIEW value_of_retention IS 'what some points more of retention are worth, for all customers and by the medium that won them; one row per medium whose customers ordered in the last 24 months, and one for all';
COMMENT ON COLUMN value_of_retention.medium IS 'the medium of the first order; none: no effort was found; all: all customers';
COMMENT ON COLUMN value_of_retention.medium_name IS 'its name';
COMMENT ON COLUMN value_of_retention.customers_before IS 'customers who ordered in the year before the twelve months until the last refresh_value()';
COMMENT ON COLUMN value_of_retention.retained IS 'of these ordered again in the twelve months';
COMMENT ON COLUMN value_of_retention.retention_rate IS 'retained / customers_before; NULL where there were none';
COMMENT ON COLUMN value_of_retention.customers IS 'customers who ordered in the twelve months, new ones included';
COMMENT ON COLUMN value_of_retention.margin_per_customer IS 'their mean margin of the twelve months';
COMMENT ON COLUMN value_of_retention.value_per_customer IS 'value of a customer who brings this margin a year with this retention, discounted by the setting value_discount_rate: retention_value()';
COMMENT ON COLUMN value_of_retention.retention_change IS 'change of the retention rate: the setting retention_change, cut to rates between 0 and 1';
COMMENT ON COLUMN value_of_retention.new_value_per_customer IS 'value with the changed retention';
COMMENT ON COLUMN value_of_retention.gain_per_customer IS 'new_value_per_customer - value_per_customer';
COMMENT ON COLUMN value_of_retention.gain_share IS 'gain_per_customer / value_per_customer';
COMMENT ON COLUMN value_of_retention.gain IS 'gain_per_customer x customers: what may be spent at most on reaching the change';

-- What may be spent to win a customer: the margin of the first order, and a share of what comes after it.
CREATE OR REPLACE VIEW value_allowable_cost AS
WITH first_order AS (
    SELECT o.customer_id, o.source_code, o.campaign, o.medium, o.list, c.revenue - c.cost_of_goods - coalesce(r.amount, 0) AS first_margin, s.margin, s.expected_margin
      FROM customer_origin o
      JOIN customer_order c ON c.customer_id = o.customer_id AND c.customer_order_id = o.customer_order_id
      JOIN customer_score s ON s.customer_id = o.customer_id
     CROSS JOIN LATERAL (SELECT sum(b.amount - b.cost_of_goods) AS amount FROM order_return b WHERE b.customer_id = c.customer_id AND b.customer_order_id = c.customer_order_id) r
     WHERE NOT o.is_hold_out
), won AS MATERIALIZED (
    SELECT CASE WHEN grouping(f.source_code) = 0 THEN 'source' WHEN grouping(f.campaign) = 0 THEN 'campaign' WHEN grouping(f.list) = 0 THEN 'list' WHEN grouping(f.medium) = 0 THEN 'medium' ELSE 'all' END AS kind,
           coalesce(f.source_code, f.campaign, f.list, f.medium, '') AS key, count(*) AS customers, avg(f.first_margin) AS first_margin,
           avg(f.margin - f.first_margin + coalesce(f.expected_margin, 0)::numeric(20,4)) AS later_margin
      FROM first_order f GROUP BY GROUPING SETS ((f.source_code), (f.campaign), (f.list), (f.medium), ())
), spent AS MATERIALIZED (
    SELECT CASE WHEN grouping(d.source_code) = 0 THEN 'source' WHEN grouping(d.campaign) = 0 THEN 'campaign' WHEN grouping(d.list) = 0 THEN 'list' WHEN grouping(d.medium) = 0 THEN 'medium' ELSE 'all' END AS kind,
           coalesce(d.source_code::text, d.campaign, d.list, d.medium, '') AS key, sum(d.expense) AS expense, sum(d.leads)::bigint AS leads
      FROM effort_day d WHERE NOT d.is_hold_out GROUP BY GROUPING SETS ((d.source_code), (d.campaign), (d.list), (d.medium), ())
)
SELECT w.kind AS effort_kind, nullif(w.key, '') AS effort, CASE w.kind WHEN 'campaign' THEN c.name WHEN 'list' THEN l.name WHEN 'medium' THEN m.name WHEN 'source' THEN w.key ELSE 'all efforts' END AS effort_name,
       w.customers, w.first_margin::numeric(20,2) AS first_margin_per_customer, w.later_margin::numeric(20,2) AS later_margin_per_customer,
       a.allowable::numeric(20,2) AS allowable_cost_per_customer, coalesce(s.expense, 0)::numeric(20,4) AS expense, k.cost::numeric(20,4) AS cost_per_customer,
       (a.allowable - k.cost)::numeric(20,2) AS headroom_per_customer, k.cost <= a.allowable AS is_within, coalesce(s.leads, 0) AS leads,
       CASE WHEN s.leads > 0 THEN allowable_acquisition_cost(w.first_margin, w.later_margin, z.share, least(w.customers::numeric / s.leads, 1)) END::numeric(20,2) AS allowable_cost_per_lead,
       (s.expense / nullif(s.leads, 0))::numeric(20,4) AS cost_per_lead
  FROM won w
 CROSS JOIN (SELECT value::numeric AS share FROM setting WHERE setting = 'allowable_share') z
  LEFT JOIN spent s ON s.kind = w.kind AND s.key = w.key
  LEFT JOIN campaign c ON w.kind = 'campaign' AND c.campaign = w.key
  LEFT JOIN list l ON w.kind = 'list' AND l.list = w.key
  LEFT JOIN medium m ON w.kind = 'medium' AND m.medium = w.key
 CROSS JOIN LATERAL (SELECT allowable_acquisition_cost(w.first_margin, w.later_margin, z.share) AS allowable) a
 CROSS JOIN LATERAL (SELECT coalesce(s.expense, 0) / nullif(w.customers, 0) AS cost) k
 WHERE w.customers > 0 AND (w.kind = 'all' OR w.key <> '');
COMMENT ON VIEW value_allowable_cost IS 'what winning a customer, or a lead, may cost, beside what it did cost: of all efforts together, by medium, list, campaign and source code; one row per effort that has won customers';
COMMENT ON COLUMN value_allowable_cost.effort_kind IS 'all, medium, list, campaign or source';
COMMENT ON COLUMN value_allowable_cost.effort IS 'its key; NULL for all';
COMMENT ON COLUMN value_allowable_cost.effort_name IS 'its name';
COMMENT ON COLUMN value_allowable_cost.customers IS 'customers whose first order counts for it, without hold-outs';
COMMENT ON COLUMN value_allowable_cost.first_margin_per_customer IS 'mean margin of the first orders: revenue - cost of goods - returns';
COMMENT ON COLUMN value_allowable_cost.later_margin_per_customer IS 'mean margin of the orders after the first so far, and expected_margin of the next twelve months';
COMMENT ON COLUMN value_allowable_cost.allowable_cost_per_customer IS 'first_margin_per_customer + later_margin_per_customer x the setting allowable_share: allowable_acquisition_cost()';
COMMENT ON COLUMN value_allowable_cost.headroom_per_customer IS 'allowable_cost_per_customer - cost_per_customer: below 0 the customers do not pay for what it took to win them';
COMMENT ON COLUMN value_allowable_cost.is_within IS 'cost_per_customer is not above allowable_cost_per_customer';
COMMENT ON COLUMN value_allowable_cost.leads IS 'leads that count for the effort';
COMMENT ON COLUMN value_allowable_cost.allowable_cost_per_lead IS 'allowable_cost_per_customer x customers / leads (at most 1); NULL without leads';
COMMENT ON COLUMN value_allowable_cost.cost_per_lead IS 'expense / leads';

-- A column means the same in all these views, so it is described once, where nothing was said above.
DO $comments$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT a.attrelid::regclass AS view, a.attname, c.meaning
          FROM pg_attribute a
          LEFT JOIN (VALUES
            ('customer_id',        'the customer'),
            ('customer_name',      'name of the customer'),
            ('region',             'region'),
            ('salesperson_id',     'owner of the account'),
            ('is_key_account',     'a key account'),
            ('segment',            'segment, by table segment_rule; none or NULL: in none'),
            ('segment_no',         'order of the segments'),
            ('segment_name',       'what the segment means'),
            ('rfm_cell',           'RFM cell, 111 to 555, 5 is best: recency, frequency, monetary'),
            ('recency_score',      'R of the RFM cell'), ('frequency_score',    'F of the RFM cell'),
            ('monetary_score',     'M of the RFM cell'),
            ('first_ordered_at',   'first order'), ('last_ordered_at',    'last order until as_of'),
            ('months_since_order', 'months of 30.4375 days since the last order'),
            ('first_revenue',      'value of the first orders alone'),
            ('orders',             'orders until as_of'),
            ('revenue',            'value of the orders before returns, in the currency of the database'),
            ('returned',           'money given back for returns'),
            ('margin',             'revenue - returned - cost of goods sold and not returned'),
            ('margin_12_months',   'margin of the twelve months until as_of'),
            ('cost_to_serve',      'marginal cost of the contacts of the twelve months until as_of'),
            ('profit_12_months',   'margin_12_months - cost_to_serve: below 0 the customer costs more than he brings'),
            ('alive',              'probability of still being a customer; of several customers the mean'), ('alive_customers',    'expected number of those who are still customers'),
            ('churn',              'probability of no purchase within twelve months; of several customers the mean'),
            ('expected_orders',    'purchases expected within twelve months'),
            ('order_value',        'expected value of a purchase'),
            ('expected_revenue',   'revenue expected of the next twelve months, discounted'),
            ('expected_margin',    'margin expected of the next twelve months, discounted'),
            ('expected_profit',    'expected_margin - cost_to_serve'),
            ('growth',             'expected_margin - margin_12_months'),
            ('lifetime_margin',    'margin + expected_margin: what was brought, and what twelve more months will bring'),
            ('lifetime_margin_per_customer', 'lifetime_margin / customers'),
            ('lifetime_profit',    'lifetime_margin - expense: what the effort has brought and will bring'),
            ('value_percentile',   'share of the customers with a smaller expected_margin, in hundredths'),
            ('growth_percentile',  'share of the customers with a smaller growth, in hundredths'),
            ('frequency',          'days with a purchase after the first such day'),
            ('recency',            'time from the first to the last of these days, in the unit of the models'),
            ('age',                'time from the first of these days to as_of'),
            ('as_of',              'time for which it holds'),
            ('customers',          'customers who have ordered'),
            ('customer_share',     'share of all customers'),
            ('date_month',         'first day of the month'),
            ('cohort_month',       'month of the first order'),
            ('repeat_rate',        'customers with more than one order / customers'),
            ('source_code',        'the source code; UNSOURCED: none was found'),
            ('campaign',           'key of the campaign'), ('campaign_name',      'name of the campaign'),
            ('purpose',            'acquire, keep or win back; NULL: none is set'),
            ('medium',             'the medium'), ('medium_name',        'name of the medium'),
            ('test_group',         'the test group'),
            ('list',               'the list'), ('list_name',          'name of the list'),
            ('origin',             'house, rented, bought or exchanged'),
            ('supplier',           'who supplied the list'),
            ('is_hold_out',        'hold-out cell: got nothing'),
            ('expense',            'money spent on the effort so far'),
            ('cost_per_customer',  'expense / customers that the effort has won, or, by purpose, that it has served as it was to; NULL where none'),
            ('er_ratio_first',     'E:R by the first orders of the customers won: expense / first_revenue'),
            ('er_ratio_to_date',   'E:R by all orders of the customers won: expense / revenue'),
            ('er_ratio_lifetime',  'E:R by these and the expected revenue: expense / (revenue + expected_revenue)'),
            ('acquired',           'customers whose first order counts for it'),
            ('kept',               'customers of whom a further order counts for it'),
            ('won_back',           'customers of whom an order after more than twelve months without one counts for it'),
            ('customers_to_purpose', 'acquired, kept or won_back, as the purpose is; NULL without a purpose')
          ) AS c (name, meaning) ON c.name = a.attname
         WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL
           AND a.attrelid IN ('customer_value'::regclass, 'segment_counts'::regclass, 'segment_counts_month'::regclass, 'segment_movements_month'::regclass, 'value_models'::regclass,
                              'value_status'::regclass, 'revenue_forecast'::regclass, 'customer_win_back'::regclass, 'customer_origin'::regclass, 'value_by_source'::regclass,
                              'value_by_list'::regclass, 'value_by_medium'::regclass, 'value_by_campaign'::regclass, 'value_by_cohort'::regclass, 'value_concentration'::regclass,
                              'order_role'::regclass, 'first_and_repeat_orders'::regclass, 'campaign_purpose_cost'::regclass, 'purpose_cost'::regclass, 'referral_value'::regclass, 'value_of_retention'::regclass,
                              'value_allowable_cost'::regclass)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', named.view, named.attname, named.meaning);
    END LOOP;
END
$comments$;
