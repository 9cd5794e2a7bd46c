-- How the answers to a mailing come in: published data, the likelihood by brute force, coverage of
-- the limits in simulated campaigns, and campaigns that tell nothing.
SET search_path = public, dupex;
SET extra_float_digits = 0;

-- Average daily responses of a direct mail campaign (stats.stackexchange.com, question 145193)
CREATE TEMP TABLE mail AS
SELECT day, n FROM unnest('{24.16093706,41.59607507,68.20083052,85.19109064,100.0704403,58.6600221,86.08475816,88.97439581,65.58341418,49.25588053,53.63602085,47.03620672,29.71552264,
    32.85862747,31.29118096,23.67961069,19.81261675,18.69300933,17.25738435,12.01161679,12.36734071,14.32360673,11.02390849,9.108021409,9.647965622,8.815576548,5.67225654,5.739220185,
    6.233999138,5.527376627,5.024065761,5.565266355,4.626749364,3.480761716,4.621902301,4.518554271,4.075985188,3.204946787,3.174020873,2.966915873,2.129178828,2.673009031,2.410429043,
    2.331287075,2.509300578,2.13820695,2.53433787,1.603934405,1.555813592,1.834605068,1.842905685,1.454045577,2.08684322,1.318276487,0.807666643,1.333167088,1.004526525,1.180110123,
    1.078079735,1.151394678,1.426747942,0.699119833,0.583347236}'::float8[]) WITH ORDINALITY t (n, day);
-- total 1121.174415; half of it on day 9 (interpolated 8.116625); day 10 .595606, day 14 .741209, day 21 .861719, day 28 .919097, day 42 .970670
SELECT round(sum(n)::numeric, 6) AS total, round(campaign_doubling_day(array_agg(n ORDER BY day))::numeric, 6) AS doubling_day FROM mail;
SELECT d, round(campaign_share_in(n, d)::numeric, 6) AS share_in FROM (SELECT array_agg(n ORDER BY day) AS n FROM mail) m, unnest('{0,8,9,10,14,21,28,42,63,100}'::int[]) d;
-- days before the first response do not count
SELECT campaign_doubling_day('{0,0,NULL,4,4}') AS late, campaign_doubling_day('{4,4}') AS early, campaign_doubling_day('{4,4}', total => 20) AS not_yet, campaign_doubling_day('{0,0}') AS none,
       campaign_share_in('{0,3,1}', 1) AS first_day, campaign_share_in('{0,3,1}', 2, 8) AS of_forecast, campaign_share_in('{0,3,1}', 3, 8) AS to_come;

-- forecasts of it from its first days
SELECT d, round(so_far) AS so_far, round(expected) AS expected, lower::int, upper::int, round(share_in::numeric, 3) AS share_in, round(doubling_day::numeric, 2) AS doubling_day,
       round(delay_rate::numeric, 4) AS delay_rate, round(delivery_days::numeric, 3) AS delivery_days, round(dispersion::numeric, 2) AS dispersion, status
  FROM unnest('{2,4,8,10,14,21,28,42,63}'::int[]) d, LATERAL campaign_forecast((SELECT array_agg(round(n) ORDER BY day) FROM mail WHERE day <= d), model => 'delayed');
SELECT model, round(expected) AS expected, lower::int, upper::int, round(delay_rate::numeric, 4) AS delay_rate, round(dispersion::numeric, 2) AS dispersion
  FROM unnest('{delayed,geometric}'::text[]) model, LATERAL campaign_forecast((SELECT array_agg(round(n) ORDER BY day) FROM mail WHERE day <= 28), model => model);

-- the likelihood by its definition, a sum over delivery times; no point around the maximum is higher
CREATE FUNCTION pg_temp.log_likelihood(responses float8[], q float8, mean float8) RETURNS float8 LANGUAGE plpgsql AS
$$
DECLARE
    p      float8[];
    poisson float8[] := ARRAY[exp(-mean)];
    result float8 := 0;
    total  float8 := 0;
BEGIN
    FOR i IN 1 .. array_length(responses, 1) - 1 LOOP
        poisson := poisson || poisson[i] * mean / i;
    END LOOP;
    FOR i IN 1 .. array_length(responses, 1) LOOP
        p[i] := (SELECT sum(poisson[d] * (1 - q) * q ^ (i - d)) FROM generate_series(1, i) d);
        result := result + responses[i] * ln(p[i]);
        total := total + responses[i];
    END LOOP;
    RETURN result - total * ln((SELECT sum(x) FROM unnest(p) x));
END
$$;
SELECT d, abs(log_likelihood - pg_temp.log_likelihood(n, delay_rate, delivery_days)) < 1e-8 * abs(log_likelihood) AS same_likelihood,
       (SELECT bool_and(pg_temp.log_likelihood(n, least(delay_rate * (1 + a / 200.0), 0.9999), delivery_days * (1 + b / 50.0)) < log_likelihood + 1e-9)
          FROM generate_series(-3, 3) a, generate_series(-3, 3) b WHERE a <> 0 OR b <> 0) AS is_maximum,
       abs(share_in - campaign_model_share(d, delay_rate, delivery_days)) < 1e-12 AS same_share, abs(expected * share_in / so_far - 1) < 1e-12 AS scaled_up
  FROM unnest('{10,14,28,63}'::int[]) d, LATERAL (SELECT array_agg(n ORDER BY day) AS n FROM mail WHERE day <= d) m, LATERAL campaign_forecast(n, model => 'delayed');
-- the geometric model by itself: with mean waiting time w of the days seen, q solves w = q / (1 - q) - m q^m / (1 - q^m)
SELECT abs(q / (1 - q) - m * q ^ m / (1 - q ^ m) - w) < 1e-6 AS solves, abs(share_in - (1 - q ^ m)) < 1e-12 AS share, delivery_days
  FROM (SELECT array_agg(r ORDER BY i) AS r, sum((i - 1) * r) / sum(r) AS w, count(*)::int AS m FROM unnest('{40,31,24,17,15,12,8,7}'::float8[]) WITH ORDINALITY u (r, i)) d,
       LATERAL (SELECT delay_rate AS q, share_in, delivery_days FROM campaign_forecast(ARRAY[0, 0]::float8[] || r, model => 'geometric')) f;

-- 300 simulated campaigns of 500 responses, seen for 7 to 30 days: the limits hold the final number as often as they say
CREATE TEMP TABLE simulated AS
WITH draw AS (
    SELECT c, q, width_bucket(u.delivery, poisson) + floor(ln(1 - u.wait) / ln(q))::int AS day
      FROM generate_series(1, 300) c, generate_series(1, 500) person,
           LATERAL (SELECT 0.75 + 0.15 * (hashint8extended(c, 5) & 1023) / 1024.0::float8 AS q) t,
           -- mean delivery 2.5 days
           LATERAL (SELECT ARRAY[0.0820849986239, 0.287297495184, 0.543813115884, 0.757576133134, 0.891178018914, 0.957978961805, 0.985812688009, 0.995753304511, 0.998859747168, 0.999722648461, 0.99993837379] AS poisson) d,
           LATERAL (SELECT (hashint8extended(c * 1000 + person, 6) & 9007199254740991)::float8 / 9007199254740992 AS delivery,
                           (hashint8extended(c * 1000 + person, 7) & 9007199254740991)::float8 / 9007199254740992 AS wait) u)
SELECT s.c, f.* FROM (SELECT c, array_agg(n ORDER BY g) AS responses
                       FROM (SELECT c.c, g, count(d.day) AS n FROM generate_series(1, 300) c (c) CROSS JOIN generate_series(0, 29) g LEFT JOIN draw d ON d.c = c.c AND d.day = g
                              WHERE g <= 6 + c.c % 24 GROUP BY 1, 2) x GROUP BY c) s,
       LATERAL campaign_forecast(responses, model => 'delayed') f;
SELECT count(*) AS campaigns, count(lower) >= 270 AS most_have_limits, avg((lower <= 500 AND upper >= 500)::int) FILTER (WHERE lower IS NOT NULL) BETWEEN 0.91 AND 0.99 AS coverage_is_as_said,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY expected) BETWEEN 490 AND 510 AS median_is_right, bool_and(lower >= so_far AND expected >= so_far AND upper >= expected * 0.9) AS in_order
  FROM simulated;

-- people who differ: the same campaign from its first days; from day 14 on the limits hold the 1124 of its 63 days, after which the model still expects some
SELECT d, round(so_far) AS so_far, round(expected) AS expected, lower::int, upper::int, lower <= 1124 AND upper >= 1124 AS holds, round(delay_rate::numeric, 3) AS delay_rate, round(delivery_days::numeric, 2) AS delivery_days,
       round(heterogeneity::numeric, 2) AS heterogeneity, status
  FROM unnest('{8,14,21,28,42,63}'::int[]) d, LATERAL campaign_forecast((SELECT array_agg(round(n) ORDER BY day) FROM mail WHERE day <= d));
-- the share by its definition: of those under way so many days, those who have answered since, each day 1 of 1 + odds + heterogeneity t of those who are left
CREATE FUNCTION pg_temp.mixed_share(days int, q float8, mean float8, heterogeneity float8) RETURNS float8 LANGUAGE plpgsql AS
$$
DECLARE
    odds    float8 := q / (1 - q);
    poisson float8 := exp(-mean);
    share   float8 := 0;
BEGIN
    FOR under_way IN 0 .. days - 1 LOOP
        share := share + poisson * (1 - (SELECT exp(sum(ln((odds + heterogeneity * t) / (1 + odds + heterogeneity * t)))) FROM generate_series(0, days - under_way - 1) t));
        poisson := poisson * mean / (under_way + 1);
    END LOOP;
    RETURN share;
END
$$;
SELECT bool_and(abs(campaign_model_share(days, q, mean, 'beta_geometric', h) - pg_temp.mixed_share(days, q, mean, h)) < 1e-12) AS same_share,
       bool_and(abs(campaign_model_share(days, q, mean, 'beta_geometric', 1e-12) - campaign_model_share(days, q, mean)) < 1e-9) AS without_it_alike
  FROM unnest('{1,2,10,60}'::int[]) days, unnest('{0.2,0.9,0.99}'::float8[]) q, unnest('{0.5,4}'::float8[]) mean, unnest('{0.01,0.3,2}'::float8[]) h;
-- the maximum of likelihood and prior: no point around it is higher
SELECT d, bool_and(p.at <= p.top + 1e-6 * abs(p.top)) AS is_maximum, count(*) AS points
  FROM unnest('{14,28,63}'::int[]) d, LATERAL (SELECT array_agg(n ORDER BY day) AS n, sum(n) AS total FROM mail WHERE day <= d) m, LATERAL campaign_forecast(n) f,
       LATERAL (SELECT f.log_likelihood - (ln(f.heterogeneity) - ln(0.25)) ^ 2 / 2 AS top,
                       (SELECT sum(m.n[i] * ln(x.share - x.before)) - m.total * ln(max(x.share)) FROM (SELECT i, pg_temp.mixed_share(i, q, mean, h) AS share, CASE WHEN i > 1 THEN pg_temp.mixed_share(i - 1, q, mean, h) ELSE 0 END AS before FROM generate_series(1, d) i) x)
                       - (ln(h) - ln(0.25)) ^ 2 / 2 AS at
                  FROM (SELECT 1 - (1 - f.delay_rate) * (1 + a / 100.0) AS q, f.delivery_days * (1 + b / 50.0) AS mean, f.heterogeneity * (1 + c / 10.0) AS h FROM generate_series(-1, 1) a, generate_series(-1, 1) b, generate_series(-1, 1) c) v) p GROUP BY d ORDER BY d;
-- 400 simulated campaigns of 500 responses of people who wait alike (0) or differ, seen for 14, 21 or 28 days: the limits, and those of the model in which all wait alike
CREATE TEMP TABLE differing AS
WITH share AS (
    SELECT h, c, array_agg(campaign_model_share(day, odds / (1 + odds), 2.5, CASE WHEN h > 0 THEN 'beta_geometric' ELSE 'delayed' END, h) ORDER BY day) AS shares
      FROM unnest('{0,0.1,0.3,0.6}'::float8[]) h, generate_series(1, 100) c, LATERAL (SELECT 3 + 5 * (hashint8extended(c, 5) & 1023) / 1024.0::float8 AS odds) t, generate_series(1, 28) day GROUP BY h, c),
draw AS (
    SELECT h, c, 1 + width_bucket((hashint8extended(c * 1000 + person, 8) & 9007199254740991)::float8 / 9007199254740992, shares) AS day, count(*) AS n FROM share, generate_series(1, 500) person GROUP BY 1, 2, 3)
SELECT s.h, s.c, array_agg(coalesce(d.n, 0)::float8 ORDER BY g) AS responses FROM share s CROSS JOIN generate_series(1, 28) g LEFT JOIN draw d ON d.h = s.h AND d.c = s.c AND d.day = g GROUP BY 1, 2;
SELECT h, avg((lower <= 500 AND upper >= 500)::int) FILTER (WHERE model = 'beta_geometric') BETWEEN CASE WHEN h < 0.6 THEN 0.93 ELSE 0.8 END AND 1 AS holds, percentile_cont(0.5) WITHIN GROUP (ORDER BY expected) FILTER (WHERE model = 'beta_geometric') BETWEEN 460 AND 530 AS near,
       avg((lower <= 500 AND upper >= 500)::int) FILTER (WHERE model = 'delayed') < CASE WHEN h > 0.2 THEN 0.6 ELSE 1 END AS alike_does_not, bool_and(model = 'delayed' OR heterogeneity > 0) AS they_differ
  FROM differing, unnest('{delayed,beta_geometric}'::text[]) model, LATERAL campaign_forecast(responses[1:14 + 7 * (c % 3)], model => model) f GROUP BY h ORDER BY h;

-- by the curve of campaigns that are over
SELECT round(expected::numeric, 4) AS expected, lower, upper, round(share_in::numeric, 6) AS share_in, status FROM campaign_forecast_like('{0,5,4,3}', '{100,80,50,30,20,10,5,3,2}');
SELECT expected, lower, upper, share_in, status FROM campaign_forecast_like('{5,4,3,2}', '{10,5,3}');
SELECT expected, status FROM campaign_forecast_like('{0,0}', '{10,5,3}') UNION ALL SELECT expected, status FROM campaign_forecast_like('{1}', '{}');
-- limits of Poisson counts: with a large reference they are the quantiles of a negative binomial, here of 100 to come, known up to 1/sqrt(100)
SELECT lower - 100 AS lower, upper - 100 AS upper FROM campaign_forecast_like('{100}', '{1000000000,1000000000}');
-- sums and forecasts beyond all numbers
SELECT campaign_share_in('{1e308,1e308}', 1);
SELECT campaign_forecast('{1e308,1e308}');
SELECT expected FROM campaign_forecast_like('{1e308}', '{1,100}');

-- campaigns that tell nothing say so; pieces are a bound
SELECT c.name, f.so_far, round(f.expected::numeric, 3) AS expected, f.lower, f.upper, round(f.ultimate_rate::numeric, 4) AS ultimate_rate, f.status
  FROM (VALUES ('no day', '{}'::float8[], NULL::float8), ('no response', '{0,0,NULL}', 100), ('two days', '{0,5,3}', NULL), ('rising', '{1,2,4,8,16}', NULL), ('rising, few pieces', '{1,2,4,8,16}', 40),
               ('steady', '{5,5,5,5,5,5}', NULL), ('all at once', '{9,0,0,0,0,0}', NULL), ('all at once, later', '{0,0,9,0,0,0,0,0,0}', NULL), ('everybody', '{10,5,3,2,1,1}', 22), ('falling', '{10,5,3,2,1,1}', 1000)) c (name, responses, mailed),
       LATERAL campaign_forecast(responses, mailed, 'geometric') f;
SELECT bool_and(f.status IS NOT NULL AND (f.expected IS NULL OR f.expected < 1e9)) AS never_wild, count(*)
  FROM generate_series(1, 400) k, LATERAL (SELECT array_agg(floor(12 * ((hashint8extended(k * 50 + i, 9) & 1023) / 1024.0::float8) ^ (1 + k % 5))) AS r FROM generate_series(1, 3 + k % 12) i) d,
       LATERAL campaign_forecast(r, CASE k % 3 WHEN 0 THEN 200 END, CASE k % 2 WHEN 0 THEN 'delayed' ELSE 'geometric' END) f;
SELECT campaign_forecast('{1,-1,2}');
SELECT campaign_forecast('{1,infinity,2}');
SELECT campaign_forecast('{1,1,2}', model => 'bass');
SELECT campaign_forecast('{1,1,2}', confidence => 95);
SELECT campaign_forecast(array_fill(1::float8, ARRAY[10001]));
SELECT campaign_forecast(array_fill(1::float8, ARRAY[1001]));
SELECT campaign_model_share(1001, 0.5, 1, 'beta_geometric', 0.1);
SELECT campaign_model_share(10, 0.5, 1, 'delayed', 0.1);
SELECT campaign_share_in('{1,1,2}', -1);
SELECT campaign_model_share(10, 1.5, 2);
