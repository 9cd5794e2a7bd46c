-- How the efforts of orders were found: one by one, added up, and what remains unknown allocated.

CREATE OR REPLACE VIEW order_source AS
SELECT o.customer_id, o.customer_order_id, o.order_number, o.ordered_at, o.revenue, o.quoted_code,
       a.source_code::text AS source_code, a.method, coalesce(a.method IN ('by person', 'by household'), false) AS is_matched_back,
       s.campaign, s.medium, s.test_group, s.list, coalesce(s.is_hold_out, false) AS is_hold_out
  FROM customer_order o
  LEFT JOIN LATERAL (SELECT a.source_code, a.method FROM attribution a
                      WHERE a.customer_id = o.customer_id AND a.fact = 'customer_order' AND a.fact_id = o.customer_order_id AND a.sign = 1
                      ORDER BY a.attribution_id DESC LIMIT 1) a ON true
  LEFT JOIN source s ON s.source_code = a.source_code;
COMMENT ON VIEW order_source IS 'orders with the effort they count for and how it was found, one row per order';
COMMENT ON COLUMN order_source.customer_id IS 'the customer';
COMMENT ON COLUMN order_source.customer_order_id IS 'key of the order within the customer';
COMMENT ON COLUMN order_source.order_number IS 'number of the order in the system it came from';
COMMENT ON COLUMN order_source.ordered_at IS 'when it was ordered';
COMMENT ON COLUMN order_source.revenue IS 'value of the order before returns';
COMMENT ON COLUMN order_source.quoted_code IS 'the code as the customer quoted it';
COMMENT ON COLUMN order_source.source_code IS 'the effort it counts for; UNSOURCED: none was found; NULL: recorded after the last refresh, or by a seed name';
COMMENT ON COLUMN order_source.method IS 'how it was found: given, mended, by response, by lead, by person, by household, none';
COMMENT ON COLUMN order_source.is_matched_back IS 'found by person or by household, from the pieces they got';
COMMENT ON COLUMN order_source.campaign IS 'campaign of the effort';
COMMENT ON COLUMN order_source.medium IS 'medium of the effort';
COMMENT ON COLUMN order_source.test_group IS 'its test group';
COMMENT ON COLUMN order_source.list IS 'its list';
COMMENT ON COLUMN order_source.is_hold_out IS 'the effort is a hold-out cell: the customer got nothing';

-- The ledger adds up by itself: what was taken back cancels.
CREATE OR REPLACE VIEW match_back_reconciliation AS
SELECT a.source_code::text AS source_code, s.campaign, s.medium, s.test_group, s.list, s.is_hold_out, a.orders_given, a.orders_by_answer,
       a.orders_by_person, a.orders_by_household, a.orders, a.revenue_given, a.revenue_by_answer, a.revenue_by_person, a.revenue_by_household, a.revenue
  FROM (SELECT l.source_code,
               coalesce(sum(l.sign) FILTER (WHERE l.method IN ('given', 'mended')), 0)::bigint AS orders_given,
               coalesce(sum(l.sign) FILTER (WHERE l.method IN ('by response', 'by lead')), 0)::bigint AS orders_by_answer,
               coalesce(sum(l.sign) FILTER (WHERE l.method = 'by person'), 0)::bigint AS orders_by_person,
               coalesce(sum(l.sign) FILTER (WHERE l.method = 'by household'), 0)::bigint AS orders_by_household,
               sum(l.sign)::bigint AS orders,
               coalesce(sum(l.sign * l.amount) FILTER (WHERE l.method IN ('given', 'mended')), 0)::numeric(20,4) AS revenue_given,
               coalesce(sum(l.sign * l.amount) FILTER (WHERE l.method IN ('by response', 'by lead')), 0)::numeric(20,4) AS revenue_by_answer,
               coalesce(sum(l.sign * l.amount) FILTER (WHERE l.method = 'by person'), 0)::numeric(20,4) AS revenue_by_person,
               coalesce(sum(l.sign * l.amount) FILTER (WHERE l.method = 'by household'), 0)::numeric(20,4) AS revenue_by_household,
               sum(l.sign * l.amount)::numeric(20,4) AS revenue
          FROM attribution l WHERE l.fact = 'customer_order' GROUP BY l.source_code HAVING sum(l.sign) <> 0) a
  JOIN source s ON s.source_code = a.source_code;
COMMENT ON VIEW match_back_reconciliation IS 'orders and revenue by how their effort was found, one row per source code with orders; UNSOURCED holds those for which none was found. The rows add up to all orders';
COMMENT ON COLUMN match_back_reconciliation.source_code IS 'the source code';
COMMENT ON COLUMN match_back_reconciliation.campaign IS 'campaign of the effort';
COMMENT ON COLUMN match_back_reconciliation.medium IS 'medium of the effort';
COMMENT ON COLUMN match_back_reconciliation.test_group IS 'its test group';
COMMENT ON COLUMN match_back_reconciliation.list IS 'its list';
COMMENT ON COLUMN match_back_reconciliation.is_hold_out IS 'a hold-out cell: its people got nothing';
COMMENT ON COLUMN match_back_reconciliation.orders_given IS 'orders with a code of their own, given or mended';
COMMENT ON COLUMN match_back_reconciliation.orders_by_answer IS 'orders that follow a response or lead with a known effort';
COMMENT ON COLUMN match_back_reconciliation.orders_by_person IS 'orders matched back to a piece that the same person got';
COMMENT ON COLUMN match_back_reconciliation.orders_by_household IS 'orders matched back to a piece that the household got';
COMMENT ON COLUMN match_back_reconciliation.orders IS 'all orders that count for the code';
COMMENT ON COLUMN match_back_reconciliation.revenue_given IS 'revenue of orders_given';
COMMENT ON COLUMN match_back_reconciliation.revenue_by_answer IS 'revenue of orders_by_answer';
COMMENT ON COLUMN match_back_reconciliation.revenue_by_person IS 'revenue of orders_by_person';
COMMENT ON COLUMN match_back_reconciliation.revenue_by_household IS 'revenue of orders_by_household';
COMMENT ON COLUMN match_back_reconciliation.revenue IS 'revenue of all orders that count for the code, before returns';

-- The revenue of UNSOURCED goes to the known codes of the same month in proportion to their own. A
-- hold-out cell gets none, nor a code whose corrections exceed its orders. What the shares,
-- rounded to the fourth decimal, come to is taken from UNSOURCED, so nothing appears or is lost.
CREATE OR REPLACE VIEW revenue_allocation_month AS
WITH cell AS (
    SELECT date_trunc('month', d.date_day)::date AS date_month, d.source_code, s.campaign, s.medium, s.test_group, s.list, s.is_hold_out,
           sum(d.revenue) AS revenue, sum(d.expense) AS expense,
           CASE WHEN d.source_code <> 'UNSOURCED' AND NOT s.is_hold_out THEN greatest(sum(d.revenue), 0) ELSE 0 END AS base
      FROM source_day d JOIN source s ON s.source_code = d.source_code
     GROUP BY 1, d.source_code, s.campaign, s.medium, s.test_group, s.list, s.is_hold_out
), share AS (
    SELECT c.*, round(coalesce(sum(c.revenue) FILTER (WHERE c.source_code = 'UNSOURCED') OVER same_month * c.base
                               / nullif(sum(c.base) OVER same_month, 0), 0), 4) AS part
      FROM cell c WINDOW same_month AS (PARTITION BY c.date_month)
), allocated AS (
    SELECT h.*, CASE WHEN h.source_code = 'UNSOURCED' THEN -sum(h.part) OVER (PARTITION BY h.date_month) ELSE h.part END AS allocated_revenue
      FROM share h
)
SELECT a.date_month, a.source_code::text AS source_code, a.campaign, a.medium, a.test_group, a.list, a.is_hold_out,
       a.expense::numeric(20,4) AS expense, a.revenue::numeric(20,4) AS revenue, a.allocated_revenue::numeric(20,4) AS allocated_revenue,
       (a.revenue + a.allocated_revenue)::numeric(20,4) AS revenue_with_allocation,
       (a.expense / nullif(a.revenue, 0))::numeric(20,6) AS er_ratio,
       (a.expense / nullif(a.revenue + a.allocated_revenue, 0))::numeric(20,6) AS er_ratio_with_allocation
  FROM allocated a
 WHERE a.revenue <> 0 OR a.expense <> 0 OR a.allocated_revenue <> 0;
COMMENT ON VIEW revenue_allocation_month IS 'revenue without a known effort, allocated to the codes of the same month in proportion to their revenue; one row per month and source code';
COMMENT ON COLUMN revenue_allocation_month.date_month IS 'first day of the month';

CREATE OR REPLACE VIEW revenue_allocation AS
SELECT m.source_code, m.campaign, m.medium, m.test_group, m.list, m.is_hold_out, sum(m.expense)::numeric(20,4) AS expense, sum(m.revenue)::numeric(20,4) AS revenue,
       sum(m.allocated_revenue)::numeric(20,4) AS allocated_revenue, sum(m.revenue_with_allocation)::numeric(20,4) AS revenue_with_allocation,
       (sum(m.expense) / nullif(sum(m.revenue), 0))::numeric(20,6) AS er_ratio,
       (sum(m.expense) / nullif(sum(m.revenue_with_allocation), 0))::numeric(20,6) AS er_ratio_with_allocation
  FROM revenue_allocation_month m
 GROUP BY m.source_code, m.campaign, m.medium, m.test_group, m.list, m.is_hold_out;
COMMENT ON VIEW revenue_allocation IS 'revenue without a known effort, allocated to the codes of the same month in proportion to their revenue; one row per source code';

DO $comments$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT a.attrelid::regclass AS view, a.attname, c.meaning
          FROM pg_attribute a
          JOIN (VALUES
            ('source_code',              'the source code; UNSOURCED: none was found'),
            ('campaign',                 'campaign of the effort'),
            ('medium',                   'medium of the effort'),
            ('test_group',               'its test group'),
            ('list',                     'its list'),
            ('is_hold_out',              'hold-out cell: nothing is allocated to it'),
            ('expense',                  'money spent on the code'),
            ('revenue',                  'value of the orders that count for the code, before returns'),
            ('allocated_revenue',        'its share of the revenue without a known effort; of UNSOURCED, what has been given away, negative'),
            ('revenue_with_allocation',  'revenue + allocated_revenue; adds up to the same as revenue'),
            ('er_ratio',                 'E:R, expense / revenue: lower is better; NULL without revenue'),
            ('er_ratio_with_allocation', 'expense / revenue_with_allocation')
          ) AS c (name, meaning) ON c.name = a.attname
         WHERE a.attnum > 0 AND a.attrelid IN ('revenue_allocation_month'::regclass, 'revenue_allocation'::regclass)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', named.view, named.attname, named.meaning);
    END LOOP;
END
$comments$;
