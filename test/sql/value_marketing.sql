-- The value of customers in the marketing database: random histories against brute force, then an
-- example worked out by hand. Claims: what is brought in night by night is what a recomputation
-- gives, whatever comes late; a round in batches is a round at once; a call repeated does nothing;
-- segments, ranks and money are those of the facts.
SET search_path = public, dupex;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT install('value_test') IS NOT NULL AS installed;
SET search_path = value_test, public, dupex;
UPDATE setting SET value = 'Asia/Shanghai' WHERE setting = 'time_zone';
-- fitted each time, so that a rebuild has the same models
UPDATE setting SET value = '0' WHERE setting IN ('value_refit_growth', 'value_refit_days');

-- nothing there: nothing to do, and no error
SELECT refresh_value('2025-01-01 02:15+00'), refresh_value('2025-01-02 02:15+00');
SELECT count(*) AS models FROM value_model;
SELECT * FROM customer_value;

-- a die that falls the same each time
CREATE FUNCTION pg_temp.die(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT (hashint8extended(n, salt) & 1048575) / 1048576.0::float8$$;
-- 400 customers; every 40th is a seed name. What they order comes in nights, a part of it many nights late.
INSERT INTO customer (customer_id, kind, entered_as, is_seed) SELECT n, 'internal', 'internal', n % 40 = 0 FROM generate_series(1, 400) n;
INSERT INTO source (source_code) VALUES ('DA01014');
CREATE TEMP TABLE plan AS
SELECT row_number() OVER ()::int AS no, c AS customer_id,
       timestamptz '2024-01-01 03:00+00' + (floor(250 * pg_temp.die(c, 1)) + floor(k * (8 + 150 * pg_temp.die(c, 2)) * (.3 + pg_temp.die(c * 100 + k, 3)))) * interval '1 day' + pg_temp.die(c * 100 + k, 4) * interval '18 hours' AS at,
       round((10 + 200 * pg_temp.die(c, 5) * (.5 + pg_temp.die(c * 100 + k, 6)))::numeric, 2) AS revenue, floor(power(pg_temp.die(c * 100 + k, 7), 3) * 5)::int AS night
  FROM generate_series(0, 400) c, generate_series(0, 11) k
 WHERE k <= CASE WHEN pg_temp.die(c, 8) < .5 THEN 2 * pg_temp.die(c, 9) ELSE 12 * pg_temp.die(c, 10) END;      -- half leave soon
DELETE FROM plan WHERE at > '2025-06-30';
SELECT count(*) > 900 AS many_orders, count(*) FILTER (WHERE customer_id % 40 = 0 AND customer_id > 0) > 10 AS of_seed_names, count(*) FILTER (WHERE customer_id = 0) > 0 AS of_unknown FROM plan;

-- What one night records: its orders (of whatever day), returns of earlier ones, touches, at last some rows that no
-- function of ours records and the integrity rules complain of.
CREATE PROCEDURE pg_temp.record(this_night int) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue, cost_of_goods)
    SELECT customer_id, no, at, revenue, CASE WHEN no % 3 = 0 THEN 0 ELSE round(revenue * .6, 2) END FROM plan WHERE night = this_night;
    INSERT INTO order_return (customer_id, order_return_id, customer_order_id, returned_at, amount, cost_of_goods)
    SELECT customer_id, no, CASE WHEN no % 2 = 0 THEN no END, at + interval '9 days', revenue, round(revenue * .6, 2) FROM plan WHERE night = this_night AND no % 11 = this_night;
    INSERT INTO touch (customer_id, touch_id, source_code, sent_at)
    SELECT customer_id, no, 'DA01014', at + interval '40 days' FROM plan WHERE night = this_night AND no % 4 = 0 AND customer_id % 40 <> 0;
END $$;

-- what should be in the histories, from the facts
CREATE VIEW pg_temp.should AS
SELECT p.customer_id, (SELECT purchase_history_agg(o.ordered_at, o.revenue) FROM customer_order o WHERE o.customer_id = p.customer_id)::text AS orders,
       (SELECT purchase_history_agg(o.ordered_at, o.cost_of_goods) FROM customer_order o WHERE o.customer_id = p.customer_id AND o.cost_of_goods > 0)::text AS costs,
       (SELECT purchase_history_agg(r.returned_at, r.amount) FROM order_return r WHERE r.customer_id = p.customer_id)::text AS returned,
       (SELECT purchase_history_agg(r.returned_at, r.cost_of_goods) FROM order_return r WHERE r.customer_id = p.customer_id)::text AS returned_costs
  FROM (SELECT customer_id FROM customer_order UNION SELECT customer_id FROM order_return) p WHERE p.customer_id <> 0;
CREATE VIEW pg_temp.stored AS
SELECT customer_id, order_history::text, cost_history::text, return_history::text, returned_cost_history::text FROM customer_purchases;
CREATE FUNCTION pg_temp.differences() RETURNS bigint LANGUAGE sql AS
    $$SELECT count(*) FROM ((TABLE pg_temp.should EXCEPT TABLE pg_temp.stored) UNION ALL (TABLE pg_temp.stored EXCEPT TABLE pg_temp.should)) d$$;

CALL pg_temp.record(0);
SELECT refresh_value('2025-01-31 02:15+00') > 0 AS scored, pg_temp.differences();
-- again for the same time: nothing
SELECT refresh_value('2025-01-31 02:15+00');
-- what comes late and happened before is taken in, and all are scored again; what happens afterwards changes nothing of that time
CALL pg_temp.record(1);
SELECT refresh_value('2025-01-31 02:15+00') > 0 AS scored_again, pg_temp.differences();
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) VALUES (1, 9000, '2025-02-02 12:00+00', 5);
SELECT refresh_value('2025-01-31 02:15+00'), pg_temp.differences();
SELECT count(*) FROM customer_score WHERE last_ordered_at > '2025-01-31 02:15+00';
-- a transaction's own facts wait for the next refresh, those of others do not
BEGIN;
CALL pg_temp.record(2);
SELECT refresh_value('2025-03-31 02:15+00') > 0 AS scored, pg_temp.differences() > 0 AS own_facts_wait;
COMMIT;
SELECT refresh_value('2025-03-31 02:15+00') > 0 AS scored, pg_temp.differences();
-- in batches, with more coming in between: that waits until the round is over
CALL pg_temp.record(3);
SELECT refresh_value('2025-04-30 02:15+00', 70), refresh_value('2025-04-30 02:15+00', 70);
SELECT is_complete FROM value_status;
CALL pg_temp.record(4);
SELECT refresh_value('2025-04-30 02:15+00', 70), pg_temp.differences() > 0 AS more_is_there;
-- the round goes on in the next night with all there is
SELECT refresh_value('2025-06-30 16:15+00', 150), refresh_value('2025-06-30 16:15+00', 150), refresh_value('2025-06-30 16:15+00', 150), refresh_value('2025-06-30 16:15+00', 150);
SELECT is_complete, customers = (SELECT count(*) FROM customer_score) AS counted, pg_temp.differences() FROM value_status;
SELECT check_name, problems FROM check_integrity() WHERE problems > 0 AND check_name NOT LIKE 'reports%' AND check_name <> 'fact of the future';

-- from scratch: the same scores, cuts and forecast
CREATE TEMP TABLE scores AS TABLE customer_score;
CREATE TEMP TABLE forecasts AS TABLE value_forecast;
CREATE TEMP TABLE state AS SELECT as_of, customers, recency_cuts, frequency_cuts, monetary_cuts, value_cuts, growth_cuts FROM value_state;
CREATE TEMP TABLE moves AS TABLE customer_segment;
SELECT rebuild_value() = refresh_value('2025-06-30 16:15+00', 1) + (SELECT count(*) FROM customer_purchases) AS all_looked_at;
SELECT count(*) AS score_differences FROM ((TABLE scores EXCEPT TABLE customer_score) UNION ALL (TABLE customer_score EXCEPT TABLE scores)) d;
SELECT count(*) AS forecast_differences FROM ((TABLE forecasts EXCEPT TABLE value_forecast) UNION ALL (TABLE value_forecast EXCEPT TABLE forecasts)) d;
SELECT count(*) AS state_differences FROM (TABLE state EXCEPT SELECT as_of, customers, recency_cuts, frequency_cuts, monetary_cuts, value_cuts, growth_cuts FROM value_state) d;
SELECT count(*) AS moves FROM (TABLE customer_segment EXCEPT TABLE moves) d;

-- scores against the facts and the toolbox: money, times, the model that forecast best
SELECT count(*) AS customers, count(*) FILTER (WHERE (s.orders, s.revenue, s.returned, s.margin, s.margin_12_months) <> (f.orders, f.revenue, f.returned, f.margin, f.margin_12)) AS other_money,
       count(*) FILTER (WHERE s.frequency <> f.days - 1 OR abs(s.recency * 7 - f.recency_days) > 1e-9 OR abs(s.age * 7 - f.age_days) > 1e-9) AS other_times,
       count(*) FILTER (WHERE (s.first_ordered_at, s.last_ordered_at) <> (f.first_at, f.last_at)) AS other_orders
  FROM customer_score s
  FULL JOIN (SELECT o.customer_id, o.orders, o.revenue, coalesce(r.returned, 0) AS returned, o.revenue - o.cost - coalesce(r.returned - r.cost, 0) AS margin,
                    o.revenue_12 - o.cost_12 - coalesce(r.returned_12 - r.cost_12, 0) AS margin_12, o.days, o.recency_days, o.age_days, o.first_at, o.last_at
               FROM (SELECT customer_id, count(*) AS orders, sum(revenue) AS revenue, sum(cost_of_goods) AS cost, coalesce(sum(revenue) FILTER (WHERE ordered_at > '2024-06-30 16:15+00'), 0) AS revenue_12,
                            coalesce(sum(cost_of_goods) FILTER (WHERE ordered_at > '2024-06-30 16:15+00'), 0) AS cost_12, count(DISTINCT (ordered_at AT TIME ZONE 'Asia/Shanghai')::date) AS days,
                            max((ordered_at AT TIME ZONE 'Asia/Shanghai')::date) - min((ordered_at AT TIME ZONE 'Asia/Shanghai')::date) AS recency_days,
                            date '2025-07-01' - min((ordered_at AT TIME ZONE 'Asia/Shanghai')::date) AS age_days, min(ordered_at) AS first_at, max(ordered_at) AS last_at
                       FROM customer_order JOIN customer c USING (customer_id) WHERE ordered_at <= '2025-06-30 16:15+00' AND customer_id <> 0 AND NOT c.is_seed GROUP BY customer_id) o
               LEFT JOIN (SELECT customer_id, sum(amount) AS returned, sum(cost_of_goods) AS cost, coalesce(sum(amount) FILTER (WHERE returned_at > '2024-06-30 16:15+00'), 0) AS returned_12,
                                 coalesce(sum(cost_of_goods) FILTER (WHERE returned_at > '2024-06-30 16:15+00'), 0) AS cost_12
                            FROM order_return WHERE returned_at <= '2025-06-30 16:15+00' GROUP BY customer_id) r USING (customer_id)) f USING (customer_id)
 WHERE s.customer_id IS NOT NULL AND f.customer_id IS NOT NULL OR f.customer_id IS DISTINCT FROM s.customer_id;
SELECT count(*) FILTER (WHERE is_best) AS best, count(*) AS models, bool_and(customers = n) AS of_all_customers, bool_and(hold_out_customers > 100) AS tested,
       bool_and(NOT is_best OR hold_out_error = least) AS best_has_the_least_error
  FROM (SELECT m.*, min(hold_out_error) OVER () AS least, (SELECT count(*) FROM customer_score) AS n FROM value_models m
         WHERE model <> 'gamma_gamma' AND value_model_id > (SELECT max(value_model_id) - 5 FROM value_model)) m;
-- each model is the one that the toolbox fits to the same orders
WITH counts AS (SELECT purchase_counts_agg(s.frequency, s.recency, s.age, 1) AS c FROM customer_score s)
SELECT value_fit('bgnbd') = to_jsonb(bgnbd_fit(c, 'week')) AS bgnbd, value_fit('mbgnbd') = to_jsonb(mbgnbd_fit(c, 'week')) AS mbgnbd,
       value_fit('pareto_nbd') = to_jsonb(pareto_nbd_fit(c, 'week')) AS pareto_nbd, value_fit('nbd') = to_jsonb(nbd_fit(c, 'week')) AS nbd,
       value_fit('gamma_gamma') = (SELECT to_jsonb(gamma_gamma_fit(gamma_gamma_agg(s.frequency, s.mean_value, 1))) FROM customer_score s WHERE s.frequency > 0) AS gamma_gamma FROM counts;
-- whichever was best: its figures, asked of the toolbox
SELECT count(*) AS other_figures
  FROM customer_score s, (SELECT model FROM value_model WHERE is_best AND model <> 'gamma_gamma' ORDER BY value_model_id DESC LIMIT 1) b,
       jsonb_populate_record(NULL::bgnbd_model, value_fit('bgnbd')) bg, jsonb_populate_record(NULL::mbgnbd_model, value_fit('mbgnbd')) mbg,
       jsonb_populate_record(NULL::pareto_nbd_model, value_fit('pareto_nbd')) pa, jsonb_populate_record(NULL::nbd_model, value_fit('nbd')) nb,
       jsonb_populate_record(NULL::gamma_gamma_model, value_fit('gamma_gamma')) g,
       LATERAL (SELECT CASE b.model WHEN 'bgnbd' THEN bgnbd_alive(bg, frequency, recency, age) WHEN 'mbgnbd' THEN mbgnbd_alive(mbg, frequency, recency, age)
                                    WHEN 'pareto_nbd' THEN pareto_nbd_alive(pa, frequency, recency, age) ELSE nbd_alive(nb, frequency, recency, age) END,
                       CASE b.model WHEN 'bgnbd' THEN discounted_value(bg, g, frequency, recency, age, mean_value, 12, 365.25 / 84, power(1.15, 1 / 12.0::float8) - 1)
                                    WHEN 'mbgnbd' THEN discounted_value(mbg, g, frequency, recency, age, mean_value, 12, 365.25 / 84, power(1.15, 1 / 12.0::float8) - 1)
                                    WHEN 'pareto_nbd' THEN discounted_value(pa, g, frequency, recency, age, mean_value, 12, 365.25 / 84, power(1.15, 1 / 12.0::float8) - 1)
                                    ELSE discounted_value(nb, g, frequency, recency, age, mean_value, 12, 365.25 / 84, power(1.15, 1 / 12.0::float8) - 1) END) f (alive, value)
 WHERE abs(s.alive - f.alive) > 1e-9 OR abs(s.expected_revenue - f.value) > 1e-9 * f.value OR s.churn NOT BETWEEN 0 AND 1 OR s.alive IS NULL OR f.value IS NULL
    OR abs(s.expected_margin - f.value * (s.margin / s.revenue)::float8) > 1e-6;

-- ranks and cells by the definition: shares of the customers with less, counted
SELECT count(*) FILTER (WHERE value_percentile <> floor(100 * (rank_value - 1) / n) / 100.0) AS other_percentiles,
       count(*) FILTER (WHERE growth_percentile <> floor(100 * (rank_growth - 1) / n) / 100.0) AS other_growths
  FROM (SELECT s.*, count(*) OVER () AS n, rank() OVER (ORDER BY expected_margin) AS rank_value, rank() OVER (ORDER BY growth) AS rank_growth FROM customer_score s) r;
SELECT count(*) AS customers, count(*) FILTER (WHERE v.rfm_cell <> r.cell) AS other_cells
  FROM customer_value v JOIN rfm_scores('SELECT customer_id, last_ordered_at, orders, revenue - returned FROM value_test.customer_score', 'independent') r ON r.customer = v.customer_id::text;
-- segments by the rules as they are installed
SELECT count(*) AS customers, count(*) FILTER (WHERE segment IS DISTINCT FROM
           CASE WHEN alive < .2 AND months_since_order >= 6 OR months_since_order >= 36 THEN 'lost' WHEN profit_12_months < 0 AND expected_profit < 0 THEN 'below cost'
                WHEN value_percentile >= .8 AND alive >= .5 THEN 'most valuable' WHEN growth_percentile >= .67 AND growth >= 0 AND alive >= .5 AND months_since_order < 12 THEN 'most growable'
                WHEN months_since_order >= 12 OR alive < .5 THEN 'sleeping' ELSE 'regular' END) AS elsewhere, count(DISTINCT segment) >= 4 AS several FROM customer_score;
-- the history has a row for each change and no other
SELECT count(*) FILTER (WHERE before IS NULL AND n > 1 OR before = segment) AS needless, count(*) FILTER (WHERE previous_segment IS DISTINCT FROM before) AS broken
  FROM (SELECT h.*, lag(segment) OVER w AS before, row_number() OVER w AS n FROM customer_segment h WINDOW w AS (PARTITION BY customer_id ORDER BY customer_segment_id)) h;
-- months end as the history says: with what each customer came to last
SELECT count(*) AS months_and_segments, count(*) FILTER (WHERE c.customers <> (SELECT count(*) FROM (SELECT DISTINCT ON (h.customer_id) h.segment FROM customer_segment h
           WHERE (h.as_of AT TIME ZONE 'Asia/Shanghai') < c.date_month + interval '1 month' ORDER BY h.customer_id, h.customer_segment_id DESC) l WHERE l.segment = c.segment)) AS other_counts,
       min(date_month) AS first_month, max(date_month) AS last_month FROM segment_counts_month c;
SELECT count(*) AS other_sums FROM (
    SELECT date_month, segment, customers - coalesce(lag(customers) OVER (PARTITION BY segment ORDER BY date_month), 0) AS change FROM segment_counts_month) c
 WHERE c.change <> (SELECT coalesce(sum(CASE WHEN m.to_segment = c.segment THEN m.customers ELSE 0 END - CASE WHEN m.from_segment = c.segment THEN m.customers ELSE 0 END), 0)
                      FROM segment_movements_month m WHERE m.date_month = c.date_month);

-- another rule, another round; a segment without rules takes who is left, and without such a segment nobody does
UPDATE segment_rule SET below = 0.5 WHERE segment = 'lost' AND measure = 'alive';
SELECT refresh_value('2025-06-30 16:15+00') > 0 AS scored, refresh_value('2025-06-30 16:15+00') AS again;
SELECT count(*) > 0 AS more_lost, bool_and(s.alive >= .2 AND s.alive < .5 AND s.months_since_order >= 6) AS as_ruled,
       count(*) = (SELECT count(*) FROM scores WHERE alive >= .2 AND alive < .5 AND months_since_order >= 6 AND segment <> 'lost') AS all_of_them
  FROM customer_score s JOIN scores o USING (customer_id) WHERE s.segment = 'lost' AND o.segment <> 'lost';
DELETE FROM segment_rule;
DELETE FROM segment WHERE segment <> 'lost';
INSERT INTO segment_rule VALUES ('lost', 1, 'orders', 3, 5);
SELECT refresh_value('2025-06-30 16:15+00') > 0 AS scored;
SELECT DISTINCT segment, orders BETWEEN 3 AND 4 AS as_ruled FROM customer_score ORDER BY 1;
SELECT check_name, problems FROM check_integrity() WHERE problems > 0 AND check_name NOT LIKE 'reports%' AND check_name <> 'fact of the future';

-- who becomes a seed name is no longer scored; the time of the future has no more than the present
UPDATE customer SET is_seed = true WHERE customer_id = 1;
SELECT refresh_value('2025-07-31 02:15+00') > 0 AS scored;
SELECT count(*) FROM customer_score WHERE customer_id = 1;

-- the forecast of the customers is the sum of what each will buy until the day; its months add up
SELECT abs(f.expected_orders - x.orders) < 1e-9 * x.orders AS orders_agree, abs(f.expected_revenue - x.revenue) < 1e-9 * x.revenue AS revenue_agrees, f.buyers = x.buyers AS customers_agree,
       starts_on, ends_on, lower < expected_revenue AND expected_revenue < upper AS within
  FROM value_forecast f, (SELECT sum(e.expected) AS orders, sum(e.expected * s.order_value) AS revenue, count(*) AS buyers
                            FROM customer_score s, expected_purchases(ARRAY[s.frequency], ARRAY[s.recency], ARRAY[s.age], ARRAY[(date '2026-07-31' - date '2025-07-31') / 7.0::float8]) e) x
 WHERE f.as_of = '2025-07-31 02:15+00' AND f.part = 'customers' AND f.month_no = 0;
SELECT part, count(*), min(starts_on), max(ends_on), bool_and(coalesce(starts_on = ends_before + 1, true)) AS without_gap
  FROM (SELECT f.*, lag(ends_on) OVER (PARTITION BY part ORDER BY month_no) AS ends_before FROM value_forecast f WHERE as_of = '2025-07-31 02:15+00' AND month_no > 0) f GROUP BY part ORDER BY part;
-- one forecast a month is kept
SELECT as_of, count(DISTINCT part) AS parts FROM value_forecast GROUP BY as_of ORDER BY as_of;
-- what came, counted from the orders: of who had ordered before, and of who had not
SELECT refresh_reports('2025-07-31 02:15+00') > 0 AS refreshed;
SELECT count(*) AS over, count(*) FILTER (WHERE (r.actual_orders, r.actual_revenue) <> (
           SELECT count(*), coalesce(sum(o.revenue), 0) FROM customer_order o JOIN customer c ON c.customer_id = o.customer_id AND NOT c.is_seed
            WHERE o.customer_id <> 0 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN r.starts_on AND r.ends_on
              AND (r.part = 'all' OR (r.part = 'customers') = EXISTS (SELECT FROM customer_order p WHERE p.customer_id = o.customer_id
                   AND (p.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (r.as_of AT TIME ZONE 'Asia/Shanghai')::date)))) AS other_outcomes
  FROM revenue_forecast r WHERE r.actual_revenue IS NOT NULL;
SELECT count(*) AS too_early FROM revenue_forecast WHERE actual_revenue IS NOT NULL AND ends_on >= '2025-07-31';

-- when models are fitted: at first, with other customers, after some time, in another unit
UPDATE setting SET value = '0.05' WHERE setting = 'value_refit_growth';
UPDATE setting SET value = '30' WHERE setting = 'value_refit_days';
SELECT value_models_are_due('2025-08-01', n) AS as_before, value_models_are_due('2025-08-01', round(n * 1.04)::bigint) AS few_more, value_models_are_due('2025-08-01', round(n * 1.06)::bigint) AS more,
       value_models_are_due('2025-08-31', n) AS later, value_models_are_due('2025-08-31', 0) AS nobody FROM (SELECT count(*) AS n FROM customer_score) s;
UPDATE setting SET value = 'day' WHERE setting = 'value_unit';
SELECT value_models_are_due('2025-08-01', (SELECT count(*) FROM customer_score)) AS other_unit;

-- errors
\set VERBOSITY terse
SELECT refresh_value(NULL);
SELECT refresh_value('infinity');
SELECT refresh_value('2025-08-01', 0);
SELECT rebuild_value('-infinity');
UPDATE setting SET value = 'fortnight' WHERE setting = 'value_unit';
SELECT refresh_value('2025-08-01');
UPDATE setting SET value = 'week' WHERE setting = 'value_unit';
UPDATE setting SET value = 'NaN' WHERE setting = 'value_discount_rate';
SELECT refresh_value('2025-08-01');
UPDATE setting SET value = '0.15' WHERE setting = 'value_discount_rate';
INSERT INTO segment_rule VALUES ('lost', 2, 'name', 1, NULL);
INSERT INTO segment_rule VALUES ('lost', 2, 'orders', 'NaN', NULL);
SET client_min_messages = notice;
SELECT refresh_value('2025-07-01');
SET client_min_messages = warning;
DELETE FROM value_state;
SELECT refresh_value('2025-08-01');
SELECT rebuild_value('2025-08-01 02:15+00') = (SELECT count(*) FROM customer_purchases) AS all_looked_at, pg_temp.differences();

-- back to an earlier time: the history goes on from there, what it said of later times does not count any more, and
-- months end with what the customers were scored as
CREATE TEMP TABLE month_end (date_month date, segment text, customers bigint);
SELECT rebuild_value('2025-03-31 02:15+00') > 0 AS scored;
INSERT INTO month_end SELECT date '2025-03-01', coalesce(segment, 'none'), count(*) FROM customer_score GROUP BY segment;
SELECT max(date_month) AS last_month, max(date_month) = (SELECT max(date_month) FROM segment_movements_month) AS of_movements FROM segment_counts_month;
SELECT refresh_value('2025-05-31 02:15+00') > 0 AS scored;
INSERT INTO month_end SELECT date '2025-05-01', coalesce(segment, 'none'), count(*) FROM customer_score GROUP BY segment;
SELECT refresh_value('2025-08-01 02:15+00') > 0 AS scored, pg_temp.differences();
INSERT INTO month_end SELECT date '2025-08-01', coalesce(segment, 'none'), count(*) FROM customer_score GROUP BY segment;
SELECT count(*) AS compared, count(DISTINCT date_month) AS months, count(*) FILTER (WHERE e.customers <> coalesce(c.customers, 0)) AS other_counts,
       (SELECT count(*) FROM segment_counts_month WHERE customers < 0) AS below_zero,
       (SELECT sum(customers) FROM segment_counts_month WHERE date_month = '2025-03-01') = (SELECT sum(customers) FROM month_end WHERE date_month = '2025-03-01') AS no_others
  FROM month_end e LEFT JOIN segment_counts_month c USING (date_month, segment);
SELECT check_name, problems FROM check_integrity() WHERE problems > 0 AND check_name LIKE 'segment%';

SET search_path = public, dupex;
SELECT uninstall('value_test', drop_data => true) IS NOT NULL AS gone;

-- a young business, in which nobody has bought again: the night does not fail
SELECT install('value_new') IS NOT NULL AS installed;
SET search_path = value_new, public, dupex;
INSERT INTO customer (customer_id, kind, entered_as) SELECT n, 'internal', 'internal' FROM generate_series(1, 60) n;
INSERT INTO customer_order (customer_id, customer_order_id, ordered_at, revenue) SELECT n, n, timestamptz '2025-01-01 12:00+00' + n * interval '2 days', 50 + n FROM generate_series(1, 60) n;
SELECT refresh_value('2025-05-15 02:15+00') AS looked_at;
SELECT model, is_best, hold_out_orders, hold_out_error < 1e-6 AS no_error, status LIKE '%again' AS as_it_is FROM value_models ORDER BY model;
SELECT count(*) AS customers, bool_and(expected_orders < 1e-6) AS expecting_none FROM customer_value;
SELECT part, count(*) FROM revenue_forecast GROUP BY part ORDER BY part;
SET search_path = public, dupex;
SELECT uninstall('value_new', drop_data => true) IS NOT NULL AS gone;
