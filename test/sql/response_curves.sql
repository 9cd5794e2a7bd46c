-- Response curves and budgets: published numbers, certified fits, brute force, and data that tell
-- no curve.
SET search_path = public, dupex;
SET extra_float_digits = 0;
CREATE FUNCTION pg_temp.dice(number bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(number, salt) & 9007199254740991)::float8 / 9007199254740992::float8;

-- adstock and Hill
SELECT adstock('{100,0,0,50}', 0.5) AS adstock, adstock('{100,0,0,50}', 0.5, normalised => true) AS normalised, adstock('{100,0,0,50}', 0.5, max_lag => 1) AS one_period,
       adstock('{100,NULL,0}', 0) AS none_kept, adstock('{}', 0.5) AS no_period, adstock('{8,0,0,0}', 0.5, true, 2) AS three_weights;
SELECT spend, round(response_hill(spend, 50, 2)::numeric, 6) AS hill FROM unnest('{0,25,50,100,200,1e300}'::float8[]) spend;
-- by the sum that it is, and the same with weights cut off; long ones too
SELECT bool_and(abs(stock[t] - direct) < 1e-9 * (1 + direct)) AS is_the_sum, count(*)
  FROM (SELECT max_lag, adstock(spend, 0.93, false, max_lag) AS stock, spend
          FROM (SELECT array_agg(pg_temp.dice(i, 1) * 100 ORDER BY i) AS spend FROM generate_series(1, 300) i) s, unnest('{0,3,63,64,120,400,NULL}'::int[]) max_lag) a,
       generate_series(1, 300) t, LATERAL (SELECT sum(spend[t - lag] * 0.93 ^ lag) AS direct FROM generate_series(0, least(t - 1, max_lag)) lag) d;
-- normalised: nothing is lost, once all has come
SELECT round(sum(x)::numeric, 9) AS all_of_1000 FROM unnest(adstock(array_prepend(1000::float8, array_fill(0::float8, ARRAY[400])), 0.9, true)) x;
-- the marginal is the slope, also of the concave and the S-shaped
SELECT slope, spend, abs(response_hill_marginal(spend, 40, slope, 7) / ((response_hill(spend + 1e-4, 40, slope, 7) - response_hill(spend - 1e-4, 40, slope, 7)) / 2e-4) - 1) < 1e-6 AS is_slope
  FROM unnest('{0.5,1,3}'::float8[]) slope, unnest('{1,40,500}'::float8[]) spend;
SELECT response_hill_marginal(0, 40, 1, 7), response_hill_marginal(0, 40, 2, 7), response_hill_marginal(0, 40, 0.5, 7), response_michaelis_menten(30, 100, 10);

-- NIST StRD Misra1d, certified: b1 4.3736970754E+02 (3.6489174345E+00), b2 3.0227324449E-04 (2.9334354479E-06), where b2 is 1 / half_saturation;
-- residual sum 5.6419295283E-02, residual deviation 6.8568272111E-02
SELECT maximum::numeric(20,8), maximum_error::numeric(20,10), (1 / half_saturation)::numeric(20,14) AS b2, (half_saturation_error / half_saturation ^ 2)::numeric(20,16) AS b2_error,
       residual_sum::numeric(20,12), residual_error::numeric(20,12), slope, slope_error, points, status
  FROM response_fit('{77.6,114.9,141.1,190.8,239.9,289.0,332.8,378.4,434.8,477.3,536.8,593.1,689.1,760.0}',
                    '{10.07,14.73,17.94,23.93,29.61,35.18,40.02,44.82,50.76,55.05,61.01,66.40,75.47,81.78}') \gx
-- Puromycin (Treloar 1974, in R's manual of nls): treated 212.7 (6.947), .06412 (.008281), residual error 10.93; untreated 160.3 (6.480), .04771 (.007782), 9.773
WITH puromycin (state, conc, rate) AS (VALUES
    ('treated', '{0.02,0.02,0.06,0.06,0.11,0.11,0.22,0.22,0.56,0.56,1.10,1.10}'::float8[], '{76,47,97,107,123,139,159,152,191,201,207,200}'::float8[]),
    ('untreated', '{0.02,0.02,0.06,0.06,0.11,0.11,0.22,0.22,0.56,0.56,1.10}', '{67,51,84,86,98,115,131,124,144,158,160}'))
SELECT state, round(maximum::numeric, 1) AS vm, round(maximum_error::numeric, 3) AS vm_error, round(half_saturation::numeric, 5) AS k, round(half_saturation_error::numeric, 6) AS k_error,
       round(residual_error::numeric, 3) AS residual, status
  FROM puromycin, LATERAL response_fit(conc, rate);

-- what was put in comes out again, whatever the units; and from the hill
SELECT unit, shape, abs(maximum / (700 * unit) - 1) < 1e-9 AS maximum, abs(half_saturation / (90 / unit) - 1) < 1e-9 AS half, abs(f.slope / s - 1) < 1e-9 AS slope, status
  FROM unnest('{1,1e6,1e-6}'::float8[]) unit, (VALUES ('michaelis_menten', 1::float8), ('hill', 0.6), ('hill', 2.5)) v (shape, s),
       LATERAL (SELECT array_agg(x / unit) AS spend, array_agg(response_hill(x / unit, 90 / unit, s, 700 * unit)) AS outcome FROM generate_series(10, 400, 30) x) d,
       LATERAL response_fit(spend, outcome, shape) f;
-- noisy data: no point of a fine grid is better, and the order of the points makes no difference
CREATE TEMP TABLE noisy AS
SELECT k, array_agg(spend ORDER BY i) AS spend, array_agg(outcome ORDER BY i) AS outcome, array_agg(spend ORDER BY i DESC) AS spend_back, array_agg(outcome ORDER BY i DESC) AS outcome_back
  FROM (SELECT k, i, 5 + 200 * pg_temp.dice(i, k) AS spend, 300 * (5 + 200 * pg_temp.dice(i, k)) / (40 * k + 5 + 200 * pg_temp.dice(i, k)) * (0.6 + 0.8 * pg_temp.dice(i, 100 + k)) AS outcome
          FROM generate_series(1, 12) k, generate_series(1, 25) i) p GROUP BY k;
SELECT count(*) AS fits, bool_and(f.residual_sum <= g.best * (1 + 1e-12)) AS none_better, bool_and(f = b) AS order_is_nothing
  FROM noisy, LATERAL response_fit(spend, outcome) f, LATERAL response_fit(spend_back, outcome_back) b,
       LATERAL (SELECT min(rss) AS best FROM generate_series(-60, 120) g,
                       LATERAL (SELECT 100 * exp(g / 20.0) AS half) h,
                       LATERAL (SELECT sum((o - v * x / (half + x)) ^ 2) AS rss
                                  FROM unnest(spend, outcome) u(x, o), LATERAL (SELECT sum(o * x / (half + x)) / sum((x / (half + x)) ^ 2) AS v FROM unnest(spend, outcome) w(x, o)) m) r) g;

-- nor where the slope comes to rest at a bound, or half and maximum can hardly be told apart
SELECT name, status, f.residual_sum <= g.best + 1e-9 AS none_better
  FROM (VALUES ('threshold', '{219.7,314.6,379,450.8,500,543.9,743,1000}'::float8[], '{0,0,0,46,51,44,55,48}'::float8[]), ('late', '{0,1285.5,500000,1000000}', '{0,0,0.85,1.66}'), ('exact', '{0.0018,0.4,0.5}', '{0.00001,29,39}'),
               ('shallow', '{1,10,100,1000}', '{10,11,12.2,13.1}'), ('proportional', '{10,20,30}', '{1,2,3}')) c (name, spend, outcome), LATERAL response_fit(spend, outcome, 'hill') f,
       LATERAL (SELECT min(rss) AS best
                  FROM (SELECT sum(o * o) - sum(o * s) ^ 2 / sum(s * s) AS rss
                          FROM generate_series(-20, 85) i, generate_series(0, 20) j, LATERAL (SELECT (SELECT max(x) FROM unnest(spend) x) * exp(i / 12.5) AS half, 0.2 * 50 ^ (j / 20.0) AS slope) h,
                               unnest(spend, outcome) u(x, o), LATERAL (SELECT response_hill(x, half, slope) AS s OFFSET 0) r GROUP BY i, j) q) g;
-- data that tell no curve say so; nothing is NaN
SELECT c.name, f.maximum::numeric(12,2), f.half_saturation::numeric(14,4), f.maximum_error IS NULL AS no_error, f.points, f.status
  FROM (VALUES ('nothing', '{}'::float8[], '{}'::float8[], 'michaelis_menten'), ('no pair', '{1,NULL}', '{NULL,2}', 'michaelis_menten'), ('one point', '{10}', '{5}', 'michaelis_menten'),
               ('one expense', '{10,10,10}', '{5,6,7}', 'michaelis_menten'), ('two points', '{10,20}', '{5,8}', 'michaelis_menten'), ('two points, hill', '{10,20}', '{5,8}', 'hill'),
               ('no outcome', '{10,20,30}', '{0,0,0}', 'michaelis_menten'), ('a loss', '{10,20,30}', '{-1,-3,-2}', 'michaelis_menten'),
               ('proportional', '{10,20,30}', '{1,2,3}', 'michaelis_menten'), ('more than that', '{10,20,30}', '{1,4,9}', 'michaelis_menten'),
               ('flat', '{10,20,30}', '{5,5,5}', 'michaelis_menten'), ('less for more', '{10,20,30}', '{9,6,3}', 'michaelis_menten'),
               ('threshold', '{10,20,30,40,50,60}', '{0,0,0,9,9,9}', 'hill'), ('no money', '{0,0,0}', '{1,2,3}', 'michaelis_menten')) c (name, spend, outcome, shape),
       LATERAL response_fit(spend, outcome, shape) f;
-- the ends of the range: numbers or NULL, never NaN or infinity
SELECT bool_and(maximum IS NULL OR maximum BETWEEN 0 AND 1.7e308) AS maximum, bool_and(half_saturation IS NULL OR half_saturation BETWEEN 0 AND 1.7e308) AS half, bool_and(coalesce(residual_error, 0) >= 0) AS residual, count(status)
  FROM (VALUES ('{1e-300,1e300,1e10}'::float8[], '{1e300,1e-300,5}'::float8[]), ('{1e-300,2e-300,3e-300}', '{1e-300,2e-300,2.5e-300}'), ('{1e150,2e150,3e150}', '{1e150,2e150,2.5e150}'), ('{0,1e-308,1}', '{0,0,1e-308}'), ('{5,5.0000000001,5}', '{1,9,2}')) v (spend, outcome),
       unnest('{michaelis_menten,hill}'::text[]) shape, LATERAL response_fit(spend, outcome, shape);
SELECT response_fit('{1,2}', '{1}');
SELECT response_fit('{1,-2}', '{1,2}');
SELECT response_fit('{1,2}', '{1,NaN}');
SELECT response_fit('{1,2}', '{1,2}', 'weibull');
SELECT adstock('{1,2}', 1);
SELECT adstock('{1,2}', 0.5, false, -1);
SELECT adstock('{1.7e308,1.7e308}', 0.9);
SELECT response_hill(-1, 50);
SELECT response_hill(1, 0);

-- 1000x/(x+50) + 800y/(y+100), x + y = 200: 104.531454 and 95.468546, 1067.168267 in all, both marginals 2.0938049503; in steps of 1: 105 and 95, 1067.162945
SELECT step, channel, spend::numeric(12,6), outcome::numeric(12,6), marginal::numeric(16,10), last_marginal::numeric(16,10), sum(outcome) OVER (PARTITION BY step)::numeric(12,6) AS total
  FROM unnest('{NULL,1}'::float8[]) step, LATERAL budget_allocate(200, '{1000,800}', '{50,100}', step => step);
-- limits, a channel without a curve, a floor of the marginal return, more money than may be spent, none
SELECT channel, spend::numeric(12,4), outcome::numeric(12,4), last_marginal::numeric(12,6) FROM budget_allocate(200, '{1000,800,NULL}', '{50,100,NULL}', lower => '{0,110,30}', upper => '{40,150,60}');
SELECT channel, spend::numeric(12,4), marginal::numeric(12,6), last_marginal::numeric(12,6) FROM budget_allocate(1000, '{1000,800}', '{50,100}', least_marginal => 1);
SELECT channel, spend FROM budget_allocate(1000, '{1000,800}', '{50,100}', upper => '{300,200}');
SELECT channel, spend, outcome FROM budget_allocate(0, '{1000,800}', '{50,100}');
-- with least_marginal nothing is spent at less, S-shaped or not: against all allocations of 20 parts of the budget, 20 problems with 3 channels
SELECT count(*) AS problems, bool_and(a.outcome - floor * a.money >= best - 1e-9) AS best_for_the_money, bool_and(a.bound - floor * a.money >= best - 1e-9) AS known, bool_or(a.money < 199) AS money_is_left
  FROM (SELECT p, (ARRAY[0, 0.1, 0.2, 0.5, 1])[1 + p % 5]::float8 AS floor, array_agg(10 + 150 * pg_temp.dice(p * 3 + c, 41)::float8 ORDER BY c) AS maximum, array_agg(20 + 250 * pg_temp.dice(p * 3 + c, 42)::float8 ORDER BY c) AS half,
               array_agg((ARRAY[0.5, 1, 1.5, 2, 3, 6])[1 + floor(6 * pg_temp.dice(p * 3 + c, 43))::int]::float8 ORDER BY c) AS slope FROM generate_series(1, 20) p, generate_series(1, 3) c GROUP BY p) m,
       LATERAL (SELECT max(response_hill(10 * x, half[1], slope[1], maximum[1]) + response_hill(10 * y, half[2], slope[2], maximum[2]) + response_hill(10 * z, half[3], slope[3], maximum[3]) - floor * 10 * (x + y + z)) AS best
                  FROM generate_series(0, 20) x, generate_series(0, 20 - x) y, generate_series(0, 20 - x - y) z) o,
       LATERAL (SELECT sum(outcome) AS outcome, sum(spend) AS money, max(bound) AS bound FROM budget_allocate(200, maximum, half, slope, least_marginal => floor)) a;
SELECT channel, spend::numeric(12,4), outcome::numeric(12,4), last_marginal::numeric(12,6) FROM budget_allocate(200, '{130.41,62.27,122.18}', '{226.1,124.44,32.18}', '{0.5,6,3}', upper => '{100,200,200}', least_marginal => 0.2);
SELECT channel, spend::numeric(12,4), outcome::numeric(12,4) FROM budget_allocate(200, '{130.41,62.27,122.18}', '{226.1,124.44,32.18}', '{0.5,6,3}', upper => '{100,200,200}', step => 10, least_marginal => 0.2);
SELECT count(*) AS no_channel FROM budget_allocate(10, '{}', '{}');

-- against the best of all allocations in whole units, by brute force: 3 channels, 40 units, 40 problems of concave and S-shaped curves
CREATE TEMP TABLE problem AS
SELECT p, array_agg(100 + 900 * pg_temp.dice(p * 3 + i, 11) ORDER BY i) AS maximum, array_agg(3 + 30 * pg_temp.dice(p * 3 + i, 12) ORDER BY i) AS half,
       array_agg(CASE WHEN p <= 15 THEN 0.5 + 0.5 * pg_temp.dice(p * 3 + i, 13) ELSE 0.7 + 4 * pg_temp.dice(p * 3 + i, 13) END ORDER BY i) AS slope
  FROM generate_series(1, 40) p, generate_series(1, 3) i GROUP BY p;
SELECT count(*) AS problems, bool_and(e.total >= best - 1e-9 * best) AS exact_is_no_worse, bool_and(e.bound >= best - 1e-9) AS bound_holds, bool_and(e.total >= e.bound * (1 - 1e-8)) AS proved,
       bool_and(abs(e.money - 40) < 1e-9) AS all_spent, bool_and(p > 15 OR abs(g.total - best) < 1e-9 * best) AS steps_are_best_if_concave, bool_and(g.total >= 0.95 * best) AS steps_are_good,
       bool_and(g.total <= g.bound AND g.money = 40) AS steps_are_bounded
  FROM problem,
       LATERAL (SELECT max(response_hill(a, half[1], slope[1], maximum[1]) + response_hill(b, half[2], slope[2], maximum[2]) + response_hill(40 - a - b, half[3], slope[3], maximum[3])) AS best
                  FROM generate_series(0, 40) a, generate_series(0, 40 - a) b) o,
       LATERAL (SELECT sum(outcome) AS total, min(bound) AS bound, sum(spend) AS money FROM budget_allocate(40, maximum, half, slope)) e,
       LATERAL (SELECT sum(outcome) AS total, min(bound) AS bound, sum(spend) AS money FROM budget_allocate(40, maximum, half, slope, step => 1)) g;
-- a thousand channels
SELECT count(*), round(sum(spend)) AS spent, (max(marginal) FILTER (WHERE spend > 0) / min(marginal) FILTER (WHERE spend > 0) - 1) < 1e-6 AS same_marginal, bool_and(spend > 0 OR marginal <= last_marginal) AS rest_is_worse
  FROM (SELECT array_agg(100 * pg_temp.dice(i, 21) + 1 ORDER BY i) AS maximum, array_agg(50 * pg_temp.dice(i, 22) + 1 ORDER BY i) AS half FROM generate_series(1, 1000) i) c, LATERAL budget_allocate(5000, maximum, half);
SELECT budget_allocate(-1, '{1}', '{1}');
SELECT budget_allocate(10, '{1,2}', '{1}');
SELECT budget_allocate(10, '{1,2}', '{1,0}');
SELECT budget_allocate(10, '{1,2}', '{1,1}', lower => '{6,6}');
SELECT budget_allocate(10, '{1,2}', '{1,1}', lower => '{0,5}', upper => '{10,4}');
SELECT budget_allocate(1e9, '{1,2}', '{1,1}', step => 1);

-- points that were measured instead of curves. Points of the curves above, a unit of money apart: the same allocation as in steps of 1, by either rule
CREATE TEMP TABLE measured AS
SELECT 'x' AS channel, s::float8 AS spend, 1000.0::float8 * s / (s + 50) AS outcome FROM generate_series(0, 200) s UNION ALL SELECT 'y', s, 800.0::float8 * s / (s + 100) FROM generate_series(0, 200) s;
SELECT whole, a.channel, a.spend, a.outcome::numeric(12,6), a.marginal::numeric(12,6), a.last_marginal::numeric(12,6), sum(a.outcome) OVER (PARTITION BY whole)::numeric(12,6) AS total, bound::numeric(12,6)
  FROM (VALUES (false), (true)) w (whole), (SELECT array_agg(channel ORDER BY channel) AS channels, array_agg(spend ORDER BY channel) AS spends, array_agg(outcome ORDER BY channel) AS outcomes FROM measured) m,
       LATERAL budget_allocate_points(200, channels, spends, outcomes, whole) a;
-- rows in any order are the same
SELECT count(DISTINCT (a.channel, a.spend, a.outcome, a.marginal, a.bound)) AS rows_of_two_channels
  FROM generate_series(1, 5) n, LATERAL (SELECT array_agg(channel ORDER BY pg_temp.dice(spend::int, n)) AS channels, array_agg(spend ORDER BY pg_temp.dice(spend::int, n)) AS spends, array_agg(outcome ORDER BY pg_temp.dice(spend::int, n)) AS outcomes FROM measured) m,
       LATERAL budget_allocate_points(123.5, channels, spends, outcomes) a;
-- by hand: mail brings 5, 4, 1 for each unit in steps of 10; radio nothing below 30, where it brings 4.5 for each. Equal expenses: their mean (mail 10 brings 40 and 60). What has a NULL is left out
CREATE TEMP VIEW by_hand AS SELECT '{mail,mail,mail,mail,radio,radio,radio,NULL,none}'::text[] AS channels, '{10,10,20,30,30,40,10,5,NULL}'::float8[] AS spends, '{40,60,90,100,135,140,0,7,7}'::float8[] AS outcomes;
SELECT budget, whole, string_agg(format('%s %s -> %s (next %s)', channel, spend, outcome, marginal), ', ') AS plan, sum(outcome) AS total, max(last_marginal) AS last, max(bound) AS bound
  FROM by_hand, unnest('{0,10,25,30,40,45,60,1000}'::float8[]) budget, (VALUES (false), (true)) w (whole), LATERAL budget_allocate_points(budget, channels, spends, outcomes, whole) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT channel, spend, outcome, last_marginal FROM by_hand, budget_allocate_points(1000, channels, spends, outcomes, least_marginal => 2);
-- a channel whose outcomes fall gets nothing; one point is enough; one at no money counts as it is
SELECT * FROM budget_allocate_points(10, '{worse,worse,one,base,base}', '{1,2,4,0,5}', '{-1,-2,6,100,101}');
-- outcomes of which one is a number and two add up to none
SELECT outcome FROM budget_allocate_points(10, '{a,a}', '{1,2}', '{-1.7e308,1.7e308}');
SELECT outcome FROM budget_allocate_points(10, '{a,b}', '{1,1}', '{1.7e308,1.7e308}');
SELECT count(*) AS no_channel FROM budget_allocate_points(10, '{}', '{}', '{}');
SELECT count(*) AS no_budget FROM budget_allocate_points(NULL, '{a}', '{1}', '{1}');
-- against all allocations on points, by brute force: 3 channels with 7 points each, 60 problems, half of them concave
CREATE TEMP TABLE point AS
SELECT p, c, n AS spend, CASE WHEN n = 0 THEN 0 WHEN p <= 30 THEN round((100 + 50 * pg_temp.dice(p * 3 + c, 31)) * sqrt(n)) ELSE round(100 * pg_temp.dice(p * 100 + c * 10 + n, 32)) END::float8 AS outcome
  FROM generate_series(1, 60) p, generate_series(1, 3) c, generate_series(0, 6) n;
SELECT count(*) AS problems, bool_and(w.total = best AND w.bound = best) AS best_and_known, bool_and(f.total >= w.total - 1e-9 AND abs(f.total - f.bound) < 1e-9) AS parts_are_no_worse,
       bool_and(f.money <= 7.5 AND w.money <= 7.5) AS within
  FROM (SELECT p, array_agg(c::text) AS channels, array_agg(spend::float8) AS spends, array_agg(outcome) AS outcomes FROM point GROUP BY p) m,
       LATERAL (SELECT max(x.outcome + y.outcome + z.outcome) AS best FROM point x, point y, point z
                 WHERE x.p = m.p AND y.p = m.p AND z.p = m.p AND x.c = 1 AND y.c = 2 AND z.c = 3 AND x.spend + y.spend + z.spend <= 7.5) o,
       LATERAL (SELECT sum(outcome) AS total, max(bound) AS bound, sum(spend) AS money FROM budget_allocate_points(7.5, channels, spends, outcomes, true)) w,
       LATERAL (SELECT sum(outcome) AS total, max(bound) AS bound, sum(spend) AS money FROM budget_allocate_points(7.5, channels, spends, outcomes)) f;
-- ten thousand points of a thousand channels
SELECT count(*), round(sum(spend)) AS spent, sum(outcome) / max(bound) > 0.9999999 AS is_best
  FROM (SELECT array_agg('channel ' || c) AS channels, array_agg(n::float8) AS spends, array_agg((1 + pg_temp.dice(c, 33)) * sqrt(n)) AS outcomes FROM generate_series(1, 1000) c, generate_series(0, 9) n) m, LATERAL budget_allocate_points(2500, channels, spends, outcomes);
SELECT budget_allocate_points(-1, '{a}', '{1}', '{1}');
SELECT budget_allocate_points(1, '{a,b}', '{1}', '{1}');
SELECT budget_allocate_points(1, '{a}', '{-1}', '{1}');
SELECT budget_allocate_points(1, '{a}', '{1}', '{NaN}');
SELECT budget_allocate_points(1, '{{a},{b}}', '{1,2}', '{1,2}');
