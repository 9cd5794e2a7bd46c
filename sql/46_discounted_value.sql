-- What a customer's orders to come are worth today, from a model of purchases and one of spending.
--
-- A query that scores many customers passes the same models and horizon for each: what depends on
-- (frequency, age) alone is kept from call to call.

CREATE FUNCTION discounted_value(model bgnbd_model, spend gamma_gamma_model, frequency float8, recency float8, age float8, mean_value float8,
        periods integer, period_length float8, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_discounted_value';
COMMENT ON FUNCTION discounted_value(bgnbd_model, gamma_gamma_model, float8, float8, float8, float8, integer, float8, float8) IS
    'expected value of a customer''s orders of the next periods, each period_length units of the model long, those of a period discounted to the end of it by 1 + rate_per_period: probability alive, times discounted orders, times expected value of an order. Times the margin it is what the customer is worth. mean_value may be NULL for frequency 0; NULL for another NULL, and where the expected value of an order is infinite. Raises 22023 for a customer who cannot be, a negative rate, and beyond 10000 periods';

CREATE FUNCTION discounted_value(model mbgnbd_model, spend gamma_gamma_model, frequency float8, recency float8, age float8, mean_value float8,
        periods integer, period_length float8, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_discounted_value';
COMMENT ON FUNCTION discounted_value(mbgnbd_model, gamma_gamma_model, float8, float8, float8, float8, integer, float8, float8) IS
    'expected value of a customer''s orders of the next periods, each period_length units of the model long, those of a period discounted to the end of it by 1 + rate_per_period: probability alive, times discounted orders, times expected value of an order. Times the margin it is what the customer is worth. mean_value may be NULL for frequency 0; NULL for another NULL, and where the expected value of an order is infinite. Raises 22023 for a customer who cannot be, a negative rate, and beyond 10000 periods';

CREATE FUNCTION discounted_value(model pareto_nbd_model, spend gamma_gamma_model, frequency float8, recency float8, age float8, mean_value float8,
        periods integer, period_length float8, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_discounted_value';
COMMENT ON FUNCTION discounted_value(pareto_nbd_model, gamma_gamma_model, float8, float8, float8, float8, integer, float8, float8) IS
    'expected value of a customer''s orders of the next periods, each period_length units of the model long, those of a period discounted to the end of it by 1 + rate_per_period: probability alive, times discounted orders, times expected value of an order. Times the margin it is what the customer is worth. mean_value may be NULL for frequency 0; NULL for another NULL, and where the expected value of an order is infinite. Raises 22023 for a customer who cannot be, a negative rate, and beyond 10000 periods';

CREATE FUNCTION discounted_value(model nbd_model, spend gamma_gamma_model, frequency float8, recency float8, age float8, mean_value float8,
        periods integer, period_length float8, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_discounted_value';
COMMENT ON FUNCTION discounted_value(nbd_model, gamma_gamma_model, float8, float8, float8, float8, integer, float8, float8) IS
    'expected value of a customer''s orders of the next periods, each period_length units of the model long, those of a period discounted to the end of it by 1 + rate_per_period: probability alive, times discounted orders, times expected value of an order. Times the margin it is what the customer is worth. mean_value may be NULL for frequency 0; NULL for another NULL, and where the expected value of an order is infinite. Raises 22023 for a customer who cannot be, a negative rate, and beyond 10000 periods';

CREATE FUNCTION discounted_value(model bgbb_model, spend gamma_gamma_model, frequency integer, recency integer, periods integer, mean_value float8,
        horizon integer, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_discounted_value';
COMMENT ON FUNCTION discounted_value(bgbb_model, gamma_gamma_model, integer, integer, integer, float8, integer, float8) IS
    'expected value of a customer''s orders at the next horizon opportunities, the k-th discounted by (1 + rate_per_period)^k. mean_value may be NULL for frequency 0; NULL for another NULL, and where the expected value of an order is infinite. Raises 22023 for a customer who cannot be and beyond 10000 periods';

CREATE FUNCTION residual_value(model pareto_nbd_model, spend gamma_gamma_model, frequency float8, recency float8, age float8, mean_value float8, rate float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_residual_value';
COMMENT ON FUNCTION residual_value(pareto_nbd_model, gamma_gamma_model, float8, float8, float8, float8, float8) IS
    'expected value of a customer''s orders for ever: pareto_nbd_residual times the expected value of an order, with the same rate. mean_value may be NULL for frequency 0; NULL for another NULL, and where a factor is infinite. Raises 22023 for a customer who cannot be';

CREATE FUNCTION residual_value(model bgbb_model, spend gamma_gamma_model, frequency integer, recency integer, periods integer, mean_value float8, rate_per_period float8) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_bgbb_sql_residual_value';
COMMENT ON FUNCTION residual_value(bgbb_model, gamma_gamma_model, integer, integer, integer, float8, float8) IS
    'expected value of a customer''s orders for ever: bgbb_residual times the expected value of an order. mean_value may be NULL for frequency 0; NULL for another NULL, and where a factor is infinite. Raises 22023 for a customer who cannot be and beyond 10000 periods';
