-- BG/NBD and MBG/NBD: how often customers buy, and when they have left for good.
--
-- Both models: a customer buys at random at a rate of her own, and after a purchase leaves for good
-- with a probability of her own. Rates are gamma(r, alpha) distributed, probabilities beta(a, b).
-- In BG/NBD nobody leaves at the first purchase, in MBG/NBD one can. Times are in the unit of the
-- model, which is the one that frequency, recency and age were made with.

-- BG/NBD

CREATE TYPE bgnbd_model AS (r float8, alpha float8, a float8, b float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE bgnbd_model IS
    'a fitted BG/NBD model: parameters r, alpha (in units of time), a, b; log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of r, alpha, a, b, NULL where the maximum is at a boundary';

CREATE FUNCTION bgnbd_fit(counts purchase_counts, unit text DEFAULT 'week') RETURNS bgnbd_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_fit';
COMMENT ON FUNCTION bgnbd_fit(purchase_counts, text) IS
    'fits BG/NBD by maximum likelihood. unit is the one of recency and age (hour, day, week, month, year) and goes into the model. Never fails because of the data: read status. NULL for no customer';

CREATE FUNCTION bgnbd_log_likelihood(model bgnbd_model, counts purchase_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_log_likelihood';
COMMENT ON FUNCTION bgnbd_log_likelihood(bgnbd_model, purchase_counts) IS 'the log-likelihood of a model for any customers, such as those it was not fitted to';

CREATE FUNCTION bgnbd_alive(model bgnbd_model, frequency float8, recency float8, age float8, ahead float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_alive';
COMMENT ON FUNCTION bgnbd_alive(bgnbd_model, float8, float8, float8, float8) IS
    'probability that a customer is still one, ahead units after the end of observation; 1 now for one who has bought once only, since in this model nobody leaves at the first purchase. Raises 22023 for a customer who cannot be';

CREATE FUNCTION bgnbd_expected(model bgnbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_expected';
COMMENT ON FUNCTION bgnbd_expected(bgnbd_model, float8, float8, float8, float8) IS
    'expected number of purchases of a customer within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION bgnbd_none(model bgnbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_none';
COMMENT ON FUNCTION bgnbd_none(bgnbd_model, float8, float8, float8, float8) IS
    'probability that a customer does not buy within horizon units after the end of observation: a churn score. Raises 22023 for a customer who cannot be';

CREATE FUNCTION bgnbd_exactly(model bgnbd_model, orders integer, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_exactly';
COMMENT ON FUNCTION bgnbd_exactly(bgnbd_model, integer, float8, float8, float8, float8) IS
    'probability that a customer buys exactly so often within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION bgnbd_new_customer(model bgnbd_model, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_new_customer';
COMMENT ON FUNCTION bgnbd_new_customer(bgnbd_model, float8) IS 'expected number of repeat purchases of a new customer within horizon units after the first purchase';

CREATE FUNCTION bgnbd_new_customer_exactly(model bgnbd_model, orders integer, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_bgnbd_sql_new_customer_exactly';
COMMENT ON FUNCTION bgnbd_new_customer_exactly(bgnbd_model, integer, float8) IS 'probability that a new customer has exactly so many repeat purchases within horizon units after the first purchase';

-- MBG/NBD

CREATE TYPE mbgnbd_model AS (r float8, alpha float8, a float8, b float8, log_likelihood float8, customers float8, status text, iterations integer, gradient_norm float8,
    unit text, aic float8, bic float8, standard_errors float8[]);
COMMENT ON TYPE mbgnbd_model IS
    'a fitted MBG/NBD model: parameters r, alpha (in units of time), a, b; log-likelihood; number of customers; status: converged, or boundary or not identifiable with the reason, or not converged; iterations; largest derivative of the log-likelihood by the logarithm of a parameter, a customer; unit of time; AIC, BIC; standard errors of r, alpha, a, b, NULL where the maximum is at a boundary';

CREATE FUNCTION mbgnbd_fit(counts purchase_counts, unit text DEFAULT 'week') RETURNS mbgnbd_model
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_fit';
COMMENT ON FUNCTION mbgnbd_fit(purchase_counts, text) IS
    'fits MBG/NBD by maximum likelihood. unit is the one of recency and age (hour, day, week, month, year) and goes into the model. Never fails because of the data: read status. NULL for no customer';

CREATE FUNCTION mbgnbd_log_likelihood(model mbgnbd_model, counts purchase_counts) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_log_likelihood';
COMMENT ON FUNCTION mbgnbd_log_likelihood(mbgnbd_model, purchase_counts) IS 'the log-likelihood of a model for any customers, such as those it was not fitted to';

CREATE FUNCTION mbgnbd_alive(model mbgnbd_model, frequency float8, recency float8, age float8, ahead float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_alive';
COMMENT ON FUNCTION mbgnbd_alive(mbgnbd_model, float8, float8, float8, float8) IS
    'probability that a customer is still one, ahead units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION mbgnbd_expected(model mbgnbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_expected';
COMMENT ON FUNCTION mbgnbd_expected(mbgnbd_model, float8, float8, float8, float8) IS
    'expected number of purchases of a customer within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION mbgnbd_none(model mbgnbd_model, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_none';
COMMENT ON FUNCTION mbgnbd_none(mbgnbd_model, float8, float8, float8, float8) IS
    'probability that a customer does not buy within horizon units after the end of observation: a churn score. Raises 22023 for a customer who cannot be';

CREATE FUNCTION mbgnbd_exactly(model mbgnbd_model, orders integer, frequency float8, recency float8, age float8, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_exactly';
COMMENT ON FUNCTION mbgnbd_exactly(mbgnbd_model, integer, float8, float8, float8, float8) IS
    'probability that a customer buys exactly so often within horizon units after the end of observation. Raises 22023 for a customer who cannot be';

CREATE FUNCTION mbgnbd_new_customer(model mbgnbd_model, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_new_customer';
COMMENT ON FUNCTION mbgnbd_new_customer(mbgnbd_model, float8) IS 'expected number of repeat purchases of a new customer within horizon units after the first purchase';

CREATE FUNCTION mbgnbd_new_customer_exactly(model mbgnbd_model, orders integer, horizon float8) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_mbgnbd_sql_new_customer_exactly';
COMMENT ON FUNCTION mbgnbd_new_customer_exactly(mbgnbd_model, integer, float8) IS 'probability that a new customer has exactly so many repeat purchases within horizon units after the first purchase';
