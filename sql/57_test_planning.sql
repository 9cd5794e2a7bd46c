-- planning tests and deciding by them: how many people, what will the rollout bring, may we stop,
-- which cell is best, who gets the next wave.

CREATE FUNCTION power_prop_test(p1 float8, p2 float8 DEFAULT NULL, n float8 DEFAULT NULL, power float8 DEFAULT NULL, significance float8 DEFAULT 0.05, ratio float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_power_prop_test';
COMMENT ON FUNCTION power_prop_test(float8, float8, float8, float8, float8, float8) IS
    'sizing of a test of two rates, two-sided: give two of p2, n and power, get the third, as R''s power.prop.test. n is the size of the first group, not rounded; the second has ratio times as many. p2 is looked for above p1. NULL when there is no such number. Raises 22023 when not exactly one of them is NULL, and for impossible values';

CREATE FUNCTION power_t_test(delta float8, deviation float8 DEFAULT 1, n float8 DEFAULT NULL, power float8 DEFAULT NULL, significance float8 DEFAULT 0.05) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_power_t_test';
COMMENT ON FUNCTION power_t_test(float8, float8, float8, float8, float8) IS
    'sizing of a test of two means with n people in each group, two-sided: give two of delta, n and power, get the third, as R''s power.t.test. deviation is the standard deviation of single people. n is not rounded, at least 2. NULL when there is no such number. Raises 22023 when not exactly one of them is NULL, and for impossible values';

CREATE FUNCTION test_size(rate float8, margin float8, confidence float8 DEFAULT 0.95, universe float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_get_test_size';
COMMENT ON FUNCTION test_size(float8, float8, float8, float8) IS
    'how many pieces a test needs so that its rate is known to plus or minus margin (0.002: .2 points), in a list of so many names (universe NULL: no limit); not rounded. Raises 22023 for impossible values';

CREATE FUNCTION rollout_interval(successes bigint, trials bigint, rollout bigint, confidence float8 DEFAULT 0.95, method text DEFAULT 'score', OUT expected float8, OUT lower float8, OUT upper float8, OUT rate float8, OUT rate_lower float8, OUT rate_upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_rollout_interval';
COMMENT ON FUNCTION rollout_interval(bigint, bigint, bigint, float8, text) IS
    'what a rollout to so many people will bring after successes of trials in the test: expected successes with their prediction interval, and the same as rates. Both test and rollout vary, so it is wider than rate_interval(). Methods: score, exact (whole numbers, covers at least what it says). NULL without trials or rollout. Raises 22023 for impossible counts and another method, 54000 for exact beyond 10^12 people';

CREATE FUNCTION sequential_test(successes bigint[], trials bigint[], tau2 float8, confidence float8 DEFAULT 0.95, OUT likelihood_ratio float8, OUT p_value float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_sequential_test';
COMMENT ON FUNCTION sequential_test(bigint[], bigint[], float8, float8) IS
    'test of two groups that may be looked at as often as you like (mSPRT): likelihood ratio, p value of this look (1 / likelihood ratio, at most 1), and the interval of the difference first minus second. Over several looks the p value is the smallest, the bounds are the closest so far. tau2 is the square of the difference that you expect, fixed before the test; sequential_tau2() proposes one. All NULL without trials and while all trials or none are successes. Raises 22023 for other than two groups, for tau2 that is not above 0, for arrays that do not fit together, NULLs in them, and more successes than trials';

CREATE FUNCTION sequential_mean_test(a moments, b moments, tau2 float8, confidence float8 DEFAULT 0.95, OUT likelihood_ratio float8, OUT p_value float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_sequential_mean_test';
COMMENT ON FUNCTION sequential_mean_test(moments, moments, float8, float8) IS
    'as sequential_test(), of the mean of a minus the mean of b; good from some hundred people a group on, before that single large amounts rule. NULL when a group has fewer than two people or nobody differs from anybody. Raises 22023 for tau2 that is not above 0';

CREATE FUNCTION sequential_tau2(rate float8, trials bigint, confidence float8 DEFAULT 0.95) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_get_sequential_tau2';
COMMENT ON FUNCTION sequential_tau2(float8, bigint, float8) IS
    'the tau2 for sequential_test() that makes its interval narrowest when each of the two groups, at about this rate, has had so many trials; NULL for none. Raises 22023 for a rate that is not between 0 and 1';

CREATE FUNCTION beta_best(successes bigint[], trials bigint[], prior_a float8 DEFAULT 1, prior_b float8 DEFAULT 1, OUT arm integer, OUT probability_best float8, OUT expected_loss float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 4 AS 'MODULE_PATHNAME', 'dupex_beta_best';
COMMENT ON FUNCTION beta_best(bigint[], bigint[], float8, float8) IS
    'for each group (arm, from 1) the probability that its rate is the highest, and the expected loss of rate when it is chosen (0.0005: half a success in 1,000 trials); prior beta(prior_a, prior_b), by integration, nothing is drawn. Raises 22023 for priors that are not above 0, for arrays that do not fit together, NULLs in them, and more successes than trials; 54000 for more than 200 groups';

CREATE FUNCTION next_wave(successes bigint[], trials bigint[], pieces bigint, least_share float8 DEFAULT 0, prior_a float8 DEFAULT 1, prior_b float8 DEFAULT 1, OUT arm integer, OUT probability_best float8, OUT share float8, OUT allocated bigint) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 4 AS 'MODULE_PATHNAME', 'dupex_next_wave';
COMMENT ON FUNCTION next_wave(bigint[], bigint[], bigint, float8, float8, float8) IS
    'divides the pieces of the next wave: each group gets its probability to be best, but at least least_share of the pieces; whole pieces that add up (Thompson sampling with exact probabilities). Raises 22023 when least_share for each is more than there is, and as beta_best()';

CREATE FUNCTION shrunk_rates(successes bigint[], trials bigint[], OUT arm integer, OUT rate float8, OUT shrunk_rate float8, OUT own_share float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 4 AS 'MODULE_PATHNAME', 'dupex_shrunk_rates';
COMMENT ON FUNCTION shrunk_rates(bigint[], bigint[]) IS
    'what each of several groups (arm, from 1) will probably do when it is repeated: its rate, drawn towards the rate of all by as much as chance explains the differences. own_share is what counts of its own rate, 0 to 1. rate and own_share are NULL without trials. Raises 22023 for arrays that do not fit together, NULLs in them, and more successes than trials';
