-- From the reception to the deal: an example worked out by hand, and sums of the sample.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT install('shop') IS NOT NULL AS installed;
SET search_path = shop, public, dupex;
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';         -- eight hours before UTC
INSERT INTO store (store, name) VALUES ('north', 'north'), ('south', 'south');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Ann'), (2, 'Bo');
INSERT INTO source (source_code, medium) VALUES ('AA01016', 'A'), ('DA01016', 'D');
INSERT INTO customer (customer_id, is_seed) SELECT n, n = 9 FROM generate_series(1, 9) n;
-- 1: ad, form, lead opened half an hour later (the next day in UTC), received again a day later (return), two visits, order after 10 days. 2: lead by an e-mail, no form, no order.
-- 3: no lead, buys at once in the north, and a week later in the south. 4: comes on an old lead: a return visit. 5: twice the same day, one lead, one order. nobody: three people, two people. 9 is a seed name.
INSERT INTO reception (customer_id, reception_id, store, received_at, salesperson_id, lead_id, party_size, source_code) VALUES
    (1, 1, 'north', '2026-01-05 23:40', 1, NULL, 2, 'AA01016'), (1, 2, 'north', '2026-01-06 23:00', 1, 1, 1, NULL), (2, 3, 'north', '2026-01-06 04:00', 1, 2, 1, NULL), (3, 4, 'north', '2026-01-06 05:00', 1, NULL, 1, NULL),
    (4, 5, 'north', '2026-01-06 06:00', 1, 4, 1, NULL), (5, 6, 'south', '2026-01-06 02:00', 2, NULL, 1, NULL), (5, 7, 'south', '2026-01-06 08:00', 1, NULL, 4, NULL),
    (0, 8, 'north', '2026-01-06 03:00', 1, NULL, 3, NULL), (0, 9, 'north', '2026-01-06 03:30', 1, NULL, 2, 'AA01016'), (9, 10, 'north', '2026-01-06 03:00', 1, NULL, 1, NULL);
INSERT INTO lead (customer_id, lead_id, opened_at, source_code, quoted_code) VALUES (1, 1, '2026-01-06 00:10', NULL, NULL), (1, 11, '2026-01-06 00:20', NULL, NULL), (2, 2, '2026-01-06 04:10', 'DA01016', 'DA01016'), (4, 4, '2025-12-01 04:00', NULL, NULL), (5, 5, '2026-01-06 02:30', NULL, NULL);
INSERT INTO reception_form (customer_id, reception_id, form, entered_at, required_fields, filled_fields, checked_fields, plausible_fields) VALUES (1, 1, '{"name": "x"}', '2026-01-06 00:00', 4, 1, 1, 1), (2, 3, '{}', '2026-01-06 05:00', 4, 0, 0, 0), (0, 9, '{"interest": "car"}', '2026-01-06 04:00', 4, 1, 0, 0);
INSERT INTO visit (customer_id, visit_id, lead_id, status, visited_at) VALUES (1, 1, 1, 'completed', '2026-01-06 00:10'), (1, 2, 1, 'completed', '2026-01-08 04:00'), (1, 3, 1, 'completed', '2026-01-09 04:00'), (1, 4, 1, 'planned', '2026-01-20 04:00'), (2, 5, 2, 'cancelled', '2026-01-09 04:00');
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, store, lead_id) VALUES (1, 1, '2026-01-15 23:40', 20000, 'north', 1), (3, 2, '2026-01-06 06:00', 50, 'north', NULL), (3, 3, '2026-01-13 06:00', 70, 'south', NULL), (5, 4, '2026-01-06 08:00', 300, 'south', NULL),
    (4, 5, '2026-01-08 06:00', 900, 'north', 4), (0, 6, '2026-01-06 03:00', 5, 'north', NULL);
UPDATE lead SET status = 'won', closed_at = '2026-01-06 08:00', customer_order_id = 4 WHERE lead_id = 5;
SELECT refresh_reports('2026-02-01') > 0 AS refreshed;
SELECT * FROM reception_path ORDER BY reception_id;
-- north, Ann: by the ad receptions 1 and 9, 4 people, 2 forms, one lead which was visited, one deal after 10 days; by the e-mail 3; of no medium 4 8 and, in the south, 7, whose lead counts for 6 and Bo.
-- 1/2: Wilson .094531 .905469; 0/1: 0 .793451; 1/1: .206549 1
SELECT store, salesperson, medium, medium_name, receptions, visitors, forms, leads, visited_leads, deals, orders, revenue FROM reception_to_deal ORDER BY store, salesperson, medium;
SELECT store, salesperson, medium, form_rate, lead_rate, visit_rate, deal_rate, deal_rate_lower AS lower, deal_rate_upper AS upper, median_days FROM reception_to_deal ORDER BY store, salesperson, medium;
SET search_path = public, dupex;
SELECT uninstall('shop', drop_data => true) IS NOT NULL AS gone;

-- The sample: every reception once, orders of a lead once, and those of the leads that came in so
SELECT install('shop') IS NOT NULL AS installed;
SELECT load_sample('shop', 0.2) IS NOT NULL AS loaded;
SET search_path = shop, public, dupex;
SELECT refresh_reports('2026-07-01') > 0 AS refreshed;
SELECT (SELECT sum(receptions) FROM reception_to_deal) = (SELECT count(*) FROM reception_path WHERE NOT is_return) AND (SELECT count(*) FROM reception_path) = (SELECT count(*) FROM reception JOIN customer c USING (customer_id) WHERE NOT c.is_seed) AS every_one,
       (SELECT count(*) > 20 AND count(*) = count(DISTINCT (customer_id, lead_id)) FROM reception_path WHERE is_lead_counted) AS leads_once,
       (SELECT sum(leads) FROM reception_to_deal) = (SELECT count(*) FROM reception_path WHERE is_lead_counted) AS all_leads;
SELECT count(*) > 0 AS deals, count(*) FILTER (WHERE p.orders <> o.orders OR p.revenue <> o.revenue) AS different
  FROM reception_path p JOIN (SELECT o.customer_id, l.lead_id, count(*) AS orders, sum(o.revenue) AS revenue FROM customer_order o JOIN lead l ON l.customer_id = o.customer_id AND (o.lead_id = l.lead_id OR o.lead_id IS NULL AND l.customer_order_id = o.customer_order_id)
                               GROUP BY 1, 2) o USING (customer_id, lead_id) WHERE p.is_lead_counted;
SET search_path = public, dupex;
SELECT uninstall('shop', drop_data => true) IS NOT NULL AS gone;
