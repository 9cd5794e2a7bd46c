-- sizes, power, rollouts, tests looked at every day, the best of several: published numbers, enumeration, simulation
SET search_path = public, dupex;
\set VERBOSITY terse
\pset null '-'
SET extra_float_digits = -4;

-- power.prop.test and power.t.test of R's documentation (its p2 is .8026 of a loose search); unequal groups: Fleiss, Tytun and Ury 1980, formula before the correction
SELECT round(power_prop_test(.5, .75, n => 50)::numeric, 10) AS power, round(power_prop_test(.5, .75, power => .9)::numeric, 8) AS n, round(power_prop_test(.02, .025, power => .8)::numeric, 5) AS n_of_two_percent, round(power_prop_test(.5, n => 50, power => .9)::numeric, 4) AS p2,
    round(power_t_test(1, n => 20)::numeric, 7) AS power_t, round(power_t_test(1, power => .9)::numeric, 4) AS n_t;
-- the noncentral t by definition, in 30 digits (test/check/stats_oracle.py)
SELECT n, delta, significance, abs(power_t_test(delta, n => n, significance => significance) - wanted) < 1e-12 AS as_computed FROM (VALUES
    (2, 1.5, 0.05, 1.4750203959868211309e-1),
    (3.5, 2, 0.01, 2.3167650091569574952e-1),
    (20, 1, 0.05, 8.6895280169212701381e-1),
    (100, 0.4, 0.001, 3.0830045401190190177e-1),
    (5000, 0.05, 0.05, 7.0533109215872622557e-1)
    ) v(n, delta, significance, wanted);
-- a significance of next to nothing: with two in each group the square of the deviation is exponentially distributed, so the power is .8 where
-- the difference is the root of log(5) times the critical t, which is significance^-(1/2) when that is so small
SELECT abs(power_t_test(NULL, n => 2, power => .8, significance => 1e-40) / sqrt(ln(5::float8) / 1e-40) - 1) < 1e-12 AS next_to_nothing;
-- each argument gives the others back, for unequal groups too
SELECT bool_and(abs(power_prop_test(p, q, n => n, significance => a, ratio => r) - power) < 1e-12) AS power, bool_and(abs(power_prop_test(p, n => n, power => power, significance => a, ratio => r) - q) < 1e-12) AS p2
FROM (VALUES (.02, .03), (.5, .6), (.0001, .99)) v(p, q), unnest('{.5,.8,.99}'::float8[]) power, unnest('{.05,1e-6}'::float8[]) a, unnest('{1,9}'::float8[]) r, LATERAL (SELECT power_prop_test(p, q, power => power, significance => a, ratio => r)) w(n);
SELECT bool_and(abs(power_prop_test(p, q, power => .8, ratio => 4) * 4 / power_prop_test(q, p, power => .8, ratio => .25) - 1) < 1e-12) AS exchanged FROM (VALUES (.02, .03), (.5, .6)) v(p, q);
SELECT bool_and(abs(power_t_test(d, s, n => n) - power) < 1e-12) AS power, bool_and(abs(power_t_test(NULL, s, n => n, power => power) / d - 1) < 1e-9) AS delta
FROM (VALUES (1, 1), (5, 80), (.1, 30)) v(d, s), unnest('{.5,.8,.99}'::float8[]) power, LATERAL (SELECT power_t_test(d, s, power => power)) w(n);
SELECT power_prop_test(.3, .3, power => .8) AS equal_rates, power_prop_test(0, 1, n => 5) AS certain, power_prop_test(.5, n => 2, power => .99) AS too_small, power_t_test(0, power => .8) AS no_difference, power_t_test(50, power => .8) AS huge_difference, power_prop_test(NULL, .2, n => 5);

-- test sizes (Wheaton), z = 1.96 as the trade has it
SELECT round(test_size(.02, .002, c)::numeric, 2) AS n, round(test_size(.02, .002, c, 100000)::numeric, 3) AS of_universe, round(test_size(.01, .001, c)::numeric, 2) AS n_of_one_percent, test_size(NULL, .1) FROM (SELECT 2 * normal_cdf(1.96) - 1) v(c);

-- the prediction interval of a rollout holds what comes with the confidence that it says: all pairs of results, weighed by their probabilities
CREATE TEMP TABLE coverage AS
SELECT method, p, n, m, sum(px * py) FILTER (WHERE y BETWEEN r.lower - 1e-9 AND r.upper + 1e-9) AS covered, max(abs(r.expected - m * x / n::float8)) AS off
FROM (VALUES (40, 60), (50, 400)) s(n, m), unnest('{score,exact}'::text[]) method, unnest('{.02,.1,.3,.5}'::float8[]) p, generate_series(0, n) x, rollout_interval(x, n, m, .9, method) r, generate_series(0, m) y,
    LATERAL (SELECT binomial_cdf(x, n, p) - binomial_cdf(x - 1, n, p), binomial_cdf(y, m, p) - binomial_cdf(y - 1, m, p)) q(px, py) GROUP BY method, p, n, m;
SELECT method, count(*), min(covered) >= CASE method WHEN 'exact' THEN .9 ELSE .87 END AS enough, avg(covered) < .96 AS not_much_more, max(off) < 1e-12 AS expected FROM coverage GROUP BY method ORDER BY method COLLATE "C";
DROP TABLE coverage;
-- by its definition the bound is where the pooled z test just rejects; the exact one where Fisher's does
SELECT abs(prop_l.z + 1.959963984540054) < 1e-4 AS lower, abs(prop_u.z - 1.959963984540054) < 1e-4 AS upper
FROM rollout_interval(20000000, 1000000000, 4000000000) r, rate_z_test(rate(round(r.lower)::bigint, 4000000000), '20000000/1000000000') prop_l, rate_z_test(rate(round(r.upper)::bigint, 4000000000), '20000000/1000000000') prop_u;
SELECT r.*, f.p_greater > .025 AS kept, g.p_greater <= .025 AS next_rejected, h.p_less > .025 AS upper_kept, i.p_less <= .025 AS upper_next_rejected
FROM rollout_interval(20, 1000, 9000, method => 'exact') r, LATERAL (SELECT r.lower::bigint, r.upper::bigint) b(l, u), fisher_test(20, 980, l, 9000 - l) f, fisher_test(20, 980, l - 1, 9001 - l) g, fisher_test(20, 980, u, 9000 - u) h, fisher_test(20, 980, u + 1, 8999 - u) i;
SELECT a.lower, a.upper, b.lower, b.upper, c.* FROM rollout_interval(0, 50, 1000) a, rollout_interval(50, 50, 1000) b, rollout_interval(0, 0, 1000) c;
-- the larger the rollout, the nearer to the interval of the rate itself
SELECT r.rate_lower < i.lower AND r.rate_upper > i.upper AS wider, abs(s.rate_lower - i.lower) < 1e-6 AND abs(s.rate_upper - i.upper) < 1e-6 AS in_the_limit FROM rollout_interval(20, 1000, 2000) r, rollout_interval(20, 1000, 1000000000) s, rate_interval('20/1000') i;

-- the sequential test: the formula (Johari and others), a number to reproduce, the p value as one over the ratio
SELECT round(likelihood_ratio::numeric, 9) AS likelihood_ratio, round(p_value::numeric, 9) AS p_value, lower < 0 AND upper > 0 AS holds_0 FROM sequential_test('{200,250}', '{10000,10000}', 1e-4);
-- the interval ends where the p value of the difference shifted there is 1 - confidence
SELECT bool_and(abs(sqrt(v / (v + t)) * exp((s.upper - d) ^ 2 * t / (2 * v * (v + t))) * (1 - c) - 1) < 1e-10) AS bound FROM unnest('{.9,.95,.999}'::float8[]) c, unnest('{1e-6,1e-4,.01}'::float8[]) t,
    (SELECT .02 * .98 / 10000 + .025 * .975 / 8000, -.005) x(v, d), sequential_test('{200,200}', '{10000,8000}', t, c) s;
-- looked at after each of 40 batches, between equals: at most 5 percent ever find a winner, where the ordinary test finds one in many times as many; a real difference is found
CREATE TEMP TABLE look AS
SELECT test, effect, batch, sum(a) OVER w AS a, sum(b) OVER w AS b, 40 * batch AS n FROM (
    SELECT test, effect, batch, count(*) FILTER (WHERE hashint8extended(i, test * 1000 + batch) % 1000 + 999 < 400) AS a, count(*) FILTER (WHERE hashint8extended(-i, test * 1000 + batch) % 1000 + 999 < 400 + 2 * effect) AS b
    FROM generate_series(1::bigint, 400) test, unnest('{0,100}'::int[]) effect, generate_series(1, 40) batch, generate_series(1::bigint, 40) i GROUP BY test, effect, batch) x
WINDOW w AS (PARTITION BY test, effect ORDER BY batch);
SELECT round(effect / 1000.0, 1) AS difference, avg(least) <= .05 AS sequential_5_percent, avg(least) > .9 AS sequential_finds, avg(naive) > .2 AS ordinary_20_percent, bool_and(agree) AS interval_agrees FROM (
    SELECT test, effect, (min(s.p_value) <= .05)::int AS least, (min(p.p_value) <= .05)::int AS naive, (min(s.p_value) <= .05) = (max(s.lower) > 0 OR min(s.upper) < 0) AS agree
    FROM look, sequential_test(ARRAY[b, a]::bigint[], ARRAY[n, n]::bigint[], .0025) s, prop_test(ARRAY[a, b]::bigint[], ARRAY[n, n]::bigint[]) p GROUP BY test, effect) t GROUP BY effect ORDER BY effect;
DROP TABLE look;
-- tau2 that is proposed makes the interval narrowest
SELECT bool_and(w < least(l, h)) AS narrowest FROM unnest('{.001,.02,.5}'::float8[]) r, unnest('{1000,100000000}'::bigint[]) n, unnest('{.9,.99}'::float8[]) c, sequential_tau2(r, n, c) t, LATERAL (SELECT ARRAY[(r * n)::bigint, (r * n)::bigint], ARRAY[n, n]) x(s, u),
    LATERAL (SELECT upper - lower FROM sequential_test(s, u, t, c)) a(w), LATERAL (SELECT upper - lower FROM sequential_test(s, u, t * .97, c)) b(l), LATERAL (SELECT upper - lower FROM sequential_test(s, u, t * 1.03, c)) d(h);
SELECT a.*, b.*, c.p_value > .5 AS one_pair_proves_nothing, sequential_tau2(.1, 0) FROM sequential_test('{0,0}', '{10,20}', .01) a, sequential_test('{1,0}', '{10,0}', .01) b, sequential_test('{1,0}', '{1,1}', .01) c;
-- means: the same formula with their variance; NULL where there is no spread
SELECT abs(m.likelihood_ratio / r.likelihood_ratio - 1) < 1e-3 AS as_rates, abs(m.lower / r.lower - 1) < 1e-3 AS lower, n.* FROM sequential_mean_test(moments(10000, 200, 200), moments(10000, 250, 250), 1e-4) m, sequential_test('{200,250}', '{10000,10000}', 1e-4) r, sequential_mean_test('1:1:1', '2:2:2', 1) n;

-- the best of several: quadrature of incomplete beta functions in 25 digits (test/check/stats_oracle.py)
SELECT successes, trials, prior, round(probability_best::numeric, 6) AS probability_best, round(expected_loss::numeric, 9) AS expected_loss, abs(probability_best - wanted[2 * arm - 1]) < 1e-12 AND abs(expected_loss - wanted[2 * arm]) < 1e-12 AS as_computed FROM (VALUES
    ('{100,120}', '{1000,1000}', 1, 1, '{7.6816561026440246492e-2,2.0444693766675805011e-2,9.2318343897355975351e-1,4.846139263564437332e-4}'),
    ('{0,1,3}', '{10,12,9}', 0.5, 0.5, '{1.4779275021792162637e-2,3.1105837313251387493e-1,7.2342033153516571249e-2,2.4112830320244394486e-1,9.1287869182469126611e-1,6.5129185870593294777e-3}'),
    ('{40,44,4}', '{2000,2000,150}', 1, 1, '{8.9342432880329529958e-2,1.4247787453640382712e-2,1.9486066188359871259e-1,1.224978545563838471e-2,7.1579690523607175745e-1,1.8325710910555990746e-3}'),
    ('{0,5}', '{0,100}', 1, 1, '{9.4117647058823529412e-1,1.9988577955454026271e-3,5.8823529411764705882e-2,4.4317532838378069674e-1}')
    ) v(successes, trials, prior, prior_b, numbers), beta_best(successes::bigint[], trials::bigint[], prior, prior_b), LATERAL (SELECT numbers::float8[]) w(wanted);
-- two groups with whole parameters in closed form (Evan Miller's sum), by numeric factorials; the expected loss from it: E[A] P(A+ > B) - E[B] P(A > B+), where + is one more success
CREATE FUNCTION pg_temp.b_beats_a(a1 int, b1 int, a2 int, b2 int) RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(factorial(a1 + i - 1) * factorial(b1 + b2 - 1) / factorial(a1 + i + b1 + b2 - 1) / (b2 + i) * factorial(i + b2) / factorial(i) / factorial(b2 - 1) * factorial(a1 + b1 - 1) / factorial(a1 - 1) / factorial(b1 - 1)) FROM generate_series(0, a2 - 1) i
$$;
SELECT count(*), max(abs(p.probability_best - pg_temp.b_beats_a(a1 + 1, n1 - a1 + 1, a2 + 1, n2 - a2 + 1))) < 1e-13 AS probability,
    max(abs(p.expected_loss - ((a1 + 1) / (n1 + 2.0) * (1 - pg_temp.b_beats_a(a1 + 2, n1 - a1 + 1, a2 + 1, n2 - a2 + 1)) - (a2 + 1) / (n2 + 2.0) * (1 - pg_temp.b_beats_a(a1 + 1, n1 - a1 + 1, a2 + 2, n2 - a2 + 1))))) < 1e-13 AS loss
FROM generate_series(0, 12, 4) a1, (VALUES (12), (40)) n(n1), generate_series(0, 9, 3) a2, (VALUES (9), (60)) m(n2), beta_best(ARRAY[a1, a2], ARRAY[n1, n2]) p WHERE p.arm = 2;
-- probabilities add up to 1, equals are equal, the order of the groups does not matter; large counts, many groups, wide and narrow together, small priors
SELECT what, count(*) AS groups, abs(sum(probability_best) - 1) < 1e-11 AS add_up, min(expected_loss) >= 0 AS losses, bool_and(abs(probability_best - back) < 1e-11) AS reversed FROM (VALUES
    ('a million', ARRAY[10000, 10100, 9900, 10050], array_fill(1000000, ARRAY[4]), 1.0), ('a billion', ARRAY[10000000, 10003000, 9999000], array_fill(1000000000, ARRAY[3]), 1.0), ('wide and narrow', ARRAY[20000, 0, 3], ARRAY[1000000, 0, 100], 0.5),
    ('fifty', ARRAY(SELECT 1000 + i * 7 % 50 FROM generate_series(1, 50) i), array_fill(20000, ARRAY[50]), 1.0), ('small prior', ARRAY[0, 1, 30], ARRAY[20, 20, 500], 0.01), ('far apart', ARRAY[100, 900000], ARRAY[1000000, 1000000], 1.0)) v(what, s, t, prior),
    beta_best(s, t, prior, prior), LATERAL (SELECT probability_best FROM beta_best(ARRAY(SELECT x FROM unnest(s) WITH ORDINALITY u(x, i) ORDER BY i DESC), ARRAY(SELECT x FROM unnest(t) WITH ORDINALITY u(x, i) ORDER BY i DESC), prior, prior) r WHERE r.arm = cardinality(s) + 1 - beta_best.arm) q(back) GROUP BY what ORDER BY what COLLATE "C";
SELECT arm, round(probability_best::numeric, 12) AS probability_best FROM beta_best('{7,7,7,7}', '{90,90,90,90}');
-- at a million trials the betas are nearly normal
SELECT abs(probability_best - normal_cdf(100 / sqrt(10000 * .99 + 10100 * .9899))) < 1e-4 AS nearly_normal FROM beta_best('{10000,10100}', '{1000000,1000000}') WHERE arm = 2;
SELECT * FROM beta_best('{5}', '{9}');
SELECT * FROM beta_best('{}', '{}');

-- the next wave: whole pieces that add up, nobody under the least share, Thompson's shares
SELECT w.*, sum(allocated) OVER () AS pieces, abs(share - (.1 + .7 * w.probability_best)) < 1e-12 AS as_asked FROM next_wave('{100,120,90}', '{1000,1000,1000}', 10001, .1) w;
SELECT allocated FROM next_wave('{1,1,1}', '{9,9,9}', 100);
SELECT array_agg(allocated) FROM next_wave('{1,500}', '{1000,1000}', 1000, .5);
SELECT array_agg(allocated), sum(allocated) FROM next_wave('{1,2,3}', '{90,90,90}', 0);

-- shrinkage: what chance explains is taken away; the formula worked out by hand for two groups of 100 with 10 and 30 successes: noise .16 / 100, spread of the rates .02, between .02 - .0016 = .0184
SELECT arm, rate, round(shrunk_rate::numeric, 10) AS shrunk_rate, round(own_share::numeric, 10) AS own_share, round(.0184 / .02, 10) AS by_hand FROM shrunk_rates('{10,30}', '{100,100}');
SELECT * FROM shrunk_rates('{19,20,21}', '{100,100,100}');
SELECT arm, rate, round(shrunk_rate::numeric, 6) AS shrunk_rate, round(own_share::numeric, 6) AS own_share FROM shrunk_rates('{10,30,2,0}', '{100,100,4,0}');
SELECT * FROM shrunk_rates('{0,0}', '{10,20}');
SELECT * FROM shrunk_rates('{0,0}', '{0,0}');
-- repeated, the best of ten lists of rates spread by .005 around .02 comes nearer to its shrunk rate than to the one it showed
WITH list AS (SELECT run, i, .02 + .005 * normal_quantile(.0005 + (hashint8extended(i, run) % 1000 + 999) / 2000.0) AS p FROM generate_series(1::bigint, 200) run, generate_series(1::bigint, 10) i),
    test AS (SELECT run, i, greatest(p, .002) AS p, round(3000 * greatest(p, .002) + sqrt(3000 * greatest(p, .002)) * normal_quantile(.0005 + (hashint8extended(-i, run) % 1000 + 999) / 2000.0))::bigint AS s FROM list),
    told AS (SELECT run, array_agg(p ORDER BY i) AS p, array_agg(greatest(s, 0) ORDER BY i) AS s FROM test GROUP BY run),
    best AS (SELECT DISTINCT ON (run) run, rate, shrunk_rate, p[arm] AS truth FROM told, shrunk_rates(s, array_fill(3000::bigint, ARRAY[10])) ORDER BY run, rate DESC)
SELECT avg(rate - truth) > .001 AS best_is_lucky, abs(avg(shrunk_rate - truth)) < .0005 AS shrunk_is_not, avg((shrunk_rate - truth) ^ 2) < .8 * avg((rate - truth) ^ 2) AS nearer FROM best;

-- errors say what to do
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT power_prop_test(.5, .6);
SELECT power_prop_test(.5, .6, n => 100, power => .8);
SELECT power_prop_test(5, .6, n => 100);
SELECT power_prop_test(.5, .6, n => 100, significance => 0);
SELECT power_prop_test(.5, .6, power => 1);
SELECT power_prop_test(.5, .6, n => 0);
SELECT power_t_test(1, -1, n => 10);
SELECT power_t_test('NaN', n => 10);
SELECT power_t_test(1, n => 1);
SELECT test_size(.02, 0);
SELECT test_size(2, .002);
SELECT test_size(.02, .002, universe => -5);
SELECT rollout_interval(5, 4, 100);
SELECT rollout_interval(5, 40, 100, method => 'guess');
SELECT rollout_interval(5, 40, 2000000000000, method => 'exact');
SELECT sequential_test('{1,2,3}', '{9,9,9}', .01);
SELECT sequential_test('{1,2}', '{9,9}', 0);
SELECT sequential_tau2(0, 100);
SELECT beta_best('{1,2}', '{9,9}', 0);
SELECT beta_best(array_fill(1::bigint, ARRAY[201]), array_fill(9::bigint, ARRAY[201]));
SELECT next_wave('{1,2}', '{9,9}', 100, .6);
SELECT next_wave('{1,2}', '{9,9}', -1);
SELECT shrunk_rates('{1,2}', '{9}');
