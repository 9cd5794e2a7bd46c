-- The direct marketer's value: lifetime value table, retention economics, break-even, allowable cost, concentration, cohorts.
SET search_path = public, dupex;
\set VERBOSITY terse

-- the table of dbmarketing.com, article Art251a, to the dollar; its discount of the third year is rounded to 1.35
SELECT year_no, customers::bigint, revenue::bigint, cost_of_sales::bigint, acquisition::bigint, marketing::bigint, profit::bigint, discount_factor, present_value::bigint, cumulative_value::bigint, round(lifetime_value, 2) AS lifetime_value
FROM ltv_table(acquired => 100000, retention => ARRAY[0.6, 0.7, 0.8], orders_per_customer => ARRAY[1.8, 2.5, 3], average_order => ARRAY[90, 95, 100], cost_share => ARRAY[0.7, 0.65, 0.65],
    acquisition_cost => 55, marketing_cost => ARRAY[0, 20, 20], discount_factors => ARRAY[1, 1.16, 1.35]);
-- computed discount: 8 percent at twice the risk, paid at once or after half a year
SELECT payment_days, array_agg(round(discount_factor, 6) ORDER BY year_no) AS factors, round(sum(present_value) / 100000, 4) AS value, max(cumulative_value) = sum(present_value) AS adds_up, max(lifetime_value) = round(sum(present_value) / 100000, 4) AS same
FROM unnest(ARRAY[0, 182.5]) payment_days, ltv_table(100000, ARRAY[0.6, 0.7, 0.8], ARRAY[1.8, 2.5, 3], ARRAY[90, 95, 100], ARRAY[0.7, 0.65, 0.65], 55, ARRAY[0, 20, 20], discount_rate => 0.08, risk => 2, payment_days => payment_days) GROUP BY 1 ORDER BY 1;
-- the birthday club: 200,000 customers, of whom 80,000 return; a profit of 3,002,000 in the third year, discounted by 1.35
SELECT round(3002000 / 1.35) AS third_year, customers FROM ltv_table(200000, ARRAY[0.4], ARRAY[1, 1], ARRAY[100], ARRAY[0.5], 0) WHERE year_no = 2;
-- referrals, incentive, programme, database, other income, each by hand: 1,000 customers, 50 referred in the second year, (600 + 50) of them, 32.5 in the third
SELECT year_no, customers, referred, revenue, other, cost_of_sales, acquisition, marketing, referral_cost, programme, database, profit
FROM ltv_table(1000, ARRAY[0.6, 0.7], ARRAY[1, 2, 2], ARRAY[10], ARRAY[0.5], 3, ARRAY[1], referral => ARRAY[0.05], referral_incentive => 4, programme_cost => ARRAY[0, 0.5], database_cost => 0.25, other_income => ARRAY[0.1]);
-- a long table of a constant retention comes to the closed form, first margin now: 1.1 / (1.1 - .8) * margin
SELECT abs(max(cumulative_value) / 1e12 - retention_value(40, 0.8, 0.1)) < 1e-12 AS closed_form, max(lifetime_value) = round(retention_value(40, 0.8, 0.1), 4) AS shown FROM ltv_table(1e12, ARRAY[0.8], array_fill(1::numeric, ARRAY[200]), ARRAY[100], ARRAY[0.6], 0, discount_rate => 0.1);

-- retention economics: m (1 + i) / (1 + i - r); with the first margin a year ahead m r / (1 + i - r), 2.67 m at 80 percent and 10
SELECT round(retention_value(1, 0.8, 0.1), 4) AS now, round(retention_value(1, 0.8, 0.1, false), 2) AS a_year_ahead, retention_value(1, 0.8, 0.1) - retention_value(1, 0.8, 0.1, false) AS difference, retention_value(1, 1, 0) IS NULL AS infinite, retention_value(7, 0, 0.1) AS once;
SELECT round(value, 2) AS value, round(new_value, 2) AS new_value, round(gain, 2) AS gain, round(gain_share, 4) AS share FROM retention_gain(100, 0.8, 0.1);
SELECT round(value, 2) AS value, round(new_value, 2) AS new_value, round(gain, 2) AS gain FROM retention_gain(100, 0.8, 0.1, -0.1, false);

-- shares as they are measured leave readable rows that add up
SELECT year_no, customers, retained_share, revenue, cost_of_sales, profit, discount_factor, present_value, cumulative_value, lifetime_value, profit = revenue - cost_of_sales - acquisition - marketing AS row_adds_up, cumulative_value = sum(present_value) OVER (ORDER BY year_no) AS adds_up
FROM ltv_table(700, ARRAY[2 / 3.0, 5 / 7.0], ARRAY[1.1, 11 / 9.0, 17 / 13.0], ARRAY[100 / 3.0], ARRAY[1 / 3.0], 5 / 3.0, ARRAY[1 / 7.0], discount_rate => 0.07, payment_days => 30);
SELECT * FROM retention_gain(100, 0.8, 0.1);

-- break-even
SELECT break_even_period(50, ARRAY[20, 15, 15, 15]) AS exactly, break_even_period(51, ARRAY[20, 15, 15, 15]) AS later, break_even_period(50, ARRAY[20, 15, 15, 15], 0.1) AS discounted, break_even_period(500, ARRAY[20, 15]) IS NULL AS never,
    break_even_period(0, ARRAY[1]) AS nothing, break_even_period(0, '{}') AS nothing_at_all, break_even_period(10, '{}') IS NULL AS no_margin, break_even_period(10, ARRAY[20, -15, 20]) AS first_time;
-- allowable cost: 2,400 x 20 percent = 480 an order, x 20 percent = 96 a lead
SELECT allowable_acquisition_cost(0, 2400, 0.2) AS an_order, allowable_acquisition_cost(0, 2400, 0.2, 0.2) AS a_lead, allowable_acquisition_cost(30, 100, 0.5) AS both;

-- concentration
SELECT bin, customers, least_amount, greatest_amount, amount, round(share, 4) AS share, round(cumulative_customers, 4) AS of_customers, round(cumulative_share, 4) AS of_amount FROM value_concentration(ARRAY[5, NULL, 100, 20, 20, 10, 10, 10, 10, 10, 5], 4);
SELECT count(*) AS bins, sum(customers) AS customers, sum(amount) = 500500 AS all_of_it, max(cumulative_share) = 1 AS ends_at_1, min(share) FILTER (WHERE bin = 1) = (SELECT round(sum(i) / 500500.0, 6) FROM generate_series(901, 1000) i) AS best_tenth FROM value_concentration((SELECT array_agg(i ORDER BY hashint4(i)) FROM generate_series(1, 1000) i));
SELECT bin, share, cumulative_customers, cumulative_share, sum(share) OVER (ORDER BY bin) = cumulative_share AS adds_up FROM value_concentration(ARRAY[1, 1, 1, 1, 1, 1, 1], 7);
SELECT count(*) AS nobody FROM value_concentration('{}');
SELECT share, cumulative_share FROM value_concentration(ARRAY[1, -1], 1);
-- Gini: against the mean absolute difference of all pairs
SELECT value_gini(ARRAY[3, 3, 3]) = 0 AS equal, round(value_gini(ARRAY[0, 0, 0, 8]), 4) AS one_has_all, value_gini('{}') IS NULL AS nobody,
    round(value_gini(array_agg(a)), 12) = (SELECT round(sum(abs(x - y)) / (2 * count(*) * avg(x)), 12) FROM generate_series(1, 40) i, generate_series(1, 40) j, LATERAL (SELECT (i * i % 37)::numeric AS x, (j * j % 37)::numeric AS y) p) AS pairs
FROM (SELECT (i * i % 37)::numeric AS a FROM generate_series(1, 40) i) q;

-- cohorts as they happened. Customers 1 and 2 are won in 2023, 3 in 2024; 1 orders in years 1 and 2, 2 only in year 1, 3 in her first, seen until 2025-06-30
CREATE TEMP TABLE purchase (customer text, at timestamptz, amount numeric, margin numeric);
INSERT INTO purchase VALUES ('1', '2023-02-01Z', 100, 40), ('1', '2023-05-01Z', 50, 20), ('1', '2024-02-01Z', 80, 30), ('2', '2023-07-01Z', 10, 4), ('3', '2024-03-01Z', 20, 8), ('3', '2025-02-28 23:00Z', 30, 12), ('3', '2026-01-01Z', 999, 999), (NULL, '2024-01-01Z', 5, 5);
SELECT cohort, period_no, is_complete, acquired, customers, active_share AS active, retained_share AS retained, orders, orders_per_customer AS each, average_order AS average, revenue, margin, cumulative_margin, margin_per_acquired AS per_acquired
FROM ltv_cohorts('SELECT customer, at, amount, margin FROM purchase', as_of => '2025-06-30Z');
-- the year of an order may be another one in another place
SELECT zone, array_agg(cohort ORDER BY cohort) AS cohorts FROM unnest(ARRAY['UTC', 'Asia/Shanghai']) zone, ltv_cohorts('SELECT 1, timestamptz ''2023-12-31 18:00Z'', 1, 1', 'month', '2024-01-10Z', zone) GROUP BY zone ORDER BY zone;
-- what is measured is what the table takes: the first cohort of orders that follow a table comes back
CREATE TEMP TABLE planned AS SELECT c AS customer, timestamptz '2020-06-01Z' + (y - 1) * interval '1 year' + o * interval '1 month' AS at, 50 AS amount, 20 AS margin
FROM generate_series(1, 1000) c, generate_series(1, 3) y, generate_series(0, 1) o WHERE y = 1 OR (y = 2 AND c <= 600) OR (y = 3 AND c <= 420);
SELECT period_no, customers, retained_share, orders_per_customer, average_order, cumulative_margin = (SELECT cumulative_value FROM ltv_table(1000, ARRAY[0.6, 0.7], ARRAY[2, 2, 2], ARRAY[50], ARRAY[0.6], 0) t WHERE t.year_no = period_no) AS as_planned
FROM ltv_cohorts('SELECT * FROM planned', as_of => '2023-06-02Z') WHERE is_complete;
-- every order counts once: random ones
CREATE TEMP TABLE random AS SELECT abs(hashint8extended(i, 1) % 300) AS customer, timestamptz '2020-01-01Z' + abs(hashint8extended(i, 2) % 40000) * interval '1 hour' AS at, abs(hashint8extended(i, 3) % 1000) AS amount, 1 AS margin FROM generate_series(1::bigint, 3000) i;
SELECT period, sum(orders) AS orders, sum(revenue) = (SELECT sum(amount) FROM random) AS revenue, sum(margin) AS margin, sum(acquired) FILTER (WHERE period_no = 1) AS customers, bool_and(customers <= acquired) AS plausible
FROM unnest(ARRAY['month', 'quarter', 'year']) period, ltv_cohorts('SELECT * FROM random', period, '2025-01-01Z') GROUP BY period ORDER BY period;

-- errors
SELECT * FROM ltv_table(1000, ARRAY[0.6], '{}', ARRAY[10], ARRAY[0.5], 3);
SELECT * FROM ltv_table(0, ARRAY[0.6], ARRAY[1], ARRAY[10], ARRAY[0.5], 3);
SELECT * FROM ltv_table(1000, ARRAY[60], ARRAY[1], ARRAY[10], ARRAY[0.5], 3);
SELECT * FROM ltv_table(1000, ARRAY[0.6], ARRAY[1], ARRAY[10], ARRAY[0.5], 3, discount_factors => ARRAY[0]);
SELECT retention_value(1, 1.2, 0.1);
SELECT retention_gain(1, 0.97, 0.1);
SELECT value_concentration(ARRAY[1], 0);
SELECT * FROM ltv_cohorts('SELECT * FROM random', 'fortnight');
SELECT * FROM ltv_cohorts('SELECT 1, now() -- a remark');
-- days and times without a zone are those of the argument, wherever the session is
SET timezone = 'Asia/Shanghai';
SELECT kind, array_agg(c.cohort ORDER BY c.cohort) AS cohorts, sum(c.orders) AS orders, max(c.customers) FILTER (WHERE c.period_no = 2) AS in_second
  FROM unnest(ARRAY['date', 'timestamp']) kind, ltv_cohorts(format('SELECT 1, (date ''2024-03-01'' + n * 31)::%s, 1, 1 FROM generate_series(0, 1) n', kind), 'month', '2024-05-15Z', 'America/New_York') c
 WHERE c.orders > 0 GROUP BY kind ORDER BY kind;
SET timezone = 'America/Los_Angeles';
SELECT kind, array_agg(c.cohort ORDER BY c.cohort) AS cohorts, sum(c.orders) AS orders, max(c.customers) FILTER (WHERE c.period_no = 2) AS in_second
  FROM unnest(ARRAY['date', 'timestamp']) kind, ltv_cohorts(format('SELECT 1, (date ''2024-03-01'' + n * 31)::%s, 1, 1 FROM generate_series(0, 1) n', kind), 'month', '2024-05-15Z', 'America/New_York') c
 WHERE c.orders > 0 GROUP BY kind ORDER BY kind;
RESET timezone;
