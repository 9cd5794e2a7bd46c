-- the examples of doc/ratios.md
SET search_path = public, dupex;
CREATE TABLE effort (medium text, month date, expense numeric, revenue numeric, pieces bigint, orders bigint);
INSERT INTO effort VALUES ('D', '2007-08-01', 1200, 4800, 1000, 37), ('D', '2007-09-01', 300, 4200, 500, 31),
    ('T', '2007-08-01', 900, 5400, 120, 11), ('T', '2007-09-01', 700, NULL, 80, NULL);
SELECT medium, er_agg(expense, revenue), er_ratio(er_agg(expense, revenue)) FROM effort GROUP BY medium ORDER BY medium;
CREATE TABLE er_by_month AS SELECT medium, month, er_agg(expense, revenue) AS er FROM effort GROUP BY medium, month;
SELECT medium, rollup(er) AS er, round(er_ratio(rollup(er)), 4) AS er_ratio FROM er_by_month GROUP BY medium ORDER BY rollup(er);
SELECT er '1200:4800' + er '300:4200' AS sum, er_ratio(er '1200:4800' + er '300:4200') AS right_way, (er_ratio('1200:4800') + er_ratio('300:4200')) / 2 AS wrong_way;
SELECT er_agg(100.0 / 3, 400) FROM effort;
SELECT er_agg(round(100.0 / 3, 4), 400) FROM effort;
SELECT rate_agg(amount > 100), rate_value(rate_agg(amount > 100)) FROM (VALUES (250), (80), (120), (NULL)) customer_order(amount);
SELECT medium, rollup(rate(orders, pieces)), rate_value(rollup(rate(orders, pieces))) FROM effort GROUP BY medium ORDER BY medium;
SELECT method, i.* FROM unnest(ARRAY['wilson', 'wilson_cc', 'clopper_pearson', 'agresti_coull', 'jeffreys']) method,
       LATERAL (SELECT round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper FROM rate_interval('1/29', 0.95, method)) i;
SELECT round(difference::numeric, 4) AS difference, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
  FROM rate_difference_interval(a => '56/70', b => '48/80');
DROP TABLE effort, er_by_month;
