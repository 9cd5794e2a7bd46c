-- Customer value, continued: Pareto/NBD, NBD and gamma-gamma, and the discounted value of all customers.
--
-- Customers are simulated as Pareto/NBD and gamma-gamma describe them: order rates of a gamma
-- distribution with shape 1/2 (half a squared normal number), lifetimes of an exponential rate, observed
-- for 27 to 39 weeks. exact: times as they come; days: whole days. The same customers come each time.
SET client_min_messages = warning;

-- uniform between 0 and 1
CREATE OR REPLACE FUNCTION bench.uniform(i bigint, k int) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (((hashint8extended(i, k) >> 11) & ((1::bigint << 52) - 1))::float8 + 0.5) / 2 ^ 52;
-- a Poisson number by inversion
CREATE OR REPLACE FUNCTION bench.poisson(mean float8, u float8) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    n     int := 0;
    p     float8 := exp(-mean);
    total float8 := p;
BEGIN
    WHILE total < u AND n < 10000 LOOP
        n := n + 1;
        p := p * mean / n;
        total := total + p;
    END LOOP;
    RETURN n;
END
$$;

DROP TABLE IF EXISTS bench.exact_customer, bench.days_customer, bench.fitted;
CREATE UNLOGGED TABLE bench.exact_customer AS
SELECT i AS customer, x AS frequency, CASE WHEN x > 0 THEN least(lifetime, age) * bench.uniform(i, 6) ^ (1.0 / x) ELSE 0 END AS recency, age,
       CASE WHEN x > 0 THEN (SELECT -sum(ln(bench.uniform(i, 20 + k))) FROM generate_series(1, 2 * x) k) / spend / x END AS mean_value
  FROM (SELECT i, age, lifetime, spend, bench.poisson(rate * least(lifetime, age), bench.uniform(i, 5)) AS x
          FROM (SELECT i, 27 + 12 * bench.uniform(i, 0) AS age, -ln(bench.uniform(i, 1)) * cos(pi() * bench.uniform(i, 2)) ^ 2 / 10 AS rate,
                       ln(bench.uniform(i, 3)) / (ln(bench.uniform(i, 4)) / 35) AS lifetime,
                       -(ln(bench.uniform(i, 11)) + ln(bench.uniform(i, 12)) + ln(bench.uniform(i, 13)) + ln(bench.uniform(i, 14))) / 30 AS spend
                  FROM generate_series(1::bigint, :size) i) drawn) ordered;
CREATE UNLOGGED TABLE bench.days_customer AS
SELECT customer, frequency, CASE WHEN frequency > 0 THEN greatest(ceil(recency * 7), 1) ELSE 0 END / 7 AS recency, ceil(age * 7) / 7 AS age, round(mean_value::numeric, 2)::float8 AS mean_value FROM bench.exact_customer;
CREATE UNLOGGED TABLE bench.fitted AS
SELECT 'exact' AS times, purchase_counts_agg(frequency, recency, age, 1) AS counts, gamma_gamma_agg(frequency, mean_value, 1) AS spent FROM bench.exact_customer
UNION ALL SELECT 'days', purchase_counts_agg(frequency, recency, age, 1), gamma_gamma_agg(frequency, mean_value, 1) FROM bench.days_customer;
VACUUM ANALYZE bench.exact_customer, bench.days_customer, bench.fitted;
-- the models of the scores, fitted once, as a table of models has them
CREATE UNLOGGED TABLE bench.scoring AS SELECT f.times, bgnbd_fit(d.counts) AS bgnbd, pareto_nbd_fit(d.counts) AS pareto, gamma_gamma_fit(f.spent) AS spend FROM bench.fitted f, bench.fitted d WHERE d.times = 'days';
SELECT format('%s customers; distinct rows: %s', :size, string_agg(format('%s %s, mean values %s', times, (SELECT count(*) FROM purchase_counts_rows(counts)), spend_counts_customers(spent)), ', ' ORDER BY times)) FROM bench.fitted;

SELECT bench.compare(title || ', ' || times, :size, '{dupex}', ARRAY[replace(replace(statement, '$', times), '@', format('FROM bench.%s_customer, (SELECT (SELECT pareto FROM bench.scoring WHERE times = %1$L) AS p, (SELECT bgnbd FROM bench.scoring WHERE times = %1$L) AS b, (SELECT spend FROM bench.scoring WHERE times = %1$L) AS s OFFSET 0) m', times))], :size)
  FROM (VALUES (1, 'pareto_nbd_fit of counts', 'SELECT r FROM bench.fitted, pareto_nbd_fit(counts) WHERE times = ''$'''),
               (2, 'nbd_fit of counts', 'SELECT r FROM bench.fitted, nbd_fit(counts) WHERE times = ''$'''),
               (3, 'gamma_gamma_agg', 'SELECT spend_counts_customers(gamma_gamma_agg(frequency, mean_value, 1)) FROM bench.$_customer'),
               (4, 'gamma_gamma_fit of counts', 'SELECT p FROM bench.fitted, gamma_gamma_fit(spent) WHERE times = ''$'''),
               (5, 'pareto_nbd_alive', 'SELECT sum(pareto_nbd_alive(p, frequency, recency, age)) @'),
               (6, 'pareto_nbd_expected, 52 weeks', 'SELECT sum(pareto_nbd_expected(p, frequency, recency, age, 52)) @'),
               (7, 'pareto_nbd_none, 52 weeks', 'SELECT sum(pareto_nbd_none(p, frequency, recency, age, 52)) @'),
               (8, 'gamma_gamma_expected', 'SELECT sum(gamma_gamma_expected(s, frequency, mean_value)) @'),
               (9, 'discounted_value, BG/NBD, 12 months', 'SELECT sum(discounted_value(b, s, frequency, recency, age, mean_value, 12, 4.345, 0.01)) @'),
               (10, 'discounted_value, Pareto/NBD, 12 months', 'SELECT sum(discounted_value(p, s, frequency, recency, age, mean_value, 12, 4.345, 0.01)) @'),
               (11, 'residual_value, Pareto/NBD', 'SELECT sum(residual_value(p, s, frequency, recency, age, mean_value, 0.0027)) @')) v (no, title, statement),
       unnest('{exact,days}'::text[]) times
 WHERE NOT (no = 1 AND times = 'exact' AND :size > 1000000) ORDER BY no, times;
DROP TABLE bench.exact_customer, bench.days_customer, bench.fitted, bench.scoring;
