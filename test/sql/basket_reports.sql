-- Abandoned baskets: reasons, call list, called against not called. An example worked out by hand, and
-- many baskets among the sample's people against the rules written down in another way.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
SELECT install('baskets') IS NOT NULL AS installed;
SET search_path = baskets, public, dupex;
INSERT INTO product (product, name) VALUES ('car', 'car'), ('mat', 'mat'), ('wax', 'wax');
INSERT INTO salesperson (salesperson_id, name) VALUES (1, 'Ann');
INSERT INTO customer (customer_id, name, is_seed, salesperson_id) SELECT n, 'customer ' || n, n = 6, CASE WHEN n = 8 THEN 1 END FROM generate_series(1, 8) n;
INSERT INTO contact_point (customer_id, kind, place, value, status, is_preferred, ended_on) VALUES (1, 'phone', 'office', '010 6555 0011', 'unknown', false, NULL), (2, 'mobile', 'office', '138 0013 0022', 'refused', false, NULL), (3, 'phone', 'office', '010 6555 0033', 'valid', false, NULL),
    (4, 'phone', 'home', '010 6555 0044', 'valid', false, NULL), (5, 'mobile', 'office', '138 0013 0055', 'valid', false, NULL), (6, 'phone', 'office', '010 6555 0066', 'valid', false, NULL), (7, 'phone', 'office', '010 6555 0077', 'valid', false, NULL),
    (8, 'phone', 'office', '010 6555 0088', 'valid', false, NULL), (8, 'mobile', 'office', '138 0013 0888', 'valid', true, NULL), (8, 'phone', 'office', '010 6555 0008', 'valid', true, '2026-01-01'), (3, 'email', 'office', 'a@b.example', 'valid', true, NULL);
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) VALUES (1, 1, '2026-02-02 09:00', 95), (5, 2, '2026-02-03 12:00', 280), (8, 3, '2026-02-05 10:00', 500), (8, 4, '2026-02-20 10:00', 410);
INSERT INTO call (customer_id, call_id, called_at, direction, result) VALUES (1, 1, '2026-02-01 12:00', 'outbound', 'reached'), (3, 2, '2026-02-09 10:00', 'outbound', 'reached'), (5, 3, '2026-02-04 10:00', 'outbound', 'promise'),
    (8, 4, '2026-02-02 12:00', 'outbound', 'call back'), (3, 5, '2026-02-02 10:00', 'inbound', 'answered');
INSERT INTO basket_event (customer_id, basket, kind, happened_at, product, quantity, amount, reason, customer_order_id) VALUES
    (1, 'b1', 'added', '2026-02-01 10:00', 'wax', 2, 100, NULL, NULL), (1, 'b1', 'abandoned', '2026-02-01 10:30', NULL, NULL, NULL, 'price', NULL), (1, 'b1', 'completed', '2026-02-02 09:01', NULL, NULL, 95, NULL, 1),
    (3, 'b2', 'abandoned', '2026-02-01 10:00', NULL, NULL, 200, 'shipping', NULL), (5, 'b3', 'abandoned', '2026-02-01 10:00', NULL, NULL, 300, 'price', NULL),
    (7, 'b4', 'abandoned', '2026-02-01 10:00', NULL, NULL, 50, NULL, NULL), (7, 'b4', 'completed', '2026-02-01 10:20', NULL, NULL, NULL, NULL, NULL),
    (4, 'b5', 'abandoned', '2026-02-01 10:00', NULL, NULL, 60, 'price', NULL), (0, 'b6', 'abandoned', '2026-02-05 10:00', NULL, NULL, 70, 'just looking', NULL), (6, 'b7', 'abandoned', '2026-02-01 10:00', NULL, NULL, 999, 'price', NULL),
    (8, 'b8', 'added', '2026-02-01 09:00', 'car', 1, 390, NULL, NULL), (8, 'b8', 'added', '2026-02-01 09:05', 'mat', 1, 410, NULL, NULL), (8, 'b8', 'added', '2026-02-01 09:10', 'mat', -1, 400, NULL, NULL), (8, 'b8', 'added', '2026-02-01 09:15', 'wax', NULL, 400, NULL, NULL),
    (8, 'b8', 'abandoned', '2026-02-01 10:00', NULL, NULL, NULL, 'price', NULL), (8, 'b8', 'abandoned', '2026-02-02 10:00', NULL, NULL, 420, 'shipping', NULL), (8, 'b8', 'completed', '2026-02-20 10:00', NULL, NULL, NULL, NULL, 4),
    (8, 'b9', 'abandoned', '2026-02-03 10:00', NULL, NULL, 80, 'price', NULL), (1, 'b10', 'added', '2026-02-10 10:00', 'wax', 1, 50, NULL, NULL),
    (3, 'b11', 'abandoned', '2026-02-27 10:00', NULL, NULL, 30, 'price', NULL), (3, 'b13', 'abandoned', '2026-02-27 11:00', NULL, NULL, 35, NULL, NULL), (2, 'b12', 'abandoned', '2026-02-10 10:00', NULL, NULL, 40, 'price', NULL);
SELECT count(*) AS over_before_the_first_refresh FROM abandoned_basket WHERE is_over;
SELECT refresh_reports('2026-03-01') IS NOT NULL AS refreshed;

-- b1 is called and completed. b2 is called on the ninth day: too late to count. b3 orders before the call. b4 comes back within the hour. b5 has a home number, b6 none, 2 refused to be called at the office.
-- b8 is completed after 19 days: too late; order 3 is of b9, abandoned last before it.
SELECT customer_id, basket, abandoned_at, last_abandoned_at, reason, amount, completed_at, recovered_by, recovered_at, recovered_revenue, is_to_be_called, called_at, call_result, is_over
  FROM abandoned_basket ORDER BY substr(basket, 2)::int;
-- price: b1 b3 b5 b9 b11 b12, of which b11 is not over: 3 of 5 came back, 95 + 280 + 500; b5 and b12 are lost, 60 + 40. not told: b4 b13. shipping: b2 b8 = 200 + 420.
SELECT * FROM basket_reasons ORDER BY reason;
-- 12 baskets were begun, all but b10 abandoned; b1 b4 b8 were completed afterwards
SELECT * FROM basket_month;
-- to be called and over: b1 b8 were called, b2 b3 b9 not. 1/2 - 2/3: Wilson .094531 .905469 and .207660 .938508; -.166667 - sqrt(.405469^2 + .271841^2), + sqrt(.405469^2 + .459007^2). Added: 95 - 780 x 2/3
SELECT reason, called, called_recovered, called_recovery_rate AS rate, called_recovery_rate_lower AS lower, called_recovery_rate_upper AS upper, not_called, not_called_recovered, not_called_recovery_rate AS not_rate,
       not_called_recovery_rate_lower AS not_lower, not_called_recovery_rate_upper AS not_upper FROM basket_call_effect ORDER BY reason;
SELECT reason, recovery_difference AS difference, recovery_difference_lower AS lower, recovery_difference_upper AS upper, called_revenue, not_called_revenue, revenue_per_called, revenue_per_not_called, added_revenue FROM basket_call_effect ORDER BY reason;

-- The call list: nobody within the hour; after it 8 5 3 1 (at once at 11:30); 1 was called at 12:00, 8 abandoned again
SELECT count(*) FROM basket_call_list('2026-02-01 10:45');
SELECT * FROM basket_call_list('2026-02-01 11:30');
SELECT customer_id, basket, hours, amount FROM basket_call_list('2026-02-01 12:30');
SELECT customer_id, basket, hours, reason, amount FROM basket_call_list('2026-02-02 11:00');
-- b9 is another basket than the one that 8 was called about; 5 has not ordered yet; then he has
SELECT customer_id, basket, hours, amount FROM basket_call_list('2026-02-03 11:00');
SELECT customer_id, basket, hours, amount FROM basket_call_list('2026-02-03 12:00');
-- seven days are over to the second; two baskets of one person are one call
SELECT (SELECT count(*) FROM basket_call_list('2026-02-08 09:59:59')) AS still, (SELECT count(*) FROM basket_call_list('2026-02-08 10:00')) AS over;
SELECT customer_id, phone, basket, hours, reason, amount, baskets FROM basket_call_list('2026-02-27 12:00');
-- something was put into b13 since: he is at it again
INSERT INTO basket_event (customer_id, basket, kind, happened_at, amount) VALUES (3, 'b13', 'added', '2026-02-27 12:10', 45);
SELECT customer_id, basket, amount, baskets FROM basket_call_list('2026-02-27 12:30');
UPDATE setting SET value = '48' WHERE setting = 'basket_call_hours';
SELECT customer_id, basket, hours FROM basket_call_list('2026-02-28 12:00');
UPDATE setting SET value = 'soon' WHERE setting = 'basket_call_hours';
SELECT * FROM basket_call_list();
UPDATE setting SET value = '1' WHERE setting = 'basket_call_hours';
SELECT dupex.uninstall('baskets', drop_data => true) IS NOT NULL AS gone;

-- Among the sample's people: 600 baskets by hashes, with calls, completions and orders of theirs.
SELECT dupex.install('baskets') IS NOT NULL AS installed;
SELECT dupex.load_sample('baskets', 0.02) IS NOT NULL AS loaded;
SET search_path = baskets, public, dupex;
CREATE FUNCTION pg_temp.dice(n int, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (hashint8(n::bigint * 1000 + salt)::bigint + 2147483648) / 4294967296.0;
CREATE TEMP TABLE drawn AS
SELECT n, 1 + floor(40 * pg_temp.dice(n, 1))::bigint AS customer_id, 'x' || n AS basket, timestamptz '2026-05-01' + 50 * pg_temp.dice(n, 2) * interval '1 day' AS at FROM generate_series(1, 600) n;
INSERT INTO basket_event (customer_id, basket, kind, happened_at, amount, reason)
SELECT customer_id, basket, 'abandoned', at, 10 + n % 90, CASE WHEN n % 3 > 0 THEN 'reason ' || n % 3 END FROM drawn;
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue)
SELECT customer_id, 5000000 + n, at + 9 * pg_temp.dice(n, 3) ^ 2 * interval '1 day', 20 + n FROM drawn WHERE pg_temp.dice(n, 4) < .4;
INSERT INTO basket_event (customer_id, basket, kind, happened_at, customer_order_id, amount)
SELECT d.customer_id, d.basket, 'completed', o.ordered_at, CASE WHEN n % 5 > 0 THEN o.customer_order_id END, 15 FROM drawn d JOIN customer_order o ON o.customer_order_id = 5000000 + n WHERE pg_temp.dice(n, 5) < .5;
INSERT INTO call (customer_id, called_at, direction, result)
SELECT customer_id, at + 10 * pg_temp.dice(n, 6) ^ 2 * interval '1 day', CASE WHEN n % 4 = 0 THEN 'inbound' ELSE 'outbound' END, CASE WHEN n % 4 = 0 THEN 'answered' ELSE 'reached' END FROM drawn WHERE pg_temp.dice(n, 7) < .6;
INSERT INTO contact_point (customer_id, kind, place, value) SELECT c.customer_id, 'phone', 'office', '010 6555 ' || 1000 + c.customer_id FROM customer c WHERE c.customer_id BETWEEN 1 AND 25 ON CONFLICT DO NOTHING;
SELECT refresh_reports('2026-06-15') > 0 AS refreshed;
-- who an order is of: its completion, else the last basket of the person abandoned before it
CREATE TEMP TABLE expected AS
WITH basket AS (SELECT customer_id, basket, min(happened_at) AS at FROM basket_event WHERE kind = 'abandoned' GROUP BY 1, 2),
owned AS (
    SELECT DISTINCT ON (o.customer_order_id) o.customer_order_id, b.customer_id, b.basket, o.ordered_at, o.revenue
      FROM customer_order o JOIN basket b ON b.customer_id = o.customer_id AND b.at <= o.ordered_at
     WHERE o.customer_order_id NOT IN (SELECT customer_order_id FROM basket_event WHERE customer_order_id IS NOT NULL)
     ORDER BY o.customer_order_id, b.at DESC, b.basket DESC),
came AS (
    SELECT customer_id, basket, ordered_at AS at, revenue, 'other order' AS by FROM owned
    UNION ALL
    SELECT e.customer_id, e.basket, e.happened_at, coalesce(o.revenue, e.amount), 'basket' FROM basket_event e LEFT JOIN customer_order o USING (customer_id, customer_order_id) WHERE e.kind = 'completed'),
first_came AS (SELECT DISTINCT ON (b.customer_id, b.basket) b.customer_id, b.basket, c.at, c.revenue, c.by FROM basket b JOIN came c USING (customer_id, basket)
                WHERE extract(epoch FROM c.at - b.at) BETWEEN 0 AND 7 * 86400 ORDER BY b.customer_id, b.basket, c.at, c.by)
SELECT b.customer_id, b.basket, f.by, f.at, f.revenue,
       (SELECT min(called_at) FROM call k WHERE k.customer_id = b.customer_id AND k.direction <> 'inbound' AND k.called_at > b.at AND k.called_at <= least(f.at, b.at + interval '168 hours')) AS called_at
  FROM basket b JOIN customer c ON c.customer_id = b.customer_id LEFT JOIN first_came f ON f.customer_id = b.customer_id AND f.basket = b.basket WHERE NOT c.is_seed;
SELECT count(*) > 500 AS many, count(recovered_by) FILTER (WHERE recovered_by = 'basket') > 50 AS completed, count(*) FILTER (WHERE recovered_by = 'other order') > 50 AS ordered, count(v.called_at) > 100 AS called,
       count(*) FILTER (WHERE (v.recovered_by, v.recovered_at, v.recovered_revenue, v.called_at) IS DISTINCT FROM (e.by, e.at, e.revenue, e.called_at) OR e.basket IS NULL OR v.basket IS NULL) AS different
  FROM abandoned_basket v FULL JOIN expected e ON e.customer_id = v.customer_id AND e.basket = v.basket;
-- the views add up to it
SELECT (SELECT sum(baskets) FROM basket_reasons) = (SELECT count(*) FROM abandoned_basket) AS all_baskets,
       (SELECT sum(recovered_revenue) FROM basket_reasons) = (SELECT sum(e.revenue) FROM expected e JOIN abandoned_basket b USING (customer_id, basket) WHERE b.is_over) AS all_revenue,
       (SELECT (called, not_called) FROM basket_call_effect WHERE reason = 'all reasons') = (SELECT (sum(called)::bigint, sum(not_called)::bigint) FROM basket_call_effect WHERE reason <> 'all reasons') AS parts,
       (SELECT called > 30 AND not_called > 30 FROM basket_call_effect WHERE reason = 'all reasons') AS both_sides;
-- The list of each of twelve mornings: whoever has a basket of the last week without anything after it, and wants to be called.
SELECT count(*) AS mornings, sum(n) > 20 AS names, sum(wrong) AS wrong
  FROM generate_series(timestamptz '2026-05-20 09:00', '2026-05-31 09:00', interval '1 day') t,
       LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE l.customer_id IS NULL OR e.customer_id IS NULL) AS wrong
                  FROM basket_call_list(t) l FULL JOIN (
                       SELECT DISTINCT d.customer_id FROM drawn d JOIN customer c ON c.customer_id = d.customer_id AND NOT c.is_seed
                        WHERE d.at BETWEEN t - interval '7 days' AND t - interval '1 hour'
                          AND (SELECT m.allowed OR m.reason IN ('quiet_hours', 'no_address') FROM may_contact(d.customer_id, 'call', t) m)
                          AND EXISTS (SELECT FROM contact_point p WHERE p.customer_id = d.customer_id AND p.place = 'office' AND p.kind IN ('phone', 'mobile') AND p.status NOT IN ('bounced', 'refused') AND coalesce(p.ended_on > t::date, true))
                          AND NOT EXISTS (SELECT FROM basket_event e WHERE e.basket = d.basket AND e.kind = 'completed' AND e.happened_at <= t)
                          AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = d.customer_id AND o.ordered_at > d.at AND o.ordered_at <= t)
                          AND NOT EXISTS (SELECT FROM call k WHERE k.customer_id = d.customer_id AND k.direction = 'outbound' AND k.called_at > d.at AND k.called_at <= t)) e ON e.customer_id = l.customer_id) x;
DROP TABLE drawn, expected;
SET search_path = public, dupex;
SELECT uninstall('baskets', drop_data => true) IS NOT NULL AS gone;
