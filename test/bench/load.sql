-- The bulk loads, :size rows in one call, against the INSERT ... SELECT that one writes by hand for
-- a sheet known to be good: same rows, tables, constraints and indexes, but no reasons for
-- rejected rows, no check for what was loaded before. Up to 1,000,000 rows.
SET client_min_messages = warning;
SELECT :size <= 1000000 AS is_wanted \gset
\if :is_wanted
\ir facts.sql
SELECT dupex.install('marketing') \g /dev/null
SET search_path = marketing, bench, dupex;
SELECT :size / 5 AS people, CASE WHEN :size <= 200000 THEN 2 ELSE 1 END AS turns \gset
SELECT bench.people(0) \g /dev/null

-- sheets as they come in: all columns text, orders in the order of time
CREATE UNLOGGED TABLE bench.sheet_customers AS
SELECT 'shop'::text AS system, 'C' || i AS number, 'person ' || i AS name, 'p' || i || '@example.org' AS email FROM generate_series(1, :people) i;
CREATE UNLOGGED TABLE bench.sheet_touches AS
SELECT 'shop'::text AS system, 'C' || 1 + i % :people AS number, code_text(936000 + dice(i, 1, 2000) * 120) AS source_code,
       to_char(sent_at(i), 'YYYY-MM-DD HH24:MI:SS') AS sent_at, 'touch ' || i AS request_id
  FROM generate_series(1::bigint, :size) i;
CREATE UNLOGGED TABLE bench.sheet_orders AS
SELECT 'shop'::text AS system, 'C' || 1 + dice(i, 1, :people) AS number, 'N' || i AS order_number,
       to_char(timestamp '2024-01-01' + i * (interval '700 days' / :size), 'YYYY-MM-DD HH24:MI:SS') AS ordered_at,
       round(dice(i, 2, 5000000) / 10000.0, 4)::text AS revenue,
       CASE WHEN dice(i, 3, 3) > 0 THEN CASE WHEN dice(i, 4, 20) > 0 THEN code_text(936000 + dice(i, 5, 2000) * 120) ELSE lower(code_text(936000 + dice(i, 5, 2000) * 120)) END END AS quoted_code
  FROM generate_series(1::bigint, :size) i;
VACUUM ANALYZE;

CREATE OR REPLACE FUNCTION bench.no_customers() RETURNS void LANGUAGE sql SET search_path = marketing, pg_temp AS
$$
    TRUNCATE customer CASCADE;
    INSERT INTO customer (customer_id, kind, entered_as, name) VALUES (0, 'internal', 'internal', 'unidentified customer');
$$;

-- the people are a fifth of the rows of the others
SELECT bench.compare('load_customers, with number and e-mail', :people, '{dupex,INSERT SELECT}', ARRAY[
    $$SELECT load_customers('bench.sheet_customers')$$,
    $$WITH c AS (INSERT INTO customer (name, customer_id) SELECT name, substr(number, 2)::bigint FROM bench.sheet_customers),
           r AS (INSERT INTO customer_ref (system, number, customer_id) SELECT system, number, substr(number, 2)::bigint FROM bench.sheet_customers)
      INSERT INTO contact_point (customer_id, kind, value) SELECT substr(number, 2)::bigint, 'email', email FROM bench.sheet_customers$$], :people,
    '{SELECT bench.no_customers(),SELECT bench.no_customers()}', :turns);
VACUUM ANALYZE;
SELECT bench.compare('load_touches', :size, '{dupex,INSERT SELECT}', ARRAY[
    $$SELECT load_touches('bench.sheet_touches')$$,
    $$INSERT INTO touch (customer_id, source_code, sent_at, request_id)
      SELECT r.customer_id, s.source_code::source_code, s.sent_at::timestamptz, s.request_id
        FROM bench.sheet_touches s JOIN customer_ref r USING (system, number)$$], :size, '{TRUNCATE touch,TRUNCATE touch}', :turns);
SELECT bench.compare('load_orders', :size, '{dupex,INSERT SELECT}', ARRAY[
    $$SELECT load_orders('bench.sheet_orders')$$,
    $$INSERT INTO customer_order (customer_id, order_number, ordered_at, revenue, quoted_code, source_code, request_id)
      SELECT r.customer_id, s.order_number, s.ordered_at::timestamptz, s.revenue::numeric, s.quoted_code, source_code_read(s.quoted_code), s.order_number
        FROM bench.sheet_orders s JOIN customer_ref r USING (system, number)$$], :size, '{TRUNCATE customer_order,TRUNCATE customer_order}', :turns);
-- they are there from the last turn
SELECT bench.compare('load_orders, all of them there already', :size, '{dupex}', ARRAY[$$SELECT load_orders('bench.sheet_orders')$$], :size, NULL, 1);
SELECT 'rows rejected: ' || sum(rejected) || ' of ' || sum(loaded + already_there + rejected) FROM load_run;

DROP TABLE bench.sheet_customers, bench.sheet_touches, bench.sheet_orders;
SELECT dupex.uninstall('marketing', true) \g /dev/null
\endif
