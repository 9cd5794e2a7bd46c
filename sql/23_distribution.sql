-- distributions: cumulative probability, upper tail, quantile.
--
-- upper is P(X > x): for a small tail it has all its digits, where 1 - cdf has none. The quantile is
-- the inverse of cdf; at probability 0 and 1 it is the end of the range, which may be infinite.

CREATE FUNCTION normal_cdf(z float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_normal_cdf';
COMMENT ON FUNCTION normal_cdf(float8) IS
    'P(X <= z) of the standard normal distribution. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN';

CREATE FUNCTION normal_upper(z float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_normal_upper';
COMMENT ON FUNCTION normal_upper(float8) IS
    'P(X > z) of the standard normal distribution, with all its digits however small it is. Raises 22023 for NaN';

CREATE FUNCTION normal_quantile(probability float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_normal_get_quantile';
COMMENT ON FUNCTION normal_quantile(float8) IS
    'the x with P(X <= x) = probability of the standard normal distribution; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1';

CREATE FUNCTION t_cdf(t float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_t_cdf';
COMMENT ON FUNCTION t_cdf(float8, float8) IS
    'P(X <= t) of the t distribution of Student with df degrees of freedom. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION t_upper(t float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_t_upper';
COMMENT ON FUNCTION t_upper(float8, float8) IS
    'P(X > t) of the t distribution of Student with df degrees of freedom, with all its digits however small it is. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION t_quantile(probability float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_t_get_quantile';
COMMENT ON FUNCTION t_quantile(float8, float8) IS
    'the x with P(X <= x) = probability of the t distribution of Student with df degrees of freedom; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1, for degrees of freedom that are not above 0';

CREATE FUNCTION chi_square_cdf(x float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_chi_square_cdf';
COMMENT ON FUNCTION chi_square_cdf(float8, float8) IS
    'P(X <= x) of chi-square with df degrees of freedom. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION chi_square_upper(x float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_chi_square_upper';
COMMENT ON FUNCTION chi_square_upper(float8, float8) IS
    'P(X > x) of chi-square with df degrees of freedom, with all its digits however small it is. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION chi_square_quantile(probability float8, df float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_chi_square_get_quantile';
COMMENT ON FUNCTION chi_square_quantile(float8, float8) IS
    'the x with P(X <= x) = probability of chi-square with df degrees of freedom; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1, for degrees of freedom that are not above 0';

CREATE FUNCTION f_cdf(x float8, df1 float8, df2 float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_f_cdf';
COMMENT ON FUNCTION f_cdf(float8, float8, float8) IS
    'P(X <= x) of F with df1 and df2 degrees of freedom. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION f_upper(x float8, df1 float8, df2 float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_f_upper';
COMMENT ON FUNCTION f_upper(float8, float8, float8) IS
    'P(X > x) of F with df1 and df2 degrees of freedom, with all its digits however small it is. Raises 22023 for NaN, degrees of freedom that are not above 0';

CREATE FUNCTION f_quantile(probability float8, df1 float8, df2 float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_f_get_quantile';
COMMENT ON FUNCTION f_quantile(float8, float8, float8) IS
    'the x with P(X <= x) = probability of F with df1 and df2 degrees of freedom; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1, for degrees of freedom that are not above 0';

CREATE FUNCTION beta_cdf(x float8, a float8, b float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_beta_cdf';
COMMENT ON FUNCTION beta_cdf(float8, float8, float8) IS
    'P(X <= x) of the beta distribution with parameters a and b. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN, parameters that are not above 0';

CREATE FUNCTION beta_upper(x float8, a float8, b float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_beta_upper';
COMMENT ON FUNCTION beta_upper(float8, float8, float8) IS
    'P(X > x) of the beta distribution with parameters a and b, with all its digits however small it is. Raises 22023 for NaN, parameters that are not above 0';

CREATE FUNCTION beta_quantile(probability float8, a float8, b float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_beta_get_quantile';
COMMENT ON FUNCTION beta_quantile(float8, float8, float8) IS
    'the x with P(X <= x) = probability of the beta distribution with parameters a and b; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1, for parameters that are not above 0';

CREATE FUNCTION gamma_cdf(x float8, shape float8, scale float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_gamma_cdf';
COMMENT ON FUNCTION gamma_cdf(float8, float8, float8) IS
    'P(X <= x) of the gamma distribution. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for NaN, parameters that are not above 0';

CREATE FUNCTION gamma_upper(x float8, shape float8, scale float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_gamma_upper';
COMMENT ON FUNCTION gamma_upper(float8, float8, float8) IS
    'P(X > x) of the gamma distribution, with all its digits however small it is. Raises 22023 for NaN, parameters that are not above 0';

CREATE FUNCTION gamma_quantile(probability float8, shape float8, scale float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gamma_get_quantile';
COMMENT ON FUNCTION gamma_quantile(float8, float8, float8) IS
    'the x with P(X <= x) = probability of the gamma distribution; the end of the range at 0 and 1, which may be infinite. Relative accuracy 1e-13 for probabilities from 1e-30 to 1/2. Raises 22023 for a probability that is not from 0 to 1, for parameters that are not above 0';

CREATE FUNCTION binomial_cdf(successes bigint, trials bigint, probability float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_binomial_cdf';
COMMENT ON FUNCTION binomial_cdf(bigint, bigint, float8) IS
    'P(X <= successes) of the number of successes in so many trials. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for negative trials, a probability that is not from 0 to 1';

CREATE FUNCTION binomial_upper(successes bigint, trials bigint, probability float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_binomial_upper';
COMMENT ON FUNCTION binomial_upper(bigint, bigint, float8) IS
    'P(X > successes) of the number of successes in so many trials, with all its digits however small it is. Raises 22023 for negative trials, a probability that is not from 0 to 1';

CREATE FUNCTION poisson_cdf(events bigint, mean float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_poisson_cdf';
COMMENT ON FUNCTION poisson_cdf(bigint, float8) IS
    'P(X <= events) of the number of events where so many are expected. The smaller tail has a relative accuracy of 1e-13. Raises 22023 for a mean that is negative or infinite';

CREATE FUNCTION poisson_upper(events bigint, mean float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_poisson_upper';
COMMENT ON FUNCTION poisson_upper(bigint, float8) IS
    'P(X > events) of the number of events where so many are expected, with all its digits however small it is. Raises 22023 for a mean that is negative or infinite';
