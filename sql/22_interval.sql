-- confidence intervals of rates

CREATE FUNCTION rate_interval(rate rate, confidence float8 DEFAULT 0.95, method text DEFAULT 'wilson', OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_rate_get_interval';
COMMENT ON FUNCTION rate_interval(rate, float8, text) IS
    'two-sided confidence interval of a rate, both bounds NULL when there are no trials. Methods: wilson (score), wilson_cc (with continuity correction), clopper_pearson (exact), agresti_coull (not clipped to 0..1), jeffreys (0 without successes, 1 without failures). Raises 22023 for another method and for a confidence that is not between 0 and 1';

CREATE FUNCTION rate_difference_interval(a rate, b rate, confidence float8 DEFAULT 0.95, OUT difference float8, OUT lower float8, OUT upper float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_rate_get_difference_interval';
COMMENT ON FUNCTION rate_difference_interval(rate, rate, float8) IS
    'rate a minus rate b of two independent groups, such as mailed and hold-out, with its two-sided confidence interval (Newcombe, from the two Wilson intervals); all NULL when either has no trials. Raises 22023 for a confidence that is not between 0 and 1';
