-- Pareto/NBD and NBD: customers who leave at any time, and customers who never do.
--
-- Pareto/NBD: a customer buys at random at a rate of her own and leaves for good at a rate of her
-- own, whether she buys or not. Both rates are gamma distributed over the customers, with (r, alpha)
-- and (s, beta). NBD is the same without leaving: what the other models have to be better than.
-- States and arguments are those of 42_bgnbd.

-- Pareto/NBD

CREATE TYPE pareto_nbd_model AS (r float8, alpha float8, s float8, beta float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE pareto_nbd_model IS
    'a fitted Pareto/NBD model: parameters r, alpha (of the purchase rates), s, beta (of the dropout rates; alpha and beta in units of time); log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of r, alpha, s, beta, NULL where the maximum is at a boundary';

CREATE FUNCTION pareto_nbd_fit(counts purchase_counts, unit text DEFAULT 'week') RETURNS pareto_nbd_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_fit';
COMMENT ON FUNCTION pareto_nbd_fit(purchase_counts, text) IS
    'fits Pareto/NBD by maximum likelihood. unit is the one of recency and age (hour, day, week, month, year) and goes into the model. Never fails because of the data: read status. NULL for no customer';

CREATE FUNCTION pareto_nbd_log_likelihood(model pareto_nbd_model, counts purchase_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_log_likelihood';
COMMENT ON FUNCTION pareto_nbd_log_likelihood(pareto_nbd_model, purchase_counts) IS
    'the log-likelihood of a model for any customers, such as those it was not fitted to';

CREATE FUNCTION pareto_nbd_alive(model pareto_nbd_model, frequency float8, recency float8, age float8, ahead float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_alive';
COMMENT ON FUNCTION pareto_nbd_alive(pareto_nbd_model, float8, float8, float8, float8) IS
    'probability that a customer is still one, ahead units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION pareto_nbd_expected(model pareto_nbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_expected';
COMMENT ON FUNCTION pareto_nbd_expected(pareto_nbd_model, float8, float8, float8, float8) IS
    'expected number of purchases of a customer within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION pareto_nbd_none(model pareto_nbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_none';
COMMENT ON FUNCTION pareto_nbd_none(pareto_nbd_model, float8, float8, float8, float8) IS
    'probability that a customer does not buy within horizon units after the end of observation: a churn score. Raises 22023 for a customer who cannot be';

CREATE FUNCTION pareto_nbd_exactly(model pareto_nbd_model, orders integer, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_exactly';
COMMENT ON FUNCTION pareto_nbd_exactly(pareto_nbd_model, integer, float8, float8, float8, float8) IS
    'probability that a customer buys exactly so often within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION pareto_nbd_new_customer(model pareto_nbd_model, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_new_customer';
COMMENT ON FUNCTION pareto_nbd_new_customer(pareto_nbd_model, float8) IS
    'expected number of repeat purchases of a new customer within horizon units after the first purchase';

CREATE FUNCTION pareto_nbd_new_customer_exactly(model pareto_nbd_model, orders integer, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_new_customer_exactly';
COMMENT ON FUNCTION pareto_nbd_new_customer_exactly(pareto_nbd_model, integer, float8) IS
    'probability that a new customer has exactly so many repeat purchases within horizon units after the first purchase';

CREATE FUNCTION pareto_nbd_residual(model pareto_nbd_model, frequency float8, recency float8, age float8, rate float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_pareto_sql_residual';
COMMENT ON FUNCTION pareto_nbd_residual(pareto_nbd_model, float8, float8, float8, float8) IS
    'expected number of purchases of a customer for ever after the end of observation, each counted exp(-rate * its distance in units of the model): rate = ln(1.15) / 52 discounts by 15 percent a year where the unit is the week. NULL where it is infinite: for rate 0 and s <= 1. Raises 22023 for a customer who cannot be';

-- NBD

CREATE TYPE nbd_model AS (r float8, alpha float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE nbd_model IS
    'a fitted NBD model: parameters r, alpha (in units of time); log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of r, alpha, NULL where the maximum is at a boundary';

CREATE FUNCTION nbd_fit(counts purchase_counts, unit text DEFAULT 'week') RETURNS nbd_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_fit';
COMMENT ON FUNCTION nbd_fit(purchase_counts, text) IS
    'fits NBD by maximum likelihood. unit is the one of recency and age (hour, day, week, month, year) and goes into the model. Never fails because of the data: read status. NULL for no customer';

CREATE FUNCTION nbd_log_likelihood(model nbd_model, counts purchase_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_log_likelihood';
COMMENT ON FUNCTION nbd_log_likelihood(nbd_model, purchase_counts) IS
    'the log-likelihood of a model for any customers, such as those it was not fitted to';

CREATE FUNCTION nbd_alive(model nbd_model, frequency float8, recency float8, age float8, ahead float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_alive';
COMMENT ON FUNCTION nbd_alive(nbd_model, float8, float8, float8, float8) IS
    '1: in this model nobody leaves. Raises 22023 for a customer who cannot be';

CREATE FUNCTION nbd_expected(model nbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_expected';
COMMENT ON FUNCTION nbd_expected(nbd_model, float8, float8, float8, float8) IS
    'expected number of purchases of a customer within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION nbd_none(model nbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_none';
COMMENT ON FUNCTION nbd_none(nbd_model, float8, float8, float8, float8) IS
    'probability that a customer does not buy within horizon units after the end of observation: a churn score. Raises 22023 for a customer who cannot be';

CREATE FUNCTION nbd_exactly(model nbd_model, orders integer, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_exactly';
COMMENT ON FUNCTION nbd_exactly(nbd_model, integer, float8, float8, float8, float8) IS
    'probability that a customer buys exactly so often within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION nbd_new_customer(model nbd_model, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_new_customer';
COMMENT ON FUNCTION nbd_new_customer(nbd_model, float8) IS
    'expected number of repeat purchases of a new customer within horizon units after the first purchase';

CREATE FUNCTION nbd_new_customer_exactly(model nbd_model, orders integer, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_nbd_sql_new_customer_exactly';
COMMENT ON FUNCTION nbd_new_customer_exactly(nbd_model, integer, float8) IS
    'probability that a new customer has exactly so many repeat purchases within horizon units after the first purchase';
