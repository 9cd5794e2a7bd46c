-- What one day brings, as the apps record it: answers to the efforts of June, and a few orders.
-- :day is the day. Run by demo.sh before the nightly job of that day.
SET search_path = marketing, public, dupex;

CREATE TEMP TABLE answer AS
SELECT 1 + (hashint8extended(n, :'day'::date - date '2026-01-01') & 1073741823) % p.people AS customer_id,
       :'day'::date + interval '8 hours' + n * interval '11 minutes' AS at, s.quoted, n,
       CASE n % 4 WHEN 0 THEN 'call' WHEN 1 THEN 'email' ELSE 'web' END AS channel
  FROM generate_series(1, 40) n, (SELECT count(*) - 11 AS people FROM customer) p,
       LATERAL (SELECT CASE n WHEN 17 THEN (ARRAY['WA00136', 'SA0O66', 'aa70066'])[1 + (:'day'::date - date '2026-07-01') % 3]
                              ELSE (ARRAY['WA00066', 'SA00066', 'wa-ooo66', 'AA00066', 'ab 00066', 'DA05066', 'DA05o66', 'SA00066', NULL, 'WA00066'])[1 + n % 10] END) s(quoted);

INSERT INTO response (customer_id, responded_at, response_channel, quoted_code, source_code, code_problem, request_id)
SELECT customer_id, at, channel, quoted, r.code, r.problem, format('day-%s-%s', :'day', n)
  FROM answer, LATERAL source_read(quoted, near => at::date) r;

INSERT INTO customer_order (customer_id, ordered_at, revenue, cost_of_goods, response_id, request_id)
SELECT a.customer_id, at + interval '1 hour', 890, 310, r.response_id, r.request_id
  FROM answer a JOIN response r ON r.customer_id = a.customer_id AND r.request_id = format('day-%s-%s', :'day', n)
 WHERE n % 5 = 0;
