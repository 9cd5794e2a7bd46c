-- Customer value: seconds for the summary of raw orders, the fit and the scores of all customers.
--
-- Customers are simulated as BG/NBD describes them, with the parameters of the CDNOW sample, observed
-- for 27 to 39 weeks. exact: times as they come; days: times cut to whole days, as a table of
-- dates has them. The same customers come each time.
SET client_min_messages = warning;
\ir simulate.sql

DROP TABLE IF EXISTS bench.orders, bench.exact, bench.days, bench.counts, bench.model;
CREATE UNLOGGED TABLE bench.orders AS
SELECT customer, age, at, timestamptz '2026-01-01 00:00:00Z' - interval '1 week' * (age - at) AS ordered_at, amount
  FROM bench.simulate_purchases(:size, 0.2426, 4.4136, 0.7929, 2.4259);
CREATE UNLOGGED TABLE bench.exact AS
SELECT customer, (count(*) - 1)::float8 AS frequency, max(at) AS recency, max(age) AS age FROM bench.orders GROUP BY customer;
CREATE UNLOGGED TABLE bench.days AS
SELECT customer, s.frequency, s.recency, s.age
  FROM (SELECT customer, purchase_history_agg(ordered_at, amount) AS history FROM bench.orders GROUP BY customer) h,
       purchase_summary(history, '2026-01-01 00:00:00Z') s;
CREATE UNLOGGED TABLE bench.counts AS
SELECT 'exact' AS times, purchase_counts_agg(frequency, recency, age, 1) AS counts FROM bench.exact
UNION ALL SELECT 'days', purchase_counts_agg(frequency, recency, age, 1) FROM bench.days;
CREATE UNLOGGED TABLE bench.model AS SELECT times, bgnbd_fit(counts) AS model FROM bench.counts;
VACUUM ANALYZE bench.orders, bench.exact, bench.days, bench.counts, bench.model;
SELECT format('%s customers, %s orders; distinct rows: %s', :size, (SELECT count(*) FROM bench.orders),
              string_agg(format('%s %s of %s bytes each', times, (SELECT count(*) FROM purchase_counts_rows(counts)),
                                round(pg_column_size(counts::text::purchase_counts)::numeric / (SELECT count(*) FROM purchase_counts_rows(counts)), 1)), ', ' ORDER BY times))
  FROM bench.counts;

-- from raw orders
SELECT bench.compare('orders to histories and summaries, days', :size, '{dupex,group by hand}', ARRAY[
    'SELECT count(frequency) FROM (SELECT purchase_history_agg(ordered_at, amount) AS history FROM bench.orders GROUP BY customer) h, purchase_summary(history, ''2026-01-01 00:00:00Z'')',
    'SELECT count(x) FROM (SELECT count(DISTINCT ordered_at::date) - 1 AS x, max(ordered_at::date) - min(ordered_at::date) AS t, sum(amount) AS m FROM bench.orders GROUP BY customer) h'], :size);
-- from summaries
SELECT bench.compare(title || ', ' || times, :size, '{dupex}', ARRAY[replace(statement, '$', times)], :size)
  FROM (VALUES (1, 'purchase_counts_agg', 'SELECT purchase_counts_customers(purchase_counts_agg(frequency, recency, age, 1)) FROM bench.$'),
               (2, 'bgnbd_fit of counts', 'SELECT (bgnbd_fit(counts)).r FROM bench.counts WHERE times = ''$'''),
               (3, 'mbgnbd_fit of counts', 'SELECT (mbgnbd_fit(counts)).r FROM bench.counts WHERE times = ''$'''),
               (4, 'bgnbd_fit of summaries', 'SELECT (bgnbd_fit(purchase_counts_agg(frequency, recency, age, 1))).r FROM bench.$'),
               (5, 'bgnbd_alive', 'SELECT sum(bgnbd_alive((SELECT model FROM bench.model WHERE times = ''$''), frequency, recency, age)) FROM bench.$'),
               (6, 'bgnbd_expected, 52 weeks', 'SELECT sum(bgnbd_expected((SELECT model FROM bench.model WHERE times = ''$''), frequency, recency, age, 52)) FROM bench.$'),
               (7, 'bgnbd_none, 52 weeks', 'SELECT sum(bgnbd_none((SELECT model FROM bench.model WHERE times = ''$''), frequency, recency, age, 52)) FROM bench.$'),
               (8, 'one float8 function of a row, for comparison', 'SELECT sum(ln(age + frequency)) FROM bench.$')) v (no, title, statement),
       unnest('{exact,days}'::text[]) times ORDER BY no, times;
