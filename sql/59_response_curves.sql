-- Response curves: what an expense brings, the curve that fits best, and where the next money goes.

CREATE FUNCTION adstock(spend float8[], retention float8, normalised boolean DEFAULT false, max_lag int DEFAULT NULL) RETURNS float8[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_sql_adstock';
COMMENT ON FUNCTION adstock(float8[], float8, boolean, int) IS
    'geometric adstock: the expense of each period and what is carried over into it from those before, spend[t] + retention * stock[t - 1]. spend: one element a period, in order, without gaps; NULL is none. retention: from 0 to below 1. normalised: the weights add up to 1. max_lag: carried over for so many periods (NULL: for ever). 22023 for other arguments. For expenses at any time see points_agg(), whose half-life is the same thing';

CREATE FUNCTION response_hill(spend float8, half_saturation float8, slope float8 DEFAULT 1, maximum float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_sql_hill';
COMMENT ON FUNCTION response_hill(float8, float8, float8, float8) IS
    'outcome of an expense on the Hill curve: maximum * spend^slope / (spend^slope + half_saturation^slope). half_saturation: the expense that brings half of the maximum; slope 1: concave (Michaelis-Menten), above 1: S-shaped. 22023 for a negative expense and for parameters that are not above 0';

CREATE FUNCTION response_hill_marginal(spend float8, half_saturation float8, slope float8 DEFAULT 1, maximum float8 DEFAULT 1) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_sql_hill_marginal';
COMMENT ON FUNCTION response_hill_marginal(float8, float8, float8, float8) IS
    'what one more unit of money brings at an expense: the derivative of response_hill(). NULL where it is infinite: at 0 with a slope below 1. 22023 likewise';

CREATE FUNCTION response_michaelis_menten(spend float8, maximum float8, half_saturation float8) RETURNS float8
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN response_hill(spend, half_saturation, 1, maximum);
COMMENT ON FUNCTION response_michaelis_menten(float8, float8, float8) IS 'outcome of an expense on the curve of Michaelis and Menten: maximum * spend / (half_saturation + spend); see response_hill()';

CREATE FUNCTION response_fit(spend float8[], outcome float8[], shape text DEFAULT 'michaelis_menten',
    OUT maximum float8, OUT half_saturation float8, OUT slope float8, OUT maximum_error float8, OUT half_saturation_error float8, OUT slope_error float8,
    OUT residual_error float8, OUT residual_sum float8, OUT r_squared float8, OUT points int, OUT status text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'dupex_sql_response_fit';
COMMENT ON FUNCTION response_fit(float8[], float8[], text) IS
    'the response curve that fits expenses and outcomes best, by least squares: give both with array_agg() of the same rows, for example of the months of a medium; a point with a NULL is left out, the order does not matter. Shapes: michaelis_menten (concave) and hill (slope from 0.2 to 10, may be S-shaped). The _error columns are standard errors (NULL at a bound), residual_error that of an outcome, residual_sum the sum of squares; status says in words what the fit is worth, the numbers are NULL where there is no curve. 22023 for another shape, arrays of different lengths, negative expenses, numbers that are not finite';

CREATE FUNCTION budget_allocate(budget float8, maximum float8[], half_saturation float8[], slope float8[] DEFAULT NULL, lower float8[] DEFAULT NULL,
    upper float8[] DEFAULT NULL, step float8 DEFAULT NULL, least_marginal float8 DEFAULT 0,
    OUT channel int, OUT spend float8, OUT outcome float8, OUT marginal float8, OUT last_marginal float8, OUT bound float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_sql_budget_allocate';
COMMENT ON FUNCTION budget_allocate(float8, float8[], float8[], float8[], float8[], float8[], float8, float8) IS
    'shares a budget out so that the outcome is largest, one row per channel in order of the arrays: maximum, half_saturation and slope (default 1) of its curve, see response_hill(), and the least and most it may get (lower default 0, upper the budget). A channel whose curve is NULL gets its lower limit. step: in whole steps of so much money, greedily (NULL: exactly). least_marginal: stops where one more unit of money brings less. marginal: what one more unit would bring in this channel; last_marginal: what the last unit of the budget brought; bound: no allocation brings more in all (with least_marginal: more than what their money must bring). 22023 for impossible arguments, 54000 for more than 10,000,000 steps';

CREATE FUNCTION budget_allocate_points(budget float8, channels text[], spends float8[], outcomes float8[], whole_points boolean DEFAULT false, least_marginal float8 DEFAULT 0,
    OUT channel text, OUT spend float8, OUT outcome float8, OUT marginal float8, OUT last_marginal float8, OUT bound float8)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_sql_budget_allocate_points';
COMMENT ON FUNCTION budget_allocate_points(float8, text[], float8[], float8[], boolean, float8) IS
    'shares a budget out among channels of which single points were measured (what so much money brought), without fitting curves: always to the step of a channel that brings most for each unit of money, whatever its length, along the concave envelope of its points. channels, spends, outcomes: of each point, made with array_agg() of the same rows; of equal expenses the mean counts, without a point at 0 nothing brings nothing, a row with a NULL is left out. No channel gets more than its largest expense. whole_points: each ends on one of its points; else between two points the outcome is on the straight line. least_marginal: stops where a step brings less for each unit of money. One row per channel, in the order in which they are first named; marginal: what one more unit of money would bring on its next step, 0 at its last point; last_marginal: what a unit of the money brought on the step that brought least; bound: no allocation brings more in all (with least_marginal: more than what their money must bring); the outcomes add up to it, but for 1000 steps of a search that were not enough. 22023 for arrays of different lengths, negative expenses, numbers that are not finite, 22003 where they are so large that the result is none, 54000 for more than 1,000,000 points';
