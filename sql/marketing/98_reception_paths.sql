-- From the reception to the deal: what becomes of the people who come into the store.
--
-- A reception has the lead that it was on, else the first one that the person opened the same day. A
-- reception on a lead of an earlier day is a return visit: it is a step of that way, not the beginning of another one. Where two receptions
-- of one day have the same lead, or the same person without one, what follows is of the first, so that orders count once.

CREATE OR REPLACE VIEW reception_path AS
WITH visitor AS (
    SELECT r.customer_id, r.reception_id, r.store, r.salesperson_id, r.received_at, (r.received_at AT TIME ZONE z.value)::date AS date_day, z.value AS zone, r.party_size, r.source_code, coalesce(r.lead_id, n.lead_id) AS lead_id,
           EXISTS (SELECT FROM reception_form f WHERE f.customer_id = r.customer_id AND f.reception_id = r.reception_id AND f.filled_fields > 0) AS is_with_form
      FROM reception r JOIN customer c ON c.customer_id = r.customer_id AND NOT c.is_seed JOIN setting z ON z.setting = 'time_zone'
      LEFT JOIN LATERAL (SELECT l.lead_id FROM lead l
                          WHERE l.customer_id = r.customer_id AND r.customer_id <> 0 AND r.lead_id IS NULL AND (l.opened_at AT TIME ZONE z.value)::date = (r.received_at AT TIME ZONE z.value)::date
                          ORDER BY l.opened_at, l.lead_id LIMIT 1) n ON true
), way AS (
    SELECT v.*, coalesce((l.opened_at AT TIME ZONE v.zone)::date < v.date_day, false) AS is_return, l.customer_order_id, coalesce(s.medium, a.medium) AS medium,
           row_number() OVER (PARTITION BY v.customer_id, v.lead_id, CASE WHEN v.lead_id IS NULL THEN v.date_day END, CASE WHEN v.customer_id = 0 THEN v.reception_id END ORDER BY v.received_at, v.reception_id) = 1 AS is_first
      FROM visitor v
      LEFT JOIN lead l ON l.customer_id = v.customer_id AND l.lead_id = v.lead_id
      LEFT JOIN source s ON s.source_code = v.source_code AND s.source_code <> 'UNSOURCED'
      LEFT JOIN LATERAL (SELECT e.medium FROM attribution t JOIN source e ON e.source_code = t.source_code
                          WHERE t.customer_id = v.customer_id AND t.fact = 'lead' AND t.fact_id = v.lead_id AND t.sign = 1 ORDER BY t.attribution_id DESC LIMIT 1) a ON true
)
SELECT w.customer_id, w.reception_id, w.store, w.salesperson_id, w.medium, w.received_at, w.date_day, w.party_size::integer AS visitors, w.is_return, w.is_with_form, w.lead_id, w.lead_id IS NOT NULL AND w.is_first AND NOT w.is_return AS is_lead_counted,
       coalesce(v.visits, 0) AS visits, coalesce(o.orders, 0) AS orders, coalesce(o.revenue, 0)::numeric(20,4) AS revenue, o.first_ordered_at
  FROM way w
  LEFT JOIN LATERAL (SELECT count(*) AS visits FROM visit x
                      WHERE x.customer_id = w.customer_id AND x.lead_id = w.lead_id AND x.status = 'completed' AND (x.visited_at AT TIME ZONE w.zone)::date > w.date_day) v ON w.is_first AND NOT w.is_return
  LEFT JOIN LATERAL (SELECT count(*) AS orders, sum(y.revenue) AS revenue, min(y.ordered_at) AS first_ordered_at FROM customer_order y
                      WHERE y.customer_id = w.customer_id AND w.customer_id <> 0
                        AND CASE WHEN w.lead_id IS NOT NULL THEN (y.lead_id = w.lead_id OR y.lead_id IS NULL AND y.customer_order_id = w.customer_order_id) AND (y.ordered_at AT TIME ZONE w.zone)::date >= w.date_day
                                 ELSE y.lead_id IS NULL AND y.store = w.store AND (y.ordered_at AT TIME ZONE w.zone)::date = w.date_day
                                      AND NOT EXISTS (SELECT FROM lead z WHERE z.customer_id = y.customer_id AND z.customer_order_id = y.customer_order_id) END) o ON w.is_first AND NOT w.is_return;
COMMENT ON VIEW reception_path IS 'what became of each reception: form, lead, visits, orders; one row per reception, those of seed names left out';
COMMENT ON COLUMN reception_path.customer_id IS 'the customer; 0: visitors who left no name';
COMMENT ON COLUMN reception_path.reception_id IS 'key of the reception within the customer';
COMMENT ON COLUMN reception_path.store IS 'the store';
COMMENT ON COLUMN reception_path.salesperson_id IS 'who received the visitors';
COMMENT ON COLUMN reception_path.medium IS 'medium of the code that was quoted, else of the effort that the lead counts for; NULL: unknown';
COMMENT ON COLUMN reception_path.received_at IS 'when they came';
COMMENT ON COLUMN reception_path.date_day IS 'the day of that, in the time zone of setting time_zone';
COMMENT ON COLUMN reception_path.visitors IS 'people who came together';
COMMENT ON COLUMN reception_path.is_return IS 'it was on a lead of an earlier day: what follows counts for the first reception';
COMMENT ON COLUMN reception_path.is_with_form IS 'there is a form with something filled in';
COMMENT ON COLUMN reception_path.lead_id IS 'the lead it was on, else the first one that the person opened that day; NULL: none';
COMMENT ON COLUMN reception_path.is_lead_counted IS 'it is the reception for which the lead counts: the first one of the lead, on the day it was opened';
COMMENT ON COLUMN reception_path.visits IS 'visits completed on the lead on later days';
COMMENT ON COLUMN reception_path.orders IS 'orders on the lead since; without a lead, orders of the person in this store that day';
COMMENT ON COLUMN reception_path.revenue IS 'value of these orders before returns';
COMMENT ON COLUMN reception_path.first_ordered_at IS 'the first of these orders';

CREATE OR REPLACE VIEW reception_to_deal AS
SELECT g.store, g.salesperson_id, p.name AS salesperson, g.medium, m.name AS medium_name, g.receptions, g.visitors, g.forms, g.leads, g.visited_leads, g.deals, g.orders, g.revenue,
       (g.forms::numeric / g.receptions)::numeric(12,6) AS form_rate, (g.leads::numeric / g.receptions)::numeric(12,6) AS lead_rate, (g.visited_leads::numeric / nullif(g.leads, 0))::numeric(12,6) AS visit_rate,
       (g.deals::numeric / g.receptions)::numeric(12,6) AS deal_rate, i.lower::numeric(12,6) AS deal_rate_lower, i.upper::numeric(12,6) AS deal_rate_upper, g.median_days::numeric(12,3) AS median_days
  FROM (SELECT r.store, r.salesperson_id, r.medium, count(*) AS receptions, sum(r.visitors)::bigint AS visitors, count(*) FILTER (WHERE r.is_with_form) AS forms, count(*) FILTER (WHERE r.is_lead_counted) AS leads,
               count(*) FILTER (WHERE r.visits > 0) AS visited_leads, count(*) FILTER (WHERE r.orders > 0) AS deals, sum(r.orders)::bigint AS orders, sum(r.revenue)::numeric(20,4) AS revenue,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.first_ordered_at - r.received_at) / 86400) AS median_days
          FROM reception_path r WHERE NOT r.is_return GROUP BY r.store, r.salesperson_id, r.medium) g
  LEFT JOIN salesperson p ON p.salesperson_id = g.salesperson_id
  LEFT JOIN medium m ON m.medium = g.medium
 CROSS JOIN LATERAL rate_interval(rate(g.deals, g.receptions), (SELECT value::float8 FROM setting WHERE setting = 'confidence')) i;
COMMENT ON VIEW reception_to_deal IS 'from the reception to the deal, without return visits; one row per store, salesperson and medium. Visitors counted at the door whom nobody received are in view registration';
COMMENT ON COLUMN reception_to_deal.store IS 'the store';
COMMENT ON COLUMN reception_to_deal.salesperson_id IS 'who received the visitors';
COMMENT ON COLUMN reception_to_deal.salesperson IS 'name';
COMMENT ON COLUMN reception_to_deal.medium IS 'the medium that brought them; NULL: unknown';
COMMENT ON COLUMN reception_to_deal.medium_name IS 'its name';
COMMENT ON COLUMN reception_to_deal.receptions IS 'receptions, without return visits: the denominator';
COMMENT ON COLUMN reception_to_deal.visitors IS 'people who came, companions included';
COMMENT ON COLUMN reception_to_deal.forms IS 'receptions with a form in which something is filled in';
COMMENT ON COLUMN reception_to_deal.leads IS 'leads of these receptions';
COMMENT ON COLUMN reception_to_deal.visited_leads IS 'of these, leads with a visit completed on a later day';
COMMENT ON COLUMN reception_to_deal.deals IS 'receptions that led to an order';
COMMENT ON COLUMN reception_to_deal.orders IS 'their orders';
COMMENT ON COLUMN reception_to_deal.revenue IS 'value of these orders before returns';
COMMENT ON COLUMN reception_to_deal.form_rate IS 'forms / receptions';
COMMENT ON COLUMN reception_to_deal.lead_rate IS 'leads / receptions';
COMMENT ON COLUMN reception_to_deal.visit_rate IS 'visited_leads / leads';
COMMENT ON COLUMN reception_to_deal.deal_rate IS 'deals / receptions';
COMMENT ON COLUMN reception_to_deal.deal_rate_lower IS 'its lower confidence limit (Wilson; setting confidence)';
COMMENT ON COLUMN reception_to_deal.deal_rate_upper IS 'its upper confidence limit';
COMMENT ON COLUMN reception_to_deal.median_days IS 'median of the days from the reception to the first order';
