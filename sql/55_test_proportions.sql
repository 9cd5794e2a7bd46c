-- tests of counts and rates: does it differ, and by how much.
--
-- Groups of any number are arrays of successes and trials, in the same order; two groups alone are
-- values of type rate. The numbers are those of R's functions of the same name. What is undefined
-- is NULL, and so is a bound that is not there.

CREATE FUNCTION prop_test(successes bigint[], trials bigint[], correct boolean DEFAULT false, confidence float8 DEFAULT 0.95, OUT statistic float8, OUT df float8, OUT p_value float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_prop_test';
COMMENT ON FUNCTION prop_test(bigint[], bigint[], boolean, float8) IS
    'do the groups have the same success rate? Chi-square test as R''s prop.test; correct is the continuity correction, for up to two groups. lower and upper are those of the difference first minus second of two groups (Wald), of the rate of a single group, which is tested against 1/2; NULL for more groups. Everything is NULL when a group has no trials, the test when all trials or none are successes. Raises 22023 for arrays that do not fit together, NULLs in them, and more successes than trials';

CREATE FUNCTION rate_z_test(a rate, b rate, correct boolean DEFAULT false, OUT z float8, OUT p_value float8, OUT p_less float8, OUT p_greater float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_rate_z_test';
COMMENT ON FUNCTION rate_z_test(rate, rate, boolean) IS
    'pooled z test of two rates, a minus b: z is the root of the statistic of prop_test(). p_value is two-sided; p_less is small when a is below b, p_greater when it is above. All NULL without trials in either, or when all trials or none are successes';

CREATE FUNCTION rate_ratio_interval(a rate, b rate, confidence float8 DEFAULT 0.95, method text DEFAULT 'koopman', OUT ratio float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_rate_ratio_interval';
COMMENT ON FUNCTION rate_ratio_interval(rate, rate, float8, text) IS
    'rate a over rate b (1.2: a fifth more) with its two-sided interval. Methods: koopman (score), katz (log-normal; no bounds when either has no success). ratio and upper are NULL when b has no success; all NULL without trials or without any success. Raises 22023 for another method and for a confidence that is not between 0 and 1';

CREATE FUNCTION chisq_test(counts bigint[], correct boolean DEFAULT false, OUT statistic float8, OUT df float8, OUT p_value float8, OUT least_expected float8, OUT cramers_v float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_chisq_test';
COMMENT ON FUNCTION chisq_test(bigint[], boolean) IS
    'are rows and columns of a table of counts independent? Chi-square test as R''s chisq.test; correct is the correction of Yates, for two rows and two columns. A list of counts is tested for equal shares. least_expected: below 5 the test is rough, then use fisher_test(); cramers_v from 0 to 1 is how strong the connection is. Test NULL when a row or a column has no counts. Raises 22023 for negative counts, NULLs, and more than two dimensions';

CREATE FUNCTION fisher_test(a bigint, b bigint, c bigint, d bigint, confidence float8 DEFAULT 0.95, OUT p_value float8, OUT p_less float8, OUT p_greater float8, OUT odds_ratio float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_get_fisher_test';
COMMENT ON FUNCTION fisher_test(bigint, bigint, bigint, bigint, float8) IS
    'exact test of the table of rows (a, b) and (c, d), such as successes and failures of two groups, as R''s fisher.test. p_value is two-sided (sum of all tables that are not likelier); p_less is small when the first row has less of the first column. odds_ratio is the conditional maximum likelihood estimate with its exact interval; NULL where it is infinite or where only one table has these sums, upper NULL where there is no bound. Raises 22023 for negative counts, 54000 beyond 10^12 counts';

CREATE FUNCTION binomial_test(successes bigint, trials bigint, probability float8 DEFAULT 0.5, confidence float8 DEFAULT 0.95, OUT p_value float8, OUT p_less float8, OUT p_greater float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_binomial_test';
COMMENT ON FUNCTION binomial_test(bigint, bigint, float8, float8) IS
    'exact test of one rate against a given probability, such as the break-even response, as R''s binom.test. p_value is two-sided; p_less is small when the rate is below, p_greater when it is above. lower and upper are those of Clopper and Pearson. Raises 22023 for impossible counts, probabilities and confidences';

CREATE FUNCTION mcnemar_test(only_first bigint, only_second bigint, correct boolean DEFAULT false, OUT statistic float8, OUT df float8, OUT p_value float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_mcnemar_test';
COMMENT ON FUNCTION mcnemar_test(bigint, bigint, boolean) IS
    'McNemar test of the same people twice: how many answered only the first time, how many only the second; correct takes 1 off their difference, as R''s mcnemar.test does. All NULL when there are none. Raises 22023 for negative counts';

CREATE FUNCTION mantel_haenszel_test(successes_a bigint[], trials_a bigint[], successes_b bigint[], trials_b bigint[], correct boolean DEFAULT false, confidence float8 DEFAULT 0.95, OUT statistic float8, OUT df float8, OUT p_value float8, OUT odds_ratio float8, OUT lower float8, OUT upper float8, OUT difference float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_mantel_haenszel_test';
COMMENT ON FUNCTION mantel_haenszel_test(bigint[], bigint[], bigint[], bigint[], boolean, float8) IS
    'compares a with b within strata (lists, months), one element each, and puts the results together, as R''s mantelhaen.test: test, common odds ratio with interval, and difference, the common difference of the rates. A stratum without trials in either group is left out. What is undefined is NULL. Raises 22023 for arrays that do not fit together, NULLs in them, and more successes than trials';

CREATE FUNCTION prop_trend_test(successes bigint[], trials bigint[], scores float8[] DEFAULT NULL, OUT statistic float8, OUT df float8, OUT p_value float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_prop_trend_test';
COMMENT ON FUNCTION prop_trend_test(bigint[], bigint[], float8[]) IS
    'does the success rate rise or fall with the score (price, number of mailings)? Test of Cochran and Armitage as R''s prop.trend.test. scores NULL: 1, 2, 3 ... All NULL when a group has no trials, when all trials or none are successes, and when all scores are equal. Raises 22023 for arrays that do not fit together, NULLs in them, and more successes than trials';

CREATE FUNCTION srm_test(observed bigint[], planned float8[] DEFAULT NULL, OUT statistic float8, OUT df float8, OUT p_value float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_srm_test';
COMMENT ON FUNCTION srm_test(bigint[], float8[]) IS
    'sample ratio mismatch: did the groups get the people that were planned? Chi-square test of counts against shares, which need not add up to 1; planned NULL: equal shares. A p_value below 0.001 means that people were lost or doubled on the way, and that no result of the test can be trusted. All NULL for fewer than two groups and without people. Raises 22023 for shares that are not above 0';

CREATE FUNCTION p_adjust(p float8[], method text DEFAULT 'holm') RETURNS float8[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_p_adjust';
COMMENT ON FUNCTION p_adjust(float8[], text) IS
    'p values of several tests, adjusted for their number, as R''s p.adjust. Methods: holm, hochberg, hommel, bonferroni (the chance of any false alarm), BH or fdr, BY (the share of false ones among the alarms), none. NULLs stay and do not count as tests. Raises 22023 for another method and for what is no p value, 54000 for more than 10,000 with hommel';
