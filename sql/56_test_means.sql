-- moments: how many people, their sum and the sum of their squares, all exact; tests of means.
--
-- Built as 20_er. Spend per person and its spread come from three sums that add up: a state by day
-- and cell rolls up to any test. The variance is exact, whatever the order of the rows.

CREATE TYPE moments;
CREATE FUNCTION moments_in(cstring) RETURNS moments
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_in';
CREATE FUNCTION moments_out(moments) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_out';
CREATE FUNCTION moments_recv(internal) RETURNS moments
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_recv';
CREATE FUNCTION moments_send(moments) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_send';
CREATE TYPE moments (INPUT = moments_in, OUTPUT = moments_out, RECEIVE = moments_recv, SEND = moments_send,
    INTERNALLENGTH = 48, ALIGNMENT = double);
COMMENT ON FUNCTION moments_in(cstring) IS 'input of moments: people:sum:sum of squares; 22P02 for anything else and for sums that nobody can have, 22003 for too many digits';
COMMENT ON FUNCTION moments_out(moments) IS 'output of moments: people:sum:sum of squares';
COMMENT ON FUNCTION moments_recv(internal) IS 'binary input of moments: people (int8), the sum as whole and billionths (int8, int4), the sum of squares in units of 10^-18 as six int4; 22P03 for what moments_send cannot have sent';
COMMENT ON FUNCTION moments_send(moments) IS 'binary output of moments: as moments_recv reads it, in network order';
COMMENT ON TYPE moments IS
    'how many people, their sum (up to 18 digits before and 9 behind the point) and the sum of their squares, all exact, written 3:12.5:80.25; made by moments_agg';

CREATE FUNCTION moments(people bigint, sum numeric, sum_of_squares numeric) RETURNS moments
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_construct';
COMMENT ON FUNCTION moments(bigint, numeric, numeric) IS
    'moments of count(*), sum(x) and sum(x * x) that a table has already. Raises 22023 for sums that so many people cannot have, 22003 for too many digits';

CREATE FUNCTION moments_plus(moments, moments) RETURNS moments
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_plus';
CREATE OPERATOR + (LEFTARG = moments, RIGHTARG = moments, FUNCTION = moments_plus, COMMUTATOR = +);
COMMENT ON FUNCTION moments_plus(moments, moments) IS 'implementation of + operator, transition and combine function of aggregates';
COMMENT ON OPERATOR + (moments, moments) IS 'the moments of both groups together; raises 22003 for sums that do not fit';

-- not strict: the first person makes the state
CREATE FUNCTION moments_agg_add(moments, numeric) RETURNS moments
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_agg_add';
COMMENT ON FUNCTION moments_agg_add(moments, numeric) IS 'transition of moments_agg';
CREATE AGGREGATE moments_agg(amount numeric) (
    SFUNC = moments_agg_add, STYPE = moments, COMBINEFUNC = moments_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE moments_agg(numeric) IS
    'counts people and adds up amounts and their squares, exactly. One row per person: who spent nothing has 0, not NULL, which is nobody; NULL when there is nobody. Raises 22003 for more than 9 decimals and for sums that do not fit';

CREATE AGGREGATE rollup(moments) (
    SFUNC = moments_plus, STYPE = moments, COMBINEFUNC = moments_plus, PARALLEL = SAFE);
COMMENT ON AGGREGATE rollup(moments) IS 'adds up stored moments exactly, without NULLs; NULL when there is none. Raises 22003 for sums that do not fit';

-- accessors

CREATE FUNCTION moments_people(moments) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_people';
COMMENT ON FUNCTION moments_people(moments) IS 'how many people';

CREATE FUNCTION moments_sum(moments) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_sum';
COMMENT ON FUNCTION moments_sum(moments) IS 'the sum of their amounts, exact';

CREATE FUNCTION moments_sum_of_squares(moments) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_squares';
COMMENT ON FUNCTION moments_sum_of_squares(moments) IS 'the sum of the squares of their amounts, exact';

CREATE FUNCTION moments_mean(moments) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_mean';
COMMENT ON FUNCTION moments_mean(moments) IS 'the mean amount per person; NULL of nobody';

CREATE FUNCTION moments_variance(moments) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_variance';
COMMENT ON FUNCTION moments_variance(moments) IS 'the variance of single people, over their number less 1; NULL of fewer than two';

CREATE FUNCTION moments_deviation(moments) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_moments_get_deviation';
COMMENT ON FUNCTION moments_deviation(moments) IS 'the standard deviation of single people, the root of the variance; NULL of fewer than two';

-- tests

CREATE FUNCTION mean_interval(moments moments, confidence float8 DEFAULT 0.95, OUT mean float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_mean_interval';
COMMENT ON FUNCTION mean_interval(moments, float8) IS
    'the mean amount per person with its two-sided interval (t); the bounds are NULL of fewer than two people and when all spent the same. Raises 22023 for a confidence that is not between 0 and 1';

CREATE FUNCTION mean_test(a moments, b moments, confidence float8 DEFAULT 0.95, OUT difference float8, OUT lower float8, OUT upper float8, OUT statistic float8, OUT df float8, OUT p_value float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_mean_test';
COMMENT ON FUNCTION mean_test(moments, moments, float8) IS
    'mean of a minus mean of b (spend per person, returns included) with its interval, and the test of Welch, as R''s t.test: statistic, degrees of freedom, two-sided p value. All but the difference are NULL when a group has fewer than two people or nobody differs from anybody. Raises 22023 for a confidence that is not between 0 and 1';
